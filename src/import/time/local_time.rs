//! Local time of a zone, in milliseconds, with as few searches in the zone's rules as possible.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use crate::reading::days_since_epoch;

pub(in crate::import) const DAY_MS: i64 = 86_400_000;
pub(in crate::import) const NOON_MS: u32 = 43_200_000;
/// Zones change their offset at whole quarters of an hour, save for a few long ago.
const QUARTER_MS: i64 = 900_000;

/// Milliseconds of local time since 1970-01-01T00:00 local time.
pub(in crate::import) fn civil_ms(date: Date, time_ms: u32) -> i64 {
    i64::from(days_since_epoch(date)) * DAY_MS + i64::from(time_ms)
}

/// The chosen zone, with the quarter of an hour last asked for.
pub(in crate::import) struct LocalZone<'a> {
    zone: &'a TimeZone,
    utc: Option<(i64, i32)>,
    local: Option<(i64, i32)>,
}

impl<'a> LocalZone<'a> {
    pub(in crate::import) fn new(zone: &'a TimeZone) -> Self {
        Self { zone, utc: None, local: None }
    }

    /// The instant and offset of a local time, and whether that time does not exist or occurs twice.
    pub(in crate::import) fn resolve(&mut self, civil_ms: i64) -> (i64, i32, bool) {
        let (offset, unclear) = self.offset_of_local(civil_ms);
        let instant_ms = civil_ms - i64::from(offset) * 1000;
        (instant_ms, if unclear { self.offset_at(instant_ms) } else { offset }, unclear)
    }

    /// The offset of the second of two times, where a local time occurs twice.
    pub(in crate::import) fn second(&self, civil_ms: i64) -> Option<i32> {
        match self.zone.to_ambiguous_timestamp(civil(civil_ms)).offset() {
            AmbiguousOffset::Fold { after, .. } => Some(after.seconds()),
            _ => None,
        }
    }

    /// The zone's offset at an instant, in seconds.
    pub(in crate::import) fn offset_at(&mut self, instant_ms: i64) -> i32 {
        let quarter = instant_ms.div_euclid(QUARTER_MS);
        if let Some((_, offset)) = self.utc.filter(|(known, _)| *known == quarter) {
            return offset;
        }
        let exact =
            |ms: i64| jiff::Timestamp::from_millisecond(ms).map_or(0, |instant| self.zone.to_offset(instant).seconds());
        let ends = [exact(quarter * QUARTER_MS), exact(quarter * QUARTER_MS + QUARTER_MS - 1)];
        if ends[0] == ends[1] {
            self.utc = Some((quarter, ends[0]));
            return ends[0];
        }
        exact(instant_ms)
    }

    /// The zone's offset at a local time, and whether that time does not exist or occurs twice.
    /// Then the offset before the change is taken: the first of two, or as far past the gap as the
    /// clock was behind.
    fn offset_of_local(&mut self, civil_ms: i64) -> (i32, bool) {
        let quarter = civil_ms.div_euclid(QUARTER_MS);
        if let Some((_, offset)) = self.local.filter(|(known, _)| *known == quarter) {
            return (offset, false);
        }
        let exact = |ms: i64| match self.zone.to_ambiguous_timestamp(civil(ms)).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), false),
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => (before.seconds(), true),
        };
        let ends = [exact(quarter * QUARTER_MS), exact(quarter * QUARTER_MS + QUARTER_MS - 1)];
        if ends[0] == ends[1] && !ends[0].1 {
            self.local = Some((quarter, ends[0].0));
            return ends[0];
        }
        exact(civil_ms)
    }
}

/// The civil time that is `ms` after 1970-01-01T00:00.
fn civil(ms: i64) -> DateTime {
    jiff::Timestamp::from_millisecond(ms).map_or(DateTime::MIN, |instant| Offset::UTC.to_datetime(instant))
}
