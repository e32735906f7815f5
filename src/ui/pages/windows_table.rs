//! A report's windows as a table.

use egui::containers::scroll_area::ScrollSource;
use egui::{RichText, ScrollArea, Ui};

use crate::statistics::{Report, Table, Zones};
use crate::ui::pages::compare;
use crate::ui::theme::palette;
use crate::ui::widgets::kit::{gap, muted, table_row};
use crate::ui::widgets::numbers::{counted, grouped};
use crate::ui::widgets::wheel::takes_wheel;
use crate::ui::widgets::words::{duration_words, step_name, window_words};

const TABLE_HEIGHT: f32 = 260.0;
const ROW_HEIGHT: f32 = 20.0;

/// One row for each window. Returns the table if it is to be saved.
pub(in crate::ui) fn table_ui(ui: &mut Ui, report: &Report, zones: Zones) -> Option<Table> {
    const SHARES: [f32; 8] = [0.24, 0.12, 0.1, 0.1, 0.1, 0.1, 0.12, 0.12];
    let wanted = compare::title_and_save(ui, "The same in numbers");
    ui.spacing_mut().item_spacing.y = 4.0;
    gap(ui, 0.5);
    let width = ui.available_width() - 24.0;
    let row_ui = |ui: &mut Ui, cells| table_row(ui, width, SHARES, 1, cells);
    let colour = palette(ui).muted;
    let head = |text: &str| RichText::new(text).small().color(colour);
    let names =
        [step_name(report.step), "Average, bpm", "Deviation", "Lowest", "Median", "Highest", "Covered", "Readings"];
    row_ui(ui, names.map(head));
    ui.separator();
    let rows = report.windows.len();
    let below = egui::Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), TABLE_HEIGHT));
    let mouse_wheel = takes_wheel(ui, ui.scope_id().with("wheel"), below);
    ScrollArea::vertical()
        .id_salt("table")
        .scroll_source(ScrollSource { mouse_wheel, ..ScrollSource::ALL })
        .max_height(TABLE_HEIGHT)
        .min_scrolled_height(TABLE_HEIGHT)
        .auto_shrink([false, true])
        .show_rows(ui, ROW_HEIGHT, rows, |ui, shown| {
            // Newest first: that is what people look for.
            for window in report.windows.iter().rev().skip(shown.start).take(shown.len()) {
                let sums = &window.sums;
                let decimal = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
                let whole = |value: Option<u16>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
                let cells = [
                    window_words(window.start, report.step),
                    decimal(sums.mean_bpm()),
                    decimal(sums.sd_bpm()),
                    whole(sums.min_bpm()),
                    whole(sums.median_bpm()),
                    whole(sums.max_bpm()),
                    sums.covered_secs().map_or_else(|| "–".to_owned(), duration_words),
                    grouped(sums.count),
                ];
                row_ui(ui, cells.map(RichText::new));
            }
        });
    muted(ui, format!("{}; means are {}", counted(rows as u64, "row", "rows"), report.weighting.words()));
    wanted.then(|| Table::of_windows(report, zones))
}
