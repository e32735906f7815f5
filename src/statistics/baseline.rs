//! A person's own usual resting rate: what the days before say about a day.

use jiff::ToSpan;
use jiff::civil::Date;

use super::resting::{Resting, RestingDay};

/// Days before a day that its baseline is made of, and how many of them need a resting rate.
pub const BASELINE_DAYS: i32 = 60;
const LEAST_DAYS: usize = 14;

/// The usual resting rate of the 60 days before a day, in bpm.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Baseline {
    /// The day.
    pub date: Date,
    /// The 5th percentile of the days before it.
    pub low_bpm: f64,
    /// Their median.
    pub median_bpm: f64,
    /// Their 95th percentile.
    pub high_bpm: f64,
}

/// The value below which `share` of the sorted values lie, between two of them by the straight line (Hyndman and Fan,
/// The American Statistician 50, 1996, definition 7).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (sorted.get(at.floor() as usize)?, sorted.get(at.ceil() as usize)?);
    Some(low + (high - low) * at.fract())
}

/// The median of some values.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

impl Resting {
    /// The days of the method that most days have.
    pub fn of_main_method(&self) -> impl Iterator<Item = &RestingDay> {
        self.days.iter().filter(|day| day.method == self.method)
    }

    /// The baseline of each day of that method: of the 60 days before it, without the day itself, where at least 14 of
    /// them have a rate.
    pub fn baselines(&self) -> Vec<Baseline> {
        let days: Vec<&RestingDay> = self.of_main_method().collect();
        let baseline = |index: usize| {
            let date = days[index].date;
            let first = date.checked_sub(i64::from(BASELINE_DAYS).days()).unwrap_or(Date::MIN);
            let before = &days[..index];
            let mut rates: Vec<f64> =
                before[before.partition_point(|day| day.date < first)..].iter().map(|day| day.bpm).collect();
            if rates.len() < LEAST_DAYS {
                return None;
            }
            rates.sort_by(f64::total_cmp);
            let [low_bpm, median_bpm, high_bpm] = [0.05, 0.5, 0.95].map(|share| quantile(&rates, share));
            Some(Baseline { date, low_bpm: low_bpm?, median_bpm: median_bpm?, high_bpm: high_bpm? })
        };
        (0..days.len()).filter_map(baseline).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::resting::RestingMethod;
    use super::*;

    fn day(offset: i32, bpm: f64, method: RestingMethod) -> RestingDay {
        let date = crate::reading::date_of(20_000 + offset).unwrap();
        RestingDay { date, bpm, method }
    }

    #[test]
    fn the_baseline_is_of_the_sixty_days_before_and_not_of_the_day() {
        let method = RestingMethod::FifthPercentile;
        // A hundred days at 50, then sixty days from 51 to 110: the last one's days before are 51 to 110 without it.
        let mut days: Vec<RestingDay> = (0..100).map(|i| day(i, 50.0, method)).collect();
        days.extend((0..61).map(|i| day(100 + i, 51.0 + f64::from(i), method)));
        let resting = Resting::of(days, 0).unwrap();
        let baselines = resting.baselines();
        assert_eq!(baselines.len(), 161 - LEAST_DAYS);
        let last = baselines.last().unwrap();
        assert_eq!(last.date, resting.days.last().unwrap().date);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(last.median_bpm, 80.5) && close(last.low_bpm, 53.95) && close(last.high_bpm, 107.05), "{last:?}");
        assert!(close(baselines[0].median_bpm, 50.0));
    }

    #[test]
    fn days_of_the_other_method_and_long_ago_do_not_count() {
        let mut days: Vec<RestingDay> = (0..14).map(|i| day(i, 50.0, RestingMethod::Device)).collect();
        days.extend((14..20).map(|i| day(i, 90.0, RestingMethod::FifthPercentile)));
        // The last of these is 60 days after the last of those before.
        days.push(day(74, 52.0, RestingMethod::Device));
        let baselines = Resting::of(days, 0).unwrap().baselines();
        assert_eq!(baselines, []);
        assert_eq!(median([3.0, 1.0, 2.0, 10.0]), Some(2.5));
        assert_eq!(median([]), None);
    }
}
