//! The overview: how am I doing?

use egui::{Align, Layout, RichText, Role, ScrollArea, Ui, WidgetInfo};
use egui_extras::DatePickerButton;
use jiff::civil::Date;

use super::app::App;
use super::chart::Layers;
use super::dialogs::Wanted;
use super::save_dialog::{SaveDialog, Saving};
use super::theme::{palette, semibold};
use super::widgets::{
    card, counted, field, figure, full_card, gap, grouped, muted, primary_button, segmented, table_row, title, toggle,
};
use super::words::{days_words, one_decimal, signed, step_name, window_words};
use super::{chart, compare, profiles, shortcuts};
use crate::client::Traffic;
use crate::reading::{Kind, Step, WindowStart};
use crate::session::{Overview, Span, View};
use crate::statistics::{Report, Table, Zones};

const CHART_HEIGHT: f32 = 300.0;
const TABLE_HEIGHT: f32 = 260.0;
const ROW_HEIGHT: f32 = 24.0;
/// Below this width cards stand two in a row, and side cards one below the other.
const NARROW: f32 = 700.0;
const SPANS: [(Option<Span>, &str); 6] = [
    (Some(Span::Last(7)), "7 d"),
    (Some(Span::Last(30)), "30 d"),
    (Some(Span::Last(90)), "90 d"),
    (Some(Span::Last(365)), "Year"),
    (Some(Span::All), "All"),
    (None, "Custom"),
];

/// What is typed for a range of one's own, and the view to come back to from a single day.
#[derive(Default)]
pub(super) struct Looking {
    custom: Option<(String, String)>,
    back: Option<View>,
}

pub(super) fn overview_ui(ui: &mut Ui, app: &mut App) {
    header_ui(ui, app);
    range_ui(ui, app);
    let reset = std::mem::take(&mut app.model.reset_chart);
    let Some(overview) = app.model.overview.clone() else {
        card(ui, |ui| {
            ui.set_width(ui.available_width());
            if app.model.empty_view {
                ui.label("There are no readings in these days. Choose others, or All.");
            } else {
                muted(ui, "Your averages are on their way…");
            }
        });
        return;
    };
    let report = &overview.now.report;
    let zones = app.model.settings.zones.zones();
    let weeks = app.model.settings.weeks;
    if report.kind != Kind::Sample {
        let what = if report.kind == Kind::Average { "averages of activities or days" } else { "resting rates" };
        muted(ui, format!("These are {what} as your device computed them: there are no single readings"));
    }
    figures_ui(ui, &overview);
    let how = how_words(&overview.now.traffic);
    full_card(ui, |ui| chart_ui(ui, app, &overview, zones, reset));
    let wide = ui.available_width() >= NARROW;
    pair_ui(ui, wide, |ui| profiles::hours_ui(ui, report, &how), |ui| profiles::zones_ui(ui, report, &how, zones));
    pair_ui(
        ui,
        wide,
        |ui| profiles::weekdays_ui(ui, report, &how, weeks),
        |ui| profiles::distribution_ui(ui, report, &how),
    );
    let mut saving = None;
    if let Some(before) = &overview.before {
        full_card(ui, |ui| saving = saving.take().or(compare::differences_ui(ui, &overview, before, zones)));
    }
    full_card(ui, |ui| saving = saving.take().or(table_ui(ui, report, zones)));
    full_card(ui, |ui| {
        if compare::check_ui(ui, app.model.compared.as_deref(), app.model.is_busy()) {
            app.model.check();
        }
    });
    if let Some(table) = saving {
        SaveDialog::open(app, Saving::Table(table));
    }
}

/// Two cards side by side, or one below the other where there is no room.
fn pair_ui(ui: &mut Ui, wide: bool, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    /// Both as high as the higher of them.
    const HEIGHT: f32 = 236.0;
    let gap = ui.spacing().item_spacing.x;
    let width = if wide { ((ui.available_width() - gap) / 2.0).floor() } else { ui.available_width() };
    let one = |ui: &mut Ui, content: &mut dyn FnMut(&mut Ui)| {
        ui.vertical(|ui| {
            card(ui, |ui| {
                ui.set_width(width - 34.0);
                ui.set_min_height(HEIGHT);
                ui.spacing_mut().item_spacing.y = 8.0;
                content(ui);
            });
        });
    };
    let (mut left, mut right) = (Some(left), Some(right));
    let mut both = |ui: &mut Ui| {
        one(ui, &mut |ui| left.take().into_iter().for_each(|left| left(ui)));
        one(ui, &mut |ui| right.take().into_iter().for_each(|right| right(ui)));
    };
    if wide {
        ui.horizontal_top(both);
    } else {
        both(ui);
    }
}

