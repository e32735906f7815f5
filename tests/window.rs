//! The window, driven as a person would: by what it says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use veilbeat::ui::{App, Dialogs, Reply, Setup, Wanted};
use veilbeat::vault::Home;

/// A person who always chooses the same file, or none.
#[derive(Clone, Default)]
struct Chooser(Arc<Mutex<Option<PathBuf>>>);

impl Dialogs for Chooser {
    fn ask(&self, _wanted: Wanted, _folder: &Path, reply: Reply) {
        reply(self.0.lock().unwrap().clone());
    }
}

fn now() -> jiff::Timestamp {
    "2026-10-02T08:30:00Z".parse().unwrap()
}

struct Window {
    harness: Harness<'static, App>,
    chooser: Chooser,
}

impl Window {
    fn open(dir: &Path) -> Self {
        Self::open_with(dir, Vec::new())
    }

    /// Opened with files, as by a double click on them.
    fn open_with(dir: &Path, files: Vec<PathBuf>) -> Self {
        let chooser = Chooser::default();
        let (home, dialogs) = (Home::find(Some(dir)).unwrap(), Box::new(chooser.clone()));
        let harness = Harness::builder().with_size(egui::vec2(1160.0, 1400.0)).build_eframe(move |cc| {
            App::new(&cc.egui_ctx, Setup { home, dialogs, now, started: Instant::now(), files }).unwrap()
        });
        Self { harness, chooser }
    }

    /// Lets time pass until the window says `text` somewhere.
    fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("“{text}”"), |window| window.says(text));
    }

    fn wait_until(&mut self, what: &str, met: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            self.harness.step();
            if met(self) {
                return;
            }
            assert!(Instant::now() < deadline, "waited for {what}; the window says:\n{}", self.words().join("\n"));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Everything that the window says to a screen reader.
    fn words(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect()
    }

    fn says(&self, text: &str) -> bool {
        self.words().iter().any(|word| word.contains(text))
    }

    /// Opens a list of choices, and takes one.
    fn choose(&mut self, list: &str, choice: &str) {
        self.harness.run_steps(3);
        self.harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, list).click();
        self.harness.run_steps(3);
        self.harness.get_by_label(choice).click();
        self.harness.run_steps(3);
    }

    fn click(&mut self, label: &str) {
        // A dialog that has just opened finds its place first; what is off while the session is busy
        // comes back.
        self.harness.run_steps(3);
        self.wait_until(&format!("“{label}” to be on"), |window| {
            let off = window.harness.get_by_label(label).accesskit_node().is_disabled();
            !off || window.harness.query_by_label("Stop").is_none()
        });
        self.harness.get_by_label(label).click();
        self.harness.run_steps(3);
    }

    /// Clicks the last of several that say the same.
    fn click_last(&mut self, label: &str) {
        self.harness.run_steps(3);
        self.harness.get_all_by_label(label).last().unwrap().click();
        self.harness.run_steps(3);
    }

    /// Clicks the first of several that say the same.
    fn click_first(&mut self, label: &str) {
        self.harness.run_steps(3);
        self.harness.get_all_by_label(label).next().unwrap().click();
        self.harness.run_steps(3);
    }

    fn go_to(&mut self, page: &str) {
        self.harness.get_by_role_and_label(Role::Tab, page).click();
        self.harness.run_steps(3);
    }

    fn type_into(&mut self, label: &str, text: &str) {
        self.type_as(Role::TextInput, label, text);
    }

    fn type_secret(&mut self, label: &str, text: &str) {
        self.type_as(Role::PasswordInput, label, text);
    }

    fn type_multiline(&mut self, label: &str, text: &str) {
        self.type_as(Role::MultilineTextInput, label, text);
    }

    fn type_as(&mut self, role: Role, label: &str, text: &str) {
        let field = self.harness.get_by_role_and_label(role, label);
        field.focus();
        self.harness.run_steps(1);
        self.harness.get_by_role_and_label(role, label).type_text(text);
        self.harness.run_steps(3);
    }

    fn clear(&mut self, label: &str) {
        self.clear_as(Role::TextInput, label);
    }

    fn clear_secret(&mut self, label: &str) {
        self.clear_as(Role::PasswordInput, label);
    }

    fn clear_as(&mut self, role: Role, label: &str) {
        self.harness.get_by_role_and_label(role, label).focus();
        self.harness.run_steps(1);
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.key_press(egui::Key::Backspace);
        self.harness.run_steps(3);
    }

    fn labelled(&self, label: &str) -> bool {
        self.harness.query_by_role_and_label(Role::TextInput, label).is_some()
    }

    fn first_start(dir: &Path) -> Self {
        let mut window = Self::open(dir);
        window.wait_for("Create my key");
        window.click("Create my key");
        window.wait_for("No readings yet");
        window
    }

    fn import(&mut self, path: &Path) {
        self.look_into(path);
        self.keep();
    }

    fn look_into(&mut self, path: &Path) {
        *self.chooser.0.lock().unwrap() = Some(path.to_owned());
        self.go_to("Readings");
        self.click("Choose a file…");
    }

    /// Opens an answer or a bundle by its path.
    fn open_veil(&mut self, path: &str) {
        self.go_to("Bundles");
        self.clear("Answer or bundle");
        self.type_into("Answer or bundle", path);
        self.click("Open");
    }

    /// Keeps what a preview shows.
    fn keep(&mut self) {
        self.wait_for("as they will be kept");
        let keeps =
            |word: &String| word.starts_with("Import ") && (word.ends_with("reading") || word.ends_with("readings"));
        let label = self.words().into_iter().find(keeps).unwrap();
        self.click(&label);
    }
}

