//! The state of the window: told by the session's events, shown by the pages.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::client::{KeyId, ServerInventory, Stage};
use crate::import::Options;
use crate::jobs::{Fact, Measured};
use crate::protocol::Log;
use crate::reading::{Reading, Readings, Selection, Source, WeekStart};
use crate::session::{
    Against, BundleStep, Command, Event, History, KeyFacts, KeyOutcome, ManyFiles, OpenedFile, Outcome, Overview,
    Preview, ServerFacts, Session, Span, View, WrongKeyView, Year,
};
use crate::statistics::Compared;
use crate::vault::{Batch, Edited, Home, Passphrase, ServerKind, Settings};

use super::locale::DateForms;
use super::notice::Notice;
use super::pages::sceptic::Sceptic;
use super::progress::{WorkProgress, Working};
use super::widgets::numbers::{counted, sentence};

/// What is looked at before anything was chosen.
const FIRST_VIEW: View = View { span: Span::Last(30), step: None, weeks: WeekStart::Monday, against: Against::Before };

/// Whether the profile is open.
pub(super) enum Phase {
    /// Not known yet.
    Starting,
    /// There is no key yet.
    FirstStart,
    /// Its key has a passphrase; if one was tried, why it did not open the key.
    Locked(Option<String>),
    /// It cannot be opened, and why.
    Closed(String),
    /// It is open.
    Open(KeyId),
}

/// The news that a form or a dialog is told.
pub(super) enum Told {
    /// The settings have changed.
    Settings,
    /// The outcome of a command about the key.
    Key(Result<KeyOutcome, String>),
    /// The outcome of writing a file.
    Saved(Result<PathBuf, String>),
    /// Whether the reading that was typed in last was kept.
    Entered(bool),
}

/// Everything that the pages show.
pub(super) struct Model {
    session: Session,
    pub(super) phase: Phase,
    pub(super) settings: Settings,
    /// How the system writes dates.
    pub(super) locale: DateForms,
    pub(super) readings: Readings,
    pub(super) batches: Vec<(Source, Batch)>,
    pub(super) history: History,
    /// A number that changes whenever the readings do.
    pub(super) revision: u64,
    /// The server's last answer. Shared, so that a page can hold it while it draws.
    pub(super) overview: Option<Arc<Overview>>,
    /// Whether the days that were asked about last hold no readings.
    pub(super) empty_view: bool,
    /// The server's last answer about a year by day.
    pub(super) year: Option<Arc<Year>>,
    /// The year that was asked about last, and the state of the readings then.
    year_asked: Option<(i16, u64)>,
    /// The same of the year that is known.
    year_known: Option<(i16, u64)>,
    /// The view that is looked at.
    pub(super) view: View,
    /// The server's inventory.
    pub(super) inventory: Option<ServerInventory>,
    /// The server that is in use, once something was asked of it.
    pub(super) server: Option<ServerFacts>,
    /// The view that a wrong key has shown last, or why it could not be tried.
    pub(super) wrong_key: Option<Result<WrongKeyView, String>>,
    /// The views that a sceptic has asked for.
    pub(super) sceptic: Sceptic,
    /// The cost of each set of parameters on this machine, once that was measured.
    pub(super) measured: Option<Vec<Measured>>,
    /// How the last answer compares with the same in the clear, once that was asked for.
    pub(super) compared: Option<Vec<Compared>>,
    pub(super) working: Option<WorkProgress>,
    pub(super) notice: Option<Notice>,
    /// The outcome of each step of the work with bundles.
    bundle_said: [Option<Result<String, String>>; 3],
    /// The step whose outcome nobody has seen yet.
    bundle_news: Option<BundleStep>,
    /// The answer that was opened last.
    pub(super) opened: Option<Box<OpenedFile>>,
    /// The file that was inspected last, and the facts about it.
    pub(super) inspected: Option<(PathBuf, Vec<Fact>)>,
    /// The preview of a file that the person has not decided about.
    pub(super) preview: Option<Preview>,
    /// The preview of several files that the person has not decided about.
    pub(super) many: Option<ManyFiles>,
    /// The number of the preview that is being made.
    reading: Option<u64>,
    /// Previews asked for so far.
    previews: u64,
    /// Files that were dropped together and wait for that.
    waiting: VecDeque<PathBuf>,
    /// How the key is kept.
    pub(super) key: Option<KeyFacts>,
    /// Set when a new answer should be seen whole.
    pub(super) reset_chart: bool,
}