fn header_ui(ui: &mut Ui, app: &mut App) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Overview").font(semibold(22.0)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let add = primary_button(ui, "Add reading", true).on_hover_text(shortcuts::words(ui, shortcuts::ADD));
            if add.clicked() {
                app.add_reading(ui);
            }
            let import = ui.button("Import…").on_hover_text(shortcuts::words(ui, shortcuts::IMPORT));
            if import.clicked() {
                app.ask_for_file(ui.ctx(), Wanted::Readings);
            }
        });
    });
}

/// Which days, in which steps.
fn range_ui(ui: &mut Ui, app: &mut App) {
    let mut view = app.model.view.with_weeks(app.model.settings.weeks);
    ui.horizontal_wrapped(|ui| {
        // Days that were opened or dragged over are none of the choices, so that Custom can be chosen.
        let mut span = app.looking.custom.is_none().then_some(view.span);
        if segmented(ui, &mut span, &SPANS) {
            app.looking.back = None;
            match span {
                Some(span) => {
                    app.looking.custom = None;
                    view = View { span, step: None, ..view };
                }
                None => {
                    let days = view.days(&app.model.readings);
                    app.looking.custom = days.map(|(from, to)| (from.to_string(), to.to_string()));
                }
            }
        }
        let steps =
            [Step::Hour, Step::Day, Step::Week(view.weeks), Step::Month].map(|step| (Some(step), step_name(step)));
        segmented(ui, &mut view.step, &[&[(None, "Auto")], &steps[..]].concat());
        if let Some(back) = app.looking.back
            && ui.button("Back").on_hover_text("Back to the days before").clicked()
        {
            (view, app.looking.back) = (back, None);
        }
        if let Some(days) = view.days(&app.model.readings) {
            let words = RichText::new(days_words(days)).small().color(palette(ui).muted);
            ui.add(egui::Label::new(words).extend());
        }
    });
    if let Some((from, to)) = &mut app.looking.custom {
        let read = |text: &str| text.trim().parse::<Date>().ok();
        let mut changed = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            changed |= day_ui(ui, "From, as in 2026-09-30", "Choose the first day", from);
            changed |= day_ui(ui, "To, included", "Choose the last day", to);
        });
        match read(from).zip(read(to)) {
            Some((from, to)) if from <= to => {
                if changed || !matches!(view.span, Span::Days(..)) {
                    view.span = Span::Days(from, to);
                }
            }
            _ => {
                let words = "Both are dates, and the first is not later than the second";
                ui.label(RichText::new(words).small().color(palette(ui).heart));
            }
        }
    }
    app.model.look_at(view);
}

/// A day that can be typed, or chosen in a calendar. Returns whether it has changed.
fn day_ui(ui: &mut Ui, label: &str, verb: &str, text: &mut String) -> bool {
    let mut changed = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        changed = field(ui, label, text, 120.0).changed();
        let Ok(before) = text.trim().parse::<Date>() else { return };
        let mut day = before;
        ui.vertical(|ui| {
            // Beside the field, not beside its label.
            ui.add_space(18.0);
            let picker =
                DatePickerButton::new(&mut day).id_salt(verb).format("Calendar").show_icon(false).calendar_week(false);
            let picker = ui.add(picker).on_hover_text(verb);
            picker.widget_info(|| WidgetInfo::labeled(Role::Button, true, verb));
        });
        if day != before {
            *text = day.to_string();
            changed = true;
        }
    });
    changed
}

