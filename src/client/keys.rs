//! What the master key becomes under one profile.

use tfhe::core_crypto::prelude::{CiphertextModulus, LweCiphertext, LweSecretKey, decrypt_lwe_ciphertext};
use zeroize::{Zeroize, Zeroizing};

use super::encrypt::ChunkLabel;
use super::master::MasterKey;
use super::product::{KeyTransform, MOST_DIRECT, ProductSpace, direct_product};
use super::verify::Sum;
use crate::scheme::{Column, LANES, N, P, Profile, Tag, decode};

/// The secrets of one profile: lattice key, tag coefficients ρ, PRF key. Wiped when dropped.
///
/// The lattice key is dedicated to readings and has no evaluation keys, so that no circular
/// security is assumed.
pub struct SchemeKey {
    profile: Profile,
    /// The key bits, one a word: tfhe's own types are views over them.
    bits: Zeroizing<Vec<u64>>,
    /// The transform of each key polynomial.
    transforms: Vec<KeyTransform>,
    /// For each word, an independent coefficient below P for each lane and limb.
    rho: Zeroizing<Vec<[[u64; 2]; LANES]>>,
    prf: Zeroizing<[u8; 32]>,
}

impl SchemeKey {
    /// Derives the secrets of `profile`.
    pub fn derive(master: &MasterKey, profile: Profile) -> Self {
        let mut packed = Zeroizing::new(vec![0u8; profile.lwe_dimension() / 8]);
        let mut stream = master.derive_for(profile, "lattice key");
        stream.fill(&mut packed);
        stream.zeroize();
        // In place: a vector that grew would leave copies behind.
        let mut bits = Zeroizing::new(vec![0; profile.lwe_dimension()]);
        for (i, bit) in bits.iter_mut().enumerate() {
            *bit = u64::from(packed[i / 8] >> (i % 8) & 1);
        }
        let mut stream = master.derive_for(profile, "tag coefficients");
        let mut rho = Zeroizing::new(vec![[[0; 2]; LANES]; Column::Histogram.sum_words(profile)]);
        fill_field_elements(&mut stream, rho.as_flattened_mut().as_flattened_mut());
        stream.zeroize();
        Self {
            profile,
            transforms: bits.chunks_exact(N).map(KeyTransform::new).collect(),
            bits,
            rho,
            prf: master.subkey(&format!("{} tag labels", profile.name())),
        }
    }

    /// The profile that these secrets belong to.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The product of mask polynomial `index`'s mask with its key polynomial.
    ///
    /// At least its first `len` coefficients.
    pub(super) fn mask_times_key<'a>(
        &self,
        index: usize,
        mask: &[u64; N],
        len: usize,
        space: &'a mut ProductSpace,
    ) -> &'a [u64] {
        if len <= MOST_DIRECT {
            direct_product(&self.bits[index * N..][..N], mask, len, space)
        } else {
            self.transforms[index].product(mask, space)
        }
    }

    /// The PRF of a label: what hides a chunk's tag and ties it to its label.
    pub(super) fn label_tag(&self, label: &ChunkLabel) -> Tag {
        let mut bytes = [0; 16 * LANES];
        let mut hasher = blake3::Hasher::new_keyed(&self.prf);
        let mut stream = hasher.update(&label.to_bytes()).finalize_xof();
        stream.fill(&mut bytes);
        // Both hold the PRF key.
        stream.zeroize();
        hasher.zeroize();
        let (lanes, _) = bytes.as_chunks::<16>();
        Tag::reduced(std::array::from_fn(|lane| u128::from_le_bytes(lanes[lane])))
    }

    /// Σ ρ·l over the limbs of words, in both lanes. Limbs are below 2^48 and coefficients below
    /// 2^61: thousands of products fit 128 bits, so that one reduction at the end does.
    pub(super) fn weigh(&self, limbs: impl Iterator<Item = [u64; 2]>) -> Tag {
        let mut lanes = [0u128; LANES];
        for ([low, high], rho) in limbs.zip(&self.rho[..]) {
            for (lane, [rho_low, rho_high]) in lanes.iter_mut().zip(rho) {
                *lane += u128::from(low) * u128::from(*rho_low) + u128::from(high) * u128::from(*rho_high);
            }
        }
        Tag::reduced(lanes)
    }

    /// Decrypts a sum that has been verified under this key: one message for a folded column, one a
    /// slot for the histogram. By the bounds of the scheme this cannot go wrong.
    pub(super) fn decrypt(&self, sum: &Sum) -> Vec<u64> {
        let words = Zeroizing::new(sum.limbs.words());
        let (mask, body) = words.split_at(self.profile.lwe_dimension());
        if sum.column.folds() { vec![decode(self.lwe_phase(&words))] } else { self.decrypt_slots(mask, body) }
    }

    /// The phase b − ⟨a, s⟩ of an LWE ciphertext, by tfhe.
    pub(super) fn lwe_phase(&self, words: &[u64]) -> u64 {
        let key = LweSecretKey::from_container(&self.bits[..]);
        let ciphertext = LweCiphertext::from_container(words, CiphertextModulus::<u64>::new_native());
        decrypt_lwe_ciphertext(&key, &ciphertext).0
    }

    /// Decrypts the slots of a packed ciphertext.
    pub(super) fn decrypt_slots(&self, mask: &[u64], body: &[u64]) -> Vec<u64> {
        let mut space = ProductSpace::default();
        let mut phases = Zeroizing::new(body.to_vec());
        for (index, polynomial) in mask.as_chunks::<N>().0.iter().enumerate() {
            let product = self.mask_times_key(index, polynomial, body.len(), &mut space);
            for (phase, term) in phases.iter_mut().zip(product) {
                *phase = phase.wrapping_sub(*term);
            }
        }
        phases.iter().map(|&phase| decode(phase)).collect()
    }

    /// The key as tfhe sees it.
    #[cfg(test)]
    pub(super) fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// Every secret buffer, as bytes: so that a test can search for them where they must not be.
    #[cfg(test)]
    pub(crate) fn secret_bytes(&self) -> Vec<Vec<u8>> {
        let mut secrets = vec![self.prf.to_vec(), bytemuck::cast_slice(&self.bits[..]).to_vec()];
        secrets.push(bytemuck::cast_slice(self.rho.as_flattened().as_flattened()).to_vec());
        let packed = self.bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | bit as u8));
        secrets.push(packed.collect());
        secrets
    }
}

/// Uniform elements of the field: 61 bits at a time, drawn again in the one case that is not below P.
fn fill_field_elements(stream: &mut blake3::OutputReader, elements: &mut [u64]) {
    stream.fill(bytemuck::cast_slice_mut(elements));
    for element in elements {
        *element = u64::from_le(*element) & P;
        while *element == P {
            let mut again = [0; 8];
            stream.fill(&mut again);
            *element = u64::from_le_bytes(again) & P;
        }
    }
}
