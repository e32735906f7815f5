//! Parameters, and the bounds that follow from them.
//!
//! GLWE parameters of tfhe-rs' `V1_8_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128`, copied because
//! the name itself sits behind the `shortint` feature: q = 2^64, N = 2048, binary secret, noise
//! TUniform(17). The modulus is the machine word: every operation wraps.

/// Coefficients of a polynomial (N), and the most slots that a packed ciphertext can hold.
pub const N: usize = 2048;
/// Noise is drawn from TUniform(17): |e| ≤ 2^17 in units of q / 2^64.
pub const NOISE_BOUND_LOG2: u32 = 17;
/// A slot's phase is m·Δ + e with Δ = 2^32.
pub const DELTA_LOG2: u32 = 32;
/// Bits of a decoded message: phases are read modulo 2^32·Δ.
pub const MESSAGE_BITS: u32 = u64::BITS - DELTA_LOG2;
/// Low bits of a body word that are rounded away before it is sent.
pub const DROPPED_BITS: u32 = 16;
/// Bytes of one slot of a body: the 48 bits that rounding leaves.
pub const SLOT_BYTES: usize = (u64::BITS - DROPPED_BITS) as usize / 8;

/// A named parameter set. The number is what files and labels carry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum ParameterSet {
    /// k = 1: 2^134.8 by the lattice estimator.
    #[default]
    Standard = 1,
    /// k = 2: 2^285 by the same estimator; uploads stay the same size, answers double.
    LongTerm = 2,
}

impl ParameterSet {
    /// Both parameter sets, the default first.
    pub const ALL: [Self; 2] = [Self::Standard, Self::LongTerm];

    /// The binary logarithm of the operations that the best known attack takes, by the lattice
    /// estimator.
    pub const fn security_log2(self) -> f64 {
        match self {
            Self::Standard => 134.8,
            Self::LongTerm => 285.0,
        }
    }

    /// Number of mask polynomials (the GLWE dimension k).
    pub const fn k(self) -> usize {
        match self {
            Self::Standard => 1,
            Self::LongTerm => 2,
        }
    }

    /// Words of a mask, k·N: also the bits of the key.
    pub const fn mask_words(self) -> usize {
        self.k() * N
    }

    /// The parameter set that a byte names, if any.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            1 => Some(Self::Standard),
            2 => Some(Self::LongTerm),
            _ => None,
        }
    }

    /// The name on screen and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::LongTerm => "long-term",
        }
    }
}

/// The message of a phase: (phase + Δ/2) / Δ, modulo 2^32.
pub const fn decode(phase: u64) -> u64 {
    phase.wrapping_add(1 << (DELTA_LOG2 - 1)) >> DELTA_LOG2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_takes_any_noise_below_half_a_step_either_way() {
        let half = 1u64 << (DELTA_LOG2 - 1);
        for message in [0u64, 1, 7182, (1 << MESSAGE_BITS) - 1] {
            let phase = message << DELTA_LOG2;
            assert_eq!(decode(phase.wrapping_add(half - 1)), message);
            assert_eq!(decode(phase.wrapping_sub(half)), message);
        }
    }
}
