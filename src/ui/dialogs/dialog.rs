//! A dialog over the page.

use egui::{Align, Frame, Id, Key, Layout, Modal, Modifiers, RichText, Ui, vec2};

use crate::ui::theme::semibold;
use crate::ui::widgets::danger::danger_button;
use crate::ui::widgets::kit::{button, gap, muted, primary_button};

/// Shows a dialog of at most `width` points with a title. Returns what `content` returns, and whether Esc
/// was pressed. A click beside a dialog does not close it: what was typed would be lost.
pub(in crate::ui) fn dialog<R>(
    ui: &Ui,
    id: Id,
    width: f32,
    title: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let frame = Frame::popup(ui.style()).inner_margin(24).corner_radius(8);
    let modal = Modal::new(id).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width.min(ui.ctx().content_rect().width() - 64.0));
        ui.spacing_mut().item_spacing.y = 12.0;
        ui.label(RichText::new(title).font(semibold(18.0)));
        content(ui)
    });
    let top = modal.is_top_modal && !modal.any_popup_open;
    (modal.inner, top && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)))
}

/// The row of buttons at the end of a form.
pub(in crate::ui) struct Buttons {
    pub(in crate::ui) go: bool,
    pub(in crate::ui) cancelled: bool,
}

/// The buttons of a form: `text` is what it does, and Cancel is beside it. `enter` says whether Enter was pressed, and
/// `busy` that another command is under way.
pub(in crate::ui) fn buttons_ui(ui: &mut Ui, busy: bool, text: &str, ready: bool, enter: bool) -> Buttons {
    row_ui(ui, busy, |ui| {
        let ready = ready && !busy;
        primary_button(ui, text, ready).clicked() || enter && ready
    })
}

/// The same of a form that does what cannot be taken back.
pub(in crate::ui) fn danger_buttons_ui(ui: &mut Ui, busy: bool, text: &str, ready: bool, enter: bool) -> Buttons {
    row_ui(ui, busy, |ui| {
        let ready = ready && !busy;
        danger_button(ui, text, ready).clicked() || enter && ready
    })
}

fn row_ui(ui: &mut Ui, busy: bool, go: impl FnOnce(&mut Ui) -> bool) -> Buttons {
    gap(ui, 0.5);
    let size = vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let go = go(ui);
        let cancelled = button(ui, "Cancel", true).clicked();
        if busy {
            muted(ui, "Working…");
        }
        Buttons { go, cancelled }
    })
    .inner
}
