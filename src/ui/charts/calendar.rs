//! The calendar: a year as weeks by days of the week, each day coloured by a figure.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use jiff::civil::Date;

use crate::reading::{WeekStart, WindowStart};
use crate::session::Year;
use crate::statistics::{Zones, median};
use crate::ui::charts::grid::ends;
use crate::ui::theme::{Palette, palette};
use crate::ui::widgets::dates::{self, WEEKDAYS, long_date};
use crate::ui::widgets::kit::{muted, segmented, title};
use crate::ui::widgets::words::duration_words;

const LABEL_WIDTH: f32 = 40.0;
const LABEL_HEIGHT: f32 = 20.0;
const GAP: f32 = 2.0;
const MOST_CELL: f32 = 22.0;
const WEEKS: usize = 54;

/// The figure that days are coloured by.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Figure {
    #[default]
    Average,
    Resting,
    /// Time in a zone, by its place among all.
    Zone(usize),
}

/// How the calendar is looked at.
#[derive(Default)]
pub(in crate::ui) struct CalendarView {
    figure: Figure,
    values: Values,
}

/// The figures of the days, made anew only when something has changed.
#[derive(Default)]
struct Values {
    of: Option<(Arc<Year>, Figure, Zones)>,
    days: Vec<(Date, f64)>,
    /// The person's own usual value, and how far days are from it at most.
    usual: f64,
    reach: f64,
}

impl Values {
    fn update(&mut self, year: &Arc<Year>, figure: Figure, zones: Zones) {
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(&of.0, year) && (of.1, of.2) == (figure, zones)) {
            return;
        }
        let report = &year.answered.report;
        let of_window = |window: &crate::statistics::Windowed| {
            let WindowStart::Date(date) = window.start else { return None };
            let value = match figure {
                Figure::Average => window.sums.mean_bpm()?,
                Figure::Zone(zone) => zones.share(&window.sums)?.get(zone)?.amount as f64,
                Figure::Resting => return None,
            };
            Some((date, value))
        };
        self.days = match figure {
            Figure::Resting => {
                report.resting.iter().flat_map(|resting| &resting.days).map(|day| (day.date, day.bpm)).collect()
            }
            _ => report.windows.iter().filter_map(of_window).collect(),
        };
        self.days.retain(|(date, _)| date.year() == year.year);
        self.usual = median(self.days.iter().map(|(_, value)| *value)).unwrap_or(0.0);
        let [low, high] = ends(self.days.iter().map(|(_, value)| *value));
        self.reach = (high - self.usual).max(self.usual - low).max(1e-9);
        self.of = Some((Arc::clone(year), figure, zones));
    }
}

/// What was done to the calendar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum CalendarAction {
    /// A day was opened.
    Open(Date),
    /// Another year is wanted.
    Year(i16),
}

/// A colour for a value: about the usual one it is faint; below it turns to the data's colour, above to the heart's.
/// Times in a zone go one way.
fn colour(values: &Values, figure: Figure, value: f64, colours: &Palette) -> Color32 {
    if let Figure::Zone(_) = figure {
        let share = (value / (values.usual + values.reach)).clamp(0.0, 1.0) as f32;
        return colours.data.gamma_multiply(0.08 + 0.92 * share);
    }
    let distance = ((value - values.usual) / values.reach) as f32;
    let side = if distance <= 0.0 { colours.data } else { colours.heart };
    side.gamma_multiply(0.10 + 0.90 * distance.abs().sqrt())
}

fn value_words(figure: Figure, value: f64, zones: Zones) -> String {
    match figure {
        Figure::Average => format!("average {value:.1} bpm"),
        Figure::Resting => format!("resting {value:.0} bpm"),
        Figure::Zone(zone) => format!("{} in zone {}", duration_words(value as u64), zones.all()[zone].name),
    }
}

