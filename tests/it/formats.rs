//! Exports as devices and apps write them, with values of our own: what a careful person would get by hand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;

use jiff::tz::TimeZone;
use veilbeat::import::{DateOrder, ImportError, Imported, Options, Reason, read_bytes};
use veilbeat::reading::Kind;

fn options(zone: &str) -> Options {
    Options::new(TimeZone::get(zone).unwrap())
}

fn read_named(name: &str, bytes: &[u8], zone: &str) -> Imported {
    read_bytes(bytes, name, &options(zone)).unwrap_or_else(|error| panic!("{error}"))
}

fn read(text: &str, zone: &str) -> Imported {
    read_named("export", text.as_bytes(), zone)
}

/// Each reading as its instant, offset in minutes and rate.
fn shown(imported: &Imported) -> Vec<String> {
    let line = |r: &veilbeat::reading::Reading| {
        let instant = jiff::Timestamp::from_millisecond(r.instant_ms).unwrap();
        format!("{instant} {:+} {}", r.offset_secs / 60, r.rate)
    };
    imported.readings.iter().map(line).collect()
}

fn kinds(imported: &Imported) -> Vec<Kind> {
    imported.readings.iter().map(|r| r.kind).collect()
}

#[test]
fn fitbit_csv() {
    let text =
        "timestamp,beats per minute,data source\n2017-01-01T04:26:40Z,76.0,Versa\n2017-01-01T04:26:45Z,51,Versa\n";
    let read = read(text, "America/New_York");
    assert_eq!(read.format, "Fitbit (Google Takeout)");
    assert_eq!(shown(&read), ["2017-01-01T04:26:40Z -300 76", "2017-01-01T04:26:45Z -300 51"]);
}

#[test]
fn fitbit_json_is_month_first_and_utc() {
    let text = r#"[{"dateTime":"01/02/23 13:00:07","value":{"bpm":54,"confidence":2}},
        {"dateTime":"01/02/23 13:00:12","value":{"bpm":0,"confidence":0}}]"#;
    let read = read(text, "Europe/Paris");
    assert_eq!(read.format, "Fitbit (Google Takeout JSON)");
    assert_eq!(shown(&read), ["2023-01-02T13:00:07Z +60 54"]);
    assert_eq!((read.report.missing, read.report.refused.count()), (1, 0));
}

#[test]
fn fitbit_resting_json_is_of_days() {
    let text = r#"[{"dateTime":"01/25/23 00:00:00","value":{"date":"01/25/23","value":57.25,"error":6.7}},
        {"dateTime":"01/26/23 00:00:00","value":{"date":null,"value":0.0,"error":0.0}}]"#;
    let read = read(text, "Europe/Paris");
    assert_eq!(shown(&read), ["2023-01-25T11:00:00Z +60 57.25"]);
    assert_eq!(kinds(&read), [Kind::Resting]);
    assert_eq!((read.report.missing, read.report.noons), (1, 1));
}

#[test]
fn samsung_times_are_utc_and_the_zone_is_a_column() {
    let text = "\u{feff}com.samsung.shealth.tracker.heart_rate,6307003,3\n\
        com.samsung.health.heart_rate.start_time,com.samsung.health.heart_rate.heart_rate,com.samsung.health.heart_rate.time_offset\n\
        2023-05-01 12:00:00.000,71.0,UTC-0500,\n2023-05-02 12:00:00.000,72.0,UTC+0200,\n2023-05-03 12:00:00.000,,UTC+0200,\n";
    let read = read(text, "Asia/Tokyo");
    assert_eq!(read.format, "Samsung Health");
    assert_eq!(shown(&read), ["2023-05-01T12:00:00Z -300 71", "2023-05-02T12:00:00Z +120 72"]);
    assert_eq!((read.report.missing, read.report.refused.count()), (1, 0));
}

#[test]
fn withings_arrays_follow_one_another() {
    let text = "start,duration,value\n2022-05-03T19:03:32+02:00,[60],[40]\n\
        2022-05-03T18:00:00+02:00,\"[60,30]\",\"[50,29]\"\n2022-11-03T18:00:00+01:00,\"[1,2]\",[30]\n";
    let read = read(text, "UTC");
    assert_eq!(read.format, "Withings");
    assert_eq!(
        shown(&read),
        ["2022-05-03T17:03:32Z +120 40", "2022-05-03T16:00:00Z +120 50", "2022-05-03T16:01:00Z +120 29"]
    );
    assert_eq!(read.report.refused.listed()[0].line, 4);
}

#[test]
fn polar_flow_has_its_start_in_another_table_day_first() {
    let text = "Name,Sport,Date,Start time,Duration,Average heart rate (bpm),\n\
        A,RUNNING,12-02-2020,17:21:36,00:00:03,120,\n\
        Sample rate,Time,HR (bpm),Speed (km/h),\n1,00:00:00,85,,\n,00:00:01,,,\n,00:00:02,87,,\n";
    let read = read(text, "Europe/Helsinki");
    assert_eq!(read.format, "Polar Flow session");
    assert_eq!(shown(&read), ["2020-02-12T15:21:36Z +120 85", "2020-02-12T15:21:38Z +120 87"]);
    assert_eq!((read.report.missing, read.report.refused.count()), (1, 0));
}

