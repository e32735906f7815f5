//! A server that cannot be reached: what is shown is as of then, and two ways on.

use egui::{Frame, Stroke, Ui};

use super::model::Model;
use super::theme::{CARD_PADDING, palette};
use super::widgets::kit::{button, muted, primary_button};
use crate::vault::ServerKind;

pub(super) fn server_trouble_ui(ui: &mut Ui, model: &mut Model) {
    if model.server.as_ref().is_none_or(|server| server.trouble.is_none()) {
        return;
    }
    let colours = palette(ui);
    Frame::new()
        .fill(colours.card)
        .stroke(Stroke::new(1.0, colours.heart))
        .corner_radius(8)
        .inner_margin(CARD_PADDING)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            muted(
                ui,
                if model.overview.is_some() {
                    "The server cannot be reached. The figures are those of its last answer"
                } else {
                    "The server cannot be reached"
                },
            );
            let idle = !model.is_busy();
            ui.horizontal(|ui| {
                if primary_button(ui, "Try again", idle).clicked() {
                    model.notice = None;
                    model.ask();
                }
                if button(ui, "Use this computer instead", idle).clicked() {
                    model.notice = None;
                    model.use_server(ServerKind::Thread);
                }
            });
        });
}
