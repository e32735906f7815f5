//! Dates and times as people write them, in the forms that were chosen for this window.

use std::cell::Cell;

use jiff::civil::{Date, DateTime};

use crate::ui::locale::DateForms;
use crate::vault::{Clock, DateOrder};

thread_local! {
    /// A window draws on one thread, and everything on it is written alike.
    static FORMS: Cell<DateForms> = Cell::default();
}

/// Writes everything in these forms from now on.
pub(in crate::ui) fn choose(forms: DateForms) {
    FORMS.set(forms);
}

/// The forms in force.
pub(in crate::ui) fn forms() -> DateForms {
    FORMS.get()
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FULL_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The days of the week, from Monday.
pub(in crate::ui) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn of_month(names: [&'static str; 12], number: i8) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|month| names.get(month)).copied().unwrap_or_default()
}

/// A month's short name.
pub(in crate::ui) fn month(number: i8) -> &'static str {
    of_month(MONTHS, number)
}

/// A month of a year: `September 2026`.
pub(in crate::ui) fn month_of_year(date: Date) -> String {
    format!("{} {}", of_month(FULL_MONTHS, date.month()), date.year())
}

/// A day without its year: `12 Apr`, or `Apr 12`.
pub(in crate::ui) fn day(date: Date) -> String {
    let (day, month) = (date.day(), month(date.month()));
    match forms().order {
        DateOrder::DayFirst => format!("{day} {month}"),
        DateOrder::MonthFirst | DateOrder::YearFirst => format!("{month} {day}"),
    }
}

/// A date as people read it: `12 Apr 2016`, `Apr 12, 2016` or `2016-04-12`.
pub(in crate::ui) fn date(date: Date) -> String {
    match forms().order {
        DateOrder::DayFirst => format!("{} {}", day(date), date.year()),
        DateOrder::MonthFirst => format!("{}, {}", day(date), date.year()),
        DateOrder::YearFirst => date.to_string(),
    }
}

/// A date with its day of the week: `Tuesday, 12 Apr 2016`.
pub(in crate::ui) fn long_date(date: Date) -> String {
    format!("{}, {}", weekday(date), self::date(date))
}

/// The day of the week of a date.
pub(in crate::ui) fn weekday(date: Date) -> &'static str {
    WEEKDAYS[date.weekday().to_monday_zero_offset() as usize]
}

/// A time of day, given in minutes after midnight: `14:05`, or `2:05 pm`.
pub(in crate::ui) fn clock(minutes: u32) -> String {
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    match forms().clock {
        Clock::TwentyFour => format!("{hour:02}:{minute:02}"),
        Clock::Twelve => format!("{}:{minute:02} {}", (hour + 11) % 12 + 1, if hour < 12 { "am" } else { "pm" }),
    }
}

/// A time of day to the second.
pub(in crate::ui) fn clock_seconds(at: DateTime) -> String {
    let minutes = clock(minutes_of(at));
    match minutes.split_once(' ') {
        Some((minutes, half)) => format!("{minutes}:{:02} {half}", at.second()),
        None => format!("{minutes}:{:02}", at.second()),
    }
}

/// Minutes after midnight.
pub(in crate::ui) fn minutes_of(at: DateTime) -> u32 {
    u32::from(at.hour().unsigned_abs()) * 60 + u32::from(at.minute().unsigned_abs())
}

/// An hour of the day: `10:00–11:00`.
pub(in crate::ui) fn hour_range(hour: usize) -> String {
    let at = |hour: usize| match forms().clock {
        Clock::TwentyFour => format!("{hour:02}:00"),
        Clock::Twelve => clock(hour as u32 * 60),
    };
    format!("{}–{}", at(hour), at(hour + 1))
}

/// A date that was typed: ISO 8601 (`2026-09-30`), with a month's name, or numbers in the order of the forms
/// (`30.9.2026`, `9/30/2026`). Two digits of a year are of this century.
pub(in crate::ui) fn parse(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let &[a, b, c] = &parts[..] else { return None };
    let named = |text: &str| {
        let text = text.to_lowercase();
        let is = |name: &&str| text.len() >= 3 && name.to_lowercase().starts_with(&text);
        FULL_MONTHS.iter().position(is).map(|month| month as i8 + 1)
    };
    let number = |text: &str| text.parse::<i16>().ok();
    let (year, month, day) = match (forms().order, named(a), named(b)) {
        (_, Some(month), _) => (c, month, b),
        (_, _, Some(month)) if a.len() == 4 => (a, month, c),
        (_, _, Some(month)) => (c, month, a),
        _ if a.len() == 4 => (a, b.parse().ok()?, c),
        (DateOrder::DayFirst, ..) => (c, b.parse().ok()?, a),
        (DateOrder::MonthFirst, ..) => (c, a.parse().ok()?, b),
        (DateOrder::YearFirst, ..) => (a, b.parse().ok()?, c),
    };
    let century = if year.len() <= 2 { 2_000 } else { 0 };
    Date::new(number(year)? + century, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(order: DateOrder, clock: Clock) {
        choose(DateForms { order, clock, ..DateForms::default() });
    }

    #[test]
    fn dates_and_times_are_written_in_the_forms_that_were_chosen() {
        let september: Date = "2026-09-30".parse().unwrap();
        let at = september.at(14, 5, 9, 0);
        let all = || [date(september), day(september), clock(5), clock_seconds(at), hour_range(23)];
        with(DateOrder::DayFirst, Clock::TwentyFour);
        assert_eq!(all(), ["30 Sep 2026", "30 Sep", "00:05", "14:05:09", "23:00–24:00"]);
        with(DateOrder::MonthFirst, Clock::Twelve);
        assert_eq!(all(), ["Sep 30, 2026", "Sep 30", "12:05 am", "2:05:09 pm", "11:00 pm–12:00 am"]);
        with(DateOrder::YearFirst, Clock::TwentyFour);
        assert_eq!(date(september), "2026-09-30");
        assert_eq!(long_date(september), "Wednesday, 2026-09-30");
    }

    #[test]
    fn typed_dates_are_read_in_local_and_iso_forms() {
        let september: Date = "2026-09-30".parse().unwrap();
        for (order, texts) in [
            (DateOrder::DayFirst, ["30.9.2026", "30/09/26", "30 Sep 2026"]),
            (DateOrder::MonthFirst, ["9/30/2026", "Sep 30, 2026", "09-30-2026"]),
            (DateOrder::YearFirst, ["2026/9/30", "2026. 09. 30.", "2026 sept 30"]),
        ] {
            with(order, Clock::TwentyFour);
            for text in texts.into_iter().chain(["2026-09-30", " 2026-09-30 "]) {
                assert_eq!(parse(text), Some(september), "{order:?} {text}");
            }
            for text in ["", "30", "31.2.2026", "yesterday", "2026-13-01"] {
                assert_eq!(parse(text), None, "{order:?} {text}");
            }
            assert_eq!(parse(&date(september)), Some(september));
        }
    }
}
