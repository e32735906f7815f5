//! The changes that a person makes to their readings: add, edit, delete, undo, redo.

use std::collections::BTreeSet;

use super::change::{Change, Hours, PutIn};
use super::error::VaultError;
use super::forget::forget_batch;
use super::open_vault::{Vault, always};
use super::records::{Batch, Catalogue, UndoStep};
use crate::reading::{HourKey, HourReadings, Reading, Readings, Source};

/// The name of the batch of readings that were typed in.
const BY_HAND: &str = "entered by hand";

/// The outcome of adding readings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Added {
    /// Readings that are new.
    pub added: usize,
    /// Readings that were there already.
    pub duplicates: usize,
}

/// The outcome of an edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edited {
    /// The one is in the place of the other.
    Done,
    /// The reading to be changed is not there; nothing was changed.
    Gone,
    /// There is a reading like the new one; nothing was changed.
    There,
}

impl Vault {
    /// The imports and entries by hand of which readings are left, oldest first: the source of
    /// their readings, and the batch with the number that is left.
    pub fn batches(&self) -> Vec<(Source, Batch)> {
        let left = self.readings.count_by_source();
        let batches = (0..).map(Source).zip(&self.catalogue.batches);
        batches
            .filter_map(|(source, batch)| {
                let count = *left.get(&source)? as u64;
                Some((source, Batch { count, ..batch.clone() }))
            })
            .collect()
    }

    /// Adds readings as one batch, all or nothing. Duplicates are left out and counted; a batch
    /// that adds nothing leaves no trace.
    pub fn add(&mut self, name: &str, now_ms: i64, new: Vec<Reading>) -> Result<Added, VaultError> {
        self.add_while(name, now_ms, new, &always)
    }

