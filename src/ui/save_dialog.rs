//! Where a file of results is to be written: one question, with a field for the path and the
//! desktop's own dialog beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Id, RichText, Ui};

use super::app::App;
use super::dialog::{Buttons, buttons_ui};
use super::dialogs::Wanted;
use super::notice::Notice;
use super::theme::palette;
use super::widgets::{field, focus_next_field, submitted};
use crate::reading::Selection;
use crate::session::{Command, Picture};
use crate::statistics::Table;

/// What is to be written.
#[derive(Clone)]
pub(super) enum Saving {
    Readings(Arc<Selection>),
    Table(Table),
    Picture(Picture),
}

impl Saving {
    fn wanted(&self) -> Wanted {
        match self {
            Self::Readings(_) => Wanted::NewReadings,
            Self::Table(_) => Wanted::NewTable,
            Self::Picture(_) => Wanted::NewPicture,
        }
    }

    fn about(&self) -> &'static str {
        match self {
            Self::Readings(_) => "A table in the clear: time, bpm, kind, source and note of every reading shown.",
            Self::Table(_) => "A table in the clear, for a spreadsheet.",
            Self::Picture(_) => "The chart as it is on the screen.",
        }
    }
}

/// The dialog.
pub(super) struct SaveDialog {
    saving: Saving,
    path: String,
    error: Option<String>,
    fresh: bool,
}

impl SaveDialog {
    pub(super) fn open(app: &mut App, saving: Saving) {
        let name = saving.wanted().new_name().unwrap_or_default();
        let path = app.folder().join(name).display().to_string();
        app.save_dialog = Some(Self { saving, path, error: None, fresh: true });
    }

    /// A path was chosen for the dialog that is open.
    pub(super) fn picked(dialog: &mut Option<Self>, chosen: &Path) {
        if let Some(dialog) = dialog {
            dialog.path = chosen.display().to_string();
        }
    }

    /// Takes note of what writing came to.
    pub(super) fn hear(app: &mut App) {
        let Some(saved) = app.model.saved.take() else { return };
        match (saved, &mut app.save_dialog) {
            (Err(why), Some(dialog)) => dialog.error = Some(why),
            (Err(why), None) => app.model.notice = Some(Notice::bad(&why)),
            (Ok(path), _) => {
                app.save_dialog = None;
                app.remember_folder(&path);
                app.model.notice = Some(Notice::good(format!("Saved as {}", path.display())));
            }
        }
    }

    /// Shows the dialog, if there is one.
    pub(super) fn show(ui: &Ui, app: &mut App) {
        let Some(mut dialog) = app.save_dialog.take() else { return };
        if std::mem::take(&mut dialog.fresh) {
            focus_next_field(ui);
        }
        let wanted = dialog.saving.wanted();
        let id = Id::unique("save dialog");
        let (stays, closed) = super::dialog::dialog(ui, id, 520.0, wanted.title(), |ui| {
            ui.label(dialog.saving.about());
            let width = ui.available_width();
            let enter = submitted(&field(ui, "Path of the new file", &mut dialog.path, width));
            if let Some(error) = &dialog.error {
                ui.label(RichText::new(error).small().color(palette(ui).heart));
            }
            if ui.button("Choose a place…").clicked() {
                app.ask_for_file(ui.ctx(), wanted);
            }
            let Buttons { go, cancelled } = buttons_ui(ui, app, "Save", !dialog.path.trim().is_empty(), enter);
            if go {
                dialog.error = None;
                app.model.save(dialog.command());
            }
            !cancelled
        });
        if stays && !closed {
            app.save_dialog = Some(dialog);
        }
    }

    fn command(&self) -> Command {
        let path = PathBuf::from(self.path.trim());
        match self.saving.clone() {
            Saving::Readings(readings) => Command::SaveReadings(path, readings),
            Saving::Table(table) => Command::SaveTable(path, table),
            Saving::Picture(picture) => Command::SavePicture(path, picture),
        }
    }
}
