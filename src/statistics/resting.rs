//! The resting rate of each day, by a method with a name.

use jiff::civil::Date;

use super::fit::{Fit, Trend};
use super::sums::Sums;

/// Readings that a day needs for a resting rate.
const LEAST_READINGS: u64 = 60;
/// Hours of a day that must hold readings.
const LEAST_HOURS: usize = 6;
/// The part of a day's readings that may lie below its resting rate.
const PERCENT: u8 = 5;

/// How resting rates were found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RestingMethod {
    /// The readings that a device marked as resting rates, averaged by day.
    Device,
    /// The 5th percentile of a day's readings.
    FifthPercentile,
}

impl RestingMethod {
    /// Its name and what it asks for, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "as your device computed it",
            Self::FifthPercentile => "5th percentile of a day with 60 readings in 6 hours or more",
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
}

/// Resting rates of the days of a range that have enough data.
#[derive(Clone, PartialEq, Debug)]
pub struct Resting {
    /// How they were found.
    pub method: RestingMethod,
    /// The days, in order, at least one.
    pub days: Vec<RestingDay>,
    /// The mean over these days, in bpm.
    pub mean_bpm: f64,
    /// How they change.
    pub trend: Option<Trend>,
}

/// A day, what it sums to, and in how many of its hours there are readings.
pub(super) struct Day {
    pub(super) date: Date,
    /// Days since the first with readings of the leading kind: a device's resting rates may be earlier.
    pub(super) number: i32,
    pub(super) hours: usize,
    pub(super) sums: Sums,
}

impl Resting {
    /// From a device's own resting rates, which were summed by day.
    pub(super) fn from_device(days: &[Day]) -> Option<Self> {
        let mut fit = Fit::default();
        for Day { number, sums, .. } in days {
            fit.count_day(*number, sums.count);
            fit.y += i128::from(sums.sum?);
            fit.yy += i128::from(sums.squares?);
            fit.xy += i128::from(*number) * i128::from(sums.sum?);
        }
        let days = days.iter().filter_map(|day| Some(RestingDay { date: day.date, bpm: day.sums.mean_bpm()? }));
        Self::of(RestingMethod::Device, days.collect(), &fit)
    }

    /// From the distributions of days.
    pub(super) fn from_days(days: &[Day]) -> Option<Self> {
        let mut fit = Fit::default();
        let enough = |day: &&Day| day.sums.count >= LEAST_READINGS && day.hours >= LEAST_HOURS;
        let rates = days.iter().filter(enough).filter_map(|day| {
            let bpm = day.sums.percentile_bpm(PERCENT)?;
            let (x, y) = (i128::from(day.number), i128::from(bpm) * 100);
            fit.count_day(day.number, 1);
            (fit.y, fit.yy, fit.xy) = (fit.y + y, fit.yy + y * y, fit.xy + x * y);
            Some(RestingDay { date: day.date, bpm: f64::from(bpm) })
        });
        let rates = rates.collect();
        Self::of(RestingMethod::FifthPercentile, rates, &fit)
    }

    fn of(method: RestingMethod, days: Vec<RestingDay>, fit: &Fit) -> Option<Self> {
        let mean_bpm = days.iter().map(|day| day.bpm).sum::<f64>() / days.len() as f64;
        (!days.is_empty()).then(|| Self { method, days, mean_bpm, trend: fit.line() })
    }
}
