//! Every statistic, through ciphertexts and back, against an independent computation in the clear.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};
use proptest::prelude::*;
use veilbeat::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Step, WeekStart, Weeks};
use veilbeat::statistics::{
    Detail, Maximum, Measure, Report, ReportPlan, ReportRequest, RestingMethod, Sums, Trend, WeekTable, Weighting,
    ZoneBounds, Zones, compare, plain,
};

fn reading(instant_ms: i64, zone: &TimeZone, centi: u32) -> Reading {
    let instant = Timestamp::from_millisecond(instant_ms).unwrap();
    Reading {
        instant_ms,
        offset_secs: zone.to_offset(instant).seconds(),
        rate: Rate::from_centi_bpm(centi).unwrap(),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    }
}

fn asked(readings: &Readings, request: &ReportRequest, parameters: ParameterSet) -> Option<Report> {
    let (end, server) = veilbeat::server::spawn().unwrap();
    let key = SchemeKey::derive(&MasterKey::generate().unwrap(), parameters);
    let mut client = Client::new(key, end, request.weighting);
    let answered = client.report(readings, request, &mut Observer::default()).unwrap();
    drop(client);
    server.join();
    answered.map(|answered| answered.report)
}

fn civil(reading: &Reading) -> DateTime {
    let offset = Offset::from_seconds(reading.offset_secs).unwrap();
    offset.to_datetime(Timestamp::from_millisecond(reading.instant_ms).unwrap())
}

/// Five minutes of civil time: the date, the hour, and which of its twelve.
type CellAt = (Date, i8, i8);

fn cell_of(reading: &Reading) -> CellAt {
    let time = civil(reading);
    (time.date(), time.hour(), time.minute() / 5)
}

/// What one cell, or one reading of it, adds to sums.
#[derive(Clone, Debug)]
struct Vote {
    at: CellAt,
    kind: Kind,
    readings: u64,
    weight: u64,
    divisor: u64,
    /// The mean, or the rate, in 1/100 bpm; and the square.
    values: (u64, u64),
    /// Seconds or readings, by whole bpm.
    shares: BTreeMap<u64, u64>,
}

/// The votes of all readings, by the definitions of docs/USAGE.md, cell by cell.
fn votes(list: &[Reading], weighting: Weighting) -> Vec<Vote> {
    let mut votes = Vec::new();
    let sampled: BTreeSet<Date> = list.iter().filter(|r| r.kind == Kind::Sample).map(|r| civil(r).date()).collect();
    for kind in Kind::ALL {
        let mut cells: BTreeMap<CellAt, Vec<&Reading>> = BTreeMap::new();
        for reading in list.iter().filter(|reading| reading.kind == kind) {
            cells.entry(cell_of(reading)).or_default().push(reading);
        }
        let ats: Vec<CellAt> = cells.keys().copied().collect();
        for (i, at) in ats.iter().enumerate() {
            let here = &cells[at];
            let left = (i > 0).then(|| steps_between(&cells, ats[i - 1], *at)).flatten().map(|steps| steps / 2);
            let right =
                ats.get(i + 1).and_then(|next| steps_between(&cells, *at, *next)).map(|steps| steps - steps / 2);
            let weight = match (left, right) {
                (Some(left), Some(right)) => 1 + left + right,
                (Some(one), None) | (None, Some(one)) => 1 + one + one,
                (None, None) => 15,
            };
            if kind == Kind::Average && sampled.contains(&at.0) {
                continue;
            }
            votes.extend(cell_votes(here, kind, *at, weight, weighting));
        }
    }
    votes
}

/// The empty steps that two neighbours share, if they are near enough.
fn steps_between(cells: &BTreeMap<CellAt, Vec<&Reading>>, earlier: CellAt, later: CellAt) -> Option<u64> {
    let on_grid = |at: CellAt| {
        let days = Date::constant(1970, 1, 1).until(at.0).unwrap().get_days();
        i64::from(days) * 288 + i64::from(at.1) * 12 + i64::from(at.2)
    };
    let last = cells[&earlier].iter().map(|reading| reading.instant_ms).max().unwrap();
    let first = cells[&later].iter().map(|reading| reading.instant_ms).min().unwrap();
    // Halves up.
    let by_instants = (first - last + 150_000).div_euclid(300_000);
    let gap = by_instants.min(on_grid(later) - on_grid(earlier));
    (gap <= 15).then_some(if gap <= 1 { 0 } else { gap as u64 - 1 })
}

fn cell_votes(here: &[&Reading], kind: Kind, at: CellAt, weight: u64, weighting: Weighting) -> Vec<Vote> {
    let rates: Vec<u64> = here.iter().map(|reading| u64::from(reading.rate.centi_bpm())).collect();
    let vote = |readings, weight, divisor, values, shares| Vote { at, kind, readings, weight, divisor, values, shares };
    if weighting == Weighting::Readings {
        let mut weights = std::iter::once(weight).chain(std::iter::repeat(0));
        let one = |&rate: &u64| vote(1, weights.next().unwrap(), 1, (rate, rate * rate), [(rate / 100, 1)].into());
        return rates.iter().map(one).collect();
    }
    let n = rates.len() as u64;
    let sum: u64 = rates.iter().sum();
    // Both rounded to the nearest, halves up.
    let mean = (2 * sum + n) / (2 * n);
    let squares: u128 = rates.iter().map(|rate| u128::from(rate * rate)).sum();
    let (n2, scaled) = (u128::from(n * n), u128::from(n) * squares - u128::from(sum) * u128::from(sum));
    let variance = ((2 * scaled + n2) / (2 * n2)) as u64;
    let shares = seconds(&rates, 300 * weight);
    vec![vote(n, weight, weight, (weight * mean, weight * (mean * mean + variance)), shares)]
}

