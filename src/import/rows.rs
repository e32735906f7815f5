//! Readings as they are written, of one person or several, and what became of the rest.

use std::collections::HashMap;

use super::report::{Reason, Refusals, Report, Unusable};
use super::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// A reading whose time and rate could be read.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its line, or its number where there are no lines. Past four milliards, the last.
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

/// What a file holds of one person.
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
    pub(super) report: Report,
    places: HashMap<String, usize>,
    /// In the order in which they appear.
    people: Vec<(String, Part)>,
    last: usize,
    too_many: bool,
    expected: usize,
    total: usize,
    /// Whether what seemed to name people only numbers the lines.
    numbered: bool,
}

impl Rows {
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
    /// to refuse it. `person` is whose it is: what is refused counts for that person only.
    pub(super) fn take(
        &mut self,
        person: &str,
        line: u64,
        kind: Kind,
        rate: Result<(Rate, bool), Reason>,
        stamp: impl FnOnce() -> Result<Stamp, Reason>,
    ) {
        // The rate first: a line without a value is no reading, whatever its time.
        let row =
            rate.and_then(|(rate, rounded)| Ok((Row { line: short(line), stamp: stamp()?, rate, kind }, rounded)));
        let part = self.part(person);
        match row {
            Ok((row, rounded)) => {
                part.rounded += usize::from(rounded);
                self.push_to(person, row);
            }
            Err(Reason::Rate(RateError::Missing)) => part.missing += 1,
            Err(reason) => part.refused.push(line, reason),
        }
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
        self.part(person).refused.push(line, reason);
    }

    fn part(&mut self, name: &str) -> &mut Part {
        // Files are sorted by person: it is mostly the same one again.
        if self.people.get(self.last).is_none_or(|(last, _)| last != name) {
            self.last = match self.places.get(name) {
                Some(&place) => place,
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
                    self.places.insert(name.to_owned(), self.people.len());
                    let rows = Vec::with_capacity(std::mem::take(&mut self.expected));
                    self.people.push((name.to_owned(), Part { rows, ..Part::default() }));
                    self.people.len() - 1
                }
            };
        }
        &mut self.people[self.last].1
    }

    /// Whether what should name people numbers the lines: no name stands twice, and they are many numbers
    /// in a row.
    fn is_numbering(&self) -> bool {
        /// Fewer lines may well be people with a single reading each.
        const FEWEST: usize = 20;
        let single = |part: &Part| part.rows.len() + part.refused.count() + part.missing <= 1;
        let numbers = || self.people.iter().map(|(name, _)| name.parse::<u64>().ok());
        let mut pairs = numbers().zip(numbers().skip(1));
        self.people.len() >= FEWEST
            && self.people.iter().all(|(_, part)| single(part))
            && pairs.all(|(one, next)| one.is_some() && one.map(|one| one + 1) == next)
    }

    /// Makes everything that of one person.
    fn join(&mut self) {
        let mut all = Part::default();
        for (_, part) in self.people.drain(..) {
            all.join(part);
        }
        self.places = [(String::new(), 0)].into();
        self.people.push((String::new(), all));
        (self.last, self.numbered) = (0, true);
        let words = "The column that could name people numbers the lines, and was taken to name nobody";
        self.report.assumed.push(words.into());
    }

    /// How many lines were refused so far.
    pub(super) fn refused(&self) -> usize {
        self.people.iter().map(|(_, part)| part.refused.count()).sum()
    }

    /// Takes in what another file of the same export holds.
    pub(super) fn join_file(&mut self, file: Self) {
        self.report.join(file.report);
        self.total += file.total;
        self.too_many |= file.too_many;
        for (name, part) in file.people {
            self.part(&name).join(part);
        }
    }

    /// The rows of the person who is wanted, or of the only one that there is, with the report.
    pub(super) fn choose(mut self, wanted: Option<&str>) -> Result<(Vec<Row>, Report), Unusable> {
        let names = |people: &[(String, Part)]| people.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        if self.too_many {
            return Err(Unusable::TooManyPeople);
        }
        if self.total > MOST_ROWS {
            return Err(Unusable::TooLong);
        }
        if wanted.is_none() && self.is_numbering() {
            self.join();
        }
        let with_rows = self.people.iter().filter(|(_, part)| !part.rows.is_empty()).count();
        let place = match wanted.map(str::trim) {
            Some(wanted) => match self.people.iter().position(|(name, _)| name == wanted) {
                Some(place) => Some(place),
                None => {
                    return Err(Unusable::NoSuchPerson { wanted: wanted.to_owned(), people: names(&self.people) });
                }
            },
            None if with_rows > 1 => return Err(Unusable::SeveralPeople(names(&self.people))),
            None => None,
        };
        let mut all = Part::default();
        for (at, (name, part)) in self.people.into_iter().enumerate() {
            // What is nobody's is not lost.
            if place.is_none_or(|place| place == at || name.is_empty()) {
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
