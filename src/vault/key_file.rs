//! A key file: the master key as one line of Bech32, or that line in an age file with a passphrase.

use std::io;
use std::path::{Path, PathBuf};

use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

use super::checksum;
use super::passphrase::{Locked, MAX_PASSPHRASE_CHARS, Passphrase, is_locked, lock, unlock};
use super::words::{RecoveryWords, WordsError};
use crate::client::{MasterKey, NoRandomness};
use crate::platform;

/// The prefix of a key line, as age's do.
const PREFIX: Hrp = Hrp::parse_unchecked("veilbeat-secret-key-");
/// The longest file that is looked at: a key is far shorter, also under a passphrase.
pub(super) const MAX_FILE_BYTES: u64 = 4096;

/// Why a key cannot be read, written or used. What exists is left as it is.
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
    /// The file is not a key.
    #[error(
        "{} is not a Veilbeat key or is damaged; nothing was changed. Restore the key from its recovery words or a backup",
        .0.display()
    )]
    Damaged(PathBuf),
    /// The passphrase does not open the file, and it is not the file that was written.
    #[error(
        "{} is not the file that Veilbeat wrote: it is damaged, or a copy with another passphrase; nothing was changed. Try that passphrase, or restore the key from its recovery words or a backup",
        .0.display()
    )]
    Changed(PathBuf),
    /// A passphrase opens the file, but none was given.
    #[error("the key in {} has a passphrase, but none was given", .0.display())]
    NeedsPassphrase(PathBuf),
    /// The file is as it was written, and this passphrase does not open it.
    #[error("the passphrase is wrong; the key file {} is intact, try again", .0.display())]
    WrongPassphrase(PathBuf),
    /// The passphrase does not open the file, and nothing tells whether the file is intact.
    #[error("the passphrase is wrong, or the file {} is damaged; nothing was changed", .0.display())]
    WrongPassphraseOrDamaged(PathBuf),
    /// The file asks for more memory and time than any honest one.
    #[error(
        "the key file {} asks for more than 1 GiB of memory to try a passphrase, which no Veilbeat file does; it was left alone",
        .0.display()
    )]
    TooMuchWork(PathBuf),
    /// An empty passphrase protects nothing, and a very long one does not fit its field.
    #[error("a passphrase must have from 1 to {MAX_PASSPHRASE_CHARS} characters; nothing was changed")]
    PassphraseLength,
    /// There is a file already where a new one should go.
    #[error("{} already exists and was not changed; choose another name", .0.display())]
    FileExists(PathBuf),
    /// The words are not those of a key.
    #[error("{0}; nothing was changed")]
    Words(#[from] WordsError),
    /// There is a key already, or another process is making one.
    #[error("there is already a key in {}, or another Veilbeat is making it; it was not changed", .0.display())]
    Exists(PathBuf),
    /// The key would stay behind in the clear.
    #[error(
        "{} is a link, or has another name elsewhere, and the key would stay there in the clear; nothing was changed. Create a new key first, which is in one file only, then set its passphrase",
        .0.display()
    )]
    ElsewhereToo(PathBuf),
    /// The file cannot be written.
    #[error("could not write the key file {} ({error}); nothing was changed", .path.display())]
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

impl KeyFileError {
    /// What happened, and nothing about what is safe: for sentences that say that themselves.
    pub fn cause(&self) -> String {
        match self {
            Self::Unwritable { path, error } => format!("could not write {}: {error}", path.display()),
            Self::Unreadable { path, error } => format!("could not read {}: {error}", path.display()),
            error => error.to_string(),
        }
    }
}

/// How a key file keeps its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// As a readable line: the file's mode is all that protects it.
    None,
    /// Under a passphrase.
    Passphrase,
}

/// A key and the file content that holds it.
pub(super) struct KeyFile {
    pub(super) key: MasterKey,
    pub(super) content: Zeroizing<Vec<u8>>,
}

impl KeyFile {
    /// A new file for a key: under a passphrase if there is one.
    pub(super) fn new(key: MasterKey, passphrase: Option<&Passphrase>) -> io::Result<Self> {
        let line = encode(&key);
        let content = match passphrase {
            None => line.as_bytes().to_vec(),
            Some(passphrase) => lock(line.as_bytes(), passphrase)?,
        };
        Ok(Self { key, content: Zeroizing::new(content) })
    }

    pub(super) fn protection(&self) -> Protection {
        protection_of(&self.content)
    }

    /// Reads and opens a key file; `None` if there is no such file.
    pub(super) fn read(path: &Path, passphrase: Option<&Passphrase>) -> Result<Option<Self>, KeyFileError> {
        let Some(content) = read_content(path)? else { return Ok(None) };
        let key = open(path, &content, passphrase)?;
        Ok(Some(Self { key, content }))
    }

