//! The session's work on bundles and answers, and the words about it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::event::{BundleStep, Event, Events, OpenedFile};
use super::own_data::OwnData;
use super::view::{Overview, View};
use super::worker::{Open, PROGRESS_EVERY, Worker, file_name};
use crate::client::{Answered, CancelToken, Traffic};
use crate::jobs::bundles::{self, ExportOptions, OpenedAnswer};
use crate::jobs::inspect;
use crate::protocol::files::{ByteProgress, FileKind};
use crate::statistics::{Report, ReportRequest};
use crate::vault::Added;

impl Worker<'_> {
    /// Encrypts the readings of some days into a bundle.
    pub(super) fn export(&mut self, path: &Path, options: &ExportOptions, cancel: &CancelToken) {
        self.with_bundle(BundleStep::Export, cancel, |open, now, progress| {
            let existing = bundles::may_write(path, None, &[])?;
            let own = (&open.key, &mut open.vault);
            let written = bundles::export(own, options, now, (path, existing), progress)?;
            Ok(format!("Exported {} to {}", written.words(), path.display()))
        });
    }

    /// Writes a question about a bundle.
    pub(super) fn ask_bundle(&mut self, bundle: &Path, request: &ReportRequest, output: &Path, cancel: &CancelToken) {
        self.with_bundle(BundleStep::Ask, cancel, |open, _, progress| {
            let existing = bundles::may_write(output, None, &[])?;
            let own = (&open.key, &mut open.vault);
            let (question, text) = bundles::ask(own, bundle, (request, None), progress)?;
            bundles::write_file((output, existing), text.as_bytes())?;
            let (sums, bytes) = (question.sums.len(), question.answer_bytes());
            Ok(format!("Wrote {}; its answer will hold {sums} sums in {bytes} bytes", output.display()))
        });
    }

    /// Says what a file is, and what it reveals.
    pub(super) fn inspect(&mut self, path: PathBuf, cancel: &CancelToken) {
        let events = self.events;
        let facts = inspect(&path, &mut progress(events, cancel));
        match facts {
            Ok(facts) => events.send(Event::Inspected(path, facts)),
            Err(_) if cancel.is_cancelled() => {}
            Err(failure) => events.send(Event::Bundle(BundleStep::Open, Err(failure.to_string()))),
        }
    }

    /// Does something with a bundle, and reports the outcome.
    fn with_bundle(
        &mut self,
        step: BundleStep,
        cancel: &CancelToken,
        work: impl FnOnce(&mut Open, i64, ByteProgress) -> Result<String, bundles::BundleError>,
    ) {
        let (now, events) = ((self.clock)(), self.events);
        let Some(open) = &mut self.open else { return };
        match work(open, now, &mut progress(events, cancel)) {
            Ok(words) => events.send(Event::Bundle(step, Ok(words))),
            Err(_) if cancel.is_cancelled() => {}
            Err(failure) => events.send(Event::Bundle(step, Err(failure.to_string()))),
        }
    }

    /// Opens an answer, or restores a bundle.
    pub(super) fn open_veil(&mut self, path: &Path, cancel: &CancelToken) {
        let (name, events) = (file_name(path), self.events);
        if FileKind::of_file(path).is_ok_and(|kind| kind == Some(FileKind::Bundle)) {
            self.with_bundle(BundleStep::Open, cancel, |open, _, progress| {
                let restored = bundles::restore((&open.key, &mut open.vault), path, progress)?;
                let what = match restored.added {
                    Added { added: 0, .. } => format!("Nothing new in {name}: every reading is already there"),
                    Added { added, duplicates } => {
                        format!("Restored {added} readings from {name}; {duplicates} were already there")
                    }
                };
                Ok(format!("{what}. {}", restored.words()))
            });
            return self.tell_readings();
        }
        self.with_bundle(BundleStep::Open, cancel, |open, _, _| {
            let OpenedAnswer { about, report, outdated, .. } = bundles::open((&open.key, &open.vault), path, None)?;
            let words = match report {
                None => format!("{name} says that there are no readings"),
                Some(report) => {
                    let opened = OpenedFile { name: name.clone(), about, overview: overview(*report) };
                    events.send(Event::OpenedFile(Box::new(opened)));
                    let changed =
                        if outdated { "; your readings have changed since its bundle was exported" } else { "" };
                    format!("{name} passed its check{changed}")
                }
            };
            Ok(match about.warning() {
                Some(warning) => format!("{words}. Note: {warning}"),
                None => words,
            })
        });
    }
}

/// A report as the overview shows one. Nothing passed between this program's client and server for it.
fn overview(report: Report) -> Overview {
    let view = View { step: Some(report.step), ..View::default() };
    let (days, traffic) = (report.days, Traffic::default());
    Overview { view, days, now: Answered { report, traffic }, before: None, own: OwnData::default() }
}

/// Reports progress to the window from time to time, and stops the work when the person wants that.
fn progress(events: &Events, cancel: &CancelToken) -> impl FnMut(u64, u64) -> ControlFlow<()> {
    let mut told = Instant::now();
    move |done, total| {
        if told.elapsed() >= PROGRESS_EVERY {
            told = Instant::now();
            events.send(Event::BundleProgress(done, total));
        }
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