/// The numbers that matter, a card each.
fn figures_ui(ui: &mut Ui, overview: &Overview) {
    let (report, before) = (&overview.now.report, overview.before.as_ref().map(|before| &before.answered.report));
    let change = |value: &dyn Fn(&Report) -> Option<f64>| {
        let difference = before.and_then(value).zip(value(report)).map(|(then, now)| now - then);
        difference.map(|difference| format!("{} from the days before", signed(difference, 1)))
    };
    let mean = |report: &Report| report.overall.mean_bpm();
    let resting = |report: &Report| report.resting.as_ref().map(|resting| resting.mean_bpm);
    let deviation = format!("± {} standard deviation", one_decimal(report.overall.sd_bpm()));
    let range = match (report.overall.min_bpm(), report.overall.max_bpm()) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        _ => "–".to_owned(),
    };
    let nine = match (report.overall.percentile_bpm(5), report.overall.percentile_bpm(95)) {
        (Some(low), Some(high)) => format!("nine of ten from {low} to {high}"),
        _ => String::new(),
    };
    let trend = report.trend.map_or_else(|| "–".to_owned(), |trend| signed(trend.per_week_bpm, 2));
    let error = report.trend.map_or_else(
        || "needs readings of two days".to_owned(),
        |trend| format!("± {:.2} bpm a week", trend.standard_error_bpm),
    );
    let no_resting = "no day has 60 readings in 6 hours".to_owned();
    let method = report.resting.as_ref().map_or(no_resting, |resting| {
        format!("{}; {}", counted(resting.days.len() as u64, "day", "days"), resting.method.name())
    });
    let resting_days = report.resting.as_ref().map(|resting| counted(resting.days.len() as u64, "day", "days"));
    let resting_about =
        change(&resting).or(resting_days.map(|days| format!("over {days}"))).unwrap_or_else(|| method.clone());
    let how = how_words(&overview.now.traffic);
    let readings = counted(report.overall.count, "reading", "readings");
    let figures = [
        ("Average", one_decimal(mean(report)), "bpm", change(&mean).unwrap_or(deviation.clone()), deviation),
        ("Resting", one_decimal(resting(report)), "bpm", resting_about, method),
        ("Range", range, "bpm", nine, readings),
        ("Trend", trend, "bpm a week", error, "Least squares of the readings on the day".to_owned()),
    ];
    let columns = if ui.available_width() < NARROW { 2 } else { 4 };
    let gaps = (columns - 1) as f32 * ui.spacing().item_spacing.x;
    let width = ((ui.available_width() - gaps) / columns as f32).floor();
    for row in figures.chunks(columns) {
        ui.horizontal_top(|ui| {
            for (label, number, unit, about, more) in row {
                figure(ui, width, label, number, unit, about).on_hover_text(format!("{more}\n{how}"));
            }
        });
    }
}

/// How numbers came to be.
fn how_words(traffic: &Traffic) -> String {
    let known = match traffic.known {
        0 => String::new(),
        known => format!("; {} verified before", counted(known, "sum", "sums")),
    };
    format!(
        "Summed by the server over {}, verified, {:.1} ms{known}",
        counted(traffic.ciphertexts, "ciphertext", "ciphertexts"),
        traffic.server.as_secs_f64() * 1e3
    )
}

fn chart_ui(ui: &mut Ui, app: &mut App, overview: &Overview, zones: Zones, reset: bool) {
    let report = &overview.now.report;
    ui.horizontal(|ui| {
        title(ui, &format!("Average by {}", step_name(report.step).to_lowercase()))
            .on_hover_text(how_words(&overview.now.traffic));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| layers_ui(ui, &mut app.chart, overview));
    });
    let action = chart::chart_ui(ui, overview, app.chart, zones, CHART_HEIGHT, reset);
    let mut words = vec!["Line: mean in bpm"];
    if app.chart.band {
        words.push("band: lowest to highest reading");
    }
    let resting = report.resting.as_ref().filter(|_| app.chart.resting);
    let resting = resting.map(|resting| format!("red: resting rate ({})", resting.method.name()));
    words.extend(resting.as_deref());
    words.push("click a point to open it, drag to choose days, double-click to go back");
    words.push("Ctrl and wheel to zoom");
    app.snapshot.show(ui, ui.min_rect().expand(12.0));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Save as picture…").clicked() {
                app.snapshot.want();
            }
            ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                muted(ui, words.join("; "));
            });
        });
    });
    match action {
        Some(chart::Action::Open(start)) => open(app, start, report.step),
        Some(chart::Action::Select(from, to)) => {
            app.looking.back.get_or_insert(app.model.view);
            app.looking.custom = None;
            app.model.look_at(View { span: Span::Days(from, to), step: None, ..app.model.view });
        }
        Some(chart::Action::Reset) => {
            if let Some(back) = app.looking.back.take() {
                app.model.look_at(back);
            }
        }
        None => {}
    }
}

