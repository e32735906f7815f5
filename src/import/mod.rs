//! A file's bytes become readings, and a report of everything that did not.
//!
//! Reading a file has three steps: recognise which columns hold what (`columns`), read each line as
//! it is written (`stamp`, [`Rate`](crate::reading::Rate)), and, once the whole file is known,
//! settle what one line cannot tell: the order of day and month, and the time zone (`settle`).

mod columns;
mod entry;
mod line_limit;
mod report;
mod settle;
mod stamp;
mod table;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::reading::Reading;

pub use entry::{EntryError, read_entry};
pub use report::{Reason, Refused, Report, Unusable};

/// What a person chose, where a file does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of times that name no place.
    pub zone: TimeZone,
    /// Which person, in a file that holds several.
    pub person: Option<String>,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The readings, in the order of the file, duplicates included.
    pub readings: Vec<Reading>,
    /// What was refused, and what had to be assumed.
    pub report: Report,
}

/// Reads the readings of a file.
pub fn read_file(path: &Path, options: &Options) -> Result<Imported, Unusable> {
    let unreadable = |error: std::io::Error| Unusable::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(Unusable::Directory);
    }
    read_from(file, options)
}

/// Reads the readings of a file's bytes.
pub fn read_bytes(bytes: &[u8], options: &Options) -> Result<Imported, Unusable> {
    read_from(bytes, options)
}

/// Reads readings from anywhere.
pub fn read_from(source: impl Read, options: &Options) -> Result<Imported, Unusable> {
    table::read(source, options)
}
