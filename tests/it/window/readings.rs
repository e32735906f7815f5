//! Readings one by one: entered, edited, removed, undone.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};

use veilbeat::vault::Home;

use super::driver::Window;

#[test]
fn an_added_reading_changes_the_average_to_the_exact_value_and_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    {
        let mut window = Window::with_seven(dir.path());
        window.go_to("Overview");
        window.wait_for("71.83");
        window.go_to("Readings");
        window.type_into("Heart rate, bpm", "99.95");
        window.type_into("Note (optional)", "stairs");
        // "Add reading" is also on the overview; here it is the form's button.
        window.click("Add reading");
        window.wait_for("Added 99.95 bpm");
        window.go_to("Overview");
        // The new one is of another day, 2 Oct, and stands for 75 minutes as the others do for five each: the whole
        // is (502.8 + 15 · 99.95) / 22 = 91.0023.
        window.click("Week");
        window.wait_for("91.00");
        assert!(window.says("Chart of averages: 1 points"));
    }
    let mut window = Window::open(dir.path());
    // The step is remembered too.
    window.wait_for("91.00");
    window.go_to("Readings");
    window.wait_for("entered by hand");
    assert!(window.says("seven.csv") && window.says("8 readings"));
}

#[test]
fn what_was_added_can_be_removed_undone_and_redone() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    window.wait_for("7 readings");
    window.click("Remove seven.csv");
    window.wait_for("Removed 7 readings");
    window.wait_for("0 readings");
    window.click_first("Undo");
    window.wait_for("Undone: Remove seven.csv");
    window.click_first("Undo");
    window.wait_for("Undone: Add seven.csv");
    window.click("Redo");
    window.wait_for("Redone: Add seven.csv");
    window.go_to("Overview");
    window.wait_for("71.83");
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
fn readings_are_filtered_marked_edited_deleted_and_saved() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let mut window = Window::with_seven(dir.path());
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
    window.wait_for("Removed 3 readings");
    assert_eq!(rows(&window), all[3..]);
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    window.wait_for("7 readings");
    assert_eq!(rows(&window), edited);
    // Filtered, and only that saved.
    window.type_into("Note contains", "nothing like it");
    window.wait_for("No readings match");
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
    assert!(std::fs::read_to_string(at("table.csv")).unwrap().starts_with("start,readings,covered minutes,mean bpm"));
}

#[test]
fn the_note_of_a_reading_in_the_hour_that_occurs_twice_is_changed_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Home::find(Some(dir.path())).unwrap().settings_file();
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(settings, r#"{"timezone": "Europe/Paris"}"#).unwrap();
    let file = dir.path().join("twice.csv");
    std::fs::write(&file, "timestamp,bpm\n2026-10-25T00:30:00Z,61\n2026-10-25T01:30:00Z,62\n").unwrap();
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 2 readings");
    window.go_to("Readings");
    let rows = window.harness.query_all_by_role(Role::ListBoxOption);
    let newest = rows.filter_map(|row| row.accesskit_node().label()).collect::<Vec<_>>()[0].clone();
    window.harness.get_by_label(&newest).click();
    window.harness.run_steps(3);
    window.click("Edit");
    window.type_into("Note (optional)", "asleep");
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("Changed to 62 bpm");
    drop(window);
    let home = Home::find(Some(dir.path())).unwrap();
    let key = veilbeat::vault::load_key(&home, None).unwrap().unwrap();
    let vault = veilbeat::vault::Vault::open(&home, &key).unwrap();
    let last = vault.readings().iter().last().unwrap();
    let at = jiff::Timestamp::from_millisecond(last.instant_ms).unwrap().to_string();
    assert_eq!((&*at, last.offset_secs, last.note.as_deref()), ("2026-10-25T01:30:00Z", 3_600, Some("asleep")));
}

#[test]
fn readings_are_typed_one_after_the_other_at_the_time_of_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    window.go_to("Readings");
    window.type_into("Heart rate, bpm", "71");
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("Added 71 bpm");
    // The field has the keyboard again.
    window.harness.event(egui::Event::Text("72".into()));
    window.harness.run_steps(2);
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("Added 72 bpm");
}

#[test]
fn readings_are_sorted_by_each_column_and_filtered_by_rate() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    window.go_to("Readings");
    let rates = |window: &Window| -> Vec<String> {
        let rows = window.harness.query_all_by_role(Role::ListBoxOption);
        let rows = rows.filter_map(|row| row.accesskit_node().label());
        rows.map(|row| row.split(", ").nth(2).unwrap().to_owned()).collect()
    };
    assert_eq!(rates(&window), ["71.7", "74.1", "70.5", "69.8", "73.2", "71", "72.5"]);
    window.click("Sort by bpm");
    assert!(window.says("Readings, highest bpm first"));
    assert_eq!(rates(&window), ["74.1", "73.2", "72.5", "71.7", "71", "70.5", "69.8"]);
    window.click("Sort by bpm, descending now");
    assert!(window.says("Readings, lowest bpm first"));
    window.type_into("bpm from", "70");
    window.type_into("bpm to", "73,2");
    assert_eq!(rates(&window), ["70.5", "71", "71.7", "72.5", "73.2"]);
    assert!(window.says("5 of 7 readings"));
    // What is marked is what is deleted, in whatever order it is shown.
    let second = window.words().into_iter().find(|word| word.contains(", 71, sample")).unwrap();
    window.harness.get_by_label(&second).click();
    window.harness.run_steps(3);
    window.harness.key_press(egui::Key::Delete);
    window.wait_for("Removed 1 reading");
    assert_eq!(rates(&window), ["70.5", "71.7", "72.5", "73.2"]);
    window.type_into("bpm to", "x");
    window.wait_for("A heart rate is a number from 20 to 275.99 bpm");
    window.clear("bpm from");
    window.clear("bpm to");
    assert_eq!(rates(&window), ["69.8", "70.5", "71.7", "72.5", "73.2", "74.1"]);
    window.click("Sort by time");
    assert_eq!(rates(&window), ["71.7", "74.1", "70.5", "69.8", "73.2", "72.5"]);
    window.click("Sort by time, descending now");
    assert_eq!(rates(&window), ["72.5", "73.2", "69.8", "70.5", "74.1", "71.7"]);
    // Two sources, by their names.
    let other = dir.path().join("a watch.csv");
    std::fs::write(&other, "timestamp,bpm\n2026-10-01T09:00:00,80\n").unwrap();
    window.import(&other);
    window.wait_for("Imported 1 reading");
    window.click("Sort by source");
    assert_eq!(rates(&window)[..2], ["80", "71.7"]);
    window.click("Sort by source, ascending now");
    assert_eq!(rates(&window)[5..], ["72.5", "80"]);
}
