//! Who may use a profile at the same time, what is left over of it, and keys that lie in two places.

use super::*;
use crate::platform::faults::read_so_far;
use crate::platform::{Hold, lock};

#[test]
fn many_read_at_once_and_none_of_them_beside_one_who_changes() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let read = || match read_profile(&home, None) {
        Ok(OpenedToRead::Open(_, vault)) => Ok(vault),
        Err(ProfileError::Vault(error)) => Err(error),
        _ => panic!("neither readings nor an error of them"),
    };
    let before = files_and_contents(dir.path());
    let (first, second) = (read().unwrap(), read().unwrap());
    assert_eq!((first.readings().len(), second.readings().len()), (5, 5));
    assert!(matches!(open(&home), Err(ProfileError::Vault(VaultError::Running))));
    drop(first);
    assert!(matches!(open(&home), Err(ProfileError::Vault(VaultError::Running))));
    drop(second);
    assert_eq!(files_and_contents(dir.path()), before, "looking changes no file");
    let changing = open(&home).unwrap();
    assert!(matches!(read(), Err(VaultError::Running)));
    drop(changing);
    // Whoever comes while another one is at work waits a little for its end.
    let (held, started) = std::sync::mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let _held = lock(&home.lock_file(), Hold::Alone).unwrap().unwrap();
            held.send(()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(30));
        });
        started.recv().unwrap();
        assert_eq!(read().unwrap().readings().len(), 5);
    });
}

#[test]
fn looking_at_a_profile_makes_nothing() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    assert!(matches!(read_profile(&home, None), Ok(OpenedToRead::Empty)));
    assert_eq!(files(dir.path()), [""; 0]);
    create_key(&home).unwrap();
    let before = files_and_contents(dir.path());
    let Ok(OpenedToRead::Open(_, vault)) = read_profile(&home, None) else { panic!("there is a key") };
    assert!(vault.readings().is_empty() && vault.newest_export_ms().unwrap().is_none());
    assert_eq!(files_and_contents(dir.path()), before);
}

#[test]
fn a_rotation_that_was_interrupted_can_be_looked_at() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let new = interrupted_rotation(&home);
    let before = files_and_contents(dir.path());
    let Ok(OpenedToRead::Open(key, vault)) = read_profile(&home, None) else { panic!("it opens") };
    assert_eq!((key.id(), vault.readings().len()), (new, 5));
    assert_eq!(files_and_contents(dir.path()), before);
}

#[test]
fn a_lock_file_that_is_removed_lets_nobody_in_beside_its_holder() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let (_, mut vault) = open(&home).unwrap().unwrap();
    for round in 0..3 {
        fs::remove_file(home.lock_file()).unwrap();
        let refused = |error| assert!(matches!(error, Some(ProfileError::Vault(VaultError::Running))));
        refused(open(&home).err());
        refused(read_profile(&home, None).err());
        refused(delete_all(&home).err());
        assert_eq!(vault.add("more", 2, vec![reading(100 + round, 6_000)]).unwrap().added, 1);
        // The lock of a new store holds as well.
        rotate(&home, &mut vault, None).unwrap();
    }
    assert_eq!(vault.readings().len(), 8);
    drop(vault);
    assert_eq!(state(&home).rates.len(), 8);
}

#[test]
fn left_overs_of_every_kind_are_swept_at_the_next_start_and_at_the_next_write() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let left = || {
        fs::write(home.new_readings_file(), "half a store").unwrap();
        for name in ["secret.key", "next.key", "settings.ron", "has-readings", "secret.key.b3sum"] {
            fs::write(home.config_dir().join(format!(".{name}.veilbeat-0a1b2c")), "half").unwrap();
        }
    };
    let swept = || {
        assert_eq!(files(home.data_dir()), ["lock", "readings.redb"]);
        assert_eq!(files(home.config_dir()), ["has-readings", "secret.key", "settings.ron"]);
    };
    left();
    let (_, mut vault) = open(&home).unwrap().unwrap();
    swept();
    fs::write(home.new_readings_file(), "half a store").unwrap();
    vault.undo().unwrap();
    swept();
}

#[test]
fn a_rotation_that_fails_leaves_no_half_store_behind() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Rotate);
    let (old, _, operations) = without_fault(dir.path(), Rotate);
    for at in 0..operations {
        follow(Plan::Count(0));
        let (_, mut vault) = open(&home).unwrap().unwrap();
        follow(Plan::Fail(0, at, usize::MAX));
        let done = rotate(&home, &mut vault, None);
        follow(Plan::Count(0));
        if done.is_ok() || state_of(&vault) != old.rates {
            break;
        }
        assert!(!home.new_readings_file().exists(), "operation {at}");
        drop(vault);
    }
}

