//! Ranges of local days.

use jiff::civil::Date;

/// Local days from one to another, both included. Without a bound where `None`: the default is all days.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct DayRange {
    /// The first day.
    pub first: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
}

impl DayRange {
    /// Whether a day is one of them.
    pub fn includes(self, day: Date) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}
