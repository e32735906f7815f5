//! The sealed records of a profile, in one redb file.
//!
//! redb's own keys are record numbers. Every change is one transaction: after a crash the old state
//! or the new one is there, whole.

use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::disk::Disk;
use super::error::VaultError;
use super::home::Home;
use super::key_file::{MAX_FILE_BYTES, is_key};
use super::lock::{Lock, SharedLock};
use crate::client::KeyId;
use crate::platform::{self, Hold};

/// Pages of the database that are kept in memory.
const CACHE_BYTES: usize = if cfg!(test) { 256 << 10 } else { 8 << 20 };
/// Records longer than this are put in last.
const LONG_BYTES: usize = 64 << 10;
const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");
const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");
const FORMAT: u32 = 1;

/// A record as it lies in the file: its number, and its sealed bytes.
pub(super) type Record = (u64, Vec<u8>);

/// The file of a profile's readings, open but sealed. Holds the profile's lock.
pub(super) struct Store {
    home: Home,
    path: PathBuf,
    /// `None` after an error, until it can be opened again; and where there are none to be read.
    opened: Option<Opened>,
    /// The key that the readings are sealed with; `None` in a new store.
    recorded: Option<KeyId>,
    right: Right,
}

/// A database, and what it is written to.
struct Opened {
    database: Database,
    disk: Disk,
}

/// What a store was opened for.
enum Right {
    Change(Lock),
    /// Nothing that is written ever reaches the file. Without a file there is nothing to lock.
    Read(#[expect(dead_code, reason = "holding it is all")] Option<SharedLock>),
}

impl Store {
    /// Opens a profile's store, or makes an empty one where there is none yet.
    pub(super) fn open(home: &Home, lock: Lock) -> Result<Self, VaultError> {
        let path = home.readings_file();
        sweep(home, &lock)?;
        let io = |error: std::io::Error| VaultError::Io { path: path.clone(), error: error.into() };
        let marker = home.marker_file();
        if !is_there(&path, &marker)? {
            // Made under another name: a file that redb had only half made would be no store at all.
            let new = home.new_readings_file();
            let made = open_file(&new, Hold::Alone)?;
            made.disk.settle().map_err(io)?;
            drop(made);
            platform::rename_new(&new, &path).map_err(io)?;
        }
        if !marker.exists() {
            const WORDS: &[u8] = b"There are readings that are sealed with the key beside this file.\n";
            // Where it cannot be written, the readings open all the same; the next time it is tried again.
            let _ =
                platform::create_private_dir(home.config_dir()).and_then(|()| platform::write_private(&marker, WORDS));
        }
        Self::open_there(home, Hold::Alone, Right::Change(lock))
    }

    /// Opens a profile's store beside others who only read it. Nothing is made, swept or written.
    pub(super) fn open_to_read(home: &Home) -> Result<Self, VaultError> {
        let path = home.readings_file();
        if !is_there(&path, &home.marker_file())? {
            return Ok(Self { home: home.clone(), path, opened: None, recorded: None, right: Right::Read(None) });
        }
        Self::open_there(home, Hold::Shared, Right::Read(Some(SharedLock::take(home)?)))
    }

    fn open_there(home: &Home, hold: Hold, right: Right) -> Result<Self, VaultError> {
        let path = home.readings_file();
        guarded(&path.clone(), || {
            let opened = open_file(&path, hold)?;
            let mut store = Self { home: home.clone(), path, opened: Some(opened), recorded: None, right };
            store.recorded = store.read_about()?;
            Ok(store)
        })
    }

    /// The id of the key that the readings are sealed with; `None` in a new store.
    pub(super) fn recorded(&self) -> Option<KeyId> {
        self.recorded
    }

    /// The profile's lock.
    pub(super) fn lock(&self) -> &Lock {
        match &self.right {
            Right::Change(lock) => lock,
            Right::Read(_) => unreachable!("whoever only reads has no right to lock anything"),
        }
    }

    /// Returns the error for a file that does not hold what was written.
    pub(super) fn damaged(&self) -> VaultError {
        VaultError::Damaged(self.path.clone())
    }

    /// Records a key as that of a new store. In another one, it must be the key recorded there.
    pub(super) fn belong_to(&mut self, key: KeyId) -> Result<(), VaultError> {
        match self.recorded {
            Some(readings) if readings == key => Ok(()),
            Some(readings) => Err(VaultError::OtherKey { readings, key }),
            None => {
                self.write(|transaction| {
                    transaction.open_table(RECORDS)?;
                    write_about(transaction, key)
                })?;
                self.recorded = Some(key);
                Ok(())
            }
        }
    }

