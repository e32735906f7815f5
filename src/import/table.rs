//! Tables of text: a header, then a line for each reading.

use std::io::{BufReader, Read};
use std::sync::mpsc::{channel, sync_channel};

use csv::ByteRecord;
use serde::Deserialize;

use super::Options;
use super::columns::Columns;
use super::common_forms;
use super::encoding::{Returns, decoded, detect, ends_in_returns};
use super::plan::{Cell, Clock, Plan};
use super::report::{Reason, Unusable};
use super::rows::Rows;
use super::source::{Limit, Source, unreadable};
use super::stamp::{Stamp, Zone};
use crate::reading::{Kind, Rate, RateError};

/// So much of the start of a file is looked at to recognise it.
const HEAD_BYTES: usize = 1 << 18;
/// Follows the last line, as a record of its own. Found inside a field, it tells that a quotation
/// mark was never closed.
const END: &[u8] = b"\n\0the end of the file\0\n";
/// More records that span several lines are not listed.
const MOST_SPANNING: usize = 1_000;

/// Reads a table. Returns how it was understood.
pub(super) fn read(source: &mut dyn Source, name: &str, options: &Options, rows: &mut Rows) -> Result<Plan, Unusable> {
    let io = |error: std::io::Error| unreadable(&error);
    let encoding = detect(source).map_err(io)?;
    if encoding != encoding_rs::UTF_8 {
        rows.report.assumed.push(format!("The text is not UTF-8 and was read as {}", encoding.name()));
    }
    let mut head = Vec::new();
    decoded(source.open().map_err(io)?, encoding).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(io)?;
    if head.trim_ascii().is_empty() {
        return Err(Unusable::Empty);
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
    let text = BufReader::with_capacity(1 << 16, Limit::new(text, b"\n", "a line"));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(plan.delimiter)
        .has_headers(false)
        .flexible(true)
        // Carriage returns are trimmed with the fields: taken for an end of line, they would shift
        // the numbers of lines by one.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(text.chain(END));
    let first = plan.clone();
    let mut table = Table {
        lines: Lines { first_values: plan.lines_before + 1, plan, rows },
        last_ended: 1,
        skipping: false,
        left_out: Vec::new(),
    };
    let mut batch = Batch::default();
    if batch.fill(&mut reader)? {
        table.take_all(&batch);
    } else {
        table = read_on(&mut reader, batch, table)?;
    }
    let said = |(from, to): &(u64, u64)| format!("Lines {from} to {to} are another table and were left out");
    let said = table.left_out.iter().map(said).collect();
    table.lines.rows.report.assume_some(said, "tables were left out");
    Ok(first)
}

/// Records that are read together.
#[derive(Default)]
struct Batch {
    /// Each with the line after it. Past `filled`, what an earlier use left.
    records: Vec<(ByteRecord, u64)>,
    filled: usize,
}

const BATCH_RECORDS: usize = 1024;
const BATCH_BYTES: usize = 1 << 20;
/// Batches that may wait to be made sense of.
const WAITING_BATCHES: usize = 4;

impl Batch {
    /// Reads records until the batch is full. Says whether they were the last.
    fn fill(&mut self, reader: &mut csv::Reader<impl Read>) -> Result<bool, Unusable> {
        self.records.resize_with(BATCH_RECORDS, Default::default);
        self.filled = 0;
        let mut bytes = 0;
        for (record, ended) in &mut self.records {
            if bytes > BATCH_BYTES {
                break;
            }
            if !reader.read_byte_record(record).map_err(csv_error)? {
                return Ok(true);
            }
            *ended = reader.position().line();
            bytes += record.as_slice().len();
            self.filled += 1;
        }
        Ok(false)
    }
}

/// Goes on reading after the first batch, while another thread makes sense of what has been read.
fn read_on<'a>(reader: &mut csv::Reader<impl Read>, first: Batch, mut table: Table<'a>) -> Result<Table<'a>, Unusable> {
    let (filled, to_take) = sync_channel::<Batch>(WAITING_BATCHES);
    let (taken, spare) = channel::<Batch>();
    std::thread::scope(|scope| {
        let take = move || {
            for batch in to_take {
                table.take_all(&batch);
                // Nobody wants it any more when all has been read.
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
    /// Whether this is another table, which cannot be read.
    skipping: bool,
    /// The first and last lines of such tables.
    left_out: Vec<(u64, u64)>,
}

impl Table<'_> {
    fn take_all(&mut self, batch: &Batch) {
        batch.records[..batch.filled].iter().for_each(|(record, ended)| self.take(record, *ended));
    }

    /// Takes in a record; the line after it is `ended`.
    fn take(&mut self, record: &ByteRecord, ended: u64) {
        if record.len() == 1 && (record[0].trim_ascii().is_empty() || record[0] == *END.trim_ascii()) {
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
        let swallowed = record.iter().next_back().and_then(|field| field.strip_suffix(END));
        if let Some(swallowed) = swallowed {
            // This one ends with the file and not with a line.
            return self.lines.read_unquoted(swallowed, line + 1);
        }
        // After a blank line, a line of nothing but names starts another table.
        if blank_before && record.len() > 1 && is_units(record) {
            let names: Vec<_> = record.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
            match Columns::recognise(names.iter().map(|name| &**name), None, None) {
                Ok(columns) => {
                    self.lines.plan.clock = if columns.utc { Clock::Utc } else { Clock::Written };
                    self.lines.plan.cell = Cell::Number;
                    (self.lines.plan.columns, self.lines.plan.header) = (columns, names);
                    self.lines.first_values = line + 1;
                    self.skipping = false;
                }
                Err(_) => {
                    self.skipping = true;
                    self.left_out.push((line, line));
                }
            }
            return;
        }
        if self.skipping {
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
}

fn csv_error(error: csv::Error) -> Unusable {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(&error),
        kind => Unusable::Unreadable(format!("{kind:?}")),
    }
}

/// The lines of a table, as they are read.
struct Lines<'a> {
    plan: Plan,
    /// The line of the first values under the header.
    first_values: u64,
    rows: &'a mut Rows,
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
        if record.len() <= columns.last() {
            return self.rows.refuse(person, line, Reason::TooFewColumns);
        }
        // A trailing comma is common; a value beyond the header means that the columns have shifted.
        if record.iter().skip(self.plan.header.len()).any(|field| !field.trim_ascii().is_empty()) {
            return self.rows.refuse(person, line, Reason::TooManyColumns);
        }
        if self.plan.cell == Cell::Number {
            if line == self.first_values && is_units(record) {
                self.rows.report.assumed.push(format!("Line {line} holds units and no values"));
                return;
            }
            let rate = match Rate::parse_bytes(&record[columns.rate]) {
                Some(rate) => rate.map_err(Reason::Rate),
                None => Err(Reason::NotText),
            };
            return self.rows.take(person, line, columns.kind, rate, || self.plan.stamp(record));
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

    /// Reads the lines that a quotation mark on `line` has swallowed, as if it were not there.
    fn read_unquoted(&mut self, swallowed: &[u8], line: u64) {
        self.rows.refuse("", line, Reason::OpenQuote);
        let start = swallowed.iter().position(|&b| b == b'\n').map_or(swallowed.len(), |at| at + 1);
        for (line, text) in (line + 1..).zip(swallowed[start..].split(|&b| b == b'\n')) {
            if !text.trim_ascii().is_empty() {
                self.read(&text.split(|&b| b == self.plan.delimiter).collect(), line);
            }
        }
    }
}

/// Whether the line under a header holds units: something, and neither numbers nor times.
fn is_units(record: &ByteRecord) -> bool {
    let is_unit = |text: &str| Rate::parse(text) == Err(RateError::NotANumber) && Stamp::parse(text).is_err();
    let mut fields = record.iter().map(<[u8]>::trim_ascii).filter(|field| !field.is_empty()).peekable();
    fields.peek().is_some() && fields.all(|field| std::str::from_utf8(field).is_ok_and(is_unit))
}

impl Plan {
    /// The time of a record.
    fn stamp(&self, record: &ByteRecord) -> Result<Stamp, Reason> {
        let field = |column: usize| std::str::from_utf8(&record[column]).map_err(|_| Reason::NotText);
        if let Clock::Since(start) = self.clock {
            return start.later(Stamp::parse_elapsed(field(self.columns.time)?)?);
        }
        // Most times need no look at their text as text.
        let mut stamp = match common_forms::read(&record[self.columns.time]) {
            Some(stamp) => stamp?,
            None => Stamp::parse(field(self.columns.time)?)?,
        };
        // A date may be written as its midnight.
        if let (Some(time_of_day), None | Some(0)) = (self.columns.time_of_day, stamp.time_ms) {
            let zone = stamp.zone;
            stamp = stamp.with_time(field(time_of_day)?)?;
            stamp.zone = if stamp.zone == Zone::None { zone } else { stamp.zone };
        }
        let zone = self.columns.zone.and_then(|column| record.get(column)).map(std::str::from_utf8);
        let zone = zone.transpose().map_err(|_| Reason::NotText)?.map(str::trim).filter(|zone| !zone.is_empty());
        if self.clock == Clock::Utc && stamp.zone == Zone::None {
            stamp = stamp.utc();
        }
        match zone {
            Some(zone) if matches!(stamp.zone, Zone::None | Zone::Utc) => stamp.in_zone(zone),
            _ => Ok(stamp),
        }
    }
}
