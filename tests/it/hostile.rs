//! Files that mean harm, or are merely broken: each ends in readings or in one clear sentence.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::formats::zipped;
use jiff::tz::TimeZone;
use veilbeat::import::{ImportError, Options, read_bytes, read_file, to_the_end};

pub(super) fn options() -> Options {
    Options::new(TimeZone::UTC)
}

/// One sentence, without control characters, that a person can read.
pub(super) fn sentence(unusable: &ImportError) -> String {
    let text = unusable.to_string();
    assert!(text.len() < 1_000 && !text.chars().any(char::is_control), "{text:?}");
    text
}

const FIT: &[u8] = &[
    14, 0x10, 0x64, 0x08, 24, 0, 0, 0, b'.', b'F', b'I', b'T', 0, 0, 0x40, 0, 0, 20, 0, 2, 253, 4, 0x86, 3, 1, 0x02, 0,
    0x80, 0xd7, 0x9f, 0x38, 120, 0, 0x81, 0xd7, 0x9f, 0x38, 121, 0, 0,
];
const TCX: &[u8] = b"<TrainingCenterDatabase><Trackpoint><Time>2017-11-05T14:32:17Z</Time><HeartRateBpm><Value>92</Value></HeartRateBpm></Trackpoint></TrainingCenterDatabase>";
const APPLE: &[u8] = b"<HealthData><Record type=\"HKQuantityTypeIdentifierHeartRate\" startDate=\"2023-11-20 19:20:56 +0100\" value=\"71\"/></HealthData>";
const JSON: &[u8] = br#"[{"dateTime":"01/25/23 13:00:07","value":{"bpm":54,"confidence":2}}]"#;
const CSV: &[u8] = b"timestamp,bpm\n2017-01-01T04:26:40Z,76.0\n2017-01-01 04:26:45,\"51\"\n";
const HRM: &[u8] = b"[Params]\nDate=20171105\nStartTime=14:32:17.0\nInterval=1\n[HRData]\n92\t0\n93\t0\n";
const SAMSUNG: &[u8] = b"com.samsung.shealth.tracker.heart_rate,1,3\ncom.samsung.health.heart_rate.start_time,com.samsung.health.heart_rate.heart_rate,com.samsung.health.heart_rate.time_offset\n2023-05-01 12:00:00.000,71.0,UTC-0500,\n";
const WITHINGS: &[u8] = b"start,duration,value\n2022-05-03T19:03:32+02:00,\"[60,30]\",\"[40,41]\"\n";

