//! The few shapes that every page is made of.

use egui::{Align, Color32, Frame, Layout, Response, RichText, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use zeroize::Zeroizing;

use crate::ui::theme::{CARD_PADDING, GRID, medium, palette, semibold};
use crate::ui::widgets::icons::{Icon, icon};
use crate::vault::Passphrase;

/// A white card on the ground.
pub(in crate::ui) fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let colours = palette(ui);
    Frame::new()
        .fill(colours.card)
        .stroke(Stroke::new(1.0, colours.line))
        .corner_radius(8)
        .inner_margin(CARD_PADDING)
        .show(ui, content)
        .inner
}

/// A card as wide as the page.
pub(in crate::ui) fn full_card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 8.0;
        content(ui)
    })
}

/// A row of a small table: each cell on its share of `width`, the first `words` of them from the left,
/// numbers at the right of their column.
pub(in crate::ui) fn table_row<const K: usize>(
    ui: &mut Ui,
    width: f32,
    shares: [f32; K],
    words: usize,
    cells: [RichText; K],
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (index, (cell, share)) in cells.into_iter().zip(shares).enumerate() {
            let width = share * width;
            let left = index < words;
            let layout = if left { Layout::left_to_right(Align::Center) } else { Layout::right_to_left(Align::Center) };
            ui.allocate_ui_with_layout(vec2(width, 20.0), layout, |ui| {
                ui.set_min_width(width);
                ui.add(egui::Label::new(cell).truncate());
            });
        }
    });
}

/// A page's name.
pub(in crate::ui) fn heading(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(semibold(22.0)))
}

/// Shows an error in the text that was typed, or in the request that was made.
pub(in crate::ui) fn error_text(ui: &mut Ui, text: impl Into<String>) -> Response {
    let colour = palette(ui).heart;
    ui.label(RichText::new(text).small().color(colour))
}

/// Below this width cards stand two in a row, and side cards one below the other.
pub(in crate::ui) const NARROW: f32 = 700.0;

/// Returns the width that a card as wide as `width` leaves for its content.
pub(in crate::ui) fn within_card(width: f32) -> f32 {
    width - 2.0 * f32::from(CARD_PADDING) - 2.0
}

/// One of two cards.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Side {
    Left,
    Right,
}

/// Two cards side by side where there are `wide` points for them, each at least `height` points high, else one below
/// the other. `content` shows one of them, and is told how wide it is.
pub(in crate::ui) fn two_up(ui: &mut Ui, wide: f32, height: f32, mut content: impl FnMut(&mut Ui, Side, f32)) {
    let side_by_side = ui.available_width() >= wide;
    let gap = ui.spacing().item_spacing.x;
    let width = if side_by_side { ((ui.available_width() - gap) / 2.0).floor() } else { ui.available_width() };
    let inner = within_card(width);
    // What each needed in the last frame: both are as high as the higher one.
    let id = ui.next_auto_id().with("heights");
    let before: [f32; 2] = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let height = if side_by_side { before[0].max(before[1]).max(height) } else { height };
    let mut needed = [0.0; 2];
    let both = |ui: &mut Ui| {
        for (side, needed) in [Side::Left, Side::Right].into_iter().zip(&mut needed) {
            ui.vertical(|ui| {
                card(ui, |ui| {
                    ui.set_width(inner);
                    ui.set_min_height(height);
                    ui.spacing_mut().item_spacing.y = 8.0;
                    let shown = ui.vertical(|ui| content(ui, side, inner));
                    *needed = shown.response.rect.height();
                });
            });
        }
    };
    if side_by_side {
        ui.horizontal_top(both);
    } else {
        ui.vertical(both);
    }
    if needed.iter().zip(before).any(|(needed, before)| (needed - before).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, needed));
        if side_by_side {
            ui.ctx().request_discard("cards side by side are as high as each other");
        }
    }
}

/// A card's title.
pub(in crate::ui) fn title(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(semibold(15.0)))
}

