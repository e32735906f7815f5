//! A server that is another program: over every transport, killed at any moment, and never in the way of the rest.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use veilbeat::client::{AskError, Client, HeldRecord, MasterKey, Observer, ParameterSet, SchemeKey};
use veilbeat::jobs::{Connection, connect_to};
use veilbeat::protocol::over_streams;
use veilbeat::reading::{Rate, Reading, Readings, Step};
use veilbeat::statistics::{Detail, ReportRequest, Weighting, plain};
use veilbeat::vault::{ServerKind, ServerSettings};

const PROGRAM: &str = env!("CARGO_BIN_EXE_veilbeat");

fn key() -> SchemeKey {
    SchemeKey::derive(&MasterKey::from_bytes(&[7; 32]), ParameterSet::Standard)
}

/// One reading every six hours, for some weeks.
fn weeks(count: i64) -> Readings {
    let rate = |i: i64| Rate::from_centi_bpm(5_000 + (i as u32 * 397) % 9_000).unwrap();
    Readings::from_list((0..count * 28).map(|i| Reading::sample(345_600_000 + i * 21_600_000, rate(i))))
}

/// All statistics by month, which must be right.
fn right(client: &mut Client, readings: &Readings) -> Result<(), AskError> {
    let request = ReportRequest::all(Step::Month, Detail::Statistics);
    let answered = client.report(readings, &request, &mut Observer::default())?.unwrap();
    assert_eq!(Some(answered.report), plain::report(readings, &request));
    Ok(())
}

fn reach(settings: &ServerSettings) -> Connection {
    connect_to(settings, Path::new(PROGRAM))
}

fn serve(store: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("serve").arg("--store").arg(store);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The command that serves from a folder.
fn command(store: &Path) -> ServerSettings {
    ServerSettings::command(&format!("'{PROGRAM}' serve --store '{}'", store.display()))
}

#[test]
fn every_kind_of_server_answers_and_says_who_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let readings = weeks(6);
    let process = ServerSettings { kind: ServerKind::Process, command: String::new() };
    for (settings, kept) in [(process, false), (command(&dir.path().join("store")), true)] {
        let mut record = None;
        for round in 0..2 {
            let (mut client, line) = reach(&settings).client(key(), Weighting::Time, record.take(), None);
            right(&mut client, &readings).unwrap();
            let peer = client.peer().unwrap();
            assert_eq!(peer.greeting.version.to_string(), env!("CARGO_PKG_VERSION"));
            assert_eq!((peer.greeting.kept, peer.kept), (kept, if kept && round == 1 { 6 } else { 0 }));
            record = client.take_record();
            assert_eq!(record.is_some(), kept && round == 0, "what has not changed is not told again");
            drop(client);
            line.wait();
        }
    }
}

#[test]
fn a_process_of_its_own_gives_up_what_the_system_lets_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = serve(dir.path()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("0 sheets, 0 bytes; sandbox: "), "{said}");
    if cfg!(target_os = "linux") {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        assert!(status.contains("NoNewPrivs:\t1"), "{status}");
        assert!(said.contains("no new privileges, its memory closed to other programs"), "{said}");
        if !said.contains("Landlock") {
            println!("this kernel has no Landlock: that the server can open no files was not tested");
        }
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn standard_output_holds_frames_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let ask = |input: &[u8]| -> Output {
        let mut child = serve(dir.path()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    };
    let nothing = ask(b"");
    assert!(nothing.status.success() && nothing.stdout.is_empty());
    let hello = ask(&[5, 0, 0, 0, 5, 1, 0, 0, 0]);
    assert_eq!((hello.stdout.len(), &hello.stdout[..5]), (4 + 73, &[73, 0, 0, 0, 20][..]));
    assert_eq!(String::from_utf8(hello.stderr).unwrap().lines().count(), 1, "one line a connection");
    // What is no frame, or cut, or larger than any, ends the connection with a sentence.
    for (input, words) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "none may have more than"),
        (&[9, 0, 0, 0, 1], "ended within a message"),
        (&[0xff; 4], "none may have more than"),
    ] {
        let refused = ask(input);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(words) && refused.stdout.is_empty(), "{said}");
    }
}

#[test]
fn a_store_in_use_is_refused_and_the_client_quotes_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, line) = reach(&command(dir.path())).client(key(), Weighting::Time, None, None);
    right(&mut first, &weeks(2)).unwrap();
    let (mut second, mut other) = reach(&command(dir.path())).client(key(), Weighting::Time, None, None);
    let error = right(&mut second, &weeks(2)).unwrap_err();
    let said = other.explain(&error);
    assert!(said.contains("in use by another server") && said.contains("readings are safe"), "{said}");
    right(&mut first, &weeks(2)).unwrap();
    drop(first);
    line.wait();
}

