//! Where things are kept.

use std::path::{Path, PathBuf};

/// The folders of one profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
}

impl Home {
    /// The folders below `dir`, or the user's own. `None` if the system knows no home for the user.
    pub fn find(dir: Option<&Path>) -> Option<Self> {
        match dir {
            Some(dir) => Some(Self { config: dir.join("config"), data: dir.join("data") }),
            None => directories::ProjectDirs::from("", "", "veilbeat")
                .map(|dirs| Self { config: dirs.config_dir().to_owned(), data: dirs.data_dir().to_owned() }),
        }
    }

    /// The folder of key and settings.
    pub fn config_dir(&self) -> &Path {
        &self.config
    }

    /// The folder of the readings.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// The key file.
    pub fn key_file(&self) -> PathBuf {
        self.config.join("secret.key")
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.ron")
    }

    /// The sealed readings.
    pub fn readings_file(&self) -> PathBuf {
        self.data.join("readings.redb")
    }

    /// The file whose lock says that a process uses this profile.
    pub fn lock_file(&self) -> PathBuf {
        self.data.join("lock")
    }
}
