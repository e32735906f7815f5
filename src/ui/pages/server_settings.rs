//! Settings → Server: where the server is, whether it can be reached, and what it keeps.

use egui::Ui;

use crate::session::{Command, ServerFacts};
use crate::ui::model::Model;
use crate::ui::widgets::kit::{button, error_text, fact, field, gap, muted, segmented, title};
use crate::ui::widgets::numbers::{bytes, counted, sentence, time};
use crate::vault::{ServerKind, ServerSettings};

/// The card's own state: the command as it is typed, and whether forgetting was asked for once.
#[derive(Default)]
pub(in crate::ui) struct ServerForm {
    command: Option<String>,
    forgetting: bool,
}

pub(in crate::ui) fn server_settings_ui(ui: &mut Ui, model: &mut Model, form: &mut ServerForm) {
    title(ui, "Server");
    ui.label("The server adds up encrypted readings and cannot read any. Choose where it is.");
    let options = ServerKind::ALL.map(|kind| (kind, kind.words()));
    let mut kind = model.settings.server.kind;
    if segmented(ui, &mut kind, &options) {
        model.use_server(kind);
    }
    let chosen = model.settings.server.kind;
    match chosen {
        ServerKind::Thread => muted(ui, "It forgets everything when Veilbeat is closed"),
        ServerKind::Process => muted(
            ui,
            "It can open no files where the system can see to that, and forgets everything when Veilbeat is closed",
        ),
        ServerKind::Command => {
            let command = form.command.get_or_insert_with(|| model.settings.server.command.clone());
            field(ui, "Command, as in: ssh -T -o BatchMode=yes nas veilbeat serve --store heart", command, 480.0);
            muted(
                ui,
                "It is split into words and not given to a shell. What has to be typed in, ssh asks in a terminal",
            )
        }
    };
    let typed = form.command.clone().unwrap_or_else(|| model.settings.server.command.clone());
    let is_new = chosen == ServerKind::Command && typed != model.settings.server.command;
    if chosen != ServerKind::Thread {
        ui.horizontal(|ui| {
            if button(
                ui,
                "Test the connection",
                !(model.is_busy() || chosen == ServerKind::Command && typed.trim().is_empty()),
            )
            .clicked()
            {
                if is_new {
                    model.settings.server = ServerSettings::command(typed.trim());
                    model.save_settings();
                }
                model.with_server(Command::TestServer);
            }
            if is_new {
                muted(ui, "Testing it puts the new command to use");
            }
        });
        gap(ui, 0.5);
        facts_ui(ui, model, form);
    }
}

/// Shows who the server is and what it keeps, or why it cannot be reached.
fn facts_ui(ui: &mut Ui, model: &mut Model, form: &mut ServerForm) {
    let Some(ServerFacts { peer, trouble, .. }) = model.server.clone() else { return };
    if let Some(trouble) = trouble {
        error_text(ui, sentence(&trouble));
    }
    let Some(peer) = peer else { return };
    let greeting = peer.greeting;
    fact(ui, "Program", format!("Veilbeat {}", greeting.version));
    fact(ui, "Round trip", time(peer.round_trip));
    fact(ui, "Sandbox", greeting.sandbox.words());
    let now = model.inventory.as_ref();
    let (sheets, size) = now.map_or((u64::from(greeting.sheets), greeting.bytes), |now| (now.sheets, now.bytes));
    fact(ui, "Holds", format!("{}, {}", counted(sheets, "sheet", "sheets"), bytes(size)));
    fact(ui, "Keeps it", if greeting.kept { "until it is forgotten" } else { "until Veilbeat is closed" });
    if !greeting.kept {
        return;
    }
    if form.forgetting {
        ui.label("Everything is sent again with the next question.");
        ui.horizontal(|ui| {
            if button(ui, "Forget it now", !model.is_busy()).clicked() {
                form.forgetting = false;
                model.with_server(Command::ForgetServer);
            }
            if button(ui, "Keep it", true).clicked() {
                form.forgetting = false;
            }
        });
    } else if button(ui, "Forget everything there…", true).clicked() {
        form.forgetting = true;
    }
}
