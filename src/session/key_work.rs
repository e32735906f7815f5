//! The session's work on the key.

use std::path::PathBuf;

use super::event::{Event, KeyFacts, KeyOutcome, RestoreFrom};
use super::worker::{Open, Worker};
use crate::client::MasterKey;
use crate::vault::{self, Backup, KeyFileError, Passphrase, ProfileError, Protection, RecoveryWords, Settings};

const NOT_OPEN: &str = "the readings are not open";

impl Worker<'_> {
    fn load_key(&self, passphrase: Option<&Passphrase>) -> Result<MasterKey, String> {
        match vault::load_key(&self.home, passphrase) {
            Ok(Some(key)) => Ok(key),
            Ok(None) => Err(ProfileError::KeyMissing(self.home.key_file()).to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    pub(super) fn create_key(&mut self) {
        match vault::create_key(&self.home) {
            Ok(_) => self.open(None),
            Err(error) => self.events.send(Event::Closed(error.to_string())),
        }
    }

    pub(super) fn protect_key(&self) {
        let path = self.home.key_file();
        if let Err(error) = vault::protect_key(&self.home) {
            let sentence = format!("could not change who can read {} ({error})", path.display());
            self.events.send(Event::KeyOutcome(Err(sentence)));
        }
        self.tell_key();
    }

    pub(super) fn set_passphrase(&mut self, current: Option<&Passphrase>, new: Option<&Passphrase>) {
        let Some(open) = &mut self.open else { return self.tell(Err(NOT_OPEN.into())) };
        let set = vault::set_passphrase(&self.home, open.vault.lock(), current, new);
        let now = if new.is_some() { Protection::Passphrase } else { Protection::None };
        self.tell(set.map(|()| KeyOutcome::PassphraseSet(now)).map_err(|error| error.to_string()));
    }

    pub(super) fn show_words(&self, passphrase: Option<&Passphrase>) {
        let key = self.load_key(passphrase);
        self.tell(key.map(|key| KeyOutcome::Words(RecoveryWords::of(&key))));
    }

    pub(super) fn save_words_page(&self, path: PathBuf, words: &RecoveryWords) {
        let saved = vault::save_words_page(&path, words, words.key().id());
        self.tell_saved(path, saved);
    }

    pub(super) fn save_key_copy(&self, path: PathBuf) {
        let saved = vault::save_key_copy(&self.home, &path);
        self.tell_saved(path, saved);
    }

    pub(super) fn delete_old_key(&self, path: PathBuf) {
        let deleted = vault::delete_old_key(&self.home, &path);
        let failed = |error| format!("could not delete {} ({error})", path.display());
        self.tell(deleted.map_err(failed).map(|()| KeyOutcome::OldKeyDeleted(path)));
    }

    pub(super) fn restore(&mut self, from: &RestoreFrom) {
        let backup = match from {
            RestoreFrom::Words(words) => Ok(Backup::from_words(words)),
            RestoreFrom::File(path, passphrase) => Backup::from_file(path, passphrase.as_ref()),
        };
        let backup = match backup {
            Ok(backup) => backup,
            Err(error) => return self.tell(Err(error.to_string())),
        };
        // The lock is needed, and the key that is in use may be another one afterwards.
        let was_open = self.open.take().is_some();
        let restored = vault::restore(&self.home, &backup);
        let passphrase = match from {
            RestoreFrom::File(_, passphrase) => passphrase.as_ref(),
            RestoreFrom::Words(_) => None,
        };
        if was_open || restored.is_ok() {
            self.open(passphrase);
        }
        self.tell(restored.map(KeyOutcome::Restored).map_err(|error| error.to_string()));
    }

    pub(super) fn rotate(&mut self, passphrase: Option<&Passphrase>) {
        // A wrong passphrase is said before anything is closed.
        if let Err(why) = self.load_key(passphrase) {
            return self.tell(Err(why));
        }
        let Some(Open { mut vault, client, line, .. }) = self.open.take() else {
            return self.tell(Err(NOT_OPEN.into()));
        };
        // The server's ciphertexts are of no use under the new key.
        drop(client);
        line.wait();
        let rotated = vault::rotate(&self.home, &mut vault, passphrase);
        let outcome = match rotated {
            Ok((key, kept)) => {
                self.open_with(key, vault);
                Ok(KeyOutcome::Rotated(kept))
            }
            Err(error) => {
                drop(vault);
                self.open(passphrase);
                Err(error.to_string())
            }
        };
        self.tell(outcome);
    }

    pub(super) fn delete_all(&mut self) {
        (self.open, self.previewed, self.previewed_many, self.answered) = (None, None, None, None);
        match vault::delete_all(&self.home) {
            Ok(files) => {
                self.settings = Settings::default();
                self.events.send(Event::Settings(self.settings.clone(), None));
                self.events.send(Event::KeyOutcome(Ok(KeyOutcome::AllDeleted(files))));
                self.events.send(Event::NoKey);
            }
            Err(error) => {
                self.events.send(Event::KeyOutcome(Err(error.to_string())));
                self.open(None);
            }
        }
    }

    /// Tells what a command about the key came to, and how the key is kept now.
    fn tell(&self, outcome: Result<KeyOutcome, String>) {
        self.tell_key();
        self.events.send(Event::KeyOutcome(outcome));
    }

    fn tell_saved(&self, path: PathBuf, saved: Result<(), KeyFileError>) {
        self.tell(saved.map_err(|error| error.to_string()).map(|()| KeyOutcome::Saved(path)));
    }

    pub(super) fn tell_key(&self) {
        let facts = KeyFacts {
            protection: vault::key_protection(&self.home).ok().flatten().unwrap_or(Protection::None),
            exposed: vault::key_is_exposed(&self.home),
            old_keys: vault::old_keys(&self.home),
            old_in_the_clear: vault::old_keys_in_the_clear(&self.home).len(),
            files: vault::files_of(&self.home),
        };
        self.events.send(Event::Key(facts));
    }
}
