//! The states before there is anything to show: no key, a profile that does not open, no readings.

use egui::{Align, Layout, Ui};

use crate::ui::context::{Action, Ctx, Page};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::dialogs::key::KeyDialog;
use crate::ui::widgets::kit::{
    Secret, button, card, error_text, gap, heading, heart, muted, primary_button, secret_field, submitted, within_card,
};

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
                ui.set_width(within_card(CARD_WIDTH));
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
pub(in crate::ui) fn create_ui(ui: &mut Ui, ctx: &mut Ctx) {
    let folder = ctx.home.config_dir().display().to_string();
    middle_card(ui, |ui| {
        heart(ui, 40.0);
        gap(ui, 1.0);
        heading(ui, "Welcome to Veilbeat");
        ui.label(
            "Your heart rates are encrypted before a server adds them up. It computes your averages \
             without being able to read a single reading.",
        );
        gap(ui, 1.0);
        if primary_button(ui, "Create my key", true).clicked() {
            ctx.model.create_key();
        }
        gap(ui, 0.5);
        muted(ui, format!("It stays in {folder} and never leaves this computer."));
        if ui.link("I have a key already").clicked() {
            ctx.act(Action::OpenKeyDialog(Box::new(KeyDialog::restore())));
        }
    });
}

/// A key, and no readings yet.
pub(in crate::ui) fn empty_ui(ui: &mut Ui, ctx: &mut Ctx) {
    middle_card(ui, |ui| {
        heart(ui, 40.0);
        gap(ui, 1.0);
        heading(ui, "No readings yet");
        ui.label("Drop an export here, or look around with four months of made-up readings first.");
        gap(ui, 1.0);
        let ready = !ctx.model.is_busy();
        if primary_button(ui, "Import readings…", ready).clicked() {
            ctx.act(Action::ChooseFile(FilePurpose::Readings));
        }
        if button(ui, "Try with sample data", ready).clicked() {
            ctx.model.import_sample();
        }
        if ui.link("Type in a reading").clicked() {
            ctx.act(Action::Go(Page::Readings));
        }
    });
}

/// A profile whose key has a passphrase.
pub(in crate::ui) fn locked_ui(ui: &mut Ui, ctx: &mut Ctx, passphrase: &mut Secret, why: Option<&str>) {
    middle_card(ui, |ui| {
        heart(ui, 40.0);
        gap(ui, 1.0);
        heading(ui, "Your key has a passphrase");
        gap(ui, 1.0);
        let enter = ui
            .with_layout(Layout::top_down(Align::Min), |ui| {
                let field = secret_field(ui, "Passphrase", passphrase, ui.available_width());
                let enter = submitted(&field);
                if !enter && ui.memory(|memory| memory.focused().is_none()) {
                    field.request_focus();
                }
                enter
            })
            .inner;
        if let Some(why) = why {
            error_text(ui, why);
        }
        gap(ui, 1.0);
        let typed = passphrase.passphrase();
        if (primary_button(ui, "Open", typed.is_some()).clicked() || enter) && typed.is_some() {
            *passphrase = Secret::default();
            ctx.model.open(typed);
        }
        if ui.link("I have lost it: restore from recovery words or a backup").clicked() {
            ctx.act(Action::OpenKeyDialog(Box::new(KeyDialog::restore())));
        }
    });
}

/// A profile that cannot be opened: why, and the way back.
pub(in crate::ui) fn closed_ui(ui: &mut Ui, ctx: &mut Ctx, why: &str) {
    middle_card(ui, |ui| {
        heading(ui, "Your readings could not be opened");
        gap(ui, 1.0);
        ui.label(why);
        gap(ui, 1.0);
        if primary_button(ui, "Try again", true).clicked() {
            ctx.model.open(None);
        }
        if ui.button("Restore a key…").clicked() {
            ctx.act(Action::OpenKeyDialog(Box::new(KeyDialog::restore())));
        }
    });
}
