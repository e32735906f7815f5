//! The resting rate of each day, by a method with a name.

use jiff::civil::Date;

use super::sums::{BINS, Sums};
use super::trend::{Trend, TrendPoint};
use crate::reading::{CELL_SECS, CivilHour, HOURS, HourFacts, Step, WindowStart, date_of, days_since_epoch};

/// Cells with readings that a day needs for a resting rate.
const LEAST_CELLS: u64 = 12;
/// Hours of a day that must hold readings, and hours that they must cover.
const LEAST_HOURS: u64 = 6;
/// The part of a day that may lie below its resting rate.
const PERCENT: u8 = 5;

/// How a resting rate was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RestingMethod {
    /// The readings that a device marked as resting rates, averaged by day.
    Device,
    /// The 5th percentile of a day.
    FifthPercentile,
}

impl RestingMethod {
    /// Its name and what it asks for, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "as your device computed it",
            Self::FifthPercentile => "5th percentile of a day with readings in 6 hours or more",
        }
    }
}

/// The resting rate of one day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RestingDay {
    /// The day.
    pub date: Date,
    /// Its resting rate in bpm.
    pub bpm: f64,
    /// How it was found.
    pub method: RestingMethod,
}

/// Resting rates of the days of a range that have enough data.
#[derive(Clone, PartialEq, Debug)]
pub struct Resting {
    /// How most of them were found; the device's where they are as many.
    pub method: RestingMethod,
    /// The days, in order, at least one.
    pub days: Vec<RestingDay>,
    /// Days of this method.
    pub of_method: usize,
    /// The mean over the days of this method, in bpm.
    pub mean_bpm: f64,
    /// How these days change.
    pub trend: Option<Trend>,
}

/// Whether a day was measured for long enough to have a resting rate.
pub(super) fn is_enough(hours: &[HourFacts; HOURS]) -> bool {
    let cells: u64 = hours.iter().map(|hour| u64::from(hour.cells)).sum();
    let covered: u64 = hours.iter().map(|hour| u64::from(hour.weight) * CELL_SECS).sum();
    let filled = hours.iter().filter(|hour| hour.count > 0).count() as u64;
    cells >= LEAST_CELLS && filled >= LEAST_HOURS && covered >= LEAST_HOURS * 3_600
}

/// The resting rate of a day by its distribution.
pub(super) fn of_day(day: i32, bins: &[u64; BINS]) -> Option<RestingDay> {
    let sums = Sums { bins: Some(Box::new(*bins)), ..Sums::without_bins() };
    let bpm = sums.percentile_bpm(PERCENT)?.into();
    Some(RestingDay { date: date_of(day)?, bpm, method: RestingMethod::FifthPercentile })
}

impl Resting {
    /// From days in order, of whatever method; `first` is the day that trends count from, in days since 1970-01-01.
    pub(super) fn of(days: Vec<RestingDay>, first: i32) -> Option<Self> {
        let by_device = days.iter().filter(|day| day.method == RestingMethod::Device).count();
        let method = if 2 * by_device >= days.len() { RestingMethod::Device } else { RestingMethod::FifthPercentile };
        let points: Vec<TrendPoint> = days
            .iter()
            .filter(|day| day.method == method)
            .map(|day| TrendPoint { day: f64::from(days_since_epoch(day.date) - first), bpm: day.bpm, weight: 1.0 })
            .collect();
        let mean_bpm = points.iter().map(|point| point.bpm).sum::<f64>() / points.len() as f64;
        (!days.is_empty()).then(|| Self {
            method,
            of_method: points.len(),
            mean_bpm,
            trend: Trend::through(&points),
            days,
        })
    }

    /// The mean of the days' rates in each window of a step, in bpm; for hours and days, the days themselves.
    pub fn by_window(&self, step: Step) -> Vec<(WindowStart, f64)> {
        let step = if step == Step::Hour { Step::Day } else { step };
        let first = self.days.first().map_or(0, |day| days_since_epoch(day.date));
        let mut windows: Vec<(WindowStart, f64, f64)> = Vec::new();
        for day in &self.days {
            let start = step.window_of(CivilHour { day: days_since_epoch(day.date), hour: 0 }, first);
            match windows.last_mut() {
                Some((last, sum, count)) if *last == start => (*sum, *count) = (*sum + day.bpm, *count + 1.0),
                _ => windows.push((start, day.bpm, 1.0)),
            }
        }
        windows.into_iter().map(|(start, sum, count)| (start, sum / count)).collect()
    }
}
