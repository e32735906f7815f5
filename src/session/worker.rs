//! The session's thread.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::event::{Command, Event, Events, History, Outcome};
use super::own_data::OwnData;
use super::view::{Before, Overview, View, Year};
use super::{Clock, Job, sceptic, wrong_key};
use crate::client::{AskError, CancelToken, Client, MasterKey, Observer, ParameterSet, Stage};
use crate::import::Imported;
use crate::jobs::bundles::BundleError;
use crate::jobs::{self, Connect, Line};
use crate::jobs::{Work, measure};
use crate::platform;
use crate::protocol::{FrameKind, Log, LogEntry};
use crate::reading::Readings;
use crate::statistics::{Weighting, compare, plain};
use crate::vault::{self, Home, KeyFileError, Opened, Passphrase, ProfileError, Settings, Vault, VaultError};

/// How often the window is told the progress of a question.
pub(super) const PROGRESS_EVERY: Duration = Duration::from_millis(40);

/// An open profile and its server.
pub(super) struct Open {
    pub(super) key: MasterKey,
    pub(super) vault: Vault,
    pub(super) client: Client,
    /// The way to the server, which ends with the client.
    pub(super) line: Line,
    /// Whether that way has ended, so that the next question needs another one.
    pub(super) lost: bool,
    /// Why the last question did not reach the server.
    pub(super) trouble: Option<String>,
}

pub(super) struct Worker<'a> {
    pub(super) home: Home,
    pub(super) connect: Connect,
    pub(super) clock: &'a Clock,
    pub(super) events: &'a Events,
    pub(super) settings: Settings,
    pub(super) open: Option<Open>,
    /// The content of the last preview.
    pub(super) previewed: Option<(u64, String, Imported)>,
    /// The content of the last preview of several files, by their names.
    pub(super) previewed_many: Option<(u64, Vec<(String, Imported)>)>,
    pub(super) log: &'a Log,
    /// The server's last answer.
    pub(super) answered: Option<Overview>,
}

/// Does one command after the other until the window is gone.
pub(super) fn run((home, connect): (Home, Connect), clock: &Clock, queue: &Receiver<Job>, events: &Events, log: &Log) {
    let mut worker = Worker {
        home,
        connect,
        clock,
        events,
        settings: Settings::default(),
        open: None,
        previewed: None,
        previewed_many: None,
        log,
        answered: None,
    };
    worker.load_settings();
    worker.open(None);
    while let Ok(Job { command, cancel }) = queue.recv() {
        worker.handle(command, cancel);
        worker.events.send(Event::Done);
    }
}