    /// Replaces the key file at `path`, whole or not at all. A passphrase is not set where the same key would stay
    /// behind without one.
    pub(super) fn put(&self, path: &Path) -> Result<(), KeyFileError> {
        let unwritable = |error| KeyFileError::Unwritable { path: path.to_owned(), error };
        if self.protection() == Protection::Passphrase && platform::is_elsewhere_too(path).unwrap_or(false) {
            let same = Self::read(path, None).is_ok_and(|file| file.is_some_and(|file| file.key.id() == self.key.id()));
            if same {
                return Err(KeyFileError::ElsewhereToo(path.to_owned()));
            }
        }
        if let Some(folder) = path.parent() {
            platform::create_private_dir(folder).map_err(unwritable)?;
        }
        announce(path, &self.content).map_err(unwritable)?;
        platform::write_private(path, &self.content).map_err(unwritable)?;
        commit_checksum(path, &self.content);
        Ok(())
    }
}

/// Before a key file is replaced: its checksum admits the new content too.
pub(super) fn announce(path: &Path, new: &[u8]) -> io::Result<()> {
    match protection_of(new) {
        Protection::Passphrase => checksum::admit(path, new),
        Protection::None => Ok(()),
    }
}

/// After a key file was replaced: its checksum admits only the new content. If that fails, the old
/// line stays beside the new one, which does no harm.
pub(super) fn commit_checksum(path: &Path, new: &[u8]) {
    let _ = match protection_of(new) {
        Protection::Passphrase => checksum::write(path, new),
        Protection::None => platform::remove(&checksum::path_of(path)),
    };
}

fn protection_of(content: &[u8]) -> Protection {
    if is_locked(content) { Protection::Passphrase } else { Protection::None }
}

/// How the key file at `path` keeps its key; `None` if there is none.
pub(super) fn protection(path: &Path) -> Result<Option<Protection>, KeyFileError> {
    Ok(read_content(path)?.map(|content| protection_of(&content)))
}

fn read_content(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFileError> {
    match platform::read_at_most(path, MAX_FILE_BYTES) {
        Ok(Some(content)) => Ok(Some(content)),
        Ok(None) => Err(KeyFileError::Damaged(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeyFileError::Unreadable { path: path.to_owned(), error }),
    }
}

/// A key file's content, and whether it is a key that is known to be whole.
pub(super) fn read_as_is(path: &Path) -> Result<(Zeroizing<Vec<u8>>, bool), KeyFileError> {
    let missing = || KeyFileError::Unreadable { path: path.to_owned(), error: io::ErrorKind::NotFound.into() };
    let content = read_content(path)?.ok_or_else(missing)?;
    let intact = match protection_of(&content) {
        Protection::None => decode(&content).is_some(),
        Protection::Passphrase => checksum::is_intact(path, &content) == Some(true),
    };
    Ok((content, intact))
}

/// Writes a new file that only its owner can read; one that is there is left alone.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), KeyFileError> {
    platform::write_new_private(path, content).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::FileExists(path.to_owned()),
        _ => KeyFileError::Unwritable { path: path.to_owned(), error },
    })
}

/// The key in a key file's content.
fn open(path: &Path, content: &[u8], passphrase: Option<&Passphrase>) -> Result<MasterKey, KeyFileError> {
    let damaged = || KeyFileError::Damaged(path.to_owned());
    let intact = checksum::is_intact(path, content);
    if protection_of(content) == Protection::None {
        return decode(content).ok_or_else(damaged);
    }
    let Some(passphrase) = passphrase else { return Err(KeyFileError::NeedsPassphrase(path.to_owned())) };
    match unlock(content, passphrase) {
        Ok(line) => decode(&line).ok_or_else(damaged),
        Err(Locked::Damaged) => Err(damaged()),
        Err(_) if intact == Some(false) => Err(KeyFileError::Changed(path.to_owned())),
        Err(Locked::TooMuchWork) => Err(KeyFileError::TooMuchWork(path.to_owned())),
        Err(Locked::WrongPassphraseOrDamaged) if intact == Some(true) => {
            Err(KeyFileError::WrongPassphrase(path.to_owned()))
        }
        Err(Locked::WrongPassphraseOrDamaged) => Err(KeyFileError::WrongPassphraseOrDamaged(path.to_owned())),
    }
}

/// Whether a content is a whole key: a line that decodes, or an age file.
pub(super) fn is_key(content: &[u8]) -> bool {
    is_locked(content) || decode(content).is_some()
}

/// Reads a backup: a key file, with or without a passphrase, or a text of recovery words.
pub(super) fn read_backup(path: &Path, passphrase: Option<&Passphrase>) -> Result<KeyFile, KeyFileError> {
    let missing = || KeyFileError::Unreadable { path: path.to_owned(), error: io::ErrorKind::NotFound.into() };
    let content = read_content(path)?.ok_or_else(missing)?;
    match open(path, &content, passphrase) {
        Ok(key) => Ok(KeyFile { key, content }),
        Err(KeyFileError::Damaged(_)) if is_text_of_words(&content) => {
            let text = std::str::from_utf8(&content).map_err(|_| KeyFileError::Damaged(path.to_owned()))?;
            let key = RecoveryWords::read(text)?.key();
            KeyFile::new(key, None).map_err(|error| KeyFileError::Unreadable { path: path.to_owned(), error })
        }
        Err(error) => Err(error),
    }
}