#[test]
fn polar_hrm() {
    let text = "[Params]\r\nVersion=106\r\nDate=20171105\r\nStartTime=14:32:17.0\r\nInterval=5\r\n\r\n[Note]\r\n\r\n\
        [HRData]\r\n92\t0\t0\r\n93\t0\t0\r\n0\t0\t0\r\n95\t0\t0\r\n";
    let read = read(text, "UTC");
    assert_eq!(read.format, "Polar HRM");
    assert_eq!(
        shown(&read),
        ["2017-11-05T14:32:17Z +0 92", "2017-11-05T14:32:22Z +0 93", "2017-11-05T14:32:32Z +0 95"]
    );
}

#[test]
fn tcx_has_points_and_no_laps() {
    let text = r#"<?xml version="1.0"?><TrainingCenterDatabase xmlns="x"><Activities><Activity Sport="Running"><Lap>
        <AverageHeartRateBpm><Value>150</Value></AverageHeartRateBpm><Track>
        <Trackpoint><Time>2017-11-05T14:32:17+01:00</Time><HeartRateBpm><Value>92</Value></HeartRateBpm><Cadence>0</Cadence></Trackpoint>
        <Trackpoint><Time>2017-11-05T14:32:18+01:00</Time><Cadence>70</Cadence></Trackpoint>
        <Trackpoint><Time>2017-11-05T14:32:19+01:00</Time><HeartRateBpm xsi:type="y"><Value> 94 </Value></HeartRateBpm></Trackpoint>
        </Track></Lap></Activity></Activities></TrainingCenterDatabase>"#;
    let read = read(text, "Asia/Tokyo");
    assert_eq!(read.format, "TCX");
    assert_eq!(shown(&read), ["2017-11-05T13:32:17Z +60 92", "2017-11-05T13:32:19Z +60 94"]);
}

#[test]
fn gpx_has_heart_rates_under_any_prefix() {
    let text = r#"<?xml version="1.0"?><gpx><metadata><time>2000-01-01T00:00:00Z</time></metadata><trk><trkseg>
        <trkpt lat="1" lon="2"><ele>3</ele><time>2020-06-01T10:00:00Z</time><extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>101</gpxtpx:hr></gpxtpx:TrackPointExtension></extensions></trkpt>
        <trkpt lat="1" lon="2"><time>2020-06-01T10:00:05Z</time></trkpt>
        <trkpt lat="1" lon="2"><time>2020-06-01T10:00:10Z</time><extensions><ns3:TrackPointExtension><ns3:hr>103</ns3:hr></ns3:TrackPointExtension></extensions></trkpt>
        </trkseg></trk></gpx>"#;
    let read = read(text, "Europe/Rome");
    assert_eq!(read.format, "GPX");
    assert_eq!(shown(&read), ["2020-06-01T10:00:00Z +120 101", "2020-06-01T10:00:10Z +120 103"]);
}

#[test]
fn garmin_fit_converted_to_csv() {
    let text = "timestamp,position_lat,heart_rate,speed\r\n2020-02-12 08:14:43-08:00,1,120,2\r\n\
        2020-02-12 08:14:44-08:00,1,,2\r\n2020-02-12 08:14:44-08:00,1,121,2\r\n";
    let read = read(text, "Asia/Tokyo");
    assert_eq!(shown(&read), ["2020-02-12T16:14:43Z -480 120", "2020-02-12T16:14:44Z -480 121"]);
}

#[test]
fn garmin_connect_is_localised_and_holds_averages_of_activities() {
    let text = "Aktivitätstyp,Datum,Titel,Distanz,Zeit,Ø HF,Maximale HF\n\
        Laufen,\" Fr, 25 Mai 2012 20:31\",Runde,\"10,20\",00:50:12, 148, 171\n\
        Laufen,\" Sa, 26 Mai 2012 09:02\",Runde,--,00:30:00,--,--\n";
    let read = read(text, "Europe/Berlin");
    assert_eq!(shown(&read), ["2012-05-25T18:31:00Z +120 148"]);
    assert_eq!((kinds(&read), read.report.missing), (vec![Kind::Activity], 1));
    assert!(
        read.report.assumed.iter().any(|said| said == "These are averages of activities, which do not stand for a day")
    );
    assert_eq!(read.layout.unwrap().rate, 5);
}

#[test]
fn zepp_has_date_and_time_in_two_columns() {
    let read = read("\u{feff}date,time,heartRate\n2022-09-13,19:40,66\n2022-09-13,19:41,67\n", "Europe/Madrid");
    assert_eq!(read.format, "Zepp / Amazfit");
    assert_eq!(shown(&read), ["2022-09-13T17:40:00Z +120 66", "2022-09-13T17:41:00Z +120 67"]);
}

#[test]
fn mi_fitness_holds_json_in_its_values() {
    let text = "Uid,Sid,Key,Time,Value,UpdateTime\n\
        1,x,heart_rate,1650000000,\"{\"\"time\"\":1650000000,\"\"bpm\"\":71}\",1650000100\n\
        1,x,steps,1650000060,\"{\"\"steps\"\":12}\",1650000100\n\
        1,x,heart_rate,1650000060,\"{\"\"time\"\":1650000060,\"\"bpm\"\":72}\",1650000100\n\
        1,x,heart_rate,1650000120,not json,1650000100\n";
    let read = read(text, "UTC");
    assert_eq!(read.format, "Mi Fitness");
    assert_eq!(shown(&read), ["2022-04-15T05:20:00Z +0 71", "2022-04-15T05:21:00Z +0 72"]);
    assert_eq!(read.report.refused.count(), 1);
}

