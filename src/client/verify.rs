//! Verification. Nothing that a server sent is decrypted before it has passed here, and the types
//! leave no other way: only [`verify`] makes a [`Verified`] sum, only a verified sum decrypts.

use super::encrypt::ChunkLabel;
use super::keys::SchemeKey;
use crate::protocol::ChunkHeader;
use std::ops::Add;

use crate::scheme::{Capacity, Column, LimbSums, Tag};

/// The answer is not the sum that was asked for. It was not decrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the answer is not the sum that was asked for")]
pub struct Unverified;

/// Something that has passed verification under a key, and can be decrypted by that key only.
pub struct Verified<'k, T> {
    key: &'k SchemeKey,
    value: T,
}

impl Verified<'_, Sum> {
    /// Decrypts: one message for a folded column, one a bin for the histogram.
    pub fn decrypt(self) -> Vec<u64> {
        self.key.decrypt(&self.value)
    }
}

/// The sum of one column over some chunks.
pub struct Sum {
    pub(super) column: Column,
    pub(super) limbs: LimbSums,
}

/// Checks the bytes of a sum of `column` over `chunks`. What the chunks are comes from the client's
/// own record of what it asked, never from the answer.
pub fn verify<'k>(
    key: &'k SchemeKey,
    column: Column,
    chunks: &[ChunkHeader],
    bytes: &[u8],
) -> Result<Verified<'k, Sum>, Unverified> {
    let mut capacity = Capacity::of(column);
    let within = chunks.iter().all(|chunk| chunk.profile == key.profile() && capacity.admit(chunk.len).is_ok());
    if !within || chunks.is_empty() {
        return Err(Unverified);
    }
    let limbs = LimbSums::parse(key.profile(), column, bytes).ok_or(Unverified)?;
    let labels = chunks.iter().map(|chunk| key.label_tag(&ChunkLabel::new(chunk, column)));
    let expected = labels.fold(key.weigh(limbs.limbs()), Tag::add);
    if expected.matches(limbs.tag()) { Ok(Verified { key, value: Sum { column, limbs } }) } else { Err(Unverified) }
}
