//! Server: what it holds, what it was asked and answered, and what it could see. Everything shown here is
//! what really passed between the two threads.

use egui::{FontId, RichText, Ui};
use jiff::Timestamp;

use crate::client::ServerInventory;
use crate::protocol::{Direction, FrameKind, LogEntry, Passed, Subject};
use crate::session::WrongKeyView;
use crate::ui::charts::scatter::scatter_ui;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::save::Saving;
use crate::ui::model::Model;
use crate::ui::pages::bytes_view::BytesView;
use crate::ui::pages::{compare, sceptic};
use crate::ui::theme::{palette, semibold};
use crate::ui::widgets::columns::{Column, cells_ui, head_ui, number, words};
use crate::ui::widgets::kit::{Side, fact, full_card, gap, heading, muted, primary_button, title, two_up};
use crate::ui::widgets::long_list::{LongList, ROW, Touched};
use crate::ui::widgets::numbers::{bytes, counted, grouped, time};
use crate::ui::widgets::words::{one_decimal, week_words};
use crate::vault::ServerKind;

const LOG_ROWS: f32 = 10.0;
const COLUMNS: [Column; 6] = [
    number("No.", 0.09),
    words("Time", 0.15),
    words("Direction", 0.16),
    words("What", 0.22),
    words("About", 0.25),
    number("Bytes", 0.13),
];
/// Bytes of a rate as a plain number.
const PLAIN_BYTES: u64 = 2;

/// The messages listed on this page, and the one that is looked at.
#[derive(Default)]
pub(in crate::ui) struct ServerView {
    list: LongList,
    /// Whether the search for the key is to be brought into sight.
    pub(in crate::ui) show_search: bool,
    /// The message that is looked at.
    chosen: Option<u64>,
    bytes: BytesView,
}

pub(in crate::ui) fn server_ui(ui: &mut Ui, ctx: &mut Ctx, view: &mut ServerView) {
    const WIDE: f32 = 760.0;
    heading(ui, "Server");
    muted(ui, place_words(ctx.model));
    // Both as high as the higher, once there is something to show.
    let full = ui.available_width() >= WIDE && ctx.model.inventory.as_ref().is_some_and(|held| held.sheets > 0);
    two_up(ui, WIDE, if full { 330.0 } else { 0.0 }, |ui, side, _| match side {
        Side::Left => inventory_ui(ui, ctx.model),
        Side::Right => wrong_key_ui(ui, ctx.model, view.chosen),
    });
    let asked = std::mem::take(&mut view.show_search);
    full_card(ui, |ui| sceptic::search_ui(ui, ctx.model, asked));
    two_up(ui, WIDE, 0.0, |ui, side, _| match side {
        Side::Left => sceptic::tamper_ui(ui, ctx.model),
        Side::Right => sceptic::encrypt_again_ui(ui, ctx.model, view.chosen),
    });
    if full_card(ui, |ui| traffic_ui(ui, ctx.model, view)) {
        ctx.act(Action::Save(Saving::Log));
    }
}

/// Where the server is, and what it says of itself.
fn place_words(model: &Model) -> String {
    let peer = model.server.as_ref().and_then(|server| server.peer);
    let what = match model.settings.server.kind {
        ServerKind::Thread => "The server is a thread of this program.",
        ServerKind::Process => "The server is a program of its own on this computer.",
        ServerKind::Command => "The server is what your command has started.",
    };
    let met = peer.map_or_else(String::new, |peer| {
        let (greeting, away) = (&peer.greeting, time(peer.round_trip));
        format!(" Veilbeat {}, {away} away, sandbox: {}.", greeting.version, greeting.sandbox.words())
    });
    format!("{what}{met} It has no key. Only the messages below pass between it and the part that has one.")
}

