//! JSON: Fitbit's files in a Google Takeout, what Oura's interface answers, Health Auto Export.
//!
//! Elements are read one by one as they come; a file is never held as a whole.

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::import::HEAD_BYTES;
use crate::import::encoding::{decoded, detect};
use crate::import::error::ImportError;
use crate::import::formats::lenient_json::{Loose, Scalar, present};
use crate::import::formats::metrics::{Metrics, TOO_MANY};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::source::{Limit, Source, unreadable};
use crate::import::time::dates::{WrittenDate, new_date};
use crate::import::time::stamp::{Stamp, Zone};
use crate::import::words::clean;
use crate::reading::Kind;

/// Reads a JSON file. Returns the format's name.
pub(in crate::import) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<&'static str, ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let encoding = detect(source).map_err(io)?;
    let text = decoded(source.open().map_err(io)?, encoding);
    let text = BufReader::new(TextLimit { source: text, in_text: false, escaped: false, run: 0 });
    let mut json = serde_json::Deserializer::from_reader(text);
    let mut format = "";
    let mut elements = Elements { rows, format: &mut format, number: 0 };
    let read = Top(&mut elements).deserialize(&mut json);
    let goes_on = read.is_ok() && json.end().is_err();
    drop(json);
    let read = if goes_on {
        (*elements.rows, *elements.format) = (elements.rows.emptied(), "");
        if !lines(decoded(source.open().map_err(io)?, encoding), &mut elements)? {
            return Err(ImportError::NotJson("something follows its end".into()));
        }
        Ok(())
    } else {
        read
    };
    match read {
        Err(error) if error.is_io() => Err(unreadable(&error.into())),
        Err(error) if error.is_eof() => Err(ImportError::damaged(error)),
        Err(error) if error.to_string().contains(TOO_MANY) => Err(ImportError::Unreadable(TOO_MANY.into())),
        Err(error) if !error.is_data() => Err(ImportError::NotJson(clean(&error.to_string()))),
        Ok(()) if !format.is_empty() => Ok(format),
        // Sound, and not one of the known shapes.
        _ => Err(ImportError::OtherJson(first_keys(&source.head(HEAD_BYTES).map_err(io)?))),
    }
}

/// Reads an object a line. A line that is none is refused. Says whether any was one.
fn lines(text: impl Read, elements: &mut Elements) -> Result<bool, ImportError> {
    let mut any = false;
    let text = BufReader::new(Limit::new(text, b"\n", "a line"));
    for (number, line) in (1..).zip(text.split(b'\n')) {
        let line = line.map_err(|error| unreadable(&error))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        elements.number = number - 1;
        let sound = serde_json::from_slice::<IgnoredAny>(&line).is_ok();
        let read =
            |elements: &mut Elements| Top(elements).deserialize(&mut serde_json::Deserializer::from_slice(&line));
        if sound && read(elements).is_ok() {
            any = true;
        } else {
            elements.rows.refuse("", number, Reason::NotJson);
        }
    }
    Ok(any)
}

/// Whether a text is JSON: an opening bracket is followed by what JSON has there, and not by the name of a
/// section.
pub(in crate::import) fn is_json(text: &[u8]) -> bool {
    let Some((bracket, rest)) = text.split_first() else { return false };
    let rest = rest.trim_ascii_start();
    match bracket {
        b'{' => matches!(rest.first(), None | Some(b'"' | b'}')),
        b'[' => {
            matches!(rest.first(), None | Some(b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9'))
                || [b"null".as_slice(), b"true", b"false"].iter().any(|word| rest.starts_with(word))
        }
        _ => false,
    }
}

/// The first keys of the first object in the start of a JSON text, so that a person can tell what it is.
fn first_keys(head: &[u8]) -> Vec<String> {
    struct Keys<'a>(&'a mut Vec<String>);

    impl<'de> DeserializeSeed<'de> for Keys<'_> {
        type Value = ();

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an object, or a list of objects")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
            while list.next_element_seed(Keys(self.0))?.is_some() && self.0.is_empty() {}
            Ok(())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                self.0.push(key);
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }

    let mut keys = Vec::new();
    // The text is cut somewhere: what was found until then counts.
    let _ = Keys(&mut keys).deserialize(&mut serde_json::Deserializer::from_slice(head));
    keys
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

/// The fields of interest that an element of a list may hold.
#[derive(Deserialize, Default)]
struct Element {
    /// Fitbit's time.
    #[serde(default, rename = "dateTime", deserialize_with = "present")]
    date_time: Option<Scalar>,
    /// Oura's time.
    #[serde(default, deserialize_with = "present")]
    timestamp: Option<Scalar>,
    /// Oura's rate.
    #[serde(default, deserialize_with = "present")]
    bpm: Option<Scalar>,
    #[serde(default, deserialize_with = "present")]
    value: Option<Loose<Measured>>,
    /// Whether a ring measured it in a night, a day, a workout.
    #[serde(default, deserialize_with = "present")]
    source: Option<Scalar>,
}

/// Fitbit's `value`: `{bpm, confidence}` of a sample, `{date, value, error}` of a resting rate.
#[derive(Deserialize)]
struct Measured {
    #[serde(default)]
    bpm: Scalar,
    #[serde(default)]
    value: Scalar,
    /// Null where there was no resting rate that day.
    #[serde(default, deserialize_with = "present")]
    date: Option<Scalar>,
}

struct Elements<'a> {
    rows: &'a mut Rows,
    format: &'a mut &'static str,
    number: u64,
}

