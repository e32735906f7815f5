//! The layers of the chart of averages, and the pills that are its legend: each shows how its layer is drawn, and
//! turns it on and off.

use egui::{Color32, Painter, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::session::Overview;
use crate::ui::charts::day::triangle_ui;
use crate::ui::theme::{Palette, medium, palette};
use crate::ui::widgets::words::days_words;

/// A layer over the line of means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::ui) enum Layer {
    /// From the 5th to the 95th percentile.
    Most,
    /// From the lowest to the highest rate.
    Range,
    /// Resting rates.
    Resting,
    /// The mean of seven days.
    Moving,
    /// The trend with its band.
    Trend,
    /// Zones of intensity.
    Zones,
    /// Notes and imports.
    Marks,
    /// The days that these are compared with.
    Compared,
}

impl Layer {
    const ALL: [Self; 8] =
        [Self::Most, Self::Range, Self::Resting, Self::Moving, Self::Trend, Self::Zones, Self::Marks, Self::Compared];

    /// The name on the pill and in the settings.
    const fn name(self) -> &'static str {
        match self {
            Self::Most => "90 % of time",
            Self::Range => "Range",
            Self::Resting => "Resting",
            Self::Moving => "7-day average",
            Self::Trend => "Trend",
            Self::Zones => "Zones",
            Self::Marks => "Notes",
            Self::Compared => "Compared",
        }
    }

    /// Whether there is anything of it to be drawn.
    fn is_there(self, overview: &Overview) -> bool {
        let report = &overview.now.report;
        match self {
            Self::Most | Self::Range => report.windows.iter().any(|window| window.sums.min_bpm().is_some()),
            Self::Resting => report.resting.is_some(),
            Self::Moving => !report.moving_bpm.is_empty(),
            Self::Trend => report.trend.is_some(),
            Self::Zones => true,
            Self::Marks => !overview.own.marks.is_empty(),
            Self::Compared => overview.before.is_some(),
        }
    }
}

/// The layers that are on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::ui) struct Layers([bool; Layer::ALL.len()]);

impl Default for Layers {
    fn default() -> Self {
        use Layer::{Marks, Most, Range, Resting};
        Self(Layer::ALL.map(|layer| matches!(layer, Most | Range | Resting | Marks)))
    }
}

impl Layers {
    /// Whether a layer is on.
    pub(in crate::ui) fn has(self, layer: Layer) -> bool {
        Layer::ALL.into_iter().zip(self.0).any(|(own, on)| own == layer && on)
    }

    /// The names of those that are on, as the settings have them.
    pub(in crate::ui) fn names(self) -> String {
        let on = Layer::ALL.into_iter().zip(self.0).filter(|(_, on)| *on);
        on.map(|(layer, _)| layer.name()).collect::<Vec<_>>().join("; ")
    }

    /// Those of these names; others are of another version.
    pub(in crate::ui) fn named(names: &str) -> Self {
        Self(Layer::ALL.map(|layer| names.split("; ").any(|name| name == layer.name())))
    }
}

/// How a layer is drawn, in small.
fn swatch(painter: &Painter, rect: Rect, layer: Option<Layer>, colours: &Palette) {
    let centre = rect.center();
    let line = |colour: Color32, width| {
        painter.hline(rect.x_range(), centre.y, Stroke::new(width, colour));
    };
    let dashed = |colour: Color32, dash, gap| {
        let ends = [pos2(rect.left(), centre.y), pos2(rect.right(), centre.y)];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.5, colour), dash, gap));
    };
    match layer {
        None => {
            painter.circle_filled(centre, 3.5, colours.data);
        }
        Some(Layer::Most) => {
            let capsule = Rect::from_center_size(centre, vec2(6.0, 14.0));
            painter.rect_filled(capsule, 3, colours.data.gamma_multiply(0.4));
        }
        Some(Layer::Range) => {
            let whisker = Rect::from_center_size(centre, vec2(1.5, 14.0));
            painter.rect_filled(whisker, 0, colours.data.gamma_multiply(0.5));
        }
        Some(Layer::Resting) => line(colours.heart, 2.0),
        Some(Layer::Moving) => line(colours.data.gamma_multiply(0.55), 3.0),
        Some(Layer::Trend) => dashed(colours.ink, 4.0, 3.0),
        Some(Layer::Compared) => dashed(colours.other, 1.5, 2.5),
        Some(Layer::Marks) => triangle_ui(painter, centre + vec2(0.0, 5.0), 5.0, colours.heart),
        Some(Layer::Zones) => {
            for (index, colour) in colours.zones.into_iter().rev().enumerate() {
                let top = rect.top() + 2.0 + 2.4 * index as f32;
                let stripe = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), 2.4));
                painter.rect_filled(stripe, 0, colour);
            }
        }
    }
}

