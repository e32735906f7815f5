//! Every reading in a table: filtered, marked, edited, deleted, saved.

use std::sync::Arc;

use egui::{Align, ComboBox, FontId, Key, Layout, Modifiers, Rect, Ui, vec2};
use jiff::civil::Date;

use crate::reading::{Filter, Kind, Reading, Selection, Source};
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::save::Saving;
use crate::ui::pages::entry_form::EntryForm;
use crate::ui::theme::palette;
use crate::ui::widgets::columns::{Column, cells_ui, head_ui, number, words};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{error_text, field, labelled_ui, muted, title};
use crate::ui::widgets::long_list::{LongList, Touched};
use crate::ui::widgets::numbers::{counted, grouped};

const HEIGHT: f32 = 360.0;
const COLUMNS: [Column; 5] =
    [words("Time", 0.24), number("bpm", 0.10), words("Kind", 0.10), words("Source", 0.26), words("Note", 0.30)];
const KINDS: [(Option<Kind>, &str); 5] = [
    (None, "All kinds"),
    (Some(Kind::Sample), "Samples"),
    (Some(Kind::Resting), "Resting rates"),
    (Some(Kind::Average), "Averages of days"),
    (Some(Kind::Activity), "Activities"),
];

/// The rows that the table shows, and those that are marked.
#[derive(Default)]
pub(in crate::ui) struct ReadingsTable {
    from: String,
    to: String,
    filter: Filter,
    shown: Arc<Selection>,
    /// The revision and the filter that `shown` was selected from and by.
    made_for: Option<(u64, Filter)>,
    /// Which rows of `shown` are marked; as many as there are.
    marked: Vec<bool>,
    /// How many of them.
    count: usize,
    /// Where marking a range starts from.
    anchor: usize,
    list: LongList,
}

/// The action that a person wants for the marked rows.
enum Wish {
    Edit,
    Delete,
    Save,
}

impl ReadingsTable {
    /// Selects again if the readings or the filter have changed.
    fn refresh(&mut self, app_revision: u64, readings: &crate::reading::Readings) {
        let wanted = Some((app_revision, self.filter.clone()));
        if self.made_for != wanted {
            if self.made_for.as_ref().is_none_or(|(_, filter)| *filter != self.filter) {
                self.list.go_to_top();
            }
            self.shown = Arc::new(readings.select(&self.filter));
            self.made_for = wanted;
            self.mark_none();
        }
    }

    fn mark_none(&mut self) {
        self.marked = vec![false; self.shown.len()];
        (self.count, self.anchor) = (0, 0);
    }

    fn mark_all(&mut self) {
        self.marked.fill(true);
        self.count = self.marked.len();
    }

    /// Marks as a click on a row does, in a list of files: alone, one more, or up to it.
    fn mark(&mut self, index: usize, modifiers: Modifiers) {
        if modifiers.shift {
            let range = index.min(self.anchor)..=index.max(self.anchor);
            if !modifiers.command {
                self.marked.fill(false);
            }
            self.marked[range].fill(true);
        } else if modifiers.command {
            self.marked[index] = !self.marked[index];
            self.anchor = index;
        } else {
            self.marked.fill(false);
            self.marked[index] = true;
            self.anchor = index;
        }
        self.count = self.marked.iter().filter(|marked| **marked).count();
    }

    /// The only marked reading.
    fn only_marked(&self) -> Option<Reading> {
        let index = self.marked.iter().position(|marked| *marked).filter(|_| self.count == 1)?;
        self.shown.get(index)
    }
}

/// The table.
pub(in crate::ui) fn table_ui(ui: &mut Ui, ctx: &mut Ctx, table: &mut ReadingsTable, entry: &mut EntryForm) {
    table.refresh(ctx.model.revision, &ctx.model.readings);
    let mut wish = None;
    ui.horizontal(|ui| {
        title(ui, "All readings");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let save = ui.add_enabled(!table.shown.is_empty(), egui::Button::new("Save as CSV…"));
            if save.on_hover_text("Saves the readings that the table shows").clicked() {
                wish = Some(Wish::Save);
            }
            let delete = ui.add_enabled(table.count > 0, egui::Button::new("Delete"));
            if delete.on_hover_text("Deletes the marked readings; Undo brings them back (Delete)").clicked() {
                wish = Some(Wish::Delete);
            }
            let edit = ui.add_enabled(table.count == 1, egui::Button::new("Edit"));
            if edit.on_hover_text("Changes the marked reading (Enter, or a double click)").clicked() {
                wish = Some(Wish::Edit);
            }
            muted(ui, count_words(table.count, table.shown.len(), ctx.model.readings.len()));
        });
    });
    filter_ui(ui, table, &ctx.model.batches);
    if table.shown.is_empty() {
        let none = if ctx.model.readings.is_empty() { "No readings yet" } else { "No readings match" };
        muted(ui, none);
        return;
    }
    rows_ui(ui, table, &ctx.model.batches, &mut wish);
    match wish {
        Some(Wish::Edit) => {
            if let Some(reading) = table.only_marked() {
                entry.edit(reading, &ctx.model.settings.zone());
                ui.scroll_to_rect(Rect::from_min_size(ui.min_rect().left_top(), vec2(1.0, 1.0)), None);
            }
        }
        Some(Wish::Delete) if table.count > 0 => {
            ctx.model.delete(Arc::clone(&table.shown), table.marked.clone());
        }
        Some(Wish::Save) => ctx.act(Action::Save(Saving::Readings(Arc::clone(&table.shown)))),
        Some(Wish::Delete) | None => {}
    }
}

