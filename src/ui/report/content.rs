//! What stands on the pages of a report, from top to bottom.

use egui::{RichText, Ui, vec2};

use super::Content;
use crate::reading::Step;
use crate::statistics::{Report, Windowed};
use crate::ui::charts::chart;
use crate::ui::charts::layers::legend_ui;
use crate::ui::charts::profiles;
use crate::ui::charts::recovery::{self, RecoveryView};
use crate::ui::charts::rhythm;
use crate::ui::charts::week_map::{self, WeekMapView};
use crate::ui::pages::figures::figures_ui;
use crate::ui::pages::overview::{computed_words, kind_words};
use crate::ui::theme::{palette, semibold};
use crate::ui::widgets::kit::{Side, full_card, heart, muted, table_row, title, two_up};
use crate::ui::widgets::numbers::{counted, grouped};
use crate::ui::widgets::words::{days_words, duration_words, one_decimal, step_name, window_words};

/// How many pages a report has.
pub(super) const PAGES: usize = 2;
const CHART_HEIGHT: f32 = 410.0;
const PAIR_HEIGHT: f32 = 236.0;
const ROW_HEIGHT: f32 = 20.0;

/// What the widgets keep from one pass to the next.
pub(super) struct Pages {
    week: WeekMapView,
    recovery: RecoveryView,
}

impl Pages {
    pub(super) fn new(content: &Content) -> Self {
        let mut recovery = RecoveryView::default();
        recovery.update(&content.overview, content.year.as_ref());
        Self { week: WeekMapView::printed(), recovery }
    }

    /// Draws a page.
    pub(super) fn show(&mut self, ui: &mut Ui, content: &Content, number: usize) {
        if number == 0 { self.first_ui(ui, content) } else { self.second_ui(ui, content) }
    }

    fn first_ui(&mut self, ui: &mut Ui, content: &Content) {
        let (overview, report) = (&content.overview, &content.overview.now.report);
        head_ui(ui, content);
        figures_ui(ui, overview, false);
        full_card(ui, |ui| {
            title(ui, &format!("Average by {}", report.step.name()));
            ui.horizontal_wrapped(|ui| legend_ui(ui, content.layers, overview));
            let points = chart::Points::of(&overview.now.report);
            chart::chart_ui(ui, overview, &points, content.layers, content.zones, CHART_HEIGHT, false);
            muted(ui, computed_words(report));
        });
        two_up(ui, 0.0, PAIR_HEIGHT, |ui, side, _| match side {
            Side::Left => week_map::week_map_ui(ui, report, "", content.weeks, &mut self.week),
            Side::Right => rhythm::rhythm_ui(ui, report, ""),
        });
    }

    fn second_ui(&mut self, ui: &mut Ui, content: &Content) {
        let report = &content.overview.now.report;
        muted(ui, title_words(content));
        two_up(ui, 0.0, PAIR_HEIGHT, |ui, side, _| match side {
            Side::Left => profiles::zones_ui(ui, report, "", content.zones),
            Side::Right => recovery::recovery_ui(ui, &self.recovery, ""),
        });
        two_up(ui, 0.0, PAIR_HEIGHT, |ui, side, _| match side {
            Side::Left => profiles::weekdays_ui(ui, report, "", content.weeks),
            Side::Right => profiles::distribution_ui(ui, report, ""),
        });
        full_card(ui, |ui| {
            title(ui, "How this was computed");
            ui.spacing_mut().item_spacing.y = 4.0;
            for words in how_words(content) {
                muted(ui, words);
            }
        });
        // What room is left is the table's.
        if ui.available_height() > 8.0 * ROW_HEIGHT {
            full_card(ui, |ui| windows_ui(ui, report));
        }
    }
}

/// What the report is, and of which days.
pub(super) fn title_words(content: &Content) -> String {
    format!("Heart rate, {}", days_words(content.overview.days))
}

