//! Tables of text: a header, then a line for each reading.

use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;

use super::columns::Columns;
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
    /// Index into the people of the file.
    person: u32,
}

/// The delimiter that the first line holds most of.
fn delimiter(first: &[u8]) -> u8 {
    let line = first.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.split(|&b| b == delimiter).count();
    // The comma comes last, so that it wins where nothing is more frequent.
    b"|\t;,".iter().copied().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

/// Reads a table.
pub(super) fn read(source: impl Read, options: &Options) -> Result<Imported, Unusable> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let first = source.fill_buf().map_err(|error| Unusable::Unreadable(error.to_string()))?;
    if first.trim_ascii().is_empty() {
        return Err(Unusable::Empty);
    }
    let delimiter = delimiter(first);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        // Carriage returns are trimmed with the fields: taken for an end of line, they would shift
        // the numbers of lines by one.
        .terminator(csv::Terminator::Any(b'\n'))
        // Every record ends with a newline, so that its line can be told from where it ends.
        .from_reader(source.chain(&b"\n"[..]));
    let unreadable = |error: csv::Error| Unusable::Unreadable(error.to_string());
    let header = reader.byte_headers().map_err(unreadable)?.clone();
    let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
    let columns = Columns::recognise(names.iter().map(|name| &**name))?;

    let (mut rows, mut report, mut people) = (Vec::new(), Report::default(), People::default());
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        if record.len() == 1 && record[0].trim_ascii().is_empty() {
            continue;
        }
        // Where the record ends, less the lines that it spans: it is preceded by blank ones at times.
        let within = record.as_slice().split(|&b| b == b'\n').count() as u64;
        let line = reader.position().line().saturating_sub(within);
        match read_row(&record, &columns, line, &mut people) {
            Ok((row, rounded)) => {
                report.rounded += usize::from(rounded);
                rows.push(row);
            }
            Err(Reason::Rate(RateError::Missing)) => report.missing += 1,
            Err(reason) => report.refused.push(Refused { line, reason }),
        }
    }
    if let Some(person) = people.choose(options.person.as_deref())? {
        rows.retain(|row| row.person == person);
    }
    let readings = settle(rows, options, &mut report);
    if readings.is_empty() {
        return Err(Unusable::NoReadings(Box::new(report)));
    }
    Ok(Imported { readings, report })
}

fn read_row(record: &ByteRecord, columns: &Columns, line: u64, people: &mut People) -> Result<(Row, bool), Reason> {
    if record.len() <= columns.last() {
        return Err(Reason::TooFewColumns);
    }
    let field = |column: usize| std::str::from_utf8(&record[column]).map_err(|_| Reason::NotText);
    // The rate first: a line without a value is no reading, whatever its time.
    let (rate, rounded) = Rate::parse(field(columns.rate)?).map_err(Reason::Rate)?;
    let mut stamp = Stamp::parse(field(columns.time)?)?;
    if let Some(time_of_day) = columns.time_of_day {
        stamp = stamp.with_time(field(time_of_day)?)?;
    }
    let person = match columns.person {
        Some(column) => people.number(field(column)?.trim()),
        None => 0,
    };
    Ok((Row { line, stamp, rate, person }, rounded))
}

/// The people in a file, in the order in which they appear.
#[derive(Default)]
struct People {
    names: Vec<String>,
    last: u32,
}

impl People {
    fn number(&mut self, name: &str) -> u32 {
        // Files are sorted by person: it is mostly the same one again.
        if self.names.get(self.last as usize).is_none_or(|last| last != name) {
            let known = self.names.iter().position(|known| known == name);
            self.last = known.unwrap_or(self.names.len()) as u32;
            if known.is_none() {
                self.names.push(name.to_owned());
            }
        }
        self.last
    }

    /// The number of the person whose readings are wanted, or `None` if all belong to one.
    fn choose(self, wanted: Option<&str>) -> Result<Option<u32>, Unusable> {
        match wanted {
            Some(wanted) if !self.names.is_empty() => match self.names.iter().position(|name| name == wanted) {
                Some(index) => Ok(Some(index as u32)),
                None => Err(Unusable::NoSuchPerson { wanted: wanted.to_owned(), people: self.names }),
            },
            None if self.names.len() > 1 => Err(Unusable::SeveralPeople(self.names)),
            _ => Ok(None),
        }
    }
}
