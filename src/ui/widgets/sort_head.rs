//! The names of a list's columns, as buttons that sort it.

use egui::{Align2, Color32, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::ui::theme::palette;
use crate::ui::widgets::columns::{Column, places};
use crate::ui::widgets::long_list::BAR_ROOM;

/// How a list is sorted: by which column, and whether its arrow points up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Sorted {
    pub(in crate::ui) column: usize,
    pub(in crate::ui) up: bool,
}

/// The heads of columns; the first `sortable` of them sort. Returns the column that was clicked.
pub(in crate::ui) fn sort_head_ui<const K: usize>(
    ui: &mut Ui,
    columns: &[Column; K],
    sortable: usize,
    sorted: Sorted,
) -> Option<usize> {
    let colours = palette(ui);
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width() - BAR_ROOM, 24.0), Sense::hover());
    let font = egui::TextStyle::Small.resolve(ui.style());
    let mut clicked = None;
    for (at, (column, place)) in columns.iter().zip(places(head, columns)).enumerate() {
        let is_sorted = sorted.column == at;
        let mut colour = if is_sorted { colours.ink } else { colours.muted };
        if at < sortable {
            let response = ui.interact(
                place.expand2(vec2(6.0, 0.0)),
                ui.scope_id().with(("sort by", column.name)),
                Sense::click(),
            );
            let way = match (is_sorted, sorted.up) {
                (false, _) => "",
                (true, true) => ", ascending now",
                (true, false) => ", descending now",
            };
            let name = format!("Sort by {}{way}", column.name.to_lowercase());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_sorted, &name));
            if response.hovered() {
                colour = colours.ink;
                ui.painter().rect_filled(response.rect, 4, colours.line.gamma_multiply(0.5));
            }
            if response.has_focus() {
                ui.painter().rect_stroke(response.rect, 4, Stroke::new(2.0, colours.data), egui::StrokeKind::Inside);
            }
            if response.clicked() {
                clicked = Some(at);
            }
        }
        let (anchor, align) = if column.number {
            (place.right_center(), Align2::RIGHT_CENTER)
        } else {
            (place.left_center(), Align2::LEFT_CENTER)
        };
        let text = ui.painter().text(anchor, align, column.name, font.clone(), colour);
        if is_sorted {
            // Beside the word, on the side where there is room.
            let x = if column.number { text.left() - 9.0 } else { text.right() + 9.0 };
            arrow(ui, pos2(x, text.center().y), sorted.up, colour);
        }
    }
    clicked
}

/// A small triangle.
fn arrow(ui: &Ui, centre: egui::Pos2, up: bool, colour: Color32) {
    let tip = if up { -3.0 } else { 3.0 };
    let corners = [vec2(-4.0, -tip), vec2(4.0, -tip), vec2(0.0, tip)].map(|corner| centre + corner);
    ui.painter().add(Shape::convex_polygon(corners.to_vec(), colour, Stroke::NONE));
}
