//! A checksum beside a key file that has a passphrase.
//!
//! An age file whose scrypt stanza is damaged looks exactly like one opened with a wrong passphrase.
//! The checksum tells the two apart. It is a file as `b3sum` writes it, so `b3sum --check` reads it
//! too. While a key file is being replaced it holds two lines, for the old content and the new.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::platform;

/// What is added to a key file's name.
pub(super) const SUFFIX: &str = ".b3sum";
/// Two lines are far shorter.
const MAX_FILE_BYTES: u64 = 1024;

/// Where the checksum of a file is kept.
pub(super) fn path_of(file: &Path) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(SUFFIX);
    path.into()
}

/// Writes the checksum of a file that holds, or is about to hold, one of these contents.
pub(super) fn write(file: &Path, contents: &[&[u8]]) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let lines: Vec<_> = contents.iter().map(|content| format!("{}  {name}\n", blake3::hash(content))).collect();
    platform::write_private(&path_of(file), lines.concat().as_bytes())
}

/// Whether a file's content is as it was written; `None` if nothing is known about it.
pub(super) fn is_intact(file: &Path, content: &[u8]) -> Option<bool> {
    let lines = platform::read_at_most(&path_of(file), MAX_FILE_BYTES).ok()??;
    let lines = std::str::from_utf8(&lines).ok()?;
    let sums: Vec<_> = lines.lines().filter_map(|line| blake3::Hash::from_hex(line.get(..64)?).ok()).collect();
    (!sums.is_empty()).then(|| sums.contains(&blake3::hash(content)))
}
