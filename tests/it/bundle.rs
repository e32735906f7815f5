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

use veilbeat::client::{CancelToken, Export, Exported, MasterKey, OpenError, ParameterSet, SchemeKey};
use veilbeat::protocol::files::{Answer, Bundle, FileError, QuestionFile};
use veilbeat::reading::{DayRange, Kind, Rate, Reading, Readings, Source, Step};
use veilbeat::server::compute;
use veilbeat::statistics::{Detail, Report, ReportRequest, Weighting, plain};
use veilbeat::vault::{Home, OwnersContent, OwnersPartError, Vault, open_bundle};

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
pub(super) struct World {
    dir: tempfile::TempDir,
    exported: Exported,
    request: ReportRequest,
    readings: Readings,
    scheme: SchemeKey,
    vault: Vault,
}

pub(super) fn go_on(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

impl World {
    fn new(readings: &Readings, request: ReportRequest, parameters: ParameterSet) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(&Home::find(Some(&dir.path().join("home"))).unwrap(), &master()).unwrap();
        vault.add("x.csv", 1, readings.iter().collect()).unwrap();
        let readings = vault.readings().clone();
        let scheme = SchemeKey::derive(&master(), parameters);
        let out = File::create(dir.path().join("b.veil")).unwrap();
        let hours = request.step == Step::Hour && request.detail == Detail::Statistics;
        let export =
            Export::prepare(&readings, DayRange::default(), (parameters, request.weighting, hours), 5).unwrap();
        let content = OwnersContent::new(&vault, export.readings());
        let bytes = content.sealed_bytes(export.exported());
        let seal = |exported: &Exported, before: &[u8; 32]| content.seal(&master(), exported, before);
        let watch: (&CancelToken, &mut dyn FnMut(usize, usize)) = (&CancelToken::default(), &mut |_, _| {});
        let exported = export.write((&scheme, master().id()), bytes, seal, watch, out).unwrap();
        let world = Self { dir, exported, request, readings, scheme, vault };
        world.answer_as("a.veil");
        world
    }

    /// Six weeks, one reading an hour.
    fn weeks(request: ReportRequest, parameters: ParameterSet) -> Self {
        Self::new(&readings(900, 3_600_000), request, parameters)
    }

    pub(super) fn small() -> Self {
        Self::new(&readings(5, 1_000), ReportRequest::all(Step::All, Detail::Averages), ParameterSet::Standard)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn bundle(&self) -> Bundle {
        Bundle::open(&self.path("b.veil"), &mut go_on).unwrap()
    }

    pub(super) fn question(&self) -> QuestionFile {
        self.exported.question(&master(), &self.request).unwrap()
    }

    fn answer_as(&self, name: &str) {
        let question = self.question();
        let digest = QuestionFile::digest(question.to_text().as_bytes());
        let out = File::create(self.path(name)).unwrap();
        let mut progress = |_, _| ControlFlow::Continue(());
        compute(&self.bundle(), &question, digest, out, &mut progress).unwrap();
    }

    pub(super) fn open(&self, path: &Path) -> Result<Option<Report>, OpenError> {
        self.exported.open(&self.scheme, &self.request, &mut Answer::open(path)?)
    }

    pub(super) fn expected(&self) -> Option<Report> {
        plain::report(&self.readings, &self.request)
    }
}

/// The readings that a bundle brings back.
pub(super) fn restored(path: &Path) -> Result<Readings, OwnersPartError> {
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
fn an_answer_is_what_the_readings_say() {
    for parameters in ParameterSet::ALL {
        for (step, detail) in [
            (Step::Day, Detail::Statistics),
            (Step::Hour, Detail::Averages),
            (Step::Hour, Detail::Statistics),
            (Step::All, Detail::Statistics),
        ] {
            for weighting in Weighting::ALL {
                let request = ReportRequest::all(step, detail).weighted_by(weighting);
                let world = World::new(&readings(3_000, 997_000), request, parameters);
                assert_eq!(world.open(&world.path("a.veil")).unwrap(), world.expected());
            }
        }
    }
}

#[test]
fn a_bundle_brings_every_reading_back() {
    let world =
        World::new(&readings(5_000, 700), ReportRequest::all(Step::All, Detail::Averages), ParameterSet::Standard);
    assert_eq!(restored(&world.path("b.veil")).unwrap(), world.readings);
    let other = MasterKey::from_bytes(&[8; 32]);
    let Err(OwnersPartError::OtherKey { bundle, key }) = open_bundle(&other, &world.bundle()) else {
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
        for bit in bits_to_try(at, good.len()) {
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
        for bit in bits_to_try(at, good.len()) {
            file.write_all_at(&[byte ^ 1 << bit], at as u64).unwrap();
            let error = Answer::open(&path).err();
            assert!(error.is_some_and(|error| named(&error)), "bit {bit} of byte {at}");
        }
        file.write_all_at(&[byte], at as u64).unwrap();
    }
    cuts_and_trailing_bytes(&path, &good, |path| Answer::open(path).err());
    assert_eq!(world.open(&path).unwrap(), world.expected());
}

/// Every bit of the start and the end and of some bytes between, one bit of the others.
fn bits_to_try(at: usize, len: usize) -> std::ops::Range<usize> {
    if at < 400 || at + 400 > len || at.is_multiple_of(61) { 0..8 } else { at % 8..at % 8 + 1 }
}

fn named(error: &FileError) -> bool {
    let text = error.to_string();
    matches!(error, FileError::Other(_) | FileError::Newer(_) | FileError::Unreleased(_) | FileError::Damaged(_))
        && text.len() < 200
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
    let body = 256 + 56 + 5 + 16;
    let mut bad = good.clone();
    bad[body] = bad[body].wrapping_add(1);
    bad[body + 6] = bad[body + 6].wrapping_sub(1);
    assert!(bad[body] != 0 && bad[body + 6] != 255, "no carry");
    mend(&mut bad);
    fs::write(&path, &bad).unwrap();
    assert!(matches!(restored(&path), Err(OwnersPartError::Forged)));
}

#[test]
fn tampered_answers_are_never_decrypted_and_name_the_sum() {
    let world = World::small();
    let path = world.path("a.veil");
    let good = fs::read(&path).unwrap();
    let (start, sums) = (256 + 80, [1 + 26_608, 1 + 28_624]);
    assert_eq!(good.len(), start + sums[0] + sums[1] + 32);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut tried = 0;
    let mut refused = |bad: &mut Vec<u8>, about: &str| {
        tried += 1;
        mend(bad);
        file.write_all_at(bad, 0).unwrap();
        match world.open(&path) {
            Err(OpenError::Unverified { number, .. }) => Some(number),
            Err(OpenError::File(_) | OpenError::OtherSums) => None,
            Ok(_) => panic!("{about} was opened"),
        }
    };
    // Every byte of every limb and tag, each in its own way.
    for at in (start..good.len() - 32).step_by(4) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at / 4 % 8);
        let number = refused(&mut bad, &format!("byte {at}"));
        let expected = if at - start < sums[0] { 1 } else { 2 };
        assert!(number.is_none_or(|number| number == expected), "byte {at} is in sum {expected}");
    }
    // A limb by multiples of p, and words by carries between their limbs.
    for word in (0..2_216).step_by(2) {
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
    // Each other's tags.
    let tags = [start + sums[0] - 16, start + sums[0] + sums[1] - 16];
    for (a, b) in [(0, 1), (1, 0)] {
        let mut bad = good.clone();
        bad[tags[a]..tags[a] + 16].copy_from_slice(&good[tags[b]..tags[b] + 16]);
        refused(&mut bad, "another sum's tag");
    }
    assert!(tried >= 15_000, "{tried}");
}

#[test]
fn answers_from_something_else_are_refused() {
    let request = ReportRequest::all(Step::All, Detail::Statistics);
    let world = World::weeks(request, ParameterSet::Standard);
    // The same readings exported again: other seeds.
    let again = World::weeks(request, ParameterSet::Standard);
    assert!(matches!(world.open(&again.path("a.veil")), Err(OpenError::Unverified { number: 1, .. })));
    let other_parameters = World::weeks(request, ParameterSet::LongTerm);
    assert!(matches!(world.open(&other_parameters.path("a.veil")), Err(OpenError::OtherSums)));
    let fewer = World::weeks(ReportRequest::all(Step::All, Detail::Averages), ParameterSet::Standard);
    assert!(matches!(world.open(&fewer.path("a.veil")), Err(OpenError::OtherSums)));
    // Another owner, who knows the same export by accident.
    let stranger = SchemeKey::derive(&MasterKey::from_bytes(&[9; 32]), ParameterSet::Standard);
    let mut answer = Answer::open(&world.path("a.veil")).unwrap();
    assert!(matches!(world.exported.open(&stranger, &world.request, &mut answer), Err(OpenError::Unverified { .. })));
    // A server that leaves a week out, takes another one, or another column.
    let question = world.question();
    assert_eq!((question.sums[1].ranges.len(), question.sums[1].ranges[0].count), (1, 4));
    let digest = QuestionFile::digest(question.to_text().as_bytes());
    let changes: [fn(&mut QuestionFile); 3] = [
        |question| question.sums[1].ranges[0].count -= 1,
        |question| question.sums[1].ranges[0].first.0 -= 1,
        |question| question.sums.swap(1, 4),
    ];
    for change in changes {
        let mut other = question.clone();
        change(&mut other);
        let out = File::create(world.path("bad.veil")).unwrap();
        compute(&world.bundle(), &other, digest, out, &mut |_, _| ControlFlow::Continue(())).unwrap();
        assert!(matches!(world.open(&world.path("bad.veil")), Err(OpenError::Unverified { number: 2, .. })));
    }
}

/// Fields that say how much follows, set to what cannot be: refused before anything is allocated for
/// them. The process may use 256 MiB of addresses, which one allocation of 2^31 bytes would exceed.
#[test]
fn lengths_that_lie_are_refused_before_they_cost_memory() {
    let world = World::small();
    for (name, fields) in [("b.veil", &[256 + 40, 256 + 48][..]), ("a.veil", &[256 + 72])] {
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
    assert_eq!(*world.vault.readings(), world.readings);
}

/// Whether an answer opens as the one that was asked for: its header is part of that.
fn opens(world: &World, path: &Path) -> bool {
    let Ok(answer) = Answer::open(path) else { return false };
    let header = answer.header();
    let known = header.question == QuestionFile::digest(world.question().to_text().as_bytes())
        && (header.key, header.export) == (master().id(), world.exported.id);
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
    assert!(text(&asked.stderr).contains("The answer will hold 2 sums, 55602 bytes"), "{}", text(&asked.stderr));
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
    let averaged = run(&["average", &at("x.csv"), "--by", "day", "--timezone", "UTC", "--weighting", "time"]);
    assert_eq!(text(&opened.stdout), text(&averaged.stdout));
    let what = "Verified: averages by day of 2026-09-01 to 2026-09-03, weighted by time, as exported on ";
    assert!(text(&opened.stderr).starts_with(what) && text(&opened.stderr).lines().count() == 1);
    // Readings that have changed since are reported, and are not an attack.
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
    assert!(
        text(&refused.stderr).contains("sum 1 of the answer (week of 2026-08-31, rate)"),
        "{}",
        text(&refused.stderr)
    );
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
    assert!(said.contains("of 2026-09-01 to 2026-09-02, weighted by time, as exported on"), "{said}");
    assert!(said.contains("Note: another question has been asked since, and this answers an earlier one"), "{said}");
    let refused = run(&["open", &at("a.veil"), "--question", &at("q2.txt")]);
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert!(text(&refused.stderr).contains("the answer is to another of your questions"), "{}", text(&refused.stderr));
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
    assert!(run(&["open", &at("hours.veil")]).contains("\n2026-09-01T10:00:00 "));
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
fn a_bundle_for_computing_restores_nothing_and_is_asked_about_at_home() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let run = |home: &str, arguments: &[&str]| veilbeat(&dir.path().join(home), "2", arguments);
    let exported = run("home", &["export", &at("c.veil"), "--for-computing"]);
    assert!(text(&exported.stderr).contains("it is not a backup"), "{}", text(&exported.stderr));
    assert_eq!(fs::metadata(at("c.veil")).unwrap().len(), 256 + 56 + 35_045 + 32);
    let restored = run("home", &["import", &at("c.veil")]);
    assert_eq!(restored.status.code(), Some(2));
    assert!(text(&restored.stderr).contains("exported for computing only"), "{}", text(&restored.stderr));
    for arguments in [
        &["ask", &at("c.veil"), "--stats", "all", "-o", &at("c.txt")][..],
        &["compute", &at("c.veil"), &at("c.txt"), "-o", &at("c-answer.veil")],
        &["open", &at("c-answer.veil")],
    ] {
        let output = run("home", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    }
    // Elsewhere the same key does not know what its sheets mean.
    assert!(run("other", &["key", "restore", &at("home/config/secret.key")]).status.success());
    let asked = run("other", &["ask", &at("c.veil"), "-o", &at("d.txt")]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(text(&asked.stderr).contains("exported for computing only"), "{}", text(&asked.stderr));
}

#[test]
fn a_question_that_a_bundle_cannot_answer_is_refused_in_words() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| veilbeat(&dir.path().join("home"), "2", arguments);
    for (arguments, said) in [
        (&["--by", "hour", "--stats", "all"][..], "export it again with --hours"),
        (&["--from", "2026-09-01T08", "--stats", "all"], "export it again with --hours"),
        (&["--weighting", "readings"], "the bundle was exported weighted by time"),
        (&["--from", "2027-01-01"], "no readings in this range"),
    ] {
        let output = run(&[&["ask", &at("x.veil"), "-o", &at("no.txt")], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
    assert!(run(&["export", &at("h.veil"), "--hours", "--weighting", "readings"]).status.success());
    assert_eq!(fs::metadata(at("h.veil")).unwrap().len() / 1_000, 294);
    for arguments in [
        &["ask", &at("h.veil"), "--by", "hour", "--stats", "all", "--weighting", "readings", "-o", &at("h.txt")][..],
        &["compute", &at("h.veil"), &at("h.txt"), "-o", &at("h-answer.veil")],
    ] {
        assert!(run(arguments).status.success());
    }
    let opened = run(&["open", &at("h-answer.veil"), "--json"]);
    let opened: serde_json::Value = serde_json::from_slice(&opened.stdout).unwrap();
    assert_eq!((&opened["weighting"], &opened["windows"][1]["max"]), (&"readings".into(), &70.into()));
}

/// Format 1 was never released.
#[test]
fn files_of_format_1_are_refused_in_words() {
    let world = World::small();
    for (name, command) in [("b.veil", "import"), ("a.veil", "open"), ("b.veil", "inspect")] {
        let mut bytes = fs::read(world.path(name)).unwrap();
        bytes[16] = 1;
        mend(&mut bytes);
        fs::write(world.path("one.veil"), bytes).unwrap();
        let home = world.path("home2");
        fs::create_dir_all(&home).unwrap();
        fs::write(world.path("y.csv"), "time,bpm\n2026-09-01 10:00,60\n").unwrap();
        veilbeat(&home, "2", &["import", world.path("y.csv").to_str().unwrap()]);
        let output = veilbeat(&home, "2", &[command, world.path("one.veil").to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(text(&output.stderr).contains("was never released"), "{}", text(&output.stderr));
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
        &["export", "/dev/null", "--force"],
    ] {
        let output = veilbeat(&home, "2", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("already exists and was not changed"), "{}", text(&output.stderr));
    }
    for (path, content) in kept {
        assert_eq!(fs::read(&path).unwrap(), content, "{path}");
    }
    let again = veilbeat(&home, "2", &["compute", &at("x.veil"), &at("q.txt"), "-o", &at("a.veil"), "--force"]);
    assert!(again.status.success(), "an answer may replace an answer");
}

#[test]
fn compute_says_what_an_answer_costs_and_refuses_one_that_is_too_large() {
    let dir = answered();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (home, bytes) = (dir.path().join("home"), fs::metadata(at("a.veil")).unwrap().len());
    let compute = |most: String, out: &str| {
        veilbeat(&home, "2", &["compute", &at("x.veil"), &at("q.txt"), "-o", &at(out), "--most-bytes", &most])
    };
    let refused = compute((bytes - 1).to_string(), "b.veil");
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains(&format!("would have {bytes} bytes")) && said.contains("nothing was written"), "{said}");
    assert!(!Path::new(&at("b.veil")).exists());
    let done = compute(bytes.to_string(), "b.veil");
    let said = text(&done.stderr);
    assert!(done.status.success() && said.contains(&format!(" ciphertexts, {bytes} bytes")), "{said}");
    assert_eq!(fs::metadata(at("b.veil")).unwrap().len(), bytes, "what was said is what was written");
    assert_eq!(compute("1 TB or so".into(), "c.veil").status.code(), Some(2));
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
    let request = ReportRequest::all(Step::All, Detail::Averages);
    let world = |(days, rate)| World::new(&shifted(days, rate), request, ParameterSet::Standard);
    let worlds = [(0, 5_000), (777, 20_000)].map(world);
    let [a, b] = worlds.each_ref().map(|world| fs::read(world.path("b.veil")).unwrap());
    assert_eq!(a.len(), b.len());
    let same = |range: std::ops::Range<usize>| assert_eq!(a[range.clone()], b[range.clone()], "{range:?}");
    same(0..272); // magic, format, words, key id
    same(288..312); // parameters, columns, counts, lengths
    let number = |at: usize| u64::from_le_bytes(a[at..at + 8].try_into().unwrap()) as usize;
    assert_eq!((a[288], &a[292..296]), (1, &[0b111, 0, 0, 0][..]));
    let mut at = 312;
    for _ in 0..number(296) {
        same(at..at + 5); // parameters, columns
        at += 5;
        for slots in [2016, 2016, 1792] {
            // Uniform bytes: each bit is set in about half of them.
            let body = &a[at + 16..at + 16 + slots * 6];
            let ones: u32 = body.iter().map(|byte| byte.count_ones()).sum();
            let (bits, ones) = (body.len() as f64 * 8.0, f64::from(ones));
            assert!((ones - bits / 2.0).abs() < 6.0 * bits.sqrt() / 2.0, "{ones} of {bits}");
            at += 16 + slots * 6 + 16;
        }
    }
    assert_eq!(at, 312 + number(296) * 35_045);
    assert_eq!(at + number(304) + 32, a.len());
    // Somebody with a reading more or less has the same length of a sealed part.
    let one_more = World::new(&readings(2_501, 7_000), request, ParameterSet::Standard);
    let one_less = World::new(&readings(2_499, 7_000), request, ParameterSet::Standard);
    let sealed = |world: &World| world.bundle().header().sealed_bytes;
    assert_eq!(sealed(&one_more), sealed(&one_less));
    // Neither an hour, nor a rate, nor a note is anywhere in it as it stands in memory.
    let hour = (1_700_000_000_000i64 / 3_600_000 * 3_600_000).to_le_bytes();
    for needle in [&hour[..], &hour[..5], b"00000000000000005000"] {
        assert!(!a.windows(needle.len()).any(|window| window == needle), "{needle:?}");
    }
}

/// A reading of the frozen files, in UTC+2.
fn frozen_reading(time: &str, centi: u32, kind: Kind, note: Option<&str>) -> Reading {
    let instant: jiff::Timestamp = format!("{time}+02:00").parse().unwrap();
    Reading {
        instant_ms: instant.as_millisecond(),
        offset_secs: 7_200,
        rate: Rate::from_centi_bpm(centi).unwrap(),
        kind,
        source: Source::default(),
        note: note.map(Into::into),
    }
}

/// Writes the frozen files anew: `cargo test --test bundle frozen_files_are_written -- --ignored`, for a new format
/// only.
#[test]
#[ignore = "writes into the source tree"]
fn frozen_files_are_written() {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen");
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let at = |name: &str| frozen.join(name).to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = veilbeat(&home, "2", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    };
    run(&["key", "restore", &at("frozen.key")]);
    let seven = [7_250, 7_100, 7_320, 6_980, 7_050, 7_410, 7_170];
    let mut list: Vec<Reading> = (0..)
        .zip(seven)
        .map(|(i, rate)| frozen_reading(&format!("2026-10-01T08:{:02}:00", 5 * i), rate, Kind::Sample, None))
        .collect();
    // Two weeks later, three in one cell; between them a week without readings.
    list.push(frozen_reading("2026-10-12T06:00:00", 6_000, Kind::Sample, Some("after coffee ☕")));
    list.push(frozen_reading("2026-10-12T06:01:00", 6_100, Kind::Sample, None));
    list.push(frozen_reading("2026-10-12T06:02:00.250", 6_100, Kind::Sample, None));
    list.push(frozen_reading("2026-10-03T12:00:00", 6_543, Kind::Average, None));
    list.push(frozen_reading("2026-10-03T00:00:00", 5_100, Kind::Resting, None));
    let mut vault = Vault::open(&Home::find(Some(&home)).unwrap(), &MasterKey::from_bytes(&[0x2a; 32])).unwrap();
    vault.add("seven.csv", 1_790_000_000_000, list).unwrap();
    drop(vault);
    for name in ["bundle.veil", "question.txt", "answer.veil"] {
        let _ = fs::remove_file(frozen.join(name));
    }
    run(&["export", &at("bundle.veil")]);
    run(&["ask", &at("bundle.veil"), "--by", "all", "--stats", "all", "-o", &at("question.txt")]);
    run(&["compute", &at("bundle.veil"), &at("question.txt"), "-o", &at("answer.veil")]);
    run(&["open", &at("answer.veil"), "--json"]);
}

/// Files written once: they open for ever. (The key is 32 bytes of 0x2a.)
#[test]
fn frozen_files_of_format_2_open() {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen");
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = veilbeat(&dir.path().join("home"), "2", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let at = |name: &str| frozen.join(name).to_str().unwrap().to_owned();
    run(&["key", "restore", &at("frozen.key")]);
    assert!(run(&["import", &at("bundle.veil")]).contains("12 readings imported"));
    let question = dir.path().join("q.txt");
    run(&["ask", &at("bundle.veil"), "--by", "all", "--stats", "all", "-o", question.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(question).unwrap(), fs::read_to_string(at("question.txt")).unwrap());
    let opened: serde_json::Value = serde_json::from_str(&run(&["open", &at("answer.veil"), "--json"])).unwrap();
    let overall = &opened["overall"];
    assert_eq!((&overall["count"], &overall["covered_minutes"]), (&11.into(), &110.into()));
    assert_eq!(
        (&overall["mean"], &overall["min"], &overall["max"]),
        (&64.710_810_810_810_81.into(), &60.into(), &74.into())
    );
    // Computed again, it is the same to the byte.
    let again = dir.path().join("again.veil");
    run(&["compute", &at("bundle.veil"), &at("question.txt"), "-o", again.to_str().unwrap()]);
    assert_eq!(fs::read(again).unwrap(), fs::read(at("answer.veil")).unwrap());
}
