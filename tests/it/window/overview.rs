//! The overview beyond its chart: the day in full, the calendar, the week, and notices that come and go.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, kittest::NodeT};

use super::driver::Window;

/// Ten days, but for the fifth, with a reading every half hour and a note on the fourth.
fn ten_days(dir: &std::path::Path) -> Window {
    let mut csv = String::from("timestamp,bpm\n");
    for day in (1..=10).filter(|&day| day != 5) {
        for half in 0..48 {
            let (hour, minute) = (half / 2, half % 2 * 30);
            writeln!(csv, "2026-09-{day:02}T{hour:02}:{minute:02}:00,{}", 50 + day + hour).unwrap();
        }
    }
    let file = dir.join("days.csv");
    std::fs::write(&file, csv).unwrap();
    let mut window = Window::first_start(dir);
    window.harness.set_size(egui::vec2(1160.0, 3600.0));
    window.import(&file);
    window.wait_for("Imported 432 readings");
    window.go_to("Overview");
    window.wait_for("Chart of averages: 9 points");
    window
}

fn click_at(window: &mut Window, at: egui::Pos2) {
    window.harness.hover_at(at);
    window.harness.run_steps(2);
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        window.harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        window.harness.run_steps(2);
    }
}

#[test]
fn a_day_has_all_its_readings_its_notes_and_ways_to_other_days() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = ten_days(dir.path());
    window.go_to("Readings");
    for (field, text) in [("Date", "4.9.2026"), ("Time", "08:45")] {
        window.clear(field);
        window.type_into(field, text);
    }
    window.type_into("Heart rate, bpm", "62");
    window.type_into("Note (optional)", "slept badly");
    window.click("Add reading");
    window.wait_for("Added 62 bpm");
    window.go_to("Overview");
    window.wait_for("Chart of averages: 9 points");
    window.click("Days: 12 Aug – 10 Sep 2026");
    for _ in 0..2 {
        window.harness.get_by_role_and_label(Role::Button, "4 Sep 2026").click();
        window.harness.run_steps(3);
    }
    window.wait_for("Friday, 4 Sep 2026: 49 readings as points, 24 hourly averages");
    assert!(window.says("drawn from this computer") && window.says("added up by the server"));
    assert!(!window.says("08:45, 62 bpm: slept badly"));
    window.click("Note: slept badly");
    window.wait_for("08:45, 62 bpm: slept badly");
    // The next day with readings is the one after the gap; the arrow keys go there and back.
    window.harness.get_by_label("The next day with readings").click();
    window.wait_for("Sunday, 6 Sep 2026");
    window.harness.root().focus();
    window.harness.key_press(egui::Key::Escape);
    window.harness.run_steps(3);
    window.harness.get_by_label("The day before with readings").click();
    window.wait_for("Friday, 4 Sep 2026");
    // A click on an hour looks closer, and another one comes back.
    let chart = window.harness.get_by_label_contains("49 readings as points").rect();
    let hour_ten = chart.lerp_inside(egui::vec2(0.45, 0.5));
    window.harness.hover_at(hour_ten);
    window.wait_for("Click to look closer");
    click_at(&mut window, hour_ten);
    window.wait_for("Click for the whole day");
    window.click("Back");
    window.wait_for("Chart of averages: 9 points");
}

#[test]
fn a_day_is_opened_from_the_calendar() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = ten_days(dir.path());
    window.wait_for("2026: 9 days with a figure, usual average");
    window.harness.get_by_role_and_label(Role::Button, "Resting").click();
    window.wait_for("2026: 9 days with a figure, usual resting");
    window.harness.get_by_role_and_label(Role::Button, "Time in zone").click();
    window.wait_for("in zone Moderate");
    // Tuesday, 1 September is day 244 of the year, which began on a Thursday: column 35, row 1.
    let calendar = window.harness.get_by_label_contains("days with a figure").rect();
    let cell = ((calendar.width() - 40.0) / 54.0).min(22.0).floor();
    let at = calendar.min + egui::vec2(40.0 + 35.5 * cell, 1.5 * cell);
    click_at(&mut window, at);
    window.wait_for("Tuesday, 1 Sep 2026: 48 readings as points");
}

#[test]
fn a_row_and_a_column_of_the_week_are_told_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = ten_days(dir.path());
    let map = window.harness.get_by_label_contains("The week by hours").rect();
    // Mondays: the 7th alone. 57 + 11.5.
    click_at(&mut window, map.min + egui::vec2(60.0, 5.0));
    window.wait_for("Mondays: average 68.5 bpm, lowest 57.0 bpm 00:00–01:00, highest 80.0 bpm 23:00–24:00");
    click_at(&mut window, map.left_bottom() + egui::vec2(45.0, -5.0));
    window.wait_for("00:00–01:00: average");
}

static NOW_MS: AtomicI64 = AtomicI64::new(0);

#[test]
fn notices_that_decide_nothing_leave_by_themselves_and_problems_stay() {
    fn now() -> jiff::Timestamp {
        "2026-10-02T08:30:00Z".parse::<jiff::Timestamp>().unwrap()
            + jiff::SignedDuration::from_millis(NOW_MS.load(Ordering::Relaxed))
    }
    let dir = tempfile::tempdir().unwrap();
    let mut window =
        Window::build(Harness::builder().with_size(egui::vec2(1160.0, 1600.0)), dir.path(), now, Vec::new());
    window.wait_for("Create my key");
    window.click("Create my key");
    window.wait_for("No readings yet");
    window.click("Type in a reading");
    window.type_into("Heart rate, bpm", "72");
    window.click("Add reading");
    window.wait_for("Added 72 bpm");
    window.harness.run_steps(10);
    assert!(window.says("Added 72 bpm"));
    NOW_MS.fetch_add(13_000, Ordering::Relaxed);
    window.wait_until("the notice to leave", |window| !window.says("Added 72 bpm"));
    window.choose_files(veilbeat::ui::Chosen::NoDialog);
    window.click("Choose files…");
    window.wait_for("Problem: No file dialog came");
    NOW_MS.fetch_add(3_600_000, Ordering::Relaxed);
    window.harness.run_steps(10);
    assert!(window.says("Problem:"));
    window.click("Close");
    window.wait_until("the problem to be closed", |window| !window.says("Problem:"));
    let focused = window.harness.query_by_role_and_label(Role::Button, "Close");
    assert!(focused.is_none_or(|button| !button.accesskit_node().is_focused()));
}
