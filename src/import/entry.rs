//! A reading typed in by hand.

use super::report::Reason;
use super::time::dates::WrittenDate;
use super::time::local_time::{LocalZone, civil_ms};
use super::time::stamp::{Stamp, Zone};
use crate::reading::{Kind, MAX_NOTE_BYTES, Rate, RateError, Reading, Source};

/// Why what was typed is not a reading, and in which field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EntryError {
    /// The date, written as 2026-09-30.
    #[error("A date looks like 2026-09-30")]
    Date,
    /// The time, written as 14:05.
    #[error("A time looks like 14:05")]
    Time,
    /// The clocks go forward past that time.
    #[error("The clocks go forward that day, so this time does not exist")]
    NoSuchTime,
    /// The rate.
    #[error("A heart rate is a number from 20 to 275.99 bpm")]
    Rate,
    /// The note.
    #[error("A note has at most {MAX_NOTE_BYTES} bytes")]
    Note,
}

/// Reads a reading from the four fields of a form; date and time are local in `zone`.
pub fn read_entry(
    date: &str,
    time: &str,
    rate: &str,
    note: &str,
    zone: &jiff::tz::TimeZone,
) -> Result<Reading, EntryError> {
    let stamp = Stamp::parse(date).map_err(|_: Reason| EntryError::Date)?;
    let (WrittenDate::Clear(date), None) = (stamp.date, stamp.time_ms) else { return Err(EntryError::Date) };
    let stamp = stamp.with_time(time).map_err(|_| EntryError::Time)?;
    // A time of another zone would not be the one that the form shows.
    let (Some(time_ms), Zone::None) = (stamp.time_ms, stamp.zone) else { return Err(EntryError::Time) };
    // In files, 255 means that there is no rate; a person who types it means the number.
    let rate = match Rate::parse(rate) {
        Ok((rate, _)) => Ok(rate),
        Err(RateError::Missing) if rate.trim() == "255" => Rate::from_centi_bpm(255_00).ok_or(EntryError::Rate),
        Err(_) => Err(EntryError::Rate),
    }?;
    let note = note.trim();
    if note.len() > MAX_NOTE_BYTES {
        return Err(EntryError::Note);
    }
    let civil_ms = civil_ms(date, time_ms);
    let (instant_ms, offset_secs, _) = LocalZone::new(zone).resolve(civil_ms);
    if instant_ms + i64::from(offset_secs) * 1_000 != civil_ms {
        return Err(EntryError::NoSuchTime);
    }
    Ok(Reading {
        instant_ms,
        offset_secs,
        rate,
        kind: Kind::Sample,
        source: Source::default(),
        note: (!note.is_empty()).then(|| note.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_reading_or_says_which_field_is_not() {
        let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
        let read = |date, time, rate, note| read_entry(date, time, rate, note, &zone);
        let reading = read("2026-09-30", "14:05", "72.5", " calm ").unwrap();
        assert_eq!(reading.hour().to_string(), "2026-09-30T14:00:00+02:00");
        assert_eq!((reading.rate.centi_bpm(), reading.note.as_deref()), (7250, Some("calm")));
        assert_eq!(read("2026-09-30", "2:05 PM", "72", "").unwrap().instant_ms, reading.instant_ms);
        assert_eq!(read("30 September", "14:05", "72", ""), Err(EntryError::Date));
        assert_eq!(read("03/04/2026", "14:05", "72", ""), Err(EntryError::Date));
        assert_eq!(read("2026-09-30", "25:05", "72", ""), Err(EntryError::Time));
        assert_eq!(read("2026-09-30", "", "72", ""), Err(EntryError::Time));
        assert_eq!(read("2026-09-30", "14:05Z", "72", ""), Err(EntryError::Time));
        assert_eq!(read("2026-09-30", "14:05+09:00", "72", ""), Err(EntryError::Time));
        assert_eq!(read("2026-03-29", "02:30", "72", ""), Err(EntryError::NoSuchTime));
        assert_eq!(read("2026-10-25", "02:30", "72", "").unwrap().offset_secs, 7_200, "the first of two");
        assert_eq!(read("2026-09-30", "14:05", "255", "").unwrap().rate.centi_bpm(), 25_500);
        assert_eq!(read("2026-09-30", "14:05", "0", ""), Err(EntryError::Rate));
        assert_eq!(read("2026-09-30", "14:05", "72", &"x".repeat(201)), Err(EntryError::Note));
    }
}
