//! Tests in which the process dies, or the disk is full, at any file operation of anything that a person does to a
//! profile.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

mod fuzz;
mod held;
mod model;

use super::key_file::KeyFile;
use super::*;
use crate::client::{HeldRecord, KeyId, MasterKey, ParameterSet};
use crate::platform::faults::{Plan, follow};
use crate::protocol::StoreId;
use crate::reading::{Kind, Rate, Reading, Source};
use crate::statistics::Weighting;

/// One test at a time: a process that is being started shares its parent's files, and with them the
/// locks, until it runs its own program.
static GATE: Mutex<()> = Mutex::new(());

fn gate() -> MutexGuard<'static, ()> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

const FOLDER: &str = "VEILBEAT_FAULT_TEST_FOLDER";
const PASSPHRASE: &str = "correct horse";

/// Everything that writes to a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Create,
    Import,
    Edit,
    Undo,
    SaveSettings,
    SetPassphrase,
    RemovePassphrase,
    Rotate,
    RotateWithPassphrase,
    Restore,
    RememberServer,
    DeleteAll,
}

use Act::*;
const ACTS: [Act; 12] = [
    Create,
    Import,
    Edit,
    Undo,
    SaveSettings,
    SetPassphrase,
    RemovePassphrase,
    Rotate,
    RotateWithPassphrase,
    Restore,
    RememberServer,
    DeleteAll,
];

fn home(dir: &Path) -> Home {
    Home::find(Some(dir)).unwrap()
}

fn passphrase() -> Passphrase {
    Passphrase::from(PASSPHRASE)
}

fn reading(hour: i64, rate: u32) -> Reading {
    Reading {
        instant_ms: hour * 3_600_000,
        offset_secs: 0,
        rate: Rate::from_centi_bpm(rate).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: Some("noted".into()),
    }
}

/// The visible state of a profile: whose key, which rates, protected how, in which zone.
#[derive(Clone, PartialEq, Eq, Debug)]
struct State {
    key: Option<KeyId>,
    rates: Vec<u16>,
    protection: Option<Protection>,
    zone: Option<String>,
    /// The store that is remembered.
    held: Option<StoreId>,
}

fn open(home: &Home) -> Result<Option<(MasterKey, Box<Vault>)>, ProfileError> {
    Ok(match open_profile(home, Some(&passphrase()))? {
        Opened::Open(key, vault) => Some((key, vault)),
        Opened::Empty => None,
        Opened::Locked => unreachable!("there is a passphrase"),
    })
}

fn state(home: &Home) -> State {
    let opened = open(home).unwrap_or_else(|error| panic!("{error}: {error:?}"));
    let held = opened.as_ref().and_then(|(_, vault)| vault.held()).map(|held| held.store);
    let rates = opened.as_ref().map(|(_, vault)| vault.readings().iter().map(|r| r.rate.centi_bpm()).collect());
    State {
        key: opened.map(|(key, _)| key.id()),
        rates: rates.unwrap_or_default(),
        protection: key_protection(home).unwrap(),
        zone: Settings::load(home).0.timezone,
        held,
    }
}

/// A profile in which `act` has something to do.
fn prepare(home: &Home, act: Act) {
    if act == Create {
        return;
    }
    create_key(home).unwrap();
    let (_, mut vault) = open(home).unwrap().unwrap();
    vault.add("first", 1, (0..5).map(|i| reading(i, 7_000)).collect()).unwrap();
    vault.remember_held(&held_in(1)).unwrap();
    if matches!(act, RemovePassphrase | RotateWithPassphrase) {
        set_passphrase(home, vault.lock(), None, Some(&passphrase())).unwrap();
    }
    save_zone(home, "Europe/Paris").unwrap();
}

/// A record of some store.
fn held_in(store: u8) -> HeldRecord {
    HeldRecord {
        store: StoreId([store; 16]),
        parameters: ParameterSet::Standard,
        weighting: Weighting::Time,
        weeks: Vec::new(),
    }
}

