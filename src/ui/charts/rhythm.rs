//! The daily rhythm: the hours of weekdays and of weekends, and the day that was fitted to all of them.

use egui::{Color32, Pos2, Role, Sense, Shape, Stroke, Ui, WidgetInfo, vec2};

use crate::reading::{HOURS, Kind};
use crate::statistics::{Report, Rhythm, Sums};
use crate::ui::charts::grid::{Grid, ends, extremes, label_every};
use crate::ui::charts::marks;
use crate::ui::theme::palette;
use crate::ui::widgets::dates::{clock, hour_range};
use crate::ui::widgets::kit::{muted, swatch, title};
use crate::ui::widgets::words::one_decimal;

const HEIGHT: f32 = 188.0;

/// The hours of some days of the week, by one name.
struct Profile {
    name: &'static str,
    hours: Vec<Sums>,
}

/// The middle of an hour as a share of a day.
fn middle(hour: usize) -> f32 {
    (hour as f32 + 0.5) / HOURS as f32
}

/// The mean of each hour that has readings, in runs of hours that follow each other.
fn runs(hours: &[Sums]) -> Vec<Vec<(usize, f64, f64)>> {
    let means = hours.iter().enumerate().filter_map(|(hour, sums)| Some((hour, sums.mean_bpm()?, sums.sd_bpm()?)));
    let means: Vec<(usize, f64, f64)> = means.collect();
    means.chunk_by(|previous, next| next.0 - previous.0 == 1).map(<[_]>::to_vec).collect()
}

/// The fitted day in one sentence.
fn fit_words(rhythm: &Rhythm) -> String {
    format!(
        "Fitted day: level {:.1} ± {:.1} bpm, swing {:.1} ± {:.1} bpm, highest about {} (± {:.1} h)",
        rhythm.level_bpm,
        rhythm.level_error_bpm,
        rhythm.amplitude_bpm,
        rhythm.amplitude_error_bpm,
        clock((rhythm.peak_hour * 60.0).round() as u32 % 1_440),
        rhythm.peak_error_hours
    )
}

/// The lowest and the highest hour of all days, as measured.
fn extremes_words(hours: &[Sums]) -> Option<String> {
    let means = hours.iter().enumerate().filter_map(|(hour, sums)| Some((sums.mean_bpm()?, hour)));
    let [low, high] = extremes(means)?;
    Some(format!(
        "Lowest hour {}, {:.1} bpm; highest {}, {:.1} bpm, as measured",
        hour_range(low.1),
        low.0,
        hour_range(high.1),
        high.0
    ))
}

/// The card.
pub(in crate::ui) fn rhythm_ui(ui: &mut Ui, report: &Report, how: &str) {
    title(ui, "Daily rhythm").on_hover_text(how);
    if matches!(report.kind, Kind::Average | Kind::Resting) {
        muted(ui, "A device's figure for a day says nothing about its hours");
        return;
    }
    let colours = palette(ui);
    let profiles = [
        Profile { name: "Weekdays", hours: report.by_hour_of_weekdays() },
        Profile { name: "Weekends", hours: report.by_hour_of_weekends() },
    ];
    let tints = [colours.data, colours.other];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
        for (profile, tint) in profiles.iter().zip(tints) {
            swatch(ui, tint);
            muted(ui, profile.name);
            ui.add_space(6.0);
        }
        if report.rhythm.is_some() {
            muted(ui, "dashed: fitted day");
        }
    });
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let extremes = extremes_words(&report.by_hour);
    let summary = extremes.clone().unwrap_or_else(|| "empty".to_owned());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Daily rhythm: {summary}")));
    let all = || {
        profiles
            .iter()
            .enumerate()
            .flat_map(|(index, profile)| runs(&profile.hours).into_iter().map(move |run| (index, run)))
    };
    // The deviation of weekends is not drawn.
    let reach = |(index, (_, mean, sd)): (usize, (usize, f64, f64))| {
        if index == 0 { [mean - sd, mean + sd] } else { [mean; 2] }
    };
    let values = all().flat_map(|(index, run)| run.into_iter().map(move |at| (index, at))).flat_map(reach);
    let Some(grid) = Grid::draw(ui.painter(), rect, ends(values), &colours) else { return };
    let painter = ui.painter_at(rect);
    for (index, run) in all() {
        let at = |hour: usize, bpm: f64| grid.at(middle(hour), bpm);
        if index == 0 {
            let band: Vec<[Pos2; 2]> =
                run.iter().map(|&(hour, mean, sd)| [at(hour, mean - sd), at(hour, mean + sd)]).collect();
            painter.add(marks::area(&band, tints[0].gamma_multiply(0.16)));
        }
    }
    if let Some(rhythm) = &report.rhythm {
        let line: Vec<Pos2> =
            (0..=96).map(|step| grid.at(step as f32 / 96.0, rhythm.at_bpm(f64::from(step) / 4.0))).collect();
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.5, colours.muted), 5.0, 4.0));
    }
    // Weekdays lie over weekends.
    for (index, run) in all().collect::<Vec<_>>().into_iter().rev() {
        let line: Vec<Pos2> = run.iter().map(|&(hour, mean, _)| grid.at(middle(hour), mean)).collect();
        profile_ui(&painter, &line, tints[index], colours.card, index == 0);
    }
    let every = label_every(grid.area.width() / HOURS as f32);
    for hour in (0..HOURS).step_by(every) {
        grid.label(ui.painter(), middle(hour), &format!("{hour:02}"), &colours);
    }
    let pointed = response.hover_pos().map(|at| (at.x - grid.area.left()) / grid.area.width());
    if let Some(hour) = pointed.filter(|share| (0.0..1.0).contains(share)).map(|share| (share * HOURS as f32) as usize)
    {
        let x = grid.area.left() + middle(hour) * grid.area.width();
        ui.painter().vline(x, grid.area.y_range(), Stroke::new(1.0, colours.edge));
        response.on_hover_ui_at_pointer(|ui| {
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            muted(ui, hour_range(hour));
            for profile in &profiles {
                let sums = &profile.hours[hour];
                let words = match sums.mean_bpm() {
                    Some(mean) => format!("{mean:.1} bpm ± {}", one_decimal(sums.sd_bpm())),
                    None => "no readings".to_owned(),
                };
                muted(ui, format!("{}: {words}", profile.name));
            }
        });
    }
    match &report.rhythm {
        Some(rhythm) => muted(ui, fit_words(rhythm)),
        None => muted(ui, "A day is fitted from 4 days with readings in 18 hours or more"),
    };
    if let Some(words) = extremes {
        muted(ui, words);
    }
}

/// A line through the hours; the main one with dots.
fn profile_ui(painter: &egui::Painter, line: &[Pos2], colour: Color32, card: Color32, dots: bool) {
    painter.add(Shape::line(line.to_vec(), Stroke::new(1.5, colour)));
    // A line of one hour would be seen nowhere.
    for &place in line.iter().filter(|_| dots || line.len() == 1) {
        painter.circle_filled(place, 3.5, card);
        painter.circle_filled(place, 2.5, colour);
    }
}
