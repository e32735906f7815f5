//! A person's session: the profile that is open, on a thread of its own.
//!
//! The window sends commands and hears events; everything that reads a file, seals, encrypts or
//! waits for the server happens here, so that the window never does.

mod bundle_work;
pub mod bundles;
mod event;
mod guess;
mod import_work;
mod inspect;
mod key_work;
mod measure;
mod picture;
mod tables;
mod view;
mod worker;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::JoinHandle;

pub use event::{Command, Event, Found, History, KeyFacts, KeyOutcome, OpenedFile, Outcome, Preview, RestoreFrom};
pub use guess::Guess;
pub use inspect::{Fact, inspect};
pub use measure::{Measured, Work, measure};
pub use picture::Picture;
pub use view::{Before, Overview, Span, View};

use crate::client::Stop;
use crate::protocol::Log;
use crate::vault::Home;

/// Events that may wait for the window before the session does.
const WAITING_EVENTS: usize = 256;

/// A command and the means to stop it.
struct Job {
    command: Command,
    stop: Stop,
}

/// The window's end of a running session. Dropping it ends the session and waits for it, so that
/// files are closed in order.
pub struct Session {
    jobs: Option<Sender<Job>>,
    events: Receiver<Event>,
    current: Stop,
    log: Log,
    thread: Option<JoinHandle<()>>,
}

/// What wakes the window when there is an event.
pub type Wake = Box<dyn Fn() + Send>;
/// Tells the time, in milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Session {
    /// Starts a session on a profile. The first events say what is there.
    pub fn start(home: Home, clock: Clock, wake: Wake) -> io::Result<Self> {
        let (jobs, queue) = channel::<Job>();
        let (sender, events) = sync_channel(WAITING_EVENTS);
        let ticks = Arc::clone(&clock);
        let log = Log::new(Box::new(move || ticks()));
        let written = log.clone();
        let thread = std::thread::Builder::new()
            .name("veilbeat-session".into())
            .spawn(move || worker::run(home, &clock, &queue, &event::Events::new(sender, wake), &written))?;
        Ok(Self { jobs: Some(jobs), events, current: Stop::default(), log, thread: Some(thread) })
    }

    /// Sends a command. Commands are done one after the other.
    pub fn send(&mut self, command: Command) {
        self.current = Stop::default();
        if let Some(jobs) = &self.jobs {
            // A session that has ended has said so in its last event.
            let _ = jobs.send(Job { command, stop: self.current.clone() });
        }
    }

    /// Stops the command that was sent last.
    pub fn stop(&self) {
        self.current.stop();
    }

    /// What has passed between client and server.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The next event, if there is one.
    pub fn poll(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // The thread may wait for room among the events: nobody reads them any more.
            while !thread.is_finished() {
                let _ = self.events.recv_timeout(std::time::Duration::from_millis(5));
            }
            let _ = thread.join();
        }
    }
}
