//! Many readings, kept by local hour and kind, eight bytes each.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::{DayRange, Kind, LocalHour, Rate, Reading, Source};

/// A local hour and a kind: what readings are kept by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct HourKey {
    /// The local hour.
    pub hour: LocalHour,
    /// The kind of its readings.
    pub kind: Kind,
}

/// A reading within its hour.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Slot {
    /// Milliseconds since the hour's start.
    pub ms: u32,
    /// The rate.
    pub rate: Rate,
    /// Where it comes from.
    pub source: Source,
}

/// The readings of one hour and kind, in order of time and rate. No two share both.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HourReadings {
    slots: Vec<Slot>,
    /// Notes, by the time and rate of the reading that they are about.
    notes: BTreeMap<(u32, Rate), Box<str>>,
}

impl HourReadings {
    /// Readings that are in order already, and their notes; `None` if they are not in order.
    pub fn new(slots: Vec<Slot>, notes: BTreeMap<(u32, Rate), Box<str>>) -> Option<Self> {
        let ordered = slots.is_sorted_by(|a, b| (a.ms, a.rate) < (b.ms, b.rate));
        ordered.then_some(Self { slots, notes })
    }

    /// The readings, without their notes.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The notes, by the time within the hour and the rate of their reading.
    pub fn notes(&self) -> impl Iterator<Item = (u32, Rate, &str)> {
        self.notes.iter().map(|(&(ms, rate), note)| (ms, rate, &**note))
    }

    /// The note of a reading.
    pub fn note(&self, slot: Slot) -> Option<&str> {
        self.notes.get(&(slot.ms, slot.rate)).map(|note| &**note)
    }

    /// One of these readings as it stands alone, where they are the hour `key`.
    pub(super) fn reading(&self, key: HourKey, slot: Slot) -> Reading {
        Reading {
            instant_ms: key.hour.start_ms() + i64::from(slot.ms),
            offset_secs: key.hour.offset_secs(),
            rate: slot.rate,
            kind: key.kind,
            source: slot.source,
            note: self.note(slot).map(Into::into),
        }
    }

    /// Takes out the reading of a time and rate, with its note.
    pub fn remove(&mut self, ms: u32, rate: Rate) -> Option<(Slot, Option<Box<str>>)> {
        let at = self.slots.binary_search_by_key(&(ms, rate), |s| (s.ms, s.rate)).ok()?;
        Some((self.slots.remove(at), self.notes.remove(&(ms, rate))))
    }

    /// Takes out those of these readings that are there, with their notes, in one pass.
    fn take_out(&mut self, these: &Self) -> Self {
        let key = |slot: &Slot| (slot.ms, slot.rate);
        let mut taken = Self::default();
        let mut wanted = these.slots.iter().peekable();
        self.slots.retain(|slot| {
            while wanted.next_if(|wanted| key(wanted) < key(slot)).is_some() {}
            let found = wanted.next_if(|wanted| key(wanted) == key(slot)).is_some();
            if found {
                taken.slots.push(*slot);
                taken.notes.extend(self.notes.remove_entry(&key(slot)));
            }
            !found
        });
        taken
    }

    /// Adds the readings of the same hour that are not there yet.
    fn merge(&mut self, others: Self) {
        let key = |slot: &Slot| (slot.ms, slot.rate);
        let ordered = self.slots.last().map(key) < others.slots.first().map(key);
        self.slots.extend(others.slots);
        if !ordered {
            self.slots.sort_by_key(key);
        }
        self.notes.extend(others.notes);
    }

    /// Adds a reading unless one of the same time and rate is there; says whether it was added.
    pub fn insert(&mut self, slot: Slot, note: Option<Box<str>>) -> bool {
        // Exports come mostly in order: the end is where a reading usually goes.
        let key = |s: &Slot| (s.ms, s.rate);
        let at = match self.slots.last() {
            Some(last) if key(last) < key(&slot) => Err(self.slots.len()),
            _ => self.slots.binary_search_by_key(&key(&slot), key),
        };
        match at {
            Ok(_) => false,
            Err(at) => {
                self.slots.insert(at, slot);
                if let Some(note) = note {
                    self.notes.insert(key(&slot), note);
                }
                true
            }
        }
    }
}

/// All readings. Cloning is cheap: hours are shared until they change.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Readings {
    hours: BTreeMap<HourKey, Arc<HourReadings>>,
    count: usize,
}

impl Readings {
    /// Readings from a list, duplicates (the same instant, rate and kind) left out.
    pub fn from_list(list: impl IntoIterator<Item = Reading>) -> Self {
        let mut readings = Self::default();
        readings.insert_all(list.into_iter().collect());
        readings
    }

