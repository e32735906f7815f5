//! A part of the readings, row by row: what a table shows, without a copy of the readings.

use std::sync::Arc;

use jiff::civil::Date;

use super::{HourKey, HourReadings, Kind, Rate, Reading, Readings, Slot, Source};

/// Which readings to select. Every part that is set must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// The first local date.
    pub from: Option<Date>,
    /// The last local date, included.
    pub to: Option<Date>,
    /// Where they come from.
    pub source: Option<Source>,
    /// Their kind.
    pub kind: Option<Kind>,
    /// The lowest rate.
    pub lowest: Option<Rate>,
    /// The highest rate, included.
    pub highest: Option<Rate>,
    /// Words that their note holds, whatever the case.
    pub note: String,
}

/// The selected readings of one hour.
#[derive(Clone, Debug)]
struct Part {
    key: HourKey,
    hour: Arc<HourReadings>,
    /// The places of the selected slots; `None` if all of them are.
    indices: Option<Box<[u32]>>,
    /// Rows before this part.
    before: usize,
}

impl Part {
    fn len(&self) -> usize {
        self.indices.as_ref().map_or(self.hour.slots().len(), |indices| indices.len())
    }

    /// The selected slots, in order of time.
    fn slots(&self) -> impl DoubleEndedIterator<Item = Slot> {
        let all = self.hour.slots();
        (0..self.len()).map(move |row| all[self.indices.as_ref().map_or(row, |indices| indices[row] as usize)])
    }

    fn get(&self, row: usize) -> Reading {
        let index = self.indices.as_ref().map_or(row, |indices| indices[row] as usize);
        self.hour.reading(self.key, self.hour.slots()[index])
    }
}

/// Readings in order of time, by number; and, if they were sorted, in another order too. Shares the hours that it
/// selects from.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    parts: Vec<Part>,
    len: usize,
    /// The rows in another order.
    sorted: Option<Box<[u32]>>,
}

impl Selection {
    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The reading of a row, counted from the earliest.
    pub fn get(&self, row: usize) -> Option<Reading> {
        let part = self.parts.partition_point(|part| part.before <= row).checked_sub(1)?;
        let part = &self.parts[part];
        let row = row - part.before;
        (row < part.len()).then(|| part.get(row))
    }

    /// The row, counted from the earliest, at a place of the order that they were sorted in; the newest first if they
    /// were not.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn row_at(&self, place: usize) -> usize {
        self.sorted.as_ref().map_or_else(|| self.len - 1 - place, |rows| rows[place] as usize)
    }

    /// Sorts by a number of each reading, the least first; of equal ones, the newest first. Takes two steps a reading.
    #[must_use]
    pub fn sorted_by(mut self, number: impl Fn(Kind, Slot) -> u16) -> Self {
        // Where the readings of each number begin, and then where the next of them goes.
        let mut next = vec![0u32; usize::from(u16::MAX) + 2];
        for part in &self.parts {
            part.slots().for_each(|slot| next[usize::from(number(part.key.kind, slot)) + 1] += 1);
        }
        for at in 1..next.len() {
            next[at] += next[at - 1];
        }
        let mut rows = vec![0; self.len].into_boxed_slice();
        let mut row = self.len as u32;
        for part in self.parts.iter().rev() {
            for slot in part.slots().rev() {
                row -= 1;
                let place = &mut next[usize::from(number(part.key.kind, slot))];
                rows[*place as usize] = row;
                *place += 1;
            }
        }
        self.sorted = Some(rows);
        self
    }

    /// Puts the earliest first.
    #[must_use]
    pub fn earliest_first(self) -> Self {
        Self { sorted: Some((0..self.len as u32).collect()), ..self }
    }

    /// Every reading, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = Reading> {
        self.parts.iter().flat_map(|part| (0..part.len()).map(|row| part.get(row)))
    }
}

impl Readings {
    /// The readings that a filter lets through.
    pub fn select(&self, filter: &Filter) -> Selection {
        let includes = |key: HourKey| {
            let date = || key.hour.date();
            filter.kind.is_none_or(|kind| kind == key.kind)
                && filter.from.is_none_or(|from| from <= date())
                && filter.to.is_none_or(|to| date() <= to)
        };
        let note = filter.note.trim().to_lowercase();
        let mut selection = Selection::default();
        for (key, hour) in self.hours().filter(|(key, _)| includes(*key)) {
            let indices = match indices(hour, filter, &note) {
                Places::All => None,
                Places::Some(indices) => Some(indices),
                Places::None => continue,
            };
            let part = Part { key, hour: Arc::clone(hour), indices, before: selection.len };
            selection.len += part.len();
            selection.parts.push(part);
        }
        selection
    }
}

/// The places of an hour's slots that are selected.
enum Places {
    All,
    Some(Box<[u32]>),
    None,
}

