//! A checksum beside a key file that has a passphrase.
//!
//! An age file whose scrypt stanza is damaged looks exactly like one opened with a wrong passphrase.
//! The checksum tells the two apart. It is a file as `b3sum` writes it, so `b3sum --check` reads it
//! too. While a key file is being replaced it holds two lines, for the old content and the new.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::platform;

/// The suffix that is added to a key file's name.
pub(super) const SUFFIX: &str = ".b3sum";
/// Two lines are far shorter.
const MAX_FILE_BYTES: u64 = 1024;

/// Where the checksum of a file is kept.
pub(super) fn path_of(file: &Path) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(SUFFIX);
    path.into()
}

/// Writes the checksum of a file that holds this content.
pub(super) fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    write_sums(file, &[blake3::hash(content)])
}

/// Admits another content beside those that are known: the file is about to be replaced.
pub(super) fn admit(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut sums = known(file).unwrap_or_default();
    sums.push(blake3::hash(content));
    write_sums(file, &sums)
}

/// Gives a copy of a file the checksums of the original: they hold for both.
pub(super) fn carry_over(from: &Path, to: &Path) -> io::Result<()> {
    known(from).map_or(Ok(()), |sums| write_sums(to, &sums))
}

fn write_sums(file: &Path, sums: &[blake3::Hash]) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let lines: Vec<_> = sums.iter().map(|sum| format!("{sum}  {name}\n")).collect();
    platform::write_private(&path_of(file), lines.concat().as_bytes())
}

/// The checksums of a file's contents that are right; `None` if nothing is known.
fn known(file: &Path) -> Option<Vec<blake3::Hash>> {
    let lines = platform::read_at_most(&path_of(file), MAX_FILE_BYTES).ok()??;
    let lines = std::str::from_utf8(&lines).ok()?;
    let sums: Vec<_> = lines.lines().filter_map(|line| blake3::Hash::from_hex(line.get(..64)?).ok()).collect();
    (!sums.is_empty()).then_some(sums)
}

/// Whether a file's content is as it was written; `None` if nothing is known about it.
pub(super) fn is_intact(file: &Path, content: &[u8]) -> Option<bool> {
    Some(known(file)?.contains(&blake3::hash(content)))
}
