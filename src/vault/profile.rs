//! A profile as a whole: opened with the key that its readings record, restored, rotated, deleted.

use std::fs;
use std::path::PathBuf;

use super::checksum;
use super::error::VaultError;
use super::home::Home;
use super::key_file::{self, KeyFile, KeyFileError, Protection};
use super::keyring::{Backup, keep_key, key_protection, old_keys};
use super::lock::Lock;
use super::open_vault::{ReadVault, Vault};
use super::passphrase::Passphrase;
use super::profile_error::ProfileError;
use super::settings::Settings;
use super::store::{Store, sweep};
use crate::client::{KeyId, MasterKey};
use crate::platform;

/// The state in which a profile was found.
pub enum Opened {
    /// Nothing: it has no key yet.
    Empty,
    /// A key with a passphrase, but none was given.
    Locked,
    /// The key and the readings.
    Open(MasterKey, Box<Vault>),
}

/// Opens a profile. Where a rotation was interrupted, the key that the readings record is put in
/// its place.
pub fn open_profile(home: &Home, passphrase: Option<&Passphrase>) -> Result<Opened, ProfileError> {
    match key_protection(home)? {
        None if Vault::exists(home) => return Err(ProfileError::KeyMissing(home.key_file())),
        None => {
            // A process that died while it made the key has left its file behind.
            if home.config_dir().exists() {
                sweep(home, &Lock::take(home)?)?;
            }
            return Ok(Opened::Empty);
        }
        Some(Protection::Passphrase) if passphrase.is_none() => return Ok(Opened::Locked),
        Some(_) => {}
    }
    let store = Store::open(home, Lock::take(home)?)?;
    let file = KeyFile::read(&home.key_file(), passphrase)?.ok_or_else(|| ProfileError::KeyMissing(home.key_file()))?;
    let next = home.next_key_file();
    let file = match store.recorded() {
        // A rotation that did not happen: this key has never sealed anything.
        Some(recorded) if recorded == file.key.id() => {
            platform::remove(&next).map_err(|error| KeyFileError::Unwritable { path: next, error })?;
            file
        }
        // A rotation that was interrupted before its end.
        Some(recorded) => match KeyFile::read(&next, passphrase)? {
            Some(new) if new.key.id() == recorded => {
                put_next_in_place(home, &file, &new)?;
                new
            }
            // It is another key: the error about the other key explains it.
            _ => file,
        },
        // No readings, or not here at the moment: nothing tells whose key the next one is.
        None => file,
    };
    if file.protection() == Protection::Passphrase && checksum::is_intact(&home.key_file(), &file.content) != Some(true)
    {
        // It opened, so it is right: a copy that the person has put back.
        key_file::commit_checksum(&home.key_file(), &file.content);
    }
    let vault = Vault::unlock(store, &file.key)?;
    Ok(Opened::Open(file.key, Box::new(vault)))
}

/// The state in which a profile was found that is only to be read.
pub enum OpenedToRead {
    /// Nothing: it has no key yet.
    Empty,
    /// A key with a passphrase, but none was given.
    Locked,
    /// The key and the readings.
    Open(MasterKey, Box<ReadVault>),
}

/// Opens a profile to look at it, beside others who do the same. Nothing of it is made, mended or swept.
pub fn read_profile(home: &Home, passphrase: Option<&Passphrase>) -> Result<OpenedToRead, ProfileError> {
    match key_protection(home)? {
        None if Vault::exists(home) => return Err(ProfileError::KeyMissing(home.key_file())),
        None => return Ok(OpenedToRead::Empty),
        Some(Protection::Passphrase) if passphrase.is_none() => return Ok(OpenedToRead::Locked),
        Some(_) => {}
    }
    let store = Store::open_to_read(home)?;
    let file = KeyFile::read(&home.key_file(), passphrase)?.ok_or_else(|| ProfileError::KeyMissing(home.key_file()))?;
    let key = match store.recorded() {
        // A rotation that was interrupted before its end: whoever opens the profile to change it finishes that.
        Some(recorded) if recorded != file.key.id() => {
            let next = KeyFile::read(&home.next_key_file(), passphrase).ok().flatten();
            next.filter(|next| next.key.id() == recorded).map_or(file.key, |next| next.key)
        }
        _ => file.key,
    };
    let vault = ReadVault::unlock(store, &key)?;
    Ok(OpenedToRead::Open(key, Box::new(vault)))
}

