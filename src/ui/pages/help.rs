//! Help: what this is, how it is used, its keys, its version and its licences.

use egui::{RichText, Ui};

use crate::ui::context::Ctx;
use crate::ui::shortcuts;
use crate::ui::widgets::kit::{fact, full_card, heading, muted, title};
use crate::ui::widgets::numbers::time;

const STEPS: [(&str, &str); 5] = [
    (
        "Readings",
        "Type readings in, or import the export of a watch or an app. They are kept encrypted on this computer.",
    ),
    (
        "Overview",
        "Your averages, resting rate, zones and trend. Click a point to open it, drag over the chart to choose days.",
    ),
    ("Server", "Everything that the server has seen: every message, byte by byte. It never has your key."),
    ("Bundles", "Let another machine add up: it gets a bundle and a question, and learns no rate."),
    ("Key", "Write the 24 recovery words down. Without your key nobody can read your readings, not even you."),
];

pub(in crate::ui) fn help_ui(ui: &mut Ui, ctx: &Ctx) {
    type Content = fn(&mut Ui, &Ctx);
    heading(ui, "Help");
    for (name, content) in [("How to use it", use_ui as Content), ("Keys", keys_ui), ("About", about_ui)] {
        full_card(ui, |ui| {
            title(ui, name);
            content(ui, ctx);
        });
    }
}

fn use_ui(ui: &mut Ui, _ctx: &Ctx) {
    for (name, words) in STEPS {
        fact(ui, name, words);
    }
}

fn keys_ui(ui: &mut Ui, _ctx: &Ctx) {
    const WIDTH: f32 = 240.0;
    for (keys, words) in shortcuts::all(ui) {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            ui.allocate_ui(egui::vec2(WIDTH, 20.0), |ui| {
                ui.set_min_width(WIDTH);
                ui.label(RichText::new(&keys).monospace());
            });
            ui.label(words);
        });
    }
}

fn about_ui(ui: &mut Ui, ctx: &Ctx) {
    fact(ui, "Version", format!("Veilbeat {}", env!("CARGO_PKG_VERSION")));
    fact(ui, "Licence", format!("{}; the typeface is Inter (SIL Open Font License 1.1)", env!("CARGO_PKG_LICENSE")));
    fact(
        ui,
        "Encryption",
        "GLWE ciphertexts of TFHE-rs, used linearly; tags that show whether a sum is right; XChaCha20-Poly1305 on disk",
    );
    fact(ui, "Readings", ctx.home.data_dir().display().to_string());
    fact(ui, "Settings", ctx.home.settings_file().display().to_string());
    let meter = ctx.meter;
    fact(
        ui,
        "This window",
        format!(
            "first drawn after {}; the most work for a frame was {}",
            time(meter.first_frame.unwrap_or_default()),
            time(meter.longest)
        ),
    );
    muted(ui, "Veilbeat informs. It does not diagnose, and it is not a medical device");
}
