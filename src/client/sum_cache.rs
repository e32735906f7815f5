//! Sums that were verified and opened before: a question about the same sheets is not asked again.

use std::collections::HashMap;

use crate::protocol::SheetId;
use crate::scheme::Column;
use crate::statistics::WeekTable;

/// Asks that may pass before a sum that nobody wanted is forgotten.
const KEPT_ASKS: u64 = 16;
/// So many sums are kept at most, some 60 MB: ten years by month have a thousand, by the hour fourteen thousand.
const MOST_KEPT: usize = 4_096;

/// Which sum over which sheets. A sheet's number stands for one content, for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SumKey([u8; 32]);

impl SumKey {
    pub(super) fn new(column: Column, sheets: impl Iterator<Item = SheetId>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[column.number()]);
        for SheetId(id) in sheets {
            hasher.update(&id.to_le_bytes());
        }
        Self(hasher.finalize().into())
    }
}

/// The sums that are known, and in which ask each was wanted last.
#[derive(Default)]
pub(super) struct SumCache {
    sums: HashMap<SumKey, (WeekTable, u64)>,
    asks: u64,
}

impl SumCache {
    /// Another ask begins: what nobody has wanted for long is forgotten.
    pub(super) fn begin(&mut self) {
        self.asks += 1;
        let oldest = self.asks.saturating_sub(KEPT_ASKS);
        self.sums.retain(|_, (_, wanted)| *wanted >= oldest);
    }

    pub(super) fn get(&mut self, key: SumKey) -> Option<WeekTable> {
        let (sums, wanted) = self.sums.get_mut(&key)?;
        *wanted = self.asks;
        Some(sums.clone())
    }

    /// Keeps a sum, if there is room.
    pub(super) fn insert(&mut self, key: SumKey, sums: &WeekTable) {
        if self.sums.len() < MOST_KEPT {
            self.sums.insert(key, (sums.clone(), self.asks));
        }
    }
}
