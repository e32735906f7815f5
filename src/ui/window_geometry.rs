//! Where the window is on the desktop.

use egui::{Context, Vec2};

use crate::vault::WindowGeometry;

/// Where the window is; what the desktop does not tell stays as it was.
pub(super) fn seen(ctx: &Context, before: WindowGeometry) -> WindowGeometry {
    let whole = |at: Vec2| [at.x.round() as i32, at.y.round() as i32];
    let zoom = ctx.zoom_factor();
    let mut geometry = WindowGeometry { zoom_percent: (zoom * 100.0).round() as i32, ..before };
    ctx.input(|input| {
        let viewport = input.viewport();
        geometry.maximized = viewport.maximized.unwrap_or(before.maximized);
        // A window that fills the screen says nothing about the size that it goes back to.
        if geometry.maximized || viewport.minimized == Some(true) || viewport.fullscreen == Some(true) {
            return;
        }
        // In the points of the desktop, not in those of a larger view.
        if let Some(inner) = viewport.inner_rect {
            geometry.size = whole(inner.size() * zoom);
        }
        geometry.corner = viewport.outer_rect.map(|outer| whole(outer.min.to_vec2() * zoom)).or(before.corner);
    });
    geometry
}
