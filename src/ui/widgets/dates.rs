//! Dates as people read them.

use jiff::civil::Date;

/// A month's short name.
pub(in crate::ui) fn month(number: i8) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    usize::try_from(number - 1).ok().and_then(|month| NAMES.get(month)).copied().unwrap_or_default()
}

/// A date as people read it: `12 Apr 2016`.
pub(in crate::ui) fn date(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date.month()), date.year())
}
