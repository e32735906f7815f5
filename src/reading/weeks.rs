//! Readings arranged by week and kind, as they are encrypted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::cell::{
    CELL_MS, CELLS_A_DAY, CELLS_AN_HOUR, Cell, HourTable, Neighbour, Sides, cells_of, shared, weights_of,
};
use super::week::{DAYS, HOURS, Week, WeekKey};
use super::{HourKey, HourReadings, Kind, Readings, Slot};

/// Up to so many weeks of a kind, weeks without readings have a sheet too, which looks like all others.
pub const MOST_FILLED_WEEKS: i64 = 1_092;

/// The readings of one week and kind.
#[derive(Debug)]
pub struct WeekReadings {
    key: WeekKey,
    /// By civil hour; the passes of one that occurs twice in their order.
    hours: Vec<(HourKey, Arc<HourReadings>)>,
    cells: Vec<Cell>,
    weights: Vec<u8>,
    /// The steps that its outer cells take on either side: all that its weights depend on in other weeks.
    sides: Sides,
    /// Days that count for nothing, bit d for day d: those of a device's averages that have samples.
    left_out: u8,
    facts: Box<HourTable>,
}

/// A cell's readings and its weight.
#[derive(Clone, Copy, Debug)]
pub struct CellReadings<'a> {
    /// The day, from 0 for Monday.
    pub day: usize,
    /// The cell of the day, from 0 for the five minutes after midnight.
    pub cell: usize,
    /// Five-minute steps that it stands for, 1 to 15.
    pub weight: u8,
    /// Its readings: by pass of its hour, in order of time.
    pub slots: &'a [Slot],
}

impl WeekReadings {
    /// The week and kind.
    pub fn key(&self) -> WeekKey {
        self.key
    }

    /// Returns the facts about its hours that are known without their readings.
    pub fn facts(&self) -> &HourTable {
        &self.facts
    }

    /// The most readings that one civil hour holds.
    pub fn most_in_an_hour(&self) -> u32 {
        self.facts.iter().flatten().map(|hour| hour.count).max().unwrap_or(0)
    }

    /// How many readings count.
    pub fn count(&self) -> u64 {
        self.facts.iter().flatten().map(|hour| u64::from(hour.count)).sum()
    }

    fn is_left_out(&self, day: usize) -> bool {
        self.left_out >> day & 1 == 1
    }

    /// Goes through the cells that count, in civil order.
    #[inline]
    pub fn each_cell(&self, mut visit: impl FnMut(CellReadings)) {
        let mut weighed = self.cells.iter().zip(&self.weights).peekable();
        let mut together: Vec<Slot> = Vec::new();
        for passes in self.hours.chunk_by(|(a, _), (b, _)| a.hour.local_secs() == b.hour.local_secs()) {
            let [(key, first), further @ ..] = passes else { continue };
            let hour = civil_hour(*key, self.key.week);
            let (day, first_cell) = (hour / HOURS, hour % HOURS * CELLS_AN_HOUR);
            let ends = ((hour + 1) * CELLS_AN_HOUR) as u16;
            let mut left = if further.is_empty() {
                first.slots()
            } else {
                together.clear();
                together.extend(passes.iter().flat_map(|(_, pass)| pass.slots()));
                // A cell's readings side by side; those of a pass stay in their order.
                together.sort_by_key(|slot| slot.ms / CELL_MS as u32);
                &together
            };
            while let Some((cell, &weight)) = weighed.next_if(|(cell, _)| cell.at < ends) {
                let slots = left.split_off(..cell.count as usize).unwrap_or_default();
                if !self.is_left_out(day) {
                    let at = usize::from(cell.at) - hour * CELLS_AN_HOUR;
                    visit(CellReadings { day, cell: first_cell + at, weight, slots });
                }
            }
        }
    }

    fn is_same_as(&self, hours: &[(HourKey, &Arc<HourReadings>)]) -> bool {
        self.hours.len() == hours.len()
            && self.hours.iter().zip(hours).all(|((a, mine), (b, theirs))| a == b && Arc::ptr_eq(mine, theirs))
    }
}