/// A cell's seconds, shared among the whole bpm of its readings.
fn seconds(rates: &[u64], total: u64) -> BTreeMap<u64, u64> {
    let n = rates.len() as u64;
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for rate in rates {
        *counts.entry(rate / 100).or_default() += 1;
    }
    let mut shares: BTreeMap<u64, u64> = BTreeMap::new();
    let mut gaining = Vec::new();
    for (&bin, &count) in &counts {
        let floor = total * count / n;
        shares.insert(bin, floor.max(1));
        if floor >= 1 {
            gaining.push((bin, total * count - floor * n));
        }
    }
    while shares.values().sum::<u64>() < total {
        // The largest remainder, the lower bin first.
        let best =
            gaining.iter().enumerate().max_by_key(|(_, (bin, rest))| (*rest, std::cmp::Reverse(*bin))).unwrap().0;
        *shares.get_mut(&gaining.swap_remove(best).0).unwrap() += 1;
    }
    while shares.values().sum::<u64>() > total {
        let (bin, _) = shares.iter().max_by_key(|(bin, share)| (**share, std::cmp::Reverse(**bin))).unwrap();
        let bin = *bin;
        *shares.get_mut(&bin).unwrap() -= 1;
    }
    shares
}

/// Votes, and what a textbook makes of them.
struct Naive<'a>(Vec<&'a Vote>);

impl Naive<'_> {
    fn total(&self, of: impl Fn(&Vote) -> u64) -> u64 {
        self.0.iter().map(|vote| of(vote)).sum()
    }

    fn divisor(&self) -> f64 {
        self.total(|vote| vote.divisor) as f64
    }

    fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.total(|vote| vote.values.0) as f64 / self.divisor() / 100.0)
    }

    fn sd(&self) -> Option<f64> {
        let mean = self.mean()? * 100.0;
        let variance = self.total(|vote| vote.values.1) as f64 / self.divisor() - mean * mean;
        Some(variance.max(0.0).sqrt() / 100.0)
    }

    fn bins(&self, kinds: &[Kind]) -> BTreeMap<u64, u64> {
        let mut bins = BTreeMap::new();
        for vote in self.0.iter().filter(|vote| kinds.contains(&vote.kind)) {
            vote.shares.iter().for_each(|(&bin, share)| *bins.entry(bin).or_default() += share);
        }
        bins
    }

    fn percentile(&self, percent: u64) -> Option<u16> {
        let bins = self.bins(&Kind::ALL);
        let rank = (percent * bins.values().sum::<u64>()).div_ceil(100).max(1);
        let mut below = 0;
        let found = bins.into_iter().find(|(_, share)| {
            below += share;
            below >= rank
        });
        found.map(|(bin, _)| bin as u16)
    }
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
        _ => false,
    }
}

fn assert_sums(sums: &Sums, naive: &Naive, about: &str) {
    assert_eq!(sums.count, naive.total(|vote| vote.readings), "{about}: count");
    assert_eq!((sums.weight, sums.divisor), (naive.total(|v| v.weight), naive.total(|v| v.divisor)), "{about}: weight");
    assert_eq!(sums.sum, Some(naive.total(|vote| vote.values.0)), "{about}: sum");
    assert_eq!(sums.squares, Some(naive.total(|vote| vote.values.1)), "{about}: squares");
    assert!(close(sums.mean_bpm(), naive.mean()), "{about}: mean {:?} {:?}", sums.mean_bpm(), naive.mean());
    // The difference of large squares is rounded in floating point, not in ours.
    let (ours, theirs) = (sums.sd_bpm(), naive.sd());
    let near = ours.zip(theirs).is_some_and(|(a, b)| (a - b).abs() < 1e-6 || (a * a - b * b).abs() < 1e-6);
    assert!(close(ours, theirs) || near, "{about}: sd {ours:?} {theirs:?}");
    let samples: u64 = naive.0.iter().filter(|vote| vote.kind == Kind::Sample).map(|vote| vote.weight * 300).sum();
    let only_summaries = !naive.0.is_empty() && naive.0.iter().all(|vote| vote.kind != Kind::Sample);
    assert_eq!(sums.covered_secs(), (!only_summaries).then_some(samples), "{about}: time covered");
    let Some(bins) = &sums.bins else { return };
    let found: BTreeMap<u64, u64> = (20..).zip(bins.iter().copied()).filter(|(_, amount)| *amount > 0).collect();
    assert_eq!(found, naive.bins(&Kind::ALL), "{about}: distribution");
    assert_eq!(sums.min_bpm().map(u64::from), found.keys().next().copied(), "{about}: min");
    assert_eq!(sums.max_bpm().map(u64::from), found.keys().last().copied(), "{about}: max");
    for percent in [5, 50, 95] {
        assert_eq!(sums.percentile_bpm(percent), naive.percentile(percent.into()), "{about}: percentile {percent}");
    }
    let zones = Zones::new(ZoneBounds::Typed([60, 100, 101, 150, 200]), Maximum::Unknown).unwrap();
    let Some(shares) = zones.share(sums) else { return assert!(only_summaries, "{about}: no zones") };
    let bins = naive.bins(&[Kind::Sample]);
    let all: u64 = bins.values().sum();
    for share in shares {
        let within = u64::from(share.zone.from_bpm)..u64::from(share.zone.to_bpm);
        let amount: u64 = bins.range(within).map(|(_, amount)| amount).sum();
        let expected = (all > 0).then(|| amount as f64 / all as f64);
        assert_eq!((share.amount, share.share), (amount, expected), "{about}: {}", share.zone.name);
    }
}

