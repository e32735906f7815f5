//! The readings of a profile, sealed, in one redb file.
//!
//! redb's own keys are record numbers; record 0 is the catalogue, which says where each hour is and
//! which revision it must have. Every change is one transaction: after a crash the old state or the
//! new one is there, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, TableDefinition};

use super::change::Change;
use super::home::Home;
use super::records::{Catalogue, Entry, Step, read_hour, write_hour};
use super::seal::Sealer;
use crate::client::{KeyId, MasterKey, NoRandomness};
use crate::fields::Fields;
use crate::platform;
use crate::reading::{HourKey, Readings};

const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");
const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");
type Records = redb::ReadOnlyTable<u64, &'static [u8]>;
const FORMAT: u32 = 1;
const CATALOGUE: u64 = 0;
/// Changes that can be undone; older ones are forgotten, and with them what they deleted.
const MAX_STEPS: usize = 1_000;

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
    /// There is no number left for another batch.
    #[error("no more imports fit; remove some that you no longer need, nothing was changed")]
    Full,
    /// No random bytes to seal with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The opened readings of a profile. Holds the profile's lock.
pub struct Vault {
    path: PathBuf,
    database: Database,
    pub(super) sealer: Sealer,
    pub(super) catalogue: Catalogue,
    /// The catalogue's own revision.
    revision: u64,
    pub(super) readings: Readings,
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
        for file in [home.key_file(), home.settings_file()] {
            platform::sweep_temporaries(&file).map_err(io)?;
        }
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

    pub(super) fn damaged(&self) -> VaultError {
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

    /// The records, as they are now.
    fn records(&self) -> Result<Records, VaultError> {
        let open = || -> Result<_, redb::Error> { Ok(self.database.begin_read()?.open_table(RECORDS)?) };
        open().map_err(|error| self.failed(error))
    }

    /// Opens one record: its revision and content, or `None` if there is none of that number.
    fn open_in(&self, records: &Records, id: u64) -> Result<Option<(u64, Vec<u8>)>, VaultError> {
        match records.get(id).map_err(|error| self.failed(error))? {
            None => Ok(None),
            Some(record) => self.sealer.open(id, record.value()).map(Some).map_err(|_| self.damaged()),
        }
    }

    /// Opens one record of those that there are now.
    pub(super) fn open_record(&self, id: u64) -> Result<(u64, Vec<u8>), VaultError> {
        self.open_in(&self.records()?, id)?.ok_or_else(|| self.damaged())
    }

    /// Opens the catalogue and every hour.
    fn load(&mut self) -> Result<(), VaultError> {
        let records = self.records()?;
        let Some((revision, catalogue)) = self.open_in(&records, CATALOGUE)? else { return Ok(()) };
        let catalogue = Catalogue::read(&catalogue).map_err(|_| self.damaged())?;
        let mut readings = Readings::default();
        for entry in &catalogue.hours {
            let (revision, hour) = self.open_in(&records, entry.id)?.ok_or_else(|| self.damaged())?;
            if revision != entry.revision {
                return Err(self.damaged());
            }
            let mut fields = Fields::new(&hour);
            let hour = read_hour(&mut fields).and_then(|hour| fields.end().map(|()| hour));
            readings.set_hour(entry.key, hour.map_err(|_| self.damaged())?);
        }
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
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
        readings: Readings,
        touched: &BTreeSet<HourKey>,
    ) -> Result<(), VaultError> {
        let mut dropped: Vec<u64> = std::mem::take(&mut catalogue.undone).into_iter().map(|step| step.id).collect();
        let id = catalogue.next_id;
        catalogue.next_id += 1;
        catalogue.done.push(Step { name: name.into(), id });
        let old = catalogue.done.len().saturating_sub(MAX_STEPS);
        dropped.extend(catalogue.done.drain(..old).map(|step| step.id));
        let record = (id, self.sealer.seal(id, 1, change.write())?);
        self.commit(catalogue, readings, touched, vec![record], &dropped)
    }

    /// Writes the touched hours, other records and the catalogue in one transaction.
    pub(super) fn commit(
        &mut self,
        mut catalogue: Catalogue,
        readings: Readings,
        touched: &BTreeSet<HourKey>,
        mut records: Vec<(u64, Vec<u8>)>,
        dropped: &[u64],
    ) -> Result<(), VaultError> {
        let mut dropped = dropped.to_vec();
        let mut entries: BTreeMap<HourKey, Entry> =
            std::mem::take(&mut catalogue.hours).into_iter().map(|entry| (entry.key, entry)).collect();
        for &key in touched {
            let Some(hour) = readings.hour(key) else {
                dropped.extend(entries.remove(&key).map(|entry| entry.id));
                continue;
            };
            let next_id = &mut catalogue.next_id;
            let entry = entries.entry(key).or_insert_with(|| {
                *next_id += 1;
                Entry { key, id: *next_id - 1, revision: 0 }
            });
            entry.revision += 1;
            let mut plain = Vec::new();
            write_hour(&mut plain, hour);
            records.push((entry.id, self.sealer.seal(entry.id, entry.revision, plain)?));
        }
        catalogue.hours = entries.into_values().collect();
        let revision = self.revision + 1;
        records.push((CATALOGUE, self.sealer.seal(CATALOGUE, revision, catalogue.write())?));
        self.write(&records, &dropped)?;
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
        Ok(())
    }

    fn write(&self, records: &[(u64, Vec<u8>)], dropped: &[u64]) -> Result<(), VaultError> {
        let write = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_write()?;
            {
                let mut table = transaction.open_table(RECORDS)?;
                for id in dropped {
                    table.remove(id)?;
                }
                for (id, record) in records {
                    table.insert(id, &record[..])?;
                }
            }
            Ok(transaction.commit()?)
        };
        write().map_err(|error| self.failed(error))
    }
}

fn failed(path: &Path, error: impl Into<redb::Error>) -> VaultError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => VaultError::Running,
        redb::Error::Corrupted(_) => VaultError::Damaged(path.to_owned()),
        error => VaultError::Io { path: path.to_owned(), error: error.into() },
    }
}
