//! Everything that differs between operating systems: file modes, locks, limits.

pub(crate) mod faults;
mod sandbox;

pub use sandbox::{FilesGivenUp, GivenUp, give_up_everything};

use std::cell::Cell;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use atomic_write_file::AtomicWriteFile;
use jiff::tz::TimeZone;
use zeroize::Zeroizing;

/// The system's time zone, if it is known. What `TZ` names is read only if it is a file: a device may never end.
pub fn system_zone() -> Option<TimeZone> {
    let named = std::env::var_os("TZ").unwrap_or_default();
    let named = named.to_str().map_or_else(|| Path::new(&named), |name| Path::new(name.trim_start_matches(':')));
    if named.is_absolute() && !fs::metadata(named).is_ok_and(|metadata| metadata.is_file()) {
        return None;
    }
    TimeZone::try_system().ok()
}

/// Creates a folder, and those above it, that only its owner can enter.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    faults::before_operation()?;
    builder.create(path)
}

/// Opens a file for reading and writing, creating it so that only its owner can read it.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    faults::before_operation()?;
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
    faults::before_operation()?;
    let mut file = options.open(path)?;
    faults::before_operation()?;
    file.write_all(content)?;
    faults::before_operation()?;
    file.commit()
}

/// Opens a file for reading, and nothing else: a pipe or a device may never end.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Looked at first: opening a pipe waits for somebody to write into it.
    if fs::metadata(path)?.is_file() { File::open(path) } else { Err(io::Error::other("this is not a file")) }
}

/// Lets this process have as many files open as the system allows.
pub fn allow_many_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // Without it, what needs many files says that there are too many.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Reads bytes at an offset of a file, whatever other threads read.
pub fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)?;
    #[cfg(windows)]
    {
        let (mut rest, mut offset) = (bytes, offset);
        while !rest.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(file, rest, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    offset += read as u64;
                    rest = &mut rest[read..];
                }
            }
        }
    }
    Ok(())
}

/// Does work of a library that may panic on damaged data. `None` if it did; nothing is printed about that.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    thread_local! {
        static QUIET: Cell<bool> = const { Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let was = QUIET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(was);
    done.ok()
}

/// Who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readers {
    /// Its owner alone: it holds something in the clear.
    Owner,
    /// Whoever the system lets.
    Usual,
}

/// Writes a file that appears as a whole or not at all, replacing what had its name.
pub fn write_whole<E: From<io::Error>>(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    faults::before_operation()?;
    let mut options = AtomicWriteFile::options();
    #[cfg(unix)]
    if readers == Readers::Owner {
        atomic_write_file::unix::OpenOptionsExt::preserve_mode(&mut options, false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = io::BufWriter::new(options.open(path)?);
    faults::before_operation()?;
    write(&mut file)?;
    faults::before_operation()?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(file.commit()?)
}

/// Gives a file another name, in the same folder and synced, replacing what had that name.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    faults::before_operation()?;
    fs::rename(from, to)?;
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Removes a file; it is not an error if the file does not exist.
pub fn remove(path: &Path) -> io::Result<()> {
    faults::before_operation()?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Reads a file of at most `most` bytes. `None` if it is longer.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut content = Zeroizing::new(Vec::with_capacity(most as usize + 1));
    // One byte more tells a longer file, however long it claims to be.
    open_regular(path)?.take(most + 1).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= most).then_some(content))
}

/// Lists the files that [`write_private`] left behind in a folder when its process died, of those that are `ours`.
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

/// The name of the file that a temporary one was to become: atomic-write-file names its own
/// `.NAME.` and six letters or digits.
fn temporary_of(name: &str) -> Option<&str> {
    let (start, end) = name.rsplit_once('.')?;
    let six = end.len() == 6 && end.bytes().all(|b| b.is_ascii_alphanumeric());
    start.strip_prefix('.').filter(|_| six)
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

/// Forbids other processes of the same person to look into this one, and piped core handlers, which a limit does not
/// stop. Not for the window: the desktop portal that shows its file dialogs has to look who asks.
pub fn forbid_looking_in() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // What fails here leaves the process as it was.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Returns the reason why no window can open here, if it is known beforehand.
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

/// The processor time that this thread has used; where the system does not report it, elapsed time.
pub fn thread_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
    }
    #[cfg(not(unix))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}
