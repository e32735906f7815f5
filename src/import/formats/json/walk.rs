//! The readings in JSON of any shape: objects that hold a heart rate, joined with the times, dates and names that
//! stand around them. Values are read one by one as they come.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::import::formats::json::key::{
    Format, Hearts, Holds, Key, Keys, NO_KEY, ReadKey, hearts_of_name, says_otherwise,
};
use crate::import::formats::json::level::{Level, Point, Sort, When, WrittenZone, ahead, interval_ms, ms_of_day};
use crate::import::options::OffsetUnit;
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::table::people::Naming;
use crate::import::time::stamp::{Stamp, Zone};
use crate::reading::{Kind, Rate, RateError};

/// Readings kept while their time, or what they measure, is not known yet. Mostly it comes first.
const MOST_WAITING: usize = 1_000_000;
/// Said where that is not enough.
pub(super) const TOO_MANY: &str =
    "more than a million values come before the time or the name that they belong to; export them in parts";
/// More people than any study has in one file.
const MOST_PEOPLE: usize = 10_000;
pub(super) const TOO_MANY_PEOPLE: &str = "it names more than ten thousand people";
/// A longer text is neither a time nor a number.
const LONGEST_SCALAR_BYTES: usize = 256;

/// What was found in a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// A time, and nothing that was measured then.
    TimeOnly,
    Reading,
}

/// The reading of a JSON text.
pub(super) struct Finder<'r> {
    rows: &'r mut Rows,
    keys: Keys,
    /// People by their numbers, and their numbers by their names.
    people: Vec<Rc<str>>,
    numbers: HashMap<Rc<str>, u32>,
    levels: Vec<Level>,
    waiting: Vec<Point>,
    found: u64,
    number: u64,
    /// The line, where each has an object of its own.
    pub(super) line: Option<u64>,
    format: Option<Format>,
    hint: Option<Format>,
}

impl<'r> Finder<'r> {
    pub(super) fn new(rows: &'r mut Rows) -> Self {
        Self {
            rows,
            keys: Keys::default(),
            people: Vec::new(),
            numbers: HashMap::new(),
            levels: Vec::new(),
            waiting: Vec::new(),
            found: 0,
            number: 0,
            line: None,
            format: None,
            hint: None,
        }
    }

    /// Forgets what was found: the text is to be read in another way, into rows without any.
    pub(super) fn start_again(&mut self, rows: Rows) {
        *self.rows = rows;
        self.levels.clear();
        self.waiting.clear();
        (self.found, self.number, self.format, self.hint) = (0, 0, None, None);
    }

    /// Reads a text.
    pub(super) fn read<'de, D: Deserializer<'de>>(&mut self, text: D) -> Result<(), D::Error> {
        self.levels.clear();
        self.waiting.clear();
        Walk { finder: self, key: NO_KEY, in_list: false }.deserialize(text).map(drop)
    }

    /// Refuses the line of a text.
    pub(super) fn refuse(&mut self, line: u64, reason: Reason) {
        self.rows.refuse("", line, reason);
    }

