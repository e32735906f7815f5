//! Everything that differs between operating systems: file modes, locks, limits.

pub(crate) mod faults;
mod locks;
mod process;
mod sandbox;
mod whole_file;

pub use sandbox::{FilesGivenUp, GivenUp, give_up_everything};

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path};
use std::sync::Once;
use std::time::Duration;

use jiff::tz::TimeZone;
use zeroize::Zeroizing;

pub use locks::{Hold, is_at, is_elsewhere_too, lock, lock_file};
pub use process::{
    allow_many_files, forbid_core_files, forbid_looking_in, seen_during, start_threads, survive_file_limit,
};
pub use whole_file::{
    Existing, Readers, remove, rename, rename_new, temporaries, write_new_private, write_private, write_whole,
};

/// The longest file of a time zone that is read: the system's have some thousand bytes.
const MOST_ZONE_BYTES: u64 = 1 << 20;

/// The system's time zone, if it is known. What `TZ` names is read only if it is a file of a sensible length: a device
/// may never end.
pub fn system_zone() -> Option<TimeZone> {
    let named = std::env::var_os("TZ").unwrap_or_default();
    let named = named.to_str().map_or_else(|| Path::new(&named), |name| Path::new(name.trim_start_matches(':')));
    let is_zone = |metadata: fs::Metadata| metadata.is_file() && metadata.len() <= MOST_ZONE_BYTES;
    // A name may lead out of the folder of zones too.
    let leads_away = named.components().any(|part| part == Component::ParentDir);
    if leads_away || (named.is_absolute() && !fs::metadata(named).is_ok_and(is_zone)) {
        return None;
    }
    TimeZone::try_system().ok()
}

/// The name of the locale that times are written in, such as `en_US.UTF-8`, if it is known.
pub fn time_locale() -> Option<String> {
    #[cfg(target_os = "linux")]
    return ["LC_ALL", "LC_TIME", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    #[cfg(not(target_os = "linux"))]
    sys_locale::get_locale()
}

/// A path as a shell takes it for one word: that of POSIX, on Windows that of `cmd` and of PowerShell.
pub fn shell_quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%".contains(letter);
    if cfg!(windows) {
        // A name has no quotation marks there.
        return format!("\"{text}\"");
    }
    // What begins with a hyphen would be an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
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
    // Looked at first: a device takes what is written into it.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(no_file());
    }
    options.open(path)
}

fn no_file() -> io::Error {
    io::Error::other("this is not a file")
}

/// Opens a file for reading, and nothing else: a pipe or a device may never end.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Looked at first: opening a pipe waits for somebody to write into it.
    if fs::metadata(path)?.is_file() { File::open(path) } else { Err(no_file()) }
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

/// Reads a file of at most `most` bytes. `None` if it is longer.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut content = Zeroizing::new(Vec::with_capacity(most as usize + 1));
    // One byte more tells a longer file, however long it claims to be.
    open_regular(path)?.take(most + 1).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= most).then_some(content))
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

/// Whether the newer of two displays that are named does not answer: what left it has gone, and the older one may.
pub fn wayland_is_stale() -> bool {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let (Some(display), Some(_), None) = (named("WAYLAND_DISPLAY"), named("DISPLAY"), named("WAYLAND_SOCKET"))
        else {
            return false;
        };
        // A name without a folder is one in the folder of the person's session.
        let socket = Path::new(&named("XDG_RUNTIME_DIR").unwrap_or_default()).join(display);
        std::os::unix::net::UnixStream::connect(socket).is_err()
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    false
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