    /// The same, as long as `go_on` says so; all of them or none.
    pub fn add_while(
        &mut self,
        name: &str,
        now_ms: i64,
        new: Vec<Reading>,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Added, VaultError> {
        let added = self.add_all(vec![(name.to_owned(), new)], format!("Add {name}"), now_ms, go_on)?;
        Ok(added.into_iter().next().unwrap_or(Added { added: 0, duplicates: 0 }))
    }

    /// Adds the readings of several files, a batch each, as one change that is taken back as one; all of them or none.
    /// Of equal readings the first file's counts.
    pub fn add_all(
        &mut self,
        files: Vec<(String, Vec<Reading>)>,
        name: String,
        now_ms: i64,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Vec<Added>, VaultError> {
        self.heal()?;
        let mut catalogue = self.catalogue.clone();
        let (mut readings, mut touched) = (self.readings.clone(), BTreeSet::new());
        let (mut sources, mut outcome) = (Vec::new(), Vec::new());
        for (name, new) in files {
            // How many there are is known once they are in.
            let batch = Batch { name: name.into(), added_ms: now_ms, count: 1 };
            let source = self.new_batch(&mut catalogue, batch, &sources)?;
            let (total, before) = (new.len(), readings.len());
            let new = new.into_iter().map(|reading| Reading { source, ..reading }).collect();
            touched.append(&mut readings.insert_all_while(new, go_on).ok_or(VaultError::Stopped)?);
            let added = readings.len() - before;
            if added > 0 {
                catalogue.batches[usize::from(source.0)].count = added as u64;
                sources.push(source);
            } else {
                forget_batch(&mut catalogue, source);
            }
            outcome.push(Added { added, duplicates: total - added });
        }
        if !sources.is_empty() {
            let change = Change { taken_out: Hours::new(), put_in: PutIn::Batches(sources) };
            self.make(name, &change, catalogue, (readings, &touched), go_on)?;
        }
        Ok(outcome)
    }

    /// Adds one reading by hand. All of these are one batch.
    pub fn enter(&mut self, now_ms: i64, reading: Reading) -> Result<Added, VaultError> {
        self.heal()?;
        let mut catalogue = self.catalogue.clone();
        let known = catalogue.batches.iter().position(|batch| &*batch.name == BY_HAND);
        let source = match known {
            Some(index) => Source(u16::try_from(index).map_err(|_| VaultError::Full)?),
            None => self.new_batch(&mut catalogue, Batch { name: BY_HAND.into(), added_ms: now_ms, count: 0 }, &[])?,
        };
        let batch = &mut catalogue.batches[usize::from(source.0)];
        batch.count += 1;
        batch.added_ms = now_ms;
        let (key, these) = alone(&Reading { source, ..reading });
        let mut readings = self.readings.clone();
        if readings.put_in(key, &these).slots().is_empty() {
            return Ok(Added { added: 0, duplicates: 1 });
        }
        let change = Change { taken_out: Hours::new(), put_in: PutIn::These([(key, these)].into()) };
        self.make("Add a reading".into(), &change, catalogue, (readings, &[key].into()), &always)?;
        Ok(Added { added: 1, duplicates: 0 })
    }

    /// Deletes readings; says how many of them were there.
    pub fn delete(&mut self, to_drop: &[Reading]) -> Result<usize, VaultError> {
        self.heal()?;
        let mut gone = Hours::new();
        for reading in to_drop {
            let (key, these) = alone(reading);
            let hour = gone.entry(key).or_default();
            for &slot in these.slots() {
                hour.insert(slot, None);
            }
        }
        self.take_out("Delete", gone)
    }

    /// Takes out all that is left of a batch; says how many readings that were.
    pub fn delete_batch(&mut self, source: Source) -> Result<usize, VaultError> {
        self.heal()?;
        let Some(batch) = self.catalogue.batches.get(usize::from(source.0)) else { return Ok(0) };
        let name = format!("Remove {}", batch.name);
        self.take_out(&name, self.readings.of_source(source))
    }

    fn take_out(&mut self, name: &str, gone: Hours) -> Result<usize, VaultError> {
        let mut readings = self.readings.clone();
        let taken_out: Hours = gone.into_iter().map(|(key, hour)| (key, readings.take_out(key, &hour))).collect();
        let touched = taken_out.keys().copied().collect();
        let count = self.readings.len() - readings.len();
        if count > 0 {
            let change = Change { taken_out, put_in: PutIn::These(Hours::new()) };
            self.make(name.into(), &change, self.catalogue.clone(), (readings, &touched), &always)?;
        }
        Ok(count)
    }

    /// Puts `new` in the place of `old`.
    pub fn edit(&mut self, old: &Reading, new: &Reading) -> Result<Edited, VaultError> {
        self.heal()?;
        let mut readings = self.readings.clone();
        let ((old_key, old), (new_key, new)) = (alone(old), alone(new));
        let taken_out = readings.take_out(old_key, &old);
        let put_in = readings.put_in(new_key, &new);
        if taken_out.slots().is_empty() {
            return Ok(Edited::Gone);
        }
        if put_in.slots().is_empty() {
            return Ok(Edited::There);
        }
        let change =
            Change { taken_out: [(old_key, taken_out)].into(), put_in: PutIn::These([(new_key, put_in)].into()) };
        self.make(
            "Edit a reading".into(),
            &change,
            self.catalogue.clone(),
            (readings, &[old_key, new_key].into()),
            &always,
        )?;
        Ok(Edited::Done)
    }

    /// Names the change that [`Self::undo`] would take back, in words.
    pub fn undoable(&self) -> Option<&str> {
        self.catalogue.done.last().map(|step| &*step.name)
    }

    /// Names the change that [`Self::redo`] would make again, in words.
    pub fn redoable(&self) -> Option<&str> {
        self.catalogue.undone.last().map(|step| &*step.name)
    }

    /// Takes the last change back; says what it was.
    pub fn undo(&mut self) -> Result<Option<String>, VaultError> {
        self.heal()?;
        let mut catalogue = self.catalogue.clone();
        let Some(step) = catalogue.done.pop() else { return Ok(None) };
        catalogue.undone.push(step.clone());
        self.take_back(step, catalogue)
    }

    /// Makes the change again that was taken back last; says what it was.
    pub fn redo(&mut self) -> Result<Option<String>, VaultError> {
        self.heal()?;
        let mut catalogue = self.catalogue.clone();
        let Some(step) = catalogue.undone.pop() else { return Ok(None) };
        catalogue.done.push(step.clone());
        self.take_back(step, catalogue)
    }

    fn take_back(&mut self, step: UndoStep, catalogue: Catalogue) -> Result<Option<String>, VaultError> {
        let (revision, change) = self.open_record(step.id)?;
        let change = Change::read(&change).map_err(|_| self.damaged())?;
        let mut readings = self.readings.clone();
        let (back, touched) = change.take_back(&mut readings);
        let record = (step.id, self.sealer.seal(step.id, revision + 1, back.write())?);
        self.commit(catalogue, (readings, &touched), vec![record], &[], &always)?;
        Ok(Some(step.name.into()))
    }
}

/// A reading as an hour of its own.
fn alone(reading: &Reading) -> (HourKey, HourReadings) {
    let mut readings = Readings::default();
    readings.insert(reading.clone());
    let key = reading.key();
    (key, readings.hour(key).map(|hour| (**hour).clone()).unwrap_or_default())
}
