//! Why readings cannot be opened or changed.

use std::path::PathBuf;

use crate::client::{KeyId, NoRandomness};

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
        "could not write {} ({error}); your readings are safe. You will see whether this change was kept when the disk works again",
        .path.display()
    )]
    Uncertain {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A later version wrote the store.
    #[error("the readings were made by a newer version of Veilbeat (format {0}); they were not changed")]
    Newer(u32),
    /// The readings belong to another key.
    #[error(
        "the readings were sealed with the key {readings:.8}, but this is the key {key:.8}; nothing was changed. Restore the right key from its recovery words or a backup"
    )]
    OtherKey {
        /// The key that sealed the readings.
        readings: KeyId,
        /// The key that is here.
        key: KeyId,
    },
    /// A record is not what was written.
    #[error(
        "the file {} is damaged and was not changed; restore it from a backup or a bundle, or save the readings that can still be read with `veilbeat rescue FILE.csv`",
        .0.display()
    )]
    Damaged(PathBuf),
    /// There were readings, and their file is not there.
    #[error(
        "the readings are not where they were: {} {why}. Nothing was changed. Attach the drive that they are on, or put the file back from a backup; to begin without them, delete {} first",
        .path.display(), .delete.display()
    )]
    Gone {
        /// Where they were.
        path: PathBuf,
        /// What is there instead.
        why: &'static str,
        /// The file to delete to begin anew.
        delete: PathBuf,
    },
    /// There is no number left for another batch.
    #[error("there is no room for another import; nothing was changed. Remove imports that you no longer need")]
    Full,
    /// The person has stopped it.
    #[error("stopped; nothing was changed")]
    Stopped,
    /// No random bytes to seal with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl VaultError {
    /// What happened, and nothing about what is safe: for sentences that say that themselves.
    pub fn cause(&self) -> String {
        match self {
            Self::Io { path, error } | Self::Uncertain { path, error } => {
                format!("{} cannot be used: {error}", path.display())
            }
            Self::Full => "there is no room for another import".to_owned(),
            Self::Stopped => "stopped".to_owned(),
            Self::NoRandomness(_) => "the operating system gave no random bytes".to_owned(),
            error => error.to_string(),
        }
    }
}
