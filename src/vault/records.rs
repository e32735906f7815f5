//! The plain content of sealed records: an hour's readings, and the catalogue of all hours.

use crate::fields::{Fields, Malformed};
use crate::reading::{HourKey, HourReadings, Kind, LocalHour, Rate, Slot, Source};

/// Writes an hour: its slots (time in the hour u32, rate u16, source u16), then its notes (time,
/// rate, length u8, text).
pub(super) fn write_hour(hour: &HourReadings) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + hour.slots().len() * 8);
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
        write_text(&mut out, note);
    }
    out
}

/// Reads what [`write_hour`] wrote.
pub(super) fn read_hour(bytes: &[u8]) -> Result<HourReadings, Malformed> {
    let mut fields = Fields::new(bytes);
    let slots: Vec<Slot> = (0..fields.count(8)?)
        .map(|_| Ok(Slot { ms: fields.u32()?, rate: rate(fields.u16()?)?, source: Source(fields.u16()?) }))
        .collect::<Result<_, Malformed>>()?;
    let notes = (0..fields.count(7)?)
        .map(|_| Ok(((fields.u32()?, rate(fields.u16()?)?), read_text(&mut fields)?)))
        .collect::<Result<_, Malformed>>()?;
    fields.end()?;
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

/// An import or an entry by hand.
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

/// The record that knows all others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Catalogue {
    /// The number that the next record gets.
    pub(super) next_id: u64,
    pub(super) hours: Vec<Entry>,
    pub(super) batches: Vec<Batch>,
}

impl Catalogue {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.hours.len() * 29);
        out.extend_from_slice(&self.next_id.to_le_bytes());
        out.extend_from_slice(&(self.hours.len() as u32).to_le_bytes());
        for Entry { key, id, revision } in &self.hours {
            out.extend_from_slice(&key.hour.start_ms().to_le_bytes());
            out.extend_from_slice(&key.hour.offset_secs().to_le_bytes());
            out.push(key.kind as u8);
            out.extend_from_slice(&id.to_le_bytes());
            out.extend_from_slice(&revision.to_le_bytes());
        }
        out.extend_from_slice(&(self.batches.len() as u32).to_le_bytes());
        for batch in &self.batches {
            out.extend_from_slice(&batch.added_ms.to_le_bytes());
            out.extend_from_slice(&batch.count.to_le_bytes());
            write_text(&mut out, &batch.name);
        }
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let next_id = fields.u64()?;
        let hours = (0..fields.count(29)?)
            .map(|_| {
                let (start_ms, offset) = (fields.u64()? as i64, fields.u32()? as i32);
                let hour = LocalHour::of(start_ms, offset);
                let kind = Kind::from_u8(fields.u8()?).ok_or(Malformed)?;
                if hour.start_ms() != start_ms {
                    return Err(Malformed);
                }
                Ok(Entry { key: HourKey { hour, kind }, id: fields.u64()?, revision: fields.u64()? })
            })
            .collect::<Result<_, _>>()?;
        let batches = (0..fields.count(17)?)
            .map(|_| Ok(Batch { added_ms: fields.u64()? as i64, count: fields.u64()?, name: read_text(&mut fields)? }))
            .collect::<Result<_, Malformed>>()?;
        fields.end()?;
        Ok(Self { next_id, hours, batches })
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
        let bytes = write_hour(&hour);
        assert_eq!(read_hour(&bytes), Ok(hour));
        let key = HourKey { hour: LocalHour::of(-5, -12_345), kind: Kind::Resting };
        let catalogue = Catalogue {
            next_id: 9,
            hours: vec![Entry { key, id: 4, revision: 2 }],
            batches: vec![Batch { name: "export.csv".into(), added_ms: -1, count: 7 }],
        };
        let other = catalogue.write();
        assert_eq!(Catalogue::read(&other), Ok(catalogue));
        for len in 0..bytes.len() {
            assert!(read_hour(&bytes[..len]).is_err());
        }
        for len in 0..other.len() {
            assert!(Catalogue::read(&other[..len]).is_err());
        }
    }
}
