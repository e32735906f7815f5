//! Real dates on a chart's axis. Its numbers are seconds of local time since 1970-01-01T00:00.

use egui_plot::{GridInput, GridMark};
use jiff::ToSpan;
use jiff::civil::DateTime;

use crate::ui::widgets::dates;

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// How far apart the marks of an axis are.
#[derive(Clone, Copy, PartialEq)]
enum Every {
    Hours(i64),
    Days(i64),
    Months(i64),
}

impl Every {
    const ALL: [Self; 13] = [
        Self::Hours(1),
        Self::Hours(3),
        Self::Hours(6),
        Self::Hours(12),
        Self::Days(1),
        Self::Days(2),
        Self::Days(7),
        Self::Days(14),
        Self::Months(1),
        Self::Months(3),
        Self::Months(12),
        Self::Months(24),
        Self::Months(60),
    ];

    fn secs(self) -> f64 {
        match self {
            Self::Hours(n) => n as f64 * HOUR,
            Self::Days(n) => n as f64 * DAY,
            Self::Months(n) => n as f64 * 30.4 * DAY,
        }
    }
}

/// The civil time at `secs` of local time, if the calendar has it.
fn civil(secs: f64) -> Option<DateTime> {
    let second = jiff::Timestamp::from_second(secs as i64).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(second))
}

fn secs(time: DateTime) -> f64 {
    time.to_zoned(jiff::tz::TimeZone::UTC).map_or(0.0, |zoned| zoned.timestamp().as_second() as f64)
}

/// Marks at whole hours, days, Mondays or months: at most nine or so of them over what is shown.
#[expect(clippy::needless_pass_by_value, reason = "the plot's interface wants it so")]
pub(in crate::ui) fn marks(input: GridInput) -> Vec<GridMark> {
    let (from, to) = input.bounds;
    let every = Every::ALL.into_iter().find(|every| (to - from) / every.secs() <= 9.0).unwrap_or(Every::Months(60));
    marks_every(every, from, to).unwrap_or_default()
}

fn marks_every(every: Every, from: f64, to: f64) -> Option<Vec<GridMark>> {
    let start = civil(from)?;
    let midnight = start.date().to_datetime(jiff::civil::Time::midnight());
    let mut at = match every {
        Every::Days(n) if n >= 7 => {
            let monday = i64::from(start.date().weekday().to_monday_zero_offset());
            midnight.checked_sub(monday.days()).ok()?
        }
        Every::Hours(_) | Every::Days(_) => midnight,
        Every::Months(n) => {
            let month = if n >= 12 { 1 } else { (start.month() - 1) / n as i8 * n as i8 + 1 };
            DateTime::new(start.year(), month, 1, 0, 0, 0, 0).ok()?
        }
    };
    let step = match every {
        Every::Hours(n) => n.hours(),
        Every::Days(n) => n.days(),
        Every::Months(n) => n.months(),
    };
    let mut marks = Vec::new();
    while secs(at) <= to && marks.len() < 64 {
        if secs(at) >= from {
            marks.push(GridMark { value: secs(at), step_size: every.secs() });
        }
        at = at.checked_add(step).ok()?;
    }
    Some(marks)
}

/// The words at a mark: as much of date and time as its distance to the next asks for.
pub(in crate::ui) fn label(mark: GridMark) -> String {
    let Some(time) = civil(mark.value) else { return String::new() };
    let month = dates::month(time.month());
    match mark.step_size {
        step if step < DAY && time.hour() != 0 => dates::clock(dates::minutes_of(time)),
        step if step < 28.0 * DAY => dates::day(time.date()),
        step if step < 300.0 * DAY && time.month() != 1 => month.to_owned(),
        step if step < 300.0 * DAY => format!("{month} {}", time.year()),
        _ => time.year().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: &str, to: &str) -> Vec<String> {
        let at = |text: &str| secs(text.parse().unwrap());
        marks(GridInput { bounds: (at(from), at(to)), base_step_size: 1.0 }).into_iter().map(label).collect()
    }

    #[test]
    fn marks_stand_at_real_dates() {
        assert_eq!(
            labels("2016-04-12T05:00:00", "2016-04-13T07:00:00"),
            ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "13 Apr", "03:00", "06:00"]
        );
        assert_eq!(
            labels("2016-02-26T01:00:00", "2016-03-02T01:00:00"),
            ["27 Feb", "28 Feb", "29 Feb", "1 Mar", "2 Mar"]
        );
        assert_eq!(labels("2026-09-01T00:00:00", "2026-10-01T00:00:00"), ["7 Sep", "14 Sep", "21 Sep", "28 Sep"]);
        assert_eq!(labels("2025-11-15T00:00:00", "2026-03-02T00:00:00").last().unwrap(), "2 Mar");
        assert_eq!(
            labels("2025-02-15T00:00:00", "2026-11-15T00:00:00"),
            ["Apr", "Jul", "Oct", "Jan 2026", "Apr", "Jul", "Oct"]
        );
        assert!(labels("1900-01-01T00:00:00", "2199-01-01T00:00:00").len() <= 64);
    }
}
