//! Small charts of bars: profiles and distributions.

use egui::{Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::charts::grid::{Grid, ends, label_every};
use crate::ui::theme::palette;
use crate::ui::widgets::kit::muted;

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
    let extent = ends(bars.iter().filter_map(|bar| bar.extent).flat_map(|(low, high)| [low, high]));
    let painter = ui.painter();
    let Some(grid) = Grid::draw(painter, rect, extent, &colours) else { return };
    let area = grid.area;
    let slot = area.width() / bars.len().max(1) as f32;
    let every = label_every(slot);
    let pointed = response.hover_pos().map(|at| ((at.x - area.left()) / slot) as usize);
    for (index, bar) in bars.iter().enumerate() {
        let middle = area.left() + (index as f32 + 0.5) * slot;
        let width = (slot * 0.7).clamp(1.0, 28.0);
        if let Some((from, to)) = bar.extent {
            let fill = if bar.mark.is_some() { colour.gamma_multiply(0.28) } else { colour };
            let fill = if pointed == Some(index) { colour.gamma_multiply(0.6) } else { fill };
            let shape = Rect::from_x_y_ranges(middle - width / 2.0..=middle + width / 2.0, grid.y(to)..=grid.y(from));
            painter.rect_filled(shape, if width > 6.0 { 2.0 } else { 0.0 }, fill);
        }
        if let Some(mark) = bar.mark {
            let mark = Rect::from_center_size(pos2(middle, grid.y(mark)), vec2(width, 3.0));
            painter.rect_filled(mark, 1.0, colour);
        }
        if index % every == 0 {
            grid.label(painter, (index as f32 + 0.5) / bars.len() as f32, &bar.label, &colours);
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
