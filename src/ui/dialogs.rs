//! File dialogs, behind a small trait so that tests can answer for a person.

use std::path::PathBuf;

/// What is told which file was chosen, or that none was.
pub type Reply = Box<dyn FnOnce(Option<PathBuf>) + Send>;

/// Asks a person for files.
pub trait Dialogs {
    /// Asks for a file to open. Returns at once; the reply comes when the person has chosen.
    fn open_file(&self, reply: Reply);
}

/// The desktop's own dialogs. A portal that is slow or broken never holds up the window: each
/// dialog waits on a thread of its own, and a path field is always beside it.
pub struct NativeDialogs;

impl Dialogs for NativeDialogs {
    fn open_file(&self, reply: Reply) {
        let ask = move || {
            let file = rfd::FileDialog::new()
                .set_title("Import readings")
                .add_filter("Tables", &["csv", "tsv", "txt"])
                .add_filter("All files", &["*"])
                .pick_file();
            reply(file);
        };
        // Without a thread there is no dialog; the path field remains.
        let _ = std::thread::Builder::new().name("veilbeat-dialog".into()).spawn(ask);
    }
}