/// Seven readings of one hour, whose mean is 71.82857….
const SEVEN: &str = "timestamp,beats per minute\n\
    2026-10-01T08:00:00,72.5\n2026-10-01T08:05:00,71.0\n2026-10-01T08:10:00,73.2\n2026-10-01T08:15:00,69.8\n\
    2026-10-01T08:20:00,70.5\n2026-10-01T08:25:00,74.1\n2026-10-01T08:30:00,71.7\n";

#[test]
fn first_start_then_sample_then_chart_in_two_clicks() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::open(dir.path());
    window.wait_for("Create my key");
    assert!(!Home::find(Some(dir.path())).unwrap().key_file().exists(), "no key is made before it is asked for");
    assert!(window.says("never leaves this computer"));
    window.click("Create my key");
    window.wait_for("Try with sample data");
    window.click("Try with sample data");
    window.wait_for("Chart of averages: 29 points");
    assert!(window.says("Imported 8,393 readings from sample.csv"));
    assert!(window.says("all verified"));
    // By hand instead of by span.
    window.click("Month");
    window.wait_for("Chart of averages: 1 points");
    window.click("Hour");
    window.wait_for("Average by hour");
    assert!(!window.says("Problem"));
}

#[test]
fn an_added_reading_changes_the_average_to_the_exact_value_and_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    {
        let mut window = Window::first_start(dir.path());
        window.import(&file);
        window.wait_for("Imported 7 readings");
        window.go_to("Overview");
        window.wait_for("71.83");
        window.go_to("Readings");
        window.type_into("Heart rate, bpm", "99.95");
        window.type_into("Note (optional)", "stairs");
        // "Add reading" is also on the overview; here it is the form's button.
        window.click("Add reading");
        window.wait_for("Added 99.95 bpm");
        window.go_to("Overview");
        // The new one is of another day, 2 Oct: the whole is (502.8 + 99.95) / 8 = 75.34375.
        window.click("Week");
        window.wait_for("75.34");
        assert!(window.says("Chart of averages: 1 points"));
    }
    let mut window = Window::open(dir.path());
    window.wait_for("Chart of averages");
    window.click("Week");
    window.wait_for("75.34");
    window.go_to("Readings");
    window.wait_for("entered by hand");
    assert!(window.says("seven.csv") && window.says("8 readings"));
}