/// The week and kind that an hour belongs to.
fn week_of(key: HourKey) -> WeekKey {
    WeekKey { kind: key.kind, week: Week::of_day(key.hour.local_secs().div_euclid(86_400) as i32) }
}

/// The hour of a week that an hour is by civil time, from 0 for Monday's first.
fn civil_hour(key: HourKey, week: Week) -> usize {
    (key.hour.local_secs().div_euclid(3_600) - i64::from(week.monday()) * HOURS as i64) as usize
}

fn facts_of(cells: &[Cell], weights: &[u8], left_out: u8) -> Box<HourTable> {
    let mut facts = Box::new(HourTable::default());
    for (cell, &weight) in cells.iter().zip(weights) {
        let (day, hour) = (usize::from(cell.at) / CELLS_A_DAY, usize::from(cell.at) % CELLS_A_DAY / CELLS_AN_HOUR);
        if left_out >> day & 1 == 0 {
            let hour = &mut facts[day][hour];
            hour.count += cell.count;
            hour.cells += 1;
            hour.weight += weight;
        }
    }
    facts
}

/// All readings by kind and week. Cheap to clone; weeks are shared with earlier arrangements as long as nothing
/// that they are made of has changed.
#[derive(Clone, Debug, Default)]
pub struct Weeks(BTreeMap<WeekKey, Arc<WeekReadings>>);

impl From<&Readings> for Weeks {
    fn from(readings: &Readings) -> Self {
        Self::default().updated(readings)
    }
}

impl Weeks {
    /// The same for other readings. Weeks that stay as they are stay the same `Arc`.
    #[must_use]
    pub fn updated(&self, readings: &Readings) -> Self {
        let mut found: BTreeMap<WeekKey, Vec<(HourKey, &Arc<HourReadings>)>> = BTreeMap::new();
        // Hours come in order: most have the week and kind of the one before.
        let hours: Vec<(HourKey, &Arc<HourReadings>)> = readings.hours().collect();
        for run in hours.chunk_by(|(a, _), (b, _)| week_of(*a) == week_of(*b)) {
            if let Some((first, _)) = run.first() {
                found.entry(week_of(*first)).or_default().extend_from_slice(run);
            }
        }
        for kind in Kind::ALL {
            fill(&mut found, kind);
        }
        // First the cells, of what has changed.
        let found: Vec<_> = found.into_iter().collect();
        let drafts: Vec<Draft> =
            found.into_par_iter().map(|(key, hours)| Draft::new(self.0.get(&key), key, hours)).collect();
        let sides = sides(&drafts);
        let mut weeks = BTreeMap::new();
        let mut sampled: BTreeMap<Week, u8> = BTreeMap::new();
        for (draft, sides) in drafts.into_iter().zip(sides) {
            let key = draft.key;
            let week = draft.finish(sides, sampled.get(&key.week).copied().unwrap_or(0));
            if key.kind == Kind::Sample {
                sampled.insert(key.week, days_with_readings(week.facts()));
            }
            weeks.insert(key, week);
        }
        Self(weeks)
    }

    /// The weeks, by kind and then by Monday.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<WeekReadings>> {
        self.0.values()
    }

    /// A week of a kind, if it has a sheet.
    pub fn get(&self, key: WeekKey) -> Option<&Arc<WeekReadings>> {
        self.0.get(&key)
    }

    /// Returns the facts about them that are known without their readings.
    pub fn index(&self) -> WeekIndex {
        self.0.iter().map(|(&key, week)| (key, *week.facts())).collect()
    }

    /// The most readings that one civil hour of a kind holds.
    pub fn most_in_an_hour(&self, kind: Kind) -> u32 {
        self.iter().filter(|week| week.key.kind == kind).map(|week| week.most_in_an_hour()).max().unwrap_or(0)
    }
}

/// The days of a week that hold readings, bit d for day d.
fn days_with_readings(facts: &HourTable) -> u8 {
    (0..DAYS).filter(|&day| facts[day].iter().any(|hour| hour.count > 0)).fold(0, |bits, day| bits | 1 << day)
}

