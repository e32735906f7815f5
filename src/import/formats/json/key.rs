//! The keys of objects by what they hold, in the JSON of all devices and services that are known.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

use crate::import::options::OffsetUnit;
use crate::import::time::stamp::Stamp;
use crate::reading::Kind;

/// What the value under a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    /// A heart rate, in bpm. An object holds one for the object around it.
    Rate,
    /// A resting rate.
    Resting,
    /// The average of something, named as one of heart rates.
    Average,
    /// A quantity: a heart rate if it is said to be one. An object holds one for the object around it.
    Quantity,
    /// The same, averaged.
    MeanQuantity,
    /// A time, a date or a time of day. The lowest rank is the best of several; and whether it is UTC.
    Time {
        rank: u8,
        utc: bool,
    },
    /// Seconds since midnight.
    SecondsOfDay,
    /// The length of a step of a series, in milliseconds by this many.
    Interval(u64),
    /// The rates of a series: a list of numbers, or a text of numbers and commas.
    Series,
    /// Words about what the quantity is.
    About,
    /// The code of what the quantity is.
    Code,
    /// Polar's number of what is sampled: 0 for heart rates.
    SampleType,
    /// An object that belongs to the one around it.
    Part,
    /// One of several measures at the time of the object around it.
    Component,
    /// A list of days, whose date is that of what stands beside it.
    Days,
    /// A list of activities.
    Activities,
    /// A sign that the object is an activity.
    Activity,
    /// A sign that the object is Fitbit's resting rate.
    Error,
    /// The zone of the times: its name, or an offset as text.
    Zone,
    /// How many of a unit local time is ahead of UTC; Polar's are minutes.
    Offset(Option<OffsetUnit>),
    /// Whose readings they are, under this name.
    Person(&'static str),
    /// A list of people, who have names.
    People,
    /// A person, as FHIR refers to one.
    Reference,
    /// FHIR's state of a measurement; that of a value beside it; the list that a code is of; the kind of a resource.
    Status,
    Comparator,
    System,
    ResourceType,
    /// What is measured so many seconds after a start.
    After(u32),
    /// What is measured at a time.
    At(Stamp),
    Nothing,
}

impl Holds {
    /// Whether what is under the key belongs to what is around it.
    fn is_structure(self) -> bool {
        !matches!(
            self,
            Self::Nothing
                | Self::Error
                | Self::Interval(_)
                | Self::Status
                | Self::Comparator
                | Self::System
                | Self::Offset(_)
                | Self::Zone
                | Self::SampleType
        )
    }
}

/// What a path or a name says of quantities.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hearts {
    Unknown,
    Are(Kind),
    /// Of something else.
    AreNot,
}

/// A key of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) holds: Holds,
    pub(super) hearts: Hearts,
    /// Whether what stands around it may tell what its quantities are.
    pub(super) is_neutral: bool,
    /// The format that has such keys.
    pub(super) format: Option<Format>,
    /// The format that has such keys in its readings, if nothing else tells.
    pub(super) hint: Option<Format>,
}

/// The key of what stands alone.
pub(super) const NO_KEY: Key =
    Key { holds: Holds::Nothing, hearts: Hearts::Unknown, is_neutral: true, format: None, hint: None };

/// A format, by the keys that it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Fhir,
    FitbitDay,
    FitbitResting,
    FitbitSamples,
    Garmin,
    GoogleFit,
    HealthAutoExport,
    Huawei,
    Oura,
    Polar,
    Runtastic,
    Samsung,
}

impl Format {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fhir => "FHIR observations (JSON)",
            Self::FitbitDay => "Fitbit (JSON)",
            Self::FitbitResting => "Fitbit resting rates (Google Takeout JSON)",
            Self::FitbitSamples => "Fitbit (Google Takeout JSON)",
            Self::Garmin => "Garmin (JSON)",
            Self::GoogleFit => "Google Fit (JSON)",
            Self::HealthAutoExport => "Health Auto Export (JSON)",
            Self::Huawei => "Huawei Health (JSON)",
            Self::Oura => "Oura (JSON)",
            Self::Polar => "Polar (JSON)",
            Self::Runtastic => "Runtastic (JSON)",
            Self::Samsung => "Samsung Health (JSON)",
        }
    }
}

impl Key {
    fn of(name: &str) -> Self {
        let plain = Plain::of(name);
        let Some(word) = plain.as_ref().map(Plain::word) else { return Self { is_neutral: false, ..NO_KEY } };
        let (holds, hearts) = (holds(name, word), hearts_of_path(word));
        let is_neutral = holds.is_structure() || hearts != Hearts::Unknown || NEUTRAL.contains(&word);
        Self { holds, hearts, is_neutral, format: format_of(word), hint: hint_of(name) }
    }
}

/// The small letters and digits of a name behind its last full stop.
struct Plain {
    letters: [u8; LONGEST],
    len: usize,
}

const LONGEST: usize = 64;

