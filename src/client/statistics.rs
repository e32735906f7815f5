//! Statistics, from decrypted sums. All of it is integers until the last division.

use super::ask_error::AskError;
use super::session::Client;
use super::watch::{Traffic, Watch};
use crate::reading::{Kind, Readings, Step, WindowStart, windows};
use crate::scheme::ColumnSet;

/// Count, sum and sum of squares of rates in 1/100 bpm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moments {
    /// Number of readings.
    pub count: u64,
    /// Their sum in 1/100 bpm.
    pub sum: u64,
    /// The sum of their squares in (1/100 bpm)².
    pub squares: u64,
}

impl Moments {
    /// Takes in one rate in 1/100 bpm: for checks in the clear.
    pub fn take(&mut self, centi_bpm: u64) {
        self.count += 1;
        self.sum += centi_bpm;
        self.squares += centi_bpm * centi_bpm;
    }

    /// The mean in bpm, or `None` without readings.
    pub fn mean_bpm(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / (100 * self.count) as f64)
    }

    /// The population standard deviation in bpm: √(n·Σx² − (Σx)²) / n, the difference in integers.
    pub fn sd_bpm(&self) -> Option<f64> {
        let n = u128::from(self.count);
        let scaled = n * u128::from(self.squares) - u128::from(self.sum).pow(2);
        (n > 0).then(|| (scaled as f64).sqrt() / (n * 100) as f64)
    }
}

impl std::ops::Add for Moments {
    type Output = Self;

    /// The moments of both sets of readings together.
    fn add(self, other: Self) -> Self {
        Self { count: self.count + other.count, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }
}

/// The average of one window.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WindowAverage {
    /// Its local start.
    pub start: WindowStart,
    /// What its readings add up to.
    pub moments: Moments,
}

/// Averages over the windows of one step.
#[derive(Clone, PartialEq, Debug)]
pub struct Averages {
    /// The kind of readings that they are made of.
    pub kind: Kind,
    /// How long the windows are.
    pub step: Step,
    /// The windows that hold readings, in order.
    pub windows: Vec<WindowAverage>,
    /// What crossed the boundary for them.
    pub traffic: Traffic,
}

impl Averages {
    /// All windows together.
    pub fn overall(&self) -> Moments {
        self.windows.iter().fold(Moments::default(), |sum, window| sum + window.moments)
    }

    /// The windows with the lowest and the highest mean.
    pub fn extremes(&self) -> Option<(&WindowAverage, &WindowAverage)> {
        // a/n < b/m as integers, so that no rounding decides.
        let by_mean = |a: &&WindowAverage, b: &&WindowAverage| {
            let cross = |x: Moments, y: Moments| u128::from(x.sum) * u128::from(y.count);
            cross(a.moments, b.moments).cmp(&cross(b.moments, a.moments))
        };
        Some((self.windows.iter().min_by(by_mean)?, self.windows.iter().max_by(by_mean)?))
    }
}

/// Asks the server for what averages by `step` need. `None` if there are no readings.
pub fn averages(
    client: &mut Client,
    readings: &Readings,
    step: Step,
    watch: &mut Watch,
) -> Result<Option<Averages>, AskError> {
    let Some(kind) = readings.leading_kind() else { return Ok(None) };
    let windows = windows(readings, kind, step);
    let before = client.traffic();
    let sums = client.ask(readings, &windows, ColumnSet::MOMENTS, watch)?;
    let windows = windows
        .iter()
        .zip(sums)
        .map(|(window, sums)| WindowAverage { start: window.start, moments: sums.moments() })
        .collect();
    Ok(Some(Averages { kind, step, windows, traffic: client.traffic().since(before) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_tutorials_seven_readings_is_exact() {
        let mut moments = Moments::default();
        for rate in [7250, 7100, 7320, 6980, 7050, 7410, 7170] {
            moments.take(rate);
        }
        assert_eq!(moments.mean_bpm(), Some(71.828_571_428_571_42));
        assert_eq!(Moments::default().mean_bpm(), None);
        assert_eq!(Moments::default().sd_bpm(), None);
    }

    #[test]
    fn the_spread_of_equal_readings_is_zero() {
        let mut moments = Moments::default();
        (0..1000).for_each(|_| moments.take(27_599));
        assert_eq!(moments.sd_bpm(), Some(0.0));
    }
}
