//! The same sums in the clear, on this computer: what answers are checked against.

use super::question::{Needs, Question};
use super::sums::{BINS, FIRST_BIN_BPM, Sums};
use crate::reading::Readings;

/// Adds up the readings that questions are about.
pub fn answer(readings: &Readings, questions: &[Question]) -> Vec<Sums> {
    questions.iter().map(|question| sums(readings, question)).collect()
}

fn sums(readings: &Readings, question: &Question) -> Sums {
    let (mut count, mut sum, mut squares, mut bins) = (0, 0, 0, Box::new([0; BINS]));
    for slot in question.hours.iter().filter_map(|&key| readings.hour(key)).flat_map(|hour| hour.slots()) {
        let rate = u64::from(slot.rate.centi_bpm());
        count += 1;
        sum += rate;
        squares += rate * rate;
        bins[usize::from(slot.rate.centi_bpm() / 100 - FIRST_BIN_BPM)] += 1;
    }
    let asked = |by: &[Needs]| by.contains(&question.needs);
    Sums {
        count,
        sum: asked(&[Needs::Sum, Needs::Moments, Needs::Everything]).then_some(sum),
        squares: asked(&[Needs::Moments, Needs::Everything]).then_some(squares),
        bins: asked(&[Needs::Distribution, Needs::Everything]).then_some(bins),
    }
}
