//! Several files at once, folders, and a desktop without file dialogs.

use std::fmt::Write;

use veilbeat::ui::Chosen;

use super::driver::Window;

fn write(path: &std::path::Path, day: u8, hours: u8) {
    let mut csv = String::from("timestamp,bpm\n");
    for hour in 0..hours {
        writeln!(csv, "2026-09-{day:02}T{hour:02}:00:00Z,{}", 60 + hour).unwrap();
    }
    std::fs::write(path, csv).unwrap();
}

#[test]
fn a_folder_is_one_preview_one_import_and_one_undo_and_is_looked_into_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("exports");
    std::fs::create_dir_all(folder.join("older")).unwrap();
    write(&folder.join("a.csv"), 1, 10);
    // Five of these are in the first file too.
    std::fs::copy(folder.join("a.csv"), folder.join("copy.csv")).unwrap();
    write(&folder.join("older/b.csv"), 2, 7);
    std::fs::write(folder.join("notes.txt"), "milk, eggs").unwrap();
    std::fs::write(folder.join("days.csv"), "date,bpm\n01/02/2026 08:00,61\n03/04/2026 08:00,62\n").unwrap();
    std::fs::write(folder.join(".hidden.csv"), "timestamp,bpm\n2026-01-01T00:00:00Z,99\n").unwrap();
    let mut window = Window::first_start(dir.path());
    window.go_to("Readings");
    window.choose_files(Chosen::Files(vec![folder.clone()]));
    window.click("A folder…");
    window.wait_for("Import 5 files");
    let words = window.words().join("\n");
    assert!(words.contains("17 new readings from 2 files") && words.contains("1 file asks something first"), "{words}");
    assert!(window.says("Nothing new") && window.says("notes.txt") && !window.says(".hidden.csv"));
    window.click("Import all");
    window.wait_for("Imported 17 readings from 2 files");
    // What asks is shown by itself.
    window.wait_for("Which comes first?");
    window.click("Cancel");
    window.wait_until("the dialog to close", |window| !window.says("Which comes first?"));
    assert!(window.says("a.csv") && window.says("b.csv"), "each is a batch of its own");
    window.click_first("Undo");
    window.wait_for("Undone: Add 2 files");
    window.wait_for("0 readings");
    window.click_first("Redo");
    window.wait_for("17 readings");
    // A month later there is one more.
    write(&folder.join("c.csv"), 3, 4);
    window.click("Look again in the folder exports");
    window.wait_for("4 new readings from 1 file");
    window.click("Cancel");
    window.wait_until("the dialog to close", |window| !window.says("4 new readings"));
}

#[test]
fn without_a_file_dialog_the_path_is_asked_for_where_it_can_be_typed() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("morning.csv"), 1, 3);
    let mut window = Window::first_start(dir.path());
    window.choose_files(Chosen::NoDialog);
    window.click("Import readings…");
    window.wait_for("No file dialog came: the desktop's file portal does not answer. Type the path instead");
    // The field has the keyboard, and completes what is typed.
    let beginning = format!("{}/morn", dir.path().display());
    window.harness.event(egui::Event::Text(beginning));
    window.wait_for("morning.csv");
    window.harness.key_press(egui::Key::ArrowDown);
    window.harness.run_steps(3);
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("Import morning.csv");
    window.keep();
    window.wait_for("Imported 3 readings");
}
