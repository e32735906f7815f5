//! One process at a time changes a profile; any number may read it meanwhile nobody does.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use super::error::VaultError;
use super::home::Home;
use crate::platform::{self, Hold};

/// How long a process waits for another one's work to end.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(2) };
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The right to change a profile's files. Held by who has it open; dies with its process.
pub struct Lock(#[expect(dead_code, reason = "an open file is the lock")] File);

/// The right to read a profile's files beside others who only read. Ends with its process too.
pub(super) struct SharedLock(#[expect(dead_code, reason = "an open file is the lock")] File);

impl Lock {
    /// Takes the lock, or says that another process has it, for longer than a moment.
    pub fn take(home: &Home) -> Result<Self, VaultError> {
        let folder = home.data_dir();
        platform::create_private_dir(folder)
            .map_err(|error| VaultError::Io { path: folder.to_owned(), error: error.into() })?;
        wait_for(home, Hold::Alone).map(Self)
    }
}

impl SharedLock {
    /// Takes a share of the lock, or says that another process has it alone, for longer than a moment.
    pub(super) fn take(home: &Home) -> Result<Self, VaultError> {
        wait_for(home, Hold::Shared).map(Self)
    }
}

fn wait_for(home: &Home, hold: Hold) -> Result<File, VaultError> {
    let path = home.lock_file();
    let until = Instant::now() + PATIENCE;
    loop {
        let locked =
            platform::lock(&path, hold).map_err(|error| VaultError::Io { path: path.clone(), error: error.into() })?;
        // The file may have been removed, by somebody who took it for a left-over, while a process holds it: the lock of
        // the readings themselves then tells.
        let locked = locked.filter(|file| platform::is_at(file, &path) && is_free(home, hold));
        match locked {
            Some(file) => return Ok(file),
            None if Instant::now() >= until => return Err(VaultError::Running),
            None => std::thread::sleep(LOOK_EVERY),
        }
    }
}

/// Whether nobody holds the readings' own file, which whoever opens them locks too.
fn is_free(home: &Home, hold: Hold) -> bool {
    let free = || -> io::Result<bool> { platform::lock_file(&platform::open_regular(&home.readings_file())?, hold) };
    // Where there are no readings, and on file systems without locks, this tells nothing.
    free().unwrap_or(true)
}
