//! The mean of heart rates with Veilbeat, one thread, as `benches/peers` measures the others: a line of
//! JSON for each number of readings, one every 300 s, medians in milliseconds. `cargo bench --bench ours`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark fails by panicking, prints what it found and has no readers of docs"
)]

use std::time::Instant;

use veilbeat::client::{Encryptor, MasterKey, ParameterSet, SchemeKey, verify};
use veilbeat::protocol::{Request, SheetId, SheetRange, SumQuestion};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Weeks};
use veilbeat::scheme::{Column, ColumnSet, MaskSeed};
use veilbeat::server::{Adder, Store};
use veilbeat::statistics::Weighting;

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

fn reading(i: i64) -> Reading {
    Reading {
        // From a Monday on.
        instant_ms: 345_600_000 + i * 300_000,
        offset_secs: 0,
        rate: Rate::from_centi_bpm(4_000 + (i * 37 % 1_400) as u32 * 10).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    }
}

fn main() {
    for readings in [7, 1_000, 1_000_000] {
        let runs = if readings > 10_000 { 9 } else { 101 };
        let weeks = Weeks::from(&Readings::from_list((0..readings).map(reading)));
        let derive = || SchemeKey::derive(&MasterKey::generate().unwrap(), ParameterSet::Standard);
        let keygen = median(runs, || drop(derive()));
        let key = derive();
        let mut encryptor = Encryptor::default();
        let mut upload: Vec<(MaskSeed, Vec<u8>)> = Vec::new();
        // From readings to the frames that are sent: packed, encrypted, tagged.
        let encrypt = median(runs, || {
            upload = (0..)
                .map(SheetId)
                .zip(weeks.iter())
                .map(|(id, week)| {
                    let mut frame = Request::put(id);
                    let (how, columns) = ((Weighting::Readings, 0), ColumnSet::of(Column::RATE));
                    (encryptor.encrypt_week(&key, week, how, columns, &mut frame).unwrap()[0], frame)
                })
                .collect();
        });
        let mut store = Store::default();
        for (_, frame) in &upload {
            let Ok(Request::Put(id, sheet)) = Request::parse(frame) else { unreachable!() };
            store.put(id, sheet).unwrap();
        }
        let seeds: Vec<MaskSeed> = upload.iter().map(|(seed, _)| *seed).collect();
        let range = SheetRange { first: SheetId(0), count: seeds.len() as u32 };
        let question = SumQuestion { column: Column::RATE, ranges: vec![range] };
        let (mut answer, mut adder) = (Vec::new(), Adder::default());
        let server = median(runs, || {
            answer.clear();
            store.sum(&question, &mut adder).ok().unwrap().write_to(&mut answer);
        });
        let mut found = 0;
        let decrypt = median(runs, || {
            found = verify(&key, Column::RATE, &seeds, &answer).unwrap().decrypt().iter().sum();
        });
        let expected = (0..readings).map(|i| u64::from(reading(i).rate.centi_bpm())).sum::<u64>();
        assert_eq!(found, expected, "the sum is exact");
        println!(
            r#"{{"peer": "Veilbeat", "readings": {readings}, "keygen_ms": {keygen:.4}, "public_bytes": 0, "encrypt_ms": {encrypt:.4}, "upload_bytes": {}, "server_ms": {server:.4}, "answer_bytes": {}, "decrypt_ms": {decrypt:.4}, "error_bpm": 0}}"#,
            upload.iter().map(|(_, frame)| frame.len()).sum::<usize>(),
            answer.len(),
        );
    }
}
