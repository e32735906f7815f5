//! One process at a time uses a profile.

use std::fs::File;

use super::error::VaultError;
use super::home::Home;
use crate::platform;

/// The right to change a profile's files. Held by who has it open; dies with its process.
pub struct Lock(#[expect(dead_code, reason = "an open file is the lock")] File);

impl Lock {
    /// Takes the lock, or says that another process has it.
    pub fn take(home: &Home) -> Result<Self, VaultError> {
        let path = home.lock_file();
        let io = |error: std::io::Error| VaultError::Io { path: path.clone(), error: error.into() };
        platform::create_private_dir(home.data_dir()).map_err(io)?;
        platform::lock(&path).map_err(io)?.map(Self).ok_or(VaultError::Running)
    }
}
