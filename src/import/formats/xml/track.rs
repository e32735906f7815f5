//! Recordings as XML: TCX, GPX, PWX, Suunto's SML, the fitlog of `SportTracks`, Sigma's SLF, Polar's XML.
//!
//! All are points with a time or the time since a start, and a rate. A value may be an element or an attribute.

use std::io::Read;

use quick_xml::events::Event;

use crate::import::error::ImportError;
use crate::import::formats::xml::{Depth, Xml, append, attributes};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::time::stamp::{Stamp, Zone};
use crate::import::words::clean;
use crate::reading::{Kind, Rate, RateError};

/// Where a format keeps what is of interest: names of elements or attributes, without their prefixes.
pub(super) struct Shape {
    pub(super) format: &'static str,
    /// The elements that are points.
    points: &'static [&'static str],
    /// The time of a point.
    time: &'static str,
    /// The time since the start, and how many of its units make a second.
    elapsed: Option<(&'static str, u64)>,
    /// The start, outside of points.
    start: &'static str,
    rates: &'static [&'static str],
    /// The element in that of the rate which holds the number.
    rate_value: Option<&'static str>,
    /// Whether rates are beats a second.
    per_second: bool,
}

const PLAIN: Shape = Shape {
    format: "",
    points: &[],
    time: "",
    elapsed: None,
    start: "",
    rates: &["hr"],
    rate_value: None,
    per_second: false,
};

pub(super) const TCX: Shape = Shape {
    format: "TCX",
    points: &["Trackpoint"],
    time: "Time",
    rates: &["HeartRateBpm"],
    rate_value: Some("Value"),
    ..PLAIN
};
pub(super) const GPX: Shape =
    Shape { format: "GPX", points: &["trkpt", "heartRate"], time: "time", rates: &["hr", "heartrate", "bpm"], ..PLAIN };
pub(super) const PWX: Shape = Shape {
    format: "TrainingPeaks (PWX)",
    points: &["sample"],
    elapsed: Some(("timeoffset", 1)),
    start: "time",
    ..PLAIN
};
pub(super) const SML: Shape = Shape {
    format: "Suunto (SML)",
    points: &["Sample"],
    time: "UTC",
    elapsed: Some(("Time", 1)),
    start: "DateTime",
    rates: &["HR"],
    per_second: true,
    ..PLAIN
};
pub(super) const FITLOG: Shape =
    Shape { format: "SportTracks (fitlog)", points: &["pt"], elapsed: Some(("tm", 1)), start: "StartTime", ..PLAIN };
pub(super) const SLF: Shape = Shape {
    format: "Sigma (SLF)",
    points: &["Entry"],
    elapsed: Some(("trainingTimeAbsolute", 100)),
    start: "startDate",
    rates: &["heartrate"],
    ..PLAIN
};
pub(super) const POLAR: Shape = Shape { format: "Polar (XML)", start: "time", ..PLAIN };

/// A point that waits for what follows at the end: Sigma's pauses, or a time of Suunto's that has a zone.
struct Waiting {
    number: u64,
    after_ms: u64,
    rate: Result<(Rate, bool), RateError>,
}

/// More points of one recording are not held.
const MOST_WAITING: usize = 1_000_000;

/// A recording as it is read.
struct Track<'a> {
    shape: &'a Shape,
    rows: &'a mut Rows,
    start: Option<Result<Stamp, Reason>>,
    number: u64,
    with_rate: u64,
    /// The name of the point that is open.
    in_point: Option<&'static str>,
    in_rate: bool,
    time: Option<String>,
    elapsed: Option<String>,
    rate: Option<String>,
    waiting: Vec<Waiting>,
    /// The start in UTC, by a point that has that time too.
    start_utc: Option<Stamp>,
    /// Pauses: after so much training time, so long, in ms.
    pauses: Vec<(u64, u64)>,
    /// Polar's: seconds between two rates, and whether they are heart rates.
    interval_secs: u64,
    is_of_hearts: bool,
}

