//! Sums of ciphertexts, kept as sums of 32-bit limbs.
//!
//! A tag is linear over integers modulo P, a ciphertext wraps modulo 2^64. Authenticating word sums
//! would let S pass for S + P; limbs keep every sum an integer far below P, so that the tag pins it.

use super::{Column, P, ParameterSet, TAG_BYTES, Tag};

/// Bits of the field that holds the sum of one limb.
pub const LIMB_SUM_BITS: u32 = 48;
/// Bytes of the sum of one word: two limb sums.
pub const WORD_SUM_BYTES: usize = 2 * LIMB_SUM_BITS as usize / 8;

const LIMB_BYTES: usize = WORD_SUM_BYTES / 2;
const _: () = assert!(1 << LIMB_SUM_BITS <= P);

/// The sum of (folded) ciphertexts of one column, as limb sums, and the sum of their tags.
///
/// Words stand in the order mask, then body; see [`Column::sum_words`].
#[derive(Clone, PartialEq, Eq)]
pub struct LimbSums {
    low: Vec<u64>,
    high: Vec<u64>,
    tag: Tag,
}

impl LimbSums {
    /// The empty sum of `words` words.
    pub fn zero(words: usize) -> Self {
        Self { low: vec![0; words], high: vec![0; words], tag: Tag::ZERO }
    }

    /// Adds `words` to the words from `at` on. The caller keeps within [`MAX_SHEETS`](super::MAX_SHEETS), which
    /// keeps each limb sum within its 48 bits.
    pub fn add_words(&mut self, at: usize, words: &[u64]) {
        let low = &mut self.low[at..at + words.len()];
        for (sum, &word) in low.iter_mut().zip(words) {
            *sum += word & 0xffff_ffff;
        }
        let high = &mut self.high[at..at + words.len()];
        for (sum, &word) in high.iter_mut().zip(words) {
            *sum += word >> 32;
        }
    }

    /// Adds the tag of a sheet's column.
    pub fn add_tag(&mut self, tag: Tag) {
        self.tag = self.tag + tag;
    }

    /// The sum of the tags.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The low and the high limb sum of each word.
    pub fn limbs(&self) -> impl Iterator<Item = [u64; 2]> {
        self.low.iter().zip(&self.high).map(|(&low, &high)| [low, high])
    }

    /// The words of the summed ciphertext, modulo 2^64.
    pub fn words(&self) -> Vec<u64> {
        self.low.iter().zip(&self.high).map(|(&low, &high)| low.wrapping_add(high << 32)).collect()
    }

    /// Bytes of the sum of one column.
    pub const fn byte_len(parameters: ParameterSet, column: Column) -> usize {
        column.sum_words(parameters) * WORD_SUM_BYTES + TAG_BYTES
    }

    /// Bytes of this sum.
    pub fn bytes(&self) -> usize {
        self.low.len() * WORD_SUM_BYTES + TAG_BYTES
    }

    /// Appends the limb sums (6 bytes each, low before high, word after word) and the tag.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.bytes());
        for (low, high) in self.low.iter().zip(&self.high) {
            out.extend_from_slice(&low.to_le_bytes()[..LIMB_BYTES]);
            out.extend_from_slice(&high.to_le_bytes()[..LIMB_BYTES]);
        }
        out.extend_from_slice(&self.tag.to_bytes());
    }

    /// Parses the bytes of a sum of `column`; `None` if their number or the tag is not what it
    /// must be. Nothing else about them can be wrong: a 48-bit field is in range by its width.
    pub fn parse(parameters: ParameterSet, column: Column, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::byte_len(parameters, column) {
            return None;
        }
        let (limbs, tag) = bytes.split_at(bytes.len() - TAG_BYTES);
        let tag = Tag::from_bytes(tag.try_into().ok()?)?;
        let (words, _) = limbs.as_chunks::<WORD_SUM_BYTES>();
        let limb = |at: usize| {
            move |word: &[u8; WORD_SUM_BYTES]| {
                let mut bytes = [0; 8];
                bytes[..LIMB_BYTES].copy_from_slice(&word[at..at + LIMB_BYTES]);
                u64::from_le_bytes(bytes)
            }
        };
        Some(Self { low: words.iter().map(limb(0)).collect(), high: words.iter().map(limb(LIMB_BYTES)).collect(), tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::MAX_SHEETS;

    #[test]
    fn a_sum_survives_its_bytes() {
        let words = Column::RATE.sum_words(ParameterSet::Standard);
        let mut sum = LimbSums::zero(words);
        for _ in 0..MAX_SHEETS {
            sum.add_words(words - 2, &[u64::MAX, 1]);
        }
        sum.add_tag(Tag::new([P - 1, 5]).unwrap());
        let mut bytes = Vec::new();
        sum.write_to(&mut bytes);
        let back = LimbSums::parse(ParameterSet::Standard, Column::RATE, &bytes).unwrap();
        assert!(back == sum);
        assert_eq!(back.words()[words - 2], u64::MAX.wrapping_mul(MAX_SHEETS as u64));
        assert_eq!(bytes.len(), 26_608);
    }

    #[test]
    fn a_sum_of_another_length_or_with_a_tag_out_of_range_is_refused() {
        let parameters = ParameterSet::Standard;
        let mut bytes = vec![0; LimbSums::byte_len(parameters, Column::RATE)];
        assert!(LimbSums::parse(parameters, Column::RATE, &bytes).is_some());
        assert!(LimbSums::parse(parameters, Column::DAYS, &bytes).is_none());
        assert!(LimbSums::parse(ParameterSet::LongTerm, Column::RATE, &bytes).is_none());
        assert!(LimbSums::parse(parameters, Column::RATE, &bytes[1..]).is_none());
        let at = bytes.len() - 8;
        bytes[at..].copy_from_slice(&P.to_le_bytes());
        assert!(LimbSums::parse(parameters, Column::RATE, &bytes).is_none());
    }
}
