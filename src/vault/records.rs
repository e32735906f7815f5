//! The plain content of sealed records: a day's readings, and the catalogue of everything else.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::fields::{Fields, Malformed};
use crate::reading::{
    self, HourKey, HourReadings, Kind, LocalHour, Rate, Slot, Source, Step as Length, WeekStart, days_since_epoch,
};
use crate::statistics::{Detail, ReportRequest, Weighting};

/// Writes an hour: its slots (time in the hour u32, rate u16, source u16), then its notes (time,
/// rate, length u8, text).
pub(super) fn write_hour(out: &mut Vec<u8>, hour: &HourReadings) {
    out.reserve(8 + hour.slots().len() * 8);
    out.extend_from_slice(&(hour.slots().len() as u32).to_le_bytes());
    for slot in hour.slots() {
        out.extend_from_slice(&slot.ms.to_le_bytes());
        out.extend_from_slice(&slot.rate.centi_bpm().to_le_bytes());
        out.extend_from_slice(&slot.source.0.to_le_bytes());
    }
    out.extend_from_slice(&(hour.notes().count() as u32).to_le_bytes());
    for (ms, rate, note) in hour.notes() {
        out.extend_from_slice(&ms.to_le_bytes());
        out.extend_from_slice(&rate.centi_bpm().to_le_bytes());
        write_text(out, note);
    }
}

/// Reads what [`write_hour`] wrote.
pub(super) fn read_hour(fields: &mut Fields) -> Result<HourReadings, Malformed> {
    let slots: Vec<Slot> = (0..fields.count(8)?)
        .map(|_| Ok(Slot { ms: fields.u32()?, rate: rate(fields.u16()?)?, source: Source(fields.u16()?) }))
        .collect::<Result<_, Malformed>>()?;
    let mut notes = BTreeMap::new();
    for _ in 0..fields.count(7)? {
        let of = (fields.u32()?, rate(fields.u16()?)?);
        let is_there = slots.binary_search_by_key(&of, |slot| (slot.ms, slot.rate)).is_ok();
        if !is_there || notes.last_key_value().is_some_and(|(last, _)| *last >= of) {
            return Err(Malformed);
        }
        notes.insert(of, read_text(fields)?);
    }
    // An hour ends after 3,600,000 ms: a reading beyond it would be lost in another hour's name.
    let within = slots.last().is_none_or(|last| last.ms < 3_600_000);
    HourReadings::new(slots, notes).filter(|_| within).ok_or(Malformed)
}

/// The days and kinds that readings are kept by: a local date, in days since 1970-01-01, and a kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(super) struct DayKey {
    pub(super) day: i32,
    pub(super) kind: Kind,
}

impl DayKey {
    pub(super) fn of(key: HourKey) -> Self {
        Self { day: key.hour.local_secs().div_euclid(86_400) as i32, kind: key.kind }
    }
}

/// Writes a day: its hours, each with its key.
pub(super) fn write_day_record<'a>(hours: impl Iterator<Item = (HourKey, &'a HourReadings)>) -> Vec<u8> {
    let mut out = vec![0; 4];
    let mut count = 0u32;
    for (key, hour) in hours {
        count += 1;
        write_key(&mut out, key);
        write_hour(&mut out, hour);
    }
    out[..4].copy_from_slice(&count.to_le_bytes());
    out
}

/// Reads what [`write_day_record`] wrote for `day`: hours in order, all of that day.
pub(super) fn read_day_record(bytes: &[u8], day: DayKey) -> Result<Vec<(HourKey, HourReadings)>, Malformed> {
    let mut fields = Fields::new(bytes);
    // A key of 13 bytes and two counts.
    let hours = (0..fields.count(21)?)
        .map(|_| Ok((read_key(&mut fields)?, read_hour(&mut fields)?)))
        .collect::<Result<Vec<_>, Malformed>>()?;
    fields.end()?;
    let fits = hours.iter().all(|(key, hour)| DayKey::of(*key) == day && !hour.slots().is_empty());
    if fits && hours.is_sorted_by(|(a, _), (b, _)| a < b) { Ok(hours) } else { Err(Malformed) }
}

/// Reads what [`write_day_record`] wrote, whatever day it is.
pub(super) fn read_any_day(bytes: &[u8]) -> Result<Vec<(HourKey, HourReadings)>, Malformed> {
    let mut fields = Fields::new(bytes);
    fields.count(21)?;
    read_day_record(bytes, DayKey::of(read_key(&mut fields)?))
}

