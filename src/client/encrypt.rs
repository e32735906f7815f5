//! Encryption and tagging of one chunk.

use rayon::prelude::*;
use zeroize::Zeroize;

use super::keys::SchemeKey;
use super::master::{NoRandomness, random_bytes};
use super::noise::NoiseGenerator;
use super::product::ProductSpace;
use crate::protocol::ChunkHeader;
use crate::reading::Rate;
use crate::scheme::{
    Column, ColumnSet, DELTA_LOG2, DROPPED_BITS, Folder, HISTOGRAM_SLOTS, MaskSeed, N, Profile, expand_mask,
    padded_len, round_body, slot_bytes,
};

/// What ties a tag to one column of one encryption of one chunk. Fixed width.
pub(super) struct ChunkLabel {
    pub(super) profile: Profile,
    pub(super) column: Column,
    pub(super) len: usize,
    pub(super) seed: MaskSeed,
}

impl ChunkLabel {
    pub(super) fn new(header: &ChunkHeader, column: Column) -> Self {
        Self { profile: header.profile, column, len: header.len, seed: header.seed }
    }

    pub(super) fn to_bytes(&self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[0] = self.profile as u8;
        bytes[1] = self.column as u8;
        bytes[2..4].copy_from_slice(&(self.len as u16).to_le_bytes());
        bytes[4..].copy_from_slice(&self.seed.0);
        bytes
    }
}

/// Encrypts chunks: a noise generator and working memory, one for each thread.
pub struct Encryptor {
    noise: NoiseGenerator,
    space: ProductSpace,
    folder: Folder,
    mask: Box<[u64; N]>,
    /// Mask words of the ciphertext that the server will add, then those of its body.
    words: Vec<u64>,
    /// Phases while a column is encrypted; wiped when dropped.
    body: Vec<u64>,
}

impl Drop for Encryptor {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

impl Encryptor {
    /// An encryptor with a noise seed of its own from the operating system.
    pub fn from_os() -> Result<Self, NoRandomness> {
        NoiseGenerator::from_os().map(Self::new)
    }

    pub(super) fn new(noise: NoiseGenerator) -> Self {
        Self {
            noise,
            space: ProductSpace::default(),
            folder: Folder::default(),
            mask: Box::new([0; N]),
            words: Vec::new(),
            body: Vec::with_capacity(N),
        }
    }

    /// Encrypts `rates`, padded with zeros, under a fresh seed; appends the chunk to `out`.
    ///
    /// The seed is drawn here and never an argument: the same mask with two messages would reveal
    /// their difference.
    ///
    /// # Panics
    /// If there are more than N rates.
    pub fn encrypt(
        &mut self,
        key: &SchemeKey,
        rates: &[Rate],
        columns: ColumnSet,
        out: &mut Vec<u8>,
    ) -> Result<ChunkHeader, NoRandomness> {
        let seed = MaskSeed(random_bytes()?);
        Ok(self.encrypt_under(key, rates, columns, seed, out))
    }

    pub(super) fn encrypt_under(
        &mut self,
        key: &SchemeKey,
        rates: &[Rate],
        columns: ColumnSet,
        seed: MaskSeed,
        out: &mut Vec<u8>,
    ) -> ChunkHeader {
        let len = padded_len(rates.len()).expect("callers split hours into chunks of at most N readings");
        let header = ChunkHeader { profile: key.profile(), columns, len, seed };
        out.reserve(header.chunk_bytes());
        out.extend_from_slice(&header.to_bytes());
        for column in columns.iter() {
            self.body.clear();
            self.body.resize(column.slots(len), 0);
            write_messages(column, rates, &mut self.body);
            self.encrypt_column(key, &ChunkLabel::new(&header, column), out);
        }
        header
    }

