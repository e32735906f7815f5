//! The session's work on files of readings.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use super::event::{Event, Found, Outcome, Preview};
use super::worker::{Open, PROGRESS_EVERY, Worker, file_name};
use crate::client::CancelToken;
use crate::import::{self, Imported, Options};
use crate::reading::Readings;

/// The readings that come with the program: made up, as each of its lines says.
const SAMPLE: &[u8] = include_bytes!("../../assets/sample.csv");
const SAMPLE_NAME: &str = "sample.csv";

impl Worker<'_> {
    pub(super) fn import_sample(&mut self) {
        match import::read_bytes(SAMPLE, SAMPLE_NAME, &Options::new(self.settings.zone())) {
            Ok(imported) => self.add(SAMPLE_NAME.to_owned(), imported, &CancelToken::default()),
            // The sample is read by a test.
            Err(error) => self.events.send(Event::Failed(error.to_string())),
        }
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
