//! The replies that a server may send to a client.

use super::hello::{Greeting, Page, SheetDigest, read_page, write_page};
use super::request::{RequestId, SheetId};
use crate::fields::{Fields, Malformed};

/// Why a server did not do what it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[repr(u8)]
pub enum Refusal {
    /// The frame does not follow the format.
    #[error("the frame does not follow the format")]
    Malformed = 1,
    /// A sum names a sheet that is not there.
    #[error("it does not hold one of the sheets")]
    MissingSheet = 2,
    /// A sum names a sheet twice, or its ranges do not ascend.
    #[error("a sheet is named twice")]
    Overlap = 3,
    /// A sum names no sheet.
    #[error("the sum names no sheet")]
    Empty = 4,
    /// A sum covers more than can be decrypted without error.
    #[error("the sum covers too many sheets")]
    OverCapacity = 5,
    /// A sheet lacks the column that is asked for.
    #[error("a sheet lacks the column")]
    MissingColumn = 6,
    /// The sheets of a sum, or the columns of one, were encrypted under different parameters.
    #[error("the sheets have different parameters")]
    MixedParameters = 7,
    /// The request was cancelled.
    #[error("the request was cancelled")]
    Cancelled = 8,
    /// The server failed in a way that it did not foresee; it goes on.
    #[error("it failed unexpectedly")]
    Panicked = 9,
    /// A column was sent for a sheet that has it already.
    #[error("the sheet has that column already")]
    ColumnThere = 10,
    /// There is no room for a sheet.
    #[error("its store is full; it was started with a limit on the bytes that it keeps")]
    StoreFull = 11,
    /// It holds as many sheets as it may.
    #[error("it holds as many sheets as it was allowed to")]
    TooManySheets = 12,
    /// A request asks for more sums than it may.
    #[error("the question has more sums than it was allowed to answer at once; ask for fewer days or longer windows")]
    TooManySums = 13,
    /// The sums of a request cover more sheets than they may.
    #[error("the question is more work than it was allowed to do at once; ask for fewer days or longer windows")]
    TooMuchWork = 14,
}

impl Refusal {
    fn from_u8(value: u8) -> Option<Self> {
        use Refusal::{
            Cancelled, ColumnThere, Empty, Malformed, MissingColumn, MissingSheet, MixedParameters, OverCapacity,
            Overlap, Panicked, StoreFull, TooManySheets, TooManySums, TooMuchWork,
        };
        let faults = [Malformed, MissingSheet, Overlap, Empty, OverCapacity, MissingColumn, MixedParameters];
        let all = faults.into_iter().chain([Cancelled, Panicked, ColumnThere]);
        let mut all = all.chain([StoreFull, TooManySheets, TooManySums, TooMuchWork]);
        all.find(|&refusal| refusal as u8 == value)
    }
}

/// A refusal and what it is about, as far as the server could tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The sum request.
    pub request: Option<RequestId>,
    /// The place of the sum in its request.
    pub index: Option<u32>,
    /// The sheet.
    pub sheet: Option<SheetId>,
}

impl Refused {
    /// A refusal about nothing that could be named.
    pub fn new(refusal: Refusal) -> Self {
        Self { refusal, request: None, index: None, sheet: None }
    }
}

/// How far a sum request is. It has ended when `done` equals `total`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The sum request.
    pub request: RequestId,
    /// Sums answered or refused so far.
    pub done: u32,
    /// Sums in the request.
    pub total: u32,
    /// Time that the server says it has computed for this request.
    pub nanos: u64,
}

/// A frame from the server to the client.
pub enum Reply<'a> {
    /// The bytes of one sum, not yet parsed: only the client knows which column it asked for.
    Answer {
        /// The sum request.
        request: RequestId,
        /// The place of the sum in its request.
        index: u32,
        /// Limb sums and tag.
        sums: &'a [u8],
    },
    /// How far a request is.
    Progress(Progress),
    /// Something was not done.
    Refused(Refused),
    /// Who the server is, and what it holds.
    Greeting(Greeting),
    /// A part of the list of what it holds.
    Listed(Page),
}

pub(super) const ANSWER: u8 = 17;
pub(super) const PROGRESS: u8 = 18;
pub(super) const REFUSED: u8 = 19;
pub(super) const GREETING: u8 = 20;
pub(super) const LISTED: u8 = 21;
/// Stands for "none" where a refusal names a request, an index or a sheet.
const NONE: u64 = u64::MAX;

