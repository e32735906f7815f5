//! The chart of averages: a bar for each day where there is room, else a band; gaps as gaps; and what a person lays
//! over it.

use egui::{Color32, RichText, Role, Ui, Vec2b, WidgetInfo};
use egui_plot::{GridInput, GridMark, Plot, PlotUi};
use jiff::civil::Date;

use crate::reading::{Step, WindowStart, date_of, days_since_epoch};
use crate::session::{Before, Mark, MarkKind, Overview};
use crate::statistics::{Report, Resting, Windowed, Zones};
use crate::ui::charts::axis;
use crate::ui::charts::day::triangle_ui;
use crate::ui::charts::grid::{extremes, nice_step};
use crate::ui::charts::layers::{Layer, Layers};
use crate::ui::charts::marks::{Canvas, Dashes};
use crate::ui::theme::{GRID, Palette, medium, palette};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit;
use crate::ui::widgets::numbers::counted;
use crate::ui::widgets::words::{average_words, duration_words, one_decimal, window_words};

/// A window as it stands on the chart. All rates in bpm.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    mean: f64,
    /// The lowest and the highest rate.
    range: [f64; 2],
    /// The 5th and the 95th percentile.
    most: [f64; 2],
    /// Whether it is nothing but what a device computed.
    is_computed: bool,
}

/// Where in its window a point stands: at the start, where the label of a date is; in the middle of an hour.
fn offset_secs(step: Step) -> f64 {
    if step == Step::Hour { 1_800.0 } else { 0.0 }
}

/// Where on the axis a day's value stands: in the middle of its hours, else at the date.
fn day_at(date: Date, step: Step) -> f64 {
    f64::from(days_since_epoch(date)) * 86_400.0 + if step == Step::Hour { 43_200.0 } else { 0.0 }
}

/// The length of a window.
fn window_secs(step: Step) -> f64 {
    match step {
        Step::Hour => 3_600.0,
        Step::Day | Step::All => 86_400.0,
        Step::Week(_) => 604_800.0,
        Step::Month => 2_628_000.0,
    }
}

