//! The key file: the master key as one line of Bech32.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

use super::home::Home;
use crate::client::{MasterKey, NoRandomness};
use crate::platform;

/// What a key line starts with, as age's do.
const PREFIX: Hrp = Hrp::parse_unchecked("veilbeat-secret-key-");
/// The longest file that is looked at: a key line is far shorter.
const MAX_FILE_BYTES: u64 = 4096;

/// Why a key cannot be read or made. What exists is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("could not read the key file {} ({error})", .path.display())]
    Unreadable {
        /// The key file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is no key.
    #[error("{} is not a Veilbeat key or is damaged; put the right file back, nothing was changed", .0.display())]
    Damaged(PathBuf),
    /// There is a key already, or another process is making one.
    #[error("there is a key already in {}, or another Veilbeat is making it; it was left as it is", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("could not write the key file {} ({error}); no key was made", .path.display())]
    Unwritable {
        /// The key file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No random bytes for a new key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Reads the key of a profile; `None` if it has none yet.
pub fn load_key(home: &Home) -> Result<Option<MasterKey>, KeyFileError> {
    let path = home.key_file();
    let unreadable = |error| KeyFileError::Unreadable { path: path.clone(), error };
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => return Err(KeyFileError::Damaged(path)),
        Ok(_) => {}
    }
    let content = Zeroizing::new(fs::read(&path).map_err(unreadable)?);
    decode(&content).map(Some).ok_or(KeyFileError::Damaged(path))
}

/// Makes the key of a profile that has none.
pub fn create_key(home: &Home) -> Result<MasterKey, KeyFileError> {
    let path = home.key_file();
    let unwritable = |error| KeyFileError::Unwritable { path: path.clone(), error };
    // Two processes that both find no key must not both make one.
    platform::create_private_dir(home.data_dir()).map_err(unwritable)?;
    let lock = platform::lock(&home.lock_file()).map_err(unwritable)?;
    if lock.is_none() || path.exists() {
        return Err(KeyFileError::Exists(path));
    }
    let key = MasterKey::generate()?;
    write(&path, &key).map_err(unwritable)?;
    Ok(key)
}

/// Whether others than its owner can read the key file of a profile.
pub fn key_is_exposed(home: &Home) -> bool {
    platform::is_private(&home.key_file()).is_ok_and(|private| !private)
}

/// Makes the key file of a profile readable by its owner only.
pub fn protect_key(home: &Home) -> io::Result<()> {
    platform::make_private(&home.key_file())
}

fn write(path: &Path, key: &MasterKey) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        platform::create_private_dir(folder)?;
    }
    platform::write_private(path, encode(key).as_bytes())
}

/// The key line, with its newline, in upper case like age's.
fn encode(key: &MasterKey) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(128));
    // Writing 32 bytes to a string is within Bech32's length and cannot fail.
    let _ = bech32::encode_upper_to_fmt::<Bech32, _>(&mut *line, PREFIX, key.expose());
    line.push('\n');
    line
}

/// The key of a key file's content: one line of Bech32, and nothing but one final newline.
fn decode(content: &[u8]) -> Option<MasterKey> {
    let line = std::str::from_utf8(content).ok()?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    // As written, in upper case: one key has one file.
    if line.bytes().any(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(line).ok()?;
    if checked.hrp() != PREFIX {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let mut data = checked.byte_iter();
    for byte in bytes.iter_mut() {
        *byte = data.next()?;
    }
    data.next().is_none().then(|| MasterKey::from_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        (dir, home)
    }

    #[test]
    fn a_key_is_made_once_and_read_back() {
        let (_dir, home) = home();
        assert!(load_key(&home).unwrap().is_none());
        let key = create_key(&home).unwrap();
        assert_eq!(load_key(&home).unwrap().unwrap().expose(), key.expose());
        assert!(matches!(create_key(&home), Err(KeyFileError::Exists(_))));
    }

    #[cfg(unix)]
    #[test]
    fn key_file_and_folder_are_the_owners_only() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, home) = home();
        create_key(&home).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&home.key_file()), mode(home.config_dir())), (0o600, 0o700));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_noticed_and_mended() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, home) = home();
        create_key(&home).unwrap();
        assert!(!key_is_exposed(&home));
        for mode in [0o644, 0o640, 0o604, 0o660] {
            fs::set_permissions(home.key_file(), PermissionsExt::from_mode(mode)).unwrap();
            assert!(key_is_exposed(&home), "{mode:o}");
            protect_key(&home).unwrap();
            assert!(!key_is_exposed(&home));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_a_damaged_key() {
        let key = MasterKey::from_bytes(&[0x5a; 32]);
        let line = encode(&key).as_bytes().to_vec();
        assert!(line.starts_with(b"VEILBEAT-SECRET-KEY-1"));
        assert_eq!(decode(&line).unwrap().expose(), key.expose());
        for bit in 0..line.len() * 8 {
            let mut flipped = line.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&flipped).is_none(), "bit {bit}");
        }
        for len in 0..line.len() - 1 {
            assert!(decode(&line[..len]).is_none(), "cut to {len}");
        }
        assert!(decode(&line[..line.len() - 1]).is_some(), "the final newline may be missing");
        for more in [&b"\n"[..], b" ", b"Q", b"\0"] {
            assert!(decode(&[&line[..], more].concat()).is_none(), "followed by {more:?}");
        }
    }
}
