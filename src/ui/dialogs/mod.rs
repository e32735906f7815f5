//! The dialogs that stand over the page until they are answered, and the desktop's own dialogs for files.
//!
//! A dialog belongs to the window, not to the page that asked for it.

pub(in crate::ui) mod dialog;
pub(in crate::ui) mod files;
pub(in crate::ui) mod import;
pub(in crate::ui) mod key;
pub(in crate::ui) mod key_forms;
pub(in crate::ui) mod many_files;
pub(in crate::ui) mod save;
