//! A day in full: its readings as points, the hours as levels, zones behind them, and notes below.

use std::sync::Arc;

use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use jiff::civil::Date;

use crate::reading::{HOURS, WindowStart};
use crate::session::{MarkKind, Overview};
use crate::statistics::{Report, Zones};
use crate::ui::charts::grid::{Grid, ends, label_every};
use crate::ui::theme::{Palette, palette};
use crate::ui::widgets::dates::{clock, hour_range, long_date};
use crate::ui::widgets::kit::{muted, title};
use crate::ui::widgets::numbers::counted;

const DAY_SECS: f64 = 86_400.0;
const HOUR_SECS: f64 = 3_600.0;
/// Points nearer to each other than this are one on screen.
const FINENESS: f32 = 1.5;
/// More points than this are drawn as squares, which cost less than discs.
const MOST_DISCS: usize = 2_000;

/// How the day is looked at.
#[derive(Default)]
pub(in crate::ui) struct DayView {
    /// The hour that is looked at closely.
    hour: Option<usize>,
    /// The mark whose words are shown.
    note: Option<usize>,
    drawn: Drawn,
}

/// The points of a day as they stand on screen, made anew only when something has changed.
#[derive(Default)]
struct Drawn {
    of: Option<(Arc<Overview>, Option<usize>, [i32; 2])>,
    /// Shares of the chart's width, and rates in bpm.
    points: Vec<[f64; 2]>,
}

impl Drawn {
    fn update(&mut self, overview: &Arc<Overview>, hour: Option<usize>, grid: &Grid) {
        let size = [grid.area.width() as i32, grid.area.height() as i32];
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(&of.0, overview) && (of.1, of.2) == (hour, size)) {
            return;
        }
        let all = &overview.own.points;
        let [from, to] = shown(hour);
        let mut seen = std::collections::HashSet::new();
        self.points.clear();
        for &[secs, bpm] in all.iter().filter(|[secs, _]| (from..to).contains(secs)) {
            let share = (secs - from) / (to - from);
            let place = grid.at(share as f32, bpm);
            if seen.insert([(place.x / FINENESS) as i32, (place.y / FINENESS) as i32]) {
                self.points.push([share, bpm]);
            }
        }
        self.of = Some((Arc::clone(overview), hour, size));
    }
}

/// The seconds of the day that are shown.
fn shown(hour: Option<usize>) -> [f64; 2] {
    hour.map_or([0.0, DAY_SECS], |hour| [hour as f64 * HOUR_SECS, (hour + 1) as f64 * HOUR_SECS])
}

/// Draws the day, and returns the day to go to, if there is one. Arrow keys turn the days if `keys` are free.
pub(in crate::ui) fn day_ui(
    ui: &mut Ui,
    overview: &Arc<Overview>,
    zones: Zones,
    view: &mut DayView,
    height: f32,
    keys: bool,
) -> Option<Date> {
    let (date, _) = overview.days;
    if view.drawn.of.as_ref().is_some_and(|(before, ..)| before.days.0 != date) {
        (view.hour, view.note) = (None, None);
    }
    let go = turn_ui(ui, date, overview.own.neighbours, keys);
    let report = &overview.now.report;
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let levels = levels(report, date);
    let values = overview.own.points.iter().map(|[_, bpm]| *bpm).chain(levels.iter().map(|(_, bpm)| *bpm));
    let Some(grid) = Grid::draw(ui.painter(), rect, ends(values), &colours) else { return go };
    let [from, to] = shown(view.hour);
    let share = |secs: f64| ((secs - from) / (to - from)) as f32;
    let painter = ui.painter_at(grid.area.expand2(vec2(0.0, 6.0)));
    for (zone, colour) in zones.all()[1..].iter().zip(colours.zones) {
        let stripe =
            Rect::from_x_y_ranges(grid.area.x_range(), grid.y(zone.to_bpm.into())..=grid.y(zone.from_bpm.into()));
        painter.rect_filled(stripe.intersect(grid.area), 0, colour.gamma_multiply(0.14));
    }
    view.drawn.update(overview, view.hour, &grid);
    points_ui(&painter, &grid, &view.drawn.points, colours.data.gamma_multiply(0.55));
    let resting = report.resting.iter().flat_map(|resting| &resting.days).find(|day| day.date == date);
    if let Some(day) = resting {
        let line = [grid.at(0.0, day.bpm), grid.at(1.0, day.bpm)];
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.5, colours.heart), 6.0, 4.0));
    }
    for &(hour, bpm) in &levels {
        let ends = [hour as f64 * HOUR_SECS, (hour + 1) as f64 * HOUR_SECS].map(|secs| grid.at(share(secs), bpm));
        painter.line_segment([ends[0] + vec2(1.0, 0.0), ends[1] - vec2(1.0, 0.0)], Stroke::new(3.0, colours.data));
    }
    labels_ui(ui, &grid, view.hour, &colours);
    notes_ui(ui, overview, view, &grid, &share, &colours);
    let summary = format!(
        "{}: {} as points, {} hourly averages",
        long_date(date),
        counted(overview.own.points.len() as u64, "reading", "readings"),
        levels.len()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    hover_ui(ui, &response, report, date, view, &grid);
    words_ui(ui, overview, view, resting.map(|day| day.bpm));
    go
}

