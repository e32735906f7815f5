//! Rows of cells, painted: for lists of which only the rows in sight are drawn.

use egui::{Align2, Color32, FontId, Rect, Sense, Ui, pos2, vec2};

use crate::ui::theme::palette;
use crate::ui::widgets::long_list::BAR_ROOM;

/// A column of a list.
pub(in crate::ui) struct Column {
    pub(in crate::ui) name: &'static str,
    /// Its share of the width.
    pub(in crate::ui) share: f32,
    /// Numbers stand at the right of their column.
    pub(in crate::ui) number: bool,
}

pub(in crate::ui) const fn words(name: &'static str, share: f32) -> Column {
    Column { name, share, number: false }
}

pub(in crate::ui) const fn number(name: &'static str, share: f32) -> Column {
    Column { name, share, number: true }
}

/// The names of the columns, above a list.
pub(in crate::ui) fn head_ui<const K: usize>(ui: &mut Ui, columns: &[Column; K]) {
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width() - BAR_ROOM, 20.0), Sense::hover());
    let names = std::array::from_fn(|at| columns[at].name.to_owned());
    let small = egui::TextStyle::Small.resolve(ui.style());
    cells_ui(ui, head, columns, &names, &small, [palette(ui).muted; K]);
}

/// Around the cells of a row.
const MARGIN: f32 = 8.0;
/// Between two cells.
const GAP: f32 = 14.0;

/// The places of a row's cells.
pub(in crate::ui) fn places<const K: usize>(row: Rect, columns: &[Column; K]) -> [Rect; K] {
    let mut left = row.left() + MARGIN;
    std::array::from_fn(|at| {
        let width = columns[at].share * (row.width() - 2.0 * MARGIN);
        let place = Rect::from_min_size(pos2(left, row.top()), vec2(width - GAP, row.height()));
        left += width;
        place
    })
}

/// One row.
pub(in crate::ui) fn cells_ui<const K: usize>(
    ui: &Ui,
    row: Rect,
    columns: &[Column; K],
    cells: &[String; K],
    font: &FontId,
    colours: [Color32; K],
) {
    for (((column, cell), colour), place) in columns.iter().zip(cells).zip(colours).zip(places(row, columns)) {
        let mut job = egui::text::LayoutJob::simple_singleline(cell.clone(), font.clone(), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(place.width());
        let galley = ui.painter().layout_job(job);
        let x = if column.number { place.right() - galley.size().x } else { place.left() };
        let index = Align2::LEFT_CENTER.anchor_size(pos2(x, row.center().y), galley.size());
        ui.painter().galley(index.min, galley, colour);
    }
}
