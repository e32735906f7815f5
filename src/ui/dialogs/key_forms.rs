//! The forms of the key dialog. Each returns whether it stays open.

use std::path::PathBuf;

use egui::{Align, Button, Layout, RichText, Ui, vec2};

use crate::session::{Command, RestoreFrom};
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::dialog::{buttons_ui, danger_buttons_ui};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::dialogs::key::{Form, KeyDialog, Words, has_passphrase};
use crate::ui::theme::{medium, palette};
use crate::ui::widgets::kit::{Secret, field, forget_typing, labelled, muted, secret_field, segmented, submitted};
use crate::ui::widgets::numbers::counted;
use crate::vault::RecoveryWords;

/// The words that must be typed to delete everything.
const CONFIRMATION: &str = "delete my data";

pub(in crate::ui) fn form_ui(ui: &mut Ui, ctx: &mut Ctx, dialog: &mut KeyDialog) -> bool {
    let KeyDialog { form, passphrase, error, .. } = dialog;
    match form {
        Form::Words(words) if words.shown.is_none() => unlock_words_ui(ui, ctx, passphrase),
        Form::Words(words) if words.check.is_some() => check_words_ui(ui, ctx, words, error),
        Form::Words(words) => words_ui(ui, ctx, words),
        Form::Passphrase { new, again } => passphrase_ui(ui, ctx, passphrase, new, again, error),
        Form::RemovePassphrase => remove_passphrase_ui(ui, ctx, passphrase),
        Form::SaveCopy { path } => save_copy_ui(ui, ctx, path),
        Form::Restore { by_words, text, path } => restore_ui(ui, ctx, by_words, text, path, passphrase, error),
        Form::Rotate => rotate_ui(ui, ctx, passphrase),
        Form::DeleteOldKey(path) => delete_old_key_ui(ui, ctx, path),
        Form::DeleteAll { typed } => delete_all_ui(ui, ctx, typed),
    }
}

/// The field for the passphrase that the key has. Returns whether Enter was pressed in it.
fn current_passphrase_ui(ui: &mut Ui, passphrase: &mut Secret) -> bool {
    let width = ui.available_width();
    submitted(&secret_field(ui, "Passphrase", passphrase, width))
}

fn unlock_words_ui(ui: &mut Ui, ctx: &mut Ctx, passphrase: &mut Secret) -> bool {
    if !has_passphrase(ctx.model) {
        if ctx.model.is_busy() {
            muted(ui, "Reading the key…");
        }
        return !buttons_ui(ui, ctx.model.is_busy(), "Show the words", false, false).cancelled;
    }
    ui.label("The words are the key itself, without its passphrase. Make sure that nobody looks over your shoulder.");
    let enter = current_passphrase_ui(ui, passphrase);
    let typed = passphrase.passphrase();
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Show the words", typed.is_some(), enter);
    if buttons.go {
        ctx.model.ask_key(Command::ShowWords(typed));
    }
    !buttons.cancelled
}

fn words_ui(ui: &mut Ui, ctx: &mut Ctx, form: &mut Words) -> bool {
    let Some(words) = &form.shown else { return false };
    ui.label(
        "Write these 24 words down, in this order, on paper. They are your key: whoever has them can read \
         everything that was encrypted with it, and without a copy of the key nobody can.",
    );
    words_grid_ui(ui, words);
    let width = ui.available_width();
    field(ui, "Or save them as a page to print: path of the new file", &mut form.page, width);
    let typed = form.page.trim().to_owned();
    ui.horizontal(|ui| {
        if ui.button("Choose a place…").clicked() {
            ctx.act(Action::ChooseFile(FilePurpose::WordsPage));
        }
        if ui.add_enabled(!typed.is_empty(), Button::new("Save the page")).clicked() {
            ctx.model.ask_key(Command::SaveWordsPage(typed.into(), words.clone()));
        }
    });
    if let Some(saved) = &form.saved {
        ui.label(format!("Saved as {}. Print it, and delete the file", saved.display()));
    }
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "I have written them down", true, false);
    if buttons.go {
        match RecoveryWords::places_to_check() {
            Ok(indices) => form.check = Some((indices, Default::default())),
            Err(_) => return false,
        }
    }
    !buttons.cancelled
}

