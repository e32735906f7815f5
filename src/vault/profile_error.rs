//! Why a profile cannot be opened or changed as a whole.

use std::path::{Path, PathBuf};

use super::error::VaultError;
use super::key_file::KeyFileError;

/// Why a profile cannot be opened or changed as a whole. Whatever was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Its key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// Its readings cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There are readings and no key.
    #[error(
        "the readings are here, but their key {} is missing; restore it from its recovery words or a backup, or put the file back",
        .0.display()
    )]
    KeyMissing(PathBuf),
    /// Some of what should go is still there.
    #[error("{}", half_deleted(.path, .error, *.gone))]
    HalfDeleted {
        /// The file that is still there.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
        /// How many files are gone.
        gone: usize,
    },
    /// The new key holds, and its file could not be put in place.
    #[error(
        "the readings are now sealed with the new key, but its file could not be put in place ({}); close Veilbeat and start it again to finish",
        .0.cause()
    )]
    Unfinished(KeyFileError),
}

fn half_deleted(path: &Path, error: &std::io::Error, gone: usize) -> String {
    let gone = match gone {
        0 => "nothing was deleted".to_owned(),
        1 => "1 file was deleted before it, and the others are still there".to_owned(),
        gone => format!("{gone} files were deleted before it, and the others are still there"),
    };
    format!("could not delete {} ({error}); {gone}. Try again", path.display())
}
