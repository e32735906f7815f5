//! XML: Apple Health's export, TCX and GPX, each event read as it comes.

use std::cell::Cell;
use std::io::{BufReader, Error, ErrorKind, Read};
use std::rc::Rc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::import::encoding::repaired;
use crate::import::error::ImportError;
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::source::{Source, unreadable};
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate};

/// Reads an XML file. Returns the format's name.
pub(in crate::import) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<&'static str, ImportError> {
    let text = repaired(source.open().map_err(|error| unreadable(&error))?);
    let left = Rc::new(Cell::new(LONGEST_EVENT_BYTES));
    let text = BufReader::with_capacity(1 << 16, EventLimit { source: text, left: Rc::clone(&left) });
    let mut reader = Xml { reader: Reader::from_reader(text), left };
    let config = reader.reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.next(&mut buffer)? {
            Event::Start(root) => {
                return match root.local_name().as_ref() {
                    "HealthData" => apple(reader, rows).map(|()| "Apple Health"),
                    "TrainingCenterDatabase" => track(reader, rows, &TCX).map(|()| TCX.format),
                    "gpx" => track(reader, rows, &GPX).map(|()| GPX.format),
                    "html" => Err(ImportError::Foreign("a web page")),
                    root => Err(ImportError::OtherXml(root.to_owned())),
                };
            }
            Event::Eof => return Err(ImportError::damaged("it ends before its first element")),
            _ => {}
        }
    }
}

fn damaged(error: quick_xml::Error) -> ImportError {
    match error {
        quick_xml::Error::Io(error) => unreadable(&std::io::Error::new(error.kind(), error.to_string())),
        error => ImportError::damaged(error),
    }
}

/// The longest tag, text, comment or list of definitions. Apple's definitions have some 10 kB.
const LONGEST_EVENT_BYTES: usize = 1 << 20;

/// Fails after so many bytes; each event has as many anew.
struct EventLimit<R> {
    source: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for EventLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        let words = "an element is longer than 1 MiB, which is not so in exports of readings";
        let left = self.left.get().checked_sub(read).ok_or_else(|| Error::new(ErrorKind::InvalidData, words))?;
        self.left.set(left);
        Ok(read)
    }
}

/// XML, event by event.
struct Xml<R> {
    reader: Reader<BufReader<EventLimit<R>>>,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Xml<R> {
    fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, ImportError> {
        self.left.set(LONGEST_EVENT_BYTES);
        self.reader.read_event_into(buffer).map_err(damaged)
    }
}

/// How many elements are open.
struct Depth(u64);

/// Exports nest some ten elements. The library keeps the names of all that are open.
const DEEPEST: u64 = 1_000;

impl Depth {
    fn pass(&mut self, event: &Event) -> Result<(), ImportError> {
        match event {
            Event::Start(_) if self.0 == DEEPEST => {
                let words = "its elements are nested more than a thousand deep, which no export does";
                return Err(ImportError::Unreadable(words.into()));
            }
            Event::Start(_) => self.0 += 1,
            Event::End(_) => self.0 = self.0.saturating_sub(1),
            _ => {}
        }
        Ok(())
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
fn apple<R: Read>(mut reader: Xml<R>, rows: &mut Rows) -> Result<(), ImportError> {
    let mut buffer = Vec::new();
    let (mut number, mut of_hearts, mut depth) = (0, 0, Depth(1));
    loop {
        buffer.clear();
        let event = reader.next(&mut buffer)?;
        depth.pass(&event)?;
        match event {
            Event::Start(element) if element.local_name().as_ref() == "Record" => {
                number += 1;
                let mut kind = String::new();
                let (mut start, mut value) = (String::new(), String::new());
                if attribute(&element, "type", &mut kind) && kind == "HKQuantityTypeIdentifierHeartRate" {
                    of_hearts += 1;
                    let mut unit = String::new();
                    attribute(&element, "unit", &mut unit);
                    // A text that is not there is empty, which has its own reason.
                    attribute(&element, "startDate", &mut start);
                    attribute(&element, "value", &mut value);
                    let rate = match &*unit {
                        "" | "count/min" => Rate::parse(&value).map_err(Reason::Rate),
                        "count/s" => Rate::parse_per_second(&value).map_err(Reason::Rate),
                        _ => Err(Reason::UnknownUnit),
                    };
                    rows.take("", number, Kind::Sample, rate, || Stamp::parse(&start));
                }
            }
            Event::Eof => {
                depth.end(rows);
                if of_hearts == 0 {
                    let counted = if number == 1 { "1 record".into() } else { format!("{number} records") };
                    return Err(ImportError::NoRates {
                        format: "Apple Health's export",
                        counted,
                        help: "resting rates and averages of workouts are not read",
                    });
                }
                return Ok(());
            }
            _ => {}
        }
    }
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
    format: &'static str,
    point: &'static str,
    time: &'static str,
    /// The element that holds the rate, or that holds the one named `value`.
    rate: &'static str,
    value: Option<&'static str>,
}

const TCX: Track =
    Track { format: "TCX", point: "Trackpoint", time: "Time", rate: "HeartRateBpm", value: Some("Value") };
const GPX: Track = Track { format: "GPX", point: "trkpt", time: "time", rate: "hr", value: None };

/// A time or a rate that is longer is none, whatever follows.
const LONGEST_VALUE_BYTES: usize = 256;

/// Appends a piece of text: plain, a CDATA section, or a reference. What a reference stands for is not known
/// where it is not one of XML itself.
fn append(into: &mut String, event: &Event) {
    if into.len() > LONGEST_VALUE_BYTES {
        return;
    }
    let mut push = |text: &str| into.push_str(&text[..text.floor_char_boundary(LONGEST_VALUE_BYTES + 1)]);
    match event {
        Event::Text(text) => push(text.as_ref()),
        Event::CData(text) => push(text.as_ref()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(character)) => into.push(character),
            _ => push(quick_xml::escape::resolve_predefined_entity(reference.as_ref()).unwrap_or("\u{fffd}")),
        },
        _ => {}
    }
}

/// The points of a track that have a heart rate. Averages of laps stand outside of points.
fn track<R: Read>(mut reader: Xml<R>, rows: &mut Rows, shape: &Track) -> Result<(), ImportError> {
    #[derive(PartialEq, Clone, Copy)]
    enum Within {
        Nothing,
        Time,
        Rate,
    }
    let mut buffer = Vec::new();
    let mut depth = Depth(1);
    let (mut number, mut with_rate, mut in_point, mut in_rate, mut within) = (0, 0, false, false, Within::Nothing);
    let (mut time, mut rate) = (String::new(), None::<String>);
    loop {
        buffer.clear();
        let event = reader.next(&mut buffer)?;
        depth.pass(&event)?;
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
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                let into = match within {
                    Within::Time => &mut time,
                    Within::Rate => rate.get_or_insert_default(),
                    Within::Nothing => continue,
                };
                append(into, &event);
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
                        with_rate += 1;
                        rows.read("", number, Kind::Sample, &rate, || Stamp::parse(&time));
                    }
                }
            }
            Event::Eof => {
                depth.end(rows);
                if with_rate == 0 {
                    let counted = if number == 1 { "1 point".into() } else { format!("{number} points") };
                    let help = if number == 0 { "averages of laps are not read" } else { "was a sensor connected?" };
                    return Err(ImportError::NoRates { format: shape.format, counted, help });
                }
                return Ok(());
            }
            _ => {}
        }
    }
}
