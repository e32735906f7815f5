//! What a frame costs, read from the window's own meter.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use super::driver::Window;

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
    // Sorted and filtered on a thread of its own.
    window.click("Sort by bpm");
    window.wait_for(", 149, sample");
    window.type_into("bpm to", "70.5");
    window.wait_for(", 70, sample");
    window.click("Sort by source");
    window.harness.run_steps(10);
    window.type_into("Note contains", "nothing");
    window.wait_for("No readings match");
    let meter = window.harness.state().meter();
    println!("{meter:?}");
    assert!(meter.frames > 100 && meter.first_frame.is_some());
    assert!(meter.longest < Duration::from_millis(16), "{meter:?}");
}

#[test]
#[ignore = "two million readings, for those who measure: prints what frames cost"]
fn two_million_readings_open_at_once_scroll_and_are_sorted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("millions.csv");
    write_many(&file, 2_000_000, 1);
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 2,000,000 readings");
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
    for (column, first) in
        [("bpm", ", 149, sample"), ("kind", "sample"), ("source", "millions.csv"), ("time", "20 Jul 2028")]
    {
        let clicked = Instant::now();
        window.click(&format!("Sort by {column}"));
        window.wait_until("the order", |window| window.says(first) && !window.says("Searching…"));
        println!("by {column} after {:?}, {:?}", clicked.elapsed(), window.harness.state().meter());
    }
    let typed = Instant::now();
    window.type_into("bpm from", "100");
    window.wait_until("the filter", |window| window.says(" of 2,000,000 readings") && !window.says("Searching…"));
    println!("filtered after {:?}, {:?}", typed.elapsed(), window.harness.state().meter());
    window.clear("bpm from");
    let added = Instant::now();
    window.type_into("Heart rate, bpm", "72");
    window.click("Add reading");
    window.wait_for("Added 72 bpm");
    println!("added after {:?}", added.elapsed());
    window.wait_until("the answer", |window| window.harness.query_by_label("Stop").is_none());
    println!("asked again after {:?}, {:?}", added.elapsed(), window.harness.state().meter());
    let searched = Instant::now();
    window.click("0 secrets sent");
    window.wait_for("none found");
    let found = window.words().into_iter().find(|words| words.starts_with("Searched "));
    println!("{found:?} after {:?}, {:?}", searched.elapsed(), window.harness.state().meter());
}

#[test]
#[ignore = "ten years, for those who measure: prints how long ranges and pages take and what frames cost"]
fn ten_years_open_at_once_and_by_hour() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("decade.csv");
    write_many(&file, 525_600, 10);
    let mut window = Window::first_start(dir.path());
    window.import(&file);
    window.wait_for("Imported 525,600 readings");
    drop(window);
    let opened = Instant::now();
    let mut window = Window::open(dir.path());
    window.wait_for("Chart of averages: 30 points");
    println!("last 30 days after {:?}", opened.elapsed());
    window.wait_until("the session to be idle", |window| window.harness.query_by_label("Stop").is_none());
    for (range, words) in [("All", "Average by month"), ("30 d", "Average by day"), ("All", "Average by month")] {
        let asked = Instant::now();
        window.click(range);
        window.wait_for(words);
        window.wait_until("the answer", |window| window.harness.query_by_label("Stop").is_none());
        println!("{range} after {:?}", asked.elapsed());
    }
    let asked = Instant::now();
    window.click("Hour");
    window.wait_for("Average by hour");
    println!("by hour after {:?}, {:?}", asked.elapsed(), window.harness.state().meter());
    for page in ["Overview", "Server", "Bundles", "Key", "Settings", "Readings", "Overview"] {
        let asked = Instant::now();
        window.harness.get_by_role_and_label(Role::Tab, page).click();
        window.harness.run_steps(2);
        println!("{page} in two frames after {:?}", asked.elapsed());
    }
    window.harness.run_steps(50);
    println!("{:?}", window.harness.state().meter());
}
