//! Frames in words: what each of their bytes means.

use std::ops::Range;

use super::reply::Reply;
use super::request::{Request, RequestId, SheetId, SheetRange, SumQuestion};
use super::{Progress, Refused, SheetView, reply, request};
use crate::scheme::{Column, SLOT_BYTES, TAG_BYTES, WORD_SUM_BYTES};

/// The kind of a frame, by its first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind {
    /// Columns of a sheet to keep.
    Put,
    /// A sheet to forget.
    Drop,
    /// Sums that are asked for.
    Sum,
    /// Sums that are not wanted any more.
    Cancel,
    /// A hello.
    Hello,
    /// A list that is asked for.
    List,
    /// Every sheet to be forgotten.
    Forget,
    /// A sum.
    Answer,
    /// The progress of a request.
    Progress,
    /// A refusal: something was not done.
    Refused,
    /// Who the server is.
    Greeting,
    /// A part of what it holds.
    Listed,
    /// None of these.
    Unknown,
}

impl FrameKind {
    /// The kind of a frame.
    pub fn of(frame: &[u8]) -> Self {
        let Some(&kind) = frame.first() else { return Self::Unknown };
        match kind {
            request::PUT => Self::Put,
            request::DROP => Self::Drop,
            request::SUM => Self::Sum,
            request::CANCEL => Self::Cancel,
            request::HELLO => Self::Hello,
            request::LIST => Self::List,
            request::FORGET => Self::Forget,
            reply::ANSWER => Self::Answer,
            reply::PROGRESS => Self::Progress,
            reply::REFUSED => Self::Refused,
            reply::GREETING => Self::Greeting,
            reply::LISTED => Self::Listed,
            _ => Self::Unknown,
        }
    }

    /// The kind in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Put => "keep this sheet",
            Self::Drop => "forget this sheet",
            Self::Sum => "add up",
            Self::Cancel => "stop adding up",
            Self::Hello => "hello",
            Self::List => "list your sheets",
            Self::Forget => "forget all sheets",
            Self::Answer => "a sum, encrypted",
            Self::Progress => "progress",
            Self::Refused => "refused",
            Self::Greeting => "hello, and what is there",
            Self::Listed => "sheets that are there",
            Self::Unknown => "unknown",
        }
    }
}

/// The subject of a frame, as far as its first bytes say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Subject {
    /// The sum request.
    pub request: Option<RequestId>,
    /// The place of the sum in its request.
    pub index: Option<u32>,
    /// The sheet.
    pub sheet: Option<SheetId>,
}

impl Subject {
    /// Reads the subject of a frame.
    pub fn of(frame: &[u8]) -> Self {
        let number = |at: usize| Some(u32::from_le_bytes(*frame.get(at..)?.first_chunk()?));
        match FrameKind::of(frame) {
            FrameKind::Put | FrameKind::Drop | FrameKind::List => {
                Self { sheet: number(1).map(SheetId), ..Self::default() }
            }
            FrameKind::Answer => Self { request: number(1).map(RequestId), index: number(5), sheet: None },
            FrameKind::Sum | FrameKind::Cancel | FrameKind::Progress => {
                Self { request: number(1).map(RequestId), ..Self::default() }
            }
            FrameKind::Refused => match Reply::parse(frame) {
                Ok(Reply::Refused(Refused { request, index, sheet, .. })) => Self { request, index, sheet },
                _ => Self::default(),
            },
            FrameKind::Hello | FrameKind::Forget | FrameKind::Greeting | FrameKind::Listed | FrameKind::Unknown => {
                Self::default()
            }
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self { sheet: Some(SheetId(sheet)), .. } => write!(f, "sheet {sheet}"),
            Self { request: Some(RequestId(request)), index: Some(index), .. } => {
                write!(f, "request {request}, sum {index}")
            }
            Self { request: Some(RequestId(request)), .. } => write!(f, "request {request}"),
            Self { .. } => Ok(()),
        }
    }
}

/// Some bytes of a frame, and what they mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meaning {
    /// Where the bytes stand.
    pub range: Range<usize>,
    /// The meaning in words.
    pub words: String,
}

/// Meanings, one after the other.
#[derive(Default)]
struct Meanings(Vec<Meaning>);

impl Meanings {
    /// The next `len` bytes.
    fn next(&mut self, len: usize, words: impl Into<String>) {
        let from = self.0.last().map_or(0, |last| last.range.end);
        self.0.push(Meaning { range: from..from + len, words: words.into() });
    }
}