fn point(window: &Windowed, step: Step) -> Option<Point> {
    let mean = window.sums.mean_bpm()?;
    // Bins are of whole bpm, and a mean may lie above the highest of them. Averages have none.
    let pair = |low: Option<u16>, high: Option<u16>| match (low, high) {
        (Some(low), Some(high)) => [f64::from(low).min(mean), f64::from(high).max(mean)],
        _ => [mean; 2],
    };
    let range = pair(window.sums.min_bpm(), window.sums.max_bpm());
    let [low, high] = [5, 95].map(|percent| window.sums.percentile_bpm(percent));
    let most = if low.is_some() { [low, high].map(|bpm| f64::from(bpm.unwrap_or_default())) } else { range };
    let is_computed = window.sums.covered_secs().is_none();
    Some(Point { x: window.start.local_secs() as f64 + offset_secs(step), mean, range, most, is_computed })
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

/// The points of a report: in runs without a gap, and all of them by their window. Made once for each answer.
pub(in crate::ui) struct Points {
    runs: Vec<Vec<Point>>,
    by_window: Vec<(usize, Point)>,
    /// The chart in one sentence.
    summary: String,
}

impl Points {
    pub(in crate::ui) fn of(report: &Report) -> Self {
        let windows = report.windows.iter().enumerate();
        let by_window = windows.filter_map(|(index, window)| Some((index, point(window, report.step)?)));
        Self { runs: runs(report), by_window: by_window.collect(), summary: summary(report) }
    }

    /// The window whose middle is nearest to `x`.
    fn nearest(&self, x: f64) -> Option<(usize, Point)> {
        let after = self.by_window.partition_point(|(_, point)| point.x < x);
        let near = self.by_window[after.saturating_sub(1)..].iter().take(2);
        near.min_by(|(_, a), (_, b)| (a.x - x).abs().total_cmp(&(b.x - x).abs())).copied()
    }
}

/// The points in runs without a gap.
fn runs(report: &Report) -> Vec<Vec<Point>> {
    let points = report.windows.iter().filter_map(|window| Some((window.start, point(window, report.step)?)));
    in_runs(points, |previous, next| follows(*previous, *next, report.step))
}

/// Days and their rates in runs of days that follow each other.
fn day_runs(days: impl Iterator<Item = (Date, f64)>, step: Step) -> Vec<Vec<[f64; 2]>> {
    in_runs(days.map(|(date, bpm)| (date, [day_at(date, step), bpm])), |previous, next| {
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
    points: &Points,
    layers: Layers,
    zones: Zones,
    height: f32,
    reset: bool,
) -> Option<Action> {
    let colours = palette(ui);
    let report = &overview.now.report;
    let step = report.step;
    let runs = &points.runs;
    let extent = extent(overview, runs, layers);
    let mut plot = Plot::new("averages")
        .height(height)
        .show_background(false)
        .show_grid(Vec2b::new(false, true))
        .show_x(false)
        .show_y(false)
        // The wheel scrolls the page; with Ctrl it zooms.
        .allow_scroll(false)
        .allow_zoom(Vec2b::new(true, false))
        // Dragging chooses days.
        .allow_drag(false)
        .allow_axis_zoom_drag(false)
        .allow_boxed_zoom(false)
        .set_margin_fraction(egui::vec2(0.0, 0.08))
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
    if let Some([[left, bottom], [right, top]]) = extent {
        plot = plot.include_x(left).include_x(right).include_y(bottom).include_y(top);
    }
    if reset {
        plot = plot.reset();
    }
    // The axes write in the style of the body.
    let small = egui::FontId::proportional(12.0);
    let body = ui.style_mut().text_styles.insert(egui::TextStyle::Body, small);
    let response = plot.show(ui, |plot| {
        if let Some([[left, _], [right, _]]) = extent.filter(|_| !reset) {
            // In the frame of a reset the bounds are still those of what was shown before.
            keep_zoom(plot, [left, right], 3.0 * window_secs(step));
        }
        let dragged = dragged(plot);
        let pointer = plot.pointer_coordinate().filter(|_| plot.response().hovered());
        (pointer.and_then(|pointer| points.nearest(pointer.x)), dragged)
    });
    ui.style_mut().text_styles.extend(body.map(|body| (egui::TextStyle::Body, body)));
    response.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &points.summary));
    let (nearest, dragged) = response.inner;
    let (response, transform) = (response.response, response.transform);
    let canvas = Canvas { painter: ui.painter_at(*transform.frame()), transform: &transform };
    if layers.has(Layer::Zones) {
        zones_ui(&canvas, zones, colours.zones);
    }
    marks_ui(&canvas, overview, runs, layers, colours);
    if let Some([from, to]) = dragged {
        let frame = transform.frame().y_range();
        let x = egui::Rangef::new(canvas.at(from, 0.0).x, canvas.at(to, 0.0).x);
        canvas.painter.rect_filled(egui::Rect::from_x_y_ranges(x, frame), 0, colours.data.gamma_multiply(0.2));
    }
    if let Some((_, point)) = nearest {
        canvas.dot(point.x, point.mean, 5.0, colours.heart, colours.card, false);
    }
    if let Some([from, to]) = dragged.filter(|_| response.drag_stopped()) {
        // A day reaches from half a day before its point to half a day behind it.
        let half = if step == Step::Hour { 0.0 } else { 43_200.0 };
        let day = |secs: f64| date_of(((secs + half) / 86_400.0).floor() as i32);
        let (first, last) = report.days;
        return day(from).zip(day(to)).map(|(from, to)| Action::Select(from.clamp(first, last), to.clamp(first, last)));
    }
    if response.double_clicked() {
        return Some(Action::Reset);
    }
    let events = response.hover_pos().filter(|_| layers.has(Layer::Marks)).map(|at| events_at(&canvas, overview, at));
    if let Some(events) = events.filter(|events| !events.is_empty()) {
        response.on_hover_ui_at_pointer(|ui| {
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            for words in &events {
                kit::muted(ui, words);
            }
        });
        return None;
    }
    let (Some((index, point)), true) = (nearest, response.hovered() && !response.dragged()) else { return None };
    let window = &report.windows[index];
    let beside = egui::Rect::from_center_size(canvas.at(point.x, point.mean), egui::Vec2::splat(12.0));
    egui::Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), egui::Id::unique("chart point"), beside)
        .gap(2.0 * GRID)
        .show(|ui| {
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            tooltip_ui(ui, window, report);
        });
    response.clicked().then_some(Action::Open(window.start))
}

