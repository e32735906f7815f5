//! The chart of averages: a line over a band of one standard deviation, gaps as gaps.

use egui::{RichText, Role, Ui, Vec2b, WidgetInfo};
use egui_plot::{FilledArea, Line, Plot, PlotPoint, Points};

use super::theme::{GRID, medium, palette};
use super::words::{average_words, window_words};
use super::{axis, widgets};
use crate::client::{Averages, WindowAverage};
use crate::reading::{Step, WindowStart};

/// A window as it stands on the chart.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    mean: f64,
    sd: f64,
}

/// Half the length of a window, so that its point stands in its middle.
fn half_window_secs(step: Step) -> f64 {
    match step {
        Step::Hour => 1_800.0,
        Step::Day | Step::All => 43_200.0,
        Step::Week => 302_400.0,
        Step::Month => 1_314_000.0,
    }
}

fn point(window: &WindowAverage, step: Step) -> Option<Point> {
    Some(Point {
        x: window.start.local_secs() as f64 + half_window_secs(step),
        mean: window.moments.mean_bpm()?,
        sd: window.moments.sd_bpm()?,
    })
}

/// Whether `next` is the window right after `previous`: only then does a line join them.
fn follows(previous: WindowStart, next: WindowStart, step: Step) -> bool {
    let secs = next.local_secs() - previous.local_secs();
    match step {
        // The hour that occurs twice has the same local start.
        Step::Hour => (0..=3_600).contains(&secs),
        Step::Day => secs == 86_400,
        Step::Week => secs == 7 * 86_400,
        Step::Month => (28..=31).contains(&(secs / 86_400)),
        Step::All => false,
    }
}

/// The points in runs without a gap.
fn runs(averages: &Averages) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut previous = None;
    for window in &averages.windows {
        let Some(point) = point(window, averages.step) else { continue };
        let joined = previous.is_some_and(|start| follows(start, window.start, averages.step));
        match runs.last_mut() {
            Some(run) if joined => run.push(point),
            _ => runs.push(vec![point]),
        }
        previous = Some(window.start);
    }
    runs
}

/// Draws the chart, `height` points high.
pub(super) fn chart_ui(ui: &mut Ui, averages: &Averages, height: f32, reset: bool) {
    let colours = palette(ui);
    let runs = runs(averages);
    let points: Vec<Point> = runs.iter().flatten().copied().collect();
    let mut plot = Plot::new("averages")
        .height(height)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        // The wheel scrolls the page; with Ctrl it zooms.
        .allow_scroll(false)
        .allow_zoom(Vec2b::new(true, false))
        .allow_drag(Vec2b::new(true, false))
        .allow_axis_zoom_drag(false)
        .allow_boxed_zoom(false)
        .set_margin_fraction(egui::vec2(0.02, 0.12))
        .grid_color(colours.line)
        .x_grid_spacer(axis::marks)
        .x_axis_formatter(|mark, _| axis::label(mark))
        .y_axis_formatter(|mark, _| if mark.value < 0.0 { String::new() } else { format!("{:.0}", mark.value) })
        .cursor_color(colours.line);
    if reset {
        plot = plot.reset();
    }
    let response = plot.show(ui, |plot| {
        for run in &runs {
            if run.len() > 1 {
                let xs: Vec<f64> = run.iter().map(|p| p.x).collect();
                let low: Vec<f64> = run.iter().map(|p| p.mean - p.sd).collect();
                let high: Vec<f64> = run.iter().map(|p| p.mean + p.sd).collect();
                plot.add(FilledArea::new("spread", &xs, &low, &high).fill_color(colours.band()).allow_hover(false));
                let line: Vec<[f64; 2]> = run.iter().map(|p| [p.x, p.mean]).collect();
                plot.line(Line::new("mean", line).color(colours.data).width(2.0).allow_hover(false));
            }
        }
        let marks: Vec<[f64; 2]> = points.iter().map(|p| [p.x, p.mean]).collect();
        // Single points need a mark to be seen; many would only hide the line.
        let radius = if points.len() > 120 { 1.5 } else { 3.0 };
        plot.points(Points::new("mean", marks).color(colours.data).radius(radius).allow_hover(false));
        let pointer = plot.pointer_coordinate().filter(|_| plot.response().hovered());
        let nearest = pointer.and_then(|pointer| nearest(averages, pointer.x));
        if let Some((_, point)) = nearest {
            plot.points(
                Points::new("here", vec![[point.x, point.mean]]).color(colours.heart).radius(5.0).allow_hover(false),
            );
        }
        nearest.map(|(index, point)| (index, plot.screen_from_plot(PlotPoint::new(point.x, point.mean))))
    });
    let summary = summary(averages);
    response.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    if let (Some((index, _)), true) = (response.inner, response.response.hovered()) {
        let window = &averages.windows[index];
        egui::Tooltip::always_open(
            ui.ctx().clone(),
            ui.layer_id(),
            egui::Id::unique("chart point"),
            egui::PopupAnchor::Pointer,
        )
        .gap(2.0 * GRID)
        .show(|ui| {
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            widgets::muted(ui, window_words(window.start, averages.step));
            ui.label(RichText::new(average_words(&window.moments)).font(medium(15.0)));
            widgets::muted(ui, widgets::counted(window.moments.count, "reading", "readings"));
        });
    }
}

/// The window whose middle is nearest to `x`.
fn nearest(averages: &Averages, x: f64) -> Option<(usize, Point)> {
    let points = averages.windows.iter().enumerate().filter_map(|(i, w)| Some((i, point(w, averages.step)?)));
    points.min_by(|(_, a), (_, b)| (a.x - x).abs().total_cmp(&(b.x - x).abs()))
}

/// The chart in one sentence, for those who cannot see it.
pub(super) fn summary(averages: &Averages) -> String {
    let (Some((low, high)), Some(mean)) = (averages.extremes(), averages.overall().mean_bpm()) else {
        return "Chart of averages, empty".to_owned();
    };
    let words = |window: &WindowAverage| {
        format!(
            "{:.1} bpm ({})",
            window.moments.mean_bpm().unwrap_or_default(),
            window_words(window.start, averages.step)
        )
    };
    format!(
        "Chart of averages: {} points from {} to {}, {mean:.1} bpm overall",
        averages.windows.len(),
        words(low),
        words(high)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> WindowStart {
        WindowStart::Date(text.parse().unwrap())
    }

    #[test]
    fn a_line_never_bridges_a_gap() {
        assert!(follows(day("2026-09-01"), day("2026-09-02"), Step::Day));
        assert!(!follows(day("2026-09-01"), day("2026-09-03"), Step::Day));
        assert!(follows(day("2026-02-01"), day("2026-03-01"), Step::Month));
        assert!(!follows(day("2026-01-01"), day("2026-03-01"), Step::Month));
        assert!(follows(day("2026-09-07"), day("2026-09-14"), Step::Week));
    }
}
