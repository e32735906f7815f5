//! What stands above a page: reminders about the key, and that the sample is made up.

use egui::{Align, Color32, Frame, Layout, RichText, Stroke, Ui};

use super::model::Model;
use super::theme::{CARD_PADDING, medium, palette};
use crate::session::SAMPLE_NAME;

/// A line that stays until it is seen to: what is so, and the button that sees to it.
fn reminder_ui(ui: &mut Ui, edge: Color32, text: &str, buttons: &[&str]) -> Option<usize> {
    let mut pressed = None;
    Frame::new()
        .fill(palette(ui).card)
        .stroke(Stroke::new(1.0, edge))
        .corner_radius(8)
        .inner_margin(CARD_PADDING)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    for (index, button) in buttons.iter().enumerate() {
                        if ui.button(*button).clicked() {
                            pressed = Some(index);
                        }
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                        ui.label(RichText::new(text).font(medium(15.0)));
                    });
                });
            });
        });
    pressed
}

/// Says that others can read the key, and mends it.
pub(super) fn exposed_key_ui(ui: &mut Ui, model: &mut Model) {
    if model.key.as_ref().is_some_and(|key| key.exposed) {
        let heart = palette(ui).heart;
        let text = "Others on this computer can read your key file";
        if reminder_ui(ui, heart, text, &["Make it private"]).is_some() {
            model.protect_key();
        }
    }
}

/// Reminds once that the key has no backup. Returns whether the person wants to make one now.
pub(super) fn backup_reminder_ui(ui: &mut Ui, model: &mut Model) -> bool {
    if !model.should_remind() {
        return false;
    }
    let line = palette(ui).line;
    let text = "Your key has no backup yet. If this computer is lost, so are your readings";
    let pressed = reminder_ui(ui, line, text, &["Show recovery words…", "Later"]);
    if pressed.is_some() {
        model.reminded();
    }
    pressed == Some(0)
}

/// Says that the sample's readings are made up, and removes them.
pub(super) fn sample_ui(ui: &mut Ui, model: &mut Model) {
    let Some(&(source, _)) = model.batches.iter().find(|(_, batch)| &*batch.name == SAMPLE_NAME) else { return };
    let line = palette(ui).line;
    if reminder_ui(ui, line, "These are sample readings: they are made up", &["Remove them"]).is_some() {
        model.remove_batch(source);
    }
}
