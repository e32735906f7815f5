//! The readings in JSON of any shape: objects that hold a heart rate, joined with the times, dates and names that
//! stand around them. Values are read one by one as they come.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::import::formats::json::key::{Format, Hearts, Holds, Key, Keys, NO_KEY, ReadKey, hearts_of_name};
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::time::dates::{WrittenDate, new_date};
use crate::import::time::stamp::{Stamp, Zone};
use crate::reading::{Kind, Rate, RateError};

/// Readings kept while their time, or what they measure, is not known yet. Mostly it comes first.
const MOST_WAITING: usize = 1_000_000;
/// Said where that is not enough.
pub(super) const TOO_MANY: &str =
    "more than a million values come before the time or the name that they belong to; export them in parts";
/// A longer text is neither a time nor a number.
const LONGEST_SCALAR_BYTES: usize = 256;

type Read = Result<(Rate, bool), RateError>;

/// When something was measured, as far as it says so itself.
#[derive(Clone, Copy)]
enum When {
    At(Result<Stamp, Reason>),
    /// Milliseconds after the midnight of a day that stands elsewhere.
    OfDay(u32),
    /// Milliseconds after a start that stands elsewhere.
    After(u64),
    /// At the time of the object around it.
    Around,
}

/// A reading whose time or meaning may stand elsewhere.
#[derive(Clone, Copy)]
struct Point {
    number: u64,
    read: Read,
    when: When,
    kind: Option<Kind>,
    /// The kind of the averages among quantities is their own.
    mean: bool,
}

/// An open object, and what it has told so far.
struct Level {
    key: Key,
    in_list: bool,
    hearts: Hearts,
    hint: Option<Format>,
    time: Option<(u8, Result<Stamp, Reason>)>,
    date: Option<Stamp>,
    of_day: Option<u32>,
    offset_secs: Option<i32>,
    rate: Option<Read>,
    resting: Option<Read>,
    average: Option<Read>,
    quantity: Option<Read>,
    mean: Option<Read>,
    interval_ms: Option<u64>,
    series: Vec<Read>,
    is_activity: bool,
    has_error: bool,
    /// How many points waited, and how many had been found, when it was opened.
    waiting: usize,
    found: u64,
}

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
        match (key.hearts, self.levels.last()) {
            (Hearts::Unknown, Some(level)) => level.key.hearts,
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
            offset_secs: None,
            rate: None,
            resting: None,
            average: None,
            quantity: None,
            mean: None,
            interval_ms: None,
            series: Vec::new(),
            is_activity: false,
            has_error: false,
            waiting: self.waiting.len(),
            found: self.found,
        });
    }

    /// Takes in a text or number; `None` is null.
    fn scalar(&mut self, key: Key, text: Option<&str>) -> Result<Found, &'static str> {
        let is_polar = self.format == Some(Format::Polar);
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
            Holds::About => level.take_name(hearts_of_name(text.unwrap_or_default())),
            Holds::SampleType => {
                let is_rate = text == Some("0");
                level.take_name(if is_rate { Hearts::Are(Kind::Sample) } else { Hearts::AreNot });
            }
            Holds::OffsetMinutes if is_polar => {
                level.offset_secs = text.and_then(|text| text.parse::<i32>().ok()).and_then(offset_secs);
            }
            Holds::After(seconds) => {
                let Hearts::Are(kind) = level.key.hearts else { return Ok(Found::Nothing) };
                return self.place(rate(), When::After(u64::from(seconds) * 1000), Some(kind), false);
            }
            Holds::Activity => level.is_activity = true,
            Holds::Error => level.has_error = true,
            _ => {}
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
        self.place(rate.map_or(Err(RateError::Missing), Rate::parse), When::At(stamp), Some(Kind::Sample), false)
    }

    fn close(&mut self) -> Result<Found, &'static str> {
        let Some(level) = self.levels.pop() else { return Ok(Found::Nothing) };
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
                self.place(read, level.when(), kind, mean)?
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
        if hearts == Hearts::AreNot {
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
            self.place(*read, when, kind, false)?;
        }
        Ok(())
    }

    /// Makes a reading of a point if what stands around it says what is missing; else it waits for that.
    fn place(&mut self, read: Read, when: When, kind: Option<Kind>, mean: bool) -> Result<Found, &'static str> {
        self.number += 1;
        let mut point = Point { number: self.line.unwrap_or(self.number), read, when, kind, mean };
        for level in self.levels.iter().rev() {
            if !level.tell(&mut point) {
                return Ok(Found::Nothing);
            }
        }
        if let Some(kind) = point.known_kind() {
            // What follows may only add a time.
            if let When::At(_) = point.when {
                self.take(&point, kind);
                return Ok(Found::Reading);
            }
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
            if !level.tell(&mut point) {
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
        self.rows.take("", point.number, kind, point.read.map_err(Reason::Rate), || {
            let stamp = stamp?;
            let is_day = kind == Kind::Resting && stamp.zone == Zone::None;
            Ok(if is_day { Stamp { time_ms: None, ..stamp } } else { stamp })
        });
    }
}

