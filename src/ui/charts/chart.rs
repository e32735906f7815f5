//! The chart of averages: a line over the band from the lowest to the highest reading, gaps as gaps,
//! and what a person lays over it.

use egui::{Color32, RichText, Role, Ui, Vec2b, WidgetInfo};
use egui_plot::{FilledArea, GridInput, GridMark, Line, LineStyle, Plot, PlotUi, Points, Span};
use jiff::civil::Date;

use crate::reading::{Step, WindowStart, date_of, days_since_epoch};
use crate::session::{Before, Overview};
use crate::statistics::{FIRST_BIN_BPM, Report, Windowed, Zones};
use crate::ui::charts::axis;
use crate::ui::charts::bars::nice_step;
use crate::ui::theme::{GRID, medium, palette};
use crate::ui::widgets::kit;
use crate::ui::widgets::words::{average_words, duration_words, one_decimal, window_words};

/// The layers over the line of means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each layer is on or off, whatever the others are")]
pub(in crate::ui) struct Layers {
    pub(in crate::ui) band: bool,
    pub(in crate::ui) resting: bool,
    pub(in crate::ui) moving: bool,
    pub(in crate::ui) trend: bool,
    pub(in crate::ui) zones: bool,
    pub(in crate::ui) before: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self { band: true, resting: true, moving: false, trend: false, zones: false, before: false }
    }
}

/// A window as it stands on the chart. All rates in bpm.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    mean: f64,
    low: f64,
    high: f64,
}

/// Half the length of a window, so that its point stands in its middle.
fn half_window_secs(step: Step) -> f64 {
    match step {
        Step::Hour => 1_800.0,
        Step::Day | Step::All => 43_200.0,
        Step::Week(_) => 302_400.0,
        Step::Month => 1_314_000.0,
    }
}

fn point(window: &Windowed, step: Step) -> Option<Point> {
    let mean = window.sums.mean_bpm()?;
    // Averages of activities have no distribution, and no band.
    let (low, high) = match (window.sums.min_bpm(), window.sums.max_bpm()) {
        // The highest bin holds rates up to the next whole bpm.
        (Some(low), Some(high)) => (low.into(), f64::from(high) + 0.99),
        _ => (mean, mean),
    };
    Some(Point { x: window.start.local_secs() as f64 + half_window_secs(step), mean, low, high })
}

/// Whether `next` is the window right after `previous`: only then does a line join them.
fn follows(previous: WindowStart, next: WindowStart, step: Step) -> bool {
    let secs = next.local_secs() - previous.local_secs();
    match step {
        Step::Hour => secs == 3_600,
        Step::Day => secs == 86_400,
        Step::Week(_) => secs == 7 * 86_400,
        Step::Month => (28..=31).contains(&(secs / 86_400)),
        Step::All => false,
    }
}

/// The points in runs without a gap.
fn runs(report: &Report) -> Vec<Vec<Point>> {
    let points = report.windows.iter().filter_map(|window| Some((window.start, point(window, report.step)?)));
    in_runs(points, |previous, next| follows(*previous, *next, report.step))
}

/// Days and their rates in runs of days that follow each other.
fn day_runs(days: impl Iterator<Item = (Date, f64)>) -> Vec<Vec<[f64; 2]>> {
    let at = |date: Date| f64::from(days_since_epoch(date)) * 86_400.0 + 43_200.0;
    in_runs(days.map(|(date, bpm)| (date, [at(date), bpm])), |previous, next| {
        days_since_epoch(*next) - days_since_epoch(*previous) == 1
    })
}

fn in_runs<K, T>(items: impl Iterator<Item = (K, T)>, follows: impl Fn(&K, &K) -> bool) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut previous = None;
    for (key, item) in items {
        let joined = previous.as_ref().is_some_and(|previous| follows(previous, &key));
        match runs.last_mut() {
            Some(run) if joined => run.push(item),
            _ => runs.push(vec![item]),
        }
        previous = Some(key);
    }
    runs
}

/// The action of a person on the chart.
#[derive(Clone, Copy)]
pub(in crate::ui) enum Action {
    /// Clicked on a window.
    Open(WindowStart),
    /// Dragged from one day to another.
    Select(Date, Date),
    /// Double-clicked.
    Reset,
}