#[test]
fn whoop_is_local_time_with_its_zone_in_a_column() {
    let text = "Cycle start time,Cycle end time,Cycle timezone,Resting heart rate (bpm),Max HR (bpm),Average HR (bpm)\n\
        2023-06-02 22:00:00,2023-06-03 22:00:00,UTC-04:00,52,160,68\n\
        2023-06-01 22:00:00,2023-06-02 22:00:00,UTC+00:00,,,66\n2023-05-31 22:00:00,,UTC-04:00,,,\n";
    let read = read(text, "Asia/Tokyo");
    assert_eq!(read.format, "WHOOP cycles");
    assert_eq!(shown(&read), ["2023-06-03T02:00:00Z -240 68", "2023-06-01T22:00:00Z +0 66"]);
    assert_eq!((kinds(&read), read.report.missing), (vec![Kind::Average; 2], 1));
}

#[test]
fn whoop_workouts_start_with_the_workout_and_are_activities() {
    let text = "Cycle start time,Cycle end time,Cycle timezone,Workout start time,Workout end time,Duration (min),\
        Activity name,Activity Strain,Energy burned (cal),Max HR (bpm),Average HR (bpm),HR Zone 1 %,GPS enabled\n\
        2024-01-04 23:30:00,2024-01-05 23:10:00,UTC+01:00,2024-01-05 18:00:00,2024-01-05 18:40:00,40,Running,10.1,300.0,170,140,10,false\n\
        2024-01-04 23:30:00,2024-01-05 23:10:00,UTC+01:00,2024-01-05 07:00:00,2024-01-05 07:30:00,30,Running,8.1,200.0,165,140,10,false\n";
    let read = read(text, "Asia/Tokyo");
    assert_eq!(read.format, "WHOOP workouts");
    assert_eq!(shown(&read), ["2024-01-05T17:00:00Z +60 140", "2024-01-05T06:00:00Z +60 140"]);
    assert_eq!(kinds(&read), [Kind::Activity; 2]);
}

#[test]
fn oura_csv_and_json() {
    let csv = read("timestamp;bpm;source\n2023-03-01T08:00:00+00:00;61;awake\n", "Europe/Helsinki");
    assert_eq!((csv.format, shown(&csv)), ("Oura", vec!["2023-03-01T08:00:00Z +120 61".to_owned()]));
    let text = r#"{"data":[{"bpm":61,"source":"awake","timestamp":"2023-03-01T08:00:00+00:00"},
        {"bpm":null,"source":"rest","timestamp":"2023-03-01T08:05:00+00:00"}],"next_token":null}"#;
    let json = read(text, "Europe/Helsinki");
    assert_eq!((json.format, shown(&json)), ("Oura (JSON)", shown(&csv)));
    assert_eq!(json.report.missing, 1);
}

#[test]
fn elite_hrv_and_hrv4training_prefer_the_plain_rate() {
    let elite = read("\u{feff}Date,Rolling Avg HR,HR,Rmssd\r\n2017-09-06 06:23:22,61.22,60.17,50\r\n", "UTC");
    assert_eq!(shown(&elite), ["2017-09-06T06:23:22Z +0 60.17"]);
    let hrv = read("date,HR,AVNN\n2017-09-06 06:23:22 +0000,60.17,990\n2017-09-07 06:23:22 +0200,61.5,990\n", "UTC");
    assert_eq!(shown(&hrv), ["2017-09-06T06:23:22Z +0 60.17", "2017-09-07T04:23:22Z +120 61.5"]);
}

#[test]
fn intervals_of_beats_become_a_reading_for_each_started_five_seconds() {
    // 1000 ms a beat: five beats start in the first five seconds, then 500 ms a beat.
    let text = "1000\n".repeat(5) + &"500\n".repeat(6);
    let read = read_named("2017-07-19 07-50-42.txt", text.as_bytes(), "UTC");
    assert_eq!(read.format, "Intervals between beats");
    assert_eq!(shown(&read), ["2017-07-19T07:50:42Z +0 60", "2017-07-19T07:50:47Z +0 120"]);
    let error = read_bytes(text.as_bytes(), "beats.txt", &options("UTC")).unwrap_err();
    assert_eq!(error, ImportError::NoStart);
}

#[test]
fn wahoo_has_many_small_tables() {
    let text = "Product,Wahoo\nYear,2016,Month,10,Day,7,Hour,17,Minute,24,Second,2,\n\
        device,serial\nTICKR,1\n\ninterval,lap_avg_hr\n0,120\n\n\
        time,pwr_watts,hr_heartrate\n0,0,0\n1,0,98\n2.5,0,99\n";
    let read = read(text, "UTC");
    assert_eq!(read.format, "Wahoo");
    assert_eq!(shown(&read), ["2016-10-07T17:24:03Z +0 98", "2016-10-07T17:24:04.5Z +0 99"]);
    assert_eq!(read.report.missing, 1);
}

#[test]
fn pulsometer_has_a_long_preamble() {
    let preamble = (1..=15).map(|n| format!("Setting {n}:\tvalue\n")).collect::<Vec<_>>().concat();
    let text = format!(
        "{preamble}Timespan:\tTime formatted:\tElapsed time\tHeart rate:\tDetection:\n\
         1500000000123\t02:40:00\t0\t61\t1\n1500000000123\t02:40:00\t0\t62\t1\n"
    );
    let read = read(&text, "UTC");
    assert_eq!(read.format, "Pulsometer");
    assert_eq!(shown(&read), ["2017-07-14T02:40:00.123Z +0 61", "2017-07-14T02:40:00.123Z +0 62"]);
}

