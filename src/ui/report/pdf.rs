//! Pages of shapes as a PDF file.

use egui::epaint::{ColorMode, PathShape, PathStroke, RectShape};
use egui::{Color32, Mesh, Pos2, Rect, Shape, StrokeKind, Vec2, pos2, vec2};
use jiff::Zoned;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineJoin, Stroke};
use krilla::surface::Surface;

use super::page::{PAPER, Page, SCALE};
use super::text::Faces;

/// How far the controls of a quarter of a circle are from its ends, as a share of the radius.
const ROUND: f32 = 0.552_284_8;

/// Writes pages into a file. Returns its bytes, or why there are none.
pub(super) fn write(pages: &[Page], title: &str, made: &Zoned) -> Result<Vec<u8>, String> {
    let faces = Faces::load()?;
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language("en".to_owned())
            .creator(format!("Veilbeat {}", env!("CARGO_PKG_VERSION")))
            .creation_date(date_time(made)),
    );
    let size = PageSettings::from_wh(PAPER.x, PAPER.y).ok_or("a page has no size")?;
    for shapes in pages {
        let mut page = document.start_page_with(size.clone());
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_scale(SCALE, SCALE));
        for clipped in shapes {
            draw_clipped(&mut surface, &faces, clipped.clip_rect, &clipped.shape);
        }
        surface.pop();
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| format!("{error:?}"))
}

fn date_time(made: &Zoned) -> DateTime {
    let offset = made.offset().seconds();
    DateTime::new(made.year().unsigned_abs())
        .month(made.month().unsigned_abs())
        .day(made.day().unsigned_abs())
        .hour(made.hour().unsigned_abs())
        .minute(made.minute().unsigned_abs())
        .second(made.second().unsigned_abs())
        .utc_offset_hour((offset / 3_600) as i8)
        .utc_offset_minute((offset / 60 % 60).unsigned_abs() as u8)
}

/// Clips only what reaches beyond the edge: most does not.
fn draw_clipped(surface: &mut Surface, faces: &Faces, clip: Rect, shape: &Shape) {
    let bounds = shape.visual_bounding_rect();
    if clip.contains_rect(bounds) {
        return draw(surface, faces, shape);
    }
    let Some(path) = closed(&corners(clip)).filter(|_| clip.intersects(bounds)) else { return };
    surface.push_clip_path(&path, &FillRule::NonZero);
    draw(surface, faces, shape);
    surface.pop();
}

fn draw(surface: &mut Surface, faces: &Faces, shape: &Shape) {
    match shape {
        Shape::Noop | Shape::Callback(_) => {}
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| draw(surface, faces, shape)),
        Shape::Text(text) => faces.write(surface, text),
        Shape::Rect(rect) => draw_rect(surface, rect),
        Shape::Circle(circle) => {
            let radii = [Vec2::splat(circle.radius); 4];
            let square = Rect::from_center_size(circle.center, Vec2::splat(2.0 * circle.radius));
            paint(surface, rounded(square, radii), circle.fill, circle.stroke);
        }
        Shape::Ellipse(ellipse) => {
            let square = Rect::from_center_size(ellipse.center, 2.0 * ellipse.radius);
            paint(surface, rounded(square, [ellipse.radius; 4]), ellipse.fill, ellipse.stroke);
        }
        Shape::LineSegment { points, stroke } => paint(surface, open(points), Color32::TRANSPARENT, *stroke),
        Shape::Path(path) => draw_path(surface, path),
        Shape::Mesh(mesh) => draw_mesh(surface, mesh),
        Shape::Band(band) => {
            let low = band.points.iter().map(|point| pos2(point.x, point.y.min));
            let high = band.points.iter().rev().map(|point| pos2(point.x, point.y.max));
            paint(surface, closed(&low.chain(high).collect::<Vec<_>>()), band.fill, band.stroke);
        }
        Shape::QuadraticBezier(curve) => {
            let points = curve.flatten(None);
            draw_path(surface, &path_shape(points, curve.closed, curve.fill, &curve.stroke));
        }
        Shape::CubicBezier(curve) => {
            let points = curve.flatten(None);
            draw_path(surface, &path_shape(points, curve.closed, curve.fill, &curve.stroke));
        }
    }
}

fn path_shape(points: Vec<Pos2>, closed: bool, fill: Color32, stroke: &PathStroke) -> PathShape {
    PathShape { points, closed, fill, stroke: stroke.clone() }
}

fn draw_path(surface: &mut Surface, path: &PathShape) {
    let outline = if path.closed { closed(&path.points) } else { open(&path.points) };
    let bounds = Rect::from_points(&path.points);
    let colour = match &path.stroke.color {
        ColorMode::Solid(colour) => *colour,
        ColorMode::UV(of) => of(bounds, bounds.center()),
    };
    let fill = if path.closed { path.fill } else { Color32::TRANSPARENT };
    paint(surface, outline, fill, egui::Stroke::new(path.stroke.width, colour));
}

