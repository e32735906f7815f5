//! Values as dots, in their order.

use egui::{Align2, Color32, FontId, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::palette;
use crate::ui::widgets::numbers::grouped;

const HEIGHT: f32 = 110.0;
/// More dots than this would only be a smear.
const MOST: usize = 256;

/// Dots of `values` between 0 and `top`; `about` is what a screen reader says.
pub(in crate::ui) fn scatter_ui(ui: &mut Ui, width: f32, values: &[f64], top: f64, colour: Color32, about: &str) {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, about));
    let painter = ui.painter();
    painter.rect(rect, 4, colours.ground, Stroke::new(1.0, colours.line), egui::StrokeKind::Inside);
    let inner = rect.shrink2(vec2(8.0, 10.0));
    let shown = values.len().min(MOST);
    for (index, value) in values.iter().take(MOST).enumerate() {
        let x = inner.left() + inner.width() * (index as f32 + 0.5) / shown.max(1) as f32;
        let y = inner.bottom() - inner.height() * (value / top).clamp(0.0, 1.0) as f32;
        painter.circle_filled(pos2(x, y), 2.0, colour);
    }
    let font = FontId::proportional(11.0);
    let ends = [
        (rect.left_top() + vec2(6.0, 3.0), Align2::LEFT_TOP, top),
        (rect.left_bottom() + vec2(6.0, -2.0), Align2::LEFT_BOTTOM, 0.0),
    ];
    for (at, align, value) in ends {
        painter.text(at, align, grouped(value as u64), font.clone(), colours.muted);
    }
}
