//! Small files in the shapes of real exports, in `tests/cases`: what each holds, or the sentence that it ends in.
//! All of them are made up.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::format_collect, reason = "texts of tests are short")]

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use veilbeat::import::{
    DateOrder, Epoch, ImportError, Imported, OffsetUnit, Options, PersonColumn, read_bytes, read_file, to_the_end,
};
use veilbeat::reading::{Kind, Reading};

use crate::formats::zipped;

/// Files are read as on this day.
const NOW: &str = "2026-11-25T12:00:00Z";

fn options(zone: &str) -> Options {
    let now_ms = NOW.parse::<Timestamp>().unwrap().as_millisecond();
    Options { now_ms, ..Options::new(TimeZone::get(zone).unwrap()) }
}

fn case_with(name: &str, options: &Options) -> Result<Imported, ImportError> {
    read_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name), options, &to_the_end)
}

fn case(name: &str) -> Imported {
    case_with(name, &options("UTC")).unwrap_or_else(|unusable| panic!("{name}: {unusable}"))
}

fn refused(name: &str) -> String {
    match case_with(name, &options("UTC")) {
        Err(unusable) => unusable.to_string(),
        Ok(imported) => panic!("{name}: {} readings", imported.readings.len()),
    }
}

fn text(text: &str) -> Imported {
    read_bytes(text.as_bytes(), "", &options("UTC")).unwrap_or_else(|unusable| panic!("{text}: {unusable}"))
}

fn shown(readings: &[Reading]) -> Vec<String> {
    let kind = |kind: Kind| if kind == Kind::Sample { String::new() } else { format!(" {}", kind.name()) };
    readings.iter().map(|r| format!("{} {}{}", r.timestamp(), r.rate, kind(r.kind))).collect()
}

fn said(imported: &Imported, words: &str) -> bool {
    imported.report.sentences().iter().any(|sentence| sentence.contains(words))
}

#[test]
fn seconds_since_1989_are_recognised_and_said() {
    let fit = case("fit_epoch.csv");
    assert_eq!(shown(&fit.readings), ["2024-01-05T08:00:00+00:00 61", "2024-01-05T08:00:01+00:00 63"]);
    assert!(said(&fit, "counted from 1989-12-31"));
    assert_eq!(fit.report.unclear_epoch, Some(Epoch::Fit));
    let unix = Options { epoch: Some(Epoch::Unix), ..options("UTC") };
    let unix = case_with("fit_epoch.csv", &unix).unwrap();
    assert_eq!(shown(&unix.readings)[0], "2004-01-06T08:00:00+00:00 61");
    let ms = text("timestamp,bpm\n1073376000000,60\n");
    assert_eq!(shown(&ms.readings), ["2024-01-05T08:00:00+00:00 60"]);
    // Nine digits, as devices wrote until 2021; and seconds since 1970 stay what they are.
    assert_eq!(shown(&text("timestamp,bpm\n946684800,60\n").readings), ["2019-12-31T00:00:00+00:00 60"]);
    let both = text("timestamp,bpm\n1073376000,60\n1704441600,61\n");
    assert_eq!(shown(&both.readings)[0], "2004-01-06T08:00:00+00:00 60");
    assert!(said(&both, "1 time would be twenty years later"));
}

#[test]
fn a_workout_starts_when_it_starts() {
    assert_eq!(
        shown(&case("whoop_workouts.csv").readings),
        ["2024-01-05T18:00:00+01:00 140 activity", "2024-01-05T07:00:00+01:00 140 activity"]
    );
}

#[test]
fn one_impossible_date_tells_that_the_day_comes_before_the_month() {
    let android = case("hrv4training_android.csv");
    assert_eq!(
        shown(&android.readings),
        ["2024-01-09T06:25:00+00:00 55", "2024-01-10T06:20:00+00:00 56", "2024-01-25T06:30:00+00:00 57"]
    );
    assert!(said(&android, "year, day, month, as line 4 shows"));
    let unclear = "date, time, HR,AVNN\n2024-09-01,06:25,55,1\n2024-10-01,06:20,56,1\n";
    let asked = text(unclear).report;
    assert_eq!((asked.unclear_order, asked.year_comes_first), (Some(DateOrder::YearFirst), true));
    let chosen = Options { date_order: Some(DateOrder::YearDayMonth), ..options("UTC") };
    let chosen = read_bytes(unclear.as_bytes(), "", &chosen).unwrap();
    assert_eq!(shown(&chosen.readings)[0], "2024-01-09T06:25:00+00:00 55");
    assert_eq!(chosen.report.unclear_order, None);
    // A clear one, and other tables, are as they are written.
    let clear = text("date, time, HR,AVNN\n2024-09-01,06:25,55,1\n2024-10-21,06:20,56,1\n").report;
    assert_eq!((clear.unclear_order, clear.refused.count()), (None, 0));
    let days: String = (1..=31).map(|day| format!("2024-{day:02}-01,06:25,55\n")).collect();
    let january = text(&format!("date,time,bpm\n{days}"));
    assert!(january.readings.iter().all(|reading| reading.civil().date().month() == 1));
    assert_eq!((january.readings.len(), january.report.refused.count()), (31, 0));
    let usual: String = (1..=12).map(|day| format!("2024-09-{day:02} 06:25,55\n")).collect();
    let one_bad = text(&format!("time,bpm\n{usual}2024-25-01 06:25,56\n"));
    assert_eq!((one_bad.readings.len(), one_bad.report.refused.count()), (12, 1), "one line decides nothing");
    let iso = text("time,bpm\n2024-09-01T06:25:00,55\n2024-25-01T06:20:00,56\n");
    assert_eq!((iso.readings.len(), iso.report.refused.count()), (1, 1));
}

