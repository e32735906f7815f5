//! The cost of a question.

use std::time::Duration;

/// The traffic across the boundary, and the time that it took.
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
    /// Returns the traffic on top of an earlier state.
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
