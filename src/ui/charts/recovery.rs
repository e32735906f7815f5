//! The resting rate by day, over the person's own usual one.

use std::sync::Arc;

use egui::{Pos2, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use jiff::civil::Date;

use crate::reading::days_since_epoch;
use crate::session::{Overview, Year};
use crate::statistics::{Baseline, Resting};
use crate::ui::charts::grid::{Grid, ends};
use crate::ui::charts::marks;
use crate::ui::theme::palette;
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{muted, title};

const HEIGHT: f32 = 180.0;

/// The resting rates that are shown, made anew only when something has changed.
#[derive(Default)]
pub(in crate::ui) struct RecoveryView {
    of: Option<(Arc<Overview>, Option<Arc<Year>>)>,
    days: Vec<(Date, f64)>,
    baselines: Vec<Baseline>,
    method: &'static str,
}

impl RecoveryView {
    /// Takes in what is known of the days that are looked at, and of the days before them.
    pub(in crate::ui) fn update(&mut self, overview: &Arc<Overview>, year: Option<&Arc<Year>>) {
        let same_year = |known: &Option<Arc<Year>>| match (known, year) {
            (Some(known), Some(year)) => Arc::ptr_eq(known, year),
            (known, year) => known.is_none() && year.is_none(),
        };
        if self.of.as_ref().is_some_and(|(known, of_year)| Arc::ptr_eq(known, overview) && same_year(of_year)) {
            return;
        }
        self.of = Some((Arc::clone(overview), year.cloned()));
        let (first, last) = overview.days;
        let now = overview.now.report.resting.as_ref();
        // The year knows the days before the range, but not those of earlier years.
        let of_year = year.filter(|year| first.year() >= year.year && last.year() == year.year);
        let of_year = of_year.and_then(|year| year.answered.report.resting.as_ref());
        let Some(resting): Option<&Resting> = of_year.or(now) else {
            (self.days, self.baselines) = (Vec::new(), Vec::new());
            return;
        };
        let shown = |date: Date| first <= date && date <= last;
        self.days = resting.of_main_method().map(|day| (day.date, day.bpm)).filter(|(date, _)| shown(*date)).collect();
        self.baselines = resting.baselines().into_iter().filter(|baseline| shown(baseline.date)).collect();
        self.method = resting.method.name();
    }

    /// The last day's resting rate beside the usual one, in a sentence.
    pub(in crate::ui) fn sentence(&self) -> Option<String> {
        let &(date, bpm) = self.days.last()?;
        let baseline = self.baselines.last().filter(|baseline| baseline.date == date)?;
        let (bpm, usual) = (bpm.round(), baseline.median_bpm.round());
        let difference = bpm - usual;
        let words = match difference {
            0.0 => format!("as usual ({usual:.0})"),
            difference if difference < 0.0 => format!("{:.0} below your usual {usual:.0}", -difference),
            difference => format!("{difference:.0} above your usual {usual:.0}"),
        };
        let unusual = if bpm < baseline.low_bpm.floor() || bpm > baseline.high_bpm.ceil() {
            ", which is rare for you"
        } else {
            ""
        };
        Some(format!("Resting {bpm:.0} on {}, {words}{unusual}", dates::day(date)))
    }
}

/// The card.
pub(in crate::ui) fn recovery_ui(ui: &mut Ui, view: &RecoveryView, how: &str) {
    title(ui, "Resting and recovery").on_hover_text(how);
    let (Some((first, _)), Some((last, _))) = (view.days.first(), view.days.last()) else {
        muted(ui, "A resting rate needs a day with readings in 6 hours or more");
        return;
    };
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let rates = view.days.iter().map(|(_, bpm)| *bpm);
    let usual = view.baselines.iter().flat_map(|baseline| [baseline.low_bpm, baseline.high_bpm]);
    let Some(grid) = Grid::draw(ui.painter(), rect, ends(rates.chain(usual)), &colours) else { return };
    let (from, to) = (days_since_epoch(*first), days_since_epoch(*last));
    let share = |date: Date| (f64::from(days_since_epoch(date) - from) + 0.5) as f32 / (to - from + 1) as f32;
    let painter = ui.painter_at(rect);
    // Days that follow each other are joined; gaps stay empty.
    for run in view.baselines.chunk_by(|a, b| days_since_epoch(b.date) - days_since_epoch(a.date) == 1) {
        let at = |date, bpm| grid.at(share(date), bpm);
        let band: Vec<[Pos2; 2]> = run.iter().map(|b| [at(b.date, b.low_bpm), at(b.date, b.high_bpm)]).collect();
        painter.add(marks::area(&band, colours.heart.gamma_multiply(0.10)));
        let line: Vec<Pos2> = run.iter().map(|b| at(b.date, b.median_bpm)).collect();
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.5, colours.heart.gamma_multiply(0.6)), 5.0, 4.0));
    }
    let few = view.days.len() <= 62;
    for run in view.days.chunk_by(|a, b| days_since_epoch(b.0) - days_since_epoch(a.0) == 1) {
        let line: Vec<Pos2> = run.iter().map(|&(date, bpm)| grid.at(share(date), bpm)).collect();
        painter.add(Shape::line(line.clone(), Stroke::new(1.5, colours.heart)));
        for place in line.into_iter().filter(|_| few || run.len() == 1) {
            painter.circle_filled(place, 3.5, colours.card);
            painter.circle_filled(place, 2.5, colours.heart);
        }
    }
    let every = (((to - from + 1) as f32 * 72.0 / grid.area.width()).ceil() as i32).max(1);
    for day in (from..=to).step_by(every as usize) {
        if let Some(date) = crate::reading::date_of(day) {
            grid.label(ui.painter(), share(date), &dates::day(date), &colours);
        }
    }
    let sentence = view.sentence();
    let summary = sentence.clone().unwrap_or_else(|| format!("{} days", view.days.len()));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Resting and recovery: {summary}")));
    if let Some(at) = response.hover_pos().filter(|at| grid.area.contains(*at)) {
        let distance = |date: Date| (grid.area.left() + share(date) * grid.area.width() - at.x).abs();
        let nearest = view.days.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
        if let Some(&(date, bpm)) = nearest {
            let x = grid.area.left() + share(date) * grid.area.width();
            ui.painter()
                .line_segment([pos2(x, grid.area.top()), pos2(x, grid.area.bottom())], Stroke::new(1.0, colours.edge));
            let usual = view.baselines.iter().find(|baseline| baseline.date == date);
            let usual = usual.map_or_else(String::new, |b| {
                format!("; usually {:.0} ({:.0} to {:.0})", b.median_bpm, b.low_bpm, b.high_bpm)
            });
            response.on_hover_text_at_pointer(format!("{}: resting {bpm:.0} bpm{usual}", dates::date(date)));
        }
    }
    let baseline = if view.baselines.is_empty() {
        "Your usual rate needs 14 days with a resting rate before"
    } else {
        "Dashed and shaded: median and 5th to 95th percentile of the 60 days before"
    };
    muted(ui, format!("{baseline}. Resting: {}", view.method));
}
