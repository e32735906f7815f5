//! The files of Empatica's wristbands: `HR.csv` with a start, a rate of samples and then the samples, and `IBI.csv`
//! with a start, and then for each beat its time since and its interval.

use std::io::{BufRead, BufReader};

use crate::import::error::ImportError;
use crate::import::formats::beats::{Beats, IntervalUnit, interval, micros};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::source::{Limit, Source, unreadable};
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, RateError};

/// The two files that hold heart rates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum Empatica {
    Rates,
    Intervals,
}

/// Which of the two files this is. That of rates looks like those of other sensors: its name tells.
pub(in crate::import) fn recognise(head: &[u8], name: &str) -> Option<Empatica> {
    let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let (first, second) = (std::str::from_utf8(lines.next()?).ok()?, std::str::from_utf8(lines.next()?).ok()?);
    let is_start = |text: &str| text.len() > 10 && text.as_bytes()[10] == b'.' && Stamp::parse(text).is_ok();
    if let Some((start, what)) = first.split_once(',') {
        return (is_start(start) && what.trim() == "IBI").then_some(Empatica::Intervals);
    }
    let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let is_rate = second.parse::<f64>().is_ok_and(|hertz| hertz > 0.0 && hertz <= 256.0);
    (is_start(first) && is_rate && name.contains("hr")).then_some(Empatica::Rates)
}

/// Reads one of them.
pub(in crate::import) fn read(source: &mut dyn Source, file: Empatica, rows: &mut Rows) -> Result<(), ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let text = BufReader::new(Limit::new(source.open().map_err(io)?, b"\n", "a line"));
    let mut start = Err(Reason::NoTime);
    let mut hertz = 1.0;
    let mut beats: Option<Beats> = None;
    for (number, line) in (1..).zip(text.split(b'\n')) {
        let line = line.map_err(io)?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        match (number, file, line.split_once(',')) {
            (_, _, None) if line.is_empty() => {}
            (1, _, first) => start = Stamp::parse(first.map_or(line, |(start, _)| start)),
            (2, Empatica::Rates, _) => hertz = line.parse().unwrap_or(1.0),
            (_, Empatica::Rates, _) => {
                let after_ms = ((number - 3) as f64 * 1000.0 / hertz).round() as u64;
                rows.read("", number, Kind::Sample, line, || start?.later(after_ms));
            }
            (_, Empatica::Intervals, Some((since, length))) => {
                let beats = match &mut beats {
                    Some(beats) => beats,
                    None => beats.insert(Beats::new(start.map_err(|_| ImportError::NoStart)?)),
                };
                match micros(since.as_bytes(), IntervalUnit::Seconds) {
                    Some(since) => {
                        beats.go_to(since);
                        interval(number, length.trim().as_bytes(), IntervalUnit::Seconds, beats, rows);
                    }
                    None => rows.refuse("", number, Reason::BadTime),
                }
            }
            (_, Empatica::Intervals, None) => rows.refuse("", number, Reason::Rate(RateError::Missing)),
        }
    }
    if let Some(mut beats) = beats {
        beats.finish(rows);
    }
    Ok(())
}
