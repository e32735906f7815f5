//! The paths of a bundle, its question and its answer: each follows from the one before, until a person types another.

use std::path::{Path, PathBuf};

use egui::{Role, Ui, WidgetInfo};
use jiff::civil::DateTime;

use crate::platform;
use crate::reading::Step;
use crate::statistics::Detail;
use crate::ui::context::{Action, Ctx};
use crate::ui::dialogs::files::FilePurpose;
use crate::ui::widgets::kit::field;

/// A path that is typed, or follows from others as long as nobody has typed one.
#[derive(Default)]
pub(in crate::ui) struct PathText(Option<String>);

impl PathText {
    /// Takes a path that was chosen.
    pub(in crate::ui) fn set(&mut self, path: &Path) {
        self.0 = Some(path.display().to_string());
    }

    /// The path; `otherwise` as long as none was typed or chosen. `None` if it is empty.
    pub(in crate::ui) fn path(&self, otherwise: Option<PathBuf>) -> Option<PathBuf> {
        match &self.0 {
            Some(text) => (!text.trim().is_empty()).then(|| PathBuf::from(text.trim())),
            None => otherwise,
        }
    }

    /// A field for the path, and the desktop's dialog beside it. Returns the path, as [`Self::path`] does.
    pub(in crate::ui) fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &mut Ctx,
        (label, purpose): (&str, FilePurpose),
        otherwise: Option<PathBuf>,
    ) -> Option<PathBuf> {
        let shown = || otherwise.as_ref().map_or_else(String::new, |path| path.display().to_string());
        let mut text = self.0.clone().unwrap_or_else(shown);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let width = (ui.available_width() - 130.0).clamp(200.0, 680.0);
            if field(ui, label, &mut text, width).changed() {
                self.0 = Some(text);
            }
            ui.vertical(|ui| {
                // As far down as the field, whose label stands above it.
                ui.add_space(20.0);
                let choose = ui.button("Choose…");
                choose.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Choose… ({label})")));
                if choose.clicked() {
                    ctx.act(Action::ChooseFile(purpose));
                }
            });
        });
        self.path(otherwise)
    }
}

/// A new bundle's name. It says when it was made, so that no two have the same.
pub(in crate::ui) fn bundle_name(now: DateTime) -> String {
    format!("heart-{}-{:02}{:02}.veil", now.date(), now.hour(), now.minute())
}

/// Where a question about a bundle is written: beside it.
pub(in crate::ui) fn question_path(bundle: &Path, step: Step, detail: Detail) -> PathBuf {
    let what = if detail == Detail::Averages { "averages" } else { "everything" };
    let by = if step == Step::All { String::new() } else { format!("-by-{}", step.name()) };
    beside(bundle, &format!("{what}{by}.txt"))
}

/// Where the answer to a question is written: beside it.
pub(in crate::ui) fn answer_path(question: &Path) -> PathBuf {
    beside(question, "answer.veil")
}

fn beside(path: &Path, end: &str) -> PathBuf {
    path.with_file_name(format!("{}-{end}", path.file_stem().unwrap_or_default().to_string_lossy()))
}

/// The command that computes an answer, as a shell takes it.
pub(in crate::ui) fn command(bundle: &Path, question: &Path, answer: &Path) -> String {
    let [bundle, question, answer] = [bundle, question, answer].map(platform::shell_quoted);
    format!("veilbeat compute {bundle} {question} -o {answer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_shell_takes_each_path_for_one_word() {
        let [bundle, question, answer] = ["/a b/it's $HOME.veil", "q.txt", "-x.veil"].map(Path::new);
        let expected = r"veilbeat compute '/a b/it'\''s $HOME.veil' q.txt -o ./-x.veil";
        assert_eq!(command(bundle, question, answer), expected);
        assert_eq!(platform::shell_quoted(Path::new("~/x")), "'~/x'");
    }

    #[test]
    fn each_path_follows_from_the_one_before_it() {
        let now: DateTime = "2026-10-02T08:05:59".parse().unwrap();
        let bundle = Path::new("/data").join(bundle_name(now));
        assert_eq!(bundle, Path::new("/data/heart-2026-10-02-0805.veil"));
        let question = question_path(&bundle, Step::Day, Detail::Averages);
        assert_eq!(question, Path::new("/data/heart-2026-10-02-0805-averages-by-day.txt"));
        assert_eq!(answer_path(&question), Path::new("/data/heart-2026-10-02-0805-averages-by-day-answer.veil"));
        let all = question_path(Path::new("x.veil"), Step::All, Detail::Statistics);
        assert_eq!(all, Path::new("x-everything.txt"));
        let mut text = PathText::default();
        assert_eq!((text.path(None), text.path(Some(all.clone()))), (None, Some(all.clone())));
        text.set(Path::new("mine.veil"));
        assert_eq!(text.path(Some(all)), Some("mine.veil".into()));
    }
}