impl Plain {
    /// `None` for a name that is longer than any that is known.
    fn of(name: &str) -> Option<Self> {
        let last = name.rsplit_once('.').map_or(name, |(_, last)| last);
        let mut plain = Self { letters: [0; LONGEST], len: 0 };
        for byte in last.bytes().filter(u8::is_ascii_alphanumeric) {
            *plain.letters.get_mut(plain.len)? = byte.to_ascii_lowercase();
            plain.len += 1;
        }
        Some(plain)
    }

    fn word(&self) -> &str {
        std::str::from_utf8(&self.letters[..self.len]).unwrap_or_default()
    }
}

/// Keys that say nothing of what is under them.
const NEUTRAL: [&str; 21] = [
    "dataset",
    "datasets",
    "samples",
    "series",
    "points",
    "point",
    "datapoints",
    "samplepoints",
    "entry",
    "entries",
    "records",
    "record",
    "list",
    "measurements",
    "readings",
    "metrics",
    "resource",
    "results",
    "result",
    "body",
    "content",
];

fn holds(name: &str, word: &str) -> Holds {
    let is_utc = word.ends_with("gmt") || word.ends_with("utc") || word.starts_with("epoch");
    let time = |rank| Holds::Time { rank, utc: is_utc };
    let (zone, unit) = offset_unit_in(word);
    if ["timezoneoffset", "utcoffset", "tzoffset", "zoneoffset", "starttimeutcoffset"].contains(&zone) {
        return Holds::Offset(if zone == "starttimeutcoffset" { Some(OffsetUnit::Minutes) } else { unit });
    }
    match word {
        "bpm" | "heartrate" | "heartratebpm" | "hr" | "beatsperminute" | "pulse" | "pulserate" => Holds::Rate,
        "restingheartrate" | "restinghr" | "rhr" | "heartrateresting" | "restingheartrateinbeatsperminute" => {
            Holds::Resting
        }
        "averageheartrate"
        | "avgheartrate"
        | "averagehr"
        | "avghr"
        | "heartrateavg"
        | "heartrateaverage"
        | "meanheartrate"
        | "averageheartrateinbeatsperminute" => Holds::Average,
        "value" | "qty" | "fpval" => Holds::Quantity,
        "avg" | "average" => Holds::MeanQuantity,
        "begintimestamp" | "starttimenanos" | "starttimegmt" | "starttimestampgmt" | "starttimeinseconds"
        | "startgmt" | "timestampgmt" | "timegmt" | "timeutc" | "timestamputc" | "epoch" | "epochmillis"
        | "epochms" | "epochseconds" => time(0),
        "timestamp" | "datetime" | "effectivedatetime" | "effectiveinstant" | "physicaltime" | "starttime" | "time"
        | "sampletime" | "utc" => time(1),
        "start" | "startdate" | "date" | "recordedat" | "measuredat" | "day" | "timeiso8601" | "starttimelocal"
        | "calendardate" => time(2),
        "secondsfromdaystart" => Holds::SecondsOfDay,
        "recordingrate" | "interval" => Holds::Interval(1000),
        "intervalmillis" => Holds::Interval(1),
        "items" | "values" | "data" => Holds::Series,
        "name" | "datatypename" | "type" | "key" | "metric" => Holds::About,
        "code" => Holds::Code,
        "sampletype" => Holds::SampleType,
        "fitvalue" | "valuequantity" | "coding" | "effectiveperiod" | "sample" | "attributes" => Holds::Part,
        "component" => Holds::Component,
        "activitiesheart" => Holds::Days,
        "activityid" | "sport" | "activitytype" | "activityname" | "exercises" | "sporttypeid" | "sporttype"
        | "movingtime" => Holds::Activity,
        "workouts" | "activities" | "trainings" => Holds::Activities,
        "error" => Holds::Error,
        "timezone" | "tz" | "timezoneid" | "timezonename" => Holds::Zone,
        "userid" | "user" => Holds::Person("user"),
        "patientid" | "patient" => Holds::Person("patient"),
        "subjectid" | "subject" => Holds::Person("subject"),
        "participantid" | "participant" => Holds::Person("participant"),
        "personid" | "memberid" | "athleteid" => Holds::Person("person"),
        "users" | "people" | "patients" | "participants" => Holds::People,
        "reference" => Holds::Reference,
        "status" => Holds::Status,
        "comparator" => Holds::Comparator,
        "system" => Holds::System,
        "resourcetype" => Holds::ResourceType,
        _ if name.bytes().all(|byte| byte.is_ascii_digit()) => match name.parse() {
            Ok(seconds) if name.len() <= 5 => Holds::After(seconds),
            _ => Stamp::parse(name).map_or(Holds::Nothing, Holds::At),
        },
        // A time as a key: `2024-01-05T08:00:00Z`.
        _ if name.len() >= 16 && name.starts_with(|first: char| first.is_ascii_digit()) => {
            Stamp::parse(name).map_or(Holds::Nothing, Holds::At)
        }
        _ => Holds::Nothing,
    }
}

