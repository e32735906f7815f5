//! A message's bytes, and beside them what each of them means.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align2, FontId, Ui, pos2, vec2};

use crate::protocol::{Meaning, explain};
use crate::ui::theme::palette;
use crate::ui::widgets::columns::{cells_ui, number, words};
use crate::ui::widgets::kit::muted;
use crate::ui::widgets::long_list::{LongList, ROW, Touched};
use crate::ui::widgets::numbers::{counted, grouped};

/// Bytes in a row.
const ACROSS: usize = 16;
const ROWS: f32 = 11.0;
const COLUMNS: [crate::ui::widgets::columns::Column; 2] = [number("Bytes", 0.2), words("Meaning", 0.8)];

/// A message that is looked at.
#[derive(Default)]
pub(in crate::ui) struct BytesView {
    message: Option<(u64, Arc<[u8]>)>,
    meanings: Vec<Meaning>,
    chosen: Option<usize>,
    hex: LongList,
    list: LongList,
}

impl BytesView {
    /// Shows a message.
    pub(in crate::ui) fn show(&mut self, ui: &mut Ui, message: u64, frame: &Arc<[u8]>) {
        if self.message.as_ref().is_none_or(|(shown, _)| *shown != message) {
            let meanings = explain(frame);
            *self = Self { message: Some((message, Arc::clone(frame))), meanings, ..Self::default() };
        }
        let wide = ui.available_width() >= 760.0;
        if wide {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 24.0;
                let hex = hex_width(ui);
                ui.allocate_ui(vec2(hex, ROWS * ROW), |ui| ui.vertical(|ui| self.hex_ui(ui, frame)));
                ui.vertical(|ui| self.meanings_ui(ui));
            });
        } else {
            self.hex_ui(ui, frame);
            self.meanings_ui(ui);
        }
        // The list cuts what is long.
        if let Some(chosen) = self.chosen {
            let Meaning { range, words } = &self.meanings[chosen];
            muted(
                ui,
                format!(
                    "{} from {}: {words}",
                    counted(range.len() as u64, "byte", "bytes"),
                    grouped(range.start as u64)
                ),
            );
        }
    }

    fn hex_ui(&mut self, ui: &mut Ui, frame: &[u8]) {
        let colours = palette(ui);
        muted(ui, "Its bytes, in hexadecimal");
        let range = self.chosen.map_or(0..0, |chosen| self.meanings[chosen].range.clone());
        let font = FontId::monospace(12.5);
        let (_, touched) = self.hex.show(
            ui,
            "Bytes of the message",
            (frame.len().div_ceil(ACROSS), ROWS * ROW),
            |_| false,
            |ui, index, row| {
                let mut job = LayoutJob::default();
                let plain = TextFormat::simple(font.clone(), colours.ink);
                let marked = TextFormat { background: colours.data.gamma_multiply(0.3), ..plain.clone() };
                let at = row * ACROSS;
                let offset = format!("{at:06x} ");
                job.append(&offset, 0.0, TextFormat::simple(font.clone(), colours.muted));
                let mut said = offset;
                for (index, byte) in (at..).zip(&frame[at..frame.len().min(at + ACROSS)]) {
                    let text = format!(" {byte:02x}");
                    job.append(&text, 0.0, if range.contains(&index) { marked.clone() } else { plain.clone() });
                    said.push_str(&text);
                }
                let galley = ui.painter().layout_job(job);
                let anchor = pos2(index.left() + 4.0, index.center().y);
                let index = Align2::LEFT_CENTER.anchor_size(anchor, galley.size());
                ui.painter().galley(index.min, galley, colours.ink);
                said
            },
        );
        if let Some(Touched::Chosen(row, _) | Touched::Opened(row)) = touched {
            let at = row * ACROSS;
            self.chosen = self.meanings.iter().position(|meaning| meaning.range.contains(&at));
            if let Some(chosen) = self.chosen {
                self.list.reveal(chosen);
            }
        }
    }

    fn meanings_ui(&mut self, ui: &mut Ui) {
        let colours = palette(ui);
        muted(ui, "What they mean; click to see where");
        let (meanings, chosen) = (&self.meanings, self.chosen);
        let body = FontId::proportional(13.5);
        let (_, touched) = self.list.show(
            ui,
            "Meaning of the bytes",
            (meanings.len(), ROWS * ROW),
            |row| chosen == Some(row),
            |ui, index, row| {
                let Meaning { range, words } = &meanings[row];
                let bytes = match range.len() {
                    1 => grouped(range.start as u64),
                    _ => format!("{}–{}", grouped(range.start as u64), grouped(range.end as u64 - 1)),
                };
                let cells = [bytes, words.clone()];
                cells_ui(ui, index, &COLUMNS, &cells, &body, [colours.muted, colours.ink]);
                cells.join(": ")
            },
        );
        if let Some(Touched::Chosen(row, _) | Touched::Opened(row)) = touched {
            self.chosen = Some(row);
            self.hex.reveal(self.meanings[row].range.start / ACROSS);
        }
    }
}

/// How wide a row of bytes is.
fn hex_width(ui: &Ui) -> f32 {
    let glyph = ui.fonts_mut(|fonts| fonts.glyph_width(&FontId::monospace(12.5), '0'));
    glyph * (7 + 3 * ACROSS) as f32 + 8.0 + crate::ui::widgets::long_list::BAR_ROOM
}
