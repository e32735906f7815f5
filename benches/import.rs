//! A million rows read and checked, beside the csv crate walking the same rows.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers of docs")]

use std::fmt::Write;
use std::hint::black_box;

use divan::Bencher;
use jiff::tz::TimeZone;
use veilbeat::import::{Options, read_bytes};

const ROWS: i64 = 1_000_000;

fn main() {
    divan::main();
}

/// Rows as Fitbit writes them, five seconds apart.
fn fitbit() -> String {
    let mut text = String::from("timestamp,beats per minute\n");
    for row in 0..ROWS {
        let time = jiff::Timestamp::from_second(1_700_000_000 + row * 5).unwrap();
        writeln!(text, "{time},{}.0", 50 + row % 90).unwrap();
    }
    text
}

/// Rows as Fitabase writes them: months first, twelve hours, no zone.
fn fitabase() -> String {
    let mut text = String::from("Id,Time,Value\r\n");
    for row in 0..ROWS {
        let time = jiff::Timestamp::from_second(1_700_000_000 + row * 5).unwrap().to_zoned(TimeZone::UTC);
        write!(text, "2022484408,{},{}\r\n", time.strftime("%-m/%-d/%Y %-I:%M:%S %p"), 50 + row % 90).unwrap();
    }
    text
}

fn walk(bencher: Bencher, text: &str) {
    bencher.bench_local(|| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        black_box(reader.records().map(|record| record.unwrap().len()).sum::<usize>())
    });
}

fn import(bencher: Bencher, text: &str) {
    let options = Options::new(TimeZone::get("Europe/Paris").unwrap());
    bencher.bench_local(|| {
        let imported = read_bytes(text.as_bytes(), "", &options).unwrap();
        assert_eq!(imported.readings.len() as i64, ROWS);
        imported
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn fitbit_csv_walks(bencher: Bencher) {
    walk(bencher, &fitbit());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn fitbit_imported(bencher: Bencher) {
    import(bencher, &fitbit());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn fitabase_csv_walks(bencher: Bencher) {
    walk(bencher, &fitabase());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn fitabase_imported(bencher: Bencher) {
    import(bencher, &fitabase());
}
