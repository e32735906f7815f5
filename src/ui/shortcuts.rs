//! Keys that work on every page.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use super::context::{Action, Page};
use super::dialogs::files::FilePurpose;

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

pub(super) const IMPORT: KeyboardShortcut = command(Key::O);
pub(super) const ADD: KeyboardShortcut = command(Key::N);
pub(super) const HELP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F1);
const DIGITS: [Key; 7] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7];

/// The key of a page, by its place in the sidebar.
pub(super) fn of_page(index: usize) -> Option<KeyboardShortcut> {
    DIGITS.get(index).copied().map(command)
}

/// A shortcut as its keys are labelled.
pub(super) fn words(ui: &Ui, shortcut: KeyboardShortcut) -> String {
    ui.ctx().format_shortcut(&shortcut)
}

/// Every shortcut that there is, with what it does: shown by the help page.
pub(super) fn all(ui: &Ui) -> Vec<(String, String)> {
    let own = |key: Key| words(ui, command(key));
    let last = of_page(Page::ALL.len() - 1).map_or_else(String::new, |last| words(ui, last));
    vec![
        (format!("{} to {last}", own(DIGITS[0])), "The pages, in their order".to_owned()),
        (words(ui, ADD), "Add a reading".to_owned()),
        (words(ui, IMPORT), "Import a file".to_owned()),
        (format!("{}, {}", own(Key::Z), own(Key::Y)), "Undo and redo, on the page Readings".to_owned()),
        ("Arrows, Page, Home, End".to_owned(), "Move in a list; with Shift, mark as you go".to_owned()),
        ("Enter, Delete".to_owned(), "Edit or delete what is marked".to_owned()),
        (
            format!("{}, {}, {}", own(Key::Plus), own(Key::Minus), own(Key::Num0)),
            "Larger, smaller, usual size".to_owned(),
        ),
        ("Tab, Space, Esc".to_owned(), "Next field, press a button, close a dialog".to_owned()),
        (words(ui, HELP), "This page".to_owned()),
    ]
}

/// Returns the action of the shortcut that was pressed, if one was.
pub(super) fn pressed(ui: &Ui) -> Option<Action> {
    let pressed = |shortcut| ui.input_mut(|input| input.consume_shortcut(&shortcut));
    for (index, (page, _)) in Page::ALL.into_iter().enumerate() {
        if of_page(index).is_some_and(pressed) {
            return Some(Action::Go(page));
        }
    }
    match () {
        () if pressed(HELP) => Some(Action::Go(Page::Help)),
        () if pressed(IMPORT) => Some(Action::ChooseFile(FilePurpose::Readings)),
        () if pressed(ADD) => Some(Action::AddReading),
        () => None,
    }
}