impl Model {
    pub(super) fn new(session: Session, locale: DateForms) -> Self {
        Self {
            session,
            phase: Phase::Starting,
            settings: Settings::default(),
            locale,
            readings: Readings::default(),
            batches: Vec::new(),
            history: History::default(),
            revision: 0,
            overview: None,
            empty_view: false,
            year: None,
            year_asked: None,
            year_known: None,
            view: FIRST_VIEW,
            inventory: None,
            server: None,
            wrong_key: None,
            sceptic: Sceptic::default(),
            measured: None,
            compared: None,
            working: None,
            notice: None,
            bundle_said: [const { None }; 3],
            bundle_news: None,
            opened: None,
            inspected: None,
            preview: None,
            many: None,
            waiting: VecDeque::new(),
            key: None,
            reading: None,
            previews: 0,
            reset_chart: false,
        }
    }

    /// Takes in everything that has happened since. Returns what concerns forms and dialogs.
    pub(super) fn hear(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(event) = self.session.poll() {
            match event {
                Event::Settings(settings, sentence) => {
                    self.settings = settings;
                    // Where the person was the last time.
                    let last = self.settings.view.as_deref().and_then(|view| View::named(view, self.weeks()));
                    if let (Some(last), Phase::Starting) = (last, &self.phase) {
                        self.view = last;
                    }
                    told.push(Told::Settings);
                    self.notice = sentence.map(|sentence| Notice::bad(&sentence)).or(self.notice.take());
                }
                Event::NoKey => self.close(Phase::FirstStart),
                Event::Locked(why) => self.close(Phase::Locked(why.map(|why| sentence(&why)))),
                Event::Closed(why) => self.close(Phase::Closed(sentence(&why))),
                Event::Opened(key) => self.phase = Phase::Open(key),
                Event::Key(facts) => self.key = Some(facts),
                Event::KeyOutcome(outcome) => told.push(Told::Key(outcome.map_err(|why| sentence(&why)))),
                Event::Readings(readings, batches, history) => {
                    (self.readings, self.batches, self.history) = (readings, batches, history);
                    self.revision += 1;
                    if self.readings.is_empty() {
                        // Nothing to ask about.
                        (self.overview, self.compared) = (None, None);
                    } else {
                        self.ask();
                    }
                }
                Event::Reading(name, done, total) => self.work(Working::Reading(name, done, total)),
                Event::Keeping => self.work(Working::Keeping),
                Event::Preview(preview) => {
                    // What was left meanwhile is not wanted any more.
                    if self.reading == Some(preview.number) {
                        (self.preview, self.reading) = (Some(*preview), None);
                    }
                }
                Event::PreviewMany(many) => {
                    if self.reading == Some(many.number) {
                        (self.many, self.reading) = (Some(*many), None);
                    }
                }
                Event::Unread(number) => self.reading = self.reading.filter(|&reading| reading != number),
                Event::BundleProgress(done, total) => self.work(Working::WithBundle(done, total)),
                Event::Bundle(step, said) => {
                    (self.bundle_said[step as usize], self.bundle_news) = (Some(said), Some(step));
                }
                Event::OpenedFile(opened) => self.opened = Some(opened),
                Event::Progress(stage) => self.work(Working::Asking(Some(stage))),
                Event::Outcome(outcome) => {
                    if let Outcome::Entered(..) | Outcome::Edited(..) = outcome {
                        told.push(Told::Entered(!matches!(outcome, Outcome::Edited(_, Edited::There))));
                    }
                    self.notice = Some(Notice::of(outcome));
                }
                Event::Overview(overview) => {
                    self.reset_chart = true;
                    self.overview = overview.map(Arc::new);
                    self.empty_view = self.overview.is_none();
                    self.compared = None;
                    self.ask_last_year();
                }
                Event::Year(year) => {
                    self.year_known = self.year_asked;
                    self.year = year.map(Arc::from);
                }
                Event::Checked(compared) => self.compared = Some(compared),
                Event::Saved(saved) => told.push(Told::Saved(saved.map_err(|why| sentence(&why)))),
                Event::Server(facts) => self.server = Some(*facts),
                Event::Inventory(inventory) => self.inventory = Some(inventory),
                Event::WrongKey(view) => self.wrong_key = Some(view.map_err(|why| sentence(&why))),
                Event::Tampered(view) => self.sceptic.tampered = Some(view),
                Event::EncryptedTwice(view) => self.sceptic.encrypted = Some(view),
                Event::SearchedForKey(search) => self.sceptic.searched = Some(search),
                Event::Measured(Ok(measured)) => self.measured = Some(measured),
                Event::Inspected(path, facts) => self.inspected = Some((path, facts)),
                Event::Measured(Err(why)) => self.notice = Some(Notice::bad(&why)),
                Event::Failed(why) => {
                    told.push(Told::Entered(false));
                    self.notice = Some(Notice::bad(&why));
                }
                Event::Done => {
                    if !self.is_busy() {
                        self.working = None;
                    }
                }
            }
        }
        told
    }

