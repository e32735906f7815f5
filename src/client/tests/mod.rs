//! The scheme as a whole: exact, tfhe's own, and closed to tampering.

use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::Seed;
use tfhe::core_crypto::prelude::*;

use super::encrypt::Encryptor;
use super::noise::NoiseGenerator;
use super::*;
use crate::protocol::{ChunkHeader, ChunkId, ChunkRange, ChunkView, Request, SumQuestion, connect};
use crate::reading::{HourKey, Kind, LocalHour, Rate, Reading, Readings, Source, Step, WeekStart};
use crate::scheme::{
    Capacity, Column, ColumnSet, DELTA_LOG2, Folder, LimbSums, MAX_SLOTS, MaskSeed, N, NOISE_BOUND_LOG2, P, Profile,
    SLOT_BYTES, Tag, decode, expand_mask, fold_body, read_slot,
};
use crate::server::{Adder, Store};
use crate::statistics::{Detail, Needs, Question, Report, Request as Wanted, Sums, plain};

mod exact;
mod session;
mod tampering;

const ALL_COLUMNS: ColumnSet = match ColumnSet::from_u8(0b1111) {
    Some(set) => set,
    None => unreachable!(),
};

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes(&std::array::from_fn(|i| byte.wrapping_add(i as u8)))
}

fn key(profile: Profile) -> SchemeKey {
    SchemeKey::derive(&master(1), profile)
}

fn rates(count: usize, seed: u64) -> Vec<Rate> {
    let mut stream = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    let mut next = || {
        let mut bytes = [0; 4];
        stream.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    };
    let span = u32::from(Rate::MAX.centi_bpm() - Rate::MIN.centi_bpm()) + 1;
    (0..count).map(|_| Rate::from_centi_bpm(2000 + next() % span).unwrap()).collect()
}

/// Encrypted chunks, as a server holds them and as the client remembers them.
struct Chunks {
    store: Store,
    headers: Vec<ChunkHeader>,
    rates: Vec<Vec<Rate>>,
    frames: Vec<Vec<u8>>,
}

impl Chunks {
    fn encrypt(key: &SchemeKey, rates: Vec<Vec<Rate>>, columns: ColumnSet) -> Self {
        Self::encrypt_with(&mut Encryptor::from_os().unwrap(), key, rates, columns)
    }

    fn encrypt_with(encryptor: &mut Encryptor, key: &SchemeKey, rates: Vec<Vec<Rate>>, columns: ColumnSet) -> Self {
        let mut chunks = Self { store: Store::default(), headers: Vec::new(), rates, frames: Vec::new() };
        for (id, rates) in (0..).zip(&chunks.rates) {
            let mut frame = Request::put(ChunkId(id));
            chunks.headers.push(encryptor.encrypt(key, rates, columns, &mut frame).unwrap());
            chunks.frames.push(frame.clone());
            assert!(matches!(Request::parse(&frame), Ok(Request::Put(back, _)) if back == ChunkId(id)));
            chunks.store.put(ChunkId(id), frame);
        }
        chunks
    }

    fn chunk(&self, index: usize) -> ChunkView<'_> {
        ChunkView::parse(&self.frames[index][Request::PUT_HEADER_BYTES..]).unwrap()
    }

    fn headers(&self, indices: &[usize]) -> Vec<ChunkHeader> {
        indices.iter().map(|&i| self.headers[i]).collect()
    }

    /// The server's answer for some chunks, in ascending order.
    fn answer(&self, column: Column, indices: &[usize]) -> Vec<u8> {
        let ranges = ChunkRange::cover(indices.iter().map(|&i| ChunkId(i as u32)));
        let sums = self.store.sum(&SumQuestion { column, ranges }, &mut Adder::default()).unwrap();
        let mut bytes = Vec::new();
        sums.write_to(&mut bytes);
        bytes
    }

    /// What a column of some chunks sums to, in the clear.
    fn plain(&self, column: Column, indices: &[usize]) -> Vec<u64> {
        let all = indices.iter().flat_map(|&i| &self.rates[i]).map(|rate| u64::from(rate.centi_bpm()));
        match column {
            Column::Rate => vec![all.sum()],
            Column::SquareLow => vec![all.map(|r| r * r % (1 << 15)).sum()],
            Column::SquareHigh => vec![all.map(|r| r * r / (1 << 15)).sum()],
            Column::Histogram => all.fold(vec![0; 256], |mut bins, r| {
                bins[(r / 100 - 20) as usize] += 1;
                bins
            }),
        }
    }
}

fn lwe_ciphertext(words: Vec<u64>) -> LweCiphertextOwned<u64> {
    LweCiphertext::from_container(words, CiphertextModulus::new_native())
}

fn folded_words(header: &ChunkHeader, column: Column, body: &[u8]) -> Vec<u64> {
    let mut words = vec![0; header.profile.lwe_dimension()];
    let mut mask = Box::new([0; N]);
    for (index, folded) in words.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        expand_mask(&header.seed, column, index, &mut mask);
        Folder::default().fold_mask(&mask, header.len, folded);
    }
    words.push(fold_body(body));
    words
}
