//! Searching bytes for key material: every secret cut into pieces, every piece looked for at every place.

use zeroize::Zeroizing;

use super::keys::SchemeKey;
use super::master::MasterKey;
use super::online::Client;

/// Bytes of a piece. Among random bytes, one is found by chance once in 2^64 places.
const PIECE: usize = 8;
/// Bits of a number that says whether a piece may be there.
const SIEVE_BITS: u32 = 20;

/// All pieces of a key. Wiped when dropped.
///
/// A secret is cut at every eighth byte, so that whoever sends fifteen bytes of it in a row, at any place of a message,
/// sends a whole piece.
pub struct KeyPieces {
    /// In order, for a search by halves.
    pieces: Zeroizing<Vec<u64>>,
    /// Which pieces there can be: most places of a message are passed by with one look.
    sieve: Zeroizing<Vec<u64>>,
}

/// Where a piece falls in the sieve.
fn place(piece: u64) -> (usize, u64) {
    let at = (piece.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SIEVE_BITS)) as usize;
    (at / 64, 1 << (at % 64))
}

impl KeyPieces {
    /// The pieces of secrets.
    fn of(secrets: &[Zeroizing<Vec<u8>>]) -> Self {
        let count = secrets.iter().map(|secret| secret.len() / PIECE).sum();
        // In place: a vector that grew would leave copies behind.
        let mut pieces = Zeroizing::new(Vec::with_capacity(count));
        for secret in secrets {
            pieces.extend(secret.as_chunks::<PIECE>().0.iter().map(|piece| u64::from_le_bytes(*piece)));
        }
        pieces.sort_unstable();
        pieces.dedup();
        let mut sieve = Zeroizing::new(vec![0; 1 << (SIEVE_BITS - 6)]);
        for &piece in &*pieces {
            let (word, bit) = place(piece);
            sieve[word] |= bit;
        }
        Self { pieces, sieve }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The first place of `bytes` at which a piece begins.
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        bytes.array_windows::<PIECE>().position(|piece| {
            let piece = u64::from_le_bytes(*piece);
            let (word, bit) = place(piece);
            self.sieve[word] & bit != 0 && self.pieces.binary_search(&piece).is_ok()
        })
    }
}

impl Client {
    /// The pieces of everything secret: of the master key, of what this client derives from it, and of the keys
    /// `others` that are derived from it elsewhere.
    pub fn key_pieces(&self, master: &MasterKey, others: &[Zeroizing<[u8; 32]>]) -> KeyPieces {
        let mut secrets = self.key.secrets();
        secrets.push(Zeroizing::new(master.expose().to_vec()));
        secrets.extend(others.iter().map(|other| Zeroizing::new(other.to_vec())));
        KeyPieces::of(&secrets)
    }
}

impl SchemeKey {
    /// Everything secret of it, as bytes: the bits of the lattice key eight to a byte, the tag coefficients, the keys of
    /// labels and seeds.
    fn secrets(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let (bits, rho, prf, seeds) = self.parts();
        let packed = bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | bit as u8));
        let rho = rho.as_flattened().as_flattened();
        // Each in one piece: a vector that grew would leave copies behind.
        let mut coefficients = Zeroizing::new(Vec::with_capacity(8 * rho.len()));
        coefficients.extend(rho.iter().flat_map(|element| element.to_le_bytes()));
        let mut lattice = Zeroizing::new(Vec::with_capacity(bits.len() / 8));
        lattice.extend(packed);
        vec![lattice, coefficients, Zeroizing::new(prf.to_vec()), Zeroizing::new(seeds.to_vec())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::ParameterSet;

    #[test]
    fn a_piece_of_any_secret_is_found_wherever_it_stands() {
        let master = MasterKey::from_bytes(&std::array::from_fn(|i| i as u8 + 1));
        let key = SchemeKey::derive(&master, ParameterSet::Standard);
        let mut secrets = key.secrets();
        secrets.push(Zeroizing::new(master.expose().to_vec()));
        let pieces = KeyPieces::of(&secrets);
        // 2,048 bits, 3,840 words of four coefficients, and three keys of 32 bytes.
        assert_eq!((pieces.len(), pieces.is_empty()), (32 + 4 * 3_840 + 3 * 4, false));
        let mut honest = vec![0; 100_000];
        blake3::Hasher::new().update(b"noise").finalize_xof().fill(&mut honest);
        assert_eq!(pieces.find(&honest), None);
        assert_eq!((pieces.find(&[]), pieces.find(&[0; 7]), pieces.find(&[0; 4_000])), (None, None, None));
        for secret in &secrets {
            // From anywhere in the secret, to anywhere in the message: fifteen bytes in a row are enough.
            for (from, at) in [(0, 0), (3, 1_001), (secret.len() - 15, 99_985)] {
                let mut frame = honest.clone();
                frame[at..at + 15].copy_from_slice(&secret[from..from + 15]);
                let found = pieces.find(&frame);
                assert_eq!(found, Some(at + from.next_multiple_of(8) - from));
            }
        }
        // The two kinds of test agree on what is secret.
        let known = key.secret_bytes();
        assert!(secrets[..4].iter().all(|secret| known.iter().any(|other| **other == ***secret)));
    }
}
