//! From questions to columns, and from decrypted messages to sums.

use super::ask_error::AskError;
use super::encrypt::SQUARE_LOW_BITS;
use super::session::Client;
use super::watch::{Traffic, Watch};
use crate::reading::Readings;
use crate::scheme::{Column, ColumnSet};
use crate::statistics::{BINS, Needs, Report, Request, Sums};

/// The columns that sums are made of.
pub(super) fn columns(needs: Needs) -> ColumnSet {
    use Column::{Histogram, Rate, SquareHigh, SquareLow};
    ColumnSet::of(match needs {
        Needs::Sum => &[Rate],
        Needs::Moments => &[Rate, SquareLow, SquareHigh],
        Needs::Distribution => &[Histogram],
        Needs::Everything => &[Rate, SquareLow, SquareHigh, Histogram],
    })
}

/// The sums over `count` readings before any answer has come: what was asked for is zero.
pub(super) fn unanswered(needs: Needs, count: u64) -> Sums {
    let columns = columns(needs);
    let asked = |column| columns.contains(column).then_some(0);
    let bins = columns.contains(Column::Histogram).then(|| Box::new([0; BINS]));
    Sums { count, sum: asked(Column::Rate), squares: asked(Column::SquareHigh), bins }
}

/// Takes in the decrypted messages of one verified sum: one, or one a bin for the histogram.
pub(super) fn take_in(sums: &mut Sums, column: Column, messages: &[u64]) {
    let folded = messages.first().copied().unwrap_or(0);
    let add = |total: &mut Option<u64>, value: u64| *total = total.map(|total| total + value);
    match column {
        Column::Rate => add(&mut sums.sum, folded),
        Column::SquareLow => add(&mut sums.squares, folded),
        Column::SquareHigh => add(&mut sums.squares, folded << SQUARE_LOW_BITS),
        Column::Histogram => {
            let bins = sums.bins.iter_mut().flat_map(|bins| bins.iter_mut());
            bins.zip(messages).for_each(|(bin, message)| *bin += message);
        }
    }
}

/// Statistics, and what crossed the boundary for them.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// The statistics.
    pub report: Report,
    /// What it cost.
    pub traffic: Traffic,
}

impl Client {
    /// Asks the server for what statistics over a range need. `None` if the range holds no readings.
    pub fn report(
        &mut self,
        readings: &Readings,
        request: &Request,
        watch: &mut Watch,
    ) -> Result<Option<Answered>, AskError> {
        let before = self.traffic();
        let report = Report::make(&readings.into(), request, |questions| self.ask(readings, questions, watch))?;
        Ok(report.map(|report| Answered { report, traffic: self.traffic().since(before) }))
    }
}
