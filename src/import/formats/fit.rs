//! FIT: the heart rates of activities, of whole days, and of straps that store them.
//!
//! A file is a header, messages and a checksum; several files may follow one another. A message is defined before
//! it comes: which fields, how long each, in which order of bytes. That is all that is needed to pass over what is
//! not known, developers' fields included (Garmin's FIT protocol, 2.3). Read are the messages `record` (20),
//! `monitoring` (55) and `hr` (132) of its profile.

use std::io::Read;

use crate::import::error::ImportError;
use crate::import::report::Reason;
use crate::import::rows::{Row, Rows, short};
use crate::import::source::{Source, unreadable};
use crate::import::time::resolve::FIT_EPOCH_SECS;
use crate::import::time::stamp::{Stamp, of_epoch_ms};
use crate::reading::{Kind, Rate, RateError};

/// Times before this are seconds since the device was switched on.
const FIRST_DATE: u32 = 0x1000_0000;
/// Recordings of many days take some megabytes.
const MOST_BYTES: u64 = 64 << 20;
/// Messages of the profile, and their fields.
const RECORD: u16 = 20;
const MONITORING: u16 = 55;
const HR: u16 = 132;
const TIMESTAMP: u8 = 253;
const RECORD_RATE: u8 = 3;
const MONITORING_TIME_16: u8 = 26;
const MONITORING_RATE: u8 = 27;
const HR_RATES: u8 = 6;
const HR_EVENT_TIMES: u8 = 9;
const HR_EVENT_TIMES_12: u8 = 10;

/// Whether a file starts as a FIT file does.
pub(in crate::import) fn is_fit(head: &[u8]) -> bool {
    head.get(8..12) == Some(b".FIT")
}

/// Reads a FIT file. Of one that is cut off, the whole messages are kept.
pub(in crate::import) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<(), ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let mut bytes = Vec::new();
    source.open().map_err(io)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ImportError::Unreadable("it is longer than 64 MiB, which is too long for a recording".into()));
    }
    let mut found = Found::default();
    let mut rest = &*bytes;
    while !rest.is_empty() {
        let Some(file) = File::first_of(rest) else {
            // Behind whole files stands something else.
            found.end(rows);
            if found.messages == 0 {
                return Err(ImportError::damaged("its header makes no sense"));
            }
            rows.report.assumed.push(format!("{} bytes at the end are not a FIT file and were left out", rest.len()));
            break;
        };
        let read = messages(file.messages, &mut found, rows);
        found.end(rows);
        match (read, file.is_whole) {
            (Ok(()), true) if checksum(file.all) != 0 => {
                let words = "Its checksum is wrong: the file was changed or damaged, and rates may be wrong";
                rows.report.assumed.push(words.into());
            }
            (Ok(()), true) => {}
            (Err(why), true) => return Err(ImportError::damaged(why)),
            (_, false) if found.with_rate == 0 => return Err(ImportError::damaged("it ends in the middle")),
            (_, false) => {
                let messages = found.with_rate;
                rows.report.assumed.push(format!("The file is cut off: the {messages} rates before the cut were read"));
            }
        }
        rest = &rest[file.all.len()..];
    }
    if found.with_rate == 0 {
        let counted = if found.messages == 1 { "1 record".into() } else { format!("{} records", found.messages) };
        return Err(ImportError::NoRates { format: "FIT", counted, help: "was a sensor connected?" });
    }
    Ok(())
}

/// The first of files that follow one another.
struct File<'a> {
    /// With header and checksum, as far as they are there.
    all: &'a [u8],
    messages: &'a [u8],
    /// Whether it is as long as its header says.
    is_whole: bool,
}

impl<'a> File<'a> {
    const CHECKSUM_BYTES: usize = 2;

    fn first_of(bytes: &'a [u8]) -> Option<Self> {
        let header = usize::from(*bytes.first()?);
        if !is_fit(bytes) || header < 12 {
            return None;
        }
        let &[a, b, c, d] = bytes.get(4..8)?.first_chunk()?;
        let data = u32::from_le_bytes([a, b, c, d]) as usize;
        let whole = header.checked_add(data)?.checked_add(Self::CHECKSUM_BYTES)?;
        let all = bytes.get(..whole).unwrap_or(bytes);
        let messages = &bytes[header.min(bytes.len())..(header + data).min(bytes.len())];
        Some(Self { all, messages, is_whole: all.len() == whole })
    }
}

