//! The store's one file: redb's backend, with every operation open to a test's faults.

use std::fs::File;
use std::io;

use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::platform::faults::before_operation;

/// redb's own file backend. Its byte-range locks are not needed: the profile's lock keeps others out.
#[derive(Debug)]
pub(super) struct Disk(FileBackend);

impl Disk {
    pub(super) fn new(file: File) -> Result<Self, redb::DatabaseError> {
        FileBackend::new(file).map(Self)
    }
}

type Done<T> = io::Result<T>;

impl StorageBackend for Disk {
    fn len(&self) -> Done<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Done<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Done<()> {
        before_operation()?;
        self.0.set_len(len)
    }

    fn sync_data(&self) -> Done<()> {
        before_operation()?;
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Done<()> {
        before_operation()?;
        self.0.write(offset, data)
    }

    fn close(&self) -> Done<()> {
        self.0.close()
    }
}
