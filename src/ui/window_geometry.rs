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

/// A screen, from its upper left corner to its lower right one, in points of the desktop.
#[derive(Clone, Copy)]
pub(super) struct Screen {
    pub(super) from: [i32; 2],
    pub(super) to: [i32; 2],
}

/// How much of a window's upper edge must be on a screen to be seen and dragged, in points.
const IN_SIGHT: [i32; 2] = [80, 24];

/// Where a window goes whose upper edge would be on no screen; `None` if it can stay, or nothing is known.
pub(super) fn corner_in_sight(corner: [i32; 2], size: [i32; 2], screens: &[Screen]) -> Option<[i32; 2]> {
    let edge = [size[0], IN_SIGHT[1]];
    let seen = |screen: &Screen| {
        [0, 1].into_iter().all(|axis| {
            let from = corner[axis].max(screen.from[axis]);
            let to = corner[axis].saturating_add(edge[axis]).min(screen.to[axis]);
            to.saturating_sub(from) >= IN_SIGHT[axis]
        })
    };
    let first = screens.first().filter(|_| !screens.iter().any(seen))?;
    Some(first.from.map(|at| at + IN_SIGHT[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_on_a_screen_that_is_gone_comes_back_and_any_other_stays() {
        let screen = |from: [i32; 2], to: [i32; 2]| Screen { from, to };
        let one = [screen([0, 0], [1_920, 1_080])];
        let two = [screen([0, 0], [1_920, 1_080]), screen([-1_280, 0], [0, 1_024])];
        let size = [1_160, 820];
        for (corner, screens, goes) in [
            ([100, 100], &one[..], None),
            ([-1_000, 50], &two[..], None),
            ([-1_000, 50], &one[..], None),
            ([-1_200, 50], &one[..], Some([24, 24])),
            ([-1_200, 50], &two[..], None),
            ([3_000, 50], &two[..], Some([24, 24])),
            ([100, -700], &one[..], Some([24, 24])),
            ([100, 1_070], &one[..], Some([24, 24])),
            ([i32::MAX, i32::MIN], &one[..], Some([24, 24])),
            ([5_000, 5_000], &[], None),
        ] {
            assert_eq!(corner_in_sight(corner, size, screens), goes, "{corner:?} on {} screens", screens.len());
        }
    }
}
