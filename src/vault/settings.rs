//! Settings, in a file that people may edit: a RON map, so that entries of other versions are kept.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use ron::Value;
use zeroize::Zeroizing;

use super::home::Home;
use super::server_settings::ServerSettings;
use super::window_geometry::WindowGeometry;
use crate::client::ParameterSet;
use crate::platform;
use crate::reading::WeekStart;
use crate::statistics::{Maximum, Weighting, ZoneBounds, Zones};

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

/// The order of the parts of a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DateOrder {
    /// `30 Sep 2026`.
    #[default]
    DayFirst,
    /// `Sep 30, 2026`.
    MonthFirst,
    /// `2026-09-30`.
    YearFirst,
}

impl DateOrder {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::DayFirst, Self::MonthFirst, Self::YearFirst];

    /// A date in this order: its name on screen and in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayFirst => "30 Sep 2026",
            Self::MonthFirst => "Sep 30, 2026",
            Self::YearFirst => "2026-09-30",
        }
    }
}

/// The hours of a clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Clock {
    /// `14:05`.
    #[default]
    TwentyFour,
    /// `2:05 pm`.
    Twelve,
}

impl Clock {
    /// Every clock.
    pub const ALL: [Self; 2] = [Self::TwentyFour, Self::Twelve];

    /// A time on this clock: its name on screen and in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwentyFour => "14:05",
            Self::Twelve => "2:05 pm",
        }
    }
}

/// The settings that a person's zones are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZoneSettings {
    /// The maximum rate.
    pub maximum: Maximum,
    /// Where zones start.
    pub bounds: ZoneBounds,
}

impl Default for ZoneSettings {
    fn default() -> Self {
        Self { maximum: Maximum::Unknown, bounds: ZoneBounds::OfMaximum }
    }
}

impl ZoneSettings {
    /// The zones; the default ones if the settings do not define any.
    pub fn zones(&self) -> Zones {
        Zones::new(self.bounds, self.maximum).unwrap_or_default()
    }

    /// What is wrong with them, in one sentence for whoever uses them.
    pub fn wrong(&self) -> Option<String> {
        let error = Zones::new(self.bounds, self.maximum).err()?;
        Some(format!("The zones in the settings cannot be used, so the usual ones are: {error}"))
    }

    fn take_from(entries: &mut BTreeMap<String, Value>) -> Self {
        let mut number = |name: &str| {
            let number = entries.get(name).and_then(whole)?;
            entries.remove(name);
            Some(number)
        };
        let (typed, age) = (number("maximum bpm"), number("age"));
        let resting = number("resting bpm");
        let maximum = match (typed, age.and_then(|age| u8::try_from(age).ok())) {
            (Some(bpm), _) => Maximum::Typed(bpm),
            (None, Some(age)) => Maximum::Age(age),
            (None, None) => Maximum::Unknown,
        };
        let typed: Option<Vec<u16>> = match entries.get("zones from bpm") {
            Some(Value::Seq(bounds)) => bounds.iter().map(whole).collect(),
            _ => None,
        };
        let bounds = match (typed.and_then(|bounds| bounds.try_into().ok()), resting) {
            (Some(bounds), _) => {
                entries.remove("zones from bpm");
                ZoneBounds::Typed(bounds)
            }
            (None, Some(resting_bpm)) => ZoneBounds::OfReserve { resting_bpm },
            (None, None) => ZoneBounds::OfMaximum,
        };
        Self { maximum, bounds }
    }

    fn put_into(self, entries: &mut BTreeMap<String, Value>) {
        let number = |number: u16| Value::Number(number.into());
        match self.maximum {
            Maximum::Typed(bpm) => drop(entries.insert("maximum bpm".into(), number(bpm))),
            Maximum::Age(age) => drop(entries.insert("age".into(), number(age.into()))),
            Maximum::Unknown => {}
        }
        match self.bounds {
            ZoneBounds::OfMaximum => {}
            ZoneBounds::OfReserve { resting_bpm } => {
                entries.insert("resting bpm".into(), number(resting_bpm));
            }
            ZoneBounds::Typed(bounds) => {
                entries.insert("zones from bpm".into(), Value::Seq(bounds.map(number).into()));
            }
        }
    }
}

