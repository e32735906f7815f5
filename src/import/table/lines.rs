//! Tables of text: a header, then a line for each reading.

use std::io::Read;
use std::sync::mpsc::{channel, sync_channel};

use csv::ByteRecord;
use serde::Deserialize;

use crate::import::encoding::{Returns, decoded, detect, ends_in_returns};
use crate::import::error::ImportError;
use crate::import::options::{Options, PersonColumn};
use crate::import::report::Reason;
use crate::import::rows::{LONGEST_NAME_BYTES, Rows};
use crate::import::source::{Limit, Source, unreadable};
use crate::import::table::batch::Batch;
use crate::import::table::columns::{Columns, is_known};
use crate::import::table::names::plain;
use crate::import::table::people::{Naming, Survey, naming, rough_ms};
use crate::import::table::plan::{Cell, Clock, Plan};
use crate::import::table::quotes::{self, Closed};
use crate::import::table::vendor_tables::FITABASE;
use crate::import::time::dates::WrittenDate;
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// So much of the start of a file is looked at to recognise it.
const HEAD_BYTES: usize = 1 << 18;
/// The most records spanning several lines that are listed.
const MOST_SPANNING: usize = 1_000;
/// More tables that are left out are one.
const MOST_LEFT_OUT: usize = 1_000;
/// Batches that may wait to be processed.
const WAITING_BATCHES: usize = 4;

/// Reads a table. Returns how it was understood.
pub(in crate::import) fn read(
    source: &mut dyn Source,
    name: &str,
    options: &Options,
    rows: &mut Rows,
) -> Result<Plan, ImportError> {
    let room = Rows::with_room_of(rows);
    let (plan, survey) = read_once(source, name, options, rows)?;
    let person = plan.columns.person;
    let other = if options.person_column.is_none() && person.is_some() && rows.is_numbering() {
        // A column that numbers the lines does not name people, but another column may.
        let mut names = plan.header.iter().enumerate();
        names.find(|(at, name)| Some(*at) != person && naming(&plain(name)).is_some()).map(|(column, _)| column)
    } else {
        None
    };
    let column = match (other, survey.verdict()) {
        (Some(column), _) => column,
        (None, None) => return Ok(plan),
        (None, Some((column, people))) if options.person.as_ref().is_some_and(|person| people.contains(person)) => {
            column
        }
        (None, Some((column, people))) => {
            let name = plan.header.get(column).cloned().unwrap_or_default();
            return Err(ImportError::MayNamePeople { column: name, number: column + 1, people });
        }
    };
    let named = PersonColumn::Named((column + 1).to_string());
    *rows = room;
    read_once(source, name, &Options { person_column: Some(named), ..options.clone() }, rows).map(|(plan, _)| plan)
}

/// Reads a table once. Returns how it was understood, and what other columns may name people.
fn read_once(
    source: &mut dyn Source,
    name: &str,
    options: &Options,
    rows: &mut Rows,
) -> Result<(Plan, Survey), ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let encoding = detect(source).map_err(io)?;
    if encoding != encoding_rs::UTF_8 {
        rows.report.assumed.push(format!("The text is not UTF-8 and was read as {}", encoding.name()));
    }
    let mut head = Vec::new();
    decoded(source.open().map_err(io)?, encoding).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(io)?;
    if head.trim_ascii().is_empty() {
        return Err(ImportError::Empty);
    }
    let returns = ends_in_returns(&head);
    if returns {
        head.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let plan = Plan::recognise(&head, head.len() < HEAD_BYTES, name, options)?;
    let lines = 1 + memchr::memchr_iter(b'\n', &head).count() as u64;
    rows.expect(source.size().unwrap_or(0) * lines / head.len() as u64);

    let mut text = decoded(source.open().map_err(io)?, encoding);
    if returns {
        text = Box::new(Returns(text));
    }
    std::io::copy(&mut (&mut text).take(plan.start as u64), &mut std::io::sink()).map_err(io)?;
    let text = Closed::new(Limit::new(text, b"\n", "a line"), plan.delimiter);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(plan.delimiter)
        .has_headers(false)
        .flexible(true)
        // Carriage returns are trimmed with the fields: taken for an end of line, they would shift
        // the numbers of lines by one.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(text);
    rows.report.assumed.extend(plan.remarks.iter().cloned());
    rows.report.unclear_offsets.clone_from(&plan.unclear_offsets);
    if let Some(column) = plan.columns.person {
        rows.person_column.clone_from(&plan.header[column]);
        rows.naming = if plan.format == FITABASE { Some(Naming::Surely) } else { naming(&plain(&plan.header[column])) };
    }
    let survey = if options.person_column.is_none() && plan.may_name_people() {
        let Columns { time, time_of_day, zone, rate, .. } = plan.columns;
        Survey::new(&plan.header, &[Some(time), time_of_day, zone, Some(rate)].map(|column| column.unwrap_or(rate)))
    } else {
        Survey::new(&[], &[])
    };
    let first = plan.clone();
    let mut table = Table {
        lines: Lines { first_values: plan.lines_before + 1, plan, rows, survey, before: None, last: None },
        last_ended: 1,
        beside: Beside::Nothing,
        left_out: Vec::new(),
    };
    let mut batch = Batch::default();
    if batch.fill(&mut reader)? {
        table.take_all(&batch);
    } else {
        table = read_on(&mut reader, batch, table)?;
    }
    if let Beside::Text(line) = table.beside {
        table.lines.rows.refuse("", line, Reason::BadTime);
    }
    let said = |(from, to): &(u64, u64)| format!("Lines {from} to {to} are another table and were left out");
    let said = table.left_out.iter().map(said).collect();
    table.lines.rows.report.assume_some(said, "tables were left out");
    Ok((first, table.lines.survey))
}

