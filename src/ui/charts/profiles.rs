//! Profiles, zones and the distribution: cards below the chart.

use egui::{Align, Layout, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use crate::reading::{Kind, WeekStart};
use crate::statistics::{FIRST_BIN_BPM, Report, Sums, Weighting, Zones};
use crate::ui::charts::bars::{Bar, bars_ui};
use crate::ui::charts::grid::extremes;
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::{muted, title};
use crate::ui::widgets::numbers::counted;
use crate::ui::widgets::words::{duration_words, one_decimal};

const HEIGHT: f32 = 180.0;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The range that a bar covers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The standard deviation on either side of the mean.
    Deviation,
    /// From the 5th to the 95th percentile.
    Percentiles,
}

fn profile_bar(label: String, name: &str, sums: &Sums, extent: Extent) -> Bar {
    let mut about = vec![name.to_owned()];
    let ends = match extent {
        Extent::Deviation => sums.mean_bpm().zip(sums.sd_bpm()).map(|(mean, sd)| (mean - sd, mean + sd)),
        Extent::Percentiles => sums.percentile_bpm(5).zip(sums.percentile_bpm(95)).map(|(low, high)| {
            // The highest bin holds rates up to the next whole bpm.
            (low.into(), f64::from(high) + 0.99)
        }),
    };
    match (sums.mean_bpm(), ends) {
        (Some(mean), Some((low, high))) => {
            about.push(format!("average {mean:.1} bpm"));
            about.push(match extent {
                Extent::Deviation => format!("standard deviation {} bpm", one_decimal(sums.sd_bpm())),
                Extent::Percentiles => format!("90 % between {low:.0} and {:.0} bpm", high.floor()),
            });
            about.extend(sums.covered_secs().map(|secs| format!("{} covered", duration_words(secs))));
            about.push(counted(sums.count, "reading", "readings"));
        }
        _ => about.push("no readings".to_owned()),
    }
    Bar { label, about, extent: ends, mark: sums.mean_bpm() }
}

/// The summary of a profile: where it is lowest and highest.
fn summary(bars: &[Bar]) -> String {
    match extremes(bars.iter().filter_map(|bar| Some((bar.mark?, &bar.about[0])))) {
        Some([low, high]) => {
            format!("lowest average {:.1} bpm ({}), highest {:.1} bpm ({})", low.0, low.1, high.0, high.1)
        }
        None => "empty".to_owned(),
    }
}

/// By day of week.
pub(in crate::ui) fn weekdays_ui(ui: &mut Ui, report: &Report, how: &str, weeks: WeekStart) {
    title(ui, "Day of week").on_hover_text(how);
    let days = report.by_weekday.iter().zip(WEEKDAYS);
    // Averages of activities have no distributions.
    let extent = if report.kind == Kind::Activity { Extent::Deviation } else { Extent::Percentiles };
    let mut bars: Vec<_> = days.map(|(sums, name)| profile_bar(name.to_owned(), name, sums, extent)).collect();
    bars.rotate_right(weeks.days_to_monday() as usize);
    bars_ui(ui, "Day of week", HEIGHT, &bars, palette(ui).data, &summary(&bars));
    let bar = match extent {
        Extent::Deviation => "one standard deviation either way".to_owned(),
        Extent::Percentiles => format!("90 % of the {}", of_words(report)),
    };
    muted(ui, format!("Mark: average in bpm, {}; bar: {bar}", report.weighting.words()));
}

/// Names the whole that the shares refer to.
fn of_words(report: &Report) -> &'static str {
    match report.weighting {
        Weighting::Time => "time",
        Weighting::Readings => "readings",
    }
}

/// So much time, or so many readings.
fn amount_words(report: &Report, amount: u64) -> String {
    match report.weighting {
        Weighting::Time => duration_words(amount),
        Weighting::Readings => counted(amount, "reading", "readings"),
    }
}

