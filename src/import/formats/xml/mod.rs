//! XML: Apple Health's export, and recordings of devices. Each event is read as it comes.

mod apple;
mod track;

use std::cell::Cell;
use std::io::{BufReader, Error, ErrorKind, Read};
use std::rc::Rc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::import::encoding::repaired;
use crate::import::error::ImportError;
use crate::import::formats::xml::track::Shape;
use crate::import::rows::Rows;
use crate::import::source::{Source, unreadable};

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
                    "HealthData" => apple::read(reader, rows).map(|()| "Apple Health"),
                    "html" => Err(ImportError::Foreign("a web page")),
                    root => match shape_of(root) {
                        Some(shape) => track::read(reader, rows, shape).map(|()| shape.format),
                        None => Err(ImportError::OtherXml(root.to_owned())),
                    },
                };
            }
            Event::Eof => return Err(ImportError::damaged("it ends before its first element")),
            _ => {}
        }
    }
}

/// The shape of a recording, by its root.
fn shape_of(root: &str) -> Option<&'static Shape> {
    Some(match root {
        "TrainingCenterDatabase" => &track::TCX,
        "gpx" => &track::GPX,
        "pwx" => &track::PWX,
        "sml" | "suunto" | "header" => &track::SML,
        "FitnessWorkbook" => &track::FITLOG,
        "Activity" => &track::SLF,
        "polar-exercise-data" => &track::POLAR,
        _ => return None,
    })
}

fn damaged(error: quick_xml::Error) -> ImportError {
    match error {
        quick_xml::Error::Io(error) => unreadable(&std::io::Error::new(error.kind(), error.to_string())),
        error => ImportError::damaged(error),
    }
}

/// The longest tag, text, comment or list of definitions. Apple's definitions have some 10 kB.
const LONGEST_EVENT_BYTES: usize = 1 << 20;

/// Fails after a number of bytes, which is counted from zero for each event.
struct EventLimit<R> {
    source: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for EventLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        let words = "an element is longer than 1 MiB, which does not occur in exports of readings";
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
                let words = "its elements are nested more than a thousand deep, which does not occur in exports";
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
            rows.report.assumed.push("The file ends too early: the rest of it is missing".into());
        }
    }
}

/// Appends a piece of text: plain, a CDATA section, or a reference. What a reference stands for is not known
/// where it is not one of XML itself. A text longer than `longest` is cut behind it.
fn append(into: &mut String, event: &Event, longest: usize) {
    if into.len() > longest {
        return;
    }
    let mut push = |text: &str| into.push_str(&text[..text.floor_char_boundary(longest.saturating_add(1))]);
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

/// Gives each attribute's local name and value to `take`. What cannot be read as an attribute is passed over.
fn attributes(
    element: &BytesStart,
    mut take: impl FnMut(&str, &str) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    for attribute in element.attributes().with_checks(false).flatten() {
        if let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) {
            take(attribute.key.local_name().as_ref(), &value)?;
        }
    }
    Ok(())
}