/// Weighted least squares by the normal equations: x in days, y in bpm.
fn naive_trend(points: &[(f64, f64, f64)]) -> Option<(f64, f64)> {
    let sum = |of: &dyn Fn(&(f64, f64, f64)) -> f64| points.iter().map(|p| p.2 * of(p)).sum::<f64>();
    let w = sum(&|_| 1.0);
    let (mx, my) = (sum(&|p| p.0) / w, sum(&|p| p.1) / w);
    let sxx = sum(&|p| (p.0 - mx) * (p.0 - mx));
    if points.len() < 3 || sxx <= 0.0 {
        return None;
    }
    let slope = sum(&|p| (p.0 - mx) * p.1) / sxx;
    let rest = sum(&|p| (p.1 - my - slope * (p.0 - mx)).powi(2));
    Some((slope * 7.0, (rest / (points.len() - 2) as f64 / sxx).sqrt() * 7.0))
}

fn assert_trend(trend: Option<Trend>, points: &[(f64, f64, f64)]) {
    let naive = naive_trend(points);
    let near = |a: Option<f64>, b: Option<f64>| close(a, b) || a.zip(b).is_some_and(|(a, b)| (a - b).abs() < 1e-7);
    assert!(near(trend.map(|t| t.per_week_bpm), naive.map(|t| t.0)), "{trend:?} {naive:?}");
    assert!(near(trend.map(|t| t.standard_error_bpm), naive.map(|t| t.1)), "{trend:?} {naive:?}");
}

/// The start of the window that a cell is in, as JSON has it.
fn start_of((date, hour, _): CellAt, step: Step, first: Date) -> String {
    match step {
        Step::Hour => format!("{date}T{hour:02}:00:00"),
        Step::Day => date.to_string(),
        Step::Week(weeks) => {
            let first_day = match weeks {
                WeekStart::Monday => Weekday::Monday,
                WeekStart::Sunday => Weekday::Sunday,
                WeekStart::Saturday => Weekday::Saturday,
            };
            let mut first = date;
            while first.weekday() != first_day {
                first = first.yesterday().unwrap();
            }
            first.to_string()
        }
        Step::Month => format!("{:04}-{:02}-01", date.year(), date.month()),
        Step::All => first.to_string(),
    }
}

