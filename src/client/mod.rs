//! The secret side: keys, encryption, tags; verification before decryption; statistics.

mod ask_error;
mod encrypt;
mod keys;
mod master;
mod noise;
mod product;
mod session;
mod statistics;
#[cfg(test)]
mod tests;
mod verify;
mod watch;
mod window_sums;

pub use ask_error::AskError;
pub use encrypt::Encryptor;
pub use keys::SchemeKey;
pub(crate) use master::random_bytes;
pub use master::{KeyId, MasterKey, NoRandomness};
pub use noise::NoiseGenerator;
pub use session::Client;
pub use statistics::{Averages, Moments, WindowAverage, averages};
pub use verify::{Sum, Unverified, Verified, verify};
pub use watch::{Stage, Stop, Traffic, Watch};
pub use window_sums::WindowSums;
