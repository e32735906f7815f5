//! Frames on a stream of bytes: each with its length before it, checked before anything is allocated.

use std::io::{self, Read, Write};

use super::hello::{Greeting, LISTED_BYTES, SHEETS_A_PAGE};
use super::{Reply, Request, SHEET_HEADER_BYTES};
use crate::scheme::{Column, ColumnSet, LimbSums, ParameterSet};

/// Why a stream has no further frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// A frame says that it is larger than any may be. Its first four bytes may as well be text of another program.
    #[error("a message of {} bytes was announced, and none may have more than {most}", u32::from_le_bytes(*.start))]
    TooLarge {
        /// The four bytes that were read as its length.
        start: [u8; 4],
        /// The most that a frame may have.
        most: usize,
    },
    /// The stream ended within a frame.
    #[error("the line ended within a message")]
    Cut,
    /// The stream cannot be read.
    #[error(transparent)]
    Io(io::Error),
}

/// Writes a frame, with its length before it.
pub fn write_frame(out: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    out.write_all(&(frame.len() as u32).to_le_bytes())?;
    out.write_all(frame)
}

/// Reads the next frame of at most `most` bytes; `None` where the stream ends.
pub fn read_frame(input: &mut impl Read, most: usize) -> Result<Option<Vec<u8>>, FrameError> {
    let mut start = Vec::with_capacity(4);
    input.by_ref().take(4).read_to_end(&mut start).map_err(FrameError::Io)?;
    let start: [u8; 4] = match start.try_into() {
        Ok(start) => start,
        Err(start) if start.is_empty() => return Ok(None),
        Err(_) => return Err(FrameError::Cut),
    };
    let len = u32::from_le_bytes(start) as usize;
    if len > most {
        return Err(FrameError::TooLarge { start, most });
    }
    let mut frame = Vec::with_capacity(len);
    input.by_ref().take(len as u64).read_to_end(&mut frame).map_err(FrameError::Io)?;
    if frame.len() == len { Ok(Some(frame)) } else { Err(FrameError::Cut) }
}

/// The most bytes of a frame to a server that answers so many sums a request, over so many sheets in all.
pub fn largest_request(sums: u32, sheets: u64) -> usize {
    let every: ColumnSet = Column::all().collect();
    let put = Request::PUT_HEADER_BYTES + SHEET_HEADER_BYTES + every.bytes();
    // A range names at least one sheet.
    let sum = 1 + 4 + 4 + u64::from(sums) * 5 + sheets.saturating_mul(8);
    usize::try_from(sum).unwrap_or(usize::MAX).max(put)
}

/// The most bytes of a frame from a server.
pub fn largest_reply() -> usize {
    let sums = ParameterSet::ALL.iter().flat_map(|&parameters| {
        Column::all().map(move |column| Reply::ANSWER_HEADER_BYTES + LimbSums::byte_len(parameters, column))
    });
    sums.max().unwrap_or(0).max(1 + Greeting::BYTES).max(1 + 4 + SHEETS_A_PAGE * LISTED_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_and_a_cut_is_noticed() {
        let frames = [vec![], vec![7; 300], vec![1]];
        let mut line = Vec::new();
        for frame in &frames {
            write_frame(&mut line, frame).unwrap();
        }
        let mut input = &line[..];
        for frame in &frames {
            assert_eq!(read_frame(&mut input, 300).unwrap().as_ref(), Some(frame));
        }
        assert!(read_frame(&mut input, 300).unwrap().is_none());
        for len in (1..line.len()).filter(|len| ![4, 308].contains(len)) {
            let mut input = &line[..len];
            let end = std::iter::repeat_with(|| read_frame(&mut input, 300)).find(|read| !matches!(read, Ok(Some(_))));
            assert!(matches!(end, Some(Err(FrameError::Cut))), "cut to {len}");
        }
    }

    #[test]
    fn a_frame_that_is_too_large_is_refused_before_it_is_read() {
        let line = [&301u32.to_le_bytes()[..], &[0; 301]].concat();
        let mut input = &line[..];
        assert!(matches!(read_frame(&mut input, 300), Err(FrameError::TooLarge { .. })));
        assert_eq!(input.len(), 301, "nothing of it was read");
        let text = read_frame(&mut &b"Welcome to nas"[..], largest_reply());
        assert!(matches!(text, Err(FrameError::TooLarge { start, .. }) if &start == b"Welc"));
    }

    #[test]
    fn the_largest_frames_are_those_that_both_sides_can_make() {
        // The column of the days under two mask polynomials; and the list.
        assert_eq!(largest_reply(), 9 + (2 * 2048 + 1792) * 12 + 16);
        assert_eq!(largest_request(0, 0), 5 + 5 + 27 * 32 + 6 * (2 * 2016 + 25 * 1792));
        assert_eq!(largest_request(1 << 16, 1_000_000), 9 + 5 * 65_536 + 8_000_000);
    }
}
