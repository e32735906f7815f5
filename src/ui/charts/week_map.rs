//! The hours of a week as a map: a row for each day, a column for each hour.

use egui::{Align2, Color32, FontId, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::reading::{DAYS, HOURS, Kind, WeekStart};
use crate::statistics::{Report, Sums};
use crate::ui::charts::grid::extremes;
use crate::ui::theme::{Palette, palette};
use crate::ui::widgets::dates::{WEEKDAYS as NAMES, hour_range};
use crate::ui::widgets::kit::{muted, title};
use crate::ui::widgets::numbers::counted;
use crate::ui::widgets::words::duration_words;

const ROW_HEIGHT: f32 = 22.0;
const LABEL_WIDTH: f32 = 40.0;
const GAP: f32 = 2.0;

/// The lowest and the highest mean of the hours, in bpm, and which hours they are of.
fn ends(report: &Report) -> Option<[(f64, usize); 2]> {
    extremes(report.by_week_hour.iter().enumerate().filter_map(|(at, sums)| Some((sums.mean_bpm()?, at))))
}

/// Where a mean stands between the lowest and the highest, from 0 to 1.
fn share(mean: f64, [low, high]: [(f64, usize); 2]) -> f32 {
    let span = high.0 - low.0;
    if span > 0.0 { ((mean - low.0) / span) as f32 } else { 0.5 }
}

/// A colour between that of the lowest and that of the highest mean. Its lightness goes one way, so that eyes that do
/// not tell colours apart see the same.
fn colour(share: f32, data: Color32) -> Color32 {
    data.gamma_multiply(0.10 + 0.90 * share)
}

fn hour_name(at: usize) -> String {
    let (day, hour) = (at / HOURS, at % HOURS);
    format!("{}, {}", NAMES[day], hour_range(hour))
}

fn about(at: usize, sums: &Sums) -> String {
    let Some(mean) = sums.mean_bpm() else { return format!("{}: no readings", hour_name(at)) };
    let covered = sums.covered_secs().map_or_else(String::new, |secs| format!(", {} covered", duration_words(secs)));
    format!("{}: average {mean:.1} bpm{covered}, {}", hour_name(at), counted(sums.count, "reading", "readings"))
}

/// The row or the column that is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Day(usize),
    Hour(usize),
}

impl Part {
    fn has(self, at: usize) -> bool {
        match self {
            Self::Day(day) => at / HOURS == day,
            Self::Hour(hour) => at % HOURS == hour,
        }
    }

    /// It in words: its average, and where it is lowest and highest.
    fn words(self, report: &Report) -> String {
        let cells = || report.by_week_hour.iter().enumerate().filter(|(at, _)| self.has(*at));
        let total = cells().fold(Sums::without_bins(), |total, (_, sums)| total + sums);
        let means = cells().filter_map(|(at, sums)| Some((sums.mean_bpm()?, at)));
        let Some((mean, ends)) = total.mean_bpm().zip(extremes(means)) else {
            return format!("{}: no readings", self.name());
        };
        let other = |at: usize| match self {
            Self::Day(_) => hour_range(at % HOURS),
            Self::Hour(_) => format!("on {}s", NAMES[at / HOURS]),
        };
        let ends = ends.map(|(bpm, at)| format!("{bpm:.1} bpm {}", other(at)));
        format!("{}: average {mean:.1} bpm, lowest {}, highest {}", self.name(), ends[0], ends[1])
    }

    fn name(self) -> String {
        match self {
            Self::Day(day) => format!("{}s", NAMES[day]),
            Self::Hour(hour) => hour_range(hour),
        }
    }
}

/// How the map is looked at.
#[derive(Default)]
pub(in crate::ui) struct WeekMapView {
    part: Option<Part>,
    /// Whether it is on paper, which nobody clicks.
    printed: bool,
}

impl WeekMapView {
    /// The map on paper.
    pub(in crate::ui) fn printed() -> Self {
        Self { part: None, printed: true }
    }
}

