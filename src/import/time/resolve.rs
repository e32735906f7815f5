//! What one line cannot show, decided once the whole file is known: the order of day and month, the epoch of
//! seconds, and the time zone.

use jiff::tz::TimeZone;

use crate::import::error::ImportError;
use crate::import::options::{Epoch, Options};
use crate::import::report::{ImportReport, MOST_LISTED, Reason};
use crate::import::rows::Row;
use crate::import::source::FileObserver;
use crate::import::time::dates::WrittenDate;
use crate::import::time::local_time::{DAY_MS, LocalZone, NOON_MS, civil_ms};
use crate::import::time::order::Orders;
use crate::import::time::stamp::Zone;
use crate::reading::{Reading, Source};

/// Lines of a file that runs forward may be out of order by less than this.
const DISORDER_MS: i64 = 300_000;

/// FIT counts seconds from 1989-12-31T00:00:00Z.
pub(in crate::import) const FIT_EPOCH_SECS: i64 = 631_065_600;
/// No device before 2005 counted from there.
const FIRST_FIT_MS: i64 = 1_104_537_600_000;
const FIRST_OF_1990_MS: i64 = 631_152_000_000;

/// Turns rows into readings, now that the whole file is known.
pub(in crate::import) fn resolve_times(
    rows: Vec<Row>,
    options: &Options,
    report: &mut ImportReport,
    watch: &FileObserver,
) -> Result<Vec<Reading>, ImportError> {
    let orders = Orders::of(&rows, options, report);
    let shift_ms = epoch(&rows, options, report);
    // A zero offset is a place's own only in a file that also knows others (London in winter).
    let offsets_are_places = rows.iter().any(|row| matches!(row.stamp.zone, Zone::Offset(secs) if secs != 0));
    let mut local = LocalZone::new(&options.zone);
    let (mut ordered, mut last_ms) = (true, i64::MIN);
    let mut readings = Vec::with_capacity(rows.len());
    // Most rows are of the same day as the one before.
    let mut last_date = None;
    for (at, Row { line, stamp, rate, kind }) in rows.into_iter().enumerate() {
        watch.poll(at)?;
        let midnight_ms = match last_date {
            Some((date, midnight_ms)) if date == (stamp.date, stamp.after_year) => midnight_ms,
            _ => orders.date(&stamp).map(|date| civil_ms(date, 0)),
        };
        last_date = Some(((stamp.date, stamp.after_year), midnight_ms));
        let Ok(midnight_ms) = midnight_ms else {
            report.refused.push(line.into(), Reason::NoSuchTime, MOST_LISTED);
            continue;
        };
        report.noons += usize::from(stamp.time_ms.is_none());
        report.clock_changes += usize::from(stamp.unclear);
        let civil_ms =
            midnight_ms + i64::from(stamp.time_ms.unwrap_or(NOON_MS)) + if stamp.counted { shift_ms } else { 0 };
        let (instant_ms, offset_secs) = match stamp.zone {
            Zone::Local(secs) => (civil_ms - i64::from(secs) * 1000, secs),
            Zone::Offset(secs) if offsets_are_places => (civil_ms - i64::from(secs) * 1000, secs),
            Zone::UtcAt(secs) => (civil_ms, secs),
            Zone::Offset(_) | Zone::Utc => (civil_ms, local.offset_at(civil_ms)),
            Zone::None => {
                report.zoneless = true;
                let (instant_ms, offset, unclear) = local.resolve(civil_ms);
                report.clock_changes += usize::from(unclear);
                // In a file that runs forward, a time that jumps back is the second of the two.
                let again = unclear && ordered && instant_ms + DISORDER_MS < last_ms;
                match if again { local.second(civil_ms) } else { None } {
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
                (instant_ms, local.offset_at(instant_ms))
            }
            (later, _) => (instant_ms + i64::from(later), offset_secs),
        };
        report.before_1990 += usize::from(instant_ms < FIRST_OF_1990_MS);
        // A clock may be some hours off, and a day without a time is taken as noon.
        report.future += usize::from(instant_ms > options.now_ms.saturating_add(DAY_MS));
        readings.push(Reading { instant_ms, offset_secs, rate, kind, source: Source::default(), note: None });
    }
    report.refused.sort();
    if report.zoneless {
        let zone = zone_name(&options.zone);
        report.assumed.push(format!("The times name no time zone and were taken as local time in {zone}"));
    }
    Ok(readings)
}

/// A zone by its name, or its offset.
fn zone_name(zone: &TimeZone) -> String {
    let fixed =
        || zone.to_fixed_offset().map_or_else(|_| "a zone without a name".to_owned(), |offset| format!("UTC{offset}"));
    zone.iana_name().map_or_else(fixed, str::to_owned)
}

/// Returns the milliseconds to add to times that were written as a count. Counted from 1970, the seconds of FIT are
/// twenty years too early: where all of a file's would be, and none would be in the future if they were counted from
/// 1989, they are.
fn epoch(rows: &[Row], options: &Options, report: &mut ImportReport) -> i64 {
    const SHIFT_MS: i64 = FIT_EPOCH_SECS * 1000;
    let fits = |row: &&Row| {
        let WrittenDate::Clear(date) = row.stamp.date else { return false };
        let shifted = civil_ms(date, row.stamp.time_ms.unwrap_or(0)) + SHIFT_MS;
        (FIRST_FIT_MS..options.now_ms.saturating_add(DAY_MS)).contains(&shifted)
    };
    let counted = || rows.iter().filter(|row| row.stamp.counted);
    match (options.epoch, counted().count(), counted().filter(fits).count()) {
        (Some(Epoch::Unix), ..) | (None, _, 0) => 0,
        (Some(Epoch::Fit), ..) => SHIFT_MS,
        (None, all, fit) if fit < all => {
            let times = if fit == 1 { "1 time".to_owned() } else { format!("{fit} times") };
            report.assumed.push(format!(
                "{times} would be twenty years later if counted from 1989-12-31, as FIT counts; they were counted from 1970"
            ));
            report.unclear_epoch = Some(Epoch::Unix);
            0
        }
        (None, ..) => {
            let words = "Counted from 1970, all times would be more than twenty years old; they were counted from \
                1989-12-31, as FIT counts";
            report.assumed.push(words.into());
            report.unclear_epoch = Some(Epoch::Fit);
            SHIFT_MS
        }
    }
}
