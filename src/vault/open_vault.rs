//! The opened readings of a profile: what they are, and how a change of them is kept.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::error::VaultError;
use super::home::Home;
use super::lock::Lock;
use super::records::{Catalogue, DayEntry, DayKey, UndoStep, read_day_record, write_day_record};
use super::seal::Sealer;
use super::store::{Record, Records, Store};
use crate::client::{KeyId, MasterKey};
use crate::reading::{HourKey, Readings};

/// The record that says where each day is and which revision it must have.
pub(super) const CATALOGUE: u64 = 0;
/// Changes that can be undone; older ones are forgotten, and with them what they deleted.
const MAX_STEPS: usize = 1_000;

/// The opened readings of a profile.
pub struct Vault {
    store: Store,
    pub(super) sealer: Sealer,
    pub(super) catalogue: Catalogue,
    /// The catalogue's own revision.
    revision: u64,
    pub(super) readings: Readings,
}

impl Vault {
    /// Whether a profile holds readings.
    pub fn exists(home: &Home) -> bool {
        home.readings_file().exists()
    }

    /// Opens the readings of a profile, or an empty store where there is none yet.
    pub fn open(home: &Home, key: &MasterKey) -> Result<Self, VaultError> {
        Self::unlock(Store::open(home, Lock::take(home)?)?, key)
    }

    /// Opens the readings in a store.
    pub(super) fn unlock(mut store: Store, key: &MasterKey) -> Result<Self, VaultError> {
        store.belong_to(key.id())?;
        let mut vault = Self::empty(store, key);
        vault.load()?;
        vault.store.settle()?;
        Ok(vault)
    }

    fn empty(store: Store, key: &MasterKey) -> Self {
        Self {
            store,
            sealer: Sealer::new(key),
            catalogue: Catalogue { next_id: CATALOGUE + 1, ..Catalogue::default() },
            revision: 0,
            readings: Readings::default(),
        }
    }

    /// The profile's lock. Asked for by who may change the vault: one that is only read has none.
    pub fn lock(&mut self) -> &Lock {
        self.store.lock()
    }

    /// The id of the key that the readings are sealed with.
    pub(super) fn recorded_key(&self) -> Option<KeyId> {
        self.store.recorded()
    }

    /// Whether anything was ever kept in here.
    pub(super) fn has_catalogue(&self) -> bool {
        self.revision > 0
    }

    pub(super) fn damaged(&self) -> VaultError {
        self.store.damaged()
    }

    /// Opens one record: its revision and content, or `None` if there is none of that number.
    fn open_in(&self, records: &Records, id: u64) -> Result<Option<(u64, Vec<u8>)>, VaultError> {
        let record = records.get(id)?;
        record.map(|record| self.sealer.open(id, &record).map_err(|_| self.damaged())).transpose()
    }

    /// Opens one record of those that there are now.
    pub(super) fn open_record(&self, id: u64) -> Result<(u64, Vec<u8>), VaultError> {
        self.open_in(&self.store.records()?, id)?.ok_or_else(|| self.damaged())
    }

    /// Opens the catalogue and every day.
    fn load(&mut self) -> Result<(), VaultError> {
        let records = self.store.records()?;
        let Some((revision, catalogue)) = self.open_in(&records, CATALOGUE)? else {
            // A new store has nothing at all; records without their catalogue must not be written over.
            return if records.all()?.is_empty() { Ok(()) } else { Err(self.damaged()) };
        };
        let catalogue = Catalogue::read(&catalogue).map_err(|_| self.damaged())?;
        let mut hours = Vec::new();
        for entry in &catalogue.days {
            let (revision, day) = self.open_in(&records, entry.id)?.ok_or_else(|| self.damaged())?;
            if revision != entry.revision {
                return Err(self.damaged());
            }
            hours.extend(read_day_record(&day, entry.key).map_err(|_| self.damaged())?);
        }
        let readings = Readings::from_hours(hours);
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
        Ok(())
    }

    /// Opens the file again if an error has closed it, so that what can be done next does not depend
    /// on what failed before. What the file holds then counts: the change that failed may have been
    /// kept all the same.
    pub(super) fn heal(&mut self) -> Result<(), VaultError> {
        if !self.store.is_closed() {
            return Ok(());
        }
        let healed = self.store.reopen().and_then(|()| self.load());
        if healed.is_err() {
            self.store.close();
        }
        healed
    }

    /// Puts records in and takes others out, in one transaction. An error may come after the change
    /// has taken hold: the file is opened again and asked.
    pub(super) fn put(
        &mut self,
        records: &[Record],
        dropped: &[u64],
        has_taken_hold: impl FnOnce(&Self) -> bool,
    ) -> Result<(), VaultError> {
        let Err(error) = self.store.put(records, dropped) else { return Ok(()) };
        self.store.close();
        if self.store.reopen().is_err() {
            self.store.close();
            return Err(self.store.uncertain(&error));
        }
        if has_taken_hold(self) { Ok(()) } else { Err(error) }
    }

