//! `veilbeat key`: the key of the profile, in a terminal.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use zeroize::Zeroizing;

use super::{CliError, ProfileArgs, print, say};
use crate::client::MasterKey;
use crate::platform;
use crate::vault::{
    self, Backup, Home, KeyFileError, Lock, Opened, OpenedToRead, Passphrase, ProfileError, Protection, ReadVault,
    RecoveryWords, Settings, Vault, VaultError, WORDS,
};

/// The longest passphrase file that is read.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show where the key is, its public id and how it is kept; never the key itself
    Show,
    /// Set, change or remove the key's passphrase
    Passphrase {
        /// Remove the passphrase
        #[arg(long, conflicts_with = "new_passphrase_file")]
        remove: bool,
        /// Read the new passphrase from this file instead of asking. (`--passphrase-file` gives the current passphrase;
        /// if the key has none yet, that option can give the new one too)
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Show the 24 recovery words, on a terminal only, or save them as a page to print
    Words {
        /// Write a page to print to this new file instead of showing the words
        #[arg(long, value_name = "FILE")]
        page: Option<PathBuf>,
    },
    /// Restore a key
    Restore {
        /// A key file, an age backup, or a text file with the recovery words; if left out, Veilbeat asks for the words
        file: Option<PathBuf>,
    },
    /// Create a new key and seal all readings again under it
    Rotate,
}

pub(super) fn run(command: &Command, profile: &ProfileArgs) -> Result<(), CliError> {
    let home = &profile.home()?;
    match command {
        Command::Show => show(home, profile),
        Command::Passphrase { remove, new_passphrase_file } => {
            set_passphrase(home, profile, *remove, new_passphrase_file.as_deref())
        }
        Command::Words { page } => words(home, profile, page.as_deref()),
        Command::Restore { file } => restore(home, profile, file.as_deref()),
        Command::Rotate => rotate(home, profile),
    }
}

/// The passphrase of the key: from the file that was named, or asked on the terminal.
pub(super) fn passphrase(profile: &ProfileArgs, prompt: &str) -> Result<Passphrase, CliError> {
    match &profile.passphrase_file {
        Some(file) => read_passphrase(file),
        None => ask_passphrase(prompt, "--passphrase-file"),
    }
}

/// The first line of a file.
fn read_passphrase(path: &Path) -> Result<Passphrase, CliError> {
    let unusable =
        |why: String| CliError::Usage(format!("could not read a passphrase from {} ({why})", path.display()));
    let content = platform::read_at_most(path, MAX_PASSPHRASE_BYTES).map_err(|error| unusable(error.to_string()))?;
    let content = content.ok_or_else(|| unusable("the file is too long".into()))?;
    let text = std::str::from_utf8(&content).map_err(|_| unusable("it is not UTF-8 text".into()))?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(unusable("its first line is empty".into()));
    }
    Ok(Passphrase::from(line))
}

fn ask_passphrase(prompt: &str, option: &str) -> Result<Passphrase, CliError> {
    let no_terminal =
        |_| CliError::Usage(format!("there is no terminal to ask for the passphrase; give it with {option} FILE"));
    let typed = Zeroizing::new(rpassword::prompt_password(format!("{prompt}: ")).map_err(no_terminal)?);
    Ok(Passphrase::from(typed.as_str()))
}

/// The key's protection, or the sentence that there is no key.
fn protection(home: &Home) -> Result<Protection, CliError> {
    match vault::key_protection(home).map_err(ProfileError::from)? {
        Some(protection) => Ok(protection),
        None if Vault::exists(home) => Err(ProfileError::KeyMissing(home.key_file()).into()),
        None => Err(CliError::NoKey(home.key_file())),
    }
}

/// The passphrase that opens the key, if it has one.
fn current_passphrase(home: &Home, profile: &ProfileArgs) -> Result<Option<Passphrase>, CliError> {
    match protection(home)? {
        Protection::None => Ok(None),
        Protection::Passphrase => passphrase(profile, "Passphrase of the key").map(Some),
    }
}

