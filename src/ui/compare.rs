//! Two ranges side by side, and the answer beside the same in the clear.

use egui::{Align, Layout, RichText, Ui, vec2};

use super::theme::{medium, palette};
use super::widgets::{counted, muted, title};
use super::words::{days_words, signed};
use crate::session::{Before, Overview};
use crate::statistics::{Compared, Report, Zones};

/// One line of the table: a name, its decimals, and how it is read off a report.
type Line = (String, usize, Box<dyn Fn(&Report) -> Option<f64>>);

fn lines(zones: Zones) -> Vec<Line> {
    let line = |name: &str, decimals, value: fn(&Report) -> Option<f64>| -> Line {
        (name.to_owned(), decimals, Box::new(value))
    };
    let mut lines = vec![
        line("Average, bpm", 1, |report| report.overall.mean_bpm()),
        line("Deviation, bpm", 1, |report| report.overall.sd_bpm()),
        line("Resting, bpm", 1, |report| report.resting.as_ref().map(|resting| resting.mean_bpm)),
        line("Lowest, bpm", 0, |report| report.overall.min_bpm().map(f64::from)),
        line("Median, bpm", 0, |report| report.overall.median_bpm().map(f64::from)),
        line("Highest, bpm", 0, |report| report.overall.max_bpm().map(f64::from)),
        line("Trend, bpm a week", 1, |report| report.trend.map(|trend| trend.per_week_bpm)),
        line("Readings", 0, |report| Some(report.overall.count as f64)),
    ];
    for (place, zone) in zones.all().into_iter().enumerate().skip(1) {
        let share = move |report: &Report| zones.share(&report.overall)?[place].share.map(|share| share * 100.0);
        lines.push((format!("{}, % of readings", zone.name), 1, Box::new(share)));
    }
    lines
}

/// The differences between the days that are looked at and as many before them.
pub(super) fn differences_ui(ui: &mut Ui, overview: &Overview, before: &Before, zones: Zones) {
    title(ui, "Compared with the days before");
    ui.spacing_mut().item_spacing.y = 4.0;
    let colours = palette(ui);
    let head = |text: String| RichText::new(text).small().color(colours.muted);
    row_ui(
        ui,
        [
            head(String::new()),
            head(days_words(before.days)),
            head(days_words(overview.days)),
            head("Difference".into()),
        ],
    );
    ui.separator();
    for (name, decimals, value) in lines(zones) {
        let (then, now) = (value(&before.answered.report), value(&overview.now.report));
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"));
        let difference = now.zip(then).map(|(now, then)| now - then);
        let difference = difference.map_or_else(|| "–".to_owned(), |value| signed(value, decimals));
        row_ui(
            ui,
            [
                RichText::new(name),
                RichText::new(number(then)),
                RichText::new(number(now)),
                RichText::new(difference).font(medium(15.0)),
            ],
        );
    }
}

fn row_ui(ui: &mut Ui, cells: [RichText; 4]) {
    let widths = [0.34, 0.22, 0.22, 0.22].map(|share| share * (ui.available_width() - 8.0));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (place, (cell, width)) in cells.into_iter().zip(widths).enumerate() {
            let layout =
                if place == 0 { Layout::left_to_right(Align::Center) } else { Layout::right_to_left(Align::Center) };
            ui.allocate_ui_with_layout(vec2(width, 20.0), layout, |ui| {
                ui.set_min_width(width);
                ui.add(egui::Label::new(cell).truncate());
            });
        }
    });
}

/// How the answer compares with the same in the clear. Returns whether it is to be computed.
pub(super) fn check_ui(ui: &mut Ui, compared: Option<&[Compared]>, busy: bool) -> bool {
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
    for compared in compared {
        let places = counted(compared.places as u64, "place", "places");
        match &compared.difference {
            None => muted(ui, format!("{}: equal in {places}", super::widgets::sentence(compared.name))),
            Some(difference) => {
                let words = format!("{}: not equal. {difference}", super::widgets::sentence(compared.name));
                ui.label(RichText::new(words).small().color(colours.heart))
            }
        };
    }
    wanted
}