/// The date between the ways to the days before and after. Returns the one that was taken.
fn turn_ui(ui: &mut Ui, date: Date, [before, after]: [Option<Date>; 2], keys: bool) -> Option<Date> {
    let mut go = None;
    ui.horizontal(|ui| {
        let mut arrow = |ui: &mut Ui, text: &str, name: &str, key: egui::Key, to: Option<Date>| {
            let button = ui.add_enabled(to.is_some(), egui::Button::new(text).min_size(vec2(32.0, 32.0)));
            button.widget_info(|| WidgetInfo::labeled(Role::Button, to.is_some(), name));
            let pressed = keys && ui.input(|input| input.key_pressed(key));
            if button.on_hover_text(name).clicked() || (pressed && to.is_some()) {
                go = to;
            }
        };
        arrow(ui, "‹", "The day before with readings", egui::Key::ArrowLeft, before);
        title(ui, &long_date(date));
        arrow(ui, "›", "The next day with readings", egui::Key::ArrowRight, after);
    });
    go
}

/// The mean of each hour of the day that has readings.
fn levels(report: &Report, date: Date) -> Vec<(usize, f64)> {
    let day = crate::reading::days_since_epoch(date);
    let of_hour = |window: &crate::statistics::Windowed| match window.start {
        WindowStart::Hour(hour) if hour.day == day => Some((usize::from(hour.hour), window.sums.mean_bpm()?)),
        _ => None,
    };
    report.windows.iter().filter_map(of_hour).collect()
}

fn points_ui(painter: &Painter, grid: &Grid, points: &[[f64; 2]], colour: Color32) {
    let places = points.iter().map(|&[share, bpm]| grid.at(share as f32, bpm));
    if points.len() <= MOST_DISCS {
        for place in places {
            painter.circle_filled(place, 1.8, colour);
        }
        return;
    }
    let mut mesh = egui::Mesh::default();
    for place in places {
        mesh.add_colored_rect(Rect::from_center_size(place, Vec2::splat(FINENESS)), colour);
    }
    painter.add(mesh);
}

fn labels_ui(ui: &Ui, grid: &Grid, hour: Option<usize>, colours: &Palette) {
    match hour {
        None => {
            for hour in (0..HOURS).step_by(label_every(grid.area.width() / HOURS as f32)) {
                grid.label(ui.painter(), hour as f32 / HOURS as f32, &clock(hour as u32 * 60), colours);
            }
        }
        Some(hour) => {
            for minute in (0..60).step_by(10) {
                grid.label(ui.painter(), minute as f32 / 60.0, &clock(hour as u32 * 60 + minute), colours);
            }
        }
    }
}

