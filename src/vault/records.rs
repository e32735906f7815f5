//! The plain content of sealed records: an hour's readings, and the catalogue of everything else.

use crate::fields::{Fields, Malformed};
use crate::reading::{HourKey, HourReadings, Kind, LocalHour, Rate, Slot, Source};

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
        for batch in &self.batches {
            out.extend_from_slice(&batch.added_ms.to_le_bytes());
            out.extend_from_slice(&batch.count.to_le_bytes());
            write_text(&mut out, &batch.name);
        }
        for steps in [&self.done, &self.undone] {
            count(&mut out, steps.len());
            for step in steps {
                out.extend_from_slice(&step.id.to_le_bytes());
                write_text(&mut out, &step.name);
            }
        }
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let next_id = fields.u64()?;
        let hours = (0..fields.count(29)?)
            .map(|_| Ok(Entry { key: read_key(&mut fields)?, id: fields.u64()?, revision: fields.u64()? }))
            .collect::<Result<_, Malformed>>()?;
        let batches = (0..fields.count(17)?)
            .map(|_| Ok(Batch { added_ms: fields.u64()? as i64, count: fields.u64()?, name: read_text(&mut fields)? }))
            .collect::<Result<_, Malformed>>()?;
        let mut steps = || {
            (0..fields.count(9)?)
                .map(|_| Ok(Step { id: fields.u64()?, name: read_text(&mut fields)? }))
                .collect::<Result<_, Malformed>>()
        };
        let (done, undone) = (steps()?, steps()?);
        fields.end()?;
        Ok(Self { next_id, hours, batches, done, undone })
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
        };
        let other = catalogue.write();
        assert_eq!(Catalogue::read(&other), Ok(catalogue));
        for len in 0..bytes.len() {
            assert!(read_hour(&mut Fields::new(&bytes[..len])).is_err());
        }
        for len in 0..other.len() {
            assert!(Catalogue::read(&other[..len]).is_err());
        }
    }
}