#[test]
fn welltory_holds_several_people() {
    let text = "\"user_code\",\"datetime\",\"bpm\"\n\"a1\",\"2020-05-04 11:11:11\",\"80\"\n\"b2\",\"2020-05-04 11:11:11\",\"90\"\n\
        \"a1\",\"2020-05-04 11:11:11\",\"81\"\n";
    let error = read_bytes(text.as_bytes(), "", &options("UTC")).unwrap_err();
    let people = vec!["a1".into(), "b2".into()];
    assert_eq!(error, ImportError::SeveralPeople { column: "user_code".into(), people });
    let one = read_bytes(text.as_bytes(), "", &Options { person: Some("a1".into()), ..options("UTC") }).unwrap();
    assert_eq!(shown(&one), ["2020-05-04T11:11:11Z +0 80", "2020-05-04T11:11:11Z +0 81"]);
}

#[test]
fn qs_access_and_health_auto_export() {
    let qs = read("Start,Finish,Heart Rate (count/min)\n20-Sep-2016 12:18,20-Sep-2016 13:18,71.5\n", "UTC");
    assert_eq!((shown(&qs), kinds(&qs)), (vec!["2016-09-20T12:18:00Z +0 71.5".to_owned()], vec![Kind::Sample]));
    let text = "Date/Time,Heart Rate [Min] (count/min),Heart Rate [Max] (count/min),Heart Rate [Avg] (count/min)\n\
        2024-01-05 08:00:00 +0100,50,90,61.238\n";
    let auto = read(text, "UTC");
    assert_eq!((shown(&auto), kinds(&auto)), (vec!["2024-01-05T07:00:00Z +60 61.24".to_owned()], vec![Kind::Average]));
    assert_eq!(auto.report.rounded, 1);
}

#[test]
fn training_logs_are_latin_1_with_units_and_decimal_commas() {
    let text = "Datum;Strecke;Gefühl;HFavg;HFmax\n;[km];;[1/min];[1/min]\n18.02.12;10,5;süß;148,5;171\n03.04.12;8;ok;140;160\n";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let read = read_named("log.csv", &latin, "Europe/Berlin");
    assert_eq!(shown(&read), ["2012-02-18T11:00:00Z +60 148.5", "2012-04-03T10:00:00Z +120 140"]);
    assert_eq!((kinds(&read)[0], read.report.noons, read.report.refused.count()), (Kind::Activity, 2, 0));
    assert!(read.report.assumed.iter().any(|said| said.contains("windows-1252")));
}

const APPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST Record type CDATA #REQUIRED>
]>
<HealthData locale="en_GB"><ExportDate value="2023-11-21 10:00:00 +0100"/>
 <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Anna’s Watch" device="&lt;&lt;HKDevice: 0x28&gt;, name:Watch&gt;" unit="count/min" creationDate="2023-11-20 19:21:00 +0100" startDate="2023-11-20 19:20:56 +0100" endDate="2023-11-20 19:20:56 +0100" value="71"/>
 <Record type="HKQuantityTypeIdentifierHeartRate" unit="count/min" startDate="2023-11-20 19:25:56 +0100" value="72.5"><MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/></Record>
 <Record type="HKQuantityTypeIdentifierRestingHeartRate" unit="count/min" startDate="2023-11-20 00:00:00 +0100" value="51"/>
 <Record type="HKQuantityTypeIdentifierHeartRateVariabilitySDNN" unit="ms" startDate="2023-11-20 19:20:56 +0100" value="40"><HeartRateVariabilityMetadataList><InstantaneousBeatsPerMinute bpm="66" time="7:47:41.86 PM"/></HeartRateVariabilityMetadataList></Record>
 <Workout><WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" average="140"/></Workout>
</HealthData>"#;

#[test]
fn apple_health_xml_and_the_zip_around_it() {
    let plain = read(APPLE, "UTC");
    assert_eq!(plain.format, "Apple Health");
    assert_eq!(shown(&plain), ["2023-11-20T18:20:56Z +60 71", "2023-11-20T18:25:56Z +60 72.5"]);
    let zip = zipped(&[
        ("apple_health_export/export_cda.xml", b"<ClinicalDocument/>"),
        ("apple_health_export/export.xml", APPLE.as_bytes()),
        ("apple_health_export/workout-routes/route.gpx", b"<gpx></gpx>"),
    ]);
    let packed = read_named("export.zip", &zip, "UTC");
    assert_eq!((packed.format, packed.readings), ("Apple Health", plain.readings));
}

pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        let method = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file(*name, method).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_takeout_archive_is_all_its_days() {
    let day = |day: u32| format!(r#"[{{"dateTime":"01/{day:02}/23 13:00:07","value":{{"bpm":54,"confidence":2}}}}]"#);
    let zip = zipped(&[
        ("Takeout/Fitbit/Global Export Data/heart_rate-2023-01-01.json", day(1).as_bytes()),
        ("Takeout/Fitbit/Global Export Data/heart_rate-2023-01-02.json", day(2).as_bytes()),
        ("Takeout/Fitbit/Global Export Data/steps-2023-01-02.json", b"[{\"dateTime\":\"x\",\"value\":\"5\"}]"),
    ]);
    let read = read_named("takeout.zip", &zip, "UTC");
    assert_eq!(read.format, "Fitbit (Google Takeout JSON)");
    assert_eq!(shown(&read), ["2023-01-01T13:00:07Z +0 54", "2023-01-02T13:00:07Z +0 54"]);
}

/// A FIT file of one definition and some records: timestamp u32, heart rate u8.
fn fit(records: &[(u32, u8)]) -> Vec<u8> {
    let mut data = vec![0x40, 0, 0, 20, 0, 2, 253, 4, 0x86, 3, 1, 0x02];
    for (time, rate) in records {
        data.push(0);
        data.extend_from_slice(&time.to_le_bytes());
        data.push(*rate);
    }
    let mut file = vec![14, 0x10, 0x64, 0x08];
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(b".FIT");
    file.extend_from_slice(&[0, 0]);
    file.extend(data);
    file.extend_from_slice(&[0, 0]);
    file
}

#[test]
fn fit_records_are_utc_and_255_is_no_reading() {
    // 950,000,000 s after 1989-12-31T00:00:00Z.
    let read = read_named("run.fit", &fit(&[(950_000_000, 120), (950_000_001, 255), (950_000_002, 121)]), "UTC");
    assert_eq!(read.format, "FIT");
    assert_eq!(shown(&read), ["2020-02-07T08:53:20Z +0 120", "2020-02-07T08:53:22Z +0 121"]);
    assert_eq!(read.report.missing, 1);
}

#[test]
fn other_tables_are_found_by_what_they_hold() {
    let read = read("Messung vom Arzt\n\nDatum Uhrzeit|Puls\n2020-01-01 10:00|60\n2020-01-01 11:00|61\n", "UTC");
    assert_eq!(shown(&read), ["2020-01-01T10:00:00Z +0 60", "2020-01-01T11:00:00Z +0 61"]);
    assert_eq!(read.layout.unwrap().columns, ["Datum Uhrzeit", "Puls"]);
    let headless = "2020-01-01T10:00:00Z\t60\n2020-01-01T10:00:05Z\t61\n";
    assert_eq!(read_named("", headless.as_bytes(), "UTC").readings.len(), 2);
    // Two columns of numbers: nobody but the person knows which.
    let text = "wann,a,b\n2020-01-01 10:00,60,90\n2020-01-01 11:00,61,91\n";
    assert!(matches!(read_bytes(text.as_bytes(), "", &options("UTC")), Err(ImportError::NoColumn { .. })));
    let chosen = Options { time_column: Some("wann".into()), rate_column: Some("b".into()), ..options("UTC") };
    assert_eq!(
        shown(&read_bytes(text.as_bytes(), "", &chosen).unwrap()),
        ["2020-01-01T10:00:00Z +0 90", "2020-01-01T11:00:00Z +0 91"]
    );
}

#[test]
fn any_encoding_and_any_end_of_line_is_the_same_table() {
    let text = "timestamp,bpm,näme\n2020-01-01 10:00:00,60,ä\n2020-01-01 10:00:05,61,ö\n";
    let expected = shown(&read(text, "UTC"));
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        let mark: &[u8] = if !mark {
            &[]
        } else if big {
            &[0xfe, 0xff]
        } else {
            &[0xff, 0xfe]
        };
        mark.iter().copied().chain(units).collect()
    };
    for bytes in [
        utf16(true, true),
        utf16(false, true),
        utf16(true, false),
        utf16(false, false),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        format!("\u{feff}{text}").into_bytes(),
    ] {
        assert_eq!(shown(&read_named("x.csv", &bytes, "UTC")), expected, "{bytes:?}");
    }
}

#[test]
fn the_order_of_a_date_can_be_chosen_and_is_asked_only_where_it_matters() {
    let text = "date,bpm\n03/04/2020 10:00,60\n05/06/2020 10:00,61\n";
    let unclear = read(text, "UTC");
    assert_eq!(unclear.report.unclear_order, Some(DateOrder::DayFirst));
    assert_eq!(shown(&unclear)[0], "2020-04-03T10:00:00Z +0 60");
    let month = Options { date_order: Some(DateOrder::MonthFirst), ..options("UTC") };
    let chosen = read_bytes(text.as_bytes(), "", &month).unwrap();
    assert_eq!((shown(&chosen)[0].as_str(), chosen.report.unclear_order), ("2020-03-04T10:00:00Z +0 60", None));
    let clear = read("date,bpm\n03/04/2020 10:00,60\n13/06/2020 10:00,61\n", "UTC");
    assert_eq!(clear.report.unclear_order, None);
    let year = Options { date_order: Some(DateOrder::YearFirst), ..options("UTC") };
    let short = read_bytes(b"date,bpm\n20/04/03 10:00,60\n", "", &year).unwrap();
    assert_eq!(shown(&short), ["2020-04-03T10:00:00Z +0 60"]);
}

#[test]
fn numbers_that_are_not_called_heart_rates_are_none() {
    for text in [
        "timestamp,steps,data source\n2017-01-01T04:26:40Z,76,x\n",
        "time,weight\n2017-01-01T04:26:40Z,76\n",
        "timestamp,value\n2017-01-01T04:26:40Z,97\n",
        "Id,When,HR\n1503960366,4/12/2016 12:00:00 AM,80\n",
        r#"[{"dateTime":"01/25/23 13:00:07","value":"54"}]"#,
    ] {
        assert!(read_bytes(text.as_bytes(), "steps-2023-01-25", &options("UTC")).is_err(), "{text}");
    }
    let withings = b"start,duration,value\n2022-05-03T19:03:32+02:00,[60],[40]\n";
    assert!(read_bytes(withings, "raw_tracker_steps.csv", &options("UTC")).is_err());
    assert!(read_bytes(withings, "raw_hr_hr.csv", &options("UTC")).is_ok());
    let zip = zipped(&[
        ("w/raw_hr_hr.csv", withings),
        ("w/raw_tracker_steps.csv", withings),
        ("w/weight.csv", b"date,weight\n2020-01-01,80\n"),
    ]);
    assert_eq!(read_named("withings.zip", &zip, "UTC").readings.len(), 1);
}

