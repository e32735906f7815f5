//! The files that are kept on this computer: the key file, the sealed readings, the settings.

mod change;
mod checksum;
mod disk;
mod edits;
mod error;
mod export_record;
mod exports;
mod forget;
mod held_record;
mod home;
mod key_file;
mod keyring;
mod lock;
mod open_vault;
mod owners_part;
mod passphrase;
mod profile;
mod profile_error;
mod records;
mod rescue;
mod seal;
mod server_settings;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod window_geometry;
mod words;
mod words_page;

pub use edits::{Added, Edited};
pub use error::VaultError;
pub use home::Home;
pub use key_file::{KeyFileError, Protection};
pub use keyring::{
    Backup, WAS_IN_THE_CLEAR, create_key, delete_old_key, inspect_key, key_is_exposed, key_protection, load_key,
    old_keys, old_keys_in_the_clear, protect_key, save_key_copy, set_passphrase,
};
pub use lock::Lock;
pub use open_vault::{ReadVault, Vault};
pub use owners_part::{OwnersContent, OwnersPart, OwnersPartError, open_bundle};
pub use passphrase::Passphrase;
pub use profile::{
    Opened, OpenedToRead, delete_all, files_of, open_profile, read_profile, recorded_key, restore, rotate,
};
pub use profile_error::ProfileError;
pub use records::Batch;
pub use rescue::{Rescued, Scope, rescue};
pub use seal::sealing_keys;
pub use server_settings::{ServerKind, ServerSettings};
pub use settings::{Clock, DateOrder, Settings, Theme, ZoneSettings};
pub use window_geometry::WindowGeometry;
pub use words::{RecoveryWords, WORDS, WordsError};
pub use words_page::save_words_page;
