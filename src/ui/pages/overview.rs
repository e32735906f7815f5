//! The overview page: the figures, the chart and the profiles.

use std::sync::Arc;

use egui::{Align, Layout, Ui};

use crate::reading::{Kind, Step, WeekStart};
use crate::session::Overview;
use crate::statistics::{Report, Zones};
use crate::ui::charts::calendar::{self, CalendarAction, CalendarView};
use crate::ui::charts::chart::{self, Points};
use crate::ui::charts::day::{self, DayView};
use crate::ui::charts::figure;
use crate::ui::charts::layers::{Layers, layers_ui};
use crate::ui::charts::profiles;
use crate::ui::charts::recovery::{self, RecoveryView};
use crate::ui::charts::rhythm;
use crate::ui::charts::snapshot::Snapshot;
use crate::ui::charts::week_map::{self, WeekMapView};
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::dialogs::save::Saving;
use crate::ui::pages::compare;
use crate::ui::pages::figures::{figures_ui, how_words};
use crate::ui::pages::range;
use crate::ui::pages::range::RangeState;
use crate::ui::pages::windows_table;
use crate::ui::report::{Content, Reports};
use crate::ui::shortcuts;
use crate::ui::widgets::kit::{NARROW, Side, card, full_card, heading, muted, primary_button, title, two_up};

const CHART_HEIGHT: f32 = 300.0;
/// A page as wide as this, in a window of 1,600 points, has the figures beside the chart.
const WIDE: f32 = 1_340.0;
const FIGURES_WIDTH: f32 = 264.0;
/// Cards side by side are both as high as the higher of them.
const PAIR_HEIGHT: f32 = 236.0;

/// How the page is looked at.
#[derive(Default)]
pub(in crate::ui) struct OverviewPage {
    pub(in crate::ui) layers: Layers,
    range: RangeState,
    day: DayView,
    week: WeekMapView,
    calendar: CalendarView,
    recovery: RecoveryView,
    /// The points of the chart, and the answer that they are of.
    points: Option<(Arc<Overview>, Points)>,
    pub(in crate::ui) snapshot: Snapshot,
    pub(in crate::ui) report: Reports,
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
    let weeks = ctx.model.weeks();
    if let Some(words) = kind_words(report) {
        muted(ui, words);
    }
    page.recovery.update(&overview, ctx.model.year.as_ref());
    if let Some(words) = page.recovery.sentence() {
        ui.label(words);
    }
    let how = how_words(&overview.now.traffic);
    if ui.available_width() < WIDE {
        figures_ui(ui, &overview, false);
        full_card(ui, |ui| chart_ui(ui, ctx, page, &overview, zones, reset));
    } else {
        // The figures beside the chart.
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(FIGURES_WIDTH);
                figures_ui(ui, &overview, true);
            });
            ui.vertical(|ui| full_card(ui, |ui| chart_ui(ui, ctx, page, &overview, zones, reset)));
        });
    }
    two_up(ui, NARROW, PAIR_HEIGHT, |ui, side, _| match side {
        Side::Left => week_map::week_map_ui(ui, report, &how, weeks, &mut page.week),
        Side::Right => rhythm::rhythm_ui(ui, report, &how),
    });
    two_up(ui, NARROW, PAIR_HEIGHT, |ui, side, _| match side {
        Side::Left => profiles::zones_ui(ui, report, &how, zones),
        Side::Right => recovery::recovery_ui(ui, &page.recovery, &how),
    });
    calendar_ui(ui, ctx, page, zones, weeks);
    two_up(ui, NARROW, PAIR_HEIGHT, |ui, side, _| match side {
        Side::Left => profiles::weekdays_ui(ui, report, &how, weeks),
        Side::Right => profiles::distribution_ui(ui, report, &how),
    });
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

/// The calendar of a year, once it is answered.
fn calendar_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut OverviewPage, zones: Zones, weeks: WeekStart) {
    let (Some(year), Some((first, last))) = (ctx.model.year.clone(), ctx.model.readings.span()) else { return };
    let years = [first.year(), last.year()];
    match full_card(ui, |ui| calendar::calendar_ui(ui, &year, years, &mut page.calendar, zones, weeks)) {
        Some(CalendarAction::Open(date)) => range::open_day(ctx, &mut page.range, date),
        Some(CalendarAction::Year(year)) => ctx.model.ask_year(year),
        None => {}
    }
}

/// Names the kind of readings behind the figures, where it is not samples alone.
pub(in crate::ui) fn kind_words(report: &Report) -> Option<String> {
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

fn chart_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut OverviewPage, overview: &Arc<Overview>, zones: Zones, reset: bool) {
    let report = &overview.now.report;
    if is_single_day(overview) {
        let keys = !ctx.has_dialog && ui.memory(|memory| memory.focused().is_none());
        if let Some(date) = day::day_ui(ui, overview, zones, &mut page.day, CHART_HEIGHT, keys) {
            range::open_day(ctx, &mut page.range, date);
        }
        return;
    }
    title(ui, &format!("Average by {}", report.step.name())).on_hover_text(how_words(&overview.now.traffic));
    ui.horizontal_wrapped(|ui| layers_ui(ui, &mut page.layers, overview));
    ctx.model.remember_layers(page.layers.names());
    if page.points.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, overview)) {
        page.points = Some((Arc::clone(overview), Points::of(report)));
    }
    let Some((_, points)) = &page.points else { return };
    let action = chart::chart_ui(ui, overview, points, page.layers, zones, CHART_HEIGHT, reset);
    figure::figure_ui(ui, &mut page.snapshot, overview, page.layers, zones);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Save as picture…").clicked() {
                page.snapshot.want();
            }
            if ui.button("Save as PDF…").on_hover_text("A report of two pages, to print").clicked() {
                page.report.make(ui.ctx(), Content::of(ctx, overview, page.layers));
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| muted(ui, computed_words(report)));
        });
    });
    if let Some(action) = action {
        range::follow(ctx, &mut page.range, action, report.step);
    }
}

/// Whether a single day is looked at that has hours.
fn is_single_day(overview: &Overview) -> bool {
    overview.days.0 == overview.days.1 && overview.now.report.step == Step::Hour
}

/// How the chart is computed.
pub(in crate::ui) fn computed_words(report: &Report) -> String {
    let resting = report.resting.as_ref().map_or_else(String::new, |resting| {
        let over = if report.step > Step::Day { ", averaged over the days" } else { "" };
        format!("; resting rate: {}{over}", resting.method.name())
    });
    format!("Mean in bpm, {}{resting}", report.weighting.words())
}
