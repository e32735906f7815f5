//! Colours, sizes and fonts of both themes, in one place.

use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Shadow, Stroke, TextStyle, Visuals, vec2,
};

use crate::vault::Theme;

/// The grid that everything sits on, in points.
pub(super) const GRID: f32 = 8.0;
pub(super) const CARD_PADDING: i8 = 16;
const RADIUS: u8 = 8;

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    pub(super) ground: Color32,
    pub(super) card: Color32,
    pub(super) ink: Color32,
    pub(super) muted: Color32,
    pub(super) line: Color32,
    /// Borders of what can be typed into or pressed.
    pub(super) edge: Color32,
    pub(super) data: Color32,
    pub(super) heart: Color32,
    /// What is compared with the data.
    pub(super) other: Color32,
    /// Zones, lowest to highest.
    pub(super) zones: [Color32; 5],
}

/// Told apart by colour-blind eyes too; each is always beside its name.
const ZONES: [Color32; 5] = [
    Color32::from_rgb(0x4c, 0x78, 0xa8),
    Color32::from_rgb(0x72, 0xb7, 0xb2),
    Color32::from_rgb(0xe9, 0xc4, 0x6a),
    Color32::from_rgb(0xf2, 0x8e, 0x2b),
    Color32::from_rgb(0xb3, 0x42, 0x5a),
];

const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xf6, 0xf4, 0xf0),
    card: Color32::from_rgb(0xff, 0xff, 0xff),
    ink: Color32::from_rgb(0x1e, 0x22, 0x26),
    muted: Color32::from_rgb(0x5e, 0x66, 0x6e),
    line: Color32::from_rgb(0xdd, 0xd9, 0xd2),
    edge: Color32::from_rgb(0x8c, 0x89, 0x84),
    data: Color32::from_rgb(0x0e, 0x6a, 0x6a),
    heart: Color32::from_rgb(0xbd, 0x40, 0x34),
    other: Color32::from_rgb(0xa8, 0x6a, 0x14),
    zones: ZONES,
};

const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x13, 0x16, 0x18),
    card: Color32::from_rgb(0x1b, 0x20, 0x23),
    ink: Color32::from_rgb(0xe7, 0xe9, 0xea),
    muted: Color32::from_rgb(0x9b, 0xa4, 0xab),
    line: Color32::from_rgb(0x2c, 0x33, 0x38),
    edge: Color32::from_rgb(0x6c, 0x75, 0x7c),
    data: Color32::from_rgb(0x56, 0xb8, 0xae),
    heart: Color32::from_rgb(0xee, 0x7f, 0x6c),
    other: Color32::from_rgb(0xe2, 0xb1, 0x5f),
    zones: ZONES,
};

impl Palette {
    fn of(theme: egui::Theme) -> Self {
        match theme {
            egui::Theme::Light => LIGHT,
            egui::Theme::Dark => DARK,
        }
    }

    fn visuals(self, base: Visuals) -> Visuals {
        let mut visuals = base;
        let radius = CornerRadius::same(RADIUS - 2);
        visuals.panel_fill = self.ground;
        visuals.window_fill = self.card;
        visuals.window_stroke = Stroke::new(1.0, self.line);
        visuals.window_corner_radius = CornerRadius::same(RADIUS);
        visuals.menu_corner_radius = CornerRadius::same(RADIUS);
        visuals.popup_shadow = Shadow { offset: [0, 2], blur: 12, spread: 0, color: Color32::from_black_alpha(24) };
        visuals.window_shadow = visuals.popup_shadow;
        visuals.extreme_bg_color = self.card;
        visuals.text_edit_bg_color = Some(self.card);
        visuals.faint_bg_color = self.ground;
        visuals.hyperlink_color = self.data;
        visuals.error_fg_color = self.heart;
        visuals.warn_fg_color = self.heart;
        visuals.weak_text_color = Some(self.muted);
        visuals.selection.bg_fill = self.data.gamma_multiply(0.25);
        visuals.selection.stroke = Stroke::new(2.0, self.data);
        let widgets = &mut visuals.widgets;
        for widget in [
            &mut widgets.noninteractive,
            &mut widgets.inactive,
            &mut widgets.hovered,
            &mut widgets.active,
            &mut widgets.open,
        ] {
            widget.corner_radius = radius;
            widget.fg_stroke = Stroke::new(1.0, self.ink);
            widget.bg_fill = self.card;
            widget.weak_bg_fill = self.card;
            widget.bg_stroke = Stroke::new(1.0, self.line);
            widget.expansion = 0.0;
        }
        widgets.inactive.bg_stroke = Stroke::new(1.0, self.edge);
        widgets.open.bg_stroke = Stroke::new(1.0, self.edge);
        widgets.hovered.bg_stroke = Stroke::new(1.0, self.ink);
        widgets.hovered.weak_bg_fill = self.ground;
        widgets.active.bg_stroke = Stroke::new(1.0, self.data);
        widgets.active.weak_bg_fill = self.ground;
        visuals
    }
}

