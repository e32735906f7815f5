//! The result of reading a file: its readings, and a report of what was refused and assumed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::options::{DateOrder, Epoch, OffsetUnit};
use super::words::{clean, some_names};
use crate::reading::{RateError, Reading};

/// How a table was understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The names of all columns.
    pub columns: Vec<String>,
    /// The place of the column of times, from 0.
    pub time: usize,
    /// The place of the column of rates, from 0.
    pub rate: usize,
}

/// The readings of a file, and a report of what was refused.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The format that the file was recognised as.
    pub format: &'static str,
    /// Of a table, which columns were used.
    pub layout: Option<Layout>,
    /// The readings, in the order of the file, duplicates included.
    pub readings: Vec<Reading>,
    /// The report of what was refused, and what had to be assumed.
    pub report: ImportReport,
}

/// Why a line is not a reading.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, thiserror::Error)]
pub enum Reason {
    /// The line ends before the columns that are needed.
    #[error("the line has too few columns")]
    TooFewColumns,
    /// The line has values beyond the last column of the header.
    #[error("the line has more columns than the first line")]
    TooManyColumns,
    /// A quotation mark opens and is never closed.
    #[error("a quotation mark is never closed")]
    OpenQuote,
    /// The time column is blank.
    #[error("it has no time")]
    NoTime,
    /// The time cannot be read.
    #[error("the time cannot be read")]
    BadTime,
    /// The time does not exist.
    #[error("there is no such date or time")]
    NoSuchTime,
    /// The line is not JSON.
    #[error("the line is not JSON")]
    NotJson,
    /// It has a time and no heart rate.
    #[error("it has no heart rate")]
    NoRate,
    /// The place's offset cannot be read.
    #[error("the time zone cannot be read")]
    BadZone,
    /// An array of rates has a different number of durations.
    #[error("rates and durations do not match")]
    BadArray,
    /// The time is too far from today to be one of a reading.
    #[error("the year is outside 1900 to 2199")]
    YearOutOfRange,
    /// The rate cannot be used.
    #[error(transparent)]
    Rate(RateError),
    /// The rate is in a unit that is not known.
    #[error("the unit of the rate is not known")]
    UnknownUnit,
    /// The name of the person is far too long to be one.
    #[error("the name of the person is longer than 256 bytes")]
    LongName,
    /// The line's bytes are not text.
    #[error("the line is not text in UTF-8")]
    NotText,
}

/// A line that was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub reason: Reason,
    /// The file that it is in, of an archive.
    pub file: Option<Arc<str>>,
}

impl fmt::Display for Refused {
    /// `Line 4 was refused: …`, of an archive with the name of the file.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { line, reason, file } = self;
        match file {
            None => write!(f, "Line {line} was refused: {reason}"),
            Some(file) => write!(f, "Line {line} of {} was refused: {reason}", clean(file)),
        }
    }
}

/// Lines that were refused: each of the first hundred thousand, and how many more.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refusals {
    listed: Vec<Refused>,
    beyond: BTreeMap<Reason, usize>,
}

/// More lines than this are only counted, so that a file of garbage does not fill the memory.
pub(super) const MOST_LISTED: usize = 100_000;

impl Refusals {
    /// Refuses a line; beyond `room` it is only counted. Says whether it was listed.
    pub(super) fn push(&mut self, line: u64, reason: Reason, room: usize) -> bool {
        let listed = room > 0 && self.listed.len() < MOST_LISTED;
        if listed {
            self.listed.push(Refused { line, reason, file: None });
        } else {
            *self.beyond.entry(reason).or_default() += 1;
        }
        listed
    }

    pub(super) fn extend(&mut self, others: Self) {
        let room = MOST_LISTED.saturating_sub(self.listed.len());
        for (at, refused) in others.listed.into_iter().enumerate() {
            if at < room {
                self.listed.push(refused);
            } else {
                *self.beyond.entry(refused.reason).or_default() += 1;
            }
        }
        others.beyond.into_iter().for_each(|(reason, count)| *self.beyond.entry(reason).or_default() += count);
    }

    pub(super) fn sort(&mut self) {
        self.listed.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    }