#[test]
fn a_bad_csv_shows_its_refused_lines_and_keeps_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    let bad = dir.path().join("bad.csv");
    std::fs::write(&bad, "timestamp,bpm\nnever,70\n2026-10-01T08:00:00,900\n").unwrap();
    window.look_into(&bad);
    window.wait_for("Nothing was imported: no line of the file holds a reading");
    assert!(window.says("Line 2: the time cannot be read"));
    assert!(window.says("Line 3: the rate is outside 20 to 275.99 bpm"));
    window.click("Close");
    // A file with some good lines: they come in, the others are listed.
    let mixed = dir.path().join("mixed.csv");
    std::fs::write(&mixed, format!("{SEVEN}oops,70\n")).unwrap();
    window.import(&mixed);
    window.wait_for("Imported 7 readings from mixed.csv");
    assert!(window.says("Line 9 was refused: the time cannot be read"));
    window.click("Refused lines (1)");
    window.wait_for("Line 9: the time cannot be read");
    window.look_into(&mixed);
    window.wait_for("0 new readings, 7 already there or twice in the file");
    window.click_last("Close");
    window.look_into(&dir.path().join("gone.csv"));
    window.wait_for("Nothing was imported: could not read the file");
}

#[test]
fn a_file_can_be_dropped_or_named_by_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.go_to("Readings");
    window.type_into("Path of a file", file.to_str().unwrap());
    window.click("Import this path");
    window.keep();
    window.wait_for("Imported 7 readings");
    window.harness.input_mut().dropped_files.push(Arc::new(Dropped(file)));
    window.wait_for("0 new readings, 7 already there");
}

#[test]
fn what_was_added_can_be_removed_undone_and_redone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.wait_for("7 readings");
    window.click("Remove seven.csv");
    window.wait_for("Removed 7 readings");
    window.wait_for("0 readings");
    window.click("Undo");
    window.wait_for("Undone: Remove seven.csv");
    window.click("Undo");
    window.wait_for("Undone: Add seven.csv");
    window.click("Redo");
    window.wait_for("Redone: Add seven.csv");
    window.go_to("Overview");
    window.wait_for("71.83");
}

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

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn what_is_typed_wrong_is_said_beside_the_form() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    window.go_to("Readings");
    window.type_into("Heart rate, bpm", "fast");
    window.click("Add reading");
    assert!(window.says("A heart rate is a number from 20 to 275.99 bpm"));
    assert!(window.says("Nothing yet"));
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

#[test]
fn a_second_window_on_the_same_profile_says_that_the_first_is_running() {
    let dir = tempfile::tempdir().unwrap();
    let first = Window::first_start(dir.path());
    let mut second = Window::open(dir.path());
    second.wait_for("Veilbeat is already running");
    drop(first);
    second.click("Try again");
    second.wait_for("No readings yet");
}

#[test]
fn the_look_and_the_zone_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    {
        let mut window = Window::first_start(dir.path());
        window.go_to("Settings");
        window.click("Dark");
        window.type_into("Name, as in Europe/Paris; empty for the system's", "Asia/Tokyo");
        window.wait_for("In use: Asia/Tokyo");
    }
    let mut window = Window::open(dir.path());
    window.wait_for("No readings yet");
    assert_eq!(window.harness.ctx.theme(), egui::Theme::Dark);
    window.go_to("Settings");
    window.wait_for("In use: Asia/Tokyo");
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
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
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
        window.wait_for("That is not what the list says");
        for &number in &asked {
            window.clear(&format!("Word {number}"));
            window.type_into(&format!("Word {number}"), &words[number - 1].to_uppercase());
        }
        window.click("Check");
        window.wait_for("Your recovery words are right");
        window.go_to("Key");
        window.wait_for("Made and checked");
        words
    };
    std::fs::remove_file(home.key_file()).unwrap();
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
        window.wait_for("The two are not the same");
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
    window.click("Take a new key…");
    window.type_secret("Passphrase", "battery staple");
    window.click("Take a new key");
    window.wait_for("The passphrase is wrong");
    window.clear_secret("Passphrase");
    window.type_secret("Passphrase", "correct horse");
    window.click("Take a new key");
    window.wait_for("Everything is sealed with a new key");
    window.click("Remove passphrase…");
    window.type_secret("Passphrase", "correct horse");
    window.click("Remove passphrase");
    window.wait_for("The key has no passphrase any more");
    assert!(!window.words().iter().any(|word| word.contains("horse") || word.contains("staple")));
}