/// The lower left and the upper right corner of what there is to be drawn.
fn extent(overview: &Overview, runs: &[Vec<Point>], layers: Layers) -> Option<[[f64; 2]; 2]> {
    let report = &overview.now.report;
    let half = window_secs(report.step) / 2.0;
    let points = || runs.iter().flatten();
    let shown = |point: &Point| match (layers.has(Layer::Range), layers.has(Layer::Most)) {
        (true, _) => point.range,
        (false, true) => [point.most[0].min(point.mean), point.most[1].max(point.mean)],
        (false, false) => [point.mean; 2],
    };
    let mut rates: Vec<f64> = points().flat_map(shown).collect();
    if let Some(resting) = report.resting.as_ref().filter(|_| layers.has(Layer::Resting)) {
        rates.extend(resting.days.iter().map(|day| day.bpm));
    }
    if let Some(before) = overview.before.as_ref().filter(|_| layers.has(Layer::Compared)) {
        rates.extend(before.answered.report.windows.iter().filter_map(|window| window.sums.mean_bpm()));
    }
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
    let ahead = if layers.has(Layer::Trend) { ahead_days(report) * 86_400.0 } else { 0.0 };
    let (left, right) = (least(&mut points().map(|p| p.x)) - half, most(&mut points().map(|p| p.x)) + half + ahead);
    let (bottom, top) = (least(&mut rates.iter().copied()), most(&mut rates.iter().copied()));
    // A few beats are seen as few, and not as the whole height.
    let spread = (10.0 - (top - bottom)).max(0.0) / 2.0;
    (left < right).then_some([[left, bottom - spread], [right, top + spread]])
}

/// Keeps what is shown within the data, and at least `least` of it.
fn keep_zoom(plot: &mut PlotUi, [left, right]: [f64; 2], least: f64) {
    let bounds = plot.plot_bounds();
    let (from, to) = (bounds.min()[0], bounds.max()[0]);
    let length = (to - from).clamp(least.min(right - left), right - left);
    let from = from.clamp(left, right - length);
    if bounds.width() > 0.0 && (from, from + length) != (bounds.min()[0], to) {
        plot.set_plot_bounds_x(from..=from + length);
    }
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
    let readings = counted(window.sums.count, "reading", "readings");
    kit::muted(
        ui,
        match window.sums.covered_secs() {
            Some(secs) => format!("{readings} over {}", duration_words(secs)),
            None => format!("{readings}, a device's average"),
        },
    );
}

/// More windows than this have no room for a bar each.
const MOST_CAPSULES: usize = 62;
const DOTTED: Dashes = Some((1.5, 3.5));
const DASHED: Dashes = Some((6.0, 4.0));

