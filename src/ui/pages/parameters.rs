//! The choice of parameters, and what each costs on this machine.

use egui::{Align, Layout, RichText, Ui};

use crate::client::ParameterSet;
use crate::jobs::Measured;
use crate::ui::model::Model;
use crate::ui::theme::palette;
use crate::ui::widgets::kit::{muted, segmented, table_row, title};
use crate::ui::widgets::numbers::{bytes, grouped, time};

const NAMES: [(ParameterSet, &str); 2] = [(ParameterSet::Standard, "Standard"), (ParameterSet::LongTerm, "Long-term")];

pub(in crate::ui) fn parameters_ui(ui: &mut Ui, model: &mut Model) {
    ui.horizontal(|ui| {
        title(ui, "Parameters");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.button("Measure on this machine");
            if button
                .on_hover_text("Encrypts, adds up and opens ten years of made-up readings, one every ten minutes")
                .clicked()
            {
                model.measure();
            }
        });
    });
    ui.label("How hard it is to read your readings without your key. Long-term is meant for decades; answers are twice as large.");
    if segmented(ui, &mut model.settings.parameters, &NAMES) {
        model.save_settings();
    }
    muted(
        ui,
        "Changing this encrypts everything on the server again. Bundles keep the parameters that they were made with",
    );
    let colour = palette(ui).muted;
    let head = |text: &str| RichText::new(text).small().color(colour);
    row_ui(ui, ["Set", "Best known attack", "Encrypt", "Add up", "Check and open", "Sent", "Back"].map(head));
    ui.separator();
    for (parameters, name) in NAMES {
        let measured = model.measured.iter().flatten().find(|measured| measured.parameters == parameters);
        let attack = format!("2^{} operations", parameters.security_log2());
        let cost = measured.map_or_else(|| std::array::from_fn(|_| "–".to_owned()), cost_words);
        let [encrypt, add, open, sent, back] = cost;
        row_ui(ui, [name.to_owned(), attack, encrypt, add, open, sent, back].map(RichText::new));
    }
    let about = match model.measured.as_deref() {
        Some([Measured { readings, .. }, ..]) => {
            format!(
                "Averages by month over ten years, {} readings; the median of three runs",
                grouped(*readings as u64)
            )
        }
        _ => "Attacks: lattice estimator. Costs are not measured yet".to_owned(),
    };
    muted(ui, about);
}

fn cost_words(measured: &Measured) -> [String; 5] {
    let traffic = &measured.traffic;
    [
        time(traffic.encrypt),
        time(traffic.server),
        time(traffic.decrypt),
        bytes(traffic.upload_bytes),
        bytes(traffic.answer_bytes),
    ]
}

fn row_ui(ui: &mut Ui, cells: [RichText; 7]) {
    let width = ui.available_width() - 8.0;
    table_row(ui, width, [0.14, 0.22, 0.12, 0.12, 0.16, 0.12, 0.12], 2, cells);
}
