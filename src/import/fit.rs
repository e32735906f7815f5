//! FIT: the `record` messages of activities, read by fitparser one message at a time.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fitparser::Value;
use fitparser::de::{DecodeOption, FitObject, FitStreamProcessor};

use super::report::{Reason, Unusable};
use super::rows::{Row, Rows, short};
use super::source::{Source, unreadable};
use super::stamp::Stamp;
use crate::reading::{Kind, Rate, RateError};

/// FIT counts seconds from 1989-12-31T00:00:00Z.
const EPOCH_SECS: i64 = 631_065_600;
/// Recordings of many days take some megabytes.
const MOST_BYTES: u64 = 64 << 20;
/// The message that holds a moment of an activity, and its fields.
const RECORD: u16 = 20;
const TIMESTAMP: u8 = 253;
const HEART_RATE: u8 = 3;

/// Whether a file starts as a FIT file does.
pub(super) fn is_fit(head: &[u8]) -> bool {
    head.get(8..12) == Some(b".FIT")
}

/// Reads a FIT file. What comes before a damaged part is kept, and the damage is said.
pub(super) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<(), Unusable> {
    let io = |error: std::io::Error| unreadable(&error);
    let mut bytes = Vec::new();
    source.open().map_err(io)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Unusable::Unreadable("it is longer than 64 MiB, which no recording is".into()));
    }
    // The library is not known to panic; a file is not to be the first to show it.
    let read = catch_unwind(AssertUnwindSafe(|| messages(&bytes, rows)));
    match read.unwrap_or_else(|_| Err("it made the reader fail".into())) {
        Ok(()) => Ok(()),
        Err(why) => Err(Unusable::damaged(why)),
    }
}

fn messages(mut bytes: &[u8], rows: &mut Rows) -> Result<(), String> {
    let mut processor = FitStreamProcessor::new();
    for option in [DecodeOption::SkipDataCrcValidation, DecodeOption::SkipHeaderCrcValidation] {
        processor.add_option(option);
    }
    let (mut number, mut last) = (0, None);
    while !bytes.is_empty() {
        let (rest, object) = processor.deserialize_next(bytes).map_err(|error| error.to_string())?;
        if rest.len() >= bytes.len() {
            return Err("its lengths make no sense".into());
        }
        bytes = rest;
        let FitObject::DataMessage(message) = object else { continue };
        let unsigned = |field: u8| match message.fields().get(&field) {
            Some(&Value::UInt32(value)) => Some(value),
            Some(&Value::UInt8(value)) => Some(value.into()),
            _ => None,
        };
        // A compressed header holds the low five bits of the time.
        last = match (unsigned(TIMESTAMP), message.time_offset(), last) {
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
        let rate = match unsigned(HEART_RATE) {
            None | Some(0 | 255) => {
                rows.read("", number, Kind::Sample, "", || Err(Reason::NoTime));
                continue;
            }
            Some(rate) => Rate::from_centi_bpm(rate * 100),
        };
        let secs = last.filter(|&secs| secs != u32::MAX).map(|secs| EPOCH_SECS + i64::from(secs));
        match (rate, secs.map(Stamp::of_epoch_secs)) {
            (Some(rate), Some(Ok(stamp))) => rows.push(Row { line: short(number), stamp, rate, kind: Kind::Sample }),
            (None, _) => rows.refuse("", number, Reason::Rate(RateError::OutOfRange)),
            (_, Some(Err(reason))) => rows.refuse("", number, reason),
            (_, None) => rows.refuse("", number, Reason::NoTime),
        }
    }
    Ok(())
}
