//! Windows and averages in words.

use crate::reading::{CivilHour, Step, Week, WindowStart, date_of};
use crate::statistics::Sums;
use crate::ui::widgets::dates;
use crate::vault::DateOrder;

/// A window as a person would say it.
pub(in crate::ui) fn window_words(start: WindowStart, step: Step) -> String {
    match start {
        WindowStart::Hour(hour) => hour_words(hour),
        WindowStart::Date(date) => match step {
            Step::Week(_) => format!("week of {}", dates::date(date)),
            Step::Month => dates::month_of_year(date),
            Step::All => format!("since {}", dates::date(date)),
            Step::Hour | Step::Day => dates::date(date),
        },
    }
}

/// An hour, with the day that it is of.
fn hour_words(hour: CivilHour) -> String {
    let day = date_of(hour.day).map_or_else(String::new, dates::date);
    format!("{day}, {}", dates::hour_range(hour.hour.into()))
}

/// A week by its Monday.
pub(in crate::ui) fn week_words(week: Week) -> String {
    format!("the week of {}", date_of(week.monday()).map_or_else(String::new, dates::date))
}

/// A time as people say it: `3 days`, `5 h 20 min`, `12 min`.
pub(in crate::ui) fn duration_words(secs: u64) -> String {
    match secs / 60 {
        minutes @ 0..60 => format!("{minutes} min"),
        minutes @ 60..2_880 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        minutes => format!("{:.1} days", minutes as f64 / 1_440.0),
    }
}

/// A mean with its unit and, in full, every decimal that a person could want.
pub(in crate::ui) fn average_words(sums: &Sums) -> String {
    match (sums.mean_bpm(), sums.sd_bpm()) {
        (Some(mean), Some(sd)) => format!("{mean:.2} bpm ± {sd:.2}"),
        _ => "no readings".to_owned(),
    }
}

/// A step's name.
pub(in crate::ui) fn step_name(step: Step) -> &'static str {
    match step {
        Step::Hour => "Hour",
        Step::Day => "Day",
        Step::Week(_) => "Week",
        Step::Month => "Month",
        Step::All => "All",
    }
}

/// From one day to another; the year is said once where it is the same.
pub(in crate::ui) fn days_words((from, to): (jiff::civil::Date, jiff::civil::Date)) -> String {
    match (from == to, from.year() == to.year()) {
        (true, _) => dates::date(from),
        (false, true) if dates::forms().order == DateOrder::DayFirst => {
            // The month, too, is said once.
            let first = if from.month() == to.month() { from.day().to_string() } else { dates::day(from) };
            format!("{first} – {}", dates::date(to))
        }
        (false, _) => format!("{} – {}", dates::date(from), dates::date(to)),
    }
}

/// A value with one decimal, or a dash.
pub(in crate::ui) fn one_decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}

/// A number with its sign; the minus is a real one.
pub(in crate::ui) fn signed(value: f64, decimals: usize) -> String {
    format!("{value:+.decimals$}").replace('-', "−")
}