#[test]
fn a_line_that_is_no_date_decides_nothing() {
    let many: String = (1..=25).map(|day| format!("5/{day}/2016 6:55:26 AM,72\n")).collect();
    let american = text(&format!("timestamp,bpm\n{many}45/3/2016 6:55:26 AM,72\n"));
    assert_eq!((american.readings.len(), american.report.refused.count()), (25, 1));
    assert!(said(&american, "month before day, as line 14 shows"));
    for bad in ["45/10/16", "95/10/16"] {
        let days: String = (1..=9).map(|day| format!("0{day}/10/16 08:00,7{day}\n")).collect();
        let october = text(&format!("timestamp,bpm\n{days}{bad} 08:00,72\n"));
        assert_eq!(october.report.refused.count(), 1, "{bad}");
        assert!(october.readings.iter().all(|reading| reading.civil().date().month() == 10), "{bad}");
        assert!(said(&october, "two ways"), "{bad}");
    }
    let days = "timestamp,bpm\n01/10/2016 08:00,71\n02/10/2016 08:00,72\n03/10/2016 08:00,73\n";
    let with_bad = text(&format!("{days}05/99/2016 08:00,72\n"));
    assert_eq!(shown(&with_bad.readings), shown(&text(days).readings));
    // A refused rate decides nothing either.
    let refused = text(&format!("{days}10/13/2016 08:00,900\n"));
    assert_eq!(shown(&refused.readings), shown(&text(days).readings));
}

#[test]
fn what_is_shorter_is_likelier_and_contradictions_are_refused() {
    let december = text("timestamp,bpm\n12/01/2016 08:00,71\n12/02/2016 08:00,72\n12/03/2016 08:00,73\n");
    assert_eq!(december.report.unclear_order, Some(DateOrder::MonthFirst), "three days and not three months");
    let mostly = "timestamp,bpm\n13/10/2016 08:00,71\n14/10/2016 08:00,72\n10/15/2016 08:00,73\n";
    let mostly = text(mostly);
    assert_eq!((mostly.readings.len(), mostly.report.refused.listed()[0].line), (2, 4));
    assert!(said(&mostly, "Lines 2 and 4 contradict each other"));
    let years_first = text("date,bpm\n26/10/31 06:25,60\n26/10/30 06:25,61\n26/10/29 06:25,62\n");
    assert_eq!(shown(&years_first.readings)[0], "2026-10-31T06:25:00+00:00 60");
    let days: String = (1..=31).map(|day| format!("24/01/{day:02},60\n")).collect();
    assert!(text(&format!("date,bpm\n{days}")).readings.iter().all(|reading| reading.civil().date().year() == 2024));
}

#[test]
fn equal_rates_are_kept_where_times_have_lost_their_seconds() {
    let excel = case("seconds_lost_in_excel.csv");
    let readings = veilbeat::reading::Readings::from_list(excel.readings.clone());
    assert_eq!((readings.len(), excel.report.same_minutes), (4, 2));
    let sum: u32 = readings.iter().map(|reading| u32::from(reading.rate.centi_bpm())).sum();
    assert_eq!(sum, 4 * 6_500);
    // The same file once more holds nothing new.
    let mut again = readings.clone();
    again.insert_all(excel.readings);
    assert_eq!(again.len(), 4);
    // Where one time has seconds, all could.
    let twice = text("timestamp,bpm\n2024-01-05 08:00,60\n2024-01-05 08:00,60\n2024-01-05 08:01:30,61\n");
    assert_eq!(veilbeat::reading::Readings::from_list(twice.readings).len(), 2);
}

#[test]
fn people_are_asked_for_whatever_their_column_is_called() {
    for (name, column, people) in [
        ("people_in_another_column.csv", "Person ID", ["1", "2"]),
        ("people_beside_row_numbers.txt", "PID", ["900", "901"]),
    ] {
        let several = case_with(name, &options("UTC")).unwrap_err();
        let people = people.map(str::to_owned).to_vec();
        assert_eq!(several, ImportError::SeveralPeople { column: column.into(), people });
    }
    let one = Options { person: Some("2".into()), ..options("UTC") };
    assert_eq!(
        shown(&case_with("people_in_another_column.csv", &one).unwrap().readings)[0],
        "2024-01-05T08:00:00+00:00 90"
    );
    let nobody = Options { person_column: Some(PersonColumn::None), ..options("UTC") };
    assert_eq!(case_with("people_in_another_column.csv", &nobody).unwrap().readings.len(), 4);
    for name in [
        "participant_id",
        "subject_id",
        "patient_id",
        "Patient",
        "pid",
        "uid",
        "name",
        "member",
        "participant code",
        "record_id",
        "ParticipantID",
    ] {
        let rows: String =
            (0..4).map(|i| format!("{},2024-01-05 08:0{i}:00,{}\n", ["p1", "p2"][i / 2], 60 + i)).collect();
        let several = read_bytes(format!("{name},timestamp,bpm\n{rows}").as_bytes(), "", &options("UTC"));
        assert!(matches!(several, Err(ImportError::SeveralPeople { .. })), "{name}");
    }
}

#[test]
fn a_column_may_name_people_where_the_times_start_anew_with_its_values() {
    let blocks = |column: &str| {
        let rows = (0..3).flat_map(|who| (0..20).map(move |i| (who, i)));
        let rows =
            rows.map(|(who, i)| format!("{},2024-01-05 08:{i:02}:00,{}\n", ["anna", "ben", "cleo"][who], 60 + who));
        format!("{column},timestamp,bpm\n{}", rows.collect::<String>())
    };
    let asked = read_bytes(blocks("z").as_bytes(), "", &options("UTC")).unwrap_err();
    let people = ["anna", "ben", "cleo"].map(str::to_owned).to_vec();
    assert_eq!(asked, ImportError::MayNamePeople { column: "z".into(), number: 1, people });
    assert!(asked.options().unwrap().contains("--person-column 1"));
    let ben = Options { person: Some("ben".into()), ..options("UTC") };
    let ben = read_bytes(blocks("z").as_bytes(), "", &ben).unwrap();
    assert!(ben.readings.len() == 20 && ben.readings.iter().all(|reading| reading.rate.to_string() == "61"));
    let nobody = Options { person_column: Some(PersonColumn::None), ..options("UTC") };
    assert_eq!(read_bytes(blocks("z").as_bytes(), "", &nobody).unwrap().readings.len(), 60);
    // Each moment several times, once for each.
    let rows: String =
        (0..60).map(|i| format!("2024-01-05 08:{:02}:00,{},{}\n", i / 2, 60 + i % 2 * 30, ["a", "b"][i % 2])).collect();
    let mixed = read_bytes(format!("timestamp,bpm,z\n{rows}").as_bytes(), "", &options("UTC"));
    assert!(matches!(mixed, Err(ImportError::MayNamePeople { .. })));
    // Devices are not people, and neither is a value that changes as time goes on.
    assert_eq!(text(&blocks("data source")).readings.len(), 60);
    let forward: String =
        (0..50).map(|i| format!("2024-01-05 08:{i:02}:00,60,{}\n", ["rest", "walk"][i / 10 % 2])).collect();
    assert_eq!(text(&format!("timestamp,bpm,what\n{forward}")).readings.len(), 50);
    let gears: String = (0..50).map(|i| format!("2024-01-05 08:{:02}:00,{},{}\n", i - i / 7, 60 + i, i % 3)).collect();
    assert_eq!(text(&format!("timestamp,bpm,gear\n{gears}")).readings.len(), 50, "not explained by the gear");
}

