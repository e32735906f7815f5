//! Least squares of the means of windows on their days.

use statrs::distribution::{ContinuousCDF, StudentsT};

const DAYS_A_WEEK: f64 = 7.0;
/// Points below which there is no trend.
const LEAST_POINTS: usize = 3;

/// A window as a point: its mean day, in days since the first, its mean rate in bpm, and its weight.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct TrendPoint {
    pub(super) day: f64,
    pub(super) bpm: f64,
    pub(super) weight: f64,
}

/// A straight line through the means of windows: how much they change a week.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Trend {
    /// Its slope, in bpm a week.
    pub per_week_bpm: f64,
    /// The slope's standard error, in bpm a week.
    pub standard_error_bpm: f64,
    /// Where the line is on the first day, in bpm.
    pub start_bpm: f64,
    /// Whether the slope is further from zero than chance explains: beyond t(0.975, n − 2) standard errors for n
    /// windows.
    pub is_significant: bool,
    fit: Fit,
}

/// What the uncertainty of a fitted line follows from.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Fit {
    /// Σ W, the weighted mean of the days x̄, and Σ W (x − x̄)².
    weight: f64,
    mean_day: f64,
    spread: f64,
    /// Σ W r² / (n − 2).
    variance: f64,
    /// t(0.975, n − 2).
    t: f64,
}

impl Trend {
    /// Where the line is so many days after the first, in bpm.
    pub fn at_bpm(&self, days: f64) -> f64 {
        self.start_bpm + self.per_week_bpm / DAYS_A_WEEK * days
    }

    /// Half the width of the band that holds the line with 95 % confidence so many days after the first, in bpm:
    /// t(0.975, n − 2) · √(s² (1 / Σ W + (x − x̄)² / Σ W (x − x̄)²)), s² = Σ W r² / (n − 2). (Draper and Smith, Applied
    /// Regression Analysis, section 1.4.)
    pub fn uncertainty_bpm(&self, days: f64) -> f64 {
        let Fit { weight, mean_day, spread, variance, t } = self.fit;
        t * (variance * (1.0 / weight + (days - mean_day).powi(2) / spread)).sqrt()
    }

    /// The line of weighted least squares: with weights W, slope Σ W (x − x̄)(y − ȳ) / Σ W (x − x̄)² and standard
    /// error √(Σ W r² / (n − 2) / Σ W (x − x̄)²) over n points with residuals r. (Draper and Smith, Applied Regression
    /// Analysis, sections 1.4 and 9.2.) `None` below three points or two days.
    pub(super) fn through(points: &[TrendPoint]) -> Option<Self> {
        let all: f64 = points.iter().map(|point| point.weight).sum();
        if points.len() < LEAST_POINTS || all <= 0.0 {
            return None;
        }
        let mean = |of: &dyn Fn(&TrendPoint) -> f64| points.iter().map(|p| p.weight * of(p)).sum::<f64>() / all;
        let (day, bpm) = (mean(&|p| p.day), mean(&|p| p.bpm));
        let sum = |of: &dyn Fn(&TrendPoint) -> f64| points.iter().map(|p| p.weight * of(p)).sum::<f64>();
        let spread = sum(&|p| (p.day - day).powi(2));
        if spread <= 0.0 {
            return None;
        }
        let slope = sum(&|p| (p.day - day) * (p.bpm - bpm)) / spread;
        let rest = sum(&|p| (p.bpm - bpm - slope * (p.day - day)).powi(2));
        let freedom = (points.len() - 2) as f64;
        let error = (rest / freedom / spread).sqrt();
        let beyond = StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975));
        Some(Self {
            per_week_bpm: slope * DAYS_A_WEEK,
            standard_error_bpm: error * DAYS_A_WEEK,
            start_bpm: bpm - slope * day,
            is_significant: slope.abs() > beyond * error,
            fit: Fit { weight: all, mean_day: day, spread, variance: rest / freedom, t: beyond },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64, f64)]) -> Option<Trend> {
        let points: Vec<_> = points.iter().map(|&(day, bpm, weight)| TrendPoint { day, bpm, weight }).collect();
        Trend::through(&points)
    }

    #[test]
    fn a_line_needs_three_points_on_two_days() {
        assert_eq!(line(&[(0.0, 60.0, 1.0), (1.0, 61.0, 1.0)]), None);
        assert_eq!(line(&[(4.0, 60.0, 1.0), (4.0, 61.0, 1.0), (4.0, 62.0, 1.0)]), None);
        let exact = line(&[(0.0, 60.0, 1.0), (1.0, 61.0, 5.0), (2.0, 62.0, 2.0)]).unwrap();
        assert!((exact.per_week_bpm - 7.0).abs() < 1e-12 && exact.standard_error_bpm < 1e-12);
        assert!((exact.at_bpm(2.0) - 62.0).abs() < 1e-12 && exact.is_significant);
    }

    #[test]
    fn the_standard_error_is_the_textbooks() {
        // Residuals −1/3, 2/3, −1/3: SSE 2/3, n 3, Sxx 2.
        let trend = line(&[(0.0, 60.0, 1.0), (1.0, 62.0, 1.0), (2.0, 62.0, 1.0)]).unwrap();
        let expected = (2.0f64 / 3.0 / 2.0).sqrt() * 7.0;
        assert!((trend.standard_error_bpm / expected - 1.0).abs() < 1e-12, "{trend:?}");
        // 1 bpm a day with an error of 0.577: 1.7 of them, where t(0.975, 1) is 12.7.
        assert!(!trend.is_significant);
        // The same weights twice over change neither slope nor error.
        let doubled = line(&[(0.0, 60.0, 2.0), (1.0, 62.0, 2.0), (2.0, 62.0, 2.0)]).unwrap();
        assert!((doubled.standard_error_bpm - trend.standard_error_bpm).abs() < 1e-12);
    }

    #[test]
    fn the_band_is_the_textbooks() {
        // The three points above: s² 2/3, mean day 1, Sxx 2, t(0.975, 1) = 12.706.
        let trend = line(&[(0.0, 60.0, 1.0), (1.0, 62.0, 1.0), (2.0, 62.0, 1.0)]).unwrap();
        for (day, expected) in [(1.0, (1.0f64 / 3.0).sqrt()), (3.0, (1.0f64 / 3.0 + 2.0).sqrt())] {
            let expected = 12.706_204_736 * (2.0f64 / 3.0).sqrt() * expected;
            assert!((trend.uncertainty_bpm(day) / expected - 1.0).abs() < 1e-6, "{day}");
        }
    }

    #[test]
    fn significance_follows_students_t() {
        // Ten points with residuals ±1: the slope at which t is just passed is t(0.975, 8) = 2.306 errors.
        let points = |slope: f64| -> Vec<(f64, f64, f64)> {
            (0..10).map(|i| (f64::from(i), slope * f64::from(i) + if i % 4 < 2 { 1.0 } else { -1.0 }, 1.0)).collect()
        };
        let flat = line(&points(0.0)).unwrap();
        let error = flat.standard_error_bpm / 7.0;
        let own = flat.per_week_bpm / 7.0;
        assert!(!line(&points(2.30 * error - own)).unwrap().is_significant);
        assert!(line(&points(2.31 * error - own)).unwrap().is_significant);
    }
}
