//! Changes, and how to take them back.
//!
//! A change takes some readings out and puts others in. Undoing it is the same with the two
//! exchanged, so that one function does, undoes and redoes. An import is remembered by its batches
//! alone, not by a second copy of its readings.

use std::collections::{BTreeMap, BTreeSet};

use super::records::{read_hour, read_key, write_hour, write_key};
use crate::fields::{Fields, Malformed};
use crate::reading::{HourKey, HourReadings, Readings, Source};

/// Readings by hour, as part of a change.
pub(super) type Hours = BTreeMap<HourKey, HourReadings>;

/// The readings that a change put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum PutIn {
    /// All that are left of these batches.
    Batches(Vec<Source>),
    /// These.
    These(Hours),
}

/// A change that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Change {
    pub(super) taken_out: Hours,
    pub(super) put_in: PutIn,
}

impl Change {
    /// Takes the change back in `readings`. Returns the change that would make it again, and the
    /// hours that differ now.
    pub(super) fn take_back(self, readings: &mut Readings) -> (Self, BTreeSet<HourKey>) {
        let gone = match self.put_in {
            PutIn::Batches(sources) => {
                let mut all = Hours::new();
                for source in sources {
                    for (key, hour) in readings.of_source(source) {
                        let together = all.entry(key).or_default();
                        for &slot in hour.slots() {
                            together.insert(slot, hour.note(slot).map(Into::into));
                        }
                    }
                }
                all
            }
            PutIn::These(hours) => hours,
        };
        let touched = gone.keys().chain(self.taken_out.keys()).copied().collect();
        let taken_out = gone.into_iter().map(|(key, hour)| (key, readings.take_out(key, &hour))).collect();
        let put_in = self.taken_out.into_iter().map(|(key, hour)| (key, readings.put_in(key, &hour))).collect();
        (Self { taken_out, put_in: PutIn::These(put_in) }, touched)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_hours(&mut out, &self.taken_out);
        match &self.put_in {
            PutIn::Batches(sources) => {
                out.push(0);
                out.extend_from_slice(&(sources.len() as u32).to_le_bytes());
                for source in sources {
                    out.extend_from_slice(&source.0.to_le_bytes());
                }
            }
            PutIn::These(hours) => {
                out.push(1);
                write_hours(&mut out, hours);
            }
        }
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let taken_out = read_hours(&mut fields)?;
        let put_in = match fields.u8()? {
            0 => {
                let sources = (0..fields.count(2)?).map(|_| Ok(Source(fields.u16()?)));
                PutIn::Batches(sources.collect::<Result<_, Malformed>>()?)
            }
            1 => PutIn::These(read_hours(&mut fields)?),
            _ => return Err(Malformed),
        };
        fields.end()?;
        Ok(Self { taken_out, put_in })
    }
}

fn write_hours(out: &mut Vec<u8>, hours: &Hours) {
    out.extend_from_slice(&(hours.len() as u32).to_le_bytes());
    for (&key, hour) in hours {
        write_key(out, key);
        write_hour(out, hour);
    }
}

fn read_hours(fields: &mut Fields) -> Result<Hours, Malformed> {
    // A key of 13 bytes and two counts.
    (0..fields.count(21)?).map(|_| Ok((read_key(fields)?, read_hour(fields)?))).collect()
}
