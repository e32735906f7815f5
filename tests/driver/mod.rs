//! A person at the window: what they see, click and type.
#![allow(dead_code, reason = "the pictures need less of it than the tests of the window")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, HarnessBuilder};
use veilbeat::ui::{App, Chosen, DateForms, Dialogs, FilePurpose, Reply, Setup};
use veilbeat::vault::Home;

/// A person who always chooses the same files, or none; or a desktop without dialogs.
#[derive(Clone)]
pub(crate) struct Chooser(Arc<Mutex<Chosen>>);

impl Default for Chooser {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Chosen::Nothing)))
    }
}

impl Dialogs for Chooser {
    fn ask(&self, _wanted: FilePurpose, _folder: &Path, reply: Reply) {
        reply(self.0.lock().unwrap().clone());
    }
}

fn now() -> jiff::Timestamp {
    "2026-10-02T08:30:00Z".parse().unwrap()
}

pub(crate) struct Window {
    pub(crate) harness: Harness<'static, App>,
    chooser: Chooser,
}

impl Window {
    pub(crate) fn open(dir: &Path) -> Self {
        Self::open_with(dir, Vec::new())
    }

    /// Opened with files, as by a double click on them.
    pub(crate) fn open_with(dir: &Path, files: Vec<PathBuf>) -> Self {
        Self::build(Harness::builder().with_size(egui::vec2(1160.0, 1400.0)), dir, now, files)
    }

    /// Opened as a builder says, at a time.
    pub(crate) fn build(
        builder: HarnessBuilder<App>,
        dir: &Path,
        now: fn() -> jiff::Timestamp,
        files: Vec<PathBuf>,
    ) -> Self {
        let chooser = Chooser::default();
        let (home, dialogs) = (Home::find(Some(dir)).unwrap(), Box::new(chooser.clone()));
        let harness = builder.build_eframe(move |cc| {
            let connect = Box::new(veilbeat::jobs::server_thread);
            let (started, locale) = (Instant::now(), DateForms::default());
            App::new(&cc.egui_ctx, Setup { home, connect, dialogs, now, started, files, locale }).unwrap()
        });
        Self { harness, chooser }
    }

    /// With a key, and nothing else yet.
    pub(crate) fn first_start(dir: &Path) -> Self {
        let mut window = Self::open(dir);
        window.wait_for("Create my key");
        window.click("Create my key");
        window.wait_for("No readings yet");
        window
    }

    /// With a key, and the readings of [`SEVEN`].
    pub(crate) fn with_seven(dir: &Path) -> Self {
        let mut window = Self::first_start(dir);
        window.import(&write_seven(dir));
        window.wait_for("Imported 7 readings");
        window
    }

    /// Lets time pass until the window says `text` somewhere.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("“{text}”"), |window| window.says(text));
    }

    pub(crate) fn wait_until(&mut self, what: &str, met: impl Fn(&Self) -> bool) {
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
    pub(crate) fn words(&self) -> Vec<String> {
        let nodes = self.harness.root().children_recursive();
        nodes.filter_map(|node| words(&node)).collect()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.words().iter().any(|word| word.contains(text))
    }

    /// Opens a list of choices, and takes one.
    pub(crate) fn choose(&mut self, list: &str, choice: &str) {
        self.harness.run_steps(3);
        self.harness.get_by_role_and_label(Role::ComboBox, list).click();
        self.harness.run_steps(3);
        self.harness.get_by_label(choice).click();
        self.harness.run_steps(3);
    }

    pub(crate) fn click(&mut self, label: &str) {
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
    pub(crate) fn click_last(&mut self, label: &str) {
        self.harness.run_steps(3);
        self.harness.get_all_by_label(label).last().unwrap().click();
        self.harness.run_steps(3);
    }

    /// Clicks the first of several that say the same.
    pub(crate) fn click_first(&mut self, label: &str) {
        self.harness.run_steps(3);
        self.harness.get_all_by_label(label).next().unwrap().click();
        self.harness.run_steps(3);
    }

    pub(crate) fn go_to(&mut self, page: &str) {
        self.harness.get_by_role_and_label(Role::Tab, page).click();
        self.harness.run_steps(3);
    }

    pub(crate) fn type_into(&mut self, label: &str, text: &str) {
        self.type_as(Role::TextInput, label, text);
    }

    pub(crate) fn type_secret(&mut self, label: &str, text: &str) {
        self.type_as(Role::PasswordInput, label, text);
    }

    pub(crate) fn type_multiline(&mut self, label: &str, text: &str) {
        self.type_as(Role::MultilineTextInput, label, text);
    }

    fn type_as(&mut self, role: Role, label: &str, text: &str) {
        let field = self.harness.get_by_role_and_label(role, label);
        field.focus();
        self.harness.run_steps(1);
        self.harness.get_by_role_and_label(role, label).type_text(text);
        self.harness.run_steps(3);
    }

    pub(crate) fn clear(&mut self, label: &str) {
        self.clear_as(Role::TextInput, label);
    }

    pub(crate) fn clear_secret(&mut self, label: &str) {
        self.clear_as(Role::PasswordInput, label);
    }

    fn clear_as(&mut self, role: Role, label: &str) {
        self.harness.get_by_role_and_label(role, label).focus();
        self.harness.run_steps(1);
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.key_press(egui::Key::Backspace);
        self.harness.run_steps(3);
    }

    pub(crate) fn labelled(&self, label: &str) -> bool {
        self.harness.query_by_role_and_label(Role::TextInput, label).is_some()
    }

    pub(crate) fn import(&mut self, path: &Path) {
        self.look_into(path);
        self.keep();
    }

    /// What asking for files comes to from now on.
    pub(crate) fn choose_files(&mut self, chosen: Chosen) {
        *self.chooser.0.lock().unwrap() = chosen;
    }

    pub(crate) fn look_into(&mut self, path: &Path) {
        self.choose_files(Chosen::Files(vec![path.to_owned()]));
        self.go_to("Readings");
        self.click("Choose files…");
    }

    /// Opens an answer or a bundle by its path.
    pub(crate) fn open_veil(&mut self, path: &str) {
        self.go_to("Bundles");
        self.clear("Answer or bundle");
        self.type_into("Answer or bundle", path);
        self.click("Open");
    }

    /// Keeps what a preview shows.
    pub(crate) fn keep(&mut self) {
        self.wait_for("as they will be kept");
        let keeps =
            |word: &String| word.starts_with("Import ") && (word.ends_with("reading") || word.ends_with("readings"));
        let label = self.words().into_iter().find(keeps).unwrap();
        self.click(&label);
    }
}

/// Seven readings of one hour, whose mean is 71.82857….
pub(crate) const SEVEN: &str = "timestamp,beats per minute\n\
    2026-10-01T08:00:00,72.5\n2026-10-01T08:05:00,71.0\n2026-10-01T08:10:00,73.2\n2026-10-01T08:15:00,69.8\n\
    2026-10-01T08:20:00,70.5\n2026-10-01T08:25:00,74.1\n2026-10-01T08:30:00,71.7\n";

/// Writes them into a folder.
pub(crate) fn write_seven(dir: &Path) -> PathBuf {
    let file = dir.join("seven.csv");
    std::fs::write(&file, SEVEN).unwrap();
    file
}

/// What a part of the window says to a screen reader.
pub(crate) fn words(node: &egui_kittest::Node<'_>) -> Option<String> {
    node.accesskit_node().label().or_else(|| node.accesskit_node().value())
}