    /// All of them are in this file.
    pub(super) fn name(&mut self, file: &Arc<str>) {
        let unnamed = self.listed.iter_mut().filter(|refused| refused.file.is_none());
        unnamed.for_each(|refused| refused.file = Some(Arc::clone(file)));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.listed.len() + self.beyond.values().sum::<usize>()
    }

    /// Those that are listed, in order.
    pub fn listed(&self) -> &[Refused] {
        &self.listed
    }
}

/// The report on the lines that are not readings, and the assumptions about those that are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// Lines refused.
    pub refused: Refusals,
    /// Lines that say that nothing was measured.
    pub missing: usize,
    /// Rates that were rounded to 1/100 bpm.
    pub rounded: usize,
    /// Times that do not exist or occur twice, because clocks were changed, and were resolved.
    pub clock_changes: usize,
    /// Dates without a time, taken as local noon.
    pub noons: usize,
    /// Readings of the same rate in the same minute, in a file whose times have lost their seconds.
    pub same_minutes: usize,
    /// Readings after now.
    pub future: usize,
    /// Readings before 1990.
    pub before_1990: usize,
    /// Records that span several lines, because of a quotation mark: the first and the last.
    pub spanning: Vec<(u64, u64)>,
    /// Sentences about what the file does not say and was assumed.
    pub assumed: Vec<String>,
    /// Whether there are times that name no zone: another zone makes other readings of them.
    pub zoneless: bool,
    /// The order of day and month that was assumed, where the file does not tell.
    pub unclear_order: Option<DateOrder>,
    /// Whether that is about dates that start with the year.
    pub year_comes_first: bool,
    /// Times of day that start anew, and were taken as those of the next day.
    pub midnights: usize,
    /// Rows that sum up what other files of the archive have in detail.
    pub detailed: usize,
    /// Files of an archive that were left out.
    pub left_out: Vec<LeftOut>,
    /// The epoch that seconds were counted from, where the file does not tell.
    pub unclear_epoch: Option<Epoch>,
    /// The unit that offsets from UTC were taken to have, where the file does not tell, and their column.
    pub unclear_offsets: Option<(OffsetUnit, String)>,
}

/// Files of an archive that were left out for one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Why.
    pub why: String,
    /// Their names.
    pub files: Vec<String>,
}

impl LeftOut {
    /// Adds a file to those that were left out.
    pub(super) fn add(all: &mut Vec<Self>, why: String, file: String) {
        /// Each damaged file may have a reason of its own.
        const MOST_REASONS: usize = 100;
        let known = all.iter().position(|group| group.why == why);
        match known.or((all.len() > MOST_REASONS).then_some(MOST_REASONS)) {
            Some(group) => all[group].files.push(file),
            None if all.len() == MOST_REASONS => all.push(Self { why: "other reasons".into(), files: vec![file] }),
            None => all.push(Self { why, files: vec![file] }),
        }
    }

    /// One sentence: how many, why, and the first of them.
    pub fn sentence(&self) -> String {
        let (why, names) = (&self.why, some_names(&self.files));
        match self.files.len() {
            1 => format!("1 file of the archive was left out ({why}): {names}"),
            count => format!("{count} files of the archive were left out ({why}): {names}"),
        }
    }
}

/// More sentences of one kind are only counted.
const MOST_SAID: usize = 20;

impl ImportReport {
    /// Whether the file leaves something about its times to be answered by the person.
    pub fn asks(&self) -> bool {
        self.unclear_order.is_some() || self.unclear_epoch.is_some() || self.unclear_offsets.is_some()
    }

    /// Adds sentences of one kind; of very many only the first, and `rest` says what the others are.
    pub(super) fn assume_some(&mut self, sentences: Vec<String>, rest: &str) {
        let more = sentences.len().saturating_sub(MOST_SAID);
        self.assumed.extend(sentences.into_iter().take(MOST_SAID));
        if more > 0 {
            self.assumed.push(format!("and {more} more {rest}"));
        }
    }