/// Small, muted words.
pub(in crate::ui) fn muted(ui: &mut Ui, text: impl Into<String>) -> Response {
    let colour = palette(ui).muted;
    ui.label(RichText::new(text).small().color(colour))
}

/// A card that shows one number: what it is, the number, and a line about it.
pub(in crate::ui) fn figure(ui: &mut Ui, width: f32, label: &str, number: &str, unit: &str, about: &str) -> Response {
    let inner = within_card(width);
    card(ui, |ui| {
        ui.allocate_ui_with_layout(vec2(inner, 76.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(inner);
            ui.spacing_mut().item_spacing.y = 2.0;
            muted(ui, label);
            number_with_unit(ui, number, unit);
            let colour = palette(ui).muted;
            ui.add(egui::Label::new(RichText::new(about).small().color(colour)).truncate());
        })
        .response
    })
}

/// A dot of a colour, before the name of what is drawn in it.
pub(in crate::ui) fn swatch(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 16.0), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.0, colour);
}

/// A large number and its small unit on one baseline.
fn number_with_unit(ui: &mut Ui, number: &str, unit: &str) {
    let colours = palette(ui);
    let mut job = egui::text::LayoutJob::default();
    job.append(number, 0.0, egui::TextFormat::simple(semibold(28.0), colours.ink));
    if !unit.is_empty() {
        let unit_format = egui::TextFormat::simple(egui::FontId::proportional(13.0), colours.muted);
        // Both sit on the bottom of the line; the small one is lifted by the difference of descents.
        job.append(&format!(" {unit}"), 0.0, egui::TextFormat { line_height: Some(24.0), ..unit_format });
    }
    ui.label(job);
}

/// The one button of a screen that moves things forward.
pub(in crate::ui) fn primary_button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let colours = palette(ui);
    let response = ui.add_enabled(
        enabled,
        egui::Button::new(RichText::new(text).font(medium(15.0)).color(colours.card))
            .fill(colours.data)
            .stroke(Stroke::NONE)
            .min_size(vec2(0.0, 36.0)),
    );
    focus_ring(ui, &response);
    response
}

/// Shows that a control has the keyboard, where its own border would not: a ring around it.
pub(in crate::ui) fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, palette(ui).ink);
        ui.painter().rect_stroke(response.rect.expand(1.0), 7, stroke, egui::StrokeKind::Outside);
    }
}

/// A button that opens something below it, which the mark at its right says.
pub(in crate::ui) fn dropdown_button(ui: &mut Ui, text: &str) -> Response {
    let name = text;
    let text = ui.painter().layout_no_wrap(name.to_owned(), medium(14.0), palette(ui).ink);
    let size = vec2(text.size().x + 40.0, 32.0);
    let response = ui.add(egui::Button::new("").min_size(size));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let (rect, ink) = (response.rect, palette(ui).ink);
    let corner = rect.left_center() + vec2(12.0, -text.size().y / 2.0);
    ui.painter().galley(corner, text, ink);
    let tip = rect.right_center() + vec2(-15.0, 2.5);
    let stroke = Stroke::new(1.5, ink);
    ui.painter().line_segment([tip + vec2(-4.0, -4.5), tip], stroke);
    ui.painter().line_segment([tip, tip + vec2(4.0, -4.5)], stroke);
    response
}

/// A button beside the primary one, of its height.
pub(in crate::ui) fn button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    ui.add_enabled(enabled, egui::Button::new(text).min_size(vec2(0.0, 36.0)))
}

