//! Which sums a report needs, and what follows from the answers.
//!
//! The questions depend on the calendar, on which weeks have sheets and on the request, never on the readings: a
//! server that sees the questions learns nothing of when there are any.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::question::{DayBins, HourSums, Measure, Question, WeekTable};
use super::report::{Counted, Report, Tally, Windowed, moving};
use super::request::{Detail, ReportRequest, Weighting};
use super::resting::{self, Resting, RestingDay, RestingMethod};
use super::rhythm::{self, DayHours, Rhythm};
use super::sums::{BINS, Sums};
use super::trend::{Trend, TrendPoint};
use crate::reading::{
    CivilHour, DAYS, HOURS, HourTable, Kind, Step, Week, WeekIndex, WeekKey, WindowStart, date_of, days_since_epoch,
};

/// A report that waits for its answers.
pub struct ReportPlan {
    index: Arc<WeekIndex>,
    request: ReportRequest,
    /// How long the windows really are: averages of activities are shown by the hour, those of days not.
    step: Step,
    /// The kinds of readings that windows are made of.
    kinds: Vec<Kind>,
    /// The days that are asked about, in days since 1970-01-01.
    days: (i32, i32),
    /// Each question, and the window that its weeks belong to; `None` where its only week is looked at in parts.
    asked: Vec<(Question, Option<WindowStart>)>,
}

impl ReportPlan {
    /// Plans a report over the weeks of an index.
    pub fn new(index: Arc<WeekIndex>, request: &ReportRequest) -> Self {
        let main: &[Kind] = if index.has(Kind::Sample) || index.has(Kind::Average) {
            &[Kind::Sample, Kind::Average]
        } else if index.has(Kind::Resting) {
            &[Kind::Resting]
        } else {
            &[Kind::Activity]
        };
        let mut kinds: Vec<Kind> = main.iter().copied().filter(|&kind| index.has(kind)).collect();
        let step = match (&kinds[..], request.step) {
            ([Kind::Activity], _) => Step::Hour,
            ([Kind::Average | Kind::Resting], Step::Hour) => Step::Day,
            (_, step) => step,
        };
        if step == Step::Hour {
            kinds.retain(|&kind| !is_of_whole_days(kind));
        }
        let (first, last) = index.covered().unwrap_or((0, -1));
        let from = request.from.map_or(first, |from| days_since_epoch(from).max(first));
        let to = request.to.map_or(last, |to| days_since_epoch(to).min(last));
        let mut plan = Self { index, request: *request, step, kinds, days: (from, to), asked: Vec::new() };
        if from <= to {
            plan.ask();
        }
        plan
    }

    /// The sums that are needed, in the order in which they are wanted.
    pub fn questions(&self) -> Vec<Question> {
        self.asked.iter().map(|(question, _)| question.clone()).collect()
    }

    fn weeks(&self, kind: Kind) -> Vec<Week> {
        self.index.weeks(kind, self.days.0..=self.days.1).collect()
    }

    fn window_of(&self, hour: CivilHour) -> WindowStart {
        self.step.window_of(hour, self.days.0)
    }

    /// The window that takes a whole week, if the week need not be asked for by itself.
    fn window_of_week(&self, week: Week) -> Option<WindowStart> {
        let ends = [Week::of_day(self.days.0), Week::of_day(self.days.1)];
        if self.step <= Step::Day || ends.contains(&week) {
            return None;
        }
        let window = |day| self.window_of(CivilHour { day, hour: 0 });
        let first = window(week.day(0));
        (window(week.day(DAYS - 1)) == first).then_some(first)
    }

    fn ask(&mut self) {
        let full = self.request.detail >= Detail::Statistics;
        let activities = self.kinds == [Kind::Activity];
        for kind in self.kinds.clone() {
            if full && kind == Kind::Resting {
                self.ask_singly(kind, Measure::Rate, |_| true);
            } else {
                self.ask_grouped(kind, Measure::Rate);
            }
            self.ask_grouped(kind, Measure::Squares);
            if !full || activities {
                continue;
            }
            if kind != Kind::Sample {
                self.ask_grouped(kind, Measure::Days);
                continue;
            }
            // Each by itself: resting rates need the distribution of each day.
            self.ask_singly(kind, Measure::Days, |_| true);
            let (by_hour, request) = (self.step == Step::Hour, self.request);
            for hour in 0..HOURS as u8 {
                let cut = |day| request.cuts(day) && request.includes(CivilHour { day, hour });
                self.ask_singly(kind, Measure::Hour(hour), |week| by_hour || (0..DAYS).any(|d| cut(week.day(d))));
            }
        }
        if full && !self.kinds.contains(&Kind::Resting) {
            self.ask_singly(Kind::Resting, Measure::Rate, |_| true);
        }
    }