#[test]
fn a_column_that_is_not_there_is_said_and_not_guessed() {
    for (time, rate) in [(None, Some("zzz")), (None, Some("9")), (Some("zzz"), None)] {
        let chosen =
            Options { time_column: time.map(str::to_owned), rate_column: rate.map(str::to_owned), ..options("UTC") };
        let error = read_bytes(b"time,bpm\n2020-01-01 10:00,60\n", "", &chosen).unwrap_err();
        assert_eq!(error, ImportError::NoSuchColumn(vec!["time".into(), "bpm".into()]));
    }
}

#[test]
fn elapsed_time_goes_on_when_clocks_are_changed() {
    let session = |date: &str| {
        format!(
            "Name,Date,Start time\nA,{date},01:30:00\nSample rate,Time,HR (bpm)\n1,00:30:00,91\n,01:30:00,91\n,02:30:00,92\n"
        )
    };
    assert_eq!(
        shown(&read(&session("26-03-2023"), "Europe/Paris")),
        ["2023-03-26T01:00:00Z +120 91", "2023-03-26T02:00:00Z +120 91", "2023-03-26T03:00:00Z +120 92"]
    );
    assert_eq!(
        shown(&read(&session("29-10-2023"), "Europe/Paris")),
        ["2023-10-29T00:00:00Z +120 91", "2023-10-29T01:00:00Z +60 91", "2023-10-29T02:00:00Z +60 92"]
    );
}

#[test]
fn beside_an_average_the_time_is_how_long_it_took() {
    let read = read("Datum;Zeit;km;HFavg;HFmax\n18.02.12;0:52:11;10,2;145;170\n", "Europe/Berlin");
    assert_eq!((shown(&read), read.report.noons), (vec!["2012-02-18T11:00:00Z +60 145".to_owned()], 1));
}

#[test]
fn names_of_columns_tell_zones() {
    for (header, row, expected) in [
        ("time,tz,bpm", "2023-01-01 10:00:00,-05:00,60", "2023-01-01T15:00:00Z -300 60"),
        ("time,Offset,bpm", "2023-01-01 10:00:00,-05:00,60", "2023-01-01T15:00:00Z -300 60"),
        ("Timestamp (GMT),bpm", "2023-01-01 08:00:00,60", "2023-01-01T08:00:00Z +60 60"),
        ("time_utc,bpm", "2023-01-01 08:00:00,60", "2023-01-01T08:00:00Z +60 60"),
    ] {
        assert_eq!(shown(&read(&format!("{header}\n{row}\n"), "Europe/Paris")), [expected], "{header}");
    }
}

#[test]
fn a_second_table_is_read_by_its_own_header_or_left_out() {
    let left_out = read("date,pulse\n2023-01-03,66\n\ndate,weight\n2023-01-03,80\n2023-01-04,81\n", "UTC");
    assert_eq!(shown(&left_out), ["2023-01-03T12:00:00Z +0 66"]);
    assert!(left_out.report.assumed.iter().any(|said| said.contains("another table")), "{:?}", left_out.report.assumed);
    let turned = read("time,bpm\n2023-01-03 10:00,66\n\nbpm,time\n62,2023-01-03 11:00\n", "UTC");
    assert_eq!(shown(&turned), ["2023-01-03T10:00:00Z +0 66", "2023-01-03T11:00:00Z +0 62"]);
}

#[test]
fn mi_fitness_people_and_resting_rates_are_kept_apart() {
    let text = "Uid,Sid,Key,Time,Value,UpdateTime\n\
        1,x,heart_rate,1650000000,\"{\"\"bpm\"\":71}\",1\n1,x,resting_heart_rate,1650000060,\"{\"\"bpm\"\":52}\",1\n";
    assert_eq!(kinds(&read(text, "UTC")), [Kind::Sample, Kind::Resting]);
    let two = format!("{text}2,x,heart_rate,1650000000,\"{{\"\"bpm\"\":90}}\",1\n");
    assert!(matches!(read_bytes(two.as_bytes(), "", &options("UTC")), Err(ImportError::SeveralPeople { .. })));
}

#[test]
fn in_a_file_that_runs_forward_the_hour_that_occurs_twice_does() {
    let hours = ["01:30", "01:45", "01:30", "01:45", "02:00"];
    let rows = hours.map(|hour| format!("2023-11-05 {hour},60\n")).concat();
    let read = read(&format!("time,bpm\n{rows}"), "America/New_York");
    let offsets: Vec<_> = read.readings.iter().map(|r| r.offset_secs / 3600).collect();
    assert_eq!(offsets, [-4, -4, -5, -5, -5]);
    assert!(read.readings.windows(2).all(|pair| pair[0].instant_ms < pair[1].instant_ms));
    assert_eq!(read.report.clock_changes, 4);
}

