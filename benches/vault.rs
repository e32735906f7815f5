//! What stored readings cost: opening the profile, and adding one more.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run says so by panicking")]
#![allow(missing_docs, reason = "benchmarks have no readers but this file's")]

use std::hint::black_box;

use divan::Bencher;
use veilbeat::client::MasterKey;
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::vault::{Home, Vault};

/// Seconds from one reading to the next, and how many readings: a million, dense and sparse, and ten years (87,600
/// hours) of one every hour and every ten minutes.
const PROFILES: [(i64, i64); 4] = [(5, 1_000_000), (60, 1_000_000), (3_600, 87_600), (600, 525_600)];

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

/// A profile with readings, its folder and its key.
fn profile((spacing, count): (i64, i64)) -> (tempfile::TempDir, Home, MasterKey) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::find(Some(dir.path())).unwrap();
    let key = MasterKey::generate().unwrap();
    let readings = (0..count).map(|number| reading(number, spacing)).collect();
    let added = Vault::open(&home, &key).unwrap().add("export.csv", 0, readings).unwrap();
    assert_eq!(added.added as i64, count);
    (dir, home, key)
}

#[divan::bench(args = 0..PROFILES.len(), sample_count = 20, sample_size = 1)]
fn open_and_decrypt(bencher: Bencher, which: usize) {
    let (_dir, home, key) = profile(PROFILES[which]);
    bencher.bench_local(|| black_box(Vault::open(&home, &key).unwrap().readings().len()));
}

#[divan::bench(args = 0..PROFILES.len(), sample_count = 50, sample_size = 1)]
fn add_one(bencher: Bencher, which: usize) {
    let (spacing, mut number) = PROFILES[which];
    let (_dir, home, key) = profile(PROFILES[which]);
    let mut vault = Vault::open(&home, &key).unwrap();
    bencher.bench_local(|| {
        number += 1;
        assert_eq!(vault.enter(0, reading(number, spacing)).unwrap().added, 1);
    });
}