#[test]
fn numbers_of_lines_name_nobody_and_blanks_and_capitals_make_no_people() {
    assert_eq!(case("row_numbers_few.csv").readings.len(), 3);
    assert_eq!(text("id,timestamp,bpm\n17,2024-01-05 08:00:01,60\n23,2024-01-05 08:00:02,61\n").readings.len(), 2);
    let one =
        "user,timestamp,bpm\n,2024-01-05 08:00:01,60\nanna,2024-01-05 08:00:02,61\nAnna ,2024-01-05 08:00:03,62\n";
    assert_eq!(text(one).readings.len(), 3);
    let nobody = Options { person: Some("1".into()), ..options("UTC") };
    let nobody = read_bytes(b"timestamp,bpm\n2024-01-05 08:00:01,60\n", "", &nobody);
    assert_eq!(nobody.unwrap_err(), ImportError::NoPersonColumn("1".into()));
}

#[test]
fn resting_rates_of_days_are_no_samples_at_midnight() {
    assert_eq!(
        shown(&case_with("daily_resting_heart_rate.csv", &options("America/New_York")).unwrap().readings),
        ["2024-03-01T12:00:00-05:00 50 resting", "2024-03-02T12:00:00-05:00 51 resting"]
    );
    let takeout = case("takeout_with_daily_resting.zip");
    let samples: Vec<_> = takeout.readings.iter().filter(|reading| reading.kind == Kind::Sample).collect();
    assert_eq!((samples.len(), takeout.readings.len()), (2, 3));
}

#[test]
fn a_zone_of_training_is_no_time_zone() {
    let zone = case("zone_is_a_training_zone.csv");
    assert_eq!(shown(&zone.readings), ["2024-01-05T08:00:00+00:00 120", "2024-01-05T08:01:00+00:00 135"]);
    assert!(said(&zone, "names no time zones"));
    let real = text("timestamp,bpm,zone\n2024-01-05 08:00:00,60,Europe/Berlin\n");
    assert_eq!(shown(&real.readings), ["2024-01-05T08:00:00+01:00 60"]);
}

#[test]
fn a_comma_in_the_words_at_the_end_touches_nothing_before_them() {
    let notes = case("rows_longer_than_header.csv");
    assert_eq!((notes.readings.len(), notes.report.refused.count()), (3, 0));
    // A decimal comma shifts what follows.
    let shifted = text("date,time,HR,note\n2024-01-05,06:25,72,5,fine\n2024-01-05,06:26,72,fine\n");
    assert_eq!((shifted.readings.len(), shifted.report.refused.listed()[0].line), (1, 2));
}

#[test]
fn brackets_alone_are_no_json_and_json_may_have_an_object_a_line() {
    assert_eq!(case("brackets_are_not_json.csv").readings.len(), 1);
    for remark in ["[1] export", "<metadata>", "[note]"] {
        assert_eq!(text(&format!("{remark}\ntimestamp,bpm\n2024-01-05 08:00:00,60\n")).readings.len(), 1, "{remark}");
    }
    let good = "{\"timestamp\":\"2024-01-05T08:00:00Z\",\"bpm\":60}\n";
    let bad_line = text(&format!("{good}{good}not json\n{good}"));
    assert_eq!((bad_line.readings.len(), bad_line.report.refused.listed()[0].line), (3, 3));
    assert_eq!(
        shown(&case("json_lines.json").readings),
        ["2024-01-05T08:00:00+00:00 60", "2024-01-05T08:00:01+00:00 62"]
    );
}

#[test]
fn every_kind_of_fit_file_is_read() {
    let rates = |name: &str| shown(&case(name).readings);
    let four = ["08:00:00+00:00 100", "08:00:01+00:00 101", "08:00:02+00:00 102", "08:00:03+00:00 103"];
    let four = four.map(|line| format!("2024-01-05T{line}")).to_vec();
    assert_eq!(rates("fit_plain_control.fit").len(), 4);
    assert_eq!(rates("fit_developer_fields.fit"), four);
    assert_eq!(rates("fit_developer_fields_undescribed.fit"), four);
    let chained = case("fit_chained_developer_fields.fit").readings;
    let sum: u32 = chained.iter().map(|reading| u32::from(reading.rate.centi_bpm())).sum();
    assert_eq!((chained.len(), sum), (8, 8 * 11_150));
    // The times have only their low 16 bits, and pass the highest of them.
    assert_eq!(
        rates("fit_monitoring.fit"),
        ["18:34:28+00:00 61", "18:35:28+00:00 62", "18:36:28+00:00 63", "18:38:28+00:00 64"]
            .map(|line| format!("2024-01-05T{line}"))
    );
    assert_eq!(
        rates("fit_swim_strap.fit"),
        ["08:00:00+00:00 100", "08:00:01+00:00 101", "08:00:02+00:00 102"].map(|line| format!("2024-01-05T{line}"))
    );
    let cut = case("fit_cut_short.fit");
    assert_eq!(cut.readings.len(), 20);
    assert!(said(&cut, "The file is cut off: the 20 rates before the cut were read"));
}

#[test]
fn what_is_packed_is_read_and_archives_in_archives_too() {
    assert_eq!(case("run.fit.gz").readings.len(), 4);
    assert_eq!(case("strava_bulk_export.zip").readings.len(), 7);
    assert_eq!(case("garmin_takeout_nested.zip").readings.len(), 4);
}