    /// The name of the format, if there were heart rates.
    pub(super) fn format(&self) -> Option<&'static str> {
        (self.found > 0).then(|| self.format.or(self.hint).map_or("JSON of times and heart rates", Format::name))
    }

    /// What the path to here says of quantities.
    fn path(&self, key: Key) -> Hearts {
        let around = self.levels.last().map_or(Hearts::Unknown, |level| level.key.hearts);
        match (key.hearts, around) {
            (_, Hearts::AreNot) => Hearts::AreNot,
            (Hearts::Unknown, around) if key.is_neutral => around,
            // Under heart rates, and named as something else: its confidence, for one.
            (Hearts::Unknown, Hearts::Are(_)) => Hearts::AreNot,
            (hearts, _) => hearts,
        }
    }

    fn open(&mut self, key: Key, in_list: bool) {
        let key = Key { hearts: self.path(key), ..key };
        self.levels.push(Level {
            key,
            in_list,
            hearts: Hearts::Unknown,
            hint: None,
            time: None,
            date: None,
            of_day: None,
            zone: None,
            rate: None,
            resting: None,
            average: None,
            quantity: None,
            mean: None,
            interval_ms: None,
            series: Vec::new(),
            sort: if key.holds == Holds::Activities && in_list { Sort::Activity } else { Sort::Plain },
            person: None,
            code: None,
            system: None,
            waiting: self.waiting.len(),
            found: self.found,
        });
    }

    /// Takes in a text or number; `None` is null.
    fn scalar(&mut self, key: Key, text: Option<&str>) -> Result<Found, &'static str> {
        let Some(level) = self.levels.last_mut() else { return Ok(Found::Nothing) };
        level.hint = level.hint.or(key.hint);
        let text = match text {
            Some(text) if text.len() > LONGEST_SCALAR_BYTES && key.holds != Holds::Series => Some("\u{fffd}"),
            text => text,
        };
        let rate = || text.map_or(Err(RateError::Missing), Rate::parse);
        match key.holds {
            Holds::Rate => level.rate = level.rate.or(Some(rate())),
            Holds::Resting => level.resting = level.resting.or(Some(rate())),
            Holds::Average => level.average = level.average.or(Some(rate())),
            Holds::Quantity => level.quantity = level.quantity.or(Some(rate())),
            Holds::MeanQuantity => level.mean = level.mean.or(Some(rate())),
            Holds::Time { rank, utc } => level.take_time(text.unwrap_or_default(), rank, utc),
            Holds::SecondsOfDay => level.of_day = text.and_then(|text| text.parse().ok()).and_then(ms_of_day),
            Holds::Interval(unit_ms) => level.interval_ms = text.and_then(|text| interval_ms(text, unit_ms)),
            Holds::Series => {
                for one in text.map_or(vec![""], |text| text.split(',').collect()) {
                    if level.series.len() == MOST_WAITING {
                        return Err(TOO_MANY);
                    }
                    level.series.push(Rate::parse(one));
                }
            }
            Holds::About => {
                let text = text.unwrap_or_default();
                level.take_name(hearts_of_name(text));
                if says_otherwise(text) {
                    level.is_a(Sort::Otherwise);
                }
                if level.key.holds == Holds::People {
                    return self.belongs_to(text, "name");
                }
            }
            Holds::Code => {
                level.take_name(hearts_of_name(text.unwrap_or_default()));
                level.code = text.map(str::to_owned);
            }
            Holds::SampleType => {
                let is_rate = text == Some("0");
                level.take_name(if is_rate { Hearts::Are(Kind::Sample) } else { Hearts::AreNot });
            }
            Holds::Zone => level.zone = level.zone.take().or(text.map(|name| WrittenZone::Named(name.to_owned()))),
            Holds::Offset(unit) => self.take_offset(text.unwrap_or_default(), unit),
            Holds::Person(column) => return self.belongs_to(text.unwrap_or_default(), column),
            Holds::Reference => {
                if let Holds::Person(column) = level.key.holds {
                    return self.belongs_to(text.unwrap_or_default(), column);
                }
            }
            Holds::Status => {
                if matches!(text, Some("entered-in-error" | "cancelled" | "unknown" | "registered")) {
                    level.is_a(Sort::Otherwise);
                }
            }
            Holds::Comparator if text.is_some() => level.is_a(Sort::Otherwise),
            Holds::System => level.system = text.map(str::to_owned),
            Holds::ResourceType if !matches!(text, Some("Observation" | "Bundle" | "List")) => {
                level.is_a(Sort::Otherwise);
            }
            Holds::After(seconds) => {
                let Hearts::Are(kind) = level.key.hearts else { return Ok(Found::Nothing) };
                let (read, when) = (rate(), When::After(u64::from(seconds) * 1000));
                return self.place(Point { number: 0, read, when, kind: Some(kind), person: None, mean: false }, None);
            }
            Holds::Activity => level.is_a(Sort::Activity),
            Holds::Error => level.is_a(Sort::WithError),
            _ => {}
        }
        Ok(Found::Nothing)
    }

    /// Takes in an offset from UTC. Without a unit it is not applied, and that is said.
    fn take_offset(&mut self, text: &str, unit: Option<OffsetUnit>) {
        let unit = if self.format == Some(Format::Polar) { unit.or(Some(OffsetUnit::Minutes)) } else { unit };
        let Some(level) = self.levels.last_mut() else { return };
        let is_text = text.contains([':', '+', 'Z', 'U']);
        let zone = match unit {
            _ if is_text => Some(WrittenZone::Named(text.to_owned())),
            Some(unit) => ahead(text, unit).map(WrittenZone::Ahead),
            None => None,
        };
        let words = match zone {
            Some(_) if self.found > level.found => "An offset from UTC stands behind its readings, and was not applied",
            None if !text.is_empty() && text != "0" => {
                "An offset from UTC was not applied: the file does not tell its unit"
            }
            zone => {
                level.zone = level.zone.take().or(zone);
                return;
            }
        };
        if !self.rows.report.assumed.iter().any(|said| said == words) {
            self.rows.report.assumed.push(words.into());
        }
    }

    /// Notes whose readings an object holds.
    fn belongs_to(&mut self, name: &str, column: &'static str) -> Result<Found, &'static str> {
        if name.is_empty() {
            return Ok(Found::Nothing);
        }
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None if self.people.len() == MOST_PEOPLE => return Err(TOO_MANY_PEOPLE),
            None => {
                let (name, number) = (Rc::<str>::from(name), self.people.len() as u32);
                self.people.push(Rc::clone(&name));
                self.numbers.insert(name, number);
                column.clone_into(&mut self.rows.person_column);
                self.rows.naming = Some(Naming::Surely);
                number
            }
        };
        if let Some(level) = self.levels.last_mut() {
            level.person = level.person.or(Some(number));
        }
        Ok(Found::Nothing)
    }

    /// A list in a list of heart rates: `[1704409200000, 60]`.
    fn pair(&mut self, time: &str, rate: Option<&str>) -> Result<Found, &'static str> {
        let stamp = Stamp::parse(time);
        match stamp {
            Ok(Stamp { time_ms: Some(_), .. }) => {}
            _ => return Ok(Found::Nothing),
        }
        let (read, kind) = (rate.map_or(Err(RateError::Missing), Rate::parse), Some(Kind::Sample));
        self.place(Point { number: 0, read, when: When::At(stamp), kind, person: None, mean: false }, None)
    }

    fn close(&mut self) -> Result<Found, &'static str> {
        let Some(mut level) = self.levels.pop() else { return Ok(Found::Nothing) };
        level.check_code();
        self.settle(&level);
        if !level.series.is_empty() && level.interval_ms.is_some() {
            self.take_series(&level)?;
        }
        let has_inner = self.found > level.found;
        if !has_inner
            && level.belongs_to_parent()
            && let Some(parent) = self.levels.last_mut()
        {
            parent.take_in(&level);
            return Ok(Found::Nothing);
        }
        if let (Holds::Days, Some(date), Some(parent)) = (level.key.holds, level.date, self.levels.last_mut()) {
            parent.date = parent.date.or(Some(date));
        }
        let found = match level.point() {
            Some((read, kind, mean)) if !has_inner => {
                self.hint = level.hint.or(self.hint);
                let point = Point { number: 0, read, when: level.when(), kind, person: level.person, mean };
                self.place(point, Some(&level))?
            }
            _ if has_inner => Found::Reading,
            _ if level.time.is_some() => Found::TimeOnly,
            _ => Found::Nothing,
        };
        if self.levels.is_empty() {
            self.give_up();
        }
        Ok(found)
    }

    /// Makes readings of a series of numbers at equal steps.
    fn take_series(&mut self, level: &Level) -> Result<(), &'static str> {
        let hearts = match level.hearts {
            Hearts::Unknown => level.key.hearts,
            hearts => hearts,
        };
        if hearts == Hearts::AreNot || level.key.hearts == Hearts::AreNot || level.sort == Sort::Otherwise {
            return Ok(());
        }
        let kind = if let Hearts::Are(kind) = hearts { Some(kind) } else { None };
        let step_ms = level.interval_ms.unwrap_or(1000);
        for (at, read) in (0..).zip(&level.series) {
            let after: u64 = step_ms.saturating_mul(at);
            let when = match level.time {
                Some((_, start)) => When::At(start.and_then(|start| start.later(after))),
                None => When::After(after),
            };
            let point = Point { number: 0, read: *read, when, kind, person: level.person, mean: false };
            self.place(point, Some(level))?;
        }
        Ok(())
    }

    /// Makes a reading of a point if it or what stands around it says what is missing; else it waits for that. `level`
    /// is the object that it was in, which is closed.
    fn place(&mut self, mut point: Point, level: Option<&Level>) -> Result<Found, &'static str> {
        self.number += 1;
        point.number = self.line.unwrap_or(self.number);
        for level in level.into_iter().chain(self.levels.iter().rev()) {
            // From outside of a key that says something of its own, nothing tells what a quantity is.
            if !level.tell(&mut point) || point.kind.is_none() && !level.key.is_neutral {
                return Ok(Found::Nothing);
            }
        }
        if let (Some(kind), When::At(_)) = (point.known_kind(), point.when) {
            self.take(&point, kind);
            return Ok(Found::Reading);
        }
        if self.waiting.len() == MOST_WAITING {
            return Err(TOO_MANY);
        }
        self.waiting.push(point);
        Ok(Found::Nothing)
    }

    /// Makes readings of the points that waited for what an object says.
    fn settle(&mut self, level: &Level) {
        for at in level.waiting..self.waiting.len() {
            let mut point = self.waiting[at];
            if !level.tell(&mut point) || point.kind.is_none() && !level.key.is_neutral {
                // It is nothing that waits any more.
                point.kind = None;
                point.when = When::At(Err(Reason::NoTime));
            }
            self.waiting[at] = point;
        }
        let mut kept = level.waiting;
        for at in level.waiting..self.waiting.len() {
            let point = self.waiting[at];
            match (point.known_kind(), point.when) {
                (Some(kind), When::At(_)) => self.take(&point, kind),
                (None, When::At(Err(_))) => {}
                _ => {
                    self.waiting[kept] = point;
                    kept += 1;
                }
            }
        }
        self.waiting.truncate(kept);
    }

    /// Refuses heart rates whose time never came. Quantities that nothing calls heart rates are none.
    fn give_up(&mut self) {
        for point in std::mem::take(&mut self.waiting) {
            if let Some(kind) = point.known_kind() {
                self.take(&Point { when: When::At(Err(Reason::NoTime)), ..point }, kind);
            }
        }
    }

    fn take(&mut self, point: &Point, kind: Kind) {
        self.found += 1;
        let stamp = if let When::At(stamp) = point.when { stamp } else { Err(Reason::NoTime) };
        let person = point.person.and_then(|person| self.people.get(person as usize)).map_or("", |person| &**person);
        self.rows.take(person, point.number, kind, point.read.map_err(Reason::Rate), || {
            let stamp = stamp?;
            let is_day = kind == Kind::Resting && stamp.zone == Zone::None;
            Ok(if is_day { Stamp { time_ms: None, ..stamp } } else { stamp })
        });
    }
}

