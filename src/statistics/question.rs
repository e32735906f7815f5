//! The sums that are asked for, and the form of their answers.

use super::sums::BINS;
use crate::reading::{DAYS, HOURS, Kind, Week};

/// The quantity that is summed about each week.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Measure {
    /// The rates, by day and hour.
    Rate,
    /// Their squares, by day and hour.
    Squares,
    /// The distributions of the days.
    Days,
    /// The distributions of one hour of the days, 0 to 23.
    Hour(u8),
}

/// Some weeks of a kind, and what is to be summed over them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The subject in words: `week of 2026-10-26`.
    pub name: String,
    /// The kind of readings.
    pub kind: Kind,
    /// The weeks, in order, none twice. Each has a sheet.
    pub weeks: Vec<Week>,
    /// The quantity that is summed.
    pub measure: Measure,
}

/// One value for each hour of each day, from Monday.
pub type HourSums = [[u64; HOURS]; DAYS];
/// One value for each bin of each day, from Monday.
pub type DayBins = [[u64; BINS]; DAYS];

/// The sums of some weeks, added up: one table of a week.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WeekTable {
    /// Sums of rates, in 1/100 bpm, or of squares, in (1/100 bpm)²; weighted.
    Hours(Box<HourSums>),
    /// Seconds or readings in each bin.
    Bins(Box<DayBins>),
}

impl WeekTable {
    /// The table of no week.
    pub fn zero(measure: Measure) -> Self {
        match measure {
            Measure::Rate | Measure::Squares => Self::Hours(Box::default()),
            Measure::Days | Measure::Hour(_) => Self::Bins(Box::new([[0; BINS]; DAYS])),
        }
    }

    /// Adds another table of the same measure.
    pub fn add(&mut self, other: &Self) {
        let pairs = match (self, other) {
            (Self::Hours(mine), Self::Hours(theirs)) => (mine.as_flattened_mut(), theirs.as_flattened()),
            (Self::Bins(mine), Self::Bins(theirs)) => (mine.as_flattened_mut(), theirs.as_flattened()),
            _ => return,
        };
        for (mine, theirs) in pairs.0.iter_mut().zip(pairs.1) {
            *mine += theirs;
        }
    }

    /// The values of the hours, if these are hours.
    pub fn hours(&self) -> Option<&HourSums> {
        if let Self::Hours(hours) = self { Some(hours) } else { None }
    }

    /// The distributions of the days, if these are distributions.
    pub fn bins(&self) -> Option<&DayBins> {
        if let Self::Bins(bins) = self { Some(bins) } else { None }
    }
}
