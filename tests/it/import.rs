//! What a file's lines become.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::tz::TimeZone;
use veilbeat::import::{ImportError, Imported, Options, Reason, read_bytes, to_the_end};
use veilbeat::reading::{RateError, Reading};

fn options(zone: &str) -> Options {
    Options::new(TimeZone::get(zone).unwrap())
}

fn read(text: &str, zone: &str) -> Imported {
    read_bytes(text.as_bytes(), "", &options(zone)).unwrap()
}

/// Each reading as its instant, its local hour and its rate.
fn shown(readings: &[Reading]) -> Vec<String> {
    readings
        .iter()
        .map(|r| {
            let instant = jiff::Timestamp::from_millisecond(r.instant_ms).unwrap();
            format!("{instant} in {} {}", r.hour(), r.rate)
        })
        .collect()
}

#[test]
fn iso_times_in_utc_take_the_chosen_zone() {
    let text = "timestamp,beats per minute\n2017-01-01T04:26:40Z,76.0\n2017-07-01T04:26:40Z,76.5\n";
    assert_eq!(
        shown(&read(text, "Europe/Paris").readings),
        [
            "2017-01-01T04:26:40Z in 2017-01-01T05:00:00+01:00 76",
            "2017-07-01T04:26:40Z in 2017-07-01T06:00:00+02:00 76.5"
        ]
    );
}

#[test]
fn a_written_offset_is_the_places_own() {
    let text = "timestamp,bpm\n2020-02-12 08:14:43-08:00,70\n2020-02-13T08:14:43+00:00,71\n";
    let read = read(text, "Asia/Tokyo");
    assert_eq!(
        shown(&read.readings),
        [
            "2020-02-12T16:14:43Z in 2020-02-12T08:00:00-08:00 70",
            // A zero offset in a file that knows others is London, not a missing zone.
            "2020-02-13T08:14:43Z in 2020-02-13T08:00:00+00:00 71"
        ]
    );
}

#[test]
fn a_zero_offset_throughout_is_an_instant_without_a_place() {
    let text = "timestamp,bpm\n2020-02-12T08:14:43+00:00,70\n2020-02-13T08:14:43+0000,71\n";
    assert_eq!(
        shown(&read(text, "Asia/Tokyo").readings),
        [
            "2020-02-12T08:14:43Z in 2020-02-12T17:00:00+09:00 70",
            "2020-02-13T08:14:43Z in 2020-02-13T17:00:00+09:00 71"
        ]
    );
}

#[test]
fn fitabase_is_month_first_with_bom_crlf_and_a_blank_last_line() {
    let text =
        "\u{feff}Id,Time,Value\r\n2022484408,5/10/2016 6:55:26 AM,60\r\n2022484408,5/10/2016 6:55:31 PM,61\r\n\r\n";
    let read = read(text, "UTC");
    assert_eq!(
        shown(&read.readings),
        [
            "2016-05-10T06:55:26Z in 2016-05-10T06:00:00+00:00 60",
            "2016-05-10T18:55:31Z in 2016-05-10T18:00:00+00:00 61"
        ]
    );
    assert_eq!(read.report.refused.count(), 0);
}

#[test]
fn the_order_of_day_and_month_is_decided_over_the_whole_file() {
    let text = "time;bpm\n03/04/2020 10:00;70\n25/04/2020 10:00;71\n";
    let days: Vec<_> = read(text, "UTC").readings.iter().map(|r| r.hour().date().to_string()).collect();
    assert_eq!(days, ["2020-04-03", "2020-04-25"]);
    let text = "time;bpm\n03/04/2020 10:00;70\n04/25/2020 10:00;71\n";
    let days: Vec<_> = read(text, "UTC").readings.iter().map(|r| r.hour().date().to_string()).collect();
    assert_eq!(days, ["2020-03-04", "2020-04-25"]);
}

#[test]
fn date_and_time_may_stand_in_two_columns() {
    let text = "\u{feff}date,time,heartRate\n2022-09-13,19:40,64\n2022-09-13,,64\n2022-09-13,19:41:30,65\n";
    let read = read(text, "Europe/Berlin");
    assert_eq!(
        shown(&read.readings),
        [
            "2022-09-13T17:40:00Z in 2022-09-13T19:00:00+02:00 64",
            "2022-09-13T17:41:30Z in 2022-09-13T19:00:00+02:00 65"
        ]
    );
    assert_eq!((read.report.refused.listed()[0].line, read.report.refused.listed()[0].reason), (3, Reason::NoTime));
}

