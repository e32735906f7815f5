//! `veilbeat inspect`: what a file is, and what it reveals to whoever holds it.

use std::fmt::Write;
use std::path::Path;

use super::bundle::Meter;
use super::{CliError, print};
use crate::jobs::inspect as look_into;
use crate::protocol::files::FileKind;

/// Whether a file is a bundle.
pub(super) fn is_bundle(path: &Path) -> bool {
    matches!(FileKind::of_file(path), Ok(Some(FileKind::Bundle)))
}

/// Prints the kind of a file, and the facts that it reveals to whoever holds it.
pub(super) fn inspect(path: &Path) -> Result<(), CliError> {
    let mut meter = Meter::new("Reading the file:");
    let lines = look_into(path, &mut |done, of| meter.tell(done, of))?;
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut table = String::new();
    for (name, value) in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{name:width$}  {value}");
    }
    print(&table)
}
