//! Readings as they are written, of one person or several, and what became of the rest.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::error::ImportError;
use super::report::{ImportReport, MOST_LISTED, Reason, Refusals};
use super::table::people::Naming;
use super::time::stamp::Stamp;
use super::words::clean;
use crate::reading::{Kind, Rate, RateError};

/// A reading whose time and rate could be read.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its line, or its number where there are no lines. Past four billion, the last.
    pub(super) line: u32,
    pub(super) stamp: Stamp,
    pub(super) rate: Rate,
    pub(super) kind: Kind,
}

/// A line's number in half the bytes: a million rows are held at once.
pub(super) fn short(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// A guess from the first lines of a file may be far off: it costs at most 75 MB.
const MOST_EXPECTED: u64 = 1 << 21;

/// A year and a half of one reading each second: 2 GB while they are read.
const MOST_ROWS: usize = 50_000_000;

/// More than any study has in one file; then the column does not name people.
const MOST_PEOPLE: usize = 10_000;
/// The longest name of a person, in bytes.
pub(super) const LONGEST_NAME_BYTES: usize = 256;

/// The readings of one person in a file, and the counts of other lines.
#[derive(Default)]
struct Part {
    rows: Vec<Row>,
    refused: Refusals,
    missing: usize,
    rounded: usize,
}

impl Part {
    fn join(&mut self, other: Self) {
        if self.rows.is_empty() {
            self.rows = other.rows;
        } else {
            self.rows.extend(other.rows);
        }
        self.refused.extend(other.refused);
        self.missing += other.missing;
        self.rounded += other.rounded;
    }
}

/// Collects the rows of a file.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) report: ImportReport,
    indices: HashMap<String, usize>,
    /// In the order in which they appear.
    people: Vec<(String, Part)>,
    last: usize,
    too_many: bool,
    expected: usize,
    total: usize,
    /// Lines listed as refused.
    listed: usize,
    /// The column that names people, as it is written.
    pub(super) person_column: String,
    /// How surely it does.
    pub(super) naming: Option<Naming>,
    /// Whether what seemed to name people only numbers the lines.
    numbered: bool,
    /// The names of files with Samsung's minutes.
    details: Arc<HashSet<String>>,
}

impl Rows {
    /// For another file of the same export: what the limits leave.
    pub(super) fn with_room_of(others: &Self) -> Self {
        let details = Arc::clone(&others.details);
        Self { total: others.total, listed: others.listed, details, ..Self::default() }
    }

