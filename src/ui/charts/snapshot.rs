//! A part of the window as a picture.

use std::sync::mpsc::{Receiver, Sender, channel};

use egui::{ColorImage, Rect, ScreenshotCallback, Ui, ViewportCommand};

use crate::session::Picture;

/// Frames that pass before the picture is taken, so that everything has found its place.
const FRAMES: u8 = 3;

/// Frames after which a picture that has not come is not going to.
const MOST_FRAMES: u8 = 60;

/// How far the taking of a picture is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    /// So many frames are to pass first.
    Settling(u8),
    /// It was asked for, and comes with a frame after this one; so many frames ago.
    Asked(u8),
}

/// Takes pictures of the window.
pub(in crate::ui) struct Snapshot {
    stage: Stage,
    taken: (Sender<Picture>, Receiver<Picture>),
}

impl Default for Snapshot {
    fn default() -> Self {
        Self { stage: Stage::Idle, taken: channel() }
    }
}

impl Snapshot {
    /// Wants a picture of what [`Self::show`] is told of from now on.
    pub(in crate::ui) fn want(&mut self) {
        self.stage = Stage::Settling(FRAMES);
    }

    /// Whether a picture is wanted that is not taken yet.
    pub(in crate::ui) fn is_wanted(&self) -> bool {
        self.stage != Stage::Idle
    }

    /// Says where that is in this frame. Takes the picture once it has found its place.
    pub(in crate::ui) fn show(&mut self, ui: &Ui, rect: Rect) {
        ui.ctx().request_repaint();
        self.stage = match self.stage {
            Stage::Idle | Stage::Asked(MOST_FRAMES) => Stage::Idle,
            Stage::Asked(frames) => Stage::Asked(frames + 1),
            Stage::Settling(0) => Stage::Asked(0),
            Stage::Settling(left) => Stage::Settling(left - 1),
        };
        if self.stage != Stage::Asked(0) {
            return;
        }
        let (sender, ctx, scale) = (self.taken.0.clone(), ui.ctx().clone(), ui.pixels_per_point());
        let seen = rect.intersect(ctx.content_rect());
        let take = move |image: std::sync::Arc<ColorImage>| {
            // The window may be gone by now.
            let _ = sender.send(cropped(&image, seen, scale));
            ctx.request_repaint();
        };
        ui.ctx().send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(take)));
    }

    /// The picture, once it is taken.
    pub(in crate::ui) fn taken(&mut self) -> Option<Picture> {
        let picture = self.taken.1.try_recv().ok()?;
        self.stage = Stage::Idle;
        Some(picture)
    }
}

/// The part of a picture of the window below `rect`, which is in points.
fn cropped(image: &ColorImage, rect: Rect, scale: f32) -> Picture {
    let [width, height] = image.size;
    let pixel = |at: f32, end: usize| ((at * scale).round().max(0.0) as usize).min(end);
    let (left, right) = (pixel(rect.left(), width), pixel(rect.right(), width));
    let (top, bottom) = (pixel(rect.top(), height), pixel(rect.bottom(), height));
    let rows = image.pixels.chunks_exact(width.max(1)).take(bottom).skip(top);
    let pixels =
        rows.flat_map(|row| &row[left..right.max(left)]).flat_map(|colour| [colour.r(), colour.g(), colour.b()]);
    Picture { width: right.saturating_sub(left) as u32, pixels: pixels.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Color32, pos2};

    #[test]
    fn a_picture_is_the_pixels_below_the_points() {
        let pixels = (0..24).map(|i| Color32::from_rgb(i, 0, 255)).collect();
        let image = ColorImage::new([6, 4], pixels);
        let picture = cropped(&image, Rect::from_min_max(pos2(1.0, 0.5), pos2(2.0, 1.5)), 2.0);
        assert_eq!(picture.width, 2);
        assert_eq!(picture.pixels, [8, 0, 255, 9, 0, 255, 14, 0, 255, 15, 0, 255]);
        let beyond = cropped(&image, Rect::from_min_max(pos2(2.0, 1.0), pos2(90.0, 90.0)), 2.0);
        assert_eq!((beyond.width, beyond.pixels.len()), (2, 12));
    }
}
