//! The server's thread: frames in, frames out, and nothing else shared.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::store::{Adder, Store};
use crate::protocol::{
    ClientEnd, Disconnected, Progress, Refusal, Refused, Reply, Request, ServerEnd, Subject, SumRequest, connect,
};
use crate::scheme::LimbSums;

/// Frames that may wait while a request is worked on; more stay in the channel.
const WAITING_FRAMES: usize = 64;
/// How often a long request reports its progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// A running server thread. It ends when the client's end of its connection is dropped.
pub struct Server(Option<JoinHandle<()>>);

/// Starts a server thread and returns the client's end of the connection to it.
pub fn spawn() -> std::io::Result<(ClientEnd, Server)> {
    let (client, server) = connect();
    let thread = std::thread::Builder::new().name("veilbeat-server".into()).spawn(move || {
        let mut worker = ServerLoop::default();
        // The other end is gone: that is how a server is told to stop.
        let _: Result<(), Disconnected> = serve(&server, |frame, link| worker.handle(&frame, link));
    })?;
    Ok((client, Server(Some(thread))))
}

impl Server {
    /// Waits until the thread has ended. Drop the client's end first.
    pub fn join(mut self) {
        if let Some(thread) = self.0.take() {
            // A panic inside a request was answered and outlived; one outside has been printed.
            let _ = thread.join();
        }
    }
}

/// Frames from the client, and the way back to it.
struct Link<'a> {
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
fn serve(
    end: &ServerEnd,
    mut handle: impl FnMut(Vec<u8>, &mut Link) -> Result<(), Disconnected>,
) -> Result<(), Disconnected> {
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

#[derive(Default)]
struct ServerLoop {
    store: Store,
    adder: Adder,
}

impl ServerLoop {
    fn handle(&mut self, frame: &[u8], link: &mut Link) -> Result<(), Disconnected> {
        match Request::parse(frame) {
            Ok(Request::Put(id, sheet)) => {
                if let Err(refused) = self.store.put(id, sheet) {
                    link.end.send(refused.to_frame())?;
                }
            }
            Ok(Request::Drop(id)) => self.store.remove(id),
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

    fn answer(&mut self, request: &SumRequest, link: &mut Link) -> Result<(), Disconnected> {
        let total = request.sums.len() as u32;
        let (mut busy, mut reported) = (Duration::ZERO, Instant::now());
        for (index, question) in (0..).zip(&request.sums) {
            if link.cancelled(request)? {
                let refused = Refused { request: Some(request.id), ..Refused::new(Refusal::Cancelled) };
                return link.end.send(refused.to_frame());
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
        link.end.send(progress(request, total, total, busy))
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
    use crate::protocol::{RequestId, SheetId};

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
            let mut worker = ServerLoop::default();
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
        assert_eq!(thread.join().unwrap(), Err(Disconnected));
    }

    #[test]
    fn a_cancelled_request_stops_and_later_frames_keep_their_turn() {
        let (client, server) = connect();
        let sums = vec![crate::protocol::SumQuestion { column: crate::scheme::Column::RATE, ranges: vec![] }; 3];
        client.send(SumRequest { id: RequestId(1), sums }.to_frame()).unwrap();
        client.send(vec![0xff; 9]).unwrap();
        client.send(Request::cancel(RequestId(1))).unwrap();
        let thread = std::thread::spawn(move || {
            let mut worker = ServerLoop::default();
            serve(&server, |frame, link| worker.handle(&frame, link))
        });
        let first = refusal(&client);
        assert_eq!((first.refusal, first.request), (Refusal::Cancelled, Some(RequestId(1))));
        assert_eq!(refusal(&client).refusal, Refusal::Malformed);
        drop(client);
        assert_eq!(thread.join().unwrap(), Err(Disconnected));
    }
}