fn show(home: &Home, profile: &ProfileArgs) -> Result<(), CliError> {
    let protection = protection(home)?;
    let can_ask = profile.passphrase_file.is_some() || std::io::stdin().is_terminal();
    let id = if protection == Protection::None || can_ask {
        let passphrase = current_passphrase(home, profile)?;
        vault::load_key(home, passphrase.as_ref()).map_err(ProfileError::from)?.map(|key| key.id())
    } else {
        None
    };
    let recorded = match vault::recorded_key(home) {
        Ok(recorded) => recorded,
        // The window has the readings open: the key can be shown all the same.
        Err(VaultError::Running) => None,
        Err(error) => return Err(error.into()),
    };
    let (settings, _) = Settings::load(home);
    let mut lines = format!("Kept in     {}\n", home.key_file().display());
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{name:<12}{value}");
    };
    match id.or(recorded) {
        Some(id) => line("Public id", &id.to_string()),
        None => line("Public id", "not known without the passphrase"),
    }
    line("Passphrase", if protection == Protection::Passphrase { "set" } else { "none" });
    let backed_up = id.or(recorded).is_some_and(|id| settings.backed_up == Some(id.to_string()));
    line("Backup", if backed_up { "made and checked" } else { "none yet; make one with `veilbeat key words`" });
    if vault::key_is_exposed(home) {
        line("Warning", "others on this computer can read the file; run `chmod 600` on it");
    }
    for old in vault::old_keys(home) {
        line("Old key", &old.display().to_string());
    }
    print(&lines)?;
    match (id, recorded) {
        (Some(key), Some(readings)) if key != readings => Err(VaultError::OtherKey { readings, key }.into()),
        _ => Ok(()),
    }
}

fn set_passphrase(home: &Home, profile: &ProfileArgs, remove: bool, new: Option<&Path>) -> Result<(), CliError> {
    let had = protection(home)?;
    if had == Protection::None && remove {
        say("The key has no passphrase; nothing was changed");
        return Ok(());
    }
    let current = current_passphrase(home, profile)?;
    // Before a new one is asked for; and a rotation that was interrupted is finished first.
    let Opened::Open(_, mut vault) = vault::open_profile(home, current.as_ref())? else {
        return Err(CliError::NoKey(home.key_file()));
    };
    let new = match (remove, new, &profile.passphrase_file) {
        (true, ..) => None,
        (_, Some(file), _) => Some(read_passphrase(file)?),
        (_, None, Some(file)) if had == Protection::None => Some(read_passphrase(file)?),
        _ => Some(ask_new_passphrase()?),
    };
    vault::set_passphrase(home, vault.lock(), current.as_ref(), new.as_ref()).map_err(ProfileError::from)?;
    say(if new.is_some() {
        "The key opens with the new passphrase only; if you forget it, only the recovery words help"
    } else {
        "The key no longer has a passphrase"
    });
    if new.is_some() && had == Protection::None {
        say(&format!("{}: veilbeat key rotate makes one", vault::WAS_IN_THE_CLEAR));
    }
    for old in vault::old_keys_in_the_clear(home).iter().filter(|_| new.is_some()) {
        say(&format!("{} is an earlier key without a passphrase; delete it if you no longer need it", old.display()));
    }
    Ok(())
}

fn ask_new_passphrase() -> Result<Passphrase, CliError> {
    use age::secrecy::ExposeSecret;
    let first = ask_passphrase("New passphrase", "--new-passphrase-file")?;
    let again = ask_passphrase("New passphrase again", "--new-passphrase-file")?;
    if first.expose_secret() == again.expose_secret() {
        Ok(first)
    } else {
        Err(CliError::Usage("the two passphrases differ; nothing was changed".into()))
    }
}