#[test]
fn a_line_that_cannot_be_used_is_listed_and_stops_nothing() {
    let text = "timestamp,bpm\n\
        2020-01-01T00:00:00Z,70\n\
        ,71\n\
        noon,72\n\
        2020-01-01T00:00:05Z,abc\n\
        2020-01-01T00:00:10Z,300\n\
        2020-01-01T00:00:15Z\n\
        2020-01-01T00:00:20Z,--\n\
        2020-01-01T00:00:25Z,0\n\
        2020-02-30T00:00:00Z,70\n\
        2020-01-01T00:00:30Z,71.826\n";
    let read = read(text, "UTC");
    assert_eq!(read.readings.len(), 2);
    let refused: Vec<_> = read.report.refused.listed().iter().map(|r| (r.line, r.reason)).collect();
    assert_eq!(
        refused,
        [
            (3, Reason::NoTime),
            (4, Reason::BadTime),
            (5, Reason::Rate(RateError::NotANumber)),
            (6, Reason::Rate(RateError::OutOfRange)),
            (7, Reason::TooFewColumns),
            (10, Reason::NoSuchTime),
        ]
    );
    assert_eq!((read.report.missing, read.report.rounded), (2, 1));
    assert_eq!(read.report.sentences()[0], "Line 7 was refused: the line has too few columns");
}

#[test]
fn lines_are_numbered_as_an_editor_numbers_them() {
    let lines = |text: &str| -> Vec<u64> {
        read(text, "UTC").report.refused.listed().iter().map(|refused| refused.line).collect()
    };
    let good = "2020-01-01T00:00:00Z,70";
    for end in ["\n", "\r\n"] {
        let joined = |parts: &[&str]| parts.join(end);
        assert_eq!(lines(&joined(&["timestamp,bpm", good, "x,70", good, "y,70"])), [3, 5]);
        assert_eq!(lines(&joined(&["timestamp,bpm", good, "x,70", ""])), [3]);
        assert_eq!(lines(&joined(&["timestamp,bpm", "", "", "x,70", "", good, "y,70", "", ""])), [4, 7]);
        assert_eq!(
            lines(&joined(&["timestamp,bpm,note", "x,70,\"two\nlines\"", "y,70,", &format!("{good},")])),
            [2, 4]
        );
    }
}

#[test]
fn bytes_that_are_no_text_refuse_only_their_line() {
    // A text in UTF-8, as other lines show, of which one is damaged.
    let start = "timestamp,bpm,place\n2020-01-01T00:00:05Z,70,café\n2020-01-01T00:00:06Z,,été\n".as_bytes();
    let text = [start, b"2020-01-01T00:00:00Z,7\xff,x\n"].concat();
    let read = read_bytes(&text, "", &options("UTC")).unwrap();
    assert_eq!((read.readings.len(), read.report.refused.listed()[0].reason), (1, Reason::NotText));
}

#[test]
fn times_at_clock_changes_are_resolved_and_counted() {
    // In Paris, 02:30 does not exist on 2020-03-29 and occurs twice on 2020-10-25.
    let text = "time,bpm\n2020-03-29 02:30:00,70\n2020-10-25 02:30:00,71\n2020-10-25 03:30:00,72\n";
    let read = read(text, "Europe/Paris");
    assert_eq!(read.report.clock_changes, 2);
    assert_eq!(
        shown(&read.readings),
        [
            "2020-03-29T01:30:00Z in 2020-03-29T03:00:00+02:00 70",
            "2020-10-25T00:30:00Z in 2020-10-25T02:00:00+02:00 71",
            "2020-10-25T02:30:00Z in 2020-10-25T03:00:00+01:00 72"
        ]
    );
}

#[test]
fn several_people_are_never_mixed() {
    let text = "Id,Time,Value\n1,5/10/2016 6:55:26 AM,60\n2,5/10/2016 6:55:26 AM,90\n";
    let several = read_bytes(text.as_bytes(), "", &options("UTC")).unwrap_err();
    let people = vec!["1".into(), "2".into()];
    assert_eq!(several, ImportError::SeveralPeople { column: "Id".into(), people });
    let one = read_bytes(text.as_bytes(), "", &Options { person: Some("2".into()), ..options("UTC") }).unwrap();
    assert_eq!(one.readings[0].rate.to_string(), "90");
    let none = read_bytes(text.as_bytes(), "", &Options { person: Some("3".into()), ..options("UTC") }).unwrap_err();
    assert!(matches!(none, ImportError::NoSuchPerson { .. }));
}

