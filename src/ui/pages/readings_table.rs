//! Every reading in a table: filtered, marked, edited, deleted, saved.

use std::sync::Arc;

use egui::{Align, ComboBox, FontId, Key, Layout, Modifiers, Rect, Ui, vec2};
use jiff::civil::Date;

use crate::reading::{Filter, Kind, Rate, Reading, Readings, Selection, Source};
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::save::Saving;
use crate::ui::pages::entry_form::EntryForm;
use crate::ui::pages::selector::{Order, Selector, SortBy, Wanted};
use crate::ui::theme::palette;
use crate::ui::widgets::columns::{Column, cells_ui, number, words};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{error_text, field, labelled_ui, muted, title};
use crate::ui::widgets::long_list::{LongList, Touched};
use crate::ui::widgets::numbers::{counted, grouped};
use crate::ui::widgets::sort_head::{Sorted, sort_head_ui};
use crate::vault::Batch;

const HEIGHT: f32 = 360.0;
const COLUMNS: [Column; 5] =
    [words("Time", 0.24), number("bpm", 0.10), words("Kind", 0.10), words("Source", 0.26), words("Note", 0.30)];
/// The columns that sort, in their order.
const SORTS: [SortBy; 4] = [SortBy::Time, SortBy::Rate, SortBy::Kind, SortBy::Source];
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
    lowest: String,
    highest: String,
    filter: Filter,
    order: Order,
    selector: Selector,
    shown: Arc<Selection>,
    /// What `shown` was selected for; `None` at first.
    made_for: Option<Wanted>,
    /// Whether another selection is on its way.
    is_selecting: bool,
    /// Which rows are marked, by their place in the table; as many as there are.
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
    /// Selects again if the readings, the filter or the order have changed. Until that is done, the table shows what it
    /// did.
    fn refresh(&mut self, ctx: &egui::Context, revision: u64, readings: &Readings, batches: &[(Source, Batch)]) {
        let wanted = Wanted { revision, filter: self.filter.clone(), order: self.order };
        if self.made_for.as_ref() == Some(&wanted) {
            return;
        }
        self.is_selecting = true;
        if let Some(selection) = self.selector.select(ctx, &wanted, readings, batches) {
            let same = |made: &Wanted| made.filter == wanted.filter && made.order == wanted.order;
            if !self.made_for.as_ref().is_some_and(same) {
                self.list.go_to_top();
            }
            self.selector.let_go(std::mem::replace(&mut self.shown, selection));
            (self.made_for, self.is_selecting) = (Some(wanted), false);
            self.mark_none();
        }
    }

    /// Sorts by a column; by the same again, the other way round.
    fn sort_by(&mut self, by: SortBy) {
        // What people look for first: the newest, the highest, the first name.
        let first = matches!(by, SortBy::Source | SortBy::Kind);
        let ascending = if self.order.by == by { !self.order.ascending } else { first };
        self.order = Order { by, ascending };
    }

    /// Whether each reading is marked, counted from the earliest.
    fn marked_rows(&self) -> Vec<bool> {
        let mut rows = vec![false; self.marked.len()];
        for (place, _) in self.marked.iter().enumerate().filter(|(_, marked)| **marked) {
            rows[self.shown.row_at(place)] = true;
        }
        rows
    }

    /// What the list is, for those who hear it.
    fn name(&self) -> &'static str {
        match (self.order.by, self.order.ascending) {
            (SortBy::Time, false) => "Readings, newest first",
            (SortBy::Time, true) => "Readings, oldest first",
            (SortBy::Rate, false) => "Readings, highest bpm first",
            (SortBy::Rate, true) => "Readings, lowest bpm first",
            (SortBy::Source, _) => "Readings, by source",
            (SortBy::Kind, _) => "Readings, by kind",
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
        self.shown.get(self.shown.row_at(index))
    }
}