/// The points of a recording that have a heart rate. Averages of laps stand outside of points.
pub(super) fn read<R: Read>(mut reader: Xml<R>, rows: &mut Rows, shape: &Shape) -> Result<(), ImportError> {
    let mut track = Track {
        shape,
        rows,
        start: None,
        number: 0,
        with_rate: 0,
        in_point: None,
        in_rate: false,
        time: None,
        elapsed: None,
        rate: None,
        waiting: Vec::new(),
        start_utc: None,
        pauses: Vec::new(),
        interval_secs: 1,
        is_of_hearts: false,
    };
    let (mut buffer, mut text, mut depth) = (Vec::new(), String::new(), Depth(1));
    // Whether the text is of an element of interest: others may be long.
    let mut is_wanted = false;
    loop {
        buffer.clear();
        let event = reader.next(&mut buffer)?;
        depth.pass(&event)?;
        match event {
            Event::Start(element) => {
                let name = element.local_name();
                let name = name.as_ref();
                text.clear();
                is_wanted = track.open(name);
                if track.has_attributes(name) {
                    attributes(&element, |key, value| track.field(key, value))?;
                    if name == "Marker" {
                        let mut pause = (String::new(), 0, 0);
                        attributes(&element, |key, value| {
                            match key {
                                "type" => value.clone_into(&mut pause.0),
                                "timeAbsolute" => pause.1 = centiseconds_ms(value).unwrap_or(0),
                                "duration" => pause.2 = centiseconds_ms(value).unwrap_or(0),
                                _ => {}
                            }
                            Ok(())
                        })?;
                        if pause.0 == "p" {
                            track.pauses.push((pause.1, pause.2));
                        }
                    }
                }
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if is_wanted => {
                append(&mut text, &event, if track.is_series() { usize::MAX } else { LONGEST_VALUE_BYTES });
            }
            Event::End(element) => {
                let name = element.local_name();
                let name = name.as_ref();
                if is_wanted {
                    track.field(name, &text)?;
                }
                is_wanted = false;
                track.close(name)?;
            }
            Event::Eof => {
                track.settle();
                depth.end(track.rows);
                return track.end();
            }
            _ => {}
        }
    }
}

/// A longer text is neither a time nor a rate, whatever follows.
const LONGEST_VALUE_BYTES: usize = 256;

impl Track<'_> {
    /// Opens an element. Says whether its text is of interest.
    fn open(&mut self, name: &str) -> bool {
        let shape = self.shape;
        if self.in_point.is_none()
            && let Some(point) = shape.points.iter().find(|point| **point == name)
        {
            self.in_point = Some(point);
            (self.time, self.elapsed, self.rate) = (None, None, None);
            self.number += 1;
            return false;
        }
        if ["Activity", "workout", "exercise", "DeviceLog"].contains(&name) {
            self.settle();
            self.start = None;
        }
        let is_rate = self.is_rate(name);
        self.in_rate |= is_rate;
        match self.in_point {
            None => name == shape.start || shape.format == POLAR.format,
            Some(_) => {
                name == shape.time
                    || shape.elapsed.is_some_and(|(elapsed, _)| elapsed == name)
                    || match shape.rate_value {
                        None => is_rate,
                        Some(value) => self.in_rate && name == value,
                    }
            }
        }
    }

    fn is_rate(&self, name: &str) -> bool {
        self.shape.rates.iter().any(|rate| rate.eq_ignore_ascii_case(name))
    }

    /// Whether the attributes of an element may be of interest.
    fn has_attributes(&self, name: &str) -> bool {
        self.shape.points.len() > 1 && self.in_point == Some("heartRate")
            || [FITLOG.format, SLF.format].contains(&self.shape.format)
                && (self.in_point.is_some() || ["Activity", "Track", "Marker"].contains(&name))
    }

    /// Whether what is read is Polar's list of rates.
    fn is_series(&self) -> bool {
        self.shape.format == POLAR.format
    }

    /// Takes in the value of an element or attribute.
    fn field(&mut self, name: &str, value: &str) -> Result<(), ImportError> {
        let shape = self.shape;
        if self.is_series() {
            return self.polar_field(name, value);
        }
        if self.in_point.is_none() {
            if name == shape.start {
                self.start = Some(Stamp::parse(value));
            }
        } else if name == shape.time {
            self.time = Some(value.to_owned());
        } else if shape.elapsed.is_some_and(|(elapsed, _)| elapsed == name) {
            self.elapsed = Some(value.to_owned());
        } else if self.is_rate(name) || self.in_rate && Some(name) == shape.rate_value {
            self.rate.get_or_insert_with(|| value.to_owned());
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), ImportError> {
        if self.in_point != Some(name) {
            if self.is_rate(name) {
                self.in_rate = false;
            }
            return Ok(());
        }
        (self.in_point, self.in_rate) = (None, false);
        let after_ms = match (&self.elapsed, self.shape.elapsed) {
            (Some(elapsed), Some((_, 100))) => centiseconds_ms(elapsed).ok_or(Reason::BadTime),
            (Some(elapsed), _) => Stamp::parse_elapsed(elapsed),
            (None, _) => Err(Reason::NoTime),
        };
        if let (Some(time), Ok(after_ms), None) = (&self.time, after_ms, self.start_utc)
            && let Ok(stamp) = Stamp::parse(time)
            && stamp.zone == Zone::Utc
        {
            self.start_utc = stamp.earlier(after_ms);
        }
        let Some(rate) = self.rate.take() else { return Ok(()) };
        self.with_rate += 1;
        let read = if self.shape.per_second { Rate::parse_per_second(&rate) } else { Rate::parse(&rate) };
        if let (true, Ok(after_ms)) = ([SLF.format, SML.format].contains(&self.shape.format), after_ms) {
            if self.waiting.len() == MOST_WAITING {
                return Err(ImportError::Unreadable("a recording has more than a million points".into()));
            }
            self.waiting.push(Waiting { number: self.number, after_ms, rate: read });
            return Ok(());
        }
        let stamp = || match (&self.elapsed, self.start, &self.time) {
            (Some(_), Some(start), _) => start?.later(after_ms?),
            (_, _, Some(time)) => Stamp::parse(time),
            _ => Err(Reason::NoTime),
        };
        self.rows.take("", self.number, Kind::Sample, read.map_err(Reason::Rate), stamp);
        Ok(())
    }

    /// Gives the points that waited their times.
    fn settle(&mut self) {
        let start = self.start_utc.take().map(Ok).or(self.start).unwrap_or(Err(Reason::NoTime));
        let pauses = std::mem::take(&mut self.pauses);
        for Waiting { number, after_ms, rate } in std::mem::take(&mut self.waiting) {
            let paused: u64 = pauses.iter().filter(|(at, _)| *at < after_ms).map(|(_, length)| length).sum();
            let after_ms = after_ms.saturating_add(paused);
            self.rows.take("", number, Kind::Sample, rate.map_err(Reason::Rate), || start?.later(after_ms));
        }
    }

    /// Polar's: `time`, `recording-rate`, and for each `type` a list of `values`.
    fn polar_field(&mut self, name: &str, value: &str) -> Result<(), ImportError> {
        match name {
            "time" => self.start = Some(Stamp::parse(value)),
            "recording-rate" => {
                let seconds = value.trim().parse().ok().filter(|seconds| (1..=3600).contains(seconds));
                self.interval_secs = seconds.ok_or_else(|| {
                    let words = format!("its recording rate is “{}”, not 1 to 3600 seconds", clean(value.trim()));
                    ImportError::Unreadable(words)
                })?;
            }
            "type" => self.is_of_hearts = value.trim().eq_ignore_ascii_case("HEARTRATE"),
            "values" if self.is_of_hearts => {
                let start = self.start.unwrap_or(Err(Reason::NoTime));
                for (at, rate) in (0..).zip(value.split(',')) {
                    self.number += 1;
                    self.with_rate += 1;
                    let after_ms = self.interval_secs.saturating_mul(1000 * at);
                    self.rows.read("", self.number, Kind::Sample, rate.trim(), || start?.later(after_ms));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(self) -> Result<(), ImportError> {
        if self.with_rate == 0 {
            let counted = if self.number == 1 { "1 point".into() } else { format!("{} points", self.number) };
            let help = if self.number == 0 { "averages of laps are not read" } else { "was a sensor connected?" };
            return Err(ImportError::NoRates { format: self.shape.format, counted, help });
        }
        Ok(())
    }
}

/// A time in 1/100 s, with decimals or none, in ms.
fn centiseconds_ms(text: &str) -> Option<u64> {
    let whole = text.trim().split('.').next()?;
    whole.parse::<u64>().ok()?.checked_mul(10)
}
