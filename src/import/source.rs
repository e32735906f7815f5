//! Where a file's bytes come from: each pass over them opens them again.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use super::error::ImportError;

/// Bytes that can be read from their start as often as needed.
pub(super) trait Source {
    /// Opens the bytes at their start.
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>>;

    /// How many bytes there are, where that is known.
    fn size(&self) -> Option<u64> {
        None
    }

    /// Opens the bytes so that their end can be read first; they are held in memory where there is no other way.
    fn open_seekable(&mut self) -> Result<Box<dyn ReadSeek + '_>, ImportError> {
        let bytes = held(self.open().map_err(|error| unreadable(&error))?)?;
        Ok(Box::new(Cursor::new(bytes)))
    }

    /// The first bytes, at most `most` of them.
    fn head(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.open()?.take(most as u64).read_to_end(&mut head)?;
        Ok(head)
    }
}

/// Reads and seeks.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl Source for &[u8] {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }

    fn size(&self) -> Option<u64> {
        Some(self.len() as u64)
    }

    fn open_seekable(&mut self) -> Result<Box<dyn ReadSeek + '_>, ImportError> {
        Ok(Box::new(Cursor::new(*self)))
    }
}

/// Is told how much of a file has been read, and the total; says whether to go on.
pub type Progress<'a> = &'a dyn Fn(u64, u64) -> ControlFlow<()>;

/// The progress of reading a file, and whether the person has stopped it.
pub(super) struct FileObserver<'a> {
    progress: Progress<'a>,
    total: u64,
    done: Cell<u64>,
    /// Bytes that archives may still unpack to.
    room: Cell<u64>,
}

/// All archives of a file together may unpack to so much, and to so many times the file's size, each pass counted:
/// text of readings packs to a twentieth at most, and is read three times.
const FREE_UNPACKED_BYTES: u64 = 768 << 20;
const MOST_RATIO: u64 = 600;
/// The largest real exports unpack to some gigabytes.
const MOST_UNPACKED_BYTES: u64 = 48 << 30;

impl<'a> FileObserver<'a> {
    pub(super) fn new(progress: Progress<'a>, total: u64) -> Self {
        let room = total.saturating_mul(MOST_RATIO).saturating_add(FREE_UNPACKED_BYTES).min(MOST_UNPACKED_BYTES);
        Self { progress, total, done: Cell::new(0), room: Cell::new(room) }
    }

    /// Reports the progress of the reading; fails if the person has stopped it.
    fn tell(&self) -> io::Result<()> {
        let told = (self.progress)(self.done.get().min(self.total), self.total);
        if told.is_break() { Err(io::Error::other(STOPPED)) } else { Ok(()) }
    }

    /// Fails if the person has stopped it: for loops that read nothing. Item `at` of a loop asks once in a while.
    pub(super) fn poll(&self, at: usize) -> Result<(), ImportError> {
        const POLL_EVERY: usize = 1 << 16;
        if at.is_multiple_of(POLL_EVERY) { self.tell().map_err(|_| ImportError::Stopped) } else { Ok(()) }
    }
}

/// A pipe can be read only once: it is kept in memory, up to this.
const MOST_PIPED_BYTES: u64 = 128 << 20;

/// All of standard input.
pub(super) fn standard_input() -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock().take(MOST_PIPED_BYTES + 1);
    input.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MOST_PIPED_BYTES {
        return Err(ImportError::Unreadable("more than 128 MiB came through the pipe; save it as a file first".into()));
    }
    Ok(bytes)
}

/// A file of this computer, and nothing else: a pipe or a device may never end.
pub(super) fn open_file(path: &Path) -> Result<(File, u64), ImportError> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(ImportError::Directory);
    }
    if !metadata.is_file() {
        return Err(ImportError::NoFile);
    }
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    Ok((file, metadata.len()))
}

/// A file that reports how far it has been read.
pub(super) struct Watched<'a> {
    pub(super) file: File,
    pub(super) watch: &'a FileObserver<'a>,
}

/// How often progress is told.
const STEP_BYTES: u64 = 1 << 20;
/// The error that the reader fails with when the person has stopped it.
const STOPPED: &str = "stopped";

