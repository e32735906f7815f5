//! The overview page: the figures, the chart and the profiles.

use egui::{Align, Layout, Ui};

use crate::reading::Kind;
use crate::session::Overview;
use crate::statistics::{Report, Zones};
use crate::ui::charts::chart::{self, Layers};
use crate::ui::charts::profiles;
use crate::ui::charts::snapshot::Snapshot;
use crate::ui::charts::week_map;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::dialogs::save::Saving;
use crate::ui::pages::compare;
use crate::ui::pages::figures::{figures_ui, how_words};
use crate::ui::pages::range;
use crate::ui::pages::range::RangeState;
use crate::ui::pages::windows_table;
use crate::ui::shortcuts;
use crate::ui::widgets::kit::{NARROW, Side, card, full_card, heading, muted, primary_button, title, toggle, two_up};

const CHART_HEIGHT: f32 = 300.0;
/// Cards side by side are both as high as the higher of them.
const PAIR_HEIGHT: f32 = 236.0;

/// How the page is looked at.
#[derive(Default)]
pub(in crate::ui) struct OverviewPage {
    pub(in crate::ui) layers: Layers,
    range: RangeState,
    pub(in crate::ui) snapshot: Snapshot,
}

pub(in crate::ui) fn overview_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut OverviewPage) {
    header_ui(ui, ctx);
    range::range_ui(ui, ctx, &mut page.range);
    let reset = std::mem::take(&mut ctx.model.reset_chart);
    let Some(overview) = ctx.model.overview.clone() else {
        card(ui, |ui| {
            ui.set_width(ui.available_width());
            if ctx.model.empty_view {
                ui.label("There are no readings in these days. Choose others, or All.");
            } else if ctx.model.is_busy() {
                muted(ui, "Your averages are on their way…");
            } else {
                ui.label("There are no averages yet: the computation was stopped.");
                if primary_button(ui, "Compute them", true).clicked() {
                    ctx.model.ask();
                }
            }
        });
        return;
    };
    let report = &overview.now.report;
    let zones = ctx.model.settings.zones.zones();
    let weeks = ctx.model.settings.weeks;
    if let Some(words) = kind_words(report) {
        muted(ui, words);
    }
    figures_ui(ui, &overview);
    let how = how_words(&overview.now.traffic);
    full_card(ui, |ui| chart_ui(ui, ctx, page, &overview, zones, reset));
    two_up(ui, NARROW, PAIR_HEIGHT, |ui, side, _| match side {
        Side::Left => profiles::hours_ui(ui, report, &how),
        Side::Right => profiles::zones_ui(ui, report, &how, zones),
    });
    two_up(ui, NARROW, PAIR_HEIGHT, |ui, side, _| match side {
        Side::Left => profiles::weekdays_ui(ui, report, &how, weeks),
        Side::Right => profiles::distribution_ui(ui, report, &how),
    });
    full_card(ui, |ui| week_map::week_map_ui(ui, report, &how, weeks));
    let mut saving = None;
    if let Some(before) = &overview.before {
        full_card(ui, |ui| saving = saving.take().or(compare::differences_ui(ui, &overview, before, zones)));
    }
    full_card(ui, |ui| saving = saving.take().or(windows_table::table_ui(ui, report, zones)));
    full_card(ui, |ui| {
        if compare::check_ui(ui, ctx.model.compared.as_deref(), ctx.model.is_busy()) {
            ctx.model.check();
        }
    });
    if let Some(table) = saving {
        ctx.act(Action::Save(Saving::Table(table)));
    }
}

/// Names the kind of readings behind the figures, where it is not samples alone.
fn kind_words(report: &Report) -> Option<String> {
    let as_computed = "as your device computed them: there are no single readings";
    match (report.kind, report.measured_days) {
        (Kind::Average, _) => Some(format!("These are averages of days {as_computed}")),
        (Kind::Resting, _) => Some(format!("These are resting rates {as_computed}")),
        (Kind::Activity, _) => {
            Some(format!("These are averages of activities, by the hour in which they began, {as_computed}"))
        }
        (Kind::Sample, (_, 0)) => None,
        (Kind::Sample, (days, averages)) => Some(format!("{averages} of {days} days are averages of your device")),
    }
}

fn header_ui(ui: &mut Ui, ctx: &mut Ctx) {
    ui.horizontal(|ui| {
        heading(ui, "Overview");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let add = primary_button(ui, "Add reading", true).on_hover_text(shortcuts::words(ui, shortcuts::ADD));
            if add.clicked() {
                ctx.act(Action::AddReading);
            }
            let import = ui.button("Import…").on_hover_text(shortcuts::words(ui, shortcuts::IMPORT));
            if import.clicked() {
                ctx.act(Action::ChooseFile(FilePurpose::Readings));
            }
        });
    });
}

fn chart_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut OverviewPage, overview: &Overview, zones: Zones, reset: bool) {
    let report = &overview.now.report;
    ui.horizontal(|ui| {
        title(ui, &format!("Average by {}", report.step.name())).on_hover_text(how_words(&overview.now.traffic));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| layers_ui(ui, &mut page.layers, overview));
    });
    ctx.model.remember_layers(page.layers.names());
    let action = chart::chart_ui(ui, overview, page.layers, zones, CHART_HEIGHT, reset);
    let line = format!("Dots and line: mean in bpm, {}", report.weighting.words());
    let mut words = vec![&*line];
    if page.layers.band {
        words.push("shaded: 5th to 95th percentile, thin: lowest to highest");
    }
    let resting = report.resting.as_ref().filter(|_| page.layers.resting);
    let resting = resting.map(|resting| format!("red: resting rate ({})", resting.method.name()));
    words.extend(resting.as_deref());
    if page.layers.trend && report.trend.is_some() {
        words.push("trend with its 95 % band, dashed ahead where it is more than chance");
    }
    words.push("click a point to open it, drag to choose days, double-click to go back");
    words.push("Ctrl and wheel to zoom");
    page.snapshot.show(ui, ui.min_rect().expand(12.0));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Save as picture…").clicked() {
                page.snapshot.want();
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| muted(ui, words.join("; ")));
        });
    });
    if let Some(action) = action {
        range::follow(ctx, &mut page.range, action, report.step);
    }
}

/// Shows the toggles of the layers over the chart. Only layers that there are can be chosen.
fn layers_ui(ui: &mut Ui, layers: &mut Layers, overview: &Overview) {
    let report = &overview.now.report;
    ui.spacing_mut().item_spacing.x = 4.0;
    if overview.before.is_some() {
        toggle(ui, &mut layers.before, "Days before");
    }
    toggle(ui, &mut layers.zones, "Zones");
    if report.trend.is_some() {
        toggle(ui, &mut layers.trend, "Trend");
    }
    if !report.moving_bpm.is_empty() {
        toggle(ui, &mut layers.moving, "7-day average");
    }
    if report.resting.is_some() {
        toggle(ui, &mut layers.resting, "Resting");
    }
    toggle(ui, &mut layers.band, "Range");
}
