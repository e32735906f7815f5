//! The session's thread.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::event::{Command, Event, Events, History, ImportFrom, Outcome};
use super::{Clock, Job};
use crate::client::{AskError, Client, MasterKey, SchemeKey, Stage, Stop, Watch, averages};
use crate::import::{self, Options, Unusable};
use crate::reading::Step;
use crate::scheme::Profile;
use crate::server::{self, Server};
use crate::vault::{Home, Settings, Vault, VaultError, create_key, key_is_exposed, load_key, protect_key};

/// The readings that come with the program: made up, as each of its lines says.
const SAMPLE: &[u8] = include_bytes!("../../assets/sample.csv");
const SAMPLE_NAME: &str = "sample.csv";
/// How often the window hears how far a question is.
const PROGRESS_EVERY: Duration = Duration::from_millis(40);

/// An open profile and its server.
struct Open {
    vault: Vault,
    client: Client,
    _server: Server,
}

struct Worker<'a> {
    home: Home,
    clock: &'a Clock,
    events: &'a Events,
    settings: Settings,
    open: Option<Open>,
}

/// Does one command after the other until the window is gone.
pub(super) fn run(home: Home, clock: &Clock, queue: &Receiver<Job>, events: &Events) {
    let (settings, sentence) = Settings::load(&home);
    events.send(Event::Settings(settings.clone(), sentence));
    let mut worker = Worker { home, clock, events, settings, open: None };
    worker.open();
    while let Ok(Job { command, stop }) = queue.recv() {
        worker.handle(command, stop);
    }
}

impl Worker<'_> {
    fn handle(&mut self, command: Command, stop: Stop) {
        match command {
            Command::Open => self.open(),
            Command::CreateKey => match create_key(&self.home) {
                Ok(key) => self.open_with(&key),
                Err(error) => self.events.send(Event::Closed(error.to_string())),
            },
            Command::ProtectKey => {
                if let Err(error) = protect_key(&self.home) {
                    let path = self.home.key_file();
                    self.events.send(Event::Settings(
                        self.settings.clone(),
                        Some(format!("could not change who can read {} ({error})", path.display())),
                    ));
                }
                self.events.send(Event::KeyExposed(key_is_exposed(&self.home)));
            }
            Command::Import(from) => self.import(&from),
            Command::Add(reading) => {
                let entered = reading.clone();
                self.change(|vault, now| vault.enter(now, reading), |added| Outcome::Entered(entered, added));
            }
            Command::RemoveBatch(source) => self.change(|vault, _| vault.delete_batch(source), Outcome::Removed),
            Command::Undo => self.change(|vault, _| vault.undo(), Outcome::Undone),
            Command::Redo => self.change(|vault, _| vault.redo(), Outcome::Redone),
            Command::Ask(step) => self.ask(step, stop),
            Command::Save(settings) => self.save(settings),
        }
    }

    fn open(&mut self) {
        match load_key(&self.home) {
            Ok(Some(key)) => self.open_with(&key),
            // Without its key a profile is lost; a new one would only hide that.
            Ok(None) if Vault::exists(&self.home) => self.events.send(Event::Closed(format!(
                "the readings are here, but their key is missing; put the file back as {}",
                self.home.key_file().display()
            ))),
            Ok(None) => self.events.send(Event::NoKey),
            Err(error) => self.events.send(Event::Closed(error.to_string())),
        }
    }

    fn open_with(&mut self, key: &MasterKey) {
        match self.try_open(key) {
            Ok(open) => {
                self.events.send(Event::Opened(key.id()));
                self.events.send(Event::KeyExposed(key_is_exposed(&self.home)));
                self.open = Some(open);
                self.tell_readings();
            }
            Err(sentence) => self.events.send(Event::Closed(sentence)),
        }
    }

    fn try_open(&self, key: &MasterKey) -> Result<Open, String> {
        let vault = Vault::open(&self.home, key).map_err(|error| error.to_string())?;
        let (end, server) = server::spawn()
            .map_err(|error| format!("could not start the server thread ({error}); nothing was changed"))?;
        let client = Client::new(SchemeKey::derive(key, Profile::Standard), end).map_err(|error| error.to_string())?;
        Ok(Open { vault, client, _server: server })
    }

    fn import(&mut self, from: &ImportFrom) {
        let name = match from {
            ImportFrom::File(path) => file_name(path),
            ImportFrom::Sample => SAMPLE_NAME.to_owned(),
        };
        self.events.send(Event::Reading(name.clone()));
        let options = Options { zone: self.settings.zone(), person: None };
        let imported = match from {
            ImportFrom::File(path) => import::read_file(path, &options),
            ImportFrom::Sample => import::read_bytes(SAMPLE, &options),
        };
        match imported {
            Ok(imported) => {
                let report = imported.report;
                let label = name.clone();
                self.change(
                    |vault, now| vault.add(&label, now, imported.readings),
                    |added| Outcome::Imported { name, added, report },
                );
            }
            Err(unusable) => self.refuse(name, unusable),
        }
    }

    fn refuse(&self, name: String, unusable: Unusable) {
        self.events.send(Event::Outcome(Outcome::Refused { name, unusable }));
    }

    /// Changes the vault, and tells the window what is there now and what became of the change.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Vault, i64) -> Result<T, VaultError>,
        outcome: impl FnOnce(T) -> Outcome,
    ) {
        let now = (self.clock)();
        let Some(open) = &mut self.open else { return };
        match change(&mut open.vault, now) {
            Ok(done) => {
                self.tell_readings();
                self.events.send(Event::Outcome(outcome(done)));
            }
            Err(error) => self.events.send(Event::Failed(error.to_string())),
        }
    }

    fn tell_readings(&self) {
        let Some(Open { vault, .. }) = &self.open else { return };
        let history = History { undo: vault.undoable().map(str::to_owned), redo: vault.redoable().map(str::to_owned) };
        self.events.send(Event::Readings(vault.readings().clone(), vault.batches(), history));
    }

    fn ask(&mut self, step: Option<Step>, stop: Stop) {
        let Some(Open { vault, client, .. }) = &mut self.open else { return };
        let readings = vault.readings();
        let step = step.unwrap_or_else(|| Step::for_days(readings.days()));
        let events = self.events;
        let mut told = Instant::now();
        let mut report = |stage: Stage| {
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                events.send(Event::Progress(stage));
            }
        };
        let mut watch = Watch { stop, report: Some(&mut report) };
        match averages(client, readings, step, &mut watch) {
            Ok(averages) => events.send(Event::Averages(averages)),
            Err(AskError::Stopped) => events.send(Event::Stopped),
            Err(error) => events.send(Event::Failed(error.to_string())),
        }
    }

    fn save(&mut self, settings: Settings) {
        if let Err(error) = settings.save(&self.home) {
            let sentence = format!("could not save the settings ({error}); they hold until Veilbeat is closed");
            self.events.send(Event::Settings(settings.clone(), Some(sentence)));
        }
        self.settings = settings;
    }
}

/// The last part of a path, as a person would name the file.
fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
