//! A time as it is written, before anyone knows its place.

use crate::import::report::Reason;
use crate::import::time::dates::{WrittenDate, check_year};
use crate::import::time::local_time::civil_ms;

/// The zone of a written time, as far as it says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::import) enum Zone {
    /// Nothing.
    None,
    /// `Z` or `UTC`: an instant without a place.
    Utc,
    /// An offset in seconds: the place's own, unless it is zero throughout the file.
    Offset(i32),
    /// An offset from a column of its own: the place's, zero or not.
    Local(i32),
    /// The time is UTC, and the place's offset is this.
    UtcAt(i32),
}

/// A time as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) struct Stamp {
    pub(in crate::import) date: WrittenDate,
    /// Milliseconds of the day, or `None` for a date alone.
    pub(in crate::import) time_ms: Option<u32>,
    pub(in crate::import) zone: Zone,
    /// Whether it was written with AM or PM.
    pub(in crate::import) twelve_hours: bool,
    /// Milliseconds that have passed since, on a clock that nobody changes.
    pub(in crate::import) later_ms: u32,
    /// Whether its zone was named, and in that zone the time does not exist or occurs twice.
    pub(in crate::import) unclear: bool,
    /// Whether it was written as a count, from one epoch or another.
    pub(in crate::import) counted: bool,
    /// The number that follows the year of a date that starts with it.
    pub(in crate::import) after_year: AfterYear,
}

/// The number that follows the year of a date that starts with it, as far as one line tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::import) enum AfterYear {
    /// The month: nobody writes `2026-31-12T…`.
    Month,
    /// The month, unless the whole file shows that it is the day.
    Likely,
    /// One or the other: the table is known for that.
    Unknown,
}

impl Stamp {
    /// A date and a time of day that say nothing else.
    pub(in crate::import) fn at(date: WrittenDate, time_ms: Option<u32>) -> Self {
        Self {
            date,
            time_ms,
            zone: Zone::None,
            twelve_hours: false,
            later_ms: 0,
            unclear: false,
            counted: false,
            after_year: AfterYear::Month,
        }
    }

    /// The same time as an instant of UTC.
    pub(in crate::import) fn utc(self) -> Self {
        Self { zone: Zone::Utc, ..self }
    }

    /// The time that is so much later.
    pub(in crate::import) fn later(self, by_ms: u64) -> Result<Self, Reason> {
        let by_ms = u32::try_from(by_ms).map_err(|_| Reason::NoSuchTime)?;
        let later_ms = self.later_ms.checked_add(by_ms).ok_or(Reason::NoSuchTime)?;
        if self.time_ms.is_none() { Err(Reason::BadTime) } else { Ok(Self { later_ms, ..self }) }
    }

    /// The instant that is so much earlier than one of UTC.
    pub(in crate::import) fn earlier(self, by_ms: u64) -> Option<Self> {
        let (WrittenDate::Clear(date), Some(time_ms)) = (self.date, self.time_ms) else { return None };
        of_epoch_ms(civil_ms(date, time_ms).checked_sub(i64::try_from(by_ms).ok()?)?).ok()
    }

    /// An instant, in seconds since the Unix epoch.
    pub(in crate::import) fn of_epoch_secs(secs: i64) -> Result<Self, Reason> {
        of_epoch_ms(secs.saturating_mul(1000))
    }
}

pub(in crate::import) fn of_epoch_ms(ms: i64) -> Result<Stamp, Reason> {
    let civil =
        jiff::Timestamp::from_millisecond(ms).map_err(|_| Reason::NoSuchTime)?.to_zoned(jiff::tz::TimeZone::UTC);
    check_year(u32::try_from(civil.year()).unwrap_or(0))?;
    let time_ms = ms.rem_euclid(86_400_000) as u32;
    Ok(Stamp { zone: Zone::Utc, ..Stamp::at(WrittenDate::Clear(civil.date()), Some(time_ms)) })
}