#[test]
fn times_of_devices_are_read_as_they_are_written() {
    let in_zone = |name: &str, zone: &str| shown(&case_with(name, &options(zone)).unwrap().readings);
    for (name, expected) in [
        ("hrv4training_ios.csv", &["2024-01-05T06:30:00+01:00 55", "2024-01-06T06:30:00+01:00 56"][..]),
        ("hrv4training_spanish.csv", &["2024-01-05T08:00:57+00:00 55", "2024-01-07T20:10:00+00:00 56"]),
        ("time_of_day_hhmm.csv", &["2024-01-25T08:30:00+00:00 60", "2024-01-26T12:05:00+00:00 70"]),
        ("start_time_is_a_time_of_day.csv", &["2024-01-05T08:00:00+00:00 61", "2024-01-05T09:00:00+00:00 63"]),
        (
            "o2ring_insight_pro.csv",
            &["2024-01-05T23:20:29+00:00 60", "2024-01-05T23:20:33+00:00 62", "2024-01-06T00:00:01+00:00 64"],
        ),
        ("o2ring_phone.csv", &["2024-01-20T22:15:02+00:00 60", "2024-01-20T22:15:10+00:00 62"]),
        ("oximeter_65535.csv", &["2024-01-20T22:15:02+00:00 60", "2024-01-20T22:15:10+00:00 62"]),
        ("garmin_connect_danish.csv", &["2024-01-05T15:05:08+00:00 150 activity"]),
        ("french_with_unit.csv", &["2024-01-05T08:00:00+00:00 61", "2024-01-25T08:00:00+00:00 63"]),
        ("polar_sensor_logger_hr.txt", &["2024-01-05T08:00:00.123+00:00 61", "2024-01-05T08:00:01.123+00:00 63"]),
    ] {
        assert_eq!(in_zone(name, "UTC"), expected, "{name}");
    }
    assert_eq!(case("hrv4training_ios.csv").report.unclear_order, None, "nothing is asked");
    assert_eq!(case("hrv4training_spanish.csv").report.unclear_order, None, "nothing is asked");
    assert_eq!(
        in_zone("omron_measurement_date.csv", "UTC"),
        ["2024-01-05T07:10:00+01:00 58", "2024-01-06T07:11:00+01:00 60"]
    );
}

#[test]
fn json_of_every_service_is_read() {
    for (name, format, expected) in [
        (
            "polar_accesslink.json",
            "Polar (JSON)",
            &["2024-01-05T00:05:00+01:00 60", "2024-01-05T23:55:00+01:00 62"][..],
        ),
        ("polar_247ohr.json", "Polar (JSON)", &["2024-01-05T00:05:00+01:00 60", "2024-01-05T23:55:00+01:00 62"]),
        ("garmin_day.json", "Garmin (JSON)", &["2024-01-05T00:00:00+01:00 60", "2024-01-05T00:04:00+01:00 62"]),
        (
            "fitbit_intraday.json",
            "Fitbit (JSON)",
            &["2024-01-05T12:00:00+01:00 55 resting", "2024-01-05T08:00:00+01:00 60", "2024-01-05T08:01:00+01:00 62"],
        ),
        (
            "google_fit_takeout.json",
            "Google Fit (JSON)",
            &["2024-01-05T09:00:00+01:00 60", "2024-01-05T09:01:00+01:00 62"],
        ),
        (
            "samsung_binning_data.json",
            "Samsung Health (JSON)",
            &["2024-01-05T09:00:00+01:00 70", "2024-01-05T09:01:00+01:00 71"],
        ),
        (
            "samsung_live_data.json",
            "Samsung Health (JSON)",
            &["2024-01-05T09:00:01+01:00 110", "2024-01-05T09:00:02+01:00 111"],
        ),
        ("fhir_bundle.json", "FHIR observations (JSON)", &["2024-01-05T08:00:00+01:00 64"]),
        ("runtastic.json", "Runtastic (JSON)", &["2024-01-05T08:00:00+01:00 120", "2024-01-05T08:00:03+01:00 122"]),
        (
            "json_lines.json",
            "JSON of times and heart rates",
            &["2024-01-05T09:00:00+01:00 60", "2024-01-05T09:00:01+01:00 62"],
        ),
    ] {
        let read = case_with(name, &options("Europe/Berlin")).unwrap();
        assert_eq!(
            (read.format, shown(&read.readings)),
            (format, expected.iter().map(|line| (*line).into()).collect())
        );
    }
}

#[test]
fn what_json_says_of_a_rate_may_stand_anywhere_around_it() {
    let rates = |json: &str| shown(&text(json).readings).join(", ");
    // The date behind the samples; the name behind the points; a time that is a key.
    assert_eq!(
        rates(r#"{"heart_rate_samples":[{"heart_rate":60,"sample_time":"00:05"}],"date":"2024-01-05"}"#),
        "2024-01-05T00:05:00+00:00 60"
    );
    assert_eq!(
        rates(r#"{"data":{"metrics":[{"data":[{"date":"2024-01-05 08:00:00 +0100","qty":61}],"name":"heart_rate"}]}}"#),
        "2024-01-05T08:00:00+01:00 61"
    );
    assert_eq!(rates(r#"{"series":{"1704441600":{"heart_rate":60}}}"#), "2024-01-05T08:00:00+00:00 60");
    // Series: a list of numbers, a text of numbers, seconds after a start.
    let three = "2024-01-05T08:00:00+00:00 60, 2024-01-05T08:00:10+00:00 62";
    for series in [
        r#"{"heart_rate":{"interval":5,"items":[60,null,62],"timestamp":"2024-01-05T08:00:00Z"}}"#,
        r#"{"start_time":"2024-01-05T08:00:00Z","samples":[{"recording_rate":5,"sample_type":"0","data":"60,0,62"},
            {"recording_rate":5,"sample_type":"1","data":"90,91,92"}]}"#,
        r#"{"startTime":"2024-01-05T08:00:00Z","samples":[{"type":"HEART_RATE","intervalMillis":5000,"values":[60,0,62]},
            {"type":"SPEED","intervalMillis":5000,"values":[90,91,92]}]}"#,
        r#"{"startTimeInSeconds":1704441600,"timeOffsetHeartRateSamples":{"0":60,"10":62}}"#,
    ] {
        assert_eq!(rates(series), three, "{series}");
    }
    // The average of an activity stands where there are no samples; other measures are none.
    assert_eq!(
        rates(r#"[{"activityId":1,"avgHr":140,"maxHr":170,"beginTimestamp":1704441600000}]"#),
        "2024-01-05T08:00:00+00:00 140 activity"
    );
    assert_eq!(
        rates(
            r#"{"exportVersion":"1.6","startTime":"2024-01-05T09:00:00","timeZoneOffset":60,"averageHeartRate":99,"exercises":
            [{"samples":{"heartRate":[{"dateTime":"2024-01-05T09:00:00.000","value":60}],
            "speed":[{"dateTime":"2024-01-05T09:00:00.000","value":70}]},"zones":{"heart_rate":[{"lowerLimit":100}]}}]}"#
        ),
        "2024-01-05T09:00:00+01:00 60"
    );
    for other in [
        r#"[{"dateTime":"01/25/23 13:00:07","value":"72"}]"#,
        r#"{"data":{"metrics":[{"name":"walking_heart_rate_average","data":[{"date":"2024-01-05 08:00:00","qty":61}]}]}}"#,
        r#"{"heartRateVariability":[{"dateTime":"2024-01-05T08:00:00Z","value":60}]}"#,
        r#"{"resourceType":"Observation","code":{"coding":[{"code":"29463-7"}]},"effectiveDateTime":"2024-01-05",
            "valueQuantity":{"value":64,"code":"kg"}}"#,
    ] {
        assert!(matches!(read_bytes(other.as_bytes(), "", &options("UTC")), Err(ImportError::OtherJson(_))), "{other}");
    }
    let panel = r#"{"resourceType":"Observation","effectiveDateTime":"2024-01-05T08:00:00Z","code":{"coding":[{"code":"85353-1"}]},
        "component":[{"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":120}},
        {"code":{"coding":[{"code":"8867-4"}]},"valueQuantity":{"value":64}}]}"#;
    assert_eq!(rates(panel), "2024-01-05T08:00:00+00:00 64");
}

