//! The preview of a file, before anything of it is kept: the person looks, answers what the file does not tell, and
//! decides.

use egui::{Align, Frame, Id, RichText, ScrollArea, Ui, vec2};

use jiff::tz::TimeZone;

use crate::import::{DateOrder, Epoch, ImportError, Layout, OffsetUnit, Options, OwnFile, PersonColumn};
use crate::reading::{Kind, Reading};
use crate::session::{Found, Preview};
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::dialog::dialog;
use crate::ui::model::Model;
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{
    button, card, error_text, fact, field, gap, muted, primary_button, segmented, submitted,
};
use crate::ui::widgets::numbers::{counted, grouped, sentence};

const WIDTH: f32 = 600.0;
const REPORT_HEIGHT: f32 = 96.0;

/// The person's decision.
enum Decision {
    None,
    /// Read the file again, with other choices.
    Again(Options),
    /// Stop reading it; what was shown before still holds.
    Stop,
    Keep,
    Leave,
}

/// The text typed and the choices made for a file, until it is read again or decided about.
#[derive(Default)]
pub(in crate::ui) struct Choices {
    /// The zone of its times, while it is edited.
    zone: Option<String>,
    /// The preview whose button has been given the keyboard.
    focused: Option<u64>,
    time_column: String,
    rate_column: String,
}

/// Shows the dialog, if there is a file to decide about.
pub(in crate::ui) fn show(ui: &Ui, ctx: &mut Ctx, choices: &mut Choices) {
    let Some(preview) = ctx.model.preview.take() else { return };
    if let Err(ImportError::Own(OwnFile::Bundle | OwnFile::Answer)) = preview.found {
        // It belongs elsewhere in this window.
        *choices = Choices::default();
        ctx.act(Action::OpenVeil(preview.path));
        ctx.model.leave();
        ctx.model.next_file();
        return;
    }
    let name = preview.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let reading = ctx.model.is_reading();
    let (decided, closed) = dialog(ui, Id::unique("import"), WIDTH, &format!("Import {name}"), |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        let again = ui.add_enabled_ui(!reading, |ui| match &preview.found {
            Ok(found) => found_ui(ui, &preview, found, &mut choices.zone),
            Err(error) => unusable_ui(ui, choices, &preview, error),
        });
        match (buttons_ui(ui, ctx.model, &preview, &mut choices.focused), again.inner) {
            (Decision::Leave, _) => Decision::Leave,
            // What is kept must match the choices.
            (_, Some(options)) if !reading => Decision::Again(options),
            (decided, _) => decided,
        }
    });
    match if closed { Decision::Leave } else { decided } {
        Decision::None => ctx.model.preview = Some(preview),
        Decision::Again(options) => {
            // It stays to be seen until the file has been read again.
            ctx.model.look_into(preview.path.clone(), options);
            ctx.model.preview = Some(preview);
        }
        Decision::Stop => {
            ctx.model.stop_reading();
            *choices = Choices::default();
            ctx.model.preview = Some(preview);
        }
        Decision::Keep => {
            *choices = Choices::default();
            ctx.model.preview = Some(preview);
            ctx.model.keep();
        }
        Decision::Leave => {
            *choices = Choices::default();
            ctx.model.leave();
            ctx.model.next_file();
        }
    }
}

fn buttons_ui(ui: &mut Ui, model: &Model, preview: &Preview, focused: &mut Option<u64>) -> Decision {
    gap(ui, 0.5);
    let new = preview.found.as_ref().map_or(0, |found| found.new);
    let text =
        if new == 0 { "Import".to_owned() } else { format!("Import {}", counted(new as u64, "reading", "readings")) };
    let size = vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(size, egui::Layout::right_to_left(Align::Center), |ui| {
        let reading = model.is_reading();
        let keep = primary_button(ui, &text, new > 0 && !reading);
        let leave = button(ui, if new > 0 { "Cancel" } else { "Close" }, true);
        // Enter confirms what the person sees; once, so that Tab can go on from there.
        if !reading && *focused != Some(preview.number) {
            *focused = Some(preview.number);
            if new > 0 { keep.request_focus() } else { leave.request_focus() }
        }
        if keep.clicked() {
            return Decision::Keep;
        }
        if leave.clicked() {
            return Decision::Leave;
        }
        if reading {
            if button(ui, "Stop", true).clicked() {
                return Decision::Stop;
            }
            muted(ui, "Reading…");
        }
        Decision::None
    })
    .inner
}

