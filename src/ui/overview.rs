//! The overview: how am I doing?

use egui::{Align, Layout, RichText, ScrollArea, Ui};
use jiff::civil::Date;

use super::app::{App, Page};
use super::dialogs::Wanted;
use super::model::Model;
use super::theme::semibold;
use super::widgets::{card, counted, figure, gap, grouped, muted, primary_button, segmented, title};
use super::words::{step_name, window_words};
use super::{axis, chart};
use crate::client::{Averages, WindowAverage};
use crate::reading::{Kind, Step};

const CHART_HEIGHT: f32 = 300.0;
const TABLE_HEIGHT: f32 = 260.0;
const ROW_HEIGHT: f32 = 24.0;
const STEPS: [(Option<Step>, &str); 6] = [
    (None, "Auto"),
    (Some(Step::Hour), "Hour"),
    (Some(Step::Day), "Day"),
    (Some(Step::Week), "Week"),
    (Some(Step::Month), "Month"),
    (Some(Step::All), "All"),
];

pub(super) fn overview_ui(ui: &mut Ui, app: &mut App) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Overview").font(semibold(22.0)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if primary_button(ui, "Add reading", true).clicked() {
                app.page = Page::Readings;
            }
            if ui.button("Import…").clicked() {
                app.ask_for_file(ui.ctx(), Wanted::Readings);
            }
        });
    });
    let reset = std::mem::take(&mut app.model.reset_chart);
    let Some(averages) = app.model.averages.clone() else {
        muted(ui, "Your averages are on their way…");
        return;
    };
    if averages.kind != Kind::Sample {
        let what = if averages.kind == Kind::Average { "averages of activities or days" } else { "resting rates" };
        muted(ui, format!("These are {what} as your device computed them: there are no single readings"));
    }
    figures_ui(ui, &averages, app.model.readings.span());
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 8.0;
        ui.horizontal(|ui| {
            title(ui, &format!("Average by {}", step_name(averages.step).to_lowercase()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| step_ui(ui, &mut app.model));
        });
        chart::chart_ui(ui, &averages, CHART_HEIGHT, reset);
        muted(
            ui,
            "Line: mean in bpm, band: one standard deviation either way. Drag to move, Ctrl and wheel to zoom, double-click for everything",
        );
    });
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        table_ui(ui, &averages);
    });
}

fn step_ui(ui: &mut Ui, model: &mut Model) {
    let mut step = model.step;
    if segmented(ui, &mut step, &STEPS) {
        model.step = step;
        model.stop();
        model.ask();
    }
}

/// The numbers that matter, a card each.
fn figures_ui(ui: &mut Ui, averages: &Averages, span: Option<(Date, Date)>) {
    let overall = averages.overall();
    let one = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    let mean = |window: &WindowAverage| one(window.moments.mean_bpm());
    let words = |window: &WindowAverage| window_words(window.start, averages.step);
    let step = step_name(averages.step).to_lowercase();
    let span = match span {
        Some((first, last)) if first != last => format!("{} – {}", axis::date(first), axis::date(last)),
        Some((only, _)) => axis::date(only),
        None => String::new(),
    };
    let deviation = format!("± {} standard deviation", one(overall.sd_bpm()));
    let mut figures = vec![("Average".to_owned(), one(overall.mean_bpm()), "bpm", deviation)];
    if let Some((lowest, highest)) = averages.extremes() {
        figures.push((format!("Lowest {step}"), mean(lowest), "bpm", words(lowest)));
        figures.push((format!("Highest {step}"), mean(highest), "bpm", words(highest)));
    }
    figures.push(("Readings".to_owned(), grouped(overall.count), "", span));
    let columns = if ui.available_width() < 700.0 { 2 } else { 4 };
    let gaps = (columns - 1) as f32 * ui.spacing().item_spacing.x;
    let width = ((ui.available_width() - gaps) / columns as f32).floor();
    for row in figures.chunks(columns) {
        ui.horizontal(|ui| {
            for (label, number, unit, about) in row {
                figure(ui, width, label, number, unit, about);
            }
        });
    }
}

/// The chart's numbers as a table.
fn table_ui(ui: &mut Ui, averages: &Averages) {
    ui.spacing_mut().item_spacing.y = 4.0;
    title(ui, "The same in numbers");
    gap(ui, 0.5);
    let widths = [0.4, 0.2, 0.2, 0.2].map(|share| share * (ui.available_width() - 24.0));
    let row_ui = |ui: &mut Ui, cells: [RichText; 4]| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (i, (cell, width)) in cells.into_iter().zip(widths).enumerate() {
                let layout =
                    if i == 0 { Layout::left_to_right(Align::Center) } else { Layout::right_to_left(Align::Center) };
                ui.allocate_ui_with_layout(egui::vec2(width, ROW_HEIGHT - 4.0), layout, |ui| {
                    ui.set_min_width(width);
                    ui.add(egui::Label::new(cell).truncate());
                });
            }
        });
    };
    let colour = super::theme::palette(ui).muted;
    let head = |text: &str| RichText::new(text).small().color(colour);
    row_ui(ui, [head(step_name(averages.step)), head("Average, bpm"), head("Deviation, bpm"), head("Readings")]);
    ui.separator();
    let rows = averages.windows.len();
    ScrollArea::vertical()
        .id_salt("table")
        .max_height(TABLE_HEIGHT)
        .min_scrolled_height(TABLE_HEIGHT)
        .auto_shrink([false, true])
        .show_rows(ui, ROW_HEIGHT - 4.0, rows, |ui, shown| {
            // Newest first: that is what people look for.
            for window in averages.windows.iter().rev().skip(shown.start).take(shown.len()) {
                let number =
                    |value: Option<f64>| RichText::new(value.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}")));
                row_ui(
                    ui,
                    [
                        RichText::new(window_words(window.start, averages.step)),
                        number(window.moments.mean_bpm()),
                        number(window.moments.sd_bpm()),
                        RichText::new(grouped(window.moments.count)),
                    ],
                );
            }
        });
    muted(ui, counted(rows as u64, "row", "rows"));
}