fn assert_report(list: &[Reading], report: Option<&Report>, request: &ReportRequest) {
    let votes = votes(list, request.weighting);
    let has = |kind| list.iter().any(|reading| reading.kind == kind);
    // What days are made of, in the whole profile.
    let kinds: &[Kind] = match (has(Kind::Sample) || has(Kind::Average), has(Kind::Resting)) {
        (true, _) => &[Kind::Sample, Kind::Average],
        (false, true) => &[Kind::Resting],
        (false, false) => &[Kind::Activity],
    };
    let of_days = |kind| matches!(kind, Kind::Average | Kind::Resting);
    let step = match (kinds, request.step) {
        ([Kind::Activity], _) => Step::Hour,
        ([Kind::Sample, _], Step::Hour) if has(Kind::Sample) => Step::Hour,
        (_, Step::Hour) => Step::Day,
        (_, step) => step,
    };
    let within = |vote: &&Vote| {
        let (date, hour, _) = vote.at;
        let starts = |from| date > from || date == from && hour >= request.hours.0;
        let ends = |to| date < to || date == to && hour <= request.hours.1;
        let cut = request.from == Some(date) && request.hours.0 > 0 || request.to == Some(date) && request.hours.1 < 23;
        request.from.is_none_or(starts) && request.to.is_none_or(ends) && !(cut && of_days(vote.kind))
    };
    let shown = |vote: &&Vote| kinds.contains(&vote.kind) && !(step == Step::Hour && of_days(vote.kind));
    let main: Vec<&Vote> = votes.iter().filter(within).filter(shown).collect();
    let resting: Vec<&Vote> = votes.iter().filter(within).filter(|vote| vote.kind == Kind::Resting).collect();
    let Some(report) = report else {
        return assert!(main.is_empty() && resting.is_empty(), "there are readings and no report");
    };
    assert_eq!(report.step, step);
    let days: BTreeSet<Date> = main.iter().map(|vote| vote.at.0).collect();
    let averages = main.iter().filter(|vote| vote.kind == Kind::Average).map(|vote| vote.at.0).collect::<BTreeSet<_>>();
    assert_eq!(report.measured_days, (days.len(), averages.len()));
    let Some(&first) = days.first() else {
        assert!(report.windows.is_empty() && report.resting.is_some());
        return;
    };
    assert_eq!(report.days, (first, *days.last().unwrap()));
    let group = |of: &dyn Fn(&Vote) -> String| {
        let mut groups: BTreeMap<String, Vec<&Vote>> = BTreeMap::new();
        for &vote in &main {
            groups.entry(of(vote)).or_default().push(vote);
        }
        groups
    };
    let windows = group(&|vote| start_of(vote.at, step, first));
    let starts: Vec<_> = report.windows.iter().map(|window| window.start.to_string()).collect();
    assert_eq!(starts, windows.keys().cloned().collect::<Vec<_>>());
    for window in &report.windows {
        let start = window.start.to_string();
        assert_sums(&window.sums, &Naive(windows[&start].clone()), &start);
    }
    assert_sums(&report.overall, &Naive(main.clone()), "overall");
    for (hour, sums) in report.by_hour.iter().enumerate() {
        let at = |vote: &&Vote| vote.at.1 as usize == hour && !of_days(vote.kind);
        let of = main.iter().copied().filter(at).collect();
        assert_sums(sums, &Naive(of), &format!("hour {hour}"));
    }
    for (day, sums) in report.by_weekday.iter().enumerate() {
        let weekday = |vote: &&Vote| vote.at.0.weekday().to_monday_zero_offset() as usize == day;
        assert_sums(sums, &Naive(main.iter().copied().filter(weekday).collect()), &format!("weekday {day}"));
    }
    let x = |date: Date| f64::from(first.until(date).unwrap().get_days());
    let by_day = group(&|vote| vote.at.0.to_string());
    let fitted = if step == Step::Hour { &by_day } else { &windows };
    let points: Vec<_> = fitted
        .values()
        .map(|votes| {
            let naive = Naive(votes.clone());
            let days: f64 = votes.iter().map(|vote| x(vote.at.0) * vote.divisor as f64).sum();
            (days / naive.divisor(), naive.mean().unwrap(), naive.divisor())
        })
        .collect();
    if request.detail == Detail::Statistics && step != Step::All && kinds != [Kind::Activity] {
        assert_trend(report.trend, &points);
        assert_resting(report, request, &votes, &resting, &x);
    } else {
        assert_eq!(report.trend, None);
    }
    assert_moving(report, &by_day, step);
}

fn assert_resting(report: &Report, request: &ReportRequest, votes: &[Vote], device: &[&Vote], x: &dyn Fn(Date) -> f64) {
    let mut expected: BTreeMap<Date, (f64, RestingMethod)> = BTreeMap::new();
    let sampled: BTreeSet<Date> = votes.iter().filter(|v| v.kind == Kind::Sample).map(|v| v.at.0).collect();
    for date in sampled {
        let day = Naive(votes.iter().filter(|vote| vote.kind == Kind::Sample && vote.at.0 == date).collect());
        let cells: BTreeSet<CellAt> = day.0.iter().map(|vote| vote.at).collect();
        let hours: BTreeSet<i8> = cells.iter().map(|at| at.1).collect();
        let whole = request.from.is_none_or(|from| date > from || date == from && request.hours.0 == 0)
            && request.to.is_none_or(|to| date < to || date == to && request.hours.1 == 23);
        if whole && cells.len() >= 12 && hours.len() >= 6 && day.total(|vote| vote.weight) >= 72 {
            expected.insert(date, (day.percentile(5).unwrap().into(), RestingMethod::FifthPercentile));
        }
    }
    let mut by_device: BTreeMap<Date, Vec<&Vote>> = BTreeMap::new();
    for vote in device {
        by_device.entry(vote.at.0).or_default().push(vote);
    }
    for (date, votes) in by_device {
        expected.insert(date, (Naive(votes).mean().unwrap(), RestingMethod::Device));
    }
    let found: Vec<_> = report.resting.iter().flat_map(|resting| &resting.days).collect();
    assert_eq!(found.len(), expected.len());
    for (day, (date, (bpm, method))) in found.iter().zip(&expected) {
        assert_eq!((day.date, day.method), (*date, *method));
        assert!(close(Some(day.bpm), Some(*bpm)), "{date}: {} {bpm}", day.bpm);
    }
    let Some(resting) = &report.resting else { return };
    let devices = expected.values().filter(|(_, method)| *method == RestingMethod::Device).count();
    let most = if 2 * devices >= expected.len() { RestingMethod::Device } else { RestingMethod::FifthPercentile };
    assert_eq!(resting.method, most);
    let days: Vec<_> =
        expected.iter().filter(|(_, (_, method))| *method == most).map(|(d, (bpm, _))| (*d, *bpm)).collect();
    let mean = days.iter().map(|day| day.1).sum::<f64>() / days.len() as f64;
    assert_eq!(resting.of_method, days.len());
    assert!(close(Some(resting.mean_bpm), Some(mean)));
    assert_trend(resting.trend, &days.iter().map(|&(date, bpm)| (x(date), bpm, 1.0)).collect::<Vec<_>>());
}