/// Adds the weeks without readings between the first and the last, unless that makes too many.
fn fill(found: &mut BTreeMap<WeekKey, Vec<(HourKey, &Arc<HourReadings>)>>, kind: Kind) {
    let weeks: BTreeSet<Week> = found.keys().filter(|key| key.kind == kind).map(|key| key.week).collect();
    let (Some(&first), Some(&last)) = (weeks.first(), weeks.last()) else { return };
    if i64::from(last.monday()) - i64::from(first.monday()) < MOST_FILLED_WEEKS * DAYS as i64 {
        for week in first.to(last) {
            found.entry(WeekKey { kind, week }).or_default();
        }
    }
}

/// A week whose weights are not known yet.
struct Draft {
    key: WeekKey,
    /// The same week before, if its readings are the same.
    before: Option<Arc<WeekReadings>>,
    hours: Vec<(HourKey, Arc<HourReadings>)>,
    cells: Vec<Cell>,
}

impl Draft {
    fn new(before: Option<&Arc<WeekReadings>>, key: WeekKey, mut hours: Vec<(HourKey, &Arc<HourReadings>)>) -> Self {
        // Hours come in the order of their instants; civil order differs after a change of the clock or a journey.
        if !hours.is_sorted_by_key(|(key, _)| key.hour.local_secs()) {
            hours.sort_by_key(|(key, _)| key.hour.local_secs());
        }
        if let Some(before) = before.filter(|before| before.is_same_as(&hours)) {
            return Self { key, before: Some(Arc::clone(before)), hours: Vec::new(), cells: Vec::new() };
        }
        let hours: Vec<_> = hours.into_iter().map(|(key, hour)| (key, Arc::clone(hour))).collect();
        let cells = cells_of(&hours, key.week);
        Self { key, before: None, hours, cells }
    }

    fn cells(&self) -> &[Cell] {
        self.before.as_ref().map_or(&self.cells, |before| &before.cells)
    }

    /// Weighs the cells, where days of `sampled` have samples. A week whose cells and weights stay as they were stays
    /// the same, so that nothing is put again that did not change.
    fn finish(self, sides: Sides, sampled: u8) -> Arc<WeekReadings> {
        let days = self.cells().iter().fold(0, |days, cell| days | 1u8 << (usize::from(cell.at) / CELLS_A_DAY));
        // Samples come first.
        let left_out = if self.key.kind == Kind::Average { sampled & days } else { 0 };
        if let Some(before) = &self.before
            && (before.sides, before.left_out) == (sides, left_out)
        {
            return Arc::clone(before);
        }
        let (hours, cells) = match &self.before {
            Some(before) => (before.hours.clone(), before.cells.clone()),
            None => (self.hours, self.cells),
        };
        let weights = weights_of(&cells, self.key.week, sides);
        let facts = facts_of(&cells, &weights, left_out);
        Arc::new(WeekReadings { key: self.key, hours, cells, weights, sides, left_out, facts })
    }
}

/// For each week, what its outer cells take on either side. Empty weeks have neither.
fn sides(drafts: &[Draft]) -> Vec<Sides> {
    let mut sides = vec![(None, None); drafts.len()];
    let mut previous: Option<(usize, Neighbour)> = None;
    for (i, draft) in drafts.iter().enumerate() {
        let (Some(first), Some(last)) = (draft.cells().first(), draft.cells().last()) else { continue };
        if let Some((before, cell)) = previous.filter(|(before, _)| drafts[*before].key.kind == draft.key.kind) {
            (sides[before].1, sides[i].0) = shared(cell, first.index(draft.key.week)).unzip();
        }
        previous = Some((i, last.index(draft.key.week)));
    }
    sides
}

/// Which weeks have sheets, and how many readings, cells and steps each of their hours has: all that statistics
/// need to know beside sums.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WeekIndex(BTreeMap<WeekKey, HourTable>);

impl FromIterator<(WeekKey, HourTable)> for WeekIndex {
    fn from_iter<T: IntoIterator<Item = (WeekKey, HourTable)>>(weeks: T) -> Self {
        Self(weeks.into_iter().collect())
    }
}

