//! A person's session: the profile that is open, on a thread of its own.
//!
//! The window sends commands and hears events; everything that reads a file, seals, encrypts or
//! waits for the server happens here, so that the window never does.

mod bundle_work;
mod document;
mod event;
mod import_work;
mod key_work;
mod own_data;
mod picture;
mod sample;
mod sceptic;
mod server_work;
mod view;
mod worker;
mod wrong_key;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel, sync_channel};
use std::thread::JoinHandle;

pub use document::Document;
pub use event::{
    BundleStep, Command, Event, FileLine, Found, History, KeyFacts, KeyOutcome, ManyFiles, OpenedFile, Outcome,
    Preview, RestoreFrom, ServerFacts,
};
pub use own_data::{Mark, MarkKind, OwnData};
pub use picture::Picture;
pub use sample::SAMPLE_NAME;
pub use sceptic::{EncryptedTwice, KeySearch, TamperView};
pub use view::{Against, Before, Overview, Span, View, Year};
pub use wrong_key::WrongKeyView;

use crate::client::CancelToken;
use crate::jobs::Connect;
use crate::protocol::Log;
use crate::vault::Home;

/// Events that may wait for the window before the session does.
const WAITING_EVENTS: usize = 256;

/// A command and the means to stop it.
struct Job {
    command: Command,
    cancel: CancelToken,
}

/// The kind of task, which decides what a stop applies to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    /// A question to the server.
    Ask,
    /// Reading a file that may be imported.
    Preview,
    /// Keeps the readings of a file: it can be stopped, and is still done when the window closes.
    Keep,
    /// Something else that can be stopped.
    Long,
    /// Something that is done as a whole.
    Whole,
    /// Saving settings, which nobody waits for.
    Settings,
}

impl Task {
    fn of(command: &Command) -> Self {
        match command {
            Command::Ask(_) | Command::AskYear(_) => Self::Ask,
            Command::Preview(..) | Command::PreviewMany(..) => Self::Preview,
            Command::Keep(_) | Command::KeepMany(_) => Self::Keep,
            Command::Export(..)
            | Command::AskBundle(..)
            | Command::OpenVeil(_)
            | Command::Inspect(_)
            | Command::TestServer
            | Command::ForgetServer => Self::Long,
            Command::Save(_) => Self::Settings,
            _ => Self::Whole,
        }
    }
}

/// The window's end of a running session. Dropping it ends the session and waits for it, so that
/// files are closed in order.
pub struct Session {
    jobs: Option<Sender<Job>>,
    events: Receiver<Event>,
    /// The commands that are not done, in their order.
    outstanding: VecDeque<(Task, CancelToken)>,
    /// Whether its end has been reported.
    ended: bool,
    log: Log,
    thread: Option<JoinHandle<()>>,
}

/// The callback that wakes the window when there is an event.
pub type Wake = Box<dyn Fn() + Send>;
/// Tells the time, in milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Session {
    /// Starts a session on a profile. The first events say what is there.
    pub fn start(home: Home, connect: Connect, clock: Clock, wake: Wake) -> io::Result<Self> {
        let (jobs, queue) = channel::<Job>();
        let (sender, events) = sync_channel(WAITING_EVENTS);
        let ticks = Arc::clone(&clock);
        let log = Log::new(Box::new(move || ticks()));
        let written = log.clone();
        let thread = std::thread::Builder::new()
            .name("veilbeat-session".into())
            .spawn(move || worker::run((home, connect), &clock, &queue, &event::Events::new(sender, wake), &written))?;
        Ok(Self { jobs: Some(jobs), events, outstanding: VecDeque::new(), ended: false, log, thread: Some(thread) })
    }

    /// Sends a command. Commands are done one after the other, and [`Event::Done`] follows each.
    pub fn send(&mut self, command: Command) {
        let (task, cancel) = (Task::of(&command), CancelToken::default());
        if let Some(jobs) = &self.jobs
            && jobs.send(Job { command, cancel: cancel.clone() }).is_ok()
        {
            self.outstanding.push_back((task, cancel));
        }
    }

    /// Whether a command is not done yet, settings apart.
    pub fn is_busy(&self) -> bool {
        self.outstanding.iter().any(|(task, _)| *task != Task::Settings)
    }

    /// Stops what is under way, if it can be stopped.
    pub fn stop(&self) {
        if let Some((_, cancel)) = self
            .outstanding
            .iter()
            .find(|(task, _)| matches!(task, Task::Ask | Task::Preview | Task::Keep | Task::Long))
        {
            cancel.cancel();
        }
    }

    /// Stops every question to the server that is not answered.
    pub fn stop_asking(&self) {
        self.stop_all(Task::Ask);
    }

    /// Stops the reading of files.
    pub fn stop_reading(&self) {
        self.stop_all(Task::Preview);
    }

    fn stop_all(&self, which: Task) {
        self.outstanding.iter().filter(|(task, _)| *task == which).for_each(|(_, cancel)| cancel.cancel());
    }

    /// Returns the log of the frames that have passed between client and server.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The next event, if there is one.
    pub fn poll(&mut self) -> Option<Event> {
        match self.events.try_recv() {
            Ok(event) => {
                if let Event::Done = event {
                    self.outstanding.pop_front();
                }
                Some(event)
            }
            Err(TryRecvError::Disconnected) if !self.ended => {
                self.ended = true;
                self.outstanding.clear();
                Some(Event::Closed(
                    "a part of Veilbeat has failed, which is an error in the program; your readings are as they were \
                     last saved. Close Veilbeat and start it again"
                        .into(),
                ))
            }
            Err(_) => None,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What changes something is still done.
        for (_, cancel) in self.outstanding.iter().filter(|(task, _)| *task != Task::Keep) {
            cancel.cancel();
        }
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
