//! Settling what one line cannot tell: the order of day and month, and the time zone.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::dates::{WrittenDate, new_date, two_digit_year};
use super::report::{Reason, Report};
use super::rows::Row;
use super::stamp::{Stamp, Zone};
use super::{DateOrder, Options};
use crate::reading::{Reading, Source, days_since_epoch};

const DAY_MS: i64 = 86_400_000;
pub(super) const NOON_MS: u32 = 43_200_000;
/// Lines of a file that runs forward may be out of order by less than this.
const DISORDER_MS: i64 = 300_000;
/// Zones change their offset at whole quarters of an hour, save for a few long ago.
const QUARTER_MS: i64 = 900_000;

/// Turns rows into readings, now that the whole file is known.
pub(super) fn settle(rows: Vec<Row>, options: &Options, report: &mut Report) -> Vec<Reading> {
    let order = date_order(&rows, options, report);
    // A zero offset is a place's own only in a file that also knows others (London in winter).
    let offsets_are_places = rows.iter().any(|row| matches!(row.stamp.zone, Zone::Offset(secs) if secs != 0));
    let mut place = Place::new(&options.zone);
    let (mut ordered, mut last_ms) = (true, i64::MIN);
    let mut readings = Vec::with_capacity(rows.len());
    // Most rows are of the same day as the one before.
    let mut last_date = None;
    for Row { line, stamp, rate, kind } in rows {
        let midnight_ms = match last_date {
            Some((date, midnight_ms)) if date == stamp.date => midnight_ms,
            _ => settle_date(&stamp, order).map(|date| civil_ms(date, 0)),
        };
        last_date = Some((stamp.date, midnight_ms));
        let Ok(midnight_ms) = midnight_ms else {
            report.refused.push(line.into(), Reason::NoSuchTime);
            continue;
        };
        report.noons += usize::from(stamp.time_ms.is_none());
        report.clock_changes += usize::from(stamp.unclear);
        let civil_ms = midnight_ms + i64::from(stamp.time_ms.unwrap_or(NOON_MS));
        let (instant_ms, offset_secs) = match stamp.zone {
            Zone::Place(secs) => (civil_ms - i64::from(secs) * 1000, secs),
            Zone::Offset(secs) if offsets_are_places => (civil_ms - i64::from(secs) * 1000, secs),
            Zone::UtcAt(secs) => (civil_ms, secs),
            Zone::Offset(_) | Zone::Utc => (civil_ms, place.offset_at(civil_ms)),
            Zone::None => {
                report.zoneless = true;
                let (instant_ms, offset, unclear) = place.resolve(civil_ms);
                report.clock_changes += usize::from(unclear);
                // In a file that runs forward, a time that jumps back is the second of the two.
                let again = unclear && ordered && instant_ms + DISORDER_MS < last_ms;
                match if again { place.second(civil_ms) } else { None } {
                    Some(second) => (civil_ms - i64::from(second) * 1000, second),
                    None => (instant_ms, offset),
                }
            }
        };
        ordered &= instant_ms + DISORDER_MS >= last_ms;
        last_ms = last_ms.max(instant_ms);
        let (instant_ms, offset_secs) = match (stamp.later_ms, stamp.zone) {
            (0, _) => (instant_ms, offset_secs),
            (later, Zone::None | Zone::Utc) => {
                let instant_ms = instant_ms + i64::from(later);
                (instant_ms, place.offset_at(instant_ms))
            }
            (later, _) => (instant_ms + i64::from(later), offset_secs),
        };
        readings.push(Reading { instant_ms, offset_secs, rate, kind, source: Source::default(), note: None });
    }
    report.refused.sort();
    if report.zoneless {
        let zone = options.zone.iana_name().unwrap_or("a fixed offset");
        report.assumed.push(format!("Times name no zone and were taken as local time in {zone}"));
    }
    readings
}

/// The order of day and month: what a person says, else what the whole file says: a number above 12
/// can only be a day. Where nothing tells, dots between the numbers mean the day first, and AM and PM
/// the American order.
fn date_order(rows: &[Row], options: &Options, report: &mut Report) -> DateOrder {
    let (mut any, mut day_first, mut month_first, mut twelve_hours, mut dots) = (false, false, false, false, true);
    let mut year_first = false;
    for row in rows {
        if let WrittenDate::TwoNumbers { first, second, dotted, .. } = row.stamp.date {
            any = true;
            year_first |= first > 31;
            day_first |= first > 12;
            month_first |= second > 12;
            twelve_hours |= row.stamp.twelve_hours;
            dots &= dotted;
        }
    }
    if let Some(order) = options.date_order {
        return order;
    }
    if year_first {
        return DateOrder::YearFirst;
    }
    let clear = day_first != month_first || dots;
    let by_month = if day_first == month_first { twelve_hours && !dots } else { month_first };
    let order = if by_month { DateOrder::MonthFirst } else { DateOrder::DayFirst };
    if any && !clear {
        let words = if by_month { "month before day" } else { "day before month" };
        report.assumed.push(format!("Dates could be read in two ways and were taken as {words}"));
        report.unclear_order = Some(order);
    }
    order
}

fn settle_date(stamp: &Stamp, order: DateOrder) -> Result<Date, Reason> {
    match (stamp.date, order) {
        (WrittenDate::Clear(date), _) => Ok(date),
        (WrittenDate::TwoNumbers { first, second, year, .. }, DateOrder::MonthFirst) => new_date(year, first, second),
        (WrittenDate::TwoNumbers { first, second, year, .. }, DateOrder::DayFirst) => new_date(year, second, first),
        // Four digits are the year, wherever they stand.
        (WrittenDate::TwoNumbers { short_year: false, .. }, DateOrder::YearFirst) => Err(Reason::NoSuchTime),
        (WrittenDate::TwoNumbers { first, second, year, .. }, DateOrder::YearFirst) => {
            // Of three numbers with two digits each, the last is the day.
            let day = u8::try_from(year % 100).map_err(|_| Reason::NoSuchTime)?;
            new_date(two_digit_year(first.into()) as i16, second, day)
        }
    }
}

/// Milliseconds of local time since 1970-01-01T00:00 local time.
pub(super) fn civil_ms(date: Date, time_ms: u32) -> i64 {
    i64::from(days_since_epoch(date)) * DAY_MS + i64::from(time_ms)
}

/// The chosen zone, with the quarter of an hour last asked for.
pub(super) struct Place<'a> {
    zone: &'a TimeZone,
    utc: Option<(i64, i32)>,
    local: Option<(i64, i32)>,
}

impl<'a> Place<'a> {
    pub(super) fn new(zone: &'a TimeZone) -> Self {
        Self { zone, utc: None, local: None }
    }

    /// The instant and offset of a local time, and whether that time does not exist or occurs twice.
    pub(super) fn resolve(&mut self, civil_ms: i64) -> (i64, i32, bool) {
        let (offset, unclear) = self.offset_of_local(civil_ms);
        let instant_ms = civil_ms - i64::from(offset) * 1000;
        (instant_ms, if unclear { self.offset_at(instant_ms) } else { offset }, unclear)
    }

    /// The offset of the second of two times, where a local time occurs twice.
    fn second(&self, civil_ms: i64) -> Option<i32> {
        match self.zone.to_ambiguous_timestamp(civil(civil_ms)).offset() {
            AmbiguousOffset::Fold { after, .. } => Some(after.seconds()),
            _ => None,
        }
    }

    /// The zone's offset at an instant, in seconds.
    pub(super) fn offset_at(&mut self, instant_ms: i64) -> i32 {
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
