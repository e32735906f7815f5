//! Two bounded channels of bytes between a client and a server.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::Duration;

use super::log::{Direction, Log};
use super::tamper::{FlippedBit, Tamper};

/// Frames that may wait in one direction before the sender has to.
const WAITING_FRAMES: usize = 64;

/// The other end is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the server has stopped")]
pub struct Disconnected;

/// The client's end: sends requests, receives replies.
pub struct ClientEnd {
    requests: SyncSender<Vec<u8>>,
    replies: Receiver<Vec<u8>>,
    log: Option<Log>,
    tamper: Tamper,
}

/// The server's end: receives requests, sends replies.
pub struct ServerEnd {
    requests: Receiver<Vec<u8>>,
    replies: SyncSender<Vec<u8>>,
}

/// A connection: nothing but frames of bytes passes between its ends.
pub fn connect() -> (ClientEnd, ServerEnd) {
    let (to_server, requests) = sync_channel(WAITING_FRAMES);
    let (to_client, replies) = sync_channel(WAITING_FRAMES);
    (
        ClientEnd { requests: to_server, replies, log: None, tamper: Tamper::default() },
        ServerEnd { requests, replies: to_client },
    )
}

/// The same for a line beyond this program, which has buffers of its own: few requests wait here.
pub fn narrow() -> (ClientEnd, ServerEnd) {
    const FEW: usize = 4;
    let (to_server, requests) = sync_channel(FEW);
    let (to_client, replies) = sync_channel(WAITING_FRAMES);
    (
        ClientEnd { requests: to_server, replies, log: None, tamper: Tamper::default() },
        ServerEnd { requests, replies: to_client },
    )
}

impl ClientEnd {
    /// Its two directions, for threads that each carry one.
    pub fn into_halves(self) -> (SyncSender<Vec<u8>>, Receiver<Vec<u8>>) {
        (self.requests, self.replies)
    }

    /// Records every frame that passes this end from now on.
    #[must_use]
    pub fn recorded_in(self, log: Log) -> Self {
        Self { log: Some(log), ..self }
    }

    fn record(&self, direction: Direction, frame: &[u8]) -> Option<u64> {
        self.log.as_ref().map(|log| log.record(direction, frame.into()))
    }

    /// Changes one bit of the sum in the next answer before it arrives: the one that `place` stands for.
    pub fn tamper_with_next_answer(&self, place: u64) {
        self.tamper.want(place);
    }

    /// The bit that was changed, if one was since that was wanted. From now on nothing is changed.
    pub fn tampered(&self) -> Option<FlippedBit> {
        self.tamper.take()
    }

    /// Sends a request, waiting while too many are under way.
    pub fn send(&self, frame: Vec<u8>) -> Result<(), Disconnected> {
        self.record(Direction::ToServer, &frame);
        self.requests.send(frame).map_err(|_| Disconnected)
    }

    /// Sends a request, or gives it back if too many are under way.
    pub fn try_send(&self, frame: Vec<u8>) -> Result<Option<Vec<u8>>, Disconnected> {
        // The channel takes the frame, so a copy is made before it is known whether it does.
        let copy = self.log.as_ref().map(|log| (log, frame[..].into()));
        match self.requests.try_send(frame) {
            Ok(()) => {
                if let Some((log, frame)) = copy {
                    log.record(Direction::ToServer, frame);
                }
                Ok(None)
            }
            Err(TrySendError::Full(frame)) => Ok(Some(frame)),
            Err(TrySendError::Disconnected(_)) => Err(Disconnected),
        }
    }

    /// The next reply, or `None` if there was none for `wait`.
    pub fn receive(&self, wait: Duration) -> Result<Option<Vec<u8>>, Disconnected> {
        match self.replies.recv_timeout(wait) {
            Ok(mut frame) => {
                self.tamper.pass(&mut frame);
                if let Some(number) = self.record(Direction::FromServer, &frame) {
                    self.tamper.logged(number);
                }
                Ok(Some(frame))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Disconnected),
        }
    }
}

impl ServerEnd {
    /// Its two directions, for threads that each carry one.
    pub fn into_halves(self) -> (Receiver<Vec<u8>>, SyncSender<Vec<u8>>) {
        (self.requests, self.replies)
    }

    /// Sends a reply, waiting while too many are under way.
    pub fn send(&self, frame: Vec<u8>) -> Result<(), Disconnected> {
        self.replies.send(frame).map_err(|_| Disconnected)
    }

    /// The next request, waiting for it.
    pub fn receive(&self) -> Result<Vec<u8>, Disconnected> {
        self.requests.recv().map_err(|_| Disconnected)
    }

    /// The next request if one is waiting.
    pub fn poll(&self) -> Result<Option<Vec<u8>>, Disconnected> {
        match self.requests.try_recv() {
            Ok(frame) => Ok(Some(frame)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Disconnected),
        }
    }
}