fn assert_moving(report: &Report, by_day: &BTreeMap<String, Vec<&Vote>>, step: Step) {
    if step > Step::Day || report.kind == Kind::Activity {
        return assert!(report.moving_bpm.is_empty());
    }
    let all: BTreeMap<Date, &Vec<&Vote>> = by_day.iter().map(|(date, votes)| (date.parse().unwrap(), votes)).collect();
    let mut expected = Vec::new();
    for &date in all.keys() {
        let week: Vec<_> =
            all.iter().filter(|(day, _)| (0..7).contains(&day.until(date).unwrap().get_days())).collect();
        if week.len() >= 4 {
            let votes = week.iter().flat_map(|(_, votes)| votes.iter().copied()).collect();
            expected.push((date, Naive(votes).mean().unwrap()));
        }
    }
    assert_eq!(report.moving_bpm.len(), expected.len());
    for ((date, bpm), (expected_date, expected)) in report.moving_bpm.iter().zip(expected) {
        assert_eq!(*date, expected_date);
        assert!(close(Some(*bpm), Some(expected)));
    }
}

/// Rates that end in .99, at the bounds, or anywhere.
fn rate() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => 4_000..=20_000u32,
        2 => 2_000..=27_599u32,
        1 => (20..=275u32).prop_map(|bpm| bpm * 100 + 99),
        1 => Just(2_000),
        1 => Just(27_599)
    ]
}

const ZONES: [&str; 4] = ["UTC", "Europe/Paris", "Asia/Kathmandu", "Pacific/Honolulu"];
const STEPS: [Step; 7] = [
    Step::Hour,
    Step::Day,
    Step::Week(WeekStart::Monday),
    Step::Week(WeekStart::Sunday),
    Step::Week(WeekStart::Saturday),
    Step::Month,
    Step::All,
];

/// Gaps between readings, in ms: ten a second, one every few seconds, minutes or hours, one a day.
const GAPS: [i64; 6] = [100, 1_500, 60_000, 300_000, 3_600_000, 86_400_000];

/// Readings that begin half an hour before a change of the clock in Paris: in stretches of one density and zone each,
/// with summaries among them.
fn data(sizes: &'static [usize]) -> impl Strategy<Value = Vec<Reading>> {
    let start = prop_oneof![Just(1_477_785_600_000i64), Just(1_490_489_000_000)];
    let size = (0..sizes.len()).prop_map(|index| sizes[index]);
    (size, start, any::<u64>(), 0..GAPS.len()).prop_flat_map(|(size, start, seed, slowest)| {
        proptest::collection::vec(rate(), size.min(2_000)).prop_map(move |rates| {
            // At most some decades, which is as much as anybody has.
            let slowest = slowest.min(if size < 10_000 {
                5
            } else if size < 100_000 {
                4
            } else {
                3
            });
            let mut random = seed | 1;
            let mut next = move |below: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % below
            };
            let zones = ZONES.map(|zone| TimeZone::get(zone).unwrap());
            let (mut at, mut gap, mut zone, mut left) = (start, GAPS[slowest], 0, 0);
            let mut list: Vec<Reading> = Vec::with_capacity(size);
            for i in 0..size {
                if left == 0 {
                    left = 1 + next(1 + size as u64 / 4);
                    gap = GAPS[next(slowest as u64 + 1) as usize];
                    zone = next(4) as usize;
                    at += next(3) as i64 * 7_200_000;
                }
                left -= 1;
                at += 1 + next(2 * gap as u64) as i64;
                let kind = match next(200) {
                    0 => Kind::Average,
                    1 => Kind::Resting,
                    2 => Kind::Activity,
                    _ => Kind::Sample,
                };
                let note = (next(50) == 0).then(|| "after coffee".into());
                let rate = rates[i % rates.len()];
                list.push(Reading { kind, note, ..reading(at, &zones[zone], rate) });
            }
            list
        })
    })
}

fn request(step: usize, weighting: bool) -> ReportRequest {
    let weighting = if weighting { Weighting::Time } else { Weighting::Readings };
    ReportRequest::all(STEPS[step], Detail::Statistics).weighted_by(weighting)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_statistic_equals_an_independent_computation(
        list in data(&[0, 1, 2, 7, 500, 10_000, 100_000]),
        step in 0..STEPS.len(),
        by_time: bool,
        cut in proptest::option::of((0..40i8, 0..24i8, 0..24i8)),
        long_term: bool,
    ) {
        let readings = Readings::from_list(list.clone());
        prop_assert_eq!(readings.len(), list.len());
        let mut request = request(step, by_time);
        if let (Some((days, first, last)), Some(one)) = (cut, list.first()) {
            let from = civil(one).date() + jiff::Span::new().days(2);
            let to = from + jiff::Span::new().days(i64::from(days) + 1);
            request = ReportRequest { from: Some(from), to: Some(to), hours: (first, last), ..request };
        }
        let parameters = if long_term { ParameterSet::LongTerm } else { ParameterSet::Standard };
        let report = asked(&readings, &request, parameters);
        assert_report(&list, report.as_ref(), &request);
        prop_assert_eq!(&report, &plain::report(&readings, &request));
    }

    #[test]
    fn the_computation_in_the_clear_is_the_independent_one(
        list in data(&[3, 60, 900, 4_000]),
        step in 0..STEPS.len(),
        by_time: bool,
        days in 0..40i8,
        hours in (0..24i8, 0..24i8),
        averages: bool,
    ) {
        let from = civil(&list[0]).date() + jiff::Span::new().days(1);
        let to = Some(from + jiff::Span::new().days(i64::from(days)));
        let detail = if averages { Detail::Averages } else { Detail::Statistics };
        let request = ReportRequest { from: Some(from), to, hours, detail, ..request(step, by_time) };
        let readings = Readings::from_list(list.clone());
        assert_report(&list, plain::report(&readings, &request).as_ref(), &request);
    }

    #[test]
    fn summaries_alone_follow_the_same_rules(list in data(&[5, 200]), kind in 0..3usize, step in 0..STEPS.len()) {
        let kind = [Kind::Average, Kind::Resting, Kind::Activity][kind];
        let list: Vec<Reading> = list.into_iter().map(|reading| Reading { kind, ..reading }).collect();
        let readings = Readings::from_list(list.clone());
        let request = request(step, true);
        let report = asked(&readings, &request, ParameterSet::Standard);
        assert_report(&list, report.as_ref(), &request);
        prop_assert_eq!(report.map(|report| report.kind), Some(kind));
    }
}