fn save_zone(home: &Home, zone: &str) -> std::io::Result<()> {
    let mut settings = Settings::load(home).0;
    settings.timezone = Some(zone.into());
    settings.save(home)
}

/// Does it. The vault that was open, if there still is one, is returned: it must go on working.
fn perform(home: &Home, act: Act) -> (Result<(), String>, Option<Box<Vault>>) {
    fn said<T>(result: Result<T, impl std::fmt::Display>) -> Result<(), String> {
        result.map(drop).map_err(|error| error.to_string())
    }
    if act == Create {
        let made = create_key(home).and_then(|_| open(home));
        return (said(made), None);
    }
    if act == DeleteAll {
        return (said(delete_all(home)), None);
    }
    if act == Restore {
        // The same key from its words, where a damaged file stands.
        let key = load_key(home, None);
        let words = RecoveryWords::of(&key.unwrap().unwrap());
        return (said(restore(home, &Backup::from_words(&words))), None);
    }
    let (_, mut vault) = match open(home) {
        Ok(opened) => opened.unwrap(),
        Err(error) => return (Err(error.to_string()), None),
    };
    let done = match act {
        Import => said(vault.add("second", 2, (3..40).map(|i| reading(i, 8_000)).collect())),
        Edit => said(vault.edit(&reading(2, 7_000), &reading(9, 9_000))),
        Undo => said(vault.undo()),
        RememberServer => said(vault.remember_held(&held_in(2))),
        SaveSettings => save_zone(home, "Asia/Tokyo").map_err(|error| format!("could not save ({error})")),
        SetPassphrase => said(set_passphrase(home, vault.lock(), None, Some(&passphrase()))),
        RemovePassphrase => said(set_passphrase(home, vault.lock(), Some(&passphrase()), None)),
        Rotate | RotateWithPassphrase => said(rotate(home, &mut vault, Some(&passphrase()))),
        Create | DeleteAll | Restore => unreachable!("done above"),
    };
    (done, Some(vault))
}

/// Whether `now` is the state before or the one after. A new key is another one each time.
fn is_old_or_new(act: Act, now: &State, old: &State, new: &State) -> bool {
    let same = |a: &State, b: &State| {
        let any_key = matches!(act, Create | Rotate | RotateWithPassphrase) && a.key.is_some() && b.key.is_some();
        (a.key == b.key || any_key)
            && (&a.rates, a.protection, &a.zone, a.held) == (&b.rates, b.protection, &b.zone, b.held)
    };
    let between = match act {
        // A key without readings yet.
        Create => now.rates.is_empty(),
        // The readings go first, then the keys, then the settings.
        DeleteAll => now.rates.is_empty() && (now.key.is_none() || now.key == old.key),
        _ => false,
    };
    between || same(now, old) || same(now, new)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// How a profile is before and after an act, without any fault, and how many file operations it takes.
fn without_fault(prepared: &Path, act: Act) -> (State, State, usize) {
    let dir = tempfile::tempdir().unwrap();
    copy(prepared, dir.path());
    let home = home(dir.path());
    let old = state(&home);
    follow(Plan::Count(0));
    let (done, vault) = perform(&home, act);
    let Plan::Count(operations) = follow(Plan::Count(0)) else { unreachable!() };
    done.unwrap();
    drop(vault);
    (old, state(&home), operations)
}

/// Not a test of its own: the process that the next one kills.
#[test]
#[ignore = "run by the test that kills it"]
fn victim() {
    let Some(task) = std::env::var_os(FOLDER) else { return };
    let task = task.into_string().unwrap();
    let (numbers, folder) = task.split_once(' ').unwrap();
    let (act, at) = numbers.split_once(':').unwrap();
    follow(Plan::Kill(at.parse().unwrap()));
    let (done, vault) = perform(&home(folder.as_ref()), ACTS[act.parse::<usize>().unwrap()]);
    done.unwrap();
    drop(vault);
}

#[test]
fn a_process_killed_at_any_file_operation_leaves_the_old_state_or_the_new_one() {
    let _gate = gate();
    for (number, act) in ACTS.into_iter().enumerate() {
        let prepared = tempfile::tempdir().unwrap();
        prepare(&home(prepared.path()), act);
        let (old, new, operations) = without_fault(prepared.path(), act);
        assert!(operations >= 3, "{act:?} has only {operations} operations");
        let mut seen_new = 0;
        for at in 0..operations {
            let dir = tempfile::tempdir().unwrap();
            copy(prepared.path(), dir.path());
            let ended = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "vault::tests::victim", "--ignored"])
                .env(FOLDER, format!("{number}:{at} {}", dir.path().display()))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert!(!ended.success(), "{act:?} was not killed at {at} of {operations}");
            let now = state(&home(dir.path()));
            assert!(is_old_or_new(act, &now, &old, &new), "{act:?} killed at {at} of {operations}: {now:?}");
            seen_new += usize::from(now == new || (now.key != old.key && now.key.is_some()));
            // Opening has swept what was left over.
            let left = files(home(dir.path()).config_dir());
            assert!(left.iter().all(|name| !name.starts_with('.') && !name.starts_with("next")), "{act:?}: {left:?}");
            // And the profile is one that can be worked with.
            if let Some((_, mut vault)) = open(&home(dir.path())).unwrap() {
                assert_eq!(vault.add("later", 3, vec![reading(1_000, 6_000)]).unwrap().added, 1);
            }
        }
        if matches!(act, Rotate | RotateWithPassphrase) {
            assert!(seen_new > 0, "{act:?} never took hold before its end: the kills do not reach its last steps");
        }
    }
}

