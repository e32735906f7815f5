//! The secret side: keys, encryption, tags; verification before decryption.

mod answered;
mod ask_error;
mod bundle;
mod encrypt;
mod guess;
mod holding;
mod keys;
mod known;
mod master;
mod noise;
mod plan;
mod product;
mod session;
#[cfg(test)]
mod tests;
mod verify;
mod watch;

pub use crate::protocol::KeyId;
pub use crate::scheme::Profile;
pub use answered::Answered;
pub use ask_error::AskError;
pub use bundle::{ExportError, Exported, ExportedChunk, OpenError, export, fingerprint};
pub use encrypt::Encryptor;
pub use guess::guess;
pub use holding::{HeldColumn, Holding};
pub use keys::SchemeKey;
pub(crate) use master::random_bytes;
pub use master::{MasterKey, NoRandomness};
pub use noise::NoiseGenerator;
pub use session::Client;
pub use verify::{Sum, Unverified, Verified, verify};
pub use watch::{Stage, Stop, Traffic, Watch};
