//! The dialogs about the key: one at a time, over the page.

use std::path::{Path, PathBuf};

use egui::{Id, Ui};
use zeroize::Zeroizing;

use crate::session::{Command, KeyOutcome};
use crate::ui::context::Ctx;
use crate::ui::dialogs::key_forms;
use crate::ui::model::{Model, Phase};
use crate::ui::notice::Notice;
use crate::ui::widgets::kit::{Secret, error_text, focus_next_field};
use crate::ui::widgets::numbers::counted;
use crate::vault::{Protection, RecoveryWords, WAS_IN_THE_CLEAR};

pub(in crate::ui) const WIDTH: f32 = 520.0;

/// Words that a person is writing down.
#[derive(Default)]
pub(in crate::ui) struct Words {
    /// Once the key is open.
    pub(in crate::ui) shown: Option<RecoveryWords>,
    /// Once they say that they have written them down: the places asked for, and what they typed.
    pub(in crate::ui) check: Option<([usize; 3], [Zeroizing<String>; 3])>,
    pub(in crate::ui) page: String,
    pub(in crate::ui) saved: Option<PathBuf>,
}

/// The form that the dialog shows.
pub(in crate::ui) enum Form {
    Words(Words),
    Passphrase { new: Secret, again: Secret },
    RemovePassphrase,
    SaveCopy { path: String },
    Restore { by_words: bool, text: Zeroizing<String>, path: String },
    Rotate,
    DeleteOldKey(PathBuf),
    DeleteAll { typed: String },
}

/// The dialog.
pub(in crate::ui) struct KeyDialog {
    pub(in crate::ui) form: Form,
    /// The passphrase that the key has.
    pub(in crate::ui) passphrase: Secret,
    pub(in crate::ui) error: Option<String>,
    /// Not shown yet: its first field takes the keyboard.
    fresh: bool,
}

impl KeyDialog {
    pub(in crate::ui) fn new(form: Form) -> Self {
        Self { form, passphrase: Secret::default(), error: None, fresh: true }
    }

    pub(in crate::ui) fn restore() -> Self {
        let text = Zeroizing::new(String::with_capacity(1024));
        Self::new(Form::Restore { by_words: true, text, path: String::new() })
    }

    /// The dialog of the recovery words; without a passphrase they are shown at once.
    pub(in crate::ui) fn words(model: &mut Model) -> Self {
        if !has_passphrase(model) {
            model.ask_key(Command::ShowWords(None));
        }
        Self::new(Form::Words(Words::default()))
    }

    /// A file was chosen for the dialog that is open.
    pub(in crate::ui) fn picked(dialog: &mut Option<Self>, chosen: &Path) {
        if let Some(Self { form: Form::Restore { path, .. }, .. }) = dialog {
            *path = chosen.display().to_string();
        }
    }

    /// Saves the words that are shown as a page.
    pub(in crate::ui) fn save_words(&self, model: &mut Model, path: PathBuf) {
        if let Form::Words(Words { shown: Some(words), .. }) = &self.form {
            model.ask_key(Command::SaveWordsPage(path, words.clone()));
        }
    }

