//! Processes that die, and processes that start together.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use veilbeat::client::MasterKey;
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::vault::{Home, Vault, VaultError, create_key, load_key};

/// Readings of one batch. A batch is all there or not at all.
const BATCH: usize = 40;
const FOLDER: &str = "VEILBEAT_CRASH_TEST_FOLDER";

/// One test at a time: a process that is being started shares its parent's files, and with them the
/// locks, until it runs its own program.
static GATE: Mutex<()> = Mutex::new(());

fn gate() -> MutexGuard<'static, ()> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn home(dir: &std::path::Path) -> Home {
    Home::find(Some(dir)).unwrap()
}

fn batch(number: usize) -> Vec<Reading> {
    let at = |i: usize| (number * BATCH + i) as i64 * 400_000;
    (0..BATCH)
        .map(|i| Reading {
            instant_ms: at(i),
            offset_secs: 0,
            rate: Rate::from_centi_bpm(6_000 + number as u32 % 5_000).unwrap(),
            kind: Kind::Sample,
            source: Source::default(),
            note: None,
        })
        .collect()
}

/// Not a test of its own: the process that the next one kills. It makes a key if there is none, then
/// adds, removes and brings back batches, and says so after each.
#[test]
#[ignore = "run by the test that kills it"]
fn worker() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let home = home(folder.as_ref());
    let key = match load_key(&home, None).unwrap() {
        Some(key) => key,
        None => create_key(&home).unwrap(),
    };
    let mut vault = Vault::open(&home, &key).unwrap();
    println!("\nopen");
    for _ in 0..10_000 {
        let number = vault.readings().len() / BATCH;
        assert_eq!(vault.add("batch", 0, batch(number)).unwrap().added, BATCH);
        println!("\nkept {}", number + 1);
        vault.undo().unwrap();
        vault.redo().unwrap();
    }
}

fn start_worker(dir: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["worker", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_process_killed_at_any_moment_leaves_the_old_state_or_the_new_one() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let mut stream = blake3::Hasher::new().update(b"moments").finalize_xof();
    let (mut most, mut id, mut at_work) = (0, None, 0);
    for round in 0..200 {
        if most > 60 * BATCH {
            // To begin anew, as the sentence about missing readings says.
            std::fs::remove_file(home.readings_file()).unwrap();
            std::fs::remove_file(home.config_dir().join("has-readings")).unwrap();
            most = 0;
        }
        let mut child = start_worker(dir.path());
        let mut random = [0; 2];
        stream.fill(&mut random);
        let moment = Duration::from_micros(u64::from(u16::from_le_bytes(random)) % 40_000);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Half of them die while they start, the others at work.
        if round % 2 == 0 {
            lines.find(|line| line.as_ref().is_ok_and(|line| line == "open"));
        }
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        let kept =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("kept ")?.parse::<usize>().ok()).max();
        let Some(key) = load_key(&home, None).expect("a whole key or none") else { continue };
        assert_eq!(*id.get_or_insert(key.id()), key.id(), "the key stays the same");
        let vault = Vault::open(&home, &key).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let len = vault.readings().len();
        assert_eq!(len % BATCH, 0, "round {round}: part of a batch");
        // What was reported is kept, save for one batch that was just being undone.
        let reported = kept.map_or(most, |kept| kept * BATCH);
        assert!(len + BATCH >= reported, "round {round}: {len} of {reported} readings");
        most = len;
        at_work += usize::from(kept.is_some());
        let left_over = std::fs::read_dir(home.config_dir()).unwrap().count();
        assert_eq!(left_over, 2, "round {round}: only the key is there, and that there are readings");
    }
    assert!(at_work > 5, "only {at_work} processes died at work");
}

#[test]
fn of_two_that_start_together_exactly_one_runs() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let key = MasterKey::generate().unwrap();
    // Each time, the other one waits two seconds.
    for round in 0..15 {
        let (start, end) = (Barrier::new(2), Barrier::new(2));
        let running: usize = std::thread::scope(|scope| {
            let racers = [(); 2].map(|()| {
                scope.spawn(|| {
                    start.wait();
                    let vault = Vault::open(&home, &key);
                    end.wait();
                    match vault {
                        Ok(_) => 1,
                        Err(VaultError::Running) => 0,
                        Err(error) => panic!("{error}"),
                    }
                })
            });
            racers.map(|racer| racer.join().unwrap()).into_iter().sum()
        });
        assert_eq!(running, 1, "round {round}");
    }
}

#[test]
fn of_two_that_make_a_key_together_exactly_one_does() {
    let _gate = gate();
    for _ in 0..50 {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path());
        let start = Barrier::new(2);
        let made: Vec<_> = std::thread::scope(|scope| {
            let racers = [(); 2].map(|()| {
                scope.spawn(|| {
                    start.wait();
                    create_key(&home).ok()
                })
            });
            racers.map(|racer| racer.join().unwrap()).into_iter().flatten().collect()
        });
        assert_eq!(made.len(), 1);
        assert_eq!(load_key(&home, None).unwrap().unwrap().expose(), made[0].expose());
    }
}

#[test]
fn a_lock_dies_with_its_process() {
    let _gate = gate();
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let mut child = start_worker(dir.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.find(|line| line.as_ref().is_ok_and(|line| line == "open")).unwrap().unwrap();
    let key = load_key(&home, None).unwrap().unwrap();
    assert!(matches!(Vault::open(&home, &key), Err(VaultError::Running)));
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while Vault::open(&home, &key).is_err() {
        assert!(Instant::now() < deadline, "the lock outlived its process");
    }
}
