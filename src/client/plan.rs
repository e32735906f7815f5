//! Which sums answer a question: one for each column, more where it exceeds the capacity of a sum.

use super::answered::columns;
use crate::protocol::{ChunkHeader, ChunkId, ChunkRange, SumQuestion};
use crate::reading::HourKey;
use crate::scheme::{Capacity, Column};
use crate::statistics::Question;

/// One sum that was asked for: what it is part of, and what is needed to check it.
pub(super) struct Asked {
    /// The place of its question.
    pub(super) question: usize,
    pub(super) column: Column,
    /// The chunks, in ascending order, and what each was encrypted as.
    pub(super) ids: Vec<ChunkId>,
    pub(super) chunks: Vec<ChunkHeader>,
}

impl Asked {
    /// The sum as a server is asked for it.
    pub(super) fn to_sum(&self) -> SumQuestion {
        SumQuestion { column: self.column, ranges: ChunkRange::cover(self.ids.iter().copied()) }
    }
}

/// The sums that questions need. `chunks_of` knows the chunks of an hour.
pub(super) fn plan<'a>(
    questions: &[Question],
    chunks_of: impl Fn(HourKey) -> &'a [(ChunkId, ChunkHeader)],
) -> Vec<Asked> {
    let mut asked: Vec<Asked> = Vec::new();
    for (place, question) in questions.iter().enumerate() {
        let mut chunks: Vec<_> = question.hours.iter().flat_map(|&key| chunks_of(key)).collect();
        chunks.sort_by_key(|(id, _)| *id);
        for column in columns(question.needs).iter() {
            let mut capacity = Capacity::of(column);
            let mut open = false;
            for &&(id, header) in &chunks {
                if !open || capacity.admit(header.len).is_err() {
                    capacity = Capacity::of(column);
                    // One chunk is always within the capacity.
                    let _ = capacity.admit(header.len);
                    asked.push(Asked { question: place, column, ids: Vec::new(), chunks: Vec::new() });
                    open = true;
                }
                if let Some(last) = asked.last_mut() {
                    last.ids.push(id);
                    last.chunks.push(header);
                }
            }
        }
    }
    asked
}