/// A line of a list that can be chosen, such as a page in the sidebar.
pub(in crate::ui) fn nav_item(ui: &mut Ui, mark: Icon, text: &str, selected: bool) -> Response {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), selected, text));
    let fill = if selected {
        colours.card
    } else if response.hovered() {
        colours.line.gamma_multiply(0.5)
    } else {
        Color32::TRANSPARENT
    };
    let stroke = if response.has_focus() {
        Stroke::new(2.0, colours.data)
    } else if selected {
        Stroke::new(1.0, colours.line)
    } else {
        Stroke::NONE
    };
    ui.painter().rect(rect, 6, fill, stroke, egui::StrokeKind::Inside);
    let (font, colour) =
        if selected { (medium(15.0), colours.ink) } else { (egui::FontId::proportional(15.0), colours.muted) };
    let tint = if selected { colours.data } else { colours.muted };
    icon(ui.painter(), rect.left_center() + vec2(21.0, 0.0), mark, tint);
    ui.painter().text(rect.left_center() + vec2(42.0, 0.0), egui::Align2::LEFT_CENTER, text, font, colour);
    response
}

/// A row of choices of which one holds.
pub(in crate::ui) fn segmented<T: PartialEq + Copy>(ui: &mut Ui, choice: &mut T, options: &[(T, &str)]) -> bool {
    const PADDING: f32 = 12.0;
    let colours = palette(ui);
    // The width is known beforehand, so that the row can stand at the right and still run from left
    // to right, for the eye and for the Tab key.
    let width_of = |ui: &Ui, text: &str| {
        ui.painter().layout_no_wrap(text.to_owned(), medium(14.0), colours.ink).size().x.ceil() + 2.0 * PADDING
    };
    let widths: Vec<f32> = options.iter().map(|(_, text)| width_of(ui, text)).collect();
    let total = widths.iter().sum::<f32>() + 2.0 * (options.len() as f32 + 1.0);
    let (rect, _) = ui.allocate_exact_size(vec2(total, 32.0), Sense::hover());
    ui.painter().rect_filled(rect, 8, colours.line.gamma_multiply(0.6));
    let row = egui::UiBuilder::new().max_rect(rect.shrink(2.0)).layout(Layout::left_to_right(Align::Center));
    // A child that takes no room of its own: the row has it already.
    let mut row = ui.new_child(row);
    row.spacing_mut().item_spacing.x = 2.0;
    row.spacing_mut().button_padding = egui::Vec2::ZERO;
    row.spacing_mut().interact_size.y = 28.0;
    let mut changed = false;
    for (&(option, text), width) in options.iter().zip(widths) {
        let selected = *choice == option;
        let (font, colour) =
            if selected { (medium(14.0), colours.ink) } else { (egui::FontId::proportional(14.0), colours.muted) };
        let button = egui::Button::new(RichText::new(text).font(font).color(colour))
            .selected(selected)
            .fill(if selected { colours.card } else { Color32::TRANSPARENT })
            .stroke(Stroke::NONE)
            .min_size(vec2(width, 28.0));
        let response = row.add(button);
        focus_ring(ui, &response);
        if response.clicked() && !selected {
            *choice = option;
            changed = true;
        }
    }
    changed
}

/// A labelled line of text that can be edited; the label is its name for screen readers.
pub(in crate::ui) fn field(ui: &mut Ui, label: &str, text: &mut String, width: f32) -> Response {
    labelled(ui, label, egui::TextEdit::singleline(text).desired_width(width))
}

/// A labelled line for a passphrase: dots instead of letters, and nothing of it in egui's memory
/// of what could be undone.
pub(in crate::ui) fn secret_field(ui: &mut Ui, label: &str, text: &mut Secret, width: f32) -> Response {
    let edit = egui::TextEdit::singleline(text.buffer()).password(true).char_limit(Secret::MAX_CHARS);
    let response = labelled(ui, label, edit.desired_width(width));
    forget_typing(ui, response.id);
    response
}

/// A label, and below it the control that it names.
pub(in crate::ui) fn labelled_ui(ui: &mut Ui, label: &str, control: impl FnOnce(&mut Ui) -> Response) -> Response {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let name = muted(ui, label);
        control(ui).labelled_by(name.id)
    })
    .inner
}

