//! Encryption and tagging of the columns of one sheet.

use rayon::prelude::*;
use zeroize::{Zeroize, Zeroizing};

use super::keys::SchemeKey;
use super::label::Label;
use super::master::{NoRandomness, random_bytes};
use super::noise::NoiseGenerator;
use super::pack::pack;
use super::product::ProductSpace;
use crate::protocol::SheetHeader;
use crate::reading::{WeekKey, WeekReadings};
use crate::scheme::{
    Column, ColumnSet, DELTA_LOG2, DROPPED_BITS, Folder, MaskSeed, N, SLOT_BYTES, expand_mask, fold_words, round_body,
    slot_bytes,
};
use crate::statistics::Weighting;

/// Encrypts sheets: working memory, one for each thread.
pub struct Encryptor {
    space: ProductSpace,
    folder: Folder,
    mask: Box<[u64; N]>,
    /// Mask words of the ciphertext that the server will add, then those of its body.
    words: Vec<u64>,
    /// Phases while a column is encrypted; wiped when dropped.
    body: Vec<u64>,
    pub(super) noise: NoiseGenerator,
}

impl Drop for Encryptor {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

impl Default for Encryptor {
    fn default() -> Self {
        Self {
            space: ProductSpace::default(),
            folder: Folder::default(),
            mask: Box::new([0; N]),
            words: Vec::new(),
            body: Vec::with_capacity(N),
            noise: NoiseGenerator::default(),
        }
    }
}

impl Encryptor {
    /// Encrypts columns of a week's sheet number `piece`, which is 0 but for weeks of very many readings, and
    /// appends the sheet to `out`. Returns the columns' seeds, by the columns' numbers.
    ///
    /// Seeds are drawn here and never an argument: the same mask with two messages would reveal
    /// their difference.
    pub fn encrypt_week(
        &mut self,
        key: &SchemeKey,
        week: &WeekReadings,
        (weighting, piece): (Weighting, u32),
        columns: ColumnSet,
        out: &mut Vec<u8>,
    ) -> Result<Vec<MaskSeed>, NoRandomness> {
        self.encrypt(key, week.key(), &pack(week, weighting, piece, columns), out)
    }

    /// Encrypts the messages of some columns, which are in order.
    ///
    /// # Panics
    /// If the number of a column's messages differs from that of its slots.
    pub(super) fn encrypt(
        &mut self,
        key: &SchemeKey,
        week: WeekKey,
        columns: &[(Column, Vec<u32>)],
        out: &mut Vec<u8>,
    ) -> Result<Vec<MaskSeed>, NoRandomness> {
        let set: ColumnSet = columns.iter().map(|(column, _)| *column).collect();
        let header = SheetHeader { parameters: key.parameters(), columns: set };
        out.reserve(header.sheet_bytes());
        out.extend_from_slice(&header.to_bytes());
        let mut seeds = Vec::with_capacity(columns.len());
        for (column, messages) in columns {
            let fresh = Zeroizing::new(random_bytes()?);
            seeds.push(self.encrypt_with(key, week, *column, messages, &fresh, out));
        }
        Ok(seeds)
    }

    /// Encrypts one column. `fresh` is 32 bytes from the operating system; even if a copied machine draws the same
    /// again, other messages, columns and weeks get other seeds.
    pub(super) fn encrypt_with(
        &mut self,
        key: &SchemeKey,
        week: WeekKey,
        column: Column,
        messages: &[u32],
        fresh: &[u8; 32],
        out: &mut Vec<u8>,
    ) -> MaskSeed {
        let (seed, noise_seed) = key.seeds(fresh, week, column, messages);
        self.body.clear();
        self.body.extend(messages.iter().map(|&message| u64::from(message) << DELTA_LOG2));
        assert_eq!(self.body.len(), column.slots());
        self.noise.add_to(&mut self.body, &noise_seed);
        out.extend_from_slice(&seed.0);
        self.finish(key, &Label { parameters: key.parameters(), column, seed }, out);
        seed
    }

    /// Adds mask times key to the phases in `self.body`, and appends the column's body and tag.
    fn finish(&mut self, key: &SchemeKey, label: &Label, out: &mut Vec<u8>) {
        let column = label.column;
        self.words.resize(key.parameters().mask_words(), 0);
        for (index, folded) in self.words.as_chunks_mut::<N>().0.iter_mut().enumerate() {
            expand_mask(&label.seed, column, index, &mut self.mask);
            let product = key.mask_times_key(index, &self.mask, &mut self.space);
            for (word, term) in self.body.iter_mut().zip(product) {
                *word = word.wrapping_add(*term);
            }
            self.folder.fold_mask(&self.mask, column, folded);
        }
        let start = out.len();
        out.resize(start + column.slots() * SLOT_BYTES, 0);
        for (word, slot) in self.body.iter_mut().zip(out[start..].as_chunks_mut().0) {
            let rounded = round_body(*word);
            *slot = slot_bytes(rounded);
            *word = rounded << DROPPED_BITS;
        }
        fold_words(&self.body, column, &mut self.words);
        let limbs = self.words.iter().map(|&word| [word & 0xffff_ffff, word >> 32]);
        out.extend_from_slice(&(key.label_tag(label) + key.weigh(limbs)).to_bytes());
    }
}

/// Encryptors for all cores, one for each thread.
pub(super) fn encryptors() -> Vec<Encryptor> {
    (0..rayon::current_num_threads()).map(|_| Encryptor::default()).collect()
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