/// Draws the chart, `height` points high.
pub(in crate::ui) fn chart_ui(
    ui: &mut Ui,
    overview: &Overview,
    layers: Layers,
    zones: Zones,
    height: f32,
    reset: bool,
) -> Option<Action> {
    let colours = palette(ui);
    let report = &overview.now.report;
    let runs = runs(report);
    let mut plot = Plot::new("averages")
        .height(height)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        // The wheel scrolls the page; with Ctrl it zooms.
        .allow_scroll(false)
        .allow_zoom(Vec2b::new(true, false))
        // Dragging chooses days.
        .allow_drag(false)
        .allow_axis_zoom_drag(false)
        .allow_boxed_zoom(false)
        .set_margin_fraction(egui::vec2(0.02, 0.08))
        .grid_color(colours.line)
        .x_grid_spacer(axis::marks)
        .y_grid_spacer(rates)
        .x_axis_formatter(|mark, _| axis::label(mark))
        .y_axis_formatter(|mark, _| {
            // Between whole numbers a rounded label would say the same twice.
            let whole = (mark.value - mark.value.round()).abs() < 1e-6;
            if whole && mark.value >= 0.0 { format!("{:.0}", mark.value) } else { String::new() }
        })
        .cursor_color(colours.line);
    if reset {
        plot = plot.reset();
    }
    let response = plot.show(ui, |plot| {
        if layers.zones {
            zones_ui(plot, &runs, layers.band, zones, colours.zones);
        }
        if layers.band {
            band_ui(plot, &runs, colours.band());
        }
        if let Some(before) = overview.before.as_ref().filter(|_| layers.before) {
            before_ui(plot, overview, before, colours.muted);
        }
        if layers.resting {
            let days = report.resting.iter().flat_map(|resting| &resting.days).map(|day| (day.date, day.bpm));
            lines_ui(plot, "resting", day_runs(days), colours.heart, LineStyle::Solid, 1.5);
        }
        if layers.moving {
            let runs = day_runs(report.moving_bpm.iter().copied());
            lines_ui(plot, "7-day average", runs, colours.ink, LineStyle::dashed_dense(), 1.5);
        }
        means_ui(plot, &runs, colours.data);
        if layers.trend {
            trend_ui(plot, report, colours.ink);
        }
        let dragged = dragged(plot);
        if let Some([from, to]) = dragged {
            let span = Span::new("", from..=to).fill(colours.data.gamma_multiply(0.2)).border_width(0.0);
            plot.add(span);
        }
        let pointer = plot.pointer_coordinate().filter(|_| plot.response().hovered());
        let nearest = pointer.and_then(|pointer| nearest(report, pointer.x));
        if let Some((_, point)) = nearest {
            plot.points(
                Points::new("here", vec![[point.x, point.mean]]).color(colours.heart).radius(5.0).allow_hover(false),
            );
        }
        (nearest.map(|(index, _)| index), dragged)
    });
    let summary = summary(report);
    response.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    let (nearest, dragged) = response.inner;
    let response = response.response;
    if let Some([from, to]) = dragged.filter(|_| response.drag_stopped()) {
        let day = |secs: f64| date_of((secs / 86_400.0).floor() as i32);
        let (first, last) = report.days;
        return day(from).zip(day(to)).map(|(from, to)| Action::Select(from.clamp(first, last), to.clamp(first, last)));
    }
    if response.double_clicked() {
        return Some(Action::Reset);
    }
    let (Some(index), true) = (nearest, response.hovered() && !response.dragged()) else { return None };
    let window = &report.windows[index];
    egui::Tooltip::always_open(
        ui.ctx().clone(),
        ui.layer_id(),
        egui::Id::unique("chart point"),
        egui::PopupAnchor::Pointer,
    )
    .gap(2.0 * GRID)
    .show(|ui| {
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        tooltip_ui(ui, window, report);
    });
    response.clicked().then_some(Action::Open(window.start))
}

