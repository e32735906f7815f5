//! The work of a server: one frame after the other, until the client is gone.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::store::{Adder, Store};
use super::store_file::{StoreError, StoreFile};
use crate::protocol::{
    Disconnected, Greeting, PROTOCOL, Progress, Refusal, Refused, Reply, Request, SHEETS_A_PAGE, Sandbox, ServerEnd,
    StoreId, Subject, SumRequest, Version,
};
use crate::scheme::LimbSums;

/// Frames that may wait while a request is worked on; more stay in the channel.
const WAITING_FRAMES: usize = 64;
/// How often a long request reports its progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Why a server has ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The client is gone.
    #[error("the client is gone")]
    Gone,
    /// What was sent cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Disconnected> for End {
    fn from(Disconnected: Disconnected) -> Self {
        Self::Gone
    }
}

/// Frames from the client, and the way back to it.
pub(super) struct Link<'a> {
    end: &'a ServerEnd,
    waiting: VecDeque<Vec<u8>>,
}

impl Link<'_> {
    fn next(&mut self) -> Result<Vec<u8>, Disconnected> {
        match self.waiting.pop_front() {
            Some(frame) => Ok(frame),
            None => self.end.receive(),
        }
    }

    /// Whether `request` has been cancelled since; other frames that came wait their turn.
    fn cancelled(&mut self, request: &SumRequest) -> Result<bool, Disconnected> {
        while self.waiting.len() < WAITING_FRAMES {
            match self.end.poll()? {
                Some(frame) => self.waiting.push_back(frame),
                None => break,
            }
        }
        let cancel = Request::cancel(request.id);
        let found = self.waiting.iter().position(|frame| *frame == cancel);
        Ok(found.and_then(|index| self.waiting.remove(index)).is_some())
    }
}

/// Handles frames until the client is gone. A panic of the handler is reported and outlived.
pub(super) fn serve(end: &ServerEnd, mut handle: impl FnMut(Vec<u8>, &mut Link) -> Result<(), End>) -> Result<(), End> {
    let mut link = Link { end, waiting: VecDeque::new() };
    loop {
        let frame = link.next()?;
        let Subject { request, sheet, .. } = Subject::of(&frame);
        match catch_unwind(AssertUnwindSafe(|| handle(frame, &mut link))) {
            Ok(result) => result?,
            Err(_) => end.send(Refused { request, sheet, ..Refused::new(Refusal::Panicked) }.to_frame())?,
        }
    }
}

/// What a server holds and is.
#[derive(Default)]
pub(super) struct Worker {
    store: Store,
    /// The same on disk, if it outlives the server.
    file: Option<StoreFile>,
    /// The name of a store that does not.
    id: Option<StoreId>,
    limits: Option<Limits>,
    sandbox: Sandbox,
    adder: Adder,
}

impl Worker {
    /// A server with a store of its own, or one in a file.
    pub(super) fn new((file, store): (Option<StoreFile>, Store), limits: Limits, sandbox: Sandbox) -> Self {
        Self { store, file, limits: Some(limits), sandbox, ..Self::default() }
    }

    /// How many sheets it holds, and their bytes.
    pub(super) fn size(&self) -> (u32, u64) {
        self.store.size()
    }

