//! A button for what cannot be taken back.

use egui::{Response, RichText, Stroke, Ui, vec2};

use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::focus_ring;

/// A red button. Its words say what goes, for those who do not see red.
pub(in crate::ui) fn danger_button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let colours = palette(ui);
    let words = RichText::new(text).font(medium(15.0)).color(colours.card);
    let button = egui::Button::new(words).fill(colours.heart).stroke(Stroke::NONE).min_size(vec2(0.0, 36.0));
    let response = ui.add_enabled(enabled, button);
    focus_ring(ui, &response);
    response
}
