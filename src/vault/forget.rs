//! Forgetting what was deleted: nothing of it is in the store any more, and it cannot be brought back.

use std::collections::BTreeSet;

use super::change::{Change, PutIn};
use super::error::VaultError;
use super::open_vault::Vault;
use super::records::{Batch, Catalogue};
use crate::reading::{HourReadings, Source};

/// A number stands for a batch in each of its readings.
const MOST_BATCHES: usize = 1 << 16;

/// The place of a batch of which nothing is left.
fn free() -> Batch {
    Batch { name: "".into(), added_ms: 0, count: 0 }
}

impl Vault {
    /// Forgets every change that could be undone or redone, and with them what was deleted, replaced or taken back. The
    /// readings go into a new file that takes the old one's place. Returns how many changes were forgotten.
    pub fn forget(&mut self) -> Result<usize, VaultError> {
        self.heal()?;
        let mut catalogue = self.catalogue.clone();
        let steps = std::mem::take(&mut catalogue.done).into_iter().chain(std::mem::take(&mut catalogue.undone));
        let dropped: BTreeSet<u64> = steps.map(|step| step.id).collect();
        let used = self.readings.count_by_source().into_keys().collect();
        clear_batches(&mut catalogue, &used);
        self.keep_only(catalogue, &dropped)?;
        Ok(dropped.len())
    }

    /// Gives a new batch its number. Where all numbers are taken, those are taken again of which neither a reading nor a
    /// change that can be undone is left; those that were `given` just before stay.
    pub(super) fn new_batch(
        &self,
        catalogue: &mut Catalogue,
        batch: Batch,
        given: &[Source],
    ) -> Result<Source, VaultError> {
        let is_free = |catalogue: &Catalogue| catalogue.batches.iter().position(|batch| *batch == free());
        let mut place = is_free(catalogue);
        if place.is_none() && catalogue.batches.len() >= MOST_BATCHES {
            let mut used = self.used_sources()?;
            used.extend(given);
            clear_batches(catalogue, &used);
            place = is_free(catalogue);
        }
        let place = match place {
            Some(place) => {
                catalogue.batches[place] = batch;
                place
            }
            None => {
                catalogue.batches.push(batch);
                catalogue.batches.len() - 1
            }
        };
        u16::try_from(place).map(Source).map_err(|_| VaultError::Full)
    }

    /// The batches that a reading belongs to, or one that a change could bring back.
    fn used_sources(&self) -> Result<BTreeSet<Source>, VaultError> {
        let mut used: BTreeSet<Source> = self.readings.count_by_source().into_keys().collect();
        for step in self.catalogue.done.iter().chain(&self.catalogue.undone) {
            let (_, change) = self.open_record(step.id)?;
            let Change { taken_out, put_in } = Change::read(&change).map_err(|_| self.damaged())?;
            let mut add = |hours: super::change::Hours| {
                used.extend(hours.values().flat_map(HourReadings::slots).map(|slot| slot.source));
            };
            add(taken_out);
            match put_in {
                PutIn::These(hours) => add(hours),
                PutIn::Batches(sources) => used.extend(sources),
            }
        }
        Ok(used)
    }
}

/// Gives the number of a batch back to which nothing was added.
pub(super) fn forget_batch(catalogue: &mut Catalogue, source: Source) {
    catalogue.batches[usize::from(source.0)] = free();
    while catalogue.batches.pop_if(|last| *last == free()).is_some() {}
}

/// Clears the places of batches that nothing is left of, with their names.
fn clear_batches(catalogue: &mut Catalogue, used: &BTreeSet<Source>) {
    for (source, batch) in (0..=u16::MAX).map(Source).zip(&mut catalogue.batches) {
        if !used.contains(&source) {
            *batch = free();
        }
    }
    while catalogue.batches.pop_if(|last| *last == free()).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::MasterKey;
    use crate::reading::{Rate, Reading};
    use crate::vault::Home;

    fn at(instant: i64) -> Reading {
        Reading::sample(instant * 3_600_000, Rate::MIN)
    }

    #[test]
    fn what_was_deleted_is_in_no_page_of_the_store_and_cannot_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        let key = MasterKey::from_bytes(&[1; 32]);
        let mut vault = Vault::open(&home, &key).unwrap();
        vault.add("kept", 0, (0..50).map(at).collect()).unwrap();
        vault.add("gone", 0, (100..2_000).map(at).collect()).unwrap();
        let before = vault.readings().clone();
        assert_eq!(vault.delete_batch(Source(1)).unwrap(), 1_900);
        vault.edit(&at(3), &at(5_000)).unwrap();
        vault.undo().unwrap();
        let (kept, long) = (vault.readings().clone(), std::fs::metadata(home.readings_file()).unwrap().len());
        assert!(before.len() > kept.len());
        let record = vault.catalogue.done.last().map(|step| step.id).unwrap();
        let (_, sealed) = vault.open_record(record).unwrap();
        assert!(sealed.len() > 10_000, "what was deleted is kept, to be undone");
        assert_eq!(vault.forget().unwrap(), 4);
        assert!(std::fs::metadata(home.readings_file()).unwrap().len() < long);
        let found = super::super::rescue::records_in(&home, &key).unwrap();
        assert!(!found.contains_key(&record), "no page of it is left");
        assert_eq!((vault.undoable(), vault.redoable(), vault.readings()), (None, None, &kept));
        let names: Vec<_> = vault.catalogue.batches.iter().map(|batch| &*batch.name).collect();
        assert_eq!(names, ["kept"], "nor the name of what was imported");
        assert_eq!(vault.add("again", 0, vec![at(100)]).unwrap().added, 1);
        assert_eq!(vault.undo().unwrap().as_deref(), Some("Add again"));
        drop(vault);
        assert_eq!(Vault::open(&home, &key).unwrap().readings(), &kept);
    }

    #[test]
    fn numbers_of_batches_that_are_gone_are_given_again() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        let key = MasterKey::from_bytes(&[1; 32]);
        let mut vault = Vault::open(&home, &key).unwrap();
        vault.add("first", 0, vec![at(0)]).unwrap();
        vault.add("deleted, and not yet forgotten", 0, vec![at(1)]).unwrap();
        vault.delete_batch(Source(1)).unwrap();
        let old = |n: usize| Batch { name: format!("old {n}").into(), added_ms: 0, count: 1 };
        vault.catalogue.batches.extend((2..MOST_BATCHES).map(old));
        for (n, place) in [(7, 2), (8, 3)] {
            vault.add("new", 0, vec![at(n)]).unwrap();
            assert_eq!(&*vault.catalogue.batches[place].name, "new");
        }
        assert_eq!(&*vault.batches()[0].1.name, "first");
        for _ in 0..3 {
            vault.undo().unwrap();
        }
        assert_eq!(&*vault.batches()[1].1.name, "deleted, and not yet forgotten");
        // With a reading of each, there is no room.
        vault.catalogue.batches.resize(MOST_BATCHES, old(0));
        let hour = (0u32..).zip(0..=u16::MAX).map(|(ms, source)| Reading {
            source: Source(source),
            instant_ms: i64::from(ms),
            ..at(0)
        });
        vault.readings = crate::reading::Readings::from_list(hour);
        assert!(matches!(vault.add("one more", 0, vec![at(9)]), Err(VaultError::Full)));
    }
}
