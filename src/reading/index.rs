//! Which hours hold readings, and how many: all that statistics need to know beside sums.

use std::collections::BTreeMap;

use super::{HourKey, HourReadings, Readings};

/// What is known of an hour without its readings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HourFacts {
    /// How many readings it has.
    pub count: u32,
    /// When the first of them is, in milliseconds since the hour's start.
    pub first_ms: u32,
}

impl HourFacts {
    /// The facts of an hour that has readings.
    pub fn of(hour: &HourReadings) -> Option<Self> {
        let first = hour.slots().first()?;
        Some(Self { count: hour.slots().len() as u32, first_ms: first.ms })
    }
}

/// The hours of some readings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HourIndex(BTreeMap<HourKey, HourFacts>);

impl From<&Readings> for HourIndex {
    fn from(readings: &Readings) -> Self {
        readings.hours().filter_map(|(key, hour)| Some((key, HourFacts::of(hour)?))).collect()
    }
}

impl FromIterator<(HourKey, HourFacts)> for HourIndex {
    fn from_iter<T: IntoIterator<Item = (HourKey, HourFacts)>>(hours: T) -> Self {
        Self(hours.into_iter().collect())
    }
}

impl HourIndex {
    /// The hours, in order of time.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = HourKey> {
        self.0.keys().copied()
    }

    /// What is known of an hour.
    pub fn facts(&self, key: HourKey) -> Option<HourFacts> {
        self.0.get(&key).copied()
    }

    /// How many readings an hour has.
    pub fn count(&self, key: HourKey) -> u64 {
        self.0.get(&key).map_or(0, |facts| facts.count.into())
    }

    /// The hour of the first reading among those of some hours, in order: not always the one that
    /// starts first, where offsets differ by parts of an hour.
    pub fn first_hour(&self, hours: impl Iterator<Item = HourKey>) -> Option<HourKey> {
        let starts = |key: HourKey| Some((key.hour.start_ms() + i64::from(self.0.get(&key)?.first_ms), key));
        let mut first: Option<(i64, HourKey)> = None;
        for next in hours.filter_map(starts) {
            // An hour that starts after the earliest reading has no earlier one.
            if first.is_some_and(|(earliest, _)| next.1.hour.start_ms() > earliest) {
                break;
            }
            first = Some(first.map_or(next, |first| first.min(next)));
        }
        first.map(|(_, key)| key)
    }
}