impl Point {
    fn known_kind(&self) -> Option<Kind> {
        self.kind.map(|kind| if self.mean && kind == Kind::Sample { Kind::Average } else { kind })
    }
}

impl Level {
    fn take_time(&mut self, text: &str, rank: u8, utc: bool) {
        let stamp = month_first(Stamp::parse(text)).map(|stamp| match stamp.zone {
            Zone::None if utc => stamp.utc(),
            _ => stamp,
        });
        match stamp {
            Ok(stamp) if stamp.time_ms.is_none() => self.date = self.date.or(Some(stamp)),
            Err(reason) => {
                if let Some(ms) = time_of_day(text) {
                    self.of_day = self.of_day.or(Some(ms));
                } else if self.time.is_none() {
                    self.time = Some((u8::MAX, Err(reason)));
                }
            }
            Ok(_) if self.time.is_none_or(|(known, _)| rank < known) => self.time = Some((rank, stamp)),
            Ok(_) => {}
        }
    }

    fn take_name(&mut self, said: Hearts) {
        if !matches!(self.hearts, Hearts::Are(_)) {
            self.hearts = said;
        }
    }

    /// Whether it is a part of the object around it, and no reading of its own.
    fn belongs_to_parent(&self) -> bool {
        let has_time = matches!(self.time, Some((_, Ok(_))));
        match self.key.holds {
            Holds::Part | Holds::Time { .. } => true,
            Holds::Quantity | Holds::Rate | Holds::About => !(self.in_list && has_time),
            _ => false,
        }
    }

    /// Takes over what one of its parts has told.
    fn take_in(&mut self, part: &Self) {
        let is_rate = part.key.holds == Holds::Rate;
        // Fitbit's resting rate, its date and error.
        let resting = part.quantity.filter(|_| part.has_error);
        if resting.is_some() {
            self.hint = Some(Format::FitbitResting);
            self.date = part.date.or(self.date);
        }
        self.rate = self.rate.or(part.rate).or(part.quantity.filter(|_| is_rate));
        self.resting = self.resting.or(part.resting).or(resting);
        self.average = self.average.or(part.average).or(part.mean.filter(|_| is_rate));
        self.quantity = self.quantity.or(part.quantity.filter(|_| resting.is_none()));
        self.mean = self.mean.or(part.mean.filter(|_| !is_rate));
        self.time = self.time.or(part.time);
        self.date = self.date.or(part.date);
        self.of_day = self.of_day.or(part.of_day);
        if part.hearts != Hearts::Unknown {
            self.take_name(part.hearts);
        }
    }

    /// The heart rate that it holds, its kind, and whether it is an average.
    fn point(&self) -> Option<(Read, Option<Kind>, bool)> {
        let hearts = match self.key.hearts {
            Hearts::Unknown => self.hearts,
            hearts => hearts,
        };
        let kind = if let Hearts::Are(kind) = hearts { Some(kind) } else { None };
        if let Some(rate) = self.rate {
            return Some((rate, Some(Kind::Sample), false));
        }
        if let Some(rate) = self.resting {
            return Some((rate, Some(Kind::Resting), false));
        }
        if let Some(rate) = self.average.filter(|_| self.is_activity) {
            return Some((rate, Some(Kind::Activity), false));
        }
        if hearts == Hearts::AreNot {
            return None;
        }
        match (self.mean, self.quantity) {
            (Some(rate), quantity) if kind == Some(Kind::Resting) => Some((quantity.unwrap_or(rate), kind, false)),
            (Some(rate), _) => Some((rate, kind, true)),
            (None, Some(rate)) => Some((rate, kind, false)),
            (None, None) => None,
        }
    }

