//! ZIP archives around exports: Apple's `export.zip`, a Google Takeout, any other.

use std::io::{self, Read, Seek};

use zip::ZipArchive;

use super::report::Unusable;
use super::source::{AtMost, Source, unreadable};

/// The largest real exports unpack to some gigabytes.
const MOST_UNPACKED_BYTES: u64 = 16 << 30;
/// More files than an export has.
const MOST_FILES: usize = 100_000;

/// Whether a file starts as a ZIP archive does.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// An archive.
pub(super) struct Archive<R>(ZipArchive<R>);

impl<R: Read + Seek> Archive<R> {
    pub(super) fn open(source: R) -> Result<Self, Unusable> {
        let archive = ZipArchive::new(source).map_err(|error| unusable(&error))?;
        if archive.len() > MOST_FILES {
            return Err(Unusable::damaged("it names more than a hundred thousand files"));
        }
        Ok(Self(archive))
    }

    /// The files that may hold readings: of Apple's export the one that matters, else all whose names
    /// say so.
    pub(super) fn candidates(&self) -> Vec<(usize, String)> {
        let names: Vec<_> = (0..self.0.len())
            .map(|at| self.0.name_for_index(at).and_then(Result::ok).unwrap_or_default().into_owned())
            .collect();
        let files = || names.iter().enumerate().filter(|(_, name)| !name.ends_with('/') && !name.contains("__MACOSX"));
        let ends = |name: &str, end: &str| name.to_lowercase().ends_with(end);
        let apple: Vec<_> = files()
            .filter(|(_, name)| name.contains("apple_health") && ends(name, ".xml") && !ends(name, "_cda.xml"))
            .map(|(at, name)| (at, name.clone()))
            .collect();
        if let Some(first) = apple.into_iter().min_by_key(|(_, name)| name.matches('/').count()) {
            return vec![first];
        }
        files()
            .filter(|(_, name)| {
                let heart = name.to_lowercase().contains("heart");
                [".csv", ".tcx", ".gpx", ".fit", ".hrm", ".xml"].iter().any(|end| ends(name, end))
                    || ends(name, ".json") && heart
            })
            .map(|(at, name)| (at, name.clone()))
            .collect()
    }

    pub(super) fn entry(&mut self, place: usize) -> Entry<'_, R> {
        Entry { archive: &mut self.0, place }
    }
}

/// A file in an archive.
pub(super) struct Entry<'a, R> {
    archive: &'a mut ZipArchive<R>,
    place: usize,
}

impl<R: Read + Seek> Source for Entry<'_, R> {
    fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        let file = self.archive.by_index(self.place)?;
        Ok(Box::new(AtMost::new(file, MOST_UNPACKED_BYTES)))
    }
}

fn unusable(error: &zip::result::ZipError) -> Unusable {
    match error {
        zip::result::ZipError::Io(error) => unreadable(error),
        error => Unusable::damaged(error),
    }
}