    /// Encrypts the messages in `self.body` and appends the column's body and tag.
    fn encrypt_column(&mut self, key: &SchemeKey, label: &ChunkLabel, out: &mut Vec<u8>) {
        let column = label.column;
        for phase in &mut self.body {
            *phase <<= DELTA_LOG2;
        }
        self.noise.add_to(&mut self.body);
        self.words.resize(key.profile().lwe_dimension(), 0);
        for (index, folded) in self.words.as_chunks_mut::<N>().0.iter_mut().enumerate() {
            expand_mask(&label.seed, column, index, &mut self.mask);
            let product = key.mask_times_key(index, &self.mask, self.body.len(), &mut self.space);
            for (word, term) in self.body.iter_mut().zip(product) {
                *word = word.wrapping_add(*term);
            }
            if column.folds() {
                self.folder.fold_mask(&self.mask, label.len, folded);
            } else {
                *folded = *self.mask;
            }
        }
        for word in &mut self.body {
            let rounded = round_body(*word);
            out.extend_from_slice(&slot_bytes(rounded));
            *word = rounded << DROPPED_BITS;
        }
        if column.folds() {
            self.words.push(self.body.iter().fold(0, |sum, word| sum.wrapping_add(*word)));
        } else {
            self.words.extend_from_slice(&self.body);
        }
        let limbs = self.words.iter().map(|&word| [word & 0xffff_ffff, word >> 32]);
        out.extend_from_slice(&(key.label_tag(label) + key.weigh(limbs)).to_bytes());
    }
}

/// Encryptors for all cores, one for each thread.
pub(super) fn encryptors() -> Result<Vec<Encryptor>, NoRandomness> {
    (0..rayon::current_num_threads()).map(|_| Encryptor::from_os()).collect()
}

/// Encrypts items on all cores, a share to each encryptor. The results stand in the items' order.
pub(super) fn encrypt_each<T: Sync, R: Send>(
    encryptors: &mut [Encryptor],
    items: &[T],
    encrypt: impl Fn(&mut Encryptor, &T) -> Result<R, NoRandomness> + Sync,
) -> Result<Vec<R>, NoRandomness> {
    let share = items.len().div_ceil(encryptors.len()).max(1);
    let shares: Vec<Vec<R>> = encryptors
        .par_iter_mut()
        .zip(items.par_chunks(share))
        .map(|(encryptor, items)| items.iter().map(|item| encrypt(encryptor, item)).collect())
        .collect::<Result<_, _>>()?;
    Ok(shares.into_iter().flatten().collect())
}

/// Writes what the slots of a column hold; those beyond the readings stay zero.
fn write_messages(column: Column, rates: &[Rate], slots: &mut [u64]) {
    let square = |rate: &Rate| u64::from(rate.centi_bpm()).pow(2);
    let mut each = |message: &dyn Fn(&Rate) -> u64| {
        for (slot, rate) in slots.iter_mut().zip(rates) {
            *slot = message(rate);
        }
    };
    match column {
        Column::Rate => each(&|rate| u64::from(rate.centi_bpm())),
        Column::SquareLow => each(&|rate| square(rate) & SQUARE_LOW_MASK),
        Column::SquareHigh => each(&|rate| square(rate) >> SQUARE_LOW_BITS),
        Column::Histogram => rates.iter().for_each(|rate| slots[histogram_bin(*rate)] += 1),
    }
}

/// Bits of a squared rate that the low column holds.
pub(super) const SQUARE_LOW_BITS: u32 = 15;
const SQUARE_LOW_MASK: u64 = (1 << SQUARE_LOW_BITS) - 1;

// Both halves of the largest square are 15-bit messages.
const _: () = assert!((Rate::MAX.centi_bpm() as u64).pow(2) >> SQUARE_LOW_BITS <= SQUARE_LOW_MASK);
const _: () = assert!((Rate::MAX.centi_bpm() as u64) < 1 << 15);

/// The 1-bpm bin of a rate: 0 for 20.00 to 20.99 bpm.
pub(super) fn histogram_bin(rate: Rate) -> usize {
    usize::from(rate.centi_bpm() / 100 - Rate::MIN.centi_bpm() / 100)
}

const _: () = assert!((Rate::MAX.centi_bpm() / 100 - Rate::MIN.centi_bpm() / 100) as usize == HISTOGRAM_SLOTS - 1);
