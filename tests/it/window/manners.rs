//! Names for screen readers, and every control by keyboard.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};

use super::driver::Window;

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
        (egui::Key::Num7, "Help", "How to use it"),
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

#[test]
fn lists_of_columns_open_before_every_dialog_and_enter_confirms_what_it_shows() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    let table = |name: &str, day: u8| {
        let text = format!("when,timestamp,bpm\n2026-09-0{day}T08:00:00,2026-09-1{day}T08:00:00,60\n");
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (first, second) = (table("first.csv", 1), table("second.csv", 2));
    window.look_into(&first);
    window.wait_for("as they will be kept");
    window.choose("Times from", "when");
    window.wait_for("1 Sep 2026");
    window.click("Cancel");
    window.look_into(&second);
    window.wait_for("12 Sep 2026");
    window.choose("Times from", "when");
    window.wait_for("2 Sep 2026");
    // The button that imports has the keyboard.
    window.harness.run_steps(3);
    window.harness.key_press(egui::Key::Enter);
    window.wait_for("Imported 1 reading from second.csv");
}

#[test]
fn an_edit_is_left_by_escape_and_by_deleting_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    window.go_to("Readings");
    let edit = |window: &mut Window| {
        let row = window.harness.query_all_by_role(Role::ListBoxOption).next().unwrap();
        row.click();
        window.harness.run_steps(3);
        window.click("Edit");
        window.wait_for("Change a reading");
    };
    edit(&mut window);
    window.harness.key_press(egui::Key::Escape);
    window.wait_for("Add a reading");
    edit(&mut window);
    window.click("Delete");
    window.wait_for("Removed 1 reading");
    window.wait_for("Add a reading");
    assert!(!window.says("Change a reading"));
}

#[test]
fn a_bundle_that_is_chosen_among_readings_is_shown_where_it_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    let bundle = dir.path().join("heart.veil");
    window.go_to("Bundles");
    window.clear("File to write, as in heart.veil");
    window.type_into("File to write, as in heart.veil", bundle.to_str().unwrap());
    window.click("Export bundle");
    window.wait_for("Exported 7 readings");
    window.look_into(&bundle);
    window.wait_until("the page Bundles", |window| window.says("Answer or bundle"));
    window.click("Open");
    window.wait_for("already there");
}

#[test]
fn a_restart_shows_the_days_steps_and_layers_that_were_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::with_seven(dir.path());
    window.go_to("Overview");
    window.wait_for("Average by");
    window.click("30 d");
    window.click("Month");
    window.wait_for("Average by month");
    window.click("Zones");
    window.harness.run_steps(3);
    drop(window);
    let mut window = Window::open(dir.path());
    window.wait_for("Average by month");
    let zones = window.harness.get_by_label("Zones");
    assert_eq!(zones.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
}

#[test]
fn what_may_be_a_slip_is_said_before_it_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    window.go_to("Readings");
    window.clear("Date");
    window.type_into("Date", "2027-10-02");
    window.type_into("Heart rate, bpm", "60");
    window.wait_for("This time is in the future");
    window.go_to("Key");
    window.click("Set a passphrase…");
    window.type_secret("New passphrase", "abc");
    window.wait_for("Short: whoever copies the key file");
    window.type_secret("New passphrase", "def ghi jkl");
    window.harness.run_steps(3);
    assert!(!window.says("Short: whoever"));
}

#[test]
fn an_order_of_dates_that_makes_no_readings_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut window = Window::first_start(dir.path());
    let path = dir.path().join("dates.csv");
    std::fs::write(&path, "date,bpm\n03/04/2026 10:00,60\n05/06/2026 10:00,61\n").unwrap();
    window.look_into(&path);
    window.wait_for("as they will be kept");
    window.click("Year: 26/12/31");
    window.wait_for("Nothing was imported");
    window.click("Take back how times were read");
    window.wait_for("as they will be kept");
}
