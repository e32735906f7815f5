//! Local hours: the unit in which readings are kept.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

const HOUR_SECS: i64 = 3600;

/// An hour of local time at one UTC offset. Ordered by the instant at which it starts, so that the
/// hour that occurs twice when daylight saving ends is two hours, in their right order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct LocalHour {
    start_secs: i64,
    offset_secs: i32,
}

impl LocalHour {
    /// The local hour of an instant, where local time is `offset_secs` ahead of UTC.
    pub fn of(instant_ms: i64, offset_secs: i32) -> Self {
        let local_secs = instant_ms.div_euclid(1000) + i64::from(offset_secs);
        Self { start_secs: local_secs - local_secs.rem_euclid(HOUR_SECS) - i64::from(offset_secs), offset_secs }
    }

    /// The same start with the least offset there can be: where a search over all offsets begins.
    pub(super) fn any_offset(self) -> Self {
        Self { offset_secs: i32::MIN, ..self }
    }

    /// The instant at which it starts, in milliseconds since the Unix epoch.
    pub fn start_ms(self) -> i64 {
        self.start_secs * 1000
    }

    /// Seconds that local time is ahead of UTC.
    pub fn offset_secs(self) -> i32 {
        self.offset_secs
    }

    /// Seconds of local time since 1970-01-01T00:00 local time at which it starts.
    pub fn local_secs(self) -> i64 {
        self.start_secs + i64::from(self.offset_secs)
    }

    /// The local date and time at which it starts.
    pub fn civil(self) -> DateTime {
        civil_from_local_secs(self.local_secs())
    }

    /// The local date.
    pub fn date(self) -> Date {
        self.civil().date()
    }
}

/// The years that readings may have, in local time.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// The civil time `secs` after 1970-01-01T00:00. Readings are of [`YEARS`], so that the calendar's ends are never met.
pub(super) fn civil_from_local_secs(secs: i64) -> DateTime {
    jiff::Timestamp::from_second(secs).map_or(DateTime::MIN, |t| Offset::UTC.to_datetime(t))
}

impl fmt::Display for LocalHour {
    /// ISO 8601 with the offset: `2016-10-30T02:00:00+02:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        write!(f, "{}T{:02}:00:00{}", civil.date(), civil.hour(), OffsetWords(self.offset_secs))
    }
}

/// An offset as ISO 8601 writes it: `+02:00`, and with seconds where there are any.
pub(super) struct OffsetWords(pub(super) i32);

impl fmt::Display for OffsetWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let offset = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60)?;
        if offset.is_multiple_of(60) { Ok(()) } else { write!(f, ":{:02}", offset % 60) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_a_local_one() {
        // 2016-10-30T00:30Z is 02:30 in Paris, the first of two.
        let ms = 1_477_787_400_000;
        let first = LocalHour::of(ms, 7200);
        let second = LocalHour::of(ms + 3_600_000, 3600);
        assert_eq!(first.to_string(), "2016-10-30T02:00:00+02:00");
        assert_eq!(second.to_string(), "2016-10-30T02:00:00+01:00");
        assert!(first < second);
        assert_eq!(LocalHour::of(ms, 20_700).to_string(), "2016-10-30T06:00:00+05:45");
        assert_eq!(LocalHour::of(-1, -1800).to_string(), "1969-12-31T23:00:00-00:30");
    }

    #[test]
    fn an_hour_starts_at_or_before_its_readings() {
        for (ms, offset) in [(0, 0), (-1, 0), (1_477_787_400_123, 20_700), (1_000, -12_345)] {
            let within = ms - LocalHour::of(ms, offset).start_ms();
            assert!((0..3_600_000).contains(&within), "{ms} {offset}: {within}");
        }
    }
}
