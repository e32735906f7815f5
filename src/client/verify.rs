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

/// Something that has passed verification.
pub struct Verified<T>(T);

impl<T> Verified<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

/// The sum of one column over some chunks.
pub struct Sum {
    pub(super) column: Column,
    pub(super) limbs: LimbSums,
}

/// Checks the bytes of a sum of `column` over `chunks`. What the chunks are comes from the client's
/// own record of what it asked, never from the answer.
pub fn verify(
    key: &SchemeKey,
    column: Column,
    chunks: &[ChunkHeader],
    bytes: &[u8],
) -> Result<Verified<Sum>, Unverified> {
    let mut capacity = Capacity::of(column);
    let within = chunks.iter().all(|chunk| chunk.profile == key.profile() && capacity.admit(chunk.len).is_ok());
    if !within || chunks.is_empty() {
        return Err(Unverified);
    }
    let limbs = LimbSums::parse(key.profile(), column, bytes).ok_or(Unverified)?;
    let labels = chunks.iter().map(|chunk| key.label_tag(&ChunkLabel::new(chunk, column)));
    let expected = labels.fold(key.weigh(limbs.limbs()), Tag::add);
    if expected.matches(limbs.tag()) { Ok(Verified(Sum { column, limbs })) } else { Err(Unverified) }
}
