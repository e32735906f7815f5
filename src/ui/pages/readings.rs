//! Readings: add one, import many, see what was added when.

use egui::{Align, Key, Layout, Modifiers, Role, Ui, WidgetInfo};
use jiff::tz::TimeZone;

use crate::session::History;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::model::Model;
use crate::ui::pages::entry_form::{EntryForm, entry_ui};
use crate::ui::pages::readings_table::{self, ReadingsTable};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{Side, focus_next_field, full_card, gap, heading, muted, submitted, title, two_up};
use crate::ui::widgets::numbers::counted;
use crate::ui::widgets::path_field::{PathCompleter, typed_path};
use crate::vault::Batch;

/// Batches listed at a time.
const MOST_BATCHES: usize = 200;

/// The text typed and the rows marked on the page.
#[derive(Default)]
pub(in crate::ui) struct ReadingsPage {
    pub(in crate::ui) entry: EntryForm,
    path: String,
    completer: PathCompleter,
    /// Whether the path is to take the keyboard.
    path_focused: bool,
    table: ReadingsTable,
}

impl ReadingsPage {
    /// Lets a path be typed next.
    pub(in crate::ui) fn focus_path(&mut self) {
        self.path_focused = true;
    }
}

pub(in crate::ui) fn readings_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut ReadingsPage) {
    if !ctx.has_dialog {
        history_keys(ui, ctx.model);
    }
    heading(ui, "Readings");
    let ReadingsPage { entry, path, completer, path_focused, table } = page;
    two_up(ui, 640.0, 196.0, |ui, side, width| match side {
        Side::Left => entry_ui(ui, ctx, entry, width),
        Side::Right => import_ui(ui, ctx, (&mut *path, &mut *completer, &mut *path_focused), width),
    });
    full_card(ui, |ui| {
        readings_table::table_ui(ui, ctx, table, entry);
    });
    full_card(ui, |ui| {
        batches_ui(ui, ctx.model);
    });
}

fn import_ui(
    ui: &mut Ui,
    ctx: &mut Ctx,
    (path, completer, focused): (&mut String, &mut PathCompleter, &mut bool),
    width: f32,
) {
    title(ui, "Import");
    ui.label("Drop exports of a watch or an app anywhere on this window, choose files or a folder, or give a path: tables, JSON, XML, TCX, GPX, FIT, or the ZIP archive around them.");
    if std::mem::take(focused) {
        focus_next_field(ui);
    }
    let enter = submitted(&completer.field(ui, "Path of a file or folder", path, width));
    gap(ui, 0.5);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if ui.button("Choose files…").clicked() {
            ctx.act(Action::ChooseFile(FilePurpose::Readings));
        }
        if ui.button("A folder…").clicked() {
            ctx.act(Action::ChooseFile(FilePurpose::Folder));
        }
        let typed = !path.trim().is_empty();
        if (ui.add_enabled(typed, egui::Button::new("Import this path")).clicked() || enter) && typed {
            ctx.model.import_files(vec![typed_path(path)]);
            path.clear();
        }
    });
    if let Some(folder) = ctx.model.settings.exports.clone().filter(|folder| folder.is_dir()) {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        let again = ui.link(format!("Look again in the folder {name}"));
        if again.on_hover_text(folder.display().to_string()).clicked() {
            ctx.model.import_files(vec![folder]);
        }
    }
}

/// Lists the batches of readings and when they were added, newest first, with the way back.
fn batches_ui(ui: &mut Ui, model: &mut Model) {
    ui.horizontal(|ui| {
        title(ui, "Added so far");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let History { undo, redo } = model.history.clone();
            if history_button(ui, "Redo", "Ctrl+Y", redo.as_deref()) {
                model.redo();
            }
            if history_button(ui, "Undo", "Ctrl+Z", undo.as_deref()) {
                model.undo();
            }
            muted(ui, counted(model.readings.len() as u64, "reading", "readings"));
        });
    });
    if model.batches.is_empty() {
        muted(ui, "Nothing yet. What you import or type in is listed here");
    }
    let zone = model.settings.zone();
    let mut removed = None;
    for (source, batch) in model.batches.iter().rev().take(MOST_BATCHES) {
        ui.horizontal(|ui| {
            ui.label(&*batch.name);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let remove = ui.button("Remove");
                let name = format!("Remove {}", batch.name);
                remove.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
                if remove.on_hover_text("Removes its readings; Undo brings them back").clicked() {
                    removed = Some(*source);
                }
                muted(ui, added_words(batch, &zone));
            });
        });
    }
    if let Some(source) = removed {
        model.remove_batch(source);
    }
    if model.batches.len() > MOST_BATCHES {
        muted(ui, format!("and {} earlier ones", model.batches.len() - MOST_BATCHES));
    }
}

/// Undo and redo by keyboard, unless the keys belong to a text that is being typed.
fn history_keys(ui: &Ui, model: &mut Model) {
    let (undo, redo) = (model.history.undo.is_some(), model.history.redo.is_some());
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if ui.ctx().text_edit_focused() {
        return;
    }
    // The one with more keys first: the other would take it.
    if redo && (pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y)) {
        model.redo();
    } else if undo && pressed(Modifiers::COMMAND, Key::Z) {
        model.undo();
    }
}

fn history_button(ui: &mut Ui, verb: &str, keys: &str, what: Option<&str>) -> bool {
    let button = ui.add_enabled(what.is_some(), egui::Button::new(verb));
    button.on_hover_text(format!("{verb}: {} ({keys})", what.unwrap_or_default())).clicked()
}

fn added_words(batch: &Batch, zone: &TimeZone) -> String {
    let when = jiff::Timestamp::from_millisecond(batch.added_ms)
        .map(|instant| dates::date(instant.to_zoned(zone.clone()).date()));
    format!("{}, {}", counted(batch.count, "reading", "readings"), when.unwrap_or_default())
}
