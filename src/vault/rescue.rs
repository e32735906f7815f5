//! Readings that can still be read from a store that does not open any more.
//!
//! Its file is searched page by page for sealed records, whatever its own tables say. Each is authenticated, so damage
//! and other people's bytes are never taken for readings. A page of redb's leaves is two bytes of type, the number of
//! records u16, where the value of each ends u32, their keys u64, and the values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use super::error::VaultError;
use super::home::Home;
use super::lock::SharedLock;
use super::open_vault::CATALOGUE;
use super::records::{Batch, Catalogue, DayEntry, read_any_day};
use super::seal::Sealer;
use crate::client::MasterKey;
use crate::platform;
use crate::reading::{HourKey, HourReadings, Readings, Source};

const PAGE_BYTES: u64 = 4096;
/// The most records that are looked for in a page: with at least 560 bytes each, no more than seven fit.
const MOST_IN_PAGE: usize = 16;

/// The place of a sealed record in the file, and its length.
type Place = (u64, u64);

/// By their numbers and revisions, where the records are.
type Found = BTreeMap<u64, BTreeMap<u64, Place>>;

/// What could be read from a store.
#[derive(Debug)]
pub struct Rescued {
    /// The readings.
    pub readings: Readings,
    /// The batches that they came in, where that is known.
    pub batches: Vec<(Source, Batch)>,
    /// How much of what there should be was found.
    pub scope: Scope,
}

/// How much of what there should be was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The list of days could be read.
    Listed {
        /// The days and kinds that the list names.
        days: usize,
        /// Those of which nothing could be read.
        lost: usize,
        /// Those of which only an earlier state could be read.
        earlier: usize,
    },
    /// The list of days was not found: what was deleted may be among the readings.
    Unlisted,
}

impl Rescued {
    /// What was found, in one sentence.
    pub fn words(&self) -> String {
        let readings = self.readings.len();
        match self.scope {
            Scope::Listed { days, lost: 0, earlier: 0 } => {
                format!("all {readings} readings of {days} days could be read")
            }
            Scope::Listed { days, lost, earlier } => format!(
                "{readings} readings could be read; of {days} days, {lost} are lost and {earlier} are as they were before \
                 their last change"
            ),
            Scope::Unlisted => format!(
                "{readings} readings could be read; which days there were could not, so some may be missing, and some that \
                 you deleted may be among them"
            ),
        }
    }
}

/// Reads what can still be read of a profile's store, and changes nothing.
pub fn rescue(home: &Home, key: &MasterKey) -> Result<Rescued, VaultError> {
    let file = open(home)?;
    let _lock = SharedLock::take(home)?;
    let sealer = Sealer::new(key);
    let found = search(&file, &sealer).map_err(|error| unread(home, error))?;
    let read = |id: u64, place: &Place| {
        let record = read_place(&file, *place).ok()?;
        sealer.open(id, &record).ok().map(|(_, plain)| plain)
    };
    let newest_catalogue = || {
        let states = found.get(&CATALOGUE)?.values().rev();
        states.filter_map(|place| read(CATALOGUE, place)).find_map(|plain| Catalogue::read(&plain).ok())
    };
    let mut days: Vec<(HourKey, HourReadings)> = Vec::new();
    // An older list would bring back what was deleted, and miss what was added.
    let is_newest = |catalogue: &Catalogue| {
        let newest = |entry: &DayEntry| Some(*found.get(&entry.id)?.last_key_value()?.0);
        found.last_key_value().is_none_or(|(&id, _)| id < catalogue.next_id)
            && catalogue.days.iter().all(|entry| newest(entry).is_none_or(|newest| newest <= entry.revision))
    };
    let Some(catalogue) = newest_catalogue().filter(is_newest) else {
        for (&id, states) in &found {
            let newest = states.values().rev().find_map(|place| read_any_day(&read(id, place)?).ok());
            days.extend(newest.into_iter().flatten());
        }
        return Ok(Rescued { readings: Readings::from_hours(days), batches: Vec::new(), scope: Scope::Unlisted });
    };
    let (mut lost, mut earlier) = (0, 0);
    for entry in &catalogue.days {
        let states = found.get(&entry.id).into_iter().flat_map(|states| states.range(..=entry.revision).rev());
        let newest =
            states.filter_map(|(revision, place)| Some((revision, read_any_day(&read(entry.id, place)?).ok()?)));
        match newest.into_iter().next() {
            Some((revision, day)) => {
                earlier += usize::from(*revision != entry.revision);
                days.extend(day);
            }
            None => lost += 1,
        }
    }
    let readings = Readings::from_hours(days);
    let used: BTreeSet<Source> = readings.count_by_source().into_keys().collect();
    let batches =
        (0..=u16::MAX).map(Source).zip(catalogue.batches).filter(|(source, _)| used.contains(source)).collect();
    Ok(Rescued { readings, batches, scope: Scope::Listed { days: catalogue.days.len(), lost, earlier } })
}

fn open(home: &Home) -> Result<File, VaultError> {
    platform::open_regular(&home.readings_file()).map_err(|error| unread(home, error))
}

fn unread(home: &Home, error: std::io::Error) -> VaultError {
    VaultError::Io { path: home.readings_file(), error: error.into() }
}