/// Everything that stands for a rate.
fn marks_ui(canvas: &Canvas, overview: &Overview, runs: &[Vec<Point>], layers: Layers, colours: Palette) {
    let report = &overview.now.report;
    let step = report.step;
    let few = runs.iter().map(Vec::len).sum::<usize>() <= MOST_CAPSULES;
    let width = (canvas.width(window_secs(step)) * 0.5).clamp(3.0, 14.0);
    if few {
        let faint = colours.data.gamma_multiply(0.35);
        for point in runs.iter().flatten().filter(|point| !point.is_computed) {
            let [[lowest, highest], [low, high]] = [point.range, point.most];
            match (layers.has(Layer::Range), layers.has(Layer::Most)) {
                // Below and above the bar, not through it.
                (true, true) => {
                    canvas.line(&[[point.x, lowest], [point.x, low]], 1.5, faint, None);
                    canvas.line(&[[point.x, high], [point.x, highest]], 1.5, faint, None);
                }
                (true, false) => canvas.line(&[[point.x, lowest], [point.x, highest]], 1.5, faint, None),
                (false, _) => {}
            }
            if layers.has(Layer::Most) {
                canvas.capsule(point.x, point.most, width, colours.data.gamma_multiply(0.3));
            }
        }
    } else {
        bands_ui(canvas, runs, layers, colours);
    }
    if let Some(before) = overview.before.as_ref().filter(|_| layers.has(Layer::Compared)) {
        before_ui(canvas, overview, before, colours.other);
    }
    let mean_width = if few { 1.0 } else { 2.0 };
    let line = if few { colours.data.gamma_multiply(0.5) } else { colours.data };
    for run in runs {
        let means: Vec<[f64; 2]> = run.iter().map(|point| [point.x, point.mean]).collect();
        canvas.line(&means, mean_width, line, None);
    }
    if let Some(resting) = report.resting.as_ref().filter(|_| layers.has(Layer::Resting)) {
        let windows = resting.by_window(step);
        for (start, bpm) in windows.iter().filter(|_| few && step != Step::Hour) {
            canvas.tick(start.local_secs() as f64, *bpm, width + 4.0, colours.heart);
        }
        if !few || step == Step::Hour {
            resting_ui(canvas, resting, step, colours.heart);
        }
    }
    if layers.has(Layer::Moving) {
        for run in day_runs(report.moving_bpm.iter().copied(), step) {
            canvas.line(&run, 2.5, colours.data.gamma_multiply(0.55), None);
        }
    }
    let alone = |run: &&Vec<Point>| few || run.len() == 1;
    for point in runs.iter().filter(alone).flatten() {
        canvas.dot(point.x, point.mean, if few { 3.5 } else { 2.0 }, colours.data, colours.card, point.is_computed);
    }
    if layers.has(Layer::Trend) {
        trend_ui(canvas, report, colours.ink);
    }
    if layers.has(Layer::Marks) {
        events_ui(canvas, overview, colours);
    }
}

/// Notes as triangles, and imports as squares, at the foot of the chart.
fn events_ui(canvas: &Canvas, overview: &Overview, colours: Palette) {
    for mark in &overview.own.marks {
        let foot = event_place(canvas, overview, mark);
        match mark.what {
            MarkKind::Note(..) => triangle_ui(&canvas.painter, foot, 4.0, colours.heart),
            MarkKind::Import(..) => {
                let square = egui::Rect::from_center_size(foot - egui::vec2(0.0, 4.0), egui::Vec2::splat(6.0));
                canvas.painter.rect_filled(square, 1, colours.muted);
            }
        }
    }
}

/// Where a mark stands: at its day, or at its time where windows are hours.
fn event_place(canvas: &Canvas, overview: &Overview, mark: &Mark) -> egui::Pos2 {
    let secs = if overview.now.report.step == Step::Hour {
        mark.local_secs
    } else {
        mark.local_secs.div_euclid(86_400) * 86_400
    };
    egui::pos2(canvas.at(secs as f64, 0.0).x, canvas.transform.frame().bottom())
}

/// The words of the marks near a place of the pointer.
fn events_at(canvas: &Canvas, overview: &Overview, pointer: egui::Pos2) -> Vec<String> {
    let near = |mark: &&Mark| (event_place(canvas, overview, mark) - pointer).length() < 14.0;
    let words = |mark: &Mark| {
        let day = date_of(mark.local_secs.div_euclid(86_400) as i32).map_or_else(String::new, dates::date);
        match &mark.what {
            MarkKind::Note(bpm, words) => format!("{day}, {bpm:.0} bpm: {words}"),
            MarkKind::Import(name, count) => {
                format!("{day}: imported {} from {name}", counted(*count, "reading", "readings"))
            }
        }
    };
    overview.own.marks.iter().filter(near).take(6).map(words).collect()
}

