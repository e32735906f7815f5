//! The decrypted sums of one window.

use std::collections::BTreeMap;

use super::encrypt::SQUARE_LOW_BITS;
use super::statistics::Moments;
use crate::scheme::Column;

/// The decrypted sums of one window.
#[derive(Clone, Debug)]
pub struct WindowSums {
    count: u64,
    /// By column: one sum, or one a bin for the histogram.
    sums: BTreeMap<Column, Vec<u64>>,
}

impl WindowSums {
    /// The sums of a window of `count` readings, before any has come.
    pub(super) fn of(count: u64) -> Self {
        Self { count, sums: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, column: Column, messages: Vec<u64>) {
        let sums = self.sums.entry(column).or_insert_with(|| vec![0; messages.len()]);
        sums.iter_mut().zip(messages).for_each(|(sum, message)| *sum += message);
    }

    fn folded(&self, column: Column) -> u64 {
        self.sums.get(&column).and_then(|sums| sums.first()).copied().unwrap_or(0)
    }

    /// Count, sum and sum of squares.
    pub fn moments(&self) -> Moments {
        Moments {
            count: self.count,
            sum: self.folded(Column::Rate),
            squares: self.folded(Column::SquareLow) + (self.folded(Column::SquareHigh) << SQUARE_LOW_BITS),
        }
    }
}
