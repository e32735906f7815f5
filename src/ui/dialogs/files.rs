//! File dialogs, behind a small trait so that tests can answer for a person.

use std::path::{Path, PathBuf};

/// The callback that is told which file was chosen, if any.
pub type Reply = Box<dyn FnOnce(Option<PathBuf>) + Send>;

/// The purpose for which a file is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilePurpose {
    /// A file with readings, to import.
    Readings,
    /// A key file or recovery words, to restore.
    Key,
    /// A new file for a copy of the key.
    KeyCopy,
    /// A new file for the page of recovery words.
    WordsPage,
    /// A new bundle.
    NewBundle,
    /// A bundle, to ask about it.
    Bundle,
    /// A new question.
    NewQuestion,
    /// An answer to open, or a bundle to restore.
    Veil,
    /// A new table of readings.
    NewReadings,
    /// A new table of results.
    NewTable,
    /// A new picture of the chart.
    NewPicture,
    /// A new report to print.
    NewReport,
}

impl FilePurpose {
    /// The dialog's title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Readings => "Import readings",
            Self::Key => "Restore a key",
            Self::KeyCopy => "Save a copy of the key file",
            Self::WordsPage => "Save the recovery words as a page",
            Self::NewBundle => "Export an encrypted bundle",
            Self::Bundle => "Choose a bundle",
            Self::NewQuestion => "Save a question",
            Self::Veil => "Open an answer or a bundle",
            Self::NewReadings => "Save readings as CSV",
            Self::NewTable => "Save a table as CSV",
            Self::NewPicture => "Save the chart as a picture",
            Self::NewReport => "Save a report as PDF",
        }
    }

    /// The name that a new file gets unless the person says otherwise; `None` for files to open.
    pub const fn new_name(self) -> Option<&'static str> {
        match self {
            Self::Readings | Self::Key | Self::Bundle | Self::Veil => None,
            Self::NewBundle => Some("heart.veil"),
            Self::NewQuestion => Some("question.txt"),
            Self::KeyCopy => Some("veilbeat-backup.key"),
            Self::WordsPage => Some("veilbeat-recovery-words.html"),
            Self::NewReadings => Some("veilbeat-readings.csv"),
            Self::NewTable => Some("veilbeat-averages.csv"),
            Self::NewPicture => Some("veilbeat-chart.png"),
            Self::NewReport => Some("veilbeat-report.pdf"),
        }
    }
}

/// Asks a person for files.
pub trait Dialogs {
    /// Asks for a file, beginning in a folder. Returns at once; the reply comes when the person has
    /// chosen.
    fn ask(&self, purpose: FilePurpose, folder: &Path, reply: Reply);
}

/// The desktop's own dialogs. A portal that is slow or broken never holds up the window: each
/// dialog waits on a thread of its own, and a path field is always beside it.
pub struct NativeDialogs;

impl Dialogs for NativeDialogs {
    fn ask(&self, purpose: FilePurpose, folder: &Path, reply: Reply) {
        let folder = folder.to_owned();
        let ask = move || {
            let mut dialog = rfd::FileDialog::new().set_title(purpose.title()).set_directory(folder);
            if matches!(purpose, FilePurpose::Bundle | FilePurpose::Veil) {
                dialog = dialog.add_filter("Veilbeat files", &["veil"]).add_filter("All files", &["*"]);
            }
            if purpose == FilePurpose::Readings {
                dialog = dialog
                    .add_filter("Exports", &["csv", "tsv", "txt", "json", "xml", "tcx", "gpx", "fit", "hrm", "zip"])
                    .add_filter("All files", &["*"]);
            }
            reply(match purpose.new_name() {
                None => dialog.pick_file(),
                Some(name) => dialog.set_file_name(name).save_file(),
            });
        };
        // Without a thread there is no dialog; the path field remains.
        let _ = std::thread::Builder::new().name("veilbeat-dialog".into()).spawn(ask);
    }
}
