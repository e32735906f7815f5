//! A part of the readings, row by row: what a table shows, without a copy of the readings.

use std::sync::Arc;

use jiff::civil::Date;

use super::{HourKey, HourReadings, Kind, Reading, Readings, Source};

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

    fn get(&self, row: usize) -> Reading {
        let index = self.indices.as_ref().map_or(row, |indices| indices[row] as usize);
        self.hour.reading(self.key, self.hour.slots()[index])
    }
}

/// Readings in order of time, by number. Shares the hours that it selects from.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    parts: Vec<Part>,
    len: usize,
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
            let indices = match indices(hour, filter.source, &note) {
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

fn indices(hour: &HourReadings, source: Option<Source>, note: &str) -> Places {
    let slots = hour.slots();
    // Few hours have notes.
    if slots.is_empty() || (!note.is_empty() && hour.notes().next().is_none()) {
        return Places::None;
    }
    if source.is_none() && note.is_empty() {
        return Places::All;
    }
    let noted = |slot| hour.note(slot).is_some_and(|words| words.to_lowercase().contains(note));
    let indices: Box<[u32]> = (0..)
        .zip(slots)
        .filter(|(_, slot)| source.is_none_or(|source| source == slot.source))
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
    use crate::reading::Rate;

    fn reading(minute: i64, source: u16, kind: Kind, note: Option<&str>) -> Reading {
        Reading {
            instant_ms: minute * 60_000,
            offset_secs: 0,
            rate: Rate::from_centi_bpm(7_000).unwrap(),
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
        ];
        for filter in filters {
            let plain: Vec<Reading> = readings
                .iter()
                .filter(|r| filter.source.is_none_or(|source| source == r.source))
                .filter(|r| filter.kind.is_none_or(|kind| kind == r.kind))
                .filter(|r| filter.from.is_none_or(|from| from <= r.hour().date()))
                .filter(|r| filter.to.is_none_or(|to| r.hour().date() <= to))
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
        }
    }
}