impl Worker<'_> {
    fn handle(&mut self, command: Command, cancel: CancelToken) {
        match command {
            Command::Open(passphrase) => self.open(passphrase.as_ref()),
            Command::CreateKey => self.create_key(),
            Command::ProtectKey => self.protect_key(),
            Command::SetPassphrase { current, new } => self.set_passphrase(current.as_ref(), new.as_ref()),
            Command::ShowWords(passphrase) => self.show_words(passphrase.as_ref()),
            Command::SaveWordsPage(path, words) => self.save_words_page(path, &words),
            Command::SaveKeyCopy(path) => self.save_key_copy(path),
            Command::Restore(from) => self.restore(&from),
            Command::Rotate(passphrase) => self.rotate(passphrase.as_ref()),
            Command::DeleteOldKey(path) => self.delete_old_key(path),
            Command::DeleteAll => self.delete_all(),
            Command::ImportSample => self.import_sample(),
            Command::Preview(number, path, options) => self.preview(number, path, *options, &cancel),
            Command::Keep(number) => self.keep(number, &cancel),
            Command::PreviewMany(number, paths) => self.preview_many(number, paths, &cancel),
            Command::KeepMany(number) => self.keep_many(number, &cancel),
            Command::Add(reading) => {
                let entered = reading.clone();
                self.change(|vault, now| vault.enter(now, reading), |added| Outcome::Entered(entered, added));
            }
            Command::Edit(old, new) => {
                let edited = new.clone();
                self.change(|vault, _| vault.edit(&old, &new), |done| Outcome::Edited(edited, done));
            }
            Command::Delete(selection, marked) => {
                let marked = selection.iter().zip(marked).filter(|(_, marked)| *marked);
                let to_drop: Vec<_> = marked.map(|(reading, _)| reading).collect();
                self.change(|vault, _| vault.delete(&to_drop), Outcome::Removed);
            }
            Command::TryWrongKey(message) => {
                let Some(Open { client, .. }) = &self.open else { return };
                self.events.send(Event::WrongKey(wrong_key::make(client, self.sheet_message(message))));
            }
            Command::Tamper => {
                let Some(Open { client, .. }) = &mut self.open else { return };
                self.events.send(Event::Tampered(sceptic::tamper(client, self.log)));
            }
            Command::EncryptAgain(message) => {
                let entry = self.sheet_message(message);
                let Some(Open { client, .. }) = &mut self.open else { return };
                self.events.send(Event::EncryptedTwice(sceptic::encrypt_twice(client, entry)));
            }
            Command::SearchForKey => {
                let Some(Open { client, key, .. }) = &self.open else { return };
                self.events.send(Event::SearchedForKey(sceptic::search(client, key, self.log)));
            }
            Command::SaveLog(path) => {
                let written = jobs::write_log(&path, &self.log.entries());
                self.saved(path, written);
            }
            Command::Measure => {
                let measured =
                    ParameterSet::ALL.into_iter().map(|parameters| measure(parameters, Work::DECADE)).collect();
                self.events.send(Event::Measured(measured));
            }
            Command::SaveReadings(path, selection) => {
                let batches = self.open.as_ref().map(|open| open.vault.batches()).unwrap_or_default();
                let written = jobs::write_readings(&path, &selection, &batches);
                self.saved(path, written);
            }
            Command::SaveTable(path, table) => {
                let written = jobs::write_table(&path, &table);
                self.saved(path, written);
            }
            Command::SavePicture(path, picture) => {
                let written = picture.write(&path);
                self.saved(path, written);
            }
            Command::SaveReport(path, document) => {
                let written = document.write(&path);
                self.saved(path, written);
            }
            Command::RemoveBatch(source) => self.change(|vault, _| vault.delete_batch(source), Outcome::Removed),
            Command::Undo => self.change(|vault, _| vault.undo(), Outcome::Undone),
            Command::Redo => self.change(|vault, _| vault.redo(), Outcome::Redone),
            Command::Ask(view) => self.ask(view, cancel),
            Command::AskYear(year) => self.ask_year(year, cancel),
            Command::Check => self.check(),
            Command::Export(path, options) => self.export(&path, &options, &cancel),
            Command::AskBundle(bundle, request, output) => self.ask_bundle(&bundle, &request, &output, &cancel),
            Command::Inspect(path) => self.inspect(path, &cancel),
            Command::OpenVeil(path) => self.open_veil(&path, &cancel),
            Command::TestServer => self.test_server(cancel),
            Command::ForgetServer => self.forget_server(cancel),
            Command::Save(settings) => self.save(settings),
        }
    }

    /// The message of a number, or the newest that carries a sheet.
    fn sheet_message(&self, number: Option<u64>) -> Option<LogEntry> {
        match number {
            Some(number) => self.log.entry(number),
            None => self.log.newest_of(FrameKind::Put),
        }
    }

    pub(super) fn open(&mut self, passphrase: Option<&Passphrase>) {
        (self.open, self.previewed, self.previewed_many, self.answered) = (None, None, None, None);
        let event = match vault::open_profile(&self.home, passphrase) {
            Ok(Opened::Open(key, vault)) => return self.open_with(key, *vault),
            Ok(Opened::Empty) => Event::NoKey,
            Ok(Opened::Locked) => Event::Locked(None),
            Err(ProfileError::Key(
                error @ (KeyFileError::WrongPassphrase(_)
                | KeyFileError::WrongPassphraseOrDamaged(_)
                | KeyFileError::Changed(_)),
            )) => Event::Locked(Some(error.to_string())),
            Err(error) => Event::Closed(error.to_string()),
        };
        self.events.send(event);
    }

    fn load_settings(&mut self) {
        let (settings, sentence) = Settings::load(&self.home);
        let unknown = || {
            let words = "the system's time zone is not known, so UTC is used; choose yours under Settings";
            (settings.timezone.is_none() && platform::system_zone().is_none()).then(|| words.to_owned())
        };
        let sentence = sentence.or_else(unknown);
        self.events.send(Event::Settings(settings.clone(), sentence));
        self.settings = settings;
    }

    /// Goes on with an open vault and its key.
    pub(super) fn open_with(&mut self, key: MasterKey, vault: Vault) {
        // Another window may have changed them until it was closed.
        self.load_settings();
        let (client, line) = self.start_client(&key, &vault);
        self.events.send(Event::Opened(key.id()));
        self.open = Some(Open { key, vault, client, line, lost: false, trouble: None });
        self.tell_key();
        self.tell_readings();
    }

    /// Changes the vault, and tells the window what is there now and what became of the change.
    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Vault, i64) -> Result<T, VaultError>,
        outcome: impl FnOnce(T) -> Outcome,
    ) {
        let now = (self.clock)();
        let Some(open) = &mut self.open else { return };
        match change(&mut open.vault, now) {
            Ok(done) => {
                self.answered = None;
                self.tell_readings();
                self.events.send(Event::Outcome(outcome(done)));
            }
            Err(error) => self.events.send(Event::Failed(error.to_string())),
        }
    }

    pub(super) fn tell_readings(&self) {
        let Some(Open { vault, .. }) = &self.open else { return };
        let history = History { undo: vault.undoable().map(str::to_owned), redo: vault.redoable().map(str::to_owned) };
        self.events.send(Event::Readings(vault.readings().clone(), vault.batches(), history));
    }

    fn ask(&mut self, view: View, cancel: CancelToken) {
        self.answered = None;
        self.reach_again();
        let Some(open) = &mut self.open else { return };
        let readings = &open.vault.readings().clone();
        let events = self.events;
        let mut told = Instant::now();
        let mut report = |stage: Stage| {
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                events.send(Event::Progress(stage));
            }
        };
        let mut watch = Observer { cancel, report: Some(&mut report), ..Observer::default() };
        let own = OwnData::new(view, readings, &open.vault.batches(), &self.settings.zone());
        match overview(&mut open.client, readings, (view, self.settings.weighting), own, &mut watch) {
            Ok(overview) => {
                open.trouble = None;
                self.answered.clone_from(&overview);
                events.send(Event::Overview(Box::new(overview)));
            }
            Err(AskError::Stopped) => {}
            Err(error) => events.send(Event::Failed(open.failed(&error))),
        }
        open.remember();
        events.send(Event::Inventory(open.client.inventory()));
        self.tell_server();
    }

    /// Asks about a year by day. The window draws without it until it is there.
    fn ask_year(&mut self, year: i16, cancel: CancelToken) {
        let Some(open) = &mut self.open else { return };
        let Some(request) = Year::request(year, self.settings.weighting) else { return };
        // The view was answered just before: a server that failed is not asked again behind it.
        if open.trouble.is_some() {
            return;
        }
        let readings = open.vault.readings().clone();
        let mut watch = Observer { cancel, ..Observer::default() };
        match open.client.report(&readings, &request, &mut watch) {
            Ok(answered) => {
                let answered = answered.map(|answered| Box::new(Year { year, answered }));
                self.events.send(Event::Year(answered));
            }
            Err(AskError::Stopped) => {}
            Err(error) => self.events.send(Event::Failed(open.failed(&error))),
        }
        open.remember();
        self.events.send(Event::Inventory(open.client.inventory()));
    }

    /// Asks for the last answer again, with each sum opened by tfhe too, and compares it with the same in the clear.
    fn check(&mut self) {
        self.reach_again();
        let (Some(open), Some(answered)) = (&mut self.open, &self.answered) else {
            return self.events.send(Event::Failed("there is no answer to check yet".into()));
        };
        let readings = &open.vault.readings().clone();
        let Some(request) = answered.view.request(readings, self.settings.weighting) else { return };
        let mut watch = Observer { thorough: true, ..Observer::default() };
        let answered = open.client.report(readings, &request, &mut watch);
        open.remember();
        self.events.send(match (answered, plain::report(readings, &request)) {
            (Ok(Some(answered)), Some(plain)) => Event::Checked(compare(&answered.report, &plain)),
            (Err(error), _) => Event::Failed(open.failed(&error)),
            _ => Event::Failed("the answer could not be computed in the clear; nothing was compared".into()),
        });
    }

    fn saved(&self, path: PathBuf, written: Result<(), BundleError>) {
        self.events.send(Event::Saved(written.map(|()| path).map_err(|failure| failure.to_string())));
    }

    fn save(&mut self, settings: Settings) {
        // Without the profile's lock they belong to the window that has it.
        if self.open.is_some()
            && let Err(error) = settings.save(&self.home)
        {
            let sentence = format!("could not save the settings ({error}); they apply until Veilbeat is closed");
            self.events.send(Event::Settings(settings.clone(), Some(sentence)));
        }
        let before = std::mem::replace(&mut self.settings, settings);
        if (before.parameters, &before.server) != (self.settings.parameters, &self.settings.server) {
            self.restart_client();
        } else if before.weighting != self.settings.weighting {
            self.answered = None;
            if let Some(open) = &mut self.open {
                open.client.weigh_by(self.settings.weighting);
            }
            self.tell_readings();
        }
    }

    /// Begins anew with the server and the parameters that are set now.
    fn restart_client(&mut self) {
        self.reconnect();
        self.answered = None;
        self.tell_readings();
        self.tell_server();
    }
}

/// Asks about a view, and about the days that it is compared with.
fn overview(
    client: &mut Client,
    readings: &Readings,
    (view, weighting): (View, Weighting),
    own: OwnData,
    watch: &mut Observer,
) -> Result<Option<Overview>, AskError> {
    let Some((request, days)) = view.request(readings, weighting).zip(view.days(readings)) else { return Ok(None) };
    let now = client.report(readings, &request, watch)?;
    // Asked for in any case: a server must not learn whether there is anything.
    let before = match view.compared(readings, weighting) {
        Some(request) => client.report(readings, &request, watch)?.zip(request.from.zip(request.to)),
        None => None,
    };
    let Some(now) = now else { return Ok(None) };
    // A device's averages are not to be compared with samples.
    let before = before.filter(|(answered, _)| answered.report.kind == now.report.kind);
    let before = before.map(|(answered, days)| Before { days, answered });
    Ok(Some(Overview { view, days, now, before, own }))
}

/// The last part of a path, as a person would name the file.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