#[test]
fn the_fields_own_example_is_exact() {
    let rates = [7250, 7100, 7320, 6980, 7050, 7410, 7170];
    let list = rates.iter().zip(0..).map(|(&rate, i)| reading(i * 60_000, &TimeZone::UTC, rate));
    let request = ReportRequest::all(Step::All, Detail::Statistics).weighted_by(Weighting::Readings);
    let report = asked(&Readings::from_list(list), &request, ParameterSet::Standard).unwrap();
    assert_eq!(report.overall.mean_bpm(), Some(71.828_571_428_571_42));
    assert_eq!(report.trend, None, "one day makes no trend");
}

/// The means of one day under both weightings, and its weight in five-minute steps.
fn day_of(readings: impl IntoIterator<Item = Reading>) -> (f64, f64, u64) {
    let readings = Readings::from_list(readings);
    let report = |weighting| {
        let request = ReportRequest::all(Step::All, Detail::Statistics).weighted_by(weighting);
        asked(&readings, &request, ParameterSet::Standard).unwrap().overall
    };
    let (by_time, by_reading) = (report(Weighting::Time), report(Weighting::Readings));
    (by_time.mean_bpm().unwrap(), by_reading.mean_bpm().unwrap(), by_time.weight)
}

#[test]
fn an_hour_of_exercise_counts_as_an_hour() {
    let at = |secs: i64, bpm: u32| reading(secs * 1_000, &TimeZone::UTC, bpm * 100);
    // 60 at each full hour but 18:00, and 150 every second from 18:00:00 to 18:59:59.
    let hours = (0..24).filter(|&hour| hour != 18).map(|hour| at(hour * 3_600, 60));
    let run = (0..3_600).map(|second| at(18 * 3_600 + second, 150));
    let (by_time, by_reading, weight) = day_of(hours.chain(run));
    assert_eq!((by_time, weight), (65.3125, 288));
    assert!((by_reading - 149.43).abs() < 0.01, "{by_reading}");
    // 45 minutes of running measured each second weigh nine steps, one a cell.
    assert_eq!(day_of((0..2_700).map(|second| at(second, 150))).2, 9);
    // Readings every 80 minutes are too far apart to share anything.
    assert_eq!(day_of((0..10).map(|i| at(i * 4_800, 60))).2, 150);
    // Every 75 minutes they share all.
    assert_eq!(day_of((0..10).map(|i| at(i * 4_500, 60))).2, 150);
    // Every hour: twelve steps each, the ends too.
    assert_eq!(day_of((0..10).map(|i| at(i * 3_600, 60))).2, 10 * 12 - 1 + 1);
}

#[test]
fn three_readings_of_one_cell_have_their_variance() {
    let at = |secs: i64, bpm: u32| reading(secs * 1_000, &TimeZone::UTC, bpm * 100);
    let readings = Readings::from_list([at(0, 60), at(60, 61), at(120, 61)]);
    let report = asked(&readings, &ReportRequest::all(Step::All, Detail::Statistics), ParameterSet::Standard).unwrap();
    let sums = report.overall;
    assert!((sums.sd_bpm().unwrap().powi(2) - 0.2222).abs() < 1e-9, "{:?}", sums.sd_bpm());
    // A cell that stands for 75 minutes: a third of it at 60 bpm, two thirds at 61.
    let bins = sums.bins.unwrap();
    assert_eq!((sums.weight, bins[40], bins[41]), (15, 1_500, 3_000));
}

/// The weight of each hour of some readings, by its civil start.
fn weights(readings: impl IntoIterator<Item = Reading>) -> Vec<(String, u64, u64)> {
    let request = ReportRequest::all(Step::Hour, Detail::Averages);
    let report = plain::report(&Readings::from_list(readings), &request).unwrap();
    report.windows.iter().map(|window| (window.start.to_string(), window.sums.count, window.sums.weight)).collect()
}

