//! What a million stored readings cost: opening the profile, and adding one more.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run says so by panicking")]
#![allow(missing_docs, reason = "benchmarks have no readers but this file's")]

use std::hint::black_box;

use divan::Bencher;
use veilbeat::client::MasterKey;
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::vault::{Home, Vault};

const READINGS: i64 = 1_000_000;
/// Seconds from one reading to the next: dense and sparse.
const SPACINGS: [i64; 2] = [5, 60];

fn main() {
    divan::main();
}

fn reading(number: i64, spacing: i64) -> Reading {
    Reading {
        instant_ms: 1_700_000_000_000 + number * spacing * 1_000,
        offset_secs: 3600,
        rate: Rate::from_centi_bpm(6_000 + (number % 97) as u32 * 50).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    }
}

/// A profile with a million readings, its folder and its key.
fn profile(spacing: i64) -> (tempfile::TempDir, Home, MasterKey) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::find(Some(dir.path())).unwrap();
    let key = MasterKey::generate().unwrap();
    let readings = (0..READINGS).map(|number| reading(number, spacing)).collect();
    let added = Vault::open(&home, &key).unwrap().add("export.csv", 0, readings).unwrap();
    assert_eq!(added.added as i64, READINGS);
    (dir, home, key)
}

#[divan::bench(args = SPACINGS, sample_count = 20, sample_size = 1)]
fn open_and_decrypt_a_million(bencher: Bencher, spacing: i64) {
    let (_dir, home, key) = profile(spacing);
    bencher.bench_local(|| black_box(Vault::open(&home, &key).unwrap().readings().len()));
}

#[divan::bench(args = SPACINGS, sample_count = 50, sample_size = 1)]
fn add_one_to_a_million(bencher: Bencher, spacing: i64) {
    let (_dir, home, key) = profile(spacing);
    let mut vault = Vault::open(&home, &key).unwrap();
    let mut number = READINGS;
    bencher.bench_local(|| {
        number += 1;
        assert_eq!(vault.enter(0, reading(number, spacing)).unwrap().added, 1);
    });
}
