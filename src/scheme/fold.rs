//! Folding: a packed ciphertext of `len` slots becomes the LWE ciphertext of their sum.
//!
//! Slot j of a packed ciphertext is the LWE ciphertext whose mask is ã[j−u] at word u, where ã is
//! the negacyclic extension of the mask polynomial a (ã[v] = a[v] for 0 ≤ v, −a[N+v] below). The
//! sum of slots 0..len has `Σ_j ã[j−u]` at word u: a difference of two prefix sums, so that folding
//! costs O(N) whatever `len` is.

use super::{N, SLOT_BYTES, read_slot};

/// Folds mask polynomials; holds the prefix sums between its two passes.
pub struct Folder {
    prefix: Vec<u64>,
}

impl Default for Folder {
    fn default() -> Self {
        Self { prefix: vec![0; N + 1] }
    }
}

impl Folder {
    /// Writes the folded mask of slots 0..`len` of `polynomial` to `folded`.
    ///
    /// # Panics
    /// If `len` exceeds N.
    pub fn fold_mask(&mut self, polynomial: &[u64; N], len: usize, folded: &mut [u64; N]) {
        assert!(len <= N);
        let mut sum = 0u64;
        for (prefix, &word) in self.prefix.iter_mut().zip(polynomial) {
            *prefix = sum;
            sum = sum.wrapping_add(word);
        }
        self.prefix[N] = sum;
        let p = &self.prefix;
        // Word u: P[N−u] + P[len−u] − P[N] up to u = len, P[N−u] − P[N+len−u] beyond, each a walk
        // down the prefix sums.
        let (near, far) = folded.split_at_mut(len);
        for ((word, &high), &low) in near.iter_mut().zip(p[..=N].iter().rev()).zip(p[..=len].iter().rev()) {
            *word = high.wrapping_add(low).wrapping_sub(sum);
        }
        for ((word, &high), &low) in far.iter_mut().zip(p[..=N - len].iter().rev()).zip(p[..=N].iter().rev()) {
            *word = high.wrapping_sub(low);
        }
    }
}

/// The folded body: the sum of the body's slots, as their bytes were sent.
pub fn fold_body(body: &[u8]) -> u64 {
    body.as_chunks::<SLOT_BYTES>().0.iter().fold(0, |sum, slot| sum.wrapping_add(read_slot(slot)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(a: &[u64; N], len: usize) -> Vec<u64> {
        let extended = |v: i64| if v >= 0 { a[v as usize] } else { a[(N as i64 + v) as usize].wrapping_neg() };
        (0..N as i64).map(|u| (0..len as i64).fold(0u64, |sum, j| sum.wrapping_add(extended(j - u)))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn folding_is_the_sum_of_the_slots_masks(seed: u64, len in 0..=N) {
            let mut state = seed;
            let a: Box<[u64; N]> = Box::new(std::array::from_fn(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state ^ state >> 31
            }));
            let mut folded = Box::new([0; N]);
            Folder::default().fold_mask(&a, len, &mut folded);
            prop_assert_eq!(&folded[..], &naive(&a, len)[..]);
        }
    }
}
