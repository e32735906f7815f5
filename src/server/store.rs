//! The chunks that a server holds, and their sums.

use std::collections::HashMap;

use crate::protocol::{ChunkHeader, ChunkId, ChunkView, Refusal, Refused, Request, SumQuestion};
use crate::scheme::{
    Capacity, Column, Folder, LimbSums, N, Profile, SLOT_BYTES, Tag, expand_mask, fold_body, read_slot,
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

    /// Adds the (folded) ciphertexts of one column over the chunks that a question names.
    pub fn sum(&self, question: &SumQuestion, adder: &mut Adder) -> Result<LimbSums, Refused> {
        let header = |id| Ok::<_, std::convert::Infallible>(self.chunk(id).map(|chunk| chunk.header()));
        let Ok(checked) = check(question, header);
        let mut sums = LimbSums::zero(question.column.sum_words(checked?));
        for chunk in question.ranges.iter().flat_map(|range| range.ids()).filter_map(|id| self.chunk(id)) {
            if let Some((body, tag)) = chunk.column(question.column) {
                adder.add(&chunk.header(), question.column, body, tag, &mut sums);
            }
        }
        Ok(sums)
    }
}

/// Whether a question may be answered: at least one chunk, none twice, all there, all with the column
/// and the same profile, and no more slots than decrypt without error. Returns the profile.
pub(super) fn check<E>(
    question: &SumQuestion,
    header_of: impl Fn(ChunkId) -> Result<Option<ChunkHeader>, E>,
) -> Result<Result<Profile, Refused>, E> {
    let refuse = |refusal| Ok(Err(Refused::new(refusal)));
    let (mut profile, mut end, mut capacity) = (None, 0, Capacity::of(question.column));
    for range in &question.ranges {
        if range.count == 0 {
            return refuse(Refusal::Empty);
        }
        if u64::from(range.first.0) < end {
            return refuse(Refusal::Overlap);
        }
        end = range.end();
        for id in range.ids() {
            let refuse = |refusal| Ok(Err(Refused { chunk: Some(id), ..Refused::new(refusal) }));
            let Some(header) = header_of(id)? else { return refuse(Refusal::MissingChunk) };
            if !header.columns.contains(question.column) {
                return refuse(Refusal::MissingColumn);
            }
            if *profile.get_or_insert(header.profile) != header.profile {
                return refuse(Refusal::MixedProfiles);
            }
            if capacity.admit(header.len).is_err() {
                return refuse(Refusal::OverCapacity);
            }
        }
    }
    Ok(profile.ok_or_else(|| Refused::new(Refusal::Empty)))
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
    /// Adds one column of a chunk, its body and its tag, to `sums`.
    pub(super) fn add(&mut self, header: &ChunkHeader, column: Column, body: &[u8], tag: Tag, sums: &mut LimbSums) {
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