fn words_grid_ui(ui: &mut Ui, words: &RecoveryWords) {
    let words: Vec<_> = words.words().collect();
    let colours = palette(ui);
    let rows = words.len().div_ceil(3);
    egui::Frame::new().fill(colours.ground).corner_radius(8).inner_margin(12).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing = vec2(0.0, 4.0);
        let width = ui.available_width() / 3.0;
        for row in 0..rows {
            ui.horizontal(|ui| {
                for column in 0..3 {
                    let index = column * rows + row;
                    ui.allocate_ui_with_layout(vec2(width, 20.0), Layout::left_to_right(Align::Center), |ui| {
                        ui.set_min_width(width);
                        let number = egui::Label::new(
                            RichText::new(format!("{:>2}", index + 1)).monospace().small().color(colours.muted),
                        );
                        ui.add(number.selectable(false));
                        ui.add_space(8.0);
                        let word = words.get(index).copied().unwrap_or_default();
                        ui.add(egui::Label::new(RichText::new(word).font(medium(15.0))).selectable(false));
                    });
                }
            });
        }
    });
}

fn check_words_ui(ui: &mut Ui, ctx: &mut Ctx, form: &mut Words, error: &mut Option<String>) -> bool {
    let Words { shown: Some(words), check: Some((indices, typed)), .. } = form else { return false };
    ui.label("This checks that your notes are correct.");
    let mut enter = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let width = (ui.available_width() - 24.0) / 3.0;
        for (index, text) in indices.iter().zip(typed.iter_mut()) {
            enter |= submitted(&field(ui, &format!("Word {}", index + 1), text, width));
        }
    });
    let all = typed.iter().all(|text| !text.trim().is_empty());
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Check", all, enter);
    let mut back = false;
    if ui.link("Show the words again").clicked() {
        back = true;
    }
    if buttons.go {
        if indices.iter().zip(typed.iter()).all(|(&index, text)| words.is_word(index, text)) {
            ctx.model.backed_up();
            ctx.model.notice = Some(crate::ui::notice::Notice::good(
                "Your recovery words are correct; keep them where nobody else looks".into(),
            ));
            return false;
        }
        *error = Some("Those are not the words on the list; look again".into());
    }
    if back {
        (form.check, *error) = (None, None);
    }
    !buttons.cancelled
}

/// A passphrase with fewer letters can be guessed.
const SHORT_CHARS: usize = 10;

fn passphrase_ui(
    ui: &mut Ui,
    ctx: &mut Ctx,
    current: &mut Secret,
    new: &mut Secret,
    again: &mut Secret,
    error: &mut Option<String>,
) -> bool {
    ui.label(
        "With a passphrase, the key file is an age file: whoever copies it needs the passphrase too. Several unrelated \
         words are easy to remember and hard to guess. If you forget it, only the recovery words help.",
    );
    let mut enter = false;
    let width = ui.available_width();
    if has_passphrase(ctx.model) {
        enter |= submitted(&secret_field(ui, "Current passphrase", current, width));
    }
    enter |= submitted(&secret_field(ui, "New passphrase", new, width));
    enter |= submitted(&secret_field(ui, "New passphrase again", again, width));
    if (1..SHORT_CHARS).contains(&new.text().chars().count()) {
        let words = "Short: whoever copies the key file can try all passphrases of this length. Four words are better";
        muted(ui, words);
    }
    let ready = new.passphrase().is_some() && (!has_passphrase(ctx.model) || current.passphrase().is_some());
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Set passphrase", ready, enter);
    if buttons.go {
        if new.text() == again.text() {
            *error = None;
            ctx.model.ask_key(Command::SetPassphrase { current: current.passphrase(), new: new.passphrase() });
        } else {
            *error = Some("The two passphrases differ".into());
        }
    }
    !buttons.cancelled
}

fn remove_passphrase_ui(ui: &mut Ui, ctx: &mut Ctx, current: &mut Secret) -> bool {
    ui.label("Without a passphrase, whoever can read the key file can read everything.");
    let enter = current_passphrase_ui(ui, current);
    let typed = current.passphrase();
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Remove passphrase", typed.is_some(), enter);
    if buttons.go {
        ctx.model.ask_key(Command::SetPassphrase { current: typed, new: None });
    }
    !buttons.cancelled
}