#[test]
fn a_new_key_is_taken_and_the_old_one_kept_until_it_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.go_to("Key");
    window.click("Take a new key…");
    window.click("Take a new key");
    window.wait_for("Everything is sealed with a new key");
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
    window.click("Delete all my data…");
    window.wait_for("8,393 readings, your key and your settings go for good");
    assert!(window.says(home.key_file().to_str().unwrap()) && window.says(home.readings_file().to_str().unwrap()));
    window.type_into("To go on, type: delete my data", "delete my dat");
    window.click("Delete everything");
    assert!(home.key_file().exists() && window.says("go for good"));
    window.type_into("To go on, type: delete my data", "a");
    window.click("Delete everything");
    window.wait_for("Create my key");
    assert!(!home.key_file().exists() && !home.readings_file().exists() && !home.settings_file().exists());
    window.click("Create my key");
    window.wait_for("No readings yet");
}

#[test]
fn a_preview_shows_what_would_be_kept_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dates.csv");
    std::fs::write(&file, "date,bpm\n03/04/2020 10:00,60\n05/06/2020 10:00,225\noops,70\n").unwrap();
    let mut window = Window::first_start(dir.path());
    window.look_into(&file);
    window.wait_for("Recognised as");
    assert!(window.says("2 new readings, 1 outside 30 to 220 bpm (kept)"));
    assert!(window.says("3 Apr 2020 to 5 Jun 2020") && window.says("3 Apr 2020, 10:00:00"));
    assert!(window.says("Line 4 was refused: the time cannot be read"));
    // In Tokyo it was an hour of the same day, and another instant.
    window.clear("The times name no zone; they are local times of");
    window.type_into("The times name no zone; they are local times of", "Asia/Tokyo");
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("taken as local time in Asia/Tokyo");
    window.click("Month: 12/31");
    window.wait_for("4 Mar 2020 to 6 May 2020");
    window.click("Cancel");
    window.wait_until("the preview to go", |window| !window.says("Import dates.csv"));
    assert!(window.says("Nothing yet"), "nothing was kept");
    window.look_into(&file);
    window.keep();
    window.wait_for("Imported 2 readings from dates.csv");
}

#[test]
fn several_people_and_unknown_columns_are_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    let people = dir.path().join("people.csv");
    std::fs::write(&people, "Id,Time,Value\nanna,2020-01-01 10:00,60\nbert,2020-01-01 10:00,61\n").unwrap();
    let mut window = Window::first_start(dir.path());
    window.look_into(&people);
    window.wait_for("Whose readings are yours?");
    window.click("bert");
    window.wait_for("1 new reading");
    assert!(window.says("61 bpm"));
    window.keep();
    window.wait_for("Imported 1 reading");
    let unknown = dir.path().join("unknown.csv");
    std::fs::write(&unknown, "when,a,b\n2020-01-01 10:00,60,90\n2020-01-01 11:00,61,91\n").unwrap();
    window.look_into(&unknown);
    window.wait_for("If you know which columns hold times and heart rates");
    window.choose("Times", "when");
    window.choose("Heart rates", "b");
    window.click("Read it again");
    window.wait_for("90 bpm");
    window.keep();
    window.wait_for("Imported 2 readings");
}

