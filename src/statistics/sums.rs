//! Sums over a set of readings, and the statistics of that set.

use std::ops::Add;

/// Bins of a distribution: 1 bpm each, from 20 to 275.
pub const BINS: usize = 256;
/// The rate of the first bin, in bpm.
pub const FIRST_BIN_BPM: u16 = 20;

/// Sums over some readings. What was not asked for is `None`, and so is every statistic that needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sums {
    /// Number of readings.
    pub count: u64,
    /// The sum of their rates in 1/100 bpm.
    pub sum: Option<u64>,
    /// The sum of their squared rates in (1/100 bpm)².
    pub squares: Option<u64>,
    /// How many readings have a rate of 20 to 20.99 bpm, 21 to 21.99 bpm, and so on.
    pub bins: Option<Box<[u64; BINS]>>,
}

impl Default for Sums {
    /// The sums over no readings: all there, all zero.
    fn default() -> Self {
        Self { count: 0, sum: Some(0), squares: Some(0), bins: Some(Box::new([0; BINS])) }
    }
}

impl Sums {
    /// The mean in bpm.
    pub fn mean_bpm(&self) -> Option<f64> {
        let sum = self.sum.filter(|_| self.count > 0)?;
        Some(sum as f64 / (100 * self.count) as f64)
    }

    /// The population's standard deviation in bpm: √(n·Σx² − (Σx)²) / n, the difference in integers.
    pub fn sd_bpm(&self) -> Option<f64> {
        let n = u128::from(self.count);
        let (sum, squares) = (u128::from(self.sum?), u128::from(self.squares?));
        // Negative for no set of numbers, but these may be wrong ones that a check is to find.
        let scaled = (n * squares).checked_sub(sum * sum)?;
        (n > 0).then(|| (scaled as f64).sqrt() / (n * 100) as f64)
    }

    /// The lowest rate, in whole bpm (rounded down).
    pub fn min_bpm(&self) -> Option<u16> {
        self.filled(|bins| bins.iter().position(|&count| count > 0))
    }

    /// The highest rate, in whole bpm (rounded down).
    pub fn max_bpm(&self) -> Option<u16> {
        self.filled(|bins| bins.iter().rposition(|&count| count > 0))
    }

    /// The bin of the ⌈percent·n / 100⌉-th smallest rate, in whole bpm.
    pub fn percentile_bpm(&self, percent: u8) -> Option<u16> {
        let rank = (self.count * u64::from(percent)).div_ceil(100).max(1);
        self.filled(|bins| {
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

    /// How many readings have a rate from `from` up to, and not including, `to` bpm.
    pub fn between(&self, from: u16, to: u16) -> Option<u64> {
        let place = |bpm: u16| usize::from(bpm.saturating_sub(FIRST_BIN_BPM)).min(BINS);
        let bins = self.bins.as_ref()?;
        Some(bins.get(place(from)..place(to)).map_or(0, |bins| bins.iter().sum()))
    }

    fn filled(&self, place: impl FnOnce(&[u64; BINS]) -> Option<usize>) -> Option<u16> {
        place(self.bins.as_ref()?).map(|bin| FIRST_BIN_BPM + bin as u16)
    }

    /// These sums and those over other readings, together.
    pub fn total<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::default(), |total, sums| total + sums)
    }
}

impl Add<&Self> for Sums {
    type Output = Self;

    /// The sums over both sets of readings together.
    fn add(self, other: &Self) -> Self {
        let both = |a: Option<u64>, b: Option<u64>| Some(a? + b?);
        let bins = self.bins.zip(other.bins.as_ref()).map(|(mut bins, more)| {
            bins.iter_mut().zip(more.iter()).for_each(|(bin, more)| *bin += more);
            bins
        });
        Self {
            count: self.count + other.count,
            sum: both(self.sum, other.sum),
            squares: both(self.squares, other.squares),
            bins,
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
            sums + &Sums { count: 1, sum: Some(rate), squares: Some(rate * rate), bins: Some(bins) }
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
        assert_eq!((none.max_bpm(), none.median_bpm(), none.between(0, 300)), (None, None, Some(0)));
        let only_count = Sums { count: 5, sum: None, squares: None, bins: None };
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
        assert_eq!((sums.between(59, 60), sums.between(60, 276), sums.between(0, 20)), (Some(1), Some(2), Some(0)));
    }
}
