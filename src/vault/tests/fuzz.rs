//! Files of a profile, and the content of its records, that were changed a little.

#[path = "../../../tests/mutation/mod.rs"]
pub(super) mod mutation;

use mutation::{Random, fuzz, mutate};

use super::super::change::{Change, PutIn};
use super::super::export_record::{read_exported, write_exported};
use super::super::owners_part::read_owners_part;
use super::super::records::{
    Catalogue, DayEntry, DayKey, Export as RememberedExport, UndoStep, read_any_day, write_day_record,
};
use super::*;
use crate::client::{Export, ParameterSet};
use crate::fields::Fields;
use crate::reading::{DayRange, Readings};
use crate::statistics::Weighting;

fn some_readings() -> Readings {
    Readings::from_list((0..30).map(|i| reading(i, 6_000 + i as u32)))
}

fn catalogue() -> Catalogue {
    let batch = Batch { name: "export.csv".into(), added_ms: -1, count: 7 };
    let step = |id| UndoStep { name: "Add export.csv".into(), id };
    let day = |day, id| DayEntry { key: DayKey { day, kind: Kind::Sample }, id, revision: 3 };
    Catalogue {
        next_id: 90,
        days: vec![day(3, 4), day(4, 5)],
        batches: vec![batch],
        done: vec![step(7), step(8)],
        undone: vec![step(9)],
        exports: vec![RememberedExport { id: [7; 16], record: 5 }],
        asked: vec![],
    }
}

#[test]
fn fuzz_records() {
    let _gate = gate();
    let readings = some_readings();
    let hours: std::collections::BTreeMap<_, _> = readings.hours().map(|(key, hour)| (key, (**hour).clone())).collect();
    let day = write_day_record(hours.iter().take(10).map(|(key, hour)| (*key, hour)));
    let change = Change { taken_out: hours.clone(), put_in: PutIn::These(hours) }.write();
    let how = (ParameterSet::Standard, Weighting::Time, false);
    let exported = Export::prepare(&readings, DayRange::default(), how, 9).unwrap().exported().clone();
    let record = write_exported(&exported);
    let good = [catalogue().write(), day, change, record];
    fuzz("records of the store", 20_000, |rng| {
        let which = rng.below(good.len());
        let bytes = mutate(&good[which], rng);
        match which {
            0 => drop(Catalogue::read(&bytes).map(|catalogue| assert_eq!(catalogue.write(), bytes))),
            1 => drop(read_any_day(&bytes).map(|hours| {
                let again = write_day_record(hours.iter().map(|(key, hour)| (*key, hour)));
                assert!(read_any_day(&again).is_ok_and(|again| again == hours));
            })),
            2 => drop(Change::read(&bytes).map(|change| assert_eq!(Change::read(&change.write()), Ok(change)))),
            _ => drop(read_exported(&mut Fields::new(&bytes)).map(|exported| {
                let again = write_exported(&exported);
                assert!(read_exported(&mut Fields::new(&again)).is_ok_and(|again| again == exported));
            })),
        }
        let _ = read_owners_part(&bytes);
    });
}

#[test]
fn fuzz_key_files() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    crate::platform::create_private_dir(home.config_dir()).unwrap();
    let key = || MasterKey::from_bytes(&[0x5a; 32]);
    let plain = KeyFile::new(key(), None).unwrap().content;
    let locked = KeyFile::new(key(), Some(&passphrase())).unwrap().content;
    let words = RecoveryWords::of(&key()).words().collect::<Vec<_>>().join(" ");
    let good = [&plain[..], &locked[..], words.as_bytes()];
    fuzz("key files", 500, |rng| {
        let bytes = mutate(good[rng.below(good.len())], rng);
        fs::write(home.key_file(), &bytes).unwrap();
        let _ = fs::write(home.config_dir().join("secret.key.b3sum"), mutate(b"00ff  secret.key\n", rng));
        let same = |found: Option<MasterKey>| assert!(found.is_none_or(|found| found.expose() == key().expose()));
        // Damage makes no other key: neither of a file nor of words, which have a checksum of eight bits only.
        same(load_key(&home, Some(&passphrase())).ok().flatten());
        let backup = super::super::key_file::read_backup(&home.key_file(), Some(&passphrase())).ok();
        if !bytes.contains(&b' ') {
            same(backup.map(|file| file.key));
        }
    });
}

#[test]
fn fuzz_settings() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let mut settings = Settings::default();
    settings.timezone = Some("Asia/Tokyo".into());
    settings.zones.bounds = crate::statistics::ZoneBounds::Typed([100, 120, 140, 160, 180]);
    settings.window.corner = Some([-20, 40]);
    settings.save(&home).unwrap();
    let good = fs::read(home.settings_file()).unwrap();
    fuzz("settings", 1_000, |rng| {
        let bytes = mutate(&good, rng);
        fs::write(home.settings_file(), &bytes).unwrap();
        let _ = Settings::window_of(&home);
        let (settings, said) = Settings::load(&home);
        if home.settings_file().exists() {
            settings.save(&home).unwrap();
            let (read, _) = Settings::load(&home);
            assert_eq!(
                (&read.timezone, read.zones, read.window),
                (&settings.timezone, settings.zones, settings.window)
            );
            read.save(&home).unwrap();
            assert_eq!(Settings::load(&home).0, read, "what is saved is what is read");
        } else {
            let aside = fs::read(home.config_dir().join("settings.ron.broken")).unwrap();
            assert!(said.is_some() && aside == bytes, "what cannot be understood is kept");
            fs::remove_file(home.config_dir().join("settings.ron.broken")).unwrap();
        }
    });
}

#[test]
fn fuzz_stores() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    prepare(&home, Import);
    let (key, mut vault) = open(&home).unwrap().unwrap();
    vault.add("more", 2, (100..400).map(|hour| reading(hour, 7_500)).collect()).unwrap();
    vault.edit(&reading(2, 7_000), &reading(9, 9_000)).unwrap();
    let now = vault.readings().clone();
    drop(vault);
    let ever: std::collections::BTreeSet<_> =
        now.iter().chain([reading(2, 7_000)]).map(|r| (r.instant_ms, r.rate)).collect();
    let good = fs::read(home.readings_file()).unwrap();
    fuzz("stores", 60, |rng| {
        let bytes = if rng.below(2) == 0 { mutate(&good, rng) } else { damage_heads(&good, rng) };
        fs::write(home.readings_file(), &bytes).unwrap();
        match open(&home) {
            Ok(Some((_, vault))) => {
                let of_then = |r: crate::reading::Reading| ever.contains(&(r.instant_ms, r.rate));
                assert!(vault.readings().iter().all(of_then), "no reading is made up");
            }
            Ok(None) => panic!("the key is there"),
            Err(ProfileError::Vault(error)) => {
                assert!(fs::read(home.readings_file()).unwrap() == bytes, "{error}");
            }
            Err(error) => panic!("{error}"),
        }
        fs::write(home.readings_file(), &bytes).unwrap();
        if let Ok(rescued) = rescue(&home, &key) {
            assert!(rescued.readings.iter().all(|r| ever.contains(&(r.instant_ms, r.rate))));
        }
    });
}

/// Damage where redb's own tables are.
fn damage_heads(good: &[u8], rng: &mut Random) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=rng.below(3) {
        let at = rng.below(good.len() / 4096) * 4096 + rng.below(64);
        bytes[at] ^= 1 << rng.below(8);
    }
    bytes
}
