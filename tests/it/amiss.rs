//! What the terminal says and does where something is amiss: limits, files in the way, settings that make no sense,
//! others at work.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A profile with a little in it.
struct Profile(tempfile::TempDir);

impl Profile {
    fn new() -> Self {
        let profile = Self(tempfile::tempdir().unwrap());
        let rows: Vec<_> = (0..200).map(|i| format!("{},{}\n", 1_700_000_000 + i * 600, 60 + i % 50)).collect();
        fs::write(profile.path("r.csv"), format!("timestamp,bpm\n{}", rows.concat())).unwrap();
        profile.good(&["import", "r.csv"]);
        profile
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbeat"));
        command.args(arguments).current_dir(self.0.path()).env("VEILBEAT_HOME", self.path("h")).env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Exit code and standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        ended(&self.command(arguments).output().unwrap())
    }

    fn good(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// In a shell that limits something first.
    fn limited(&self, limit: &str, arguments: &str) -> (i32, String) {
        let script = format!("{limit}; exec \"$0\" {arguments}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_veilbeat")]).current_dir(self.0.path());
        ended(&command.env("VEILBEAT_HOME", self.path("h")).env("TZ", "UTC").output().unwrap())
    }
}

fn ended(output: &Output) -> (i32, String) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code().unwrap_or(-1), said)
}

#[test]
fn settings_that_make_no_sense_stop_nothing_and_are_said_where_they_are_used() {
    let profile = Profile::new();
    profile.good(&["export", "b.veil"]);
    profile.good(&["ask", "b.veil", "--by", "all", "--stats", "all", "-o", "q.txt"]);
    profile.good(&["compute", "b.veil", "q.txt", "-o", "a.veil"]);
    fs::write(profile.path("h/config/settings.ron"), r#"{"maximum bpm": 5}"#).unwrap();
    let wrong = "The zones in the settings cannot be used";
    for arguments in [&["stats"][..], &["open", "a.veil"], &["stats", "--resting-rate", "50"]] {
        let said = profile.good(arguments);
        assert!(said.contains(wrong) && said.contains("100 to 250 bpm"), "{said}");
    }
    for arguments in [
        &["stats", "--zones", "100,120,140,160,180"][..],
        &["stats", "--max-rate", "180"],
        &["imports"],
        &["stats", "r.csv"],
    ] {
        assert!(!profile.good(arguments).contains(wrong), "{arguments:?} does not use them");
    }
    assert_eq!(profile.run(&["stats", "--max-rate", "5"]).0, 2, "what is typed must make sense");
    fs::write(profile.path("h/config/settings.ron"), r#"{"theme": 7, "averages": "by moonlight"}"#).unwrap();
    assert!(profile.good(&["stats"]).contains("for “averages”, “theme”"));
}

#[test]
fn a_name_of_a_folder_is_no_name_for_a_file() {
    let profile = Profile::new();
    let (code, said) = profile.run(&["export", "b.veil/"]);
    assert_eq!((code, said.trim()), (2, "veilbeat: b.veil/ is the name of a folder; give the name of a file"));
    assert!(!profile.path("b.veil").exists());
    let said = profile.good(&["export", "b.veil"]);
    let bytes = fs::metadata(profile.path("b.veil")).unwrap().len();
    assert!(said.contains(&format!("{bytes} bytes")), "{said}");
}

#[test]
fn of_two_answers_to_one_name_one_is_written_and_the_other_is_said_to_be_not() {
    let profile = Profile::new();
    profile.good(&["export", "b.veil"]);
    profile.good(&["ask", "b.veil", "-o", "q.txt"]);
    for round in 0..5 {
        let name = format!("a{round}.veil");
        let compute = || profile.command(&["compute", "b.veil", "q.txt", "-o", &name]).spawn().unwrap();
        let both = [compute(), compute()].map(|one| ended(&one.wait_with_output().unwrap()));
        let mut codes = both.each_ref().map(|(code, _)| *code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 2], "{both:?}");
        assert!(both.iter().any(|(_, said)| said.contains("already exists and was not changed")), "{both:?}");
    }
    assert_eq!(fs::read_dir(profile.0.path()).unwrap().filter(|entry| hidden(entry.as_ref().unwrap())).count(), 0);
}

fn hidden(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

#[test]
fn commands_that_only_look_run_beside_each_other_and_wait_for_one_that_changes() {
    let profile = Profile::new();
    profile.good(&["export", "b.veil"]);
    profile.good(&["ask", "b.veil", "-o", "q.txt"]);
    profile.good(&["compute", "b.veil", "q.txt", "-o", "a.veil"]);
    let looking = ["open a.veil", "stats", "imports", "key show"].map(|line| line.split(' ').collect::<Vec<_>>());
    let started: Vec<_> = (0..4).flat_map(|_| &looking).map(|line| profile.command(line).spawn().unwrap()).collect();
    fs::write(profile.path("more.csv"), "timestamp,bpm\n1800000000,70\n").unwrap();
    let changing = profile.command(&["import", "more.csv", "--epoch", "unix"]).spawn().unwrap();
    for one in started {
        let (code, said) = ended(&one.wait_with_output().unwrap());
        assert_eq!(code, 0, "{said}");
    }
    let (code, said) = ended(&changing.wait_with_output().unwrap());
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_limit_on_the_length_of_files_is_said() {
    let profile = Profile::new();
    let (code, said) = profile.limited("ulimit -f 8", "export b.veil");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("could not write the bundle (File too large") && said.contains("readings are safe"),
        "{said}"
    );
    assert!(!profile.path("b.veil").exists());
    let (code, said) = profile.limited("ulimit -f 8", "import r.csv --timezone UTC");
    assert!(code == 0 || said.contains("File too large"), "{said}");
    let said = profile.limited("ulimit -f 8", "stats").1;
    assert!(said.is_empty(), "looking writes nothing: {said}");
    profile.good(&["stats"]);
}

#[test]
fn a_zone_or_a_settings_file_that_never_ends_is_not_waited_for() {
    let profile = Profile::new();
    fs::write(profile.path("local.csv"), "timestamp,bpm\n2026-07-01 10:00:00,70\n").unwrap();
    for zone in ["/dev/zero", ":/dev/zero", "../../../dev/zero"] {
        let mut command = profile.command(&["import", "local.csv", "--dry-run"]);
        let (code, said) = ended(&command.env("TZ", zone).output().unwrap());
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("zone is not known, so UTC is used"), "{zone}: {said}");
    }
    let settings = profile.path("h/config/settings.ron");
    let _ = fs::remove_file(&settings);
    assert!(Command::new("mkfifo").arg(&settings).status().unwrap().success());
    assert!(profile.good(&["stats"]).contains("this is not a file"));
}

#[test]
fn offsets_with_seconds_are_shown_whole() {
    let profile = Profile::new();
    fs::write(profile.path("m.csv"), "timestamp,bpm\n1971-06-01 12:00:00,70\n").unwrap();
    let output = profile.command(&["import", "m.csv", "--dry-run", "--timezone", "Africa/Monrovia"]).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("From 1971-06-01T12:00:00-00:44:30 to"), "{words}");
}

