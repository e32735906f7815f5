//! Pictures of charts, as PNG files.

use std::io;
use std::path::Path;

use crate::jobs::bundles::{BundleError, may_write, unwritten};
use crate::platform::{self, Readers};

/// A picture: rows of red, green, blue, one byte each, without gaps.
#[derive(Clone)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Three bytes a pixel.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Writes the picture as a PNG file.
    pub(super) fn write(&self, path: &Path) -> Result<(), BundleError> {
        let existing = may_write(path, None, &[])?;
        let height = self.pixels.len() as u32 / 3 / self.width.max(1);
        let written: io::Result<()> = platform::write_whole(path, (Readers::Owner, existing), |out| {
            let mut encoder = png::Encoder::new(out, self.width, height);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.pixels)?;
            Ok(writer.finish()?)
        });
        written.map_err(|error| unwritten(path, error))
    }
}