/// Shows the server's inventory, and how large it is beside the same as plain numbers.
fn inventory_ui(ui: &mut Ui, model: &Model) {
    title(ui, "What it holds");
    let Some(inventory) = model.inventory.as_ref().filter(|inventory| inventory.sheets > 0) else {
        muted(ui, "Nothing yet. Readings are sent to it, encrypted, before it is asked to add them up");
        return;
    };
    let ServerInventory { weeks, readings, sheets, bytes: size, columns, to_drop } = inventory;
    let plain = readings * PLAIN_BYTES;
    fact(ui, "Sheets", format!("{}, one for each week and kind", grouped(*sheets)));
    let each = bytes(*size / (*weeks).max(1));
    fact(ui, "Encrypted", format!("{}, {each} a week whatever was measured", bytes(*size)));
    fact(ui, "Plain", format!("{} at {PLAIN_BYTES} bytes a reading", bytes(plain)));
    gap(ui, 0.5);
    // The columns of the hours are alike.
    let mut hours = (0, 0);
    for column in columns {
        if column.column.name().starts_with("hour") {
            hours = (hours.0 + 1, hours.1 + column.bytes);
            continue;
        }
        let words = format!("{} in {}", bytes(column.bytes), counted(column.sheets, "sheet", "sheets"));
        fact(ui, column.column.name(), words);
    }
    if hours.0 > 0 {
        fact(ui, "hours", format!("{} in {} columns", bytes(hours.1), hours.0));
    }
    gap(ui, 0.5);
    muted(
        ui,
        format!(
            "It does not know that these are {}: every sheet has the same size, and an empty week looks like a full one.",
            counted(*readings, "reading", "readings")
        ),
    );
    if *to_drop > 0 {
        let words = counted(*to_drop, "sheet is out of date and is", "sheets are out of date and are");
        muted(ui, format!("{words} dropped with the next question"));
    }
}

/// A sheet opened with a wrong key, beside what is in it.
fn wrong_key_ui(ui: &mut Ui, model: &mut Model, chosen: Option<u64>) {
    title(ui, "What could it see?");
    let put = |entry: &LogEntry| entry.kind == FrameKind::Put;
    let chosen = chosen.filter(|number| model.log().entry(*number).as_ref().is_some_and(put));
    match &model.wrong_key {
        None => {
            ui.label("Without your key, a sheet can only be opened with a wrong one. Try it: the program makes a fresh key, as someone who guesses would, and opens what was really sent.");
        }
        Some(Err(why)) => {
            ui.label(RichText::new(why).color(palette(ui).heart));
        }
        Some(Ok(view)) => opened_ui(ui, view),
    }
    gap(ui, 0.5);
    let verb = match (chosen, &model.wrong_key) {
        (Some(number), _) => format!("Try a wrong key on message {}", grouped(number)),
        (None, Some(Ok(_))) => "Try another wrong key".to_owned(),
        (None, _) => "Try a wrong key".to_owned(),
    };
    let sent = model.log().newest_of(FrameKind::Put).is_some();
    if primary_button(ui, &verb, sent).clicked() {
        model.try_wrong_key(chosen);
    }
    if !sent {
        muted(ui, "Nothing has been sent yet");
    }
}

fn opened_ui(ui: &mut Ui, view: &WrongKeyView) {
    let colours = palette(ui);
    let wrong: Vec<f64> = view.wrong.iter().map(|&slot| slot as f64 / 100.0).collect();
    muted(ui, format!("Sheet {}, sent in message {}", grouped(view.sheet.0.into()), grouped(view.message)));
    let half = (ui.available_width() - 16.0) / 2.0;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (name, values, mean, colour, top) in [
            ("You see", &view.real_bpm, view.real_mean_bpm(), colours.data, 200.0),
            ("A wrong key shows", &wrong, view.wrong_mean_bpm(), colours.heart, WrongKeyView::MOST_BPM),
        ] {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                muted(ui, name);
                let about = format!("{name}: {} values, {} bpm on average", values.len(), one_decimal(Some(mean)));
                scatter_ui(ui, half, values, top, colour, &about);
                ui.label(RichText::new(format!("{} bpm", mean_words(mean))).font(semibold(15.0)));
                muted(ui, counted(values.len() as u64, "value", "values"));
            });
        }
    });
    muted(
        ui,
        format!(
            "{}. {:.1} % of the encrypted bits are ones, as with coin tosses. Another wrong key shows other noise.",
            crate::ui::widgets::numbers::sentence(&week_words(view.week.week)),
            view.ones * 100.0
        ),
    );
}

