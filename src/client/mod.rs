//! The secret side: keys, encryption, tags; verification before decryption; statistics.

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

pub use encrypt::Encryptor;
pub use keys::SchemeKey;
pub(crate) use master::random_bytes;
pub use master::{KeyId, MasterKey, NoRandomness};
pub use noise::NoiseGenerator;
pub use session::{AskError, Client, Stage, Stop, Traffic, Watch, WindowSums};
pub use statistics::{Averages, Moments, WindowAverage, averages};
pub use verify::{Sum, Unverified, Verified, verify};
