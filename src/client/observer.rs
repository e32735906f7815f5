//! Watching a question while it is worked on, and stopping it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ask_error::AskError;

/// Tells work on another thread to stop.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work should stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The progress of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The server is being reached, and says what it holds.
    Connecting,
    /// Weeks encrypted and sent, and the total.
    Encrypting(usize, usize),
    /// Sums answered and checked, and the total.
    Summing(usize, usize),
}

/// Watches a question while it is worked on: it is told the progress, and may stop the work.
#[derive(Default)]
pub struct Observer<'a> {
    /// Stops the work when told to.
    pub cancel: CancelToken,
    /// Is told the progress.
    pub report: Option<&'a mut dyn FnMut(Stage)>,
    /// Asks for every sum again, and opens each answer with tfhe's own decryption beside ours.
    pub thorough: bool,
}

impl Observer<'_> {
    pub(super) fn report(&mut self, stage: Stage) -> Result<(), AskError> {
        if let Some(report) = &mut self.report {
            report(stage);
        }
        if self.cancel.is_cancelled() { Err(AskError::Stopped) } else { Ok(()) }
    }
}