    fn ask_singly(&mut self, kind: Kind, measure: Measure, wanted: impl Fn(Week) -> bool) {
        for week in self.weeks(kind).into_iter().filter(|&week| wanted(week)) {
            self.push(kind, measure, vec![week], None);
        }
    }

    /// Whether the range has an hour, for a kind: what a device says of a day counts if the range has all of the day.
    fn includes(&self, kind: Kind, day: i32, hour: u8) -> bool {
        self.request.includes(CivilHour { day, hour }) && !(is_of_whole_days(kind) && self.request.cuts(day))
    }

    /// Weeks that a window takes whole together, the others by themselves.
    fn ask_grouped(&mut self, kind: Kind, measure: Measure) {
        let mut group: Option<(WindowStart, Vec<Week>)> = None;
        for week in self.weeks(kind) {
            let window = self.window_of_week(week);
            if let Some((_, weeks)) = group.as_mut().filter(|(start, _)| Some(*start) == window) {
                weeks.push(week);
                continue;
            }
            if let Some((window, weeks)) = group.take() {
                self.push(kind, measure, weeks, Some(window));
            }
            match window {
                Some(window) => group = Some((window, vec![week])),
                None => self.push(kind, measure, vec![week], None),
            }
        }
        if let Some((window, weeks)) = group {
            self.push(kind, measure, weeks, Some(window));
        }
    }

    fn push(&mut self, kind: Kind, measure: Measure, weeks: Vec<Week>, window: Option<WindowStart>) {
        let name = match (window, weeks.first()) {
            (Some(window), _) => format!("{} of {window}", self.step.name()),
            (None, Some(week)) => format!("week of {}", date_of(week.monday()).unwrap_or(Date::MIN)),
            (None, None) => return,
        };
        self.asked.push((Question { name, kind, weeks, measure }, window));
    }

    /// Makes statistics of the answers, each in the place of its question. `None` if the range holds no readings.
    pub fn finish(self, answers: &[WeekTable]) -> Option<Report> {
        let full = self.request.detail >= Detail::Statistics && self.kinds != [Kind::Activity];
        let mut found = Found::new(&self, full);
        for ((question, window), answer) in self.asked.iter().zip(answers) {
            match *window {
                Some(window) => found.take_whole(question, window, answer),
                None => found.take_parts(question, answer),
            }
        }
        found.finish()
    }
}

/// Whether readings of a kind stand for days, whatever their time is.
fn is_of_whole_days(kind: Kind) -> bool {
    matches!(kind, Kind::Average | Kind::Resting)
}

/// The findings from the answers so far.
struct Found<'a> {
    plan: &'a ReportPlan,
    /// Whether there are distributions.
    full: bool,
    windows: BTreeMap<WindowStart, Tally>,
    /// By hour of the week, from Monday's midnight.
    by_week_hour: Vec<Tally>,
    by_weekday: Vec<Tally>,
    /// By day since 1970-01-01, where windows are hours or days.
    by_day: BTreeMap<i32, Tally>,
    /// Days that have readings, and those for which a device's average stands.
    measured: (BTreeSet<i32>, BTreeSet<i32>),
    /// The hours of each day, or of each weekday of the weeks that were summed together, by the first of them.
    day_hours: BTreeMap<i32, DayHours>,
    /// Days with readings in enough hours for a rhythm.
    whole_days: BTreeSet<i32>,
    /// Resting rates, by day; a device's own comes before the percentile.
    resting: BTreeMap<i32, RestingDay>,
}

impl<'a> Found<'a> {
    fn new(plan: &'a ReportPlan, full: bool) -> Self {
        Self {
            plan,
            full,
            windows: BTreeMap::new(),
            by_week_hour: vec![Tally::zero(false); DAYS * HOURS],
            by_weekday: vec![Tally::zero(full); DAYS],
            by_day: BTreeMap::new(),
            measured: (BTreeSet::new(), BTreeSet::new()),
            day_hours: BTreeMap::new(),
            whole_days: BTreeSet::new(),
            resting: BTreeMap::new(),
        }
    }

