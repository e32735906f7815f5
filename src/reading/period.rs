//! Periods: hours, days, weeks, months, each a union of whole local hours.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use super::{HourIndex, HourKey, LocalHour};

/// The day that weeks start on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Default)]
pub enum WeekStart {
    /// Monday, as ISO 8601 has it.
    #[default]
    Monday,
    /// Sunday.
    Sunday,
    /// Saturday.
    Saturday,
}

impl WeekStart {
    /// Every day that weeks may start on.
    pub const ALL: [Self; 3] = [Self::Monday, Self::Sunday, Self::Saturday];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Sunday => "Sunday",
            Self::Saturday => "Saturday",
        }
    }

    /// How many days after it a Monday is.
    pub const fn days_to_monday(self) -> i64 {
        match self {
            Self::Monday => 0,
            Self::Sunday => 1,
            Self::Saturday => 2,
        }
    }

    /// The first day of the week that a date is in.
    fn of(self, date: Date) -> Date {
        let days = (i64::from(date.weekday().to_monday_zero_offset()) + self.days_to_monday()) % 7;
        date.checked_sub(jiff::Span::new().days(days)).unwrap_or(Date::MIN)
    }
}

/// How long a window is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Step {
    /// A local hour.
    Hour,
    /// A local day.
    Day,
    /// A week, from the day that it starts on.
    Week(WeekStart),
    /// A calendar month.
    Month,
    /// Everything.
    All,
}

impl Step {
    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week(_) => "week",
            Self::Month => "month",
            Self::All => "all",
        }
    }

    /// The step that suits a chart over `days` days: some tens of points, up to a hundred or so.
    pub fn for_days(days: i64, weeks: WeekStart) -> Self {
        match days {
            ..=3 => Self::Hour,
            4..=120 => Self::Day,
            121..=730 => Self::Week(weeks),
            _ => Self::Month,
        }
    }
}

/// Where a window starts, in local time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum WindowStart {
    /// An hour, with its offset.
    Hour(LocalHour),
    /// A date.
    Date(Date),
}

impl WindowStart {
    /// Seconds of local time since 1970-01-01T00:00 local time: where the window starts on a
    /// chart's axis.
    pub fn local_secs(self) -> i64 {
        match self {
            Self::Hour(hour) => hour.local_secs(),
            Self::Date(date) => i64::from(days_since_epoch(date)) * 86_400,
        }
    }
}

impl fmt::Display for WindowStart {
    /// `2016-04-12`, or for hours `2016-10-30T02:00:00+02:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hour(hour) => hour.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}

/// Whole days from 1970-01-01 to `date`.
pub fn days_since_epoch(date: Date) -> i32 {
    let midnight = jiff::tz::Offset::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    midnight.map_or(0, |midnight| midnight.as_second().div_euclid(86_400) as i32)
}

/// The date that is so many days after 1970-01-01, if the calendar has it.
pub fn date_of(days_since_epoch: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days_since_epoch).ok()?).ok()
}

/// A window: where it starts, and the hours in it that hold readings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    /// Its local start: the hour, the day, the week's first day, the month's first, or for
    /// [`Step::All`] the first reading's date.
    pub start: WindowStart,
    /// Its hours, in order.
    pub hours: Vec<HourKey>,
}

/// Groups hours, in order and of one kind, into the windows of `step`. A window that no hour falls into
/// is left out: gaps stay gaps.
pub fn windows(index: &HourIndex, hours: &[HourKey], step: Step) -> Vec<Window> {
    let mut windows: BTreeMap<WindowStart, Vec<HourKey>> = BTreeMap::new();
    let Some(first) = index.first_hour(hours.iter().copied()) else { return Vec::new() };
    for &key in hours {
        let date = key.hour.date();
        let start = match step {
            Step::Hour => WindowStart::Hour(key.hour),
            Step::Day => WindowStart::Date(date),
            Step::Week(first) => WindowStart::Date(first.of(date)),
            Step::Month => WindowStart::Date(date.first_of_month()),
            Step::All => WindowStart::Date(first.hour.date()),
        };
        windows.entry(start).or_default().push(key);
    }
    windows.into_iter().map(|(start, hours)| Window { start, hours }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Kind, Rate, Reading, Readings, Source};

    fn readings(times: &[(i64, i32)]) -> Readings {
        Readings::from_list(times.iter().map(|&(instant_ms, offset_secs)| Reading {
            instant_ms,
            offset_secs,
            rate: Rate::MIN,
            kind: Kind::Sample,
            source: Source::default(),
            note: None,
        }))
    }

    fn windows_of(times: &[(i64, i32)], step: Step) -> Vec<Window> {
        let readings = readings(times);
        let hours: Vec<_> = readings.keys_of(Kind::Sample).collect();
        windows(&HourIndex::from(&readings), &hours, step)
    }

    fn starts(times: &[(i64, i32)], step: Step) -> Vec<String> {
        windows_of(times, step).iter().map(|w| w.start.to_string()).collect()
    }

    #[test]
    fn windows_start_where_the_calendar_says() {
        // 2016-10-30 (a Sunday) 02:30+02:00, 02:30+01:00, and 2016-11-01 (a Tuesday) 00:30+01:00.
        let keys = [(1_477_787_400_000, 7200), (1_477_791_000_000, 3600), (1_477_956_600_000, 3600)];
        assert_eq!(
            starts(&keys, Step::Hour),
            ["2016-10-30T02:00:00+02:00", "2016-10-30T02:00:00+01:00", "2016-11-01T00:00:00+01:00"]
        );
        assert_eq!(starts(&keys, Step::Day), ["2016-10-30", "2016-11-01"]);
        assert_eq!(starts(&keys, Step::Week(WeekStart::Monday)), ["2016-10-24", "2016-10-31"]);
        assert_eq!(starts(&keys, Step::Month), ["2016-10-01", "2016-11-01"]);
        assert_eq!(starts(&keys, Step::All), ["2016-10-30"]);
    }

    #[test]
    fn a_flight_westward_keeps_both_days_whole() {
        // Midnight of the 2nd has passed in Tokyo, then the traveller is back on the 1st in Honolulu.
        let (tokyo, honolulu) = (9 * 3600, -10 * 3600);
        let keys = [(54_000_000, tokyo), (57_600_000, honolulu), (122_400_000, honolulu)];
        assert_eq!(starts(&keys, Step::Day), ["1970-01-01", "1970-01-02"]);
        let days = windows_of(&keys, Step::Day);
        assert_eq!(days[1].hours.len(), 2);
    }

    #[test]
    fn all_starts_at_the_first_reading_even_if_another_hour_starts_earlier() {
        // 22:11:20+02:00 on 30 Oct comes before 01:58:14+05:45 on 31 Oct, whose hour starts earlier.
        let times = [(1_477_858_280_000, 7_200), (1_477_858_394_000, 20_700)];
        assert_eq!(starts(&times, Step::All), ["2016-10-30"]);
    }
}
