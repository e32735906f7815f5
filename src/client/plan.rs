//! Which sums answer a question: one, or more where it exceeds the capacity of a sum.

use super::pack::column_of;
use crate::protocol::{SheetId, SheetRange, SumQuestion};
use crate::reading::{Kind, WeekKey};
use crate::scheme::{Column, MaskSeed};
use crate::statistics::Question;

/// One sum that is asked for: what it is part of, and what is needed to check it.
pub(super) struct AskedSum {
    /// The index of its question.
    pub(super) question: usize,
    pub(super) column: Column,
    /// The sheets, in ascending order, and the seed of the column in each.
    pub(super) ids: Vec<SheetId>,
    pub(super) seeds: Vec<MaskSeed>,
}

impl AskedSum {
    /// The sum as a server is asked for it.
    pub(super) fn to_sum(&self) -> SumQuestion {
        SumQuestion { column: self.column, ranges: SheetRange::cover(self.ids.iter().copied()) }
    }
}

/// The sums that questions need. `sheets_of` knows the sheets of a week and the seed of a column in each,
/// `most_sheets` how many sheets of a kind a sum may cover.
pub(super) fn plan(
    questions: &[Question],
    sheets_of: impl Fn(WeekKey, Column) -> Vec<(SheetId, MaskSeed)>,
    most_sheets: impl Fn(Kind) -> usize,
) -> Vec<AskedSum> {
    // Once for each kind: it looks at every hour of every week.
    let limits = Kind::ALL.map(|kind| most_sheets(kind).max(1));
    let mut asked = Vec::new();
    for (index, question) in questions.iter().enumerate() {
        let column = column_of(question.measure);
        let keys = question.weeks.iter().map(|&week| WeekKey { kind: question.kind, week });
        let mut sheets: Vec<_> = keys.flat_map(|key| sheets_of(key, column)).collect();
        sheets.sort_by_key(|(id, _)| *id);
        for sheets in sheets.chunks(limits[question.kind as usize]) {
            let (ids, seeds) = sheets.iter().copied().unzip();
            asked.push(AskedSum { question: index, column, ids, seeds });
        }
    }
    asked
}
