//! File dialogs, behind a small trait so that tests can answer for a person.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::platform;

/// What came of asking for files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Chosen {
    /// These, at least one.
    Files(Vec<PathBuf>),
    /// The person closed the dialog.
    Nothing,
    /// No dialog was shown.
    NoDialog,
}

/// The callback that is told what was chosen.
pub type Reply = Box<dyn FnOnce(Chosen) + Send>;

/// Nobody closes a dialog as quickly as this.
const AT_ONCE: Duration = Duration::from_millis(400);

/// The purpose for which a file is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilePurpose {
    /// Files with readings, to import.
    Readings,
    /// A folder with such files.
    Folder,
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
    /// A new table of the messages to and from the server.
    NewLog,
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
            Self::Folder => "Import all files of a folder",
            Self::Key => "Restore a key",
            Self::KeyCopy => "Save a copy of the key file",
            Self::WordsPage => "Save the recovery words as a page",
            Self::NewBundle => "Export an encrypted bundle",
            Self::Bundle => "Choose a bundle",
            Self::NewQuestion => "Save a question",
            Self::Veil => "Open an answer or a bundle",
            Self::NewReadings => "Save readings as CSV",
            Self::NewTable => "Save a table as CSV",
            Self::NewLog => "Save the messages as CSV",
            Self::NewPicture => "Save the chart as a picture",
            Self::NewReport => "Save a report as PDF",
        }
    }

    /// The name that a new file gets unless the person says otherwise; `None` for files to open.
    pub const fn new_name(self) -> Option<&'static str> {
        match self {
            Self::Readings | Self::Folder | Self::Key | Self::Bundle | Self::Veil => None,
            Self::NewBundle => Some("heart.veil"),
            Self::NewQuestion => Some("question.txt"),
            Self::KeyCopy => Some("veilbeat-backup.key"),
            Self::WordsPage => Some("veilbeat-recovery-words.html"),
            Self::NewReadings => Some("veilbeat-readings.csv"),
            Self::NewTable => Some("veilbeat-averages.csv"),
            Self::NewLog => Some("veilbeat-messages.csv"),
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
                    .add_filter(
                        "Exports",
                        &[
                            "csv", "tsv", "txt", "json", "xml", "tcx", "gpx", "fit", "hrm", "zip", "gz", "pwx", "sml",
                            "fitlog", "db",
                        ],
                    )
                    .add_filter("All files", &["*"]);
            }
            let asked = Instant::now();
            let chosen = platform::seen_during(|| match (purpose, purpose.new_name()) {
                (FilePurpose::Readings, _) => dialog.pick_files(),
                (FilePurpose::Folder, _) => dialog.pick_folder().map(|folder| vec![folder]),
                (_, None) => dialog.pick_file().map(|file| vec![file]),
                (_, Some(name)) => dialog.set_file_name(name).save_file().map(|file| vec![file]),
            });
            reply(match chosen.filter(|files| !files.is_empty()) {
                Some(files) => Chosen::Files(files),
                // Without a portal that answers, rfd returns as if the person had closed the dialog.
                None if asked.elapsed() < AT_ONCE => Chosen::NoDialog,
                None => Chosen::Nothing,
            });
        };
        // Without a thread there is no dialog: the window notices that nothing comes.
        let _ = std::thread::Builder::new().name("veilbeat-dialog".into()).spawn(ask);
    }
}