fn words(home: &Home, profile: &ProfileArgs, page: Option<&Path>) -> Result<(), CliError> {
    if page.is_none() && !std::io::stdout().is_terminal() {
        return Err(CliError::Usage(
            "recovery words are shown on a terminal only; use --page FILE to save them as a page to print".into(),
        ));
    }
    let passphrase = current_passphrase(home, profile)?;
    let key = match vault::open_profile(home, passphrase.as_ref()) {
        Ok(Opened::Open(key, _)) => Some(key),
        // The window has opened it: the file's key is the one that counts.
        Err(ProfileError::Vault(VaultError::Running)) => {
            vault::load_key(home, passphrase.as_ref()).map_err(ProfileError::from)?
        }
        opened => opened.map(|_| None)?,
    };
    let key = key.ok_or_else(|| CliError::NoKey(home.key_file()))?;
    let words = RecoveryWords::of(&key);
    if let Some(page) = page {
        vault::save_words_page(page, &words, key.id()).map_err(|error| match error {
            KeyFileError::Unwritable { path, error } => {
                CliError::File { what: format!("could not write {} ({error})", path.display()) }
            }
            error => CliError::Usage(error.to_string()),
        })?;
        say(&format!("Saved as {}; print it, and delete the file", page.display()));
        return Ok(());
    }
    let mut list = Zeroizing::new(String::with_capacity(1024));
    for (index, word) in words.words().enumerate() {
        let _ = writeln!(list, "{:>2}  {word}", index + 1);
    }
    say("Write these words down, in this order. Whoever has them can read all your readings.");
    print(&list)?;
    check_words(home, &words, &key.id().to_string())
}

/// Asks for three of the words, and remembers that there is a backup.
fn check_words(home: &Home, words: &RecoveryWords, id: &str) -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() {
        return Ok(());
    }
    say("Now type three of them to check your notes (Ctrl-C leaves).");
    for index in RecoveryWords::places_to_check()? {
        loop {
            let _ = write!(std::io::stderr(), "Word {}: ", index + 1);
            let typed = Zeroizing::new(read_line()?);
            if typed.is_empty() {
                return Ok(());
            }
            if words.is_word(index, &typed) {
                break;
            }
            say("That is not the word on the list; look again.");
        }
    }
    say("Your notes are correct.");
    // A window that is open keeps the settings itself.
    if let Ok(_lock) = Lock::take(home) {
        let (mut settings, _) = Settings::load(home);
        settings.backed_up = Some(id.to_owned());
        settings
            .save(home)
            .map_err(|error| CliError::File { what: format!("could not save the settings ({error})") })?;
    }
    Ok(())
}

fn read_line() -> Result<String, CliError> {
    let mut line = String::with_capacity(1024);
    std::io::stdin().lock().read_line(&mut line).map_err(|error| CliError::File { what: error.to_string() })?;
    Ok(line)
}

fn restore(home: &Home, profile: &ProfileArgs, file: Option<&Path>) -> Result<(), CliError> {
    let backup = match file {
        Some(file) => {
            let open = |passphrase: Option<&Passphrase>| Backup::from_file(file, passphrase);
            match open(None) {
                Err(KeyFileError::NeedsPassphrase(_)) => open(Some(&passphrase(profile, "Passphrase of the backup")?)),
                backup => backup,
            }
            .map_err(unusable)?
        }
        None => {
            say(&format!("Type the {WORDS} recovery words, then press Enter (and Ctrl-D if they take several lines)"));
            let words = RecoveryWords::read(&read_words()?).map_err(|error| unusable(error.into()))?;
            Backup::from_words(&words)
        }
    };
    let had = vault::key_protection(home).ok().flatten();
    let kept = vault::restore(home, &backup)?;
    say(&format!("The key {:.8} is back in {}", backup.id(), home.key_file().display()));
    if let Some(kept) = kept {
        say(&format!("The file that was there is kept as {}", kept.display()));
    }
    if had != Some(Protection::None) && protection(home)? == Protection::None {
        say("The key has no passphrase now; set one with veilbeat key passphrase");
    }
    Ok(())
}