#[test]
fn ranges_are_looked_at_compared_opened_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("weeks.csv");
    let mut csv = String::from("timestamp,bpm\n");
    for day in 1..=14 {
        for minute in (0..24 * 60).step_by(20) {
            let rate = 60 + day + minute / 60;
            writeln!(csv, "2026-09-{day:02}T{:02}:{:02}:00,{rate}", minute / 60, minute % 60).unwrap();
        }
    }
    std::fs::write(&file, csv).unwrap();
    let mut window = Window::first_start(dir.path());
    window.harness.set_size(egui::vec2(1160.0, 2800.0));
    window.import(&file);
    window.wait_for("Imported 1,008 readings");
    window.go_to("Overview");
    // Days 1 to 14, hours 0 to 23: 60 + 7.5 + 11.5.
    window.wait_for("79.0");
    assert!(window.says("over 14 days") && window.says("+7.00") && !window.says("Compared with the days before"));
    window.click("7 d");
    window.wait_for("Compared with the days before");
    assert!(window.says("8 Sep – 14 Sep 2026") && window.says("1 Sep – 7 Sep 2026"));
    assert!(window.says("+7.0 from the days before"));
    window.click("Days before");
    window.click("Zones");
    window.click("Check against plaintext");
    window.wait_for("All 15 statistics are equal to the last digit");
    window.click("Custom");
    window.clear("From, as in 2026-09-30");
    window.type_into("From, as in 2026-09-30", "2026-09-20");
    window.wait_for("Both are dates, and the first is not later than the second");
    window.clear("To, included");
    window.type_into("To, included", "2026-09-22");
    window.wait_for("There are no readings in these days");
    // By calendar: the last day of the month, then back to the day before.
    window.click("Choose the last day");
    window.click("30");
    window.click("Save");
    window.wait_for("20 Sep – 30 Sep 2026");
    window.click("All");
    window.wait_for("over 14 days");
    // Dragged over the middle half of the chart, and back with a double click.
    let chart = window.harness.get_by_label_contains("Chart of averages").rect();
    let at = |share: f32| chart.lerp_inside(egui::vec2(share, 0.5));
    let (from, to) = (at(0.3), at(0.7));
    window.harness.drag_at(from);
    window.harness.run_steps(2);
    window.harness.hover_at(to);
    window.harness.run_steps(2);
    window.harness.drop_at(to);
    window.harness.run_steps(2);
    window.wait_for("Back");
    assert!(!window.says("1 Sep – 14 Sep 2026"));
    window.wait_for("Average by day");
    // In one frame: the harness lets more time pass between two than there is between two clicks.
    for pressed in [true, false, true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        let click = egui::Event::PointerButton { pos: from, button, pressed, modifiers };
        window.harness.input_mut().events.push(click);
    }
    window.wait_for("1 Sep – 14 Sep 2026");
    window.go_to("Settings");
    window.click("From my age");
    window.wait_for("An age is a whole number from 5 to 110 years");
    window.type_into("Age in years (208 − 0.7 × age)", "30");
    window.wait_for("Very light from 94 bpm");
    drop(window);
    let mut window = Window::open(dir.path());
    window.wait_for("Very light, 94 to 111 bpm");
}

#[test]
fn bundles_are_exported_asked_about_opened_and_restored() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.go_to("Bundles");
    window.type_into("File to write, as in heart.veil", &at("heart.veil"));
    window.click("Export bundle");
    window.wait_for("Exported 7 readings in 1 encrypted chunks");
    window.type_into("Bundle", &at("heart.veil"));
    window.type_into("Question to write, as in question.txt", &at("question.txt"));
    window.click("Write question");
    window.wait_for("its answer will hold 3 sums in 74187 bytes");
    let compute = std::process::Command::new(env!("CARGO_BIN_EXE_veilbeat"))
        .args(["compute", &at("heart.veil"), &at("question.txt"), "-o", &at("answer.veil")])
        .status();
    assert!(compute.unwrap().success());
    window.open_veil(&at("answer.veil"));
    window.wait_for("answer.veil passed its check");
    assert!(window.says("answer.veil: average by day, verified") && window.says("71.83"));
    window.clear("Answer or bundle");
    window.type_into("Answer or bundle", &at("heart.veil"));
    window.click("Inspect");
    window.wait_for("a bundle of encrypted readings, undamaged");
    assert!(window.says("no rate, no time, no note"));
    drop(window);
    let mut window = Window::open_with(dir.path(), vec![dir.path().join("answer.veil")]);
    window.wait_for("answer.veil passed its check");
    // A changed answer: one sentence, and the numbers of the last one stay what they were.
    let mut bad = std::fs::read(at("answer.veil")).unwrap();
    bad[900] ^= 1;
    std::fs::write(at("bad.veil"), bad).unwrap();
    window.open_veil(&at("bad.veil"));
    window.wait_for("its checksum is wrong");
    window.open_veil(&at("heart.veil"));
    window.wait_for("Nothing new in heart.veil: every reading is already there");
    window.go_to("Readings");
    window.click("Undo");
    window.wait_for("0 readings");
    window.open_veil(&at("heart.veil"));
    window.wait_for("Restored 7 readings from heart.veil; 0 were already there");
}