/// The colours in force.
pub(super) fn palette(ui: &egui::Ui) -> Palette {
    if ui.visuals().dark_mode { DARK } else { LIGHT }
}

/// A heavier face for numbers and titles.
pub(super) fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

/// A slightly heavier face for buttons and the selected page.
pub(super) fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("medium".into()))
}

/// The faces of Inter by their names, and their files.
pub(super) const FACES: [(&str, &[u8]); 3] = [
    ("regular", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
    ("medium", include_bytes!("../../assets/fonts/Inter-Medium.otf")),
    ("semibold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
];

/// Gives a context our fonts, sizes and colours.
pub(super) fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::default();
    for (name, data) in FACES {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(data)));
        let family = if name == "regular" { FontFamily::Proportional } else { FontFamily::Name(name.into()) };
        // The default fonts stay behind ours, for scripts that Inter lacks.
        let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
        let list = fonts.families.entry(family).or_insert(fallback);
        list.retain(|other| other != "regular");
        list.insert(0, name.to_owned());
    }
    ctx.set_fonts(fonts);
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        let base = match theme {
            egui::Theme::Light => Visuals::light(),
            egui::Theme::Dark => Visuals::dark(),
        };
        ctx.set_visuals_of(theme, Palette::of(theme).visuals(base));
    }
    ctx.all_styles_mut(|style| {
        style.text_styles.insert(TextStyle::Body, FontId::proportional(15.0));
        style.text_styles.insert(TextStyle::Button, medium(15.0));
        style.text_styles.insert(TextStyle::Small, FontId::proportional(13.0));
        style.text_styles.insert(TextStyle::Heading, semibold(22.0));
        style.text_styles.insert(TextStyle::Monospace, FontId::monospace(14.0));
        style.spacing.item_spacing = vec2(GRID, GRID);
        style.spacing.button_padding = vec2(12.0, 6.0);
        style.spacing.interact_size.y = 32.0;
        style.animation_time = 0.1;
    });
    // X11 tells no system theme.
    ctx.options_mut(|options| options.fallback_theme = egui::Theme::Light);
}

/// Follows a person's choice.
pub(super) fn choose(ctx: &egui::Context, theme: Theme) {
    ctx.set_theme(match theme {
        Theme::System => egui::ThemePreference::System,
        Theme::Light => egui::ThemePreference::Light,
        Theme::Dark => egui::ThemePreference::Dark,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast by WCAG 2.2.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |color: Color32| {
            let linear = |channel: u8| {
                let value = f32::from(channel) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_data_stand_out_in_both_themes() {
        for palette in [LIGHT, DARK] {
            for ground in [palette.ground, palette.card] {
                for text in [palette.ink, palette.muted, palette.heart] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
                }
                for data in [palette.data, palette.other] {
                    assert!(contrast(data, ground) >= 3.0, "{data:?} on {ground:?}");
                }
                // WCAG 1.4.11: where a control is must be seen.
                assert!(contrast(palette.edge, ground) >= 3.0, "{}", contrast(palette.edge, ground));
            }
            // The word on a button in the data colour.
            assert!(contrast(palette.card, palette.data) >= 4.5);
        }
    }
}