/// Goes on reading after the first batch, while another thread makes sense of what has been read.
fn read_on<'a>(
    reader: &mut csv::Reader<impl Read>,
    first: Batch,
    mut table: Table<'a>,
) -> Result<Table<'a>, ImportError> {
    let (filled, to_take) = sync_channel::<Batch>(WAITING_BATCHES);
    let (taken, spare) = channel::<Batch>();
    std::thread::scope(|scope| {
        let take = move || {
            for batch in to_take {
                table.take_all(&batch);
                // It is no longer needed when everything has been read.
                let _ = taken.send(batch);
            }
            table
        };
        let taker = std::thread::Builder::new().name("veilbeat-import".into()).spawn_scoped(scope, take);
        let taker = taker.map_err(|error| unreadable(&error))?;
        let (mut batch, mut read) = (first, Ok(false));
        // Sending fails only after a panic, which `join` passes on.
        while filled.send(batch).is_ok() && read == Ok(false) {
            batch = spare.try_recv().unwrap_or_default();
            read = batch.fill(reader);
        }
        drop(filled);
        let table = taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.map(|_| table)
    })
}

/// A table while its records are taken in.
struct Table<'a> {
    lines: Lines<'a>,
    last_ended: u64,
    beside: Beside,
    /// The first and last lines of such tables.
    left_out: Vec<(u64, u64)>,
}

/// The state of a table after a blank line and a line of words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// There was none: the table goes on.
    Nothing,
    /// This line was: the next one tells whether it was a remark or the header of another table.
    Text(u64),
    /// Another table, which cannot be read.
    Other,
}

impl Table<'_> {
    fn take_all(&mut self, batch: &Batch) {
        batch.records().iter().for_each(|(record, ended)| self.take(record, *ended));
    }

    /// Takes in a record; the line after it is `ended`.
    fn take(&mut self, record: &ByteRecord, ended: u64) {
        if record.len() == 1 && record[0].trim_ascii().is_empty() {
            return;
        }
        // Where the record ends, less the lines that it spans: it is preceded by blank ones at times.
        let since = ended - std::mem::replace(&mut self.last_ended, ended);
        let within = match since {
            1 => 1,
            _ => 1 + memchr::memchr_iter(b'\n', record.as_slice()).count() as u64,
        };
        let blank_before = since > within;
        let line = self.lines.plan.lines_before + ended.saturating_sub(within);
        // A line of nothing but names starts another table, if it names what tables have; after a blank line it
        // may be somebody's remark, too.
        let is_first = line == self.lines.first_values;
        if record.len() > 1 && (blank_before || !is_first && self.lines.may_be_header(record)) && is_units(record) {
            if let Beside::Text(line) = self.beside {
                self.leave_out(line);
            }
            let names: Vec<_> = record.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
            self.beside = match Columns::recognise(names.iter().map(|name| &**name), None, None) {
                Ok(columns) => {
                    self.lines.plan.clock = if columns.utc { Clock::Utc } else { Clock::Written };
                    self.lines.plan.cell = Cell::Number;
                    (self.lines.plan.columns, self.lines.plan.header) = (columns, names);
                    self.lines.first_values = line + 1;
                    Beside::Nothing
                }
                Err(_) if names.iter().any(|name| is_known(name)) => {
                    self.leave_out(line);
                    Beside::Other
                }
                Err(_) if blank_before => Beside::Text(line),
                // It is refused with its reason.
                Err(_) => {
                    self.lines.read(record, line);
                    self.beside
                }
            };
            return;
        }
        if let Beside::Text(remark) = self.beside {
            if self.lines.goes_on(record) {
                self.lines.rows.refuse("", remark, Reason::BadTime);
                self.beside = Beside::Nothing;
            } else {
                self.leave_out(remark);
                self.beside = Beside::Other;
            }
        }
        if self.beside == Beside::Other {
            if let Some((_, to)) = self.left_out.last_mut() {
                *to = line;
            }
            return;
        }
        let spanning = &mut self.lines.rows.report.spanning;
        if within > 1 && spanning.len() < MOST_SPANNING {
            spanning.push((line, line + within - 1));
        }
        self.lines.read(record, line);
    }

    fn leave_out(&mut self, line: u64) {
        if self.left_out.len() == MOST_LEFT_OUT {
            // The last of them stands for all that follow.
            return;
        }
        self.left_out.push((line, line));
    }
}

