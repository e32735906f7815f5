//! A bundle's way in three steps, with the paths that the window suggests.

use std::fmt::Write;

use super::driver::Window;

/// What was copied in the last frame.
fn copied(window: &Window) -> Option<String> {
    window.harness.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

#[cfg(unix)]
#[test]
fn the_command_that_is_copied_computes_the_answer_that_the_next_step_opens_with_its_chart() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("it's a folder");
    std::fs::create_dir(&folder).unwrap();
    let mut csv = String::from("timestamp,bpm\n");
    for day in 1..=5 {
        for minute in (0..24 * 60).step_by(20) {
            writeln!(csv, "2026-09-{day:02}T{:02}:{:02}:00,{}", minute / 60, minute % 60, 60 + day).unwrap();
        }
    }
    let file = dir.path().join("five.csv");
    std::fs::write(&file, csv).unwrap();
    let mut window = Window::first_start(dir.path());
    window.harness.set_size(egui::vec2(1160.0, 2400.0));
    window.import(&file);
    window.wait_for("Imported 360 readings");
    window.go_to("Bundles");
    // A name is suggested that says when the bundle was made; only the folder is another one here.
    window.wait_for("heart-2026-10-02-0830.veil");
    window.clear("File to write, as in heart.veil");
    window.type_into("File to write, as in heart.veil", folder.join("heart.veil").to_str().unwrap());
    window.click("Export bundle");
    window.wait_for("Exported 360 readings in 1 encrypted sheet");
    window.click("Write question");
    window.wait_for("heart-averages-by-day.txt; its answer will hold");
    // A second one is refused where its button is, and the first stays.
    window.click("Write question");
    window.wait_for("already exists and was not changed");
    window.wait_until("the command to be copied", |window| {
        use egui_kittest::kittest::Queryable;
        window.harness.get_by_label("Copy").click();
        true
    });
    let mut command = None;
    for _ in 0..4 {
        window.harness.step();
        command = command.or_else(|| copied(&window));
    }
    let command = command.unwrap();
    assert!(window.says(&command), "what is copied is what is shown");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_veilbeat")).parent().unwrap();
    let done = std::process::Command::new("/bin/sh").args(["-c", &command]).env("PATH", program).status().unwrap();
    assert!(done.success(), "{command}");
    assert!(folder.join("heart-averages-by-day-answer.veil").exists());
    window.click("Open");
    window.wait_for("heart-averages-by-day-answer.veil passed its check");
    assert!(window.says("Chart of averages: 5 points") && window.says("65.00"));
}
