//! A key line under a passphrase: an age file with scrypt, which the `age` program opens too.

use std::io::{Read, Write};

use age::armor::ArmoredReader;
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use zeroize::Zeroizing;

/// A passphrase. Wiped when dropped; its `Debug` shows nothing of it.
pub type Passphrase = SecretString;

/// The longest passphrase that can be set.
pub(super) const MAX_PASSPHRASE_CHARS: usize = 256;

/// log2 of scrypt's N for the files that we write: about a second, and 256 MiB (age's own choice).
/// Unit tests, which write hundreds, take less.
const WORK_FACTOR: u8 = if cfg!(test) { 1 } else { 18 };
/// The most that a file may ask for, 1 GiB: more would be an attack on this computer's memory.
const MAX_WORK_FACTOR: u8 = 20;
/// The longest content: a key line is far shorter.
const MAX_CONTENT_BYTES: u64 = 4096;

/// Why an age file does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Locked {
    /// The passphrase is not the one, or the part that it opens is damaged.
    WrongPassphraseOrDamaged,
    /// The file is damaged, or no age file with a passphrase.
    Damaged,
    /// The file asks for more work than is reasonable.
    TooMuchWork,
}

/// Whether a file's content is an age file.
pub(super) fn is_locked(content: &[u8]) -> bool {
    content.starts_with(b"age-encryption.org/") || content.trim_ascii_start().starts_with(b"-----BEGIN AGE")
}

/// Encrypts under a passphrase.
pub(super) fn lock(content: &[u8], passphrase: &Passphrase) -> std::io::Result<Vec<u8>> {
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK_FACTOR);
    let mut file = Vec::new();
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as _)).map_err(std::io::Error::other)?;
    let mut writer = encryptor.wrap_output(&mut file)?;
    writer.write_all(content)?;
    writer.finish()?;
    Ok(file)
}

/// Decrypts what [`lock`] or the `age` program encrypted, armoured or not.
pub(super) fn unlock(file: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Locked> {
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(file)).map_err(|_| Locked::Damaged)?;
    if !decryptor.is_scrypt() {
        return Err(Locked::Damaged);
    }
    let reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(|error| match error {
        DecryptError::ExcessiveWork { .. } => Locked::TooMuchWork,
        DecryptError::DecryptionFailed | DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed => {
            Locked::WrongPassphraseOrDamaged
        }
        // The passphrase has opened its part by then.
        _ => Locked::Damaged,
    })?;
    let mut content = Zeroizing::new(Vec::with_capacity(MAX_CONTENT_BYTES as usize + 1));
    reader.take(MAX_CONTENT_BYTES).read_to_end(&mut content).map_err(|_| Locked::Damaged)?;
    Ok(content)
}
