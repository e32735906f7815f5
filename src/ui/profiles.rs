//! Profiles, zones and the distribution: cards below the chart.

use egui::{Align, Layout, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::bars::{Bar, bars_ui};
use super::theme::{medium, palette};
use super::widgets::{counted, grouped, muted, title};
use super::words::one_decimal;
use crate::reading::WeekStart;
use crate::statistics::{FIRST_BIN_BPM, Report, Sums, Zones};

const HEIGHT: f32 = 180.0;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn profile_bar(label: String, name: &str, sums: &Sums) -> Bar {
    let mut about = vec![name.to_owned()];
    let extent = sums.percentile_bpm(5).zip(sums.percentile_bpm(95));
    if let Some((low, high)) = extent {
        about.push(format!("average {} bpm", one_decimal(sums.mean_bpm())));
        about.push(format!("nine of ten readings from {low} to {high} bpm"));
        about.push(counted(sums.count, "reading", "readings"));
    } else {
        about.push("no readings".to_owned());
    }
    Bar { label, about, extent: extent.map(|(low, high)| (low.into(), f64::from(high) + 0.99)), mark: sums.mean_bpm() }
}

/// The summary of a profile: where it is lowest and highest.
fn extremes(bars: &[Bar]) -> String {
    let marks = || bars.iter().filter_map(|bar| Some((bar.mark?, &bar.about[0])));
    let low = marks().min_by(|a, b| a.0.total_cmp(&b.0));
    let high = marks().max_by(|a, b| a.0.total_cmp(&b.0));
    match (low, high) {
        (Some(low), Some(high)) => {
            format!("lowest average {:.1} bpm ({}), highest {:.1} bpm ({})", low.0, low.1, high.0, high.1)
        }
        _ => "empty".to_owned(),
    }
}

/// By hour of day.
pub(super) fn hours_ui(ui: &mut Ui, report: &Report, how: &str) {
    title(ui, "Hour of day").on_hover_text(how);
    let hours = report.by_hour.iter().enumerate();
    let bars: Vec<_> = hours
        .map(|(hour, sums)| profile_bar(format!("{hour:02}"), &format!("{hour:02}:00 to {hour:02}:59"), sums))
        .collect();
    bars_ui(ui, "Hour of day", HEIGHT, &bars, palette(ui).data, &extremes(&bars));
    muted(ui, "Mark: average in bpm, bar: nine of ten readings");
}

/// By day of week.
pub(super) fn weekdays_ui(ui: &mut Ui, report: &Report, how: &str, weeks: WeekStart) {
    title(ui, "Day of week").on_hover_text(how);
    let days = report.by_weekday.iter().zip(WEEKDAYS);
    let mut bars: Vec<_> = days.map(|(sums, name)| profile_bar(name.to_owned(), name, sums)).collect();
    bars.rotate_right(weeks.days_to_monday() as usize);
    bars_ui(ui, "Day of week", HEIGHT, &bars, palette(ui).data, &extremes(&bars));
    muted(ui, "Mark: average in bpm, bar: nine of ten readings");
}

/// How many readings have each rate.
pub(super) fn distribution_ui(ui: &mut Ui, report: &Report, how: &str) {
    title(ui, "Distribution").on_hover_text(how);
    let overall = &report.overall;
    let mut bars = Vec::new();
    if let (Some(low), Some(high), Some(bins)) = (overall.min_bpm(), overall.max_bpm(), &overall.bins) {
        for bpm in low..=high {
            let count = bins[usize::from(bpm - FIRST_BIN_BPM)];
            let share = 100.0 * count as f64 / overall.count as f64;
            let about = vec![format!("{bpm} bpm"), format!("{} ({share:.1} %)", counted(count, "reading", "readings"))];
            bars.push(Bar { label: bpm.to_string(), about, extent: Some((0.0, share)), mark: None });
        }
    }
    let summary = match (overall.percentile_bpm(5), overall.median_bpm(), overall.percentile_bpm(95)) {
        (Some(low), Some(median), Some(high)) => {
            format!("median {median} bpm, nine of ten readings from {low} to {high} bpm")
        }
        _ => "empty".to_owned(),
    };
    bars_ui(ui, "Distribution", HEIGHT, &bars, palette(ui).data, &summary);
    let median = overall.median_bpm().map_or_else(String::new, |median| format!("; median {median} bpm"));
    muted(ui, format!("Percent of readings at each bpm{median}"));
}

/// The share of readings in each zone.
pub(super) fn zones_ui(ui: &mut Ui, report: &Report, how: &str, zones: Zones) {
    title(ui, "Readings by zone").on_hover_text(how);
    let colours = palette(ui);
    let Some(shares) = zones.share(&report.overall) else { return };
    ui.spacing_mut().item_spacing.y = 6.0;
    let all_colours = std::iter::once(colours.muted).chain(colours.zones);
    for (share, colour) in shares.iter().zip(all_colours) {
        let zone = share.zone;
        let percent = share.share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
        let words = format!("{}, {} to {} bpm: {percent}", zone.name, zone.from_bpm, zone.to_bpm - 1);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        let bar = Rect::from_min_max(rect.min + vec2(168.0, 7.0), rect.max - vec2(64.0, 7.0));
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
        painter.text(rect.right_center(), egui::Align2::RIGHT_CENTER, percent, medium(14.0), colours.ink);
        response.on_hover_text(counted(share.count, "reading", "readings"));
    }
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        muted(ui, format!("Shares of {} readings; information, not diagnosis", grouped(report.overall.count)));
    });
}
