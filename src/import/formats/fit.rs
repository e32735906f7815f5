//! FIT: the `record` messages of activities, read by fitparser one message at a time.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fitparser::ErrorKind;
use fitparser::Value;
use fitparser::de::{DecodeOption, FitObject, FitStreamProcessor};

use crate::import::report::{ImportError, Reason, clean};
use crate::import::rows::{Row, Rows, short};
use crate::import::source::{Source, unreadable};
use crate::import::time::resolve::FIT_EPOCH_SECS;
use crate::import::time::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// Times before this are seconds since the device was switched on.
const FIRST_DATE: u32 = 0x1000_0000;
/// Recordings of many days take some megabytes.
const MOST_BYTES: u64 = 64 << 20;
/// The message that holds a moment of an activity, and its fields.
const RECORD: u16 = 20;
const TIMESTAMP: u8 = 253;
const HEART_RATE: u8 = 3;

/// Whether a file starts as a FIT file does.
pub(in crate::import) fn is_fit(head: &[u8]) -> bool {
    head.get(8..12) == Some(b".FIT")
}

/// Reads a FIT file. Of a damaged one nothing is kept.
pub(in crate::import) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<(), ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let mut bytes = Vec::new();
    source.open().map_err(io)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ImportError::Unreadable("it is longer than 64 MiB, which no recording is".into()));
    }
    // The library is not known to panic; a file is not to be the first to show it.
    let read = catch_unwind(AssertUnwindSafe(|| messages(&bytes, rows)));
    match read.unwrap_or_else(|_| Err("it made the reader fail".into())) {
        Ok((number, 0)) => {
            let counted = if number == 1 { "1 record".into() } else { format!("{number} records") };
            Err(ImportError::NoRates { format: "FIT", counted, help: "was a sensor connected?" })
        }
        Ok(_) => Ok(()),
        Err(why) if is_whole(&bytes) => Err(ImportError::NotYet { format: "a FIT file", why: clean(&why) }),
        Err(why) => Err(ImportError::damaged(why)),
    }
}

/// Whether a file's lengths and checksums are what its headers say.
fn is_whole(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        let header = usize::from(bytes[0]);
        let Some(&[a, b, c, d]) = bytes.get(4..8).and_then(|len| len.first_chunk()) else { return false };
        let data = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some((file, rest)) = header.checked_add(data + 2).and_then(|len| bytes.split_at_checked(len)) else {
            return false;
        };
        // With its checksum behind it, a text has the checksum 0.
        if !is_fit(file) || checksum(file) != 0 {
            return false;
        }
        bytes = rest;
    }
    true
}

/// CRC-16/ARC, as the FIT protocol has it.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 })
    })
}

/// Reads all messages. Returns how many records there are, and how many of them have a rate.
fn messages(mut bytes: &[u8], rows: &mut Rows) -> Result<(u64, u64), String> {
    let mut processor = FitStreamProcessor::new();
    // That of the header may be left out.
    processor.add_option(DecodeOption::SkipHeaderCrcValidation);
    let (mut number, mut with_rate, mut last) = (0, 0, None);
    while !bytes.is_empty() {
        let (rest, object) = match processor.deserialize_next(bytes) {
            Ok(next) => next,
            Err(error) => match &*error {
                // Everything was read by then.
                ErrorKind::InvalidCrc((rest, FitObject::Crc(_), ..)) => {
                    let words = "Its checksum is wrong: the file was changed or damaged, and rates may be wrong";
                    rows.report.assumed.push(words.into());
                    bytes = &bytes[bytes.len() - rest.len().min(bytes.len())..];
                    continue;
                }
                error => return Err(error.to_string()),
            },
        };
        if rest.len() >= bytes.len() {
            return Err("its lengths make no sense".into());
        }
        bytes = rest;
        let FitObject::DataMessage(message) = object else { continue };
        let field = |field: u8| message.fields().get(&field);
        let time = if let Some(&Value::UInt32(secs)) = field(TIMESTAMP) { Some(secs) } else { None };
        // A compressed header holds the low five bits of the time.
        last = match (time, message.time_offset(), last) {
            (Some(time), ..) => Some(time),
            (None, Some(offset), Some(last)) => {
                let step = (u32::from(offset) & 31).wrapping_sub(last) & 31;
                Some(last.saturating_add(step))
            }
            (None, _, last) => last,
        };
        if message.global_message_number() != RECORD {
            continue;
        }
        number += 1;
        let rate = match field(HEART_RATE) {
            Some(&Value::UInt8(rate @ 1..=254)) => {
                with_rate += 1;
                Rate::from_centi_bpm(u32::from(rate) * 100)
            }
            _ => {
                rows.missing();
                continue;
            }
        };
        let secs =
            last.filter(|secs| (FIRST_DATE..u32::MAX).contains(secs)).map(|secs| FIT_EPOCH_SECS + i64::from(secs));
        match (rate, secs.map(Stamp::of_epoch_secs)) {
            (Some(rate), Some(Ok(stamp))) => rows.push(Row { line: short(number), stamp, rate, kind: Kind::Sample }),
            (None, _) => rows.refuse("", number, Reason::Rate(RateError::OutOfRange)),
            (_, Some(Err(reason))) => rows.refuse("", number, reason),
            (_, None) => rows.refuse("", number, Reason::NoTime),
        }
    }
    Ok((number, with_rate))
}