    /// Adds many readings, in any order, as [`Self::insert`] adds one: of duplicates in the list the
    /// first counts. Returns the hours that have gained some. Everything is sorted once, so that no
    /// order makes it slow.
    pub fn insert_all(&mut self, list: Vec<Reading>) -> BTreeSet<HourKey> {
        self.insert_all_while(list, &|| true).unwrap_or_default()
    }

    /// The same, as long as `go_on` says so, which is asked once in a while. `None` if it did not: then
    /// nothing was added.
    pub fn insert_all_while(&mut self, mut list: Vec<Reading>, go_on: &dyn Fn() -> bool) -> Option<BTreeSet<HourKey>> {
        const ASK_EVERY: usize = 1 << 16;
        let order = |reading: &Reading| (reading.kind, reading.instant_ms, reading.rate);
        // Most exports are in order, and sorting takes memory.
        if !list.is_sorted_by_key(order) {
            list.sort_by_key(order);
        }
        list.dedup_by_key(|reading| order(reading));
        let mut there = self.around(&list).into_iter().peekable();
        let mut new: BTreeMap<HourKey, HourReadings> = BTreeMap::new();
        let mut run = None::<(HourKey, HourReadings)>;
        for (at, reading) in list.into_iter().enumerate() {
            if at.is_multiple_of(ASK_EVERY) && !go_on() {
                return None;
            }
            while there.next_if(|known| *known < order(&reading)).is_some() {}
            if there.peek() == Some(&order(&reading)) {
                continue;
            }
            let (key, Reading { instant_ms, rate, source, note, .. }) = (reading.key(), reading);
            if run.as_ref().is_none_or(|(last, _)| *last != key) {
                let mut next = new.remove(&key).unwrap_or_default();
                // Hours beside each other mostly hold as many.
                next.slots.reserve(run.as_ref().map_or(0, |(_, last)| last.slots.len()));
                new.extend(run.replace((key, next)));
            }
            if let Some((_, hour)) = &mut run {
                hour.insert(Slot { ms: (instant_ms - key.hour.start_ms()) as u32, rate, source }, note);
            }
        }
        new.extend(run);
        let touched = new.keys().copied().collect();
        if self.hours.is_empty() {
            self.count = new.values().map(|hour| hour.slots.len()).sum();
            let shared = |(key, mut hour): (HourKey, HourReadings)| {
                hour.slots.shrink_to_fit();
                (key, Arc::new(hour))
            };
            self.hours = new.into_iter().map(shared).collect();
            return Some(touched);
        }
        for (key, mut hour) in new {
            self.count += hour.slots.len();
            match self.hours.entry(key) {
                Entry::Occupied(mut there) => Arc::make_mut(there.get_mut()).merge(hour),
                Entry::Vacant(index) => {
                    hour.slots.shrink_to_fit();
                    index.insert(Arc::new(hour));
                }
            }
        }
        Some(touched)
    }