/// Files of which each must end in the sentence beside it.
#[test]
fn hostile_files_end_in_a_clear_sentence() {
    let mib = |byte: u8| vec![byte; 2 << 20];
    let join = |parts: &[&[u8]]| parts.concat();
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing at all", vec![], "empty"),
        ("only a mark", b"\xef\xbb\xbf".to_vec(), "empty"),
        ("only blank lines", b"\n\r\n  \n\t\n".to_vec(), "empty"),
        ("one letter", b"x".to_vec(), "text without a table"),
        ("only a header", b"timestamp,bpm\n".to_vec(), "no line"),
        ("a header without rates", b"timestamp,steps\n2020-01-01,5\n".to_vec(), "heart rates"),
        ("a header without times", b"bpm,steps\n60,5\n".to_vec(), "times"),
        ("zero bytes", vec![0; 5_000], "not text"),
        ("zero bytes in a table", b"timestamp,bpm\n2020-01-01\0,60\n".to_vec(), "not text"),
        (
            "random bytes",
            (0..5_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect(),
            "unknown kind, and not text",
        ),
        ("one endless line", mib(b'x'), "longer than"),
        ("an endless line later", join(&[b"timestamp,bpm\n", &mib(b'x')]), "longer than 1 MiB"),
        ("an endless field in quotes", join(&[b"timestamp,bpm\n\"", &mib(b'x')]), "longer than 1 MiB"),
        ("a million columns", mib(b','), "longer than"),
        ("a million quotes", join(&[b"timestamp,bpm\n", &mib(b'"')]), "longer than 1 MiB"),
        ("an open quote", b"timestamp,bpm\n\"2020-01-01,60\n".to_vec(), "never closed"),
        ("a picture", b"\x89PNG\r\n\x1a\n0000".to_vec(), "picture"),
        ("a photograph", b"\xff\xd8\xff\xe00000".to_vec(), "picture"),
        ("a document", b"%PDF-1.7\n".to_vec(), "PDF"),
        ("a database", b"SQLite format 3\0".to_vec(), "database"),
        ("a program", b"\x7fELF\x02\x01\x01".to_vec(), "program"),
        ("a tar archive", [&[b'a'; 257][..], b"ustar\0", &[0; 300]].concat(), "unpack it first"),
        ("gzip cut short", b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "could not read"),
        ("7z", b"7z\xbc\xaf\x27\x1c".to_vec(), "unpack it first"),
        ("rar", b"Rar!\x1a\x07".to_vec(), "unpack it first"),
        ("a web page", b"<!DOCTYPE html><html><body>no</body></html>".to_vec(), "web page"),
        ("other XML", b"<?xml version=\"1.0\"?><plist/>".to_vec(), "“plist”"),
        ("only an XML declaration", b"<?xml version=\"1.0\"?>".to_vec(), "cut short"),
        ("an entity bomb", format!("{bomb}<lolz>&b;</lolz>").into_bytes(), "“lolz”"),
        ("an entity bomb in an export", format!("{bomb}<HealthData>&b;</HealthData>").into_bytes(), "0 records"),
        ("an export without records", b"<HealthData></HealthData>".to_vec(), "0 records"),
        ("an endless attribute", join(&[b"<HealthData><Record a=\"", &mib(b'x')]), "longer than 1 MiB"),
        ("an endless text", join(&[b"<gpx>", &mib(b'x')]), "longer than 1 MiB"),
        ("an endless comment", join(&[b"<gpx><!--", &mib(b'-')]), "longer than 1 MiB"),
        ("deep XML", "<gpx>".repeat(100_000).into_bytes(), "a thousand deep"),
        ("a point without a time", b"<gpx><trkpt><hr>70</hr></trkpt></gpx>".to_vec(), "no time"),
        ("a track cut short", TCX[..90].to_vec(), "1 point, but none has a heart rate"),
        ("an empty list", b"[]".to_vec(), "JSON of an unknown form"),
        ("an empty object", b"{}".to_vec(), "JSON of an unknown form"),
        ("a list of numbers", b"[1,2,3]".to_vec(), "JSON of an unknown form"),
        ("JSON cut short", JSON[..40].to_vec(), "cut short"),
        ("JSON with more behind it", join(&[JSON, b"x"]), "something follows its end"),
        ("deep JSON", "[".repeat(100_000).into_bytes(), "a hundred deep"),
        ("deep objects", "{\"data\":[{\"value\":".repeat(10_000).into_bytes(), "a hundred deep"),
        ("an endless text in JSON", join(&[b"[{\"dateTime\":\"", &mib(b'x')]), "longer than 1 MiB"),
        ("an endless text of escapes", join(&[b"[{\"dateTime\":\"", &b"\\\"".repeat(1 << 20)]), "longer than 1 MiB"),
        ("an endless number", join(&[b"[{\"bpm\":", &mib(b'1')]), "longer than 1 MiB"),
        ("a half escape", b"[{\"dateTime\":\"\\ud800\"}]".to_vec(), "unexpected end of hex escape"),
        ("not UTF-8 in JSON", b"[{\"dateTime\":\"\xff\xfe\"}]".to_vec(), "JSON of an unknown form"),
        ("FIT cut in its header", FIT[..12].to_vec(), "cut short"),
        ("FIT cut in a message", FIT[..30].to_vec(), "cut short"),
        ("FIT without records", [&FIT[..4], &[0, 0, 0, 0], &FIT[8..14], &[0, 0]].concat(), "FIT with 0 records"),
        ("an archive cut short", zipped(&[("heart.csv", CSV)])[..60].to_vec(), "cut short"),
        ("an empty archive", zipped(&[]), "archive"),
        ("an archive of something else", zipped(&[("readme.md", b"hello")]), "archive without"),
        (
            "archives in archives in archives",
            (0..4).fold(CSV.to_vec(), |inner, _| zipped(&[("heart.zip", &inner)])),
            "too deep to be read",
        ),
        ("a path out of an archive", zipped(&[("../../etc/passwd", b"root:x")]), "archive without"),
        ("HRM without a start", b"[Params]\nInterval=1\n[HRData]\n92\n".to_vec(), "“StartTime”"),
        ("HRM with an impossible start", b"[Params]\nDate=20171399\nStartTime=99:00\n[HRData]\n92\n".to_vec(), "99:00"),
        ("HRM without data", b"[Params]\nDate=20171105\nStartTime=14:32:17.0\n".to_vec(), "no line"),
        ("beats without a start", b"800\n810\n790\n".to_vec(), "intervals between beats"),
        ("Samsung without a header", b"com.samsung.shealth.tracker.heart_rate,1,3\n".to_vec(), "not name a column"),
        (
            "arrays that do not match",
            b"start,duration,value\n2022-05-03T19:03:32Z,[1],\"[40,41]\"\n".to_vec(),
            "do not match",
        ),
        (
            "arrays without end",
            b"start,duration,value\n2022-05-03T19:03:32Z,\"[1,\",\"[40,\"\n".to_vec(),
            "do not match",
        ),
        ("dates of no calendar", b"time,bpm\n2020-99-99 99:99,60\n".to_vec(), "no such date"),
        ("dates of no century", b"time,bpm\n9999-01-01 10:00,60\n0000-01-01 10:00,60\n".to_vec(), "1900 to 2199"),
        ("rates of no heart", b"time,bpm\n2020-01-01 10:00,1e9\n2020-01-01 10:00,-60\n".to_vec(), "rate"),
        ("terminal commands", b"\x1b[2J\x1b]0;x\x07,\x1b[31m\n1,2\n".to_vec(), "does not name a column of times"),
    ];
    assert!(cases.len() >= 60);
    for (what, bytes, says) in cases {
        match read_bytes(&bytes, "export", &options()) {
            Err(unusable) => {
                let text = sentence(&unusable);
                assert!(text.contains(says), "{what}: {text}");
            }
            Ok(imported) => panic!("{what}: {} readings", imported.readings.len()),
        }
    }
}

