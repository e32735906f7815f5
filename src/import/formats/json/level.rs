//! An open object of a JSON text: what it has told so far, and what that makes of the readings in it.

use crate::import::formats::json::key::{Format, Hearts, Holds, Key, is_of_other_list};
use crate::import::options::OffsetUnit;
use crate::import::report::Reason;
use crate::import::time::dates::{WrittenDate, new_date};
use crate::import::time::stamp::{Stamp, Zone};
use crate::reading::{Kind, Rate, RateError};

pub(super) type Read = Result<(Rate, bool), RateError>;

/// When something was measured, as far as it says so itself.
#[derive(Clone, Copy)]
pub(super) enum When {
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
pub(super) struct Point {
    pub(super) number: u64,
    pub(super) read: Read,
    pub(super) when: When,
    pub(super) kind: Option<Kind>,
    /// Whose it is, by number.
    pub(super) person: Option<u32>,
    /// The kind of the averages among quantities is their own.
    pub(super) mean: bool,
}

/// A zone that times are said to be of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum WrittenZone {
    Ahead(i32),
    Named(String),
}

/// What an object is, as far as its keys tell. What comes later in this list counts more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Sort {
    Plain,
    /// Fitbit's resting rate of a day, with its error.
    WithError,
    Activity,
    /// The highest of something, a goal, cancelled, or no reading for another reason.
    Otherwise,
}

/// An open object, and what it has told so far.
pub(super) struct Level {
    pub(super) key: Key,
    pub(super) in_list: bool,
    pub(super) hearts: Hearts,
    pub(super) hint: Option<Format>,
    pub(super) time: Option<(u8, Result<Stamp, Reason>)>,
    pub(super) date: Option<Stamp>,
    pub(super) of_day: Option<u32>,
    pub(super) zone: Option<WrittenZone>,
    pub(super) rate: Option<Read>,
    pub(super) resting: Option<Read>,
    pub(super) average: Option<Read>,
    pub(super) quantity: Option<Read>,
    pub(super) mean: Option<Read>,
    pub(super) interval_ms: Option<u64>,
    pub(super) series: Vec<Read>,
    pub(super) sort: Sort,
    /// Whose readings are in it, by number.
    pub(super) person: Option<u32>,
    pub(super) code: Option<String>,
    pub(super) system: Option<String>,
    /// How many points waited, and how many had been found, when it was opened.
    pub(super) waiting: usize,
    pub(super) found: u64,
}

impl Point {
    pub(super) fn known_kind(&self) -> Option<Kind> {
        self.kind.map(|kind| if self.mean && kind == Kind::Sample { Kind::Average } else { kind })
    }
}

