//! Every statistic, through ciphertexts and back, against an independent computation in the clear.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::convert::Infallible;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::Weekday;
use jiff::tz::{Offset, TimeZone};
use proptest::prelude::*;
use veilbeat::client::{Client, MasterKey, SchemeKey, Watch};
use veilbeat::reading::{Kind, Rate, Reading, Readings, Source, Step, WeekStart};
use veilbeat::scheme::Profile;
use veilbeat::statistics::{
    Detail, Maximum, Question, Report, Request, Sums, Trend, ZoneBounds, Zones, compare, plain,
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

fn asked(readings: &Readings, request: &Request, profile: Profile) -> Option<Report> {
    let (end, server) = veilbeat::server::spawn().unwrap();
    let key = SchemeKey::derive(&MasterKey::generate().unwrap(), profile);
    let mut client = Client::new(key, end).unwrap();
    let answered = client.report(readings, request, &mut Watch::default()).unwrap();
    drop(client);
    server.join();
    answered.map(|answered| answered.report)
}

fn in_the_clear(readings: &Readings, request: &Request) -> Option<Report> {
    Report::make(&readings.into(), request, |questions| Ok::<_, Infallible>(plain::answer(readings, questions)))
        .unwrap()
}

/// Rates in 1/100 bpm, and what a textbook makes of them.
struct Naive(Vec<u16>);

impl Naive {
    fn n(&self) -> f64 {
        self.0.len() as f64
    }

    fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.iter().map(|&rate| f64::from(rate)).sum::<f64>() / self.n() / 100.0)
    }

    fn sd(&self) -> Option<f64> {
        let mean = self.mean()? * 100.0;
        let squares: f64 = self.0.iter().map(|&rate| (f64::from(rate) - mean).powi(2)).sum();
        Some((squares / self.n()).sqrt() / 100.0)
    }

    fn percentile(&self, percent: usize) -> Option<u16> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (percent * sorted.len()).div_ceil(100).max(1);
        sorted.get(rank - 1).map(|rate| rate / 100)
    }

    fn between(&self, from: u16, to: u16) -> u64 {
        self.0.iter().filter(|&&rate| from * 100 <= rate && rate < to.saturating_mul(100)).count() as u64
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
    assert_eq!(sums.count, naive.0.len() as u64, "{about}: count");
    assert!(close(sums.mean_bpm(), naive.mean()), "{about}: mean {:?} {:?}", sums.mean_bpm(), naive.mean());
    // The difference of squares of equal readings is rounded in the textbook's way, not in ours.
    let (ours, theirs) = (sums.sd_bpm(), naive.sd());
    assert!(close(ours, theirs) || ours == Some(0.0) && theirs < Some(1e-6), "{about}: sd {ours:?} {theirs:?}");
    assert_eq!(sums.min_bpm(), naive.0.iter().min().map(|rate| rate / 100), "{about}: min");
    assert_eq!(sums.max_bpm(), naive.0.iter().max().map(|rate| rate / 100), "{about}: max");
    for percent in [5, 50, 95] {
        assert_eq!(sums.percentile_bpm(percent), naive.percentile(percent.into()), "{about}: percentile {percent}");
    }
    let zones = Zones::new(ZoneBounds::Typed([60, 100, 101, 150, 200]), Maximum::Unknown).unwrap();
    for share in zones.share(sums).unwrap() {
        let count = naive.between(share.zone.from_bpm, share.zone.to_bpm);
        let expected = naive.mean().map(|_| count as f64 / naive.n());
        assert_eq!((share.count, share.share), (count, expected), "{about}: {}", share.zone.name);
    }
}

/// Least squares by the textbook: centred, in floating point.
fn naive_trend(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sxx: f64 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    if points.len() < 3 || sxx == 0.0 {
        return None;
    }
    let slope = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>() / sxx;
    let sse: f64 = points.iter().map(|p| (p.1 - my - slope * (p.0 - mx)).powi(2)).sum();
    Some((slope * 7.0, (sse / (n - 2.0) / sxx).sqrt() * 7.0))
}

fn assert_trend(trend: Option<Trend>, points: &[(f64, f64)]) {
    let naive = naive_trend(points);
    assert!(close(trend.map(|t| t.per_week_bpm), naive.map(|t| t.0)), "{trend:?} {naive:?}");
    let (ours, theirs) = (trend.map(|t| t.standard_error_bpm), naive.map(|t| t.1));
    // A line that fits wholly leaves the textbook's floating point some dust.
    assert!(close(ours, theirs) || ours == Some(0.0) && theirs < Some(1e-6), "{trend:?} {naive:?}");
}