fn rate(centi_bpm: u16) -> Result<Rate, Malformed> {
    Rate::from_centi_bpm(centi_bpm.into()).ok_or(Malformed)
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    let text = &text.as_bytes()[..text.floor_char_boundary(usize::from(u8::MAX))];
    out.push(text.len() as u8);
    out.extend_from_slice(text);
}

fn read_text(fields: &mut Fields) -> Result<Box<str>, Malformed> {
    let len = fields.u8()?;
    let text = fields.bytes(usize::from(len))?;
    std::str::from_utf8(text).map(Into::into).map_err(|_| Malformed)
}

/// The largest offset from UTC that a clock may have.
const MOST_OFFSET_SECS: u32 = 26 * 3_600 - 1;

/// Writes an hour's key: start i64, offset i32, kind u8.
pub(super) fn write_key(out: &mut Vec<u8>, key: HourKey) {
    out.extend_from_slice(&key.hour.start_ms().to_le_bytes());
    out.extend_from_slice(&key.hour.offset_secs().to_le_bytes());
    out.push(key.kind as u8);
}

/// Reads what [`write_key`] wrote.
pub(super) fn read_key(fields: &mut Fields) -> Result<HourKey, Malformed> {
    let (start_ms, offset) = (fields.u64()? as i64, fields.u32()? as i32);
    let kind = Kind::from_u8(fields.u8()?).ok_or(Malformed)?;
    // Of the years that readings may have, and no further from UTC than any clock.
    let civil_ms = start_ms.checked_add(i64::from(offset) * 1_000).ok_or(Malformed)?;
    let date = i32::try_from(civil_ms.div_euclid(86_400_000)).ok().and_then(reading::date_of).ok_or(Malformed)?;
    if !reading::YEARS.contains(&date.year()) || offset.unsigned_abs() > MOST_OFFSET_SECS {
        return Err(Malformed);
    }
    let hour = LocalHour::of(start_ms, offset);
    if hour.start_ms() == start_ms { Ok(HourKey { hour, kind }) } else { Err(Malformed) }
}

/// An import, or what was entered by hand. Its number is the source of its readings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// A file's name, or how the readings were entered.
    pub name: Box<str>,
    /// When, in milliseconds since the Unix epoch.
    pub added_ms: i64,
    /// How many readings it added.
    pub count: u64,
}

/// Writes a batch: when, how many, its name.
pub(super) fn write_batch(out: &mut Vec<u8>, batch: &Batch) {
    out.extend_from_slice(&batch.added_ms.to_le_bytes());
    out.extend_from_slice(&batch.count.to_le_bytes());
    write_text(out, &batch.name);
}

/// Reads what [`write_batch`] wrote.
pub(super) fn read_batch(fields: &mut Fields) -> Result<Batch, Malformed> {
    Ok(Batch { added_ms: fields.u64()? as i64, count: fields.u64()?, name: read_text(fields)? })
}

/// An export, and the record that remembers it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Export {
    pub(super) id: [u8; 16],
    pub(super) record: u64,
}

/// A question about an export: the hash of its text, and what it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    pub(super) digest: [u8; 32],
    pub(super) export: [u8; 16],
    pub(super) request: ReportRequest,
}

/// Stands for "no day" where a request names one: no calendar has it.
const NO_DAY: i32 = i32::MIN;
/// Their places are what is written.
const STEPS: [Length; 7] = [
    Length::Hour,
    Length::Day,
    Length::Week(WeekStart::Monday),
    Length::Month,
    Length::All,
    Length::Week(WeekStart::Sunday),
    Length::Week(WeekStart::Saturday),
];
const DETAILS: [Detail; 2] = [Detail::Averages, Detail::Statistics];

/// Writes a question: digest, export, step u8, detail u8, weighting u8, first and last day i32,
/// first and last hour u8.
fn write_asked(out: &mut Vec<u8>, asked: &Asked) {
    let index = |found: Option<usize>| found.unwrap_or_default() as u8;
    let request = &asked.request;
    out.extend_from_slice(&asked.digest);
    out.extend_from_slice(&asked.export);
    out.push(index(STEPS.iter().position(|step| *step == request.step)));
    out.push(index(DETAILS.iter().position(|detail| *detail == request.detail)));
    out.push(request.weighting as u8);
    write_day(out, request.from);
    write_day(out, request.to);
    out.extend([request.hours.0 as u8, request.hours.1 as u8]);
}

