//! Sealing: XChaCha20-Poly1305 with a random nonce for each record.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};

use zeroize::Zeroizing;

use crate::client::{MasterKey, NoRandomness, random_bytes};

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
/// Bytes that [`Sealer::seal_with`] adds.
pub(super) const SEAL_BYTES: usize = NONCE_BYTES + TAG_BYTES;
/// The revision stands before the nonce, in the clear and authenticated.
const HEADER_BYTES: usize = 8 + NONCE_BYTES;

/// The least bytes of a record's content; larger ones are this times a power of two.
const LEAST_PADDED: usize = 512;

/// How long a record of so many bytes is padded to, with its length before it: 512·2^n.
fn padded(len: usize) -> usize {
    (len + 4).next_power_of_two().max(LEAST_PADDED)
}

/// A record does not open: it was changed, or sealed under another key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unopened;

/// Seals and opens the records of one profile.
pub(super) struct Sealer(XChaCha20Poly1305);

/// The purposes of the keys that seal.
const PURPOSES: [&str; 2] = ["readings at rest", "bundles"];

/// The keys that seal readings and owners' parts.
pub fn sealing_keys(key: &MasterKey) -> [Zeroizing<[u8; 32]>; 2] {
    PURPOSES.map(|purpose| key.subkey(purpose))
}

impl Sealer {
    /// The sealer of a key.
    pub(super) fn new(key: &MasterKey) -> Self {
        Self(XChaCha20Poly1305::new((&*key.subkey(PURPOSES[0])).into()))
    }

    /// The sealer of the owner's parts of a key's bundles.
    pub(super) fn for_bundles(key: &MasterKey) -> Self {
        Self(XChaCha20Poly1305::new((&*key.subkey(PURPOSES[1])).into()))
    }

    /// Seals with other associated data: nonce, ciphertext, tag.
    pub(super) fn seal_with(&self, associated: &[u8], mut plain: Vec<u8>) -> Result<Vec<u8>, NoRandomness> {
        let nonce: [u8; NONCE_BYTES] = random_bytes()?;
        let tag = self
            .0
            .encrypt_inout_detached(&XNonce::from(nonce), associated, (&mut plain[..]).into())
            .unwrap_or_else(|_| unreachable!("what is sealed is far below the cipher's 256 GiB"));
        Ok([&nonce[..], &plain, &tag].concat())
    }

    /// Opens what [`Self::seal_with`] sealed.
    pub(super) fn open_with(&self, associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened)?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Unopened)?;
        let mut plain = sealed.to_vec();
        self.0
            .decrypt_inout_detached(&XNonce::from(*nonce), associated, (&mut plain[..]).into(), &Tag::from(*tag))
            .map_err(|_| Unopened)?;
        Ok(plain)
    }

    /// Seals a record: revision, nonce, ciphertext, tag. Its id and revision are authenticated. The content is
    /// padded, so that its length tells little.
    pub(super) fn seal(&self, id: u64, revision: u64, mut plain: Vec<u8>) -> Result<Vec<u8>, NoRandomness> {
        let nonce: [u8; NONCE_BYTES] = random_bytes()?;
        let padded = padded(plain.len());
        let mut record = Vec::with_capacity(HEADER_BYTES + padded + TAG_BYTES);
        record.extend_from_slice(&revision.to_le_bytes());
        record.extend_from_slice(&nonce);
        record.extend_from_slice(&(plain.len() as u32).to_le_bytes());
        record.append(&mut plain);
        record.resize(HEADER_BYTES + padded, 0);
        let tag = self
            .0
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &associated(id, revision),
                (&mut record[HEADER_BYTES..]).into(),
            )
            .unwrap_or_else(|_| unreachable!("a record is far below the cipher's 256 GiB"));
        record.extend_from_slice(&tag);
        Ok(record)
    }

    /// Whether a sealed record can have this length, in bytes.
    pub(super) fn is_record_len(len: u64) -> bool {
        let padded = len.saturating_sub((HEADER_BYTES + TAG_BYTES) as u64);
        padded.is_multiple_of(LEAST_PADDED as u64) && (padded / LEAST_PADDED as u64).is_power_of_two()
    }

    /// Opens a record; returns its revision and content.
    pub(super) fn open(&self, id: u64, record: &[u8]) -> Result<(u64, Vec<u8>), Unopened> {
        let (header, rest) = record.split_first_chunk::<HEADER_BYTES>().ok_or(Unopened)?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Unopened)?;
        let (revision, nonce) = header.split_first_chunk::<8>().ok_or(Unopened)?;
        let (revision, nonce) = (u64::from_le_bytes(*revision), XNonce::try_from(nonce).map_err(|_| Unopened)?);
        let mut plain = sealed.to_vec();
        self.0
            .decrypt_inout_detached(&nonce, &associated(id, revision), (&mut plain[..]).into(), &Tag::from(*tag))
            .map_err(|_| Unopened)?;
        let len = u32::from_le_bytes(*plain.first_chunk().ok_or(Unopened)?) as usize;
        if plain.len() != padded(len) {
            return Err(Unopened);
        }
        plain.truncate(4 + len);
        plain.drain(..4);
        Ok((revision, plain))
    }
}

fn associated(id: u64, revision: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&id.to_le_bytes());
    bytes[8..].copy_from_slice(&revision.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_only_as_it_was_sealed() {
        let sealer = Sealer::new(&MasterKey::from_bytes(&[1; 32]));
        let record = sealer.seal(7, 3, b"72 bpm".to_vec()).unwrap();
        assert_eq!(sealer.open(7, &record), Ok((3, b"72 bpm".to_vec())));
        assert_eq!(sealer.open(8, &record), Err(Unopened), "another id");
        assert_eq!(Sealer::new(&MasterKey::from_bytes(&[2; 32])).open(7, &record), Err(Unopened), "another key");
        let lens = [0, 508, 509, 5_000].map(|len| sealer.seal(1, 1, vec![0; len]).unwrap().len() - 8 - 24 - 16);
        assert_eq!(lens, [512, 512, 1_024, 8_192], "lengths are padded");
        for bit in 0..record.len() * 8 {
            let mut flipped = record.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(sealer.open(7, &flipped), Err(Unopened), "bit {bit}");
        }
        for len in 0..record.len() {
            assert_eq!(sealer.open(7, &record[..len]), Err(Unopened), "cut to {len}");
        }
    }
}
