//! Periods: hours, days, weeks, months, each a union of whole civil hours.

use std::fmt;

use jiff::civil::Date;

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

    /// How many days after the first of its week a date is: 0 to 6.
    pub fn days_into_week(self, date: Date) -> i64 {
        (i64::from(date.weekday().to_monday_zero_offset()) + self.days_to_monday()) % 7
    }

    /// The first day of the week that a date is in.
    fn of(self, date: Date) -> Date {
        date.checked_sub(jiff::Span::new().days(self.days_into_week(date))).unwrap_or(Date::MIN)
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

    /// Its name as the command line has it: weeks say on which day they start, if it is not Monday.
    pub fn full_name(self) -> &'static str {
        match self {
            Self::Week(WeekStart::Sunday) => "week-sunday",
            Self::Week(WeekStart::Saturday) => "week-saturday",
            other => other.name(),
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

/// An hour of civil time, without an offset: the hour that occurs twice is one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct CivilHour {
    /// Days since 1970-01-01.
    pub day: i32,
    /// The hour of the day, 0 to 23.
    pub hour: u8,
}

impl fmt::Display for CivilHour {
    /// `2016-10-30T02:00:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:00:00", date_of(self.day).unwrap_or(Date::MIN), self.hour)
    }
}

/// Where a window starts, in civil time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum WindowStart {
    /// An hour.
    Hour(CivilHour),
    /// A date.
    Date(Date),
}

impl WindowStart {
    /// Seconds of local time since 1970-01-01T00:00 local time: where the window starts on a
    /// chart's axis.
    pub fn local_secs(self) -> i64 {
        match self {
            Self::Hour(CivilHour { day, hour }) => i64::from(day) * 86_400 + i64::from(hour) * 3_600,
            Self::Date(date) => i64::from(days_since_epoch(date)) * 86_400,
        }
    }
}

impl fmt::Display for WindowStart {
    /// `2016-04-12`, or for hours `2016-10-30T02:00:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hour(hour) => hour.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}

impl Step {
    /// The start of the window that an hour is in. [`Step::All`] starts with `first`, in days since 1970-01-01.
    pub fn window_of(self, hour: CivilHour, first: i32) -> WindowStart {
        let date = |day: i32| date_of(day).unwrap_or(Date::MIN);
        match self {
            Self::Hour => WindowStart::Hour(hour),
            Self::Day => WindowStart::Date(date(hour.day)),
            Self::Week(start) => WindowStart::Date(start.of(date(hour.day))),
            Self::Month => WindowStart::Date(date(hour.day).first_of_month()),
            Self::All => WindowStart::Date(date(first)),
        }
    }
}

/// Whole days from 1970-01-01 to `date`.
pub fn days_since_epoch(date: Date) -> i32 {
    (date - Date::constant(1970, 1, 1)).get_days()
}

/// The date that is so many days after 1970-01-01, if the calendar has it.
pub fn date_of(days_since_epoch: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days_since_epoch).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_start_where_the_calendar_says() {
        let start = |step: Step, text: &str, hour: u8| {
            let day = days_since_epoch(text.parse().unwrap());
            step.window_of(CivilHour { day, hour }, 0).to_string()
        };
        // 2016-10-30 is a Sunday.
        assert_eq!(start(Step::Hour, "2016-10-30", 2), "2016-10-30T02:00:00");
        assert_eq!(start(Step::Day, "2016-10-30", 23), "2016-10-30");
        assert_eq!(start(Step::Week(WeekStart::Monday), "2016-10-30", 0), "2016-10-24");
        assert_eq!(start(Step::Week(WeekStart::Sunday), "2016-10-30", 0), "2016-10-30");
        assert_eq!(start(Step::Week(WeekStart::Saturday), "2016-10-30", 0), "2016-10-29");
        assert_eq!(start(Step::Month, "2016-10-30", 0), "2016-10-01");
        assert_eq!(start(Step::All, "2016-10-30", 0), "1970-01-01");
        assert_eq!(start(Step::Day, "1969-12-31", 0), "1969-12-31");
    }
}
