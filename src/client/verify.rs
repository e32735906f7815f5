//! Verification and decryption. Nothing that a server sent is decrypted before it has passed here, and
//! the types leave no other way: only [`verify`] makes a [`Verified`] sum, only a verified sum decrypts.

use std::ops::Add;

use zeroize::Zeroizing;

use super::keys::SchemeKey;
use super::label::Label;
use crate::scheme::{Column, LimbSums, MAX_SHEETS, MaskSeed, Tag, decode};

/// The answer is not the sum that was asked for. It was not decrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the answer is not the sum that was asked for")]
pub struct Unverified;

/// Our decryption and tfhe's own do not agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("tfhe's own decryption of an answer gives different numbers; please report this")]
pub struct Disagree;

/// Something that has passed verification under a key, and can be decrypted by that key only.
pub struct Verified<'k, T> {
    key: &'k SchemeKey,
    value: T,
}

impl Verified<'_, Sum> {
    /// Decrypts: one message for each word of the column's body. By the bounds of the scheme this cannot go wrong.
    pub fn decrypt(&self) -> Vec<u64> {
        let words = Zeroizing::new(self.value.limbs.words());
        self.key.phases(self.value.column, &words).iter().map(|&phase| decode(phase)).collect()
    }

    /// Decrypts with our code and with tfhe's own, which must agree.
    pub fn decrypt_twice(&self) -> Result<Vec<u64>, Disagree> {
        let ours = self.decrypt();
        let words = Zeroizing::new(self.value.limbs.words());
        let theirs = self.key.phases_by_tfhe(self.value.column, &words);
        let agree =
            ours.len() == theirs.len() && ours.iter().zip(&*theirs).all(|(ours, phase)| *ours == decode(*phase));
        if agree { Ok(ours) } else { Err(Disagree) }
    }
}

/// The sum of one column over some sheets.
pub struct Sum {
    column: Column,
    limbs: LimbSums,
}

/// Checks the bytes of a sum of `column` over the sheets whose columns have these seeds. The seeds come from the
/// client's own record of what it asked, never from the answer.
pub fn verify<'k>(
    key: &'k SchemeKey,
    column: Column,
    seeds: &[MaskSeed],
    bytes: &[u8],
) -> Result<Verified<'k, Sum>, Unverified> {
    if seeds.is_empty() || seeds.len() > MAX_SHEETS {
        return Err(Unverified);
    }
    let parameters = key.parameters();
    let limbs = LimbSums::parse(parameters, column, bytes).ok_or(Unverified)?;
    let labels = seeds.iter().map(|&seed| key.label_tag(&Label { parameters, column, seed }));
    let expected = labels.fold(key.weigh(limbs.limbs()), Tag::add);
    if expected.matches(limbs.tag()) { Ok(Verified { key, value: Sum { column, limbs } }) } else { Err(Unverified) }
}