#[test]
fn readings_are_filtered_marked_edited_deleted_and_saved() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let file = at("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.go_to("Readings");
    let rows = |window: &Window| -> Vec<String> {
        let rows = window.harness.query_all_by_role(Role::ListBoxOption);
        rows.filter_map(|row| row.accesskit_node().label()).collect()
    };
    let all = rows(&window);
    assert_eq!(all.len(), 7);
    // Edited: what was not touched stays what it was, to the millisecond.
    window.harness.get_by_label(&all[0]).click();
    window.harness.run_steps(3);
    window.click("Edit");
    window.wait_for("Change a reading");
    window.clear("Heart rate, bpm");
    window.type_into("Heart rate, bpm", "99.5");
    window.click("Save change");
    window.wait_for("Changed to 99.5 bpm");
    let edited = rows(&window);
    assert_eq!(edited[1..], all[1..]);
    let time = all[0].split(", ").take(2).collect::<Vec<_>>().join(", ");
    assert!(edited[0].starts_with(&format!("{time}, 99.5, sample, seven.csv")), "{edited:?}");
    // By keyboard: marked up to the third row, and gone, and back.
    window.harness.get_by_label(&edited[0]).click();
    window.harness.run_steps(3);
    for _ in 0..2 {
        window.harness.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::ArrowDown);
        window.harness.run_steps(2);
    }
    assert!(window.says("3 marked"));
    window.harness.key_press(egui::Key::Delete);
    window.wait_for("Removed 3 readings; Undo brings them back");
    assert_eq!(rows(&window), all[3..]);
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    window.wait_for("7 readings");
    assert_eq!(rows(&window), edited);
    // Filtered, and only that saved.
    window.type_into("Note contains", "nothing like it");
    window.wait_for("No reading is like that");
    window.clear("Note contains");
    window.type_into("From, as in 2026-09-30", "2026");
    window.wait_for("A date looks like 2026-09-30");
    window.clear("From, as in 2026-09-30");
    window.choose("Kind", "Samples");
    window.click("Save as CSV…");
    window.clear("Path of the new file");
    window.type_into("Path of the new file", at("out.csv").to_str().unwrap());
    window.click("Save");
    window.wait_for("Saved as");
    let saved = std::fs::read_to_string(at("out.csv")).unwrap();
    assert_eq!(saved.lines().count(), 8);
    assert!(saved.lines().last().unwrap().ends_with(",99.5,sample,seven.csv,"), "{saved}");
    // What is there is never replaced, and the dialog says so.
    window.click("Save as CSV…");
    window.clear("Path of the new file");
    window.type_into("Path of the new file", at("out.csv").to_str().unwrap());
    window.click("Save");
    window.wait_for("already");
    assert!(window.says("Path of the new file"));
    window.click("Cancel");
    // A table of results.
    window.go_to("Overview");
    window.harness.get_by_label("Save “The same in numbers” as CSV").scroll_to_me();
    window.harness.run_steps(30);
    window.click("Save “The same in numbers” as CSV");
    window.clear("Path of the new file");
    window.type_into("Path of the new file", at("table.csv").to_str().unwrap());
    window.click("Save");
    window.wait_for("table.csv");
    window.wait_until("the table", |_| at("table.csv").exists());
    assert!(std::fs::read_to_string(at("table.csv")).unwrap().starts_with("start,readings,mean bpm"));
}

#[test]
fn the_server_page_shows_the_real_messages_and_what_a_wrong_key_sees() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.go_to("Server");
    window.wait_for("None yet.");
    assert!(window.says("Nothing has been sent yet"));
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.go_to("Server");
    window.wait_for("It does not know that these are 7 readings of 1 hour");
    // One chunk, with room for 16 readings in each column, of which only 7 are real.
    let bytes = 5 + 20 + 3 * (16 * 6 + 16) + 256 * 6 + 16;
    window.harness.get_by_role_and_label(Role::ListBox, "Messages, newest first").focus();
    window.harness.run_steps(2);
    window.harness.key_press(egui::Key::End);
    window.harness.run_steps(3);
    let row = window.words().into_iter().find(|words| words.contains("keep this chunk, chunk 0")).unwrap();
    assert!(row.starts_with("0, ") && row.ends_with("→ to server, keep this chunk, chunk 0, 1,913") && bytes == 1_913);
    window.click("Try a wrong key on message 0");
    window.wait_for("A wrong key shows");
    assert!(window.says("7 values") && window.says("16 values"));
    window.harness.get_by_label(&row).scroll_to_me();
    window.harness.run_steps(20);
    window.click(&row);
    window.click("25–120: rate: 16 encrypted readings of 48 bits");
    assert!(window.says("000010 "));
    assert!(window.says("96 bytes from 25: rate: 16 encrypted readings of 48 bits") && window.says("of coins"));
}

