//! The order of the numbers of a date, decided over a whole file.

use jiff::civil::Date;

use super::dates::{WrittenDate, new_date, two_digit_year};
use super::report::{ImportReport, Reason};
use super::rows::Row;
use super::stamp::Stamp;
use super::{DateOrder, Options};
use crate::reading::days_since_epoch;

/// The orders that were decided on.
#[derive(Clone, Copy)]
pub(super) struct Orders {
    /// Of dates whose year is not first, or has two digits.
    numbers: DateOrder,
    /// Of dates whose year is first and has four digits.
    year_first: DateOrder,
}

impl Orders {
    /// What a person says, else what the whole file says.
    pub(super) fn of(rows: &[Row], options: &Options, report: &mut ImportReport) -> Self {
        Self { numbers: of_numbers(rows, options, report), year_first: of_year_first(rows, options, report) }
    }

    /// The date of a stamp.
    pub(super) fn date(self, stamp: &Stamp) -> Result<Date, Reason> {
        match stamp.date {
            written @ WrittenDate::YearThen { .. } => in_order(written, self.year_first),
            written @ (WrittenDate::Clear(_) | WrittenDate::TwoNumbers { .. }) => in_order(written, self.numbers),
        }
    }
}

/// One of the orders that three numbers may have, with what speaks for it.
struct Candidate {
    order: DateOrder,
    /// Lines that are dates in this order.
    dates: usize,
    /// The first line that is a date in this order and not in the other one of day and month.
    proof: Option<u32>,
    /// Lines that are dates in no other order.
    only: usize,
    /// The earliest and latest day, since 1970-01-01.
    days: Option<(i32, i32)>,
}

impl Candidate {
    fn days_spanned(&self) -> i32 {
        self.days.map_or(0, |(first, last)| last - first)
    }
}

/// So many of the lines at least must be dates with the year first only.
const YEAR_SHARE: usize = 5;

/// The order that makes dates of most lines. A line that is a date in no order decides nothing, and one line
/// decides for a year only beside others. Where day and month are even, dots between the numbers mean the
/// day first, AM and PM the American order, and else the order in which the file spans less time is likelier.
fn of_numbers(rows: &[Row], options: &Options, report: &mut ImportReport) -> DateOrder {
    use DateOrder::{DayFirst, MonthFirst, YearDayMonth, YearFirst};
    if let Some(order) = options.date_order.filter(|order| *order != YearDayMonth) {
        return order;
    }
    let orders = [DayFirst, MonthFirst, YearFirst];
    let mut candidates = orders.map(|order| Candidate { order, dates: 0, proof: None, only: 0, days: None });
    let (mut any, mut twelve_hours, mut all_dotted) = (0, false, true);
    // Nobody measures tomorrow: a number is not the year that is yet to come.
    let today = (options.now_ms / 86_400_000) as i32 + 1;
    for row in rows {
        let WrittenDate::TwoNumbers { dotted, .. } = row.stamp.date else { continue };
        let days = orders.map(|order| in_order(row.stamp.date, order).ok().map(days_since_epoch));
        let days = [days[0], days[1], days[2].filter(|day| *day <= today)];
        any += usize::from(days.iter().any(Option::is_some));
        twelve_hours |= row.stamp.twelve_hours;
        all_dotted &= dotted;
        for (at, candidate) in candidates.iter_mut().enumerate() {
            let Some(day) = days[at] else { continue };
            candidate.dates += 1;
            candidate.only += usize::from(days.iter().flatten().count() == 1);
            if at < 2 && days[1 - at].is_none() {
                candidate.proof = candidate.proof.or(Some(row.line));
            }
            candidate.days = Some(candidate.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
    }
    let [day, month, year] = &candidates;
    if any == 0 {
        return DayFirst;
    }
    if year.dates > day.dates.max(month.dates) && year.only * YEAR_SHARE >= any {
        report.assumed.push("Dates were read as year, month, day, because a number above 31 can only be a year".into());
        return YearFirst;
    }
    let (chosen, other) = if day.dates >= month.dates { (day, month) } else { (month, day) };
    if chosen.dates > other.dates {
        let line = chosen.proof.unwrap_or_default();
        report.assumed.push(format!("Dates were read as {}, as line {line} shows", words(chosen.order)));
        return chosen.order;
    }
    let shorter = month.days_spanned() * 2 < day.days_spanned();
    let order = if !all_dotted && (twelve_hours || shorter) { MonthFirst } else { DayFirst };
    if all_dotted {
        report.assumed.push(format!("Dates were read as {}, as the dots between their numbers tell", words(order)));
    } else {
        report.assumed.push(format!("Dates could be read in two ways and were taken as {}", words(order)));
        report.unclear_order = Some(order);
    }
    order
}

/// The order of dates whose year is first: a number above 12 can only be a day. Which place it has most
/// often is decided over the whole file.
fn of_year_first(rows: &[Row], options: &Options, report: &mut ImportReport) -> DateOrder {
    use DateOrder::{YearDayMonth, YearFirst};
    let (mut any, mut month_first, mut day_first) = (false, Vec::new(), Vec::new());
    for row in rows {
        if let WrittenDate::YearThen { first, second, .. } = row.stamp.date {
            any |= first != second;
            match (first > 12, second > 12) {
                (true, false) => day_first.push(row.line),
                (false, true) => month_first.push(row.line),
                _ => {}
            }
        }
    }
    let order = if day_first.len() > month_first.len() { YearDayMonth } else { YearFirst };
    report.year_comes_first = any;
    match options.date_order {
        Some(chosen @ (YearFirst | YearDayMonth)) => return chosen,
        _ if !any => return order,
        _ => {}
    }
    if day_first.len() == month_first.len() {
        report.unclear_order = Some(order);
    } else if let (YearDayMonth, Some(line)) = (order, day_first.first()) {
        report.assumed.push(format!("Dates were read as {}, as line {line} shows", words(order)));
    }
    order
}

/// An order in words.
fn words(order: DateOrder) -> &'static str {
    match order {
        DateOrder::DayFirst => "day before month",
        DateOrder::MonthFirst => "month before day",
        DateOrder::YearFirst => "year, month, day",
        DateOrder::YearDayMonth => "year, day, month",
    }
}

fn in_order(written: WrittenDate, order: DateOrder) -> Result<Date, Reason> {
    match written {
        WrittenDate::Clear(date) => Ok(date),
        WrittenDate::YearThen { year, first, second } => match order {
            DateOrder::YearDayMonth => new_date(year, second, first),
            _ => new_date(year, first, second),
        },
        WrittenDate::TwoNumbers { first, second, year, short_year, .. } => match order {
            DateOrder::MonthFirst => new_date(year, first, second),
            DateOrder::DayFirst => new_date(year, second, first),
            // Of three numbers with two digits each, the last is the day. Four digits are the year, wherever
            // they stand.
            DateOrder::YearFirst | DateOrder::YearDayMonth if short_year && first < 100 => {
                let day = u8::try_from(year % 100).map_err(|_| Reason::NoSuchTime)?;
                new_date(two_digit_year(first.into()) as i16, second, day)
            }
            _ => Err(Reason::NoSuchTime),
        },
    }
}
