//! Locks that die with their process, and what else tells files apart that have the same name.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::{open_private, open_regular};

/// How a file is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// By one process alone.
    Alone,
    /// By all that only read.
    Shared,
}

/// Opens a file, creating it if need be, and locks it; `None` if another process holds it.
pub fn lock(path: &Path, hold: Hold) -> io::Result<Option<File>> {
    let file = match (hold, open_regular(path)) {
        // Whoever only reads may not be allowed to write.
        (Hold::Shared, Ok(file)) => file,
        _ => open_private(path)?,
    };
    Ok(lock_file(&file, hold)?.then_some(file))
}

/// Locks an open file; says whether it could.
pub fn lock_file(file: &File, hold: Hold) -> io::Result<bool> {
    let locked = match hold {
        Hold::Alone => file.try_lock(),
        Hold::Shared => file.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether an open file is the one that has a name now. Always so where the system does not tell.
pub fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        file.metadata().map(place).ok() == fs::metadata(path).map(place).ok()
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// Whether a file's content is kept under another name too: it is a link, or has more than one name.
pub fn is_elsewhere_too(path: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    #[cfg(unix)]
    let names = std::os::unix::fs::MetadataExt::nlink(&metadata);
    #[cfg(not(unix))]
    let names = 1;
    Ok(metadata.is_symlink() || names > 1)
}
