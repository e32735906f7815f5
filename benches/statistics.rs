//! A year of one reading every five seconds: all statistics by day, as the window asks for them. Says what
//! each side spent, over some runs; the server computes on one core.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::time::Duration;

use veilbeat::client::{Client, MasterKey, SchemeKey, Watch};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Step};
use veilbeat::scheme::Profile;
use veilbeat::statistics::{Detail, Request};

const READINGS: i64 = 365 * 24 * 720;
const RUNS: usize = 5;

fn year() -> Readings {
    let rate = |i: i64| Rate::from_centi_bpm(4_500 + (i * 7_919 % 12_000) as u32).unwrap();
    Readings::from_list((0..READINGS).map(|i| Reading {
        instant_ms: 1_700_000_000_000 + i * 5_000,
        offset_secs: 0,
        rate: rate(i),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    }))
}

fn main() {
    let readings = year();
    println!("{} readings in {} hours", readings.len(), readings.hours().count());
    println!(
        "{:>10} {:>10} {:>12} {:>12} {:>12} {:>12}",
        "profile", "detail", "encrypt ms", "server ms", "open ms", "answer MB"
    );
    for profile in Profile::ALL {
        for detail in [Detail::Statistics, Detail::Profiles] {
            let mut runs: Vec<[Duration; 3]> = Vec::new();
            let mut bytes = 0;
            for _ in 0..RUNS {
                // A new one each time: what was verified once is known, and not asked again.
                let (end, server) = veilbeat::server::spawn().unwrap();
                let key = SchemeKey::derive(&MasterKey::generate().unwrap(), profile);
                let mut client = Client::new(key, end).unwrap();
                let request = Request::all(Step::Day, detail);
                let traffic = client.report(&readings, &request, &mut Watch::default()).unwrap().unwrap().traffic;
                runs.push([traffic.encrypt, traffic.server, traffic.decrypt]);
                bytes = traffic.answer_bytes;
                drop(client);
                server.join();
            }
            let median = |which: usize| {
                let mut times: Vec<_> = runs.iter().map(|run| run[which]).collect();
                times.sort();
                times[RUNS / 2].as_secs_f64() * 1e3
            };
            println!(
                "{:>10} {:>10} {:>12.1} {:>12.1} {:>12.1} {:>12.1}",
                profile.name(),
                format!("{detail:?}"),
                median(0),
                median(1),
                median(2),
                bytes as f64 / 1e6
            );
        }
    }
}
