//! The keys of a profile: made, protected, restored, kept when a newer one takes their place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::checksum;
use super::error::VaultError;
use super::home::Home;
use super::key_file::{self, KeyFile, KeyFileError, Protection};
use super::lock::Lock;
use super::passphrase::{MAX_PASSPHRASE_CHARS, Passphrase};
use super::profile_error::ProfileError;
use super::words::RecoveryWords;
use crate::client::{KeyId, MasterKey};
use crate::platform;

/// How the key of a profile is kept; `None` if it has none yet.
pub fn key_protection(home: &Home) -> Result<Option<Protection>, KeyFileError> {
    key_file::protection(&home.key_file())
}

/// How a file keeps a key; `None` if it is not a key file.
pub fn inspect_key(path: &Path) -> Option<Protection> {
    let content = platform::read_at_most(path, key_file::MAX_FILE_BYTES).ok().flatten()?;
    key_file::is_key(&content).then(|| key_file::protection(path).ok().flatten()).flatten()
}

/// Reads the key of a profile; `None` if it has none yet.
pub fn load_key(home: &Home, passphrase: Option<&Passphrase>) -> Result<Option<MasterKey>, KeyFileError> {
    Ok(KeyFile::read(&home.key_file(), passphrase)?.map(|file| file.key))
}

/// Makes the key of a profile that has none.
pub fn create_key(home: &Home) -> Result<MasterKey, ProfileError> {
    let path = home.key_file();
    // Two processes that both find no key must not both make one.
    let _lock = match Lock::take(home) {
        Err(VaultError::Running) => return Err(KeyFileError::Exists(path).into()),
        lock => lock?,
    };
    if path.exists() {
        return Err(KeyFileError::Exists(path).into());
    }
    let file = KeyFile::new(MasterKey::generate().map_err(KeyFileError::from)?, None)
        .map_err(|error| KeyFileError::Unwritable { path: path.clone(), error })?;
    file.put(&path)?;
    Ok(file.key)
}

/// The words about a passphrase that was set on a key that had none.
pub const WAS_IN_THE_CLEAR: &str = "Until now the key was on this disk in the clear: free space, snapshots and backups may \
    still hold it. A new key is in none of them";

/// Sets, changes or removes the passphrase of a profile's key.
pub fn set_passphrase(
    home: &Home,
    _lock: &Lock,
    current: Option<&Passphrase>,
    new: Option<&Passphrase>,
) -> Result<(), KeyFileError> {
    use age::secrecy::ExposeSecret;
    let fits = |new: &Passphrase| (1..=MAX_PASSPHRASE_CHARS).contains(&new.expose_secret().chars().count());
    if !new.is_none_or(fits) {
        return Err(KeyFileError::PassphraseLength);
    }
    let path = home.key_file();
    let missing = || KeyFileError::Unreadable { path: path.clone(), error: io::ErrorKind::NotFound.into() };
    let key = load_key(home, current)?.ok_or_else(missing)?;
    KeyFile::new(key, new).map_err(|error| KeyFileError::Unwritable { path: path.clone(), error })?.put(&path)
}

/// Whether others than its owner can read the key file of a profile.
pub fn key_is_exposed(home: &Home) -> bool {
    platform::is_private(&home.key_file()).is_ok_and(|private| !private)
}

/// Makes the key file of a profile readable by its owner only.
pub fn protect_key(home: &Home) -> io::Result<()> {
    platform::make_private(&home.key_file())
}

/// Copies the key file of a profile, as it is, to a new file of the person's choice. A file that is
/// damaged is not a backup, and an existing file is never overwritten.
pub fn save_key_copy(home: &Home, to: &Path) -> Result<(), KeyFileError> {
    let path = home.key_file();
    let (content, intact) = key_file::read_as_is(&path)?;
    if !intact {
        return Err(KeyFileError::Damaged(path));
    }
    key_file::write_new(to, &content)
}

/// A key that was brought back.
pub struct Backup(KeyFile);