fn head_ui(ui: &mut Ui, content: &Content) {
    let report = &content.overview.now.report;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(10.0, 4.0);
        ui.horizontal(|ui| {
            heart(ui, 26.0);
            ui.label(RichText::new("Heart rate").font(semibold(28.0)));
        });
        ui.label(RichText::new(days_words(content.overview.days)).font(semibold(17.0)));
        let (days, _) = report.measured_days;
        let readings = counted(report.overall.count, "reading", "readings");
        let covered = report
            .overall
            .covered_secs()
            .map_or_else(String::new, |secs| format!(" that cover {}", duration_words(secs)));
        muted(ui, format!("{} with readings: {readings}{covered}", counted(days as u64, "day", "days")));
        if let Some(words) = kind_words(report) {
            muted(ui, words);
        }
    });
}

/// How the numbers came to be, a sentence each.
fn how_words(content: &Content) -> Vec<String> {
    let (report, traffic) = (&content.overview.now.report, &content.overview.now.traffic);
    let known = match traffic.known {
        0 => String::new(),
        known => format!(" {} had been computed and verified in the same way before.", counted(known, "sum", "sums")),
    };
    let mut all = vec![
        format!(
            "The readings were encrypted on the computer of their owner. A server added up {} that it cannot read; \
             the computer verified every sum before it opened it.{known}",
            counted(traffic.ciphertexts, "ciphertext", "ciphertexts")
        ),
        format!("Averages are {}. Each is exact: encryption changes no digit.", report.weighting.words()),
    ];
    if let Some(resting) = &report.resting {
        all.push(format!("Resting rate: {}.", resting.method.name()));
    }
    if report.trend.is_some() {
        all.push(
            "Trend: least squares of the averages in the chart, with its standard error; “may be chance” below 95 % \
             confidence."
                .to_owned(),
        );
    }
    if report.rhythm.is_some() {
        all.push("Fitted day: least squares of the hours' averages on a cosine of 24 hours.".to_owned());
    }
    all.push("This report informs. It does not diagnose, and it has not been checked by a physician.".to_owned());
    all
}

/// The newest windows in numbers, side by side, as many as there is room for.
fn windows_ui(ui: &mut Ui, report: &Report) {
    const GAP: f32 = 28.0;
    // An hour takes more words than a day.
    let columns = if report.step == Step::Hour { 2 } else { 3 };
    let rows = ((ui.available_height() - 76.0) / ROW_HEIGHT).max(1.0) as usize;
    let all = &report.windows;
    let shown = &all[all.len().saturating_sub(columns * rows)..];
    let name = match all.len() - shown.len() {
        0 => "In numbers".to_owned(),
        _ => format!("In numbers: the last {} of {}", shown.len(), grouped(all.len() as u64)),
    };
    title(ui, &name);
    ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
    ui.spacing_mut().interact_size.y = ROW_HEIGHT;
    let width = (ui.available_width() - GAP * (columns - 1) as f32) / columns as f32;
    ui.horizontal_top(|ui| {
        for column in shown.chunks(shown.len().div_ceil(columns).max(1)) {
            ui.vertical(|ui| {
                ui.set_width(width);
                column_ui(ui, width, column, report);
            });
        }
    });
}

fn column_ui(ui: &mut Ui, width: f32, windows: &[Windowed], report: &Report) {
    const SHARES: [f32; 3] = [0.52, 0.22, 0.26];
    let colours = palette(ui);
    let head = |text: &str| RichText::new(text).small().color(colours.muted);
    table_row(ui, width, SHARES, 1, [step_name(report.step), "Average", "Range"].map(head));
    let (rect, _) = ui.allocate_exact_size(vec2(width, 5.0), egui::Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, egui::Stroke::new(1.0, colours.line));
    for window in windows {
        let sums = &window.sums;
        let range = sums.min_bpm().zip(sums.max_bpm());
        let cells = [
            window_words(window.start, report.step),
            one_decimal(sums.mean_bpm()),
            range.map_or_else(|| "–".to_owned(), |(low, high)| format!("{low} – {high}")),
        ];
        table_row(ui, width, SHARES, 1, cells.map(|cell| RichText::new(cell).small().color(colours.ink)));
    }
}