impl Source for Watched<'_> {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        self.file.rewind()?;
        Ok(Box::new(Telling { file: &mut self.file, done: 0, told: 0, watch: self.watch }))
    }

    fn size(&self) -> Option<u64> {
        Some(self.watch.total)
    }

    fn open_seekable(&mut self) -> Result<Box<dyn ReadSeek + '_>, ImportError> {
        self.file.rewind().map_err(|error| unreadable(&error))?;
        Ok(Box::new(Telling { file: &mut self.file, done: 0, told: 0, watch: self.watch }))
    }
}

struct Telling<'a> {
    file: &'a mut File,
    done: u64,
    told: u64,
    watch: &'a FileObserver<'a>,
}

impl Read for Telling<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.done += read as u64;
        if self.done - self.told >= STEP_BYTES {
            self.told = self.done;
            self.watch.done.set(self.done);
            self.watch.tell()?;
        }
        Ok(read)
    }
}

impl Seek for Telling<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Turns the error of a failing reader into the error for the file.
pub(super) fn unreadable(error: &io::Error) -> ImportError {
    match error.to_string() {
        stopped if stopped.ends_with(STOPPED) => ImportError::Stopped,
        why if why.contains("Invalid checksum") => ImportError::damaged(why),
        why => ImportError::Unreadable(why),
    }
}

/// Fails where bytes go on for too long without one of those that end a unit: a line, a tag, a text.
/// Memory stays bounded whatever a file holds.
pub(super) struct Limit<R> {
    source: R,
    ends: &'static [u8],
    what: &'static str,
    run: usize,
}

/// The longest unit. Real ones have some hundred bytes.
const LONGEST_UNIT_BYTES: usize = 1 << 20;

impl<R: Read> Limit<R> {
    /// `ends` are the bytes that end a unit, `what` what the unit is called.
    pub(super) fn new(source: R, ends: &'static [u8], what: &'static str) -> Self {
        Self { source, ends, what, run: 0 }
    }
}

impl<R: Read> Read for Limit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.run = match buffer[..read].iter().rposition(|byte| self.ends.contains(byte)) {
            Some(last) => read - last - 1,
            None => self.run + read,
        };
        if self.run > LONGEST_UNIT_BYTES {
            let what = self.what;
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{what} is longer than 1 MiB")));
        }
        Ok(read)
    }
}

/// The bytes that an archive unpacks to. Fails past a number of bytes, for an archive may claim little and unpack to
/// anything, and where the person has stopped it.
pub(super) struct Unpacked<'a, 'b, R> {
    source: R,
    watch: &'a FileObserver<'b>,
    read: u64,
}

impl<'a, 'b, R> Unpacked<'a, 'b, R> {
    pub(super) fn new(source: R, watch: &'a FileObserver<'b>) -> Self {
        Self { source, watch, read: 0 }
    }
}

impl<R: Read> Read for Unpacked<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)? as u64;
        let room = &self.watch.room;
        let words = "the archive unpacks to far more than its size allows";
        room.set(room.get().checked_sub(read).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, words))?);
        if (self.read + read) / STEP_BYTES > self.read / STEP_BYTES {
            self.watch.tell()?;
        }
        self.read += read;
        Ok(read as usize)
    }
}

/// A file that is packed with gzip, as its content.
pub(super) struct Gunzipped<'a, 'b> {
    pub(super) source: &'a mut dyn Source,
    pub(super) watch: &'a FileObserver<'b>,
}

impl Source for Gunzipped<'_, '_> {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        let packed = io::BufReader::new(self.source.open()?);
        Ok(Box::new(Unpacked::new(flate2::bufread::MultiGzDecoder::new(packed), self.watch)))
    }
}

/// An archive inside of another is held as a whole, up to this.
const MOST_HELD_BYTES: u64 = 128 << 20;

/// All bytes of a source.
fn held(content: impl Read) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    content.take(MOST_HELD_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MOST_HELD_BYTES {
        let words = "an archive inside of an archive is larger than 128 MiB; unpack the outer one first";
        return Err(ImportError::Unreadable(words.into()));
    }
    Ok(bytes)
}
