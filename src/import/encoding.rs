//! Text of any encoding, as UTF-8.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::source::Source;

const BUFFER_BYTES: usize = 1 << 16;
/// How much of a file is enough to detect its encoding.
const DETECT_BYTES: u64 = 4 << 20;

/// The encoding of a text. A file that is UTF-8 but for some damaged lines is still UTF-8.
pub(super) fn detect(source: &mut dyn Source) -> io::Result<&'static Encoding> {
    let head = source.head(BUFFER_BYTES)?;
    if let Some((encoding, _)) = Encoding::for_bom(&head) {
        return Ok(encoding);
    }
    if let Some(encoding) = unmarked_utf16(&head) {
        return Ok(encoding);
    }
    let (mut valid, mut invalid) = (0usize, 0usize);
    let mut reader = source.open()?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut kept = 0;
    loop {
        let read = reader.read(&mut buffer[kept..])?;
        let filled = kept + read;
        let rest = count(&buffer[..filled], &mut valid, &mut invalid, read == 0);
        if read == 0 {
            break;
        }
        buffer.copy_within(filled - rest..filled, 0);
        kept = rest;
    }
    drop(reader);
    if invalid == 0 || valid > invalid {
        return Ok(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let mut reader = source.open()?.take(DETECT_BYTES);
    loop {
        let read = reader.read(&mut buffer)?;
        detector.feed(&buffer[..read], read == 0);
        if read == 0 {
            return Ok(detector.guess(None, Utf8Detection::Deny));
        }
    }
}

/// Bytes without the mark that starts some texts in UTF-8.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// UTF-16 without its mark: every other byte of plain text is zero.
pub(super) fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    match (zeros(0) * 3 > head.len(), zeros(1) * 3 > head.len()) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

/// Counts characters beyond ASCII that are UTF-8, and bytes that are not. Returns how many bytes at
/// the end are the start of a character.
fn count(mut bytes: &[u8], valid: &mut usize, invalid: &mut usize, last: bool) -> usize {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                *valid += if text.is_ascii() { 0 } else { text.chars().filter(|c| !c.is_ascii()).count() };
                return 0;
            }
            Err(error) => {
                let (good, rest) = bytes.split_at(error.valid_up_to());
                *valid += good.iter().filter(|&&byte| byte >= 0xc0).count();
                match error.error_len() {
                    None if !last => return rest.len(),
                    None => {
                        *invalid += 1;
                        return 0;
                    }
                    Some(len) => {
                        *invalid += 1;
                        bytes = &rest[len..];
                    }
                }
            }
        }
    }
}

/// The text as UTF-8, without a mark at its start; what is not UTF-8 becomes U+FFFD.
pub(super) fn repaired<'a>(source: Box<dyn Read + 'a>) -> Box<dyn Read + 'a> {
    let mut builder = DecodeReaderBytesBuilder::new();
    Box::new(builder.bom_override(true).strip_bom(true).encoding(Some(UTF_8)).build(source))
}

/// The text as UTF-8, without a mark at its start. Bytes that are not UTF-8 in a text that is come
/// through as they are: their lines are refused.
pub(super) fn decoded<'a>(source: Box<dyn Read + 'a>, encoding: &'static Encoding) -> Box<dyn Read + 'a> {
    if encoding == UTF_8 {
        return Box::new(WithoutMark { source, first: true });
    }
    let mut builder = DecodeReaderBytesBuilder::new();
    Box::new(builder.bom_override(true).strip_bom(true).encoding(Some(encoding)).build(source))
}

/// Whether the lines of a text end in carriage returns alone, as on old Macintoshes.
pub(super) fn ends_in_returns(head: &[u8]) -> bool {
    head.contains(&b'\r') && !head.contains(&b'\n')
}

/// Passes carriage returns on as line feeds.
pub(super) struct Returns<R>(pub(super) R);

impl<R: Read> Read for Returns<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        buffer[..read].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        Ok(read)
    }
}

/// Passes everything on but a mark at the start.
struct WithoutMark<R> {
    source: R,
    first: bool,
}

const MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: Read> Read for WithoutMark<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.first || buffer.len() < MARK.len() {
            return self.source.read(buffer);
        }
        self.first = false;
        let mut read = 0;
        while read < MARK.len() {
            match self.source.read(&mut buffer[read..])? {
                0 => return Ok(read),
                more => read += more,
            }
        }
        if buffer.starts_with(MARK) {
            buffer.copy_within(MARK.len()..read, 0);
            read -= MARK.len();
            // Nothing left is not the end.
            if read == 0 {
                return self.source.read(buffer);
            }
        }
        Ok(read)
    }
}
