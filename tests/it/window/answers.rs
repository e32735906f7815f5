//! What the server answers, in the window and by files.

use std::fmt::Write;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use super::driver::{Window, write_seven};

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
    window.harness.set_size(egui::vec2(1160.0, 3600.0));
    window.import(&file);
    window.wait_for("Imported 1,008 readings");
    window.go_to("Overview");
    // Days 1 to 14, hours 0 to 23: 60 + 7.5 + 11.5.
    window.wait_for("79.0");
    assert!(window.says("over 14 days") && window.says("+7.00") && !window.says("Compared with the days before"));
    window.click("7 d");
    window.wait_for("Compared with the days before");
    assert!(window.says("8 – 14 Sep 2026") && window.says("1 – 7 Sep 2026"));
    assert!(window.says("+7.0 from the days before"));
    window.harness.get_by_role_and_label(Role::CheckBox, "1 – 7 Sep 2026").click();
    window.click("Zones");
    // Each word counts twice: as a text, and as its only line.
    let count = |window: &Window, text: &str| window.words().iter().filter(|word| *word == text).count();
    let before = count(&window, "504");
    window.click("Check against plaintext");
    window.wait_for("All 18 statistics are equal to the last digit");
    // Decrypted and recomputed, side by side.
    assert_eq!(["Decrypted", "Recomputed"].map(|head| count(&window, head)), [2, 2]);
    assert_eq!(count(&window, "504") - before, 4);
    // Typed days.
    window.click("Days: 8 – 14 Sep 2026");
    window.clear("First day");
    window.type_into("First day", "2026-09-20");
    window.wait_for("Enter two dates, the earlier first");
    window.clear("Last day, included");
    window.type_into("Last day, included", "22.9.2026");
    window.click("Show these days");
    window.wait_for("There are no readings in these days");
    // By two clicks in the month.
    window.click("Days: 20 – 22 Sep 2026");
    window.click("Later month");
    window.click("Earlier month");
    window.click("30 Sep 2026");
    window.click("10 Sep 2026");
    window.wait_for("Days: 10 – 30 Sep 2026");
    // Other days beside these.
    window.click("Compared with: Compare");
    window.click("1 Sep 2026");
    window.click("3 Sep 2026");
    window.wait_for("Compared with 1 – 3 Sep 2026");
    window.click("Days before");
    window.wait_for("Compared with the days before");
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
    assert!(!window.says("1 – 14 Sep 2026"));
    window.wait_for("Average by day");
    // In one frame: the harness lets more time pass between two than there is between two clicks.
    for pressed in [true, false, true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        let click = egui::Event::PointerButton { pos: from, button, pressed, modifiers };
        window.harness.input_mut().events.push(click);
    }
    window.wait_for("1 – 14 Sep 2026");
    window.go_to("Settings");
    window.click("From my age");
    window.wait_for("The age must be a whole number from 5 to 110 years");
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
    let mut window = Window::with_seven(dir.path());
    window.go_to("Bundles");
    window.clear("File to write, as in heart.veil");
    window.type_into("File to write, as in heart.veil", &at("heart.veil"));
    window.click("Export bundle");
    window.wait_for("Exported 7 readings in 1 encrypted sheet");
    window.clear("Question to write, as in question.txt");
    window.type_into("Question to write, as in question.txt", &at("question.txt"));
    window.click("Write question");
    window.wait_for("its answer will hold 2 sums in 55602 bytes");
    let compute = std::process::Command::new(env!("CARGO_BIN_EXE_veilbeat"))
        .args(["compute", &at("heart.veil"), &at("question.txt"), "-o", &at("answer.veil")])
        .status();
    assert!(compute.unwrap().success());
    window.open_veil(&at("answer.veil"));
    window.wait_for("answer.veil passed its check");
    assert!(window.says("Averages by day of 2026-10-01, weighted by time, as exported on 2026-10-02 08:30 UTC"));
    assert!(window.says("answer.veil, verified") && window.says("71.83"));
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
    window.click_first("Undo");
    window.wait_for("0 readings");
    window.open_veil(&at("heart.veil"));
    window.wait_for("Restored 7 readings from heart.veil; 0 were already there");
}

#[test]
fn the_server_page_shows_the_real_messages_and_what_a_wrong_key_sees() {
    let dir = tempfile::tempdir().unwrap();
    let file = write_seven(dir.path());
    let mut window = Window::first_start(dir.path());
    window.go_to("Server");
    window.wait_for("None yet.");
    assert!(window.says("Nothing has been sent yet"));
    window.import(&file);
    window.wait_for("Imported 7 readings");
    window.go_to("Server");
    window.wait_for("It does not know that these are 7 readings");
    // One sheet: rates, squares and days, each of the size that it has in every week.
    let bytes = 5 + 5 + 2 * (16 + 2016 * 6 + 16) + (16 + 1792 * 6 + 16);
    window.harness.get_by_role_and_label(Role::ListBox, "Messages, newest first").focus();
    window.harness.run_steps(2);
    window.harness.key_press(egui::Key::End);
    window.harness.run_steps(3);
    let row = window.words().into_iter().find(|words| words.contains("keep this sheet, sheet 0")).unwrap();
    assert!(row.starts_with("0, "), "{row}");
    assert!(row.ends_with("→ to server, keep this sheet, sheet 0, 35,050"), "{row}");
    assert_eq!(bytes, 35_050);
    window.click("Try a wrong key on message 0");
    window.wait_for("A wrong key shows");
    assert!(window.says("7 values") && window.says("2,016 values"));
    window.harness.get_by_label(&row).scroll_to_me();
    window.harness.run_steps(20);
    window.click(&row);
    window.click("26–12,121: rate: 2016 encrypted five-minute cells of 48 bits, the same for every week");
    assert!(window.says("000010 "));
    assert!(
        window.says("12,096 bytes from 26: rate: 2016 encrypted five-minute cells of 48 bits")
            && window.says("coin tosses")
    );
}

#[test]
fn a_sceptic_tampers_encrypts_again_searches_for_the_key_and_saves_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    window.harness.set_size(egui::vec2(1160.0, 3600.0));
    window.wait_for("Server added");
    window.go_to("Overview");
    window.click("0 secrets sent");
    window.wait_for("pieces of your key: none found");
    assert!(window.says("Searched ") && window.says("Was anything secret sent?"));
    window.click("Change one bit");
    window.wait_for("Refused, and nothing of it was decrypted");
    assert!(window.says("failed its check and was not decrypted. Your readings are safe"));
    assert!(window.says("0 ciphertexts") && window.says("asked again, it passed its check"));
    window.click("Encrypt it twice");
    window.wait_for("% of the bits are equal, as with coin tosses");
    assert!(window.says("of 12,128 bytes") && window.says("The week of 28 Sep 2026"));
    window.click("Save “Messages” as CSV");
    let path = dir.path().join("messages.csv");
    window.clear("Path of the new file");
    window.type_into("Path of the new file", path.to_str().unwrap());
    window.click("Save");
    window.wait_for("Saved as");
    let log = std::fs::read_to_string(&path).unwrap();
    assert!(log.starts_with("number,time,direction,kind,subject,bytes,first bytes\n0,2026-10-02T08:30:00.000Z,"));
    assert!(log.contains(",to server,keep this sheet,sheet 0,") && log.contains(",from server,"));
    // The answer that was changed left nothing behind.
    window.go_to("Overview");
    window.click("Check against plaintext");
    window.wait_for("All 18 statistics are equal to the last digit");
}
