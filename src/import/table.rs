//! Tables of text: a header, then a line for each reading.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;

use super::columns::Columns;
use super::line_limit::LineLimit;
use super::report::{Reason, Refused, Report, Unusable};
use super::settle::settle;
use super::stamp::Stamp;
use super::{Imported, Options};
use crate::reading::{Rate, RateError};

/// A line whose time and rate could be read.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) stamp: Stamp,
    pub(super) rate: Rate,
}

/// Follows the last line, as a record of its own. Found inside a field, it tells that a quotation
/// mark was never closed.
const END: &[u8] = b"\n\0the end of the file\0\n";
/// What comes before the text in some files.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The delimiter that the first line holds most of.
fn delimiter(first: &[u8]) -> u8 {
    let line = first.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.split(|&b| b == delimiter).count();
    // The comma comes last, so that it wins where nothing is more frequent.
    b"|\t;,".iter().copied().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

/// Reads a table.
pub(super) fn read(source: impl Read, options: &Options) -> Result<Imported, Unusable> {
    let mut source = BufReader::with_capacity(1 << 16, LineLimit::new(source));
    let first = source.fill_buf().map_err(|error| Unusable::Unreadable(error.to_string()))?;
    if first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first).trim_ascii().is_empty() {
        return Err(Unusable::Empty);
    }
    let delimiter = delimiter(first);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        // Carriage returns are trimmed with the fields: taken for an end of line, they would shift
        // the numbers of lines by one.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(source.chain(END));
    let unreadable = |error: csv::Error| Unusable::Unreadable(error.to_string());
    let header = reader.byte_headers().map_err(unreadable)?.clone();
    let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
    let columns = Columns::recognise(names.iter().map(|name| &**name))?;

    let mut lines = Lines { columns, width: header.len(), people: People::default(), report: Report::default() };
    let mut record = ByteRecord::new();
    let end = END.trim_ascii();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        if record.len() == 1 && (record[0].trim_ascii().is_empty() || record[0] == *end) {
            continue;
        }
        // Where the record ends, less the lines that it spans: it is preceded by blank ones at times.
        let within = record.as_slice().split(|&b| b == b'\n').count() as u64;
        let line = reader.position().line().saturating_sub(within);
        let swallowed = record.iter().next_back().and_then(|last| last.strip_suffix(END));
        if let Some(swallowed) = swallowed {
            // This one ends with the file and not with a line.
            lines.read_unquoted(swallowed, delimiter, line + 1);
            break;
        }
        if within > 1 {
            lines.report.spanning.push((line, line + within - 1));
        }
        lines.read(&record, line);
    }
    let Lines { people, mut report, .. } = lines;
    let rows = people.choose(options.person.as_deref(), &mut report)?;
    let readings = settle(rows, options, &mut report);
    if readings.is_empty() {
        return Err(Unusable::NoReadings(Box::new(report)));
    }
    Ok(Imported { readings, report })
}

/// The lines of a table, as they are read.
struct Lines {
    columns: Columns,
    /// Columns of the header.
    width: usize,
    people: People,
    report: Report,
}

impl Lines {
    /// Reads one record.
    fn read(&mut self, record: &ByteRecord, line: u64) {
        // Whose line it is, where that can be told: what is refused is counted for that person only.
        let person = match self.columns.person {
            Some(column) => record.get(column).and_then(|name| std::str::from_utf8(name).ok()).map(str::trim),
            None => Some(""),
        };
        let read = self.read_row(record, line);
        let Some(person) = person else {
            if let Err(reason) = read {
                self.report.refused.push(Refused { line, reason });
            }
            return;
        };
        let part = self.people.part(person);
        match read {
            Ok((row, rounded)) => {
                part.rounded += usize::from(rounded);
                part.rows.push(row);
            }
            Err(Reason::Rate(RateError::Missing)) => part.missing += 1,
            Err(reason) => part.refused.push(Refused { line, reason }),
        }
    }

    fn read_row(&self, record: &ByteRecord, line: u64) -> Result<(Row, bool), Reason> {
        if record.len() <= self.columns.last() {
            return Err(Reason::TooFewColumns);
        }
        // A trailing comma is common; a value beyond the header means that the columns have shifted.
        if record.iter().skip(self.width).any(|field| !field.trim_ascii().is_empty()) {
            return Err(Reason::TooManyColumns);
        }
        let field = |column: usize| std::str::from_utf8(&record[column]).map_err(|_| Reason::NotText);
        // The rate first: a line without a value is no reading, whatever its time.
        let (rate, rounded) = Rate::parse(field(self.columns.rate)?).map_err(Reason::Rate)?;
        let mut stamp = Stamp::parse(field(self.columns.time)?)?;
        if let Some(time_of_day) = self.columns.time_of_day {
            stamp = stamp.with_time(field(time_of_day)?)?;
        }
        if let Some(person) = self.columns.person {
            field(person)?;
        }
        Ok((Row { line, stamp, rate }, rounded))
    }

    /// Reads the lines that a quotation mark on `line` has swallowed, as if it were not there.
    fn read_unquoted(&mut self, swallowed: &[u8], delimiter: u8, line: u64) {
        self.report.refused.push(Refused { line, reason: Reason::OpenQuote });
        let text =
            swallowed.split_at(swallowed.iter().position(|&b| b == b'\n').map_or(swallowed.len(), |at| at + 1)).1;
        for (line, text) in (line + 1..).zip(text.split(|&b| b == b'\n')) {
            if !text.trim_ascii().is_empty() {
                self.read(&text.split(|&b| b == delimiter).collect(), line);
            }
        }
    }
}

/// What a file holds of one person.
#[derive(Default)]
struct Part {
    rows: Vec<Row>,
    refused: Vec<Refused>,
    missing: usize,
    rounded: usize,
}

/// The people in a file, in the order in which they appear.
#[derive(Default)]
struct People {
    places: HashMap<String, usize>,
    parts: Vec<(String, Part)>,
    last: usize,
}

impl People {
    fn part(&mut self, name: &str) -> &mut Part {
        // Files are sorted by person: it is mostly the same one again.
        if self.parts.get(self.last).is_none_or(|(last, _)| last != name) {
            self.last = match self.places.get(name) {
                Some(&place) => place,
                None => {
                    self.places.insert(name.to_owned(), self.parts.len());
                    self.parts.push((name.to_owned(), Part::default()));
                    self.parts.len() - 1
                }
            };
        }
        &mut self.parts[self.last].1
    }

    /// The rows of the person who is wanted, or of the only one that there is.
    fn choose(self, wanted: Option<&str>, report: &mut Report) -> Result<Vec<Row>, Unusable> {
        let names = |parts: &[(String, Part)]| parts.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let with_rows = self.parts.iter().filter(|(_, part)| !part.rows.is_empty()).count();
        let place = match wanted.map(str::trim) {
            Some(wanted) => match self.parts.iter().position(|(name, _)| name == wanted) {
                Some(place) => Some(place),
                None => {
                    return Err(Unusable::NoSuchPerson { wanted: wanted.to_owned(), people: names(&self.parts) });
                }
            },
            None if with_rows > 1 => return Err(Unusable::SeveralPeople(names(&self.parts))),
            None => None,
        };
        let mut rows = Vec::new();
        for (at, (_, part)) in self.parts.into_iter().enumerate() {
            if place.is_none_or(|place| place == at) {
                rows.extend(part.rows);
                report.refused.extend(part.refused);
                report.missing += part.missing;
                report.rounded += part.rounded;
            }
        }
        report.refused.sort_by_key(|refused| refused.line);
        Ok(rows)
    }
}
