//! Sums over a set of readings, and the statistics of that set.

use std::ops::{Add, AddAssign};

use crate::reading::CELL_SECS;

/// Bins of a distribution: 1 bpm each, from 20 to 275.
pub const BINS: usize = 256;
/// The rate of the first bin, in bpm.
pub const FIRST_BIN_BPM: u16 = 20;

/// Sums over some readings, weighted. What was not asked for is `None`, and so is every statistic that needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sums {
    /// Number of readings.
    pub count: u64,
    /// Five-minute steps that their cells stand for.
    pub weight: u64,
    /// The divisor of means: the weight, or the number of readings where each counts once.
    pub divisor: u64,
    /// The sum of the rates in 1/100 bpm, weighted.
    pub sum: Option<u64>,
    /// The sum of the squared rates in (1/100 bpm)², weighted.
    pub squares: Option<u64>,
    /// How many seconds, or readings where each counts once, have a rate of 20 to 20.99 bpm, 21 to 21.99 bpm, …
    pub bins: Option<Box<[u64; BINS]>>,
    /// The part of these sums that comes from a device's averages of days, if any does.
    pub summaries: Option<Box<Self>>,
}

impl Default for Sums {
    /// The sums over no readings: all there, all zero.
    fn default() -> Self {
        Self { bins: Some(Box::new([0; BINS])), ..Self::without_bins() }
    }
}

impl Sums {
    /// The sums over no readings, without a distribution.
    pub fn without_bins() -> Self {
        Self { count: 0, weight: 0, divisor: 0, sum: Some(0), squares: Some(0), bins: None, summaries: None }
    }

    /// The mean in bpm.
    pub fn mean_bpm(&self) -> Option<f64> {
        let sum = self.sum.filter(|_| self.divisor > 0)?;
        Some(sum as f64 / (100 * self.divisor) as f64)
    }

    /// The population's standard deviation in bpm: √(n·Σx² − (Σx)²) / n, the difference in integers.
    pub fn sd_bpm(&self) -> Option<f64> {
        let n = u128::from(self.divisor);
        let (sum, squares) = (u128::from(self.sum?), u128::from(self.squares?));
        // Never negative, by Cauchy and Schwarz: a cell's mean square is at least the square of its mean.
        let scaled = (n * squares).saturating_sub(sum * sum);
        (n > 0).then(|| (scaled as f64).sqrt() / (n * 100) as f64)
    }

    /// How long the samples among them stand for, in seconds; `None` if there are summaries only.
    pub fn covered_secs(&self) -> Option<u64> {
        let summaries = self.summaries.as_ref().map_or((0, 0), |summaries| (summaries.count, summaries.weight));
        (self.count == 0 || self.count > summaries.0).then(|| (self.weight - summaries.1) * CELL_SECS)
    }

    /// The distribution of the samples among them; `None` if there are summaries only, or no distribution.
    pub fn sample_bins(&self) -> Option<Box<[u64; BINS]>> {
        let mut bins = self.bins.clone()?;
        if let Some(summaries) = &self.summaries {
            if self.count > 0 && self.count == summaries.count {
                return None;
            }
            for (bin, summary) in bins.iter_mut().zip(summaries.bins.as_ref()?.iter()) {
                *bin -= summary;
            }
        }
        Some(bins)
    }

    /// The lowest rate, in whole bpm (rounded down).
    pub fn min_bpm(&self) -> Option<u16> {
        self.filled(|bins| bins.iter().position(|&count| count > 0))
    }

    /// The highest rate, in whole bpm (rounded down).
    pub fn max_bpm(&self) -> Option<u16> {
        self.filled(|bins| bins.iter().rposition(|&count| count > 0))
    }

    /// The bin of the ⌈percent·n / 100⌉-th smallest of the n seconds or readings, in whole bpm.
    pub fn percentile_bpm(&self, percent: u8) -> Option<u16> {
        self.filled(|bins| {
            let all: u64 = bins.iter().sum();
            let rank = (all * u64::from(percent)).div_ceil(100).max(1);
            bins.iter()
                .scan(0, |below, &count| {
                    *below += count;
                    Some(*below)
                })
                .position(|up_to| up_to >= rank)
        })
    }

