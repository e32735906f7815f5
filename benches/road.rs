//! The whole road, from a CSV file's bytes to averages that were checked: `cargo bench --bench road`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers of docs")]

use std::fmt::Write;

use divan::Bencher;
use jiff::tz::TimeZone;
use veilbeat::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey, Traffic};
use veilbeat::import::{Options, read_bytes};
use veilbeat::reading::{Readings, Step};
use veilbeat::server;
use veilbeat::statistics::{Detail, ReportRequest, Weighting};

fn main() {
    divan::main();
}

const SIZES: [u32; 4] = [7, 1_000, 100_000, 1_000_000];

/// A reading every five seconds.
fn csv(count: u32) -> Vec<u8> {
    let start: jiff::civil::DateTime = "2026-01-01T00:00:00".parse().unwrap();
    let mut text = "timestamp,bpm\n".to_owned();
    for i in 0..count {
        let at = start + jiff::Span::new().seconds(i64::from(i) * 5);
        writeln!(text, "{at},{}", 60 + i * 37 % 90).unwrap();
    }
    text.into_bytes()
}

fn parsed(csv: &[u8]) -> Readings {
    Readings::from_list(read_bytes(csv, "bench.csv", &Options::new(TimeZone::UTC)).unwrap().readings)
}

/// What a fresh client and server take for everything that sums tell about readings.
fn asked(readings: &Readings, detail: Detail) -> Traffic {
    let key = SchemeKey::derive(&MasterKey::generate().unwrap(), ParameterSet::Standard);
    let (end, _server) = server::spawn().unwrap();
    let mut client = Client::new(key, end, Weighting::Time);
    let request = ReportRequest::all(Step::Month, detail);
    client.report(readings, &request, &mut Observer::default()).unwrap().unwrap().traffic
}

/// Reading the file alone.
#[divan::bench(args = SIZES, sample_count = 10)]
fn csv_read(bencher: Bencher, count: u32) {
    let csv = csv(count);
    bencher.bench_local(|| parsed(&csv));
}

/// From the file to averages by month.
#[divan::bench(args = SIZES, sample_count = 10)]
fn csv_to_averages(bencher: Bencher, count: u32) {
    let csv = csv(count);
    bencher.bench_local(|| asked(&parsed(&csv), Detail::Averages));
}

/// From readings to everything that sums tell, all columns.
#[divan::bench(args = SIZES, sample_count = 10)]
fn readings_to_statistics(bencher: Bencher, count: u32) {
    let readings = parsed(&csv(count));
    bencher.bench_local(|| asked(&readings, Detail::Statistics));
    let traffic = asked(&readings, Detail::Statistics);
    eprintln!("{count} readings, all columns: encrypted in {:?}, added in {:?}", traffic.encrypt, traffic.server);
}
