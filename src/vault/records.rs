//! The plain content of sealed records: an hour's readings, and the catalogue of everything else.

use jiff::civil::Date;

use crate::fields::{Fields, Malformed};
use crate::reading::{
    self, HourKey, HourReadings, Kind, LocalHour, Rate, Slot, Source, Step as Length, WeekStart, days_since_epoch,
};
use crate::statistics::{Detail, Request};

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
    let notes = (0..fields.count(7)?)
        .map(|_| Ok(((fields.u32()?, rate(fields.u16()?)?), read_text(fields)?)))
        .collect::<Result<_, Malformed>>()?;
    HourReadings::new(slots, notes).ok_or(Malformed)
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

/// Writes an hour's key: start u64, offset u32, kind u8.
pub(super) fn write_key(out: &mut Vec<u8>, key: HourKey) {
    out.extend_from_slice(&key.hour.start_ms().to_le_bytes());
    out.extend_from_slice(&key.hour.offset_secs().to_le_bytes());
    out.push(key.kind as u8);
}

/// Reads what [`write_key`] wrote.
pub(super) fn read_key(fields: &mut Fields) -> Result<HourKey, Malformed> {
    let (start_ms, offset) = (fields.u64()? as i64, fields.u32()? as i32);
    let hour = LocalHour::of(start_ms, offset);
    let kind = Kind::from_u8(fields.u8()?).ok_or(Malformed)?;
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
    pub(super) request: Request,
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
const DETAILS: [Detail; 3] = [Detail::Averages, Detail::Statistics, Detail::Profiles];

/// Writes a question: digest, export, step u8, detail u8, first and last day i32,
/// first and last hour u8.
fn write_asked(out: &mut Vec<u8>, asked: &Asked) {
    let place = |found: Option<usize>| found.unwrap_or_default() as u8;
    let request = &asked.request;
    out.extend_from_slice(&asked.digest);
    out.extend_from_slice(&asked.export);
    out.push(place(STEPS.iter().position(|step| *step == request.step)));
    out.push(place(DETAILS.iter().position(|detail| *detail == request.detail)));
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
    let (from, to) = (read_day(fields)?, read_day(fields)?);
    let mut hour = || i8::try_from(fields.u8()?).ok().filter(|hour| *hour < 24).ok_or(Malformed);
    Ok(Asked { digest, export, request: Request { step, detail, from, to, hours: (hour()?, hour()?) } })
}

/// Where an hour is kept: its record, and the revision that the record must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) key: HourKey,
    pub(super) id: u64,
    pub(super) revision: u64,
}

/// A change that can be undone or redone, and the record that knows how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Step {
    /// What was done, in words.
    pub(super) name: Box<str>,
    pub(super) id: u64,
}

/// The record that knows all others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Catalogue {
    /// The number that the next record gets.
    pub(super) next_id: u64,
    pub(super) hours: Vec<Entry>,
    pub(super) batches: Vec<Batch>,
    /// Changes that can be undone, the last one last.
    pub(super) done: Vec<Step>,
    /// Changes that can be redone, the next one last.
    pub(super) undone: Vec<Step>,
    pub(super) exports: Vec<Export>,
    pub(super) asked: Vec<Asked>,
}

impl Catalogue {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.hours.len() * 29);
        let count = |out: &mut Vec<u8>, len: usize| out.extend_from_slice(&(len as u32).to_le_bytes());
        out.extend_from_slice(&self.next_id.to_le_bytes());
        count(&mut out, self.hours.len());
        for Entry { key, id, revision } in &self.hours {
            write_key(&mut out, *key);
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
        let hours = (0..fields.count(29)?)
            .map(|_| Ok(Entry { key: read_key(&mut fields)?, id: fields.u64()?, revision: fields.u64()? }))
            .collect::<Result<_, Malformed>>()?;
        let batches = (0..fields.count(17)?).map(|_| read_batch(&mut fields)).collect::<Result<_, Malformed>>()?;
        let mut steps = || {
            (0..fields.count(9)?)
                .map(|_| Ok(Step { id: fields.u64()?, name: read_text(&mut fields)? }))
                .collect::<Result<_, Malformed>>()
        };
        let (done, undone) = (steps()?, steps()?);
        let mut catalogue = Self { next_id, hours, batches, done, undone, ..Self::default() };
        // Catalogues from before there were exports end here.
        if !fields.is_empty() {
            catalogue.exports = (0..fields.count(24)?)
                .map(|_| Ok(Export { id: fields.array()?, record: fields.u64()? }))
                .collect::<Result<_, Malformed>>()?;
            catalogue.asked = (0..fields.count(60)?).map(|_| read_asked(&mut fields)).collect::<Result<_, _>>()?;
        }
        fields.end()?;
        Ok(catalogue)
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
            hours: vec![Entry { key, id: 4, revision: 2 }],
            batches: vec![Batch { name: "export.csv".into(), added_ms: -1, count: 7 }],
            done: vec![Step { name: "import".into(), id: 3 }],
            undone: vec![],
            exports: vec![Export { id: [7; 16], record: 5 }],
            asked: vec![Asked {
                digest: [8; 32],
                export: [7; 16],
                request: Request {
                    step: Length::Week(WeekStart::Saturday),
                    from: Some("1969-12-31".parse().unwrap()),
                    to: None,
                    hours: (7, 22),
                    detail: Detail::Statistics,
                },
            }],
        };
        let other = catalogue.write();
        assert_eq!(Catalogue::read(&other), Ok(catalogue));
        for len in 0..bytes.len() {
            assert!(read_hour(&mut Fields::new(&bytes[..len])).is_err());
        }
        // One that ends before its exports is one from before there were any.
        let before_exports = other.len() - 4 - 24 - 4 - 60;
        for len in (0..other.len()).filter(|&len| len != before_exports) {
            assert!(Catalogue::read(&other[..len]).is_err(), "cut to {len}");
        }
    }
}
