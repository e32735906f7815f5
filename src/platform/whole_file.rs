//! Files that appear as a whole or not at all, and names that change hands in one step.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::faults;

/// Stands between the name that a temporary file is to get and its own six letters.
const MARK: &str = ".veilbeat-";
/// How much of a name a temporary file repeats, in bytes: file systems allow 255.
const MOST_NAME: usize = 200;
const LETTERS: usize = 6;

/// Who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readers {
    /// Its owner alone: it holds something in the clear.
    Owner,
    /// Whoever the system lets.
    Usual,
}

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    /// It is replaced.
    Replaced,
    /// It stays, and the error is of the kind `AlreadyExists`.
    Kept,
}

/// A file that is being written beside its place.
struct WholeFile {
    file: File,
    temporary: PathBuf,
    placed: bool,
}

impl WholeFile {
    fn create(path: &Path, readers: Readers) -> io::Result<Self> {
        sweep(path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if readers == Readers::Owner {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        loop {
            let temporary = temporary_for(path)?;
            let file = match options.open(&temporary) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            let whole = Self { file, temporary, placed: false };
            // Held while it is being written, where the file system has locks: nobody sweeps it away.
            let _ = whole.file.try_lock();
            if readers == Readers::Usual
                && let Ok(there) = fs::metadata(path)
            {
                whole.file.set_permissions(there.permissions())?;
            }
            return Ok(whole);
        }
    }

    fn place(mut self, path: &Path, existing: Existing) -> io::Result<()> {
        self.file.sync_all()?;
        match existing {
            Existing::Replaced => fs::rename(&self.temporary, path)?,
            Existing::Kept => move_to_free(&self.temporary, path)?,
        }
        self.placed = true;
        sync_folder(path);
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.placed {
            // Where it stays, the next file of this name sweeps it away.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Replaces a file's content as a whole, synced, so that a crash leaves the old state or the new
/// one. Only its owner can read it, from the moment it exists.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    write(path, Existing::Replaced, content)
}

/// Writes a private file where there is none; one that is there stays as it is.
pub fn write_new_private(path: &Path, content: &[u8]) -> io::Result<()> {
    write(path, Existing::Kept, content)
}

fn write(path: &Path, existing: Existing, content: &[u8]) -> io::Result<()> {
    write_whole(path, (Readers::Owner, existing), |out| out.write_all(content))
}

/// Writes a file that appears as a whole or not at all.
pub fn write_whole<E: From<io::Error>>(
    path: &Path,
    (readers, existing): (Readers, Existing),
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    faults::before_operation()?;
    let whole = WholeFile::create(path, readers)?;
    faults::before_operation()?;
    let mut out = io::BufWriter::new(&whole.file);
    write(&mut out)?;
    out.flush()?;
    drop(out);
    faults::before_operation()?;
    Ok(whole.place(path, existing)?)
}

/// Gives a file another name, in the same folder, replacing what had that name.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    faults::before_operation()?;
    fs::rename(from, to)?;
    sync_folder(to);
    Ok(())
}

/// Gives a file another name, in the same folder, unless something has that name.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    faults::before_operation()?;
    move_to_free(from, to)?;
    sync_folder(to);
    Ok(())
}

/// A rename that never replaces, in one step where the system has one.
fn move_to_free(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(io::Error::from) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Not every file system can, and an error of the disk comes again below.
            Err(_) => {}
        }
    }
    link_to_free(from, to)
}

/// The same with a second name for the file, or with a name that is taken first.
fn link_to_free(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => return fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // A file system without links.
        Err(_) => {}
    }
    drop(OpenOptions::new().write(true).create_new(true).open(to)?);
    fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
}

/// Removes a file; it is not an error if the file does not exist.
pub fn remove(path: &Path) -> io::Result<()> {
    faults::before_operation()?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Lists the files that a process left behind in a folder when it died, of those whose names are `ours`.
pub fn temporaries(folder: &Path, ours: impl Fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().and_then(temporary_of).is_some_and(&ours) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Removes what was left of a file by processes that died while they wrote it.
fn sweep(path: &Path) {
    let name = short_name(path);
    let left = temporaries(folder_of(path), |of| name.to_str() == Some(of)).unwrap_or_default();
    for temporary in left {
        let dead = super::open_regular(&temporary).is_ok_and(|file| file.try_lock().is_ok());
        if dead {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// The name of the file that a temporary one was to become, or its start.
fn temporary_of(name: &str) -> Option<&str> {
    let (start, end) = name.rsplit_once(MARK)?;
    let letters = end.len() == LETTERS && end.bytes().all(|b| b.is_ascii_hexdigit());
    start.strip_prefix('.').filter(|_| letters)
}

fn temporary_for(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; LETTERS / 2];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let [a, b, c] = random;
    let mut name = OsString::from(".");
    name.push(short_name(path));
    name.push(format!("{MARK}{a:02x}{b:02x}{c:02x}"));
    Ok(folder_of(path).join(name))
}

/// A file's name, its end left out where it is very long.
fn short_name(path: &Path) -> OsString {
    let name = path.file_name().unwrap_or_default();
    match name.to_str() {
        Some(text) if text.len() > MOST_NAME => text[..text.floor_char_boundary(MOST_NAME)].into(),
        _ => name.to_owned(),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a name that was given survive a power cut, where folders can be synced.
fn sync_folder(path: &Path) {
    // The name is given by then: an error here must not say that it was not.
    #[cfg(unix)]
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = path;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_appears_meanwhile_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let written: io::Result<()> = write_whole(&path, (Readers::Usual, Existing::Kept), |out| {
            // Somebody else is faster.
            fs::write(&path, "theirs")?;
            out.write_all(b"ours")
        });
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
        write_private(&path, b"ours").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        // With every way that systems have.
        for moved in [move_to_free, link_to_free, rename_new] {
            let (from, to) = (dir.path().join("from"), dir.path().join("to"));
            fs::write(&from, "1").unwrap();
            assert_eq!(moved(&from, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&path).unwrap(), b"ours");
            moved(&from, &to).unwrap();
            assert!(!from.exists() && fs::read(&to).unwrap() == b"1");
            fs::remove_file(to).unwrap();
        }
    }

    #[test]
    fn what_a_dead_process_left_is_swept_and_what_a_living_one_writes_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let name = format!("{}.veil", "long ".repeat(48));
        let path = dir.path().join(&name);
        let dead = temporary_for(&path).unwrap();
        fs::write(&dead, "half").unwrap();
        let other = temporary_for(&dir.path().join("other.veil")).unwrap();
        fs::write(&other, "half").unwrap();
        let named_by_a_person = dir.path().join(format!(".{name}.backup"));
        fs::write(&named_by_a_person, "whole").unwrap();
        let living = WholeFile::create(&path, Readers::Usual).unwrap();
        assert!(!dead.exists());
        write_private(&path, b"whole").unwrap();
        assert!(living.temporary.exists() && other.exists() && named_by_a_person.exists());
    }
}
