//! A limit to the length of lines, so that memory stays bounded whatever a file holds.

use std::io::{self, Read};

/// The longest line of a table. Real ones have some hundred bytes.
const LONGEST_LINE_BYTES: usize = 1 << 20;

/// Passes bytes on until a line is too long to be one.
pub(super) struct LineLimit<R> {
    source: R,
    in_line: usize,
}

impl<R: Read> LineLimit<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, in_line: 0 }
    }
}

impl<R: Read> Read for LineLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.in_line = match buffer[..read].iter().rposition(|&b| b == b'\n') {
            Some(last) => read - last - 1,
            None => self.in_line + read,
        };
        if self.in_line > LONGEST_LINE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 1 MiB: this is no table"));
        }
        Ok(read)
    }
}
