//! What people really have: ten years, with and without workouts, and a year by the second. All statistics, as
//! the window asks for them. Says what each side spent, medians of some runs; the server computes on one core.
//! At last, what one more reading costs in a view of everything.
//! `cargo bench --bench statistics`; with `RAYON_NUM_THREADS=1` the times are processor times.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::time::Instant;

use veilbeat::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey, Traffic};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Step};
use veilbeat::statistics::{Detail, ReportRequest, Weighting};

const RUNS: usize = 7;
const DAY: i64 = 86_400;

fn reading(secs: i64) -> Reading {
    Reading {
        instant_ms: (1_420_070_400 + secs) * 1_000,
        offset_secs: 3_600,
        rate: Rate::from_centi_bpm(4_500 + (secs * 7_919 % 12_000) as u32).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    }
}

/// Ten years of one reading every ten minutes: 526,014.
fn decade() -> Vec<Reading> {
    (0..526_014).map(|i| reading(i * 600)).collect()
}

/// The same with three workouts a week of some 80 minutes, a reading every five seconds: 2,047,194. Their rates
/// change from minute to minute, and by a few bpm from reading to reading.
fn decade_with_workouts() -> Vec<Reading> {
    let mut list = decade();
    let workouts = (0..3_652).filter(|day| day % 7 % 2 == 1);
    for day in workouts {
        list.extend((0..972).map(|i| {
            let centi_bpm = 12_000 + (day * 811 + i / 12 * 37) % 4_000 + i * 7_919 % 600;
            let rate = Rate::from_centi_bpm(centi_bpm as u32).unwrap();
            Reading { rate, ..reading(day * DAY + 18 * 3_600 + 2 + i * 5) }
        }));
    }
    list
}

fn main() {
    let sets = [
        ("ten years, 10 min", decade(), Step::Month),
        ("ten years, workouts", decade_with_workouts(), Step::Month),
        ("a year, 5 s", (0..365 * 17_280).map(|i| reading(i * 5)).collect(), Step::Day),
        ("a day, 1 min", (0..1_440).map(|i| reading(i * 60)).collect(), Step::Hour),
    ];
    println!(
        "{:20} {:>10} {:>9} {:>10} {:>9} {:>8} {:>8} {:>9} {:>8}",
        "readings", "parameters", "number", "encrypt ms", "server ms", "open ms", "whole ms", "sent MB", "back MB"
    );
    for (name, list, step) in sets {
        let readings = Readings::from_list(list);
        for parameters in ParameterSet::ALL {
            let mut runs: Vec<(Traffic, f64)> = (0..RUNS).map(|_| run(&readings, step, parameters)).collect();
            let mut median = |of: &dyn Fn(&(Traffic, f64)) -> f64| {
                runs.sort_by(|a, b| of(a).total_cmp(&of(b)));
                of(&runs[RUNS / 2])
            };
            let ms = |time: std::time::Duration| time.as_secs_f64() * 1e3;
            println!(
                "{name:20} {:>10} {:>9} {:>10.1} {:>9.1} {:>8.1} {:>8.1} {:>9.2} {:>8.2}",
                parameters.name(),
                readings.len(),
                median(&|run| ms(run.0.encrypt)),
                median(&|run| ms(run.0.server)),
                median(&|run| ms(run.0.decrypt)),
                median(&|run| run.1),
                median(&|run| run.0.upload_bytes as f64 / 1e6),
                median(&|run| run.0.answer_bytes as f64 / 1e6),
            );
        }
    }
    one_more();
}

/// The sums over a million readings are known; one reading more is entered, in another week each time.
fn one_more() {
    for (name, spacing) in [("every 5 min, nearly ten years", 300), ("every 5 s, 58 days", 5)] {
        let mut readings = Readings::from_list((0..1_000_000).map(|i| reading(i * spacing)));
        let (end, server) = veilbeat::server::spawn().unwrap();
        let key = SchemeKey::derive(&MasterKey::generate().unwrap(), ParameterSet::Standard);
        let mut client = Client::new(key, end, Weighting::Time);
        let request = ReportRequest::all(Step::Month, Detail::Statistics);
        client.report(&readings, &request, &mut Observer::default()).unwrap().unwrap();
        let mut runs: Vec<(f64, Traffic)> = (1..=15)
            .map(|run| {
                let begun = Instant::now();
                assert!(readings.insert(reading(run * 300_000 + 1)));
                let answered = client.report(&readings, &request, &mut Observer::default()).unwrap().unwrap();
                (begun.elapsed().as_secs_f64() * 1e3, answered.traffic)
            })
            .collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ms, traffic) = &runs[runs.len() / 2];
        let (sent, back) = (traffic.upload_bytes as f64 / 1e3, traffic.answer_bytes as f64 / 1e3);
        println!("a million readings, {name}, and one more: {ms:.1} ms, {sent:.1} kB sent, {back:.1} kB back");
        drop(client);
        server.join();
    }
}

/// A new client and a new server each time: what was verified once is known, and not asked again.
fn run(readings: &Readings, step: Step, parameters: ParameterSet) -> (Traffic, f64) {
    let (end, server) = veilbeat::server::spawn().unwrap();
    let key = SchemeKey::derive(&MasterKey::generate().unwrap(), parameters);
    let mut client = Client::new(key, end, Weighting::Time);
    let begun = Instant::now();
    let request = ReportRequest::all(step, Detail::Statistics);
    let traffic = client.report(readings, &request, &mut Observer::default()).unwrap().unwrap().traffic;
    let whole = begun.elapsed().as_secs_f64() * 1e3;
    drop(client);
    server.join();
    (traffic, whole)
}
