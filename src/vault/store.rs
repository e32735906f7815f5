//! The readings of a profile, sealed, in one redb file.
//!
//! redb's own keys are record numbers; record 0 is the catalogue, which says where each hour is and
//! which revision it must have. Every change is one transaction: after a crash the old state or the
//! new one is there, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::change::Change;
use super::disk::Disk;
use super::home::Home;
use super::key_file::{MAX_FILE_BYTES, is_key};
use super::lock::Lock;
use super::records::{Catalogue, Entry, Step, read_hour, write_hour};
use super::seal::Sealer;
use crate::client::{KeyId, MasterKey, NoRandomness};
use crate::fields::Fields;
use crate::platform;
use crate::reading::{HourKey, Readings};

/// Pages of the database that are kept in memory.
const CACHE_BYTES: usize = 8 << 20;
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
    /// The store could not be written, nor opened again to see whether the change was kept.
    #[error(
        "could not write {} ({error}); your readings are safe, and whether this change was kept shows when the disk works again",
        .path.display()
    )]
    Uncertain {
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
        "the readings were sealed with the key {readings:.8}, and this is the key {key:.8}; restore the right one from its recovery words or a backup, nothing was changed"
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

/// The file of a profile's readings, open but sealed. Holds the profile's lock.
pub(super) struct Store {
    path: PathBuf,
    /// `None` after an error, until it can be opened again.
    database: Option<Database>,
    /// The key that the readings are sealed with; `None` in a new store.
    recorded: Option<KeyId>,
    lock: Lock,
}

impl Store {
    /// Opens a profile's store, or makes an empty one where there is none yet.
    pub(super) fn open(home: &Home, lock: Lock) -> Result<Self, VaultError> {
        let path = home.readings_file();
        sweep(home, &lock)?;
        if !path.exists() {
            // Made under another name: a file that redb had only half made would be no store at all.
            let io = |error: std::io::Error| VaultError::Io { path: path.clone(), error: error.into() };
            let new = home.new_readings_file();
            platform::remove(&new).map_err(io)?;
            drop(open_file(&new)?);
            platform::rename(&new, &path).map_err(io)?;
        }
        let database = open_file(&path)?;
        let mut store = Self { path, database: Some(database), recorded: None, lock };
        store.recorded = store.read_about()?;
        Ok(store)
    }

    /// The id of the key that the readings are sealed with; `None` in a new store.
    pub(super) fn recorded(&self) -> Option<KeyId> {
        self.recorded
    }

    /// The profile's lock.
    pub(super) fn lock(&self) -> &Lock {
        &self.lock
    }

    fn failed(&self, error: impl Into<redb::Error>) -> VaultError {
        failed(&self.path, error)
    }

    fn damaged(&self) -> VaultError {
        VaultError::Damaged(self.path.clone())
    }

    fn database(&self) -> Result<&Database, VaultError> {
        // redb refuses all work after an error of the file, until it is opened again.
        self.database.as_ref().ok_or_else(|| self.failed(redb::Error::PreviousIo))
    }

    /// Checks the format of a store, and reads whose key sealed it.
    fn read_about(&self) -> Result<Option<KeyId>, VaultError> {
        let read = self.database()?.begin_read().map_err(|error| self.failed(error))?;
        let about = match read.open_table(ABOUT) {
            Ok(about) => about,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
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
        field("key id")?.try_into().map(|id| Some(KeyId(id))).map_err(|_| self.damaged())
    }

    /// The records, as they are now.
    fn records(&self) -> Result<Records, VaultError> {
        let database = self.database()?;
        let open = || -> Result<_, redb::Error> { Ok(database.begin_read()?.open_table(RECORDS)?) };
        open().map_err(|error| self.failed(error))
    }

    /// Makes a new file in one transaction, and puts it in the place of this one.
    fn replace(
        &mut self,
        home: &Home,
        fill: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<(), VaultError> {
        let new = home.new_readings_file();
        let io = |error: std::io::Error| VaultError::Io { path: new.clone(), error: error.into() };
        platform::remove(&new).map_err(io)?;
        let database = open_file(&new)?;
        transact(&database, fill).map_err(|error| failed(&new, error))?;
        drop(database);
        platform::rename(&new, &self.path).map_err(io)?;
        // What fails from here on is mended by opening the file again.
        self.database = open_file(&self.path).ok();
        Ok(())
    }

    /// Makes changes in one transaction: all of them or none.
    fn write(&self, change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>) -> Result<(), VaultError> {
        transact(self.database()?, change).map_err(|error| self.failed(error))
    }
}

/// Makes changes in one transaction.
fn transact(
    database: &Database,
    change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    change(&transaction)?;
    Ok(transaction.commit()?)
}

/// Removes what processes that died have left behind.
pub(super) fn sweep(home: &Home, _lock: &Lock) -> Result<(), VaultError> {
    let io = |error: std::io::Error| VaultError::Io { path: home.config_dir().to_owned(), error: error.into() };
    for file in platform::temporaries(home.config_dir(), Home::is_ours).map_err(io)? {
        // A person may name their copies so too: a whole key is never removed.
        let whole =
            platform::read_at_most(&file, MAX_FILE_BYTES).is_ok_and(|content| content.is_some_and(|c| is_key(&c)));
        if whole {
            let free =
                (1..=u16::MAX).map(|number| home.old_key_file(&format!("found-{number}"))).find(|path| !path.exists());
            platform::rename(&file, &free.unwrap_or_default()).map_err(io)?;
        } else {
            platform::remove(&file).map_err(io)?;
        }
    }
    Ok(())
}

fn open_file(path: &Path) -> Result<Database, VaultError> {
    let file =
        platform::open_private(path).map_err(|error| VaultError::Io { path: path.to_owned(), error: error.into() })?;
    // What is read once is kept in the clear by the vault: the database's own gigabyte would be a second copy.
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    Disk::new(file).and_then(|disk| builder.create_with_backend(disk)).map_err(|error| failed(path, error))
}

/// Writes what a store says about itself in the clear.
fn write_about(transaction: &WriteTransaction, key: KeyId) -> Result<(), redb::Error> {
    let mut about = transaction.open_table(ABOUT)?;
    about.insert("format", &FORMAT.to_le_bytes()[..])?;
    about.insert("key id", &key.0[..])?;
    Ok(())
}

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
        match store.recorded {
            None => {
                store.write(|transaction| {
                    transaction.open_table(RECORDS)?;
                    write_about(transaction, key.id())
                })?;
                store.recorded = Some(key.id());
            }
            Some(readings) if readings == key.id() => {}
            Some(readings) => return Err(VaultError::OtherKey { readings, key: key.id() }),
        }
        let mut vault = Self {
            store,
            sealer: Sealer::new(key),
            catalogue: Catalogue { next_id: CATALOGUE + 1, ..Catalogue::default() },
            revision: 0,
            readings: Readings::default(),
        };
        vault.load()?;
        Ok(vault)
    }

    /// The profile's lock.
    pub fn lock(&self) -> &Lock {
        self.store.lock()
    }

    pub(super) fn damaged(&self) -> VaultError {
        self.store.damaged()
    }

    /// Opens one record: its revision and content, or `None` if there is none of that number.
    fn open_in(&self, records: &Records, id: u64) -> Result<Option<(u64, Vec<u8>)>, VaultError> {
        match records.get(id).map_err(|error| self.store.failed(error))? {
            None => Ok(None),
            Some(record) => self.sealer.open(id, record.value()).map(Some).map_err(|_| self.damaged()),
        }
    }

    /// Opens one record of those that there are now.
    pub(super) fn open_record(&self, id: u64) -> Result<(u64, Vec<u8>), VaultError> {
        self.open_in(&self.store.records()?, id)?.ok_or_else(|| self.damaged())
    }

    /// Opens the catalogue and every hour.
    fn load(&mut self) -> Result<(), VaultError> {
        let records = self.store.records()?;
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

    /// Opens the file again if an error has closed it, so that what can be done next does not depend
    /// on what failed before. What the file holds then counts: the change that failed may have been
    /// kept all the same.
    pub(super) fn heal(&mut self) -> Result<(), VaultError> {
        if self.store.database.is_some() {
            return Ok(());
        }
        let key = self.store.recorded;
        self.store.database = Some(open_file(&self.store.path)?);
        let healed = match self.store.read_about()? {
            Some(readings) if Some(readings) != key => {
                Err(VaultError::OtherKey { readings, key: key.unwrap_or(readings) })
            }
            _ => self.load(),
        };
        if healed.is_err() {
            self.store.database = None;
        }
        healed
    }

    /// Makes changes in one transaction. An error may come after the change has taken hold: the
    /// file is opened again and asked.
    fn write(
        &mut self,
        change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
        has_taken_hold: impl FnOnce(&Self) -> bool,
    ) -> Result<(), VaultError> {
        let Err(error) = self.store.write(change) else { return Ok(()) };
        self.store.database = None;
        match open_file(&self.store.path) {
            Ok(database) => self.store.database = Some(database),
            Err(_) => return Err(VaultError::Uncertain { path: self.store.path.clone(), error: error.into() }),
        }
        if has_taken_hold(self) { Ok(()) } else { Err(error) }
    }

    /// Seals everything anew under another key: into a new file, in one transaction that also records
    /// the key's id, and that file takes the old one's place. Nothing of the old one is left in it:
    /// the pages that redb frees keep what they held.
    pub(super) fn reseal(&mut self, home: &Home, key: &MasterKey) -> Result<(), VaultError> {
        self.heal()?;
        let (id, sealer) = (key.id(), Sealer::new(key));
        let records = self.store.records()?;
        let mut sealed = Vec::new();
        for record in records.iter().map_err(|error| self.store.failed(error))? {
            let (number, record) = record.map_err(|error| self.store.failed(error))?;
            let number = number.value();
            let (revision, plain) = self.sealer.open(number, record.value()).map_err(|_| self.damaged())?;
            sealed.push((number, sealer.seal(number, revision, plain)?));
        }
        drop(records);
        self.store.replace(home, |transaction| {
            put_records(transaction, &sealed, &[])?;
            write_about(transaction, id)
        })?;
        (self.sealer, self.store.recorded) = (sealer, Some(id));
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
        self.write(
            |transaction| put_records(transaction, &records, &dropped),
            |vault| {
                let now = vault.open_record(CATALOGUE);
                now.is_ok_and(|(now, _)| now == revision)
            },
        )?;
        (self.catalogue, self.revision, self.readings) = (catalogue, revision, readings);
        Ok(())
    }
}

fn put_records(transaction: &WriteTransaction, records: &[(u64, Vec<u8>)], dropped: &[u64]) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(RECORDS)?;
    for id in dropped {
        table.remove(id)?;
    }
    for (id, record) in records {
        table.insert(id, &record[..])?;
    }
    Ok(())
}

fn failed(path: &Path, error: impl Into<redb::Error>) -> VaultError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => VaultError::Running,
        redb::Error::Corrupted(_) => VaultError::Damaged(path.to_owned()),
        error => VaultError::Io { path: path.to_owned(), error: error.into() },
    }
}