/// The names of entries that are understood where their values are.
const KNOWN: [&str; 17] = [
    "theme",
    "timezone",
    "backed up",
    "parameters",
    "averages",
    "weeks start on",
    "folder",
    "view",
    "layers",
    "maximum bpm",
    "age",
    "resting bpm",
    "zones from bpm",
    "window",
    "window corner",
    "window maximized",
    "zoom percent",
];

/// The longest settings file that is read: Veilbeat writes some hundred bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Reads a settings file.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    platform::read_at_most(path, MAX_FILE_BYTES)?.ok_or_else(|| io::Error::other("the file is longer than 1 MiB"))
}

/// Takes a text out of the entries of a settings file, if `read` understands it.
fn taken<T>(entries: &mut BTreeMap<String, Value>, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let Some(Value::String(text)) = entries.get(name) else { return None };
    let understood = read(text)?;
    entries.remove(name);
    Some(understood)
}

/// A whole number of a settings file.
fn whole(value: &Value) -> Option<u16> {
    let Value::Number(number) = value else { return None };
    let number = number.into_f64();
    (number.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&number)).then_some(number as u16)
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
    /// Zones of intensity.
    pub zones: ZoneSettings,
    /// When weeks start; as the locale has it if `None`.
    pub weeks: Option<WeekStart>,
    /// The order of dates; as the locale has it if `None`.
    pub dates: Option<DateOrder>,
    /// The clock; as the locale has it if `None`.
    pub clock: Option<Clock>,
    /// The parameters that readings are encrypted under.
    pub parameters: ParameterSet,
    /// The unit that has one vote in an average.
    pub weighting: Weighting,
    /// The server that adds up.
    pub server: ServerSettings,
    /// Where the window was.
    pub window: WindowGeometry,
    /// The folder that a file was last chosen in.
    pub folder: Option<PathBuf>,
    /// The folder whose files were imported together last.
    pub exports: Option<PathBuf>,
    /// The days and steps that were looked at last, as the window names them.
    pub view: Option<String>,
    /// The layers of the chart that were shown last, as the window names them.
    pub layers: Option<String>,
    /// Everything that this version does not know, kept as it was.
    others: BTreeMap<String, Value>,
    /// Whether there is a file that could not be read nor set aside: it is not written over.
    unreadable: bool,
}