    /// When that was measured.
    fn when(&self) -> When {
        // Fitbit's samples are in UTC, and say nothing of it.
        let is_utc = self.hint == Some(Format::FitbitSamples) && self.rate.is_some();
        let zone = |stamp: Stamp| if is_utc && stamp.zone == Zone::None { stamp.utc() } else { stamp };
        match (self.time, self.date, self.of_day) {
            // A day's resting rate may have been computed the day after.
            (Some((_, Ok(_))), Some(date), _) if self.rate.is_none() && self.resting.is_some() => When::At(Ok(date)),
            (Some((_, Ok(stamp))), ..) => When::At(Ok(zone(stamp))),
            (_, Some(date), Some(ms)) => When::At(Ok(Stamp { time_ms: Some(ms), ..date })),
            (_, None, Some(ms)) => When::OfDay(ms),
            (Some((_, Err(reason))), None, None) => When::At(Err(reason)),
            (_, Some(date), None) => When::At(Ok(date)),
            (None, None, None) => match self.key.holds {
                Holds::At(stamp) => When::At(Ok(stamp)),
                Holds::Component => When::Around,
                _ if self.in_list => When::At(Err(Reason::NoTime)),
                _ => When::Around,
            },
        }
    }

    /// Tells a point what it lacks. Says whether it may still be a heart rate.
    fn tell(&self, point: &mut Point) -> bool {
        if point.kind.is_none() {
            match self.hearts {
                Hearts::Are(kind) => point.kind = Some(kind),
                Hearts::AreNot => return false,
                Hearts::Unknown => {}
            }
        }
        let start = self.time.and_then(|(_, stamp)| stamp.ok());
        let day = self.date.or(start);
        match (point.when, day, start) {
            (When::OfDay(ms), Some(day), _) => {
                point.when = When::At(Ok(Stamp { time_ms: Some(ms), zone: Zone::None, ..day }));
            }
            (When::After(ms), _, Some(start)) => point.when = When::At(start.later(ms)),
            (When::Around, _, Some(start)) => point.when = When::At(Ok(start)),
            (When::Around, Some(day), None) => point.when = When::At(Ok(day)),
            _ => {}
        }
        if let (Some(secs), When::At(Ok(stamp))) = (self.offset_secs, point.when)
            && stamp.zone == Zone::None
        {
            point.when = When::At(Ok(Stamp { zone: Zone::Local(secs), ..stamp }));
        }
        true
    }
}

/// `01/25/23 13:00:07`: the month first, as JSON is written where dates have strokes.
fn month_first(stamp: Result<Stamp, Reason>) -> Result<Stamp, Reason> {
    let stamp = stamp?;
    match stamp.date {
        WrittenDate::TwoNumbers { first, second, year, .. } => {
            Ok(Stamp { date: WrittenDate::Clear(new_date(year, first, second)?), ..stamp })
        }
        WrittenDate::Clear(_) | WrittenDate::YearThen { .. } => Ok(stamp),
    }
}

fn time_of_day(text: &str) -> Option<u32> {
    let day = Stamp::at(WrittenDate::Clear(jiff::civil::Date::ZERO), None);
    day.with_time(text).ok().filter(|stamp| stamp.zone == Zone::None)?.time_ms
}

fn ms_of_day(seconds: u32) -> Option<u32> {
    (seconds < 86_400).then_some(seconds * 1000)
}

/// The length of a step: above zero, and at most a day.
fn interval_ms(text: &str, unit_ms: u64) -> Option<u64> {
    let steps: f64 = text.parse().ok()?;
    let ms = steps * unit_ms as f64;
    (1.0..=86_400_000.0).contains(&ms).then_some(ms as u64)
}

/// The offset of a place that is so many minutes ahead.
fn offset_secs(minutes: i32) -> Option<i32> {
    (minutes.abs() <= 18 * 60).then_some(minutes * 60)
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
                level.is_activity = true;
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