#[test]
fn a_column_that_names_ten_thousand_people_names_no_people() {
    let rows: String =
        (0..40_000).flat_map(|i| format!("{},2020-01-01 10:00,60\n", i / 2).into_bytes()).map(char::from).collect();
    let error = read_bytes(format!("Id,Time,Value\n{rows}").as_bytes(), "", &options()).unwrap_err();
    assert_eq!(error, ImportError::TooManyPeople("Id".into()));
}

#[test]
fn a_file_that_only_refuses_stays_small_in_memory_and_whole_in_count() {
    let text = format!("time,bpm\n2020-01-01 10:00,60\n{}", "never,60\n".repeat(150_000));
    let report = read_bytes(text.as_bytes(), "", &options()).unwrap().report;
    assert_eq!((report.refused.listed().len(), report.refused.count()), (100_000, 150_000));
    assert!(report.sentences()[0].starts_with("150000 lines were refused"), "{}", report.sentences()[0]);
}

#[test]
fn a_zip_bomb_is_stopped_where_it_shows() {
    let zeros = vec![b'x'; 64 << 20];
    let bomb = zipped(&[("heart.csv", &zeros), ("apple_health_export/export.xml", &zeros)]);
    assert!(bomb.len() < 200_000);
    let said = sentence(&read_bytes(&bomb, "", &options()).unwrap_err());
    assert!(said.contains("first line is longer than 256 KiB"), "{said}");
}

