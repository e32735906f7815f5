//! Bundles, questions and answers: exact on every road, and closed to damage and forgery.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use veilbeat::client::{Exported, MasterKey, OpenError, SchemeKey, Stop, export};
use veilbeat::protocol::files::{Answer, Bundle, FileError, Part, QuestionFile};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Step};
use veilbeat::scheme::Profile;
use veilbeat::server::compute;
use veilbeat::statistics::{Detail, Report, Request, plain};
use veilbeat::vault::{BundleError, Home, Vault, open_bundle, seal_bundle};

fn master() -> MasterKey {
    MasterKey::from_bytes(&[7; 32])
}

fn readings(count: i64, gap_ms: i64) -> Readings {
    Readings::from_list((0..count).map(|i| Reading {
        instant_ms: 1_700_000_000_000 + i * gap_ms,
        offset_secs: 3600,
        rate: Rate::from_centi_bpm(5_000 + (i as u32 * 271) % 9_000).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    }))
}

/// A bundle, a question about it and the answer, with what its owner remembers.
struct World {
    dir: tempfile::TempDir,
    exported: Exported,
    request: Request,
    readings: Readings,
    scheme: SchemeKey,
    vault: Vault,
}

fn go_on(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

impl World {
    fn new(readings: Readings, request: Request, profile: Profile) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(&Home::find(Some(&dir.path().join("home"))).unwrap(), &master()).unwrap();
        let scheme = SchemeKey::derive(&master(), profile);
        let out = File::create(dir.path().join("b.veil")).unwrap();
        let seal = |readings: &Readings, exported: &Exported, before: &[u8; 32]| {
            seal_bundle(&master(), &vault, readings, exported, before)
        };
        let (key, days) = ((&scheme, master().id()), (None, None));
        let exported = export(key, (&readings, days), 5, seal, (&Stop::default(), &mut |_, _| {}), out).unwrap();
        let world = Self { dir, exported, request, readings, scheme, vault };
        world.answer_as("a.veil", Part::WHOLE);
        world
    }

    fn small() -> Self {
        Self::new(readings(5, 1_000), Request::all(Step::All, Detail::Averages), Profile::Standard)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn bundle(&self) -> Bundle {
        Bundle::open(&self.path("b.veil"), &mut go_on).unwrap()
    }

    fn question(&self) -> QuestionFile {
        self.exported.question(&master(), &self.request).unwrap()
    }

    fn answer_as(&self, name: &str, part: Part) {
        let question = self.question();
        let digest = QuestionFile::digest(question.to_text().as_bytes());
        let out = File::create(self.path(name)).unwrap();
        let mut progress = |_, _| ControlFlow::Continue(());
        compute(&self.bundle(), &question, digest, part, out, &mut progress).unwrap();
    }

    fn open(&self, path: &Path) -> Result<Option<Report>, OpenError> {
        self.exported.open(&self.scheme, &self.request, &mut Answer::open(path)?)
    }

    fn expected(&self) -> Option<Report> {
        let answer = |questions: &[_]| Ok::<_, OpenError>(plain::answer(&self.readings, questions));
        Report::make(&(&self.readings).into(), &self.request, answer).unwrap()
    }
}

/// The readings that a bundle brings back.
fn restored(path: &Path) -> Result<Readings, BundleError> {
    let bundle = Bundle::open(path, &mut go_on)?;
    open_bundle(&master(), &bundle).map(|part| part.readings)
}

/// Gives a file that has been changed the checksum that belongs to it.
fn mend(bytes: &mut [u8]) {
    let at = bytes.len().saturating_sub(32);
    let digest = blake3::hash(&bytes[..at]);
    let end = &mut bytes[at..];
    end.copy_from_slice(&digest.as_bytes()[..end.len()]);
}

#[test]
fn an_answer_is_what_the_readings_say_whole_or_merged() {
    for profile in Profile::ALL {
        for (step, detail) in
            [(Step::Day, Detail::Statistics), (Step::Hour, Detail::Averages), (Step::All, Detail::Profiles)]
        {
            let world = World::new(readings(3_000, 97_000), Request::all(step, detail), profile);
            assert_eq!(world.open(&world.path("a.veil")).unwrap(), world.expected());
            // More parts than chunks: some are empty, and valid.
            for of in [2, 3, world.exported.chunks.len() as u32 + 5] {
                let parts: Vec<_> = (1..=of).map(|number| Part::new(number, of).unwrap()).collect();
                for part in &parts {
                    let name = format!("p{}.veil", part.number);
                    world.answer_as(&name, *part);
                    let mut answer = Answer::open(&world.path(&name)).unwrap();
                    world.exported.check_part(&world.scheme, &world.request, &mut answer).unwrap();
                }
                let mut answers: Vec<_> =
                    (1..=of).map(|number| Answer::open(&world.path(&format!("p{number}.veil"))).unwrap()).collect();
                answers.reverse();
                veilbeat::server::merge(answers, File::create(world.path("m.veil")).unwrap()).unwrap();
                assert_eq!(fs::read(world.path("m.veil")).unwrap(), fs::read(world.path("a.veil")).unwrap());
                if of > 3 || step != Step::Day {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_bundle_brings_every_reading_back() {
    let world = World::new(readings(5_000, 700), Request::all(Step::All, Detail::Averages), Profile::Standard);
    assert_eq!(restored(&world.path("b.veil")).unwrap(), world.readings);
    let other = MasterKey::from_bytes(&[8; 32]);
    let Err(BundleError::OtherKey { bundle, key }) = open_bundle(&other, &world.bundle()) else {
        panic!("opened with another key")
    };
    assert_eq!((bundle, key), (master().id(), other.id()));
}

#[test]
fn every_flipped_bit_and_every_cut_of_a_bundle_is_a_named_error() {
    let world = World::small();
    let path = world.path("b.veil");
    let good = fs::read(&path).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    for (at, &byte) in good.iter().enumerate() {
        for bit in 0..8 {
            file.write_all_at(&[byte ^ 1 << bit], at as u64).unwrap();
            let error = Bundle::open(&path, &mut go_on).err();
            assert!(error.is_some_and(|error| named(&error)), "bit {bit} of byte {at}");
        }
        file.write_all_at(&[byte], at as u64).unwrap();
    }
    cuts_and_trailing_bytes(&path, &good, |path| Bundle::open(path, &mut go_on).err());
    assert_eq!(restored(&path).unwrap(), world.readings);
}

#[test]
fn every_flipped_bit_and_every_cut_of_an_answer_is_a_named_error() {
    let world = World::small();
    let path = world.path("a.veil");
    let good = fs::read(&path).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    for (at, &byte) in good.iter().enumerate() {
        // Every bit of the start and the end, and of every seventh byte between.
        let bits = if at < 400 || at + 100 > good.len() || at % 7 == 0 { 0..8 } else { at % 8..at % 8 + 1 };
        for bit in bits {
            file.write_all_at(&[byte ^ 1 << bit], at as u64).unwrap();
            let error = Answer::open(&path).err();
            assert!(error.is_some_and(|error| named(&error)), "bit {bit} of byte {at}");
        }
        file.write_all_at(&[byte], at as u64).unwrap();
    }
    cuts_and_trailing_bytes(&path, &good, |path| Answer::open(path).err());
    assert_eq!(world.open(&path).unwrap(), world.expected());
}

fn named(error: &FileError) -> bool {
    let text = error.to_string();
    matches!(error, FileError::Other(_) | FileError::Newer(_) | FileError::Damaged(_)) && text.len() < 200
}

fn cuts_and_trailing_bytes(path: &Path, good: &[u8], open: impl Fn(&Path) -> Option<FileError>) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    for len in (0..good.len()).rev() {
        file.set_len(len as u64).unwrap();
        assert!(open(path).is_some_and(|error| named(&error)), "cut to {len}");
    }
    fs::write(path, good).unwrap();
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    for more in 1..=4096 {
        file.write_all(&[more as u8]).unwrap();
        assert!(open(path).is_some_and(|error| named(&error)), "{more} bytes more");
    }
    fs::write(path, good).unwrap();
}

/// A forger knows how to make checksums.
#[test]
fn a_changed_bundle_with_a_right_checksum_is_refused_all_the_same() {
    let world = World::small();
    let path = world.path("b.veil");
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() - 32 {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        mend(&mut bad);
        fs::write(&path, &bad).unwrap();
        assert!(restored(&path).is_err(), "byte {at}");
    }
    // The body of `rate` changed so that its fold keeps its value: one slot up, another down.
    let body = 256 + 64 + 20;
    let mut bad = good.clone();
    bad[body] = bad[body].wrapping_add(1);
    bad[body + 6] = bad[body + 6].wrapping_sub(1);
    assert!(bad[body] != 0 && bad[body + 6] != 255, "no carry");
    mend(&mut bad);
    fs::write(&path, &bad).unwrap();
    assert!(matches!(restored(&path), Err(BundleError::Forged)));
}

#[test]
fn tampered_answers_are_never_decrypted_and_name_the_sum() {
    let world = World::small();
    let path = world.path("a.veil");
    let good = fs::read(&path).unwrap();
    let (start, sum) = (256 + 84, 1 + 24_604);
    assert_eq!(good.len(), start + 3 * sum + 32);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut tried = 0;
    let mut refused = |bad: &mut Vec<u8>, about: &str| {
        tried += 1;
        mend(bad);
        file.write_all_at(bad, 0).unwrap();
        match world.open(&path) {
            Err(OpenError::Unverified { number, part, .. }) => {
                assert_eq!(part, Part::WHOLE);
                Some(number)
            }
            Err(OpenError::File(_) | OpenError::OtherSums) => None,
            Ok(_) => panic!("{about} was opened"),
        }
    };
    // Every byte of every limb and tag, each in its own way.
    for at in (start..good.len() - 32).step_by(4) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at / 4 % 8);
        let number = refused(&mut bad, &format!("byte {at}"));
        let expected = (at - start) / sum + 1;
        assert!(number.is_none_or(|number| number == expected), "byte {at} is in sum {expected}");
    }
    // A limb by multiples of p, and words by carries between their limbs.
    for word in (0..2_049).step_by(3) {
        let at = start + 1 + word * 12;
        for (low, high) in [(1i64 << 32, -1i64), (-(1 << 32), 1), ((1 << 48) - 1, 0), (1 << 47, 1 << 47), (61, 0)] {
            let mut bad = good.clone();
            for (at, change) in [(at, low), (at + 6, high)] {
                let mut limb = [0; 8];
                limb[..6].copy_from_slice(&bad[at..at + 6]);
                let changed = u64::from_le_bytes(limb).wrapping_add_signed(change) & ((1 << 48) - 1);
                bad[at..at + 6].copy_from_slice(&changed.to_le_bytes()[..6]);
            }
            refused(&mut bad, &format!("word {word}"));
        }
    }
    // Sums in each other's place, and each other's tags.
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        let place = |which: usize| start + which * sum + 1..start + (which + 1) * sum;
        let mut bad = good.clone();
        bad[place(a)].copy_from_slice(&good[place(b)]);
        refused(&mut bad, "a sum in another's place");
        let tag = |which: usize| place(which).end - 16..place(which).end;
        let mut bad = good.clone();
        bad[tag(a)].copy_from_slice(&good[tag(b)]);
        refused(&mut bad, "another sum's tag");
    }
    assert!(tried >= 20_000, "{tried}");
}

#[test]
fn answers_from_something_else_are_refused() {
    let world = World::new(readings(900, 60_000), Request::all(Step::Day, Detail::Statistics), Profile::Standard);
    // The same readings exported again: other seeds.
    let again = World::new(readings(900, 60_000), world.request, Profile::Standard);
    assert!(matches!(world.open(&again.path("a.veil")), Err(OpenError::Unverified { number: 1, .. })));
    let other_profile = World::new(readings(900, 60_000), world.request, Profile::LongTerm);
    assert!(matches!(world.open(&other_profile.path("a.veil")), Err(OpenError::OtherSums)));
    let fewer = World::new(readings(900, 60_000), Request::all(Step::All, Detail::Averages), Profile::Standard);
    assert!(matches!(world.open(&fewer.path("a.veil")), Err(OpenError::OtherSums)));
    // Another owner, who knows the same export by accident.
    let stranger = SchemeKey::derive(&MasterKey::from_bytes(&[9; 32]), Profile::Standard);
    let mut answer = Answer::open(&world.path("a.veil")).unwrap();
    assert!(matches!(world.exported.open(&stranger, &world.request, &mut answer), Err(OpenError::Unverified { .. })));
    // A server that leaves a chunk out, takes one twice in a row's place, or another column.
    let question = world.question();
    let digest = QuestionFile::digest(question.to_text().as_bytes());
    let changes: [fn(&mut QuestionFile); 3] = [
        |question| question.sums[4].ranges[0].count -= 1,
        |question| question.sums[4].ranges[0].first.0 -= 1,
        |question| question.sums.swap(4, 5),
    ];
    for change in changes {
        let mut other = question.clone();
        change(&mut other);
        let out = File::create(world.path("bad.veil")).unwrap();
        let computed =
            compute(&world.bundle(), &other, digest, Part::WHOLE, out, &mut |_, _| ControlFlow::Continue(()));
        computed.unwrap();
        assert!(matches!(world.open(&world.path("bad.veil")), Err(OpenError::Unverified { number: 5, .. })));
    }
}

#[test]
fn a_wrong_part_is_named() {
    let world = World::new(readings(900, 60_000), Request::all(Step::Day, Detail::Averages), Profile::Standard);
    for number in 1..=2 {
        world.answer_as(&format!("p{number}.veil"), Part::new(number, 2).unwrap());
    }
    let path = world.path("p2.veil");
    let mut bad = fs::read(&path).unwrap();
    bad[1_000] ^= 1;
    mend(&mut bad);
    fs::write(&path, bad).unwrap();
    let answers = || [1, 2].map(|number| Answer::open(&world.path(&format!("p{number}.veil"))).unwrap());
    veilbeat::server::merge(answers().into(), File::create(world.path("m.veil")).unwrap()).unwrap();
    assert!(matches!(world.open(&world.path("m.veil")), Err(OpenError::Unverified { .. })));
    let [mut first, mut second] = answers();
    world.exported.check_part(&world.scheme, &world.request, &mut first).unwrap();
    let error = world.exported.check_part(&world.scheme, &world.request, &mut second).unwrap_err();
    assert!(error.to_string().contains("in part 2 of 2"), "{error}");
}

/// Fields that say how much follows, set to what cannot be: refused before anything is allocated for
/// them. The process may use 256 MiB of addresses, which one allocation of 2^31 bytes would exceed.
#[test]
fn lengths_that_lie_are_refused_before_they_cost_memory() {
    let world = World::small();
    for (name, fields) in [("b.veil", &[256 + 40, 256 + 48, 256 + 56][..]), ("a.veil", &[256 + 76])] {
        let good = fs::read(world.path(name)).unwrap();
        for &at in fields {
            for value in [0, 1, 1 << 31, 1 << 32, 1 << 63, u64::MAX] {
                let mut bad = good.clone();
                bad[at..at + 8].copy_from_slice(&u64::to_le_bytes(value));
                if bad == good {
                    continue;
                }
                mend(&mut bad);
                let path = world.path("lie.veil");
                fs::write(&path, bad).unwrap();
                let output = Command::new("sh")
                    .args(["-c", "ulimit -v 262144; exec \"$0\" inspect \"$1\"", env!("CARGO_BIN_EXE_veilbeat")])
                    .arg(&path)
                    .output()
                    .unwrap();
                let said = String::from_utf8(output.stderr).unwrap();
                assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{name} {at} {value}: {said}");
            }
        }
    }
}

/// Random changes, most of them with a checksum that fits: `VEILBEAT_MUTATIONS` of them, 20,000 otherwise.
#[test]
fn mutated_files_end_without_a_panic_and_never_open() {
    let count = std::env::var("VEILBEAT_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let world = World::small();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for name in ["b.veil", "a.veil"] {
        let (good, path) = (fs::read(world.path(name)).unwrap(), world.path("mutated.veil"));
        for round in 0..count {
            let mut bad = good.clone();
            for _ in 0..=random(3) {
                let (at, len) = (random(bad.len()), random(40));
                match random(6) {
                    0 => bad.truncate(at),
                    1 => bad.splice(at..at, (0..len).map(|i| i as u8).collect::<Vec<_>>()).for_each(drop),
                    2 => bad.drain(at..(at + len).min(good.len()).min(bad.len()).max(at)).for_each(drop),
                    // Lengths and counts stand at the start.
                    3 if bad.len() > 400 => bad[256 + random(100)] = [0, 1, 0x7f, 0x80, 0xff][random(5)],
                    _ if at < bad.len() => bad[at] ^= 1 << random(8),
                    _ => {}
                }
            }
            if random(4) > 0 {
                mend(&mut bad);
            }
            if bad == good
                || name == "a.veil"
                    && bad.len() == good.len()
                    && bad[..20] == good[..20]
                    && bad[256..good.len() - 32] == good[256..good.len() - 32]
            {
                continue;
            }
            fs::write(&path, &bad).unwrap();
            let opened = if name == "b.veil" { restored(&path).is_ok() } else { opens(&world, &path) };
            assert!(!opened, "round {round} of {name} was opened");
        }
    }
    // The vault was never touched.
    assert!(world.vault.readings().is_empty());
}

/// Whether an answer opens as the one that was asked for: its header is part of that.
fn opens(world: &World, path: &Path) -> bool {
    let Ok(answer) = Answer::open(path) else { return false };
    let header = answer.header();
    let known = header.question == QuestionFile::digest(world.question().to_text().as_bytes())
        && (header.key, header.export, header.part) == (master().id(), world.exported.id, Part::WHOLE);
    known && world.open(path).is_ok()
}

fn veilbeat(home: &Path, threads: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilbeat"));
    command.arg("--home").arg(home).args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn on_a_fresh_profile_import_export_ask_compute_open_work_in_this_order() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let home = dir.path().join("home");
    let run = |arguments: &[&str]| {
        let output = veilbeat(&home, "2", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        output
    };
    let mut csv = String::from("time,bpm\n");
    for hour in 0..72 {
        let (day, hour, rate) = (1 + hour / 24, hour % 24, 50 + hour);
        writeln!(csv, "2026-09-{day:02} {hour:02}:10,{rate}.25\n2026-09-{day:02} {hour:02}:20,70").unwrap();
    }
    fs::write(at("x.csv"), &csv).unwrap();
    run(&["import", &at("x.csv"), "--timezone", "UTC"]);
    run(&["export", &at("x.veil")]);
    let asked = run(&["ask", &at("x.veil"), "--by", "day", "-o", &at("q.txt")]);
    assert!(text(&asked.stderr).contains("The answer will hold 9 sums, 221817 bytes"), "{}", text(&asked.stderr));
    for threads in ["1", "2", "7"] {
        let output = veilbeat(
            &dir.path().join("nobody"),
            threads,
            &["compute", &at("x.veil"), &at("q.txt"), "-o", &at(threads)],
        );
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(fs::read(at(threads)).unwrap(), fs::read(at("1")).unwrap(), "{threads} threads");
    }
    assert!(!dir.path().join("nobody").exists(), "computing needs no profile");
    let opened = run(&["open", &at("1")]);
    let averaged = run(&["average", &at("x.csv"), "--by", "day", "--timezone", "UTC"]);
    assert_eq!(text(&opened.stdout), text(&averaged.stdout));
    let what = "Verified: averages by day of 2026-09-01 to 2026-09-03, as exported on ";
    assert!(text(&opened.stderr).starts_with(what) && text(&opened.stderr).lines().count() == 1);
    // Readings that changed since are said, and are no attack.
    fs::write(at("more.csv"), "time,bpm\n2026-09-02 10:30,99\n").unwrap();
    run(&["import", &at("more.csv"), "--timezone", "UTC"]);
    let later = run(&["open", &at("1"), "--json"]);
    assert!(text(&later.stderr).contains("Your readings have changed since the export"), "{}", text(&later.stderr));
    let json: serde_json::Value = serde_json::from_slice(&later.stdout).unwrap();
    assert_eq!((json["readings"].as_u64(), json["windows"].as_array().unwrap().len()), (Some(144), 3));
    let about = &json["about"];
    assert_eq!((about["from"].as_str(), about["to"].as_str()), (Some("2026-09-01"), Some("2026-09-03")));
    assert_eq!((about["step"].as_str(), about["superseded"].as_bool()), (Some("day"), Some(false)));
    // Another machine with the same key: restored, asked and opened there.
    let other = dir.path().join("other");
    let key = home.join("config/secret.key");
    let on_other = |arguments: &[&str]| veilbeat(&other, "2", arguments);
    let before = on_other(&["import", &at("x.veil")]);
    assert_eq!(before.status.code(), Some(1), "no key yet: {}", text(&before.stderr));
    assert!(on_other(&["key", "restore", key.to_str().unwrap()]).status.success());
    assert!(on_other(&["ask", &at("x.veil"), "-o", &at("q2.txt")]).status.success());
    assert_eq!(fs::read(at("q2.txt")).unwrap(), fs::read(at("q.txt")).unwrap());
    assert_eq!(text(&on_other(&["open", &at("1")]).stdout), text(&opened.stdout));
    for (already, added) in [(0, 144), (144, 0)] {
        let restored = on_other(&["import", &at("x.veil")]);
        let expected = format!("{added} readings imported, {already} already there");
        assert!(text(&restored.stdout).contains(&expected), "{}", text(&restored.stdout));
    }
    assert!(text(&on_other(&["imports"]).stdout).contains("x.csv"), "sources come back");
    // A tampered answer: exit 1, and no number.
    let mut bad = fs::read(at("1")).unwrap();
    bad[5_000] ^= 1;
    mend(&mut bad);
    fs::write(at("bad"), bad).unwrap();
    let refused = veilbeat(&home, "2", &["open", &at("bad")]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert!(text(&refused.stderr).contains("sum 1 of the answer (2026-09-01, rate)"), "{}", text(&refused.stderr));
    // Another key: both are named, nothing changes.
    let stranger = dir.path().join("stranger");
    fs::write(at("y.csv"), "time,bpm\n2026-09-01 10:00,60\n").unwrap();
    assert!(veilbeat(&stranger, "2", &["import", &at("y.csv")]).status.success());
    let foreign = veilbeat(&stranger, "2", &["import", &at("x.veil")]);
    assert_eq!(foreign.status.code(), Some(2));
    assert!(text(&foreign.stderr).contains("made with a different key"), "{}", text(&foreign.stderr));
}

#[test]
fn an_honest_answer_to_another_question_is_not_taken_for_the_one_that_was_asked() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let home = dir.path().join("home");
    let run = |arguments: &[&str]| veilbeat(&home, "2", arguments);
    // Another question about the same bundle, of one day only; the server sends the earlier answer.
    let asked =
        ["ask", &at("x.veil"), "--by", "all", "--from", "2026-09-02", "--to", "2026-09-02", "-o", &at("q2.txt")];
    assert!(run(&asked).status.success());
    let replayed = run(&["open", &at("a.veil")]);
    assert!(replayed.status.success(), "it is an answer of this profile's");
    let said = text(&replayed.stderr);
    assert!(said.contains("of 2026-09-01 to 2026-09-02, as exported on"), "{said}");
    assert!(said.contains("But another question was asked since: this answers an earlier one"), "{said}");
    let refused = run(&["open", &at("a.veil"), "--question", &at("q2.txt")]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert!(text(&refused.stderr).contains("the answer is to another question of yours"), "{}", text(&refused.stderr));
    assert!(run(&["open", &at("a.veil"), "--question", &at("q.txt")]).status.success());
    // A question that came back with other line ends is the same.
    let returned = fs::read_to_string(at("q2.txt")).unwrap().replace('\n', "\r\n");
    fs::write(at("q2.txt"), returned).unwrap();
    assert!(run(&["compute", &at("x.veil"), &at("q2.txt"), "-o", &at("a2.veil")]).status.success());
    let opened = run(&["open", &at("a2.veil"), "--question", &at("q2.txt")]);
    assert!(text(&opened.stdout).contains("70.00") && !text(&opened.stderr).contains("But"));
}

#[test]
fn an_older_bundle_says_that_there_is_a_newer_one() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| veilbeat(&dir.path().join("home"), "2", arguments);
    let restored = run(&["import", &at("x.veil")]);
    assert!(text(&restored.stderr).contains("with 2026-09-01 to 2026-09-02"), "{}", text(&restored.stderr));
    assert!(!text(&restored.stderr).contains("newer"));
    assert!(run(&["export", &at("later.veil")]).status.success());
    let older = run(&["import", &at("x.veil")]);
    assert!(text(&older.stderr).contains("A newer bundle was exported on"), "{}", text(&older.stderr));
}

/// A profile that has imported, exported, asked and been answered, as its folder.
fn answered() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("x.csv"), "time,bpm\n2026-09-01 10:10,60\n2026-09-02 10:10,70\n").unwrap();
    for arguments in [
        &["import", &at("x.csv"), "--timezone", "UTC"][..],
        &["export", &at("x.veil")],
        &["ask", &at("x.veil"), "-o", &at("q.txt")],
        &["compute", &at("x.veil"), &at("q.txt"), "-o", &at("a.veil")],
    ] {
        let output = veilbeat(&dir.path().join("home"), "2", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    }
    dir
}

#[test]
fn questions_for_the_same_sums_keep_their_meanings_apart() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = veilbeat(&dir.path().join("home"), "2", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    // Each day has readings in one hour only.
    run(&["ask", &at("x.veil"), "--by", "hour", "-o", &at("hours.txt")]);
    run(&["compute", &at("x.veil"), &at("hours.txt"), "-o", &at("hours.veil")]);
    assert!(run(&["open", &at("hours.veil")]).contains("\n2026-09-01T10:00:00+00:00 "));
    assert!(run(&["open", &at("a.veil")]).contains("\n2026-09-01 "));
    // An answer that names another export: refused before anything is decrypted.
    let mut bad = fs::read(at("a.veil")).unwrap();
    bad[280] ^= 1;
    mend(&mut bad);
    fs::write(at("bad.veil"), bad).unwrap();
    let refused = veilbeat(&dir.path().join("home"), "2", &["open", &at("bad.veil")]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let home = dir.path().join("home");
    // Parts that do not belong together.
    for part in ["1/2", "2/2", "1/3"] {
        let name = at(&part.replace('/', "of"));
        assert!(
            veilbeat(&home, "2", &["compute", &at("x.veil"), &at("q.txt"), "--part", part, "-o", &name])
                .status
                .success()
        );
    }
    for (parts, said) in [
        (&["1of2"][..], "part 2 of 2 is missing"),
        (&["1of2", "1of2"], "part 1 is there twice"),
        (&["1of2", "1of3"], "belongs to another"),
    ] {
        let parts: Vec<_> = parts.iter().map(|part| at(part)).collect();
        let parts: Vec<_> = parts.iter().map(|part| &**part).collect();
        let merged = veilbeat(&home, "2", &[&["merge", "-o", &at("m")], &parts[..]].concat());
        assert_eq!(merged.status.code(), Some(2));
        assert!(text(&merged.stderr).contains(said) && !Path::new(&at("m")).exists(), "{}", text(&merged.stderr));
    }
    for part in ["0/2", "3/2", "1", "x/y"] {
        assert_eq!(veilbeat(&home, "2", &["compute", "b", "q", "--part", part, "-o", "o"]).status.code(), Some(2));
    }
}

#[test]
fn nothing_that_is_there_is_replaced_by_a_slip_of_the_hand() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let home = dir.path().join("home");
    let names = ["home/config/secret.key", "x.csv", "x.veil", "q.txt", "a.veil"];
    let kept = names.map(|name| (at(name), fs::read(at(name)).unwrap()));
    let secret = at("home/config/secret.key");
    for arguments in [
        &["export", &secret][..],
        &["export", &at("x.csv"), "--force"],
        &["ask", &at("x.veil"), "-o", &secret, "--force"],
        &["compute", &at("x.veil"), &at("q.txt"), "-o", &at("x.veil"), "--force"],
        &["compute", &at("x.veil"), &at("q.txt"), "-o", &at("a.veil")],
        &["merge", &at("a.veil"), "-o", &at("a.veil"), "--force"],
        &["export", "/dev/null", "--force"],
    ] {
        let output = veilbeat(&home, "2", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("is there already; it was left as it is"), "{}", text(&output.stderr));
    }
    for (path, content) in kept {
        assert_eq!(fs::read(&path).unwrap(), content, "{path}");
    }
    let again = veilbeat(&home, "2", &["compute", &at("x.veil"), &at("q.txt"), "-o", &at("a.veil"), "--force"]);
    assert!(again.status.success(), "an answer may replace an answer");
}

/// What a holder of a bundle sees, byte by byte as docs/FORMAT.md says: with other rates, other days and
/// other notes, only what is random differs.
#[test]
fn a_bundle_shows_its_shape_and_nothing_of_its_readings() {
    let shifted = |days: i64, rate: u32| {
        Readings::from_list((0..2_500).map(|i| Reading {
            instant_ms: 1_700_000_000_000 + days * 86_400_000 + i * 7_000,
            offset_secs: 3600 * (1 - days.min(1) as i32 * 3),
            rate: Rate::from_centi_bpm(rate + (i as u32 * 271) % 900).unwrap(),
            kind: Kind::Sample,
            source: Source::default(),
            note: (i % 500 == 0).then(|| format!("{rate:0100}").into()),
        }))
    };
    let request = Request::all(Step::All, Detail::Averages);
    let worlds =
        [(0, 5_000), (777, 20_000)].map(|(days, rate)| World::new(shifted(days, rate), request, Profile::Standard));
    let [a, b] = worlds.each_ref().map(|world| fs::read(world.path("b.veil")).unwrap());
    assert_eq!(a.len(), b.len());
    let same = |range: std::ops::Range<usize>| assert_eq!(a[range.clone()], b[range.clone()], "{range:?}");
    same(0..272); // magic, format, words, key id
    same(288..320); // profile, counts, lengths
    let number = |at: usize| u64::from_le_bytes(a[at..at + 8].try_into().unwrap()) as usize;
    let mut at = 320;
    for _ in 0..number(296) {
        same(at..at + 4); // profile, columns, padded length
        assert_eq!((a[at], a[at + 1]), (1, 0b1111));
        let len = usize::from(u16::from_le_bytes([a[at + 2], a[at + 3]]));
        assert!([16, 32, 64, 128, 256, 384, 512, 768, 1024, 1536, 2048].contains(&len));
        at += 20;
        for slots in [len, len, len, 256] {
            // Uniform bytes: each bit is set in about half of them.
            let body = &a[at..at + slots * 6];
            let ones: u32 = body.iter().map(|byte| byte.count_ones()).sum();
            let (bits, ones) = (body.len() as f64 * 8.0, f64::from(ones));
            assert!((ones - bits / 2.0).abs() < 6.0 * bits.sqrt() / 2.0, "{ones} of {bits}");
            at += slots * 6 + 16;
        }
    }
    assert_eq!(at, 320 + number(304));
    assert_eq!(at + number(312) + 32, a.len());
    assert_eq!((number(312) - 40) % 4096, 0, "the sealed part is padded");
    // Neither an hour, nor a rate, nor a note is anywhere in it as it stands in memory.
    let hour = (1_700_000_000_000i64 / 3_600_000 * 3_600_000).to_le_bytes();
    for needle in [&hour[..], &hour[..5], b"00000000000000005000"] {
        assert!(!a.windows(needle.len()).any(|window| window == needle), "{needle:?}");
    }
}

/// Files of format 1, written once: they open for ever. (The key is 32 bytes of 0x2a.)
#[test]
fn frozen_files_of_format_1_open() {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen");
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = veilbeat(&dir.path().join("home"), "2", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let at = |name: &str| frozen.join(name).to_str().unwrap().to_owned();
    run(&["key", "restore", &at("frozen.key")]);
    assert!(run(&["import", &at("bundle.veil")]).contains("7 readings imported"));
    let question = dir.path().join("q.txt");
    run(&["ask", &at("bundle.veil"), "--by", "all", "--stats", "all", "-o", question.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(question).unwrap(), fs::read_to_string(at("question.txt")).unwrap());
    let opened: serde_json::Value = serde_json::from_str(&run(&["open", &at("answer.veil"), "--json"])).unwrap();
    assert_eq!(opened["overall"]["count"], 7);
    assert_eq!(opened["overall"]["mean"], 71.828_571_428_571_42);
    assert_eq!((&opened["overall"]["min"], &opened["overall"]["max"]), (&69.into(), &74.into()));
    // Computed again, it is the same to the byte.
    let again = dir.path().join("again.veil");
    run(&["compute", &at("bundle.veil"), &at("question.txt"), "-o", again.to_str().unwrap()]);
    assert_eq!(fs::read(again).unwrap(), fs::read(at("answer.veil")).unwrap());
}