/// Shows the readings that would be imported. Returns other choices if the person made some.
fn found_ui(ui: &mut Ui, preview: &Preview, found: &Found, zone: &mut Option<String>) -> Option<Options> {
    let mut options = preview.options.clone();
    let mut again = false;
    fact(ui, "Recognised as", found.format);
    if let Some(layout) = &found.layout {
        again |= columns_ui(ui, layout, preview.number, &mut options);
    }
    if let Some((first, last)) = found.span {
        fact(ui, "From", format!("{} to {}", dates::date(first), dates::date(last)));
    }
    let mut counts = vec![counted(found.new as u64, "new reading", "new readings")];
    if found.duplicates > 0 {
        counts.push(format!("{} already there or twice in the file", grouped(found.duplicates as u64)));
    }
    if found.implausible > 0 {
        counts.push(format!("{} outside 30 to 220 bpm (kept)", grouped(found.implausible as u64)));
    }
    fact(ui, "Readings", counts.join(", "));
    rows_ui(ui, &found.first_rows);
    again |= order_ui(ui, found, &mut options);
    again |= epoch_ui(ui, found, &mut options);
    again |= offsets_ui(ui, found, &mut options);
    again |= found.report.zoneless && zone_ui(ui, zone, &mut options);
    let sentences = found.report.sentences();
    if !sentences.is_empty() {
        ScrollArea::vertical().max_height(REPORT_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            for sentence in sentences {
                muted(ui, sentence);
            }
        });
    }
    again.then_some(options)
}

/// Which columns are used, and the choice of others.
fn columns_ui(ui: &mut Ui, layout: &Layout, preview: u64, options: &mut Options) -> bool {
    let mut again = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let columns = [
            ("Times from", layout.time, &mut options.time_column),
            ("Rates from", layout.rate, &mut options.rate_column),
        ];
        for (label, index, chosen) in columns {
            let name = muted(ui, label);
            let mut now = index;
            let shown = layout.columns.get(index).map_or("", |name| name);
            // A list of its own for each preview: one that was open in an earlier dialog stays behind this one.
            egui::ComboBox::from_id_salt((label, preview))
                .selected_text(shown)
                .width(170.0)
                .truncate()
                .show_index(ui, &mut now, layout.columns.len(), |at| layout.columns[at].clone())
                .labelled_by(name.id);
            if now != index {
                // Numbers, because names may repeat.
                *chosen = Some((now + 1).to_string());
                again = true;
            }
        }
    });
    again
}

/// A choice among the columns of a table, by their numbers: names may repeat.
fn column_ui(ui: &mut Ui, label: &str, preview: u64, columns: &[String], chosen: &mut String, width: f32) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let name = muted(ui, label);
        let index = chosen.parse::<usize>().ok().and_then(|number| columns.get(number.checked_sub(1)?));
        egui::ComboBox::from_id_salt((label, preview))
            .selected_text(index.map_or("Choose…", |name| name))
            .width(width)
            .truncate()
            .show_ui(ui, |ui| {
                for (number, column) in (1..).zip(columns) {
                    ui.selectable_value(chosen, format!("{number}"), column);
                }
            })
            .response
            .labelled_by(name.id);
    });
}

/// The zone of times that do not name one.
fn zone_ui(ui: &mut Ui, typed: &mut Option<String>, options: &mut Options) -> bool {
    let current = options.zone.iana_name().unwrap_or("UTC").to_owned();
    let typed = typed.get_or_insert_with(|| current.clone());
    let response = field(ui, "The times do not name a zone; they are local times in", typed, 260.0);
    if response.has_focus() || typed.trim() == current {
        return false;
    }
    match TimeZone::get(typed.trim()) {
        Ok(zone) => {
            options.zone = zone;
            true
        }
        Err(_) => {
            error_text(ui, "No time zone has that name");
            false
        }
    }
}

/// The order of day and month where the file does not tell, with the likelier one chosen. Returns
/// whether another one was.
fn order_ui(ui: &mut Ui, found: &Found, options: &mut Options) -> bool {
    let Some(mut order) = options.date_order.or(found.report.unclear_order) else { return false };
    let changed = if found.report.year_comes_first {
        ui.label("The dates start with the year. Which comes next?");
        let choices = [(DateOrder::YearFirst, "Month: 2026-12-31"), (DateOrder::YearDayMonth, "Day: 2026-31-12")];
        segmented(ui, &mut order, &choices)
    } else {
        ui.label("The dates could be read in two ways. Which comes first?");
        let choices = [
            (DateOrder::DayFirst, "Day: 31/12"),
            (DateOrder::MonthFirst, "Month: 12/31"),
            (DateOrder::YearFirst, "Year: 26/12/31"),
        ];
        segmented(ui, &mut order, &choices)
    };
    options.date_order = Some(order);
    changed
}

/// The epoch of seconds where the file does not tell, with the likelier one chosen. Returns whether another
/// one was.
fn epoch_ui(ui: &mut Ui, found: &Found, options: &mut Options) -> bool {
    let Some(mut epoch) = options.epoch.or(found.report.unclear_epoch) else { return false };
    ui.label("The times are seconds. What are they counted from?");
    let changed = segmented(ui, &mut epoch, &[(Epoch::Fit, "1989, as in FIT files"), (Epoch::Unix, "1970")]);
    options.epoch = Some(epoch);
    changed
}