#[test]
fn weeks_and_parameters_are_chosen_measured_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.go_to("Overview");
    window.click("Week");
    // 1 October 2026 is a Thursday.
    window.wait_for("week of 28 Sep 2026");
    window.go_to("Settings");
    window.click("Sunday");
    window.go_to("Overview");
    window.wait_for("week of 27 Sep 2026");
    window.go_to("Settings");
    window.harness.get_by_label("Measure on this machine").scroll_to_me();
    window.harness.run_steps(20);
    window.click_first("Long-term");
    window.click("Measure on this machine");
    window.wait_for("Averages by day over 10,080 readings of a week");
    assert!(window.says("2^134.8 operations") && window.says("2^285 operations"));
    window.go_to("Overview");
    window.wait_for("week of 27 Sep 2026");
    drop(window);
    let mut window = Window::open(dir.path());
    window.wait_for("The same in numbers");
    window.go_to("Server");
    window.wait_for("Try a wrong key");
    window.harness.get_by_role_and_label(Role::ListBox, "Messages, newest first").focus();
    window.harness.run_steps(2);
    window.harness.key_press(egui::Key::End);
    window.harness.run_steps(3);
    window.wait_for("parameters: long-term");
}

/// What a person can press, type into or look at, and that says nothing about itself.
fn unnamed(window: &Window) -> Vec<String> {
    let nodes = window.harness.root().children_recursive();
    let silent = nodes.filter(|node| {
        let node = node.accesskit_node();
        let inert = matches!(
            node.role(),
            Role::Window
                | Role::GenericContainer
                | Role::Pane
                | Role::Unknown
                | Role::ScrollView
                | Role::TextRun
                | Role::Splitter
                | Role::ScrollBar
                | Role::Tooltip
        );
        !inert && node.label().or_else(|| node.value()).is_none_or(|label| label.trim().is_empty())
    });
    silent.map(|node| format!("{:?}", node.accesskit_node().role())).collect()
}

#[test]
fn no_control_of_any_page_is_without_a_name_and_every_page_has_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::open(dir.path());
    window.wait_for("Create my key");
    assert_eq!(unnamed(&window), Vec::<String>::new(), "at the first start");
    window.click("Create my key");
    window.wait_for("No readings yet");
    assert_eq!(unnamed(&window), Vec::<String>::new(), "without readings");
    window.click("Try with sample data");
    window.wait_for("Server added");
    let pages = [
        (egui::Key::Num1, "Overview", "Average by day"),
        (egui::Key::Num2, "Readings", "All readings"),
        (egui::Key::Num3, "Server", "What it holds"),
        (egui::Key::Num4, "Bundles", "Export bundle"),
        (egui::Key::Num5, "Key", "Your key"),
        (egui::Key::Num6, "Settings", "Weeks start on"),
        (egui::Key::Num7, "Help", "How it is used"),
    ];
    for (key, page, words) in pages {
        window.harness.key_press_modifiers(egui::Modifiers::COMMAND, key);
        window.harness.run_steps(5);
        assert!(window.says(words), "{page}");
        assert_eq!(unnamed(&window), Vec::<String>::new(), "on {page}");
    }
    // By keyboard to a reading: the field of the rate takes what is typed.
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::N);
    window.harness.run_steps(5);
    window.harness.event(egui::Event::Text("71".into()));
    window.harness.run_steps(2);
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("Added 71 bpm");
    window.harness.key_press(egui::Key::F1);
    window.harness.run_steps(3);
    assert!(window.says("Veilbeat informs"));
}

