//! A range of days, chosen in one popover: presets, typed dates, or two clicks in a month.

use egui::{Align2, Color32, Popup, PopupCloseBehavior, Rect, Role, Sense, Ui, WidgetInfo, vec2};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::reading::WeekStart;
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::dates::{self, WEEKDAYS};
use crate::ui::widgets::kit::{dropdown_button, error_text, field, muted};

const CELL: f32 = 36.0;
/// Buttons that turn months and years.
const TURN: f32 = 28.0;
const ROWS: i64 = 6;

/// From one day to another, both included.
pub(in crate::ui) type Range = (Date, Date);

/// The state of a popover: the month that it shows, and what was chosen or typed so far.
#[derive(Default)]
pub(in crate::ui) struct DayPicker {
    /// The first day of the month that is shown.
    month: Option<Date>,
    /// The end that was clicked first.
    first: Option<Date>,
    typed: Option<[String; 2]>,
}

/// A range that has a name.
pub(in crate::ui) struct Preset {
    pub(in crate::ui) name: &'static str,
    pub(in crate::ui) days: Range,
}

/// Ranges that people ask for, up to the last day that has readings.
pub(in crate::ui) fn presets(last: Date, weeks: WeekStart) -> Vec<Preset> {
    let back = |days: i64| last.checked_sub(days.days()).unwrap_or(Date::MIN);
    let week = weeks.days_into_week(last);
    let month_before = last.first_of_month().checked_sub(1.days()).unwrap_or(Date::MIN);
    let year = |year: i16| Some((Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?));
    let ranges = [
        ("That week", Some((back(week), last))),
        ("The week before", Some((back(week + 7), back(week + 1)))),
        ("That month", Some((last.first_of_month(), last))),
        ("The month before", Some((month_before.first_of_month(), month_before))),
        ("That year", year(last.year()).map(|(first, _)| (first, last))),
        ("The year before", year(last.year() - 1)),
    ];
    ranges.into_iter().filter_map(|(name, days)| Some(Preset { name, days: days? })).collect()
}

