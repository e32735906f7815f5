//! `veilbeat bench`: what encrypted averages cost on this machine, beside the same in the clear.

use std::fmt::Write;
use std::io::IsTerminal;
use std::time::Duration;

use serde_json::json;

use super::{CliError, print, say};
use crate::client::ParameterSet;
use crate::jobs::{Measured, Work, measure};

/// Measure what averages cost on this machine, for both sets of parameters
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let mut rows = Vec::new();
    for parameters in ParameterSet::ALL {
        for work in Work::TABLE {
            if std::io::stderr().is_terminal() {
                say(&format!("measuring {} readings, {} parameters", work.readings, parameters.name()));
            }
            rows.push(measure(parameters, work).map_err(|what| CliError::File { what })?);
        }
    }
    print(&if arguments.json { as_json(&rows) } else { as_table(&rows) })
}

fn nanos_each(time: Duration, readings: usize) -> f64 {
    time.as_nanos() as f64 / readings as f64
}

fn as_json(rows: &[Measured]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let traffic = &row.traffic;
            json!({
                "parameters": row.parameters.name(),
                "security_log2": row.parameters.security_log2(),
                "readings": row.readings,
                "upload_bytes": traffic.upload_bytes,
                "answer_bytes": traffic.answer_bytes,
                "encrypt_ns": traffic.encrypt.as_nanos() as u64,
                "add_ns": traffic.server.as_nanos() as u64,
                "check_and_open_ns": traffic.decrypt.as_nanos() as u64,
                "whole_ns": row.whole.as_nanos() as u64,
                "in_the_clear_ns": row.in_the_clear.as_nanos() as u64,
            })
        })
        .collect();
    let threads = rayon::current_num_threads();
    format!("{}\n", json!({ "version": env!("CARGO_PKG_VERSION"), "threads": threads, "averages": rows }))
}

fn as_table(rows: &[Measured]) -> String {
    let mut table = format!(
        "Averages with standard deviation over all readings, weighted by time, {} threads to encrypt; medians.\n\n",
        rayon::current_num_threads()
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        table,
        "{:<10} {:>9} {:>11} {:>9} {:>10} {:>10} {:>10} {:>10} {:>11} {:>11}",
        "parameters",
        "readings",
        "sent, B",
        "back, B",
        "encrypt ms",
        "add ms",
        "open ms",
        "whole ms",
        "ns/reading",
        "clear, ns"
    );
    for row in rows {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let traffic = &row.traffic;
        let _ = writeln!(
            table,
            "{:<10} {:>9} {:>11} {:>9} {:>10.3} {:>10.3} {:>10.3} {:>10.3} {:>11.1} {:>11.1}",
            row.parameters.name(),
            row.readings,
            traffic.upload_bytes,
            traffic.answer_bytes,
            ms(traffic.encrypt),
            ms(traffic.server),
            ms(traffic.decrypt),
            ms(row.whole),
            nanos_each(row.whole, row.readings),
            nanos_each(row.in_the_clear, row.readings)
        );
    }
    table
}
