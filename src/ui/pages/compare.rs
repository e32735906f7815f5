//! Two ranges side by side, and the answer beside the same computation in the clear.

use egui::{Align, Layout, RichText, Role, Ui, WidgetInfo};

use crate::session::{Against, Before, Overview};
use crate::statistics::{Compared, Difference, Table, Zones, differences};
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::{error_text, muted, table_row, title};
use crate::ui::widgets::numbers::{counted, sentence};
use crate::ui::widgets::words::{days_words, signed};

/// The differences between the days that are looked at and as many before them. Returns them as a
/// table if they are to be saved.
pub(in crate::ui) fn differences_ui(ui: &mut Ui, overview: &Overview, before: &Before, zones: Zones) -> Option<Table> {
    let words = match overview.view.against {
        Against::Before => "Compared with the days before".to_owned(),
        Against::Days(from, to) => format!("Compared with {}", days_words((from, to))),
    };
    let wanted = title_and_save(ui, &words);
    ui.spacing_mut().item_spacing.y = 4.0;
    let colours = palette(ui);
    let head = |text: String| RichText::new(text).small().color(colours.muted);
    row_ui(
        ui,
        [
            head("Statistic".into()),
            head(days_words(before.days)),
            head(days_words(overview.days)),
            head("Difference".into()),
        ],
    );
    ui.separator();
    let differences = differences(&before.answered.report, &overview.now.report, zones);
    for difference in &differences {
        let Difference { name, decimals, values: (then, now) } = difference;
        let number = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}").replace('-', "−"))
        };
        let change = difference.change().map_or_else(|| "–".to_owned(), |value| signed(value, *decimals));
        row_ui(
            ui,
            [
                RichText::new(name.as_str()),
                RichText::new(number(*then)),
                RichText::new(number(*now)),
                RichText::new(change).font(medium(15.0)),
            ],
        );
    }
    wanted.then(|| Table::of_differences([days_words(before.days), days_words(overview.days)], &differences))
}

/// A card's title, and a button at its right. Returns whether the card's table is to be saved.
pub(in crate::ui) fn title_and_save(ui: &mut Ui, text: &str) -> bool {
    let mut wanted = false;
    ui.horizontal(|ui| {
        title(ui, text);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let save = ui.button("Save as CSV…");
            let name = format!("Save “{text}” as CSV");
            save.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            wanted = save.clicked();
        });
    });
    wanted
}

fn row_ui(ui: &mut Ui, cells: [RichText; 4]) {
    let width = ui.available_width() - 8.0;
    table_row(ui, width, [0.34, 0.22, 0.22, 0.22], 1, cells);
}

fn check_row_ui(ui: &mut Ui, cells: [RichText; 4]) {
    let width = ui.available_width() - 8.0;
    table_row(ui, width, [0.23, 0.28, 0.28, 0.21], 1, cells);
}

/// How the answer compares with the same in the clear. Returns whether it is to be computed.
pub(in crate::ui) fn check_ui(ui: &mut Ui, compared: Option<&[Compared]>, busy: bool) -> bool {
    let mut wanted = false;
    ui.horizontal(|ui| {
        title(ui, "Is it right?");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.add_enabled(!busy, egui::Button::new("Check against plaintext"));
            wanted = button.on_hover_text("Computes everything again on this computer, without encryption").clicked();
        });
    });
    let Some(compared) = compared else {
        muted(
            ui,
            "Every answer of the server is verified before it is opened. To see for yourself, compute it again in the clear",
        );
        return wanted;
    };
    let colours = palette(ui);
    let equal = compared.iter().filter(|compared| compared.is_equal()).count();
    let (words, colour) = if equal == compared.len() {
        (format!("All {equal} statistics are equal to the last digit"), colours.data)
    } else {
        (
            format!("Problem: {} of {} statistics differ; please report this", compared.len() - equal, compared.len()),
            colours.heart,
        )
    };
    ui.label(RichText::new(words).font(medium(15.0)).color(colour));
    ui.spacing_mut().item_spacing.y = 4.0;
    let head = |text: &str| RichText::new(text).small().color(colours.muted);
    check_row_ui(ui, ["Statistic", "Decrypted", "Recomputed", "Compared"].map(head));
    ui.separator();
    for compared in compared {
        let Compared { name, values: [answered, plain], places, difference } = compared;
        let places = counted(*places as u64, "place", "places");
        let verdict = match difference {
            None => RichText::new(format!("equal in {places}")).color(colours.muted),
            Some(_) => RichText::new("not equal").font(medium(15.0)).color(colours.heart),
        };
        let value = |text: &str| RichText::new(text);
        check_row_ui(ui, [value(&sentence(name)), value(answered), value(plain), verdict]);
        if let Some(difference) = difference {
            error_text(ui, difference.as_str());
        }
    }
    muted(
        ui,
        "Decrypted: what the server added and your key opened, over the whole range. Recomputed: the same from the readings, on this computer",
    );
    wanted
}