/// CRC-16/ARC, as the protocol has it. With its checksum behind it, a text has the checksum 0.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 })
    })
}

/// A kind of message, as it was defined.
#[derive(Clone, Default)]
struct Definition {
    message: u16,
    big_endian: bool,
    /// The number and length of each field.
    fields: Vec<(u8, u8)>,
    /// How many bytes of developers' fields follow.
    developers: usize,
}

/// Bytes that are read from left to right.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or("a message ends in the middle")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        self.take(1).map(|bytes| bytes[0])
    }
}

impl Definition {
    fn read(bytes: &mut Bytes, with_developers: bool) -> Result<Self, &'static str> {
        let _reserved = bytes.byte()?;
        let big_endian = bytes.byte()? != 0;
        let number = bytes.take(2)?;
        let number = [number[0], number[1]];
        let message = if big_endian { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
        let count = usize::from(bytes.byte()?);
        let fields = bytes.take(3 * count)?.chunks_exact(3).map(|field| (field[0], field[1])).collect();
        let developers = if with_developers {
            let count = usize::from(bytes.byte()?);
            bytes.take(3 * count)?.chunks_exact(3).map(|field| usize::from(field[1])).sum()
        } else {
            0
        };
        Ok(Self { message, big_endian, fields, developers })
    }

    /// The bytes of a field, in the order of the file.
    fn field<'a>(&self, content: &'a [u8], wanted: u8) -> Option<&'a [u8]> {
        let mut at = 0;
        for &(number, len) in &self.fields {
            let end = at + usize::from(len);
            if number == wanted {
                return content.get(at..end);
            }
            at = end;
        }
        None
    }

    fn u16(&self, content: &[u8], field: u8) -> Option<u16> {
        let bytes = *self.field(content, field)?.first_chunk()?;
        let value = if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        (value != u16::MAX).then_some(value)
    }

    fn u32s(&self, content: &[u8], field: u8) -> impl Iterator<Item = u32> {
        let values = self.field(content, field).unwrap_or_default().as_chunks().0.to_vec();
        let big_endian = self.big_endian;
        let values = values
            .into_iter()
            .map(move |bytes| if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) });
        values.filter(|&value| value != u32::MAX)
    }

    fn len(&self) -> usize {
        self.fields.iter().map(|&(_, len)| usize::from(len)).sum::<usize>() + self.developers
    }
}

/// State between messages.
#[derive(Default)]
struct Found {
    /// Records and moments of monitoring.
    messages: u64,
    with_rate: u64,
    /// Those without a rate: they count once it is clear that no strap has stored it.
    without: usize,
    /// The last full time.
    time: Option<u32>,
    /// A strap's clock: an event's time, and the moment that it was, in 1/1024 s.
    strap: Option<(u32, u64)>,
    /// Its rates, with their moments in 1/1024 s.
    stored: Vec<(u64, u8)>,
    /// Whether a record of this file has a rate.
    recorded: bool,
}

fn messages(bytes: &[u8], found: &mut Found, rows: &mut Rows) -> Result<(), &'static str> {
    let mut definitions: [Option<Definition>; 16] = Default::default();
    let mut bytes = Bytes(bytes);
    while !bytes.0.is_empty() {
        let header = bytes.byte()?;
        let (local, offset) = match header {
            // A compressed header holds the low five bits of the time.
            0x80.. => (header >> 5 & 3, Some(header & 31)),
            _ => (header & 15, None),
        };
        if header & 0xc0 == 0x40 {
            definitions[usize::from(local)] = Some(Definition::read(&mut bytes, header & 0x20 != 0)?);
            continue;
        }
        let definition = definitions[usize::from(local)].as_ref().ok_or("a message is not defined")?;
        let content = bytes.take(definition.len())?;
        if let Some(time) = definition.u32s(content, TIMESTAMP).next() {
            found.time = Some(time);
        } else if let (Some(offset), Some(last)) = (offset, found.time) {
            let step = u32::from(offset).wrapping_sub(last) & 31;
            found.time = Some(last.saturating_add(step));
        }
        match definition.message {
            RECORD => {
                let rate =
                    definition.field(content, RECORD_RATE).filter(|field| field.len() == 1).map(|field| field[0]);
                found.recorded |= rate.is_some_and(is_rate);
                found.take(rate, found.time, rows);
            }
            MONITORING => {
                // The low 16 bits of the time, after the last full one.
                if let (Some(low), Some(last)) = (definition.u16(content, MONITORING_TIME_16), found.time) {
                    let step = u32::from(low.wrapping_sub(last as u16));
                    found.time = Some(last.saturating_add(step));
                }
                // Most are about steps.
                if let Some(&[rate]) = definition.field(content, MONITORING_RATE) {
                    found.take(Some(rate), found.time, rows);
                }
            }
            HR => found.store(definition, content),
            _ => {}
        }
    }
    Ok(())
}

