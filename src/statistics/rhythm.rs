//! The daily rhythm: a cosine of 24 hours through the means of the hours.

use super::sums::Sums;
use crate::reading::HOURS;

/// Days that must be measured, and hours that each of them must have readings in.
pub(super) const LEAST_DAYS: usize = 4;
pub(super) const LEAST_HOURS: usize = 18;
/// The level and the two parts of the cosine.
const TERMS: usize = 3;

type Vector = [f64; TERMS];
type Matrix = [Vector; TERMS];

/// The fitted day: `level + amplitude · cos(2π (t − peak) / 24)` at `t` hours after midnight. (Halberg's cosinor; Nelson,
/// Tong, Lee and Halberg, Chronobiologia 6, 1979.)
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rhythm {
    /// The level about which the day swings, in bpm.
    pub level_bpm: f64,
    /// Its standard error, in bpm.
    pub level_error_bpm: f64,
    /// How far the day swings up and down, in bpm.
    pub amplitude_bpm: f64,
    /// Its standard error, in bpm.
    pub amplitude_error_bpm: f64,
    /// When the fitted day is highest, in hours after midnight: from 0, below 24.
    pub peak_hour: f64,
    /// Its standard error, in hours.
    pub peak_error_hours: f64,
    /// The hour with the lowest mean as measured, and that mean in bpm.
    pub lowest: (usize, f64),
    /// The hour with the highest mean as measured, and that mean in bpm.
    pub highest: (usize, f64),
    /// Days that have readings in 18 hours or more.
    pub days: usize,
}

/// The sums of the hours of one day, or of some days that were summed together.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct DayHours {
    /// Σ of the rates of each hour, in 1/100 bpm, weighted.
    pub(super) sum: [u64; HOURS],
    /// The weight of each hour.
    pub(super) divisor: [u64; HOURS],
}

impl DayHours {
    pub(super) const ZERO: Self = Self { sum: [0; HOURS], divisor: [0; HOURS] };
}