    /// Seals everything again under another key, in a file that takes the place of the old one.
    pub(super) fn reseal(&mut self, key: &MasterKey) -> Result<(), VaultError> {
        self.heal()?;
        let sealer = Sealer::new(key);
        let mut sealed = Vec::new();
        for (id, record) in self.store.records()?.all()? {
            let (revision, plain) = self.sealer.open(id, &record).map_err(|_| self.damaged())?;
            sealed.push((id, sealer.seal(id, revision, plain)?));
        }
        self.store.replace(key.id(), &sealed)?;
        self.sealer = sealer;
        Ok(())
    }

    /// Puts the store's records into a new file, with another catalogue, and without some of them.
    pub(super) fn keep_only(&mut self, catalogue: Catalogue, dropped: &BTreeSet<u64>) -> Result<(), VaultError> {
        let mut records = self.store.records()?.all()?;
        records.retain(|(id, _)| *id != CATALOGUE && !dropped.contains(id));
        let revision = self.revision + 1;
        records.push((CATALOGUE, self.sealer.seal(CATALOGUE, revision, catalogue.write())?));
        let key = self.store.recorded().ok_or_else(|| self.damaged())?;
        self.store.replace(key, &records)?;
        (self.catalogue, self.revision) = (catalogue, revision);
        Ok(())
    }

    /// All readings, as they are now. Cheap to clone.
    pub fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Commits a new change, with the record that can take it back. What could be redone cannot
    /// any more.
    pub(super) fn make(
        &mut self,
        name: String,
        change: &Change,
        mut catalogue: Catalogue,
        after: (Readings, &BTreeSet<HourKey>),
        go_on: &dyn Fn() -> bool,
    ) -> Result<(), VaultError> {
        let mut dropped: Vec<u64> = std::mem::take(&mut catalogue.undone).into_iter().map(|step| step.id).collect();
        let id = catalogue.next_id;
        catalogue.next_id += 1;
        catalogue.done.push(UndoStep { name: name.into(), id });
        let old = catalogue.done.len().saturating_sub(MAX_STEPS);
        dropped.extend(catalogue.done.drain(..old).map(|step| step.id));
        let record = (id, self.sealer.seal(id, 1, change.write())?);
        self.commit(catalogue, after, vec![record], &dropped, go_on)
    }

    /// Writes the days of the touched hours, other records and the catalogue in one transaction, unless
    /// `go_on` says before it that nothing is to be done.
    pub(super) fn commit(
        &mut self,
        mut catalogue: Catalogue,
        (readings, touched): (Readings, &BTreeSet<HourKey>),
        mut records: Vec<Record>,
        dropped: &[u64],
        go_on: &dyn Fn() -> bool,
    ) -> Result<(), VaultError> {
        let mut dropped = dropped.to_vec();
        let mut entries: BTreeMap<DayKey, DayEntry> =
            std::mem::take(&mut catalogue.days).into_iter().map(|entry| (entry.key, entry)).collect();
        let days: BTreeSet<DayKey> = touched.iter().map(|&key| DayKey::of(key)).collect();
        for key in days {
            if !go_on() {
                return Err(VaultError::Stopped);
            }
            let mut hours = readings.hours_of_day(key.day, key.kind).peekable();
            if hours.peek().is_none() {
                dropped.extend(entries.remove(&key).map(|entry| entry.id));
                continue;
            }
            let next_id = &mut catalogue.next_id;
            let entry = entries.entry(key).or_insert_with(|| {
                *next_id += 1;
                DayEntry { key, id: *next_id - 1, revision: 0 }
            });
            entry.revision += 1;
            let plain = write_day_record(hours);
            records.push((entry.id, self.sealer.seal(entry.id, entry.revision, plain)?));
        }
        catalogue.days = entries.into_values().collect();
        let revision = self.revision + 1;
        records.push((CATALOGUE, self.sealer.seal(CATALOGUE, revision, catalogue.write())?));
        self.put(&records, &dropped, |vault| {
            let now = vault.open_record(CATALOGUE);
            now.is_ok_and(|(now, _)| now == revision)
        })?;
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
        Ok(())
    }
}

/// The opened readings of a profile, to be looked at beside others who do the same. It lends out a [`Vault`] that
/// cannot be changed.
pub struct ReadVault(Vault);

impl ReadVault {
    /// Opens the readings in a store.
    pub(super) fn unlock(store: Store, key: &MasterKey) -> Result<Self, VaultError> {
        let recorded = store.recorded();
        let mut vault = Vault::empty(store, key);
        match recorded {
            None => {}
            Some(readings) if readings == key.id() => vault.load()?,
            Some(readings) => return Err(VaultError::OtherKey { readings, key: key.id() }),
        }
        Ok(Self(vault))
    }
}

impl std::ops::Deref for ReadVault {
    type Target = Vault;

    fn deref(&self) -> &Vault {
        &self.0
    }
}

/// For changes that cannot be stopped.
pub(super) fn always() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Rate, Reading};

    #[test]
    fn records_without_their_catalogue_are_damage_and_no_empty_profile() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        crate::platform::create_private_dir(home.config_dir()).unwrap();
        let key = MasterKey::from_bytes(&[1; 32]);
        drop(Vault::open(&home, &key).unwrap());
        let mut vault = Vault::open(&home, &key).unwrap();
        vault.enter(0, Reading::sample(0, Rate::MIN)).unwrap();
        vault.store.put(&[], &[CATALOGUE]).unwrap();
        drop(vault);
        assert!(matches!(Vault::open(&home, &key), Err(VaultError::Damaged(_))));
    }
}
