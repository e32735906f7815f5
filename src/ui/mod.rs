//! The window: asks and shows; computes nothing.

use std::path::Path;

/// Opens the window and returns when it is closed, or says in one sentence why it cannot open.
pub fn open_window(_home: Option<&Path>) -> Result<(), String> {
    Err("the window is not built yet; use `veilbeat average FILE`".to_owned())
}
