//! The context that pages and dialogs are given, and the actions that they may ask of the window.
//!
//! A page gets a [`Ctx`] and its own state, and nothing else of the window. What it wants done that is
//! neither its own nor the model's is an [`Action`]; the window (`app`) does them after the frame.

use std::path::PathBuf;

use jiff::Timestamp;

use super::dialogs::files::FilePurpose;
use super::dialogs::key::KeyDialog;
use super::dialogs::save::Saving;
use super::meter::Meter;
use super::model::Model;
use super::widgets::icons::Icon;
use crate::vault::Home;

/// The pages of the sidebar.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    #[default]
    Overview,
    Readings,
    Server,
    Bundles,
    Key,
    Settings,
    Help,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Overview, "Overview"),
        (Self::Readings, "Readings"),
        (Self::Server, "Server"),
        (Self::Bundles, "Bundles"),
        (Self::Key, "Key"),
        (Self::Settings, "Settings"),
        (Self::Help, "Help"),
    ];

    /// Its mark in the sidebar.
    pub(super) const fn icon(self) -> Icon {
        match self {
            Self::Overview => Icon::Chart,
            Self::Readings => Icon::List,
            Self::Server => Icon::Server,
            Self::Bundles => Icon::Parcel,
            Self::Key => Icon::Key,
            Self::Settings => Icon::Sliders,
            Self::Help => Icon::Help,
        }
    }
}

/// The actions that only the window itself can do.
pub(super) enum Action {
    /// Shows a page.
    Go(Page),
    /// Goes to where a reading is typed in.
    AddReading,
    /// Asks for a file; it comes when the person has chosen.
    ChooseFile(FilePurpose),
    /// Shows a bundle or an answer on the page that opens it.
    OpenVeil(PathBuf),
    /// Opens a dialog about the key.
    OpenKeyDialog(Box<KeyDialog>),
    /// Opens the dialog of the recovery words.
    ShowWords,
    /// Asks where something is to be saved.
    Save(Saving),
    /// Forgets what was typed and looked at: everything was deleted.
    Forget,
}

/// The window as a page sees it.
pub(super) struct Ctx<'a> {
    /// The model: the data to show, and the commands that can be given.
    pub(super) model: &'a mut Model,
    /// The profile's folders.
    pub(super) home: &'a Home,
    /// The time.
    pub(super) now: fn() -> Timestamp,
    /// The cost of all frames so far.
    pub(super) meter: Meter,
    /// Whether a dialog is open, to which the keys belong.
    pub(super) has_dialog: bool,
    /// The actions to be done after this frame.
    pub(super) actions: Vec<Action>,
}

impl Ctx<'_> {
    /// Wants something done after this frame.
    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