impl Elements<'_> {
    fn take(&mut self, element: Loose<Element>) {
        self.number += 1;
        match element {
            Loose::Object(Element { date_time: Some(time), value: Some(Loose::Object(value)), .. }) => {
                self.take_fitbit(&time.plain().unwrap_or_default(), value);
            }
            Loose::Object(Element { timestamp: Some(time), bpm: Some(bpm), value: None, source, .. }) => {
                let time = time.plain().unwrap_or_default();
                *self.format = if source.is_some() { "Oura (JSON)" } else { "JSON of times and heart rates" };
                let rate = bpm.plain().unwrap_or_default();
                self.rows.read("", self.number, Kind::Sample, &rate, || Stamp::parse(&time));
            }
            Loose::Object(Element { timestamp: None, date_time: None, .. }) => {
                self.rows.refuse("", self.number, Reason::NoTime);
            }
            // Steps and the like are plain numbers.
            _ => self.rows.refuse("", self.number, Reason::NoRate),
        }
    }

    fn take_fitbit(&mut self, time: &str, value: Measured) {
        let rate = value.bpm.plain().or(value.value.plain()).unwrap_or_default();
        let (number, rows) = (self.number, &mut *self.rows);
        let Some(date) = value.date else {
            *self.format = "Fitbit (Google Takeout JSON)";
            return rows.read("", number, Kind::Sample, &rate, || fitbit_time(time).map(Stamp::utc));
        };
        *self.format = "Fitbit resting rates (Google Takeout JSON)";
        let day = date.plain().unwrap_or_else(|| time.to_owned());
        rows.read("", number, Kind::Resting, &rate, || {
            fitbit_time(&day).map(|stamp| Stamp { time_ms: None, zone: Zone::None, ..stamp })
        });
    }
}

/// `01/25/23 13:00:07`: the month first, whatever the rest of the file says.
fn fitbit_time(text: &str) -> Result<Stamp, Reason> {
    let stamp = Stamp::parse(text)?;
    match stamp.date {
        WrittenDate::TwoNumbers { first, second, year, .. } => {
            Ok(Stamp { date: WrittenDate::Clear(new_date(year, first, second)?), ..stamp })
        }
        WrittenDate::Clear(_) | WrittenDate::YearThen { .. } => Ok(stamp),
    }
}

/// The whole file, or a line of it: an array of elements, an object whose `data` is one, or one element.
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
        while let Some(element) = list.next_element()? {
            self.0.take(element);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut element = Element::default();
        while let Some(name) = map.next_key::<String>()? {
            match &*name {
                "data" => map.next_value_seed(Data(self.0))?,
                "dateTime" => element.date_time = Some(map.next_value()?),
                "timestamp" => element.timestamp = Some(map.next_value()?),
                "bpm" => element.bpm = Some(map.next_value()?),
                "value" => element.value = Some(map.next_value()?),
                "source" => element.source = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let Element { date_time, timestamp, bpm, value, .. } = &element;
        if (date_time.is_some() || timestamp.is_some()) && (bpm.is_some() || value.is_some()) {
            self.0.take(Loose::Object(element));
        }
        Ok(())
    }
}

/// The value under `data`: a list of elements, or metrics.
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
