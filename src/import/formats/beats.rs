//! Intervals from beat to beat, and Polar's HRM files.

use std::io::{BufRead, BufReader, Read};

use crate::import::HEAD_BYTES;
use crate::import::encoding::{Returns, decoded, detect, ends_in_returns, without_mark};
use crate::import::error::ImportError;
use crate::import::report::Reason;
use crate::import::rows::{Row, Rows, short};
use crate::import::source::{Limit, Source, unreadable};
use crate::import::time::name_dates::start_in_name;
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// A count of beats becomes one reading for each started so much time.
const BUCKET_US: u64 = 5_000_000;
/// An interval as long as this is none.
const LONGEST_US: u64 = 60_000_000;

/// Intervals of beats, as they come.
pub(super) struct Beats {
    start: Stamp,
    elapsed_us: u64,
    bucket: u64,
    /// Of the beats of this bucket: their first line, how many, how long.
    line: u64,
    count: u64,
    total_us: u64,
}

impl Beats {
    pub(super) fn new(start: Stamp) -> Self {
        Self { start, elapsed_us: 0, bucket: 0, line: 0, count: 0, total_us: 0 }
    }

    /// The next interval starts so much after the start.
    pub(super) fn go_to(&mut self, elapsed_us: u64) {
        self.elapsed_us = elapsed_us;
    }

    /// A beat belongs to the five seconds in which its interval starts.
    fn beat(&mut self, line: u64, interval_us: u64, rows: &mut Rows) {
        let bucket = self.elapsed_us / BUCKET_US;
        if bucket != self.bucket {
            self.finish(rows);
            self.bucket = bucket;
        }
        if self.count == 0 {
            self.line = line;
        }
        self.count += 1;
        self.total_us += interval_us;
        self.elapsed_us += interval_us;
    }

    /// Time passes without a beat.
    fn pass(&mut self, interval_us: u64) {
        self.elapsed_us = self.elapsed_us.saturating_add(interval_us);
    }

    /// A minute divided by the mean interval, rounded to 1/100 bpm.
    pub(super) fn finish(&mut self, rows: &mut Rows) {
        let (count, total_us) = (std::mem::take(&mut self.count), std::mem::take(&mut self.total_us));
        if count == 0 {
            return;
        }
        let centi_bpm = (6_000_000_000 * count + total_us / 2) / total_us.max(1);
        let rate = u32::try_from(centi_bpm).ok().and_then(Rate::from_centi_bpm);
        match (rate, self.start.later(self.bucket * (BUCKET_US / 1000))) {
            (Some(rate), Ok(stamp)) => rows.push(Row { line: short(self.line), stamp, rate, kind: Kind::Sample }),
            (None, _) => rows.refuse("", self.line, Reason::Rate(RateError::OutOfRange)),
            (_, Err(reason)) => rows.refuse("", self.line, reason),
        }
    }
}

/// The unit of intervals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum IntervalUnit {
    Milliseconds,
    Seconds,
}

/// The unit of the intervals in a file, if its start is nothing but numbers, one a line: whole milliseconds, or
/// numbers with decimals that all are seconds or all milliseconds.
pub(in crate::import) fn intervals_of(head: &[u8]) -> Option<IntervalUnit> {
    let text = without_mark(head);
    let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n' || byte == b'\r').map(<[u8]>::trim_ascii).collect();
    // The last line may be cut off; a whole number cut off is still one.
    let whole = |line: &&[u8]| line.len() <= 6 && line.iter().all(u8::is_ascii_digit);
    lines.retain(|line| !line.is_empty());
    if lines.len() < 2 {
        return None;
    }
    if lines.iter().all(whole) {
        return Some(IntervalUnit::Milliseconds);
    }
    if head.len() >= HEAD_BYTES {
        lines.pop();
    }
    let micros: Option<Vec<u64>> = lines.iter().map(|line| micros(line, IntervalUnit::Seconds)).collect();
    let micros = micros?;
    match (micros.iter().all(|&us| us < 10_000_000), micros.iter().all(|&us| us >= 200_000_000)) {
        (true, _) => Some(IntervalUnit::Seconds),
        (_, true) => Some(IntervalUnit::Milliseconds),
        _ => None,
    }
}

/// A decimal number of some unit, in microseconds. What is beyond them is cut off.
pub(super) fn micros(text: &[u8], unit: IntervalUnit) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let places: usize = match unit {
        IntervalUnit::Seconds => 6,
        IntervalUnit::Milliseconds => 3,
    };
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| u64::from(byte - b'0'));
    Some((0..places).fold(whole.parse().ok()?, |value, at| value * 10 + digit(at)))
}

/// Reads intervals, one a line, that start at the time in the file's name.
pub(in crate::import) fn read_intervals(
    source: &mut dyn Source,
    name: &str,
    unit: IntervalUnit,
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
        interval(number, line, unit, &mut beats, rows);
    }
    beats.finish(rows);
    Ok(())
}

pub(super) fn interval(number: u64, line: &[u8], unit: IntervalUnit, beats: &mut Beats, rows: &mut Rows) {
    match micros(line, unit) {
        _ if line.is_empty() => {}
        Some(0) => rows.missing(),
        Some(interval) if interval < LONGEST_US => beats.beat(number, interval, rows),
        Some(interval) => {
            beats.pass(interval);
            rows.refuse("", number, Reason::Rate(RateError::OutOfRange));
        }
        None => rows.refuse("", number, Reason::Rate(RateError::NotANumber)),
    }
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
                    interval(number, value.as_bytes(), IntervalUnit::Milliseconds, beats, rows);
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
