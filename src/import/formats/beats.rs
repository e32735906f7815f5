//! Intervals from beat to beat, and Polar's HRM files.

use std::io::{BufRead, BufReader, Read};

use crate::import::HEAD_BYTES;
use crate::import::encoding::{Returns, decoded, detect, ends_in_returns, without_mark};
use crate::import::error::ImportError;
use crate::import::report::Reason;
use crate::import::rows::{Row, Rows, short};
use crate::import::source::{Limit, Source, unreadable};
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// A count of beats becomes one reading for each started so much time.
const BUCKET_MS: u64 = 5_000;

/// Intervals of beats, as they come.
struct Beats {
    start: Stamp,
    elapsed_ms: u64,
    bucket: u64,
    /// Of the beats of this bucket: their first line, how many, how long.
    line: u64,
    count: u64,
    total_ms: u64,
}

impl Beats {
    fn new(start: Stamp) -> Self {
        Self { start, elapsed_ms: 0, bucket: 0, line: 0, count: 0, total_ms: 0 }
    }

    /// A beat belongs to the five seconds in which its interval starts.
    fn beat(&mut self, line: u64, interval_ms: u64, rows: &mut Rows) {
        let bucket = self.elapsed_ms / BUCKET_MS;
        if bucket != self.bucket {
            self.finish(rows);
            self.bucket = bucket;
        }
        if self.count == 0 {
            self.line = line;
        }
        self.count += 1;
        self.total_ms += interval_ms;
        self.elapsed_ms += interval_ms;
    }

    /// Time passes without a beat.
    fn pass(&mut self, interval_ms: u64) {
        self.elapsed_ms = self.elapsed_ms.saturating_add(interval_ms);
    }

    /// 60,000 divided by the mean interval, rounded to 1/100 bpm.
    fn finish(&mut self, rows: &mut Rows) {
        let (count, total_ms) = (std::mem::take(&mut self.count), std::mem::take(&mut self.total_ms));
        if count == 0 {
            return;
        }
        let centi_bpm = (6_000_000 * count + total_ms / 2) / total_ms.max(1);
        let rate = u32::try_from(centi_bpm).ok().and_then(Rate::from_centi_bpm);
        match (rate, self.start.later(self.bucket * BUCKET_MS)) {
            (Some(rate), Ok(stamp)) => rows.push(Row { line: short(self.line), stamp, rate, kind: Kind::Sample }),
            (None, _) => rows.refuse("", self.line, Reason::Rate(RateError::OutOfRange)),
            (_, Err(reason)) => rows.refuse("", self.line, reason),
        }
    }
}

/// Whether the start of a file is nothing but whole numbers, one a line.
pub(in crate::import) fn is_intervals(head: &[u8]) -> bool {
    let text = without_mark(head);
    let mut lines = text.split(|&byte| byte == b'\n' || byte == b'\r').map(<[u8]>::trim_ascii);
    // The last line may be cut off; a number cut off is still one.
    let number = |line: &[u8]| line.len() <= 6 && line.iter().all(u8::is_ascii_digit);
    let mut count = 0;
    lines.all(|line| {
        count += usize::from(!line.is_empty());
        number(line)
    }) && count >= 2
}

/// Reads intervals in milliseconds, one a line, that start at the time in the file's name.
pub(in crate::import) fn read_intervals(
    source: &mut dyn Source,
    name: &str,
    rows: &mut Rows,
) -> Result<(), ImportError> {
    let start = start_in_name(name).ok_or(ImportError::NoStart)?;
    let mut beats = Beats::new(start);
    let io = |error: std::io::Error| unreadable(&error);
    let returns = ends_in_returns(&source.head(HEAD_BYTES).map_err(io)?);
    let text = source.open().map_err(io)?;
    let text: Box<dyn Read> = if returns { Box::new(Returns(text)) } else { text };
    for (number, line) in (1..).zip(BufReader::new(Limit::new(text, b"\n", "a line")).split(b'\n')) {
        let line = line.map_err(io)?;
        let line = without_mark(&line).trim_ascii();
        interval(number, line, &mut beats, rows);
    }
    beats.finish(rows);
    Ok(())
}

fn interval(number: u64, line: &[u8], beats: &mut Beats, rows: &mut Rows) {
    match std::str::from_utf8(line).ok().and_then(|text| text.parse::<u64>().ok()) {
        _ if line.is_empty() => {}
        Some(0) => rows.missing(),
        Some(interval) if interval < 60_000 => beats.beat(number, interval, rows),
        Some(interval) => {
            beats.pass(interval);
            rows.refuse("", number, Reason::Rate(RateError::OutOfRange));
        }
        None => rows.refuse("", number, Reason::Rate(RateError::NotANumber)),
    }
}