    /// Adds what is said of another file of the same export, before anything is settled.
    pub(super) fn join(&mut self, file: Self) {
        self.refused.extend(file.refused);
        self.missing += file.missing;
        self.rounded += file.rounded;
        self.same_minutes += file.same_minutes;
        self.spanning.extend(file.spanning);
        self.midnights += file.midnights;
        self.detailed += file.detailed;
        for LeftOut { why, files } in file.left_out {
            for file in files {
                LeftOut::add(&mut self.left_out, why.clone(), file);
            }
        }
        self.unclear_offsets = self.unclear_offsets.take().or(file.unclear_offsets);
        for sentence in file.assumed {
            if !self.assumed.contains(&sentence) {
                self.assumed.push(sentence);
            }
        }
    }

    /// How many lines were refused, by reason, each with its first few line numbers.
    pub fn grouped(&self) -> Vec<(Reason, usize, Vec<String>)> {
        let mut groups: BTreeMap<Reason, (usize, Vec<String>)> = BTreeMap::new();
        for refused in &self.refused.listed {
            let (count, lines) = groups.entry(refused.reason).or_default();
            *count += 1;
            if lines.len() < 8 {
                lines.push(match &refused.file {
                    None => refused.line.to_string(),
                    Some(file) => format!("{} of {}", refused.line, clean(file)),
                });
            }
        }
        for (&reason, &more) in &self.refused.beyond {
            groups.entry(reason).or_default().0 += more;
        }
        groups.into_iter().map(|(reason, (count, lines))| (reason, count, lines)).collect()
    }

    /// One sentence for each thing that a person should know, most important first.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        for (reason, count, lines) in self.grouped() {
            let which = lines.join(", ");
            sentences.push(match count {
                1 => format!("Line {which} was refused: {reason}"),
                count if lines.is_empty() => format!("{count} lines were refused: {reason}"),
                count => {
                    let more = if count > lines.len() { ", …" } else { "" };
                    format!("{count} lines were refused: {reason} (lines {which}{more})")
                }
            });
        }
        sentences.extend(self.remarks());
        sentences
    }

    /// One sentence for each thing but refused lines.
    pub fn remarks(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        say_count(&mut sentences, self.missing, "1 line has no value", "lines have no value");
        sentences.extend(self.assumptions());
        sentences.extend(self.left_out.iter().take(MOST_SAID).map(LeftOut::sentence));
        let more = self.left_out.iter().skip(MOST_SAID).map(|group| group.files.len()).sum();
        say_count(
            &mut sentences,
            more,
            "1 more file of the archive was left out",
            "more files of the archive were left out",
        );
        sentences
    }

    /// One sentence for each thing that the file does not say by itself.
    pub fn assumptions(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let mut count = |n: usize, one: &str, many: &str| say_count(&mut sentences, n, one, many);
        count(self.rounded, "1 rate was rounded to 1/100 bpm", "rates were rounded to 1/100 bpm");
        count(
            self.clock_changes,
            "1 time does not exist or occurs twice, because the clocks changed; the earlier offset was used unless the order of the file shows which applies",
            "times do not exist or occur twice, because the clocks changed; the earlier offset was used unless the order of the file shows which applies",
        );
        count(
            self.midnights,
            "1 time the times of day start again, which was taken as the next day",
            "times the times of day start again, which was taken as the next day",
        );
        count(
            self.detailed,
            "1 row was left out: the archive has its readings in detail",
            "rows were left out: the archive has their readings in detail",
        );
        count(self.noons, "1 date has no time and was taken as noon", "dates have no time and were taken as noon");
        count(
            self.same_minutes,
            "1 reading with the same rate and minute as another was kept, because all times are whole minutes",
            "readings with the same rate and minute as another were kept, because all times are whole minutes",
        );
        count(self.future, "1 reading is in the future", "readings are in the future");
        count(self.before_1990, "1 reading is from before 1990", "readings are from before 1990");
        sentences.extend(
            self.spanning
                .iter()
                .take(8)
                .map(|(first, last)| format!("Lines {first} to {last} are one record, because of a quotation mark")),
        );
        if self.spanning.len() > 8 {
            sentences.push(format!("and {} more records span several lines", self.spanning.len() - 8));
        }
        sentences.extend(self.assumed.iter().cloned());
        sentences
    }
}

fn say_count(sentences: &mut Vec<String>, n: usize, one: &str, many: &str) {
    match n {
        0 => {}
        1 => sentences.push(one.to_owned()),
        n => sentences.push(format!("{n} {many}")),
    }
}
