//! The line at the foot of the window: what is under way, or what the server did last.

use egui::{Label, ProgressBar, RichText, Ui};

use super::model::Model;
use super::progress::remaining_words;
use super::theme::palette;
use super::widgets::kit::muted;
use super::widgets::numbers::{bytes, counted, grouped, time};
use crate::client::Traffic;

pub(super) fn status_ui(ui: &mut Ui, model: &mut Model) {
    ui.horizontal_centered(|ui| match &model.working {
        Some(progress) => {
            let (text, share) = progress.working.words();
            muted(ui, text);
            if let Some(share) = share {
                ui.add(ProgressBar::new(share).desired_width(160.0).desired_height(6.0).fill(palette(ui).data));
            }
            if let Some(left) = progress.remaining() {
                muted(ui, remaining_words(left));
            }
            if ui.small_button("Stop").clicked() {
                model.stop();
            }
        }
        None => {
            let words = match &model.overview {
                Some(overview) => traffic_words(&overview.now.traffic),
                None => "The server has not been asked anything yet".to_owned(),
            };
            let words = RichText::new(words).small().color(palette(ui).muted);
            ui.add(Label::new(words).truncate());
        }
    });
}

/// Describes the server's work in one line.
fn traffic_words(traffic: &Traffic) -> String {
    let known = match traffic.known {
        0 => String::new(),
        known => format!("  ·  {} known from before", counted(known, "sum", "sums")),
    };
    if traffic.ciphertexts == 0 {
        return format!("Nothing was asked of the server{known}");
    }
    format!(
        "Server added {} ciphertexts, all verified  ·  {} sent, {} back  ·  encrypted in {}, added in {}, opened in {}{known}",
        grouped(traffic.ciphertexts),
        bytes(traffic.upload_bytes),
        bytes(traffic.answer_bytes),
        time(traffic.encrypt),
        time(traffic.server),
        time(traffic.decrypt)
    )
}