#[test]
fn a_full_disk_at_any_file_operation_is_said_and_loses_nothing() {
    let _gate = gate();
    for act in ACTS {
        let prepared = tempfile::tempdir().unwrap();
        prepare(&home(prepared.path()), act);
        let (old, new, operations) = without_fault(prepared.path(), act);
        for at in 0..operations {
            for until in [at + 1, usize::MAX] {
                let dir = tempfile::tempdir().unwrap();
                copy(prepared.path(), dir.path());
                let home = home(dir.path());
                follow(Plan::Fail(0, at, until));
                let (done, vault) = perform(&home, act);
                follow(Plan::Count(0));
                let what = format!("{act:?} until {until} with operations {at}.. of {operations} failing: {done:?}");
                if let Some(mut vault) = vault
                    && !matches!(act, Rotate | RotateWithPassphrase)
                {
                    // The app goes on with what it has: the old readings or the new ones, as it was told.
                    let rates: Vec<_> = vault.readings().iter().map(|r| r.rate.centi_bpm()).collect();
                    assert_eq!(rates, if done.is_ok() { &new.rates } else { &old.rates }[..], "{what}");
                    assert_eq!(vault.add("later", 3, vec![reading(1_000, 6_000)]).unwrap().added, 1, "{what}");
                    assert!(vault.undo().unwrap().is_some());
                }
                let now = state(&home);
                assert!(is_old_or_new(act, &now, &old, &new), "{what}: {now:?}");
                if done.is_ok() && !matches!(act, Create | Rotate | RotateWithPassphrase) {
                    assert_eq!(now, new, "{what}");
                }
                if let Err(sentence) = done {
                    assert!(sentence.contains("could not"), "{sentence}");
                }
            }
        }
    }
}

#[test]
fn a_copy_that_a_person_made_is_never_swept_away() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let line = fs::read(home.key_file()).unwrap();
    // Named as temporary files are; the second is only the start of one.
    fs::write(home.config_dir().join(".secret.key.veilbeat-c0b1e5"), &line).unwrap();
    fs::write(home.config_dir().join(".secret.key.veilbeat-a1b2c3"), &line[..30]).unwrap();
    state(&home);
    assert_eq!(files(home.config_dir()), ["has-readings", "secret-found-1.key", "secret.key", "settings.ron"]);
    assert_eq!(fs::read(home.config_dir().join("secret-found-1.key")).unwrap(), line);
}