/// The card. `years` are the first and the last that have readings.
pub(in crate::ui) fn calendar_ui(
    ui: &mut Ui,
    year: &Arc<Year>,
    years: [i16; 2],
    view: &mut CalendarView,
    zones: Zones,
    weeks: WeekStart,
) -> Option<CalendarAction> {
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let mut arrow = |ui: &mut Ui, text: &str, name: &str, to: i16| {
            let there = (years[0]..=years[1]).contains(&to);
            let button = ui.add_enabled(there, egui::Button::new(text).min_size(vec2(32.0, 32.0)));
            button.widget_info(|| WidgetInfo::labeled(Role::Button, there, name));
            if button.on_hover_text(name).clicked() {
                action = Some(CalendarAction::Year(to));
            }
        };
        if years[0] < years[1] {
            arrow(ui, "‹", "The year before", year.year - 1);
        }
        title(ui, &format!("{}, day by day", year.year));
        if years[0] < years[1] {
            arrow(ui, "›", "The next year", year.year + 1);
        }
        ui.add_space(8.0);
        let is_zone = matches!(view.figure, Figure::Zone(_));
        let mut choice = if is_zone { Figure::Zone(0) } else { view.figure };
        let options = [(Figure::Average, "Average"), (Figure::Resting, "Resting"), (Figure::Zone(0), "Time in zone")];
        if segmented(ui, &mut choice, &options) {
            view.figure = if choice == Figure::Zone(0) { Figure::Zone(3) } else { choice };
        }
        if let Figure::Zone(zone) = &mut view.figure {
            let names = zones.all().map(|zone| zone.name);
            egui::ComboBox::from_id_salt("zone of the calendar").selected_text(names[*zone]).show_ui(ui, |ui| {
                for (index, name) in names.into_iter().enumerate().skip(1) {
                    ui.selectable_value(zone, index, name);
                }
            });
        }
    });
    let figure = view.figure;
    view.values.update(year, figure, zones);
    let values = &view.values;
    if values.days.is_empty() {
        muted(ui, "This year has no such figure");
        return action;
    }
    let colours = palette(ui);
    let width = ui.available_width();
    let cell = ((width - LABEL_WIDTH) / WEEKS as f32).min(MOST_CELL).floor();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 7.0 * cell + LABEL_HEIGHT), Sense::click());
    let Ok(first) = Date::new(year.year, 1, 1) else { return action };
    let lead = weeks.days_into_week(first) as usize;
    let place = |date: Date| {
        let at = (date.day_of_year() - 1) as usize + lead;
        let corner = rect.min + vec2(LABEL_WIDTH + cell * (at / 7) as f32, cell * (at % 7) as f32);
        Rect::from_min_size(corner, vec2(cell - GAP, cell - GAP))
    };
    let small = FontId::proportional(12.0);
    for row in [0, 2, 4] {
        let day = (row + 7 - weeks.days_to_monday() as usize) % 7;
        let at = pos2(rect.left(), rect.top() + cell * (row as f32 + 0.5) - GAP / 2.0);
        ui.painter().text(at, Align2::LEFT_CENTER, &WEEKDAYS[day][..3], small.clone(), colours.muted);
    }
    for month in 1..=12 {
        let Ok(start) = Date::new(year.year, month, 1) else { continue };
        let at = pos2(place(start).left(), rect.bottom());
        ui.painter().text(at, Align2::LEFT_BOTTOM, dates::month(month), small.clone(), colours.muted);
    }
    let pointer = response.hover_pos();
    let mut pointed = None;
    for &(date, value) in &values.days {
        let place = place(date);
        ui.painter().rect_filled(place, 2, colour(values, figure, value, &colours));
        if pointer.is_some_and(|pointer| place.expand(GAP / 2.0).contains(pointer)) {
            pointed = Some((date, value, place));
        }
    }
    let summary = format!(
        "{}: {} days with a figure, usual {}",
        year.year,
        values.days.len(),
        value_words(figure, values.usual, zones)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    if let Some((date, value, place)) = pointed {
        ui.painter().rect_stroke(place, 2, Stroke::new(1.5, colours.ink), egui::StrokeKind::Outside);
        if response.clicked() {
            action = Some(CalendarAction::Open(date));
        }
        response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text_at_pointer(format!(
            "{}: {}",
            long_date(date),
            value_words(figure, value, zones)
        ));
    }
    let words = match figure {
        Figure::Zone(_) => "Darker: more time. Empty: not measured. Click a day to open it".to_owned(),
        _ => format!(
            "Green: below your usual {}, red: above. Empty: not measured. Click a day to open it",
            value_words(figure, values.usual, zones)
        ),
    };
    muted(ui, words);
    action
}
