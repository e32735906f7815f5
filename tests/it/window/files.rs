//! Files of readings: looked into, kept, refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::driver::{SEVEN, Window, write_seven};

#[test]
fn a_bad_csv_shows_its_refused_lines_and_keeps_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    let bad = dir.path().join("bad.csv");
    std::fs::write(&bad, "timestamp,bpm\nnever,70\n2026-10-01T08:00:00,900\n").unwrap();
    window.look_into(&bad);
    window.wait_for("Nothing was imported: no line of the file holds a usable reading");
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
    let file = write_seven(dir.path());
    let mut window = Window::first_start(dir.path());
    window.go_to("Readings");
    window.type_into("Path of a file or folder", file.to_str().unwrap());
    window.click("Import this path");
    window.keep();
    window.wait_for("Imported 7 readings");
    window.harness.input_mut().dropped_files.push(Arc::new(Dropped(file)));
    window.wait_for("0 new readings, 7 already there");
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
    window.clear("The times do not name a zone; they are local times in");
    window.type_into("The times do not name a zone; they are local times in", "Asia/Tokyo");
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
fn what_a_file_does_not_tell_is_asked_with_the_likelier_answer_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    let seconds = dir.path().join("seconds.csv");
    std::fs::write(&seconds, "timestamp,bpm\n1073376000,61\n").unwrap();
    window.look_into(&seconds);
    window.wait_for("What are they counted from?");
    assert!(window.says("5 Jan 2024"));
    window.click("1970");
    window.wait_for("6 Jan 2004");
    window.click("1989, as in FIT files");
    window.wait_for("5 Jan 2024");
    window.click("Cancel");
    let android = dir.path().join("android.csv");
    std::fs::write(&android, "date, time, HR,AVNN\n2024-09-01,06:25,55,1\n").unwrap();
    window.look_into(&android);
    window.wait_for("The dates start with the year. Which comes next?");
    assert!(window.says("1 Sep 2024"));
    window.click("Day: 2026-31-12");
    window.wait_for("9 Jan 2024");
    window.keep();
    window.wait_for("Imported 1 reading");
}

#[test]
fn several_people_and_unknown_columns_are_asked_about() {
    let dir = tempfile::tempdir().unwrap();
    let people = dir.path().join("people.csv");
    std::fs::write(&people, "Id,Time,Value\nanna,2020-01-01 10:00,60\nbert,2020-01-01 10:00,61\n").unwrap();
    let mut window = Window::first_start(dir.path());
    window.look_into(&people);
    window.wait_for("Whose readings do you want?");
    window.click("bert");
    window.wait_for("1 new reading");
    assert!(window.says("61 bpm"));
    window.keep();
    window.wait_for("Imported 1 reading");
    window.look_into(&people);
    window.wait_for("Whose readings do you want?");
    window.click("“Id” does not name people");
    window.wait_for("1 new reading, 1 already there");
    window.click("Cancel");
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
