//! The chart as a figure of its own, to be saved as a picture: title, range, legend and where it comes from.

use egui::{Align2, Area, Frame, Id, Order, RichText, Ui, Vec2};

use crate::session::Overview;
use crate::statistics::Zones;
use crate::ui::charts::chart;
use crate::ui::charts::layers::{Layers, legend_ui};
use crate::ui::charts::snapshot::Snapshot;
use crate::ui::theme::{palette, semibold};
use crate::ui::widgets::kit::muted;
use crate::ui::widgets::words::{days_words, one_decimal};

const WIDTH: f32 = 1_080.0;
const CHART_HEIGHT: f32 = 360.0;

/// Shows the figure over the window while a picture of it is taken, and not otherwise.
pub(in crate::ui) fn figure_ui(ui: &Ui, snapshot: &mut Snapshot, overview: &Overview, layers: Layers, zones: Zones) {
    if !snapshot.is_wanted() {
        return;
    }
    let area = Area::new(Id::unique("figure")).order(Order::Tooltip).anchor(Align2::CENTER_CENTER, Vec2::ZERO);
    let shown = area.show(ui.ctx(), |ui| {
        Frame::new().fill(palette(ui).card).inner_margin(20).show(ui, |ui| {
            let room = ui.ctx().content_rect().size() - Vec2::splat(48.0);
            ui.set_width(WIDTH.min(room.x));
            ui.spacing_mut().item_spacing.y = 8.0;
            let report = &overview.now.report;
            let title = format!("Heart rate by {}, {}", report.step.name(), days_words(overview.days));
            ui.label(RichText::new(title).font(semibold(20.0)));
            let average = one_decimal(report.overall.mean_bpm());
            muted(ui, format!("Average {average} bpm, {}", report.weighting.words()));
            ui.horizontal_wrapped(|ui| legend_ui(ui, layers, overview));
            let height = CHART_HEIGHT.min(room.y - 160.0);
            chart::chart_ui(ui, overview, &chart::Points::of(report), layers, zones, height, false);
            muted(ui, "Computed with Veilbeat on encrypted readings; information, not diagnosis");
        });
    });
    snapshot.show(ui, shown.response.rect);
}