#[test]
fn zones_by_name_are_the_places_own() {
    let named = "time,timezone,bpm\n2023-07-01 10:00,Europe/Berlin,60\n2023-01-01 10:00,CET,61\n\
                 2023-07-01T10:00:00Z,America/New_York,62\n2023-10-29 02:30,Europe/Berlin,63\n\
                 2023-07-01 10:00,Middle/Earth,64\n";
    let imported = read(named, "Asia/Tokyo");
    assert_eq!(
        shown(&imported),
        [
            "2023-07-01T08:00:00Z +120 60",
            "2023-01-01T09:00:00Z +60 61",
            "2023-07-01T10:00:00Z -240 62",
            "2023-10-29T00:30:00Z +120 63"
        ]
    );
    assert_eq!(imported.report.clock_changes, 1);
    assert_eq!(imported.report.refused.listed()[0].reason, Reason::BadZone);
}

#[test]
fn rates_may_carry_their_unit() {
    let imported =
        read("time,heart rate\n2023-07-01 10h05,55 bpm\n20230701T100600,56bpm\n2023-07-01 10:07,57 kg\n", "UTC");
    assert_eq!(shown(&imported), ["2023-07-01T10:05:00Z +0 55", "2023-07-01T10:06:00Z +0 56"]);
    let apple = "<HealthData><Record type=\"HKQuantityTypeIdentifierHeartRate\" unit=\"count/s\" startDate=\"2023-11-20 19:20:56 +0100\" value=\"1.1833333\"/><Record type=\"HKQuantityTypeIdentifierHeartRate\" unit=\"mmHg\" startDate=\"2023-11-20 19:20:57 +0100\" value=\"80\"/></HealthData>";
    let imported = read(apple, "UTC");
    assert_eq!(shown(&imported), ["2023-11-20T18:20:56Z +60 71"]);
    assert_eq!(imported.report.refused.listed()[0].reason, Reason::UnknownUnit);
}

#[test]
fn health_auto_export_json_is_averages_and_resting_rates() {
    let text = r#"{"data":{"workouts":[],"metrics":[
        {"name":"step_count","units":"count","data":[{"qty":60,"date":"2024-01-05 08:00:00 +0100"}]},
        {"name":"heart_rate","units":"count/min","data":[{"Min":58,"Avg":61.5,"Max":70,"date":"2024-01-05 08:00:00 +0100","source":"Watch"}]},
        {"data":[{"qty":52,"date":"2024-01-05 00:00:00 +0100"}],"units":"count/min","name":"resting_heart_rate"}]}}"#;
    let imported = read(text, "UTC");
    assert_eq!(imported.format, "Health Auto Export (JSON)");
    assert_eq!(shown(&imported), ["2024-01-05T07:00:00Z +60 61.5", "2024-01-04T23:00:00Z +60 52"]);
    assert_eq!(kinds(&imported), [Kind::Average, Kind::Resting]);
    let csv = "Date/Time,Min (count/min),Max (count/min),Avg (count/min)\n2024-01-05 08:00:00,58,70,61.5\n";
    assert_eq!(kinds(&read(csv, "UTC")), [Kind::Average]);
}

#[test]
fn a_first_number_above_31_is_the_year() {
    let imported = read("date,time,bpm\n99/12/31,10:00,60\n12/04/10,10:00,61\n", "UTC");
    assert_eq!(shown(&imported), ["1999-12-31T10:00:00Z +0 60", "2012-04-10T10:00:00Z +0 61"]);
    let options = Options { date_order: Some(DateOrder::YearFirst), ..options("UTC") };
    let long = read_bytes(b"time,bpm\n5/10/2016 10:00,60\n", "", &options);
    assert!(matches!(long, Err(ImportError::NoReadings(_))), "four digits are the year, wherever they stand");
}

#[test]
fn refused_lines_have_their_numbers_however_lines_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["time,bpm", "2023-07-01 10:00,60", "", "soon,61", "2023-07-01 10:01,900"].join(end);
        let imported = read(&text, "UTC");
        let lines: Vec<u64> = imported.report.refused.listed().iter().map(|refused| refused.line).collect();
        assert_eq!(lines, [4, 5], "{end:?}");
    }
}

#[test]
fn a_chosen_column_keeps_how_the_times_of_a_known_format_are_meant() {
    let samsung = "com.samsung.shealth.tracker.heart_rate,6307003,3\nstart_time,heart_rate,time_offset,max\n\
        2023-05-01 12:00:00.000,71.0,UTC-0500,90\n";
    let chosen = Options { rate_column: Some("4".into()), ..options("Asia/Tokyo") };
    let read = read_bytes(samsung.as_bytes(), "x.csv", &chosen).unwrap();
    assert_eq!(shown(&read), ["2023-05-01T12:00:00Z -300 90"]);
    // One column alone can be chosen, and numbers are those of the names that were offered.
    let plain = "Name,Anna\nwann,a,b\n2020-01-01 10:00,60,90\n";
    let both = Options { time_column: Some("1".into()), rate_column: Some("3".into()), ..options("UTC") };
    assert_eq!(shown(&read_bytes(plain.as_bytes(), "x.csv", &both).unwrap()), ["2020-01-01T10:00:00Z +0 90"]);
    // A name tells the line that it is in.
    let preamble = "Export,of,Anna\nwann,a,b\n2020-01-01 10:00,60,90\n";
    let named = Options { time_column: Some("wann".into()), rate_column: Some("b".into()), ..options("UTC") };
    assert_eq!(shown(&read_bytes(preamble.as_bytes(), "x.csv", &named).unwrap()), ["2020-01-01T10:00:00Z +0 90"]);
    // The first line of a table without names is a reading too.
    let bare = "2020-01-01 10:00,60,90\n2020-01-01 11:00,61,91\n";
    let third = read_bytes(bare.as_bytes(), "x.csv", &both).unwrap();
    assert_eq!(shown(&third), ["2020-01-01T10:00:00Z +0 90", "2020-01-01T11:00:00Z +0 91"]);
}

