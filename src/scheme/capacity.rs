//! How much one sum may cover, so that a wrong decryption is impossible, not just improbable.

use super::sum::LIMB_SUM_BITS;
use super::{Column, DELTA_LOG2, DROPPED_BITS, MESSAGE_BITS, NOISE_BOUND_LOG2};

/// The most sheets that one sum may cover.
pub const MAX_SHEETS: usize = 1_092;
/// The largest message of a reading in a slot: half of a square, 15 bits.
pub const MOST_MESSAGE: u64 = (1 << 15) - 1;

/// |e| of one slot after rounding: the noise itself and half a unit of the last kept bit.
const SLOT_NOISE: u64 = (1 << NOISE_BOUND_LOG2) + (1 << (DROPPED_BITS - 1));

const ROWS: u64 = match Column::RATE.fold() {
    Some(fold) => fold.rows as u64,
    None => 1,
};

/// The most sheets whose sum decodes without error in the worst case, where each sum of an hour is at most
/// `largest`, and whose 32-bit limbs still fit their fields.
pub const fn exact_sheets(largest: u64) -> usize {
    let by_noise = ((1 << (DELTA_LOG2 - 1)) - 1) / (ROWS * SLOT_NOISE);
    let by_message = ((1 << MESSAGE_BITS) - 1) / largest;
    let by_limb = 1 << (LIMB_SUM_BITS - 32);
    let least = if by_noise < by_message { by_noise } else { by_message };
    (if least < by_limb { least } else { by_limb }) as usize
}

// An hour of cells weighs at most 26 steps, and each holds at most 15 bits.
const _: () = assert!(exact_sheets(26 * MOST_MESSAGE) == MAX_SHEETS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_and_messages_bound_the_sheets_of_a_sum() {
        assert_eq!(
            [120, 1_024, 8_192, 1 << 17].map(|readings| exact_sheets(readings * MOST_MESSAGE)),
            [1_092, 128, 16, 1]
        );
        assert_eq!(exact_sheets(1), MAX_SHEETS, "by noise");
        assert!(exact_sheets(121 * MOST_MESSAGE) < MAX_SHEETS, "by messages");
    }
}