fn save_copy_ui(ui: &mut Ui, ctx: &mut Ctx, path: &mut String) -> bool {
    ui.label(if has_passphrase(ctx.model) {
        "The copy opens with the same passphrase. Keep it on another disk."
    } else {
        "The key has no passphrase: whoever has the copy can read everything. Keep it safe, on another disk."
    });
    let width = ui.available_width();
    let enter = submitted(&field(ui, "Path of the new file", path, width));
    if ui.button("Choose a place…").clicked() {
        ctx.act(Action::ChooseFile(FilePurpose::KeyCopy));
    }
    let typed = path.trim().to_owned();
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Save the copy", !typed.is_empty(), enter);
    if buttons.go {
        ctx.model.ask_key(Command::SaveKeyCopy(typed.into()));
    }
    !buttons.cancelled
}

fn restore_ui(
    ui: &mut Ui,
    ctx: &mut Ctx,
    by_words: &mut bool,
    text: &mut String,
    path: &mut String,
    passphrase: &mut Secret,
    error: &mut Option<String>,
) -> bool {
    segmented(ui, by_words, &[(true, "Recovery words"), (false, "File")]);
    let width = ui.available_width();
    let ready = if *by_words {
        let edit = egui::TextEdit::multiline(text).desired_rows(4).desired_width(width);
        let response = labelled(ui, "The 24 words, in their order", edit);
        forget_typing(ui, response.id);
        !text.trim().is_empty()
    } else {
        field(ui, "Path of a key file, with or without a passphrase, or of a text file with the words", path, width);
        if ui.button("Choose a file…").clicked() {
            ctx.act(Action::ChooseFile(FilePurpose::Key));
        }
        secret_field(ui, "Its passphrase, if it has one", passphrase, width);
        !path.trim().is_empty()
    };
    muted(ui, "Any key that is here now is kept under another name. Readings of another key are not touched");
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Restore", ready, false);
    if buttons.go {
        let from = if *by_words {
            RecoveryWords::read(text).map(RestoreFrom::Words).map_err(|error| error.to_string())
        } else {
            Ok(RestoreFrom::File(PathBuf::from(path.trim()), passphrase.passphrase()))
        };
        match from {
            Ok(from) => {
                *error = None;
                ctx.model.ask_key(Command::Restore(from));
            }
            Err(why) => *error = Some(crate::ui::widgets::numbers::sentence(&why)),
        }
    }
    !buttons.cancelled
}

fn rotate_ui(ui: &mut Ui, ctx: &mut Ctx, passphrase: &mut Secret) -> bool {
    ui.label(
        "Do this when somebody may have seen your key. All readings are sealed with a new key, under the same \
         passphrase if there is one. The old key is kept under a name of its own until you delete it: earlier backups \
         open only with it. The old key's recovery words will not open anything sealed from then on.",
    );
    let needed = has_passphrase(ctx.model);
    let enter = needed && current_passphrase_ui(ui, passphrase);
    let ready = !needed || passphrase.passphrase().is_some();
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Create a new key", ready, enter);
    if buttons.go {
        ctx.model.ask_key(Command::Rotate(passphrase.passphrase()));
    }
    !buttons.cancelled
}

fn delete_old_key_ui(ui: &mut Ui, ctx: &mut Ctx, path: &std::path::Path) -> bool {
    ui.label(format!(
        "This deletes {}. Anything that was encrypted with that key only, such as earlier backups, cannot be opened \
         any more unless you have another copy of the key.",
        path.display()
    ));
    let buttons = buttons_ui(ui, ctx.model.is_busy(), "Delete the old key", true, false);
    if buttons.go {
        ctx.model.ask_key(Command::DeleteOldKey(path.to_owned()));
    }
    !buttons.cancelled
}

fn delete_all_ui(ui: &mut Ui, ctx: &mut Ctx, typed: &mut String) -> bool {
    let readings = counted(ctx.model.readings.len() as u64, "reading", "readings");
    ui.label(format!(
        "This deletes {readings}, your key and your settings for good. Undo cannot bring them back. These files are \
         deleted"
    ));
    for file in ctx.model.key.iter().flat_map(|key| &key.files) {
        muted(ui, file.display().to_string());
    }
    muted(ui, "Copies that you have made elsewhere, and backups that this computer makes of itself, are not touched");
    let width = ui.available_width();
    let enter = submitted(&field(ui, &format!("To continue, type: {CONFIRMATION}"), typed, width));
    let confirmed = typed.trim().eq_ignore_ascii_case(CONFIRMATION);
    let buttons = danger_buttons_ui(ui, ctx.model.is_busy(), "Delete everything", confirmed, enter);
    if buttons.go {
        ctx.model.ask_key(Command::DeleteAll);
    }
    !buttons.cancelled
}