/// A label, and below it the text that it names.
pub(in crate::ui) fn labelled(ui: &mut Ui, label: &str, edit: egui::TextEdit) -> Response {
    // By its label, so that it keeps the keyboard when a notice appears above it.
    let response = labelled_ui(ui, label, |ui| ui.add(edit.id_salt(label).margin(vec2(10.0, 7.0))));
    if ui.data_mut(|data| data.remove_temp::<()>(focus_id())).is_some() {
        response.request_focus();
    }
    response
}

fn focus_id() -> egui::Id {
    egui::Id::unique("the next field takes the keyboard")
}

/// Lets the next field that is drawn take the keyboard.
pub(in crate::ui) fn focus_next_field(ui: &Ui) {
    ui.data_mut(|data| data.insert_temp(focus_id(), ()));
}

/// Makes egui forget earlier states of a text that is secret.
pub(in crate::ui) fn forget_typing(ui: &Ui, id: egui::Id) {
    if let Some(mut state) = egui::TextEdit::load_state(ui.ctx(), id) {
        state.clear_undoer();
        egui::TextEdit::store_state(ui.ctx(), id, state);
    }
}

/// A secret that is being typed. Wiped when dropped.
#[derive(Default)]
pub(in crate::ui) struct Secret(Zeroizing<String>);

impl Secret {
    /// More than can be set, so that a longer one is refused and not cut.
    const MAX_CHARS: usize = 1024;

    /// The text, in a buffer that does not move when it grows: moving would leave a copy behind.
    fn buffer(&mut self) -> &mut String {
        if self.0.capacity() == 0 {
            self.0.reserve_exact(4 * Self::MAX_CHARS);
        }
        &mut self.0
    }

    /// Returns the text that was typed.
    pub(in crate::ui) fn text(&self) -> &str {
        &self.0
    }

    /// Returns the text that was typed as a passphrase; `None` if it is empty.
    pub(in crate::ui) fn passphrase(&self) -> Option<Passphrase> {
        (!self.0.is_empty()).then(|| Passphrase::from(self.text()))
    }
}

/// Whether Enter was pressed in a field.
pub(in crate::ui) fn submitted(field: &Response) -> bool {
    field.lost_focus() && field.ctx.input(|input| input.key_pressed(egui::Key::Enter))
}

/// A line of a list of facts: what it is, and how it is.
pub(in crate::ui) fn fact(ui: &mut Ui, name: &str, value: impl Into<egui::WidgetText>) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2(96.0, 20.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(vec2(96.0, 20.0));
            muted(ui, name);
        });
        // On one line with the name, however many lines follow.
        ui.vertical(|ui| {
            ui.add_space(1.0);
            ui.add(egui::Label::new(value).wrap());
        });
    });
}

/// The mark: a heart, drawn.
pub(in crate::ui) fn heart(ui: &mut Ui, size: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(size, size), Sense::hover());
    let colour = palette(ui).heart;
    let at = |t: f32| {
        let (sin, cos) = t.sin_cos();
        let x = 16.0 * sin.powi(3);
        let y = 13.0 * cos - 5.0 * (2.0 * t).cos() - 2.0 * (3.0 * t).cos() - (4.0 * t).cos();
        rect.center() + vec2(x, -y - 2.5) * (size / 34.0)
    };
    let points: Vec<_> = (0..48).map(|i| at(i as f32 / 48.0 * std::f32::consts::TAU)).collect();
    // Not convex at the top: two halves are.
    let middle = 24;
    let half = |range: std::ops::RangeInclusive<usize>| -> Vec<egui::Pos2> { range.map(|i| points[i % 48]).collect() };
    for half in [half(0..=middle), half(middle..=48)] {
        ui.painter().add(egui::Shape::convex_polygon(half, colour, Stroke::NONE));
    }
}

/// A vertical gap of some grid steps.
pub(in crate::ui) fn gap(ui: &mut Ui, steps: f32) {
    ui.add_space(steps * GRID);
}
