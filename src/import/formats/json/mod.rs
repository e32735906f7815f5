//! JSON of devices and services: one text, or an object a line.

mod key;
mod level;
mod walk;

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::import::HEAD_BYTES;
use crate::import::encoding::{decoded, detect};
use crate::import::error::ImportError;
use crate::import::formats::json::walk::{Finder, TOO_MANY, TOO_MANY_PEOPLE};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::source::{Limit, Source, unreadable};
use crate::import::words::clean;

/// Reads a JSON file. Returns the format's name.
pub(in crate::import) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<&'static str, ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let encoding = detect(source).map_err(io)?;
    let text = decoded(source.open().map_err(io)?, encoding);
    let text = BufReader::new(TextLimit { source: text, in_text: false, escaped: false, run: 0 });
    let mut json = serde_json::Deserializer::from_reader(text);
    let room = Rows::with_room_of(rows);
    let mut finder = Finder::new(rows);
    let mut read = finder.read(&mut json);
    let goes_on = read.is_ok() && json.end().is_err();
    drop(json);
    if goes_on {
        finder.start_again(room);
        if !lines(decoded(source.open().map_err(io)?, encoding), &mut finder)? {
            return Err(ImportError::NotJson("something follows its end".into()));
        }
        read = Ok(());
    }
    match (read, finder.format()) {
        (Err(error), _) if error.is_io() => Err(unreadable(&error.into())),
        (Err(error), _) if error.is_eof() => Err(ImportError::damaged(error)),
        (Err(error), _) if error.to_string().contains(TOO_MANY) => Err(ImportError::Unreadable(TOO_MANY.into())),
        (Err(error), _) if error.to_string().contains(TOO_MANY_PEOPLE) => {
            Err(ImportError::Unreadable(TOO_MANY_PEOPLE.into()))
        }
        (Err(error), _) if error.to_string().contains("recursion limit") => {
            Err(ImportError::Unreadable("its values are nested more than a hundred deep, which no export does".into()))
        }
        (Err(error), _) => Err(ImportError::NotJson(clean(&error.to_string()))),
        (Ok(()), Some(format)) => Ok(format),
        // Sound, and without heart rates that are known as such.
        (Ok(()), None) => Err(ImportError::OtherJson(first_keys(&source.head(HEAD_BYTES).map_err(io)?))),
    }
}

/// Reads one object per line. A line that is not an object is refused. Says whether any line was one.
fn lines(text: impl Read, finder: &mut Finder) -> Result<bool, ImportError> {
    let mut any = false;
    let text = BufReader::new(Limit::new(text, b"\n", "a line"));
    for (number, line) in (1..).zip(text.split(b'\n')) {
        let line = line.map_err(|error| unreadable(&error))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        finder.line = Some(number);
        // First whether it is sound: what was found is not taken back.
        let sound = serde_json::from_slice::<IgnoredAny>(&line).is_ok();
        if sound && finder.read(&mut serde_json::Deserializer::from_slice(&line)).is_ok() {
            any = true;
        } else {
            finder.refuse(number, Reason::NotJson);
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