fn count_words(marked: usize, shown: usize, all: usize) -> String {
    let words = counted(all as u64, "reading", "readings");
    let of_all = if shown == all { words } else { format!("{} of {words}", grouped(shown as u64)) };
    if marked == 0 { of_all } else { format!("{} marked  ·  {of_all}", grouped(marked as u64)) }
}

fn filter_ui(ui: &mut Ui, table: &mut ReadingsTable, batches: &[(Source, crate::vault::Batch)]) {
    let width = ((ui.available_width() - 4.0 * 12.0) / 5.0).floor();
    let mut wrong = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        for (label, text, date) in [
            ("From, as in 2026-09-30", &mut table.from, &mut table.filter.from),
            ("To, included", &mut table.to, &mut table.filter.to),
        ] {
            field(ui, label, text, width);
            let typed = text.trim();
            let read = typed.parse::<Date>().ok();
            wrong |= read.is_none() && !typed.is_empty();
            *date = read;
        }
        labelled_ui(ui, "Source", |ui| {
            let name = |source: Option<Source>| match source {
                None => "All sources",
                Some(source) => batches.iter().find(|(other, _)| *other == source).map_or("–", |(_, b)| &*b.name),
            };
            ComboBox::from_id_salt("source filter")
                .selected_text(name(table.filter.source))
                .width(width)
                .truncate()
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut table.filter.source, None, "All sources");
                    for (source, batch) in batches.iter().rev() {
                        ui.selectable_value(&mut table.filter.source, Some(*source), &*batch.name);
                    }
                })
                .response
        });
        labelled_ui(ui, "Kind", |ui| {
            let name = KINDS.iter().find(|(kind, _)| *kind == table.filter.kind).map_or("", |(_, name)| name);
            ComboBox::from_id_salt("kind filter")
                .selected_text(name)
                .width(width)
                .show_ui(ui, |ui| {
                    for (kind, name) in KINDS {
                        ui.selectable_value(&mut table.filter.kind, kind, name);
                    }
                })
                .response
        });
        field(ui, "Note contains", &mut table.filter.note, width);
    });
    if wrong {
        error_text(ui, "A date looks like 2026-09-30");
    }
}

fn rows_ui(ui: &mut Ui, table: &mut ReadingsTable, batches: &[(Source, crate::vault::Batch)], wish: &mut Option<Wish>) {
    let colours = palette(ui);
    head_ui(ui, &COLUMNS);
    let (shown, marked) = (Arc::clone(&table.shown), &table.marked);
    let rows = shown.len();
    // Newest first: that is what people look for.
    let (list, touched) = table.list.show(
        ui,
        "Readings, newest first",
        (rows, HEIGHT),
        |row| marked[rows - 1 - row],
        |ui, index, row| {
            let Some(reading) = shown.get(rows - 1 - row) else { return String::new() };
            let cells = cells(&reading, batches);
            let body = FontId::proportional(14.0);
            let (ink, muted) = (colours.ink, colours.muted);
            cells_ui(ui, index, &COLUMNS, &cells, &body, [ink, ink, muted, muted, ink]);
            cells.join(", ")
        },
    );
    match touched {
        Some(Touched::Chosen(row, modifiers)) => table.mark(rows - 1 - row, modifiers),
        Some(Touched::Opened(row)) => {
            table.mark(rows - 1 - row, Modifiers::NONE);
            *wish = Some(Wish::Edit);
        }
        None => {}
    }
    if list.has_focus() {
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::A) {
            table.mark_all();
        }
        if pressed(Modifiers::NONE, Key::Delete) || pressed(Modifiers::NONE, Key::Backspace) {
            *wish = Some(Wish::Delete);
        }
    }
}

fn cells(reading: &Reading, batches: &[(Source, crate::vault::Batch)]) -> [String; 5] {
    let civil = reading.civil();
    let date = dates::date(civil.date());
    let source = batches.binary_search_by_key(&reading.source, |(source, _)| *source);
    [
        format!("{date}, {}", dates::clock_seconds(civil)),
        reading.rate.to_string(),
        reading.kind.name().to_owned(),
        source.map_or_else(|_| String::new(), |at| batches[at].1.name.to_string()),
        reading.note.as_deref().unwrap_or_default().to_owned(),
    ]
}
