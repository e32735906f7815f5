//! The commands of a window, and the events that it hears.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use jiff::civil::Date;

use crate::client::{KeyId, Peer, ServerInventory, Stage};
use crate::import::{ImportError, ImportReport, Layout, Options};
use crate::reading::{Reading, Readings, Selection, Source};
use crate::statistics::{Compared, ReportRequest, Table};
use crate::vault::{Added, Batch, Edited, Passphrase, Protection, RecoveryWords, ServerKind, Settings};

use super::Wake;
use super::document::Document;
use super::picture::Picture;
use super::sceptic::{EncryptedTwice, KeySearch, TamperView};
use super::view::{Overview, View, Year};
use super::wrong_key::WrongKeyView;
use crate::jobs::AnswerScope;
use crate::jobs::Fact;
use crate::jobs::Measured;
use crate::jobs::bundles::ExportOptions;

/// The preview of a file, before anything of it is kept.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Its number.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
    /// How it was read.
    pub options: Options,
    /// The result of reading it.
    pub found: Result<Found, ImportError>,
}

/// Several files, before anything of them is kept.
#[derive(Clone, Debug)]
pub struct ManyFiles {
    /// The preview's number.
    pub number: u64,
    /// Each file.
    pub lines: Vec<FileLine>,
}

/// One of several files.
#[derive(Clone, Debug)]
pub struct FileLine {
    /// Where it is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// The result of reading it. New readings are those that no file before it has.
    pub found: Result<Found, ImportError>,
}

impl FileLine {
    /// Whether it is imported with the others: it has something new and asks nothing.
    pub fn is_ready(&self) -> bool {
        self.found.as_ref().is_ok_and(|found| found.new > 0) && !self.asks()
    }

    /// Whether the person has to say something about it first.
    pub fn asks(&self) -> bool {
        match &self.found {
            Ok(found) => found.report.asks(),
            // A table of unknown columns is no question: among many files it is most likely about something else.
            Err(error) => matches!(error, ImportError::SeveralPeople { .. } | ImportError::MayNamePeople { .. }),
        }
    }
}

/// The readings that would be imported, and a report of what was refused.
#[derive(Clone, Debug)]
pub struct Found {
    /// The format that the file was recognised as.
    pub format: &'static str,
    /// Of a table, its columns.
    pub layout: Option<Layout>,
    /// Readings that would be new.
    pub new: usize,
    /// Readings that are there already, or twice in the file.
    pub duplicates: usize,
    /// Readings outside of 30 to 220 bpm, kept as they are.
    pub implausible: usize,
    /// The first readings, as they would be kept.
    pub first_rows: Vec<Reading>,
    /// The local dates of the first and the last reading.
    pub span: Option<(Date, Date)>,
    /// The report of what was refused and assumed.
    pub report: ImportReport,
}

/// Where a key comes back from.
#[derive(Clone)]
pub enum RestoreFrom {
    /// Recovery words.
    Words(RecoveryWords),
    /// A key file or a text of recovery words, and the passphrase that opens it.
    File(PathBuf, Option<Passphrase>),
}