/// The lines of a table, as they are read.
struct Lines<'a> {
    plan: Plan,
    /// The line of the first values under the header.
    first_values: u64,
    rows: &'a mut Rows,
    /// Columns that may name people.
    survey: Survey,
    /// The times of the last two readings.
    before: Option<Stamp>,
    last: Option<Stamp>,
}

/// The part of a Mi Fitness value that is a heart rate.
#[derive(Deserialize)]
struct MiValue {
    bpm: Option<serde_json::Number>,
}

impl Lines<'_> {
    /// Reads one record.
    fn read(&mut self, record: &ByteRecord, line: u64) {
        let columns = &self.plan.columns;
        // Whose line it is, where that can be told.
        let person = match columns.person {
            Some(column) => record
                .get(column)
                .map(<[u8]>::trim_ascii)
                .and_then(|name| std::str::from_utf8(name).ok())
                .unwrap_or_default(),
            None => "",
        };
        if person.len() > LONGEST_NAME_BYTES {
            return self.rows.refuse("", line, Reason::LongName);
        }
        if memchr::memchr(quotes::OPEN, record.as_slice()).is_some()
            && record.iter().any(|field| field.first() == Some(&quotes::OPEN))
        {
            return self.rows.refuse(person, line, Reason::OpenQuote);
        }
        if record.len() <= columns.last() {
            return self.rows.refuse(person, line, Reason::TooFewColumns);
        }
        // A trailing comma is common; a value beyond the header means that the columns have shifted, unless it
        // belongs to words in the last one.
        let width = self.plan.header.len();
        if record.iter().skip(width).any(|field| !field.trim_ascii().is_empty())
            && !(columns.last() + 1 < width
                && record.get(width - 1).is_some_and(|last| last.iter().any(u8::is_ascii_alphabetic) && is_words(last)))
        {
            return self.rows.refuse(person, line, Reason::TooManyColumns);
        }
        if let Clock::Of(day) = self.plan.clock {
            self.pass_midnight(day, record);
        }
        let columns = &self.plan.columns;
        if let Some(file) = self.plan.details.and_then(|column| record.get(column))
            && self.rows.leave_to(file)
        {
            return;
        }
        if self.plan.cell == Cell::Number {
            if line == self.first_values && is_units(record) {
                self.rows.report.assumed.push(format!("Line {line} holds units, not values"));
                return;
            }
            let rate = match Rate::parse_bytes(&record[columns.rate]) {
                Some(rate) => rate.map_err(Reason::Rate),
                None => Err(Reason::NotText),
            };
            let stamp = self.rows.take(person, line, columns.kind, rate, || self.plan.stamp(record));
            if let Some(stamp) = &stamp {
                if self.survey.is_open() {
                    self.survey.pass(record, stamp);
                }
                self.before = self.last.replace(*stamp);
            }
            return;
        }
        let Ok(rate) = std::str::from_utf8(&record[columns.rate]) else {
            return self.rows.refuse(person, line, Reason::NotText);
        };
        match self.plan.cell {
            Cell::Number => {}
            Cell::Arrays(durations) => self.read_array(record, line, rate, durations),
            Cell::Json { key } => {
                let key = record.get(key).unwrap_or_default().trim_ascii().to_ascii_lowercase();
                if key.ends_with(b"heart_rate") {
                    let kind = if key.starts_with(b"resting") { Kind::Resting } else { Kind::Sample };
                    match serde_json::from_str::<MiValue>(rate) {
                        Ok(MiValue { bpm }) => {
                            let bpm = bpm.map_or_else(String::new, |bpm| bpm.to_string());
                            self.rows.read(person, line, kind, &bpm, || self.plan.stamp(record));
                        }
                        Err(_) => self.rows.refuse(person, line, Reason::Rate(RateError::NotANumber)),
                    }
                }
            }
        }
    }

    /// Goes on to the next day where the times of a day start anew.
    fn pass_midnight(&mut self, day: Stamp, record: &ByteRecord) {
        const HALF_DAY_MS: u32 = 43_200_000;
        let time_ms = |stamp: Stamp| stamp.time_ms.unwrap_or_default();
        let (Some(last), Ok(now)) = (self.last, self.plan.stamp(record)) else { return };
        if let (WrittenDate::Clear(date), true) = (day.date, time_ms(last) > time_ms(now) + HALF_DAY_MS)
            && let Ok(next) = date.tomorrow()
        {
            self.plan.clock = Clock::Of(Stamp { date: WrittenDate::Clear(next), ..day });
            self.rows.report.midnights += 1;
        }
    }

    /// Reads `[30,29]` with durations `[60,60]`: each rate starts when the one before it ends.
    fn read_array(&mut self, record: &ByteRecord, line: u64, rates: &str, durations: usize) {
        let elements = |text: &str| -> Option<Vec<String>> {
            let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
            Some(inner.split(',').map(|element| element.trim().to_owned()).collect())
        };
        let durations = record.get(durations).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
        let (Some(rates), Some(durations)) = (elements(rates), elements(durations)) else {
            return self.rows.refuse("", line, Reason::BadArray);
        };
        let lengths: Option<Vec<u64>> = durations.iter().map(|text| Stamp::parse_elapsed(text).ok()).collect();
        let Some(lengths) = lengths.filter(|lengths| lengths.len() == rates.len()) else {
            return self.rows.refuse("", line, Reason::BadArray);
        };
        let start = self.plan.stamp(record);
        let mut after = 0u64;
        for (rate, length) in rates.iter().zip(lengths) {
            self.rows.read("", line, self.plan.columns.kind, rate, || start.and_then(|start| start.later(after)));
            after = after.saturating_add(length);
        }
    }

    /// Whether a record may be the header of another table: where times and rates stand are words.
    fn may_be_header(&self, record: &ByteRecord) -> bool {
        let columns = &self.plan.columns;
        let word = |column: usize| {
            record.get(column).and_then(|field| field.trim_ascii().first()).is_some_and(u8::is_ascii_alphabetic)
        };
        word(columns.time) && (word(columns.rate) || record.len() <= columns.rate)
    }

    /// Whether a record is a reading of this table, in the order in which its times run.
    fn goes_on(&self, record: &ByteRecord) -> bool {
        let rate = record.get(self.plan.columns.rate).and_then(Rate::parse_bytes);
        if self.plan.cell != Cell::Number || record.len() <= self.plan.columns.last() || !matches!(rate, Some(Ok(_))) {
            return false;
        }
        let Ok(stamp) = self.plan.stamp(record) else { return false };
        let (before, last) = (self.before.as_ref().map(rough_ms), self.last.as_ref().map(rough_ms));
        match (before, last, rough_ms(&stamp)) {
            (Some(before), Some(last), now) if last < before => now <= last,
            (Some(_), Some(last), now) => now >= last,
            _ => true,
        }
    }
}

/// Whether a field is neither a number nor a time.
fn is_words(field: &[u8]) -> bool {
    std::str::from_utf8(field)
        .is_ok_and(|text| Rate::parse(text) == Err(RateError::NotANumber) && Stamp::parse(text).is_err())
}

/// Whether the line under a header holds units: something, and neither numbers nor times.
fn is_units(record: &ByteRecord) -> bool {
    let mut fields = record.iter().map(<[u8]>::trim_ascii).filter(|field| !field.is_empty()).peekable();
    fields.peek().is_some() && fields.all(is_words)
}