/// Notes, as marks at the foot of the chart that can be clicked.
fn notes_ui(
    ui: &mut Ui,
    overview: &Overview,
    view: &mut DayView,
    grid: &Grid,
    share: &impl Fn(f64) -> f32,
    colours: &Palette,
) {
    let midnight = i64::from(crate::reading::days_since_epoch(overview.days.0)) * 86_400;
    for (index, mark) in overview.own.marks.iter().enumerate() {
        let at = share((mark.local_secs - midnight) as f64);
        let MarkKind::Note(bpm, words) = &mark.what else { continue };
        if !(0.0..=1.0).contains(&at) {
            continue;
        }
        let foot = pos2(grid.area.left() + at * grid.area.width(), grid.area.bottom());
        let place = Rect::from_center_size(foot - vec2(0.0, 5.0), Vec2::splat(14.0));
        let mark = ui.interact(place, ui.scope_id().with(("note", index)), Sense::click());
        mark.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Note: {words}")));
        let chosen = view.note == Some(index) || mark.hovered() || mark.has_focus();
        triangle_ui(ui.painter(), foot, if chosen { 6.0 } else { 5.0 }, colours.heart);
        if mark.clicked() {
            view.note = if view.note == Some(index) { None } else { Some(index) };
        }
        mark.on_hover_text(format!("{words} ({bpm:.0} bpm)"));
    }
}

/// A mark that points up from the foot of a chart.
pub(in crate::ui) fn triangle_ui(painter: &Painter, foot: Pos2, half: f32, colour: Color32) {
    let points = vec![foot + vec2(-half, 0.0), foot + vec2(half, 0.0), foot + vec2(0.0, -1.8 * half)];
    painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
}

/// What is below the pointer, and the hour that a click looks into.
fn hover_ui(ui: &Ui, response: &Response, report: &Report, date: Date, view: &mut DayView, grid: &Grid) {
    let Some(at) = response.hover_pos().filter(|at| grid.area.contains(*at)) else { return };
    let [from, to] = shown(view.hour);
    let secs = from + f64::from((at.x - grid.area.left()) / grid.area.width()) * (to - from);
    let hour = ((secs / HOUR_SECS) as usize).min(HOURS - 1);
    let day = crate::reading::days_since_epoch(date);
    let window = report.windows.iter().find(
        |window| matches!(window.start, WindowStart::Hour(start) if start.day == day && usize::from(start.hour) == hour),
    );
    if response.clicked() {
        view.hour = if view.hour.is_some() { None } else { Some(hour) };
    }
    let words = match window.and_then(|window| Some((window.sums.mean_bpm()?, window.sums.count))) {
        Some((mean, count)) => format!("average {mean:.1} bpm, {}", counted(count, "reading", "readings")),
        None => "no readings".to_owned(),
    };
    let place = pos2(at.x + 16.0, grid.area.top());
    egui::Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), egui::Id::unique("hour of day"), place).show(|ui| {
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        muted(ui, hour_range(hour));
        muted(ui, words);
        muted(ui, if view.hour.is_some() { "Click for the whole day" } else { "Click to look closer" });
    });
    ui.painter().vline(at.x, grid.area.y_range(), Stroke::new(1.0, palette(ui).line));
}

fn words_ui(ui: &mut Ui, overview: &Overview, view: &DayView, resting: Option<f64>) {
    let midnight = i64::from(crate::reading::days_since_epoch(overview.days.0)) * 86_400;
    if let Some(mark) = view.note.and_then(|note| overview.own.marks.get(note))
        && let MarkKind::Note(bpm, words) = &mark.what
    {
        let minutes = ((mark.local_secs - midnight) / 60) as u32;
        ui.label(format!("{}, {bpm:.0} bpm: {words}", clock(minutes)));
    }
    let resting = resting.map_or_else(String::new, |bpm| format!(" Dashed: resting, {bpm:.0} bpm."));
    let notes = overview.own.marks.iter().any(|mark| matches!(mark.what, MarkKind::Note(..)));
    let notes = if notes { " Triangles: your notes." } else { "" };
    muted(
        ui,
        format!(
            "Points: your readings, drawn from this computer. Levels: averages of the hours, added up by the server.{resting}{notes}"
        ),
    );
}
