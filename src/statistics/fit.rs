//! Least squares of readings on the day.

use num_bigint::BigInt;

const DAYS_A_WEEK: f64 = 7.0;

/// The sums that a straight line needs: x is a day, y a rate in 1/100 bpm.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Fit {
    pub(super) n: i128,
    pub(super) x: i128,
    pub(super) xx: i128,
    pub(super) y: i128,
    pub(super) yy: i128,
    pub(super) xy: i128,
}

/// A straight line through readings: how much they change a week.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Trend {
    /// Its slope, in bpm a week.
    pub per_week_bpm: f64,
    /// The slope's standard error √(SSE/(n−2)/Sxx), in bpm a week.
    pub standard_error_bpm: f64,
    /// Where the line is on the first day, in bpm.
    pub start_bpm: f64,
}

impl Trend {
    /// Where the line is so many days after the first, in bpm.
    pub fn at_bpm(&self, days: f64) -> f64 {
        self.start_bpm + self.per_week_bpm / DAYS_A_WEEK * days
    }
}

impl Fit {
    /// Takes in `count` readings of one day.
    pub(super) fn count_day(&mut self, day: i32, count: u64) {
        let (day, count) = (i128::from(day), i128::from(count));
        self.n += count;
        self.x += day * count;
        self.xx += day * day * count;
    }

    /// The line of least squares; `None` below 3 readings or 2 days.
    ///
    /// With Cxx = n·Σx² − (Σx)² and so on, the slope is Cxy/Cxx, SSE = (Cyy − Cxy²/Cxx)/n, and its
    /// standard error √((Cxx·Cyy − Cxy²)/(n−2))/Cxx. (Draper and Smith, Applied Regression Analysis,
    /// section 1.4.) Integers until the last division: the differences cancel almost wholly where
    /// readings lie close to the line.
    pub(super) fn line(&self) -> Option<Trend> {
        let &Self { n, x, xx, y, yy, xy } = self;
        let (cxx, cxy, cyy) = (n * xx - x * x, n * xy - x * y, n * yy - y * y);
        // More than one day, or there is no slope.
        if n < 3 || cxx <= 0 {
            return None;
        }
        let rest = BigInt::from(cxx) * cyy - BigInt::from(cxy) * cxy;
        let rest = rest.to_string().parse::<f64>().ok()?.max(0.0);
        let per_day = cxy as f64 / cxx as f64;
        let error = (rest / (n - 2) as f64).sqrt() / cxx as f64;
        let start = (y as f64 - per_day * x as f64) / n as f64;
        Some(Trend {
            per_week_bpm: per_day * DAYS_A_WEEK / 100.0,
            standard_error_bpm: error * DAYS_A_WEEK / 100.0,
            start_bpm: start / 100.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(points: &[(i32, u64)]) -> Option<Trend> {
        let mut fit = Fit::default();
        for &(day, rate) in points {
            fit.count_day(day, 1);
            let (day, rate) = (i128::from(day), i128::from(rate));
            fit.y += rate;
            fit.yy += rate * rate;
            fit.xy += day * rate;
        }
        fit.line()
    }

    #[test]
    fn a_line_needs_three_readings_on_two_days() {
        assert_eq!(fit(&[(0, 6000), (1, 6100)]), None);
        assert_eq!(fit(&[(4, 6000), (4, 6100), (4, 6200)]), None);
        let line = fit(&[(0, 6000), (1, 6100), (2, 6200)]).unwrap();
        assert_eq!((line.per_week_bpm, line.standard_error_bpm, line.start_bpm), (7.0, 0.0, 60.0));
        assert!((line.at_bpm(2.0) - 62.0).abs() < 1e-12);
    }

    #[test]
    fn the_standard_error_is_the_textbooks() {
        // SSE 2/3·100², n 3, Sxx 2: √(SSE/1/2) = 57.735 a day.
        let line = fit(&[(0, 6000), (1, 6200), (2, 6200)]).unwrap();
        let expected = (100.0f64 * 100.0 * 2.0 / 3.0 / 2.0).sqrt() * 7.0 / 100.0;
        assert!((line.standard_error_bpm / expected - 1.0).abs() < 1e-12, "{line:?}");
    }
}
