//! The body of a packed ciphertext as it is sent: 48 bits a slot.

use super::{DROPPED_BITS, SLOT_BYTES};

/// Rounds a body word to its high 48 bits, to nearest.
pub const fn round_body(word: u64) -> u64 {
    word.wrapping_add(1 << (DROPPED_BITS - 1)) >> DROPPED_BITS
}

/// The bytes of a rounded body word.
pub fn slot_bytes(rounded: u64) -> [u8; SLOT_BYTES] {
    let [a, b, c, d, e, f, _, _] = rounded.to_le_bytes();
    [a, b, c, d, e, f]
}

/// The body word that a slot's bytes stand for, with its dropped bits zero.
pub fn read_slot(bytes: &[u8; SLOT_BYTES]) -> u64 {
    let [a, b, c, d, e, f] = *bytes;
    u64::from_le_bytes([0, 0, a, b, c, d, e, f])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_moves_a_word_by_at_most_half_a_unit() {
        let half = 1i64 << (DROPPED_BITS - 1);
        for word in
            [0, 1, 0x7fff, 0x8000, 0xffff, u64::MAX, u64::MAX - 0x8000, u64::MAX - 0x7fff, 0x1234_5678_9abc_def0]
        {
            let back = read_slot(&slot_bytes(round_body(word)));
            let moved = back.wrapping_sub(word) as i64;
            assert!((-half..=half).contains(&moved), "{word:x} moved by {moved}");
        }
    }
}