impl WeekIndex {
    /// The weeks that have sheets, by kind and then by Monday.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = WeekKey> {
        self.0.keys().copied()
    }

    /// The weeks of a kind from one day to another, both included, in days since 1970-01-01.
    pub fn weeks(&self, kind: Kind, days: std::ops::RangeInclusive<i32>) -> impl DoubleEndedIterator<Item = Week> {
        let key = |day: i32| WeekKey { kind, week: Week::of_day(day) };
        let range = (days.start() <= days.end()).then(|| self.0.range(key(*days.start())..=key(*days.end())));
        range.into_iter().flatten().map(|(key, _)| key.week)
    }

    /// Returns the facts about the hours of a week; `None` if it has no sheet.
    pub fn hours(&self, key: WeekKey) -> Option<&HourTable> {
        self.0.get(&key)
    }

    /// Whether a kind has sheets.
    pub fn has(&self, kind: Kind) -> bool {
        self.0.keys().any(|key| key.kind == kind)
    }

    /// How many readings there are of some kinds.
    pub fn count(&self, kinds: &[Kind]) -> u64 {
        let weeks = self.0.iter().filter(|(key, _)| kinds.contains(&key.kind));
        weeks.flat_map(|(_, hours)| hours.iter().flatten()).map(|hour| u64::from(hour.count)).sum()
    }

    /// The first and the last day that any sheet covers, in days since 1970-01-01.
    pub fn covered(&self) -> Option<(i32, i32)> {
        let first = self.0.keys().map(|key| key.week.day(0)).min()?;
        let last = self.0.keys().map(|key| key.week.day(DAYS - 1)).max()?;
        Some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Rate, Reading};

    const HOUR: i64 = 3_600_000;

    /// At noon of a day, counted from a Monday.
    fn noon(day: i64, kind: Kind) -> Reading {
        Reading { kind, ..Reading::sample((4 + day) * 24 * HOUR + 12 * HOUR, Rate::MIN) }
    }

    /// The weeks that one more reading changes, by kind and number.
    fn changed(readings: &mut Readings, reading: Reading) -> Vec<(Kind, i32)> {
        let before = Weeks::from(&*readings);
        assert!(readings.insert(reading));
        let after = before.updated(readings);
        let same = |week: &&Arc<WeekReadings>| before.get(week.key).is_some_and(|before| Arc::ptr_eq(before, week));
        after.iter().filter(|week| !same(week)).map(|week| (week.key.kind, (week.key.week.monday() - 4) / 7)).collect()
    }

    #[test]
    fn a_reading_makes_its_own_week_anew_whatever_is_empty_beside_it() {
        let days = [0, 2, 7, 9, 35, 37];
        let mut readings = Readings::from_list(days.map(|day| noon(day, Kind::Sample)));
        assert_eq!(changed(&mut readings, noon(8, Kind::Sample)), [(Kind::Sample, 1)], "inside");
        assert_eq!(changed(&mut readings, noon(11, Kind::Sample)), [(Kind::Sample, 1)], "the last before a gap");
        assert_eq!(changed(&mut readings, noon(32, Kind::Sample)), [(Kind::Sample, 4)], "the first after a gap");
        let late = Reading { instant_ms: (4 + 7) * 24 * HOUR - 60_000, ..noon(0, Kind::Sample) };
        assert_eq!(changed(&mut readings, late), [(Kind::Sample, 0)]);
        let early = Reading { instant_ms: (4 + 7) * 24 * HOUR + 60_000, ..noon(0, Kind::Sample) };
        assert_eq!(changed(&mut readings, early), [(Kind::Sample, 0), (Kind::Sample, 1)], "they share the midnight");
    }

    #[test]
    fn a_sample_makes_a_week_of_averages_anew_where_it_takes_the_place_of_one_only() {
        let averages = [0, 1, 21].map(|day| noon(day, Kind::Average));
        let mut readings = Readings::from_list(averages.into_iter().chain([0, 27].map(|day| noon(day, Kind::Sample))));
        assert_eq!(changed(&mut readings, noon(5, Kind::Sample)), [(Kind::Sample, 0)]);
        assert_eq!(changed(&mut readings, noon(9, Kind::Sample)), [(Kind::Sample, 1)], "no averages in that week");
        assert_eq!(changed(&mut readings, noon(1, Kind::Sample)), [(Kind::Sample, 0), (Kind::Average, 0)]);
    }
}
