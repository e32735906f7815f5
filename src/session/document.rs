//! Documents to print, as files.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::jobs::bundles::{BundleError, may_write};
use crate::platform::{self, Readers};

/// The bytes of a PDF file.
#[derive(Clone)]
pub struct Document(pub Arc<[u8]>);

impl Document {
    /// Writes the file, for its owner only.
    pub(super) fn write(&self, path: &Path) -> Result<(), BundleError> {
        let existing = may_write(path, None, &[])?;
        let written: io::Result<()> =
            platform::write_whole(path, (Readers::Owner, existing), |out| out.write_all(&self.0));
        written.map_err(|error| BundleError::Write(path.display().to_string(), error))
    }
}