#[test]
fn weights_hold_at_changes_of_the_clock_across_midnight_weeks_and_kinds() {
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let every = |start: &str, count: i64, secs: i64, zone: &TimeZone| -> Vec<Reading> {
        let start: Timestamp = start.parse().unwrap();
        (0..count).map(|i| reading(start.as_millisecond() + i * secs * 1_000, zone, 7_000)).collect()
    };
    let owned = |list: &[(&str, u64, u64)]| -> Vec<_> { list.iter().map(|&(s, c, w)| (s.to_owned(), c, w)).collect() };
    // Autumn: both passes of 02:00 are one window of twelve cells, two readings in each.
    let autumn = every("2016-10-29T23:00:00Z", 48, 300, &paris);
    let expected = [("2016-10-30T01:00:00", 12, 12), ("2016-10-30T02:00:00", 24, 12), ("2016-10-30T03:00:00", 12, 12)];
    assert_eq!(weights(autumn), owned(&expected));
    // Spring: 02:00 does not exist; 01:55 and 03:00 are neighbours by their instants.
    let spring = every("2017-03-26T00:00:00Z", 24, 300, &paris);
    assert_eq!(weights(spring), owned(&[("2017-03-26T01:00:00", 12, 12), ("2017-03-26T03:00:00", 12, 12)]));
    // Hourly in spring: 01:30 and 03:30 are an hour apart, and share eleven steps and not 23.
    let hourly = every("2017-03-25T23:30:00Z", 4, 3_600, &paris);
    let found: Vec<u64> = weights(hourly).into_iter().map(|(_, _, weight)| weight).collect();
    assert_eq!(found, [13, 12, 12, 11]);
    // Across midnight from Sunday to Monday, where two weeks meet: nothing is lost or counted twice.
    let across = every("2016-04-10T22:00:00Z", 48, 300, &TimeZone::UTC);
    assert!(weights(across).iter().all(|(_, count, weight)| (*count, *weight) == (12, 12)));
    let sparse = every("2016-04-10T23:30:00Z", 2, 3_600, &TimeZone::UTC);
    let found: Vec<u64> = weights(sparse).into_iter().map(|(_, _, weight)| weight).collect();
    assert_eq!(found, [1 + 6 + 6, 1 + 5 + 5]);
    // Kinds have neighbours of their own: a summary between two samples changes neither.
    let mut mixed = every("2016-04-11T08:00:00Z", 2, 3_600, &TimeZone::UTC);
    let alone = weights(mixed.clone());
    mixed.push(Reading { kind: Kind::Resting, ..every("2016-04-11T08:30:00Z", 1, 1, &TimeZone::UTC).remove(0) });
    assert_eq!(weights(mixed), alone);
}

#[test]
fn a_devices_resting_rates_are_taken_first_and_summaries_never_mixed() {
    let mut readings = Readings::default();
    for day in 0..3i64 {
        let base = reading(day * 86_400_000, &TimeZone::UTC, 7_000);
        for i in 0..100 {
            readings.insert(Reading { instant_ms: base.instant_ms + i * 600_000, ..base.clone() });
        }
        let rate = Rate::from_centi_bpm(5_000 + day as u32 * 100).unwrap();
        readings.insert(Reading { kind: Kind::Resting, rate, ..base.clone() });
        readings.insert(Reading { kind: Kind::Average, rate: Rate::MAX, ..base });
    }
    let request = ReportRequest::all(Step::Day, Detail::Statistics);
    let report = asked(&readings, &request, ParameterSet::Standard).unwrap();
    assert_eq!((report.kind, report.overall.max_bpm()), (Kind::Sample, Some(70)));
    let resting = report.resting.unwrap();
    assert_eq!(resting.method.name(), "as your device computed it");
    assert_eq!(resting.days.iter().map(|day| day.bpm).collect::<Vec<_>>(), [50.0, 51.0, 52.0]);
    assert!(close(Some(resting.mean_bpm), Some(51.0)) && close(Some(resting.trend.unwrap().per_week_bpm), Some(7.0)));
}

#[test]
fn a_typed_reading_hides_no_other_day() {
    let mut readings = Readings::default();
    for day in 0..60i64 {
        let average = reading(day * 86_400_000 + 43_200_000, &TimeZone::UTC, 6_500);
        readings.insert(Reading { kind: Kind::Average, ..average });
    }
    readings.insert(reading(30 * 86_400_000, &TimeZone::UTC, 8_000));
    let report = asked(&readings, &ReportRequest::all(Step::Day, Detail::Statistics), ParameterSet::Standard).unwrap();
    assert_eq!((report.windows.len(), report.measured_days), (60, (60, 59)));
    assert_eq!(report.windows[30].sums.mean_bpm(), Some(80.0));
    assert_eq!(report.windows[29].sums.mean_bpm(), Some(65.0));
}

#[test]
fn a_devices_resting_rates_may_be_earlier_than_the_first_sample() {
    let mut readings = Readings::default();
    for day in 0..19i64 {
        let rate = Rate::from_centi_bpm(5_100 + day as u32 * 100).unwrap();
        let base = reading(day * 86_400_000, &TimeZone::UTC, 7_000);
        readings.insert(Reading { kind: Kind::Resting, rate, ..base.clone() });
        if day == 9 || day == 10 {
            readings.insert(base);
        }
    }
    let request = ReportRequest::all(Step::Week(WeekStart::Sunday), Detail::Statistics);
    let report = asked(&readings, &request, ParameterSet::Standard).unwrap();
    let trend = report.resting.unwrap().trend.unwrap();
    assert!(close(Some(trend.per_week_bpm), Some(7.0)) && trend.standard_error_bpm < 1e-9 && trend.is_significant);
}