    /// The records, as they are now.
    pub(super) fn records(&self) -> Result<Records<'_>, VaultError> {
        let database = self.database()?;
        let open = || -> Result<_, redb::Error> { Ok(database.begin_read()?.open_table(RECORDS)?) };
        guarded(&self.path, || open().map_err(|error| self.failed(error))).map(|table| Records { store: self, table })
    }

    /// Puts records in and takes others out, in one transaction: all of it or nothing.
    pub(super) fn put(&self, records: &[Record], dropped: &[u64]) -> Result<(), VaultError> {
        self.write(|transaction| put_records(transaction, records, dropped))
    }

    /// Makes a new file that holds these records, of this key or another, and puts it in the place of this
    /// one. Nothing of the old file is in it: the pages that redb frees keep what they held.
    pub(super) fn replace(&mut self, key: KeyId, records: &[Record]) -> Result<(), VaultError> {
        let new = self.home.new_readings_file();
        let put_in_place = || {
            let io = |error: std::io::Error| VaultError::Io { path: new.clone(), error: error.into() };
            platform::remove(&new).map_err(io)?;
            let made = open_file(&new, Hold::Alone)?;
            made.disk.settle().map_err(io)?;
            let fill = |transaction: &WriteTransaction| {
                put_records(transaction, records, &[])?;
                write_about(transaction, key)
            };
            transact(&made.database, fill).map_err(|error| failed(&new, error))?;
            drop(made);
            platform::rename(&new, &self.path).map_err(io)
        };
        put_in_place().inspect_err(|_| self.remove_left_over())?;
        self.recorded = Some(key);
        // What fails from here on is mended by opening the file again.
        self.opened = None;
        self.opened = open_file(&self.path, Hold::Alone).ok().filter(|opened| opened.disk.settle().is_ok());
        Ok(())
    }

    /// Removes a new store that never took the place of this one: on a full disk, it is what fills it.
    fn remove_left_over(&self) {
        // What cannot be removed now is removed before the next write, or at the next start.
        let _ = std::fs::remove_file(self.home.new_readings_file());
    }

    /// Whether an error has closed the file.
    pub(super) fn is_closed(&self) -> bool {
        self.opened.is_none()
    }

    /// Closes the file, because redb refuses all work after an error of it.
    pub(super) fn close(&mut self) {
        self.opened = None;
    }

    /// Opens the file again. It must still be that of the same key, or a new one.
    pub(super) fn reopen(&mut self) -> Result<(), VaultError> {
        self.opened = None;
        self.opened = Some(guarded(&self.path, || open_file(&self.path, Hold::Alone))?);
        let recorded = self.recorded;
        match self.read_about()? {
            Some(readings) if Some(readings) != recorded => {
                Err(VaultError::OtherKey { readings, key: recorded.unwrap_or(readings) })
            }
            _ => self.settle(),
        }
    }

    /// Lets what opening the file has written take hold: the readings are whole.
    pub(super) fn settle(&self) -> Result<(), VaultError> {
        let opened = self.opened.as_ref().ok_or_else(|| self.failed(redb::Error::PreviousIo))?;
        opened.disk.settle().map_err(|error| self.failed(redb::Error::Io(error)))
    }

    /// Returns the error for a change that may or may not have been kept.
    pub(super) fn uncertain(&self, error: &VaultError) -> VaultError {
        VaultError::Uncertain { path: self.path.clone(), error: error.cause().into() }
    }

    fn failed(&self, error: impl Into<redb::Error>) -> VaultError {
        failed(&self.path, error)
    }

    fn database(&self) -> Result<&Database, VaultError> {
        let opened = self.opened.as_ref().ok_or_else(|| self.failed(redb::Error::PreviousIo))?;
        Ok(&opened.database)
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

    /// Makes changes in one transaction: all of them or none.
    fn write(&self, change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>) -> Result<(), VaultError> {
        self.remove_left_over();
        guarded(&self.path, || transact(self.database()?, change).map_err(|error| self.failed(error)))
    }
}

/// The records of a store at one moment.
pub(super) struct Records<'a> {
    store: &'a Store,
    table: redb::ReadOnlyTable<u64, &'static [u8]>,
}

impl Records<'_> {
    /// One record, sealed; `None` if there is none of that number.
    pub(super) fn get(&self, id: u64) -> Result<Option<Vec<u8>>, VaultError> {
        guarded(&self.store.path, || {
            let record = self.table.get(id).map_err(|error| self.store.failed(error))?;
            Ok(record.map(|record| record.value().to_vec()))
        })
    }

    /// Every record, sealed, in the order of their numbers.
    pub(super) fn all(&self) -> Result<Vec<Record>, VaultError> {
        let all = || -> Result<_, redb::StorageError> {
            self.table.iter()?.map(|record| record.map(|(id, record)| (id.value(), record.value().to_vec()))).collect()
        };
        guarded(&self.store.path, || all().map_err(|error| self.store.failed(error)))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing a damaged file may fail in its own way, when nobody asks it for anything any more.
        let _ = platform::caught(|| drop(self.opened.take()));
    }
}

