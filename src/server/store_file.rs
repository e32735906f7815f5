//! A store that outlives its server: the sheets in one redb file.
//!
//! What a client sends is gathered and committed a few megabytes at a time, and before anything is answered. A crash
//! loses at most what was not committed yet, and the client's comparison of digests finds that out.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::limits::Limits;
use super::store::Store;
use crate::platform::{self, Hold};
use crate::protocol::{SHEET_HEADER_BYTES, SheetHeader, SheetId, SheetView, StoreId};
use crate::scheme::{Column, ColumnSet, ParameterSet};

const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");
/// By the number of the sheet and that of the column: the parameters u8, then the column's bytes.
const COLUMNS: TableDefinition<(u32, u8), &[u8]> = TableDefinition::new("columns");
const FORMAT: u32 = 1;
/// Pages of the database that are kept in memory, beside the sheets themselves.
const CACHE_BYTES: usize = 4 << 20;
/// Bytes that wait at most before they are committed.
const MOST_WAITING: usize = 4 << 20;

/// Why a store cannot be used. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another server has it.
    #[error("the store in {} is in use by another server; wait until that one has ended, or name another folder", .0.display())]
    InUse(PathBuf),
    /// A later version made it.
    #[error("the store in {} was made by a newer version of Veilbeat; it was not changed", .0.display())]
    Newer(PathBuf),
    /// It does not hold what was written.
    #[error("the store {} is damaged and was not changed; delete it, and the client sends everything again", .0.display())]
    Damaged(PathBuf),
    /// It cannot be read or written.
    #[error("could not use the store {} ({error})", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There are no random bytes to name it with.
    #[error("the operating system gave no random bytes; nothing was changed")]
    NoRandomness,
}

enum Change {
    Put(SheetId, ParameterSet, Vec<(Column, Box<[u8]>)>),
    Remove(SheetId),
    Clear,
}

/// The file of a store, which no other server has meanwhile.
pub struct StoreFile {
    path: PathBuf,
    id: StoreId,
    database: Database,
    waiting: Vec<Change>,
    waiting_bytes: usize,
    _lock: File,
}

impl StoreFile {
    /// Opens the store in a folder, or makes an empty one; returns the sheets that it holds beside it.
    pub fn open(folder: &Path, limits: Limits) -> Result<(Self, Store), StoreError> {
        let io = |error: io::Error| StoreError::Io { path: folder.to_owned(), error: error.into() };
        platform::create_private_dir(folder).map_err(io)?;
        let lock = platform::lock(&folder.join("lock"), Hold::Alone).map_err(io)?;
        let lock = lock.ok_or_else(|| StoreError::InUse(folder.to_owned()))?;
        let path = folder.join("sheets.redb");
        if !path.exists() {
            // Made under another name: a crash in its first moments leaves no store.
            let new = folder.join("sheets.redb.new");
            platform::remove(&new).map_err(io)?;
            let id = random_id()?;
            let made = platform::open_private(&new).map_err(io).and_then(|_| open_file(&new));
            let about = |transaction: &WriteTransaction| {
                transaction.open_table(COLUMNS)?;
                let mut about = transaction.open_table(ABOUT)?;
                about.insert("format", &FORMAT.to_le_bytes()[..])?;
                about.insert("store", &id.0[..])?;
                Ok(())
            };
            made.and_then(|database| transact(&database, about).map_err(|error| failed(&new, error)))?;
            platform::rename(&new, &path).map_err(io)?;
        }
        guarded(&path.clone(), || {
            let database = open_file(&path)?;
            let (id, store) = load(&database, &path, limits)?;
            Ok((Self { path, id, database, waiting: Vec::new(), waiting_bytes: 0, _lock: lock }, store))
        })
    }

    /// The store's name.
    pub(super) fn id(&self) -> StoreId {
        self.id
    }

    /// Keeps the columns of a sheet that the store in memory has taken.
    pub(super) fn put(&mut self, id: SheetId, sheet: SheetView) -> Result<(), StoreError> {
        let SheetHeader { parameters, columns } = sheet.header();
        let kept = columns.iter().filter_map(|column| Some((column, sheet.column_bytes(column)?.into()))).collect();
        self.waiting.push(Change::Put(id, parameters, kept));
        self.waiting_bytes += SHEET_HEADER_BYTES + columns.bytes();
        if self.waiting_bytes > MOST_WAITING { self.commit() } else { Ok(()) }
    }

