//! Quotation marks that are never closed.
//!
//! A mark at the start of a field reaches to the mark that closes it, over ends of lines too. One that is
//! forgotten would take the rest of the file with it. So each is followed to its end before it is passed on,
//! and one whose end is too far away is passed on as [`OPEN`], which is not a mark.

use std::io::{self, Read};

/// The byte that replaces an opening mark that is never closed.
pub(in crate::import) const OPEN: u8 = 0;
/// The longest text that counts as a record: real ones have about a hundred bytes.
const LONGEST_RECORD_BYTES: usize = 1 << 20;
const CHUNK_BYTES: usize = 1 << 16;
const QUOTE: u8 = b'"';

/// The bytes of a table whose quotation marks are all closed, and whose last line ends.
pub(in crate::import) struct Closed<R> {
    source: R,
    delimiter: u8,
    buffer: Vec<u8>,
    /// The number of bytes of the buffer that have been passed on; `checked` is how many may be.
    passed: usize,
    checked: usize,
    /// The last byte before `checked`.
    last: u8,
    /// How long the record is that is being checked.
    record: usize,
    ended: bool,
}

impl<R: Read> Closed<R> {
    pub(in crate::import) fn new(source: R, delimiter: u8) -> Self {
        Self { source, delimiter, buffer: Vec::new(), passed: 0, checked: 0, last: b'\n', record: 0, ended: false }
    }

    /// Reads on; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        // What has been passed on makes room.
        self.buffer.drain(..self.passed);
        (self.checked, self.passed) = (self.checked - self.passed, 0);
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK_BYTES, 0);
        let read = self.source.read(&mut self.buffer[filled..]);
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        // The last line ends like every other.
        let open_end = self.ended && *self.buffer.last().unwrap_or(&self.last) != b'\n';
        self.buffer.extend(open_end.then_some(b'\n'));
        Ok(!self.ended || open_end)
    }

    /// Checks as far as the buffer reaches, and at least one byte.
    fn check(&mut self) -> io::Result<()> {
        while self.checked < self.buffer.len() {
            let rest = &self.buffer[self.checked..];
            let Some(at) = memchr::memchr(QUOTE, rest) else {
                self.pass(rest.len());
                break;
            };
            let before = if at == 0 { self.last } else { rest[at - 1] };
            self.pass(at);
            if before != self.delimiter && before != b'\n' {
                self.pass(1);
                continue;
            }
            match self.closing()? {
                Some(len) => {
                    // Ends of lines within the marks are part of the record.
                    self.last = QUOTE;
                    self.checked += len;
                    self.record += len;
                }
                None => {
                    self.buffer[self.checked] = OPEN;
                    self.pass(1);
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, len: usize) {
        let bytes = &self.buffer[self.checked..self.checked + len];
        let Some(&last) = bytes.last() else { return };
        self.record = memchr::memrchr(b'\n', bytes).map_or(self.record + len, |end| len - end - 1);
        self.last = last;
        self.checked += len;
    }

    /// How long the text is from the mark at `checked` to the one that closes it.
    fn closing(&mut self) -> io::Result<Option<usize>> {
        let mut len = 1;
        loop {
            let rest = &self.buffer[self.checked + len..];
            match memchr::memchr(QUOTE, rest) {
                // Two marks stand for one.
                Some(at) if rest.get(at + 1) == Some(&QUOTE) => len += at + 2,
                Some(at) if at + 1 < rest.len() || self.ended => return Ok(Some(len + at + 1)),
                Some(at) => len += at,
                None => len += rest.len(),
            }
            if self.record + len > LONGEST_RECORD_BYTES {
                return Ok(None);
            }
            let more = self.checked + len >= self.buffer.len() || self.buffer[self.checked + len..].len() < 2;
            if more && !self.fill()? {
                return Ok(match self.buffer.get(self.checked + len..) {
                    Some([QUOTE]) => Some(len + 1),
                    _ => None,
                });
            }
        }
    }
}

impl<R: Read> Read for Closed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.passed == self.checked {
            if self.checked == self.buffer.len() && !self.fill()? {
                return Ok(0);
            }
            self.check()?;
        }
        let len = buffer.len().min(self.checked - self.passed);
        buffer[..len].copy_from_slice(&self.buffer[self.passed..self.passed + len]);
        self.passed += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(text: &str) -> String {
        let mut out = String::new();
        Closed::new(text.as_bytes(), b',').read_to_string(&mut out).unwrap();
        out.replace(OPEN as char, "?")
    }

    #[test]
    fn marks_that_close_stay_and_others_become_none() {
        for (text, expected) in [
            ("a,\"b\",c\n", "a,\"b\",c\n"),
            ("a,\"b\n\"\"c\"\nd\n", "a,\"b\n\"\"c\"\nd\n"),
            ("a,\"b\nc,d\n", "a,?b\nc,d\n"),
            ("a,\"b\"\"\nc", "a,?b\"\"\nc\n"),
            ("a\"b\n\"c", "a\"b\n?c\n"),
            ("\"", "?\n"),
            ("\"\"", "\"\"\n"),
            ("\"\"\"", "?\"\"\n"),
            ("\"a\"", "\"a\"\n"),
            ("a,\"\"\"\"", "a,\"\"\"\"\n"),
            ("", ""),
        ] {
            assert_eq!(closed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_mark_that_is_closed_too_far_away_is_open() {
        let near = format!("\"{}\"\n", "a\n".repeat(500_000));
        assert_eq!(closed(&near), near);
        let far = format!("\"{}\"\n", "a\n".repeat(600_000));
        assert!(closed(&far).starts_with("?a\n"));
    }

    proptest::proptest! {
        #[test]
        fn a_table_without_open_marks_is_left_alone(
            fields in proptest::collection::vec(("[a-c\"\n,]{0,9}", proptest::bool::ANY), 1..200),
        ) {
            let mut text = String::new();
            for (field, end) in fields {
                text.extend(["\"", &field.replace('"', "\"\""), "\"", if end { "\n" } else { "," }]);
            }
            text.push('\n');
            proptest::prop_assert_eq!(closed(&text), text);
        }
    }
}