/// The unit that a key of an offset ends with, and the key before it.
fn offset_unit_in(word: &str) -> (&str, Option<OffsetUnit>) {
    for (end, unit) in [
        ("inminutes", OffsetUnit::Minutes),
        ("minutes", OffsetUnit::Minutes),
        ("min", OffsetUnit::Minutes),
        ("inseconds", OffsetUnit::Seconds),
        ("seconds", OffsetUnit::Seconds),
        ("inmilliseconds", OffsetUnit::Milliseconds),
        ("inms", OffsetUnit::Milliseconds),
        ("ms", OffsetUnit::Milliseconds),
        ("hours", OffsetUnit::Hours),
    ] {
        if let Some(zone) = word.strip_suffix(end) {
            return (zone, Some(unit));
        }
    }
    (word, None)
}

/// Words beside which a heart's rate is something else.
const OTHERWISE: [&str; 17] = [
    "variab",
    "zone",
    "recover",
    "walking",
    "reserve",
    "target",
    "limit",
    "quality",
    "goal",
    "alarm",
    "threshold",
    "baseline",
    "percentile",
    "confidence",
    "score",
    "contributor",
    "range",
];

/// Whether a word says that what it names is no measured rate.
fn is_otherwise(word: &str) -> bool {
    let end = |end: &str| word.starts_with(end) || word.ends_with(end);
    OTHERWISE.iter().any(|other| word.contains(other)) || end("max") || end("min") && !word.starts_with("minute")
}

fn hearts_of_path(word: &str) -> Hearts {
    if is_otherwise(word) {
        Hearts::AreNot
    } else if word.contains("heart") {
        Hearts::Are(kind_of(word))
    } else {
        Hearts::Unknown
    }
}

fn kind_of(word: &str) -> Kind {
    if word.contains("rest") { Kind::Resting } else { Kind::Sample }
}

/// The letters and digits of words, small.
fn letters(words: &str) -> String {
    words.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether words say that a quantity is the highest of something, a goal, or the like.
pub(super) fn says_otherwise(words: &str) -> bool {
    is_otherwise(&letters(words))
}

/// Codes of the heart rate, of that of an oximeter, and of the resting heart rate: the list, the code, the kind.
const CODES: [(&str, &str, Kind); 4] = [
    ("loinc", "8867-4", Kind::Sample),
    ("loinc", "8889-8", Kind::Sample),
    ("loinc", "40443-4", Kind::Resting),
    ("snomed", "364075005", Kind::Sample),
];

/// Whether a code is that of a heart rate in one list, and the text names another.
pub(super) fn is_of_other_list(code: &str, system: &str) -> bool {
    let system = system.to_ascii_lowercase();
    CODES.iter().any(|(list, known, _)| *known == code && !system.contains(list))
}

/// What a name says of the quantities that it names.
pub(super) fn hearts_of_name(name: &str) -> Hearts {
    if let Some((.., kind)) = CODES.iter().find(|(_, code, _)| *code == name) {
        return Hearts::Are(*kind);
    }
    let word = letters(name);
    let is = ["heartrate", "heartratebpm", "pulserate"].iter().any(|end| word.ends_with(end));
    if is && !is_otherwise(&word) { Hearts::Are(kind_of(&word)) } else { Hearts::AreNot }
}

fn format_of(word: &str) -> Option<Format> {
    Some(match word {
        "heartratesamples" | "devicedays" | "exportversion" | "recordingrate" | "polaruser" => Format::Polar,
        "heartratevalues" | "calendardate" | "timeoffsetheartratesamples" | "summarizedactivitiesexport" => {
            Format::Garmin
        }
        "activitiesheart" | "activitiesheartintraday" => Format::FitbitDay,
        "datatypename" | "fitvalue" => Format::GoogleFit,
        "resourcetype" => Format::Fhir,
        "metrics" => Format::HealthAutoExport,
        "samplepoints" => Format::Huawei,
        _ => return None,
    })
}

fn hint_of(name: &str) -> Option<Format> {
    Some(match name {
        "dateTime" => Format::FitbitSamples,
        "source" => Format::Oura,
        "version" => Format::Runtastic,
        "start_time" => Format::Samsung,
        _ => return None,
    })
}

/// Keys that were looked up. Objects repeat the same few.
#[derive(Default)]
pub(super) struct Keys(Vec<(Box<str>, Key)>);

/// Objects whose keys are ids have any number of them.
const MOST_KNOWN: usize = 32;

impl Keys {
    fn find(&mut self, name: &str) -> Key {
        if let Some((_, key)) = self.0.iter().find(|(known, _)| **known == *name) {
            return *key;
        }
        let key = Key::of(name);
        if self.0.len() < MOST_KNOWN {
            self.0.push((name.into(), key));
        }
        key
    }
}

/// Reads a key.
pub(super) struct ReadKey<'a>(pub(super) &'a mut Keys);

impl<'de> DeserializeSeed<'de> for ReadKey<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ReadKey<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        Ok(self.0.find(name))
    }
}
