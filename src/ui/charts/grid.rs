//! The ground of a small chart: an area, level lines at round values, and their labels.

use egui::{Align2, FontId, Painter, Pos2, Rect, Stroke, pos2, vec2};

use crate::ui::theme::Palette;

const LABEL_HEIGHT: f32 = 20.0;
const AXIS_WIDTH: f32 = 32.0;
/// Labels below a chart keep this distance.
const LABEL_SPACE: f32 = 36.0;

/// Where values stand on screen.
pub(in crate::ui) struct Grid {
    /// The part that marks are drawn in.
    pub(in crate::ui) area: Rect,
    low: f64,
    high: f64,
}

impl Grid {
    /// Draws lines and labels for values from `low` to `high` into `rect`. `None` if there are no values.
    pub(in crate::ui) fn draw(painter: &Painter, rect: Rect, [low, high]: [f64; 2], colours: &Palette) -> Option<Self> {
        if !(low.is_finite() && high.is_finite()) {
            let small = FontId::proportional(13.0);
            painter.text(rect.center(), Align2::CENTER_CENTER, "No readings", small, colours.muted);
            return None;
        }
        let step = nice_step(high - low);
        // A little air, so that no mark lies on the edge; but a share of nothing is at the bottom.
        let air = if high > low { 0.05 * (high - low) } else { step };
        let (low, high) = (if low == 0.0 { 0.0 } else { low - air }, high + air);
        let area = Rect::from_min_max(rect.min + vec2(AXIS_WIDTH, 6.0), rect.max - vec2(0.0, LABEL_HEIGHT));
        let grid = Self { area, low, high };
        for mark in (low / step).ceil() as i64..=(high / step).floor() as i64 {
            let value = mark as f64 * step;
            painter.hline(area.x_range(), grid.y(value), Stroke::new(1.0, colours.line));
            let text = if step < 1.0 { format!("{value:.1}") } else { format!("{value:.0}") };
            let place = pos2(area.left() - 8.0, grid.y(value));
            painter.text(place, Align2::RIGHT_CENTER, text, FontId::proportional(12.0), colours.muted);
        }
        Some(grid)
    }

    /// The height of a value.
    pub(in crate::ui) fn y(&self, value: f64) -> f32 {
        self.area.bottom() - ((value - self.low) / (self.high - self.low)) as f32 * self.area.height()
    }

    /// The place of a value at a share of the width, from 0 to 1.
    pub(in crate::ui) fn at(&self, share: f32, value: f64) -> Pos2 {
        pos2(self.area.left() + share * self.area.width(), self.y(value))
    }

    /// Writes a label below the chart, at a share of its width.
    pub(in crate::ui) fn label(&self, painter: &Painter, share: f32, text: &str, colours: &Palette) {
        let place = pos2(self.area.left() + share * self.area.width(), self.area.bottom() + LABEL_HEIGHT);
        painter.text(place, Align2::CENTER_BOTTOM, text, FontId::proportional(12.0), colours.muted);
    }
}

/// Every how many places a label stands, so that they do not touch, if places are `slot` points apart.
pub(in crate::ui) fn label_every(slot: f32) -> usize {
    let every = (LABEL_SPACE / slot).ceil().max(1.0) as usize;
    // Whole divisors of a day look better than others.
    [1, 2, 3, 4, 6, 8, 12, 24].into_iter().find(|&n| n >= every).unwrap_or(every)
}

/// The lowest and the highest of some values; infinite where there are none.
pub(in crate::ui) fn ends(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
}

/// The lowest and the highest of some values, each with what it is of.
pub(in crate::ui) fn extremes<T: Copy>(values: impl Iterator<Item = (f64, T)>) -> Option<[(f64, T); 2]> {
    let wider = |[low, high]: [(f64, T); 2], value: (f64, T)| {
        [if value.0 < low.0 { value } else { low }, if value.0 >= high.0 { value } else { high }]
    };
    let mut values = values;
    let first = values.next()?;
    Some(values.fold([first; 2], wider))
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
    use super::*;

    #[test]
    fn steps_are_round() {
        for (span, step) in [(40.0, 10.0), (100.0, 25.0), (3.0, 1.0), (0.8, 0.2)] {
            assert!((nice_step(span) - step).abs() < 1e-9, "{span}");
        }
    }

    #[test]
    fn labels_keep_their_distance() {
        assert_eq!([label_every(40.0), label_every(20.0), label_every(8.0)], [1, 2, 6]);
    }
}