fn draw_rect(surface: &mut Surface, shape: &RectShape) {
    let radius = shape.corner_radius;
    // Rounded no further than the sides allow.
    let most = shape.rect.size().min_elem() / 2.0;
    let radii = |more: f32| {
        [radius.nw, radius.ne, radius.se, radius.sw].map(|own| {
            let own = f32::from(own).min(most);
            Vec2::splat(if own > 0.0 { (own + more).max(0.0) } else { 0.0 })
        })
    };
    paint(surface, rounded(shape.rect, radii(0.0)), shape.fill, egui::Stroke::NONE);
    let more = match shape.stroke_kind {
        StrokeKind::Inside => -shape.stroke.width / 2.0,
        StrokeKind::Middle => 0.0,
        StrokeKind::Outside => shape.stroke.width / 2.0,
    };
    paint(surface, rounded(shape.rect.expand(more), radii(more)), Color32::TRANSPARENT, shape.stroke);
}

/// The triangles of one colour after another as one path each: no seams show between them.
fn draw_mesh(surface: &mut Surface, mesh: &Mesh) {
    let corner = |index: u32| &mesh.vertices[index as usize];
    let triangles: Vec<&[u32]> = mesh.indices.chunks_exact(3).collect();
    for same in triangles.chunk_by(|a, b| corner(a[0]).color == corner(b[0]).color) {
        let mut builder = PathBuilder::new();
        for triangle in same {
            let mut points = [0, 1, 2].map(|at| corner(triangle[at]).pos);
            let [along, across] = [points[1] - points[0], points[2] - points[0]];
            if along.x * across.y < along.y * across.x {
                points.swap(1, 2);
            }
            lines(&mut builder, &points);
            builder.close();
        }
        paint(surface, builder.finish(), corner(same[0][0]).color, egui::Stroke::NONE);
    }
}

fn paint(surface: &mut Surface, path: Option<Path>, colour: Color32, stroke: egui::Stroke) {
    let Some(path) = path else { return };
    let stroked = stroke.width > 0.0 && stroke.color.a() > 0;
    if colour.a() == 0 && !stroked {
        return;
    }
    surface.set_fill((colour.a() > 0).then(|| fill(colour)));
    surface.set_stroke(stroked.then(|| {
        let (paint, opacity) = parts(stroke.color);
        // A mitre would reach beyond the values.
        Stroke { paint: paint.into(), width: stroke.width, opacity, line_join: LineJoin::Round, ..Stroke::default() }
    }));
    surface.draw_path(&path);
}

/// A colour as what fills.
pub(super) fn fill(colour: Color32) -> Fill {
    let (paint, opacity) = parts(colour);
    Fill { paint: paint.into(), opacity, rule: FillRule::NonZero }
}

/// The colour apart from how opaque it is.
fn parts(colour: Color32) -> (rgb::Color, NormalizedF32) {
    let [red, green, blue, alpha] = colour.to_srgba_unmultiplied();
    let opacity = NormalizedF32::new(f32::from(alpha) / 255.0).unwrap_or(NormalizedF32::ONE);
    (rgb::Color::new(red, green, blue), opacity)
}

fn lines(builder: &mut PathBuilder, points: &[Pos2]) {
    for (index, point) in points.iter().enumerate() {
        if index == 0 { builder.move_to(point.x, point.y) } else { builder.line_to(point.x, point.y) }
    }
}

fn open(points: &[Pos2]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    lines(&mut builder, points);
    builder.finish()
}

fn closed(points: &[Pos2]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    lines(&mut builder, points);
    builder.close();
    builder.finish()
}

/// The corners, clockwise from the upper left.
fn corners(rect: Rect) -> [Pos2; 4] {
    [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()]
}

/// A rectangle whose corners are quarters of ellipses of these radii, clockwise from the upper left.
fn rounded(rect: Rect, radii: [Vec2; 4]) -> Option<Path> {
    // The directions in which the outline comes to a corner, and leaves it.
    const WAYS: [[Vec2; 2]; 4] = [
        [vec2(0.0, -1.0), vec2(1.0, 0.0)],
        [vec2(1.0, 0.0), vec2(0.0, 1.0)],
        [vec2(0.0, 1.0), vec2(-1.0, 0.0)],
        [vec2(-1.0, 0.0), vec2(0.0, -1.0)],
    ];
    let mut builder = PathBuilder::new();
    for (index, ((corner, radius), [come, leave])) in corners(rect).into_iter().zip(radii).zip(WAYS).enumerate() {
        let (from, to) = (corner - radius * come, corner + radius * leave);
        if index == 0 {
            builder.move_to(from.x, from.y);
        } else {
            builder.line_to(from.x, from.y);
        }
        if radius.min_elem() > 0.0 {
            let (a, b) = (from + radius * come * ROUND, to - radius * leave * ROUND);
            builder.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
        }
    }
    builder.close();
    builder.finish()
}
