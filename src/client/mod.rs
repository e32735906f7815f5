//! The secret side: keys, encryption, tags; verification before decryption.

mod ask_error;
mod encrypt;
mod encrypt_again;
mod export;
mod held_record;
mod inventory;
mod key_search;
mod keys;
mod label;
mod master;
mod meeting;
mod noise;
mod observer;
mod online;
mod pack;
mod plan;
mod product;
mod sum_cache;
mod tamper;
#[cfg(test)]
mod tests;
mod traffic;
mod verify;
mod wrong_key;

pub use crate::protocol::KeyId;
pub use crate::scheme::{MaskSeed, ParameterSet};
pub use ask_error::AskError;
pub use encrypt::Encryptor;
pub use export::{Export, ExportError, Exported, ExportedSheet, OpenError, fingerprint};
pub use held_record::{HeldRecord, HeldSheet, HeldWeek};
pub use inventory::{HeldColumn, ServerInventory};
pub use key_search::KeyPieces;
pub use keys::SchemeKey;
pub(crate) use master::random_bytes;
pub use master::{MasterKey, NoRandomness};
pub use meeting::Peer;
pub use observer::{CancelToken, Observer, Stage};
pub use online::{Answered, Client};
pub use tamper::Tampered;
pub use traffic::Traffic;
pub use verify::{Disagree, Sum, Unverified, Verified, verify};
pub use wrong_key::open_with_wrong_key;