impl Level {
    pub(super) fn take_time(&mut self, text: &str, rank: u8, utc: bool) {
        let stamp = Stamp::parse(text).and_then(fitbits_date).map(|stamp| match stamp.zone {
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

    pub(super) fn take_name(&mut self, said: Hearts) {
        if !matches!(self.hearts, Hearts::Are(_)) {
            self.hearts = said;
        }
    }

    /// Notes a sign of what it is.
    pub(super) fn is_a(&mut self, sort: Sort) {
        self.sort = self.sort.max(sort);
    }

    /// A code of a list counts only if it is of that list.
    pub(super) fn check_code(&mut self) {
        if let (Some(code), Some(system)) = (&self.code, &self.system)
            && is_of_other_list(code, system)
        {
            self.hearts = Hearts::AreNot;
        }
    }

    /// Whether it is a part of the object around it, and no reading of its own.
    pub(super) fn belongs_to_parent(&self) -> bool {
        let has_time = matches!(self.time, Some((_, Ok(_))));
        match self.key.holds {
            Holds::Part | Holds::Time { .. } | Holds::Person(_) => true,
            Holds::Quantity
            | Holds::Rate
            | Holds::About
            | Holds::Code
            | Holds::Resting
            | Holds::Average
            | Holds::MeanQuantity => !(self.in_list && has_time),
            _ => false,
        }
    }

    /// Takes over what one of its parts has told.
    pub(super) fn take_in(&mut self, part: &Self) {
        let is_rate = part.key.holds == Holds::Rate;
        // Fitbit's resting rate, its date and error.
        let resting = part.quantity.filter(|_| part.sort == Sort::WithError);
        if resting.is_some() {
            self.hint = Some(Format::FitbitResting);
            self.date = part.date.or(self.date);
        }
        if part.sort == Sort::Otherwise {
            self.sort = part.sort;
        }
        self.person = self.person.or(part.person);
        if part.key.hearts == Hearts::AreNot {
            return;
        }
        let holds = |holds: Holds| part.quantity.filter(|_| part.key.holds == holds);
        self.rate = self.rate.or(part.rate).or(holds(Holds::Rate));
        self.resting = self.resting.or(part.resting).or(resting).or(holds(Holds::Resting));
        self.average = self.average.or(part.average).or(part.mean.filter(|_| is_rate)).or(holds(Holds::Average));
        self.mean = self.mean.or(part.mean.filter(|_| !is_rate)).or(holds(Holds::MeanQuantity));
        let is_plain =
            matches!(part.key.holds, Holds::Part | Holds::Quantity | Holds::Time { .. } | Holds::About | Holds::Code);
        self.quantity = self.quantity.or(part.quantity.filter(|_| resting.is_none() && is_plain));
        self.time = self.time.or(part.time);
        self.date = self.date.or(part.date);
        self.of_day = self.of_day.or(part.of_day);
        if part.hearts != Hearts::Unknown {
            self.take_name(part.hearts);
        }
    }

    /// The heart rate that it holds, its kind, and whether it is an average.
    pub(super) fn point(&self) -> Option<(Read, Option<Kind>, bool)> {
        if self.sort == Sort::Otherwise || self.key.hearts == Hearts::AreNot {
            return None;
        }
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
        if let Some(rate) = self.average.filter(|_| self.sort == Sort::Activity) {
            return Some((rate, Some(Kind::Activity), false));
        }
        if hearts == Hearts::AreNot {
            return None;
        }
        match (self.mean, self.quantity) {
            (None, Some(rate)) if self.key.holds == Holds::Days => Some((rate, Some(Kind::Average), false)),
            (Some(rate), quantity) if kind == Some(Kind::Resting) => Some((quantity.unwrap_or(rate), kind, false)),
            (Some(rate), _) => Some((rate, kind, true)),
            (None, Some(rate)) => Some((rate, kind, false)),
            (None, None) => None,
        }
    }

    /// When that was measured.
    pub(super) fn when(&self) -> When {
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
    pub(super) fn tell(&self, point: &mut Point) -> bool {
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
        if let (Some(zone), When::At(Ok(stamp))) = (&self.zone, point.when)
            && matches!(stamp.zone, Zone::None | Zone::Utc)
        {
            point.when = When::At(match zone {
                WrittenZone::Ahead(secs) => Ok(stamp.ahead(*secs)),
                // A name that is not known says nothing.
                WrittenZone::Named(name) => stamp.in_zone(name).or(Ok(stamp)),
            });
        }
        point.person = point.person.or(self.person);
        true
    }
}

/// `01/25/23 13:00:07`: the month first, as Fitbit writes it and nobody else.
fn fitbits_date(stamp: Stamp) -> Result<Stamp, Reason> {
    match stamp.date {
        WrittenDate::TwoNumbers { first, second, year, short_year: true, dotted: false } => {
            Ok(Stamp { date: WrittenDate::Clear(new_date(year, first, second)?), ..stamp })
        }
        _ => Ok(stamp),
    }
}

fn time_of_day(text: &str) -> Option<u32> {
    let day = Stamp::at(WrittenDate::Clear(jiff::civil::Date::ZERO), None);
    day.with_time(text).ok().filter(|stamp| stamp.zone == Zone::None)?.time_ms
}

pub(super) fn ms_of_day(seconds: u32) -> Option<u32> {
    (seconds < 86_400).then_some(seconds * 1000)
}

/// The length of a step: above zero, and at most a day.
pub(super) fn interval_ms(text: &str, unit_ms: u64) -> Option<u64> {
    let steps: f64 = text.parse().ok()?;
    let ms = steps * unit_ms as f64;
    (1.0..=86_400_000.0).contains(&ms).then_some(ms as u64)
}

/// How far a place is ahead of UTC, in seconds, by a number of some unit.
pub(super) fn ahead(number: &str, unit: OffsetUnit) -> Option<i32> {
    let secs = number.parse::<f64>().ok()? * unit.seconds();
    (secs.abs() <= 18.0 * 3600.0).then_some(secs as i32)
}