#[test]
fn of_an_archive_each_file_is_kept_whole_or_named() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let cut = r#"[{"dateTime":"01/02/23 13:00:07","value":{"bpm":54}},{"da"#;
    for (name, content) in [
        ("steps.csv", "timestamp,steps\n2023-01-01 10:00,5\n"),
        ("heart_rate-2023-01-02.json", cut),
        ("a.csv", "timestamp,bpm\n2023-01-03 10:00,66\noops,70\n"),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let read = read_named("x.zip", zip.finish().unwrap().get_ref(), "UTC");
    assert_eq!(shown(&read), ["2023-01-03T10:00:00Z +0 66"], "nothing of the damaged one");
    let said = read.report.sentences().join("\n");
    assert!(said.contains("1 file of the archive was left out (the file is damaged or cut short"), "{said}");
    assert!(
        said.contains("Line 3 of a.csv was refused") && said.contains("1 file of the archive was left out (no columns"),
        "{said}"
    );
}

#[test]
fn a_second_table_has_its_own_clock_and_an_xml_that_ends_early_says_so() {
    let two = "time,bpm\n2023-01-03 10:00,66\n\ntime_utc,bpm\n2023-01-03 11:00,62\n";
    assert_eq!(shown(&read(two, "Europe/Paris")), ["2023-01-03T09:00:00Z +60 66", "2023-01-03T11:00:00Z +60 62"]);
    let offset = "Timestamp (UTC),bpm\n2023-01-01 10:00:00+02:00,60\n";
    assert_eq!(shown(&read(offset, "UTC")), ["2023-01-01T08:00:00Z +120 60"]);
    let whole = "<gpx><trk><trkpt><time>2023-01-01T10:00:00Z</time><hr>60</hr></trkpt></trk></gpx>";
    assert!(read(whole, "UTC").report.assumed.is_empty());
    let cut = read(&whole[..whole.len() - 6], "UTC");
    assert!(cut.report.assumed.iter().any(|said| said.contains("ends too early")), "{:?}", cut.report.assumed);
}

#[test]
fn tuesdays_midnights_and_days_in_a_named_zone_are_read() {
    for tuesday in ["mar. 24 juil. 2012 20:31", "mar 3 apr 2018 20:31", "Dinsdag, 24 juli 2012 20:31"] {
        assert_eq!(read(&format!("date,bpm\n\"{tuesday}\",60\n"), "UTC").readings.len(), 1, "{tuesday}");
    }
    let midnight = read("date,time,heartRate\n2022-09-13 00:00:00,19:40,66\n", "UTC");
    assert_eq!(shown(&midnight), ["2022-09-13T19:40:00Z +0 66"]);
    let day = read("date,timezone,resting hr\n2023-07-01,Europe/Berlin,52\n", "UTC");
    assert_eq!(shown(&day), ["2023-07-01T10:00:00Z +120 52"]);
}

#[test]
fn numbers_of_lines_are_no_people_and_what_is_nobodys_is_not_lost() {
    let lines: Vec<_> = (7..37).map(|line| format!("{line},2023-01-01 10:{line:02},60")).collect();
    let numbered = read(&format!("id,timestamp,bpm\n{}\n", lines.join("\n")), "UTC");
    assert_eq!(numbered.readings.len(), 30, "{:?}", numbered.report);
    assert!(numbered.report.assumed.iter().any(|said| said.contains("numbers the lines")));
    assert_eq!(read(&format!("id,timestamp,bpm\n{}\n", lines[..3].join("\n")), "UTC").readings.len(), 3);
    let people = "user,timestamp,bpm\nann,2023-01-01 10:00,62\nbob,2023-01-01 10:01,64\n";
    assert!(matches!(read_bytes(people.as_bytes(), "", &options("UTC")), Err(ImportError::SeveralPeople { .. })));
    let open = "Id,Time,Value\n1,2016-05-10 10:00,60\n1,\"2016-05-10 10:01,61\n";
    let of_one = Options { person: Some("1".into()), ..options("UTC") };
    let read = read_bytes(open.as_bytes(), "", &of_one).unwrap();
    assert_eq!(read.report.refused.count(), 1, "{:?}", read.report);
}

#[test]
fn time_passes_while_beats_are_refused_and_small_disorder_is_no_change_of_clocks() {
    let beats = format!("{}75000\n{}", "1000\n".repeat(5), "1000\n".repeat(5));
    let read_beats = read_named("2023-01-01 10-00-00.txt", beats.as_bytes(), "UTC");
    assert_eq!(shown(&read_beats), ["2023-01-01T10:00:00Z +0 60", "2023-01-01T10:01:20Z +0 60"]);
    let fold = "time,bpm\n2026-10-25 02:30:05,60\n2026-10-25 02:30:00,61\n2026-10-25 02:59:00,62\n\
        2026-10-25 02:01:00,63\n";
    let offsets: Vec<_> = read(fold, "Europe/Paris").readings.iter().map(|r| r.offset_secs / 3600).collect();
    assert_eq!(offsets, [2, 2, 2, 1]);
}