/// Of many windows: the band of most rates, and the lowest and highest as hairlines.
fn bands_ui(canvas: &Canvas, runs: &[Vec<Point>], layers: Layers, colours: Palette) {
    for run in runs {
        let band: Vec<[f64; 3]> = run.iter().map(|point| [point.x, point.most[0], point.most[1]]).collect();
        if layers.has(Layer::Most) {
            canvas.band(&band, colours.data.gamma_multiply(0.22));
        }
        if !layers.has(Layer::Range) {
            continue;
        }
        for end in [0, 1] {
            let line: Vec<[f64; 2]> = run.iter().map(|point| [point.x, point.range[end]]).collect();
            canvas.line(&line, 1.0, colours.data.gamma_multiply(0.35), None);
        }
        if let [only] = run[..] {
            canvas.capsule(only.x, only.range, 2.0, colours.data.gamma_multiply(0.35));
        }
    }
}

/// Resting rates as a line: of days, or of the step where that is longer.
fn resting_ui(canvas: &Canvas, resting: &Resting, step: Step, colour: Color32) {
    let runs = match step {
        Step::Hour | Step::Day => day_runs(resting.days.iter().map(|day| (day.date, day.bpm)), step),
        _ => {
            let windows = resting.by_window(step).into_iter();
            let windows = windows.map(|(start, bpm)| (start, [start.local_secs() as f64, bpm]));
            in_runs(windows, |previous, next| follows(*previous, *next, step))
        }
    };
    for run in runs {
        canvas.line(&run, 1.5, colour, None);
        if let [[x, bpm]] = run[..] {
            canvas.tick(x, bpm, 6.0, colour);
        }
    }
}

/// Zones behind everything.
fn zones_ui(canvas: &Canvas, zones: Zones, colours: [Color32; 5]) {
    for (zone, colour) in zones.all()[1..].iter().zip(colours) {
        canvas.stripe([f64::from(zone.from_bpm), f64::from(zone.to_bpm)], colour.gamma_multiply(0.16));
    }
}

/// The days before, laid over these.
fn before_ui(canvas: &Canvas, overview: &Overview, before: &Before, colour: Color32) {
    let days = days_since_epoch(overview.days.0) - days_since_epoch(before.days.0);
    for run in runs(&before.answered.report) {
        let line: Vec<[f64; 2]> = run.iter().map(|p| [p.x + f64::from(days) * 86_400.0, p.mean]).collect();
        canvas.line(&line, 1.5, colour, DOTTED);
    }
}

/// Days that a trend is drawn beyond the last one, where it is no chance.
const AHEAD_DAYS: f64 = 28.0;

/// How far ahead the trend is drawn, in days: four weeks where the range has as many, and windows are days or longer.
fn ahead_days(report: &Report) -> f64 {
    let (first, last) = report.days;
    let long = f64::from(days_since_epoch(last) - days_since_epoch(first)) >= AHEAD_DAYS;
    let told = report.trend.is_some_and(|trend| trend.is_significant);
    if long && told && report.step != Step::Hour { AHEAD_DAYS } else { 0.0 }
}

/// The trend with the band that holds it with 95 % confidence; dashed beyond the last day.
fn trend_ui(canvas: &Canvas, report: &Report, colour: Color32) {
    const STEPS: u32 = 64;
    let Some(trend) = report.trend else { return };
    let (first, last) = report.days;
    let days = f64::from(days_since_epoch(last) - days_since_epoch(first));
    let end = days + ahead_days(report);
    let x = |day: f64| day_at(first, report.step) + day * 86_400.0;
    let band = |step: u32| {
        let day = end * f64::from(step) / f64::from(STEPS);
        let (mean, half) = (trend.at_bpm(day), trend.uncertainty_bpm(day));
        [x(day), mean - half, mean + half]
    };
    canvas.band(&(0..=STEPS).map(band).collect::<Vec<_>>(), colour.gamma_multiply(0.1));
    canvas.line(&[[x(0.0), trend.at_bpm(0.0)], [x(days), trend.at_bpm(days)]], 1.5, colour, None);
    if end > days {
        canvas.line(&[[x(days), trend.at_bpm(days)], [x(end), trend.at_bpm(end)]], 1.5, colour, DASHED);
    }
}

/// The chart in one sentence, for those who cannot see it.
fn summary(report: &Report) -> String {
    let means = report.windows.iter().filter_map(|window| Some((window.sums.mean_bpm()?, window.start)));
    let Some([low, high]) = extremes(means) else { return "Chart of averages, empty".to_owned() };
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