impl<'a> Reply<'a> {
    /// Parses a frame.
    pub fn parse(frame: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(frame);
        match fields.u8()? {
            ANSWER => {
                let (request, index) = (RequestId(fields.u32()?), fields.u32()?);
                Ok(Self::Answer { request, index, sums: fields.rest() })
            }
            PROGRESS => {
                let request = RequestId(fields.u32()?);
                let progress = Progress { request, done: fields.u32()?, total: fields.u32()?, nanos: fields.u64()? };
                fields.end()?;
                Ok(Self::Progress(progress))
            }
            REFUSED => {
                let refusal = Refusal::from_u8(fields.u8()?).ok_or(Malformed)?;
                let mut optional = || match fields.u64()? {
                    NONE => Ok(None),
                    value => u32::try_from(value).map(Some).map_err(|_| Malformed),
                };
                let (request, index, sheet) = (optional()?, optional()?, optional()?);
                fields.end()?;
                Ok(Self::Refused(Refused {
                    refusal,
                    request: request.map(RequestId),
                    index,
                    sheet: sheet.map(SheetId),
                }))
            }
            GREETING => {
                let greeting = Greeting::read(&mut fields)?;
                fields.end()?;
                Ok(Self::Greeting(greeting))
            }
            LISTED => {
                let page = read_page(&mut fields)?;
                fields.end()?;
                Ok(Self::Listed(page))
            }
            _ => Err(Malformed),
        }
    }

    /// A part of a list, of at most [`SHEETS_A_PAGE`](super::hello::SHEETS_A_PAGE) sheets, as a frame.
    pub fn listed(page: &[(SheetId, SheetDigest)]) -> Vec<u8> {
        let mut frame = vec![LISTED];
        write_page(&mut frame, page);
        frame
    }

    /// Bytes of an answer frame before the sum itself.
    pub const ANSWER_HEADER_BYTES: usize = 9;

    /// An answer frame up to where the sum's bytes begin, with room for them.
    pub fn answer(request: RequestId, index: u32, sum_bytes: usize) -> Vec<u8> {
        let mut frame = Vec::with_capacity(Self::ANSWER_HEADER_BYTES + sum_bytes);
        frame.push(ANSWER);
        frame.extend_from_slice(&request.0.to_le_bytes());
        frame.extend_from_slice(&index.to_le_bytes());
        frame
    }
}

impl Greeting {
    /// The frame of this greeting.
    pub fn to_frame(self) -> Vec<u8> {
        let mut frame = vec![GREETING];
        self.write(&mut frame);
        frame
    }
}

impl Progress {
    /// The frame of this report.
    pub fn to_frame(self) -> Vec<u8> {
        let mut frame = vec![PROGRESS];
        frame.extend_from_slice(&self.request.0.to_le_bytes());
        frame.extend_from_slice(&self.done.to_le_bytes());
        frame.extend_from_slice(&self.total.to_le_bytes());
        frame.extend_from_slice(&self.nanos.to_le_bytes());
        frame
    }
}

impl Refused {
    /// The frame of this refusal.
    pub fn to_frame(self) -> Vec<u8> {
        let mut frame = vec![REFUSED, self.refusal as u8];
        for value in [self.request.map(|id| id.0), self.index, self.sheet.map(|id| id.0)] {
            frame.extend_from_slice(&value.map_or(NONE, u64::from).to_le_bytes());
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::hello::{Files, Sandbox, StoreDigest, StoreId, Version};

    #[test]
    fn replies_survive_their_frames_and_nothing_shorter_or_longer_does() {
        let progress = Progress { request: RequestId(3), done: 4, total: 9, nanos: 1 << 40 };
        let refused = Refused {
            refusal: Refusal::Overlap,
            request: Some(RequestId(3)),
            index: None,
            sheet: Some(SheetId(u32::MAX)),
        };
        let frame = progress.to_frame();
        assert!(matches!(Reply::parse(&frame), Ok(Reply::Progress(back)) if back == progress));
        let other = refused.to_frame();
        assert!(matches!(Reply::parse(&other), Ok(Reply::Refused(back)) if back == refused));
        let greeting = Greeting {
            protocol: 1,
            version: Version([0, 1, 2]),
            store: StoreId([3; 16]),
            kept: true,
            sandbox: Sandbox { no_new_privileges: true, not_dumpable: false, files: Files::Closed },
            sheets: 4,
            bytes: 5,
            digest: StoreDigest([6; 32]),
        };
        let hello = greeting.to_frame();
        assert!(matches!(Reply::parse(&hello), Ok(Reply::Greeting(back)) if back == greeting));
        let page = [(SheetId(1), SheetDigest([1; 32])), (SheetId(7), SheetDigest([2; 32]))];
        let list = Reply::listed(&page);
        assert!(matches!(Reply::parse(&list), Ok(Reply::Listed(back)) if back == page));
        let backwards = Reply::listed(&[page[1], page[0]]);
        assert!(Reply::parse(&backwards).is_err() && Reply::parse(&Reply::listed(&[page[0]; 2])).is_err());
        for frame in [frame, other, hello, list] {
            for len in 0..frame.len() {
                assert!(Reply::parse(&frame[..len]).is_err());
            }
            assert!(Reply::parse(&[&frame[..], &[0]].concat()).is_err());
        }
    }
}