    /// Notes which files of an archive hold Samsung's minutes, so that the hours that name them are left out.
    pub(super) fn know_details<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let base = |name: &'a str| name.rsplit('/').next().unwrap_or(name);
        let details = names.map(base).filter(|name| name.ends_with(".binning_data.json"));
        self.details = Arc::new(details.map(str::to_owned).collect());
    }

    /// Leaves out a row whose readings are in another file of the archive. Says whether they are.
    pub(super) fn leave_to(&mut self, file: &[u8]) -> bool {
        let is_there = std::str::from_utf8(file).is_ok_and(|file| self.details.contains(file.trim()));
        self.report.detailed += usize::from(is_there);
        is_there
    }

    /// Whether there are rows, and all of them are averages of activities.
    pub(super) fn is_of_activities(&self) -> bool {
        let mut rows = self.people.iter().flat_map(|(_, part)| &part.rows).peekable();
        rows.peek().is_some() && rows.all(|row| row.kind == Kind::Activity)
    }

    /// Whether there are rows.
    pub(super) fn has_any(&self) -> bool {
        self.people.iter().any(|(_, part)| !part.rows.is_empty())
    }

    /// Takes note of a line whose rate is as it is written.
    pub(super) fn read(
        &mut self,
        person: &str,
        line: u64,
        kind: Kind,
        rate: &str,
        stamp: impl FnOnce() -> Result<Stamp, Reason>,
    ) {
        self.take(person, line, kind, Rate::parse(rate).map_err(Reason::Rate), stamp);
    }

    /// Takes note of a line: a reading (with whether its rate was rounded), nothing measured, or a reason
    /// to refuse it. Returns the time of a reading. `person` is whose it is: what is refused counts for that person only.
    pub(super) fn take(
        &mut self,
        person: &str,
        line: u64,
        kind: Kind,
        rate: Result<(Rate, bool), Reason>,
        stamp: impl FnOnce() -> Result<Stamp, Reason>,
    ) -> Option<Stamp> {
        // The rate first: a line without a value is no reading, whatever its time.
        let row =
            rate.and_then(|(rate, rounded)| Ok((Row { line: short(line), stamp: stamp()?, rate, kind }, rounded)));
        match row {
            Ok((row, rounded)) => {
                self.part(person).rounded += usize::from(rounded);
                let stamp = row.stamp;
                self.push_to(person, row);
                return Some(stamp);
            }
            Err(Reason::Rate(RateError::Missing)) => self.part(person).missing += 1,
            Err(reason) => self.refuse(person, line, reason),
        }
        None
    }

    /// Makes room for so many rows of one person, as far as that is a guess worth making.
    pub(super) fn expect(&mut self, rows: u64) {
        self.expected = rows.min(MOST_EXPECTED) as usize;
    }

    /// Takes note of a reading that needed no reading of text.
    pub(super) fn push(&mut self, row: Row) {
        self.push_to("", row);
    }

    fn push_to(&mut self, person: &str, row: Row) {
        if self.total < MOST_ROWS {
            self.part(person).rows.push(row);
        }
        self.total += 1;
    }

    /// Takes note of a moment at which nothing was measured.
    pub(super) fn missing(&mut self) {
        self.part("").missing += 1;
    }

    /// Refuses a line of a person.
    pub(super) fn refuse(&mut self, person: &str, line: u64, reason: Reason) {
        let room = MOST_LISTED.saturating_sub(self.listed);
        self.listed += usize::from(self.part(person).refused.push(line, reason, room));
    }

    fn part(&mut self, name: &str) -> &mut Part {
        // Files are sorted by person: it is mostly the same one again. Nobody is told apart by capitals alone.
        // Comparing empty texts is slow where the processor has to find out that there is nothing to be loaded.
        let same = |last: &str| last.is_empty() && name.is_empty() || last == name;
        if self.people.get(self.last).is_none_or(|(last, _)| !same(last)) {
            let lower = name.to_lowercase();
            self.last = match self.indices.get(&lower) {
                Some(&index) => index,
                None if self.numbered => 0,
                None if self.people.len() == MOST_PEOPLE => {
                    if self.is_numbering() {
                        self.join();
                    } else {
                        self.too_many = true;
                    }
                    0
                }
                None => {
                    self.indices.insert(lower, self.people.len());
                    let rows = Vec::with_capacity(std::mem::take(&mut self.expected));
                    self.people.push((name.to_owned(), Part { rows, ..Part::default() }));
                    self.people.len() - 1
                }
            };
        }
        &mut self.people[self.last].1
    }

    /// Whether what should name people numbers the lines: no name stands twice, and they are numbers that
    /// rise (by one, if the column's name is a person's), or very many marks that nobody has for a name.
    pub(super) fn is_numbering(&self) -> bool {
        /// With fewer lines, each may well be a person with a single reading.
        const FEWEST: usize = 20;
        let single = |part: &Part| part.rows.len() + part.refused.count() + part.missing <= 1;
        let numbers = || self.people.iter().map(|(name, _)| name.parse::<u64>().ok());
        let mut pairs = numbers().zip(numbers().skip(1));
        let perhaps = self.naming == Some(Naming::Perhaps);
        let mark = |name: &str| name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        self.people.len() >= 2
            && self.people.iter().all(|(_, part)| single(part))
            && (self.people.len() >= FEWEST || perhaps)
            && (pairs
                .all(|(one, next)| one.is_some() && if perhaps { one < next } else { one.map(|one| one + 1) == next })
                || self.people.len() >= FEWEST && self.people.iter().all(|(name, _)| mark(name)))
    }

    /// Makes everything that of one person.
    fn join(&mut self) {
        let mut all = Part::default();
        for (_, part) in self.people.drain(..) {
            all.join(part);
        }
        self.indices = [(String::new(), 0)].into();
        self.people.push((String::new(), all));
        (self.last, self.numbered) = (0, true);
        let column = clean(&self.person_column);
        self.report.assumed.push(format!("The column “{column}” numbers the lines and does not name people"));
    }

    /// Takes in what another file of the same export holds.
    pub(super) fn join_file(&mut self, mut file: Self, name: &str) {
        let name: Arc<str> = name.into();
        file.people.iter_mut().for_each(|(_, part)| part.refused.name(&name));
        self.report.join(file.report);
        (self.total, self.listed) = (file.total, file.listed);
        self.too_many |= file.too_many;
        if self.person_column.is_empty() {
            (self.person_column, self.naming) = (file.person_column, file.naming);
        }
        for (name, part) in file.people {
            self.part(&name).join(part);
        }
    }

    /// Keeps rows of one minute and rate apart where the times of this file have no seconds: all are whole
    /// minutes. Each such row is a millisecond after the one before.
    pub(super) fn keep_same_minutes(&mut self) {
        const MINUTE_MS: u32 = 60_000;
        let whole = |row: &Row| {
            row.kind == Kind::Sample
                && row.stamp.later_ms == 0
                && row.stamp.time_ms.is_some_and(|ms| ms.is_multiple_of(MINUTE_MS))
        };
        if !self.people.iter().all(|(_, part)| part.rows.iter().all(whole)) {
            return;
        }
        for (_, part) in &mut self.people {
            let rows = &mut part.rows;
            let same = |row: &Row| (row.stamp.date, row.stamp.time_ms, row.stamp.zone, row.rate);
            let mut order: Vec<u32> = (0..rows.len() as u32).collect();
            order.sort_by_key(|&at| same(&rows[at as usize]));
            for at in 1..order.len() {
                let (before, row) = (rows[order[at - 1] as usize].clone(), &mut rows[order[at] as usize]);
                if same(&before) == same(row) && before.stamp.later_ms < MINUTE_MS - 1 {
                    row.stamp.later_ms = before.stamp.later_ms + 1;
                    self.report.same_minutes += 1;
                }
            }
        }
    }

    /// The rows of the person who is wanted, or of the only one that there is, with the report.
    pub(super) fn choose(mut self, wanted: Option<&str>) -> Result<(Vec<Row>, ImportReport), ImportError> {
        let names = |people: &[(String, Part)]| people.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        if self.too_many {
            return Err(ImportError::TooManyPeople(self.person_column));
        }
        if self.total > MOST_ROWS {
            return Err(ImportError::TooLong);
        }
        if wanted.is_none() && self.is_numbering() {
            self.join();
        }
        let with_rows = self.people.iter().filter(|(name, part)| !name.is_empty() && !part.rows.is_empty()).count();
        let index = match wanted.map(str::trim) {
            Some(wanted) => match self.people.iter().position(|(name, _)| name.eq_ignore_ascii_case(wanted)) {
                Some(index) => Some(index),
                None if self.person_column.is_empty() => return Err(ImportError::NoPersonColumn(wanted.to_owned())),
                None => {
                    return Err(ImportError::NoSuchPerson { wanted: wanted.to_owned(), people: names(&self.people) });
                }
            },
            None if with_rows > 1 => {
                return Err(ImportError::SeveralPeople { people: names(&self.people), column: self.person_column });
            }
            None => None,
        };
        let mut all = Part::default();
        for (at, (name, part)) in self.people.into_iter().enumerate() {
            // Lines that belong to nobody are not lost.
            if index.is_none_or(|index| index == at || name.is_empty()) {
                all.join(part);
            }
        }
        let Part { rows, refused, missing, rounded } = all;
        let mut report = self.report;
        report.refused.extend(refused);
        report.missing += missing;
        report.rounded += rounded;
        Ok((rows, report))
    }
}
