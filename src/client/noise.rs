//! Noise: `TUniform(17)` from `ChaCha20`.
//!
//! tfhe's own generator takes a 128-bit seed, which would cap the long-term parameters, and its
//! default seeder trusts RDSEED alone and panics where there is none.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use zeroize::Zeroize;

use crate::scheme::NOISE_BOUND_LOG2;

/// Draws encryption noise: working memory for one column at a time, each with a seed of its own.
#[derive(Default)]
pub(super) struct NoiseGenerator {
    /// Keystream of one column; wiped when dropped.
    words: Vec<u32>,
    /// The same noise everywhere, to try the worst case.
    #[cfg(test)]
    pub(super) constant: Option<i64>,
}

impl Drop for NoiseGenerator {
    fn drop(&mut self) {
        self.words.zeroize();
    }
}

impl NoiseGenerator {
    /// Adds noise of a 256-bit seed to every word. `TUniform(b)` from b + 2 uniform bits r:
    /// (r >> 1) + (r & 1) − 2^b.
    pub(super) fn add_to(&mut self, words: &mut [u64], seed: &[u8; 32]) {
        #[cfg(test)]
        if let Some(noise) = self.constant {
            return words.iter_mut().for_each(|word| *word = word.wrapping_add_signed(noise));
        }
        self.words.resize(words.len(), 0);
        // The generator wipes itself.
        ChaCha20Rng::from_seed(*seed).fill_bytes(bytemuck::cast_slice_mut(&mut self.words));
        for (word, random) in words.iter_mut().zip(&self.words) {
            let r = u64::from(u32::from_le(*random)) & ((1 << (NOISE_BOUND_LOG2 + 2)) - 1);
            let noise = ((r >> 1) + (r & 1)).wrapping_sub(1 << NOISE_BOUND_LOG2);
            *word = word.wrapping_add(noise);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfhe::core_crypto::commons::math::random::{RandomGenerator, Seed};
    use tfhe::core_crypto::prelude::{DefaultRandomGenerator, TUniform};

    const DRAWS: usize = 1 << 20;
    const BINS: usize = 64;

    fn ours() -> Vec<i64> {
        let mut words = vec![0; DRAWS];
        NoiseGenerator::default().add_to(&mut words, &[7; 32]);
        words.into_iter().map(|w| w as i64).collect()
    }

    fn tfhes() -> Vec<i64> {
        let mut generator = RandomGenerator::<DefaultRandomGenerator>::new(Seed(7));
        let mut words = vec![0u64; DRAWS];
        generator.fill_slice_with_random_from_distribution(&mut words, TUniform::new(NOISE_BOUND_LOG2));
        words.into_iter().map(|w| w as i64).collect()
    }

    fn histogram(draws: &[i64]) -> [f64; BINS] {
        let bound = 1i64 << NOISE_BOUND_LOG2;
        let mut bins = [0.0; BINS];
        for &e in draws {
            let bin = ((e + bound) as usize * BINS) / (2 * bound as usize + 1);
            bins[bin] += 1.0;
        }
        bins
    }

    #[test]
    fn the_noise_is_tfhes_t_uniform() {
        let bound = 1i64 << NOISE_BOUND_LOG2;
        let (ours, tfhes) = (ours(), tfhes());
        for draws in [&ours, &tfhes] {
            assert!(draws.iter().all(|e| (-bound..=bound).contains(e)), "support");
            let n = DRAWS as f64;
            let mean = draws.iter().sum::<i64>() as f64 / n;
            let variance = draws.iter().map(|&e| (e * e) as f64).sum::<f64>() / n - mean * mean;
            // tfhe's formula for the variance, in units of 1; five standard deviations of the mean.
            let expected = TUniform::<u64>::new(NOISE_BOUND_LOG2).variance(1.0).0;
            assert!(mean.abs() < 5.0 * (expected / n).sqrt(), "mean {mean}");
            assert!((variance / expected - 1.0).abs() < 0.01, "variance {variance}");
        }
        // Chi-square of the two samples with 63 degrees of freedom: 131 is passed once in a million.
        let (a, b) = (histogram(&ours), histogram(&tfhes));
        let chi: f64 = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y) / (x + y)).sum();
        assert!(chi < 131.0, "chi-square {chi}");
    }

    #[test]
    fn the_two_ends_are_half_as_likely_as_the_rest() {
        let bits: u32 = NOISE_BOUND_LOG2 + 2;
        let value = |r: u64| ((r >> 1) + (r & 1)) as i64 - (1 << NOISE_BOUND_LOG2);
        let count = |wanted: i64| (0..1u64 << bits).filter(|&r| value(r) == wanted).count();
        assert_eq!([count(-(1 << NOISE_BOUND_LOG2)), count(1 << NOISE_BOUND_LOG2)], [1, 1]);
        assert_eq!([count(0), count(-1), count(77_777)], [2, 2, 2]);
    }
}
