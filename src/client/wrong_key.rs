//! The view of a sheet for those who lack its key: opened with another one, made for the purpose.

use super::keys::SchemeKey;
use super::master::{MasterKey, NoRandomness};
use crate::protocol::SheetView;
use crate::scheme::{Column, N, SLOT_BYTES, decode, expand_mask, read_slot};

/// Decrypts the slots of a sheet's column as its owner would, by tfhe, but with a key that is fresh and
/// therefore wrong: below 2^32 each, in the column's unit. `None` if the sheet lacks the column.
///
/// The owner's key never comes near a ciphertext that was not verified; no key of theirs is in here.
pub fn open_with_wrong_key(sheet: &SheetView<'_>, column: Column) -> Result<Option<Vec<u64>>, NoRandomness> {
    let Some(view) = sheet.column(column) else { return Ok(None) };
    let key = SchemeKey::derive(&MasterKey::generate()?, sheet.header().parameters);
    let mut mask = Box::new([0; N]);
    let mut words = Vec::new();
    for index in 0..key.parameters().k() {
        expand_mask(&view.seed, column, index, &mut mask);
        words.extend_from_slice(&mask[..]);
    }
    // Unfolded, each slot stands at its own coefficient: as in a column that does not fold.
    words.extend(view.body.as_chunks::<SLOT_BYTES>().0.iter().map(read_slot));
    let phases = key.phases_by_tfhe(Column::DAYS, &words);
    Ok(Some(phases.iter().map(|&phase| decode(phase)).collect()))
}
