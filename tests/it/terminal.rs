//! `veilbeat` in a terminal: what it prints, where, and how it ends.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn veilbeat(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_veilbeat"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn file(dir: &Path, content: &str) -> String {
    let path = dir.join("readings.csv");
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn average(arguments: &[&str], content: &str) -> (Value, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), content);
    let output = veilbeat(&[&["average", &path, "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let stdout = text(&output.stdout);
    assert_eq!(stdout.lines().count(), 1, "exactly one JSON object");
    (serde_json::from_str(&stdout).unwrap(), text(&output.stderr))
}

#[test]
fn seven_readings_average_to_the_exact_quotient() {
    let csv = "timestamp,bpm\n\
        2016-04-12T08:00:00Z,72.5\n2016-04-12T08:00:05Z,71.0\n2016-04-12T08:00:10Z,73.2\n2016-04-12T08:00:15Z,69.8\n\
        2016-04-12T08:00:20Z,70.5\n2016-04-12T08:00:25Z,74.1\n2016-04-12T08:00:30Z,71.7\n";
    let (json, _) = average(&["--by", "all", "--timezone", "UTC"], csv);
    assert_eq!((json["readings"].as_u64(), json["refused"].as_u64()), (Some(7), Some(0)));
    let window = &json["windows"][0];
    assert_eq!((window["start"].as_str(), window["count"].as_u64()), (Some("2016-04-12"), Some(7)));
    assert!((window["mean"].as_f64().unwrap() - 50_280.0 / 700.0).abs() < 1e-9);
    let rates = [72.5, 71.0, 73.2, 69.8, 70.5, 74.1, 71.7];
    let mean = rates.iter().sum::<f64>() / 7.0;
    let sd = (rates.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / 7.0).sqrt();
    assert!((window["sd"].as_f64().unwrap() - sd).abs() < 1e-9);
    for key in ["upload_bytes", "answer_bytes"] {
        assert!(json[key].as_u64().unwrap() > 0);
    }
    for key in ["encrypt_ms", "server_ms", "decrypt_ms"] {
        assert!(json[key].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn windows_start_where_the_zone_says() {
    // The night in which Paris sets its clocks back.
    let csv = "timestamp,bpm\n2016-10-30T00:30:00Z,60\n2016-10-30T01:30:00Z,70\n2016-10-31T23:30:00Z,80\n";
    let starts = |by: &str| -> Vec<String> {
        let (json, _) = average(&["--by", by, "--timezone", "Europe/Paris"], csv);
        json["windows"].as_array().unwrap().iter().map(|w| w["start"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(starts("hour"), ["2016-10-30T02:00:00", "2016-11-01T00:00:00"]);
    assert_eq!(starts("day"), ["2016-10-30", "2016-11-01"]);
    assert_eq!(starts("week"), ["2016-10-24", "2016-10-31"]);
    assert_eq!(starts("month"), ["2016-10-01", "2016-11-01"]);
    assert_eq!(starts("all"), ["2016-10-30"]);
}

#[test]
fn refused_lines_are_counted_and_said_and_change_no_exit_code() {
    let csv = "Id,Time,Value\r\n1,5/10/2016 6:55:26 AM,60\r\n1,5/10/2016 6:55:31 AM,oops\r\n1,,70\r\n\r\n";
    let (json, said) = average(&["--timezone", "UTC"], csv);
    assert_eq!((json["readings"].as_u64(), json["refused"].as_u64()), (Some(1), Some(2)));
    assert!(said.contains("Line 3 was refused: the rate is not a number"), "{said}");
    assert!(said.contains("Line 4 was refused: it has no time"), "{said}");
}

#[test]
fn a_table_goes_to_standard_output_and_words_to_standard_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "time,bpm\n2020-01-01 10:00:00,60\n2020-01-02 10:00:00,61.5\n");
    let output = veilbeat(&["average", &path, "--timezone", "UTC"]);
    let table = text(&output.stdout);
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[1], ["2020-01-01", "1", "1", "h", "15", "60.00", "0.00"]);
    assert_eq!(lines[2], ["2020-01-02", "1", "1", "h", "15", "61.50", "0.00"]);
    assert!(table.ends_with("\nMeans: each reading once\n"), "{table}");
    assert!(text(&output.stderr).contains("taken as local time in UTC"));
}

#[test]
fn a_file_that_cannot_be_used_ends_with_two_and_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    for content in ["", "steps,calories\n1,2\n", "time,bpm\nnever,70\n", "\0\0\0\0"] {
        let output = veilbeat(&["average", &file(dir.path(), content)]);
        assert_eq!(output.status.code(), Some(2), "{content:?}");
        assert!(output.stdout.is_empty());
        assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
    }
    let gone = veilbeat(&["average", "/nowhere/at/all.csv"]);
    assert_eq!(gone.status.code(), Some(2));
    let folder = veilbeat(&["average", dir.path().to_str().unwrap()]);
    assert_eq!((folder.status.code(), folder.stdout.len()), (Some(2), 0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_would_write_no_core_file() {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_veilbeat"))
        .args(["average", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It waits for its input: time to look.
    let core_limit = || {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        line.split_whitespace().skip(4).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while core_limit() != ["0", "0"] {
        assert!(std::time::Instant::now() < deadline, "{:?}", core_limit());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.stdin.take().unwrap().write_all(b"time,bpm\n2020-01-01 10:00:00,60\n").unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn wrong_usage_ends_with_two() {
    for arguments in [
        &["average"][..],
        &["averages"],
        &["average", "x.csv", "--by", "year"],
        &["average", "x", "--timezone", "Mars"],
    ] {
        assert_eq!(veilbeat(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_home_option_stands_before_or_after_the_command_and_average_leaves_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "time,bpm\n2020-01-01 10:00:00,60\n");
    let home = dir.path().join("home");
    let home = home.to_str().unwrap();
    for arguments in [["--home", home, "average", &path], ["average", &path, "--home", home]] {
        assert_eq!(veilbeat(&arguments).status.code(), Some(0));
    }
    assert!(!Path::new(home).exists());
}

#[test]
fn without_a_display_one_sentence_says_what_is_missing_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let output = veilbeat(&["--home", dir.path().to_str().unwrap()]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("no display") && said.contains("veilbeat average FILE"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_display_that_does_not_answer_is_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_veilbeat"))
        .args(["--home", dir.path().to_str().unwrap()])
        .env_remove("WAYLAND_DISPLAY")
        .env("DISPLAY", ":987")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!said.contains("panicked"));
}

#[test]
fn a_range_without_readings_costs_as_much_as_one_with_some() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "timestamp,bpm\n2020-01-06T10:00:00Z,60\n2020-01-08T10:00:00Z,61\n");
    let stats = |day: &str| veilbeat(&["stats", &path, "--from", day, "--to", day, "--json"]);
    let (none, some) = (stats("2020-01-07"), stats("2020-01-08"));
    assert!(text(&none.stderr).contains("There are no readings in this range"), "{}", text(&none.stderr));
    let [none, some]: [Value; 2] = [none, some].map(|output| serde_json::from_slice(&output.stdout).unwrap());
    assert_eq!((none["readings"].as_u64(), some["readings"].as_u64()), (Some(0), Some(1)));
    for bytes in ["upload_bytes", "answer_bytes"] {
        assert!(none[bytes].as_u64() > Some(10_000), "{none}");
        assert_eq!(none[bytes], some[bytes]);
    }
}

#[test]
fn what_a_device_says_of_a_day_stands_for_no_hour() {
    let dir = tempfile::tempdir().unwrap();
    let header = "Cycle start time,Cycle end time,Cycle timezone,Resting heart rate (bpm),Average HR (bpm)\n";
    let path = file(
        dir.path(),
        &format!("{header}2020-01-06 12:00:00,,UTC+00:00,51,70\n2020-01-07 12:00:00,,UTC+00:00,52,72\n"),
    );
    let windows = |more: &[&str]| -> Vec<String> {
        let output = veilbeat(&[&["stats", &path, "--json"], more].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["windows"].as_array().unwrap().iter().map(|window| window["start"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(windows(&["--by", "hour"]), ["2020-01-06", "2020-01-07"]);
    assert_eq!(windows(&["--from", "2020-01-06T10", "--to", "2020-01-07"]), ["2020-01-07"]);
}

mod import {
    use super::*;

    fn import(home: &Path, arguments: &[&str]) -> Output {
        let home = home.join("profile");
        veilbeat(&[&["--home", home.to_str().unwrap()], arguments].concat())
    }

    fn json(output: &Output) -> Value {
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[test]
    fn a_dry_run_says_everything_and_makes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let csv = "date,bpm\n03/04/2020 10:00:00,60\n03/04/2020 10:00:00,60\n05/06/2020 10:00:05,225.123\noops,70\n05/06/2020 11:00,\n";
        let path = file(dir.path(), csv);
        let output = import(dir.path(), &["import", &path, "--dry-run", "--json", "--timezone", "UTC"]);
        let json = json(&output);
        assert!(!dir.path().join("profile").exists());
        assert_eq!((json["readings"].as_u64(), json["duplicates"].as_u64()), (Some(2), Some(1)));
        assert_eq!(json["first"], "2020-04-03T10:00:00+00:00");
        assert_eq!(json["last"], "2020-06-05T10:00:05+00:00");
        assert_eq!((json["min"].as_f64(), json["max"].as_f64()), (Some(60.0), Some(225.12)));
        assert!((json["mean"].as_f64().unwrap() - f64::midpoint(60.0, 225.12)).abs() < 1e-9);
        assert_eq!((json["implausible"].as_u64(), json["missing"].as_u64()), (Some(1), Some(1)));
        assert_eq!(json["refused"][0]["line"], 5);
        assert!(json["refused"][0]["reason"].as_str().unwrap().contains("time cannot be read"));
        let assumed = json["assumed"].to_string();
        assert!(assumed.contains("day before month") && assumed.contains("rounded"), "{assumed}");
        let other = import(dir.path(), &["import", &path, "--dry-run", "--json", "--date-order", "mdy"]);
        assert!(self::json(&other)["first"].as_str().unwrap().starts_with("2020-03-04"));
    }

    #[test]
    fn a_file_is_imported_once_listed_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), "timestamp,bpm\n2020-01-01T10:00:00Z,60\n2020-01-01T10:00:05Z,61\n");
        let first = json(&import(dir.path(), &["import", &path, "--json"]));
        assert_eq!((first["readings"].as_u64(), first["duplicates"].as_u64()), (Some(2), Some(0)));
        let again = json(&import(dir.path(), &["import", &path, "--json"]));
        assert_eq!((again["readings"].as_u64(), again["duplicates"].as_u64()), (Some(2), Some(2)));
        let list = text(&import(dir.path(), &["imports"]).stdout);
        assert!(list.contains("readings.csv") && list.lines().count() == 2, "{list}");
        let undone = import(dir.path(), &["undo"]);
        assert!(text(&undone.stderr).contains("Undone: Add readings.csv"));
        assert_eq!(text(&import(dir.path(), &["imports"]).stdout).lines().count(), 1);
    }

    #[test]
    fn a_file_without_readings_ends_with_two_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), "timestamp,bpm\nnever,60\n");
        let output = import(dir.path(), &["import", &path]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert!(!dir.path().join("profile").exists(), "no key is made for nothing");
        let people = file(dir.path(), "Id,Time,Value\n1,2020-01-01 10:00,60\n2,2020-01-01 10:00,61\n");
        let output = import(dir.path(), &["import", &people]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("1, 2"));
        assert_eq!(json(&import(dir.path(), &["import", &people, "--person", "2", "--json"]))["max"], 61.0);
    }

    #[test]
    fn what_a_file_does_not_tell_is_asked_by_the_name_of_an_option() {
        let dir = tempfile::tempdir().unwrap();
        for (content, option, chosen) in [
            ("date, time, HR,AVNN\n2024-09-01,06:25,55,1\n", "--date-order ydm", ["--date-order", "ydm"]),
            ("pid,timestamp,bpm\na,2024-09-01 06:25,55\nb,2024-09-01 06:25,65\n", "--person NAME", ["--person", "b"]),
            (
                "pid,timestamp,bpm\na,2024-09-01 06:25,55\nb,2024-09-01 06:25,65\n",
                "--person-column none",
                ["--person-column", "none"],
            ),
        ] {
            let path = file(dir.path(), content);
            let asked = import(dir.path(), &["import", &path, "--dry-run"]);
            assert_eq!((asked.status.code(), asked.stdout.len()), (Some(2), 0), "{content}");
            assert!(text(&asked.stderr).contains(option), "{}", text(&asked.stderr));
            let told = import(dir.path(), &[&["import", &path, "--dry-run"][..], &chosen].concat());
            assert_eq!(told.status.code(), Some(0), "{chosen:?}");
        }
        let seconds = file(dir.path(), "timestamp,bpm\n1073376000,61\n");
        let said = import(dir.path(), &["import", &seconds, "--dry-run"]);
        assert!(text(&said.stderr).contains("--epoch unix") && text(&said.stdout).contains("2024-01-05"));
    }

    #[test]
    fn an_unknown_time_zone_of_the_system_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), "timestamp,bpm\n2024-09-01 06:25,55\n");
        for zone in ["Nowhere/Land", ":/dev/zero", "/dev/null"] {
            let output =
                Command::new(env!("CARGO_BIN_EXE_veilbeat")).args(["average", &path]).env("TZ", zone).output().unwrap();
            assert!(text(&output.stderr).contains("time zone is not known"), "{zone}: {}", text(&output.stderr));
        }
    }

    #[test]
    fn columns_can_be_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), "when,a,b\n2020-01-01T10:00:00Z,60,90\n2020-01-01T10:00:05Z,61,91\n");
        assert_eq!(import(dir.path(), &["import", &path, "--dry-run"]).status.code(), Some(2));
        let named = ["import", &path, "--dry-run", "--json", "--time-column", "when", "--rate-column", "3"];
        assert_eq!(json(&import(dir.path(), &named))["min"], 90.0);
    }
}

/// A month of readings every ten minutes, rising by a tenth of a bpm a day.
fn a_month() -> String {
    let mut csv = String::from("time,bpm\n");
    for minute in (0..30 * 24 * 60).step_by(10) {
        let (day, hour) = (minute / 1_440, minute / 60 % 24);
        let rate = 6_000 + day * 10 + hour * 50;
        writeln!(csv, "2026-09-{:02} {hour:02}:{:02},{}.{:02}", day + 1, minute % 60, rate / 100, rate % 100).unwrap();
    }
    csv
}

#[test]
fn stats_say_everything_and_are_equal_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), &a_month());
    let arguments = ["--by", "week", "--from", "2026-09-02", "--to", "2026-09-15", "--timezone", "UTC", "--age", "30"];
    let output = veilbeat(&[&["stats", &path, "--json", "--check"], &arguments[..]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["overall"]["count"], 14 * 144);
    assert_eq!((json["overall"]["min"].as_u64(), json["overall"]["max"].as_u64()), (Some(60), Some(72)));
    assert_eq!(json["windows"][0]["start"], "2026-08-31");
    let slope = json["trend_per_week"].as_f64().unwrap();
    assert!((slope - 0.7).abs() < 1e-9, "{slope}");
    assert!(json["trend_se"].as_f64().unwrap() > 0.0);
    let zones = json["overall"]["zones"].as_array().unwrap();
    assert_eq!((zones[1]["from"].as_u64(), zones[1]["to"].as_u64()), (Some(94), Some(112)));
    assert_eq!(zones[0]["share"], 1.0);
    assert_eq!(json["resting"]["days"].as_array().unwrap().len(), 14);
    assert_eq!(json["resting"]["days"][0]["rate"], 60.0);
    assert!(json["check"].as_array().unwrap().iter().all(|check| check["equal"] == true));
    assert!(text(&output.stderr).contains("equal      median"));
    let table = text(&veilbeat(&[&["stats", &path], &arguments[..]].concat()).stdout);
    assert!(table.contains("Trend    +0.70 bpm a week") && table.contains("Information, not diagnosis"), "{table}");
}

#[test]
fn stats_of_the_profile_are_those_of_what_was_imported() {
    let dir = tempfile::tempdir().unwrap();
    let (path, home) = (file(dir.path(), &a_month()), dir.path().join("home"));
    let home = home.to_str().unwrap();
    assert!(veilbeat(&["--home", home, "import", &path, "--timezone", "UTC"]).status.success());
    let of = |arguments: &[&str]| -> Value {
        let output = veilbeat(&[&["--home", home, "stats", "--json"], arguments].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(of(&[])["overall"], {
        let output = veilbeat(&["stats", &path, "--json", "--timezone", "UTC"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["overall"].clone()
    });
    // Nothing there is no error: what is undefined is null.
    let none = of(&["--from", "2030-01-01"]);
    assert_eq!((none["overall"]["count"].as_u64(), &none["overall"]["mean"]), (Some(0), &Value::Null));
    assert_eq!(
        (&none["trend_per_week"], &none["resting"], &none["overall"]["p95"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let hours = of(&["--by", "hour", "--from", "2026-09-02T08", "--to", "2026-09-02T10:00"]);
    assert_eq!((hours["overall"]["count"].as_u64(), hours["windows"].as_array().unwrap().len()), (Some(18), 3));
    for wrong in [
        &["--from", "2026-09-02", "--to", "2026-09-01"][..],
        &["--from", "2026-09-02T10", "--to", "2026-09-02T09"],
        &["--from", "2026-09-02T24"],
        &["--from", "soon"],
        &["--zones", "1,2"],
        &["--age", "3"],
    ] {
        let output = veilbeat(&[&["--home", home, "stats"], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
#[ignore = "a benchmark: a minute without optimisation"]
fn bench_prints_one_object_whose_answers_were_checked() {
    let output = veilbeat(&["bench", "--json"]);
    assert!(output.status.success());
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["averages"].as_array().unwrap().len(), 8);
}