/// The commands that a window may give.
#[derive(Clone)]
pub enum Command {
    /// Try to open the profile, with a passphrase if it has one.
    Open(Option<Passphrase>),
    /// Make the key of a profile that has none.
    CreateKey,
    /// Import the sample at once.
    ImportSample,
    /// Read a file, and say what it holds; the number names the preview.
    Preview(u64, PathBuf, Box<Options>),
    /// Keep what the preview of this number showed.
    Keep(u64),
    /// Read several files, and say what each holds.
    PreviewMany(u64, Vec<PathBuf>),
    /// Keep what the preview of several files showed, but for those that ask something.
    KeepMany(u64),
    /// Make the key file readable by its owner only.
    ProtectKey,
    /// Set, change or remove the passphrase of the key.
    SetPassphrase {
        /// The one that it has.
        current: Option<Passphrase>,
        /// The one that it shall have.
        new: Option<Passphrase>,
    },
    /// Show the recovery words; the passphrase opens the key.
    ShowWords(Option<Passphrase>),
    /// Save the recovery words as a page to print.
    SaveWordsPage(PathBuf, RecoveryWords),
    /// Copy the key file.
    SaveKeyCopy(PathBuf),
    /// Put a key back.
    Restore(RestoreFrom),
    /// Create a new key and seal everything again; the passphrase opens the old one.
    Rotate(Option<Passphrase>),
    /// Delete the file of an earlier key.
    DeleteOldKey(PathBuf),
    /// Delete keys, readings and settings.
    DeleteAll,
    /// Add a reading by hand.
    Add(Reading),
    /// Put a reading in the place of another.
    Edit(Reading, Reading),
    /// Delete the marked rows of a selection.
    Delete(Arc<Selection>, Vec<bool>),
    /// Open the sheet that a message of the log carried with a wrong key: the message of this
    /// number, or the newest one.
    TryWrongKey(Option<u64>),
    /// Ask a real question, and change one bit of its answer on the way.
    Tamper,
    /// Encrypt the week of a sheet twice more: of the sheet in the message of this number, or in the newest one.
    EncryptAgain(Option<u64>),
    /// Search every message that is kept for pieces of the key.
    SearchForKey,
    /// Write the log of messages as a CSV file.
    SaveLog(PathBuf),
    /// Measure what each set of parameters costs on this machine.
    Measure,
    /// Write readings as a CSV file.
    SaveReadings(PathBuf, Arc<Selection>),
    /// Write a table of results as a CSV file.
    SaveTable(PathBuf, Table),
    /// Write a picture as a PNG file.
    SavePicture(PathBuf, Picture),
    /// Write a report as a PDF file.
    SaveReport(PathBuf, Document),
    /// Remove what is left of a batch.
    RemoveBatch(Source),
    /// Take the last change back.
    Undo,
    /// Make the change again that was taken back last.
    Redo,
    /// Ask the server for everything about a view.
    Ask(View),
    /// Ask the server about a year by day.
    AskYear(i16),
    /// Ask for the last answer again, open it twice, recompute it in the clear, and compare.
    Check,
    /// Encrypt the readings of some days into a bundle.
    Export(PathBuf, ExportOptions),
    /// Write a question about a bundle, with the bundle's own weighting: the bundle, what is asked, the question's
    /// file.
    AskBundle(PathBuf, ReportRequest, PathBuf),
    /// Say what a file is, and what it reveals.
    Inspect(PathBuf),
    /// Open an answer, or restore a bundle.
    OpenVeil(PathBuf),
    /// Reach the server, and say who it is and what it holds.
    TestServer,
    /// Let the server forget everything that it holds.
    ForgetServer,
    /// Keep these settings.
    Save(Settings),
}

/// The outcome of a command about the key.
pub enum KeyOutcome {
    /// The words to show.
    Words(RecoveryWords),
    /// The passphrase was set, changed or removed.
    PassphraseSet(Protection),
    /// A file was written there.
    Saved(PathBuf),
    /// The key is back; the one that was there is kept in this file.
    Restored(Option<PathBuf>),
    /// There is a new key; the old one is kept in this file.
    Rotated(Option<PathBuf>),
    /// A file was deleted.
    OldKeyDeleted(PathBuf),
    /// So many files were deleted, and the profile is empty.
    AllDeleted(usize),
}

/// How the key is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyFacts {
    /// With or without a passphrase.
    pub protection: Protection,
    /// Whether others than its owner can read the key file.
    pub exposed: bool,
    /// Files of earlier keys.
    pub old_keys: Vec<PathBuf>,
    /// How many of these have no passphrase.
    pub old_in_the_clear: usize,
    /// Every file of the profile, as [`Command::DeleteAll`] would delete them.
    pub files: Vec<PathBuf>,
}

/// The outcome of a command.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An import: its name, what it added, what was refused.
    Imported {
        /// The file's name.
        name: String,
        /// New readings and duplicates.
        added: Added,
        /// Refused lines and assumptions.
        report: Box<ImportReport>,
    },
    /// So many files were imported as one change.
    ImportedMany {
        /// How many files.
        files: usize,
        /// New readings.
        added: usize,
        /// Readings that were there already, or in a file before.
        duplicates: usize,
    },
    /// A reading added by hand, or one that was there already.
    Entered(Reading, Added),
    /// This many readings were removed.
    Removed(usize),
    /// The outcome of putting this reading in the place of another.
    Edited(Reading, Edited),
    /// A change was taken back, or there was none.
    Undone(Option<String>),
    /// A change was made again, or there was none.
    Redone(Option<String>),
}

