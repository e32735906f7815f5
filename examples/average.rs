//! The mean of seven heart rates, added up by a server that cannot read them: `cargo run --example average`.
//!
//! For those who come from a `TenSEAL` tutorial: the same job, exact, checked, and without keys to send.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use jiff::tz::TimeZone;
use veilbeat::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey};
use veilbeat::import::read_entry;
use veilbeat::reading::{Readings, Step};
use veilbeat::statistics::{Detail, ReportRequest, Weighting};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Seven readings of one morning, in bpm.
    let rates = ["72.5", "71.0", "73.2", "69.8", "70.5", "74.1", "71.7"];
    let readings = rates.into_iter().enumerate().map(|(number, rate)| {
        let time = format!("08:{:02}", 5 * number);
        read_entry("2026-10-01", &time, rate, "", &TimeZone::UTC)
    });
    let readings = Readings::from_list(readings.collect::<Result<Vec<_>, _>>()?);

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
