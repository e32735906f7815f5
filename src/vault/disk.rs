//! The store's one file: redb's backend, with every operation open to a test's faults.
//!
//! Opening a file, redb writes into it at once, to repair it if need be. Until the readings are known to be whole, what
//! it writes is held back: a damaged file stays as it was found.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::platform::faults::{before_operation, count_read};
use crate::platform::{self, Hold};

/// redb's own file backend, the whole file locked: should the profile's lock file be removed, this one still keeps
/// others out.
#[derive(Clone, Debug)]
pub(super) struct Disk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: FileBackend,
    state: Mutex<State>,
}

/// Where what redb writes goes.
#[derive(Debug)]
enum State {
    /// It is held back, in order.
    Holding(Held),
    /// To the file.
    Writing,
    /// Nowhere: what was held back could not be written to its end, and nothing may follow it.
    Broken,
}

#[derive(Debug)]
struct Held {
    len: u64,
    operations: Vec<Operation>,
}

#[derive(Debug)]
enum Operation {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

type Done<T> = io::Result<T>;

impl Disk {
    pub(super) fn new(file: File, hold: Hold) -> Result<Self, redb::DatabaseError> {
        // A file system without locks has none for the profile either.
        if !platform::lock_file(&file, hold).unwrap_or(true) {
            return Err(redb::DatabaseError::DatabaseAlreadyOpen);
        }
        let file = FileBackend::new(file)?;
        let held = Held { len: file.len()?, operations: Vec::new() };
        Ok(Self(Arc::new(Inner { file, state: Mutex::new(State::Holding(held)) })))
    }

    /// Writes what was held back, in its order, and holds nothing back from now on.
    pub(super) fn settle(&self) -> Done<()> {
        let mut state = self.state();
        let held = match std::mem::replace(&mut *state, State::Broken) {
            State::Holding(held) => held,
            State::Writing => {
                *state = State::Writing;
                return Ok(());
            }
            State::Broken => return Err(broken()),
        };
        for operation in held.operations {
            before_operation()?;
            match operation {
                Operation::Write(offset, data) => self.0.file.write(offset, &data)?,
                Operation::SetLen(len) => self.0.file.set_len(len)?,
                Operation::Sync => self.0.file.sync_data()?,
            }
        }
        *state = State::Writing;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn broken() -> io::Error {
    io::Error::other("an earlier write failed")
}

impl Held {
    /// Reads what the file would hold.
    fn read(&self, file: &FileBackend, offset: u64, out: &mut [u8]) -> Done<()> {
        let end = offset + out.len() as u64;
        if end > self.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // What lies beyond the file's own end is zero until it is written.
        let there = file.len()?.clamp(offset, end) - offset;
        out.fill(0);
        file.read(offset, &mut out[..there as usize])?;
        for operation in &self.operations {
            match operation {
                Operation::Write(start, data) => {
                    let (from, to) = (offset.max(*start), end.min(start + data.len() as u64));
                    if from < to {
                        let source = &data[(from - start) as usize..(to - start) as usize];
                        out[(from - offset) as usize..(to - offset) as usize].copy_from_slice(source);
                    }
                }
                // A file that was cut and grew again is zero there.
                Operation::SetLen(len) if *len < end => out[(len.max(&offset) - offset) as usize..].fill(0),
                Operation::SetLen(_) | Operation::Sync => {}
            }
        }
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Done<u64> {
        match &*self.state() {
            State::Holding(held) => Ok(held.len),
            State::Writing | State::Broken => self.0.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Done<()> {
        match &*self.state() {
            State::Holding(held) => held.read(&self.0.file, offset, out),
            State::Writing | State::Broken => {
                count_read(out.len());
                self.0.file.read(offset, out)
            }
        }
    }

    fn set_len(&self, len: u64) -> Done<()> {
        match &mut *self.state() {
            State::Holding(held) => {
                held.len = len;
                held.operations.push(Operation::SetLen(len));
                Ok(())
            }
            State::Writing => {
                before_operation()?;
                self.0.file.set_len(len)
            }
            State::Broken => Err(broken()),
        }
    }

    fn sync_data(&self) -> Done<()> {
        match &mut *self.state() {
            State::Holding(held) => {
                held.operations.push(Operation::Sync);
                Ok(())
            }
            State::Writing => {
                before_operation()?;
                self.0.file.sync_data()
            }
            State::Broken => Err(broken()),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> Done<()> {
        match &mut *self.state() {
            State::Holding(held) => {
                held.len = held.len.max(offset + data.len() as u64);
                held.operations.push(Operation::Write(offset, data.to_vec()));
                Ok(())
            }
            State::Writing => {
                before_operation()?;
                self.0.file.write(offset, data)
            }
            State::Broken => Err(broken()),
        }
    }

    fn close(&self) -> Done<()> {
        self.0.file.close()
    }
}
