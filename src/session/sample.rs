//! Readings to look around with: made up, and as uneven as a person's own.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::reading::{Kind, Rate, Reading, Source};

/// The name of the batch, as lists of imports show it.
pub const SAMPLE_NAME: &str = "sample data (made up)";
/// How many days there are, the last of them yesterday.
const DAYS: i64 = 120;
/// Minutes between two readings when nothing happens.
const EVERY_MINUTES: i64 = 10;

/// An even number from 0 to 1 that belongs to a day and a purpose: the same each time.
fn chance(day: i64, purpose: u64) -> f64 {
    // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    let mut z =
        (day as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(purpose.wrapping_mul(0xBF58_476D_1CE4_E5B9));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) as f64 / u64::MAX as f64
}

/// What a day of the sample is like.
struct Day {
    /// Days before the last one.
    back: i64,
    /// The rate asleep, in bpm.
    asleep: f64,
    /// How much higher it is awake, in bpm.
    awake: f64,
    /// Hours after midnight.
    rises: f64,
    sleeps: f64,
    /// When exercise begins, how long it lasts, in hours, and how high it gets, in bpm.
    exercise: Option<[f64; 3]>,
    note: Option<(f64, &'static str)>,
}

/// Days before the last one on which the person was ill, and on which the watch stayed at home.
const ILL: std::ops::Range<i64> = 37..42;
const AWAY: std::ops::Range<i64> = 66..71;

impl Day {
    fn new(date: Date, back: i64) -> Option<Self> {
        // A watch that stays at home, and one that is forgotten now and then.
        if AWAY.contains(&back) || chance(back, 1) < 0.02 {
            return None;
        }
        let weekend = date.weekday().to_monday_zero_offset() >= 5;
        let ill = ILL.contains(&back);
        // Training lowers the rate over the months.
        let fitness = 3.0 * back as f64 / DAYS as f64;
        let late = if weekend { 1.6 } else { 0.0 };
        let asleep = 49.0 + fitness + 3.0 * (chance(back, 2) - 0.5) + if ill { 8.0 } else { 0.0 };
        let trains = !ill && chance(back, 3) < if weekend { 0.55 } else { 0.4 };
        let start = if weekend { 9.5 + 2.0 * chance(back, 4) } else { 17.6 + chance(back, 4) };
        let exercise = trains.then(|| [start, 0.5 + 0.7 * chance(back, 5), 138.0 + 30.0 * chance(back, 6)]);
        let note = match back {
            3 => Some((8.2, "slept badly")),
            25 => Some((11.0, "first long run")),
            40 => Some((9.0, "fever")),
            65 => Some((10.5, "back from holiday")),
            90 => Some((19.0, "two coffees too many")),
            _ => None,
        };
        Some(Self {
            back,
            asleep,
            awake: 17.0 + 3.0 * chance(back, 7) + if ill { 6.0 } else { 0.0 },
            rises: 6.4 + late + 0.8 * chance(back, 8),
            sleeps: 22.7 + late * 0.4 + 0.9 * chance(back, 9),
            exercise,
            note,
        })
    }

    /// The rate so many hours after midnight, in bpm.
    fn rate(&self, hour: f64, step: i64) -> f64 {
        let noise = 5.0 * (chance(self.back * 1_440 + step, 10) - 0.5);
        // From 0 asleep to 1 awake, within half an hour.
        let up = |at: f64| ((hour - at) / 0.5 + 0.5).clamp(0.0, 1.0);
        let awake = up(self.rises) * (1.0 - up(self.sleeps));
        let meals =
            [8.0, 13.0, 19.5].iter().map(|meal| 6.0 * (-(hour - meal - 0.6f64).powi(2) / 0.5).exp()).sum::<f64>();
        let effort = self.exercise.map_or(0.0, |[start, hours, high]| {
            let done = (hour - start) / hours;
            match done {
                0.0..=1.0 => {
                    (high - self.asleep - self.awake) * (8.0 * done).min(1.0) * (0.9 + 0.1 * (9.0 * done).sin())
                }
                // The rate comes down over an hour.
                1.0.. if hour - start - hours < 1.0 => 40.0 * (-(hour - start - hours) / 0.15).exp(),
                _ => 0.0,
            }
        });
        self.asleep + awake * (self.awake + meals) + effort + noise
    }

    fn minutes(&self) -> Vec<i64> {
        let trains = |minute: i64| {
            self.exercise.is_some_and(|[start, hours, _]| (start..start + hours).contains(&(minute as f64 / 60.0)))
        };
        (0..1_440).filter(|&minute| minute % EVERY_MINUTES == 0 || trains(minute)).collect()
    }
}

/// The readings of the 120 days before `today`, local in a zone.
pub(super) fn readings(today: Date, zone: &TimeZone) -> Vec<Reading> {
    let mut list = Vec::new();
    for back in (0..DAYS).rev() {
        let Ok(date) = today.checked_sub((back + 1).days()) else { continue };
        let Some(day) = Day::new(date, back) else { continue };
        let midnight: DateTime = date.into();
        let mut note = day.note;
        for minute in day.minutes() {
            let hour = minute as f64 / 60.0;
            let Ok(zoned) = midnight.checked_add(minute.minutes()).and_then(|at| at.to_zoned(zone.clone())) else {
                continue;
            };
            let Some(rate) = Rate::from_centi_bpm((day.rate(hour, minute).round() * 100.0) as u32) else { continue };
            let words = note.take_if(|(at, _)| *at <= hour).map(|(_, words)| words.into());
            list.push(Reading {
                instant_ms: zoned.timestamp().as_millisecond(),
                offset_secs: zoned.offset().seconds(),
                rate,
                kind: Kind::Sample,
                source: Source::default(),
                note: words,
            });
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Readings;

    #[test]
    fn the_sample_ends_yesterday_and_is_as_uneven_as_people_are() {
        let today: Date = "2026-10-01".parse().unwrap();
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let list = readings(today, &zone);
        let all = Readings::from_list(list.clone());
        assert_eq!(all.span(), Some(("2026-06-03".parse().unwrap(), "2026-09-30".parse().unwrap())));
        let days: std::collections::BTreeSet<Date> = list.iter().map(|reading| reading.civil().date()).collect();
        assert!((108..=115).contains(&days.len()), "{} of 120 days have readings", days.len());
        assert_eq!(list.iter().filter(|reading| reading.note.is_some()).count(), 5);
        assert!(list.iter().all(|reading| (35.0..190.0).contains(&reading.rate.bpm())), "no rate is odd");
        assert!((17_000..25_000).contains(&all.len()), "{}", all.len());
        assert_eq!(readings(today, &zone), list);
    }
}
