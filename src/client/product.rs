//! The product of a mask polynomial and a binary key polynomial, modulo X^N + 1 and 2^64.
//!
//! Number-theoretic transforms over three 30-bit primes, as tfhe-ntt's `native_binary64`, with the
//! key's own transform computed once. Exact: the integer product is below the primes' product.

use std::sync::LazyLock;

use tfhe_ntt::{native_binary64, prime32};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::scheme::N;

/// The primes of `native_binary64::Plan32`.
const PRIMES: [u32; 3] = [0x3f5a_0001, 0x3f5d_0001, 0x3f76_0001];

struct Plans {
    native: native_binary64::Plan32,
    primes: [prime32::Plan; 3],
}

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let (Some(native), [Some(a), Some(b), Some(c)]) =
        (native_binary64::Plan32::try_new(N), PRIMES.map(|prime| prime32::Plan::try_new(N, prime)))
    else {
        unreachable!("each prime has a 4096th root of unity")
    };
    Plans { native, primes: [a, b, c] }
});

/// A key polynomial, transformed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct KeyTransform([Vec<u32>; 3]);

/// Working memory for a product. Wiped when dropped: it holds a mask times the key.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct ProductSpace {
    residues: [Vec<u32>; 3],
    product: Vec<u64>,
}

impl Default for ProductSpace {
    fn default() -> Self {
        Self { residues: std::array::from_fn(|_| vec![0; N]), product: vec![0; N] }
    }
}

impl KeyTransform {
    /// Transforms a polynomial whose coefficients are 0 or 1.
    pub(super) fn new(key: &[u64]) -> Self {
        let mut residues = std::array::from_fn(|_| vec![0; N]);
        let [a, b, c] = &mut residues;
        PLANS.native.fwd_binary(key, a, b, c);
        Self(residues)
    }

    /// The product with `mask`, valid until `space` is used again.
    pub(super) fn product<'a>(&self, mask: &[u64; N], space: &'a mut ProductSpace) -> &'a [u64] {
        let plans = &*PLANS;
        let ProductSpace { residues: [a, b, c], product } = space;
        plans.native.fwd(mask, a, b, c);
        for ((plan, lhs), rhs) in plans.primes.iter().zip([&mut *a, &mut *b, &mut *c]).zip(&self.0) {
            plan.mul_assign_normalize(lhs, rhs);
        }
        plans.native.inv(product, a, b, c);
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tfhe::core_crypto::algorithms::polynomial_algorithms::polynomial_wrapping_add_mul_assign;
    use tfhe::core_crypto::prelude::{Polynomial, PolynomialSize};

    fn random_words(seed: u64) -> impl Iterator<Item = u64> {
        let mut reader = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
        std::iter::repeat_with(move || {
            let mut word = [0; 8];
            reader.fill(&mut word);
            u64::from_le_bytes(word)
        })
    }

    fn tfhes_product(mask: &[u64], key: &[u64]) -> Vec<u64> {
        let mut product = Polynomial::new(0u64, PolynomialSize(N));
        polynomial_wrapping_add_mul_assign(
            &mut product,
            &Polynomial::from_container(mask),
            &Polynomial::from_container(key),
        );
        product.into_container()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_product_is_tfhes_bit_for_bit(seed: u64) {
            let key: Vec<u64> = random_words(seed).map(|w| w & 1).take(N).collect();
            let mask: Box<[u64; N]> = random_words(!seed).take(N).collect::<Vec<_>>().try_into().unwrap();
            let mut space = ProductSpace::default();
            let expected = tfhes_product(&*mask, &key);
            prop_assert_eq!(KeyTransform::new(&key).product(&mask, &mut space), &expected[..]);
        }
    }

    #[test]
    fn the_product_is_exact_at_its_extremes() {
        let mut space = ProductSpace::default();
        for (mask, key) in [(u64::MAX, 1), (1 << 63, 1), (u64::MAX, 0), (0, 1)] {
            let (mask, key) = (Box::new([mask; N]), vec![key; N]);
            assert_eq!(KeyTransform::new(&key).product(&mask, &mut space), &tfhes_product(&*mask, &key)[..]);
        }
    }
}
