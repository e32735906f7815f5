//! The last notice, at the foot of the window: it pushes nothing, and leaves by itself where nothing is to be decided.

use std::time::Duration;

use egui::{Align, Align2, Area, CollapsingHeader, Frame, Id, Layout, Order, RichText, ScrollArea, Stroke, Ui, vec2};
use jiff::Timestamp;

use super::context::{Action, Ctx, Page};
use super::notice::{Notice, Offer};
use super::theme::{medium, palette};
use super::widgets::kit::muted;
use super::widgets::numbers::grouped;

const WIDTH: f32 = 640.0;
/// The height of the line at the foot of the window, and some air.
const ABOVE: f32 = 52.0;
/// Lines of a refused file shown at a time.
const LIST_HEIGHT: f32 = 160.0;

/// Shows the notice, if there is one.
pub(super) fn toast_ui(ui: &Ui, ctx: &mut Ctx) {
    let now = (ctx.now)();
    let Some(mut notice) = ctx.model.notice.take() else { return };
    let since = *notice.since.get_or_insert(now);
    let stays = notice.stays().map(|secs| Duration::from_secs(secs).saturating_sub(elapsed(since, now)));
    if stays.is_some_and(|left| left.is_zero()) {
        return;
    }
    let (mut close, mut taken) = (false, None);
    let area =
        Area::new(Id::unique("toast")).order(Order::Foreground).anchor(Align2::CENTER_BOTTOM, vec2(100.0, -ABOVE));
    let area = area.constrain(true).show(ui.ctx(), |ui| {
        let colours = palette(ui);
        let edge = if notice.bad { colours.heart } else { colours.data };
        let frame = Frame::popup(ui.style()).stroke(Stroke::new(1.0, edge)).corner_radius(8).inner_margin(14);
        frame.show(ui, |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 280.0));
            (close, taken) = notice_ui(ui, &notice);
        });
    });
    if let Some(left) = stays {
        ui.ctx().request_repaint_after(left + Duration::from_millis(20));
    }
    // Whoever points at it reads it.
    if area.response.contains_pointer() {
        notice.since = Some(now);
    }
    match taken {
        Some(Offer::Undo) => ctx.model.undo(),
        Some(Offer::Show) => ctx.act(Action::Go(Page::Readings)),
        None if !close => ctx.model.notice = Some(notice),
        None => {}
    }
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

/// The notice's words and buttons. Returns whether it was closed, and what was taken of what it offers.
fn notice_ui(ui: &mut Ui, notice: &Notice) -> (bool, Option<Offer>) {
    let (mut close, mut taken) = (false, None);
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            close = ui.button("Close").clicked();
            for offer in &notice.offers {
                if ui.button(offer.name()).clicked() {
                    taken = Some(*offer);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                // A word beside the colour.
                let text = if notice.bad { format!("Problem: {}", notice.text) } else { notice.text.clone() };
                ui.label(RichText::new(text).font(medium(15.0)));
            });
        });
    });
    for sentence in &notice.details {
        muted(ui, sentence);
    }
    if !notice.refused.is_empty() {
        let title = format!("Refused lines ({})", grouped(notice.refused.len() as u64));
        CollapsingHeader::new(RichText::new(title).small()).default_open(notice.bad).show(ui, |ui| {
            ScrollArea::vertical()
                .max_height(LIST_HEIGHT)
                .min_scrolled_height(LIST_HEIGHT)
                .auto_shrink([false, true])
                .show_rows(ui, 18.0, notice.refused.len(), |ui, rows| {
                    for refused in &notice.refused[rows] {
                        muted(ui, format!("Line {}: {}", refused.line, refused.reason));
                    }
                });
        });
    }
    (close, taken)
}
