//! Draws what egui would, without a GPU: textured triangles, clipped, blended in gamma space as egui's
//! own renderers do.

use std::collections::HashMap;

use egui::epaint::{ImageData, Primitive, Vertex};
use egui::{Color32, Context, FullOutput, Mesh, Rect, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;
use image::{Rgba, RgbaImage};

/// Parts of a pixel that corners snap to, so that triangles that share an edge share it exactly.
const PARTS: f32 = 256.0;

struct Texture {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

impl Texture {
    /// The colour at a place, 0 to 1 in each direction, between its four nearest pixels.
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let [width, height] = self.size;
        let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right_share, lower_share) = (x - left, y - top);
        let pixel = |x: f32, y: f32| {
            let at = |at: f32, end: usize| (at.max(0.0) as usize).min(end - 1);
            self.pixels[at(y, height) * width + at(x, width)].to_array().map(f32::from)
        };
        let mix = |a: [f32; 4], b: [f32; 4], share: f32| -> [f32; 4] {
            std::array::from_fn(|channel| a[channel] + (b[channel] - a[channel]) * share)
        };
        let upper = mix(pixel(left, top), pixel(left + 1.0, top), right_share);
        let lower = mix(pixel(left, top + 1.0), pixel(left + 1.0, top + 1.0), right_share);
        mix(upper, lower, lower_share)
    }
}

#[derive(Default)]
pub(crate) struct Raster {
    textures: HashMap<TextureId, Texture>,
}

impl TestRenderer for Raster {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, images) in delta.set.drain() {
            for image in images {
                let ImageData::Color(new) = image.image;
                match image.pos {
                    None => {
                        let texture = Texture { size: new.size, pixels: new.pixels.clone() };
                        self.textures.insert(id, texture);
                    }
                    Some([left, top]) => {
                        let texture = self.textures.get_mut(&id).expect("a part comes after the whole");
                        for (y, row) in new.pixels.chunks(new.size[0]).enumerate() {
                            let start = (top + y) * texture.size[0] + left;
                            texture.pixels[start..start + row.len()].copy_from_slice(row);
                        }
                    }
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = ctx.content_rect().size() * scale;
        let mut image = RgbaImage::from_pixel(size.x.round() as u32, size.y.round() as u32, Rgba([0, 0, 0, 255]));
        for clipped in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = clipped.primitive else { continue };
            let texture = self.textures.get(&mesh.texture_id).ok_or("a texture is missing")?;
            draw(&mut image, texture, &mesh, clipped.clip_rect, scale);
        }
        Ok(image)
    }
}

fn draw(image: &mut RgbaImage, texture: &Texture, mesh: &Mesh, clip: Rect, scale: f32) {
    let end = [image.width() as f32, image.height() as f32];
    let pixel = |at: f32, end: f32| (at * scale).round().clamp(0.0, end) as i64;
    let clip = [
        [pixel(clip.min.x, end[0]), pixel(clip.max.x, end[0])],
        [pixel(clip.min.y, end[1]), pixel(clip.max.y, end[1])],
    ];
    for corners in mesh.indices.chunks_exact(3) {
        let corners: [Vertex; 3] = std::array::from_fn(|at| mesh.vertices[corners[at] as usize]);
        triangle(image, texture, corners, clip, scale);
    }
}

fn triangle(image: &mut RgbaImage, texture: &Texture, mut corners: [Vertex; 3], clip: [[i64; 2]; 2], scale: f32) {
    let snapped = |corner: &Vertex| [corner.pos.x, corner.pos.y].map(|at| (at * scale * PARTS).round() as i64);
    let mut at = [snapped(&corners[0]), snapped(&corners[1]), snapped(&corners[2])];
    let edge = |a: [i64; 2], b: [i64; 2], p: [i64; 2]| (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
    let mut area = edge(at[0], at[1], at[2]);
    if area == 0 {
        return;
    }
    if area < 0 {
        corners.swap(1, 2);
        at.swap(1, 2);
        area = -area;
    }
    let parts = PARTS as i64;
    let range = |axis: usize| {
        let (low, high) = (at.iter().map(|at| at[axis]).min().unwrap(), at.iter().map(|at| at[axis]).max().unwrap());
        let [from, to] = clip[axis];
        (low.div_euclid(parts).max(from), (high.div_euclid(parts) + 1).min(to))
    };
    // A pixel on an edge belongs to the triangle whose upper or left edge it is.
    let owns = |a: [i64; 2], b: [i64; 2]| (b[1] == a[1] && b[0] > a[0]) || b[1] < a[1];
    let owned = [owns(at[1], at[2]), owns(at[2], at[0]), owns(at[0], at[1])];
    let flat = corners.iter().all(|corner| corner.uv == corners[0].uv && corner.color == corners[0].color);
    let colour = |shares: [f32; 3]| -> [f32; 4] {
        let mixed = |value: &dyn Fn(&Vertex) -> f32| -> f32 {
            corners.iter().zip(shares).map(|(corner, share)| value(corner) * share).sum()
        };
        let texel = texture.sample(mixed(&|corner| corner.uv.x), mixed(&|corner| corner.uv.y));
        std::array::from_fn(|channel| {
            texel[channel] * mixed(&|corner| f32::from(corner.color.to_array()[channel])) / 255.0
        })
    };
    let flat = flat.then(|| colour([1.0, 0.0, 0.0]));
    let ((left, right), (top, bottom)) = (range(0), range(1));
    for y in top..bottom {
        for x in left..right {
            let middle = [x * parts + parts / 2, y * parts + parts / 2];
            let weights = [edge(at[1], at[2], middle), edge(at[2], at[0], middle), edge(at[0], at[1], middle)];
            let inside = weights.iter().zip(owned).all(|(&weight, owned)| weight > 0 || (weight == 0 && owned));
            if !inside {
                continue;
            }
            let source = flat.unwrap_or_else(|| colour(weights.map(|weight| weight as f32 / area as f32)));
            let pixel = image.get_pixel_mut(x as u32, y as u32);
            let behind = 1.0 - source[3] / 255.0;
            for (channel, &new) in pixel.0[..3].iter_mut().zip(&source) {
                *channel = (new + f32::from(*channel) * behind).round().clamp(0.0, 255.0) as u8;
            }
        }
    }
}