#[test]
fn what_stands_beside_a_rate_in_json_is_no_rate() {
    let rates = |json: &str| shown(&text(json).readings).join(", ");
    let at = "2024-01-05T07:00:00+00:00";
    for (json, expected) in [
        (r#"{"time":1704438000,"heart_rate":{"value":64,"confidence":{"value":95},"error":{"value":30}}}"#, "64"),
        (r#"{"time":1704438000,"heart_rate":{"value":64,"min":{"value":50},"max":{"value":90}}}"#, "64"),
        (r#"{"date":"2024-01-05T07:00:00Z","hr":{"bpm":64},"goal":{"bpm":130},"alarm":{"bpm":120}}"#, "64"),
        (
            r#"{"heart_rate":[{"timestamp":1704438000,"type":"max","value":180},
                {"timestamp":1704438000,"type":"current","value":64}]}"#,
            "64",
        ),
        (
            r#"{"workouts":[{"name":"Run","start":"2024-01-05T07:00:00Z","heartRate":{"min":{"qty":90},"avg":{"qty":140},
                "max":{"qty":170}}}]}"#,
            "140 activity",
        ),
        (
            r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},
                "effectiveDateTime":"2024-01-05T07:00:00Z","valueQuantity":{"value":64,"code":"/min"},
                "referenceRange":[{"low":{"value":60},"high":{"value":100},"age":{"high":{"value":99}}}]}"#,
            "64",
        ),
    ] {
        assert_eq!(rates(json), format!("{at} {expected}"), "{json}");
    }
    let observation = |more: &str| {
        format!(
            r#"{{"resourceType":"Observation","effectiveDateTime":"2024-01-05T07:00:00Z",{more},
            "valueQuantity":{{"value":64}}}}"#
        )
    };
    let code = |system: &str| format!(r#""code":{{"coding":[{{"system":"{system}","code":"8867-4"}}]}}"#);
    for other in [
        observation(&format!(r#""status":"entered-in-error",{}"#, code("http://loinc.org"))),
        observation(&code("http://example.org")),
        observation(&code("http://loinc.org")).replace(r#"{"value":64}"#, r#"{"value":200,"comparator":">"}"#),
        observation(&code("http://loinc.org")).replace("Observation", "ObservationDefinition"),
        r#"{"day":"2024-01-05","contributors":{"resting_heart_rate":90}}"#.into(),
        r#"{"date":"2024-01-05","heart_rate_zones":{"zone1":{"bpm":100}}}"#.into(),
        r#"{"heart_rate":{"target":{"time":"2024-01-05T08:00:00Z","value":150}}}"#.into(),
    ] {
        assert!(matches!(read_bytes(other.as_bytes(), "", &options("UTC")), Err(ImportError::OtherJson(_))), "{other}");
    }
}

#[test]
fn json_has_zones_orders_of_dates_and_people_as_tables_have() {
    let rates = |json: &str| shown(&text(json).readings).join(", ");
    for zone in [
        r#""timezone":"America/New_York""#,
        r#""timezone_offset":"-05:00""#,
        r#""utc_offset_minutes":-300"#,
        r#""start_time_utc_offset":-300"#,
    ] {
        let json = format!(r#"[{{"timestamp":"2024-01-05 08:00:00",{zone},"heart_rate":60}}]"#);
        assert_eq!(rates(&json), "2024-01-05T08:00:00-05:00 60", "{zone}");
    }
    let unclear = text(r#"[{"timestamp":"2024-01-05 08:00:00","timezoneOffset":-300,"heart_rate":60}]"#);
    assert!(said(&unclear, "An offset from UTC was not applied"));
    assert_eq!(
        rates(r#"[{"timestamp":"13/01/2024 08:00","bpm":60},{"timestamp":"05/01/2024 08:00","bpm":62}]"#),
        "2024-01-13T08:00:00+00:00 60, 2024-01-05T08:00:00+00:00 62"
    );
    for two in [
        r#"[{"user_id":"A","timestamp":1704438000,"bpm":60},{"user_id":"B","timestamp":1704438000,"bpm":90}]"#,
        r#"{"users":[{"name":"A","heart_rate":[{"time":1704438000,"value":60}]},
            {"name":"B","heart_rate":[{"time":1704438000,"value":90}]}]}"#,
    ] {
        let asked = read_bytes(two.as_bytes(), "", &options("UTC"));
        assert!(matches!(asked, Err(ImportError::SeveralPeople { people, .. }) if people == ["A", "B"]), "{two}");
        let one = Options { person: Some("B".into()), ..options("UTC") };
        assert_eq!(shown(&read_bytes(two.as_bytes(), "", &one).unwrap().readings), ["2024-01-05T07:00:00+00:00 90"]);
    }
    let utf16: Vec<u8> =
        "\u{feff}[{\"time\":\"2024-01-05T08:00:00Z\",\"hr\":60}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_bytes(&utf16, "", &options("UTC")).unwrap().readings.len(), 1);
}

#[test]
fn columns_are_known_by_what_they_hold_where_their_names_are_not() {
    for header in [
        "Data;Godzina;Tętno",
        "日期;時間;心率 (bpm)",
        "Дата;Время;ЧСС (уд/мин)",
        "Date;When;HR",
        "Date;;HR",
        "Tarih;Saat;Nabız",
    ] {
        let read = text(&format!("{header}\n2024-01-05;08:00:00;60\n2024-01-05;09:30:00;62\n"));
        assert_eq!(shown(&read.readings), ["2024-01-05T08:00:00+00:00 60", "2024-01-05T09:30:00+00:00 62"], "{header}");
    }
    // Two columns of times of day: nobody knows which.
    let two = text("date,from,until,HR\n2024-01-05,08:00,09:00,60\n");
    assert_eq!((two.report.noons, two.readings.len()), (1, 1));
    assert!(read_bytes(b"date,HR %\n2024-01-05 08:00:00,60\n", "", &options("UTC")).is_err(), "a share is no rate");
    let strava = "Activity ID,Activity Date,Activity Name,Activity Type,Average Heart Rate,Filename\n\
        1,\"Jul 5, 2024, 7:00:00 AM\",Run,Run,150.5,x\n";
    let strava = read_bytes(strava.as_bytes(), "activities.csv", &options("Europe/Berlin")).unwrap();
    assert_eq!(shown(&strava.readings), ["2024-07-05T09:00:00+02:00 150.5 activity"]);
    let empatica = zipped(&[
        ("HR.csv", b"1704441600.000000\n1.000000\n75.00\n"),
        ("IBI.csv", b"1704441600.000000, IBI\n10.000000,0.800000\n"),
    ]);
    assert_eq!(read_bytes(&empatica, "", &options("UTC")).unwrap().readings.len(), 1, "the same beats once");
}

#[test]
fn recordings_in_xml_of_every_maker_are_read() {
    for (name, expected) in [
        ("trainingpeaks.pwx", ["2024-01-05T08:00:00+00:00 120", "2024-01-05T08:00:05+00:00 122"]),
        ("heart_rate_as_attribute.gpx", ["2024-01-05T08:00:00+00:00 82", "2024-01-05T08:00:02+00:00 84"]),
        ("polar.xml", ["2011-01-01T10:00:00+00:00 100", "2011-01-01T10:00:10+00:00 102"]),
        ("sporttracks.fitlog", ["2019-12-25T09:45:08+00:00 122", "2019-12-25T09:45:13+00:00 124"]),
        // A pause of a minute lies between the two.
        ("sigma.slf", ["2024-08-01T17:56:31+02:00 120", "2024-08-01T17:57:41+02:00 122"]),
        // In beats a second; one point says what the local start is in UTC.
        ("suunto.sml", ["2023-06-18T07:41:08.500+00:00 120", "2023-06-18T07:41:10+00:00 121"]),
    ] {
        assert_eq!(shown(&case(name).readings), expected, "{name}");
    }
    let gpx = "<gpx><trkpt><time>2024-01-05T08:00:00Z</time><extensions><heartrate>121</heartrate></extensions></trkpt></gpx>";
    assert_eq!(shown(&text(gpx).readings), ["2024-01-05T08:00:00+00:00 121"]);
}

#[test]
fn an_account_is_read_as_a_whole_and_names_what_it_leaves_out() {
    let hours = "com.samsung.shealth.tracker.heart_rate,6307003,3\ncom.samsung.health.heart_rate.start_time,\
        com.samsung.health.heart_rate.binning_data,com.samsung.health.heart_rate.heart_rate,\
        com.samsung.health.heart_rate.time_offset\n\
        2024-01-05 08:00:00.000,a.binning_data.json,70.5,UTC+0100\n2024-01-05 12:00:00.000,,66,UTC+0100\n\
        2024-01-05 13:00:00.000,lost.binning_data.json,67,UTC+0100\n";
    let minutes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/samsung_binning_data.json"));
    let account = zipped(&[
        ("samsung/com.samsung.shealth.tracker.heart_rate.csv", hours.as_bytes()),
        ("samsung/jsons/heart_rate/a.binning_data.json", &minutes.unwrap()),
        ("samsung/jsons/steps/b.json", br#"[{"start_time":1704441600000,"count":5}]"#),
        ("samsung/jsons/steps/c.json", br#"[{"start_time":1704441600000,"count":6}]"#),
        ("samsung/steps.csv", b"timestamp,steps\n2024-01-05 08:00:00,5\n"),
        ("samsung/photo.jpg", b"\xff\xd8\xff"),
        ("samsung/more.7z", b"7z"),
    ]);
    let read = read_bytes(&account, "samsung.zip", &options("UTC")).unwrap();
    // The hour that the archive has in minutes is not also a reading; hours without minutes are.
    assert_eq!(
        shown(&read.readings),
        [
            "2024-01-05T13:00:00+01:00 66",
            "2024-01-05T14:00:00+01:00 67",
            "2024-01-05T08:00:00+00:00 70",
            "2024-01-05T08:01:00+00:00 71"
        ]
    );
    assert!(said(&read, "1 row was left out: the archive has its readings in detail"), "{:?}", read.report);
    let left_out: Vec<_> = read.report.left_out.iter().map(|group| (&*group.why, group.files.len())).collect();
    assert_eq!(
        left_out,
        [
            ("JSON without heart rates", 2),
            ("no columns that are known as times and heart rates", 1),
            ("an archive; unpack it, and import what is in it", 1),
            ("not looked at", 1)
        ]
    );
}

/// The bytes of a database that some statements make.
fn database(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Gadgetbridge");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch(statements).unwrap();
    database.close().unwrap();
    std::fs::read(path).unwrap()
}

const BAND: &str = "PRAGMA journal_mode = WAL; CREATE TABLE MI_BAND_ACTIVITY_SAMPLE (TIMESTAMP INTEGER NOT NULL, \
    DEVICE_ID INTEGER NOT NULL, USER_ID INTEGER NOT NULL, STEPS INTEGER, HEART_RATE INTEGER, \
    PRIMARY KEY (TIMESTAMP, DEVICE_ID)) WITHOUT ROWID; INSERT INTO MI_BAND_ACTIVITY_SAMPLE VALUES \
    (1704441600, 1, 1, 0, 60), (1704441660, 1, 1, 0, 255), (1704441720, 1, 1, 0, -1), (1704441780, 1, 1, 0, 62);";

#[test]
fn gadgetbridges_database_is_read_alone_and_in_an_archive() {
    let others = "CREATE TABLE HUAMI_HEART_RATE_RESTING_SAMPLE (TIMESTAMP INTEGER, USER_ID INTEGER, HEART_RATE INTEGER); \
        INSERT INTO HUAMI_HEART_RATE_RESTING_SAMPLE VALUES (1704441600000, 1, 55); \
        CREATE TABLE HUAMI_HEART_RATE_MAX_SAMPLE (TIMESTAMP INTEGER, USER_ID INTEGER, HEART_RATE INTEGER); \
        INSERT INTO HUAMI_HEART_RATE_MAX_SAMPLE VALUES (1704441600000, 1, 180); \
        CREATE VIEW ALL_RATES AS SELECT 1 AS TIMESTAMP, 99 AS HEART_RATE; CREATE TABLE \"odd \"\" name\" (HEART_RATE TEXT);";
    let bytes = database(&format!("{BAND}{others}"));
    let expected =
        ["2024-01-05T08:00:00+00:00 55 resting", "2024-01-05T08:00:00+00:00 60", "2024-01-05T08:03:00+00:00 62"];
    let read = read_bytes(&bytes, "Gadgetbridge", &options("UTC")).unwrap();
    assert_eq!(
        (read.format, shown(&read.readings), read.report.missing),
        ("Gadgetbridge", expected.map(String::from).to_vec(), 2)
    );
    let zip = zipped(&[("database/Gadgetbridge", &bytes), ("files/log.txt", b"x")]);
    assert_eq!(shown(&read_bytes(&zip, "backup.zip", &options("UTC")).unwrap().readings), expected);
}

#[test]
fn a_database_of_two_people_asks_and_a_hostile_one_is_refused() {
    let two = database(&format!("{BAND} INSERT INTO MI_BAND_ACTIVITY_SAMPLE VALUES (1704441900, 1, 2, 0, 90);"));
    let asked = read_bytes(&two, "", &options("UTC")).unwrap_err();
    assert_eq!(asked, ImportError::SeveralPeople { column: "USER_ID".into(), people: vec!["1".into(), "2".into()] });
    let notes = database("CREATE TABLE notes (TIMESTAMP INTEGER, words TEXT);");
    assert_eq!(read_bytes(&notes, "", &options("UTC")).unwrap_err(), ImportError::Database);
    let bytes = database(BAND);
    for cut in [16, 99, 100, 4096, bytes.len() - 1] {
        let refused = read_bytes(&bytes[..cut], "", &options("UTC")).unwrap_err();
        assert!(matches!(refused, ImportError::Damaged(_) | ImportError::Database), "{cut}: {refused:?}");
    }
    // Changed anywhere, it ends in readings or in a sentence.
    for at in (0..bytes.len()).step_by(37) {
        let mut changed = bytes.clone();
        changed[at] ^= 0xff;
        let _ = read_bytes(&changed, "", &options("UTC"));
    }
}

#[test]
fn a_day_in_the_files_name_is_that_of_its_times() {
    assert_eq!(
        shown(&case("2024-01-05.csv").readings),
        ["2024-01-05T08:00:00+01:00 61.5 average", "2024-01-05T08:15:00+01:00 62.5 average"]
    );
    let night = "time,bpm\n23:59:00,60\n00:01:00,61\n";
    let read = read_bytes(night.as_bytes(), "ring_20240105.csv", &options("UTC")).unwrap();
    assert_eq!(shown(&read.readings), ["2024-01-05T23:59:00+00:00 60", "2024-01-06T00:01:00+00:00 61"]);
    let nameless = read_bytes(night.as_bytes(), "night.csv", &options("UTC"));
    assert_eq!(nameless.unwrap_err(), ImportError::NoDay);
}

#[test]
fn the_unit_of_an_offset_is_in_its_columns_name_or_asked() {
    let asked = case("offset_in_minutes.csv");
    assert_eq!(asked.report.unclear_offsets, Some((OffsetUnit::Minutes, "timezone_offset".into())));
    let expected = ["2024-01-05T08:00:00+01:00 70", "2024-01-05T08:01:00+01:00 71"];
    let minutes = Options { offset_unit: Some(OffsetUnit::Minutes), ..options("UTC") };
    assert_eq!(shown(&case_with("offset_in_minutes.csv", &minutes).unwrap().readings), expected);
    for (name, value) in [
        ("utc offset (min)", "60"),
        ("offset_seconds", "3600"),
        ("time offset in ms", "3600000"),
        ("tz offset hours", "1.0"),
    ] {
        let named = text(&format!("timestamp,{name},bpm\n2024-01-05 08:00:00,{value},70\n"));
        assert_eq!((shown(&named.readings)[0].as_str(), named.report.unclear_offsets), (expected[0], None), "{name}");
    }
    // Nothing is to be asked where there is no offset, and numbers that no zone is ahead by are none.
    let zero = text("timestamp,offset,bpm\n2024-01-05 08:00:00,0,70\n").report;
    assert_eq!(zero.unclear_offsets, None);
    let other = text("timestamp,offset,bpm\n2024-01-05 08:00:00,0.37,70\n");
    assert!(said(&other, "“offset” names no time zones"), "{:?}", other.report);
}

#[test]
fn samsungs_web_download_has_the_times_of_the_browser() {
    let samsung = case_with("samsung_portal.csv", &options("Europe/Berlin")).unwrap();
    assert_eq!(
        shown(&samsung.readings),
        ["2024-01-05T10:00:00+01:00 58", "2024-01-05T11:13:28+01:00 64"],
        "{:?}",
        samsung.report
    );
    assert!(said(&samsung, "the column “time_offset” was not applied"));
}

#[test]
fn beats_and_samples_of_sensors_are_read() {
    assert_eq!(
        shown(&case("empatica_HR.csv").readings),
        ["2024-01-05T08:00:00+00:00 90", "2024-01-05T08:00:01+00:00 75.5", "2024-01-05T08:00:02+00:00 71.33"]
    );
    assert_eq!(shown(&case("empatica_IBI.csv").readings), ["2024-01-05T08:00:10+00:00 75"]);
    // Temperatures look the same.
    let temperatures = "1704441600.000000\n4.000000\n33.00\n33.10\n";
    assert!(read_bytes(temperatures.as_bytes(), "TEMP.csv", &options("UTC")).is_err());
    let seconds = case("intervals_in_seconds 2024-01-05 08-00-00.txt").readings;
    assert_eq!(shown(&seconds)[0], "2024-01-05T08:00:00+00:00 62.47");
    let milliseconds = read_bytes(b"960.5\n960.5\n", "2024-01-05 08-00-00.txt", &options("UTC")).unwrap();
    assert_eq!(shown(&milliseconds.readings), ["2024-01-05T08:00:00+00:00 62.47"]);
}

#[test]
fn what_is_not_read_is_called_what_it_is() {
    let workbook = refused("table.xlsx");
    assert!(workbook.contains("an Excel workbook"), "{workbook}");
    let bundle = read_bytes(b"veilbeat bundle\n1", "", &options("UTC")).unwrap_err().to_string();
    assert!(bundle.contains("a Veilbeat bundle"), "{bundle}");
}

#[test]
fn ends_of_lines_and_blanks_are_no_part_of_a_time() {
    for table in [
        "bpm,timestamp\r\n70,2026-01-01T10:00:00Z\r\n",
        "bpm,timestamp\r\n70,2026-01-01T11:00:00+01:00\r\n",
        "timestamp,bpm\n2026-01-01T10:00:00Z ,70\n",
        "timestamp,bpm\n 1/1/2026 10:00:00 AM ,70\n",
        "timestamp,bpm\n2026-01-01T10:00:00Z\u{a0},70\n",
        "timestamp,bpm\n2026-01-01t10:00:00z,70\n",
    ] {
        let read = text(table);
        assert_eq!(read.readings[0].instant_ms, 1_767_261_600_000, "{table:?}");
    }
}

#[test]
fn text_in_xml_may_come_in_pieces() {
    let point = |time: &str, rate: &str| {
        format!(
            "<TrainingCenterDatabase><Trackpoint><Time>{time}</Time><HeartRateBpm><Value>{rate}</Value>\
             </HeartRateBpm></Trackpoint></TrainingCenterDatabase>"
        )
    };
    for (time, rate, expected) in [
        ("2026-01-01T10:00:00Z", "&#49;20", "120"),
        ("2026-01-01T10:00:00Z", "1<![CDATA[2]]>5", "125"),
        ("2026-01-01T10:00:00Z", "<![CDATA[120]]>", "120"),
        ("2026-01-01T10:00:00&#x5a;", "1<!-- not 1 -->20", "120"),
    ] {
        let tokyo = read_bytes(point(time, rate).as_bytes(), "", &options("Asia/Tokyo")).unwrap();
        assert_eq!(shown(&tokyo.readings), [format!("2026-01-01T19:00:00+09:00 {expected}")]);
    }
    // What a reference stands for is not known: it is not nothing.
    let unknown = read_bytes(point("2026-01-01T10:00:00Z", "&tens;5").as_bytes(), "", &options("UTC"));
    assert!(matches!(unknown, Err(ImportError::NoReadings(_))));
}

#[test]
fn a_remark_after_a_blank_line_ends_no_table() {
    let paused = text(
        "timestamp,bpm\n2026-01-01T10:00:00Z,70\n\npaused,by user\n2026-01-01T10:00:01Z,71\n2026-01-01T10:00:02Z,72\n",
    );
    assert_eq!((paused.readings.len(), paused.report.refused.listed()[0].line), (3, 4));
    // A title may stand between, and a header may follow at once.
    for header in ["\nBlood oxygen\ntimestamp,spo2", "timestamp,spo2", "\n# steps\ntimestamp,steps"] {
        let table = format!("timestamp,bpm\n2026-01-01T10:00:00Z,70\n{header}\n2026-01-01T10:00:00Z,98\n");
        assert_eq!(shown(&text(&table).readings), ["2026-01-01T10:00:00+00:00 70"], "{header}");
    }
    let again = "timestamp,bpm\n2026-01-01T10:00:00Z,70\ntimestamp,bpm\n2026-01-01T10:00:01Z,71\n";
    assert_eq!((text(again).readings.len(), text(again).report.refused.count()), (2, 0));
    // Times that start anew are those of another table, whatever its columns are called.
    let other = text(
        "timestamp,bpm\n2026-01-01T10:00:00Z,70\n2026-01-01T10:00:01Z,70\n\nwhen,how far\n2026-01-01T10:00:00Z,71\n",
    );
    assert_eq!(other.readings.len(), 2);
    assert!(said(&other, "Lines 5 to 6 are another table"), "{:?}", other.report.sentences());
}

#[test]
fn polars_interval_is_a_number_of_seconds_or_the_file_is_refused() {
    let hrm = |interval: &str| {
        let text = format!("[Params]\nDate=20171105\nStartTime=14:32:17.0\n{interval}\n[HRData]\n70\t0\n71\t0\n");
        read_bytes(text.as_bytes(), "", &options("UTC"))
    };
    assert_eq!(hrm("Interval=15").unwrap().readings[1].instant_ms % 60_000, 32_000);
    for interval in
        ["Interval=x", "Interval=-1", "Interval=0", "Interval=1.5", "Interval=", "Interval=204", "Interval=86401", ""]
    {
        assert!(matches!(hrm(interval), Err(ImportError::NoInterval(_))), "{interval}");
    }
}

#[test]
fn times_that_nobody_measured_yet_or_so_long_ago_are_said() {
    let odd = text("timestamp,bpm\n2031-01-01 10:00,70\n1985-01-01 10:00,71\n2026-11-25 13:00,72\n");
    assert_eq!((odd.report.future, odd.report.before_1990), (1, 1));
    assert!(said(&odd, "1 reading is in the future") && said(&odd, "1 reading is from before 1990"));
}

#[test]
fn apples_beats_a_second_are_rounded_once() {
    let export = "<HealthData><Record type=\"HKQuantityTypeIdentifierHeartRate\" unit=\"count/s\" \
        startDate=\"2023-11-20 19:20:56 +0100\" value=\"1.20008333333\"/></HealthData>";
    assert_eq!(text(export).readings[0].rate.to_string(), "72");
}
