//! The form in which a reading is typed in, or changed.

use egui::{Key, Ui};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::import::{EntryError, read_entry};
use crate::reading::{Reading, Readings};
use crate::ui::context::Ctx;
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{button, error_text, field, gap, muted, primary_button, submitted, title};

/// The text typed into the form.
#[derive(Clone, Default)]
pub(in crate::ui) struct EntryFields {
    date: String,
    time: String,
    rate: String,
    note: String,
    /// Whether the person has chosen the time; otherwise it is that of the clock.
    timed: bool,
    /// Whether date or time were touched.
    retimed: bool,
    /// The reading that is being changed, if one is, and where its time is local.
    editing: Option<(Reading, TimeZone)>,
    /// Shown only once a person has tried to add the reading.
    error: Option<EntryError>,
}

impl EntryFields {
    /// The reading that is typed, its date in ISO 8601 or in the forms of this window.
    fn read(&self, zone: &TimeZone) -> Result<Reading, EntryError> {
        let date = dates::parse(&self.date).map_or_else(|| self.date.clone(), |date| date.to_string());
        read_entry(&date, &self.time, &self.rate, &self.note, zone)
    }

    /// Whether what is typed is a reading of a time that has yet to come.
    fn is_in_future(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let zone = self.editing.as_ref().map_or(zone, |(_, zone)| zone);
        self.read(zone).is_ok_and(|reading| reading.instant_ms > now.as_millisecond())
    }
}

/// The form.
#[derive(Default)]
pub(in crate::ui) struct EntryForm {
    entry: EntryFields,
    /// The fields that were sent, until they are known to be kept.
    sent: Option<EntryFields>,
    /// Whether the field of the rate is to take the keyboard.
    rate_focused: bool,
    /// The state of the readings that it was last compared with.
    revision: u64,
}

impl EntryForm {
    /// Puts a reading into the form, to be changed.
    pub(in crate::ui) fn edit(&mut self, reading: Reading, zone: &TimeZone) {
        self.rate_focused = true;
        let civil = reading.civil();
        // Where the person is, summer time is theirs; elsewhere the reading's own offset stays.
        let here = zone.to_offset(Timestamp::from_millisecond(reading.instant_ms).unwrap_or_default());
        let own = Offset::from_seconds(reading.offset_secs).unwrap_or(Offset::UTC);
        self.entry = EntryFields {
            date: dates::date(civil.date()),
            time: time_words(civil.time()),
            rate: reading.rate.to_string(),
            note: reading.note.as_deref().unwrap_or_default().to_owned(),
            timed: true,
            retimed: false,
            editing: Some((reading, if here == own { zone.clone() } else { own.to_time_zone() })),
            error: None,
        };
    }

    /// Leaves a reading that was deleted while it was being changed.
    fn forget_what_is_gone(&mut self, revision: u64, readings: &Readings) {
        if std::mem::replace(&mut self.revision, revision) != revision
            && self.entry.editing.as_ref().is_some_and(|(reading, _)| !readings.contains(reading))
        {
            self.entry = EntryFields::default();
        }
    }

    /// Lets a new reading be typed, its rate first.
    pub(in crate::ui) fn begin(&mut self) {
        if self.entry.editing.is_some() {
            self.entry = EntryFields::default();
        }
        self.rate_focused = true;
    }

    /// Takes note of whether what was sent was kept. If not, it can be sent again.
    pub(in crate::ui) fn hear(&mut self, kept: bool) {
        let sent = self.sent.take().filter(|_| !kept);
        if let Some(sent) = sent
            && self.entry.rate.is_empty()
            && self.entry.editing.is_none()
        {
            self.entry = sent;
        }
    }
}

/// A time as it can be typed, no longer than it need be.
fn time_words(time: jiff::civil::Time) -> String {
    let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
    match (time.second(), time.millisecond()) {
        (0, 0) => minutes,
        (second, 0) => format!("{minutes}:{second:02}"),
        (second, ms) => format!("{minutes}:{second:02}.{ms:03}"),
    }
}

pub(in crate::ui) fn entry_ui(ui: &mut Ui, ctx: &mut Ctx, form: &mut EntryForm, width: f32) {
    let zone = ctx.model.settings.zone();
    let now = ctx.now;
    form.forget_what_is_gone(ctx.model.revision, &ctx.model.readings);
    let EntryForm { entry, rate_focused, .. } = &mut *form;
    if !entry.timed {
        let now = now().to_zoned(zone.clone());
        entry.date = dates::date(now.date());
        entry.time = dates::clock(dates::minutes_of(now.datetime()));
    }
    title(ui, if entry.editing.is_some() { "Change a reading" } else { "Add a reading" });
    let half = (width - 16.0) / 2.0;
    let mut enter = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (label, text) in [("Date", &mut entry.date), ("Time", &mut entry.time)] {
            let field = field(ui, label, text, half);
            entry.timed |= field.changed();
            entry.retimed |= field.changed();
            enter |= submitted(&field);
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        let rate = field(ui, "Heart rate, bpm", &mut entry.rate, half);
        if std::mem::take(rate_focused) {
            rate.request_focus();
            rate.scroll_to_me(None);
        }
        enter |= submitted(&rate);
        enter |= submitted(&field(ui, "Note (optional)", &mut entry.note, half));
    });
    if form.entry.timed && form.entry.is_in_future(now(), &zone) {
        muted(ui, "This time is in the future");
    }
    gap(ui, 0.5);
    ui.horizontal(|ui| {
        let verb = if form.entry.editing.is_some() { "Save change" } else { "Add reading" };
        if primary_button(ui, verb, true).clicked() || enter {
            send(ctx, form, &zone);
            // The next one can be typed at once, or this one mended.
            form.rate_focused = true;
        }
        let entry = &mut form.entry;
        let escaped = || !ctx.has_dialog && ui.input(|input| input.key_pressed(Key::Escape));
        if entry.editing.is_some() && (escaped() || button(ui, "Cancel", true).clicked()) {
            *entry = EntryFields::default();
        }
        if let Some(error) = entry.error {
            error_text(ui, error.to_string());
        }
    });
}

/// Sends what is typed, if it is a reading.
fn send(ctx: &mut Ctx, form: &mut EntryForm, zone: &TimeZone) {
    let EntryForm { entry, sent, .. } = form;
    let zone = entry.editing.as_ref().map_or(zone, |(_, zone)| zone);
    match entry.read(zone) {
        Ok(read) => {
            entry.error = None;
            let typed = std::mem::take(entry);
            let editing = typed.editing.clone();
            let retimed = typed.retimed;
            *sent = Some(typed);
            match editing {
                Some((old, _)) => {
                    let mut new = Reading { kind: old.kind, source: old.source, ..read };
                    // An hour that occurs twice is written alike: what was not touched stays what it was.
                    if !retimed {
                        (new.instant_ms, new.offset_secs) = (old.instant_ms, old.offset_secs);
                    }
                    ctx.model.edit(old, new);
                }
                None => ctx.model.add(read),
            }
        }
        Err(error) => entry.error = Some(error),
    }
}
