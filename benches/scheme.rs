//! The scheme beside tfhe's own functions: `cargo bench`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers of docs")]

use divan::Bencher;
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::Seed;
use tfhe::core_crypto::prelude::*;
use veilbeat::client::{Encryptor, MasterKey, SchemeKey, verify};
use veilbeat::protocol::{ChunkHeader, ChunkId, ChunkRange, Request, SumQuestion};
use veilbeat::reading::Rate;
use veilbeat::scheme::{Column, ColumnSet, N, Profile};
use veilbeat::server::{Adder, Store};

fn main() {
    divan::main();
}

fn key() -> SchemeKey {
    SchemeKey::derive(&MasterKey::from_bytes(&[7; 32]), Profile::Standard)
}

fn rates(count: usize) -> Vec<Rate> {
    (0..count).map(|i| Rate::from_centi_bpm(4_000 + (i as u32 * 37) % 14_000).unwrap()).collect()
}

#[divan::bench]
fn derive_key() -> SchemeKey {
    key()
}

/// The `rate` column of one chunk, tag included.
#[divan::bench(args = [1, 12, 30, 60, 120, 250, 720, 2048])]
fn encrypt_and_tag(bencher: Bencher, readings: usize) {
    let (key, rates, mut encryptor) = (key(), rates(readings), Encryptor::from_os().unwrap());
    let columns = ColumnSet::of(&[Column::Rate]);
    bencher.bench_local(|| {
        let mut out = Vec::new();
        encryptor.encrypt(&key, &rates, columns, &mut out).unwrap();
        out
    });
}

/// What tfhe's own functions take for the ciphertext alone, without a tag.
#[divan::bench]
fn tfhe_encrypts_2048_slots(bencher: Bencher) {
    let mut seeder = DeterministicSeeder::<DefaultRandomGenerator>::new(Seed(1));
    let mut secrets = SecretRandomGenerator::<DefaultRandomGenerator>::new(Seed(2));
    let mut generator = EncryptionRandomGenerator::<DefaultRandomGenerator>::new(Seed(3), &mut seeder);
    let key = allocate_and_generate_new_binary_glwe_secret_key(GlweDimension(1), PolynomialSize(N), &mut secrets);
    let plain = PlaintextList::from_container((0..N as u64).map(|i| i << 34).collect::<Vec<_>>());
    let modulus = CiphertextModulus::new_native();
    let mut ciphertext = GlweCiphertext::new(0u64, GlweDimension(1).to_glwe_size(), PolynomialSize(N), modulus);
    bencher.bench_local(|| {
        encrypt_glwe_ciphertext(&key, &mut ciphertext, &plain, TUniform::new(17), &mut generator);
    });
}

/// Full chunks, and what a client remembers of them.
fn stored(key: &SchemeKey, chunks: u32, readings: usize) -> (Store, Vec<ChunkHeader>) {
    let (rates, mut encryptor, mut store) = (rates(readings), Encryptor::from_os().unwrap(), Store::default());
    let headers = (0..chunks)
        .map(|id| {
            let mut frame = Request::put(ChunkId(id));
            let header = encryptor.encrypt(key, &rates, ColumnSet::MOMENTS, &mut frame).unwrap();
            store.put(ChunkId(id), frame);
            header
        })
        .collect();
    (store, headers)
}

fn question(chunks: u32) -> SumQuestion {
    SumQuestion { column: Column::Rate, ranges: vec![ChunkRange { first: ChunkId(0), count: chunks }] }
}

/// Chunks of 12 readings, which 5 minutes apart fill an hour; sums hold at most 2,048 of them.
#[divan::bench(args = [1, 100, 10_000], sample_count = 20)]
fn server_adds_hours_of_12_readings(bencher: Bencher, chunks: u32) {
    let (store, _) = stored(&key(), chunks, 12);
    let mut adder = Adder::default();
    bencher.bench_local(|| {
        for first in (0..chunks).step_by(2_048) {
            let range = ChunkRange { first: ChunkId(first), count: 2_048.min(chunks - first) };
            let question = SumQuestion { column: Column::Rate, ranges: vec![range] };
            divan::black_box(store.sum(&question, &mut adder).ok().unwrap());
        }
    });
}

#[divan::bench(args = [1, 16])]
fn server_adds_full_chunks(bencher: Bencher, chunks: u32) {
    let (store, _) = stored(&key(), chunks, N);
    let (question, mut adder) = (question(chunks), Adder::default());
    bencher.bench_local(|| store.sum(&question, &mut adder).ok().unwrap());
}

#[divan::bench(args = [1, 16])]
fn verify_and_decrypt(bencher: Bencher, chunks: u32) {
    let key = key();
    let (store, headers) = stored(&key, chunks, N);
    let mut answer = Vec::new();
    store.sum(&question(chunks), &mut Adder::default()).ok().unwrap().write_to(&mut answer);
    bencher.bench_local(|| verify(&key, Column::Rate, &headers, &answer).unwrap().decrypt());
}
