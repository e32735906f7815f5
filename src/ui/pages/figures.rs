//! The numbers that matter, a card each.

use egui::Ui;

use crate::client::Traffic;
use crate::reading::{Kind, Step};
use crate::session::{Against, Overview};
use crate::statistics::{self, Report};
use crate::ui::widgets::kit::{NARROW, figure};
use crate::ui::widgets::numbers::{counted, time};
use crate::ui::widgets::words::{days_words, duration_words, one_decimal, signed};

/// The cards, in as many columns as there is room for, or in one.
pub(in crate::ui) fn figures_ui(ui: &mut Ui, overview: &Overview, one_column: bool) {
    let (report, before) = (&overview.now.report, overview.before.as_ref().map(|before| &before.answered.report));
    let than = match overview.view.against {
        Against::Before if overview.days.0 == overview.days.1 => "the day before".to_owned(),
        Against::Before => "the days before".to_owned(),
        Against::Days(from, to) => days_words((from, to)),
    };
    let change = |value: &dyn Fn(&Report) -> Option<f64>| {
        statistics::change((before.and_then(value), value(report)))
            .map(|difference| format!("{} from {than}", signed(difference, 1)))
    };
    let mean = |report: &Report| report.overall.mean_bpm();
    let resting = |report: &Report| report.resting.as_ref().map(|resting| resting.mean_bpm);
    let deviation = format!("± {} standard deviation", one_decimal(report.overall.sd_bpm()));
    let range = match (report.overall.min_bpm(), report.overall.max_bpm()) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        _ => "–".to_owned(),
    };
    let nine = match (report.overall.percentile_bpm(5), report.overall.percentile_bpm(95)) {
        (Some(low), Some(high)) => format!("90 % between {low} and {high}"),
        _ => String::new(),
    };
    let trend = report.trend.map_or_else(|| "–".to_owned(), |trend| signed(trend.per_week_bpm, 2));
    let error = report.trend.map_or_else(
        || no_trend(report).to_owned(),
        |trend| {
            let chance = if trend.is_significant { "" } else { ", may be chance" };
            format!("± {:.2}{chance}", trend.standard_error_bpm)
        },
    );
    let no_resting = "no whole day has readings in 6 hours or more".to_owned();
    let method = report.resting.as_ref().map_or(no_resting, |resting| {
        format!("{}; {}", counted(resting.of_method as u64, "day", "days"), resting.method.name())
    });
    let resting_days = report.resting.as_ref().map(|resting| counted(resting.of_method as u64, "day", "days"));
    let resting_about = change(&resting)
        .or(resting_days.map(|days| format!("over {days}")))
        .unwrap_or_else(|| "needs 6 hours of a day".to_owned());
    let how = how_words(&overview.now.traffic);
    let covered =
        report.overall.covered_secs().map_or_else(String::new, |secs| format!(" over {}", duration_words(secs)));
    let readings = format!("{}{covered}", counted(report.overall.count, "reading", "readings"));
    let average = format!("Average, {}", report.weighting.words());
    let line = format!("Least squares of the means by {}", fitted_step(report));
    let figures = [
        (&*average, one_decimal(mean(report)), "bpm", change(&mean).unwrap_or(deviation.clone()), deviation),
        ("Resting", one_decimal(resting(report)), "bpm", resting_about, method),
        ("Range", range, "bpm", nine, readings),
        ("Trend", trend, "bpm a week", error, line),
    ];
    let columns = match ui.available_width() {
        _ if one_column => 1,
        width if width < NARROW => 2,
        _ => 4,
    };
    let gaps = (columns - 1) as f32 * ui.spacing().item_spacing.x;
    let width = ((ui.available_width() - gaps) / columns as f32).floor();
    for row in figures.chunks(columns) {
        ui.horizontal_top(|ui| {
            for (label, number, unit, about, more) in row {
                figure(ui, width, label, number, if number == "–" { "" } else { unit }, about)
                    .on_hover_text(format!("{more}\n{how}"));
            }
        });
    }
}

/// Why there is no trend.
fn no_trend(report: &Report) -> &'static str {
    match (report.kind, report.step) {
        (Kind::Activity, _) => "not of activities",
        (_, Step::Hour | Step::Day) => "needs three days",
        (_, Step::Week(_)) => "needs three weeks",
        (_, Step::Month) => "needs three months",
        (_, Step::All) => "not of a single window",
    }
}

/// The windows whose means the trend is fitted to.
fn fitted_step(report: &Report) -> &'static str {
    if report.step == Step::Hour { Step::Day.name() } else { report.step.name() }
}

/// How numbers came to be.
pub(in crate::ui) fn how_words(traffic: &Traffic) -> String {
    let known = match traffic.known {
        0 => String::new(),
        known => format!("; {} verified before", counted(known, "sum", "sums")),
    };
    format!(
        "Summed by the server over {}, verified, {}{known}",
        counted(traffic.ciphertexts, "ciphertext", "ciphertexts"),
        time(traffic.server)
    )
}
