//! What is kept on disk survives, and is nobody else's to read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use veilbeat::client::MasterKey;
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::vault::{Added, Edited, Home, Vault, VaultError};

fn reading(instant_ms: i64, centi_bpm: u32, note: Option<&str>) -> Reading {
    Reading {
        instant_ms,
        offset_secs: 3600,
        rate: Rate::from_centi_bpm(centi_bpm).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: note.map(Into::into),
    }
}

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::find(Some(dir.path())).unwrap();
    (dir, home)
}

#[test]
fn what_was_entered_is_there_after_a_restart() {
    let (_dir, home) = home();
    let key = MasterKey::generate().unwrap();
    let before = {
        let mut vault = Vault::open(&home, &key).unwrap();
        assert!(vault.readings().is_empty());
        let first = (0..5_000).map(|i| reading(i * 5_000, 6_000 + i as u32 % 90, None)).collect();
        assert_eq!(vault.add("watch.csv", 1, first).unwrap(), Added { added: 5_000, duplicates: 0 });
        let second = vec![reading(0, 6_000, None), reading(7, 7_250, Some("after coffee"))];
        assert_eq!(vault.add("by hand", 2, second).unwrap(), Added { added: 1, duplicates: 1 });
        assert_eq!(vault.add("by hand", 3, vec![reading(7, 7_250, None)]).unwrap(), Added { added: 0, duplicates: 1 });
        vault.readings().clone()
    };
    let vault = Vault::open(&home, &key).unwrap();
    assert_eq!(vault.readings(), &before);
    assert_eq!(vault.readings().len(), 5_001);
    let batches = vault.batches();
    let batches: Vec<_> = batches.iter().map(|(_, batch)| (&*batch.name, batch.added_ms, batch.count)).collect();
    assert_eq!(batches, [("watch.csv", 1, 5_000), ("by hand", 2, 1)]);
}

#[test]
fn one_process_at_a_time_uses_a_profile() {
    let (_dir, home) = home();
    let key = MasterKey::generate().unwrap();
    let first = Vault::open(&home, &key).unwrap();
    assert!(matches!(Vault::open(&home, &key), Err(VaultError::Running)));
    drop(first);
    Vault::open(&home, &key).unwrap();
}

#[test]
fn another_key_is_told_as_that_and_changes_nothing() {
    let (_dir, home) = home();
    let key = MasterKey::generate().unwrap();
    Vault::open(&home, &key).unwrap().add("x", 0, vec![reading(0, 7_000, None)]).unwrap();
    let other = MasterKey::generate().unwrap();
    let Err(VaultError::OtherKey { readings, key: here }) = Vault::open(&home, &other) else { panic!("opened") };
    assert_eq!((readings, here), (key.id(), other.id()));
    assert_eq!(Vault::open(&home, &key).unwrap().readings().len(), 1);
}

#[test]
fn a_store_of_a_newer_version_is_left_as_it_is() {
    let (_dir, home) = home();
    let key = MasterKey::generate().unwrap();
    Vault::open(&home, &key).unwrap().add("x", 0, vec![reading(0, 7_000, None)]).unwrap();
    let set_format = |format: u32| {
        let about: redb::TableDefinition<&str, &[u8]> = redb::TableDefinition::new("about");
        let database = redb::Database::open(home.readings_file()).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(about).unwrap().insert("format", &format.to_le_bytes()[..]).unwrap();
        transaction.commit().unwrap();
    };
    set_format(2);
    let Err(error) = Vault::open(&home, &key) else { panic!("opened") };
    assert!(matches!(error, VaultError::Newer(2)));
    assert!(error.to_string().contains("made by a newer version"));
    set_format(1);
    assert_eq!(Vault::open(&home, &key).unwrap().readings().len(), 1);
}

#[test]
fn a_file_that_is_no_store_is_left_as_it_is() {
    let (_dir, home) = home();
    let key = MasterKey::generate().unwrap();
    fs::create_dir_all(home.data_dir()).unwrap();
    for content in [&b"not a database"[..], &[0; 5_000]] {
        fs::write(home.readings_file(), content).unwrap();
        assert!(Vault::open(&home, &key).is_err());
        assert_eq!(fs::read(home.readings_file()).unwrap(), content);
    }
}

#[test]
fn no_file_of_a_profile_holds_a_time_a_rate_or_a_note() {
    let (dir, home) = home();
    let key = MasterKey::generate().unwrap();
    let (instant, note) = (1_493_713_517_123, "felt dizzy on the stairs");
    let readings = (0..300).map(|i| reading(instant + i * 1_000, 12_345, Some(note))).collect();
    Vault::open(&home, &key).unwrap().add("stairs-export.csv", instant, readings).unwrap();
    let needles: Vec<Vec<u8>> = vec![
        note.as_bytes().to_vec(),
        b"stairs-export".to_vec(),
        instant.to_le_bytes()[..6].to_vec(),
        instant.to_be_bytes()[2..].to_vec(),
        (instant / 1000).to_le_bytes()[..4].to_vec(),
        (instant / 1000).to_be_bytes()[4..].to_vec(),
        b"1493713517".to_vec(),
        b"2017-05-02".to_vec(),
        b"123.45".to_vec(),
        key.expose()[..8].to_vec(),
    ];
    // Rates are two bytes: a slot's rate and source, twice in a row with its time, is their pattern.
    let rate_and_source: Vec<u8> = [12_345u16.to_le_bytes(), [0, 0]].concat();
    let mut files = 0;
    for folder in [home.config_dir(), home.data_dir()] {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            files += 1;
            for needle in &needles {
                assert!(
                    !bytes.windows(needle.len()).any(|window| window == needle),
                    "{needle:?} in {}",
                    path.display()
                );
            }
            let hits = bytes.windows(4).filter(|window| *window == rate_and_source).count();
            assert!(hits < 10, "rates in {}", path.display());
        }
    }
    assert_eq!(files, 3, "{}", dir.path().display());
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_the_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, home) = home();
    drop(Vault::open(&home, &MasterKey::generate().unwrap()).unwrap());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.data_dir()), 0o700);
    assert_eq!(mode(&home.readings_file()), 0o600);
    assert_eq!(mode(&home.lock_file()), 0o600);
}

