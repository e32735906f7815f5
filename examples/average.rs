//! The mean of seven heart rates, added up by a server that cannot read them: `cargo run --example average`.
//!
//! For those who come from a `TenSEAL` tutorial: the same job, exact, checked, and without keys to send.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use veilbeat::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey};
use veilbeat::reading::{Rate, Reading, Readings, Step};
use veilbeat::statistics::{Detail, ReportRequest, Weighting};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Seven readings of one morning, five minutes apart, in 1/100 bpm.
    let morning_ms = "2026-10-01T08:00:00Z".parse::<jiff::Timestamp>()?.as_millisecond();
    let rates = [7_250, 7_100, 7_320, 6_980, 7_050, 7_410, 7_170].into_iter().filter_map(Rate::from_centi_bpm);
    let readings = (0..).zip(rates).map(|(number, rate)| Reading::sample(morning_ms + number * 300_000, rate));
    let readings = Readings::from_list(readings);

    // The server is a thread without a key; bytes are all that passes between it and the client.
    let (end, _server) = veilbeat::server::spawn()?;
    let key = SchemeKey::derive(&MasterKey::generate()?, ParameterSet::Standard);
    let mut client = Client::new(key, end, Weighting::Readings);

    // Encrypts, uploads, asks, checks the answer, and only then decrypts it.
    let request = ReportRequest::all(Step::Day, Detail::Averages).weighted_by(Weighting::Readings);
    let answered = client.report(&readings, &request, &mut Observer::default())?.ok_or("there are no readings")?;
    let (report, traffic) = (answered.report, answered.traffic);
    println!("mean {:.4} bpm", report.overall.mean_bpm().unwrap_or_default());
    println!("{} bytes sent, {} back; encrypted in {:?}", traffic.upload_bytes, traffic.answer_bytes, traffic.encrypt);
    println!("added in {:?}, checked and opened in {:?}", traffic.server, traffic.decrypt);
    Ok(())
}