#[test]
fn no_key_outlives_the_deletion_of_everything() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    drop(create_key(&home).unwrap());
    // As a process leaves it that was killed while it wrote a key.
    fs::copy(home.key_file(), home.config_dir().join(".secret.key.veilbeat-abc123")).unwrap();
    delete_all(&home).unwrap();
    assert_eq!(files(dir.path()).iter().filter(|file| file.contains("key")).count(), 0, "{:?}", files(dir.path()));
}

#[test]
fn a_copy_of_the_key_never_replaces_a_file_and_is_never_a_damaged_one() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let copy = dir.path().join("copy.key");
    save_key_copy(&home, &copy).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), fs::read(home.key_file()).unwrap());
    assert!(matches!(save_key_copy(&home, &copy), Err(KeyFileError::FileExists(_))));
    assert!(matches!(save_key_copy(&home, &home.readings_file()), Err(KeyFileError::FileExists(_))));
    fs::write(home.key_file(), "coffee").unwrap();
    assert!(matches!(save_key_copy(&home, &dir.path().join("other.key")), Err(KeyFileError::Damaged(_))));
}

#[test]
fn after_a_rotation_no_page_of_the_old_store_is_left_in_the_new_one() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Rotate);
    // Long enough notes for pages of their own, and changes, so that there are freed pages too.
    let (_, mut vault) = open(&home).unwrap().unwrap();
    for round in 0..5 {
        vault.add("more", round, (0..200).map(|i| reading(100 + round * 200 + i, 7_500)).collect()).unwrap();
    }
    vault.undo().unwrap();
    let pages = || -> std::collections::HashSet<Vec<u8>> {
        let bytes = fs::read(home.readings_file()).unwrap();
        bytes
            .chunks(64)
            // Sealed bytes look random: of 64, nearly all differ. redb's own tables do not.
            .filter(|piece| piece.iter().collect::<std::collections::HashSet<_>>().len() > 44)
            .map(<[u8]>::to_vec)
            .collect()
    };
    let before = pages();
    assert!(before.len() > 1_000, "there is something to find");
    rotate(&home, &mut vault, None).unwrap();
    let rates: Vec<_> = vault.readings().iter().map(|r| r.rate).collect();
    assert_eq!(vault.add("later", 9, vec![reading(9_000, 6_000)]).unwrap().added, 1, "the vault goes on");
    drop(vault);
    let left = pages().intersection(&before).count();
    assert_eq!(left, 0, "{left} pieces of the old store");
    let (_, mut vault) = open(&home).unwrap().unwrap();
    assert!(vault.undo().unwrap().is_some());
    assert_eq!(vault.readings().iter().map(|r| r.rate).collect::<Vec<_>>(), rates);
    assert!(vault.undo().unwrap().is_some(), "what could be undone before still can");
}

/// A rotation that died after the readings were sealed again and before the key was put in its place.
fn interrupted_rotation(home: &Home) -> KeyId {
    prepare(home, Rotate);
    let (_, mut vault) = open(home).unwrap().unwrap();
    let old = fs::read(home.key_file()).unwrap();
    let (new, kept) = rotate(home, &mut vault, None).unwrap();
    fs::rename(home.key_file(), home.next_key_file()).unwrap();
    fs::write(home.key_file(), old).unwrap();
    fs::remove_file(kept.unwrap()).unwrap();
    new.id()
}

#[test]
fn an_interrupted_rotation_waits_for_readings_that_are_elsewhere() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let new = interrupted_rotation(&home);
    let aside = dir.path().join("aside");
    fs::rename(home.readings_file(), &aside).unwrap();
    assert!(matches!(open(&home), Err(ProfileError::Vault(VaultError::Gone { .. }))));
    fs::rename(&aside, home.readings_file()).unwrap();
    let now = state(&home);
    assert_eq!((now.key, now.rates.len()), (Some(new), 5));
    assert_eq!(old_keys(&home).len(), 1, "the old key is kept");
}