/// A backup that cannot be used gives exit code 2; a wrong or missing passphrase does not make it unusable.
fn unusable(error: KeyFileError) -> CliError {
    match error {
        KeyFileError::WrongPassphrase(_)
        | KeyFileError::WrongPassphraseOrDamaged(_)
        | KeyFileError::NeedsPassphrase(_)
        | KeyFileError::NoRandomness(_) => ProfileError::from(error).into(),
        error => CliError::Usage(error.to_string()),
    }
}

/// Words from standard input: lines until there are enough words, or its end.
fn read_words() -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::with_capacity(4096));
    let mut input = std::io::stdin().lock().take(4096);
    loop {
        let read = input.read_line(&mut text).map_err(|error| CliError::File { what: error.to_string() })?;
        if read == 0 || text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count() >= WORDS {
            return Ok(text);
        }
    }
}

/// Opens a profile that has a key already.
pub(super) fn open_existing(profile: &ProfileArgs) -> Result<(MasterKey, Vault), CliError> {
    let home = &profile.home()?;
    open_if_there(home, profile)?.ok_or_else(|| CliError::NoKey(home.key_file()))
}

/// The key of a profile, whatever state its readings are in.
pub(super) fn current_key(home: &Home, profile: &ProfileArgs) -> Result<MasterKey, CliError> {
    let passphrase = current_passphrase(home, profile)?;
    let key = vault::load_key(home, passphrase.as_ref()).map_err(ProfileError::from)?;
    key.ok_or_else(|| CliError::NoKey(home.key_file()))
}

/// Opens a profile that has a key already, to look at it beside others who do the same.
pub(super) fn read_existing(profile: &ProfileArgs) -> Result<(MasterKey, ReadVault), CliError> {
    let home = &profile.home()?;
    let passphrase = current_passphrase(home, profile)?;
    match vault::read_profile(home, passphrase.as_ref())? {
        OpenedToRead::Open(key, vault) => Ok((key, *vault)),
        OpenedToRead::Locked => Err(ProfileError::from(KeyFileError::NeedsPassphrase(home.key_file())).into()),
        OpenedToRead::Empty => Err(CliError::NoKey(home.key_file())),
    }
}

fn open_if_there(home: &Home, profile: &ProfileArgs) -> Result<Option<(MasterKey, Vault)>, CliError> {
    let passphrase = match vault::key_protection(home).map_err(ProfileError::from)? {
        Some(Protection::Passphrase) => current_passphrase(home, profile)?,
        _ => None,
    };
    match vault::open_profile(home, passphrase.as_ref())? {
        Opened::Open(key, vault) => Ok(Some((key, *vault))),
        Opened::Locked => Err(ProfileError::from(KeyFileError::NeedsPassphrase(home.key_file())).into()),
        Opened::Empty => Ok(None),
    }
}

/// Opens a profile; one that has no key yet gets one.
pub(super) fn open_or_create(profile: &ProfileArgs) -> Result<Vault, CliError> {
    let home = &profile.home()?;
    match open_if_there(home, profile)? {
        Some((_, vault)) => Ok(vault),
        None => {
            let key = vault::create_key(home)?;
            say(&format!("Made a key in {}; back it up with `veilbeat key words`", home.key_file().display()));
            Ok(Vault::open(home, &key)?)
        }
    }
}

fn rotate(home: &Home, profile: &ProfileArgs) -> Result<(), CliError> {
    let passphrase = current_passphrase(home, profile)?;
    let Opened::Open(_, mut vault) = vault::open_profile(home, passphrase.as_ref())? else {
        return Err(CliError::NoKey(home.key_file()));
    };
    let (key, kept) = vault::rotate(home, &mut vault, passphrase.as_ref())?;
    say(&format!("Everything is sealed with the new key {:.8}", key.id()));
    if let Some(kept) = kept {
        say(&format!("The old key is kept as {}; earlier backups open only with it", kept.display()));
    }
    say("Make a backup of the new key: veilbeat key words");
    Ok(())
}