fn mean_words(mean: f64) -> String {
    if mean < 1_000.0 { one_decimal(Some(mean)) } else { grouped(mean as u64) }
}

/// The log of messages, and the one that is chosen. Returns whether the log is to be saved.
fn traffic_ui(ui: &mut Ui, model: &Model, view: &mut ServerView) -> bool {
    let log = model.log().clone();
    let wanted = if log.is_empty() {
        title(ui, "Messages");
        false
    } else {
        compare::title_and_save(ui, "Messages")
    };
    let passed = |direction| {
        let Passed { frames, bytes: size } = log.passed(direction);
        format!("{}, {}", counted(frames, "message", "messages"), bytes(size))
    };
    let rows = log.len();
    if rows == 0 {
        muted(ui, "None yet. The first question about your readings will be listed here, message by message");
        return false;
    }
    muted(ui, format!("To the server {}; back {}", passed(Direction::ToServer), passed(Direction::FromServer)));
    head_ui(ui, &COLUMNS);
    let colours = palette(ui);
    let chosen = view.chosen;
    let zone = model.settings.zone();
    let body = FontId::proportional(14.0);
    let number_of = |row: usize| log.newest(row).map(|entry| entry.number);
    let (_, touched) = view.list.show(
        ui,
        "Messages, newest first",
        (rows, LOG_ROWS * ROW),
        |row| chosen.is_some() && number_of(row) == chosen,
        |ui, index, row| {
            let Some(entry) = log.newest(row) else { return String::new() };
            let cells = cells(&entry, &zone);
            let (ink, muted) = (colours.ink, colours.muted);
            let way = if entry.direction == Direction::ToServer { colours.data } else { ink };
            cells_ui(ui, index, &COLUMNS, &cells, &body, [muted, muted, way, ink, ink, ink]);
            cells.join(", ")
        },
    );
    if let Some(Touched::Chosen(row, _) | Touched::Opened(row)) = touched {
        view.chosen = number_of(row);
    }
    gap(ui, 0.5);
    match view.chosen.and_then(|number| log.entry(number)) {
        None => {
            muted(ui, "Choose a message to see its bytes and what they mean");
        }
        Some(LogEntry { number, frame: Some(frame), .. }) => view.bytes.show(ui, number, &frame),
        Some(_) => {
            muted(
                ui,
                "The bytes of this message are no longer kept: only those of the newest 4 MiB in each direction are",
            );
        }
    }
    wanted
}

fn cells(entry: &LogEntry, zone: &jiff::tz::TimeZone) -> [String; 6] {
    let at = Timestamp::from_millisecond(entry.at_ms).unwrap_or_default().to_zoned(zone.clone());
    let about = match entry.subject {
        Subject { sheet: Some(sheet), .. } => format!("sheet {}", grouped(sheet.0.into())),
        Subject { request: Some(request), index: Some(index), .. } => {
            format!("request {}, sum {}", grouped(request.0.into()), grouped(index.into()))
        }
        Subject { request: Some(request), .. } => format!("request {}", grouped(request.0.into())),
        Subject { .. } => String::new(),
    };
    [
        grouped(entry.number),
        format!("{:02}:{:02}:{:02}.{:03}", at.hour(), at.minute(), at.second(), at.millisecond()),
        if entry.direction == Direction::ToServer { "→ to server" } else { "← from server" }.to_owned(),
        entry.kind.name().to_owned(),
        about,
        grouped(entry.len as u64),
    ]
}