    fn facts(&self, kind: Kind, week: Week) -> Option<&'a HourTable> {
        self.plan.index.hours(WeekKey { kind, week })
    }

    /// Returns the counts that the client itself knows of an hour of some weeks.
    fn counted(&self, kind: Kind, weeks: &[Week], (d, h): (usize, usize)) -> Counted {
        let mut counted = Counted::default();
        for &week in weeks {
            let Some(hour) = self.facts(kind, week).map(|facts| facts[d][h]) else { continue };
            let (count, weight) = (u64::from(hour.count), u64::from(hour.weight));
            let divisor = match self.plan.request.weighting {
                Weighting::Time => weight,
                Weighting::Readings => count,
            };
            counted.count += count;
            counted.weight += weight;
            counted.divisor += divisor;
            counted.days += divisor as i64 * i64::from(week.day(d));
        }
        counted
    }

    /// Takes in the sum of an hour, and with its rates what the client knows of it.
    fn take_hour(&mut self, question: &Question, window: WindowStart, (d, h): (usize, usize), value: u64) {
        let kind = question.kind;
        let counted = match question.measure {
            Measure::Rate => self.counted(kind, &question.weeks, (d, h)),
            _ => Counted::default(),
        };
        if let (Kind::Sample, Measure::Rate, Some(week)) = (kind, question.measure, question.weeks.first()) {
            let day = self.day_hours.entry(week.day(d)).or_insert(DayHours::ZERO);
            day.sum[h] += value;
            day.divisor[h] += counted.divisor;
        }
        let full = self.full;
        let by_day = match (self.plan.step <= Step::Day, &question.weeks[..]) {
            (true, &[week]) if self.has_readings(kind, week, (d, h)) => {
                Some(self.by_day.entry(week.day(d)).or_insert_with(|| Tally::zero(false)))
            }
            _ => None,
        };
        let window = self.windows.entry(window).or_insert_with(|| Tally::zero(full));
        let by_hour = (!is_of_whole_days(kind)).then(|| &mut self.by_week_hour[d * HOURS + h]);
        for tally in [&mut self.by_weekday[d], window].into_iter().chain(by_hour).chain(by_day) {
            match question.measure {
                Measure::Rate => {
                    tally.count(kind, counted);
                    tally.add_rate(kind, value);
                }
                _ => tally.add_squares(kind, value),
            }
        }
    }

    /// An answer about weeks that a window takes whole.
    fn take_whole(&mut self, question: &Question, window: WindowStart, answer: &WeekTable) {
        for d in 0..DAYS {
            if question.measure == Measure::Rate {
                for &week in &question.weeks {
                    self.note_day(question.kind, week, d, |_| true);
                }
            }
            if let Some(hours) = answer.hours() {
                for (h, &value) in hours[d].iter().enumerate() {
                    self.take_hour(question, window, (d, h), value);
                }
            }
            if let Some(bins) = answer.bins() {
                self.add_bins(question.kind, window, d, &bins[d]);
            }
        }
    }

    /// An answer about one week, of which windows have parts.
    fn take_parts(&mut self, question: &Question, answer: &WeekTable) {
        let Some(&week) = question.weeks.first() else { return };
        let plan = self.plan;
        let includes = |d: usize, hour: usize| plan.includes(question.kind, week.day(d), hour as u8);
        if let Some(hours) = answer.hours() {
            if (question.kind, question.measure) == (Kind::Resting, Measure::Rate) && self.full {
                self.take_device(week, hours, includes);
                if !plan.kinds.contains(&Kind::Resting) {
                    return;
                }
            }
            for (d, hours) in hours.iter().enumerate() {
                if question.measure == Measure::Rate {
                    self.note_day(question.kind, week, d, |h| includes(d, h));
                }
                for (h, &value) in hours.iter().enumerate().filter(|(h, _)| includes(d, *h)) {
                    let window = plan.window_of(CivilHour { day: week.day(d), hour: h as u8 });
                    self.take_hour(question, window, (d, h), value);
                }
            }
        }
        if let Some(bins) = answer.bins() {
            self.take_bins(question, week, bins, includes);
        }
    }

    fn has_readings(&self, kind: Kind, week: Week, (d, h): (usize, usize)) -> bool {
        self.facts(kind, week).is_some_and(|facts| facts[d][h].count > 0)
    }

    /// The distributions of one week, or of one hour of its days.
    fn take_bins(&mut self, question: &Question, week: Week, bins: &DayBins, includes: impl Fn(usize, usize) -> bool) {
        let plan = self.plan;
        for (d, bins) in bins.iter().enumerate() {
            let day = week.day(d);
            let cut = plan.request.cuts(day);
            match question.measure {
                // Hours tell it all where windows are hours, and where the range has a part of the day.
                Measure::Hour(h) if includes(d, h.into()) && (plan.step == Step::Hour || cut) => {
                    self.add_bins(question.kind, plan.window_of(CivilHour { day, hour: h }), d, bins);
                }
                Measure::Days if !cut && includes(d, 0) => {
                    if plan.step != Step::Hour {
                        self.add_bins(question.kind, plan.window_of(CivilHour { day, hour: 0 }), d, bins);
                    }
                    let enough = self.facts(question.kind, week).is_some_and(|facts| resting::is_enough(&facts[d]));
                    if question.kind == Kind::Sample && enough {
                        self.resting.extend(resting::of_day(day, bins).map(|resting| (day, resting)));
                    }
                }
                _ => {}
            }
        }
    }

    /// A device's own resting rates, averaged by day.
    fn take_device(&mut self, week: Week, hours: &HourSums, includes: impl Fn(usize, usize) -> bool) {
        for (d, hours) in hours.iter().enumerate() {
            let mut sums = Sums::without_bins();
            for (h, value) in hours.iter().enumerate().filter(|(h, _)| includes(d, *h)) {
                sums.divisor += self.counted(Kind::Resting, &[week], (d, h)).divisor;
                sums.sum = sums.sum.map(|sum| sum + value);
            }
            let day = week.day(d);
            let resting = sums.mean_bpm().zip(date_of(day));
            let method = RestingMethod::Device;
            // Before the percentile of the same day, whichever was answered first: this comes last.
            self.resting.extend(resting.map(|(bpm, date)| (day, RestingDay { date, bpm, method })));
        }
    }

    /// Notes that a day has readings, if any of its hours that `includes` lets through has.
    fn note_day(&mut self, kind: Kind, week: Week, d: usize, includes: impl Fn(usize) -> bool) {
        if (0..HOURS).any(|h| includes(h) && self.has_readings(kind, week, (d, h))) {
            self.measured.0.insert(week.day(d));
            if kind == Kind::Average {
                self.measured.1.insert(week.day(d));
            }
        }
        let hours = (0..HOURS).filter(|&h| includes(h) && self.has_readings(kind, week, (d, h))).count();
        if kind == Kind::Sample && hours >= rhythm::LEAST_HOURS {
            self.whole_days.insert(week.day(d));
        }
    }

    fn add_bins(&mut self, kind: Kind, window: WindowStart, d: usize, bins: &[u64; BINS]) {
        let full = self.full;
        let window = self.windows.entry(window).or_insert_with(|| Tally::zero(full));
        for tally in [window, &mut self.by_weekday[d]] {
            tally.add_bins(kind, bins);
        }
    }

    fn finish(mut self) -> Option<Report> {
        let plan = self.plan;
        // Windows without readings are asked for and not listed.
        self.windows.retain(|_, window| window.sums.count > 0);
        let resting_days: Vec<RestingDay> = self.resting.values().copied().collect();
        let shown = |day: i32| self.measured.0.is_empty().then_some(day);
        let rest_days = resting_days.iter().filter_map(|day| shown(days_since_epoch(day.date)));
        let days: Vec<i32> = self.measured.0.iter().copied().chain(rest_days).collect();
        let (&first, &last) = days.first().zip(days.last())?;
        let points: Vec<TrendPoint> = match plan.step {
            Step::Hour | Step::Day => self.by_day.values().filter_map(|day| day.point(first)).collect(),
            Step::All => Vec::new(),
            Step::Week(_) | Step::Month => self.windows.values().filter_map(|window| window.point(first)).collect(),
        };
        let averages = self.measured.1.len();
        let kind = match plan.kinds[..] {
            [Kind::Sample, Kind::Average] if averages == self.measured.0.len() && averages > 0 => Kind::Average,
            [kind, ..] => kind,
            [] => Kind::Sample,
        };
        let empty = if self.full { Sums::default() } else { Sums::without_bins() };
        let overall = self.windows.values().fold(empty, |total, window| total + &window.sums);
        let days_shown = plan.step <= Step::Day && kind != Kind::Activity;
        let moving_bpm = if days_shown { moving(&self.by_day) } else { Vec::new() };
        let windows = self.windows.into_iter().map(|(start, window)| Windowed { start, sums: window.sums });
        let measured = |day: &DayHours| day.divisor.iter().any(|&divisor| divisor > 0);
        let day_hours: Vec<DayHours> = self.day_hours.into_values().filter(measured).collect();
        let by_week_hour: Vec<Sums> = self.by_week_hour.into_iter().map(|tally| tally.sums).collect();
        Some(Report {
            kind,
            step: plan.step,
            weighting: plan.request.weighting,
            detail: plan.request.detail,
            days: date_of(first).zip(date_of(last))?,
            measured_days: (self.measured.0.len(), averages),
            windows: windows.map(|window| named(window, plan.step, first)).collect(),
            overall,
            by_hour: rhythm::hours_of(&by_week_hour, 0..DAYS),
            by_week_hour,
            by_weekday: self.by_weekday.into_iter().map(|tally| tally.sums).collect(),
            moving_bpm,
            trend: self.full.then(|| Trend::through(&points)).flatten(),
            rhythm: self.full.then(|| Rhythm::through(&day_hours, self.whole_days.len())).flatten(),
            resting: Resting::of(resting_days, first),
        })
    }
}

/// A window of everything starts on the first day that has readings.
fn named(window: Windowed, step: Step, first: i32) -> Windowed {
    match (step, date_of(first)) {
        (Step::All, Some(first)) => Windowed { start: WindowStart::Date(first), ..window },
        _ => window,
    }
}
