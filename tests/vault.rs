//! What is kept on disk survives, and is nobody else's to read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use veilbeat::client::MasterKey;
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::vault::{Added, Home, Vault, VaultError};

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
    let batches: Vec<_> = vault.batches().iter().map(|batch| (&*batch.name, batch.added_ms, batch.count)).collect();
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
    assert_eq!(files, 2, "{}", dir.path().display());
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