#[test]
fn a_file_that_cannot_be_used_says_why() {
    let unusable = |text: &str| read_bytes(text.as_bytes(), "", &options("UTC")).unwrap_err();
    assert_eq!(unusable(""), ImportError::Empty);
    assert_eq!(unusable("\n\n  \n"), ImportError::Empty);
    assert_eq!(
        unusable("steps,calories\n1,2\n"),
        ImportError::NoColumn { missing: "times", columns: vec!["steps".into(), "calories".into()] }
    );
    assert_eq!(
        unusable("timestamp,steps\n1,2\n"),
        ImportError::NoColumn { missing: "heart rates", columns: vec!["timestamp".into(), "steps".into()] }
    );
    let counts = |text: &str| match unusable(text) {
        ImportError::NoReadings(report) => (report.refused.count(), report.missing),
        other => panic!("{other}"),
    };
    assert_eq!(counts("timestamp,bpm\n"), (0, 0));
    assert_eq!(counts("timestamp,bpm\nx,70\n2020-01-01,\n"), (1, 1));
    let missing =
        veilbeat::import::read_file(std::path::Path::new("/nowhere/at/all.csv"), &options("UTC"), &to_the_end);
    assert!(matches!(missing, Err(ImportError::Unreadable(_))));
    assert_eq!(
        veilbeat::import::read_file(std::path::Path::new("/"), &options("UTC"), &to_the_end).unwrap_err(),
        ImportError::Directory
    );
}

#[test]
fn a_quotation_mark_that_is_never_closed_costs_one_line() {
    let good = |n: u32| format!("2020-01-01T00:{:02}:{:02}Z,70,fine\n", n / 60, n % 60);
    let before: String = (0..5).map(good).collect();
    let after: String = (6..20).map(good).collect();
    for end in ["", "x,70,\n"] {
        let text = format!("timestamp,bpm,note\n{before}2020-01-01T00:00:05Z,79,\"I said\n{after}{end}");
        let read = read(&text, "UTC");
        assert_eq!(read.readings.len(), 19);
        let refused: Vec<_> = read.report.refused.listed().iter().map(|r| (r.line, r.reason)).collect();
        let last = (22, Reason::BadTime);
        assert_eq!(refused, [vec![(7, Reason::OpenQuote)], if end.is_empty() { vec![] } else { vec![last] }].concat());
    }
    // One that is closed much later cannot be told from a long note; it is said.
    let text = format!("timestamp,bpm,note\n{before}2020-01-01T00:00:05Z,79,\"I said\n{after}that\"\n");
    let read = read(&text, "UTC");
    assert_eq!(read.readings.len(), 6);
    assert_eq!(read.report.remarks(), ["Lines 7 to 22 are one record, because of a quotation mark"]);
    // A note that ends with a newline at the end of the file is closed.
    let text = format!("timestamp,bpm,note\n{before}2020-01-01T00:00:05Z,79,\"two\nlines\n\"");
    assert_eq!(self::read(&text, "UTC").readings.len(), 6);
}

#[test]
fn a_value_beyond_the_header_is_refused_and_a_trailing_comma_is_not() {
    let text = "timestamp,bpm\n2016-05-10T06:55:26Z,60,5\n2016-05-10T06:55:31Z,61,\n";
    let read = read(text, "UTC");
    assert_eq!(read.readings.len(), 1);
    assert_eq!(
        (read.report.refused.listed()[0].line, read.report.refused.listed()[0].reason),
        (2, Reason::TooManyColumns)
    );
}

#[test]
fn a_line_without_end_is_no_table() {
    let endless = vec![b'x'; 3 << 20];
    let error = read_bytes(&endless, "", &options("UTC")).unwrap_err();
    assert!(matches!(&error, ImportError::Unreadable(why) if why.contains("longer than 256 KiB")), "{error}");
    let later = [b"timestamp,bpm\n".as_slice(), &endless].concat();
    let error = read_bytes(&later, "", &options("UTC")).unwrap_err();
    assert!(matches!(&error, ImportError::Unreadable(why) if why.contains("longer than 1 MiB")), "{error}");
}

#[test]
fn what_is_refused_counts_for_the_person_it_is_of() {
    let text = "Id,Time,Value\n\
        1,5/13/2016 6:55:26 AM,60\n1,never,60\n1,5/13/2016 6:55:27 AM,0\n\
        2,5/13/2016 6:55:26 AM,90.001\n2,5/40/2016 6:55:26 AM,90\n2,5/13/2016 6:55:29 AM,--\n";
    let of = |person: &str| {
        let options = Options { person: Some(person.into()), ..options("UTC") };
        let read = read_bytes(text.as_bytes(), "", &options).unwrap();
        let lines: Vec<_> = read.report.refused.listed().iter().map(|refused| refused.line).collect();
        (read.readings.len(), lines, read.report.missing, read.report.rounded)
    };
    assert_eq!(of("1"), (1, vec![3], 1, 0));
    assert_eq!(of(" 2 "), (1, vec![6], 1, 1));
    let nobody =
        read_bytes(b"time,bpm\n2020-01-01 10:00,70\n", "", &Options { person: Some("7".into()), ..options("UTC") });
    assert_eq!(nobody.unwrap_err(), ImportError::NoPersonColumn("7".into()));
}
