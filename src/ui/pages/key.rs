//! The key: where it is, how it is kept, and what can be done with it.

use egui::Ui;

use crate::session::KeyFacts;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::key::{Form, KeyDialog, has_passphrase};
use crate::ui::model::Phase;
use crate::ui::widgets::danger::danger_button;
use crate::ui::widgets::kit::{Secret, button, fact, full_card, gap, heading, muted, primary_button, title};
use crate::ui::widgets::numbers::counted;

pub(in crate::ui) fn key_ui(ui: &mut Ui, ctx: &mut Ctx) {
    heading(ui, "Key");
    for content in [kept_ui, restore_ui, rotate_ui, delete_ui] {
        full_card(ui, |ui| {
            content(ui, ctx);
        });
    }
}

fn kept_ui(ui: &mut Ui, ctx: &mut Ctx) {
    title(ui, "Your key");
    let Phase::Open(id) = ctx.model.phase else { return };
    let (locked, backed_up) = (has_passphrase(ctx.model), ctx.model.is_backed_up());
    fact(ui, "Kept in", ctx.home.key_file().display().to_string());
    fact(ui, "Public id", id.to_string());
    fact(
        ui,
        "Passphrase",
        if locked { "Set: the file alone opens nothing" } else { "None: whoever can read the file has the key" },
    );
    fact(
        ui,
        "Backup",
        if backed_up { "Made and checked" } else { "None yet. If this computer is lost, so are your readings" },
    );
    gap(ui, 0.5);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let words = if backed_up {
            button(ui, "Recovery words…", true)
        } else {
            primary_button(ui, "Write down recovery words…", true)
        };
        if words.clicked() {
            ctx.act(Action::ShowWords);
        }
        let passphrase = if locked { "Change passphrase…" } else { "Set a passphrase…" };
        if button(ui, passphrase, true).clicked() {
            open(ctx, Form::Passphrase { new: Secret::default(), again: Secret::default() });
        }
        if locked && button(ui, "Remove passphrase…", true).clicked() {
            open(ctx, Form::RemovePassphrase);
        }
        if button(ui, "Save a copy…", true).clicked() {
            open(ctx, Form::SaveCopy { path: String::new() });
        }
    });
}

fn open(ctx: &mut Ctx, form: Form) {
    ctx.act(Action::OpenKeyDialog(Box::new(KeyDialog::new(form))));
}

fn restore_ui(ui: &mut Ui, ctx: &mut Ctx) {
    title(ui, "Restore");
    ui.label("Restores a key from its recovery words, a copy of its file, or an age backup.");
    if ui.button("Restore a key…").clicked() {
        ctx.act(Action::OpenKeyDialog(Box::new(KeyDialog::restore())));
    }
}

fn rotate_ui(ui: &mut Ui, ctx: &mut Ctx) {
    title(ui, "New key");
    ui.label("If somebody may have seen your key, create a new one: all readings are sealed again under it.");
    if ui.button("Create a new key…").clicked() {
        open(ctx, Form::Rotate);
    }
    let old = ctx.model.key.as_ref().map(|key| key.old_keys.clone()).unwrap_or_default();
    if old.is_empty() {
        return;
    }
    gap(ui, 0.5);
    muted(ui, "Earlier keys, kept until you delete them");
    for file in old {
        ui.horizontal(|ui| {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let delete = ui.button("Delete…");
            delete.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), format!("Delete {name}…"))
            });
            if delete.clicked() {
                open(ctx, Form::DeleteOldKey(file.clone()));
            }
            ui.label(name).on_hover_text(file.display().to_string());
        });
    }
}

fn delete_ui(ui: &mut Ui, ctx: &mut Ctx) {
    title(ui, "Delete");
    ui.label("Removes everything from this computer, for good");
    fact(
        ui,
        "Readings",
        format!(
            "{}, with notes and all that can be undone",
            counted(ctx.model.readings.len() as u64, "reading", "readings")
        ),
    );
    if let Some(KeyFacts { old_keys, files, .. }) = &ctx.model.key {
        let earlier = match old_keys.len() as u64 {
            0 => String::new(),
            old => format!(", and {}", counted(old, "earlier one", "earlier ones")),
        };
        fact(
            ui,
            "Keys",
            format!("Your key{earlier}: backups and bundles stay closed without its recovery words or a copy"),
        );
        fact(ui, "Settings", "All of them, and what is known of exports and questions");
        fact(
            ui,
            "Files",
            format!(
                "{}, each of which is named before anything is deleted",
                counted(files.len() as u64, "file", "files")
            ),
        );
    }
    gap(ui, 0.5);
    if danger_button(ui, "Delete all my data…", true).clicked() {
        open(ctx, Form::DeleteAll { typed: String::new() });
    }
}