/// Gives a profile a new key, under the same passphrase as the one before, and seals everything
/// again. The old key is kept under a name of its own, which is returned with the new key: older
/// bundles and backups open with it alone.
///
/// The new key is on disk before the readings are sealed with it, and the readings record whose
/// they are: a crash at any moment leaves a profile that opens.
pub fn rotate(
    home: &Home,
    vault: &mut Vault,
    passphrase: Option<&Passphrase>,
) -> Result<(MasterKey, Option<PathBuf>), ProfileError> {
    let path = home.key_file();
    let old = KeyFile::read(&path, passphrase)?.ok_or(ProfileError::KeyMissing(path))?;
    let passphrase = match old.protection() {
        Protection::None => None,
        Protection::Passphrase => passphrase,
    };
    let next = home.next_key_file();
    let new = MasterKey::generate().map_err(KeyFileError::from)?;
    let new = KeyFile::new(new, passphrase).map_err(|error| KeyFileError::Unwritable { path: next.clone(), error })?;
    platform::write_private(&next, &new.content).map_err(|error| KeyFileError::Unwritable { path: next, error })?;
    vault.reseal(&new.key)?;
    let kept = put_next_in_place(home, &old, &new).map_err(ProfileError::Unfinished)?;
    Ok((new.key, kept))
}

/// The next key takes the place of the one that is there, which is kept; returns where.
fn put_next_in_place(home: &Home, old: &KeyFile, new: &KeyFile) -> Result<Option<PathBuf>, KeyFileError> {
    let kept = keep_key(home, Some(old.key.id()))?;
    let path = home.key_file();
    let unwritable = |error| KeyFileError::Unwritable { path: path.clone(), error };
    key_file::announce(&path, &new.content).map_err(unwritable)?;
    platform::rename(&home.next_key_file(), &path).map_err(unwritable)?;
    key_file::commit_checksum(&path, &new.content);
    Ok(kept)
}

/// Puts a key back. Readings of another key are not touched: that is an error. A key file that was
/// there is kept under a name of its own, which is returned.
pub fn restore(home: &Home, backup: &Backup) -> Result<Option<PathBuf>, ProfileError> {
    let lock = Lock::take(home)?;
    if !Vault::exists(home) {
        return Ok(backup.put(home, &lock)?);
    }
    let store = Store::open(home, lock)?;
    match store.recorded() {
        Some(readings) if readings != backup.id() => Err(VaultError::OtherKey { readings, key: backup.id() }.into()),
        _ => Ok(backup.put(home, store.lock())?),
    }
}

/// The id of the key that a profile's readings record. `None` if there are no readings.
pub fn recorded_key(home: &Home) -> Result<Option<KeyId>, VaultError> {
    if !Vault::exists(home) {
        return Ok(None);
    }
    Ok(Store::open_to_read(home)?.recorded())
}

/// Every file that [`delete_all`] would remove.
pub fn files_of(home: &Home) -> Vec<PathBuf> {
    let mut keys = old_keys(home);
    keys.extend([home.key_file(), home.next_key_file()]);
    let sums: Vec<_> = keys.iter().map(|key| checksum::path_of(key)).collect();
    // The marker first: readings without it are no readings that are missed.
    let mut files = vec![home.marker_file(), home.readings_file(), home.new_readings_file()];
    files.extend(keys);
    files.extend(sums);
    files.extend(Settings::files(home));
    files.retain(|file| file.exists());
    files
}

/// Removes readings, keys and settings of a profile that nobody has open. Returns how many files
/// that were. The readings go first: a crash in between leaves a key and no readings, which opens.
pub fn delete_all(home: &Home) -> Result<usize, ProfileError> {
    let lock = Lock::take(home)?;
    // First: it may find a whole key under a temporary name, and keep it.
    sweep(home, &lock)?;
    let files = files_of(home);
    for (gone, file) in files.iter().enumerate() {
        platform::remove(file).map_err(|error| ProfileError::HalfDeleted { path: file.clone(), error, gone })?;
    }
    // The folder stays if others have put files there; an empty one is removed.
    let _ = fs::remove_dir(home.config_dir());
    Ok(files.len())
}
