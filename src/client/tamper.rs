//! A real question of which one bit of the answer is changed on its way: whether that is noticed.

use super::ask_error::AskError;
use super::master::random_bytes;
use super::observer::Observer;
use super::online::Client;
use crate::protocol::FlippedBit;
use crate::reading::{Kind, WeekKey};
use crate::scheme::Column;
use crate::statistics::{Measure, Question};

/// What became of an answer that was changed on its way.
#[derive(Debug)]
pub struct Tampered {
    /// The bit that was changed.
    pub bit: FlippedBit,
    /// How many weeks the sum covers.
    pub weeks: usize,
    /// Why the answer was refused; `None` if the change was not noticed.
    pub refused: Option<AskError>,
    /// Ciphertexts whose sum was decrypted all the same.
    pub decrypted: u64,
    /// Whether the same question passed when it was asked again and nothing was changed.
    pub passes_unchanged: bool,
}

impl Client {
    /// Asks for the sum of the rates of all weeks that the server holds, of the kind that has most, with one bit of the
    /// answer changed on its way; then once more without. `None` if the server holds nothing.
    ///
    /// What the server holds is known all the while, so the next question is as any other: nothing is forgotten, and
    /// of neither answer anything is kept.
    pub fn ask_tampered(&mut self, watch: &mut Observer) -> Result<Option<Tampered>, AskError> {
        let Some(question) = self.sum_of_all() else { return Ok(None) };
        let weeks = question.weeks.len();
        let questions = [question];
        let before = self.traffic();
        self.end.tamper_with_next_answer(u64::from_le_bytes(random_bytes()?));
        let result = self.sum(&questions, watch);
        let decrypted = self.traffic().since(before).ciphertexts;
        let flipped = self.end.tampered();
        let refused = match result {
            Ok(_) => None,
            Err(error @ AskError::Unverified { .. }) => Some(error),
            // Something else went wrong on the way.
            Err(error) => return Err(error),
        };
        let Some(bit) = flipped else { return Ok(None) };
        let passes_unchanged = self.sum(&questions, watch).is_ok();
        Ok(Some(Tampered { bit, weeks, refused, decrypted, passes_unchanged }))
    }

    /// The sum of the rates of all weeks that the server holds, of the kind that has most.
    fn sum_of_all(&self) -> Option<Question> {
        let weeks_of = |kind| {
            let weeks = self.held.keys().filter(move |key| key.kind == kind).map(|key| key.week);
            weeks.filter(|&week| !self.sheets_of(WeekKey { kind, week }, Column::RATE).is_empty()).collect::<Vec<_>>()
        };
        let (kind, weeks) =
            Kind::ALL.map(|kind| (kind, weeks_of(kind))).into_iter().max_by_key(|(_, weeks)| weeks.len())?;
        let name = "all weeks that were sent".to_owned();
        (!weeks.is_empty()).then_some(Question { name, kind, weeks, measure: Measure::Rate })
    }
}
