//! Small charts of bars: profiles and distributions.

use egui::{Align2, Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::palette;
use crate::ui::widgets::kit::muted;

const LABEL_HEIGHT: f32 = 20.0;
const AXIS_WIDTH: f32 = 32.0;
/// Labels below the bars keep this distance.
const LABEL_SPACE: f32 = 36.0;

/// A bar: from where to where, and a mark on it.
pub(in crate::ui) struct Bar {
    /// Below the bar.
    pub(in crate::ui) label: String,
    /// The lines that are shown about it on hovering.
    pub(in crate::ui) about: Vec<String>,
    /// `None` where there is nothing.
    pub(in crate::ui) extent: Option<(f64, f64)>,
    pub(in crate::ui) mark: Option<f64>,
}

/// Draws bars side by side over an axis of values. `summary` is the chart in one sentence.
pub(in crate::ui) fn bars_ui(ui: &mut Ui, name: &str, height: f32, bars: &[Bar], colour: Color32, summary: &str) {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}: {summary}")));
    let extents = || bars.iter().filter_map(|bar| bar.extent);
    let low = extents().map(|(low, _)| low).fold(f64::INFINITY, f64::min);
    let high = extents().map(|(_, high)| high).fold(f64::NEG_INFINITY, f64::max);
    if !(low.is_finite() && high.is_finite()) {
        ui.painter().text(
            rect.center(),
            Align2::CENTER_CENTER,
            "No readings",
            egui::FontId::proportional(13.0),
            colours.muted,
        );
        return;
    }
    let step = nice_step(high - low);
    let (low, high) = ((low / step).floor() * step, ((high / step).ceil() * step).max(low + step));
    let area = Rect::from_min_max(rect.min + vec2(AXIS_WIDTH, 6.0), rect.max - vec2(0.0, LABEL_HEIGHT));
    let y = |value: f64| area.bottom() - ((value - low) / (high - low)) as f32 * area.height();
    let small = egui::FontId::proportional(12.0);
    let painter = ui.painter();
    let mut value = low;
    while value <= high + step / 2.0 {
        painter.hline(area.x_range(), y(value), egui::Stroke::new(1.0, colours.line));
        let text = if step < 1.0 { format!("{value:.1}") } else { format!("{value:.0}") };
        painter.text(pos2(area.left() - 8.0, y(value)), Align2::RIGHT_CENTER, text, small.clone(), colours.muted);
        value += step;
    }
    let slot = area.width() / bars.len().max(1) as f32;
    let every = (LABEL_SPACE / slot).ceil().max(1.0) as usize;
    // Whole divisors of a day look better than others.
    let every = [1, 2, 3, 4, 6, 8, 12, 24].into_iter().find(|&n| n >= every).unwrap_or(every);
    let pointed = response.hover_pos().map(|at| ((at.x - area.left()) / slot) as usize);
    for (index, bar) in bars.iter().enumerate() {
        let middle = area.left() + (index as f32 + 0.5) * slot;
        let width = (slot * 0.7).clamp(1.0, 28.0);
        if let Some((from, to)) = bar.extent {
            let fill = if bar.mark.is_some() { colour.gamma_multiply(0.28) } else { colour };
            let fill = if pointed == Some(index) { colour.gamma_multiply(0.6) } else { fill };
            let shape = Rect::from_x_y_ranges(middle - width / 2.0..=middle + width / 2.0, y(to)..=y(from));
            painter.rect_filled(shape, if width > 6.0 { 2.0 } else { 0.0 }, fill);
        }
        if let Some(mark) = bar.mark {
            let mark = Rect::from_center_size(pos2(middle, y(mark)), vec2(width, 3.0));
            painter.rect_filled(mark, 1.0, colour);
        }
        if index % every == 0 {
            let at = pos2(middle, rect.bottom());
            painter.text(at, Align2::CENTER_BOTTOM, &bar.label, small.clone(), colours.muted);
        }
    }
    if let Some(bar) = pointed.and_then(|index| bars.get(index)).filter(|bar| !bar.about.is_empty()) {
        response.on_hover_ui_at_pointer(|ui| {
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            for line in &bar.about {
                muted(ui, line);
            }
        });
    }
}

/// A round number that divides a span into some four parts.
pub(in crate::ui) fn nice_step(span: f64) -> f64 {
    let rough = (span / 4.0).max(1e-9);
    let power = 10f64.powf(rough.log10().floor());
    // A quarter is round where it is a whole number.
    let quarter = if power >= 10.0 { 2.5 } else { 5.0 };
    let factor = [1.0, 2.0, quarter, 5.0, 10.0].into_iter().find(|factor| rough <= factor * power).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::nice_step;

    #[test]
    fn steps_are_round() {
        for (span, step) in [(40.0, 10.0), (100.0, 25.0), (3.0, 1.0), (0.8, 0.2)] {
            assert!((nice_step(span) - step).abs() < 1e-9, "{span}");
        }
    }
}