/// The pills, in fixed places. What there is nothing of cannot be chosen.
pub(in crate::ui) fn layers_ui(ui: &mut Ui, layers: &mut Layers, overview: &Overview) {
    ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
    let before = overview.before.as_ref().map(|before| days_words(before.days));
    pill_ui(ui, None, "Average", true, true);
    for (layer, on) in Layer::ALL.into_iter().zip(&mut layers.0) {
        let name = match (layer, &before) {
            (Layer::Compared, Some(days)) => days,
            _ => layer.name(),
        };
        if pill_ui(ui, Some(layer), name, *on, layer.is_there(overview)) {
            *on = !*on;
        }
    }
}

/// The legend on paper: a swatch and a name for each layer that is drawn.
pub(in crate::ui) fn legend_ui(ui: &mut Ui, layers: Layers, overview: &Overview) {
    ui.spacing_mut().item_spacing.x = 18.0;
    let drawn = |layer: &Layer| layers.has(*layer) && layer.is_there(overview);
    for layer in std::iter::once(None).chain(Layer::ALL.into_iter().filter(drawn).map(Some)) {
        let compared = overview.before.as_ref().filter(|_| layer == Some(Layer::Compared));
        let name =
            compared.map_or_else(|| layer.map_or("Average", Layer::name).to_owned(), |before| days_words(before.days));
        let colours = palette(ui);
        let text = ui.painter().layout_no_wrap(name, egui::FontId::proportional(13.0), colours.ink);
        let (rect, _) = ui.allocate_exact_size(vec2(text.size().x + 22.0, 20.0), Sense::hover());
        let place = Rect::from_center_size(pos2(rect.left() + 7.0, rect.center().y), vec2(14.0, 16.0));
        swatch(ui.painter(), place, layer, &colours);
        let corner = pos2(rect.left() + 22.0, rect.center().y - text.size().y / 2.0);
        ui.painter().galley(corner, text, colours.ink);
    }
}

/// One pill: a swatch and a name. Returns whether it was clicked.
fn pill_ui(ui: &mut Ui, layer: Option<Layer>, name: &str, on: bool, enabled: bool) -> bool {
    let colours = palette(ui);
    let ink = if on && enabled { colours.ink } else { colours.muted };
    let text = ui.painter().layout_no_wrap(name.to_owned(), medium(13.0), ink);
    let size = vec2(text.size().x + 32.0, 28.0);
    let sense = if layer.is_some() && enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let (fill, stroke) = match (on && enabled, response.has_focus()) {
        (_, true) => (colours.data.gamma_multiply(0.12), Stroke::new(2.0, colours.ink)),
        (true, _) if layer.is_none() => (Color32::TRANSPARENT, Stroke::NONE),
        (true, _) => (colours.data.gamma_multiply(0.12), Stroke::new(1.0, colours.data)),
        (false, _) => (Color32::TRANSPARENT, Stroke::new(1.0, colours.line)),
    };
    ui.painter().rect(rect, 14, fill, stroke, egui::StrokeKind::Inside);
    let faint = if enabled { 1.0 } else { 0.35 };
    let place = Rect::from_center_size(pos2(rect.left() + 14.0, rect.center().y), vec2(14.0, 16.0));
    let mut painter = ui.painter().with_clip_rect(place.expand(1.0).intersect(ui.clip_rect()));
    painter.multiply_opacity(faint);
    swatch(&painter, place, layer, &colours);
    let ink = ink.gamma_multiply(if enabled { 1.0 } else { 0.6 });
    ui.painter().galley_with_override_text_color(
        pos2(rect.left() + 24.0, rect.center().y - text.size().y / 2.0),
        text,
        ink,
    );
    response.widget_info(|| match layer {
        Some(_) => WidgetInfo::selected(Role::CheckBox, enabled, on && enabled, name),
        None => WidgetInfo::labeled(Role::Label, true, name),
    });
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_have_names() {
        let layers = Layers(Layer::ALL.map(|layer| layer == Layer::Trend || layer == Layer::Marks));
        assert_eq!(Layers::named(&layers.names()), layers);
        assert_eq!(Layers::named("Trend; of another version").names(), "Trend");
        assert!(Layers::default().has(Layer::Range) && !Layers::default().has(Layer::Zones));
    }
}