fn local(reading: &Reading) -> jiff::civil::DateTime {
    let offset = Offset::from_seconds(reading.offset_secs).unwrap();
    offset.to_datetime(Timestamp::from_millisecond(reading.instant_ms).unwrap())
}

/// The start of the window that a reading is in, as JSON has it.
fn start_of(reading: &Reading, step: Step, first: Date) -> String {
    let time = local(reading);
    match step {
        Step::Hour => {
            let (sign, secs) = (if reading.offset_secs < 0 { '-' } else { '+' }, reading.offset_secs.abs());
            format!("{}T{:02}:00:00{sign}{:02}:{:02}", time.date(), time.hour(), secs / 3600, secs / 60 % 60)
        }
        Step::Day => time.date().to_string(),
        Step::Week(weeks) => {
            let first_day = match weeks {
                WeekStart::Monday => Weekday::Monday,
                WeekStart::Sunday => Weekday::Sunday,
                WeekStart::Saturday => Weekday::Saturday,
            };
            let mut first = time.date();
            while first.weekday() != first_day {
                first = first.yesterday().unwrap();
            }
            first.to_string()
        }
        Step::Month => format!("{:04}-{:02}-01", time.year(), time.month()),
        Step::All => first.to_string(),
    }
}

fn assert_report(list: &[Reading], report: Option<&Report>, request: &Request) {
    let within = |reading: &&Reading| {
        let (date, hour) = (local(reading).date(), local(reading).hour());
        let starts = |from| date > from || date == from && hour >= request.hours.0;
        let ends = |to| date < to || date == to && hour <= request.hours.1;
        request.from.is_none_or(starts) && request.to.is_none_or(ends)
    };
    let list: Vec<_> = list.iter().filter(within).collect();
    let Some(report) = report else { return assert!(list.is_empty(), "there are readings and no report") };
    let first = local(list.iter().min_by_key(|reading| reading.instant_ms).unwrap()).date();
    let mut windows: BTreeMap<String, Naive> = BTreeMap::new();
    for reading in &list {
        windows.entry(start_of(reading, request.step, first)).or_insert(Naive(vec![])).0.push(reading.rate.centi_bpm());
    }
    let starts: Vec<_> = report.windows.iter().map(|window| window.start.to_string()).collect();
    let mut sorted = starts.clone();
    sorted.sort();
    assert_eq!(sorted, windows.keys().cloned().collect::<Vec<_>>());
    for window in &report.windows {
        let start = window.start.to_string();
        assert_sums(&window.sums, &windows[&start], &start);
    }
    let of = |wanted: &dyn Fn(&Reading) -> bool| {
        Naive(list.iter().filter(|reading| wanted(reading)).map(|reading| reading.rate.centi_bpm()).collect())
    };
    assert_sums(&report.overall, &of(&|_| true), "overall");
    for (hour, sums) in report.by_hour.iter().enumerate() {
        assert_sums(sums, &of(&|reading| local(reading).hour() as usize == hour), &format!("hour {hour}"));
    }
    for (day, sums) in report.by_weekday.iter().enumerate() {
        let weekday = |reading: &Reading| local(reading).weekday().to_monday_zero_offset() as usize;
        assert_sums(sums, &of(&|reading| weekday(reading) == day), &format!("weekday {day}"));
    }
    let origin = list.iter().map(|reading| local(reading).date()).min().unwrap();
    let days = |date: Date| f64::from(origin.until(date).unwrap().get_days());
    let points: Vec<_> = list.iter().map(|reading| (days(local(reading).date()), reading.rate.bpm())).collect();
    assert_trend(report.trend, &points);
    assert_resting(report, &list, days);
    assert_moving(report, &list, request.step);
}

fn by_day<'a>(list: &[&'a Reading]) -> BTreeMap<Date, Vec<&'a Reading>> {
    let mut days: BTreeMap<Date, Vec<&Reading>> = BTreeMap::new();
    for reading in list {
        days.entry(local(reading).date()).or_default().push(reading);
    }
    days
}