/// Explains every byte of a frame, in order and without gaps.
pub fn explain(frame: &[u8]) -> Vec<Meaning> {
    let mut meanings = Meanings::default();
    let kind = FrameKind::of(frame);
    meanings.next(1, format!("kind of message: {}", kind.name()));
    let known = match kind {
        FrameKind::Put
        | FrameKind::Drop
        | FrameKind::Sum
        | FrameKind::Cancel
        | FrameKind::Hello
        | FrameKind::List
        | FrameKind::Forget => request_meanings(frame, &mut meanings),
        FrameKind::Answer | FrameKind::Progress | FrameKind::Refused | FrameKind::Greeting | FrameKind::Listed => {
            reply_meanings(frame, &mut meanings)
        }
        FrameKind::Unknown => None,
    };
    if known.is_none() {
        return vec![Meaning { range: 0..frame.len(), words: "not a message of this protocol".into() }];
    }
    meanings.0
}

fn request_meanings(frame: &[u8], meanings: &mut Meanings) -> Option<()> {
    match Request::parse(frame).ok()? {
        Request::Put(SheetId(id), sheet) => {
            meanings.next(4, format!("number of the sheet: {id}"));
            sheet_meanings(sheet, meanings);
        }
        Request::Drop(SheetId(id)) => meanings.next(4, format!("number of the sheet: {id}")),
        Request::Cancel(RequestId(id)) => meanings.next(4, format!("number of the request: {id}")),
        Request::Hello(protocol) => meanings.next(4, format!("version of the protocol: {protocol}")),
        Request::List(SheetId(id)) => meanings.next(4, format!("from the sheet of this number on: {id}")),
        Request::Forget => {}
        Request::Sum(sum) => {
            meanings.next(4, format!("number of the request: {}", sum.id.0));
            meanings.next(4, format!("sums that are asked for: {}", sum.sums.len()));
            for (index, SumQuestion { column, ranges }) in sum.sums.iter().enumerate() {
                let bytes = 1 + 4 + 8 * ranges.len();
                meanings.next(bytes, format!("sum {index}: the column {} of {}", column.name(), ranges_words(ranges)));
            }
        }
    }
    Some(())
}

fn sheet_meanings(sheet: SheetView<'_>, meanings: &mut Meanings) {
    let header = sheet.header();
    let columns: Vec<&str> = header.columns.iter().map(Column::name).collect();
    meanings.next(1, format!("parameters: {}", header.parameters.name()));
    meanings.next(4, format!("columns: {}", columns.join(", ")));
    for column in header.columns.iter() {
        let (name, slots) = (column.name(), column.slots());
        meanings.next(16, format!("{name}: seed of the mask, used once and not secret"));
        let what = match column {
            Column::RATE => "five-minute cells",
            Column::SQUARES => "halves of squares",
            _ => "bins of seven days",
        };
        let words = format!("{name}: {slots} encrypted {what} of {} bits, the same for every week", SLOT_BYTES * 8);
        meanings.next(slots * SLOT_BYTES, words);
        meanings.next(TAG_BYTES, format!("{name}: tag, which later shows whether a sum includes this sheet"));
    }
}

fn ranges_words(ranges: &[SheetRange]) -> String {
    let sheets: u64 = ranges.iter().map(|range| u64::from(range.count)).sum();
    let listed = ranges.iter().take(3).map(|range| match range.count {
        1 => format!("{}", range.first.0),
        _ => format!("{} to {}", range.first.0, range.end() - 1),
    });
    let more = if ranges.len() > 3 { ", …" } else { "" };
    let noun = if sheets == 1 { "sheet" } else { "sheets" };
    format!("{sheets} {noun}: {}{more}", listed.collect::<Vec<_>>().join(", "))
}