/// Writes a day, or that there is none.
pub(super) fn write_day(out: &mut Vec<u8>, day: Option<Date>) {
    out.extend_from_slice(&day.map_or(NO_DAY, days_since_epoch).to_le_bytes());
}

/// Reads what [`write_day`] wrote.
pub(super) fn read_day(fields: &mut Fields) -> Result<Option<Date>, Malformed> {
    match fields.u32()? as i32 {
        NO_DAY => Ok(None),
        days => reading::date_of(days).map(Some).ok_or(Malformed),
    }
}

fn read_asked(fields: &mut Fields) -> Result<Asked, Malformed> {
    let (digest, export) = (fields.array()?, fields.array()?);
    let step = *STEPS.get(usize::from(fields.u8()?)).ok_or(Malformed)?;
    let detail = *DETAILS.get(usize::from(fields.u8()?)).ok_or(Malformed)?;
    let weighting = Weighting::from_u8(fields.u8()?).ok_or(Malformed)?;
    let (from, to) = (read_day(fields)?, read_day(fields)?);
    let mut hour = || i8::try_from(fields.u8()?).ok().filter(|hour| *hour < 24).ok_or(Malformed);
    Ok(Asked {
        digest,
        export,
        request: ReportRequest { step, from, to, hours: (hour()?, hour()?), detail, weighting },
    })
}

/// Where a day is kept: its record, and the revision that the record must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DayEntry {
    pub(super) key: DayKey,
    pub(super) id: u64,
    pub(super) revision: u64,
}

/// A change that can be undone or redone, and the record that knows how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct UndoStep {
    /// The name of the change, in words.
    pub(super) name: Box<str>,
    pub(super) id: u64,
}

/// The record that knows all others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Catalogue {
    /// The number that the next record gets.
    pub(super) next_id: u64,
    pub(super) days: Vec<DayEntry>,
    pub(super) batches: Vec<Batch>,
    /// Changes that can be undone, the last one last.
    pub(super) done: Vec<UndoStep>,
    /// Changes that can be redone, the next one last.
    pub(super) undone: Vec<UndoStep>,
    pub(super) exports: Vec<Export>,
    pub(super) asked: Vec<Asked>,
}

