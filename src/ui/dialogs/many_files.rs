//! Several files at once: a line for each, and one decision.

use egui::{Id, RichText, ScrollArea, Ui, vec2};

use crate::import::{ImportError, OwnFile};
use crate::session::{FileLine, ManyFiles};
use crate::ui::context::Ctx;
use crate::ui::dialogs::dialog::dialog;
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::{button, gap, muted, primary_button};
use crate::ui::widgets::numbers::{counted, sentence};
use crate::ui::widgets::words::days_words;

const WIDTH: f32 = 720.0;
const LIST_HEIGHT: f32 = 320.0;
const ROW: f32 = 44.0;

/// What becomes of a file, in a few words.
fn outcome(line: &FileLine) -> String {
    match &line.found {
        _ if line.asks() => "asks something: it is shown by itself afterwards".to_owned(),
        Ok(found) if found.new == 0 => "nothing new".to_owned(),
        Ok(found) => {
            let days = found.span.map_or_else(String::new, |days| format!(", {}", days_words(days)));
            format!("{}{days}", counted(found.new as u64, "new reading", "new readings"))
        }
        Err(ImportError::Own(OwnFile::Bundle | OwnFile::Answer)) => {
            "a file of Veilbeat's own: open it under Bundles".into()
        }
        Err(error) => error.to_string(),
    }
}

/// Shows the dialog, if there are files to decide about.
pub(in crate::ui) fn show(ui: &Ui, ctx: &mut Ctx) {
    let Some(many) = ctx.model.many.take() else { return };
    let ready = many.lines.iter().filter(|line| line.is_ready()).count();
    let asking = many.lines.iter().filter(|line| line.asks()).count();
    let title = format!("Import {}", counted(many.lines.len() as u64, "file", "files"));
    let ((go, leave), closed) = dialog(ui, Id::unique("many files"), WIDTH, &title, |ui| {
        summary_ui(ui, &many, ready, asking);
        let rows = many.lines.len();
        ScrollArea::vertical().max_height(LIST_HEIGHT).auto_shrink([false, true]).show_rows(
            ui,
            ROW,
            rows,
            |ui, rows| {
                for line in &many.lines[rows] {
                    line_ui(ui, line);
                }
            },
        );
        gap(ui, 0.5);
        let size = vec2(ui.available_width(), 36.0);
        ui.allocate_ui_with_layout(size, egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let text = if ready > 0 { "Import all" } else { "Go on" };
            let go = primary_button(ui, text, ready + asking > 0).clicked();
            (go, button(ui, if ready + asking > 0 { "Cancel" } else { "Close" }, true).clicked())
        })
        .inner
    });
    if go {
        for line in many.lines.iter().filter(|line| line.asks()) {
            ctx.model.import_later(line.path.clone());
        }
        ctx.model.many = Some(many);
        if ready > 0 { ctx.model.keep_many() } else { ctx.model.leave() }
    } else if leave || closed {
        ctx.model.leave();
    } else {
        ctx.model.many = Some(many);
    }
}

fn summary_ui(ui: &mut Ui, many: &ManyFiles, ready: usize, asking: usize) {
    let new: usize =
        many.lines.iter().filter(|line| line.is_ready()).filter_map(|line| Some(line.found.as_ref().ok()?.new)).sum();
    let mut words = match ready {
        0 => "Nothing new in these files".to_owned(),
        ready => format!(
            "{} from {}, each a batch of its own; one Undo takes all of them back",
            counted(new as u64, "new reading", "new readings"),
            counted(ready as u64, "file", "files")
        ),
    };
    if asking > 0 {
        words = format!("{words}. {} something first", counted(asking as u64, "file asks", "files ask"));
    }
    ui.label(words);
}

fn line_ui(ui: &mut Ui, line: &FileLine) {
    ui.allocate_ui_with_layout(vec2(ui.available_width(), ROW), egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_height(ROW);
        ui.horizontal(|ui| {
            let colours = palette(ui);
            let ink = if line.is_ready() { colours.ink } else { colours.muted };
            ui.add(egui::Label::new(RichText::new(&line.name).font(medium(14.0)).color(ink)).truncate());
            if let Ok(found) = &line.found {
                muted(ui, found.format);
            }
        });
        ui.add(egui::Label::new(RichText::new(sentence(&outcome(line))).small().color(palette(ui).muted)).truncate());
    });
}
