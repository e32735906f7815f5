//! Settings, in a file that people may edit: a RON map, so that entries of other versions are kept.

use std::collections::BTreeMap;
use std::{fs, io};

use jiff::tz::TimeZone;
use ron::Value;

use super::home::Home;
use crate::platform;

/// Light, dark, or what the system says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every choice, the default first.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The name on screen and in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// A person's settings.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Settings {
    /// The look.
    pub theme: Theme,
    /// The name of the time zone that was chosen; the system's if none was.
    pub timezone: Option<String>,
    /// The id of the key of which a backup was made and checked.
    pub backed_up: Option<String>,
    /// Whether the person has been reminded of a backup.
    pub reminded: bool,
    /// Everything that this version does not know, kept as it was.
    others: BTreeMap<String, Value>,
}

impl Settings {
    /// Reads the settings of a profile. A file that cannot be understood is set aside beside its
    /// place, never lost; the sentence says so.
    pub fn load(home: &Home) -> (Self, Option<String>) {
        let path = home.settings_file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Self::default(), None),
            Err(error) => {
                let sentence = format!("Could not read the settings ({error}); the usual ones are in use");
                return (Self::default(), Some(sentence));
            }
        };
        match ron::from_str::<BTreeMap<String, Value>>(&text) {
            Ok(entries) => (Self::from_entries(entries), None),
            Err(error) => {
                let aside = path.with_extension("ron.broken");
                let kept = match fs::rename(&path, &aside) {
                    Ok(()) => format!("it was set aside as {}", aside.display()),
                    Err(_) => "it was left where it is".to_owned(),
                };
                let sentence = format!(
                    "The settings file cannot be understood ({error}); {kept} and the usual settings are in use"
                );
                (Self::default(), Some(sentence))
            }
        }
    }

    fn from_entries(mut entries: BTreeMap<String, Value>) -> Self {
        let mut text = |name: &str| match entries.get(name) {
            Some(Value::String(text)) => {
                let text = text.clone();
                entries.remove(name);
                Some(text)
            }
            _ => None,
        };
        let theme = text("theme").and_then(|name| Theme::ALL.into_iter().find(|theme| theme.name() == name));
        let timezone = text("timezone");
        let backed_up = text("backed up");
        let reminded = entries.remove("reminded of a backup") == Some(Value::Bool(true));
        Self { theme: theme.unwrap_or_default(), timezone, backed_up, reminded, others: entries }
    }

    /// Writes the settings of a profile.
    pub fn save(&self, home: &Home) -> io::Result<()> {
        let mut entries = self.others.clone();
        entries.insert("theme".into(), Value::String(self.theme.name().into()));
        if let Some(timezone) = &self.timezone {
            entries.insert("timezone".into(), Value::String(timezone.clone()));
        }
        if let Some(key) = &self.backed_up {
            entries.insert("backed up".into(), Value::String(key.clone()));
        }
        if self.reminded {
            entries.insert("reminded of a backup".into(), Value::Bool(true));
        }
        let text = ron::ser::to_string_pretty(&entries, ron::ser::PrettyConfig::default()).map_err(io::Error::other)?;
        platform::create_private_dir(home.config_dir())?;
        platform::write_private(&home.settings_file(), text.as_bytes())
    }

    /// The time zone in force: the chosen one if it is known, else the system's.
    pub fn zone(&self) -> TimeZone {
        self.timezone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(TimeZone::system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_other_versions_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        assert_eq!(Settings::load(&home), (Settings::default(), None));
        platform::create_private_dir(home.config_dir()).unwrap();
        fs::write(home.settings_file(), r#"{"theme": "Dark", "from tomorrow": (1, "x")}"#).unwrap();
        let (mut settings, sentence) = Settings::load(&home);
        assert_eq!((settings.theme, sentence), (Theme::Dark, None));
        settings.timezone = Some("Asia/Tokyo".into());
        (settings.backed_up, settings.reminded) = (Some("00ff".into()), true);
        settings.save(&home).unwrap();
        assert!(fs::read_to_string(home.settings_file()).unwrap().contains("from tomorrow"));
        assert_eq!(Settings::load(&home), (settings, None));
    }

    #[test]
    fn a_broken_settings_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        platform::create_private_dir(home.config_dir()).unwrap();
        fs::write(home.settings_file(), "{{{ my careful notes").unwrap();
        let (settings, sentence) = Settings::load(&home);
        assert_eq!(settings, Settings::default());
        assert!(sentence.unwrap().contains("set aside"));
        let aside = home.settings_file().with_extension("ron.broken");
        assert_eq!(fs::read_to_string(aside).unwrap(), "{{{ my careful notes");
    }
}
