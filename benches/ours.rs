//! The mean of heart rates with Veilbeat, one thread, as `benches/peers` measures the others: a line of
//! JSON for each number of readings, medians in milliseconds. `cargo bench --bench ours`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark fails by panicking, prints what it found and has no readers of docs"
)]

use std::time::Instant;

use veilbeat::client::{Encryptor, MasterKey, Profile, SchemeKey, verify};
use veilbeat::protocol::{ChunkHeader, ChunkId, ChunkRange, Request, SumQuestion};
use veilbeat::reading::Rate;
use veilbeat::scheme::{Column, ColumnSet, N};
use veilbeat::server::{Adder, Store};

fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn main() {
    for readings in [7, 1_000, 1_000_000] {
        let runs = if readings > 10_000 { 9 } else { 101 };
        let rates: Vec<Rate> =
            (0..readings).map(|i| Rate::from_centi_bpm(4_000 + i * 37 % 1_400 * 10).unwrap()).collect();
        let derive = || SchemeKey::derive(&MasterKey::generate().unwrap(), Profile::Standard);
        let keygen = median(runs, || drop(derive()));
        let key = derive();
        let mut encryptor = Encryptor::from_os().unwrap();
        let mut upload: Vec<(ChunkHeader, Vec<u8>)> = Vec::new();
        let encrypt = median(runs, || {
            upload = (0..)
                .map(ChunkId)
                .zip(rates.chunks(N))
                .map(|(id, chunk)| {
                    let mut frame = Request::put(id);
                    let columns = ColumnSet::of(&[Column::Rate]);
                    (encryptor.encrypt(&key, chunk, columns, &mut frame).unwrap(), frame)
                })
                .collect();
        });
        let mut store = Store::default();
        for (id, (_, frame)) in (0..).map(ChunkId).zip(&upload) {
            store.put(id, frame.clone());
        }
        let headers: Vec<ChunkHeader> = upload.iter().map(|(header, _)| *header).collect();
        // As many chunks to a sum as decrypt without error.
        let sums: Vec<&[ChunkHeader]> = headers.chunks(16).collect();
        let mut answers: Vec<Vec<u8>> = Vec::new();
        let mut adder = Adder::default();
        let server = median(runs, || {
            let first = |sum: usize| ChunkId(sum as u32 * 16);
            answers = (0..sums.len())
                .map(|sum| {
                    let range = ChunkRange { first: first(sum), count: sums[sum].len() as u32 };
                    let question = SumQuestion { column: Column::Rate, ranges: vec![range] };
                    let mut answer = Vec::new();
                    store.sum(&question, &mut adder).ok().unwrap().write_to(&mut answer);
                    answer
                })
                .collect();
        });
        let mut found = 0;
        let decrypt = median(runs, || {
            let opened = sums
                .iter()
                .zip(&answers)
                .map(|(headers, answer)| verify(&key, Column::Rate, headers, answer).unwrap().decrypt()[0]);
            found = opened.sum();
        });
        assert_eq!(found, rates.iter().map(|rate| u64::from(rate.centi_bpm())).sum::<u64>(), "the sum is exact");
        println!(
            r#"{{"peer": "Veilbeat", "readings": {readings}, "keygen_ms": {keygen:.4}, "public_bytes": 0, "encrypt_ms": {encrypt:.4}, "upload_bytes": {}, "server_ms": {server:.4}, "answer_bytes": {}, "decrypt_ms": {decrypt:.4}, "error_bpm": 0}}"#,
            upload.iter().map(|(_, frame)| frame.len()).sum::<usize>(),
            answers.iter().map(Vec::len).sum::<usize>(),
        );
    }
}