/// The unit of offsets from UTC where the file does not tell, with the likelier one chosen. Returns whether another
/// one was.
fn offsets_ui(ui: &mut Ui, found: &Found, options: &mut Options) -> bool {
    let Some((likely, column)) = &found.report.unclear_offsets else { return false };
    let mut unit = options.offset_unit.unwrap_or(*likely);
    ui.label(format!("The column “{column}” holds offsets from UTC as numbers. What is their unit?"));
    let changed = segmented(ui, &mut unit, &OffsetUnit::ALL.map(|unit| (unit, unit.name())));
    options.offset_unit = Some(unit);
    changed
}

/// The first readings as they would be kept.
fn rows_ui(ui: &mut Ui, rows: &[Reading]) {
    let colours = palette(ui);
    Frame::new().fill(colours.ground).corner_radius(8).inner_margin(12).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        for reading in rows {
            ui.horizontal(|ui| {
                let civil = reading.civil();
                let date = dates::date(civil.date());
                let words = format!("{date}, {}", dates::clock_seconds(civil));
                ui.allocate_ui_with_layout(vec2(200.0, 18.0), egui::Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_width(200.0);
                    muted(ui, words);
                });
                ui.label(RichText::new(format!("{} bpm", reading.rate)).font(medium(13.0)));
                if reading.kind != Kind::Sample {
                    muted(ui, reading.kind.name());
                }
            });
        }
        muted(ui, "… as they will be kept, in local time");
    });
}

/// Whose readings are wanted of several people's, or that a column does not name people.
fn people_ui(ui: &mut Ui, column: &str, people: &[String], options: &Options) -> Option<Options> {
    let mut again = None;
    ui.label("Whose readings do you want?");
    ScrollArea::vertical().max_height(160.0).show(ui, |ui| {
        for person in people {
            let name = if person.is_empty() { "Nobody in particular" } else { person };
            if ui.button(name).clicked() {
                again = Some(Options { person: Some(person.clone()), ..options.clone() });
            }
        }
    });
    if button(ui, &format!("“{column}” does not name people"), true).clicked() {
        again = Some(Options { person: None, person_column: Some(PersonColumn::None), ..options.clone() });
    }
    again
}

/// Why nothing can be imported as it is, and what the person can do about it.
fn unusable_ui(ui: &mut Ui, choices: &mut Choices, preview: &Preview, error: &ImportError) -> Option<Options> {
    ui.label(RichText::new(format!("Nothing was imported: {error}")).font(medium(15.0)));
    let mut again = None;
    match error {
        ImportError::SeveralPeople { column, people } => {
            let options = preview.options.clone();
            again = people_ui(ui, column, people, &options);
        }
        ImportError::MayNamePeople { column, number, people } => {
            let named = PersonColumn::Named(number.to_string());
            let options = Options { person_column: Some(named), ..preview.options.clone() };
            again = people_ui(ui, column, people, &options);
        }
        ImportError::NoColumn { columns, .. } | ImportError::NoSuchColumn(columns) if !columns.is_empty() => {
            ui.label("If you know which columns hold times and heart rates, choose them.");
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 16.0;
                let width = (ui.available_width() - 32.0) / 2.0;
                for (label, chosen) in [("Times", &mut choices.time_column), ("Heart rates", &mut choices.rate_column)]
                {
                    column_ui(ui, label, preview.number, columns, chosen, width);
                }
            });
            let chosen = |column: &str| (!column.is_empty()).then(|| column.to_owned());
            let (time, rate) = (chosen(&choices.time_column), chosen(&choices.rate_column));
            let ready = time.is_some() && rate.is_some() && time != rate;
            if button(ui, "Read it again", ready).clicked() {
                again = Some(Options { time_column: time, rate_column: rate, ..preview.options.clone() });
            }
        }
        ImportError::NoColumn { .. } => {
            ui.label("If you know the columns, name them, by their names or numbers.");
            let mut enter = false;
            ui.horizontal(|ui| {
                let width = (ui.available_width() - 16.0) / 2.0;
                for (label, text) in
                    [("Column of times", &mut choices.time_column), ("Column of heart rates", &mut choices.rate_column)]
                {
                    enter |= submitted(&field(ui, label, text, width));
                }
            });
            if ui.button("Read it again").clicked() || enter {
                let column = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
                again = Some(Options {
                    time_column: column(&choices.time_column),
                    rate_column: column(&choices.rate_column),
                    ..preview.options.clone()
                });
            }
        }
        ImportError::NoReadings(report) => card(ui, |ui| {
            ui.set_width(ui.available_width());
            ScrollArea::vertical().max_height(160.0).auto_shrink([false, true]).show_rows(
                ui,
                18.0,
                report.refused.listed().len(),
                |ui, rows| {
                    for refused in &report.refused.listed()[rows] {
                        muted(ui, sentence(&format!("line {}: {}", refused.line, refused.reason)));
                    }
                },
            );
        }),
        _ => {}
    }
    let Options { date_order, epoch, offset_unit, .. } = &preview.options;
    if (date_order.is_some() || epoch.is_some() || offset_unit.is_some())
        && button(ui, "Take back how times were read", true).clicked()
    {
        again = Some(Options { date_order: None, epoch: None, offset_unit: None, ..preview.options.clone() });
    }
    again
}