mod history {
    use super::*;
    use proptest::prelude::*;
    use veilbeat::reading::Readings;

    #[derive(Clone, Debug)]
    enum Action {
        Import(Vec<(i64, u32)>),
        Enter(i64, u32),
        Delete(usize),
        Edit(usize, i64, u32),
        RemoveBatch(usize),
        Undo,
        Redo,
        Reopen,
    }

    fn actions() -> impl Strategy<Value = Vec<Action>> {
        // Few instants and rates, so that duplicates and changes of the same reading are common.
        let reading = || (0i64..40, 0u32..4);
        let action = prop_oneof![
            2 => prop::collection::vec(reading(), 1..12).prop_map(Action::Import),
            2 => reading().prop_map(|(at, rate)| Action::Enter(at, rate)),
            2 => any::<usize>().prop_map(Action::Delete),
            2 => (any::<usize>(), reading()).prop_map(|(which, (at, rate))| Action::Edit(which, at, rate)),
            1 => any::<usize>().prop_map(Action::RemoveBatch),
            4 => Just(Action::Undo),
            2 => Just(Action::Redo),
            1 => Just(Action::Reopen),
        ];
        prop::collection::vec(action, 1..40)
    }

    fn made(at: i64, rate: u32) -> Reading {
        reading(at * 600_000, 6_000 + rate * 100, (rate == 3).then_some("noted"))
    }

    fn plain(readings: &Readings) -> Vec<(i64, u16, Option<Box<str>>)> {
        readings.iter().map(|r| (r.instant_ms, r.rate.centi_bpm(), r.note)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn undo_and_redo_walk_through_exactly_the_states_that_were(actions in actions()) {
            let (_dir, home) = home();
            let key = MasterKey::generate().unwrap();
            let mut vault = Vault::open(&home, &key).unwrap();
            // The states before the present one, and those that redo leads to.
            let (mut past, mut future) = (Vec::new(), Vec::new());
            for action in actions {
                let before = plain(vault.readings());
                let some = |which: usize, vault: &Vault| {
                    let len = vault.readings().len();
                    (len > 0).then(|| vault.readings().iter().nth(which % len).unwrap())
                };
                let changed = match action {
                    Action::Import(list) => {
                        let list = list.into_iter().map(|(at, rate)| made(at, rate)).collect();
                        vault.add("import", 0, list).unwrap().added > 0
                    }
                    Action::Enter(at, rate) => vault.enter(0, made(at, rate)).unwrap().added > 0,
                    Action::Delete(which) => match some(which, &vault) {
                        Some(reading) => vault.delete(&[reading]).unwrap() > 0,
                        None => false,
                    },
                    Action::Edit(which, at, rate) => match some(which, &vault) {
                        Some(old) => vault.edit(&old, &Reading { source: old.source, ..made(at, rate) }).unwrap() == Edited::Done,
                        None => false,
                    },
                    Action::RemoveBatch(which) => match vault.batches().len() {
                        0 => false,
                        len => {
                            let (source, batch) = vault.batches()[which % len].clone();
                            let removed = vault.delete_batch(source).unwrap();
                            prop_assert_eq!(removed as u64, batch.count);
                            true
                        }
                    },
                    Action::Undo => {
                        let undone = vault.undo().unwrap().is_some();
                        prop_assert_eq!(undone, !past.is_empty());
                        if let Some(state) = past.pop() {
                            future.push(before.clone());
                            prop_assert_eq!(plain(vault.readings()), state);
                        }
                        false
                    }
                    Action::Redo => {
                        let redone = vault.redo().unwrap().is_some();
                        prop_assert_eq!(redone, !future.is_empty());
                        if let Some(state) = future.pop() {
                            past.push(before.clone());
                            prop_assert_eq!(plain(vault.readings()), state);
                        }
                        false
                    }
                    Action::Reopen => {
                        drop(vault);
                        vault = Vault::open(&home, &key).unwrap();
                        prop_assert_eq!(plain(vault.readings()), before.clone());
                        false
                    }
                };
                if changed {
                    past.push(before);
                    future.clear();
                }
                prop_assert_eq!(vault.readings().len(), vault.readings().iter().count());
            }
        }
    }

    #[test]
    fn an_import_can_be_removed_later_and_brought_back() {
        let (_dir, home) = home();
        let key = MasterKey::generate().unwrap();
        let mut vault = Vault::open(&home, &key).unwrap();
        vault.add("first.csv", 1, (0..100).map(|i| made(i, 0)).collect()).unwrap();
        vault.add("second.csv", 2, (50..150).map(|i| made(i, 1)).collect()).unwrap();
        vault.enter(3, made(7, 2)).unwrap();
        let (first, batch) = vault.batches()[0].clone();
        assert_eq!((&*batch.name, batch.count), ("first.csv", 100));
        assert_eq!(vault.delete_batch(first).unwrap(), 100);
        assert_eq!(vault.readings().len(), 101);
        let names: Vec<_> = vault.batches().iter().map(|(_, batch)| batch.name.to_string()).collect();
        assert_eq!(names, ["second.csv", "entered by hand"]);
        assert_eq!(vault.undo().unwrap().as_deref(), Some("Remove first.csv"));
        assert_eq!(vault.readings().len(), 201);
        assert_eq!(vault.batches()[0].1.count, 100);
    }
}