impl Catalogue {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.days.len() * 21);
        let count = |out: &mut Vec<u8>, len: usize| out.extend_from_slice(&(len as u32).to_le_bytes());
        out.extend_from_slice(&self.next_id.to_le_bytes());
        count(&mut out, self.days.len());
        for DayEntry { key, id, revision } in &self.days {
            out.extend_from_slice(&key.day.to_le_bytes());
            out.push(key.kind as u8);
            out.extend_from_slice(&id.to_le_bytes());
            out.extend_from_slice(&revision.to_le_bytes());
        }
        count(&mut out, self.batches.len());
        self.batches.iter().for_each(|batch| write_batch(&mut out, batch));
        for steps in [&self.done, &self.undone] {
            count(&mut out, steps.len());
            for step in steps {
                out.extend_from_slice(&step.id.to_le_bytes());
                write_text(&mut out, &step.name);
            }
        }
        count(&mut out, self.exports.len());
        for export in &self.exports {
            out.extend_from_slice(&export.id);
            out.extend_from_slice(&export.record.to_le_bytes());
        }
        count(&mut out, self.asked.len());
        self.asked.iter().for_each(|asked| write_asked(&mut out, asked));
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let next_id = fields.u64()?;
        let days = (0..fields.count(21)?)
            .map(|_| {
                let (day, kind) = (fields.u32()? as i32, Kind::from_u8(fields.u8()?).ok_or(Malformed)?);
                Ok(DayEntry { key: DayKey { day, kind }, id: fields.u64()?, revision: fields.u64()? })
            })
            .collect::<Result<Vec<_>, Malformed>>()?;
        if !days.is_sorted_by(|a, b| a.key < b.key) {
            return Err(Malformed);
        }
        let batches = (0..fields.count(17)?).map(|_| read_batch(&mut fields)).collect::<Result<_, Malformed>>()?;
        let mut steps = || {
            (0..fields.count(9)?)
                .map(|_| Ok(UndoStep { id: fields.u64()?, name: read_text(&mut fields)? }))
                .collect::<Result<_, Malformed>>()
        };
        let (done, undone) = (steps()?, steps()?);
        let exports = (0..fields.count(24)?)
            .map(|_| Ok(Export { id: fields.array()?, record: fields.u64()? }))
            .collect::<Result<_, Malformed>>()?;
        let asked = (0..fields.count(61)?).map(|_| read_asked(&mut fields)).collect::<Result<_, _>>()?;
        fields.end()?;
        Ok(Self { next_id, days, batches, done, undone, exports, asked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_their_bytes() {
        let mut hour = HourReadings::default();
        for ms in [5, 3_599_999, 0] {
            let note = (ms == 5).then(|| "after coffee ☕".into());
            hour.insert(Slot { ms, rate: Rate::MAX, source: Source(3) }, note);
        }
        let mut bytes = Vec::new();
        write_hour(&mut bytes, &hour);
        assert_eq!(read_hour(&mut Fields::new(&bytes)), Ok(hour));
        let key = HourKey { hour: LocalHour::of(-5, -12_345), kind: Kind::Resting };
        let catalogue = Catalogue {
            next_id: 9,
            days: vec![DayEntry { key: DayKey::of(key), id: 4, revision: 2 }],
            batches: vec![Batch { name: "export.csv".into(), added_ms: -1, count: 7 }],
            done: vec![UndoStep { name: "import".into(), id: 3 }],
            undone: vec![],
            exports: vec![Export { id: [7; 16], record: 5 }],
            asked: vec![Asked {
                digest: [8; 32],
                export: [7; 16],
                request: ReportRequest {
                    step: Length::Week(WeekStart::Saturday),
                    from: Some("1969-12-31".parse().unwrap()),
                    to: None,
                    hours: (7, 22),
                    detail: Detail::Statistics,
                    weighting: Weighting::Readings,
                },
            }],
        };
        let other = catalogue.write();
        assert_eq!(Catalogue::read(&other), Ok(catalogue));
        for len in 0..bytes.len() {
            assert!(read_hour(&mut Fields::new(&bytes[..len])).is_err());
        }
        for len in 0..other.len() {
            assert!(Catalogue::read(&other[..len]).is_err(), "cut to {len}");
        }
    }

    #[test]
    fn an_hour_that_contradicts_itself_is_refused() {
        let write = |slots: &[(u32, u16)], notes: &[(u32, u16)]| {
            let mut out = (slots.len() as u32).to_le_bytes().to_vec();
            for (ms, rate) in slots {
                out.extend([&ms.to_le_bytes()[..], &rate.to_le_bytes(), &[0, 0]].concat());
            }
            out.extend((notes.len() as u32).to_le_bytes());
            for (ms, rate) in notes {
                out.extend([&ms.to_le_bytes()[..], &rate.to_le_bytes(), &[1, b'x']].concat());
            }
            out
        };
        let reads = |slots: &[(u32, u16)], notes: &[(u32, u16)]| read_hour(&mut Fields::new(&write(slots, notes)));
        assert!(reads(&[(5, 6_000), (5, 6_100), (3_599_999, 2_000)], &[(5, 6_100)]).is_ok());
        for (slots, notes, about) in [
            (&[(3_600_000, 6_000)][..], &[][..], "a reading after the hour's end"),
            (&[(5, 6_000), (5, 6_000)], &[], "a reading twice"),
            (&[(6, 6_000), (5, 6_000)], &[], "readings out of order"),
            (&[(5, 1_999)], &[], "a rate out of range"),
            (&[(5, 6_000)], &[(5, 6_001)], "a note about no reading"),
            (&[(5, 6_000)], &[(5, 6_000), (5, 6_000)], "two notes about one reading"),
        ] {
            assert!(reads(slots, notes).is_err(), "{about}");
        }
        for (start_ms, offset) in [(i64::MAX / 3_600_000 * 3_600_000, 0), (i64::MIN + 5, 0), (1 << 60, 0), (0, 93_600)]
        {
            let bytes = [&i64::to_le_bytes(start_ms)[..], &i32::to_le_bytes(offset), &[0]].concat();
            assert!(read_key(&mut Fields::new(&bytes)).is_err(), "{start_ms} {offset}");
        }
        let key = |secs: i64| HourKey { hour: LocalHour::of(secs * 1_000, 0), kind: Kind::Sample };
        let hour = read_hour(&mut Fields::new(&write(&[(5, 6_000)], &[]))).unwrap();
        let day = DayKey { day: 0, kind: Kind::Sample };
        let record = |secs: &[i64]| write_day_record(secs.iter().map(|&secs| (key(secs), &hour)));
        assert!(read_day_record(&record(&[0, 3_600]), day).is_ok());
        assert!(read_day_record(&record(&[0, 0]), day).is_err(), "an hour twice");
        assert!(read_day_record(&record(&[86_400]), day).is_err(), "another day's hour");
    }
}
