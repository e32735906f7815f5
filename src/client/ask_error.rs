//! Why a question has no answer.

use std::time::Duration;

use super::master::NoRandomness;
use super::verify::Disagree;
use crate::protocol::{Disconnected, Malformed, Refusal};
use crate::scheme::Column;

/// Why a question has no answer. Nothing of an answer is used unless all of it passed.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The person stopped it.
    #[error("stopped")]
    Stopped,
    /// The server is gone.
    #[error(transparent)]
    Disconnected(#[from] Disconnected),
    /// There are no random bytes to encrypt with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The server said no.
    #[error("the server could not answer: {0}. Your readings are safe; try again")]
    Refused(Refusal),
    /// The question's weighting differs from that of what the server holds.
    #[error("the question's weighting differs from that of the encrypted readings")]
    OtherWeighting,
    /// Two decryptions of one answer differ.
    #[error(transparent)]
    Disagree(#[from] Disagree),
    /// The server sent something that is not a reply.
    #[error("the server's reply does not follow the format; it was not used. Your readings are safe; try again")]
    Malformed(#[from] Malformed),
    /// The server speaks another version of the protocol.
    #[error(
        "the server is of another version of Veilbeat ({0}) and cannot be used; your readings are safe. Install the same version on both sides, or use this computer instead"
    )]
    OtherProtocol(String),
    /// The server has gone quiet.
    #[error("the server has not answered for {} seconds. Your readings are safe; try again", .0.as_secs())]
    Silent(Duration),
    /// An answer failed its check.
    #[error(
        "the server's answer for {name} ({}) failed its check and was not decrypted. Your readings are safe; try again",
        .column.name()
    )]
    Unverified {
        /// The subject of the sum that failed.
        name: String,
        /// The column whose sum failed.
        column: Column,
    },
}