#[test]
fn what_was_deleted_is_forgotten_and_what_is_damaged_is_saved_as_far_as_it_can_be() {
    let profile = Profile::new();
    profile.good(&["undo"]);
    profile.good(&["import", "r.csv"]);
    assert!(profile.good(&["forget"]).starts_with("Forgot 1 change; it cannot be undone any more."));
    assert!(profile.good(&["undo"]).contains("There is nothing to undo"));
    let store = profile.path("h/data/readings.redb");
    let mut bytes = fs::read(&store).unwrap();
    // Of every page, the first bytes: redb's own tables are of no use any more.
    bytes.chunks_mut(4096).for_each(|page| page[..4].fill(0xaa));
    fs::write(&store, &bytes).unwrap();
    let (code, said) = profile.run(&["stats"]);
    assert!(code == 1 && said.contains("veilbeat rescue FILE.csv"), "{said}");
    let said = profile.good(&["rescue", "saved.csv"]);
    assert!(said.contains("all 200 readings of 3 days could be read"), "{said}");
    assert_eq!(fs::read(&store).unwrap(), bytes, "the damaged file stays as it is");
    let again = |home: &Path, file: &str| {
        let mut command = profile.command(&["import", file, "--dry-run"]);
        let output = command.env("VEILBEAT_HOME", home).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().filter(|line| !line.starts_with("Rec")).collect::<String>()
    };
    assert_eq!(again(&profile.path("new"), "saved.csv"), again(&profile.path("new"), "r.csv"));
    let (code, said) = profile.run(&["rescue", "saved.csv"]);
    assert!(code == 2 && said.contains("already exists"), "{said}");
}

#[test]
fn no_sentence_says_that_something_was_done_and_that_nothing_was() {
    use veilbeat::jobs::bundles::BundleError;
    use veilbeat::vault::{KeyFileError, ProfileError, VaultError};
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let path = || PathBuf::from("/data/readings.redb");
    let vault = || {
        [
            VaultError::Io { path: path(), error: full().into() },
            VaultError::Uncertain { path: path(), error: full().into() },
            VaultError::Full,
            VaultError::Stopped,
        ]
    };
    let key = [
        KeyFileError::Unwritable { path: path(), error: full() },
        KeyFileError::Unreadable { path: path(), error: full() },
    ];
    let mut sentences: Vec<String> = key.map(|error| ProfileError::Unfinished(error).to_string()).into();
    sentences.extend(vault().map(|error| BundleError::RestoredOnly(error).to_string()));
    sentences.extend(vault().map(|error| BundleError::Unremembered("b.veil".into(), error).to_string()));
    sentences.extend(vault().map(|error| BundleError::Useless("b.veil".into(), error).to_string()));
    for sentence in sentences {
        for other in ["as they were", "nothing was changed", "are safe"] {
            assert!(!sentence.contains(other), "{sentence}");
        }
    }
    let half = |gone| ProfileError::HalfDeleted { path: path(), error: full(), gone }.to_string();
    assert!(half(0).contains("; nothing was deleted."), "{}", half(0));
    assert!(half(1).contains("; 1 file was deleted before it"), "{}", half(1));
}