    /// Lets what was sent take hold.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.file.as_mut().map_or(Ok(()), StoreFile::commit)
    }

    fn greeting(&mut self) -> Result<Greeting, End> {
        let store = match (&self.file, self.id) {
            (Some(file), _) => file.id(),
            (None, Some(id)) => id,
            (None, None) => {
                let mut id = [0; 16];
                getrandom::fill(&mut id).map_err(|_| StoreError::NoRandomness)?;
                *self.id.insert(StoreId(id))
            }
        };
        let (sheets, bytes) = self.store.size();
        Ok(Greeting {
            protocol: PROTOCOL,
            version: Version::own(),
            store,
            kept: self.file.is_some(),
            sandbox: self.sandbox,
            sheets,
            bytes,
            digest: self.store.digest(),
        })
    }

    pub(super) fn handle(&mut self, frame: &[u8], link: &mut Link) -> Result<(), End> {
        match Request::parse(frame) {
            Ok(Request::Put(id, sheet)) => {
                if let Err(refused) = self.store.put(id, sheet) {
                    link.end.send(refused.to_frame())?;
                } else if let Some(file) = &mut self.file {
                    file.put(id, sheet)?;
                }
            }
            Ok(Request::Drop(id)) => {
                self.store.remove(id);
                self.file.as_mut().map_or(Ok(()), |file| file.remove(id))?;
            }
            Ok(Request::Forget) => {
                self.store.clear();
                if let Some(file) = &mut self.file {
                    file.clear();
                }
            }
            Ok(Request::Hello(_)) => {
                self.commit()?;
                let greeting = self.greeting()?;
                link.end.send(greeting.to_frame())?;
            }
            Ok(Request::List(from)) => {
                self.commit()?;
                let page: Vec<_> = self.store.listed(from).take(SHEETS_A_PAGE).collect();
                link.end.send(Reply::listed(&page))?;
            }
            Ok(Request::Sum(request)) => self.answer(&request, link)?,
            // The request that it would have stopped has already ended.
            Ok(Request::Cancel(_)) => {}
            Err(_) => {
                let Subject { request, sheet, .. } = Subject::of(frame);
                link.end.send(Refused { request, sheet, ..Refused::new(Refusal::Malformed) }.to_frame())?;
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: &SumRequest, link: &mut Link) -> Result<(), End> {
        if let Err(refusal) = self.limits.unwrap_or(Limits::NONE).allow(request) {
            let refused = Refused { request: Some(request.id), ..Refused::new(refusal) };
            return Ok(link.end.send(refused.to_frame())?);
        }
        self.commit()?;
        let total = request.sums.len() as u32;
        let (mut busy, mut reported) = (Duration::ZERO, Instant::now());
        for (index, question) in (0..).zip(&request.sums) {
            if link.cancelled(request)? {
                let refused = Refused { request: Some(request.id), ..Refused::new(Refusal::Cancelled) };
                return Ok(link.end.send(refused.to_frame())?);
            }
            let start = Instant::now();
            let frame = match self.store.sum(question, &mut self.adder) {
                Ok(sums) => answer_frame(request, index, &sums),
                Err(refused) => Refused { request: Some(request.id), index: Some(index), ..refused }.to_frame(),
            };
            busy += start.elapsed();
            link.end.send(frame)?;
            if reported.elapsed() >= PROGRESS_EVERY && index + 1 < total {
                reported = Instant::now();
                link.end.send(progress(request, index + 1, total, busy))?;
            }
        }
        Ok(link.end.send(progress(request, total, total, busy))?)
    }
}

fn answer_frame(request: &SumRequest, index: u32, sums: &LimbSums) -> Vec<u8> {
    let mut frame = Reply::answer(request.id, index, sums.bytes());
    sums.write_to(&mut frame);
    frame
}

fn progress(request: &SumRequest, done: u32, total: u32, busy: Duration) -> Vec<u8> {
    Progress { request: request.id, done, total, nanos: busy.as_nanos() as u64 }.to_frame()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClientEnd, RequestId, SheetId, connect};

    const WAIT: Duration = Duration::from_secs(10);

    fn refusal(client: &ClientEnd) -> Refused {
        let frame = client.receive(WAIT).unwrap().expect("a reply");
        let Ok(Reply::Refused(refused)) = Reply::parse(&frame) else { panic!("not a refusal") };
        refused
    }

    #[test]
    fn a_panic_is_reported_and_the_thread_goes_on() {
        let (client, server) = connect();
        let thread = std::thread::spawn(move || {
            let mut worker = Worker::default();
            serve(&server, |frame, link| {
                assert!(frame != Request::drop_sheet(SheetId(13)), "planted");
                worker.handle(&frame, link)
            })
        });
        client.send(Request::drop_sheet(SheetId(13))).unwrap();
        assert_eq!(refusal(&client).refusal, Refusal::Panicked);
        client.send(vec![0xff; 9]).unwrap();
        assert_eq!(refusal(&client).refusal, Refusal::Malformed);
        drop(client);
        assert!(matches!(thread.join().unwrap(), Err(End::Gone)));
    }

    #[test]
    fn a_cancelled_request_stops_and_later_frames_keep_their_turn() {
        let (client, server) = connect();
        let sums = vec![crate::protocol::SumQuestion { column: crate::scheme::Column::RATE, ranges: vec![] }; 3];
        client.send(SumRequest { id: RequestId(1), sums }.to_frame()).unwrap();
        client.send(vec![0xff; 9]).unwrap();
        client.send(Request::cancel(RequestId(1))).unwrap();
        let thread = std::thread::spawn(move || {
            let mut worker = Worker::default();
            serve(&server, |frame, link| worker.handle(&frame, link))
        });
        let first = refusal(&client);
        assert_eq!((first.refusal, first.request), (Refusal::Cancelled, Some(RequestId(1))));
        assert_eq!(refusal(&client).refusal, Refusal::Malformed);
        drop(client);
        assert!(matches!(thread.join().unwrap(), Err(End::Gone)));
    }
}
