//! A file's bytes become readings, and a report of everything that did not.
//!
//! A file is recognised by how it starts: an archive (`archive`), a format (`formats`), or a table (`table`). Each
//! reads what is written (`time::stamp`, [`Rate`](crate::reading::Rate)) into `rows`; once the whole file is known,
//! `time::resolve` decides what one line cannot tell: the order of day and month, the epoch of seconds, and the zone.

mod archive;
mod encoding;
mod entry;
mod error;
mod formats;
mod members;
mod options;
mod report;
mod rows;
mod source;
mod table;
mod time;
mod words;

use std::ops::ControlFlow;
use std::path::Path;

use crate::reading::Kind;
use archive::Archive;
use rows::Rows;
use source::{FileObserver, Gunzipped, Source, Watched, unreadable};

pub use entry::{EntryError, read_entry};
pub use error::{ImportError, OwnFile};
pub use options::{DateOrder, Epoch, OffsetUnit, Options, PersonColumn};
pub use report::{ImportReport, Imported, Layout, LeftOut, Reason, Refusals, Refused};
pub use source::Progress;

/// Reads the readings of a file and reports progress. `-` and `/dev/stdin` are standard input.
pub fn read_file(path: &Path, options: &Options, progress: Progress) -> Result<Imported, ImportError> {
    if is_standard_input(path) {
        return read_bytes(&source::standard_input()?, "", options);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (file, size) = source::open_file(path)?;
    let watch = FileObserver::new(progress, size);
    read(&mut Watched { file, watch: &watch }, &name, options, &watch)
}

/// Reads the readings of a file's bytes; some formats keep their start in the file's name.
pub fn read_bytes(bytes: &[u8], name: &str, options: &Options) -> Result<Imported, ImportError> {
    read(&mut &*bytes, name, options, &FileObserver::new(&to_the_end, bytes.len() as u64))
}

/// Whether a path is that of standard input.
fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdin")
}