/// The card.
pub(in crate::ui) fn week_map_ui(ui: &mut Ui, report: &Report, how: &str, weeks: WeekStart, view: &mut WeekMapView) {
    title(ui, "Your week").on_hover_text(how);
    if matches!(report.kind, Kind::Average | Kind::Resting) {
        muted(ui, "A device's figure for a day says nothing about its hours");
        return;
    }
    let Some(ends) = ends(report) else {
        muted(ui, "There are no averages of hours in these days");
        return;
    };
    let colours = palette(ui);
    let height = ROW_HEIGHT * (DAYS as f32 + 1.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let first = (0..DAYS).find(|&day| NAMES[day].eq_ignore_ascii_case(weeks.name())).unwrap_or(0);
    let column = (rect.width() - LABEL_WIDTH) / HOURS as f32;
    let small = FontId::proportional(13.0);
    let cell = |row: usize, hour: usize| {
        let corner = rect.min + vec2(LABEL_WIDTH + column * hour as f32, ROW_HEIGHT * row as f32);
        Rect::from_min_size(corner, vec2(column - GAP, ROW_HEIGHT - GAP))
    };
    let pointer = response.hover_pos();
    let mut hovered = None;
    for row in 0..DAYS {
        let day = (first + row) % DAYS;
        let place = pos2(rect.left(), cell(row, 0).center().y);
        ui.painter().text(place, Align2::LEFT_CENTER, &NAMES[day][..3], small.clone(), colours.muted);
        for hour in 0..HOURS {
            let at = day * HOURS + hour;
            let place = cell(row, hour);
            if pointer.is_some_and(|pointer| place.expand(GAP / 2.0).contains(pointer)) {
                hovered = Some((at, place));
            }
            // What was not measured is empty space.
            if let Some(mean) = report.by_week_hour[at].mean_bpm() {
                let faint = if view.part.is_none_or(|part| part.has(at)) { 1.0 } else { 0.3 };
                ui.painter().rect_filled(place, 3, colour(share(mean, ends), colours.data).gamma_multiply(faint));
            }
        }
    }
    for hour in (0..HOURS).step_by(3) {
        let place = pos2(cell(DAYS, hour).left(), cell(DAYS, hour).center().y);
        ui.painter().text(place, Align2::LEFT_CENTER, format!("{hour:02}"), small.clone(), colours.muted);
    }
    let [low, high] = ends;
    let summary = format!(
        "The week by hours: lowest average {:.1} bpm ({}), highest {:.1} bpm ({})",
        low.0,
        hour_name(low.1),
        high.0,
        hour_name(high.1)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    if let Some(at) = pointer.filter(|_| response.clicked()) {
        let row = ((at.y - rect.top()) / ROW_HEIGHT) as usize;
        let hour = ((at.x - rect.left() - LABEL_WIDTH).max(0.0) / column) as usize;
        // A day by its name or any of its cells, an hour by its label.
        let part = if row < DAYS { Part::Day((first + row) % DAYS) } else { Part::Hour(hour.min(HOURS - 1)) };
        view.part = if view.part == Some(part) { None } else { Some(part) };
    }
    if let Some((at, place)) = hovered {
        ui.painter().rect_stroke(place, 3, egui::Stroke::new(1.5, colours.ink), egui::StrokeKind::Outside);
        response.on_hover_text_at_pointer(about(at, &report.by_week_hour[at]));
    }
    scale_ui(ui, ends, &colours);
    match view.part {
        Some(part) => muted(ui, part.words(report)),
        None if view.printed => muted(ui, "Averages of the hours of a week"),
        None => muted(ui, "Averages of the hours of a week. Click a day, or an hour below"),
    };
}

/// The scale of the colours: the lowest and the highest mean, and what is between them.
fn scale_ui(ui: &mut Ui, [low, high]: [(f64, usize); 2], colours: &Palette) {
    const STEPS: usize = 24;
    ui.horizontal(|ui| {
        muted(ui, format!("{:.0} bpm", low.0));
        let (rect, _) = ui.allocate_exact_size(vec2(144.0, 10.0), Sense::hover());
        for step in 0..STEPS {
            let width = rect.width() / STEPS as f32;
            let corner = rect.min + vec2(width * step as f32, 0.0);
            // Each reaches to the end, and the next lies over it: nowhere does the ground show between them.
            let part = Rect::from_min_max(corner, rect.max);
            let fill = colours.card.blend(colour(step as f32 / (STEPS - 1) as f32, colours.data));
            ui.painter().rect_filled(part, 0, fill);
        }
        muted(ui, format!("{:.0} bpm", high.0));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Rate, Reading, Readings, Step};
    use crate::statistics::{Detail, ReportRequest, Weighting, plain};

    #[test]
    fn the_map_has_the_means_of_its_hours_and_no_others() {
        // 1970-01-05 was a Monday: two readings of its first hour, and one of the Sunday's last.
        let day = 86_400_000;
        let at = |ms: i64, bpm: u32| Reading::sample(ms, Rate::from_centi_bpm(bpm * 100).unwrap());
        let list = [at(4 * day, 60), at(4 * day + 600_000, 70), at(11 * day - 60_000, 90)];
        let request =
            ReportRequest { weighting: Weighting::Readings, ..ReportRequest::all(Step::Day, Detail::Statistics) };
        let report = plain::report(&Readings::from_list(list), &request).unwrap();
        assert_eq!(ends(&report), Some([(65.0, 0), (90.0, DAYS * HOURS - 1)]));
        assert_eq!(report.by_week_hour.iter().filter(|sums| sums.count > 0).count(), 2);
        let monday = Part::Day(0).words(&report);
        assert_eq!(monday, "Mondays: average 65.0 bpm, lowest 65.0 bpm 00:00–01:00, highest 65.0 bpm 00:00–01:00");
        assert!(Part::Hour(23).words(&report).contains("90.0 bpm on Sundays"));
        assert_eq!(about(0, &report.by_week_hour[0]).split(':').next(), Some("Monday, 00"));
    }

    #[test]
    fn colours_go_one_way() {
        let data = Color32::from_rgb(14, 106, 106);
        let alphas: Vec<u8> = (0..=10).map(|step| colour(step as f32 / 10.0, data).a()).collect();
        assert!(alphas.is_sorted() && alphas[0] > 0, "{alphas:?}");
    }
}
