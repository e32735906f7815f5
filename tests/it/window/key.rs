//! The key: its words, its passphrase, a new one, the end of it.

use veilbeat::vault::Home;

use super::driver::{Window, write_seven};

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_said_and_mended() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(Window::first_start(dir.path()));
    let key = Home::find(Some(dir.path())).unwrap().key_file();
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let mut window = Window::open(dir.path());
    window.wait_for("Others on this computer can read your key file");
    window.click("Make it private");
    window.wait_until("the warning to go", |window| !window.says("Others on this computer"));
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_profile_without_its_key_is_not_given_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    drop(Window::first_start(dir.path()));
    let key = Home::find(Some(dir.path())).unwrap().key_file();
    let aside = dir.path().join("aside");
    std::fs::rename(&key, &aside).unwrap();
    let mut window = Window::open(dir.path());
    window.wait_for("is missing; restore it");
    assert!(!key.exists());
    std::fs::rename(&aside, &key).unwrap();
    window.click("Try again");
    window.wait_for("No readings yet");
}

/// The words that the dialog shows, in order.
fn shown_words(window: &Window) -> Vec<String> {
    let said = window.words();
    (1..=24)
        .map(|number| {
            let at = said.iter().position(|word| word.trim() == number.to_string()).unwrap();
            said[at + 1].clone()
        })
        .collect()
}

#[test]
fn recovery_words_are_shown_checked_and_give_the_key_back() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::find(Some(dir.path())).unwrap();
    let file = write_seven(dir.path());
    let words = {
        let mut window = Window::first_start(dir.path());
        assert!(!window.says("no backup yet"), "nothing to lose yet");
        window.import(&file);
        window.wait_for("Your key has no backup yet");
        window.click("Show recovery words…");
        window.wait_for("Write these 24 words down");
        let words = shown_words(&window);
        window.click("I have written them down");
        let asked: Vec<usize> = (1..=24).filter(|n| window.labelled(&format!("Word {n}"))).collect();
        assert_eq!(asked.len(), 3);
        for &number in &asked {
            window.type_into(&format!("Word {number}"), "wrong");
        }
        window.click("Check");
        window.wait_for("Those are not the words on the list");
        for &number in &asked {
            window.clear(&format!("Word {number}"));
            window.type_into(&format!("Word {number}"), &words[number - 1].to_uppercase());
        }
        window.click("Check");
        window.wait_for("Your recovery words are correct");
        window.go_to("Key");
        window.wait_for("Made and checked");
        words
    };
    std::fs::remove_file(home.key_file()).unwrap();
    // On another computer nothing is known of a backup: whoever types the words has one.
    std::fs::remove_file(home.settings_file()).unwrap();
    let mut window = Window::open(dir.path());
    window.wait_for("their key");
    window.click("Restore a key…");
    window.type_multiline("The 24 words, in their order", &words.join("\n"));
    window.click("Restore");
    window.wait_for("The key is back in its place");
    window.go_to("Overview");
    window.wait_for("71.83");
    assert!(!window.says("no backup yet"), "it is known to have one");
}

#[test]
fn the_backup_reminder_comes_once() {
    let dir = tempfile::tempdir().unwrap();
    {
        let mut window = Window::first_start(dir.path());
        window.click("Try with sample data");
        window.wait_for("Your key has no backup yet");
        window.click("Later");
        window.wait_until("the reminder to go", |window| !window.says("has no backup yet"));
    }
    let mut window = Window::open(dir.path());
    window.wait_for("Chart of averages");
    assert!(!window.says("has no backup yet"));
    window.go_to("Key");
    window.wait_for("None yet");
}

#[test]
fn a_passphrase_is_set_asked_for_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    {
        let mut window = Window::first_start(dir.path());
        window.go_to("Key");
        window.wait_for("None: whoever can read the file has the key");
        window.click("Set a passphrase…");
        window.type_secret("New passphrase", "correct horse");
        window.type_secret("New passphrase again", "correct house");
        window.click("Set passphrase");
        window.wait_for("The two passphrases differ");
        window.clear_secret("New passphrase again");
        window.type_secret("New passphrase again", "correct horse");
        window.click("Set passphrase");
        window.wait_for("opens with your passphrase only");
    }
    let mut window = Window::open(dir.path());
    window.wait_for("Your key has a passphrase");
    window.type_secret("Passphrase", "battery staple");
    window.click("Open");
    window.wait_for("The passphrase is wrong");
    window.type_secret("Passphrase", "correct horse");
    window.click("Open");
    window.wait_for("No readings yet");
    window.go_to("Key");
    window.wait_for("Set: the file alone opens nothing");
    // A wrong passphrase changes nothing, and can be typed again.
    window.click("Create a new key…");
    window.type_secret("Passphrase", "battery staple");
    window.click("Create a new key");
    window.wait_for("The passphrase is wrong");
    window.clear_secret("Passphrase");
    window.type_secret("Passphrase", "correct horse");
    window.click("Create a new key");
    window.wait_for("Everything is now sealed with a new key");
    window.click("Remove passphrase…");
    window.type_secret("Passphrase", "correct horse");
    window.click("Remove passphrase");
    window.wait_for("The key no longer has a passphrase");
    assert!(!window.words().iter().any(|word| word.contains("horse") || word.contains("staple")));
}

#[test]
fn a_new_key_is_taken_and_the_old_one_kept_until_it_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    window.go_to("Key");
    window.click("Create a new key…");
    window.click("Create a new key");
    window.wait_for("Everything is now sealed with a new key");
    window.wait_for("Earlier keys, kept until you delete them");
    window.go_to("Overview");
    window.wait_for("71.83");
    window.go_to("Key");
    let old = window.words().into_iter().find(|word| word.starts_with("Delete secret-")).unwrap();
    window.click(&old);
    window.click("Delete the old key");
    window.wait_until("the old key to go", |window| !window.says("Earlier keys"));
}

#[test]
fn all_data_is_deleted_only_after_the_words_are_typed() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::find(Some(dir.path())).unwrap();
    let mut window = Window::first_start(dir.path());
    window.click("Try with sample data");
    window.wait_for("Chart of averages");
    window.go_to("Key");
    window.wait_for(" readings, with notes and all that can be undone");
    window.click("Delete all my data…");
    window.wait_for(" readings, your key and your settings for good");
    assert!(window.says(home.key_file().to_str().unwrap()) && window.says(home.readings_file().to_str().unwrap()));
    window.type_into("To continue, type: delete my data", "delete my dat");
    window.click("Delete everything");
    assert!(home.key_file().exists() && window.says("settings for good"));
    window.type_into("To continue, type: delete my data", "a");
    window.click("Delete everything");
    window.wait_for("Create my key");
    assert!(!home.key_file().exists() && !home.readings_file().exists() && !home.settings_file().exists());
    window.click("Create my key");
    window.wait_for("No readings yet");
}