    /// Takes note of what the last command about the key came to. Says whether everything was deleted.
    pub(in crate::ui) fn hear(
        dialog: &mut Option<Self>,
        model: &mut Model,
        outcome: Result<KeyOutcome, String>,
    ) -> bool {
        let outcome = match (outcome, &mut *dialog) {
            (Ok(outcome), _) => outcome,
            (Err(why), Some(dialog)) => {
                dialog.error = Some(why);
                return false;
            }
            (Err(why), None) => {
                model.notice = Some(Notice::bad(&why));
                return false;
            }
        };
        let said = match (outcome, &mut *dialog) {
            (KeyOutcome::Words(words), Some(Self { form: Form::Words(form), error, .. })) => {
                (form.shown, *error) = (Some(words), None);
                return false;
            }
            // The dialog was closed meanwhile.
            (KeyOutcome::Words(_), _) => return false,
            (KeyOutcome::Saved(path), Some(Self { form: Form::Words(form), error, .. })) => {
                (form.saved, *error) = (Some(path), None);
                return false;
            }
            (KeyOutcome::Saved(path), _) => {
                model.backed_up();
                format!("Saved a copy of the key as {}; keep it on another disk", path.display())
            }
            (KeyOutcome::PassphraseSet(Protection::Passphrase), dialog) => {
                let had_none = dialog.as_ref().is_some_and(|dialog| dialog.passphrase.passphrase().is_none());
                let clear_until_now = if had_none {
                    format!(". {WAS_IN_THE_CLEAR}: choose “Create a new key…” below")
                } else {
                    String::new()
                };
                let clear = model.key.as_ref().map_or(0, |key| key.old_in_the_clear);
                let old = match clear {
                    0 => String::new(),
                    clear => format!(
                        ". It does not protect {}: see below, and delete what you no longer need",
                        counted(clear as u64, "earlier key", "earlier keys")
                    ),
                };
                format!("From now on, the key opens with your passphrase only{old}{clear_until_now}")
            }
            (KeyOutcome::PassphraseSet(Protection::None), _) => "The key no longer has a passphrase".to_owned(),
            (KeyOutcome::Restored(kept), form) => {
                // Whoever typed the words has them.
                if let Some(Self { form: Form::Restore { by_words: true, .. }, .. }) = form {
                    model.backed_up();
                }
                let kept = kept.map_or_else(String::new, |kept| {
                    format!("; the file that was there is kept as {}", kept.display())
                });
                let bare = if has_passphrase(model) { "" } else { ". It has no passphrase: you can set one here" };
                format!("The key is back in its place{kept}{bare}")
            }
            (KeyOutcome::Rotated(kept), _) => {
                let kept = kept.map_or_else(String::new, |kept| format!("; the old key is kept as {}", kept.display()));
                format!("Everything is now sealed with a new key{kept}. Make a backup of the new key")
            }
            (KeyOutcome::OldKeyDeleted(path), _) => format!("Deleted {}", path.display()),
            // What follows is the first start, which says enough.
            (KeyOutcome::AllDeleted(_), _) => return true,
        };
        model.notice = Some(Notice::good(said));
        *dialog = None;
        false
    }

    /// Shows the dialog, if there is one.
    pub(in crate::ui) fn show(ui: &Ui, ctx: &mut Ctx, open: &mut Option<Self>) {
        let Some(mut dialog) = open.take() else { return };
        if std::mem::take(&mut dialog.fresh) {
            focus_next_field(ui);
        }
        let title = dialog.title();
        let (stays, closed) =
            crate::ui::dialogs::dialog::dialog(ui, Id::unique(("key dialog", title)), WIDTH, title, |ui| {
                let stays = key_forms::form_ui(ui, ctx, &mut dialog);
                if let Some(error) = &dialog.error {
                    error_text(ui, error);
                }
                stays
            });
        // A command may have been sent: its outcome is for this dialog.
        if stays && !closed {
            *open = Some(dialog);
        }
    }

    fn title(&self) -> &'static str {
        match self.form {
            Form::Words(Words { check: Some(_), .. }) => "Type three of the words",
            Form::Words(_) => "Recovery words",
            Form::Passphrase { .. } => "Passphrase of the key",
            Form::RemovePassphrase => "Remove the passphrase",
            Form::SaveCopy { .. } => "Save a copy of the key",
            Form::Restore { .. } => "Restore a key",
            Form::Rotate => "New key",
            Form::DeleteOldKey(_) => "Delete an old key",
            Form::DeleteAll { .. } => "Delete all my data",
        }
    }
}

/// Whether the key that is open has a passphrase.
pub(in crate::ui) fn has_passphrase(model: &Model) -> bool {
    matches!(model.phase, Phase::Open(_))
        && model.key.as_ref().is_some_and(|key| key.protection == Protection::Passphrase)
}