/// An archive of files that all share one piece of packed data.
fn shared(files: u16, alone: &[u8]) -> Vec<u8> {
    const NAME: usize = b"00000.csv".len();
    let header = &alone[alone.len() - 22 - 46 - NAME..];
    let packed = &alone[30 + NAME..alone.len() - 22 - 46 - NAME];
    // Checksum, packed and unpacked size, and the lengths of the name and of what else there may be.
    let sizes = |out: &mut Vec<u8>| out.extend([&header[16..28], &[NAME as u8, 0, 0, 0]].concat());
    let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0".to_vec();
    sizes(&mut zip);
    zip.extend(b"00000.csv");
    zip.extend(packed);
    let start = zip.len() as u32;
    for file in 0..files {
        zip.extend(b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0");
        sizes(&mut zip);
        zip.extend([0; 14]);
        zip.extend(format!("{file:05}.csv").as_bytes());
    }
    let list = zip.len() as u32 - start;
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([files.to_le_bytes(), files.to_le_bytes()].concat());
    zip.extend([list.to_le_bytes(), start.to_le_bytes()].concat());
    zip.extend(0u16.to_le_bytes());
    zip
}

#[test]
fn files_of_an_archive_that_share_their_data_are_limited_together() {
    let mut text = b"timestamp,bpm\n2026-01-01T10:00:00Z,70\n".to_vec();
    text.resize(32 << 20, b'\n');
    let alone = zipped(&[("00000.csv", &text)]);
    let report = read_bytes(&shared(500, &alone), "", &options()).unwrap().report;
    let [left_out] = &report.left_out[..] else { panic!("{:?}", report.left_out) };
    assert!(left_out.why.contains("unpacks to far more than its size allows"), "{}", left_out.why);
    assert!(left_out.files.len() > 400 && left_out.files.contains(&"00499.csv".to_owned()));
}

#[test]
fn the_list_of_an_archive_is_limited_before_it_is_held() {
    let entry = [&b"PK\x01\x02"[..], &[0; 24], &[1, 0], &[0; 16], b"a"].concat();
    let mut zip = b"PK\x03\x04".to_vec();
    zip.resize(100, 0);
    (0..500_000).for_each(|_| zip.extend(&entry));
    let list = (zip.len() - 100) as u64;
    let end = zip.len() as u64;
    let numbers = [44, 0x2d | 0x2d << 16, 0].map(u64::to_le_bytes).concat();
    zip.extend(b"PK\x06\x06");
    zip.extend(&numbers[..20]);
    zip.extend([500_000, 500_000, list, 100].map(u64::to_le_bytes).concat());
    zip.extend(b"PK\x06\x07\0\0\0\0");
    zip.extend(end.to_le_bytes());
    zip.extend(1u32.to_le_bytes());
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([0xff; 12]);
    zip.extend([0, 0]);
    let said = sentence(&read_bytes(&zip, "", &options()).unwrap_err());
    assert!(said.contains("longer than a hundred thousand files need"), "{said}");
}

#[test]
fn what_is_far_too_long_is_refused_and_not_held() {
    let long = "x".repeat(300);
    let names = format!("id,timestamp,bpm\n{long},2026-01-01T10:00:00Z,70\nann,2026-01-01T10:00:00Z,71\n");
    let read = read_bytes(names.as_bytes(), "", &options()).unwrap();
    assert_eq!((read.readings.len(), read.report.refused.listed()[0].line), (1, 2));
    let columns = format!("timestamp,bpm\n2026-01-01T10:00:00Z,70\n{}\n", ",".repeat(20_000));
    assert!(sentence(&read_bytes(columns.as_bytes(), "", &options()).unwrap_err()).contains("ten thousand columns"));
    let pieces = format!(
        "<gpx><trkpt><time>2026-01-01T10:00:00Z</time><hr>{}</hr></trkpt></gpx>",
        format!("{}<?p?>", "7".repeat(1_000)).repeat(1_000)
    );
    let said = sentence(&read_bytes(pieces.as_bytes(), "", &options()).unwrap_err());
    assert!(said.contains("the rate is outside 20 to 275.99 bpm"), "{said}");
    let nameless =
        format!(r#"{{"data":{{"metrics":[{{"data":[{{"date":"{long}","Avg":60}}],"name":"heart_rate"}}]}}}}"#);
    assert!(sentence(&read_bytes(nameless.as_bytes(), "", &options()).unwrap_err()).contains("time cannot be read"));
    let definitions =
        format!("<!DOCTYPE HealthData [{}]><HealthData></HealthData>", "<!ELEMENT x ANY>".repeat(100_000));
    assert!(sentence(&read_bytes(definitions.as_bytes(), "", &options()).unwrap_err()).contains("longer than 1 MiB"));
    // A mark that is never closed costs its line, and not the rest of a long file.
    let rest = "2026-01-01T10:00:00Z,70\n".repeat(100_000);
    let open =
        read_bytes(format!("timestamp,bpm\n2026-01-01T10:00:00Z,\"70\n{rest}").as_bytes(), "", &options()).unwrap();
    assert_eq!((open.readings.len(), open.report.refused.count()), (100_000, 1));
}

#[test]
fn a_file_in_any_order_is_read_in_the_time_of_one_in_order() {
    // Quadratic work would take minutes here.
    let lines = (0..400_000i64).map(|i| format!("{},{}\n", 1_700_000_400_000 - i, 60 + i % 50));
    let read = read_bytes(format!("timestamp,bpm\n{}", lines.collect::<Vec<_>>().concat()).as_bytes(), "", &options())
        .unwrap();
    assert_eq!(veilbeat::reading::Readings::from_list(read.readings).len(), 400_000);
}

#[test]
fn what_is_no_file_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let read = |path: &std::path::Path| read_file(path, &options(), &to_the_end).unwrap_err();
    assert_eq!(read(dir.path()), ImportError::Directory);
    assert!(matches!(read(&dir.path().join("gone.csv")), ImportError::Unreadable(_)));
    #[cfg(unix)]
    for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
        if std::path::Path::new(device).exists() {
            assert_eq!(read(std::path::Path::new(device)), ImportError::NoFile, "{device}");
        }
    }
}

