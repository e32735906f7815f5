//! Readings: add one, import many, see what was added when.

use std::path::PathBuf;

use egui::{Align, Key, Layout, Modifiers, RichText, Role, Ui, WidgetInfo};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::app::App;
use super::axis;
use super::bundles_page::BundleForms;
use super::dialogs::Wanted;
use super::model::Model;
use super::readings_table;
use super::theme::{palette, semibold};
use super::widgets::{Secret, button, card, counted, field, full_card, gap, muted, primary_button, submitted, title};
use super::zone_settings::ZoneForm;
use crate::import::{EntryError, read_entry};
use crate::reading::Reading;
use crate::session::History;
use crate::vault::Batch;

/// Batches listed at a time.
const MOST_BATCHES: usize = 200;

/// What is typed and not yet sent.
#[derive(Default)]
pub(super) struct Forms {
    date: String,
    time: String,
    rate: String,
    note: String,
    /// The reading that is being changed, if one is.
    editing: Option<Reading>,
    /// Whether the field of the rate is to take the keyboard.
    rate_focused: bool,
    /// Where its time is local.
    editing_zone: Option<TimeZone>,
    /// Shown only once a person has tried to add the reading.
    error: Option<EntryError>,
    path: String,
    pub(super) zone: String,
    /// The zone of a previewed file's times, while it is edited.
    pub(super) import_zone: Option<String>,
    pub(super) time_column: String,
    pub(super) rate_column: String,
    pub(super) passphrase: Secret,
    pub(super) zones: Option<ZoneForm>,
    pub(super) bundles: BundleForms,
}

impl Forms {
    /// Puts a reading into the form, to be changed.
    pub(super) fn edit(&mut self, reading: Reading, zone: &TimeZone) {
        let civil = reading.civil();
        self.date = civil.date().to_string();
        self.time = time_words(civil.time());
        self.rate = reading.rate.to_string();
        reading.note.as_deref().unwrap_or_default().clone_into(&mut self.note);
        self.error = None;
        // Where the person is, summer time is theirs; elsewhere the reading's own offset stays.
        let here = zone.to_offset(Timestamp::from_millisecond(reading.instant_ms).unwrap_or_default());
        let own = Offset::from_seconds(reading.offset_secs).unwrap_or(Offset::UTC);
        self.editing_zone = Some(if here == own { zone.clone() } else { own.to_time_zone() });
        self.editing = Some(reading);
    }

    /// Lets the rate be typed next.
    pub(super) fn focus_rate(&mut self) {
        self.rate_focused = true;
    }

    /// Empties the form.
    fn clear(&mut self) {
        (self.editing, self.editing_zone, self.error) = (None, None, None);
        for text in [&mut self.date, &mut self.time, &mut self.rate, &mut self.note] {
            text.clear();
        }
    }
}

/// A time as it can be typed, no longer than it need be.
fn time_words(time: jiff::civil::Time) -> String {
    let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
    match (time.second(), time.millisecond()) {
        (0, 0) => minutes,
        (second, 0) => format!("{minutes}:{second:02}"),
        (second, ms) => format!("{minutes}:{second:02}.{ms:03}"),
    }
}

pub(super) fn readings_ui(ui: &mut Ui, app: &mut App) {
    history_keys(ui, &mut app.model);
    ui.label(RichText::new("Readings").font(semibold(22.0)));
    let gap_width = ui.spacing().item_spacing.x;
    let side_by_side = ui.available_width() >= 640.0;
    let width = if side_by_side { (ui.available_width() - gap_width) / 2.0 } else { ui.available_width() };
    let inner = width - 34.0;
    let both = |ui: &mut Ui| {
        for content in [entry_ui, import_ui] {
            ui.vertical(|ui| {
                card(ui, |ui| {
                    ui.set_width(inner);
                    ui.set_min_height(196.0);
                    ui.spacing_mut().item_spacing.y = 8.0;
                    content(ui, app, inner);
                });
            });
        }
    };
    if side_by_side {
        ui.horizontal_top(both)
    } else {
        ui.vertical(both)
    };
    full_card(ui, |ui| {
        readings_table::table_ui(ui, app);
    });
    full_card(ui, |ui| {
        batches_ui(ui, &mut app.model);
    });
}

fn entry_ui(ui: &mut Ui, app: &mut App, width: f32) {
    let zone = app.model.settings.zone();
    let forms = &mut app.forms;
    if forms.date.is_empty() && forms.time.is_empty() {
        let now = (app.now)().to_zoned(zone.clone());
        forms.date = now.date().to_string();
        forms.time = format!("{:02}:{:02}", now.hour(), now.minute());
    }
    title(ui, if forms.editing.is_some() { "Change a reading" } else { "Add a reading" });
    let half = (width - 16.0) / 2.0;
    let mut enter = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (label, text) in [("Date", &mut forms.date), ("Time", &mut forms.time)] {
            enter |= submitted(&field(ui, label, text, half));
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        let rate = field(ui, "Heart rate, bpm", &mut forms.rate, half);
        if std::mem::take(&mut forms.rate_focused) {
            rate.request_focus();
        }
        enter |= submitted(&rate);
        enter |= submitted(&field(ui, "Note (optional)", &mut forms.note, half));
    });
    gap(ui, 0.5);
    ui.horizontal(|ui| {
        let verb = if forms.editing.is_some() { "Save change" } else { "Add reading" };
        if primary_button(ui, verb, true).clicked() || enter {
            let zone = forms.editing_zone.as_ref().unwrap_or(&zone);
            match read_entry(&forms.date, &forms.time, &forms.rate, &forms.note, zone) {
                Ok(read) => match forms.editing.take() {
                    Some(old) => {
                        let new = Reading { kind: old.kind, source: old.source, ..read };
                        app.model.edit(old, new);
                        forms.clear();
                    }
                    None => {
                        forms.error = None;
                        forms.rate.clear();
                        forms.note.clear();
                        app.model.add(read);
                    }
                },
                Err(error) => forms.error = Some(error),
            }
        }
        if forms.editing.is_some() && button(ui, "Cancel", true).clicked() {
            forms.clear();
        }
        if let Some(error) = forms.error {
            ui.label(RichText::new(error.to_string()).small().color(palette(ui).heart));
        }
    });
}

fn import_ui(ui: &mut Ui, app: &mut App, width: f32) {
    title(ui, "Import");
    ui.label("Drop the export of a watch or an app anywhere on this window, choose it, or give its path: tables, JSON, XML, TCX, GPX, FIT, or the ZIP archive around them.");
    let enter = submitted(&field(ui, "Path of a file", &mut app.forms.path, width));
    gap(ui, 0.5);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if ui.button("Choose a file…").clicked() {
            app.ask_for_file(ui.ctx(), Wanted::Readings);
        }
        let typed = !app.forms.path.trim().is_empty();
        if (ui.add_enabled(typed, egui::Button::new("Import this path")).clicked() || enter) && typed {
            let path = PathBuf::from(app.forms.path.trim());
            app.forms.path.clear();
            app.model.import_file(path);
        }
    });
}

/// What was added when, newest first, and the way back.
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
                if remove.on_hover_text("Takes its readings out; Undo brings them back").clicked() {
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
        .map(|instant| axis::date(instant.to_zoned(zone.clone()).date()));
    format!("{}, {}", counted(batch.count, "reading", "readings"), when.unwrap_or_default())
}