impl Settings {
    /// Reads the settings of a profile. A file that cannot be understood is set aside beside its
    /// place, never lost; the sentence says so.
    pub fn load(home: &Home) -> (Self, Option<String>) {
        let path = home.settings_file();
        let content = match read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Self::default(), None),
            Err(error) => {
                let sentence = format!("Could not read the settings ({error}); the default settings are in use");
                return (Self { unreadable: true, ..Self::default() }, Some(sentence));
            }
        };
        let text = std::str::from_utf8(&content).map_err(|error| error.to_string());
        match text.and_then(|text| ron::from_str(text).map_err(|error| error.to_string())) {
            Ok(entries) => {
                let settings = Self::from_entries(entries);
                let ignored = settings.ignored();
                (settings, ignored)
            }
            Err(error) => {
                let aside = Self::files(home).find(|aside| *aside != path && !aside.exists());
                let moved = aside.filter(|aside| platform::rename_new(&path, aside).is_ok());
                let kept = match &moved {
                    Some(aside) => format!("it was set aside as {}", aside.display()),
                    None => "it was left where it is".to_owned(),
                };
                let sentence = format!(
                    "The settings file cannot be understood ({error}); {kept} and the default settings are in use"
                );
                (Self { unreadable: moved.is_none(), ..Self::default() }, Some(sentence))
            }
        }
    }

    /// The settings file, and where files are set aside that cannot be understood.
    pub(super) fn files(home: &Home) -> impl Iterator<Item = PathBuf> + use<> {
        const MOST_SET_ASIDE: usize = 99;
        let path = home.settings_file();
        let aside = (1..=MOST_SET_ASIDE).map({
            let path = path.clone();
            move |number| match number {
                1 => path.with_extension("ron.broken"),
                number => path.with_extension(format!("ron.broken-{number}")),
            }
        });
        std::iter::once(path).chain(aside)
    }

    /// Where the window was, without a word about a file that cannot be read.
    pub fn window_of(home: &Home) -> WindowGeometry {
        let text = read(&home.settings_file()).ok();
        let entries = text.and_then(|text| ron::from_str(std::str::from_utf8(&text).ok()?).ok());
        entries.map(|mut entries| WindowGeometry::take_from(&mut entries)).unwrap_or_default()
    }

    fn from_entries(mut entries: BTreeMap<String, Value>) -> Self {
        let theme = taken(&mut entries, "theme", |name| Theme::ALL.into_iter().find(|theme| theme.name() == name));
        let timezone = taken(&mut entries, "timezone", |name| Some(name.to_owned()));
        let backed_up = taken(&mut entries, "backed up", |id| Some(id.to_owned()));
        let parameters =
            taken(&mut entries, "parameters", |name| ParameterSet::ALL.into_iter().find(|own| own.name() == name));
        let weighting = taken(&mut entries, "averages", |words| {
            Weighting::ALL.into_iter().find(|weighting| weighting.words() == words)
        });
        let weeks =
            taken(&mut entries, "weeks start on", |name| WeekStart::ALL.into_iter().find(|day| day.name() == name));
        let dates = taken(&mut entries, "dates", |name| DateOrder::ALL.into_iter().find(|order| order.name() == name));
        let clock = taken(&mut entries, "clock", |name| Clock::ALL.into_iter().find(|clock| clock.name() == name));
        let folder = taken(&mut entries, "folder", |folder| Some(PathBuf::from(folder)));
        let exports = taken(&mut entries, "folder of exports", |folder| Some(PathBuf::from(folder)));
        let view = taken(&mut entries, "view", |view| Some(view.to_owned()));
        let layers = taken(&mut entries, "layers", |layers| Some(layers.to_owned()));
        let reminded = entries.remove("reminded of a backup") == Some(Value::Bool(true));
        let zones = ZoneSettings::take_from(&mut entries);
        let window = WindowGeometry::take_from(&mut entries);
        let server = ServerSettings::take_from(&mut entries);
        Self {
            parameters: parameters.unwrap_or_default(),
            weighting: weighting.unwrap_or_default(),
            window,
            theme: theme.unwrap_or_default(),
            timezone,
            backed_up,
            reminded,
            zones,
            server,
            weeks,
            dates,
            clock,
            folder,
            exports,
            view,
            layers,
            others: entries,
            unreadable: false,
        }
    }

    /// The entries that have a name known here and a value that is not, in one sentence. They are kept.
    fn ignored(&self) -> Option<String> {
        let known = |name: &&String| KNOWN.contains(&name.as_str());
        let names: Vec<_> = self.others.keys().filter(known).map(|name| format!("“{name}”")).collect();
        let zone = self.timezone.as_deref().filter(|name| TimeZone::get(name).is_err());
        let zone = zone.map(|name| format!("the time zone “{name}”"));
        let names: Vec<_> = names.into_iter().chain(zone).collect();
        (!names.is_empty()).then(|| {
            let names = names.join(", ");
            format!("The settings file has values that cannot be used, for {names}; the usual ones are in use instead")
        })
    }

    /// Writes the settings of a profile.
    pub fn save(&self, home: &Home) -> io::Result<()> {
        if self.unreadable {
            return Err(io::Error::other("the settings file cannot be read; it was left as it is"));
        }
        let mut entries = self.others.clone();
        // A choice that only another version knows stays, until another one is made here.
        let mut choose = |name: &str, chosen: &str, usual: &str| {
            if chosen != usual || !entries.contains_key(name) {
                entries.insert(name.into(), Value::String(chosen.into()));
            }
        };
        choose("theme", self.theme.name(), Theme::default().name());
        choose("parameters", self.parameters.name(), ParameterSet::default().name());
        choose("averages", self.weighting.words(), Weighting::default().words());
        let forms = [
            ("weeks start on", self.weeks.map(WeekStart::name)),
            ("dates", self.dates.map(DateOrder::name)),
            ("clock", self.clock.map(Clock::name)),
        ];
        for (name, chosen) in forms {
            if let Some(chosen) = chosen {
                entries.insert(name.into(), Value::String(chosen.into()));
            }
        }
        if let Some(timezone) = &self.timezone {
            entries.insert("timezone".into(), Value::String(timezone.clone()));
        }
        if let Some(key) = &self.backed_up {
            entries.insert("backed up".into(), Value::String(key.clone()));
        }
        if let Some(folder) = self.folder.as_deref().and_then(Path::to_str) {
            entries.insert("folder".into(), Value::String(folder.into()));
        }
        if let Some(folder) = self.exports.as_deref().and_then(Path::to_str) {
            entries.insert("folder of exports".into(), Value::String(folder.into()));
        }
        for (name, text) in [("view", &self.view), ("layers", &self.layers)] {
            if let Some(text) = text {
                entries.insert(name.into(), Value::String(text.clone()));
            }
        }
        if self.reminded {
            entries.insert("reminded of a backup".into(), Value::Bool(true));
        }
        self.zones.put_into(&mut entries);
        self.window.put_into(&mut entries);
        self.server.put_into(&mut entries);
        let text = ron::ser::to_string_pretty(&entries, ron::ser::PrettyConfig::default()).map_err(io::Error::other)?;
        platform::create_private_dir(home.config_dir())?;
        platform::write_private(&home.settings_file(), text.as_bytes())
    }

    /// The time zone in force: the chosen one if it is known, else the system's, else UTC.
    pub fn zone(&self) -> TimeZone {
        self.timezone
            .as_deref()
            .and_then(|name| TimeZone::get(name).ok())
            .unwrap_or_else(|| platform::system_zone().unwrap_or(TimeZone::UTC))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use crate::vault::ServerKind;

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
        settings.server = ServerSettings { kind: ServerKind::Process, ..ServerSettings::command("ssh -T nas") };
        (settings.backed_up, settings.reminded) = (Some("00ff".into()), true);
        settings.zones =
            ZoneSettings { maximum: Maximum::Age(41), bounds: ZoneBounds::Typed([100, 120, 140, 160, 180]) };
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
        assert_eq!(fs::read_to_string(&aside).unwrap(), "{{{ my careful notes");
        // Another one does not take its place, and is set aside too when it is not text at all.
        fs::write(home.settings_file(), b"\xff\xfe").unwrap();
        assert!(Settings::load(&home).1.unwrap().contains("ron.broken-2"));
        assert_eq!(fs::read_to_string(&aside).unwrap(), "{{{ my careful notes");
        // What can be neither read nor set aside is not written over.
        fs::create_dir(home.settings_file()).unwrap();
        assert!(Settings::load(&home).0.save(&home).is_err() && home.settings_file().is_dir());
    }

    #[test]
    fn choices_that_only_another_version_knows_stay_until_others_are_made() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        platform::create_private_dir(home.config_dir()).unwrap();
        fs::write(home.settings_file(), r#"{"theme": "Sepia", "parameters": "post-tomorrow"}"#).unwrap();
        let (mut settings, _) = Settings::load(&home);
        settings.save(&home).unwrap();
        let text = fs::read_to_string(home.settings_file()).unwrap();
        assert!(text.contains("Sepia") && text.contains("post-tomorrow"), "{text}");
        assert_eq!(
            Settings::load(&home).1.unwrap(),
            "The settings file has values that cannot be used, for “parameters”, “theme”; the usual ones are in use instead"
        );
        settings.theme = Theme::Dark;
        settings.save(&home).unwrap();
        assert!(!fs::read_to_string(home.settings_file()).unwrap().contains("Sepia"));
    }
}
