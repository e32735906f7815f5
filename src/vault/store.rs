//! The readings of a profile, sealed, in one redb file.
//!
//! redb's own keys are record numbers; record 0 is the catalogue, which says where each hour is and
//! which revision it must have. Every change is one transaction: after a crash the old state or the
//! new one is there, whole.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::path::PathBuf;

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, TableDefinition};

use super::home::Home;
use super::records::{Batch, Catalogue, Entry, read_hour, write_hour};
use super::seal::Sealer;
use crate::client::{KeyId, MasterKey, NoRandomness};
use crate::platform;
use crate::reading::{HourKey, Reading, Readings};

const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");
const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");
const FORMAT: u32 = 1;
const CATALOGUE: u64 = 0;

/// Why the readings cannot be opened or changed. Whatever was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Another process uses the profile.
    #[error("Veilbeat is already running with these readings; use that window, or close it first")]
    Running,
    /// The store cannot be read or written.
    #[error("could not use {} ({error}); your readings are as they were", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A later version wrote the store.
    #[error("the readings were made by a newer version of Veilbeat (format {0}); they were left as they are")]
    Newer(u32),
    /// The readings belong to another key.
    #[error(
        "the readings were sealed with the key {readings:.8}, and this is the key {key:.8}; put the right key file back, nothing was changed"
    )]
    OtherKey {
        /// The key that sealed the readings.
        readings: KeyId,
        /// The key that is here.
        key: KeyId,
    },
    /// A record is not what was written.
    #[error("the file {} is damaged; it was left as it is, restore it from a backup", .0.display())]
    Damaged(PathBuf),
    /// No random bytes to seal with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What adding readings did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Added {
    /// Readings that are new.
    pub added: usize,
    /// Readings that were there already.
    pub duplicates: usize,
}

/// The opened readings of a profile. Holds the profile's lock.
pub struct Vault {
    path: PathBuf,
    database: Database,
    sealer: Sealer,
    catalogue: Catalogue,
    /// The catalogue's own revision.
    revision: u64,
    readings: Readings,
    _lock: File,
}

impl Vault {
    /// Whether a profile holds readings.
    pub fn exists(home: &Home) -> bool {
        home.readings_file().exists()
    }

    /// Opens the readings of a profile, or an empty store where there is none yet.
    pub fn open(home: &Home, key: &MasterKey) -> Result<Self, VaultError> {
        let path = home.readings_file();
        let io = |error: std::io::Error| VaultError::Io { path: path.clone(), error: error.into() };
        platform::create_private_dir(home.data_dir()).map_err(io)?;
        let lock = platform::lock(&home.lock_file()).map_err(io)?.ok_or(VaultError::Running)?;
        let file = platform::open_private(&path).map_err(io)?;
        let database = FileBackend::new(file)
            .and_then(|backend| Database::builder().create_with_backend(backend))
            .map_err(|error| failed(&path, error))?;
        let mut vault = Self {
            database,
            sealer: Sealer::new(key),
            catalogue: Catalogue { next_id: CATALOGUE + 1, ..Catalogue::default() },
            revision: 0,
            readings: Readings::default(),
            _lock: lock,
            path,
        };
        vault.check_about(key.id())?;
        vault.load()?;
        Ok(vault)
    }

    fn failed(&self, error: impl Into<redb::Error>) -> VaultError {
        failed(&self.path, error)
    }

    fn damaged(&self) -> VaultError {
        VaultError::Damaged(self.path.clone())
    }

    /// Checks format and key of a store, or writes them to a new one.
    fn check_about(&self, key: KeyId) -> Result<(), VaultError> {
        let read = self.database.begin_read().map_err(|error| self.failed(error))?;
        let about = match read.open_table(ABOUT) {
            Ok(about) => about,
            Err(redb::TableError::TableDoesNotExist(_)) => return self.write_about(key),
            Err(error) => return Err(self.failed(error)),
        };
        let field = |name| match about.get(name) {
            Ok(value) => value.map(|value| value.value().to_vec()).ok_or_else(|| self.damaged()),
            Err(error) => Err(self.failed(error)),
        };
        let format = field("format")?.try_into().map(u32::from_le_bytes).map_err(|_| self.damaged())?;
        if format > FORMAT {
            return Err(VaultError::Newer(format));
        }
        let readings = KeyId(field("key id")?.try_into().map_err(|_| self.damaged())?);
        if readings == key { Ok(()) } else { Err(VaultError::OtherKey { readings, key }) }
    }