/// Returns the range that is being dragged over, from the earlier to the later end, in seconds of the axis.
fn dragged(plot: &PlotUi) -> Option<[f64; 2]> {
    let response = plot.response();
    if !response.dragged() && !response.drag_stopped() {
        return None;
    }
    let to = plot.plot_from_screen(response.interact_pointer_pos()?).x;
    // Where the button was pressed is forgotten by the frame in which it is let go.
    let origin = response.ctx.input(|input| input.pointer.press_origin()).map(|origin| plot.plot_from_screen(origin).x);
    let from = response.ctx.data_mut(|data| {
        let kept: &mut f64 = data.get_temp_mut_or_default(response.id);
        *kept = origin.unwrap_or(*kept);
        *kept
    });
    Some([from.min(to), from.max(to)])
}

/// Marks at round rates.
#[expect(clippy::needless_pass_by_value, reason = "the plot's interface wants it so")]
fn rates(input: GridInput) -> Vec<GridMark> {
    let (from, to) = input.bounds;
    let step = nice_step(to - from);
    let marks = (from / step).ceil() as i64..=(to / step).floor() as i64;
    marks.take(32).map(|mark| GridMark { value: mark as f64 * step, step_size: step }).collect()
}

fn tooltip_ui(ui: &mut Ui, window: &Windowed, report: &Report) {
    kit::muted(ui, window_words(window.start, report.step));
    ui.label(RichText::new(average_words(&window.sums)).font(medium(15.0)));
    if let (Some(low), Some(high)) = (window.sums.min_bpm(), window.sums.max_bpm()) {
        kit::muted(ui, format!("from {low} to {high} bpm"));
    }
    let resting = report.resting.iter().flat_map(|resting| &resting.days);
    if let Some(day) = resting.into_iter().find(|day| window.start == WindowStart::Date(day.date))
        && report.step == Step::Day
    {
        kit::muted(ui, format!("resting {:.0} bpm", day.bpm));
    }
    let readings = crate::ui::widgets::numbers::counted(window.sums.count, "reading", "readings");
    kit::muted(
        ui,
        match window.sums.covered_secs() {
            Some(secs) => format!("{readings} over {}", duration_words(secs)),
            None => format!("{readings}, a device's average"),
        },
    );
}

/// The line of means, and marks where there are few points.
fn means_ui(plot: &mut PlotUi, runs: &[Vec<Point>], colour: Color32) {
    for run in runs.iter().filter(|run| run.len() > 1) {
        let line: Vec<[f64; 2]> = run.iter().map(|p| [p.x, p.mean]).collect();
        plot.line(Line::new("mean", line).color(colour).width(2.0).allow_hover(false));
    }
    let marks: Vec<[f64; 2]> = runs.iter().flatten().map(|p| [p.x, p.mean]).collect();
    // Single points need a mark to be seen; many would only hide the line.
    let radius = if marks.len() > 120 { 1.5 } else { 3.0 };
    plot.points(Points::new("mean", marks).color(colour).radius(radius).allow_hover(false));
}

/// From the lowest to the highest reading; a window that stands alone has a bar.
fn band_ui(plot: &mut PlotUi, runs: &[Vec<Point>], colour: Color32) {
    for run in runs {
        if let [only] = run[..] {
            let bar = Line::new("range", vec![[only.x, only.low], [only.x, only.high]]);
            plot.line(bar.color(colour).width(6.0).allow_hover(false));
            continue;
        }
        let column = |value: &dyn Fn(&Point) -> f64| run.iter().map(value).collect::<Vec<f64>>();
        let (xs, low, high) = (column(&|p| p.x), column(&|p| p.low), column(&|p| p.high));
        plot.add(FilledArea::new("range", &xs, &low, &high).fill_color(colour).allow_hover(false));
    }
}

/// Zones behind everything, as far as there are rates.
fn zones_ui(plot: &mut PlotUi, runs: &[Vec<Point>], band: bool, zones: Zones, colours: [Color32; 5]) {
    let points = || runs.iter().flatten();
    let low = points().map(|p| if band { p.low } else { p.mean }).fold(f64::INFINITY, f64::min);
    let high = points().map(|p| if band { p.high } else { p.mean }).fold(f64::from(FIRST_BIN_BPM), f64::max);
    let xs = [
        points().map(|p| p.x).fold(f64::INFINITY, f64::min) - 43_200.0,
        points().map(|p| p.x).fold(f64::NEG_INFINITY, f64::max) + 43_200.0,
    ];
    for (zone, colour) in zones.all()[1..].iter().zip(colours) {
        let (from, to) = (f64::from(zone.from_bpm).max(low), f64::from(zone.to_bpm).min(high));
        if from < to {
            let area = FilledArea::new(zone.name, &xs, &[from; 2], &[to; 2]);
            plot.add(area.fill_color(colour.gamma_multiply(0.16)).allow_hover(false));
        }
    }
}