#[test]
fn the_same_key_is_not_kept_twice_in_plain() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let words = RecoveryWords::of(&load_key(&home, None).unwrap().unwrap());
    assert_eq!(restore(&home, &Backup::from_words(&words)).unwrap(), None);
    assert!(old_keys(&home).is_empty());
}

#[test]
fn a_copy_with_an_earlier_passphrase_is_not_called_wrong() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, RemovePassphrase);
    let earlier = fs::read(home.key_file()).unwrap();
    let (_, mut vault) = open(&home).unwrap().unwrap();
    set_passphrase(&home, vault.lock(), Some(&passphrase()), Some(&Passphrase::from("another"))).unwrap();
    drop(vault);
    fs::write(home.key_file(), earlier).unwrap();
    let error = load_key(&home, Some(&Passphrase::from("another"))).err().unwrap();
    assert!(matches!(error, KeyFileError::Changed(_)));
    assert!(error.to_string().contains("another passphrase"), "{error}");
    // With the passphrase that it has it opens, and is known from then on.
    assert_eq!(state(&home).rates.len(), 5);
    let error = load_key(&home, Some(&Passphrase::from("another"))).err().unwrap();
    assert!(matches!(error, KeyFileError::WrongPassphrase(_)));
}

#[test]
fn a_passphrase_that_no_field_could_hold_is_refused() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let (_, mut vault) = open(&home).unwrap().unwrap();
    for text in [String::new(), "x".repeat(257)] {
        let set = set_passphrase(&home, vault.lock(), None, Some(&Passphrase::from(text)));
        assert!(matches!(set, Err(KeyFileError::PassphraseLength)));
    }
}

#[test]
fn a_damaged_store_is_a_sentence_and_stays_as_it_was() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let good = fs::read(home.readings_file()).unwrap();
    let (mut refused, mut opened) = (0, 0);
    // In the heads of pages, where redb panics on some.
    for page in 0..good.len() / 4096 {
        for byte in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] {
            let mut damaged = good.clone();
            damaged[page * 4096 + byte] ^= 1 << (page % 8);
            fs::write(home.readings_file(), &damaged).unwrap();
            match open(&home) {
                Ok(_) => opened += 1,
                Err(ProfileError::Vault(_)) => {
                    refused += 1;
                    assert_eq!(fs::read(home.readings_file()).unwrap(), damaged, "page {page}, byte {byte}");
                }
                Err(error) => panic!("page {page}, byte {byte}: {error}"),
            }
        }
    }
    assert!(refused > 50, "{refused} refused, {opened} opened");
}

#[test]
fn readings_that_are_not_where_they_were_are_not_begun_anew() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let whole = state(&home);
    let gone = |home: &Home| match open(home) {
        Err(ProfileError::Vault(VaultError::Gone { why, .. })) => why,
        other => panic!("{:?}", other.map(|_| ())),
    };
    let drive = dir.path().join("drive");
    fs::rename(home.readings_file(), &drive).unwrap();
    assert_eq!(gone(&home), "is missing");
    assert!(!home.readings_file().exists(), "nothing was made in its place");
    fs::write(home.readings_file(), b"").unwrap();
    assert_eq!(gone(&home), "is empty");
    fs::remove_file(home.readings_file()).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&drive, home.readings_file()).unwrap();
        assert_eq!(state(&home).rates, whole.rates, "a link to a drive is followed");
        let unplugged = dir.path().join("unplugged");
        fs::rename(&drive, &unplugged).unwrap();
        assert_eq!(gone(&home), "is a link to a file that is not there");
        fs::rename(&unplugged, &drive).unwrap();
        assert_eq!(state(&home).rates, whole.rates);
    }
}
