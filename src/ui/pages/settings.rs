//! Settings: the look, and the zone of times that name no place.

use egui::Ui;
use jiff::tz::TimeZone;

use crate::reading::WeekStart;
use crate::statistics::Weighting;
use crate::ui::context::Ctx;
use crate::ui::pages::parameters;
use crate::ui::pages::server_settings::{self, ServerForm};
use crate::ui::pages::zone_settings;
use crate::ui::pages::zone_settings::ZoneForm;
use crate::ui::theme::{self};
use crate::ui::widgets::dates;
use crate::ui::widgets::kit::{error_text, field, full_card, heading, muted, segmented, title};
use crate::vault::{Clock, DateOrder, Theme};

/// The text typed on the page.
#[derive(Default)]
pub(in crate::ui) struct SettingsPage {
    pub(in crate::ui) zone: String,
    zones: Option<ZoneForm>,
    server: ServerForm,
}

pub(in crate::ui) fn settings_ui(ui: &mut Ui, ctx: &mut Ctx, page: &mut SettingsPage) {
    heading(ui, "Settings");
    full_card(ui, |ui| {
        title(ui, "Look");
        let options = Theme::ALL.map(|theme| (theme, theme.name()));
        if segmented(ui, &mut ctx.model.settings.theme, &options) {
            theme::choose(ui.ctx(), ctx.model.settings.theme);
            ctx.model.save_settings();
        }
        muted(ui, "System follows your desktop's theme. X11 does not report one, so it is light there");
    });
    full_card(ui, |ui| {
        title(ui, "Time zone");
        ui.label(
            "Times without a zone are read as local times in this zone. Readings that you already have stay as they are.",
        );
        let changed = field(ui, "Name, as in Europe/Paris; empty for the system's", &mut page.zone, 320.0).changed();
        let name = page.zone.trim();
        let known = name.is_empty() || TimeZone::get(name).is_ok();
        if changed && known {
            ctx.model.settings.timezone = (!name.is_empty()).then(|| name.to_owned());
            ctx.model.save_settings();
        }
        if known {
            let zone = ctx.model.settings.zone();
            muted(ui, format!("In use: {}", zone.iana_name().unwrap_or("UTC")));
        } else {
            error_text(ui, "No time zone has that name");
        }
    });
    full_card(ui, |ui| {
        title(ui, "Dates and times");
        let settings = &mut ctx.model.settings;
        let mut changed = false;
        muted(ui, "Dates");
        let options = DateOrder::ALL.map(|order| (Some(order), order.name()));
        changed |= segmented(ui, &mut settings.dates, &[&[(None, "System")], &options[..]].concat());
        muted(ui, "Clock");
        let options = Clock::ALL.map(|clock| (Some(clock), clock.name()));
        changed |= segmented(ui, &mut settings.clock, &[&[(None, "System")], &options[..]].concat());
        muted(ui, "Weeks start on");
        let options = WeekStart::ALL.map(|day| (Some(day), day.name()));
        changed |= segmented(ui, &mut settings.weeks, &[&[(None, "System")], &options[..]].concat());
        if changed {
            dates::choose(ctx.model.locale.with(&ctx.model.settings));
            ctx.model.save_settings();
        }
    });
    full_card(ui, |ui| {
        title(ui, "Averages");
        ui.label(
            "Watches measure every few minutes, and every second in a workout. Weighted by time, an hour counts as an hour however often it was measured.",
        );
        let options =
            Weighting::ALL.map(|weighting| (weighting, crate::ui::widgets::numbers::sentence(weighting.words())));
        let options: Vec<_> = options.iter().map(|(weighting, words)| (*weighting, words.as_str())).collect();
        if segmented(ui, &mut ctx.model.settings.weighting, &options) {
            ctx.model.save_settings();
        }
        muted(ui, "Changing this encrypts everything on the server again");
    });
    full_card(ui, |ui| {
        zone_settings::zones_ui(ui, ctx.model, &mut page.zones);
    });
    full_card(ui, |ui| {
        parameters::parameters_ui(ui, ctx.model);
    });
    full_card(ui, |ui| {
        server_settings::server_settings_ui(ui, ctx.model, &mut page.server);
    });
}
