//! JSON: Fitbit's files in a Google Takeout, what Oura's interface answers, Health Auto Export.
//!
//! Elements are read one by one as they come; a file is never held as a whole.

use std::fmt;
use std::io::{BufReader, ErrorKind, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::dates::{WrittenDate, new_date};
use super::encoding::{decoded, detect};
use super::metrics::Metrics;
use super::report::{Reason, Unusable};
use super::rows::Rows;
use super::source::{Source, unreadable};
use super::stamp::Stamp;
use crate::reading::Kind;

/// Reads a JSON file. Returns the format's name.
pub(super) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<&'static str, Unusable> {
    let io = |error: std::io::Error| unreadable(&error);
    let encoding = detect(source).map_err(io)?;
    let text = decoded(source.open().map_err(io)?, encoding);
    let text = BufReader::new(TextLimit { source: text, in_text: false, escaped: false, run: 0 });
    let mut json = serde_json::Deserializer::from_reader(text);
    let mut format = "";
    let mut elements = Elements { rows, format: &mut format, number: 0 };
    let read = Top(&mut elements).deserialize(&mut json).and_then(|()| json.end());
    match read {
        Ok(()) if format.is_empty() => Err(Unusable::lacks("heart rates")),
        Ok(()) => Ok(format),
        Err(error) if error.is_io() => Err(unreadable(&error.into())),
        Err(error) => Err(Unusable::damaged(error)),
    }
}

/// Fails where a text is too long to be one: the library holds each as a whole.
struct TextLimit<R> {
    source: R,
    in_text: bool,
    escaped: bool,
    run: usize,
}

/// Real ones have some ten bytes.
const LONGEST_TEXT_BYTES: usize = 1 << 20;

impl<R: Read> Read for TextLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        for &byte in &buffer[..read] {
            let ends = byte == b'"' && !self.escaped;
            self.escaped = self.in_text && byte == b'\\' && !self.escaped;
            self.in_text ^= ends;
            // Numbers are held as a whole too.
            let goes_on = self.in_text || byte.is_ascii_digit();
            self.run = if goes_on && !ends { self.run + 1 } else { 0 };
            if self.run > LONGEST_TEXT_BYTES {
                return Err(std::io::Error::new(ErrorKind::InvalidData, "a text in it is longer than 1 MiB"));
            }
        }
        Ok(read)
    }
}

/// Who writes elements so.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Writer {
    #[default]
    Unknown,
    Fitbit,
    Oura,
}

/// What an element may hold of interest.
#[derive(Default)]
struct Element {
    time: Option<String>,
    rate: Option<String>,
    /// Whether it is one of Fitbit's resting rates, and its day, which is missing with the value.
    resting: bool,
    day: Option<String>,
    writer: Writer,
    /// Of a `value`: whether it is an object.
    object: bool,
}

struct Elements<'a> {
    rows: &'a mut Rows,
    format: &'a mut &'static str,
    number: u64,
}

impl Elements<'_> {
    fn take(&mut self, element: Element) {
        self.number += 1;
        if element.writer == Writer::Unknown {
            return self.rows.refuse("", self.number, Reason::NoTime);
        }
        let time = element.time.unwrap_or_default();
        let rate = element.rate.unwrap_or_default();
        if element.resting {
            let day = element.day.unwrap_or_else(|| time.clone());
            *self.format = "Fitbit resting rates (Google Takeout JSON)";
            return self.rows.read("", self.number, Kind::Resting, &rate, || {
                fitbit_time(&day).map(|stamp| Stamp { time_ms: None, zone: super::stamp::Zone::None, ..stamp })
            });
        }
        *self.format = if element.writer == Writer::Fitbit { "Fitbit (Google Takeout JSON)" } else { "Oura (JSON)" };
        let stamp = || {
            if element.writer == Writer::Fitbit { fitbit_time(&time).map(Stamp::utc) } else { Stamp::parse(&time) }
        };
        self.rows.read("", self.number, Kind::Sample, &rate, stamp);
    }
}

/// `01/25/23 13:00:07`: the month first, whatever the rest of the file says.
fn fitbit_time(text: &str) -> Result<Stamp, Reason> {
    let stamp = Stamp::parse(text)?;
    match stamp.date {
        WrittenDate::TwoNumbers { first, second, year, .. } => {
            Ok(Stamp { date: WrittenDate::Clear(new_date(year, first, second)?), ..stamp })
        }
        WrittenDate::Clear(_) => Ok(stamp),
    }
}

/// The whole file: an array of elements, or an object whose `data` is one.
struct Top<'a, 'b>(&'a mut Elements<'b>);

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of heart rates")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(One(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "data" {
                map.next_value_seed(Data(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// What stands under `data`: a list of elements, or metrics.
struct Data<'a, 'b>(&'a mut Elements<'b>);

impl<'de> DeserializeSeed<'de> for Data<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Data<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of heart rates, or metrics")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        Top(self.0).visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Elements { rows, format, number } = self.0;
        let mut found = false;
        Metrics { rows, number, found: &mut found }.visit_map(map)?;
        if found {
            **format = "Health Auto Export (JSON)";
        }
        Ok(())
    }
}

/// One element of the list.
struct One<'a, 'b>(&'a mut Elements<'b>);

impl<'de> DeserializeSeed<'de> for One<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let element = deserializer.deserialize_any(Fields)?;
        self.0.take(element);
        Ok(())
    }
}

/// The fields of an element, or of the `value` in one.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a heart rate with its time")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut element = Element::default();
        let mut other = false;
        while let Some(name) = map.next_key::<String>()? {
            match &*name {
                "dateTime" => {
                    element.time = map.next_value_seed(Text)?;
                    element.writer = Writer::Fitbit;
                }
                "timestamp" => {
                    element.time = map.next_value_seed(Text)?;
                    element.writer = Writer::Oura;
                }
                "bpm" => element.rate = map.next_value_seed(Text)?,
                "value" => {
                    let value = map.next_value_seed(Value)?;
                    // Steps and the like are plain numbers.
                    other = !value.object;
                    element = Element {
                        rate: value.rate.or(element.rate),
                        resting: value.resting,
                        day: value.day,
                        ..element
                    };
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(if other { Element::default() } else { element })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Element, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::default())
    }
}

/// Fitbit's `value`: `{bpm, confidence}` of a sample, `{date, value, error}` of a resting rate.
struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut element = Element { object: true, ..Element::default() };
        while let Some(name) = map.next_key::<String>()? {
            match &*name {
                "bpm" | "value" => element.rate = map.next_value_seed(Text)?,
                "date" => (element.resting, element.day) = (true, map.next_value_seed(Text)?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(element)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Element, A::Error> {
        Fields.visit_seq(list)
    }

    fn visit_str<E>(self, text: &str) -> Result<Element, E> {
        Ok(Element { rate: Some(text.to_owned()), ..Element::default() })
    }

    fn visit_u64<E>(self, number: u64) -> Result<Element, E> {
        Ok(Element { rate: Some(number.to_string()), ..Element::default() })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Element, E> {
        Ok(Element { rate: Some(number.to_string()), ..Element::default() })
    }

    fn visit_f64<E>(self, number: f64) -> Result<Element, E> {
        Ok(Element { rate: Number::from_f64(number).map(|number| number.to_string()), ..Element::default() })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::default())
    }
}

/// A text or a number, as text; nothing of anything else.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        // The same cases as a value's.
        deserializer.deserialize_any(Value).map(|value| value.rate)
    }
}

/// A text or a number, as text; nothing of anything else.
#[derive(Default)]
pub(super) struct Scalar(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text.deserialize(deserializer).map(Self)
    }
}