    /// Shows a phase other than the open one, and nothing of what was open.
    fn close(&mut self, phase: Phase) {
        self.phase = phase;
        (self.key, self.overview, self.readings, self.batches) = (None, None, Readings::default(), Vec::new());
        self.revision += 1;
        (self.year, self.year_asked, self.year_known) = (None, None, None);
        (self.working, self.opened, self.inventory, self.wrong_key) = (None, None, None, None);
        self.many = None;
        (self.sceptic, self.bundle_said) = (Sceptic::default(), [const { None }; 3]);
        self.server = None;
        (self.preview, self.reading, self.inspected, self.compared) = (None, None, None, None);
        (self.waiting, self.view, self.history) = (VecDeque::new(), FIRST_VIEW, History::default());
    }

    fn work(&mut self, working: Working) {
        self.working = Some(WorkProgress::next(self.working.as_ref(), working));
    }

    /// The first day of a week.
    pub(super) fn weeks(&self) -> WeekStart {
        self.locale.with(&self.settings).weeks
    }

    /// Whether anything is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.session.is_busy()
    }

    pub(super) fn create_key(&mut self) {
        self.phase = Phase::Starting;
        self.session.send(Command::CreateKey);
    }

    /// Tries to open the profile, with a passphrase if there is one.
    pub(super) fn open(&mut self, passphrase: Option<Passphrase>) {
        self.phase = Phase::Starting;
        self.session.send(Command::Open(passphrase));
    }

    /// Sends a command about the key. Its outcome comes as [`Told::Key`].
    pub(super) fn ask_key(&mut self, command: Command) {
        self.work(Working::WithKey);
        self.session.send(command);
    }

    /// Does something with a bundle.
    pub(super) fn with_bundle(&mut self, command: Command) {
        self.notice = None;
        self.bundle_said[BundleStep::of(&command) as usize] = None;
        if let Command::OpenVeil(_) = command {
            // What another file said must not stand under this one's name.
            (self.opened, self.inspected) = (None, None);
        }
        self.work(Working::WithBundle(0, 0));
        self.session.send(command);
    }

    /// What a step of the work with bundles came to last.
    pub(super) fn bundle_said(&self, step: BundleStep) -> Option<&Result<String, String>> {
        self.bundle_said[step as usize].as_ref()
    }

    /// Whether a step's outcome is shown for the first time.
    pub(super) fn takes_bundle_news(&mut self, step: BundleStep) -> bool {
        self.bundle_news.take_if(|news| *news == step).is_some()
    }

    /// Whether the key that is open has a backup that was checked.
    pub(super) fn is_backed_up(&self) -> bool {
        matches!(self.phase, Phase::Open(key) if self.settings.backed_up == Some(key.to_string()))
    }

    /// Remembers that the key that is open has a backup.
    pub(super) fn backed_up(&mut self) {
        if let Phase::Open(key) = self.phase {
            self.settings.backed_up = Some(key.to_string());
            self.save_settings();
        }
    }

    pub(super) fn import_sample(&mut self) {
        self.notice = None;
        self.session.send(Command::ImportSample);
    }

    /// Looks into files and folders: what one file holds comes as [`Self::preview`], what several hold as
    /// [`Self::many`].
    pub(super) fn import_files(&mut self, paths: Vec<PathBuf>) {
        self.notice = None;
        if let [path] = &paths[..] {
            if !path.is_dir() {
                self.import_later(path.clone());
                return self.next_file();
            }
            if self.settings.exports.as_ref() != Some(path) {
                self.settings.exports = Some(path.clone());
                self.save_settings();
            }
        }
        let count = counted(paths.len() as u64, "file or folder", "files");
        self.work(Working::Reading(count, 0, 0));
        self.previews += 1;
        self.reading = Some(self.previews);
        self.session.send(Command::PreviewMany(self.previews, paths));
    }

    /// Looks into a file once the others are decided about.
    pub(super) fn import_later(&mut self, path: PathBuf) {
        self.waiting.push_back(path);
    }

    /// Keeps what the preview of several files shows.
    pub(super) fn keep_many(&mut self) {
        if let Some(many) = self.many.take() {
            self.session.send(Command::KeepMany(many.number));
        }
    }

    /// Looks into the next file that waits, if the last one is decided about.
    pub(super) fn next_file(&mut self) {
        if self.preview.is_none()
            && self.many.is_none()
            && !self.is_reading()
            && let Some(path) = self.waiting.pop_front()
        {
            self.look_into(path, Options::new(self.settings.zone()));
        }
    }

    /// Whether a file is being read.
    pub(super) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Looks into a file again, with different choices.
    pub(super) fn look_into(&mut self, path: PathBuf, options: Options) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.work(Working::Reading(name, 0, 0));
        self.previews += 1;
        self.reading = Some(self.previews);
        self.session.send(Command::Preview(self.previews, path, Box::new(options)));
    }

    /// Keeps what the preview shows.
    pub(super) fn keep(&mut self) {
        if let Some(preview) = self.preview.take() {
            self.session.send(Command::Keep(preview.number));
        }
    }

    /// Reads a file no further.
    pub(super) fn stop_reading(&mut self) {
        self.reading = None;
        self.session.stop_reading();
    }

    /// Keeps nothing of the file that is looked into.
    pub(super) fn leave(&mut self) {
        self.preview = None;
        self.stop_reading();
    }

    pub(super) fn add(&mut self, reading: Reading) {
        self.notice = None;
        self.session.send(Command::Add(reading));
    }

    /// Puts a reading in the place of another.
    pub(super) fn edit(&mut self, old: Reading, new: Reading) {
        self.notice = None;
        self.session.send(Command::Edit(old, new));
    }

    /// Deletes the marked readings of a selection.
    pub(super) fn delete(&mut self, from: Arc<Selection>, marked: Vec<bool>) {
        self.notice = None;
        self.session.send(Command::Delete(from, marked));
    }

    /// Sends a command that writes a file of results. What came of it comes as [`Told::Saved`].
    pub(super) fn save(&mut self, command: Command) {
        self.session.send(command);
    }

    pub(super) fn protect_key(&mut self) {
        self.session.send(Command::ProtectKey);
    }

    /// Whether the person should be reminded, once, that their key has no backup.
    pub(super) fn should_remind(&self) -> bool {
        !self.settings.reminded && !self.readings.is_empty() && !self.is_backed_up()
    }

    /// Stops reminding.
    pub(super) fn reminded(&mut self) {
        self.settings.reminded = true;
        self.save_settings();
    }

    pub(super) fn remove_batch(&mut self, source: Source) {
        self.session.send(Command::RemoveBatch(source));
    }

    pub(super) fn undo(&mut self) {
        self.session.send(Command::Undo);
    }

    pub(super) fn redo(&mut self) {
        self.session.send(Command::Redo);
    }

    /// Asks about what is looked at.
    pub(super) fn ask(&mut self) {
        self.work(Working::Asking(None));
        self.session.send(Command::Ask(self.view));
    }

    /// Asks about the year of the last day that is looked at, behind the answer about these days.
    fn ask_last_year(&mut self) {
        if let Some(overview) = &self.overview {
            let (_, last) = overview.now.report.days;
            self.ask_year(last.year());
        }
    }

    /// Asks about a year, unless it is known.
    pub(super) fn ask_year(&mut self, year: i16) {
        let wanted = Some((year, self.revision));
        if self.year_asked != wanted {
            self.year_asked = wanted;
            self.session.send(Command::AskYear(year));
        }
    }

    /// Uses another kind of server from now on.
    pub(super) fn use_server(&mut self, kind: ServerKind) {
        self.settings.server.kind = kind;
        self.server = None;
        self.save_settings();
    }

    /// Tests the server, or lets it forget everything.
    pub(super) fn with_server(&mut self, command: Command) {
        self.notice = None;
        self.work(Working::Asking(Some(Stage::Connecting)));
        self.session.send(command);
    }

    /// Looks at something else.
    pub(super) fn look_at(&mut self, view: View) {
        if self.view != view {
            self.view = view;
            self.session.stop_asking();
            self.year_asked = self.year_known;
            self.ask();
            if let Some(name) = view.name().filter(|name| self.settings.view.as_ref() != Some(name)) {
                self.settings.view = Some(name);
                self.save_settings();
            }
        }
    }

    /// Remembers which layers of the chart are shown.
    pub(super) fn remember_layers(&mut self, names: String) {
        let known = self.settings.layers.get_or_insert_with(|| names.clone());
        if *known != names {
            *known = names;
            self.save_settings();
        }
    }

    /// Returns the log of the frames that have passed between client and server.
    pub(super) fn log(&self) -> &Log {
        self.session.log()
    }

    /// Measures what each set of parameters costs; that comes as [`Self::measured`].
    pub(super) fn measure(&mut self) {
        self.session.send(Command::Measure);
    }

    /// Opens a sheet with a wrong key; what it shows comes as [`Self::wrong_key`].
    pub(super) fn try_wrong_key(&mut self, message: Option<u64>) {
        self.session.send(Command::TryWrongKey(message));
    }

    /// Lets one bit of a real answer be changed on its way.
    pub(super) fn tamper(&mut self) {
        self.session.send(Command::Tamper);
    }

    /// Encrypts the week of a message's sheet twice more.
    pub(super) fn encrypt_again(&mut self, message: Option<u64>) {
        self.session.send(Command::EncryptAgain(message));
    }

    /// Searches every message for the key.
    pub(super) fn search_for_key(&mut self) {
        self.session.send(Command::SearchForKey);
    }

    /// Asks for the last answer again and recomputes it in the clear.
    pub(super) fn check(&mut self) {
        self.session.send(Command::Check);
    }

    /// Stops what is under way.
    pub(super) fn stop(&mut self) {
        self.year_asked = self.year_known;
        self.session.stop();
    }

    /// Where a file is likely to be wanted: where the last one was.
    pub(super) fn folder(&self) -> PathBuf {
        self.settings.folder.clone().filter(|folder| folder.is_dir()).unwrap_or_else(Home::documents)
    }

    /// Remembers the folder of a file that a person has chosen.
    pub(super) fn remember_folder(&mut self, path: &Path) {
        let folder = path.parent().filter(|folder| folder.is_dir()).map(Path::to_owned);
        if folder.is_some() && folder != self.settings.folder {
            self.settings.folder = folder;
            self.save_settings();
        }
    }

    pub(super) fn save_settings(&mut self) {
        self.session.send(Command::Save(self.settings.clone()));
    }
}
