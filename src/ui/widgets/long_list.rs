//! A list of any length. Only the rows in sight are drawn, and the place is kept in rows: as points
//! in 32 bits it would jitter after some hundred thousand of them.

use egui::{EventFilter, Id, Key, Modifiers, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::palette;
use crate::ui::widgets::wheel::takes_wheel;

/// The height of a row, in points.
pub(in crate::ui) const ROW: f32 = 24.0;
const BAR: f32 = 10.0;
/// The width that is kept free at the right of every row.
pub(in crate::ui) const BAR_ROOM: f32 = BAR + 2.0;
const SHORTEST_HANDLE: f32 = 28.0;

/// The action of a person on a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::ui) enum Touched {
    /// Clicked it, or came to it by keyboard, holding these keys.
    Chosen(usize, Modifiers),
    /// Double-clicked it, or pressed Enter on it.
    Opened(usize),
}

/// The state of a list.
#[derive(Default)]
pub(in crate::ui) struct LongList {
    /// The first row in sight; the part of it above the edge is the fraction.
    top: f64,
    /// The row that the keyboard is at.
    cursor: usize,
    /// How far the handle was held from its upper end when it was taken.
    held_at: f32,
}

impl LongList {
    /// Shows `rows` rows in a list that is `height` points high, and says what was done with one.
    ///
    /// `row_ui` draws a row into its place and returns what a screen reader says about it.
    pub(in crate::ui) fn show(
        &mut self,
        ui: &mut Ui,
        name: &str,
        (rows, height): (usize, f32),
        marked: impl Fn(usize) -> bool,
        mut row_ui: impl FnMut(&Ui, Rect, usize) -> String,
    ) -> (Response, Option<Touched>) {
        let size = vec2(ui.available_width(), height);
        let (rect, list) = ui.allocate_exact_size(size, Sense::focusable_noninteractive());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, name));
        let in_sight = f64::from(height / ROW);
        let last_top = (rows as f64 - in_sight).max(0.0);
        self.wheel(ui, list.id.with("wheel"), rect, last_top);
        let mut touched = list.has_focus().then(|| self.keys(ui, &list, rows, in_sight)).flatten();
        self.top = self.top.clamp(0.0, last_top);
        let first = self.top as usize;
        let last = rows.min((self.top + in_sight).ceil() as usize);
        let colours = palette(ui);
        let width = rect.width() - BAR_ROOM;
        let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect).scope_id(list.id.with("rows")));
        inner.shrink_clip_rect(rect);
        for row in first..last {
            let y = rect.top() + ((row as f64 - self.top) * f64::from(ROW)) as f32;
            let index = Rect::from_min_size(pos2(rect.left(), y), vec2(width, ROW));
            // The list has the focus, not the rows: Tab goes past it in one step.
            let response = inner.interact(index.intersect(rect), list.id.with(row), Sense::CLICK);
            let is_marked = marked(row);
            if is_marked {
                inner.painter().rect_filled(index, 4, colours.data.gamma_multiply(0.16));
            } else if response.hovered() {
                inner.painter().rect_filled(index, 4, colours.line.gamma_multiply(0.5));
            }
            if list.has_focus() && row == self.cursor {
                let stroke = Stroke::new(1.5, colours.data);
                inner.painter().rect_stroke(index.shrink(1.0), 4, stroke, egui::StrokeKind::Inside);
            }
            let words = row_ui(&inner, index, row);
            response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_marked, &words));
            if response.clicked() {
                self.cursor = row;
                list.request_focus();
                touched = Some(Touched::Chosen(row, ui.input(|input| input.modifiers)));
            }
            if response.double_clicked() {
                touched = Some(Touched::Opened(row));
            }
        }
        if last_top > 0.0 {
            let bar = Rect::from_min_max(pos2(rect.right() - BAR, rect.top()), rect.right_bottom());
            self.bar_ui(ui, bar, list.id.with("bar"), in_sight / rows as f64, last_top);
        }
        (list, touched)
    }

    /// Goes back to the first row.
    pub(in crate::ui) fn go_to_top(&mut self) {
        (self.top, self.cursor) = (0.0, 0);
    }

    /// Brings a row into sight, near the upper edge.
    pub(in crate::ui) fn reveal(&mut self, row: usize) {
        (self.top, self.cursor) = (row as f64, row);
    }

    /// Takes the wheel while the pointer is over the list, until its end; then the page goes on.
    fn wheel(&mut self, ui: &Ui, id: Id, rect: Rect, last_top: f64) {
        if !takes_wheel(ui, id, rect) {
            return;
        }
        let wheel = ui.input(|input| input.smooth_scroll_delta.y);
        let goes_on = if wheel > 0.0 { self.top > 0.0 } else { self.top < last_top };
        if wheel != 0.0 && goes_on {
            self.top -= f64::from(wheel / ROW);
            ui.input_mut(|input| input.smooth_scroll_delta.y = 0.0);
        }
    }

    /// Moves the cursor by keyboard, and scrolls so that it is in sight.
    fn keys(&mut self, ui: &Ui, list: &Response, rows: usize, in_sight: f64) -> Option<Touched> {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
        let last = rows.checked_sub(1)?;
        let page = (in_sight as usize).max(2) - 1;
        let (pressed, modifiers) = ui.input(|input| {
            let keys = [Key::ArrowUp, Key::ArrowDown, Key::PageUp, Key::PageDown, Key::Home, Key::End];
            let enter = input.key_pressed(Key::Enter).then_some(Key::Enter);
            (keys.into_iter().find(|key| input.key_pressed(*key)).or(enter), input.modifiers)
        });
        let cursor = self.cursor.min(last);
        self.cursor = match pressed? {
            Key::ArrowUp => cursor.saturating_sub(1),
            Key::ArrowDown => (cursor + 1).min(last),
            Key::PageUp => cursor.saturating_sub(page),
            Key::PageDown => (cursor + page).min(last),
            Key::Home => 0,
            Key::End => last,
            _ => return Some(Touched::Opened(cursor)),
        };
        let cursor = self.cursor as f64;
        self.top = self.top.clamp((cursor + 1.0 - in_sight).max(0.0), cursor.max(0.0));
        Some(Touched::Chosen(self.cursor, modifiers))
    }

    /// The bar at the right: how much is in sight, and a handle to go far.
    fn bar_ui(&mut self, ui: &Ui, bar: Rect, id: Id, share: f64, last_top: f64) {
        let height = (bar.height() * share as f32).max(SHORTEST_HANDLE).min(bar.height());
        let way = bar.height() - height;
        let response = ui.interact(bar, id, Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Scroll"));
        let handle_top = |top: f64| bar.top() + way * (top / last_top) as f32;
        if let Some(pointer) = response.interact_pointer_pos() {
            if ui.input(|input| input.pointer.any_pressed()) {
                let from_top = pointer.y - handle_top(self.top);
                self.held_at = if (0.0..=height).contains(&from_top) { from_top } else { height / 2.0 };
            }
            let share = (pointer.y - self.held_at - bar.top()) / way.max(1.0);
            self.top = (f64::from(share) * last_top).clamp(0.0, last_top);
        }
        let colours = palette(ui);
        let active = response.hovered() || response.dragged();
        let colour = if active { colours.muted } else { colours.muted.gamma_multiply(0.5) };
        let handle = Rect::from_min_size(pos2(bar.left(), handle_top(self.top)), vec2(BAR, height));
        ui.painter().rect_filled(handle.shrink2(vec2(2.0, 0.0)), 3, colour);
    }
}
