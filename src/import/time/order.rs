//! The order of the numbers of a date, decided over a whole file.

use jiff::civil::Date;

use crate::import::options::{DateOrder, Options};
use crate::import::report::{ImportReport, Reason};
use crate::import::rows::Row;
use crate::import::time::dates::{WrittenDate, new_date, two_digit_year};
use crate::import::time::stamp::{AfterYear, Stamp};
use crate::reading::days_since_epoch;

/// The orders that were decided on.
#[derive(Clone, Copy)]
pub(in crate::import) struct Orders {
    /// Of dates whose year is not first, or has two digits.
    numbers: DateOrder,
    /// Of dates whose year is first and has four digits.
    year_first: DateOrder,
}

impl Orders {
    /// Decides the orders: as the person chose, otherwise as the whole file shows.
    pub(in crate::import) fn of(rows: &[Row], options: &Options, report: &mut ImportReport) -> Self {
        Self { numbers: of_numbers(rows, options, report), year_first: of_year_first(rows, options, report) }
    }

    /// The date of a stamp.
    pub(in crate::import) fn date(self, stamp: &Stamp) -> Result<Date, Reason> {
        match stamp.date {
            WrittenDate::Clear(date)
                if self.year_first == DateOrder::YearDayMonth && stamp.after_year != AfterYear::Month =>
            {
                new_date(date.year(), date.day().unsigned_abs(), date.month().unsigned_abs())
            }
            written @ WrittenDate::YearThen { .. } => in_order(written, self.year_first),
            written @ (WrittenDate::Clear(_) | WrittenDate::TwoNumbers { .. }) => in_order(written, self.numbers),
        }
    }
}

/// One of the orders that three numbers may have, with the evidence for it.
struct Candidate {
    order: DateOrder,
    /// Lines that are dates in this order.
    dates: usize,
    /// The first line that is a date in this order and not in the other one of day and month.
    proof: Option<u32>,
    /// The earliest and latest day, since 1970-01-01.
    days: Option<(i32, i32)>,
}

impl Candidate {
    fn days_spanned(&self) -> i32 {
        self.days.map_or(0, |(first, last)| last - first)
    }

    /// Whether many more lines are dates in this order than in another. (A few lines may be wrong.)
    fn is_far_beyond(&self, other: &Self) -> bool {
        other.dates * 10 < self.dates * 9
    }
}

/// The order that makes dates of most lines; a line that is a date in no order decides nothing. Where two orders
/// are even, dots between the numbers mean the day first, AM and PM the American order, and else the order in
/// which the file spans less time is likelier.
fn of_numbers(rows: &[Row], options: &Options, report: &mut ImportReport) -> DateOrder {
    use DateOrder::{DayFirst, MonthFirst, YearDayMonth, YearFirst};
    if let Some(order) = options.date_order.filter(|order| *order != YearDayMonth) {
        return order;
    }
    let orders = [DayFirst, MonthFirst, YearFirst];
    let mut candidates = orders.map(|order| Candidate { order, dates: 0, proof: None, days: None });
    let (mut any, mut twelve_hours, mut all_dotted) = (false, false, true);
    // Nobody measures tomorrow, so two digits do not stand for a future year.
    let today = (options.now_ms / 86_400_000) as i32 + 1;
    for row in rows {
        let WrittenDate::TwoNumbers { dotted, short_year, .. } = row.stamp.date else { continue };
        let day = |order| in_order(row.stamp.date, order).ok().map(days_since_epoch);
        let days = orders.map(|order| day(order).filter(|day| !short_year || *day <= today));
        any = true;
        twelve_hours |= row.stamp.twelve_hours;
        all_dotted &= dotted;
        for (at, candidate) in candidates.iter_mut().enumerate() {
            let Some(day) = days[at] else { continue };
            candidate.dates += 1;
            if days[usize::from(at == 0)].is_none() {
                candidate.proof = candidate.proof.or(Some(row.line));
            }
            candidate.days = Some(candidate.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
    }
    if !any {
        return DayFirst;
    }
    let [day, month, year] = &candidates;
    let shorter = |one: &Candidate, other: &Candidate| one.days_spanned() * 2 < other.days_spanned();
    // First day and month, then whether the year may be before both.
    let even = day.dates == month.dates;
    let by_month = if even { !all_dotted && (twelve_hours || shorter(month, day)) } else { month.dates > day.dates };
    let pair = if by_month { month } else { day };
    let mut clear = !even || all_dotted;
    let mut chosen = pair;
    if year.dates > 0 && !pair.is_far_beyond(year) {
        let sure = year.is_far_beyond(pair);
        if sure || shorter(year, pair) {
            chosen = year;
        }
        clear = sure;
    }
    let order = words(chosen.order);
    if let (Some(one), Some(other)) = (day.proof, month.proof)
        && chosen.order != YearFirst
    {
        report.assumed.push(format!("Lines {one} and {other} contradict each other about the order of day and month"));
    }
    match chosen.proof {
        _ if !clear => {
            report.assumed.push(format!("Dates could be read in two ways and were taken as {order}"));
            report.unclear_order = Some(chosen.order);
        }
        Some(line) => report.assumed.push(format!("Dates were read as {order}, as line {line} shows")),
        None => report.assumed.push(format!("Dates were read as {order}, as the dots between their numbers show")),
    }
    chosen.order
}

/// The order of dates whose year is first: a number above 12 can only be a day. In a table that is known for
/// days before months, most lines decide, and where none does, the person is asked; in any other, a fifth of the
/// lines must be no date as they are usually read, and none the other way.
fn of_year_first(rows: &[Row], options: &Options, report: &mut ImportReport) -> DateOrder {
    use DateOrder::{YearDayMonth, YearFirst};
    let (mut all, mut unknown, mut month_first, mut day_first) = (0, false, 0, Vec::new());
    for Row { stamp, line, .. } in rows {
        match stamp.date {
            WrittenDate::YearThen { .. } => day_first.push(*line),
            WrittenDate::Clear(date) if stamp.after_year != AfterYear::Month => {
                month_first += usize::from(date.day() > 12);
                unknown |=
                    stamp.after_year == AfterYear::Unknown && date.day().unsigned_abs() != date.month().unsigned_abs();
            }
            _ => continue,
        }
        all += 1;
    }
    if let Some(chosen @ (YearFirst | YearDayMonth)) = options.date_order {
        report.year_comes_first = all > 0;
        return chosen;
    }
    let shown = if unknown { day_first.len() > month_first } else { month_first == 0 && day_first.len() * 5 >= all };
    match day_first.first() {
        Some(line) if shown => {
            report.year_comes_first = true;
            report.assumed.push(format!("Dates were read as {}, as line {line} shows", words(YearDayMonth)));
            YearDayMonth
        }
        _ => {
            if unknown && day_first.len() == month_first {
                report.year_comes_first = true;
                report.unclear_order = Some(YearFirst);
            }
            YearFirst
        }
    }
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
