//! The texts of a page as texts of a document: runs of Inter at their places, so that they can be selected and searched.

use egui::epaint::TextShape;
use egui::epaint::text::{LayoutSection, PlacedRow};
use egui::{Color32, FontFamily};
use krilla::geom::{Point, Transform};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{FontRef, MetadataProvider};

use super::pdf::fill;
use crate::ui::theme::FACES;

/// A face of Inter: as it is embedded, and which of its glyphs a character is.
struct Face {
    name: &'static str,
    font: Font,
    glyphs: FontRef<'static>,
}

/// The faces that texts are written in.
pub(super) struct Faces(Vec<Face>);

impl Faces {
    /// All of them, or what is wrong with one.
    pub(super) fn load() -> Result<Self, String> {
        let faces = FACES.into_iter().map(|(name, data)| {
            let font = Font::new(data.into(), 0).ok_or_else(|| format!("the face {name} cannot be embedded"))?;
            let glyphs = FontRef::new(data).map_err(|error| error.to_string())?;
            Ok(Face { name, font, glyphs })
        });
        Ok(Self(faces.collect::<Result<_, String>>()?))
    }

    fn of(&self, family: &FontFamily) -> &Face {
        let named = |face: &&Face| matches!(family, FontFamily::Name(name) if **name == *face.name);
        self.0.iter().find(named).unwrap_or(&self.0[0])
    }

    /// Writes a text.
    pub(super) fn write(&self, surface: &mut Surface, shape: &TextShape) {
        let turned = shape.angle != 0.0;
        if turned {
            surface.push_transform(&Transform::from_rotate_at(shape.angle.to_degrees(), shape.pos.x, shape.pos.y));
        }
        let job = &shape.galley.job;
        // A row's glyphs do not say which section of the text they are of: they are counted off.
        let mut at = 0;
        for row in &shape.galley.rows {
            let mut run = Run::default();
            for index in 0..row.row.glyphs.len() {
                let section = job.sections.iter().position(|section| section.byte_range.contains(&at.into()));
                let section = section.unwrap_or(job.sections.len().saturating_sub(1));
                if run.section != section {
                    self.run(surface, shape, row, &run);
                    run = Run { section, first: index, end: index };
                }
                run.end = index + 1;
                at += job.text[at..].chars().next().map_or(0, char::len_utf8);
            }
            self.run(surface, shape, row, &run);
            if row.ends_with_newline {
                at += 1;
            }
        }
        if turned {
            surface.pop();
        }
    }

    /// Writes glyphs of a row that are of one section.
    fn run(&self, surface: &mut Surface, shape: &TextShape, row: &PlacedRow, run: &Run) {
        let glyphs = &row.row.glyphs[run.first..run.end];
        let (Some(first), Some(section)) = (glyphs.first(), shape.galley.job.sections.get(run.section)) else { return };
        let (size, face) = (section.format.font_id.size, self.of(&section.format.font_id.family));
        let characters = face.glyphs.charmap();
        let mut text = String::new();
        let placed: Vec<KrillaGlyph> = glyphs
            .iter()
            .enumerate()
            .map(|(index, glyph)| {
                let start = text.len();
                text.push(glyph.chr);
                let next = glyphs.get(index + 1).map_or(glyph.max_x(), |next| next.pos.x);
                let id = characters.map(glyph.chr).map_or(0, skrifa::GlyphId::to_u32);
                let advance = (next - glyph.pos.x) / size;
                KrillaGlyph::new(GlyphId::new(id), advance, 0.0, 0.0, 0.0, start..text.len(), None)
            })
            .collect();
        let place = shape.pos + row.pos.to_vec2() + first.pos.to_vec2();
        surface.set_stroke(None);
        surface.set_fill(Some(fill(colour(shape, section))));
        surface.draw_glyphs(Point::from_xy(place.x, place.y), &placed, face.font.clone(), &text, size, false);
    }
}

/// Glyphs of a row that are of one section of its text.
#[derive(Default)]
struct Run {
    section: usize,
    first: usize,
    end: usize,
}

fn colour(shape: &TextShape, section: &LayoutSection) -> Color32 {
    let own = if section.format.color == Color32::PLACEHOLDER { shape.fallback_color } else { section.format.color };
    shape.override_text_color.unwrap_or(own).gamma_multiply(shape.opacity_factor)
}