/// How many sums of weeks a report asks for.
fn questions(days: i64, step: Step) -> (usize, usize) {
    let list = (0..days).map(|day| reading(day * 86_400_000, &TimeZone::UTC, 7_000));
    let index = Arc::new(Weeks::from(&Readings::from_list(list)).index());
    let questions = ReportPlan::new(index, &ReportRequest::all(step, Detail::Statistics)).questions();
    let mut seen = BTreeSet::new();
    for question in &questions {
        for week in &question.weeks {
            assert!(seen.insert((question.kind, question.measure, *week)), "{} is asked for twice", question.name);
        }
    }
    (questions.len(), seen.len())
}

#[test]
fn nothing_is_asked_for_twice_and_months_are_asked_for_together() {
    assert_eq!(questions(1, Step::Hour), (27, 27));
    assert_eq!(questions(365, Step::Day).0, 159);
    assert_eq!(questions(30, Step::Day).0, 15);
    let (sums, weeks) = questions(3_652, Step::Month);
    assert_eq!(weeks, 3 * 523);
    assert!((900..1_000).contains(&sums), "{sums}");
    // Everything: the first and the last week by themselves, the rest in one sum.
    assert_eq!(questions(3_652, Step::All).0, 3 + 3 + 523);
}

/// The same day is fitted through ciphertexts in whatever steps it is asked for, and it is the day that the readings
/// were made of; only its errors depend on which days were summed together.
#[test]
fn the_daily_rhythm_is_that_of_the_readings_in_every_step() {
    let rate = |minute: i64| {
        let (day, hour) = (minute / 1_440, (minute % 1_440) as f64 / 60.0);
        let level = 68.0 + f64::from((day % 5) as u32) - 2.0;
        level + 8.0 * (std::f64::consts::TAU * (hour - 15.5) / 24.0).cos()
    };
    let list = (0..65 * 288).map(|i| reading(i * 300_000, &TimeZone::UTC, (100.0 * rate(i * 5)).round() as u32));
    let readings = Readings::from_list(list);
    let mut errors = Vec::new();
    for step in [Step::Day, Step::Week(WeekStart::Monday), Step::Month, Step::All] {
        let request = ReportRequest::all(step, Detail::Statistics);
        let rhythm = asked(&readings, &request, ParameterSet::Standard).unwrap().rhythm.unwrap();
        assert!((rhythm.level_bpm - 68.0).abs() < 0.01 && (rhythm.amplitude_bpm - 7.95).abs() < 0.06, "{rhythm:?}");
        // Five-minute cells are taken at the middle of their hour: their mean time is 2.5 minutes before it.
        assert!((rhythm.peak_hour - 15.54).abs() < 0.01 && rhythm.days == 65, "{step:?} {rhythm:?}");
        errors.push(rhythm.level_error_bpm);
    }
    // √2 / √65 of a bpm by day, but for the correction of few.
    assert!((errors[0] - (2.0f64 / 64.0).sqrt()).abs() < 1e-3, "{errors:?}");
    assert!(errors.iter().all(|error| (0.02..0.4).contains(error)), "{errors:?}");
}

type Plant = (&'static str, Measure, usize);

/// The check's own test: a wrong number behind the verification is reported, whichever it is.
#[test]
fn a_wrong_answer_planted_behind_the_verification_is_reported() {
    let list = (0..500).map(|i| reading(i * 3_000_000, &TimeZone::UTC, 5_000 + (i as u32 * 331) % 9_000));
    let readings = Readings::from_list(list);
    let request = ReportRequest::all(Step::Day, Detail::Statistics);
    let plain_report = plain::report(&readings, &request).unwrap();
    let report = asked(&readings, &request, ParameterSet::Standard).unwrap();
    assert!(compare(&report, &plain_report).iter().all(veilbeat::statistics::Compared::is_equal));

    let plants: [Plant; 4] = [
        ("mean", Measure::Rate, 0),
        ("standard deviation", Measure::Squares, 0),
        ("distribution and zones", Measure::Days, 40),
        ("minimum", Measure::Days, 0),
    ];
    for (name, measure, at) in plants {
        for week in [0, 1, 2] {
            let plan = ReportPlan::new(Arc::new(Weeks::from(&readings).index()), &request);
            let questions = plan.questions();
            let mut answers = plain::answer(&readings, &questions, request.weighting);
            let of = (0..questions.len()).filter(|&i| questions[i].measure == measure).nth(week).unwrap();
            // Fridays: every week has one.
            match &mut answers[of] {
                WeekTable::Hours(hours) => hours[4][at] += 1,
                WeekTable::Bins(days) => days[4][at] += 1,
            }
            let compared = compare(&plan.finish(&answers).unwrap(), &plain_report);
            let differing: Vec<_> = compared.iter().filter(|compared| !compared.is_equal()).map(|c| c.name).collect();
            assert!(differing.contains(&name), "{name} in week {week}: {differing:?}");
        }
    }
}
