//! The first start, the second, and what is set.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use veilbeat::vault::Home;

use super::driver::Window;

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
    window.wait_for("all verified");
    // By hand instead of by span.
    window.click("Month");
    window.wait_for("Chart of averages: 1 points");
    window.click("Hour");
    window.wait_for("Average by hour");
    assert!(!window.says("Problem"));
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

#[test]
fn weeks_and_parameters_are_chosen_measured_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
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
    window.wait_for("Averages by month over ten years, 526,000 readings");
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