/// A step of the work with bundles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BundleStep {
    /// Readings are encrypted into a bundle.
    Export,
    /// A question about a bundle is written.
    Ask,
    /// An answer is opened, a bundle restored, or a file inspected.
    Open,
}

impl BundleStep {
    /// The step that a command belongs to.
    pub const fn of(command: &Command) -> Self {
        match command {
            Command::Export(..) => Self::Export,
            Command::AskBundle(..) => Self::Ask,
            _ => Self::Open,
        }
    }
}

/// An answer that was opened.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenedFile {
    /// The file's name.
    pub name: String,
    /// The scope of the answer.
    pub about: AnswerScope,
    /// The report in the answer, as the overview shows one.
    pub overview: Overview,
}

/// The changes that can be undone and redone, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The change that undo would take back.
    pub undo: Option<String>,
    /// The change that redo would make again.
    pub redo: Option<String>,
}

/// The server that is in use, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerFacts {
    /// Where it is.
    pub kind: ServerKind,
    /// Of a server outside this program, once it has been met: what it says of itself.
    pub peer: Option<Peer>,
    /// Why it could not be reached the last time.
    pub trouble: Option<String>,
}

/// The events that a window hears.
pub enum Event {
    /// The settings in force, and what was wrong with their file.
    Settings(Settings, Option<String>),
    /// The profile is wholly empty: there is no key yet.
    NoKey,
    /// The profile cannot be opened, and why.
    Closed(String),
    /// The profile is open.
    Opened(KeyId),
    /// The key has a passphrase; if one was given, why it does not open the key.
    Locked(Option<String>),
    /// How the key is kept.
    Key(KeyFacts),
    /// The outcome of a command about the key, or why it could not be done.
    KeyOutcome(Result<KeyOutcome, String>),
    /// The readings, their batches and what can be undone, as they are now.
    Readings(Readings, Vec<(Source, Batch)>, History),
    /// The outcome of a command.
    Outcome(Outcome),
    /// A file is being read: its name, how many bytes, of how many.
    Reading(String, u64, u64),
    /// The readings of a file are being kept.
    Keeping,
    /// The preview of a file.
    Preview(Box<Preview>),
    /// The preview of several files.
    PreviewMany(Box<ManyFiles>),
    /// How far the work on a bundle is: how much is done, of how much.
    BundleProgress(u64, u64),
    /// The outcome of work on a bundle in words, or why it could not be done.
    Bundle(BundleStep, Result<String, String>),
    /// An answer that was opened.
    OpenedFile(Box<OpenedFile>),
    /// How far a question is.
    Progress(Stage),
    /// The answer about a view; `None` if it holds no readings.
    Overview(Box<Option<Overview>>),
    /// The answer about a year by day; `None` if it holds no readings.
    Year(Option<Box<Year>>),
    /// How the last answer compares with the same in the clear.
    Checked(Vec<Compared>),
    /// The server's inventory now.
    Inventory(ServerInventory),
    /// The server that is in use.
    Server(Box<ServerFacts>),
    /// The view that a wrong key shows, or why that cannot be tried.
    WrongKey(Result<WrongKeyView, String>),
    /// What became of an answer that was changed on its way, or why that cannot be tried.
    Tampered(Result<TamperView, String>),
    /// The same week encrypted twice, or why that cannot be tried.
    EncryptedTwice(Result<EncryptedTwice, String>),
    /// The messages that were searched for the key.
    SearchedForKey(KeySearch),
    /// The cost of each set of parameters, or why that could not be measured.
    Measured(Result<Vec<Measured>, String>),
    /// The facts about a file: its kind, and what it reveals.
    Inspected(PathBuf, Vec<Fact>),
    /// A file was written there, or why not.
    Saved(Result<PathBuf, String>),
    /// The reading of this preview's file was stopped.
    Unread(u64),
    /// The next of the commands that were sent is done, whatever its outcome.
    Done,
    /// Something could not be done: what, what is safe, what to do.
    Failed(String),
}

/// The session's end of the events.
pub(super) struct Events {
    sender: SyncSender<Event>,
    wake: Wake,
}

impl Events {
    pub(super) fn new(sender: SyncSender<Event>, wake: Wake) -> Self {
        Self { sender, wake }
    }

    /// Sends an event. If the window is gone, the end of the commands says so.
    pub(super) fn send(&self, event: Event) {
        let _ = self.sender.send(event);
        (self.wake)();
    }
}