fn assert_resting(report: &Report, list: &[&Reading], days: impl Fn(Date) -> f64) {
    let mut expected = Vec::new();
    for (date, readings) in by_day(list) {
        let hours: std::collections::BTreeSet<_> = readings.iter().map(|reading| local(reading).hour()).collect();
        if readings.len() >= 60 && hours.len() >= 6 {
            let naive = Naive(readings.iter().map(|reading| reading.rate.centi_bpm()).collect());
            expected.push((date, f64::from(naive.percentile(5).unwrap())));
        }
    }
    let found: Vec<_> =
        report.resting.iter().flat_map(|resting| &resting.days).map(|day| (day.date, day.bpm)).collect();
    assert_eq!(found, expected);
    if let Some(resting) = &report.resting {
        assert!(close(Some(resting.mean_bpm), Some(expected.iter().map(|d| d.1).sum::<f64>() / expected.len() as f64)));
        assert_trend(resting.trend, &expected.iter().map(|&(date, bpm)| (days(date), bpm)).collect::<Vec<_>>());
    }
}

fn assert_moving(report: &Report, list: &[&Reading], step: Step) {
    if step > Step::Day {
        return assert!(report.moving_bpm.is_empty());
    }
    let all = by_day(list);
    let mut expected = Vec::new();
    for &date in all.keys() {
        let week: Vec<_> =
            all.iter().filter(|(day, _)| (0..7).contains(&day.until(date).unwrap().get_days())).collect();
        if week.len() >= 4 {
            let rates = week.iter().flat_map(|(_, readings)| readings.iter().map(|reading| reading.rate.centi_bpm()));
            expected.push((date, Naive(rates.collect()).mean().unwrap()));
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
    prop_oneof![4 => 2_000..=27_599u32, 1 => (20..=275u32).prop_map(|bpm| bpm * 100 + 99), 1 => Just(2_000), 1 => Just(27_599)]
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

/// Readings over a time that includes two changes of clocks, dense and sparse, in two zones.
fn data(most: usize) -> impl Strategy<Value = Vec<Reading>> {
    let size = prop_oneof![Just(0usize), Just(1), Just(2), Just(7), Just(most)];
    (size, 0..4usize, 0..4usize, prop_oneof![Just(1_500i64), Just(60_000), Just(7_200_000)]).prop_flat_map(
        |(size, zone, other, gap_ms)| {
            // Half an hour before clocks were set back in Paris.
            let start = 1_477_785_600_000i64;
            proptest::collection::vec((rate(), 0..=2 * gap_ms), size).prop_map(move |list| {
                let zones = [zone, other].map(|zone| TimeZone::get(ZONES[zone]).unwrap());
                let mut at = start;
                let half = list.len() / 2;
                let place = |i: usize| if i < half { &zones[0] } else { &zones[1] };
                list.iter()
                    .enumerate()
                    .map(|(i, &(rate, gap))| {
                        at += gap + 1;
                        reading(at, place(i), rate)
                    })
                    .collect()
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_statistic_equals_an_independent_computation(
        list in data(10_000),
        step in 0..STEPS.len(),
        cut in proptest::option::of(0..20i8),
        long_term: bool,
    ) {
        let readings = Readings::from_list(list.clone());
        prop_assert_eq!(readings.len(), list.len());
        let from = cut.map(|days| "2016-10-30".parse::<Date>().unwrap() + jiff::Span::new().days(i64::from(days)));
        let step = if list.len() > 100 && step == 0 { 1 } else { step };
        let request = Request { from, ..Request::all(STEPS[step], Detail::Profiles) };
        let profile = if long_term { Profile::LongTerm } else { Profile::Standard };
        let report = asked(&readings, &request, profile);
        assert_report(&list, report.as_ref(), &request);
        prop_assert_eq!(&report, &in_the_clear(&readings, &request));
    }

    #[test]
    fn the_computation_in_the_clear_is_the_independent_one(
        list in data(2_000),
        step in 0..STEPS.len(),
        days in 0..40i8,
        hours in (0..24i8, 0..24i8),
    ) {
        let from = "2016-10-31".parse::<Date>().unwrap();
        let to = Some(from + jiff::Span::new().days(i64::from(days)));
        let request = Request { step: STEPS[step], from: Some(from), to, hours, detail: Detail::Profiles };
        let readings = Readings::from_list(list.clone());
        assert_report(&list, in_the_clear(&readings, &request).as_ref(), &request);
    }
}

#[test]
fn several_chunks_an_hour_are_one_window() {
    let zone = TimeZone::UTC;
    let list: Vec<_> = (0..9_000).map(|i| reading(i * 750, &zone, 5_000 + (i as u32 * 37) % 9_000)).collect();
    let readings = Readings::from_list(list.clone());
    assert!(readings.hours().any(|(_, hour)| hour.slots().len() > 4_096));
    let request = Request::all(Step::Hour, Detail::Profiles);
    assert_report(&list, asked(&readings, &request, Profile::Standard).as_ref(), &request);
}

#[test]
fn the_fields_own_example_is_exact() {
    let rates = [7250, 7100, 7320, 6980, 7050, 7410, 7170];
    let list = rates.iter().zip(0..).map(|(&rate, i)| reading(i * 60_000, &TimeZone::UTC, rate));
    let request = Request::all(Step::All, Detail::Statistics);
    let report = asked(&Readings::from_list(list), &request, Profile::Standard).unwrap();
    assert_eq!(report.overall.mean_bpm(), Some(71.828_571_428_571_42));
    assert_eq!(report.trend, None, "one day makes no trend");
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
    let request = Request::all(Step::Day, Detail::Statistics);
    let report = asked(&readings, &request, Profile::Standard).unwrap();
    assert_eq!((report.kind, report.overall.max_bpm()), (Kind::Sample, Some(70)));
    let resting = report.resting.unwrap();
    assert_eq!(resting.method.name(), "as your device computed it");
    assert_eq!(resting.days.iter().map(|day| day.bpm).collect::<Vec<_>>(), [50.0, 51.0, 52.0]);
    assert_eq!((resting.mean_bpm, resting.trend.unwrap().per_week_bpm), (51.0, 7.0));
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
    let report =
        asked(&readings, &Request::all(Step::Week(WeekStart::Sunday), Detail::Profiles), Profile::Standard).unwrap();
    let trend = report.resting.unwrap().trend.unwrap();
    assert_eq!((trend.per_week_bpm, trend.standard_error_bpm), (7.0, 0.0));
}

#[test]
fn a_trends_answer_grows_with_the_logarithm_of_the_days() {
    let questions = |days: i64| {
        let list = (0..days).map(|day| reading(day * 86_400_000, &TimeZone::UTC, 7_000));
        let mut trend = 0;
        let count = |questions: &[Question]| {
            trend = questions.iter().filter(|question| question.name.starts_with("trend")).count();
            Err::<Vec<Sums>, ()>(())
        };
        let _ = Report::make(&(&Readings::from_list(list)).into(), &Request::all(Step::All, Detail::Statistics), count);
        trend
    };
    assert_eq!([1, 2, 3, 256, 257, 365].map(questions), [0, 1, 2, 8, 9, 9]);
}

type Plant = (&'static str, fn(&mut Sums));

/// The check's own test: a wrong number behind the verification is reported, whichever it is.
#[test]
fn a_wrong_answer_planted_behind_the_verification_is_reported() {
    let list = (0..500).map(|i| reading(i * 3_000_000, &TimeZone::UTC, 5_000 + (i as u32 * 331) % 9_000));
    let readings = Readings::from_list(list);
    let request = Request::all(Step::Day, Detail::Profiles);
    let plain_report = in_the_clear(&readings, &request).unwrap();
    let report = asked(&readings, &request, Profile::Standard).unwrap();
    assert!(compare(&report, &plain_report).iter().all(veilbeat::statistics::Compared::is_equal));

    let plants: [Plant; 5] = [
        ("mean", |sums| sums.sum = sums.sum.map(|sum| sum + 1)),
        ("standard deviation", |sums| sums.squares = sums.squares.map(|squares| squares + 1)),
        ("count", |sums| sums.count += 1),
        ("distribution and zones", |sums| sums.bins.as_mut().unwrap()[40] += 1),
        ("minimum", |sums| sums.bins.as_mut().unwrap()[0] += 1),
    ];
    let differing = |wrong: &dyn Fn(&[Question], &mut [Sums])| {
        let wrong = Report::make(&(&readings).into(), &request, |questions| {
            let mut answers = plain::answer(&readings, questions);
            wrong(questions, &mut answers);
            Ok::<_, Infallible>(answers)
        });
        let compared = compare(&wrong.unwrap().unwrap(), &plain_report);
        compared.iter().filter(|compared| !compared.is_equal()).map(|compared| compared.name).collect::<Vec<_>>()
    };
    for (name, plant) in plants {
        for place in [0, 3, plain_report.windows.len() - 1] {
            let found = differing(&|_, answers| plant(&mut answers[place]));
            assert!(found.contains(&name), "{name} in window {place}: {found:?}");
        }
    }
    for name in ["hour 07", "weekday 3", "trend, digit 2"] {
        let found = differing(&|questions, answers| {
            let place = questions.iter().position(|question| question.name == name).unwrap();
            answers[place].sum = answers[place].sum.map(|sum| sum + 1);
        });
        assert!(!found.is_empty(), "{name}");
    }
}