#[test]
fn reading_can_be_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.csv");
    std::fs::write(&path, format!("time,bpm\n{}", "2020-01-01 10:00,60\n".repeat(200_000))).unwrap();
    let told = std::cell::RefCell::new(Vec::new());
    let error = read_file(&path, &options(), &|done, total| {
        told.borrow_mut().push((done, total));
        if told.borrow().len() < 3 { std::ops::ControlFlow::Continue(()) } else { std::ops::ControlFlow::Break(()) }
    });
    assert_eq!(error.unwrap_err(), ImportError::Stopped);
    let told = told.into_inner();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|(done, total)| done <= total && *total > 3 << 20));
}

/// A good file of each of the larger formats, with a name.
pub(super) fn seeds() -> Vec<(String, Vec<u8>)> {
    let zip = zipped(&[("apple_health_export/export.xml", APPLE)]);
    let seeds: [(&str, &[u8]); 10] = [
        ("table.csv", CSV),
        ("track.tcx", TCX),
        ("export.xml", APPLE),
        ("heart_rate.json", JSON),
        ("run.fit", FIT),
        ("run.hrm", HRM),
        ("samsung.csv", SAMSUNG),
        ("withings.csv", WITHINGS),
        ("2017-07-19 07-50-42.txt", b"800\n810\n790\n1200\n"),
        ("export.zip", &zip),
    ];
    for (name, seed) in seeds {
        let original = read_bytes(seed, name, &options());
        assert!(original.is_ok(), "{name} is a file that can be read: {original:?}");
    }
    seeds.map(|(name, seed)| (name.to_owned(), seed.to_vec())).into()
}
