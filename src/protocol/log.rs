//! A record of the frames that pass a client's end, for people who want to see for themselves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::explain::{FrameKind, Subject};

/// Frames that are listed; older ones are only counted.
const MOST_ENTRIES: usize = 10_000;
/// Bytes of frames that are kept in each direction; of older frames only the description is kept.
const MOST_BYTES: usize = 4 << 20;

/// Which way a frame went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    FromServer,
}

/// A frame that passed.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Its number, counted from 0 over both directions.
    pub number: u64,
    /// When it passed, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Which way it went.
    pub direction: Direction,
    /// The kind of the frame.
    pub kind: FrameKind,
    /// The subject of the frame.
    pub subject: Subject,
    /// How many bytes it had.
    pub len: usize,
    /// The bytes themselves, if they are still kept.
    pub frame: Option<Arc<[u8]>>,
}

/// Frames and bytes that passed in one direction, kept or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Passed {
    /// How many frames.
    pub frames: u64,
    /// How many bytes in all.
    pub bytes: u64,
}

/// One direction's share of what is kept.
#[derive(Default)]
struct Lane {
    passed: Passed,
    /// The numbers of the frames whose bytes are kept, oldest first.
    kept: VecDeque<u64>,
    bytes: usize,
}

struct Inner {
    clock: Box<dyn Fn() -> i64 + Send>,
    entries: VecDeque<LogEntry>,
    lanes: [Lane; 2],
}

/// A log. Its clones are the same log.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Inner>>);

impl Log {
    /// An empty log, told the time in milliseconds since the Unix epoch by `clock`.
    pub fn new(clock: Box<dyn Fn() -> i64 + Send>) -> Self {
        Self(Arc::new(Mutex::new(Inner { clock, entries: VecDeque::new(), lanes: Default::default() })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a frame and returns its number.
    pub(super) fn record(&self, direction: Direction, frame: Arc<[u8]>) -> u64 {
        let mut inner = self.inner();
        let Inner { clock, entries, lanes } = &mut *inner;
        let number = lanes.iter().map(|lane| lane.passed.frames).sum();
        let lane = &mut lanes[direction as usize];
        lane.passed.frames += 1;
        lane.passed.bytes += frame.len() as u64;
        lane.kept.push_back(number);
        lane.bytes += frame.len();
        entries.push_back(LogEntry {
            number,
            at_ms: clock(),
            direction,
            kind: FrameKind::of(&frame),
            subject: Subject::of(&frame),
            len: frame.len(),
            frame: Some(frame),
        });
        let first = entries.front().map_or(0, |entry| entry.number);
        while lane.bytes > MOST_BYTES
            && let Some(oldest) = lane.kept.pop_front()
        {
            let forgotten = entries.get_mut((oldest - first) as usize);
            lane.bytes -= forgotten.and_then(|entry| entry.frame.take()).map_or(0, |frame| frame.len());
        }
        if entries.len() > MOST_ENTRIES
            && let Some(LogEntry { direction, frame: Some(frame), .. }) = entries.pop_front()
        {
            let lane = &mut lanes[direction as usize];
            lane.kept.pop_front();
            lane.bytes -= frame.len();
        }
        number
    }

    /// The listed frames, oldest first, as they are now.
    pub fn entries(&self) -> Vec<LogEntry> {
        self.inner().entries.iter().cloned().collect()
    }

    /// How many frames are listed.
    pub fn len(&self) -> usize {
        self.inner().entries.len()
    }

    /// Whether no frame is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The listed frame at a place, counted from the newest.
    pub fn newest(&self, index: usize) -> Option<LogEntry> {
        let inner = self.inner();
        inner.entries.len().checked_sub(index + 1).and_then(|at| inner.entries.get(at)).cloned()
    }

    /// The frame of a number, if it is still listed.
    pub fn entry(&self, number: u64) -> Option<LogEntry> {
        let inner = self.inner();
        let first = inner.entries.front()?.number;
        inner.entries.get(usize::try_from(number.checked_sub(first)?).ok()?).cloned()
    }

    /// The newest frame of a kind whose bytes are still kept.
    pub fn newest_of(&self, kind: FrameKind) -> Option<LogEntry> {
        self.inner().entries.iter().rev().find(|entry| entry.kind == kind && entry.frame.is_some()).cloned()
    }

    /// Returns the totals of the frames that passed in a direction, listed or not.
    pub fn passed(&self, direction: Direction) -> Passed {
        self.inner().lanes[direction as usize].passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Request, SheetId};

    #[test]
    fn a_log_counts_everything_and_keeps_the_newest() {
        let log = Log::new(Box::new(|| 7));
        for number in 0..MOST_ENTRIES as u32 + 5 {
            log.record(Direction::ToServer, Request::drop_sheet(SheetId(number))[..].into());
        }
        assert_eq!(log.passed(Direction::ToServer), Passed { frames: 10_005, bytes: 5 * 10_005 });
        assert_eq!(log.passed(Direction::FromServer), Passed::default());
        assert_eq!(log.len(), MOST_ENTRIES);
        let newest = log.newest(0).unwrap();
        assert_eq!((newest.number, newest.at_ms, newest.kind), (10_004, 7, FrameKind::Drop));
        assert_eq!(newest.subject.sheet, Some(SheetId(10_004)));
        assert_eq!(log.newest(MOST_ENTRIES - 1).unwrap().number, 5);
        assert!(log.newest(MOST_ENTRIES).is_none() && log.entry(4).is_none());
        assert_eq!(log.entry(5).unwrap().frame.as_deref(), Some(&Request::drop_sheet(SheetId(5))[..]));
    }

    #[test]
    fn bytes_are_kept_up_to_a_limit_in_each_direction() {
        let log = Log::new(Box::new(|| 0));
        log.record(Direction::ToServer, [1; 100][..].into());
        for _ in 0..5 {
            log.record(Direction::FromServer, vec![17; 1 << 20][..].into());
        }
        let kept = |number| log.entry(number).unwrap().frame.is_some();
        assert!(kept(0) && !kept(1) && kept(2) && kept(5));
        assert_eq!(log.entry(1).unwrap().len, 1 << 20);
        assert_eq!(log.newest_of(FrameKind::Answer).unwrap().number, 5);
        // One that is larger than the limit is listed without its bytes, and nothing breaks.
        log.record(Direction::FromServer, vec![17; MOST_BYTES + 1][..].into());
        assert!(!kept(6) && !kept(5) && kept(0));
        log.record(Direction::FromServer, [17; 10][..].into());
        assert!(kept(7));
    }
}