/// Whether a profile has a store. One that is gone or empty, though it was made, is an error: a new one in its place
/// would hide it.
fn is_there(path: &Path, marker: &Path) -> Result<bool, VaultError> {
    let gone = |why, delete: &Path| Err(VaultError::Gone { path: path.to_owned(), why, delete: delete.to_owned() });
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            Err(VaultError::Io { path: path.to_owned(), error: "this is not a file".into() })
        }
        Ok(metadata) if metadata.len() == 0 => gone("is empty", path),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match std::fs::symlink_metadata(path) {
            Ok(_) => gone("is a link to a file that is not there", path),
            Err(_) if marker.exists() => gone("is missing", marker),
            Err(_) => Ok(false),
        },
        Err(error) => Err(VaultError::Io { path: path.to_owned(), error: error.into() }),
    }
}

/// Does work of redb, which panics on some damaged files.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, VaultError>) -> Result<T, VaultError> {
    platform::caught(work).unwrap_or_else(|| Err(VaultError::Damaged(path.to_owned())))
}

/// Removes what processes that died have left behind.
pub(super) fn sweep(home: &Home, _lock: &Lock) -> Result<(), VaultError> {
    let new = home.new_readings_file();
    platform::remove(&new).map_err(|error| VaultError::Io { path: new, error: error.into() })?;
    let io = |error: std::io::Error| VaultError::Io { path: home.config_dir().to_owned(), error: error.into() };
    for file in platform::temporaries(home.config_dir(), Home::is_ours).map_err(io)? {
        // A person may name their copies so too: a whole key is never removed.
        let whole =
            platform::read_at_most(&file, MAX_FILE_BYTES).is_ok_and(|content| content.is_some_and(|c| is_key(&c)));
        if whole {
            let free =
                (1..=u16::MAX).map(|number| home.old_key_file(&format!("found-{number}"))).find(|path| !path.exists());
            platform::rename_new(&file, &free.unwrap_or_default()).map_err(io)?;
        } else {
            platform::remove(&file).map_err(io)?;
        }
    }
    Ok(())
}

/// Opens a database. What that writes is held back until the disk is settled.
fn open_file(path: &Path, hold: Hold) -> Result<Opened, VaultError> {
    let file = match hold {
        Hold::Alone => platform::open_private(path),
        Hold::Shared => platform::open_regular(path),
    };
    let file = file.map_err(|error| VaultError::Io { path: path.to_owned(), error: error.into() })?;
    // What is read once is kept in the clear by the vault: the database's own gigabyte would be a second copy.
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    let open = |disk: Disk| builder.create_with_backend(disk.clone()).map(|database| Opened { database, disk });
    Disk::new(file, hold).and_then(open).map_err(|error| failed(path, error))
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

/// Writes what a store says about itself in the clear.
fn write_about(transaction: &WriteTransaction, key: KeyId) -> Result<(), redb::Error> {
    let mut about = transaction.open_table(ABOUT)?;
    about.insert("format", &FORMAT.to_le_bytes()[..])?;
    about.insert("key id", &key.0[..])?;
    Ok(())
}

fn put_records(transaction: &WriteTransaction, records: &[Record], dropped: &[u64]) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(RECORDS)?;
    // redb reads the neighbour of each page that it empties. A long record beside thousands of short ones that go would
    // be read again and again: those that are replaced go first, and from the last to the first a neighbour goes next.
    let is_long = |record: &&Record| record.1.len() > LONG_BYTES;
    for (id, _) in records.iter().filter(is_long) {
        table.remove(id)?;
    }
    let mut dropped = dropped.to_vec();
    dropped.sort_unstable();
    for id in dropped.iter().rev() {
        table.remove(id)?;
    }
    let (long, short): (Vec<_>, Vec<_>) = records.iter().partition(is_long);
    for (id, record) in short.into_iter().chain(long) {
        table.insert(id, &record[..])?;
    }
    Ok(())
}

fn failed(path: &Path, error: impl Into<redb::Error>) -> VaultError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => VaultError::Running,
        redb::Error::Corrupted(_) => VaultError::Damaged(path.to_owned()),
        // Not what redb writes, or cut short.
        redb::Error::Io(error)
            if matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof) =>
        {
            VaultError::Damaged(path.to_owned())
        }
        error => VaultError::Io { path: path.to_owned(), error: error.into() },
    }
}
