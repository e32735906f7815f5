//! The session's work on files of readings.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use super::event::{Event, FileLine, Found, ManyFiles, Outcome, Preview};
use super::sample::{self, SAMPLE_NAME};
use super::worker::{Open, PROGRESS_EVERY, Worker, file_name};
use crate::client::CancelToken;
use crate::import::{self, Imported, Options};
use crate::reading::Readings;

impl Worker<'_> {
    /// Imports the sample: the days that end yesterday.
    pub(super) fn import_sample(&mut self) {
        let zone = self.settings.zone();
        let now = jiff::Timestamp::from_millisecond((self.clock)()).unwrap_or_default();
        let readings = sample::readings(now.to_zoned(zone.clone()).date(), &zone);
        self.change(
            |vault, now| vault.add(SAMPLE_NAME, now, readings),
            |added| Outcome::Imported { name: SAMPLE_NAME.to_owned(), added, report: Box::default() },
        );
    }

    /// Reads a file and says what it holds; it is kept in memory until the person has decided.
    pub(super) fn preview(&mut self, number: u64, path: PathBuf, options: Options, cancel: &CancelToken) {
        let Some(Open { vault, .. }) = &self.open else { return };
        let name = file_name(&path);
        let events = self.events;
        events.send(Event::Reading(name.clone(), 0, 0));
        let told = Cell::new(Instant::now());
        let imported = import::read_file(&path, &options, &|done, total| {
            if cancel.is_cancelled() {
                return ControlFlow::Break(());
            }
            if told.get().elapsed() >= PROGRESS_EVERY {
                told.set(Instant::now());
                events.send(Event::Reading(name.clone(), done, total));
            }
            ControlFlow::Continue(())
        });
        let found = match imported {
            // The person may have stopped it after its last step.
            _ if cancel.is_cancelled() => return events.send(Event::Unread(number)),
            Err(error) => Err(error),
            Ok(imported) => {
                let Some(found) = look_at(&imported, vault.readings(), cancel) else {
                    return events.send(Event::Unread(number));
                };
                self.previewed = Some((number, name.clone(), imported));
                Ok(found)
            }
        };
        events.send(Event::Preview(Box::new(Preview { number, path, options, found })));
    }

    /// Reads several files and says what each holds.
    pub(super) fn preview_many(&mut self, number: u64, paths: Vec<PathBuf>, cancel: &CancelToken) {
        let Some(Open { vault, .. }) = &self.open else { return };
        let mut together = vault.readings().clone();
        let (mut lines, mut kept) = (Vec::new(), Vec::new());
        let paths = files_in(paths);
        let total = paths.len() as u64;
        let options = Options::new(self.settings.zone());
        for (done, path) in (0..).zip(paths) {
            let name = file_name(&path);
            self.events.send(Event::Reading(name.clone(), done, total));
            let go_on = |_, _| if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            let imported = import::read_file(&path, &options, &go_on);
            if cancel.is_cancelled() {
                return self.events.send(Event::Unread(number));
            }
            let found = match imported {
                Err(error) => Err(error),
                Ok(imported) => {
                    let Some(found) = look_at(&imported, &together, cancel) else {
                        return self.events.send(Event::Unread(number));
                    };
                    // What asks for something is decided about by itself.
                    if found.new > 0 && !imported.report.asks() {
                        together.insert_all(imported.readings.clone());
                        kept.push((name.clone(), imported));
                    }
                    Ok(found)
                }
            };
            lines.push(FileLine { path, name, found });
        }
        self.previewed_many = Some((number, kept));
        self.events.send(Event::PreviewMany(Box::new(ManyFiles { number, lines })));
    }

    /// Keeps what several files held, as one change.
    pub(super) fn keep_many(&mut self, number: u64, cancel: &CancelToken) {
        self.events.send(Event::Keeping);
        let Some((_, kept)) = self.previewed_many.take().filter(|(shown, _)| *shown == number) else {
            return self.events.send(Event::Failed("nothing was imported; choose the files again".into()));
        };
        let files: Vec<_> = kept.into_iter().map(|(name, imported)| (name, imported.readings)).collect();
        let count = files.len();
        self.change(
            |vault, now| vault.add_all(files, format!("Add {count} files"), now, &|| !cancel.is_cancelled()),
            |added| Outcome::ImportedMany {
                files: count,
                added: added.iter().map(|added| added.added).sum(),
                duplicates: added.iter().map(|added| added.duplicates).sum(),
            },
        );
    }

    pub(super) fn keep(&mut self, number: u64, cancel: &CancelToken) {
        self.events.send(Event::Keeping);
        match self.previewed.take() {
            Some((shown, name, imported)) if shown == number => self.add(name, imported, cancel),
            _ => self.events.send(Event::Failed("nothing was imported; open the file again".into())),
        }
    }

    fn add(&mut self, name: String, imported: Imported, cancel: &CancelToken) {
        let (label, report) = (name.clone(), imported.report);
        self.change(
            |vault, now| vault.add_while(&label, now, imported.readings, &|| !cancel.is_cancelled()),
            |added| Outcome::Imported { name, added, report: Box::new(report) },
        );
    }
}

/// Files beyond this many are not looked at: somebody chose the wrong folder.
const MOST_FILES: usize = 10_000;

/// The files, and of folders the files in them and in folders within, in the order of their names. Hidden ones are
/// left out.
fn files_in(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    // The last one is looked at first.
    let mut waiting: Vec<PathBuf> = paths.into_iter().rev().collect();
    while let Some(path) = waiting.pop().filter(|_| files.len() < MOST_FILES) {
        // A link to a folder could lead back to it.
        if !std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            files.push(path);
            continue;
        }
        let visible = |path: &PathBuf| !file_name(path).starts_with('.');
        let entries = std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut entries: Vec<PathBuf> = entries.filter(visible).take(MOST_FILES).collect();
        entries.sort();
        waiting.extend(entries.into_iter().rev());
    }
    files
}

/// Finds out what importing would do, unless the person stops it.
fn look_at(imported: &Imported, there: &Readings, cancel: &CancelToken) -> Option<Found> {
    /// Readings shown as they would be kept.
    const SHOWN: usize = 6;
    let mut together = there.clone();
    together.insert_all_while(imported.readings.clone(), &|| !cancel.is_cancelled())?;
    let new = together.len() - there.len();
    let dates = || imported.readings.iter().map(|reading| reading.hour().date());
    Some(Found {
        format: imported.format,
        layout: imported.layout.clone(),
        new,
        duplicates: imported.readings.len() - new,
        implausible: imported.readings.iter().filter(|reading| reading.rate.is_implausible()).count(),
        first_rows: imported.readings.iter().take(SHOWN).cloned().collect(),
        span: dates().min().zip(dates().max()),
        report: imported.report.clone(),
    })
}
