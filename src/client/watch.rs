//! Looking on while a question is worked on, and what it cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::ask_error::AskError;

/// Tells work on another thread to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the work to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it should.
    pub fn is_stopped(&self) -> bool {
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
pub struct Watch<'a> {
    /// Stops the work when told to.
    pub stop: Stop,
    /// Hears how far it is.
    pub report: Option<&'a mut dyn FnMut(Stage)>,
    /// Asks for every sum anew, and opens each answer with tfhe's own decryption beside ours.
    pub thorough: bool,
}

impl Watch<'_> {
    pub(super) fn report(&mut self, stage: Stage) -> Result<(), AskError> {
        if let Some(report) = &mut self.report {
            report(stage);
        }
        if self.stop.is_stopped() { Err(AskError::Stopped) } else { Ok(()) }
    }
}

/// What has crossed the boundary, and how long it took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Bytes sent to the server.
    pub upload_bytes: u64,
    /// Bytes that came back.
    pub answer_bytes: u64,
    /// (Folded) ciphertexts that the server added.
    pub ciphertexts: u64,
    /// Sums that were not asked for, because they were verified and opened before.
    pub known: u64,
    /// Time spent on encrypting and tagging.
    pub encrypt: Duration,
    /// Time that the server says it has computed.
    pub server: Duration,
    /// Time spent on verifying and decrypting.
    pub decrypt: Duration,
}

impl Traffic {
    /// What came on top of an earlier state.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            upload_bytes: self.upload_bytes - before.upload_bytes,
            answer_bytes: self.answer_bytes - before.answer_bytes,
            ciphertexts: self.ciphertexts - before.ciphertexts,
            known: self.known - before.known,
            encrypt: self.encrypt.saturating_sub(before.encrypt),
            server: self.server.saturating_sub(before.server),
            decrypt: self.decrypt.saturating_sub(before.decrypt),
        }
    }
}