/// Where records of a key are, whatever state they are in.
fn search(file: &File, sealer: &Sealer) -> std::io::Result<Found> {
    let end = file.metadata()?.len();
    let mut found = Found::new();
    let mut page = vec![0; PAGE_BYTES as usize];
    for start in (0..end).step_by(PAGE_BYTES as usize) {
        page.resize(PAGE_BYTES.min(end - start) as usize, 0);
        // What a disk does not give is lost; what follows may not be.
        if platform::read_at(file, &mut page, start).is_err() {
            continue;
        }
        for (id, (at, len)) in records_of(&page) {
            let place = (start + at, len);
            if place.0 + len > end {
                continue;
            }
            if let Ok((revision, _)) = read_place(file, place).and_then(|record| {
                sealer.open(id, &record).map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidData))
            }) {
                found.entry(id).or_default().insert(revision, place);
            }
        }
    }
    Ok(found)
}

fn read_place(file: &File, (at, len): Place) -> std::io::Result<Vec<u8>> {
    let mut record = vec![0; len as usize];
    platform::read_at(file, &mut record, at)?;
    Ok(record)
}

/// The numbers and places of what may be records, in a page of leaves. Its type and its number of records may be what
/// is damaged: they are not needed, because records have few lengths.
fn records_of(page: &[u8]) -> Vec<(u64, Place)> {
    let mut found = Vec::new();
    for count in 1..=MOST_IN_PAGE {
        let (keys, values) = (4 + 4 * count, 4 + 12 * count);
        let Some(head) = page.get(..values) else { break };
        let ends = head[4..keys].as_chunks::<4>().0.iter().map(|end| u64::from(u32::from_le_bytes(*end)));
        let starts = std::iter::once(values as u64).chain(ends.clone());
        let ids = head[keys..].as_chunks::<8>().0.iter().map(|id| u64::from_le_bytes(*id));
        let places = starts.zip(ends).map(|(start, end)| (start, end.wrapping_sub(start)));
        found.extend(ids.zip(places).filter(|(_, (_, len))| Sealer::is_record_len(*len)));
    }
    found
}

/// The records that a store's file holds anywhere, deleted ones too.
#[cfg(test)]
pub(super) fn records_in(home: &Home, key: &MasterKey) -> Result<Found, VaultError> {
    search(&open(home)?, &Sealer::new(key)).map_err(|error| unread(home, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Rate, Reading};
    use crate::vault::Vault;

    fn home_with(readings: i64) -> (tempfile::TempDir, Home, MasterKey, Readings) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        let key = MasterKey::from_bytes(&[1; 32]);
        let mut vault = Vault::open(&home, &key).unwrap();
        let at = |hour: i64| Reading::sample(hour * 3_600_000, Rate::MIN);
        vault.add("kept", 0, (0..readings).map(at).collect()).unwrap();
        vault.add("deleted", 0, (10_000..10_100).map(at).collect()).unwrap();
        vault.delete_batch(Source(1)).unwrap();
        let kept = vault.readings().clone();
        (dir, home, key, kept)
    }

    #[test]
    fn everything_comes_back_from_a_store_of_which_no_page_head_is_whole() {
        let (_dir, home, key, kept) = home_with(2_000);
        let mut bytes = std::fs::read(home.readings_file()).unwrap();
        for (number, page) in bytes.chunks_mut(4096).enumerate() {
            page[..4].copy_from_slice(&(number as u32 * 0x9e37).to_le_bytes());
        }
        std::fs::write(home.readings_file(), &bytes).unwrap();
        assert!(Vault::open(&home, &key).is_err());
        let rescued = rescue(&home, &key).unwrap();
        assert_eq!(rescued.readings, kept);
        assert_eq!(rescued.scope, Scope::Listed { days: 84, lost: 0, earlier: 0 });
        assert_eq!(rescued.batches.iter().map(|(_, batch)| &*batch.name).collect::<Vec<_>>(), ["kept"]);
        assert_eq!(std::fs::read(home.readings_file()).unwrap(), bytes, "nothing is changed");
    }

    #[test]
    fn what_is_lost_is_counted_and_what_is_another_keys_is_not_taken() {
        let (_dir, home, key, kept) = home_with(2_000);
        let bytes = std::fs::read(home.readings_file()).unwrap();
        let (mut least, mut lost_some) = (usize::MAX, 0);
        for page in 1..bytes.len() / 4096 {
            let mut damaged = bytes.clone();
            damaged[page * 4096..][..4096].fill(0x55);
            std::fs::write(home.readings_file(), damaged).unwrap();
            let rescued = rescue(&home, &key).unwrap();
            least = least.min(rescued.readings.len());
            if let Scope::Listed { lost, .. } = rescued.scope {
                let all = rescued.readings.len() == kept.len();
                assert_eq!(lost == 0, all, "page {page}: {}", rescued.words());
                lost_some += usize::from(!all);
            }
        }
        assert!(least > kept.len() / 2 && lost_some > 10, "{least} of {}, {lost_some}", kept.len());
        std::fs::write(home.readings_file(), bytes).unwrap();
        let other = rescue(&home, &MasterKey::from_bytes(&[2; 32])).unwrap();
        assert!(other.readings.is_empty() && other.scope == Scope::Unlisted);
    }
}
