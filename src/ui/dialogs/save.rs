//! Where a file of results is to be written: one question, with a field for the path and the
//! desktop's own dialog beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Id, Ui};

use crate::reading::Selection;
use crate::session::{Command, Document, Picture};
use crate::statistics::Table;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::dialog::{Buttons, buttons_ui};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::model::Model;
use crate::ui::notice::Notice;
use crate::ui::widgets::kit::{error_text, focus_next_field, submitted};
use crate::ui::widgets::path_field::{PathCompleter, typed_path};

/// The content that is to be written.
#[derive(Clone)]
pub(in crate::ui) enum Saving {
    Readings(Arc<Selection>),
    Table(Table),
    Log,
    Picture(Picture),
    Report(Document),
}

impl Saving {
    fn purpose(&self) -> FilePurpose {
        match self {
            Self::Readings(_) => FilePurpose::NewReadings,
            Self::Table(_) => FilePurpose::NewTable,
            Self::Log => FilePurpose::NewLog,
            Self::Picture(_) => FilePurpose::NewPicture,
            Self::Report(_) => FilePurpose::NewReport,
        }
    }

    fn about(&self) -> &'static str {
        match self {
            Self::Readings(_) => "A table in the clear: time, bpm, kind, source and note of every reading shown.",
            Self::Table(_) => "A table in the clear, for a spreadsheet.",
            Self::Log => {
                "A table of the messages: number, time, direction, kind, subject, length, and the first bytes."
            }
            Self::Picture(_) => "The chart as it is on the screen.",
            Self::Report(_) => "Two pages to print, in the clear: figures, charts, and how they were computed.",
        }
    }
}

/// The dialog.
pub(in crate::ui) struct SaveDialog {
    saving: Saving,
    path: String,
    error: Option<String>,
    fresh: bool,
    completer: PathCompleter,
}

impl SaveDialog {
    /// Asks where something is to be saved, beginning in a folder.
    pub(in crate::ui) fn new(saving: Saving, folder: &Path) -> Self {
        let name = saving.purpose().new_name().unwrap_or_default();
        Self {
            path: folder.join(name).display().to_string(),
            saving,
            error: None,
            fresh: true,
            completer: PathCompleter::default(),
        }
    }

    /// A path was chosen for the dialog that is open.
    pub(in crate::ui) fn picked(dialog: &mut Option<Self>, chosen: &Path) {
        if let Some(dialog) = dialog {
            dialog.path = chosen.display().to_string();
        }
    }

    /// Lets the path be typed: there is no dialog to choose it with.
    pub(in crate::ui) fn focus_path(dialog: &mut Option<Self>) {
        if let Some(dialog) = dialog {
            dialog.fresh = true;
        }
    }

    /// Takes note of what writing came to.
    pub(in crate::ui) fn hear(dialog: &mut Option<Self>, model: &mut Model, saved: Result<PathBuf, String>) {
        match (saved, &mut *dialog) {
            (Err(why), Some(dialog)) => dialog.error = Some(why),
            (Err(why), None) => model.notice = Some(Notice::bad(&why)),
            (Ok(path), _) => {
                *dialog = None;
                model.remember_folder(&path);
                model.notice = Some(Notice::good(format!("Saved as {}", path.display())));
            }
        }
    }

    /// Shows the dialog, if there is one.
    pub(in crate::ui) fn show(ui: &Ui, ctx: &mut Ctx, open: &mut Option<Self>) {
        let Some(mut dialog) = open.take() else { return };
        if std::mem::take(&mut dialog.fresh) {
            focus_next_field(ui);
        }
        let purpose = dialog.saving.purpose();
        let id = Id::unique("save dialog");
        let (stays, closed) = crate::ui::dialogs::dialog::dialog(ui, id, 520.0, purpose.title(), |ui| {
            ui.label(dialog.saving.about());
            let width = ui.available_width();
            let enter = submitted(&dialog.completer.field(ui, "Path of the new file", &mut dialog.path, width));
            if let Some(error) = &dialog.error {
                error_text(ui, error);
            }
            if ui.button("Choose a place…").clicked() {
                ctx.act(Action::ChooseFile(purpose));
            }
            let ready = !dialog.path.trim().is_empty();
            let Buttons { go, cancelled } = buttons_ui(ui, ctx.model.is_busy(), "Save", ready, enter);
            if go {
                dialog.error = None;
                ctx.model.save(dialog.command());
            }
            !cancelled
        });
        if stays && !closed {
            *open = Some(dialog);
        }
    }

    fn command(&self) -> Command {
        let path = typed_path(&self.path);
        match self.saving.clone() {
            Saving::Readings(readings) => Command::SaveReadings(path, readings),
            Saving::Table(table) => Command::SaveTable(path, table),
            Saving::Log => Command::SaveLog(path),
            Saving::Picture(picture) => Command::SavePicture(path, picture),
            Saving::Report(document) => Command::SaveReport(path, document),
        }
    }
}