    /// The kind, instant and rate of every reading near those of a list, in order.
    fn around(&self, list: &[Reading]) -> Vec<(Kind, i64, Rate)> {
        let instants = || list.iter().map(|reading| reading.instant_ms);
        let (Some(first), Some(last)) = (instants().min(), instants().max()) else { return Vec::new() };
        let earliest = HourKey { hour: LocalHour::of(first - 3_599_999, 0).any_offset(), kind: Kind::Sample };
        let near = self.hours.range(earliest..).take_while(|(key, _)| key.hour.start_ms() <= last);
        let mut found: Vec<_> = near
            .flat_map(|(key, hour)| {
                hour.slots.iter().map(|slot| (key.kind, key.hour.start_ms() + i64::from(slot.ms), slot.rate))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Adds a reading unless it is a duplicate; says whether it was added.
    ///
    /// The same instant may be written with two offsets (two exports of one day, one in UTC): that
    /// is a duplicate all the same.
    pub fn insert(&mut self, reading: Reading) -> bool {
        let key = reading.key();
        let slot =
            Slot { ms: (reading.instant_ms - key.hour.start_ms()) as u32, rate: reading.rate, source: reading.source };
        if self.holds_elsewhere(&key, reading.instant_ms, reading.rate) {
            return false;
        }
        let added = Arc::make_mut(self.hours.entry(key).or_default()).insert(slot, reading.note);
        self.count += usize::from(added);
        added
    }

    /// Whether an hour of another offset holds this instant and rate in the same kind.
    fn holds_elsewhere(&self, key: &HourKey, instant_ms: i64, rate: Rate) -> bool {
        let earliest = HourKey { hour: LocalHour::of(instant_ms - 3_599_999, 0).any_offset(), kind: Kind::Sample };
        self.hours
            .range(earliest..)
            .take_while(|(other, _)| other.hour.start_ms() <= instant_ms)
            .filter(|(other, _)| *other != key && other.kind == key.kind)
            .any(|(other, hour)| {
                u32::try_from(instant_ms - other.hour.start_ms())
                    .is_ok_and(|ms| hour.slots.binary_search_by_key(&(ms, rate), |s| (s.ms, s.rate)).is_ok())
            })
    }

    /// Takes out the readings of an hour that are also in `these`; returns what was there of them.
    pub fn take_out(&mut self, key: HourKey, these: &HourReadings) -> HourReadings {
        let Some(hour) = self.hours.get_mut(&key) else { return HourReadings::default() };
        let taken = Arc::make_mut(hour).take_out(these);
        if hour.slots.is_empty() {
            self.hours.remove(&key);
        }
        self.count -= taken.slots.len();
        taken
    }

    /// Puts readings into an hour; returns those of them that were not there yet.
    pub fn put_in(&mut self, key: HourKey, these: &HourReadings) -> HourReadings {
        let mut added = these.clone();
        if let Some(hour) = self.hours.get(&key) {
            added.take_out(hour);
        }
        if !added.slots.is_empty() {
            Arc::make_mut(self.hours.entry(key).or_default()).merge(added.clone());
            self.count += added.slots.len();
        }
        added
    }

    /// How many readings each source has.
    pub fn count_by_source(&self) -> BTreeMap<Source, usize> {
        let mut counts = BTreeMap::new();
        for slot in self.hours.values().flat_map(|hour| &hour.slots) {
            *counts.entry(slot.source).or_default() += 1;
        }
        counts
    }

    /// The readings of one source, by hour.
    pub fn of_source(&self, source: Source) -> BTreeMap<HourKey, HourReadings> {
        let mut found = BTreeMap::new();
        for (&key, hour) in &self.hours {
            let mut part = HourReadings::default();
            for &slot in hour.slots.iter().filter(|slot| slot.source == source) {
                part.insert(slot, hour.note(slot).map(Into::into));
            }
            if !part.slots.is_empty() {
                found.insert(key, part);
            }
        }
        found
    }

    /// Readings from whole hours, each counted once. Of two hours with one key, the later counts.
    pub fn from_hours(hours: impl IntoIterator<Item = (HourKey, HourReadings)>) -> Self {
        let hours = hours.into_iter().filter(|(_, hour)| !hour.slots.is_empty());
        let hours: BTreeMap<_, _> = hours.map(|(key, hour)| (key, Arc::new(hour))).collect();
        let count = hours.values().map(|hour| hour.slots.len()).sum();
        Self { hours, count }
    }

    /// The hours of a local day, in days since 1970-01-01, and a kind, in order of time.
    pub fn hours_of_day(&self, day: i32, kind: Kind) -> impl Iterator<Item = (HourKey, &HourReadings)> {
        let midnight_ms = i64::from(day) * 86_400_000;
        // No place is more than 26 hours away from UTC.
        let start = HourKey { hour: LocalHour::of(midnight_ms - 26 * 3_600_000, 0).any_offset(), kind: Kind::Sample };
        self.hours
            .range(start..)
            .take_while(move |(key, _)| key.hour.start_ms() < midnight_ms + (24 + 26) * 3_600_000)
            .filter(move |(key, _)| key.kind == kind && key.hour.local_secs().div_euclid(86_400) == i64::from(day))
            .map(|(&key, hour)| (key, &**hour))
    }

    /// The hours, in order of time.
    pub fn hours(&self) -> impl DoubleEndedIterator<Item = (HourKey, &Arc<HourReadings>)> {
        self.hours.iter().map(|(&key, hour)| (key, hour))
    }

    /// The readings of an hour and kind.
    pub fn hour(&self, key: HourKey) -> Option<&Arc<HourReadings>> {
        self.hours.get(&key)
    }

    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first and the last local date of what days are made of: samples and a device's averages of days; where
    /// there are none, its resting rates, else averages of activities.
    pub fn span(&self) -> Option<(Date, Date)> {
        let dates_of = |kinds: &'static [Kind]| {
            let hours = self.hours.keys().filter(move |key| kinds.contains(&key.kind));
            let dates = hours.map(|key| key.hour.local_secs().div_euclid(86_400)).map(|day| (day, day));
            dates.reduce(|(first, last), (day, _)| (first.min(day), last.max(day)))
        };
        let kinds: [&[Kind]; 3] = [&[Kind::Sample, Kind::Average], &[Kind::Resting], &[Kind::Activity]];
        let (first, last) = kinds.into_iter().find_map(dates_of)?;
        super::date_of(first as i32).zip(super::date_of(last as i32))
    }

    /// The readings of some local days.
    #[must_use]
    pub fn within(&self, days: DayRange) -> Self {
        let hours: BTreeMap<_, _> = self
            .hours()
            .filter(|(key, _)| days.includes(key.hour.date()))
            .map(|(key, hour)| (key, Arc::clone(hour)))
            .collect();
        let count = hours.values().map(|hour| hour.slots.len()).sum();
        Self { hours, count }
    }

    /// Whether there is a reading of this kind, instant and rate.
    pub fn contains(&self, reading: &Reading) -> bool {
        let key = reading.key();
        let at = ((reading.instant_ms - key.hour.start_ms()) as u32, reading.rate);
        let hour = self.hours.get(&key);
        hour.is_some_and(|hour| hour.slots.binary_search_by_key(&at, |slot| (slot.ms, slot.rate)).is_ok())
    }

    /// Every reading, in order of hours.
    pub fn iter(&self) -> impl Iterator<Item = Reading> {
        self.hours.iter().flat_map(|(&key, hour)| hour.slots.iter().map(move |&slot| hour.reading(key, slot)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(instant_ms: i64, offset_secs: i32, centi: u32) -> Reading {
        Reading {
            instant_ms,
            offset_secs,
            rate: Rate::from_centi_bpm(centi).unwrap(),
            kind: Kind::Sample,
            source: Source::default(),
            note: None,
        }
    }

    #[test]
    fn a_duplicate_is_the_same_instant_rate_and_kind() {
        let mut readings = Readings::default();
        assert!(readings.insert(reading(1_000, 0, 7_000)));
        assert!(!readings.insert(reading(1_000, 0, 7_000)), "the same again");
        assert!(!readings.insert(reading(1_000, 3_600, 7_000)), "the same, written with another offset");
        assert!(!readings.insert(reading(1_000, 1_800, 7_000)), "the same, half an hour's offset");
        assert!(readings.insert(reading(1_000, 0, 7_100)), "another rate");
        assert!(readings.insert(reading(1_001, 0, 7_000)), "another instant");
        assert!(readings.insert(Reading { kind: Kind::Resting, ..reading(1_000, 0, 7_000) }), "another kind");
        assert_eq!(readings.len(), 4);
        assert_eq!(readings.iter().count(), 4);
    }

    #[test]
    fn readings_come_back_in_order_whatever_the_order_they_came_in() {
        let mut readings = Readings::default();
        for ms in [5_000_000, 0, 3_600_000, 7, 3_599_999] {
            readings.insert(reading(ms, 0, 6_000));
        }
        let times: Vec<_> = readings.iter().map(|r| r.instant_ms).collect();
        assert_eq!(times, [0, 7, 3_599_999, 3_600_000, 5_000_000]);
        assert_eq!(readings.hours().count(), 2);
    }

    proptest::proptest! {
        #[test]
        fn many_at_once_are_as_one_after_the_other(
            first in proptest::collection::vec((0i64..40, 0usize..4, 0u32..3, 0usize..2), 0..40),
            second in proptest::collection::vec((0i64..40, 0usize..4, 0u32..3, 0usize..2), 0..40),
        ) {
            let reading = |(index, (ms, offset, rate, kind)): (usize, (i64, usize, u32, usize))| Reading {
                offset_secs: [0, 1_800, 3_600, -900][offset],
                kind: Kind::ALL[kind],
                source: Source(index as u16),
                note: (index % 3 == 0).then(|| index.to_string().into()),
                ..Reading::sample(ms * 300_000, Rate::from_centi_bpm(6_000 + rate).unwrap())
            };
            let lists = [first, second].map(|list| list.into_iter().enumerate().map(reading).collect::<Vec<_>>());
            let (mut one, mut many) = (Readings::default(), Readings::default());
            for list in lists {
                let mut touched = BTreeSet::new();
                for reading in &list {
                    if one.insert(reading.clone()) {
                        touched.insert(reading.key());
                    }
                }
                proptest::prop_assert_eq!(touched, many.insert_all(list));
            }
            proptest::prop_assert_eq!(one, many);
        }
    }

    #[test]
    fn a_changed_hour_leaves_earlier_snapshots_alone() {
        let mut readings = Readings::from_list([reading(0, 0, 6_000)]);
        let before = readings.clone();
        readings.insert(reading(1, 0, 6_000));
        assert_eq!((before.len(), readings.len()), (1, 2));
        assert_eq!(before.iter().count(), 1);
    }
}
