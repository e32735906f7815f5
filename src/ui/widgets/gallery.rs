//! Every widget in every state: to be looked at, in both themes, before and after one is changed.

use egui::Ui;

use super::columns::{Column, cells_ui, number, words};
use super::danger::danger_button;
use super::dates::date;
use super::icons::Icon;
use super::kit::{
    Secret, Side, button, card, dropdown_button, error_text, fact, field, figure, full_card, gap, heading, heart,
    labelled_ui, muted, nav_item, primary_button, secret_field, segmented, swatch, table_row, title, two_up,
};
use super::long_list::{LongList, ROW};
use super::numbers::{bytes, counted, grouped};
use super::sort_head::{Sorted, sort_head_ui};
use crate::ui::charts::bars::{Bar, bars_ui};
use crate::ui::theme;

const COLUMNS: [Column; 3] = [words("Words", 0.5), number("Number", 0.25), number("Another", 0.25)];

/// The text typed and the choices made in the gallery.
#[derive(Default)]
pub struct Gallery {
    name: String,
    passphrase: Secret,
    step: u8,
    choice: usize,
    list: LongList,
}

impl Gallery {
    /// A gallery in the fonts and colours of the window.
    pub fn new(ctx: &egui::Context) -> Self {
        theme::install(ctx);
        Self { name: "A field with text".into(), ..Self::default() }
    }

    /// Shows every widget.
    pub fn show(&mut self, ui: &mut Ui) {
        heading(ui, "A page's name");
        muted(ui, "Small, muted words that explain");
        two_up(ui, 640.0, 150.0, |ui, side, width| match side {
            Side::Left => {
                title(ui, "A card's title");
                field(ui, "A label above its field", &mut self.name, width);
                error_text(ui, "What is wrong with what was typed");
            }
            Side::Right => {
                title(ui, "Beside it");
                secret_field(ui, "A passphrase", &mut self.passphrase, width);
                muted(ui, "Both as high as the higher");
            }
        });
        ui.horizontal(|ui| {
            for (label, number, unit, about) in [
                ("Average", "66.2", "bpm", "± 9.1 standard deviation"),
                ("Nothing", "–", "bpm", "needs 6 hours of a day"),
            ] {
                figure(ui, 200.0, label, number, unit, about);
            }
        });
        full_card(ui, |ui| {
            title(ui, "Buttons");
            ui.horizontal(|ui| {
                primary_button(ui, "The one that goes on", true);
                primary_button(ui, "Not ready", false);
                button(ui, "Beside it", true);
                button(ui, "Not ready", false);
                dropdown_button(ui, "What opens below");
                swatch(ui, theme::palette(ui).data);
            });
            ui.horizontal(|ui| {
                segmented(ui, &mut self.step, &[(0, "Hour"), (1, "Day"), (2, "Week")]);
                let focused = primary_button(ui, "With the keyboard", true);
                if ui.memory(|memory| memory.focused().is_none()) {
                    focused.request_focus();
                }
                danger_button(ui, "What cannot be undone", true);
                labelled_ui(ui, "A list of choices", |ui| {
                    let choices = ["First", "Second"];
                    egui::ComboBox::from_id_salt("choices").show_index(ui, &mut self.choice, 2, |at| choices[at])
                });
            });
        });
        self.list_ui(ui);
    }

    fn list_ui(&mut self, ui: &mut Ui) {
        full_card(ui, |ui| {
            title(ui, "A long list, and bars");
            sort_head_ui(ui, &COLUMNS, 2, Sorted { column: 1, up: true });
            let (font, ink) = (egui::TextStyle::Body.resolve(ui.style()), theme::palette(ui).ink);
            self.list.show(
                ui,
                "Rows",
                (10_000, 4.0 * ROW),
                |row| row == 1,
                |ui, place, row| {
                    let cells =
                        [format!("Row {}, whose text is cut where its column ends", row + 1), grouped(66), "–".into()];
                    cells_ui(ui, place, &COLUMNS, &cells, &font, [ink; 3]);
                    cells.join(", ")
                },
            );
            let bar = |label: &str, extent: Option<(f64, f64)>, mark: Option<f64>| Bar {
                label: label.to_owned(),
                about: vec![label.to_owned()],
                extent,
                mark,
            };
            let bars = [
                bar("both", Some((50.0, 80.0)), Some(66.0)),
                bar("a mark", None, Some(70.0)),
                bar("nothing", None, None),
                bar("a bar", Some((55.0, 75.0)), None),
            ];
            bars_ui(ui, "Bars", 110.0, &bars, theme::palette(ui).data, "four of them");
        });
        full_card(ui, |ui| {
            title(ui, "Lists");
            fact(ui, "A fact", "and what it is, on as many lines as it takes");
            fact(
                ui,
                "Numbers",
                format!("{}, {}, {}", grouped(1_234_567), counted(1, "reading", "readings"), bytes(24_604)),
            );
            fact(ui, "Dates", date(jiff::civil::Date::constant(2026, 10, 1)));
            let width = ui.available_width();
            for cells in [["Week", "bpm"], ["5 Oct 2026", "66.2"]] {
                table_row(ui, width, [0.5, 0.5], 1, cells.map(egui::RichText::new));
            }
        });
        card(ui, |ui| {
            ui.set_width(220.0);
            nav_item(ui, Icon::Chart, "The page that is shown", true);
            for (mark, name) in [
                (Icon::List, "Readings"),
                (Icon::Server, "Server"),
                (Icon::Parcel, "Bundles"),
                (Icon::Key, "Key"),
                (Icon::Sliders, "Settings"),
                (Icon::Help, "Help"),
            ] {
                nav_item(ui, mark, name, false);
            }
            gap(ui, 1.0);
            heart(ui, 24.0);
        });
    }

    /// Chooses a theme.
    pub fn set_theme(&self, ctx: &egui::Context, dark: bool) {
        ctx.set_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light });
    }
}