#[test]
fn a_command_that_fails_hangs_or_talks_is_a_sentence() {
    let said = |command: &str| {
        let (mut client, mut line) =
            reach(&ServerSettings::command(command)).client(key(), Weighting::Time, None, None);
        client.give_up_after(Duration::from_secs(1));
        let error = right(&mut client, &weeks(1)).unwrap_err();
        let said = line.explain(&error);
        assert!(said.contains("Your readings are safe") && said.contains("use this computer instead"), "{said}");
        said
    };
    let refused = said("sh -c 'echo ssh: connect to host nas port 22: Connection refused >&2; exit 255'");
    assert!(refused.contains("255") && refused.contains("“ssh: connect to host nas port 22: Connection refused”"));
    assert!(said("sleep 100").contains("does not answer"));
    assert!(said("echo Welcome to nas").contains("began with “Welc…”"));
    assert!(said("/no/such/program").contains("could not start /no/such/program"));
    assert!(said("ssh 'nas").contains("quotation mark"));
    assert!(said("").contains("no command"));
    assert!(said("cat").contains("does not follow the format"), "an echo is no server");
    let long = said("sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo line $i >&2; done; head -c 100000 /dev/zero >&2'");
    assert!(!long.contains("line 1 ") && long.len() < 2_000, "{long}");
}

/// A server that is spoken to directly, so that it can be killed.
fn direct(store: &Path, record: Option<HeldRecord>) -> (Client, Child) {
    let mut child = serve(store).stderr(Stdio::null()).spawn().unwrap();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (end, _) = over_streams(output, input).unwrap();
    (Client::remembering(key(), end, Weighting::Time, record), child)
}

#[test]
fn a_server_killed_at_any_moment_leaves_right_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let mut readings = weeks(16);
    let (mut record, mut failed, mut kept): (Option<HeldRecord>, _, _) = (None, 0, 0);
    for round in 0u64..200 {
        let (mut client, mut child) = direct(dir.path(), record.clone());
        // Every week is new now and then, and one of them in between.
        let place = 345_600_000 + (round % 16) as i64 * 604_800_000 + round as i64 * 60_000;
        readings.insert(Reading::sample(place, Rate::MAX));
        if round % 20 == 0 {
            record = None;
            std::fs::remove_file(dir.path().join("sheets.redb")).ok();
            drop(client);
            child.wait().unwrap();
            (client, child) = direct(dir.path(), None);
        }
        let wait = Duration::from_micros(round * 7_919 % 60_000);
        let killer = std::thread::spawn(move || {
            std::thread::sleep(wait);
            child.kill().unwrap();
            child.wait().unwrap();
        });
        failed += usize::from(right(&mut client, &readings).is_err());
        record = client.take_record().or(record);
        drop(client);
        killer.join().unwrap();
        let (mut client, mut child) = direct(dir.path(), record.clone());
        right(&mut client, &readings).unwrap();
        kept += client.peer().unwrap().kept;
        record = client.take_record().or(record);
        drop(client);
        child.wait().unwrap();
    }
    assert!(failed > 20, "the kills come too late: {failed} of 200 questions failed");
    assert!(kept > 200, "nothing outlives a kill: {kept} sheets were there again");
    println!("{failed} of 200 questions failed; {kept} of 3,200 sheets were there again");
}

fn veilbeat(home: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).arg("--home").arg(home).args(arguments).output().unwrap()
}

#[test]
fn statistics_in_the_terminal_come_from_a_server_that_keeps_sheets() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample.csv");
    assert!(veilbeat(&home, &["import", sample.to_str().unwrap(), "--timezone", "UTC"]).status.success());
    let here = veilbeat(&home, &["stats", "--by", "week"]);
    let server = format!("'{PROGRAM}' serve --store '{}'", dir.path().join("heart").display());
    let mut said = Vec::new();
    for _ in 0..2 {
        let there = veilbeat(&home, &["stats", "--by", "week", "--check", "--server", &server]);
        assert_eq!(there.stdout, here.stdout);
        said.push(String::from_utf8(there.stderr).unwrap());
    }
    assert!(said[0].contains("had 0 sheets already") && !said[1].contains("had 0 sheets already"), "{said:?}");
    // A file's readings are of a key that nobody keeps: they must not take the place of what is there.
    let file = veilbeat(&home, &["stats", sample.to_str().unwrap(), "--server", &server]);
    assert_eq!(file.status.code(), Some(2));
    let gone = veilbeat(&home, &["stats", "--server", "sh -c 'echo no route >&2; exit 1'"]);
    let words = String::from_utf8(gone.stderr).unwrap();
    assert!(gone.status.code() == Some(1) && words.contains("“no route”"), "{words}");
}

#[test]
fn help_names_every_limit_and_what_it_is_by_itself() {
    let help = String::from_utf8(Command::new(PROGRAM).args(["serve", "--help"]).output().unwrap().stdout).unwrap();
    for words in
        ["--store", "--most-bytes", "1GB", "--most-sheets", "65536", "--most-sums", "--most-additions", "1000000"]
    {
        assert!(help.contains(words), "{words} in\n{help}");
    }
    let mut child = Command::new(PROGRAM);
    child.args(["serve", "--most-bytes", "10kB"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = child.spawn().unwrap();
    let mut rest = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
    assert!(child.wait().unwrap().success() && rest.is_empty());
}
