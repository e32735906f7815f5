//! Local time of a zone, in milliseconds, with as few searches in the zone's rules as possible.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneTransition};
use jiff::{SignedDuration, Timestamp};

use crate::reading::days_since_epoch;

pub(in crate::import) const DAY_MS: i64 = 86_400_000;
pub(in crate::import) const NOON_MS: u32 = 43_200_000;
/// Nearer to a change of offsets than this, a local time may not exist or occur twice: no change is by more than a day.
const MARGIN_MS: i64 = 2 * DAY_MS;

/// Milliseconds of local time since 1970-01-01T00:00 local time.
pub(in crate::import) fn civil_ms(date: Date, time_ms: u32) -> i64 {
    i64::from(days_since_epoch(date)) * DAY_MS + i64::from(time_ms)
}

/// The chosen zone, with the span of one offset last asked for.
pub(in crate::import) struct LocalZone<'a> {
    zone: &'a TimeZone,
    span: Span,
}

/// A time in which a zone keeps its offset, in seconds: instants from the first to before the last, in milliseconds.
#[derive(Clone, Copy)]
struct Span {
    from_ms: i64,
    until_ms: i64,
    offset: i32,
}

impl<'a> LocalZone<'a> {
    pub(in crate::import) fn new(zone: &'a TimeZone) -> Self {
        // Holds nothing yet.
        Self { zone, span: Span { from_ms: 0, until_ms: 0, offset: 0 } }
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
        if !(self.span.from_ms..self.span.until_ms).contains(&instant_ms) {
            let Ok(instant) = Timestamp::from_millisecond(instant_ms) else { return 0 };
            let ms = |change: Option<TimeZoneTransition>| change.map(|change| change.timestamp().as_millisecond());
            // A change at the instant itself is before what follows it.
            let at_last = instant.checked_add(SignedDuration::from_millis(1)).unwrap_or(instant);
            self.span = Span {
                from_ms: ms(self.zone.preceding(at_last).next()).unwrap_or(i64::MIN),
                until_ms: ms(self.zone.following(instant).next()).unwrap_or(i64::MAX),
                offset: self.zone.to_offset(instant).seconds(),
            };
        }
        self.span.offset
    }

    /// The zone's offset at a local time, and whether that time does not exist or occurs twice.
    /// Then the offset before the change is taken: the first of two, or as far past the gap as the
    /// clock was behind.
    fn offset_of_local(&mut self, civil_ms: i64) -> (i32, bool) {
        let Span { from_ms, until_ms, offset } = self.span;
        let instant_ms = civil_ms - i64::from(offset) * 1000;
        if instant_ms.saturating_sub(MARGIN_MS) >= from_ms && instant_ms.saturating_add(MARGIN_MS) < until_ms {
            return (offset, false);
        }
        let (offset, unclear) = match self.zone.to_ambiguous_timestamp(civil(civil_ms)).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), false),
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => (before.seconds(), true),
        };
        self.offset_at(civil_ms - i64::from(offset) * 1000);
        (offset, unclear)
    }
}

/// The civil time that is `ms` after 1970-01-01T00:00.
fn civil(ms: i64) -> DateTime {
    Timestamp::from_millisecond(ms).map_or(DateTime::MIN, |instant| Offset::UTC.to_datetime(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every half hour of four years, and some zones with odd changes: of half an hour, of a day, in 1970.
    #[test]
    fn offsets_are_those_of_the_zone_however_they_are_asked_for() {
        for name in
            ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/New_York", "Africa/Monrovia", "UTC"]
        {
            let zone = TimeZone::get(name).unwrap();
            let (mut forward, mut backward) = (LocalZone::new(&zone), LocalZone::new(&zone));
            let spans = [(1_262_304_000_000, 1_388_534_400_000), (-DAY_MS, 1_000 * DAY_MS)];
            for (from, until) in spans {
                let steps = (until - from) / 1_800_000;
                for step in 0..steps {
                    let ms = from + step * 1_800_000;
                    let exact = zone.to_offset(Timestamp::from_millisecond(ms).unwrap()).seconds();
                    assert_eq!(forward.offset_at(ms), exact, "{name} {ms}");
                    let (offset, unclear) = match zone.to_ambiguous_timestamp(civil(ms)).offset() {
                        AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), false),
                        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => {
                            (before.seconds(), true)
                        }
                    };
                    let last = until + from - ms;
                    assert_eq!(forward.offset_of_local(ms), (offset, unclear), "{name} {ms}");
                    let exact = zone.to_offset(Timestamp::from_millisecond(last).unwrap()).seconds();
                    assert_eq!(backward.offset_at(last), exact, "{name} {last}");
                }
            }
        }
    }
}