    fn write_about(&self, key: KeyId) -> Result<(), VaultError> {
        let write = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_write()?;
            {
                let mut about = transaction.open_table(ABOUT)?;
                about.insert("format", &FORMAT.to_le_bytes()[..])?;
                about.insert("key id", &key.0[..])?;
                transaction.open_table(RECORDS)?;
            }
            Ok(transaction.commit()?)
        };
        write().map_err(|error| self.failed(error))
    }

    /// Opens every record.
    fn load(&mut self) -> Result<(), VaultError> {
        let read = self.database.begin_read().map_err(|error| self.failed(error))?;
        let records = read.open_table(RECORDS).map_err(|error| self.failed(error))?;
        let open = |id: u64| -> Result<Option<(u64, Vec<u8>)>, VaultError> {
            match records.get(id).map_err(|error| self.failed(error))? {
                None => Ok(None),
                Some(record) => self.sealer.open(id, record.value()).map(Some).map_err(|_| self.damaged()),
            }
        };
        let Some((revision, catalogue)) = open(CATALOGUE)? else { return Ok(()) };
        let catalogue = Catalogue::read(&catalogue).map_err(|_| self.damaged())?;
        let mut readings = Readings::default();
        for entry in &catalogue.hours {
            let (revision, hour) = open(entry.id)?.ok_or_else(|| self.damaged())?;
            if revision != entry.revision {
                return Err(self.damaged());
            }
            readings.set_hour(entry.key, read_hour(&hour).map_err(|_| self.damaged())?);
        }
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
        Ok(())
    }

    /// All readings, as they are now. Cheap to clone.
    pub fn readings(&self) -> &Readings {
        &self.readings
    }

    /// The imports and entries by hand, oldest first.
    pub fn batches(&self) -> &[Batch] {
        &self.catalogue.batches
    }

    /// Adds readings as one batch, all or nothing. Duplicates are left out and counted; a batch
    /// that adds nothing leaves no trace.
    pub fn add(&mut self, name: &str, now_ms: i64, new: Vec<Reading>) -> Result<Added, VaultError> {
        let (total, mut readings, mut changed) = (new.len(), self.readings.clone(), BTreeSet::new());
        for reading in new {
            let key = HourKey { hour: reading.hour(), kind: reading.kind };
            if readings.insert(reading) {
                changed.insert(key);
            }
        }
        let added = readings.len() - self.readings.len();
        if added > 0 {
            let batch = Batch { name: name.into(), added_ms: now_ms, count: added as u64 };
            self.commit(readings, &changed, batch)?;
        }
        Ok(Added { added, duplicates: total - added })
    }

    /// Writes the changed hours and the catalogue in one transaction.
    fn commit(&mut self, readings: Readings, changed: &BTreeSet<HourKey>, batch: Batch) -> Result<(), VaultError> {
        let mut catalogue = self.catalogue.clone();
        catalogue.batches.push(batch);
        let places: HashMap<HourKey, usize> =
            catalogue.hours.iter().enumerate().map(|(place, entry)| (entry.key, place)).collect();
        let mut records = Vec::with_capacity(changed.len() + 1);
        for &key in changed {
            let Some(hour) = readings.hour(key) else { continue };
            let entry = match places.get(&key) {
                Some(&place) => {
                    catalogue.hours[place].revision += 1;
                    catalogue.hours[place]
                }
                None => {
                    let entry = Entry { key, id: catalogue.next_id, revision: 1 };
                    catalogue.next_id += 1;
                    catalogue.hours.push(entry);
                    entry
                }
            };
            records.push((entry.id, self.sealer.seal(entry.id, entry.revision, write_hour(hour))?));
        }
        let revision = self.revision + 1;
        records.push((CATALOGUE, self.sealer.seal(CATALOGUE, revision, catalogue.write())?));
        self.write(&records)?;
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
        Ok(())
    }

    fn write(&self, records: &[(u64, Vec<u8>)]) -> Result<(), VaultError> {
        let write = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_write()?;
            {
                let mut table = transaction.open_table(RECORDS)?;
                for (id, record) in records {
                    table.insert(id, &record[..])?;
                }
            }
            Ok(transaction.commit()?)
        };
        write().map_err(|error| self.failed(error))
    }
}

fn failed(path: &std::path::Path, error: impl Into<redb::Error>) -> VaultError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => VaultError::Running,
        redb::Error::Corrupted(_) => VaultError::Damaged(path.to_owned()),
        error => VaultError::Io { path: path.to_owned(), error: error.into() },
    }
}