impl DayPicker {
    /// A button with the popover. `known` are the days that have readings. Returns the range once one is chosen.
    pub(in crate::ui) fn ui(
        &mut self,
        ui: &mut Ui,
        (text, name): (&str, &str),
        current: Range,
        known: Range,
        weeks: WeekStart,
    ) -> Option<Range> {
        let button = dropdown_button(ui, text);
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name}: {text}")));
        if button.clicked() {
            *self = Self { month: Some(current.1.first_of_month()), ..Self::default() };
        }
        let mut chosen = None;
        let popup = Popup::from_toggle_button_response(&button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.spacing_mut().item_spacing = vec2(24.0, 8.0);
                let margin = egui::Frame::new().inner_margin(10.0);
                margin.show(ui, |ui| {
                    ui.horizontal_top(|ui| {
                        ui.vertical(|ui| chosen = presets_ui(ui, known.1, weeks));
                        ui.vertical(|ui| {
                            chosen = chosen.take().or(self.month_ui(ui, current, known, weeks));
                            chosen = chosen.take().or(self.typed_ui(ui, current));
                        });
                    })
                });
            });
        if chosen.is_some() && popup.is_some() {
            Popup::close_id(ui.ctx(), Popup::default_response_id(&button));
        }
        chosen
    }

    fn month_ui(&mut self, ui: &mut Ui, current: Range, known: Range, weeks: WeekStart) -> Option<Range> {
        let shown = self.month.unwrap_or(current.1.first_of_month());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.spacing_mut().button_padding.x = 4.0;
            let mut step = |ui: &mut Ui, text: &str, name: &str, months: i64| {
                let button = ui.add(egui::Button::new(text).min_size(vec2(TURN, TURN)));
                button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
                if button.on_hover_text(name).clicked() {
                    self.month = shown.checked_add(months.months()).ok();
                }
            };
            step(ui, "«", "Earlier year", -12);
            step(ui, "‹", "Earlier month", -1);
            let width = 7.0 * CELL - 4.0 * (TURN + 4.0);
            let (rect, _) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
            let ink = palette(ui).ink;
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, dates::month_of_year(shown), medium(14.0), ink);
            step(ui, "›", "Later month", 1);
            step(ui, "»", "Later year", 12);
        });
        let lead = weeks.days_into_week(shown);
        let (head, _) = ui.allocate_exact_size(vec2(7.0 * CELL, 20.0), Sense::hover());
        let colours = palette(ui);
        for column in 0..7 {
            let day = (column + 7 - weeks.days_to_monday() as usize) % 7;
            let at = head.left_center() + vec2(CELL * (column as f32 + 0.5), 0.0);
            let small = egui::FontId::proportional(12.0);
            ui.painter().text(at, Align2::CENTER_CENTER, &WEEKDAYS[day][..2], small, colours.muted);
        }
        let (area, _) = ui.allocate_exact_size(vec2(7.0 * CELL, ROWS as f32 * CELL), Sense::hover());
        let mut clicked = None;
        for index in 0..7 * ROWS {
            let Ok(date) = shown.checked_add((index - lead).days()) else { continue };
            if date.month() != shown.month() {
                continue;
            }
            let corner = area.min + vec2((index % 7) as f32 * CELL, (index / 7) as f32 * CELL);
            let place = Rect::from_min_size(corner, vec2(CELL, CELL));
            if self.day_ui(ui, place, date, current, known) {
                clicked = Some(date);
            }
        }
        muted(ui, if self.first.is_some() { "Click the other end" } else { "Click the first day, then the last" });
        match (clicked, self.first) {
            (Some(date), Some(first)) => {
                self.first = None;
                Some((first.min(date), first.max(date)))
            }
            (Some(date), None) => {
                self.first = Some(date);
                None
            }
            _ => None,
        }
    }

    /// One day of the month. Returns whether it was clicked.
    fn day_ui(&self, ui: &Ui, place: Rect, date: Date, current: Range, known: Range) -> bool {
        let colours = palette(ui);
        let response = ui.interact(place, ui.scope_id().with(("day", date.to_string())), Sense::click());
        let (from, to) = self.first.map_or(current, |first| (first, first));
        let (is_end, is_inside) = (date == from || date == to, from <= date && date <= to);
        let disc = Rect::from_center_size(place.center(), vec2(CELL - 4.0, CELL - 4.0));
        if is_inside && !is_end {
            ui.painter().rect_filled(place.shrink2(vec2(0.0, 2.0)), 0, colours.data.gamma_multiply(0.12));
        }
        if is_end {
            ui.painter().rect_filled(disc, 6, colours.data);
        } else if response.hovered() || response.has_focus() {
            ui.painter().rect_stroke(disc, 6, egui::Stroke::new(1.5, colours.data), egui::StrokeKind::Inside);
        }
        let has = known.0 <= date && date <= known.1;
        let ink: Color32 = if is_end {
            colours.card
        } else if has {
            colours.ink
        } else {
            colours.muted
        };
        let font = if is_end { medium(14.0) } else { egui::FontId::proportional(14.0) };
        ui.painter().text(place.center(), Align2::CENTER_CENTER, date.day().to_string(), font, ink);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_inside, dates::date(date)));
        response.clicked()
    }

    fn typed_ui(&mut self, ui: &mut Ui, current: Range) -> Option<Range> {
        let typed = self.typed.get_or_insert_with(|| [current.0, current.1].map(dates::date));
        let [from, to] = typed;
        let mut enter = false;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            for (label, text) in [("First day", &mut *from), ("Last day, included", &mut *to)] {
                enter |= crate::ui::widgets::kit::submitted(&field(ui, label, text, 120.0));
            }
        });
        let read = dates::parse(from).zip(dates::parse(to)).filter(|(from, to)| from <= to);
        if read.is_none() {
            error_text(ui, "Enter two dates, the earlier first");
        }
        let apply = ui.add_enabled(read.is_some(), egui::Button::new("Show these days")).clicked();
        read.filter(|_| apply || enter)
    }
}

fn presets_ui(ui: &mut Ui, last: Date, weeks: WeekStart) -> Option<Range> {
    ui.spacing_mut().item_spacing.y = 4.0;
    muted(ui, format!("Up to {}", dates::date(last)));
    let presets = presets(last, weeks);
    let clicked = |preset: &Preset| ui.add(egui::Button::new(preset.name).min_size(vec2(152.0, 32.0))).clicked();
    presets.into_iter().filter(clicked).map(|preset| preset.days).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_whole_weeks_months_and_years() {
        let last = "2026-09-30".parse().unwrap();
        let words: Vec<_> = presets(last, WeekStart::Monday)
            .iter()
            .map(|preset| format!("{} {} {}", preset.name, preset.days.0, preset.days.1))
            .collect();
        assert_eq!(
            words,
            [
                "That week 2026-09-28 2026-09-30",
                "The week before 2026-09-21 2026-09-27",
                "That month 2026-09-01 2026-09-30",
                "The month before 2026-08-01 2026-08-31",
                "That year 2026-01-01 2026-09-30",
                "The year before 2025-01-01 2025-12-31",
            ]
        );
        assert_eq!(presets(last, WeekStart::Sunday)[0].days.0.to_string(), "2026-09-27");
    }
}
