//! What this computer itself knows and draws beside the server's answers: single readings, notes and imports.

use crate::reading::{DayRange, Kind, Readings, Source};
use crate::session::view::View;
use crate::vault::Batch;

/// Marks beyond this many would be a blur.
const MOST_MARKS: usize = 400;

/// Something that happened, at a place on the axis of time.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// Seconds of local time since 1970-01-01T00:00 local time.
    pub local_secs: i64,
    /// What happened.
    pub what: MarkKind,
}

/// What a mark is about.
#[derive(Clone, PartialEq, Debug)]
pub enum MarkKind {
    /// A reading's note: its rate in bpm, and the words.
    Note(f64, Box<str>),
    /// An import: its name, and how many readings it added.
    Import(Box<str>, u64),
}

/// What this computer draws itself.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OwnData {
    /// Notes and imports of the days that are looked at, in order of time; 400 at most.
    pub marks: Vec<Mark>,
    /// Marks beyond that.
    pub more_marks: usize,
    /// Of a single day, every reading: seconds after its midnight and the rate in bpm.
    pub points: Vec<[f64; 2]>,
    /// The last day with readings before a single day, and the first one after it.
    pub neighbours: [Option<jiff::civil::Date>; 2],
}

impl OwnData {
    /// What there is about the days of a view.
    pub(super) fn new(view: View, readings: &Readings, batches: &[(Source, Batch)], zone: &jiff::tz::TimeZone) -> Self {
        let Some((first, last)) = view.days(readings) else { return Self::default() };
        let days = DayRange { first: Some(first), last: Some(last) };
        let mut marks = Vec::new();
        for (key, hour) in readings.hours() {
            for (ms, rate, note) in hour.notes() {
                if days.includes(key.hour.date()) {
                    let local_secs = key.hour.local_secs() + i64::from(ms / 1_000);
                    marks.push(Mark { local_secs, what: MarkKind::Note(rate.bpm(), note.into()) });
                }
            }
        }
        for (_, batch) in batches {
            let Ok(instant) = jiff::Timestamp::from_millisecond(batch.added_ms) else { continue };
            let offset = zone.to_offset(instant);
            if days.includes(offset.to_datetime(instant).date()) {
                let local_secs = instant.as_second() + i64::from(offset.seconds());
                marks.push(Mark { local_secs, what: MarkKind::Import(batch.name.clone(), batch.count) });
            }
        }
        marks.sort_by_key(|mark| mark.local_secs);
        let more_marks = marks.len().saturating_sub(MOST_MARKS);
        marks.truncate(MOST_MARKS);
        let mut own = Self { marks, more_marks, ..Self::default() };
        if first == last {
            own.take_day(first, readings);
        }
        own
    }

    fn take_day(&mut self, date: jiff::civil::Date, readings: &Readings) {
        let day = crate::reading::days_since_epoch(date);
        let midnight = i64::from(day) * 86_400;
        for (key, hour) in readings.hours_of_day(day, Kind::Sample) {
            let start = (key.hour.local_secs() - midnight) as f64;
            self.points.extend(hour.slots().iter().map(|slot| [start + f64::from(slot.ms) / 1e3, slot.rate.bpm()]));
        }
        let days = || readings.hours().filter(|(key, _)| key.kind == Kind::Sample).map(|(key, _)| key.hour.date());
        self.neighbours = [days().rev().find(|&other| other < date), days().find(|&other| other > date)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Rate, Reading};
    use crate::session::view::Span;

    #[test]
    fn a_day_has_its_readings_its_marks_and_its_neighbours() {
        let day = 86_400_000;
        let rate = |bpm: u32| Rate::from_centi_bpm(bpm * 100).unwrap();
        let noted = Reading { note: Some("slept badly".into()), ..Reading::sample(10 * day + 3_600_500, rate(61)) };
        let list = [
            Reading::sample(3 * day, rate(60)),
            noted,
            Reading::sample(10 * day, rate(70)),
            Reading::sample(12 * day, rate(80)),
        ];
        let readings = Readings::from_list(list);
        let batch = |added_ms| (Source(0), Batch { name: "export.csv".into(), added_ms, count: 4 });
        let batches = [batch(10 * day + 7_200_000), batch(11 * day)];
        let date = |offset: i32| crate::reading::date_of(offset).unwrap();
        let own = |span| OwnData::new(View { span, ..View::default() }, &readings, &batches, &jiff::tz::TimeZone::UTC);
        let single = own(Span::Days(date(10), date(10)));
        assert_eq!(single.points, [[0.0, 70.0], [3_600.5, 61.0]]);
        assert_eq!(single.neighbours, [Some(date(3)), Some(date(12))]);
        let marks: Vec<_> = single.marks.iter().map(|mark| (mark.local_secs - 864_000, mark.what.clone())).collect();
        assert_eq!(
            marks,
            [(3_600, MarkKind::Note(61.0, "slept badly".into())), (7_200, MarkKind::Import("export.csv".into(), 4))]
        );
        let all = own(Span::All);
        assert_eq!((all.marks.len(), all.points.len()), (3, 0));
        assert_eq!(own(Span::Days(date(4), date(9))), OwnData::default());
    }
}
