//! The icons of the sidebar, drawn as shapes on a square of 18 points.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// What an icon stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Icon {
    /// A curve.
    Chart,
    /// Rows.
    List,
    /// Two machines, one on the other.
    Server,
    /// A parcel.
    Parcel,
    /// A key.
    Key,
    /// Sliders.
    Sliders,
    /// A question mark in a ring.
    Help,
}

/// Draws an icon about a centre.
pub(in crate::ui) fn icon(painter: &Painter, centre: Pos2, icon: Icon, colour: Color32) {
    let stroke = Stroke::new(1.6, colour);
    let at = |x: f32, y: f32| centre + vec2(x, y);
    let line = |points: &[[f32; 2]]| {
        painter.add(Shape::line(points.iter().map(|&[x, y]| at(x, y)).collect(), stroke));
    };
    let square = |x: f32, y: f32, width: f32, height: f32| {
        let rect = Rect::from_min_size(at(x, y), vec2(width, height));
        painter.rect_stroke(rect, 2, stroke, egui::StrokeKind::Middle);
    };
    match icon {
        Icon::Chart => line(&[[-8.0, 2.0], [-4.0, 2.0], [-1.5, -6.0], [1.5, 6.0], [3.5, -1.0], [8.0, -1.0]]),
        Icon::List => {
            for y in [-5.0, 0.0, 5.0] {
                painter.circle_filled(at(-6.5, y), 1.4, colour);
                line(&[[-2.5, y], [7.5, y]]);
            }
        }
        Icon::Server => {
            for y in [-7.0, 1.0] {
                square(-7.0, y, 14.0, 6.0);
                painter.circle_filled(at(-4.0, y + 3.0), 1.1, colour);
            }
        }
        Icon::Parcel => {
            square(-7.0, -6.0, 14.0, 12.0);
            line(&[[-7.0, -1.5], [7.0, -1.5]]);
            line(&[[0.0, -1.5], [0.0, 2.5]]);
        }
        Icon::Key => {
            painter.circle_stroke(at(-4.0, 0.0), 3.6, stroke);
            line(&[[-0.4, 0.0], [7.5, 0.0], [7.5, 3.5]]);
            line(&[[4.2, 0.0], [4.2, 2.8]]);
        }
        Icon::Sliders => {
            for (x, knob) in [(-5.5, 2.5), (0.0, -3.0), (5.5, 1.0)] {
                line(&[[x, -7.0], [x, 7.0]]);
                painter.circle_filled(at(x, knob), 2.6, colour);
            }
        }
        Icon::Help => {
            painter.circle_stroke(centre, 7.2, stroke);
            let arc = (0..=10).map(|step| {
                let angle = std::f32::consts::PI * (1.0 + 1.35 * step as f32 / 10.0);
                pos2(centre.x + 2.6 * angle.cos(), centre.y - 1.6 + 2.6 * angle.sin())
            });
            let mut points: Vec<Pos2> = arc.collect();
            points.push(at(0.0, 1.8));
            painter.add(Shape::line(points, stroke));
            painter.circle_filled(at(0.0, 4.4), 1.1, colour);
        }
    }
}
