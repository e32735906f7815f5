//! How much work the window's thread does for a frame.

use std::time::{Duration, Instant};

use crate::platform;

/// The cost of all frames so far.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    started: Instant,
    begun: Option<Duration>,
    /// How many frames were drawn.
    pub frames: u64,
    /// The most work that a frame took, as the processor's time: what other programs take does not count.
    pub longest: Duration,
    /// From the start of the program to the end of its first frame.
    pub first_frame: Option<Duration>,
}

impl Meter {
    /// A meter of a program that was started at some time.
    pub(super) fn new(started: Instant) -> Self {
        Self { started, begun: None, frames: 0, longest: Duration::ZERO, first_frame: None }
    }

    /// A frame begins.
    pub(super) fn begin(&mut self) {
        self.begun = Some(platform::thread_time());
    }

    /// The frame that was begun has ended.
    pub(super) fn end(&mut self) {
        let Some(begun) = self.begun.take() else { return };
        let took = platform::thread_time().saturating_sub(begun);
        // The first one lays out every letter that there is; it has a limit of its own.
        if self.first_frame.is_none() {
            self.first_frame = Some(self.started.elapsed());
        } else {
            self.longest = self.longest.max(took);
        }
        self.frames += 1;
    }
}