fn indices(hour: &HourReadings, filter: &Filter, note: &str) -> Places {
    let slots = hour.slots();
    // Few hours have notes.
    if slots.is_empty() || (!note.is_empty() && hour.notes().next().is_none()) {
        return Places::None;
    }
    let (low, high) = (filter.lowest.unwrap_or(Rate::MIN), filter.highest.unwrap_or(Rate::MAX));
    if filter.source.is_none() && note.is_empty() && (low, high) == (Rate::MIN, Rate::MAX) {
        return Places::All;
    }
    let noted = |slot| hour.note(slot).is_some_and(|words| words.to_lowercase().contains(note));
    let indices: Box<[u32]> = (0..)
        .zip(slots)
        .filter(|(_, slot)| low <= slot.rate && slot.rate <= high)
        .filter(|(_, slot)| filter.source.is_none_or(|source| source == slot.source))
        .filter(|(_, slot)| note.is_empty() || noted(**slot))
        .map(|(index, _)| index)
        .collect();
    match indices.len() {
        0 => Places::None,
        all if all == slots.len() => Places::All,
        _ => Places::Some(indices),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(minute: i64, source: u16, kind: Kind, note: Option<&str>) -> Reading {
        Reading {
            instant_ms: minute * 60_000,
            offset_secs: 0,
            rate: Rate::from_centi_bpm(6_000 + minute as u32 * 7_919 % 9_000).unwrap(),
            kind,
            source: Source(source),
            note: note.map(Into::into),
        }
    }

    #[test]
    fn a_selection_is_what_a_plain_filter_would_keep_row_by_row() {
        let all = (0..500).map(|i| {
            let kind = if i % 7 == 0 { Kind::Resting } else { Kind::Sample };
            reading(i * 13, (i % 3) as u16, kind, (i % 5 == 0).then_some("After a Run"))
        });
        let readings = Readings::from_list(all);
        let day = |day| Some(Date::constant(1970, 1, day));
        let filters = [
            Filter::default(),
            Filter { source: Some(Source(1)), ..Filter::default() },
            Filter { kind: Some(Kind::Resting), note: " run ".into(), ..Filter::default() },
            Filter { from: day(2), to: day(3), source: Some(Source(2)), ..Filter::default() },
            Filter { note: "walk".into(), ..Filter::default() },
            Filter { lowest: Rate::from_centi_bpm(7_000), ..Filter::default() },
            Filter { lowest: Rate::from_centi_bpm(7_000), highest: Rate::from_centi_bpm(9_000), ..Filter::default() },
            Filter { highest: Rate::from_centi_bpm(9_000), kind: Some(Kind::Resting), ..Filter::default() },
        ];
        for filter in filters {
            let plain: Vec<Reading> = readings
                .iter()
                .filter(|r| filter.source.is_none_or(|source| source == r.source))
                .filter(|r| filter.kind.is_none_or(|kind| kind == r.kind))
                .filter(|r| filter.from.is_none_or(|from| from <= r.hour().date()))
                .filter(|r| filter.to.is_none_or(|to| r.hour().date() <= to))
                .filter(|r| filter.lowest.is_none_or(|lowest| lowest <= r.rate))
                .filter(|r| filter.highest.is_none_or(|highest| r.rate <= highest))
                .filter(|r| {
                    let note = r.note.as_deref().unwrap_or_default().to_lowercase();
                    filter.note.is_empty() || note.contains(filter.note.trim())
                })
                .collect();
            let selection = readings.select(&filter);
            assert_eq!(selection.iter().collect::<Vec<_>>(), plain, "{filter:?}");
            assert_eq!((selection.len(), selection.is_empty()), (plain.len(), plain.is_empty()));
            assert_eq!((0..plain.len()).filter_map(|row| selection.get(row)).collect::<Vec<_>>(), plain);
            assert_eq!(selection.get(plain.len()), None);
            let newest = (0..plain.len()).filter_map(|place| selection.get(selection.row_at(place)));
            assert!(newest.eq(plain.iter().rev().cloned()), "the newest first");
            // In every order as a sort that keeps equal ones in their places would have them.
            let orders: [&dyn Fn(Kind, Slot) -> u16; 3] =
                [&|_, slot| slot.rate.centi_bpm(), &|_, slot| u16::MAX - slot.rate.centi_bpm(), &|kind, slot| {
                    slot.source.0 * 4 + kind as u16
                }];
            for order in orders {
                let mut expected: Vec<Reading> = plain.iter().rev().cloned().collect();
                let slot = |r: &Reading| Slot { ms: 0, rate: r.rate, source: r.source };
                expected.sort_by_key(|reading| order(reading.kind, slot(reading)));
                let sorted = selection.clone().sorted_by(order);
                let rows = (0..sorted.len()).filter_map(|place| sorted.get(sorted.row_at(place)));
                assert_eq!(rows.collect::<Vec<_>>(), expected);
                assert!(sorted.iter().eq(plain.iter().cloned()), "still saved the earliest first");
            }
        }
    }
}