/// What an hour contributes to each term: the value of 1, cosine and sine in its middle.
fn terms(hour: f64) -> Vector {
    let angle = std::f64::consts::TAU * hour / 24.0;
    [1.0, angle.cos(), angle.sin()]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn apply(matrix: &Matrix, vector: Vector) -> Vector {
    std::array::from_fn(|row| dot(matrix[row], vector))
}

/// The inverse of a symmetric matrix, by its adjugate; `None` where there is none.
fn inverse(m: &Matrix) -> Option<Matrix> {
    let minor = |row: usize, column: usize| {
        let [r, s] = [(row + 1) % TERMS, (row + 2) % TERMS];
        let [c, d] = [(column + 1) % TERMS, (column + 2) % TERMS];
        m[r][c] * m[s][d] - m[r][d] * m[s][c]
    };
    let determinant: f64 = (0..TERMS).map(|column| m[0][column] * minor(0, column)).sum();
    let scale = m[0][0].abs().powi(3);
    (determinant.abs() > 1e-9 * scale)
        .then(|| std::array::from_fn(|row| std::array::from_fn(|column| minor(column, row) / determinant)))
}

impl Rhythm {
    /// Where the fitted day is so many hours after midnight, in bpm.
    pub fn at_bpm(&self, hour: f64) -> f64 {
        self.level_bpm + self.amplitude_bpm * (std::f64::consts::TAU * (hour - self.peak_hour) / 24.0).cos()
    }

    /// Least squares of the means of the hours, at their middles, weighted by their divisors.
    ///
    /// The errors take each day for one observation, since the hours of a day are not independent: with the design
    /// vectors x, the weights W and the residuals r of the hours of a day, V = (n / (n − 1)) · A⁻¹ (Σ s sᵀ) A⁻¹,
    /// A = Σ W x xᵀ, s = Σ W r x over a day and n days. (Liang and Zeger, Biometrika 73, 1986.) Days that were summed
    /// together are one. Amplitude and peak take theirs by the delta method.
    ///
    /// `None` below four days of eighteen hours, or where the hours do not tell the terms apart.
    pub(super) fn through(all: &[DayHours], days: usize) -> Option<Self> {
        let weight = |h: usize| all.iter().map(|day| day.divisor[h]).sum::<u64>() as f64;
        let sum = |h: usize| all.iter().map(|day| day.sum[h]).sum::<u64>() as f64 / 100.0;
        if days < LEAST_DAYS || all.len() < 2 {
            return None;
        }
        let x: [Vector; HOURS] = std::array::from_fn(|h| terms(h as f64 + 0.5));
        let mut normal = [[0.0; TERMS]; TERMS];
        let mut right = [0.0; TERMS];
        for (h, x) in x.iter().enumerate() {
            for (row, &term) in x.iter().enumerate() {
                right[row] += sum(h) * term;
                for (cell, other) in normal[row].iter_mut().zip(x) {
                    *cell += weight(h) * term * other;
                }
            }
        }
        let inverse = inverse(&normal)?;
        let fitted = apply(&inverse, right);
        let mut meat = [[0.0; TERMS]; TERMS];
        for day in all {
            let mut score = [0.0; TERMS];
            for h in 0..HOURS {
                let rest = day.sum[h] as f64 / 100.0 - day.divisor[h] as f64 * dot(fitted, x[h]);
                for (score, x) in score.iter_mut().zip(x[h]) {
                    *score += rest * x;
                }
            }
            for (row, a) in meat.iter_mut().zip(score) {
                for (cell, b) in row.iter_mut().zip(score) {
                    *cell += a * b;
                }
            }
        }
        let few = all.len() as f64 / (all.len() as f64 - 1.0);
        // The error of a combination of the terms: √(cᵀ V c).
        let error = |of: Vector| {
            let bread = apply(&inverse, of);
            (few * dot(bread, apply(&meat, bread))).max(0.0).sqrt()
        };
        let [level_bpm, cosine, sine] = fitted;
        let amplitude_bpm = cosine.hypot(sine);
        let turn = [0.0, cosine, sine].map(|part| if amplitude_bpm > 0.0 { part / amplitude_bpm } else { 0.0 });
        let hours = 24.0 / std::f64::consts::TAU;
        let peak_error = error([0.0, -turn[2], turn[1]]) / amplitude_bpm * hours;
        let means = || (0..HOURS).filter(|&h| weight(h) > 0.0).map(|h| (h, sum(h) / weight(h)));
        Some(Self {
            level_bpm,
            level_error_bpm: error([1.0, 0.0, 0.0]),
            amplitude_bpm,
            amplitude_error_bpm: error(turn),
            peak_hour: (sine.atan2(cosine) * hours).rem_euclid(24.0),
            // Without a swing there is no peak: any hour is as good.
            peak_error_hours: if peak_error.is_finite() { peak_error.min(12.0) } else { 12.0 },
            lowest: means().min_by(|a, b| a.1.total_cmp(&b.1))?,
            highest: means().max_by(|a, b| a.1.total_cmp(&b.1))?,
            days,
        })
    }
}

/// The sums of each hour of the day over some days of the week, from Monday 0: weekdays, or the weekend.
pub(super) fn hours_of(by_week_hour: &[Sums], days: std::ops::Range<usize>) -> Vec<Sums> {
    let of_hour = |hour: usize| {
        let sums = days.clone().filter_map(|day| by_week_hour.get(day * HOURS + hour));
        sums.fold(Sums::without_bins(), |total, sums| total + sums)
    };
    (0..HOURS).map(of_hour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days whose rates are `level + amplitude · cos` about a peak, each shifted by its own amount, in 1/100 bpm.
    fn days(shifts: &[i64]) -> Vec<DayHours> {
        let hour = |h: usize| 7_000.0 + 900.0 * (std::f64::consts::TAU * (h as f64 + 0.5 - 16.25) / 24.0).cos();
        let day = |&shift: &i64| DayHours {
            sum: std::array::from_fn(|h| 12 * (hour(h).round() as i64 + shift) as u64),
            divisor: [12; HOURS],
        };
        shifts.iter().map(day).collect()
    }

    #[test]
    fn a_cosine_is_found_again() {
        let rhythm = Rhythm::through(&days(&[0; 5]), 5).unwrap();
        assert!((rhythm.level_bpm - 70.0).abs() < 0.01 && (rhythm.amplitude_bpm - 9.0).abs() < 0.01, "{rhythm:?}");
        assert!((rhythm.peak_hour - 16.25).abs() < 0.01 && rhythm.peak_error_hours < 0.01, "{rhythm:?}");
        assert_eq!((rhythm.lowest.0, rhythm.highest.0), (4, 16));
        assert!((rhythm.at_bpm(4.25) - 61.0).abs() < 0.01);
    }

    #[test]
    fn the_error_of_the_level_is_that_of_the_mean_of_the_days() {
        // Days that differ in their level alone: the standard error is s / √n, with s over n − 1.
        let shifts = [-300, 100, -100, 300, 0, 200];
        let rhythm = Rhythm::through(&days(&shifts), shifts.len()).unwrap();
        let n = shifts.len() as f64;
        let mean = shifts.iter().sum::<i64>() as f64 / n;
        let variance = shifts.iter().map(|&shift| (shift as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let expected = (variance / n).sqrt() / 100.0;
        assert!((rhythm.level_error_bpm / expected - 1.0).abs() < 1e-9, "{} {expected}", rhythm.level_error_bpm);
        // Such days say the same of swing and peak.
        assert!(rhythm.amplitude_error_bpm < 0.01 && rhythm.peak_error_hours < 0.01, "{rhythm:?}");
        // The same days twice: errors shrink as with twice as many days.
        let twice = Rhythm::through(&[days(&shifts), days(&shifts)].concat(), 12).unwrap();
        let factor = ((n - 1.0) / (2.0 * n - 1.0)).sqrt();
        assert!((twice.level_error_bpm / rhythm.level_error_bpm / factor - 1.0).abs() < 1e-9);
    }

    #[test]
    fn few_days_or_few_hours_have_no_rhythm() {
        assert_eq!(Rhythm::through(&days(&[0, 1, 2]), 3), None);
        let mut morning = days(&[0; 5]);
        for day in &mut morning {
            // Two hours do not tell three terms.
            day.divisor = std::array::from_fn(|h| if h < 2 { 12 } else { 0 });
            day.sum = std::array::from_fn(|h| if h < 2 { day.sum[h] } else { 0 });
        }
        assert_eq!(Rhythm::through(&morning, 5), None);
    }

    #[test]
    fn a_flat_day_has_no_swing_and_any_peak() {
        let flat = vec![DayHours { sum: [12 * 6_000; HOURS], divisor: [12; HOURS] }; 4];
        let rhythm = Rhythm::through(&flat, 4).unwrap();
        assert!(rhythm.amplitude_bpm < 1e-6 && rhythm.peak_error_hours.is_finite(), "{rhythm:?}");
    }
}
