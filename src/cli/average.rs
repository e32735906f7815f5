//! `veilbeat average`: the whole road, from a file to averages, on a fresh key.

use std::fmt::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::{By, Failure, HowToRead, print, read_readings, say};
use crate::client::{Averages, Client, MasterKey, SchemeKey, Watch, averages};
use crate::reading::{Kind, Readings};
use crate::scheme::Profile;
use crate::server;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A table with a time and a heart rate in each line
    file: PathBuf,
    /// How long each window is
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    #[command(flatten)]
    how: HowToRead,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Output {
    readings: usize,
    refused: usize,
    windows: Vec<Window>,
    upload_bytes: u64,
    answer_bytes: u64,
    encrypt_ms: f64,
    server_ms: f64,
    decrypt_ms: f64,
}

#[derive(Serialize)]
struct Window {
    start: String,
    count: u64,
    mean: Option<f64>,
    sd: Option<f64>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let imported = read_readings(&arguments.file, &arguments.how)?;
    let refused = imported.report.refused.count();
    let lines = imported.readings.len();
    let readings = Readings::from_list(imported.readings);
    match lines - readings.len() {
        0 => {}
        1 => say("1 line repeats an earlier one and was counted once"),
        n => say(&format!("{n} lines repeat earlier ones and were counted once")),
    }
    let (end, server) = server::spawn().map_err(Failure::Thread)?;
    let key = SchemeKey::derive(&MasterKey::generate()?, Profile::Standard);
    let mut client = Client::new(key, end)?;
    let averages = averages(&mut client, &readings, arguments.by.into(), &mut Watch::default())?;
    drop(client);
    server.join();
    let Some(averages) = averages else { return Ok(()) };
    match averages.kind {
        Kind::Sample => {}
        Kind::Average => say("The file holds averages of activities or days, and no single readings"),
        Kind::Resting => say("The file holds resting rates, and no single readings"),
    }
    let output = Output::new(readings.len(), refused, &averages);
    print(&if arguments.json { output.json() } else { output.table() })
}

impl Output {
    fn new(readings: usize, refused: usize, averages: &Averages) -> Self {
        let traffic = averages.traffic;
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        Self {
            readings,
            refused,
            windows: averages
                .windows
                .iter()
                .map(|window| Window {
                    start: window.start.to_string(),
                    count: window.moments.count,
                    mean: window.moments.mean_bpm(),
                    sd: window.moments.sd_bpm(),
                })
                .collect(),
            upload_bytes: traffic.upload_bytes,
            answer_bytes: traffic.answer_bytes,
            encrypt_ms: ms(traffic.encrypt),
            server_ms: ms(traffic.server),
            decrypt_ms: ms(traffic.decrypt),
        }
    }

    fn json(&self) -> String {
        // Numbers and strings only: there is nothing in here that could fail to become JSON.
        let mut json = serde_json::to_string(self).unwrap_or_default();
        json.push('\n');
        json
    }

    fn table(&self) -> String {
        let width = self.windows.iter().map(|window| window.start.len()).max().unwrap_or(0).max(5);
        let mut table = format!("{:width$}  {:>9}  {:>8}  {:>8}\n", "start", "readings", "mean bpm", "sd bpm");
        for window in &self.windows {
            let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{:width$}  {:>9}  {:>8}  {:>8}",
                window.start,
                window.count,
                number(window.mean),
                number(window.sd)
            );
        }
        table
    }
}