/// How much has each rate.
pub(in crate::ui) fn distribution_ui(ui: &mut Ui, report: &Report, how: &str) {
    title(ui, "Distribution").on_hover_text(how);
    if report.kind == Kind::Activity {
        muted(ui, "Averages of activities have no distribution");
        return;
    }
    let overall = &report.overall;
    let mut bars = Vec::new();
    if let (Some(low), Some(high), Some(bins)) = (overall.min_bpm(), overall.max_bpm(), &overall.bins) {
        let all: u64 = bins.iter().sum();
        for bpm in low..=high {
            let amount = bins[usize::from(bpm - FIRST_BIN_BPM)];
            let share = 100.0 * amount as f64 / all as f64;
            let about = vec![format!("{bpm} bpm"), format!("{} ({share:.1} %)", amount_words(report, amount))];
            bars.push(Bar { label: bpm.to_string(), about, extent: Some((0.0, share)), mark: None });
        }
    }
    let summary = match (overall.percentile_bpm(5), overall.median_bpm(), overall.percentile_bpm(95)) {
        (Some(low), Some(median), Some(high)) => {
            format!("median {median} bpm, 90 % of the {} between {low} and {high} bpm", of_words(report))
        }
        _ => "empty".to_owned(),
    };
    bars_ui(ui, "Distribution", HEIGHT, &bars, palette(ui).data, &summary);
    let median = overall.median_bpm().map_or_else(String::new, |median| format!("; median {median} bpm"));
    muted(ui, format!("Percent of the {} at each bpm{median}", of_words(report)));
}

/// The time, or the readings, in each zone.
pub(in crate::ui) fn zones_ui(ui: &mut Ui, report: &Report, how: &str, zones: Zones) {
    let name = if report.weighting == Weighting::Time { "Time in zone" } else { "Readings by zone" };
    title(ui, name).on_hover_text(how);
    let colours = palette(ui);
    let Some(shares) = zones.share(&report.overall) else {
        muted(ui, "A device's averages say nothing about zones");
        return;
    };
    ui.spacing_mut().item_spacing.y = 6.0;
    let all_colours = std::iter::once(colours.muted).chain(colours.zones);
    for (share, colour) in shares.iter().zip(all_colours) {
        let zone = share.zone;
        let percent = share.share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
        let amount = amount_words(report, share.amount);
        let words = format!("{}, {} to {} bpm: {amount}, {percent}", zone.name, zone.from_bpm, zone.to_bpm - 1);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        let bar = Rect::from_min_max(rect.min + vec2(168.0, 7.0), rect.max - vec2(148.0, 7.0));
        let painter = ui.painter();
        painter.circle_filled(rect.left_center() + vec2(5.0, 0.0), 5.0, colour);
        painter.text(
            rect.left_center() + vec2(18.0, 0.0),
            egui::Align2::LEFT_CENTER,
            zone.name,
            medium(14.0),
            colours.ink,
        );
        painter.text(
            rect.left_center() + vec2(160.0, 0.0),
            egui::Align2::RIGHT_CENTER,
            format!("{}–{}", zone.from_bpm, zone.to_bpm - 1),
            egui::FontId::proportional(13.0),
            colours.muted,
        );
        painter.rect_filled(bar, 4.0, colours.line.gamma_multiply(0.5));
        let filled = bar.width() * share.share.unwrap_or(0.0) as f32;
        if filled > 0.0 {
            painter.rect_filled(Rect::from_min_size(bar.min, vec2(filled.max(2.0), bar.height())), 4.0, colour);
        }
        let font = egui::FontId::proportional(13.0);
        painter.text(rect.right_center() - vec2(60.0, 0.0), egui::Align2::RIGHT_CENTER, amount, font, colours.muted);
        painter.text(rect.right_center(), egui::Align2::RIGHT_CENTER, percent, medium(14.0), colours.ink);
    }
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        let all = match report.weighting {
            Weighting::Time => format!("the {} covered", duration_words(report.overall.covered_secs().unwrap_or(0))),
            Weighting::Readings => counted(report.overall.count, "reading", "readings"),
        };
        muted(ui, format!("Shares of {all}; information, not diagnosis"));
    });
}
