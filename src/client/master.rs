//! The master key: 32 random bytes that everything secret is derived from.

use zeroize::{Zeroize, Zeroizing};

use crate::protocol::KeyId;
use crate::scheme::ParameterSet;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gave no random bytes ({0}); nothing was encrypted")]
pub struct NoRandomness(getrandom::Error);

/// Fresh random bytes from the operating system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// The key that a person keeps. Wiped when dropped; never printed.
pub struct MasterKey(Box<[u8; 32]>);

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl MasterKey {
    /// A fresh key from the operating system's random numbers.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut key = Self(Box::new([0; 32]));
        getrandom::fill(&mut *key.0).map_err(NoRandomness)?;
        Ok(key)
    }

    /// A key from its 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Box::new(*bytes))
    }

    /// The key's bytes: for writing it down, and nothing else.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key's public id. It reveals nothing of the key.
    pub fn id(&self) -> KeyId {
        let mut id = [0; 16];
        self.fill("key id", &mut id);
        KeyId(id)
    }

    /// A name for something that only the key's owner can tell: the same for the same thing.
    pub fn private_name(&self, of: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.subkey("question names"));
        let mut name = [0; 16];
        let mut stream = hasher.update(of).finalize_xof();
        stream.fill(&mut name);
        // Both hold the key.
        stream.zeroize();
        hasher.zeroize();
        name
    }

    /// Fills `out` with secret bytes for one purpose, independent of every other purpose.
    fn fill(&self, purpose: &str, out: &mut [u8]) {
        let mut stream = self.derive(purpose);
        stream.fill(out);
        stream.zeroize();
    }

    /// An endless stream of secret bytes for one purpose. Its reader holds the key: wipe it.
    fn derive(&self, purpose: &str) -> blake3::OutputReader {
        self.derive_in(1, purpose)
    }

    fn derive_in(&self, format: u8, purpose: &str) -> blake3::OutputReader {
        let mut hasher = blake3::Hasher::new_derive_key(&format!("veilbeat 2026-11-22 format {format} {purpose}"));
        hasher.update(&*self.0);
        let output = hasher.finalize_xof();
        hasher.zeroize();
        output
    }

    /// The stream for one purpose under one parameter set: no two share a bit. Wipe it.
    pub(super) fn derive_for(&self, parameters: ParameterSet, purpose: &str) -> blake3::OutputReader {
        self.derive_in(2, &format!("{} {purpose}", parameters.name()))
    }

    /// A 32-byte key for one purpose.
    pub(crate) fn subkey(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        self.fill(purpose, &mut *key);
        key
    }
}
