//! What a chunk shows to those who lack its key: opened with another one, made for the purpose.

use super::keys::SchemeKey;
use super::master::{MasterKey, NoRandomness};
use crate::protocol::ChunkView;
use crate::scheme::{Column, N, SLOT_BYTES, expand_mask, read_slot};

/// Decrypts the slots of a chunk's column as its owner would, but with a key that is fresh and
/// therefore wrong: below 2^30 each, in the column's unit. `None` if the chunk lacks the column.
///
/// The owner's key never comes near a ciphertext that was not verified; no key of theirs is in here.
pub fn guess(chunk: &ChunkView<'_>, column: Column) -> Result<Option<Vec<u64>>, NoRandomness> {
    let header = chunk.header();
    let Some((body, _)) = chunk.column(column) else { return Ok(None) };
    let key = SchemeKey::derive(&MasterKey::generate()?, header.profile);
    let mut mask = Box::new([0; N]);
    let mut masks = Vec::with_capacity(header.profile.lwe_dimension());
    for index in 0..header.profile.k() {
        expand_mask(&header.seed, column, index, &mut mask);
        masks.extend_from_slice(&mask[..]);
    }
    let body: Vec<u64> = body.as_chunks::<SLOT_BYTES>().0.iter().map(read_slot).collect();
    Ok(Some(key.decrypt_slots(&masks, &body)))
}
