//! `veilbeat forget` and `veilbeat rescue`: letting go of what was deleted, and saving what can still be read.

use std::path::Path;

use super::key::{current_key, open_existing};
use super::{CliError, ProfileArgs, say};
use crate::jobs::write_readings;
use crate::reading::Filter;
use crate::vault;

/// Forgets what was deleted, replaced or undone.
pub(super) fn forget(profile: &ProfileArgs) -> Result<(), CliError> {
    let (_, mut vault) = open_existing(profile)?;
    let forgotten = match vault.forget()? {
        0 => "There was no change to forget".to_owned(),
        1 => "Forgot 1 change; it cannot be undone any more".to_owned(),
        n => format!("Forgot {n} changes; they cannot be undone any more"),
    };
    say(&format!("{forgotten}. The readings are in a new file; snapshots and backups of the old one are as they were"));
    Ok(())
}

/// Saves the readings that a damaged store still holds as a table.
pub(super) fn rescue(file: &Path, profile: &ProfileArgs) -> Result<(), CliError> {
    let home = &profile.home()?;
    let rescued = vault::rescue(home, &current_key(home, profile)?)?;
    if rescued.readings.is_empty() {
        let what =
            format!("no readings of this key can be read from {}; nothing was written", home.readings_file().display());
        return Err(CliError::File { what });
    }
    write_readings(file, &rescued.readings.select(&Filter::default()), &rescued.batches)?;
    let words = rescued.words();
    say(&format!(
        "Saved as {}, in the clear: {words}. To begin again with them, use a new folder (--home DIR)",
        file.display()
    ));
    Ok(())
}
