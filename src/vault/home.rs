//! Where things are kept.

use std::path::{Path, PathBuf};

/// The name of the file that says that there are readings.
const MARKER: &str = "has-readings";

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

    /// The folder for files that a person saves and names no other place for.
    pub fn documents() -> PathBuf {
        let user = directories::UserDirs::new();
        let documents = user.as_ref().map(|user| user.document_dir().unwrap_or_else(|| user.home_dir()));
        documents.map(Path::to_owned).unwrap_or_default()
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

    /// The key that a rotation has made and not yet put in place.
    pub(super) fn next_key_file(&self) -> PathBuf {
        self.config.join("next.key")
    }

    /// A file that an earlier key is kept in, by a name of its own.
    pub(super) fn old_key_file(&self, name: &str) -> PathBuf {
        self.config.join(format!("secret-{name}.key"))
    }

    /// Whether a file name of the configuration folder is an earlier key's.
    pub(super) fn is_old_key(name: &str) -> bool {
        name.strip_prefix("secret-").is_some_and(|rest| rest.strip_suffix(".key").is_some())
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.ron")
    }

    /// The sealed readings.
    pub fn readings_file(&self) -> PathBuf {
        self.data.join("readings.redb")
    }

    /// A store that is being made and holds no readings yet.
    pub(super) fn new_readings_file(&self) -> PathBuf {
        self.data.join("readings.redb.new")
    }

    /// Says, beside the key, that there are readings: where their file is gone, they are not to begin anew.
    pub(super) fn marker_file(&self) -> PathBuf {
        self.config.join(MARKER)
    }

    /// The file whose lock says that a process uses this profile.
    pub fn lock_file(&self) -> PathBuf {
        self.data.join("lock")
    }

    /// Whether a file name of the configuration folder is one that Veilbeat gives.
    pub(super) fn is_ours(name: &str) -> bool {
        let name = name.strip_suffix(super::checksum::SUFFIX).unwrap_or(name);
        ["secret.key", "next.key", "settings.ron", MARKER].contains(&name) || Self::is_old_key(name)
    }
}