fn reply_meanings(frame: &[u8], meanings: &mut Meanings) -> Option<()> {
    match Reply::parse(frame).ok()? {
        Reply::Answer { request, index, sums } => {
            let limbs = sums.len().checked_sub(TAG_BYTES)?;
            meanings.next(4, format!("number of the request: {}", request.0));
            meanings.next(4, format!("number of the sum in it: {index}"));
            let words = limbs / WORD_SUM_BYTES;
            meanings
                .next(limbs, format!("the sum: {words} words, their low and high halves separate, still encrypted"));
            meanings.next(TAG_BYTES, "sum of the tags: if anything was left out or changed, it does not fit");
        }
        Reply::Progress(Progress { request, done, total, nanos }) => {
            meanings.next(4, format!("number of the request: {}", request.0));
            meanings.next(4, format!("sums done: {done}"));
            meanings.next(4, format!("sums in all: {total}"));
            meanings.next(8, format!("time spent on it: {:.3} ms", nanos as f64 / 1e6));
        }
        Reply::Greeting(greeting) => {
            meanings.next(4, format!("version of the protocol: {}", greeting.protocol));
            meanings.next(6, format!("version of the server's program: {}", greeting.version));
            meanings.next(16, "name of its store, at random");
            let kept = if greeting.kept { "yes" } else { "no" };
            meanings.next(1, format!("keeps sheets beyond this connection: {kept}"));
            meanings.next(1, format!("what holds it back: {}", greeting.sandbox.words()));
            meanings.next(4, format!("sheets that it holds: {}", greeting.sheets));
            meanings.next(8, format!("bytes of these: {}", greeting.bytes));
            meanings.next(32, "digest of their numbers, columns and seeds");
        }
        Reply::Listed(page) => {
            meanings.next(4, format!("sheets that follow: {}", page.len()));
            for (SheetId(id), _) in page {
                meanings.next(4 + 32, format!("sheet {id}: digest of its columns and seeds"));
            }
        }
        Reply::Refused(Refused { refusal, request, index, sheet }) => {
            meanings.next(1, format!("why: {refusal}"));
            let or_none = |number: Option<u32>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
            meanings.next(8, format!("number of the request: {}", or_none(request.map(|id| id.0))));
            meanings.next(8, format!("number of the sum in it: {}", or_none(index)));
            meanings.next(8, format!("number of the sheet: {}", or_none(sheet.map(|id| id.0))));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        Greeting, Refusal, Sandbox, SheetDigest, SheetHeader, StoreDigest, StoreId, SumRequest, Version,
    };
    use crate::scheme::{ColumnSet, ParameterSet};

    fn put() -> Vec<u8> {
        let header = SheetHeader { parameters: ParameterSet::Standard, columns: ColumnSet::WEEK };
        let mut frame = Request::put(SheetId(9));
        frame.extend_from_slice(&header.to_bytes());
        frame.resize(frame.len() + header.columns.bytes(), 0);
        frame
    }

    #[test]
    fn every_byte_of_every_frame_has_one_meaning() {
        let range = |first, count| SheetRange { first: SheetId(first), count };
        let sums = vec![
            SumQuestion { column: Column::RATE, ranges: vec![range(0, 3), range(9, 1)] },
            SumQuestion { column: Column::DAYS, ranges: vec![range(4, 1)] },
        ];
        let answer = [Reply::answer(RequestId(1), 2, 0), vec![0; 24 + TAG_BYTES]].concat();
        let refused = Refused { request: Some(RequestId(5)), ..Refused::new(Refusal::MissingSheet) };
        let frames = [
            put(),
            Request::drop_sheet(SheetId(1)),
            Request::cancel(RequestId(2)),
            SumRequest { id: RequestId(3), sums }.to_frame(),
            answer,
            Progress { request: RequestId(3), done: 1, total: 2, nanos: 1_500_000 }.to_frame(),
            refused.to_frame(),
            Request::hello(),
            Request::list(SheetId(4)),
            Request::forget(),
            Greeting {
                protocol: 1,
                version: Version::own(),
                store: StoreId([1; 16]),
                kept: false,
                sandbox: Sandbox::default(),
                sheets: 0,
                bytes: 0,
                digest: StoreDigest::of([]),
            }
            .to_frame(),
            Reply::listed(&[(SheetId(3), SheetDigest([0; 32]))]),
            vec![99, 1, 2],
            vec![1, 2, 3],
            vec![],
        ];
        for frame in frames {
            let meanings = explain(&frame);
            let mut at = 0;
            for meaning in &meanings {
                assert_eq!(meaning.range.start, at, "{meanings:?}");
                at = meaning.range.end;
            }
            assert_eq!(at, frame.len(), "{meanings:?}");
        }
    }

    #[test]
    fn meanings_are_those_of_the_bytes() {
        let words = |frame: &[u8]| explain(frame).into_iter().map(|meaning| meaning.words).collect::<Vec<_>>();
        let said = words(&put());
        assert_eq!(said[..2], ["kind of message: keep this sheet", "number of the sheet: 9"]);
        let rates = "rate: 2016 encrypted five-minute cells of 48 bits, the same for every week";
        assert!(said.contains(&rates.to_owned()), "{said:?}");
        let days = "days: 1792 encrypted bins of seven days of 48 bits, the same for every week";
        assert!(said.contains(&days.to_owned()), "{said:?}");
        let question = SumQuestion { column: Column::RATE, ranges: vec![SheetRange { first: SheetId(4), count: 9 }] };
        let said = words(&SumRequest { id: RequestId(3), sums: vec![question] }.to_frame());
        assert_eq!(said[3], "sum 0: the column rate of 9 sheets: 4 to 12");
        assert_eq!(Subject::of(&put()).sheet, Some(SheetId(9)));
        let refused = Refused { request: Some(RequestId(5)), ..Refused::new(Refusal::Overlap) };
        assert_eq!(Subject::of(&refused.to_frame()).request, Some(RequestId(5)));
        assert_eq!(words(&refused.to_frame())[1], "why: a sheet is named twice");
    }
}