/// A value under a key, or in the list under it.
struct Walk<'a, 'r> {
    finder: &'a mut Finder<'r>,
    key: Key,
    in_list: bool,
}

impl Walk<'_, '_> {
    fn scalar<E: Error>(self, text: Option<&str>) -> Result<Found, E> {
        // In a list of numbers only those of a series are of interest.
        if self.key.holds == Holds::Nothing || self.in_list && self.key.holds != Holds::Series {
            if let (Some(hint), Some(level)) = (self.key.hint, self.finder.levels.last_mut()) {
                level.hint = level.hint.or(Some(hint));
            }
            return Ok(Found::Nothing);
        }
        self.finder.scalar(self.key, text).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let Self { finder, key, in_list } = self;
        finder.open(key, in_list);
        while let Some(key) = map.next_key_seed(ReadKey(&mut finder.keys))? {
            finder.format = finder.format.or(key.format);
            if key.holds == Holds::Activity
                && let Some(level) = finder.levels.last_mut()
            {
                level.is_a(Sort::Activity);
            }
            map.next_value_seed(Walk { finder: &mut *finder, key, in_list: false })?;
        }
        finder.close().map_err(A::Error::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Found, A::Error> {
        let Self { finder, key, in_list } = self;
        if in_list && matches!(finder.path(key), Hearts::Are(_)) {
            let mut texts = [const { None }; 2];
            let mut at = 0;
            while let Some(text) = list.next_element_seed(Text)? {
                if let Some(place) = texts.get_mut(at) {
                    *place = text;
                }
                at += 1;
            }
            let [Some(time), rate] = texts else { return Ok(Found::Nothing) };
            return finder.pair(&time, rate.as_deref()).map_err(A::Error::custom);
        }
        let (mut readings, mut times) = (false, 0);
        while let Some(found) = list.next_element_seed(Walk { finder: &mut *finder, key, in_list: true })? {
            readings |= found == Found::Reading;
            times += usize::from(found == Found::TimeOnly);
        }
        if readings {
            (0..times).for_each(|_| finder.rows.missing());
        }
        Ok(if readings { Found::Reading } else { Found::Nothing })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found, E> {
        self.scalar(Some(text))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Found, E> {
        let text = (self.key.holds != Holds::Nothing).then(|| number.to_string());
        self.scalar(text.as_deref())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Found, E> {
        self.scalar(Some(&number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Found, E> {
        match serde_json::Number::from_f64(number) {
            Some(number) if self.key.holds != Holds::Nothing => self.scalar(Some(&number.to_string())),
            _ => self.scalar(None),
        }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Found, E> {
        Ok(Found::Nothing)
    }

    fn visit_unit<E: Error>(self) -> Result<Found, E> {
        self.scalar(None)
    }
}

/// A text or number as text; of anything else, nothing.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<String>, E> {
        Ok((text.len() <= LONGEST_SCALAR_BYTES).then(|| text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<String>, E> {
        Ok(serde_json::Number::from_f64(number).map(|number| number.to_string()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<String>, A::Error> {
        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<String>, A::Error> {
        while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
