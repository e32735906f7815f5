//! Sums that were verified and opened before: a question about the same chunks is not asked again.

use std::collections::HashMap;

use crate::protocol::ChunkId;
use crate::statistics::{Needs, Sums};

/// Asks that may pass before a sum that nobody wanted is forgotten.
const KEPT_ASKS: u64 = 16;

/// Which sum over which chunks. A chunk's number stands for one content, for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SumKey([u8; 32]);

impl SumKey {
    pub(super) fn new(needs: Needs, chunks: impl Iterator<Item = ChunkId>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[needs as u8]);
        for ChunkId(id) in chunks {
            hasher.update(&id.to_le_bytes());
        }
        Self(hasher.finalize().into())
    }
}

/// What is known, and in which ask it was wanted last.
#[derive(Default)]
pub(super) struct Known {
    sums: HashMap<SumKey, (Sums, u64)>,
    asks: u64,
}

impl Known {
    /// Another ask begins: what nobody has wanted for long is forgotten.
    pub(super) fn begin(&mut self) {
        self.asks += 1;
        let oldest = self.asks.saturating_sub(KEPT_ASKS);
        self.sums.retain(|_, (_, wanted)| *wanted >= oldest);
    }

    pub(super) fn get(&mut self, key: SumKey) -> Option<Sums> {
        let (sums, wanted) = self.sums.get_mut(&key)?;
        *wanted = self.asks;
        Some(sums.clone())
    }

    pub(super) fn insert(&mut self, key: SumKey, sums: Sums) {
        self.sums.insert(key, (sums, self.asks));
    }
}