/// The time in a name such as `2017-07-19 07-50-42.txt`.
fn start_in_name(name: &str) -> Option<Stamp> {
    let parts: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let index =
        parts.windows(5).position(|parts| parts[0].len() == 4 && parts[1..].iter().all(|part| part.len() <= 2))?;
    let second = parts.get(index + 5).filter(|second| second.len() == 2).unwrap_or(&"00");
    let [year, month, day, hour, minute] = parts[index..index + 5] else { return None };
    Stamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}")).ok()
}

/// Whether a file is one of Polar's HRM files.
pub(in crate::import) fn is_hrm(head: &[u8]) -> bool {
    without_mark(head).trim_ascii_start().starts_with(b"[Params]")
}

/// `Interval` of files that hold beats instead of rates, and of files that hold intermediate times only.
const BEAT_BY_BEAT: u64 = 238;
const INTERMEDIATE_TIMES: u64 = 204;

/// The seconds between two rates, or [`BEAT_BY_BEAT`].
fn hrm_interval(text: &str) -> Result<u64, ImportError> {
    let secs = text.parse().ok().filter(|secs| (1..=3600).contains(secs) && *secs != INTERMEDIATE_TIMES);
    secs.ok_or_else(|| ImportError::NoInterval(text.to_owned()))
}

/// Reads a Polar HRM file: settings, then a line for each interval of seconds.
pub(in crate::import) fn read_hrm(source: &mut dyn Source, rows: &mut Rows) -> Result<(), ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let encoding = detect(source).map_err(io)?;
    let text = BufReader::new(Limit::new(decoded(source.open().map_err(io)?, encoding), b"\n", "a line"));
    let [mut section, mut date, mut time, mut interval_text] = [const { String::new() }; 4];
    let mut interval_secs = None;
    let mut beats: Option<Beats> = None;
    let mut elapsed_ms = 0;
    for (number, line) in (1..).zip(text.split(b'\n')) {
        let line = line.map_err(io)?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_ascii_lowercase();
            continue;
        }
        match (&*section, line.split_once('=')) {
            ("params", Some((name, value))) => match &*name.trim().to_ascii_lowercase() {
                "date" => value.trim().clone_into(&mut date),
                "starttime" => value.trim().clone_into(&mut time),
                "interval" => value.trim().clone_into(&mut interval_text),
                _ => {}
            },
            ("hrdata", _) => {
                let beats = match &mut beats {
                    Some(beats) => beats,
                    None => beats.insert(Beats::new(hrm_start(&date, &time)?)),
                };
                let value = line.split('\t').next().unwrap_or_default();
                let interval_secs = match interval_secs {
                    Some(secs) => secs,
                    None => *interval_secs.insert(hrm_interval(&interval_text)?),
                };
                if interval_secs == BEAT_BY_BEAT {
                    interval(number, value.as_bytes(), beats, rows);
                } else {
                    let at = elapsed_ms;
                    elapsed_ms += interval_secs * 1000;
                    rows.read("", number, Kind::Sample, value, || beats.start.later(at));
                }
            }
            _ => {}
        }
    }
    if let Some(mut beats) = beats {
        beats.finish(rows);
    }
    Ok(())
}

/// `Date=20171105`, `StartTime=14:32:17.0`.
fn hrm_start(date: &str, time: &str) -> Result<Stamp, ImportError> {
    let no_start = || ImportError::NoStartTime { date: date.to_owned(), time: time.to_owned() };
    if !date.is_ascii() || date.len() != 8 {
        return Err(no_start());
    }
    let day = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    Stamp::parse(&day).and_then(|stamp| stamp.with_time(time)).map_err(|_| no_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_found_in_a_name() {
        for name in ["2017-07-19 07-50-42.txt", "rr_2017-07-19_07-50-42.csv", "2017.07.19 07.50.42"] {
            let stamp = start_in_name(name).unwrap();
            assert_eq!(stamp.time_ms, Some((7 * 3600 + 50 * 60 + 42) * 1000), "{name}");
        }
        assert!(start_in_name("beats.txt").is_none());
        assert!(start_in_name("2017-13-19 07-50-42.txt").is_none());
    }
}
