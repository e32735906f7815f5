//! The numbers that matter, a card each.

use egui::Ui;

use super::overview::NARROW;
use super::widgets::{counted, figure};
use super::words::{one_decimal, signed};
use crate::client::Traffic;
use crate::session::Overview;
use crate::statistics::{self, Report};

pub(super) fn figures_ui(ui: &mut Ui, overview: &Overview) {
    let (report, before) = (&overview.now.report, overview.before.as_ref().map(|before| &before.answered.report));
    let change = |value: &dyn Fn(&Report) -> Option<f64>| {
        statistics::change((before.and_then(value), value(report)))
            .map(|difference| format!("{} from the days before", signed(difference, 1)))
    };
    let mean = |report: &Report| report.overall.mean_bpm();
    let resting = |report: &Report| report.resting.as_ref().map(|resting| resting.mean_bpm);
    let deviation = format!("± {} standard deviation", one_decimal(report.overall.sd_bpm()));
    let range = match (report.overall.min_bpm(), report.overall.max_bpm()) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        _ => "–".to_owned(),
    };
    let nine = match (report.overall.percentile_bpm(5), report.overall.percentile_bpm(95)) {
        (Some(low), Some(high)) => format!("nine of ten from {low} to {high}"),
        _ => String::new(),
    };
    let trend = report.trend.map_or_else(|| "–".to_owned(), |trend| signed(trend.per_week_bpm, 2));
    let error = report.trend.map_or_else(
        || "needs readings of two days".to_owned(),
        |trend| format!("± {:.2} bpm a week", trend.standard_error_bpm),
    );
    let no_resting = "no day has 60 readings in 6 hours".to_owned();
    let method = report.resting.as_ref().map_or(no_resting, |resting| {
        format!("{}; {}", counted(resting.days.len() as u64, "day", "days"), resting.method.name())
    });
    let resting_days = report.resting.as_ref().map(|resting| counted(resting.days.len() as u64, "day", "days"));
    let resting_about =
        change(&resting).or(resting_days.map(|days| format!("over {days}"))).unwrap_or_else(|| method.clone());
    let how = how_words(&overview.now.traffic);
    let readings = counted(report.overall.count, "reading", "readings");
    let figures = [
        ("Average", one_decimal(mean(report)), "bpm", change(&mean).unwrap_or(deviation.clone()), deviation),
        ("Resting", one_decimal(resting(report)), "bpm", resting_about, method),
        ("Range", range, "bpm", nine, readings),
        ("Trend", trend, "bpm a week", error, "Least squares of the readings on the day".to_owned()),
    ];
    let columns = if ui.available_width() < NARROW { 2 } else { 4 };
    let gaps = (columns - 1) as f32 * ui.spacing().item_spacing.x;
    let width = ((ui.available_width() - gaps) / columns as f32).floor();
    for row in figures.chunks(columns) {
        ui.horizontal_top(|ui| {
            for (label, number, unit, about, more) in row {
                figure(ui, width, label, number, unit, about).on_hover_text(format!("{more}\n{how}"));
            }
        });
    }
}

/// How numbers came to be.
pub(super) fn how_words(traffic: &Traffic) -> String {
    let known = match traffic.known {
        0 => String::new(),
        known => format!("; {} verified before", counted(known, "sum", "sums")),
    };
    format!(
        "Summed by the server over {}, verified, {:.1} ms{known}",
        counted(traffic.ciphertexts, "ciphertext", "ciphertexts"),
        traffic.server.as_secs_f64() * 1e3
    )
}
