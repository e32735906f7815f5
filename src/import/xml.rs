//! XML: Apple Health's export, TCX and GPX, each event read as it comes.

use std::io::{BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::encoding::repaired;
use super::report::{Reason, Unusable};
use super::rows::Rows;
use super::source::{Limit, Source, unreadable};
use super::stamp::Stamp;
use crate::reading::Kind;

/// Reads an XML file. Returns the format's name.
pub(super) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<&'static str, Unusable> {
    let text = repaired(source.open().map_err(|error| unreadable(&error))?);
    let text = BufReader::with_capacity(1 << 16, Limit::new(text, b"<>", "an element"));
    let mut reader = Reader::from_reader(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(damaged)? {
            Event::Start(root) => {
                return match root.local_name().as_ref() {
                    "HealthData" => apple(reader, rows).map(|()| "Apple Health"),
                    "TrainingCenterDatabase" => track(reader, rows, &TCX).map(|()| "TCX"),
                    "gpx" => track(reader, rows, &GPX).map(|()| "GPX"),
                    "html" => Err(Unusable::Foreign("a web page")),
                    _ => Err(Unusable::Foreign("an XML file of another kind")),
                };
            }
            Event::Eof => return Err(Unusable::lacks("heart rates")),
            _ => {}
        }
    }
}

fn damaged(error: quick_xml::Error) -> Unusable {
    match error {
        quick_xml::Error::Io(error) => unreadable(&std::io::Error::new(error.kind(), error.to_string())),
        error => Unusable::damaged(error),
    }
}

type Xml<R> = Reader<BufReader<R>>;

/// How many elements are open.
struct Depth(u64);

impl Depth {
    fn pass(&mut self, event: &Event) {
        match event {
            Event::Start(_) => self.0 += 1,
            Event::End(_) => self.0 = self.0.saturating_sub(1),
            _ => {}
        }
    }

    /// At the end of a file all should be closed.
    fn end(&self, rows: &mut Rows) {
        if self.0 > 0 {
            rows.report.assumed.push("The file ends early: what should follow is missing".into());
        }
    }
}

/// `<Record type="HKQuantityTypeIdentifierHeartRate" startDate=… value=…>`. What is nested in records of
/// heart-rate variability, and every other type, is no reading.
fn apple<R: Read>(mut reader: Xml<R>, rows: &mut Rows) -> Result<(), Unusable> {
    let mut buffer = Vec::new();
    let (mut number, mut depth) = (0, Depth(1));
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(damaged)?;
        depth.pass(&event);
        match event {
            Event::Start(element) if element.local_name().as_ref() == "Record" => {
                number += 1;
                let mut kind = String::new();
                let (mut start, mut value) = (String::new(), String::new());
                if attribute(&element, "type", &mut kind) && kind == "HKQuantityTypeIdentifierHeartRate" {
                    let mut unit = String::new();
                    attribute(&element, "unit", &mut unit);
                    // A text that is not there is empty, which has its own reason.
                    attribute(&element, "startDate", &mut start);
                    attribute(&element, "value", &mut value);
                    if unit == "count/s" {
                        value = per_minute(&value);
                        unit.clear();
                    }
                    match &*unit {
                        "" | "count/min" => rows.read("", number, Kind::Sample, &value, || Stamp::parse(&start)),
                        _ => rows.refuse("", number, Reason::UnknownUnit),
                    }
                }
            }
            Event::Eof => {
                depth.end(rows);
                return Ok(());
            }
            _ => {}
        }
    }
}

/// A rate in beats a second as one in beats a minute; what is no number stays what it is.
fn per_minute(value: &str) -> String {
    value.trim().parse::<f64>().map_or_else(|_| value.to_owned(), |rate| format!("{:.4}", rate * 60.0))
}

/// Reads an attribute's value; `false` if there is none or it cannot be read.
fn attribute(element: &BytesStart, name: &str, into: &mut String) -> bool {
    let found = element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name);
    let Some(value) = found.and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into())
    else {
        return false;
    };
    into.push_str(&value);
    true
}

/// Where a track keeps what is of interest.
struct Track {
    point: &'static str,
    time: &'static str,
    /// The element that holds the rate, or that holds the one named `value`.
    rate: &'static str,
    value: Option<&'static str>,
}

const TCX: Track = Track { point: "Trackpoint", time: "Time", rate: "HeartRateBpm", value: Some("Value") };
const GPX: Track = Track { point: "trkpt", time: "time", rate: "hr", value: None };

/// The points of a track that have a heart rate. Averages of laps stand outside of points.
fn track<R: Read>(mut reader: Xml<R>, rows: &mut Rows, shape: &Track) -> Result<(), Unusable> {
    #[derive(PartialEq, Clone, Copy)]
    enum Within {
        Nothing,
        Time,
        Rate,
    }
    let mut buffer = Vec::new();
    let mut depth = Depth(1);
    let (mut number, mut in_point, mut in_rate, mut within) = (0, false, false, Within::Nothing);
    let (mut time, mut rate) = (String::new(), None::<String>);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(damaged)?;
        depth.pass(&event);
        match event {
            Event::Start(element) => {
                let name = element.local_name();
                let name = name.as_ref();
                within = Within::Nothing;
                if name == shape.point {
                    (in_point, in_rate, rate) = (true, false, None);
                    time.clear();
                    number += 1;
                } else if in_point && name == shape.time {
                    within = Within::Time;
                } else if in_point && name == shape.rate {
                    in_rate = true;
                    if shape.value.is_none() {
                        within = Within::Rate;
                    }
                } else if in_rate && Some(name) == shape.value {
                    within = Within::Rate;
                }
            }
            Event::Text(text) => {
                // Times and numbers need no entities.
                let text: &str = text.as_ref();
                match within {
                    Within::Time => time.push_str(text),
                    Within::Rate => rate.get_or_insert_default().push_str(text),
                    Within::Nothing => {}
                }
            }
            Event::End(element) => {
                within = Within::Nothing;
                let name = element.local_name();
                let name = name.as_ref();
                if name == shape.rate {
                    in_rate = false;
                } else if name == shape.point && in_point {
                    in_point = false;
                    if let Some(rate) = rate.take() {
                        rows.read("", number, Kind::Sample, &rate, || Stamp::parse(&time));
                    }
                }
            }
            Event::Eof => {
                depth.end(rows);
                return Ok(());
            }
            _ => {}
        }
    }
}