    /// Forgets a sheet.
    pub(super) fn remove(&mut self, id: SheetId) -> Result<(), StoreError> {
        self.waiting.push(Change::Remove(id));
        self.waiting_bytes += size_of::<Change>();
        if self.waiting_bytes > MOST_WAITING { self.commit() } else { Ok(()) }
    }

    /// Forgets every sheet.
    pub(super) fn clear(&mut self) {
        self.waiting = vec![Change::Clear];
        self.waiting_bytes = 0;
    }

    /// Writes what waits, in one transaction.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let Self { path, database, .. } = self;
        guarded(path, || {
            transact(database, |transaction| write(transaction, &waiting)).map_err(|error| failed(path, error))
        })
    }
}

fn write(transaction: &WriteTransaction, changes: &[Change]) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(COLUMNS)?;
    for change in changes {
        match change {
            Change::Put(SheetId(id), parameters, columns) => {
                for (column, bytes) in columns {
                    let value = [&[*parameters as u8], &bytes[..]].concat();
                    table.insert((*id, column.number()), &value[..])?;
                }
            }
            Change::Remove(SheetId(id)) => table.retain_in((*id, 0)..=(*id, u8::MAX), |_, _| false)?,
            Change::Clear => table.retain(|_, _| false)?,
        }
    }
    Ok(())
}

/// Reads a whole store.
fn load(database: &Database, path: &Path, limits: Limits) -> Result<(StoreId, Store), StoreError> {
    let damaged = || StoreError::Damaged(path.to_owned());
    let failed = |error: redb::Error| failed(path, error);
    let read = database.begin_read().map_err(|error| failed(error.into()))?;
    let about = read.open_table(ABOUT).map_err(|error| failed(error.into()))?;
    let field = |name| match about.get(name) {
        Ok(value) => value.map(|value| value.value().to_vec()).ok_or_else(damaged),
        Err(error) => Err(failed(error.into())),
    };
    let format = field("format")?.try_into().map(u32::from_le_bytes).map_err(|_| damaged())?;
    if format > FORMAT {
        return Err(StoreError::Newer(path.to_owned()));
    }
    let id = StoreId(field("store")?.try_into().map_err(|_| damaged())?);
    let columns = read.open_table(COLUMNS).map_err(|error| failed(error.into()))?;
    // What is there already is not refused for a limit that was set later.
    let mut store = Store::new(Limits::NONE);
    for entry in columns.iter().map_err(|error| failed(error.into()))? {
        let (at, value) = entry.map_err(|error| failed(error.into()))?;
        let ((sheet, column), (parameters, bytes)) = (at.value(), value.value().split_first().ok_or_else(damaged)?);
        let column = Column::from_u8(column).ok_or_else(damaged)?;
        let parameters = ParameterSet::from_u8(*parameters).ok_or_else(damaged)?;
        let header = SheetHeader { parameters, columns: ColumnSet::of(column) };
        let whole = [&header.to_bytes()[..], bytes].concat();
        let view = SheetView::parse(&whole).map_err(|_| damaged())?;
        store.put(SheetId(sheet), view).map_err(|_| damaged())?;
    }
    store.limit(limits);
    Ok((id, store))
}

fn random_id() -> Result<StoreId, StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| StoreError::NoRandomness)?;
    Ok(StoreId(id))
}

/// Does work of redb, which panics on some damaged files.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    platform::caught(work).unwrap_or_else(|| Err(StoreError::Damaged(path.to_owned())))
}

fn open_file(path: &Path) -> Result<Database, StoreError> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder.create(path).map_err(|error| failed(path, error))
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

fn failed(path: &Path, error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => StoreError::InUse(path.to_owned()),
        redb::Error::Corrupted(_) => StoreError::Damaged(path.to_owned()),
        error => StoreError::Io { path: path.to_owned(), error: error.into() },
    }
}
