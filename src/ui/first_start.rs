//! The states before there is anything to show: no key, a profile that does not open, no readings.

use egui::{Align, Layout, RichText, Ui, vec2};

use super::app::{App, Page};
use super::model::Model;
use super::theme::semibold;
use super::widgets::{card, gap, heart, muted, primary_button};
use crate::session::ImportFrom;
use crate::vault::Home;

const CARD_WIDTH: f32 = 440.0;

/// One card in the middle of the page.
fn middle_card(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let height = ui.ctx().content_rect().height();
    ui.add_space((height * 0.5 - 210.0).max(0.0));
    ui.horizontal(|ui| {
        ui.add_space(((ui.available_width() - CARD_WIDTH) / 2.0).max(0.0));
        ui.vertical(|ui| {
            ui.set_width(CARD_WIDTH);
            card(ui, |ui| {
                ui.set_width(CARD_WIDTH - 34.0);
                ui.with_layout(Layout::top_down(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.y = 8.0;
                    gap(ui, 2.0);
                    content(ui);
                    gap(ui, 2.0);
                });
            });
        });
    });
}

/// First start: makes the key.
pub(super) fn create_ui(ui: &mut Ui, model: &mut Model, home: &Home) {
    middle_card(ui, |ui| {
        heart(ui, 40.0);
        gap(ui, 1.0);
        ui.label(RichText::new("Welcome to Veilbeat").font(semibold(22.0)));
        ui.label(
            "Your heart rates are encrypted before a server adds them up. It computes your averages \
             without being able to read a single reading.",
        );
        gap(ui, 1.0);
        if primary_button(ui, "Create my key", true).clicked() {
            model.create_key();
        }
        gap(ui, 0.5);
        muted(ui, format!("It stays in {} and never leaves this computer.", home.config_dir().display()));
    });
}

/// A key, and no readings yet.
pub(super) fn empty_ui(ui: &mut Ui, app: &mut App) {
    middle_card(ui, |ui| {
        heart(ui, 40.0);
        gap(ui, 1.0);
        ui.label(RichText::new("No readings yet").font(semibold(22.0)));
        ui.label("Drop an export here, or look around with a month of made-up readings first.");
        gap(ui, 1.0);
        let ready = !app.model.is_busy();
        if primary_button(ui, "Import readings…", ready).clicked() {
            app.ask_for_file(ui.ctx());
        }
        if ui.add_enabled(ready, egui::Button::new("Try with sample data").min_size(vec2(0.0, 36.0))).clicked() {
            app.model.import(ImportFrom::Sample);
        }
        if ui.link("Type in a reading").clicked() {
            app.page = Page::Readings;
        }
    });
}

/// A profile that cannot be opened: why, and the way back.
pub(super) fn closed_ui(ui: &mut Ui, model: &mut Model, why: &str) {
    middle_card(ui, |ui| {
        ui.label(RichText::new("Your readings are not open").font(semibold(22.0)));
        gap(ui, 1.0);
        ui.label(why);
        gap(ui, 1.0);
        if primary_button(ui, "Try again", true).clicked() {
            model.try_again();
        }
    });
}
