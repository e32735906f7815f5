//! A path that is typed: what could follow is listed below, and `~` is the person's own folder.

use std::path::{MAIN_SEPARATOR, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use egui::{Key, Modifiers, Popup, PopupCloseBehavior, Response, Ui};

use crate::ui::widgets::kit::field;

/// Entries of a folder that are looked at, and of these the ones that are shown at a time.
const MOST_ENTRIES: usize = 5_000;
const MOST_SHOWN: usize = 8;

/// The path that a text means.
pub(in crate::ui) fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    // A path that was copied from a terminal or a file manager.
    let text = text.strip_prefix("file://").unwrap_or(text);
    match (text.strip_prefix('~'), directories::BaseDirs::new()) {
        (Some(rest), Some(base)) if rest.is_empty() || rest.starts_with(std::path::is_separator) => {
            base.home_dir().join(rest.trim_start_matches(std::path::is_separator))
        }
        _ => PathBuf::from(text),
    }
}

/// Names that could follow what was typed.
#[derive(Default)]
pub(in crate::ui) struct PathCompleter {
    /// The folder that was looked into last, as it was typed.
    folder: Option<String>,
    /// Its entries; those of folders end with a separator.
    names: Vec<String>,
    /// Folders may be slow: they are read on a thread.
    coming: Option<Receiver<Vec<String>>>,
}

/// The folder and the beginning of a name in a text.
fn parts(text: &str) -> (&str, &str) {
    text.rfind(std::path::is_separator).map_or(("", text), |at| text.split_at(at + 1))
}

fn entries(folder: &str) -> Vec<String> {
    let folder = if folder.is_empty() { PathBuf::from(".") } else { typed_path(folder) };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let is_folder = entry.path().is_dir();
        Some(if is_folder { format!("{name}{MAIN_SEPARATOR}") } else { name })
    };
    let mut names: Vec<String> = entries.flatten().take(MOST_ENTRIES).filter_map(name).collect();
    names.sort();
    names
}

impl PathCompleter {
    /// A labelled field for a path. The arrow down takes the first of the names below it.
    pub(in crate::ui) fn field(&mut self, ui: &mut Ui, label: &str, text: &mut String, width: f32) -> Response {
        if let Some(names) = self.coming.as_ref().and_then(|coming| coming.try_recv().ok()) {
            (self.names, self.coming) = (names, None);
        }
        let response = field(ui, label, text, width);
        if !response.has_focus() {
            return response;
        }
        let (folder, beginning) = parts(text);
        if folder.is_empty() {
            return response;
        }
        if self.folder.as_deref() != Some(folder) {
            self.look_into(ui, folder.to_owned());
        }
        let follows = |name: &&String| {
            name.starts_with(beginning) && *name != beginning && (beginning.starts_with('.') || !name.starts_with('.'))
        };
        let names: Vec<String> = self.names.iter().filter(follows).take(MOST_SHOWN).cloned().collect();
        let down = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown));
        let mut taken = names.first().filter(|_| down).cloned();
        if !names.is_empty() {
            Popup::from_response(&response).open(true).close_behavior(PopupCloseBehavior::IgnoreClicks).show(|ui| {
                ui.set_min_width(width - 24.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                for name in &names {
                    let row = egui::Button::new(name).frame(false).min_size(egui::vec2(ui.available_width(), 26.0));
                    if ui.add(row).clicked() {
                        taken = Some(name.clone());
                    }
                }
            });
        }
        if let Some(name) = taken {
            *text = format!("{}{name}", parts(text).0);
            if let Some(mut state) = egui::TextEdit::load_state(ui.ctx(), response.id) {
                let end = egui::text::CCursor::new(text.chars().count());
                state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
                egui::TextEdit::store_state(ui.ctx(), response.id, state);
            }
            response.request_focus();
        }
        response
    }

    fn look_into(&mut self, ui: &Ui, folder: String) {
        let (sender, coming) = channel();
        let (ctx, wanted) = (ui.ctx().clone(), folder.clone());
        let look = move || {
            // The field may show another folder by now.
            let _ = sender.send(entries(&wanted));
            ctx.request_repaint();
        };
        self.names.clear();
        (self.folder, self.coming) = (Some(folder), Some(coming));
        // Without a thread there is nothing to choose from; the path can still be typed.
        let _ = std::thread::Builder::new().name("veilbeat-folder".into()).spawn(look);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_persons_own_folder() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(typed_path(" ~/exports/a.csv "), home.join("exports/a.csv"));
        assert_eq!(typed_path("~"), home);
        assert_eq!(typed_path("~else/a.csv"), PathBuf::from("~else/a.csv"));
        assert_eq!(typed_path("file:///tmp/a.csv"), PathBuf::from("/tmp/a.csv"));
    }

    #[test]
    fn entries_are_sorted_and_folders_are_marked() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::write(dir.path().join("a.csv"), "").unwrap();
        let names = entries(&format!("{}{MAIN_SEPARATOR}", dir.path().display()));
        assert_eq!(names, ["a.csv".to_owned(), format!("b{MAIN_SEPARATOR}")]);
        assert_eq!(parts("/tmp/ab"), ("/tmp/", "ab"));
        assert_eq!(entries("/no/such/folder/"), Vec::<String>::new());
    }
}
