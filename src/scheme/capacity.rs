//! How much one sum may cover, so that a wrong decryption is impossible, not just improbable.

use super::sum::LIMB_SUM_BITS;
use super::{Column, DELTA_LOG2, DROPPED_BITS, MESSAGE_BITS, N, NOISE_BOUND_LOG2};

/// The most that one sum may cover: padded slots (folded columns) or chunks (histogram).
pub const MAX_SLOTS: u64 = 1 << 15;

/// |e| of one slot after rounding: the noise itself and half a unit of the last kept bit.
const SLOT_NOISE: u64 = (1 << NOISE_BOUND_LOG2) + (1 << (DROPPED_BITS - 1));

/// The most terms, each a message of at most `largest` and one slot's noise, whose sum decodes
/// without error in the worst case, and whose 32-bit limbs still fit their fields.
const fn exact_terms(largest: u64) -> u64 {
    let by_noise = ((1 << (DELTA_LOG2 - 1)) - 1) / SLOT_NOISE;
    let by_message = ((1 << MESSAGE_BITS) - 1) / largest;
    let by_limb = 1 << (LIMB_SUM_BITS - 32);
    let least = if by_noise < by_message { by_noise } else { by_message };
    if least < by_limb { least } else { by_limb }
}

// Folded columns hold 15-bit messages; a histogram bin counts at most the N readings of a chunk.
const _: () = assert!(MAX_SLOTS <= exact_terms((1 << 15) - 1));
const _: () = assert!(MAX_SLOTS <= exact_terms(N as u64));

/// A sum would cover more than can be decrypted without error.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the sum covers more than {MAX_SLOTS} slots")]
pub struct OverCapacity;

/// Counts what a sum covers.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    column: Column,
    used: u64,
}

impl Capacity {
    /// The capacity of an empty sum over `column`.
    pub const fn of(column: Column) -> Self {
        Self { column, used: 0 }
    }

    /// Takes in a chunk of padded length `len`, unless the sum would then cover too much.
    pub const fn admit(&mut self, len: usize) -> Result<(), OverCapacity> {
        let used = self.used + if self.column.folds() { len as u64 } else { 1 };
        if used > MAX_SLOTS {
            return Err(OverCapacity);
        }
        self.used = used;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_full_at_its_capacity_and_not_before() {
        for (column, len, chunks) in
            [(Column::Rate, 2048, 16), (Column::Rate, 16, 2048), (Column::Histogram, 2048, 1 << 15)]
        {
            let mut capacity = Capacity::of(column);
            for _ in 0..chunks {
                assert_eq!(capacity.admit(len), Ok(()));
            }
            assert_eq!(capacity.admit(len), Err(OverCapacity));
        }
    }
}