fn state_of(vault: &Vault) -> Vec<u16> {
    vault.readings().iter().map(|reading| reading.rate.centi_bpm()).collect()
}

#[cfg(unix)]
#[test]
fn a_passphrase_is_not_set_where_the_key_would_stay_in_the_clear() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let stick = dir.path().join("stick.key");
    let refused = |home: &Home| {
        let (_, mut vault) = open(home).unwrap().unwrap();
        let set = set_passphrase(home, vault.lock(), None, Some(&passphrase()));
        let Err(error @ KeyFileError::ElsewhereToo(_)) = set else { panic!("{set:?}") };
        assert!(error.to_string().contains("nothing was changed"), "{error}");
        assert_eq!(key_protection(home).unwrap(), Some(Protection::None));
    };
    fs::hard_link(home.key_file(), &stick).unwrap();
    refused(&home);
    fs::remove_file(home.key_file()).unwrap();
    std::os::unix::fs::symlink(&stick, home.key_file()).unwrap();
    refused(&home);
    // The key's own words, under a passphrase, do not take its place either.
    let words = dir.path().join("backup.key");
    let key = load_key(&home, None).unwrap().unwrap();
    KeyFile::new(key, Some(&passphrase())).unwrap().put(&words).unwrap();
    let backup = Backup::from_file(&words, Some(&passphrase())).unwrap();
    assert!(matches!(restore(&home, &backup), Err(ProfileError::Key(KeyFileError::ElsewhereToo(_)))));
    // What the sentence advises.
    let (_, mut vault) = open(&home).unwrap().unwrap();
    rotate(&home, &mut vault, None).unwrap();
    set_passphrase(&home, vault.lock(), None, Some(&passphrase())).unwrap();
    drop(vault);
    assert_eq!(state(&home).protection, Some(Protection::Passphrase));
    let old = fs::read(&stick).unwrap();
    assert_ne!(fs::read(home.key_file()).unwrap(), old, "the stick has the old key, which opens nothing new");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_waited_for() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let fifo = |path: &Path| {
        fs::remove_file(path).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR).unwrap();
    };
    fifo(&home.settings_file());
    let (settings, said) = Settings::load(&home);
    assert!(said.unwrap().contains("this is not a file") && settings.save(&home).is_err());
    assert_eq!(Settings::window_of(&home), WindowGeometry::default());
    fs::remove_file(home.settings_file()).unwrap();
    fs::File::create(home.settings_file()).unwrap().set_len(1 << 30).unwrap();
    assert!(Settings::load(&home).1.unwrap().contains("longer than 1 MiB"));
    for path in [home.lock_file(), home.readings_file(), home.key_file()] {
        fifo(&path);
        let error = open(&home).err().unwrap().to_string();
        assert!(error.contains("this is not a file"), "{error}");
        read_profile(&home, None).err().unwrap();
        fs::remove_file(path).unwrap();
        drop(open(&home));
        fs::remove_dir_all(home.data_dir()).unwrap();
        fs::remove_dir_all(home.config_dir()).unwrap();
        prepare(&home, Import);
    }
}

/// Every file below a folder, with its content; a lock file says nothing.
fn files_and_contents(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_and_contents(&path));
        } else if !path.ends_with("lock") {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn undo_and_redo_of_a_long_import_read_the_store_only_a_few_times() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let (_, mut vault) = open(&home).unwrap().unwrap();
    for round in 0..3 {
        vault.add("long", 2, (0..5_000).map(|day| reading(100 + 24 * (day * 3 + round), 6_000)).collect()).unwrap();
    }
    let size = fs::metadata(home.readings_file()).unwrap().len() as usize;
    let before = read_so_far();
    for _ in 0..3 {
        vault.undo().unwrap().unwrap();
    }
    let undone = read_so_far() - before;
    for _ in 0..3 {
        vault.redo().unwrap().unwrap();
    }
    let redone = read_so_far() - before - undone;
    // A long record that is read again for each of 15,000 days would be thousands of megabytes.
    assert!(undone < 20 * size && redone < 20 * size, "{undone} and {redone} bytes of a store of {size}");
}
