//! Tags, and the prime field that they live in.
//!
//! The linear authenticator of Shacham and Waters ("Compact Proofs of Retrievability", Asiacrypt
//! 2008, private verification) over the 32-bit limbs of a (folded) ciphertext. The server only ever
//! adds tags; making and checking them needs a key and lives on the client's side.

/// The field's prime, 2^61 − 1.
pub const P: u64 = (1 << 61) - 1;
/// Independent lanes of a tag: a wrong sum passes both with probability about 2^-122.
pub const LANES: usize = 2;
/// Bytes of a tag.
pub const TAG_BYTES: usize = LANES * 8;

/// A tag: one element of the field for each lane, always below [`P`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tag([u64; LANES]);

impl Tag {
    /// The tag of nothing: where sums start.
    pub const ZERO: Self = Self([0; LANES]);

    /// A tag from its lanes, or `None` if one is not below [`P`].
    pub fn new(lanes: [u64; LANES]) -> Option<Self> {
        lanes.iter().all(|&lane| lane < P).then_some(Self(lanes))
    }

    /// The tag of unreduced lanes.
    pub fn reduced(lanes: [u128; LANES]) -> Self {
        Self(lanes.map(reduce))
    }

    /// The lanes, each below [`P`].
    pub const fn lanes(self) -> [u64; LANES] {
        self.0
    }

    /// Parses a tag; `None` if a lane is not below [`P`].
    pub fn from_bytes(bytes: &[u8; TAG_BYTES]) -> Option<Self> {
        let (lanes, _) = bytes.as_chunks::<8>();
        Self::new(std::array::from_fn(|lane| u64::from_le_bytes(lanes[lane])))
    }

    /// The bytes of a tag: its lanes, little-endian.
    pub fn to_bytes(self) -> [u8; TAG_BYTES] {
        let mut bytes = [0; TAG_BYTES];
        for (out, lane) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *out = lane.to_le_bytes();
        }
        bytes
    }

    /// Equality without an early exit.
    #[must_use]
    pub fn matches(self, other: Self) -> bool {
        let differing = self.0.iter().zip(other.0).fold(0, |bits, (&a, b)| bits | (a ^ b));
        std::hint::black_box(differing) == 0
    }
}

impl std::ops::Add for Tag {
    type Output = Self;

    /// The sum, lane by lane.
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|lane| add_mod(self.0[lane], other.0[lane])))
    }
}

/// a + b mod P, for a and b below P.
const fn add_mod(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= P { sum - P } else { sum }
}

/// `value` mod P.
const fn reduce(value: u128) -> u64 {
    // 2^61 ≡ 1: fold the high bits onto the low ones, twice, then once more by subtraction.
    let once = (value & P as u128) + (value >> 61);
    let twice = (once & P as u128) as u64 + (once >> 61) as u64;
    if twice >= P { twice - P } else { twice }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reduction_is_the_remainder(value: u128) {
            prop_assert_eq!(u128::from(reduce(value)), value % u128::from(P));
        }

        #[test]
        fn addition_wraps_at_the_prime(a in 0..P, b in 0..P) {
            prop_assert_eq!(u128::from(add_mod(a, b)), (u128::from(a) + u128::from(b)) % u128::from(P));
        }
    }

    #[test]
    fn reduction_holds_at_the_edges() {
        for value in [0, 1, P - 1, P, P + 1, 2 * P, u64::MAX] {
            assert_eq!(reduce(value.into()), value % P);
        }
        assert_eq!(u128::from(reduce(u128::MAX)), u128::MAX % u128::from(P));
    }

    #[test]
    fn a_lane_that_is_not_reduced_is_no_tag() {
        assert!(Tag::new([P - 1, 0]).is_some());
        assert!(Tag::new([P, 0]).is_none());
        assert!(Tag::new([0, u64::MAX]).is_none());
    }
}
