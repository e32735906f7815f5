//! The pages of a report: their size, their margins and what stands at their foot.

use egui::epaint::ClippedShape;
use egui::{Align, Context, Layout, RawInput, Rect, Ui, Vec2, pos2, vec2};

use super::{Content, content};
use crate::ui::theme::{self, palette};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::muted;

/// The size of a sheet of A4, in points of print.
pub(super) const PAPER: Vec2 = vec2(595.28, 841.89);
/// How wide a page is for the widgets: their text of 13 points is then printed at 8.
const WIDTH: f32 = 960.0;
/// Points of print to a point of the widgets.
pub(super) const SCALE: f32 = PAPER.x / WIDTH;
const MARGIN: f32 = 60.0;
const FOOT: f32 = 24.0;
/// Axes and cards take their places from the passes before.
const PASSES: usize = 4;
/// Places are rounded to pixels: fine ones.
const PIXELS_PER_POINT: f32 = 4.0;

/// What one page shows.
pub(super) type Page = Vec<ClippedShape>;

/// A page, in points of the widgets.
pub(super) fn sheet() -> Rect {
    Rect::from_min_size(pos2(0.0, 0.0), vec2(WIDTH, PAPER.y / SCALE))
}

/// Its foot.
pub(super) fn foot() -> Rect {
    let inside = sheet().shrink(MARGIN);
    inside.with_min_y(inside.max.y - FOOT)
}

/// Draws the pages.
pub(super) fn lay_out(content: &Content) -> Vec<Page> {
    let ctx = Context::default();
    theme::install(&ctx);
    ctx.set_theme(egui::Theme::Light);
    ctx.all_styles_mut(|style| style.animation_time = 0.0);
    let mut pages = content::Pages::new(content);
    (0..content::PAGES).map(|number| one(&ctx, content, &mut pages, number)).collect()
}

fn one(ctx: &Context, content: &Content, pages: &mut content::Pages, number: usize) -> Page {
    let screen = sheet();
    let mut shapes = Vec::new();
    for _ in 0..PASSES {
        let mut input = RawInput { screen_rect: Some(screen), ..RawInput::default() };
        if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
            viewport.native_pixels_per_point = Some(PIXELS_PER_POINT);
        }
        let mut output = ctx.run_ui(input, |ui| page_ui(ui, content, pages, number));
        // The document has its own faces.
        output.textures_delta.clear();
        shapes = output.shapes;
    }
    shapes
}

fn page_ui(ui: &mut Ui, content: &Content, pages: &mut content::Pages, number: usize) {
    let foot = foot();
    let body = sheet().shrink(MARGIN).with_max_y(foot.min.y - 16.0);
    let layout = Layout::top_down(Align::Min);
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).layout(layout).id_salt(("page", number)), |ui| {
        ui.spacing_mut().item_spacing = vec2(16.0, 16.0);
        pages.show(ui, content, number);
    });
    ui.painter().hline(foot.x_range(), foot.min.y, egui::Stroke::new(1.0, palette(ui).line));
    ui.scope_builder(egui::UiBuilder::new().max_rect(foot).layout(Layout::left_to_right(Align::Max)), |ui| {
        muted(ui, "Information, not diagnosis");
        ui.with_layout(Layout::right_to_left(Align::Max), |ui| {
            muted(ui, format!("Page {} of {}", number + 1, content::PAGES));
            ui.add_space(16.0);
            muted(ui, made_words(content));
        });
    });
}

/// When the report was made, and with what.
fn made_words(content: &Content) -> String {
    let made = content.made.datetime();
    format!(
        "Made on {}, {}, with Veilbeat {}",
        dates::date(made.date()),
        dates::clock(dates::minutes_of(made)),
        env!("CARGO_PKG_VERSION")
    )
}
