//! The chunks that a server holds, and their sums.

use std::collections::HashMap;

use crate::protocol::{ChunkId, ChunkView, Refusal, Refused, Request, SumQuestion};
use crate::scheme::{
    Capacity, Column, Folder, LimbSums, N, OverCapacity, SLOT_BYTES, expand_mask, fold_body, read_slot,
};

/// The chunks of one server, kept as the frames in which they came: masks stay seeds.
#[derive(Default)]
pub struct Store {
    frames: HashMap<ChunkId, Box<[u8]>>,
}

impl Store {
    /// Keeps the chunk of a put frame, in place of any earlier one of the same number.
    pub fn put(&mut self, id: ChunkId, frame: Vec<u8>) {
        self.frames.insert(id, frame.into_boxed_slice());
    }

    /// Forgets a chunk.
    pub fn remove(&mut self, id: ChunkId) {
        self.frames.remove(&id);
    }

    fn chunk(&self, id: ChunkId) -> Option<ChunkView<'_>> {
        let frame = self.frames.get(&id)?;
        ChunkView::parse(frame.get(Request::PUT_HEADER_BYTES..)?).ok()
    }

    /// The chunks of a question, if it may be answered: at least one, none twice, all here, all
    /// with the column and the same profile, and no more slots than decrypt without error.
    fn chunks(&self, question: &SumQuestion) -> Result<Vec<ChunkView<'_>>, Refused> {
        let refuse = |refusal| Refused::new(refusal);
        let (mut chunks, mut end, mut capacity) = (Vec::new(), 0, Capacity::of(question.column));
        for range in &question.ranges {
            if range.count == 0 {
                return Err(refuse(Refusal::Empty));
            }
            if u64::from(range.first.0) < end {
                return Err(refuse(Refusal::Overlap));
            }
            end = range.end();
            for id in range.ids() {
                let refuse = |refusal| Refused { chunk: Some(id), ..Refused::new(refusal) };
                let chunk = self.chunk(id).ok_or(refuse(Refusal::MissingChunk))?;
                let header = chunk.header();
                if !header.columns.contains(question.column) {
                    return Err(refuse(Refusal::MissingColumn));
                }
                if chunks.first().is_some_and(|first: &ChunkView| first.header().profile != header.profile) {
                    return Err(refuse(Refusal::MixedProfiles));
                }
                capacity.admit(header.len).map_err(|OverCapacity| refuse(Refusal::OverCapacity))?;
                chunks.push(chunk);
            }
        }
        if chunks.is_empty() { Err(refuse(Refusal::Empty)) } else { Ok(chunks) }
    }

    /// Adds the (folded) ciphertexts of one column over the chunks that a question names.
    pub fn sum(&self, question: &SumQuestion, adder: &mut Adder) -> Result<LimbSums, Refused> {
        let chunks = self.chunks(question)?;
        let profile = chunks[0].header().profile;
        let mut sums = LimbSums::zero(question.column.sum_words(profile));
        for chunk in chunks {
            adder.add(&chunk, question.column, &mut sums);
        }
        Ok(sums)
    }
}

/// Working memory for adding chunks: one mask polynomial, expanded and folded.
pub struct Adder {
    mask: Box<[u64; N]>,
    folded: Box<[u64; N]>,
    folder: Folder,
}

impl Default for Adder {
    fn default() -> Self {
        Self { mask: Box::new([0; N]), folded: Box::new([0; N]), folder: Folder::default() }
    }
}

impl Adder {
    /// Adds one column of a chunk that has it to `sums`.
    fn add(&mut self, chunk: &ChunkView<'_>, column: Column, sums: &mut LimbSums) {
        let Some((body, tag)) = chunk.column(column) else { return };
        let header = chunk.header();
        for index in 0..header.profile.k() {
            expand_mask(&header.seed, column, index, &mut self.mask);
            if column.folds() {
                self.folder.fold_mask(&self.mask, header.len, &mut self.folded);
                sums.add_words(index * N, &*self.folded);
            } else {
                sums.add_words(index * N, &*self.mask);
            }
        }
        let at = header.profile.lwe_dimension();
        if column.folds() {
            sums.add_words(at, &[fold_body(body)]);
        } else {
            for (slot, bytes) in body.as_chunks::<SLOT_BYTES>().0.iter().enumerate() {
                sums.add_words(at + slot, &[read_slot(bytes)]);
            }
        }
        sums.add_tag(tag);
    }
}
