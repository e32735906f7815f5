//! How a table is read: where it starts, what separates its columns, and what they hold.

use csv::ByteRecord;

use crate::import::options::OffsetUnit;
use crate::import::report::Reason;
use crate::import::table::columns::{Columns, Lacking};
use crate::import::time::common_forms;
use crate::import::time::stamp::{AfterYear, Stamp, Zone};

/// How a table's times are meant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::import) enum Clock {
    /// As they are written.
    Written,
    /// As instants, whatever they look like; a zone column says where.
    Utc,
    /// As the local dates that they start with: midnight, in whatever zone, stands for the day.
    Date,
    /// As time since this one: a time of day without a date, or seconds.
    Since(Stamp),
    /// As times of this day.
    Of(Stamp),
}

/// How a table's rates are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum Cell {
    /// A number.
    Number,
    /// An array of rates, one after the other; the column of their durations, in seconds.
    Arrays(usize),
    /// JSON with a `bpm`; lines of another `Key` are not about heart rates.
    Json { key: usize },
}

/// How to read a table.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::import) struct Plan {
    pub(in crate::import) format: &'static str,
    pub(in crate::import) delimiter: u8,
    /// Bytes and lines before the first line of values.
    pub(in crate::import) start: usize,
    pub(in crate::import) lines_before: u64,
    /// The names of the columns, as they are written.
    pub(in crate::import) header: Vec<String>,
    pub(in crate::import) columns: Columns,
    /// The column that names files with more than a row has.
    pub(in crate::import) details: Option<usize>,
    /// The unit of the numbers in the column of zones.
    pub(in crate::import) offset_unit: Option<OffsetUnit>,
    /// The likeliest unit of them, where nothing tells, and the name of their column.
    pub(in crate::import) unclear_offsets: Option<(OffsetUnit, String)>,
    /// Sentences about how the table is read.
    pub(in crate::import) remarks: Vec<String>,
    pub(in crate::import) clock: Clock,
    pub(in crate::import) cell: Cell,
}

/// Lines of the start of a file.
pub(in crate::import) struct Line<'a> {
    pub(in crate::import) text: &'a [u8],
    /// Where the next one starts.
    pub(in crate::import) end: usize,
}

/// The format of `HRV4Training` and others like it.
pub(in crate::import) const HRV: &str = "HRV readings";
pub(in crate::import) const TABLE: &str = "Table";
pub(in crate::import) const BARE: &str = "Table without a header";
/// A header is looked for in so many lines.
const HEADER_LINES: usize = 200;
pub(in crate::import) const DELIMITERS: [u8; 4] = *b",;\t|";

impl Plan {
    /// Whether it is known for dates whose day comes before the month though the year is first.
    pub(in crate::import) fn may_swap(&self) -> bool {
        self.format == HRV && self.columns.time_of_day.is_some()
    }

    /// Whether columns that nothing is known of may name people: not in the export of one account.
    pub(in crate::import) fn may_name_people(&self) -> bool {
        self.columns.person.is_none() && self.cell == Cell::Number && [TABLE, BARE].contains(&self.format)
    }

    /// The time of a record.
    pub(in crate::import) fn stamp(&self, record: &ByteRecord) -> Result<Stamp, Reason> {
        let field = |column: usize| std::str::from_utf8(&record[column]).map_err(|_| Reason::NotText);
        // Most times need no look at their text as text.
        let mut stamp = match self.clock {
            Clock::Since(start) => return start.later(Stamp::parse_elapsed(field(self.columns.time)?)?),
            Clock::Of(day) => day.with_time(field(self.columns.time)?)?,
            Clock::Date => {
                let stamp = Stamp::parse(field(self.columns.time)?)?;
                return Ok(Stamp::at(stamp.date, None));
            }
            Clock::Written | Clock::Utc => match common_forms::read(&record[self.columns.time]) {
                Some(stamp) => stamp?,
                None => Stamp::parse_any(field(self.columns.time)?)?,
            },
        };
        if stamp.after_year == AfterYear::Likely && self.may_swap() {
            stamp.after_year = AfterYear::Unknown;
        }
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
            Some(zone) if matches!(stamp.zone, Zone::None | Zone::Utc) => match self.offset_unit {
                Some(unit) => stamp.in_offset(zone, unit),
                None => stamp.in_zone(zone),
            },
            _ => Ok(stamp),
        }
    }

    /// A table whose values follow `lines[header]`.
    pub(in crate::import) fn after(
        lines: &[Line],
        header: usize,
        delimiter: u8,
        columns: Columns,
        format: &'static str,
    ) -> Self {
        Self {
            format,
            delimiter,
            start: lines[header].end,
            lines_before: header as u64 + 1,
            header: names(lines[header].text, delimiter),
            clock: if columns.utc { Clock::Utc } else { Clock::Written },
            columns,
            details: None,
            offset_unit: None,
            unclear_offsets: None,
            remarks: Vec::new(),
            cell: Cell::Number,
        }
    }
}

pub(in crate::import) fn lines_of(head: &[u8], whole: bool) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < head.len() && lines.len() < HEADER_LINES {
        let end = head[start..].iter().position(|&byte| byte == b'\n').map(|at| start + at);
        // A line that is cut off is no line, unless there is no other.
        if end.is_none() && !whole && !lines.is_empty() {
            break;
        }
        let (text, next) = end.map_or((&head[start..], head.len()), |end| (&head[start..end], end + 1));
        lines.push(Line { text: text.strip_suffix(b"\r").unwrap_or(text), end: next });
        start = next;
    }
    lines
}

/// The fields of one line.
pub(in crate::import) fn fields(line: &[u8], delimiter: u8) -> ByteRecord {
    // Making a reader costs more than a line: most need none.
    if memchr::memchr(b'"', line).is_none() {
        return line.split(|&byte| byte == delimiter).collect();
    }
    let mut record = ByteRecord::new();
    // A line alone: a quotation mark that opens here and closes elsewhere makes it no header.
    let read = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(line)
        .read_byte_record(&mut record);
    if read.is_err() {
        record.clear();
    }
    record
}

pub(in crate::import) fn names(line: &[u8], delimiter: u8) -> Vec<String> {
    fields(line, delimiter).iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect()
}

pub(in crate::import) fn recognise(line: &[u8], delimiter: u8) -> Result<Columns, Lacking> {
    let names = names(line, delimiter);
    Columns::recognise(names.iter().map(|name| &**name), None, None)
}
