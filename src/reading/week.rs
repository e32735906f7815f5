//! Weeks of civil days: the unit in which readings are encrypted.

use super::Kind;

/// Days of a week.
pub const DAYS: usize = 7;
/// Hours of a day.
pub const HOURS: usize = 24;

/// A week from Monday to Sunday by civil date, named by its Monday. ISO week numbers are never used.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Week(i32);

impl Week {
    /// The week that a day is in, in days since 1970-01-01, a Thursday.
    pub const fn of_day(day: i32) -> Self {
        Self(day - (day + 3).rem_euclid(DAYS as i32))
    }

    /// The week that begins on a Monday, in days since 1970-01-01; `None` if it is another day.
    pub const fn from_monday(day: i32) -> Option<Self> {
        match day.checked_add(3) {
            Some(shifted) if shifted.rem_euclid(DAYS as i32) == 0 => Some(Self(day)),
            _ => None,
        }
    }

    /// Its Monday, in days since 1970-01-01.
    pub const fn monday(self) -> i32 {
        self.0
    }

    /// Its day `d`, from 0 for Monday, in days since 1970-01-01.
    pub const fn day(self, d: usize) -> i32 {
        self.0 + d as i32
    }

    /// The week after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + DAYS as i32)
    }

    /// The weeks from this one to `last`, both included.
    pub fn to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).step_by(DAYS).map(Self)
    }
}

/// A week of one kind: what a sheet holds. Ordered by kind, then by Monday.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct WeekKey {
    /// The kind of its readings.
    pub kind: Kind,
    /// The week.
    pub week: Week,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::days_since_epoch;

    #[test]
    fn a_week_is_named_by_its_monday() {
        let day = |text: &str| days_since_epoch(text.parse().unwrap());
        let monday = day("2026-11-23");
        for offset in 0..7 {
            assert_eq!(Week::of_day(monday + offset).monday(), monday);
        }
        assert_eq!(Week::of_day(day("1970-01-01")).monday(), day("1969-12-29"));
        assert_eq!(Week::of_day(monday - 1).next(), Week::of_day(monday));
        assert_eq!((Week::from_monday(monday + 1), Week::from_monday(i32::MAX)), (None, None));
        assert_eq!(Week::from_monday(monday), Some(Week::of_day(monday + 6)));
        assert_eq!(Week::of_day(monday).to(Week::of_day(monday + 20)).count(), 3);
    }
}
