//! Marks on a chart, drawn over its grid: lines with round joins, bars with round ends, dots with a rim.

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use egui_plot::{PlotPoint, PlotTransform};

/// The dashes of a line, and the gaps between them, in points; `None` for a line without gaps.
pub(in crate::ui) type Dashes = Option<(f32, f32)>;

/// An area between two lines, given as pairs of points of both.
pub(in crate::ui) fn area(edges: &[[Pos2; 2]], colour: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    for &pos in edges.as_flattened() {
        mesh.vertices.push(Vertex { pos, uv: WHITE_UV, color: colour });
    }
    for pair in 1..edges.len() as u32 {
        let left = 2 * pair - 2;
        mesh.add_triangle(left, left + 1, left + 2);
        mesh.add_triangle(left + 1, left + 2, left + 3);
    }
    mesh
}

/// Where a chart is drawn, in the numbers of its axes.
pub(in crate::ui) struct Canvas<'a> {
    pub(in crate::ui) painter: Painter,
    pub(in crate::ui) transform: &'a PlotTransform,
}

impl Canvas<'_> {
    /// The place of a point on screen.
    pub(in crate::ui) fn at(&self, x: f64, y: f64) -> Pos2 {
        self.transform.position_from_point(&PlotPoint::new(x, y))
    }

    /// How many points on screen so much of the horizontal axis takes.
    pub(in crate::ui) fn width(&self, x: f64) -> f32 {
        (self.transform.dpos_dvalue_x().abs() * x) as f32
    }

    /// A line through points. Its joins are round: a mitre would reach beyond the values.
    pub(in crate::ui) fn line(&self, points: &[[f64; 2]], width: f32, colour: Color32, dashes: Dashes) {
        let places: Vec<Pos2> = points.iter().map(|[x, y]| self.at(*x, *y)).collect();
        let stroke = Stroke::new(width, colour);
        if let Some((dash, gap)) = dashes {
            self.painter.extend(Shape::dashed_line(&places, stroke, dash, gap));
            return;
        }
        // Hairlines show no joins, and circles over a colour that is not opaque would show.
        let joins = width > 1.0 && colour.a() == u8::MAX;
        for pair in places.windows(2) {
            self.painter.line_segment([pair[0], pair[1]], stroke);
        }
        for place in places.iter().filter(|_| joins) {
            self.painter.circle_filled(*place, width / 2.0, colour);
        }
    }

    /// An area between two lines over the same places: `[x, low, high]`.
    pub(in crate::ui) fn band(&self, points: &[[f64; 3]], colour: Color32) {
        let edges: Vec<[Pos2; 2]> = points.iter().map(|&[x, low, high]| [self.at(x, low), self.at(x, high)]).collect();
        self.painter.add(area(&edges, colour));
    }

    /// An upright bar with round ends, `width` points wide and at least as high.
    pub(in crate::ui) fn capsule(&self, x: f64, [low, high]: [f64; 2], width: f32, colour: Color32) {
        let (bottom, top) = (self.at(x, low), self.at(x, high));
        let middle = bottom.lerp(top, 0.5);
        let height = (bottom.y - top.y).max(width);
        let radius = CornerRadius::same((width / 2.0).round() as u8);
        self.painter.rect_filled(Rect::from_center_size(middle, vec2(width, height)), radius, colour);
    }

    /// A dot with a rim of the card's colour, so that it stands off what is behind it; a hollow one is filled with it.
    pub(in crate::ui) fn dot(&self, x: f64, y: f64, radius: f32, colour: Color32, card: Color32, hollow: bool) {
        let place = self.at(x, y);
        self.painter.circle_filled(place, radius + 1.5, card);
        if hollow {
            self.painter.circle_stroke(place, radius - 0.5, Stroke::new(1.5, colour));
        } else {
            self.painter.circle_filled(place, radius, colour);
        }
    }

    /// A short level line.
    pub(in crate::ui) fn tick(&self, x: f64, y: f64, width: f32, colour: Color32) {
        let place = self.at(x, y);
        // On whole pixels, so that all are as thick.
        let scale = self.painter.pixels_per_point();
        let snap = |at: f32| (at * scale).round() / scale;
        let corner = pos2(snap(place.x - width / 2.0), snap(place.y - 1.0));
        self.painter.rect_filled(Rect::from_min_size(corner, vec2(width, 2.0)), CornerRadius::ZERO, colour);
    }

    /// A stripe from one height to another, as wide as the chart.
    pub(in crate::ui) fn stripe(&self, [low, high]: [f64; 2], colour: Color32) {
        let frame = *self.transform.frame();
        let (bottom, top) = (self.at(0.0, low).y, self.at(0.0, high).y);
        let rect = Rect::from_min_max(pos2(frame.left(), top), pos2(frame.right(), bottom));
        self.painter.rect_filled(rect.intersect(frame), 0, colour);
    }
}
