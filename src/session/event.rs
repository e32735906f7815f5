//! What a window asks for, and what it hears.

use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

use crate::client::{Averages, KeyId, Stage};
use crate::import::{Report, Unusable};
use crate::reading::{Reading, Readings, Source, Step};
use crate::vault::{Added, Batch, Settings};

use super::Wake;

/// Where an import's bytes come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImportFrom {
    /// A file.
    File(PathBuf),
    /// The sample that comes with the program.
    Sample,
}

/// What a window may ask for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Try again to open the profile.
    Open,
    /// Make the key of a profile that has none.
    CreateKey,
    /// Import a file's readings.
    Import(ImportFrom),
    /// Make the key file readable by its owner only.
    ProtectKey,
    /// Add a reading by hand.
    Add(Reading),
    /// Remove what is left of a batch.
    RemoveBatch(Source),
    /// Take the last change back.
    Undo,
    /// Make the change again that was taken back last.
    Redo,
    /// Ask the server for averages; without a step, one that suits the span.
    Ask(Option<Step>),
    /// Keep these settings.
    Save(Settings),
}

/// What a command came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An import: its name, what it added, what was refused.
    Imported {
        /// The file's name.
        name: String,
        /// New readings and duplicates.
        added: Added,
        /// Refused lines and assumptions.
        report: Report,
    },
    /// A file that could not be used.
    Refused {
        /// The file's name.
        name: String,
        /// Why.
        unusable: Unusable,
    },
    /// A reading added by hand, or one that was there already.
    Entered(Reading, Added),
    /// A batch of this many readings was removed.
    Removed(usize),
    /// A change was taken back, or there was none.
    Undone(Option<String>),
    /// A change was made again, or there was none.
    Redone(Option<String>),
}

/// What can be undone and redone, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The change that undo would take back.
    pub undo: Option<String>,
    /// The change that redo would make again.
    pub redo: Option<String>,
}

/// What a window hears.
#[derive(Debug)]
pub enum Event {
    /// The settings in force, and what was wrong with their file.
    Settings(Settings, Option<String>),
    /// The profile is wholly empty: there is no key yet.
    NoKey,
    /// The profile cannot be opened, and why.
    Closed(String),
    /// The profile is open.
    Opened(KeyId),
    /// Whether others than its owner can read the key file.
    KeyExposed(bool),
    /// The readings, their batches and what can be undone, as they are now.
    Readings(Readings, Vec<(Source, Batch)>, History),
    /// What a command came to.
    Outcome(Outcome),
    /// A file is being read.
    Reading(String),
    /// How far a question is.
    Progress(Stage),
    /// The answer to a question; `None` without readings.
    Averages(Option<Averages>),
    /// A question was stopped.
    Stopped,
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
