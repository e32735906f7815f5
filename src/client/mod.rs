//! The secret side: keys, encryption, tags; verification before decryption.

mod answered;
mod ask_error;
mod encrypt;
mod keys;
mod master;
mod noise;
mod product;
mod session;
#[cfg(test)]
mod tests;
mod verify;
mod watch;

pub use answered::Answered;
pub use ask_error::AskError;
pub use encrypt::Encryptor;
pub use keys::SchemeKey;
pub(crate) use master::random_bytes;
pub use master::{KeyId, MasterKey, NoRandomness};
pub use noise::NoiseGenerator;
pub use session::Client;
pub use verify::{Sum, Unverified, Verified, verify};
pub use watch::{Stage, Stop, Traffic, Watch};
