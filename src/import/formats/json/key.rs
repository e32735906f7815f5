//! The keys of objects by what they hold, in the JSON of all devices and services that are known.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

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
    /// Polar's number of what is sampled: 0 for heart rates.
    SampleType,
    /// An object that belongs to the one around it.
    Part,
    /// One of several measures at the time of the object around it.
    Component,
    /// A list of days, whose date is that of what stands beside it.
    Days,
    /// A sign that the object is an activity.
    Activity,
    /// A sign that the object is Fitbit's resting rate.
    Error,
    /// Minutes that local time is ahead of UTC.
    OffsetMinutes,
    /// What is measured so many seconds after a start.
    After(u32),
    /// What is measured at a time.
    At(Stamp),
    Nothing,
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
    /// The format that has such keys.
    pub(super) format: Option<Format>,
    /// The format that has such keys in its readings, if nothing else tells.
    pub(super) hint: Option<Format>,
}

/// The key of what stands alone.
pub(super) const NO_KEY: Key = Key { holds: Holds::Nothing, hearts: Hearts::Unknown, format: None, hint: None };

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
        let Some(word) = plain.as_ref().map(Plain::word) else { return NO_KEY };
        Self { holds: holds(name, word), hearts: hearts_of_path(word), format: format_of(word), hint: hint_of(name) }
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

fn holds(name: &str, word: &str) -> Holds {
    let time = |rank| Holds::Time { rank, utc: word.ends_with("gmt") || word == "utc" };
    match word {
        "bpm" | "heartrate" | "heartratebpm" | "hr" | "beatsperminute" | "pulse" | "pulserate" => Holds::Rate,
        "restingheartrate" | "restinghr" | "rhr" | "heartrateresting" => Holds::Resting,
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
        "begintimestamp" | "starttimenanos" | "starttimegmt" | "starttimestampgmt" | "starttimeinseconds" => time(0),
        "timestamp" | "datetime" | "effectivedatetime" | "effectiveinstant" | "physicaltime" | "starttime" | "time"
        | "sampletime" | "utc" => time(1),
        "start" | "startdate" | "date" | "recordedat" | "measuredat" | "day" | "timeiso8601" | "starttimelocal"
        | "calendardate" => time(2),
        "secondsfromdaystart" => Holds::SecondsOfDay,
        "recordingrate" | "interval" => Holds::Interval(1000),
        "intervalmillis" => Holds::Interval(1),
        "items" | "values" | "data" => Holds::Series,
        "name" | "datatypename" | "type" | "key" | "code" | "metric" => Holds::About,
        "sampletype" => Holds::SampleType,
        "fitvalue" | "valuequantity" | "coding" | "effectiveperiod" | "sample" | "attributes" => Holds::Part,
        "component" => Holds::Component,
        "activitiesheart" => Holds::Days,
        "activityid" | "sport" | "activitytype" | "activityname" | "exercises" | "sporttypeid" => Holds::Activity,
        "error" => Holds::Error,
        "timezoneoffset" => Holds::OffsetMinutes,
        _ if name.bytes().all(|byte| byte.is_ascii_digit()) => match name.parse() {
            Ok(seconds) if name.len() <= 5 => Holds::After(seconds),
            _ => Stamp::parse(name).map_or(Holds::Nothing, Holds::At),
        },
        _ => Holds::Nothing,
    }
}

/// Words beside which a heart's rate is something else.
const OTHERWISE: [&str; 11] =
    ["variab", "zone", "recover", "max", "min", "walking", "reserve", "target", "limit", "summary", "quality"];

fn hearts_of_path(word: &str) -> Hearts {
    if !word.contains("heart") {
        Hearts::Unknown
    } else if OTHERWISE.iter().any(|other| word.contains(other)) {
        Hearts::AreNot
    } else {
        Hearts::Are(if word.contains("resting") { Kind::Resting } else { Kind::Sample })
    }
}

/// What a name says of the quantities that it names.
pub(super) fn hearts_of_name(name: &str) -> Hearts {
    /// LOINC's codes of the heart rate and the resting heart rate.
    const LOINC: [(&str, Kind); 2] = [("8867-4", Kind::Sample), ("40443-4", Kind::Resting)];
    if let Some((_, kind)) = LOINC.iter().find(|(code, _)| *code == name) {
        return Hearts::Are(*kind);
    }
    let word: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let is = ["heartrate", "heartratebpm", "pulserate"].iter().any(|end| word.ends_with(end));
    if !is || OTHERWISE.iter().any(|other| word.contains(other)) {
        Hearts::AreNot
    } else {
        Hearts::Are(if word.contains("resting") { Kind::Resting } else { Kind::Sample })
    }
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
