//! The scheme beside tfhe's own functions: `cargo bench --bench scheme`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers of docs")]

use divan::Bencher;
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::Seed;
use tfhe::core_crypto::prelude::*;
use veilbeat::client::{Encryptor, MasterKey, ParameterSet, SchemeKey, verify};
use veilbeat::protocol::{Request, SheetId, SheetRange, SumQuestion};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Weeks};
use veilbeat::scheme::{Column, ColumnSet, MaskSeed, N};
use veilbeat::server::{Adder, Store};
use veilbeat::statistics::Weighting;

fn main() {
    divan::main();
}

fn key(parameters: ParameterSet) -> SchemeKey {
    SchemeKey::derive(&MasterKey::from_bytes(&[7; 32]), parameters)
}

/// Weeks of one reading every five minutes: a reading in each slot.
fn weeks(count: i64) -> Weeks {
    let reading = |i: i64| Reading {
        // A Monday.
        instant_ms: 345_600_000 + i * 300_000,
        offset_secs: 0,
        rate: Rate::from_centi_bpm(4_000 + (i as u32 * 37) % 14_000).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    };
    (&Readings::from_list((0..count * 2016).map(reading))).into()
}

#[divan::bench]
fn derive_key() -> SchemeKey {
    key(ParameterSet::Standard)
}

const COLUMNS: [&str; 3] = ["rate", "squares", "days"];

fn column(name: &str) -> Column {
    Column::all().find(|column| column.name() == name).unwrap()
}

/// A column of a week, from readings to bytes, tag included.
#[divan::bench(args = COLUMNS)]
fn encrypt_and_tag(bencher: Bencher, name: &str) {
    encrypt(bencher, ParameterSet::Standard, ColumnSet::of(column(name)));
}

#[divan::bench(args = COLUMNS)]
fn encrypt_and_tag_long_term(bencher: Bencher, name: &str) {
    encrypt(bencher, ParameterSet::LongTerm, ColumnSet::of(column(name)));
}

/// All columns of a week, with the distributions of its hours.
#[divan::bench]
fn encrypt_and_tag_27_columns(bencher: Bencher) {
    encrypt(bencher, ParameterSet::Standard, ColumnSet::ALL);
}

fn encrypt(bencher: Bencher, parameters: ParameterSet, columns: ColumnSet) {
    let (key, weeks, mut encryptor) = (key(parameters), weeks(1), Encryptor::default());
    let week = weeks.iter().next().unwrap();
    bencher.bench_local(|| {
        let mut out = Vec::new();
        encryptor.encrypt_week(&key, week, (Weighting::Time, 0), columns, &mut out).unwrap();
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
    let plain = PlaintextList::from_container((0..N as u64).map(|i| i << 32).collect::<Vec<_>>());
    let modulus = CiphertextModulus::new_native();
    let mut ciphertext = GlweCiphertext::new(0u64, GlweDimension(1).to_glwe_size(), PolynomialSize(N), modulus);
    bencher.bench_local(|| {
        encrypt_glwe_ciphertext(&key, &mut ciphertext, &plain, TUniform::new(17), &mut generator);
    });
}

/// Sheets with one column, and what a client remembers of them.
fn stored(key: &SchemeKey, sheets: u32, column: Column) -> (Store, Vec<MaskSeed>) {
    let (weeks, mut encryptor, mut store) = (weeks(1), Encryptor::default(), Store::default());
    let week = weeks.iter().next().unwrap();
    let seeds = (0..sheets)
        .map(|id| {
            let mut frame = Request::put(SheetId(id));
            let columns = ColumnSet::of(column);
            let seeds = encryptor.encrypt_week(key, week, (Weighting::Time, 0), columns, &mut frame).unwrap();
            let Ok(Request::Put(id, sheet)) = Request::parse(&frame) else { unreachable!() };
            store.put(id, sheet).unwrap();
            seeds[0]
        })
        .collect();
    (store, seeds)
}

fn question(column: Column, sheets: u32) -> SumQuestion {
    SumQuestion { column, ranges: vec![SheetRange { first: SheetId(0), count: sheets }] }
}

#[divan::bench(args = [1, 4, 52, 522], consts = [0, 1, 2])]
fn server_adds<const COLUMN: u8>(bencher: Bencher, sheets: u32) {
    let column = Column::from_u8(COLUMN).unwrap();
    let (store, _) = stored(&key(ParameterSet::Standard), sheets, column);
    let (question, mut adder) = (question(column, sheets), Adder::default());
    bencher.bench_local(|| store.sum(&question, &mut adder).ok().unwrap());
}

#[divan::bench(args = [1, 4, 522], consts = [0, 1, 2])]
fn verify_and_decrypt<const COLUMN: u8>(bencher: Bencher, sheets: u32) {
    let (key, column) = (key(ParameterSet::Standard), Column::from_u8(COLUMN).unwrap());
    let (store, seeds) = stored(&key, sheets, column);
    let mut answer = Vec::new();
    store.sum(&question(column, sheets), &mut Adder::default()).ok().unwrap().write_to(&mut answer);
    bencher.bench_local(|| verify(&key, column, &seeds, &answer).unwrap().decrypt());
}
