//! Parts of an answer become the whole. Merging needs no key and is not trusted: whoever asked verifies.

use std::io::{self, Write};

use crate::protocol::files::{Answer, AnswerHeader, AnswerWriter, FileError, Part};
use crate::scheme::LimbSums;

/// Why parts make no answer.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A part cannot be read.
    #[error("part file {file}: it {error}")]
    Part {
        /// Its place in the list, from 1.
        file: usize,
        /// Why.
        error: FileError,
    },
    /// The answer cannot be written.
    #[error("the answer could not be written ({0})")]
    Write(#[from] io::Error),
    /// There are none.
    #[error("there are no parts")]
    Nothing,
    /// Parts of different answers.
    #[error("part file {0} belongs to another question, bundle or division than the first")]
    Foreign(usize),
    /// A part is there twice.
    #[error("part {0} is there twice")]
    Repeated(u32),
    /// A part is not there.
    #[error("part {number} of {of} is missing")]
    Missing {
        /// The part.
        number: u32,
        /// How many there are.
        of: u32,
    },
    /// A limb sum is larger than honest parts make it.
    #[error("part file {0} holds a sum that is too large; it was not computed from this bundle")]
    TooLarge(usize),
}

/// Adds the parts of an answer: each exactly once.
pub fn merge(mut parts: Vec<Answer>, out: impl Write) -> Result<(), MergeError> {
    let first = parts.first().ok_or(MergeError::Nothing)?.header();
    check(&parts, first)?;
    let mut writer = AnswerWriter::new(out, AnswerHeader { part: Part::WHOLE, ..first })?;
    let mut bytes = Vec::new();
    for _ in 0..first.sums {
        let mut total: Option<(crate::scheme::Column, LimbSums)> = None;
        for (file, part) in (1..).zip(&mut parts) {
            let column = part.next(&mut bytes).map_err(|error| MergeError::Part { file, error })?;
            let column = column.ok_or(MergeError::Foreign(file))?;
            let malformed = MergeError::Part { file, error: FileError::Damaged("a tag is out of range") };
            let sums = LimbSums::parse(first.profile, column, &bytes).ok_or(malformed)?;
            total = Some(match total {
                None => (column, sums),
                Some((first, _)) if first != column => return Err(MergeError::Foreign(file)),
                Some((_, mut total)) => {
                    total.add(&sums).ok_or(MergeError::TooLarge(file))?;
                    (column, total)
                }
            });
        }
        if let Some((column, total)) = total {
            writer.sum(column, &total)?;
        }
    }
    Ok(writer.finish()?.flush()?)
}

/// Whether the parts are all of one answer, and each is there once.
fn check(parts: &[Answer], first: AnswerHeader) -> Result<(), MergeError> {
    let mut there = std::collections::BTreeSet::new();
    for (file, part) in (1..).zip(parts) {
        let header = part.header();
        let same = AnswerHeader { part: first.part, ..header } == first && header.part.of == first.part.of;
        if !same {
            return Err(MergeError::Foreign(file));
        }
        if !there.insert(header.part.number) {
            return Err(MergeError::Repeated(header.part.number));
        }
    }
    let of = first.part.of;
    match (1..=of).find(|number| !there.contains(number)) {
        Some(number) => Err(MergeError::Missing { number, of }),
        None => Ok(()),
    }
}