/// The table.
pub(in crate::ui) fn table_ui(ui: &mut Ui, ctx: &mut Ctx, table: &mut ReadingsTable, entry: &mut EntryForm) {
    table.refresh(ui.ctx(), ctx.model.revision, &ctx.model.readings, &ctx.model.batches);
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
            if table.is_selecting {
                muted(ui, "Searching…");
            }
        });
    });
    filter_ui(ui, table, &ctx.model.batches);
    if table.shown.is_empty() {
        if table.is_selecting {
            return;
        }
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
            ctx.model.delete(Arc::clone(&table.shown), table.marked_rows());
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

/// Shows the filter, on one line where there is room, else on two.
fn filter_ui(ui: &mut Ui, table: &mut ReadingsTable, batches: &[(Source, Batch)]) {
    const GAP: f32 = 12.0;
    const DATE: f32 = 152.0;
    const BPM: f32 = 84.0;
    let all = ui.available_width();
    let rest = (all - 2.0 * DATE - 2.0 * BPM - 6.0 * GAP) / 3.0;
    let mut wrong = None;
    let in_row = |ui: &mut Ui, content: &mut dyn FnMut(&mut Ui)| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            content(ui);
        });
    };
    if rest >= 100.0 {
        in_row(ui, &mut |ui| {
            wrong = bounds_ui(ui, table, [DATE, BPM]);
            choices_ui(ui, table, batches, rest.floor());
        });
    } else {
        in_row(ui, &mut |ui| wrong = bounds_ui(ui, table, [((all - 3.0 * GAP - 2.0 * BPM) / 2.0).floor(), BPM]));
        in_row(ui, &mut |ui| choices_ui(ui, table, batches, ((all - 2.0 * GAP) / 3.0).floor()));
    }
    if let Some(wrong) = wrong {
        error_text(ui, wrong);
    }
}

/// From when to when, and from which rate to which. Returns what is wrong with what was typed.
fn bounds_ui(ui: &mut Ui, table: &mut ReadingsTable, [date, bpm]: [f32; 2]) -> Option<&'static str> {
    let mut wrong = None;
    let filter = &mut table.filter;
    for (label, text, bound) in
        [("From, as in 2026-09-30", &mut table.from, &mut filter.from), ("To, included", &mut table.to, &mut filter.to)]
    {
        field(ui, label, text, date);
        *bound = text.trim().parse::<Date>().ok();
        if bound.is_none() && !text.trim().is_empty() {
            wrong = Some("A date looks like 2026-09-30");
        }
    }
    for (label, text, bound) in
        [("bpm from", &mut table.lowest, &mut filter.lowest), ("bpm to", &mut table.highest, &mut filter.highest)]
    {
        field(ui, label, text, bpm);
        *bound = rate(text);
        if bound.is_none() && !text.trim().is_empty() {
            wrong = Some("A heart rate is a number from 20 to 275.99 bpm");
        }
    }
    wrong
}

/// The rate that was typed, if it is one.
fn rate(text: &str) -> Option<Rate> {
    let bpm: f64 = text.trim().replace(',', ".").parse().ok()?;
    (0.0..1_000.0).contains(&bpm).then(|| Rate::from_centi_bpm((bpm * 100.0).round() as u32)).flatten()
}

fn choices_ui(ui: &mut Ui, table: &mut ReadingsTable, batches: &[(Source, Batch)], width: f32) {
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
            .truncate()
            .show_ui(ui, |ui| {
                for (kind, name) in KINDS {
                    ui.selectable_value(&mut table.filter.kind, kind, name);
                }
            })
            .response
    });
    field(ui, "Note contains", &mut table.filter.note, width);
}

fn rows_ui(ui: &mut Ui, table: &mut ReadingsTable, batches: &[(Source, Batch)], wish: &mut Option<Wish>) {
    let colours = palette(ui);
    let column = SORTS.iter().position(|by| *by == table.order.by).unwrap_or_default();
    let sorted = Sorted { column, up: table.order.ascending };
    if let Some(column) = sort_head_ui(ui, &COLUMNS, SORTS.len(), sorted) {
        table.sort_by(SORTS[column]);
    }
    let (shown, marked) = (Arc::clone(&table.shown), &table.marked);
    let rows = shown.len();
    let name = table.name();
    let (list, touched) = table.list.show(
        ui,
        name,
        (rows, HEIGHT),
        |row| marked[row],
        |ui, index, row| {
            let Some(reading) = shown.get(shown.row_at(row)) else { return String::new() };
            let cells = cells(&reading, batches);
            let body = FontId::proportional(14.0);
            let (ink, muted) = (colours.ink, colours.muted);
            cells_ui(ui, index, &COLUMNS, &cells, &body, [ink, ink, muted, muted, ink]);
            cells.join(", ")
        },
    );
    match touched {
        Some(Touched::Chosen(row, modifiers)) => table.mark(row, modifiers),
        Some(Touched::Opened(row)) => {
            table.mark(row, Modifiers::NONE);
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

fn cells(reading: &Reading, batches: &[(Source, Batch)]) -> [String; 5] {
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
