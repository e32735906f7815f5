//! Everything that differs between operating systems: file modes, locks, limits.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;

/// Creates a folder, and those above it, that only its owner can enter.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for reading and writing, creating it so that only its owner can read it.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Replaces a file's content as a whole, synced, so that a crash leaves the old state or the new
/// one. Only its owner can read it, from the moment it exists.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = AtomicWriteFile::options();
    #[cfg(unix)]
    {
        atomic_write_file::unix::OpenOptionsExt::preserve_mode(&mut options, false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.commit()
}

/// Removes what [`write_private`] left behind beside `path` when its process died. The caller makes
/// sure that nobody else is writing.
pub fn sweep_temporaries(path: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    // atomic-write-file names its files so.
    let start = format!(".{}.", name.to_string_lossy());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let left_over = entry
            .file_name()
            .to_str()
            .and_then(|name| name.strip_prefix(&start))
            .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if left_over {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether only its owner can read a file. Always so where there are no such modes.
pub fn is_private(path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions());
        Ok(mode.trailing_zeros() >= 6)
    }
    #[cfg(not(unix))]
    fs::metadata(path).map(|_| true)
}

/// Lets only its owner read a file.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Takes a lock that dies with the process, or `None` if another process holds it.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_private(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Forbids core files: a crash must not write keys to disk.
pub fn forbid_core_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Lowering one's own limit cannot fail; where it did, the worst is a core file.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// What keeps a window from opening here, if it is known beforehand.
pub fn missing_display() -> Option<&'static str> {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
        if unset("WAYLAND_DISPLAY") && unset("WAYLAND_SOCKET") && unset("DISPLAY") {
            return Some("there is no display (neither WAYLAND_DISPLAY nor DISPLAY is set)");
        }
    }
    None
}