/// Is told how far a file has been read, and lets it go on.
pub fn to_the_end(_done: u64, _total: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// So much of a file's start tells what it is.
const HEAD_BYTES: usize = 4096;

fn read(source: &mut dyn Source, name: &str, options: &Options, watch: &FileObserver) -> Result<Imported, ImportError> {
    let mut rows = Rows::default();
    let (format, layout) = read_any(source, name, options, &mut rows, (watch, 0))?;
    let (rows, mut report) = rows.choose(options.person.as_deref())?;
    let kinds = Kind::ALL.into_iter().filter(|&kind| rows.iter().any(|row| row.kind == kind));
    let kinds: Vec<_> = kinds.collect();
    let readings = time::resolve::resolve_times(rows, options, &mut report, watch)?;
    if readings.is_empty() {
        return Err(ImportError::NoReadings(Box::new(report)));
    }
    match kinds[..] {
        [Kind::Average] => {
            report.assumed.push("These are averages that a device computed, and are kept as such".into());
        }
        [Kind::Resting] => report.assumed.push("These are resting rates, and are kept as such".into()),
        [Kind::Activity] => {
            report.assumed.push("These are averages of activities, which do not stand for a day".into());
        }
        _ => {}
    }
    Ok(Imported { format, layout, readings, report })
}

/// Archives in archives are read so deep: an account's export holds archives of packed activities.
const MOST_DEPTH: usize = 3;

/// Reads a file, or all files of an archive, at a depth of archives.
fn read_any(
    source: &mut dyn Source,
    name: &str,
    options: &Options,
    rows: &mut Rows,
    (watch, depth): (&FileObserver, usize),
) -> Result<(&'static str, Option<Layout>), ImportError> {
    let head = source.head(HEAD_BYTES).map_err(|error| unreadable(&error))?;
    let gzip = archive::is_gzip(&head);
    if !gzip && !archive::is_zip(&head) {
        return read_one(source, &head, name, options, rows);
    }
    if depth == MOST_DEPTH {
        return Err(ImportError::ArchivesInside);
    }
    if gzip {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        return read_any(&mut Gunzipped { source, watch }, name, options, rows, (watch, depth + 1));
    }
    let format = members::read(&mut Archive::open(source.open_seekable()?)?, options, rows, (watch, depth + 1))?;
    Ok((format, None))
}

/// Reads one file that is not an archive.
fn read_one(
    source: &mut dyn Source,
    head: &[u8],
    name: &str,
    options: &Options,
    rows: &mut Rows,
) -> Result<(&'static str, Option<Layout>), ImportError> {
    if let Some(error) = foreign(head) {
        return Err(error);
    }
    let text = encoding::without_mark(head).trim_ascii_start();
    let format = if formats::fit::is_fit(head) {
        formats::fit::read(source, rows).map(|()| "FIT")?
    } else if formats::sqlite::is_database(head) {
        formats::sqlite::read(source, rows).map(|()| "Gadgetbridge")?
    } else if formats::beats::is_hrm(head) {
        formats::beats::read_hrm(source, rows).map(|()| "Polar HRM")?
    } else if let Some(unit) = formats::beats::intervals_of(head) {
        formats::beats::read_intervals(source, name, unit, rows).map(|()| "Intervals between beats")?
    } else if let Some(file) = formats::empatica::recognise(head, name) {
        formats::empatica::read(source, file, rows).map(|()| "Empatica")?
    } else {
        let room = Rows::with_room_of(rows);
        let xml = text.starts_with(b"<") || starts_utf16(head, b'<');
        let json = formats::json::is_json(text) || [b'{', b'['].into_iter().any(|bracket| starts_utf16(head, bracket));
        let read = match (xml, json) {
            (true, _) => formats::xml::read(source, rows),
            (_, true) => formats::json::read(source, rows),
            _ => return read_table(source, name, options, rows),
        };
        match read {
            Ok(format) => format,
            // A remark in brackets may stand above a table.
            Err(
                error @ (ImportError::OtherXml(_)
                | ImportError::OtherJson(_)
                | ImportError::NotJson(_)
                | ImportError::Damaged(_)),
            ) => {
                *rows = room;
                return match read_table(source, name, options, rows) {
                    Ok(read) if rows.has_any() => Ok(read),
                    Err(ImportError::Stopped) => Err(ImportError::Stopped),
                    _ => Err(error),
                };
            }
            Err(error) => return Err(error),
        }
    };
    Ok((format, None))
}

fn read_table(
    source: &mut dyn Source,
    name: &str,
    options: &Options,
    rows: &mut Rows,
) -> Result<(&'static str, Option<Layout>), ImportError> {
    let plan = table::lines::read(source, name, options, rows)?;
    let layout = Layout { columns: plan.header, time: plan.columns.time, rate: plan.columns.rate };
    rows.keep_same_minutes();
    Ok((plan.format, Some(layout)))
}

/// Whether a text in UTF-16, with its mark, starts with a letter.
fn starts_utf16(head: &[u8], letter: u8) -> bool {
    head.starts_with(&[0xff, 0xfe, letter, 0]) || head.starts_with(&[0xfe, 0xff, 0, letter])
}

/// Veilbeat's own files, which are opened elsewhere.
fn own_file(head: &[u8]) -> Option<ImportError> {
    let kinds: [(&[u8], OwnFile); 3] = [
        (b"veilbeat bundle\n", OwnFile::Bundle),
        (b"veilbeat question", OwnFile::Question),
        (b"veilbeat answer\n", OwnFile::Answer),
    ];
    let found = kinds.into_iter().find(|(start, _)| head.starts_with(start));
    found.map(|(_, file)| ImportError::Own(file))
}

/// Kinds of files that are recognised so that the message about them is helpful.
fn foreign(head: &[u8]) -> Option<ImportError> {
    let packed: [(&[u8], &str); 5] = [
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!", "a RAR archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    ];
    if head.get(257..262) == Some(b"ustar") {
        return Some(ImportError::Packed("a tar archive"));
    }
    if let Some((_, what)) = packed.into_iter().find(|(start, _)| head.starts_with(start)) {
        return Some(ImportError::Packed(what));
    }
    if let Some(own) = own_file(head) {
        return Some(own);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(ImportError::Workbook("an old Excel workbook, or another Office file"));
    }
    let starts: [(&[u8], &str); 6] = [
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x7fELF", "a program"),
        (b"MZ\x90", "a program"),
    ];
    let known = starts.into_iter().find(|(start, _)| head.starts_with(start)).map(|(_, what)| what);
    // Text holds no zero bytes, save for UTF-16, where every other one is.
    let zeros = memchr::memchr(0, head).is_some();
    let utf16 =
        head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || encoding::unmarked_utf16(head).is_some();
    let no_text = zeros && !utf16 && !formats::fit::is_fit(head) && !formats::sqlite::is_database(head);
    known.or(no_text.then_some("a file of an unknown kind, and not text")).map(ImportError::Foreign)
}