const fn is_rate(rate: u8) -> bool {
    rate != 0 && rate != u8::MAX
}

impl Found {
    /// Takes in a moment with a rate or none.
    fn take(&mut self, rate: Option<u8>, time: Option<u32>, rows: &mut Rows) {
        self.messages += 1;
        let Some(rate) = rate.filter(|&rate| is_rate(rate)) else {
            self.without += 1;
            return;
        };
        self.with_rate += 1;
        let secs = time.filter(|secs| (FIRST_DATE..u32::MAX).contains(secs));
        let stamp = secs.map(|secs| Stamp::of_epoch_secs(FIT_EPOCH_SECS + i64::from(secs)));
        push(rows, self.messages, rate, stamp.unwrap_or(Err(Reason::NoTime)));
    }

    /// Stores a strap's rates: event times in 1/1024 s, in full or as their low 12 bits after the one before.
    fn store(&mut self, definition: &Definition, content: &[u8]) {
        let rates = definition.field(content, HR_RATES).unwrap_or_default();
        let mut events: Vec<u32> = definition.u32s(content, HR_EVENT_TIMES).collect();
        if let (Some(time), Some(&event)) = (definition.u32s(content, TIMESTAMP).next(), events.first()) {
            self.strap = Some((event, u64::from(time) << 10));
        }
        let mut last = self.strap.map(|(event, _)| event);
        if events.is_empty() {
            let packed = definition.field(content, HR_EVENT_TIMES_12).unwrap_or_default();
            for pair in packed.chunks_exact(3) {
                for low in [
                    u32::from(pair[0]) | u32::from(pair[1] & 15) << 8,
                    u32::from(pair[1] >> 4) | u32::from(pair[2]) << 4,
                ] {
                    let Some(before) = last else { return };
                    let event = before.wrapping_add(low.wrapping_sub(before) & 0xfff);
                    events.push(event);
                    last = Some(event);
                }
            }
        }
        let Some((mut event_before, mut moment)) = self.strap else { return };
        for (&rate, event) in rates.iter().zip(events) {
            moment += u64::from(event.wrapping_sub(event_before));
            event_before = event;
            if is_rate(rate) {
                self.stored.push((moment, rate));
            }
        }
        self.strap = Some((event_before, moment));
    }

    /// Ends a file: a strap's rates count where the records have none.
    fn end(&mut self, rows: &mut Rows) {
        let stored = std::mem::take(&mut self.stored);
        let without = std::mem::take(&mut self.without);
        if self.recorded || stored.is_empty() {
            (0..without).for_each(|_| rows.missing());
        } else {
            for (moment, rate) in stored {
                self.with_rate += 1;
                let ms = FIT_EPOCH_SECS * 1000 + (moment * 1000 / 1024) as i64;
                push(rows, self.with_rate, rate, of_epoch_ms(ms));
            }
        }
        (self.recorded, self.strap, self.time) = (false, None, None);
    }
}

fn push(rows: &mut Rows, number: u64, rate: u8, stamp: Result<Stamp, Reason>) {
    let rate = Rate::from_centi_bpm(u32::from(rate) * 100).ok_or(Reason::Rate(RateError::OutOfRange));
    match rate.and_then(|rate| Ok(Row { line: short(number), stamp: stamp?, rate, kind: Kind::Sample })) {
        Ok(row) => rows.push(row),
        Err(reason) => rows.refuse("", number, reason),
    }
}