#[test]
fn tab_reaches_every_control_and_shows_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    window.click("Try with sample data");
    window.wait_for("Server added");
    window.harness.set_size(egui::vec2(1160.0, 3000.0));
    for page in ["Overview", "Readings", "Server", "Bundles", "Key", "Settings"] {
        window.go_to(page);
        let controls = |window: &Window| -> std::collections::BTreeSet<u64> {
            let nodes = window.harness.root().children_recursive();
            let named = nodes.filter(|node| {
                let node = node.accesskit_node();
                matches!(
                    node.role(),
                    Role::Button | Role::TextInput | Role::ComboBox | Role::CheckBox | Role::Tab | Role::ListBox
                ) && !node.is_disabled()
            });
            named.map(|node| node.accesskit_node().locate().0.0).collect()
        };
        let mut unreached = controls(&window);
        for _ in 0..unreached.len() + 30 {
            window.harness.key_press(egui::Key::Tab);
            window.harness.run_steps(1);
            let nodes = window.harness.root().children_recursive();
            for node in nodes.filter(|node| node.accesskit_node().is_focused()) {
                unreached.remove(&node.accesskit_node().locate().0.0);
            }
        }
        let nodes = window.harness.root().children_recursive();
        let left = nodes.filter(|node| unreached.contains(&node.accesskit_node().locate().0.0));
        let left: Vec<_> = left.filter_map(|node| node.accesskit_node().label()).collect();
        assert_eq!(left, Vec::<String>::new(), "on {page}");
    }
}

/// Writes a table of readings, one every `minutes` minutes.
fn write_many(file: &Path, count: i64, minutes: i64) {
    let start: jiff::civil::DateTime = "2024-10-01T00:00:00".parse().unwrap();
    let mut text = "timestamp,bpm\n".to_owned();
    for i in 0..count {
        let at = start + jiff::Span::new().minutes(i * minutes);
        writeln!(text, "{at},{}", 60 + (i * 7919) % 90).unwrap();
    }
    std::fs::write(file, text).unwrap();
}

#[test]
fn no_frame_takes_long_while_a_year_is_imported_encrypted_and_added_up() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("year.csv");
    write_many(&file, 200_000, 2);
    let mut window = Window::first_start(dir.path());
    window.look_into(&file);
    window.keep();
    window.wait_for("Imported 200,000 readings");
    window.wait_for("Server added");
    for page in ["Overview", "Server", "Bundles", "Key", "Settings", "Readings"] {
        window.go_to(page);
        window.harness.run_steps(10);
    }
    window.type_into("Note contains", "nothing");
    window.wait_for("No reading is like that");
    let meter = window.harness.state().meter();
    println!("{meter:?}");
    assert!(meter.frames > 100 && meter.first_frame.is_some());
    assert!(meter.longest < Duration::from_millis(16), "{meter:?}");
}

#[test]
#[ignore = "a million readings, for those who measure: prints what frames cost"]
fn a_million_readings_open_at_once_and_scroll() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("million.csv");
    write_many(&file, 1_000_000, 1);
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 1,000,000 readings");
    drop(window);
    let opened = Instant::now();
    let mut window = Window::open(dir.path());
    window.wait_for("Overview");
    println!("sidebar after {:?}, {:?}", opened.elapsed(), window.harness.state().meter());
    window.wait_for("The same in numbers");
    println!("chart after {:?}, {:?}", opened.elapsed(), window.harness.state().meter());
    window.go_to("Readings");
    window.harness.get_by_role_and_label(Role::ListBox, "Readings, newest first").focus();
    window.harness.run_steps(2);
    for _ in 0..500 {
        window.harness.key_press(egui::Key::PageDown);
        window.harness.run_steps(1);
    }
    window.harness.key_press(egui::Key::End);
    window.harness.run_steps(1);
    println!("scrolled, {:?}", window.harness.state().meter());
    let added = Instant::now();
    window.type_into("Heart rate, bpm", "72");
    window.click("Add reading");
    window.wait_for("Added 72 bpm");
    println!("added after {:?}", added.elapsed());
    window.wait_for("Server added");
    println!("asked again after {:?}, {:?}", added.elapsed(), window.harness.state().meter());
}