    /// The median, in whole bpm: the 50th percentile.
    pub fn median_bpm(&self) -> Option<u16> {
        self.percentile_bpm(50)
    }

    fn filled(&self, index: impl FnOnce(&[u64; BINS]) -> Option<usize>) -> Option<u16> {
        index(self.bins.as_ref()?).map(|bin| FIRST_BIN_BPM + bin as u16)
    }

    /// These sums and those over other readings, together.
    pub fn total<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::default(), |total, sums| total + sums)
    }
}

impl Add<&Self> for Sums {
    type Output = Self;

    /// The sums over both sets of readings together.
    fn add(mut self, other: &Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign<&Self> for Sums {
    fn add_assign(&mut self, other: &Self) {
        let both = |a: Option<u64>, b: Option<u64>| Some(a? + b?);
        self.count += other.count;
        self.weight += other.weight;
        self.divisor += other.divisor;
        self.sum = both(self.sum, other.sum);
        self.squares = both(self.squares, other.squares);
        match (&mut self.bins, &other.bins) {
            (Some(mine), Some(theirs)) => mine.iter_mut().zip(theirs.iter()).for_each(|(bin, more)| *bin += more),
            (bins, _) => *bins = None,
        }
        match (&mut self.summaries, &other.summaries) {
            (Some(mine), Some(theirs)) => **mine += theirs,
            (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
            (_, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rates: &[u64]) -> Sums {
        rates.iter().fold(Sums::default(), |sums, &rate| {
            let mut bins = Box::new([0; BINS]);
            bins[(rate / 100) as usize - 20] = 1;
            let one = Sums { count: 1, weight: 15, divisor: 1, ..Sums::default() };
            sums + &Sums { sum: Some(rate), squares: Some(rate * rate), bins: Some(bins), ..one }
        })
    }

    #[test]
    fn the_mean_of_the_tutorials_seven_readings_is_exact() {
        let sums = of(&[7250, 7100, 7320, 6980, 7050, 7410, 7170]);
        assert_eq!(sums.mean_bpm(), Some(71.828_571_428_571_42));
    }

    #[test]
    fn what_is_undefined_is_absent() {
        let none = Sums::default();
        assert_eq!((none.mean_bpm(), none.sd_bpm(), none.min_bpm()), (None, None, None));
        assert_eq!((none.max_bpm(), none.median_bpm()), (None, None));
        let only_count = Sums { count: 5, divisor: 5, sum: None, squares: None, ..Sums::without_bins() };
        assert_eq!((only_count.mean_bpm(), only_count.sd_bpm(), only_count.median_bpm()), (None, None, None));
        assert_eq!(of(&[27_599; 1000]).sd_bpm(), Some(0.0), "equal readings have no spread");
    }

    #[test]
    fn percentiles_are_the_bin_of_the_nth_smallest() {
        let sums = of(&[2000, 2099, 5999, 6000, 27_599]);
        assert_eq!((sums.min_bpm(), sums.max_bpm()), (Some(20), Some(275)));
        assert_eq!(
            [0, 5, 20, 40, 41, 50, 60, 80, 81, 100].map(|p| sums.percentile_bpm(p).unwrap()),
            [20, 20, 20, 20, 59, 59, 59, 60, 275, 275]
        );
    }

    #[test]
    fn time_covered_and_zones_are_those_of_samples() {
        let samples = of(&[6_000, 7_000]);
        let mut averages = of(&[8_000]);
        averages.summaries = Some(Box::new(averages.clone()));
        assert_eq!((averages.covered_secs(), averages.sample_bins()), (None, None));
        let both = samples.clone() + &averages;
        assert_eq!((both.count, both.mean_bpm(), both.max_bpm()), (3, Some(70.0), Some(80)));
        assert_eq!((both.covered_secs(), both.sample_bins()), (samples.covered_secs(), samples.sample_bins()));
    }
}
