//! The requests for reports: which statistics, of which days.

use jiff::civil::Date;

use crate::reading::{CivilHour, Step, days_since_epoch};

/// The unit that has one vote in an average.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord)]
#[repr(u8)]
pub enum Weighting {
    /// Each stretch of time, however densely it was measured: cells of five minutes and the steps that they stand
    /// for.
    #[default]
    Time = 1,
    /// Each reading: the plain mean of a list.
    Readings = 2,
}

impl Weighting {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Time, Self::Readings];

    /// Its name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Readings => "readings",
        }
    }

    /// Describes the weighting as it stands beside every mean.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Time => "weighted by time",
            Self::Readings => "each reading once",
        }
    }

    /// The weighting that a byte names, if any.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            1 => Some(Self::Time),
            2 => Some(Self::Readings),
            _ => None,
        }
    }
}

/// How much is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Detail {
    /// Count, mean and standard deviation of each window, and the profiles of both.
    Averages,
    /// Everything about each window, the trend and resting rates.
    Statistics,
}

/// The statistics that are wanted, and of which days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReportRequest {
    /// How long the windows are.
    pub step: Step,
    /// The first local day; the first that there is if `None`.
    pub from: Option<Date>,
    /// The last local day, included; the last that there is if `None`.
    pub to: Option<Date>,
    /// The first hour of the first day and the last of the last, both included.
    pub hours: (i8, i8),
    /// How much.
    pub detail: Detail,
    /// The unit that has one vote.
    pub weighting: Weighting,
}

impl ReportRequest {
    /// The hours of whole days.
    pub const WHOLE_DAYS: (i8, i8) = (0, 23);

    /// Everything that there is, in windows of `step`, weighted by time.
    pub fn all(step: Step, detail: Detail) -> Self {
        Self { step, from: None, to: None, hours: Self::WHOLE_DAYS, detail, weighting: Weighting::Time }
    }

    /// The same with another weighting.
    #[must_use]
    pub fn weighted_by(self, weighting: Weighting) -> Self {
        Self { weighting, ..self }
    }

    /// Whether an hour is in this range.
    pub fn includes(&self, CivilHour { day, hour }: CivilHour) -> bool {
        let (at, (first, last)) = ((day, hour as i8), self.hours);
        self.from.is_none_or(|from| (days_since_epoch(from), first) <= at)
            && self.to.is_none_or(|to| at <= (days_since_epoch(to), last))
    }

    /// Whether the range has some hours of a day and not all of them.
    pub(super) fn cuts(&self, day: i32) -> bool {
        self.includes(CivilHour { day, hour: 0 }) != self.includes(CivilHour { day, hour: 23 })
            || self.from == self.to && self.from.map(days_since_epoch) == Some(day) && self.hours != Self::WHOLE_DAYS
    }
}
