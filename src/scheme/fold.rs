//! Folding by the hour: one mask serves all 168 hours of a week.
//!
//! Slot j of a packed ciphertext is coefficient j of its phase. Multiplied by `Σ_i X^(−stride·i)`,
//! coefficient v becomes the sum of the coefficients v + stride·i: at the first slot of each hour and
//! day stands the hour's sum. So word v of a folded mask polynomial is `Σ_i ã[v + stride·i]` with ã
//! the negacyclic extension (`ã[N + v] = −a[v]`). Doublings make that four additions a word, or three.

use super::column::{Column, Fold};
use super::{N, SLOT_BYTES, read_slot};

/// Folds mask polynomials; holds them between its doublings.
pub struct Folder {
    doubled: Box<[u64; N]>,
}

impl Default for Folder {
    fn default() -> Self {
        Self { doubled: Box::new([0; N]) }
    }
}

/// Adds the polynomial, moved down by `by` coefficients, to `sum`.
fn add_moved(polynomial: &[u64; N], by: usize, sum: &mut [u64; N]) {
    let (low, high) = sum.split_at_mut(N - by);
    for (sum, word) in low.iter_mut().zip(&polynomial[by..]) {
        *sum = sum.wrapping_add(*word);
    }
    for (sum, word) in high.iter_mut().zip(&polynomial[..by]) {
        *sum = sum.wrapping_sub(*word);
    }
}

impl Folder {
    /// Writes the mask polynomial as the server adds it to `folded`: folded, if the column folds.
    pub fn fold_mask(&mut self, polynomial: &[u64; N], column: Column, folded: &mut [u64; N]) {
        folded.copy_from_slice(polynomial);
        let Some(Fold { rows, stride }) = column.fold() else { return };
        // Sums of two rows; where there are twelve, three sums of four.
        add_moved(polynomial, stride, folded);
        let mut done = 2;
        if rows == 12 {
            self.doubled.copy_from_slice(folded);
            add_moved(&self.doubled, done * stride, folded);
            done = 4;
        }
        self.doubled.copy_from_slice(folded);
        add_moved(&self.doubled, done * stride, folded);
        add_moved(&self.doubled, 2 * done * stride, folded);
    }
}

/// The words of a body as the server adds them: folded, if the column folds. `body` is its slots' bytes as they
/// were sent. They are written to `words`.
pub fn fold_body(body: &[u8], column: Column, words: &mut Vec<u64>) {
    let slots = body.as_chunks::<SLOT_BYTES>().0;
    words.clear();
    match column.fold() {
        None => words.extend(slots.iter().map(read_slot)),
        Some(fold) => fold_slots(slots, fold, read_slot, words),
    }
}

/// The same of the body's words.
pub fn fold_words(slots: &[u64], column: Column, words: &mut Vec<u64>) {
    match column.fold() {
        None => words.extend_from_slice(slots),
        Some(fold) => fold_slots(slots, fold, |&word| word, words),
    }
}

/// Appends the sums of the slots of each hour.
fn fold_slots<T>(slots: &[T], Fold { rows, stride }: Fold, word: impl Fn(&T) -> u64, words: &mut Vec<u64>) {
    for hour in slots.chunks_exact(rows * stride) {
        let at = words.len();
        words.resize(at + stride, 0);
        for row in hour.chunks_exact(stride) {
            for (sum, slot) in words[at..].iter_mut().zip(row) {
                *sum = sum.wrapping_add(word(slot));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(a: &[u64; N], column: Column) -> Vec<u64> {
        let extended = |v: usize| if v < N { a[v] } else { a[v - N].wrapping_neg() };
        let Fold { rows, stride } = column.fold().unwrap_or(Fold { rows: 1, stride: 0 });
        (0..N).map(|v| (0..rows).fold(0u64, |sum, i| sum.wrapping_add(extended(v + stride * i)))).collect()
    }

    fn polynomial(seed: u64) -> Box<[u64; N]> {
        let mut state = seed;
        Box::new(std::array::from_fn(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 31
        }))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn folding_is_the_sum_of_the_rows(seed: u64, column in 0..4u8) {
            let (a, column) = (polynomial(seed), Column::from_u8(column).unwrap());
            let mut folded = Box::new([0; N]);
            Folder::default().fold_mask(&a, column, &mut folded);
            prop_assert_eq!(&folded[..], &naive(&a, column)[..]);
        }
    }

    #[test]
    fn a_folded_body_stands_where_the_folded_phase_has_it() {
        for column in [Column::RATE, Column::SQUARES, Column::DAYS] {
            let mut phase = polynomial(7);
            phase[column.slots()..].fill(0);
            let mut folded = Box::new([0; N]);
            Folder::default().fold_mask(&phase, column, &mut folded);
            let expected: Vec<u64> = (0..column.body_words()).map(|word| folded[column.position(word)]).collect();
            let mut words = Vec::new();
            fold_words(&phase[..column.slots()], column, &mut words);
            assert_eq!(words, expected, "{}", column.name());
        }
    }
}