/// The days before, laid over these.
fn before_ui(plot: &mut PlotUi, overview: &Overview, before: &Before, colour: Color32) {
    let days = days_since_epoch(overview.days.0) - days_since_epoch(before.days.0);
    for run in runs(&before.answered.report) {
        let line: Vec<[f64; 2]> = run.iter().map(|p| [p.x + f64::from(days) * 86_400.0, p.mean]).collect();
        plot.line(
            Line::new("before", line).color(colour).width(1.5).style(LineStyle::dotted_dense()).allow_hover(false),
        );
    }
}

fn lines_ui(plot: &mut PlotUi, name: &str, runs: Vec<Vec<[f64; 2]>>, colour: Color32, style: LineStyle, width: f32) {
    for run in runs {
        if run.len() == 1 {
            plot.points(Points::new(name, run).color(colour).radius(2.0).allow_hover(false));
        } else {
            plot.line(Line::new(name, run).color(colour).width(width).style(style).allow_hover(false));
        }
    }
}

fn trend_ui(plot: &mut PlotUi, report: &Report, colour: Color32) {
    let Some(trend) = report.trend else { return };
    let at = |date: Date| f64::from(days_since_epoch(date)) * 86_400.0 + 43_200.0;
    let (first, last) = report.days;
    let days = f64::from(days_since_epoch(last) - days_since_epoch(first));
    let ends = vec![[at(first), trend.at_bpm(0.0)], [at(last), trend.at_bpm(days)]];
    plot.line(Line::new("trend", ends).color(colour).width(1.5).style(LineStyle::dashed_loose()).allow_hover(false));
}

/// The window whose middle is nearest to `x`.
fn nearest(report: &Report, x: f64) -> Option<(usize, Point)> {
    let points = report.windows.iter().enumerate().filter_map(|(i, w)| Some((i, point(w, report.step)?)));
    points.min_by(|(_, a), (_, b)| (a.x - x).abs().total_cmp(&(b.x - x).abs()))
}

/// The chart in one sentence, for those who cannot see it.
pub(in crate::ui) fn summary(report: &Report) -> String {
    let means = || report.windows.iter().filter_map(|window| Some((window.sums.mean_bpm()?, window.start)));
    let low = means().min_by(|a, b| a.0.total_cmp(&b.0));
    let high = means().max_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(low), Some(high)) = (low, high) else { return "Chart of averages, empty".to_owned() };
    let words = |(mean, start)| format!("{mean:.1} bpm ({})", window_words(start, report.step));
    format!(
        "Chart of averages: {} points from {} to {}, {} bpm overall",
        report.windows.len(),
        words(low),
        words(high),
        one_decimal(report.overall.mean_bpm())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Kind, Rate, Reading, Readings, WeekStart};
    use crate::statistics::{Detail, ReportRequest, plain};

    fn day(text: &str) -> WindowStart {
        WindowStart::Date(text.parse().unwrap())
    }

    #[test]
    fn every_window_has_a_point_whatever_its_readings_are() {
        for kind in Kind::ALL {
            let reading = |day: i64| Reading { kind, ..Reading::sample(day * 86_400_000, Rate::MAX) };
            let readings = Readings::from_list([0, 1, 9].map(reading));
            for step in [Step::Hour, Step::Day, Step::Month] {
                let report = plain::report(&readings, &ReportRequest::all(step, Detail::Statistics)).unwrap();
                let points: usize = runs(&report).iter().map(Vec::len).sum();
                assert!(points > 0 && points == report.windows.len(), "{kind:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_line_never_bridges_a_gap() {
        assert!(follows(day("2026-09-01"), day("2026-09-02"), Step::Day));
        assert!(!follows(day("2026-09-01"), day("2026-09-03"), Step::Day));
        assert!(follows(day("2026-02-01"), day("2026-03-01"), Step::Month));
        assert!(!follows(day("2026-01-01"), day("2026-03-01"), Step::Month));
        assert!(follows(day("2026-09-07"), day("2026-09-14"), Step::Week(WeekStart::Monday)));
    }
}