/// Whether a file is more likely a list of words than a damaged key: a key is one word.
fn is_text_of_words(content: &[u8]) -> bool {
    std::str::from_utf8(content).is_ok_and(|text| !text.contains("--") && text.split_whitespace().count() >= 12)
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
    let key = data.next().is_none().then(|| MasterKey::from_bytes(&bytes))?;
    // 52 digits of five bits leave four over, which must be zero: one key has one line.
    (encode(&key).trim_end() == line).then_some(key)
}

#[cfg(test)]
mod tests {
    use bech32::primitives::iter::Fe32IterExt;

    use super::*;

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
        // The same key, with another digit at the end of its data and a checksum that fits.
        let data =
            bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(std::str::from_utf8(&line).unwrap().trim());
        let mut digits: Vec<bech32::Fe32> = data.unwrap().fe32_iter().collect();
        digits[51] = bech32::Fe32::try_from(u8::from(digits[51]) ^ 1).unwrap();
        let padded: String = digits.into_iter().with_checksum::<Bech32>(&PREFIX).chars().collect();
        assert!(decode(padded.to_uppercase().as_bytes()).is_none(), "bits that are left over");
        for more in [&b"\n"[..], b" ", b"Q", b"\0"] {
            assert!(decode(&[&line[..], more].concat()).is_none(), "followed by {more:?}");
        }
    }

    fn secret(text: &str) -> Passphrase {
        Passphrase::from(text.to_owned())
    }

    #[test]
    fn every_flipped_bit_and_every_cut_of_a_key_with_a_passphrase_is_damaged_and_no_wrong_passphrase() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let file = KeyFile::new(MasterKey::from_bytes(&[0x5a; 32]), Some(&secret("correct horse"))).unwrap();
        file.put(&path).unwrap();
        let content = file.content.clone();
        let read = |content: &[u8], passphrase: &str| {
            std::fs::write(&path, content).unwrap();
            KeyFile::read(&path, Some(&secret(passphrase))).map(|file| file.unwrap().key)
        };
        assert_eq!(read(&content, "correct horse").unwrap().expose(), &[0x5a; 32]);
        assert!(matches!(read(&content, "correct house"), Err(KeyFileError::WrongPassphrase(_))));
        for bit in 0..content.len() * 8 {
            let mut flipped = content.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = read(&flipped, "correct horse").err().unwrap();
            assert!(matches!(error, KeyFileError::Damaged(_) | KeyFileError::Changed(_)), "bit {bit}: {error}");
            assert!(error.to_string().contains("damaged"));
        }
        for len in 0..content.len() {
            assert!(matches!(read(&content[..len], "correct horse"), Err(KeyFileError::Damaged(_))), "cut to {len}");
        }
        for more in [&b"\n"[..], b" ", b"Q", b"\0"] {
            let longer = [&content[..], more].concat();
            assert!(matches!(read(&longer, "correct horse"), Err(KeyFileError::Damaged(_))), "followed by {more:?}");
        }
        assert!(matches!(read(&[b'A'; 5000], "correct horse"), Err(KeyFileError::Damaged(_))));
        // Without the checksum, the two cannot be told apart, and that is said.
        std::fs::remove_file(checksum::path_of(&path)).unwrap();
        assert!(matches!(read(&content, "correct house"), Err(KeyFileError::WrongPassphraseOrDamaged(_))));
    }

    #[test]
    fn a_hostile_work_factor_is_refused_before_it_costs_anything() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let file = KeyFile::new(MasterKey::from_bytes(&[1; 32]), Some(&secret("x"))).unwrap();
        for factor in ["21", "30", "63", "64", "255", "300"] {
            let content = String::from_utf8_lossy(&file.content[..70]).replacen(" 1\n", &format!(" {factor}\n"), 1);
            std::fs::write(&path, [content.as_bytes(), &file.content[70..]].concat()).unwrap();
            let error = KeyFile::read(&path, Some(&secret("x"))).err().unwrap();
            assert!(matches!(error, KeyFileError::TooMuchWork(_) | KeyFileError::Damaged(_)), "{factor}: {error}");
        }
    }

    #[test]
    fn a_backup_is_a_key_file_an_age_file_or_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backup");
        let key = MasterKey::from_bytes(&[9; 32]);
        let words: Vec<_> = RecoveryWords::of(&key).words().collect();
        let words = words.join("\n");
        let line = KeyFile::new(MasterKey::from_bytes(&[9; 32]), None).unwrap();
        let locked = KeyFile::new(MasterKey::from_bytes(&[9; 32]), Some(&secret("x"))).unwrap();
        for content in [&line.content[..], &locked.content, words.as_bytes()] {
            std::fs::write(&path, content).unwrap();
            let backup = read_backup(&path, Some(&secret("x"))).unwrap();
            assert_eq!(backup.key.expose(), key.expose());
        }
        for (content, said) in [
            ("hello", "not a Veilbeat key"),
            ("one two three four five six seven eight nine ten eleven twelve", "24 words"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = read_backup(&path, None).err().unwrap().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
