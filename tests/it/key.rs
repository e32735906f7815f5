//! `veilbeat key`: keys made, protected, written down, restored, replaced; and never shown.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use veilbeat::client::{Client, Encryptor, MasterKey, SchemeKey};
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::vault::{Home, Opened, Passphrase, RecoveryWords, Vault, create_key, load_key, open_profile};

struct Profile {
    dir: tempfile::TempDir,
}

impl Profile {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A profile with a key and one reading.
    fn with_reading() -> (Self, MasterKey) {
        let profile = Self::new();
        let key = create_key(&profile.home()).unwrap();
        let reading = Reading {
            instant_ms: 0,
            offset_secs: 0,
            rate: Rate::from_centi_bpm(7_000).unwrap(),
            kind: Kind::Sample,
            source: Source::default(),
            note: None,
        };
        Vault::open(&profile.home(), &key).unwrap().add("x", 0, vec![reading]).unwrap();
        (profile, key)
    }

    fn home(&self) -> Home {
        Home::find(Some(self.dir.path())).unwrap()
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn key(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_veilbeat"))
            .arg("--home")
            .arg(self.dir.path())
            .arg("key")
            .args(arguments)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that wants no input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn opens_with(&self, passphrase: Option<&str>) -> usize {
        let passphrase = passphrase.map(Passphrase::from);
        match open_profile(&self.home(), passphrase.as_ref()) {
            Ok(Opened::Open(_, vault)) => vault.readings().len(),
            Ok(Opened::Empty | Opened::Locked) => panic!("not open"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn words(key: &MasterKey) -> String {
    RecoveryWords::of(key).words().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_passphrase_is_set_changed_and_removed() {
    let (profile, key) = Profile::with_reading();
    let (first, second) = (profile.file("first", "correct horse\n"), profile.file("second", "battery staple\n"));
    let set = profile.key(&["passphrase", "--passphrase-file", path(&first)], "");
    assert!(set.status.success(), "{}", said(&set));
    let file = fs::read(profile.home().key_file()).unwrap();
    assert!(file.starts_with(b"age-encryption.org/v1\n-> scrypt "), "an age file, for the age program too");
    assert!(matches!(open_profile(&profile.home(), None), Ok(Opened::Locked)));
    assert_eq!(profile.opens_with(Some("correct horse")), 1);

    let wrong = profile.key(&["show", "--passphrase-file", path(&second)], "");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("the passphrase is wrong"), "{}", said(&wrong));
    let mut damaged = file.clone();
    damaged[100] ^= 1;
    fs::write(profile.home().key_file(), &damaged).unwrap();
    let told = profile.key(&["show", "--passphrase-file", path(&first)], "");
    assert_eq!(told.status.code(), Some(1));
    assert!(said(&told).contains("is damaged") && !said(&told).contains("passphrase is wrong"), "{}", said(&told));
    fs::write(profile.home().key_file(), &file).unwrap();

    let changed =
        profile.key(&["passphrase", "--passphrase-file", path(&first), "--new-passphrase-file", path(&second)], "");
    assert!(changed.status.success(), "{}", said(&changed));
    assert_eq!(profile.opens_with(Some("battery staple")), 1);
    let removed = profile.key(&["passphrase", "--passphrase-file", path(&second), "--remove"], "");
    assert!(removed.status.success(), "{}", said(&removed));
    assert_eq!(profile.opens_with(None), 1);
    assert_eq!(load_key(&profile.home(), None).unwrap().unwrap().expose(), key.expose());
}

#[test]
fn words_a_key_file_and_an_age_backup_each_give_exactly_the_key_back() {
    let (profile, key) = Profile::with_reading();
    let passphrase = profile.file("passphrase", "correct horse");
    let plain = profile.dir.path().join("plain.key");
    fs::copy(profile.home().key_file(), &plain).unwrap();
    profile.key(&["passphrase", "--passphrase-file", path(&passphrase)], "");
    let locked = profile.dir.path().join("locked.age");
    fs::copy(profile.home().key_file(), &locked).unwrap();
    let written = profile.file("words.txt", &words(&key));
    let restores: [(&[&str], String, Option<&str>); 4] = [
        (&["restore"], words(&key), None),
        (&["restore", path(&plain)], String::new(), None),
        (&["restore", path(&locked), "--passphrase-file", path(&passphrase)], String::new(), Some("correct horse")),
        (&["restore", path(&written)], String::new(), None),
    ];
    for (arguments, input, opened_by) in restores {
        fs::remove_file(profile.home().key_file()).unwrap();
        let missing = profile.key(&["show"], "");
        assert!(said(&missing).contains("restore it"), "{}", said(&missing));
        let restored = profile.key(arguments, &input);
        assert!(restored.status.success(), "{arguments:?}: {}", said(&restored));
        assert_eq!(profile.opens_with(opened_by), 1, "{arguments:?}");
        let back = load_key(&profile.home(), opened_by.map(Passphrase::from).as_ref()).unwrap().unwrap();
        assert_eq!(back.expose(), key.expose());
    }
}

#[test]
fn a_damaged_key_is_kept_when_another_takes_its_place() {
    let (profile, key) = Profile::with_reading();
    fs::write(profile.home().key_file(), "VEILBEAT-SECRET-KEY-1 coffee stain").unwrap();
    let damaged = profile.key(&["show"], "");
    assert_eq!(damaged.status.code(), Some(1));
    assert!(said(&damaged).contains("Restore the key"), "{}", said(&damaged));
    assert!(profile.key(&["restore"], &words(&key)).status.success());
    assert_eq!(profile.opens_with(None), 1);
    let kept = fs::read_to_string(profile.home().config_dir().join("secret-replaced.key")).unwrap();
    assert!(kept.contains("coffee stain"));
}

#[test]
fn the_key_of_other_readings_is_refused_and_changes_nothing() {
    let (profile, key) = Profile::with_reading();
    let other = MasterKey::generate().unwrap();
    let refused = profile.key(&["restore"], &words(&other));
    assert_eq!(refused.status.code(), Some(1));
    let (ours, theirs) = (format!("{:.8}", key.id()), format!("{:.8}", other.id()));
    assert!(said(&refused).contains(&ours) && said(&refused).contains(&theirs), "{}", said(&refused));
    assert_eq!(profile.opens_with(None), 1);
    let nonsense = profile.key(&["restore"], "one two three");
    assert!(said(&nonsense).contains("24 words"), "{}", said(&nonsense));
}

#[test]
fn rotation_seals_everything_with_a_new_key_and_keeps_the_old_one() {
    let (profile, key) = Profile::with_reading();
    let rotated = profile.key(&["rotate"], "");
    assert!(rotated.status.success(), "{}", said(&rotated));
    assert_eq!(profile.opens_with(None), 1);
    let new = load_key(&profile.home(), None).unwrap().unwrap();
    assert_ne!(new.expose(), key.expose());
    let kept = profile.home().config_dir().join(format!("secret-{:.8}.key", key.id()));
    assert!(kept.exists());
    assert!(Vault::open(&profile.home(), &key).is_err(), "the old key opens nothing any more");
    // The old one comes back only where it fits.
    assert_eq!(profile.key(&["restore", path(&kept)], "").status.code(), Some(1));
    let shown = profile.key(&["show"], "");
    assert!(said(&shown).contains(&new.id().to_string()) && said(&shown).contains("Old key"), "{}", said(&shown));
}

#[test]
fn words_go_to_a_terminal_or_to_a_page_and_nowhere_else() {
    let (profile, key) = Profile::with_reading();
    let refused = profile.key(&["words"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    let page = profile.dir.path().join("kit.html");
    assert!(profile.key(&["words", "--page", path(&page)], "").status.success());
    let content = fs::read_to_string(&page).unwrap();
    assert!(words(&key).split(' ').all(|word| content.contains(word)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = profile.key(&["words", "--page", path(&page)], "");
    assert_eq!(again.status.code(), Some(2), "a file that is there is not written over");
}

#[test]
fn nothing_that_is_said_holds_key_material() {
    let (profile, key) = Profile::with_reading();
    let (right, wrong) = (profile.file("right", "correct horse"), profile.file("wrong", "battery staple"));
    let mut everything = String::new();
    let mut note = |output: Output| everything.push_str(&said(&output));
    note(profile.key(&["show"], ""));
    note(profile.key(&["words"], ""));
    note(profile.key(&["words", "--page", path(&profile.dir.path().join("kit.html"))], ""));
    note(profile.key(&["restore"], &words(&key)));
    note(profile.key(&["restore"], &format!("{} extra", words(&key))));
    note(profile.key(&["restore"], &words(&key).replacen(' ', " x", 1)));
    note(profile.key(&["passphrase", "--passphrase-file", path(&right)], ""));
    note(profile.key(&["show", "--passphrase-file", path(&wrong)], ""));
    note(profile.key(&["show", "--passphrase-file", path(&right)], ""));
    note(profile.key(&["restore", path(&profile.home().key_file()), "--passphrase-file", path(&wrong)], ""));
    note(profile.key(&["passphrase", "--passphrase-file", path(&right), "--remove"], ""));
    let line = fs::read_to_string(profile.home().key_file()).unwrap();
    fs::write(profile.home().key_file(), line.replacen('Q', "P", 1)).unwrap();
    note(profile.key(&["show"], ""));
    fs::write(profile.home().key_file(), &line).unwrap();
    note(profile.key(&["rotate"], ""));
    // Its parts too, and in every writing that a debugger's hand might have chosen.
    let bytes = key.expose();
    let hex = bytes[..6].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let list = format!("{}, {}, {}, {}", bytes[0], bytes[1], bytes[2], bytes[3]);
    for secret in [&hex, &hex.to_uppercase(), &list, &line.trim()[21..40].to_owned()] {
        assert!(!everything.contains(secret.as_str()), "{secret} in:\n{everything}");
    }
    for secret in ["correct horse", "battery staple"] {
        assert!(!everything.contains(secret), "{secret} in:\n{everything}");
    }
    let pairs: Vec<_> = words(&key).split(' ').map(str::to_owned).collect();
    for pair in pairs.windows(2) {
        assert!(!everything.contains(&pair.join(" ")), "{} in:\n{everything}", pair.join(" "));
    }
}

/// `true` where a type implements `Debug`: the inherent constant wins over the trait's.
macro_rules! has_debug {
    ($type:ty) => {{
        #[allow(dead_code, reason = "one of the two is not looked at")]
        struct Probe<T>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "one of the two is not looked at")]
        impl<T: std::fmt::Debug> Probe<T> {
            const DEBUG: bool = true;
        }
        #[allow(dead_code, reason = "one of the two is not looked at")]
        trait Otherwise {
            const DEBUG: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        Probe::<$type>::DEBUG
    }};
}

#[test]
fn secrets_have_no_debug() {
    assert!(has_debug!(Home), "the probe sees what there is");
    assert!(!has_debug!(MasterKey));
    assert!(!has_debug!(SchemeKey));
    assert!(!has_debug!(Client));
    assert!(!has_debug!(Encryptor));
    assert!(!has_debug!(RecoveryWords));
    assert!(!has_debug!(Vault));
    assert!(!has_debug!(veilbeat::session::Command));
    assert!(!has_debug!(veilbeat::session::Event));
    assert_eq!(format!("{:?}", Passphrase::from("correct horse")).find("correct"), None);
}

#[test]
fn what_reads_makes_no_key_and_a_backup_that_is_none_is_wrong_usage() {
    let empty = Profile::new();
    let veilbeat = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbeat"));
        command.arg("--home").arg(empty.dir.path()).args(arguments).output().unwrap()
    };
    for arguments in [&["imports"][..], &["undo"], &["export", "x.veil"]] {
        let output = veilbeat(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("there is no key"), "{arguments:?}");
        assert!(!empty.home().key_file().exists(), "{arguments:?}");
    }
    let bad = empty.file("bad.key", "no key at all");
    assert_eq!(empty.key(&["restore", bad.to_str().unwrap()], "").status.code(), Some(2));
    assert_eq!(empty.key(&["restore"], "twenty four words that are none").status.code(), Some(2));
}

#[test]
fn earlier_keys_and_a_restored_one_without_passphrase_are_said() {
    let (profile, key) = Profile::with_reading();
    assert!(profile.key(&["rotate"], "").status.success());
    let passphrase = profile.file("passphrase", "correct horse");
    let set = profile.key(&["passphrase", "--new-passphrase-file", passphrase.to_str().unwrap()], "");
    let said = String::from_utf8_lossy(&set.stderr).into_owned();
    assert!(said.contains(&format!("secret-{:.8}.key is an earlier key without a passphrase", key.id())), "{said}");
    let other = Profile::new();
    let backup = profile.dir.path().join(format!("config/secret-{:.8}.key", key.id()));
    let restored = other.key(&["restore", backup.to_str().unwrap()], "");
    let said = String::from_utf8_lossy(&restored.stderr).into_owned();
    assert!(restored.status.success() && said.contains("The key has no passphrase now"), "{said}");
}
