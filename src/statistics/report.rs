//! Statistics over a range.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::request::{Detail, Weighting};
use super::resting::Resting;
use super::rhythm::{self, Rhythm};
use super::sums::{BINS, Sums};
use super::trend::{Trend, TrendPoint};
use crate::reading::{Kind, Step, WindowStart};

/// A window and its sums.
#[derive(Clone, PartialEq, Debug)]
pub struct Windowed {
    /// Its local start.
    pub start: WindowStart,
    /// The sums over its readings.
    pub sums: Sums,
}

/// Statistics over a range.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The kind of readings that they are made of: samples, where any day has them.
    pub kind: Kind,
    /// How long the windows are.
    pub step: Step,
    /// The unit that has one vote in a mean.
    pub weighting: Weighting,
    /// How much was asked for.
    pub detail: Detail,
    /// The first and the last local day with readings.
    pub days: (Date, Date),
    /// How many days have readings, and for how many of these a device's average stands.
    pub measured_days: (usize, usize),
    /// The windows that hold readings, in order.
    pub windows: Vec<Windowed>,
    /// All of them together.
    pub overall: Sums,
    /// By hour of day, from midnight: without distributions.
    pub by_hour: Vec<Sums>,
    /// By hour of the week, from Monday's midnight: without distributions.
    pub by_week_hour: Vec<Sums>,
    /// By day of week, from Monday.
    pub by_weekday: Vec<Sums>,
    /// The mean of the seven days that end with each day that has readings, in bpm. Only where at
    /// least four of the seven have readings, and only for steps of a day or an hour.
    pub moving_bpm: Vec<(Date, f64)>,
    /// How the means of the windows change; those of the days, where windows are hours.
    pub trend: Option<Trend>,
    /// Resting rates.
    pub resting: Option<Resting>,
    /// How the rate goes through a day. `None` below four days with readings in eighteen hours each.
    pub rhythm: Option<Rhythm>,
}

impl Report {
    /// By hour of day from midnight, Mondays to Fridays: without distributions.
    pub fn by_hour_of_weekdays(&self) -> Vec<Sums> {
        rhythm::hours_of(&self.by_week_hour, 0..5)
    }

    /// By hour of day from midnight, Saturdays and Sundays: without distributions.
    pub fn by_hour_of_weekends(&self) -> Vec<Sums> {
        rhythm::hours_of(&self.by_week_hour, 5..7)
    }
}

/// Days of which a moving average is made, and how many of them need readings.
const MOVING_DAYS: i32 = 7;
const LEAST_MOVING_DAYS: usize = 4;

/// Sums that grow, and the sum of their days, weighted likewise: a mean day goes with the mean rate.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tally {
    pub(super) sums: Sums,
    /// Σ divisor · day, in days since 1970-01-01.
    pub(super) days: i64,
}

/// The counts that the client itself knows of some hours: how many readings, how much they weigh, and when they were.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counted {
    pub(super) count: u64,
    pub(super) weight: u64,
    pub(super) divisor: u64,
    pub(super) days: i64,
}

impl Tally {
    pub(super) fn zero(with_bins: bool) -> Self {
        Self { sums: if with_bins { Sums::default() } else { Sums::without_bins() }, days: 0 }
    }

    /// Adds to the sums, and to their part that comes from summaries where `kind` is one.
    fn add(&mut self, kind: Kind, add: impl Fn(&mut Sums)) {
        add(&mut self.sums);
        if kind != Kind::Sample {
            let with_bins = self.sums.bins.is_some();
            let summaries = &mut self.sums.summaries;
            add(summaries.get_or_insert_with(|| Box::new(Self::zero(with_bins).sums)));
        }
    }

    pub(super) fn count(&mut self, kind: Kind, counted: Counted) {
        self.days += counted.days;
        if counted.count > 0 {
            self.add(kind, |sums| {
                sums.count += counted.count;
                sums.weight += counted.weight;
                sums.divisor += counted.divisor;
            });
        }
    }

    pub(super) fn add_rate(&mut self, kind: Kind, value: u64) {
        if value > 0 {
            self.add(kind, |sums| sums.sum = sums.sum.map(|sum| sum + value));
        }
    }

    pub(super) fn add_squares(&mut self, kind: Kind, value: u64) {
        if value > 0 {
            self.add(kind, |sums| sums.squares = sums.squares.map(|sum| sum + value));
        }
    }

    pub(super) fn add_bins(&mut self, kind: Kind, more: &[u64; BINS]) {
        if more.iter().any(|&bin| bin > 0) {
            self.add(kind, |sums| {
                for (bin, more) in sums.bins.iter_mut().flat_map(|bins| bins.iter_mut()).zip(more) {
                    *bin += more;
                }
            });
        }
    }

    /// The point for a trend that starts on day `first`.
    pub(super) fn point(&self, first: i32) -> Option<TrendPoint> {
        let weight = self.sums.divisor as f64;
        let day = (self.days - self.sums.divisor as i64 * i64::from(first)) as f64 / weight;
        Some(TrendPoint { day, bpm: self.sums.mean_bpm()?, weight })
    }
}

/// The moving average of days, in days since 1970-01-01.
pub(super) fn moving(days: &BTreeMap<i32, Tally>) -> Vec<(Date, f64)> {
    let average = |&end: &i32| {
        let week = days.range(end - MOVING_DAYS + 1..=end);
        let mean = Sums::total(week.clone().map(|(_, day)| &day.sums)).mean_bpm();
        let date = crate::reading::date_of(end)?;
        mean.filter(|_| week.count() >= LEAST_MOVING_DAYS).map(|mean| (date, mean))
    };
    days.keys().filter_map(average).collect()
}
