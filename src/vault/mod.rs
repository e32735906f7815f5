//! What is kept on this computer: the key file, the sealed readings, the settings.

mod change;
mod edits;
mod home;

mod key_file;
mod records;
mod seal;
mod settings;
mod store;

pub use edits::Added;
pub use home::Home;
pub use key_file::{KeyFileError, create_key, key_is_exposed, load_key, protect_key};
pub use records::Batch;
pub use settings::{Settings, Theme};
pub use store::{Vault, VaultError};