/// Opens a window of the chart: its days, in shorter steps.
fn open(app: &mut App, start: WindowStart, step: Step) {
    let (WindowStart::Date(from), Some(inner)) = (start, finer(step)) else { return };
    let to = match step {
        Step::Month => from.last_of_month(),
        Step::Week(_) => from.checked_add(jiff::Span::new().days(6)).unwrap_or(from),
        Step::Hour | Step::Day | Step::All => from,
    };
    app.looking.back.get_or_insert(app.model.view);
    app.looking.custom = None;
    app.model.look_at(View { span: Span::Days(from, to), step: Some(inner), ..app.model.view });
}

fn finer(step: Step) -> Option<Step> {
    match step {
        Step::Month | Step::Week(_) => Some(Step::Day),
        Step::Day => Some(Step::Hour),
        Step::Hour | Step::All => None,
    }
}

/// What is laid over the chart. Only what there is can be chosen.
fn layers_ui(ui: &mut Ui, layers: &mut Layers, overview: &Overview) {
    let report = &overview.now.report;
    ui.spacing_mut().item_spacing.x = 4.0;
    if overview.before.is_some() {
        toggle(ui, &mut layers.before, "Days before");
    }
    toggle(ui, &mut layers.zones, "Zones");
    if report.trend.is_some() {
        toggle(ui, &mut layers.trend, "Trend");
    }
    if !report.moving_bpm.is_empty() {
        toggle(ui, &mut layers.moving, "7-day average");
    }
    if report.resting.is_some() {
        toggle(ui, &mut layers.resting, "Resting");
    }
    toggle(ui, &mut layers.band, "Range");
}

/// The chart's numbers as a table. Returns it if it is to be saved.
pub(super) fn table_ui(ui: &mut Ui, report: &Report, zones: Zones) -> Option<Table> {
    const SHARES: [f32; 7] = [0.28, 0.12, 0.12, 0.12, 0.12, 0.12, 0.12];
    let wanted = compare::title_and_save(ui, "The same in numbers");
    ui.spacing_mut().item_spacing.y = 4.0;
    gap(ui, 0.5);
    let width = ui.available_width() - 24.0;
    let row_ui = |ui: &mut Ui, cells| table_row(ui, width, SHARES, 1, cells);
    let colour = palette(ui).muted;
    let head = |text: &str| RichText::new(text).small().color(colour);
    let names = [step_name(report.step), "Average, bpm", "Deviation", "Lowest", "Median", "Highest", "Readings"];
    row_ui(ui, names.map(head));
    ui.separator();
    let rows = report.windows.len();
    ScrollArea::vertical()
        .id_salt("table")
        .max_height(TABLE_HEIGHT)
        .min_scrolled_height(TABLE_HEIGHT)
        .auto_shrink([false, true])
        .show_rows(ui, ROW_HEIGHT - 4.0, rows, |ui, shown| {
            // Newest first: that is what people look for.
            for window in report.windows.iter().rev().skip(shown.start).take(shown.len()) {
                let sums = &window.sums;
                let decimal = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
                let whole = |value: Option<u16>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
                let cells = [
                    window_words(window.start, report.step),
                    decimal(sums.mean_bpm()),
                    decimal(sums.sd_bpm()),
                    whole(sums.min_bpm()),
                    whole(sums.median_bpm()),
                    whole(sums.max_bpm()),
                    grouped(sums.count),
                ];
                row_ui(ui, cells.map(RichText::new));
            }
        });
    muted(ui, counted(rows as u64, "row", "rows"));
    wanted.then(|| Table::of_windows(report, zones))
}
