//! The keys that are derived from the master key under one parameter set.

use tfhe::core_crypto::prelude::{
    CiphertextModulus, GlweCiphertext, GlweSecretKey, PlaintextCount, PlaintextList, PolynomialSize,
    decrypt_glwe_ciphertext,
};
use zeroize::{Zeroize, Zeroizing};

use super::label::Label;
use super::master::MasterKey;
use super::product::{KeyTransform, ProductSpace};
use crate::reading::WeekKey;
use crate::scheme::{Column, LANES, MaskSeed, N, P, ParameterSet, Tag};

/// The secrets of one parameter set: lattice key, tag coefficients ρ, PRF key, key of the seeds. Wiped when dropped.
///
/// The lattice key is dedicated to readings and has no evaluation keys, so that no circular
/// security is assumed.
pub struct SchemeKey {
    parameters: ParameterSet,
    /// The key bits, one a word: tfhe's own types are views over them.
    bits: Zeroizing<Vec<u64>>,
    /// The transform of each key polynomial.
    transforms: Vec<KeyTransform>,
    /// For each word, an independent coefficient below P for each lane and limb.
    rho: Zeroizing<Vec<[[u64; 2]; LANES]>>,
    prf: Zeroizing<[u8; 32]>,
    seeds: Zeroizing<[u8; 32]>,
}

impl SchemeKey {
    /// Derives the secrets of a parameter set.
    pub fn derive(master: &MasterKey, parameters: ParameterSet) -> Self {
        let mut packed = Zeroizing::new(vec![0u8; parameters.mask_words() / 8]);
        let mut stream = master.derive_for(parameters, "lattice key");
        stream.fill(&mut packed);
        stream.zeroize();
        // In place: a vector that grew would leave copies behind.
        let mut bits = Zeroizing::new(vec![0; parameters.mask_words()]);
        for (i, bit) in bits.iter_mut().enumerate() {
            *bit = u64::from(packed[i / 8] >> (i % 8) & 1);
        }
        let mut stream = master.derive_for(parameters, "tag coefficients");
        let mut rho = Zeroizing::new(vec![[[0; 2]; LANES]; Column::DAYS.sum_words(parameters)]);
        fill_field_elements(&mut stream, rho.as_flattened_mut().as_flattened_mut());
        stream.zeroize();
        let mut prf = Zeroizing::new([0; 32]);
        let mut stream = master.derive_for(parameters, "tag labels");
        stream.fill(&mut *prf);
        stream.zeroize();
        Self {
            parameters,
            transforms: bits.chunks_exact(N).map(KeyTransform::new).collect(),
            bits,
            rho,
            prf,
            seeds: master.subkey("seeds"),
        }
    }

    /// The parameter set that these secrets belong to.
    pub fn parameters(&self) -> ParameterSet {
        self.parameters
    }

    /// The product of mask polynomial `index`'s mask with its key polynomial.
    pub(super) fn mask_times_key<'a>(&self, index: usize, mask: &[u64; N], space: &'a mut ProductSpace) -> &'a [u64] {
        self.transforms[index].product(mask, space)
    }

    /// The seeds of mask and noise of one encryption: keyed BLAKE3 of fresh randomness and of everything that is
    /// encrypted. Nobody without the key can test a guess; where randomness repeats, other contents get other seeds.
    pub(super) fn seeds(
        &self,
        fresh: &[u8; 32],
        week: WeekKey,
        column: Column,
        messages: &[u32],
    ) -> (MaskSeed, Zeroizing<[u8; 32]>) {
        let mut hasher = blake3::Hasher::new_keyed(&self.seeds);
        hasher.update(fresh).update(&[self.parameters as u8, column.number()]);
        hasher.update(&week.week.monday().to_le_bytes()).update(&[week.kind as u8]);
        if cfg!(target_endian = "little") {
            hasher.update(bytemuck::cast_slice(messages));
        } else {
            for message in messages {
                hasher.update(&message.to_le_bytes());
            }
        }
        let mut stream = hasher.finalize_xof();
        let (mut seed, mut noise) = ([0; 16], Zeroizing::new([0; 32]));
        stream.fill(&mut seed);
        stream.fill(&mut *noise);
        // Both hold the key.
        stream.zeroize();
        hasher.zeroize();
        (MaskSeed(seed), noise)
    }

    /// The PRF of a label: what hides a column's tag and ties it to its label.
    pub(super) fn label_tag(&self, label: &Label) -> Tag {
        let mut bytes = Zeroizing::new([0; 16 * LANES]);
        let mut hasher = blake3::Hasher::new_keyed(&self.prf);
        let mut stream = hasher.update(&label.to_bytes()).finalize_xof();
        stream.fill(&mut *bytes);
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

    /// The phases of the body words of a (folded) ciphertext: body − Σ mask·key at their positions.
    pub(super) fn phases(&self, column: Column, words: &[u64]) -> Zeroizing<Vec<u64>> {
        let (mask, body) = words.split_at(self.parameters.mask_words());
        let mut space = ProductSpace::default();
        let mut phases = Zeroizing::new(body.to_vec());
        for (index, polynomial) in mask.as_chunks::<N>().0.iter().enumerate() {
            let product = self.mask_times_key(index, polynomial, &mut space);
            for (word, phase) in phases.iter_mut().enumerate() {
                *phase = phase.wrapping_sub(product[column.position(word)]);
            }
        }
        phases
    }

    /// The same by tfhe's own decryption, which shares no code with ours.
    pub(super) fn phases_by_tfhe(&self, column: Column, words: &[u64]) -> Zeroizing<Vec<u64>> {
        let (mask, body) = words.split_at(self.parameters.mask_words());
        let mut container = mask.to_vec();
        container.resize(mask.len() + N, 0);
        for (word, &value) in body.iter().enumerate() {
            container[mask.len() + column.position(word)] = value;
        }
        let size = PolynomialSize(N);
        let key = GlweSecretKey::from_container(&self.bits[..], size);
        let ciphertext = GlweCiphertext::from_container(&container[..], size, CiphertextModulus::<u64>::new_native());
        let mut plain = PlaintextList::new(0u64, PlaintextCount(N));
        decrypt_glwe_ciphertext(&key, &ciphertext, &mut plain);
        let mut all = Zeroizing::new(plain.into_container());
        let phases = (0..body.len()).map(|word| all[column.position(word)]).collect();
        all.zeroize();
        Zeroizing::new(phases)
    }

    /// Everything secret: key bits, tag coefficients, PRF key, key of the seeds.
    pub(super) fn parts(&self) -> Secrets<'_> {
        (&self.bits, &self.rho, &self.prf, &self.seeds)
    }

    /// The key as tfhe sees it.
    #[cfg(test)]
    pub(super) fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// Every secret buffer, as bytes: so that a test can search for them where they must not be.
    #[cfg(test)]
    pub(crate) fn secret_bytes(&self) -> Vec<Vec<u8>> {
        let mut secrets = vec![self.prf.to_vec(), bytemuck::cast_slice(&self.bits[..]).to_vec(), self.seeds.to_vec()];
        secrets.push(bytemuck::cast_slice(self.rho.as_flattened().as_flattened()).to_vec());
        let packed = self.bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | bit as u8));
        secrets.push(packed.collect());
        secrets
    }
}

/// Key bits, tag coefficients, PRF key and key of the seeds.
pub(super) type Secrets<'a> = (&'a [u64], &'a [[[u64; 2]; LANES]], &'a [u8; 32], &'a [u8; 32]);

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
