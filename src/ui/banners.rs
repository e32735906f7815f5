//! What stands above a page: the last notice, and reminders about the key.

use egui::{Align, CollapsingHeader, Color32, Frame, Layout, RichText, ScrollArea, Stroke, Ui};

use super::model::Model;
use super::theme::{CARD_PADDING, medium, palette};
use super::widgets::kit::muted;
use super::widgets::numbers::grouped;

/// Lines of a refused file shown at a time.
const LIST_HEIGHT: f32 = 160.0;

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

pub(super) fn notice_ui(ui: &mut Ui, model: &mut Model) {
    let Some(notice) = &model.notice else { return };
    let colours = palette(ui);
    let edge = if notice.bad { colours.heart } else { colours.data };
    let mut close = false;
    Frame::new().fill(colours.card).stroke(Stroke::new(1.0, edge)).corner_radius(8).inner_margin(CARD_PADDING).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 6.0;
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    close = ui.button("Close").clicked();
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
        },
    );
    if close {
        model.notice = None;
    }
}
