//! Masks travel as seeds: this is how a seed becomes a mask.
//!
//! The expansion is ours and fixed for ever (known answers below): tfhe changed its own between
//! releases, and a file must open with every later version.

use aes::cipher::{KeyIvInit, StreamCipher};

use super::{Column, N};

/// 16 fresh bytes that belong to one encryption of one column of one sheet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct MaskSeed(pub [u8; 16]);

const CONTEXT: &str = "veilbeat 2026-11-22 format 2 mask expansion";

/// Fills `polynomial` (N words) with mask polynomial number `index` of `column`.
///
/// The AES-128-CTR keystream (128-bit big-endian counter from zero), read as little-endian words,
/// under the first 16 bytes of BLAKE3 `derive_key(context, seed ‖ column ‖ index)`.
pub fn expand_mask(seed: &MaskSeed, column: Column, index: usize, polynomial: &mut [u64; N]) {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&seed.0).update(&[column.number(), index as u8]);
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    let mut stream = ctr::Ctr128BE::<aes::Aes128>::new(&key.into(), &[0; 16].into());
    stream.write_keystream(bytemuck::cast_slice_mut::<u64, u8>(polynomial));
    for word in polynomial {
        *word = u64::from_le(*word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(column: Column, index: usize) -> Box<[u64; N]> {
        let seed = MaskSeed(std::array::from_fn(|i| i as u8));
        let mut polynomial = Box::new([0; N]);
        expand_mask(&seed, column, index, &mut polynomial);
        polynomial
    }

    /// The same function, built from AES blocks one by one.
    fn block_by_block(column: u8, index: u8) -> Vec<u64> {
        use aes::cipher::{BlockCipherEncrypt, KeyInit};
        let mut input: Vec<u8> = (0..16).collect();
        input.extend([column, index]);
        let key = blake3::derive_key(CONTEXT, &input);
        let cipher = aes::Aes128::new_from_slice(&key[..16]).unwrap();
        let words = (0..N as u128 / 2).flat_map(|counter| {
            let mut block = counter.to_be_bytes().into();
            cipher.encrypt_block(&mut block);
            let word = |half: usize| u64::from_le_bytes(block[half * 8..][..8].try_into().unwrap());
            [word(0), word(1)]
        });
        words.collect()
    }

    #[test]
    fn a_mask_is_the_ctr_keystream_of_the_derived_key() {
        assert_eq!(expanded(Column::RATE, 0)[..], block_by_block(0, 0));
        assert_eq!(expanded(Column::hour(0).unwrap(), 1)[..], block_by_block(3, 1));
    }

    #[test]
    fn mask_expansion_never_changes() {
        let a = expanded(Column::RATE, 0);
        let b = expanded(Column::DAYS, 1);
        let digest = |m: &[u64; N]| {
            blake3::hash(&m.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>()).to_hex().to_string()
        };
        assert_eq!(
            [a[0], a[N - 1], b[0], b[N - 1]],
            [
                18_266_147_679_727_663_556,
                9_668_620_293_151_546_581,
                8_980_354_281_402_393_853,
                1_955_759_585_901_023_293,
            ]
        );
        assert_eq!(digest(&a), "9fc9bb07446a60e7462381ab381741b05504c90336e0fea6a265a22c70233af8");
    }
}
