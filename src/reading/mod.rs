//! The domain: what a reading is, which local hour it belongs to, and how hours form weeks and periods.

mod cell;
mod day_range;
mod hour;
mod period;
mod rate;
mod readings;
mod selection;
mod week;
mod weeks;

use jiff::civil::DateTime;
use jiff::tz::Offset;

pub use cell::{CELL_SECS, CELLS_A_DAY, CELLS_AN_HOUR, HourFacts, HourTable, MOST_HOUR_WEIGHT};
pub use day_range::DayRange;
pub use hour::{LocalHour, YEARS};
pub use period::{CivilHour, Step, WeekStart, WindowStart, date_of, days_since_epoch};
pub use rate::{Rate, RateError};
pub use readings::{HourKey, HourReadings, Readings, Slot};
pub use selection::{Filter, Selection};
pub use week::{DAYS, HOURS, Week, WeekKey};
pub use weeks::{CellReadings, MOST_FILLED_WEEKS, WeekIndex, WeekReadings, Weeks};

/// The kind of a reading. Summaries are shown apart and never mixed into averages of samples.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A rate measured at an instant.
    Sample = 0,
    /// The average of a day or longer, as a device computed it.
    Average = 1,
    /// A resting rate, as a device computed it.
    Resting = 2,
    /// The average of one activity, as a device computed it. It never stands for a day.
    Activity = 3,
}

impl Kind {
    /// Every kind, samples first.
    pub const ALL: [Self; 4] = [Self::Sample, Self::Average, Self::Resting, Self::Activity];

    /// The kind that a byte names, if any.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Sample),
            1 => Some(Self::Average),
            2 => Some(Self::Resting),
            3 => Some(Self::Activity),
            _ => None,
        }
    }

    /// The name on screen and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Average => "average",
            Self::Resting => "resting",
            Self::Activity => "activity",
        }
    }
}

/// The longest note, in bytes of UTF-8.
pub const MAX_NOTE_BYTES: usize = 200;

/// Where readings come from, as an index into a list of names kept beside them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Default)]
pub struct Source(pub u16);

/// One heart-rate reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Milliseconds since the Unix epoch.
    pub instant_ms: i64,
    /// Seconds that local time was ahead of UTC.
    pub offset_secs: i32,
    /// The rate.
    pub rate: Rate,
    /// The kind of the rate.
    pub kind: Kind,
    /// Where it comes from.
    pub source: Source,
    /// A person's own words about it, at most [`MAX_NOTE_BYTES`] long.
    pub note: Option<Box<str>>,
}

impl Reading {
    /// The local hour that it belongs to.
    pub fn hour(&self) -> LocalHour {
        LocalHour::of(self.instant_ms, self.offset_secs)
    }

    /// The local date and time, to the millisecond.
    pub fn civil(&self) -> DateTime {
        let ms = jiff::Timestamp::from_millisecond(self.instant_ms + i64::from(self.offset_secs) * 1000);
        ms.map_or(DateTime::MIN, |ms| Offset::UTC.to_datetime(ms))
    }

    /// ISO 8601 with the offset, and with milliseconds where there are any: `2016-10-30T02:00:05+02:00`.
    pub fn timestamp(&self) -> String {
        let civil = self.civil();
        let (time, offset) = (civil.time(), hour::OffsetWords(self.offset_secs));
        let seconds = format!("{}T{:02}:{:02}:{:02}", civil.date(), time.hour(), time.minute(), time.second());
        match time.millisecond() {
            0 => format!("{seconds}{offset}"),
            ms => format!("{seconds}.{ms:03}{offset}"),
        }
    }

    /// A sample at an instant, in milliseconds since the Unix epoch, where local time is UTC.
    pub fn sample(instant_ms: i64, rate: Rate) -> Self {
        Self { instant_ms, offset_secs: 0, rate, kind: Kind::Sample, source: Source::default(), note: None }
    }

    /// The hour and kind that it is kept by.
    pub fn key(&self) -> HourKey {
        HourKey { hour: self.hour(), kind: self.kind }
    }
}

/// The time now. A clock beyond the calendar's end or start shows that.
pub fn now() -> jiff::Timestamp {
    at_clock(std::time::SystemTime::now())
}

fn at_clock(clock: std::time::SystemTime) -> jiff::Timestamp {
    use jiff::Timestamp;
    let nearest = if clock < std::time::SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(clock).unwrap_or(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_clock_at_the_end_of_the_calendar_still_tells_a_time() {
        let after = |secs| at_clock(SystemTime::UNIX_EPOCH + Duration::from_secs(secs));
        assert_eq!(after(1_500).as_second(), 1_500);
        assert_eq!(after(253_402_297_200), jiff::Timestamp::MAX);
        assert_eq!(after(1 << 50), jiff::Timestamp::MAX);
        assert_eq!(at_clock(SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 45)), jiff::Timestamp::MIN);
    }
}
