//! ZIP archives around exports: Apple's `export.zip`, a Google Takeout, any other.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::ZipArchive;

use super::error::ImportError;
use super::source::{FileObserver, ReadSeek, Source, Unpacked, unreadable};

/// The most files that are read: more than any export has.
const MOST_FILES: usize = 100_000;
/// The list of an archive's files is held as a whole, and takes several times its size. A hundred thousand
/// files take less than this.
const MOST_LIST_BYTES: u64 = 16 << 20;

/// Whether a file starts as one that is packed with gzip does.
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b")
}

/// Whether a file starts as a ZIP archive does.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// An archive.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Listed<Box<dyn ReadSeek + 'a>>>,
}

/// Fails after so many bytes while the list of files is read.
struct Listed<R> {
    source: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Listed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, TOO_MANY))?);
        Ok(read)
    }
}

impl<R: Seek> Seek for Listed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

const TOO_MANY: &str = "the archive's list of files is missing, or longer than a hundred thousand files need";

/// The files of an archive.
#[derive(Default)]
pub(super) struct Members {
    /// Those that may hold readings, with their numbers: of Apple's export the one that matters, else all whose
    /// names say so.
    pub(super) candidates: Vec<(usize, String)>,
    /// Archives that cannot be read.
    pub(super) packed: Vec<String>,
    pub(super) others: Vec<String>,
}

impl<'a> Archive<'a> {
    pub(super) fn open(source: Box<dyn ReadSeek + 'a>) -> Result<Self, ImportError> {
        let list = Rc::new(Cell::new(MOST_LIST_BYTES));
        let zip = ZipArchive::new(Listed { source, left: Rc::clone(&list) });
        // The library reports every failure as one of its own.
        let zip = zip.map_err(|error| match error {
            error if error.to_string().contains(TOO_MANY) => ImportError::Unreadable(TOO_MANY.into()),
            error => unusable(&error),
        })?;
        list.set(u64::MAX);
        if zip.len() > MOST_FILES {
            return Err(ImportError::Unreadable(TOO_MANY.into()));
        }
        Ok(Self { zip })
    }

    fn names(&self) -> impl Iterator<Item = (usize, String)> {
        let name = |at| self.zip.name_for_index(at).and_then(Result::ok).unwrap_or_default().into_owned();
        (0..self.zip.len()).map(move |at| (at, name(at)))
    }

    /// Recognises an archive that holds no readings by itself.
    pub(super) fn foreign(&self) -> Option<ImportError> {
        let has = |wanted: &[&str]| self.names().any(|(_, name)| wanted.contains(&&*name));
        match () {
            () if has(&["xl/workbook.xml", "xl/workbook.bin"]) => Some(ImportError::Workbook("an Excel workbook")),
            () if has(&["content.xml"]) && has(&["META-INF/manifest.xml", "mimetype"]) => {
                Some(ImportError::Workbook("an OpenDocument file"))
            }
            () if has(&["Index/Document.iwa"]) => Some(ImportError::Workbook("an Apple Numbers or Pages file")),
            () if has(&["word/document.xml"]) => Some(ImportError::Foreign("a Word document")),
            () => None,
        }
    }

    /// Its files, folders and the system's apart.
    pub(super) fn members(&self) -> Members {
        let names: Vec<_> = self.names().filter(|(_, name)| is_file(name)).collect();
        let lower: Vec<_> = names.iter().map(|(_, name)| name.to_lowercase()).collect();
        let is_apple =
            |name: &str| name.contains("apple_health") && extension(name) == "xml" && !name.ends_with("_cda.xml");
        let apple = (0..names.len()).filter(|&at| is_apple(&lower[at]));
        let apple = apple.min_by_key(|&at| lower[at].matches('/').count());
        let mut members = Members::default();
        for (at, (index, name)) in names.into_iter().enumerate() {
            match apple {
                Some(apple) if apple == at => members.candidates.push((index, name)),
                None if may_hold_readings(&lower[at]) => members.candidates.push((index, name)),
                _ if matches!(extension(&lower[at]), "7z" | "rar") => members.packed.push(name),
                _ => members.others.push(name),
            }
        }
        members
    }

    /// One file.
    pub(super) fn entry<'b, 'c>(&'b mut self, index: usize, watch: &'b FileObserver<'c>) -> ArchiveFile<'b, 'a, 'c> {
        ArchiveFile { archive: self, index, watch }
    }
}

fn is_file(name: &str) -> bool {
    !name.ends_with('/') && !name.contains("__MACOSX")
}

/// What stands behind the last full stop of a name.
fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a name in small letters says that a file may hold readings.
fn may_hold_readings(name: &str) -> bool {
    match extension(name) {
        "csv" | "tsv" | "tcx" | "gpx" | "fit" | "hrm" | "xml" | "pwx" | "sml" | "slf" | "fitlog" | "json" | "jsonl"
        | "ndjson" | "db" | "sqlite" | "sqlite3" | "gz" | "zip" => true,
        // Of texts, only those that a device wrote.
        "txt" => name.contains("hr") || name.contains("heart") || name.contains("rr") || name.contains("beat"),
        // Gadgetbridge's database has no extension.
        _ => name == "gadgetbridge" || name.ends_with("/gadgetbridge"),
    }
}

/// A file in an archive.
pub(super) struct ArchiveFile<'b, 'a, 'c> {
    archive: &'b mut Archive<'a>,
    index: usize,
    watch: &'b FileObserver<'c>,
}

impl Source for ArchiveFile<'_, '_, '_> {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Unpacked::new(self.archive.zip.by_index(self.index)?, self.watch)))
    }
}

fn unusable(error: &zip::result::ZipError) -> ImportError {
    match error {
        zip::result::ZipError::Io(error) => unreadable(error),
        error => ImportError::damaged(error),
    }
}
