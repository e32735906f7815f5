//! Readings: add one, import many, see what was added when.

use std::path::PathBuf;

use egui::{Align, Key, Layout, Modifiers, Role, Ui, WidgetInfo};
use jiff::tz::TimeZone;

use crate::session::History;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::model::Model;
use crate::ui::pages::entry_form::{EntryForm, entry_ui};
use crate::ui::pages::readings_table::{self, ReadingsTable};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{Side, field, full_card, gap, heading, muted, submitted, title, two_up};
use crate::ui::widgets::numbers::counted;
use crate::vault::Batch;

/// Batches listed at a time.
const MOST_BATCHES: usize = 200;

/// The text typed and the rows marked on the page.
#[derive(Default)]
pub(in crate::ui) struct ReadingsPage {
    pub(in crate::ui) entry: EntryForm,
    path: String,
    table: ReadingsTable,
}

pub(in crate::ui) fn readings_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut ReadingsPage) {
    if !ctx.has_dialog {
        history_keys(ui, ctx.model);
    }
    heading(ui, "Readings");
    let ReadingsPage { entry, path, table } = page;
    two_up(ui, 640.0, 196.0, |ui, side, width| match side {
        Side::Left => entry_ui(ui, ctx, entry, width),
        Side::Right => import_ui(ui, ctx, path, width),
    });
    full_card(ui, |ui| {
        readings_table::table_ui(ui, ctx, table, entry);
    });
    full_card(ui, |ui| {
        batches_ui(ui, ctx.model);
    });
}

fn import_ui(ui: &mut Ui, ctx: &mut Ctx, path: &mut String, width: f32) {
    title(ui, "Import");
    ui.label("Drop the export of a watch or an app anywhere on this window, choose it, or give its path: tables, JSON, XML, TCX, GPX, FIT, or the ZIP archive around them.");
    let enter = submitted(&field(ui, "Path of a file", path, width));
    gap(ui, 0.5);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if ui.button("Choose a file…").clicked() {
            ctx.act(Action::ChooseFile(FilePurpose::Readings));
        }
        let typed = !path.trim().is_empty();
        if (ui.add_enabled(typed, egui::Button::new("Import this path")).clicked() || enter) && typed {
            ctx.model.import_file(PathBuf::from(path.trim()));
            path.clear();
        }
    });
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
