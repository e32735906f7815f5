//! Looking on while a question is worked on, and stopping it.

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

    /// Whether it should.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a question is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Weeks encrypted and sent, of how many.
    Encrypting(usize, usize),
    /// Sums answered and checked, of how many.
    Summing(usize, usize),
}

/// Who looks on while a question is worked on: is told how far it is, and may stop it.
#[derive(Default)]
pub struct Observer<'a> {
    /// Stops the work when told to.
    pub cancel: CancelToken,
    /// Hears how far it is.
    pub report: Option<&'a mut dyn FnMut(Stage)>,
    /// Asks for every sum anew, and opens each answer with tfhe's own decryption beside ours.
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