impl Backup {
    /// A backup in a file: a key file, with or without a passphrase, or a text of recovery words.
    pub fn from_file(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, KeyFileError> {
        key_file::read_backup(path, passphrase).map(Self)
    }

    /// A backup in recovery words.
    pub fn from_words(words: &RecoveryWords) -> Self {
        // Without a passphrase there is nothing that could fail.
        Self(KeyFile::new(words.key(), None).unwrap_or_else(|_| unreachable!("a key line is only text")))
    }

    /// The id of its key.
    pub fn id(&self) -> KeyId {
        self.0.key.id()
    }

    /// Puts the key in its place. A key that was there is kept under a name of its own, which is
    /// returned. The caller has made sure that the readings are this key's.
    pub(super) fn put(&self, home: &Home, _lock: &Lock) -> Result<Option<PathBuf>, KeyFileError> {
        // The same key without a passphrase is no loss, and a copy of it would be a leak.
        let same =
            KeyFile::read(&home.key_file(), None).is_ok_and(|file| file.is_some_and(|file| file.key.id() == self.id()));
        let kept = if same { None } else { keep_key(home, None)? };
        let path = home.key_file();
        self.0.put(&path).inspect_err(|_| {
            // What was only moved away goes back: then nothing was changed.
            if let Some(kept) = &kept
                && path.symlink_metadata().is_err()
            {
                let _ = platform::rename_new(kept, &path);
            }
        })?;
        Ok(kept)
    }
}

/// Copies the key file of a profile to a name of its own, so that it can be replaced. `id` is its
/// key's, where that is known. Returns where it is kept; `None` if there was no key file.
pub(super) fn keep_key(home: &Home, id: Option<KeyId>) -> Result<Option<PathBuf>, KeyFileError> {
    let from = home.key_file();
    let unreadable = |error| KeyFileError::Unreadable { path: from.clone(), error };
    let content = match platform::read_at_most(&from, key_file::MAX_FILE_BYTES) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let id = id.or_else(|| KeyFile::read(&from, None).ok().flatten().map(|file| file.key.id()));
    let name = id.map_or_else(|| "replaced".to_owned(), |id| format!("{id:.8}"));
    // A file that is there already is somebody's key: it is never written over.
    for number in 1.. {
        let name = if number == 1 { name.clone() } else { format!("{name}-{number}") };
        let to = home.old_key_file(&name);
        let there = match platform::read_at_most(&to, key_file::MAX_FILE_BYTES) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(KeyFileError::Unreadable { path: to, error }),
            Ok(there) => Some(there),
        };
        if there.is_some() && there.as_ref() == Some(&content) && content.is_some() {
            return Ok(Some(to));
        }
        if there.is_none() {
            let unwritable = |error| KeyFileError::Unwritable { path: to.clone(), error };
            match &content {
                Some(content) => {
                    checksum::carry_over(&from, &to).map_err(unwritable)?;
                    platform::write_new_private(&to, content).map_err(unwritable)?;
                }
                // It is too long for a key, but it must not be lost either.
                None => platform::rename_new(&from, &to).map_err(unwritable)?,
            }
            return Ok(Some(to));
        }
    }
    unreachable!("some name is free")
}

/// The files that earlier keys are kept in, by name.
pub fn old_keys(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.config_dir()).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(Home::is_old_key))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

/// Those of the [`old_keys`] that have no passphrase: a passphrase of the key in use does not protect them.
pub fn old_keys_in_the_clear(home: &Home) -> Vec<PathBuf> {
    let mut keys = old_keys(home);
    keys.retain(|key| key_file::protection(key).ok().flatten() == Some(Protection::None));
    keys
}

/// Deletes the file of an earlier key. What was sealed with that key only, such as old backups of
/// the readings, cannot be opened any more without another copy of it.
pub fn delete_old_key(home: &Home, file: &Path) -> io::Result<()> {
    if !old_keys(home).iter().any(|old| old == file) {
        return Err(io::ErrorKind::NotFound.into());
    }
    platform::remove(&checksum::path_of(file))?;
    platform::remove(file)
}
