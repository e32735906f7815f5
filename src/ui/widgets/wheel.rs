//! Whose the wheel is: a list within a page does not catch it while the page is being scrolled past.

use egui::{Id, Rect, Ui};

/// Seconds without the wheel after which the pointer decides anew.
const PAUSE_SECS: f64 = 0.4;

/// Whether a list takes the wheel: the pointer is over it, and what the wheel moves is not the page that carried the
/// list below the pointer.
pub(in crate::ui) fn takes_wheel(ui: &Ui, id: Id, rect: Rect) -> bool {
    let (turned, now) = ui.input(|input| (input.smooth_scroll_delta.y != 0.0, input.time));
    let is_over = ui.rect_contains_pointer(rect);
    let elsewhere: Option<f64> = ui.data(|data| data.get_temp(id));
    let is_passing = elsewhere.is_some_and(|since| now - since < PAUSE_SECS);
    if turned && (!is_over || is_passing) {
        ui.data_mut(|data| data.insert_temp(id, now));
    }
    is_over && !is_passing
}
