//! Statistics over a range: which sums they need, and what follows from the answers.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::fit::{Fit, Trend};
use super::question::{Needs, Question};
use super::resting::{Day, Resting};
use super::sums::Sums;
use crate::reading::{HourIndex, HourKey, Kind, Step, Window, WindowStart, days_since_epoch, windows};

/// How much is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Detail {
    /// Count, mean and standard deviation of each window.
    Averages,
    /// Everything about each window, the trend and resting rates.
    Statistics,
    /// The profiles by hour of day and by day of week too.
    Profiles,
}

/// What is wanted, of which days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// How long the windows are.
    pub step: Step,
    /// The first local day; the first that there is if `None`.
    pub from: Option<Date>,
    /// The last local day, included; the last that there is if `None`.
    pub to: Option<Date>,
    /// The first hour of the first day and the last of the last, both included.
    pub hours: (i8, i8),
    /// How much.
    pub detail: Detail,
}

impl Request {
    /// The hours of whole days.
    pub const WHOLE_DAYS: (i8, i8) = (0, 23);

    /// Everything that there is, in windows of `step`.
    pub fn all(step: Step, detail: Detail) -> Self {
        Self { step, from: None, to: None, hours: Self::WHOLE_DAYS, detail }
    }

    /// Whether an hour is in this range.
    pub fn includes(&self, key: HourKey) -> bool {
        let civil = key.hour.civil();
        let (at, (first, last)) = ((civil.date(), civil.hour()), self.hours);
        self.from.is_none_or(|from| (from, first) <= at) && self.to.is_none_or(|to| at <= (to, last))
    }

    /// The hours of the range, and the kind that they are of: samples if there are any, else device
    /// averages, else resting rates.
    fn hours(&self, index: &HourIndex) -> Option<(Kind, Vec<HourKey>)> {
        let hours: Vec<_> = index.keys().filter(|&key| self.includes(key)).collect();
        let kind = hours.iter().map(|key| key.kind).min()?;
        Some((kind, hours.into_iter().filter(|key| key.kind == kind).collect()))
    }
}

/// A window and its sums.
#[derive(Clone, PartialEq, Debug)]
pub struct Windowed {
    /// Its local start.
    pub start: WindowStart,
    /// What its readings sum to.
    pub sums: Sums,
}

/// Statistics over a range.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The kind of readings that they are made of.
    pub kind: Kind,
    /// How long the windows are.
    pub step: Step,
    /// The first and the last local day with readings.
    pub days: (Date, Date),
    /// The windows that hold readings, in order.
    pub windows: Vec<Windowed>,
    /// All of them together.
    pub overall: Sums,
    /// By hour of day, from midnight; empty if not wanted.
    pub by_hour: Vec<Sums>,
    /// By day of week, from Monday; empty if not wanted.
    pub by_weekday: Vec<Sums>,
    /// The mean of the seven days that end with each day that has readings, in bpm. Only where at
    /// least four of the seven have readings, and only for steps of a day.
    pub moving_bpm: Vec<(Date, f64)>,
    /// How the readings change.
    pub trend: Option<Trend>,
    /// Resting rates.
    pub resting: Option<Resting>,
}

/// Days of which a moving average is made, and how many of them need readings.
const MOVING_DAYS: i32 = 7;
const LEAST_MOVING_DAYS: usize = 4;

/// Questions, and where their answers will be.
#[derive(Default)]
struct Plan(Vec<Question>);

/// Where the answers to some questions are.
type Answers = std::ops::Range<usize>;

impl Plan {
    fn ask(&mut self, questions: impl IntoIterator<Item = Question>) -> Answers {
        let start = self.0.len();
        self.0.extend(questions);
        start..self.0.len()
    }

    fn ask_windows(&mut self, windows: &[Window], needs: Needs) -> Answers {
        let question =
            |window: &Window| Question { name: window.start.to_string(), hours: window.hours.clone(), needs };
        self.ask(windows.iter().map(question))
    }
}

impl Report {
    /// Asks `answer` for the sums that are needed, and makes statistics of them. `None` if the range
    /// holds no readings.
    ///
    /// The trend's weighted sum Σ d·S(d) over days d is asked for by the binary digits of d, so that
    /// the answer grows with the logarithm of the number of days.
    pub fn make<E>(
        index: &HourIndex,
        request: &Request,
        answer: impl FnOnce(&[Question]) -> Result<Vec<Sums>, E>,
    ) -> Result<Option<Self>, E> {
        let Some((kind, hours)) = request.hours(index) else { return Ok(None) };
        let layout = Layout::of(index, request, kind, &hours);
        let mut plan = Plan::default();
        let full = request.detail >= Detail::Statistics;
        let needs = if full { Needs::Everything } else { Needs::Moments };
        let main = plan.ask_windows(&layout.windows, needs);
        let days = match &layout.days {
            Some(days) if full => plan.ask_windows(days, Needs::Distribution),
            _ => 0..0,
        };
        let device = plan.ask_windows(&layout.device, Needs::Moments);
        let digits = plan.ask(layout.digits());
        let profiles = request.detail >= Detail::Profiles;
        let by_hour = plan.ask(profiles.then(|| layout.by_hour()).into_iter().flatten());
        let by_weekday = plan.ask(profiles.then(|| layout.by_weekday()).into_iter().flatten());
        let answers = answer(&plan.0)?;
        let answers = |place: Answers| answers.get(place).unwrap_or_default();

        let windows: Vec<_> = layout
            .windows
            .iter()
            .zip(answers(main))
            .map(|(window, sums)| Windowed { start: window.start, sums: sums.clone() })
            .collect();
        let overall = Sums::total(windows.iter().map(|window| &window.sums));
        let (days, moving_bpm) = match &layout.days {
            Some(days_asked) => (layout.days_of(days_asked, answers(days)), Vec::new()),
            None => {
                let days = layout.days_of_windows(&windows);
                let moving = moving(&days);
                (days, moving)
            }
        };
        let resting = if layout.device.is_empty() {
            // A percentile of averages is nobody's resting rate.
            (full && kind == Kind::Sample).then(|| Resting::from_days(&days)).flatten()
        } else {
            Resting::from_device(&layout.days_of(&layout.device, answers(device)))
        };
        Ok(Some(Self {
            kind,
            step: request.step,
            days: (layout.first, layout.last),
            trend: full.then(|| layout.trend(&overall, answers(digits))).flatten(),
            windows,
            overall,
            by_hour: answers(by_hour).to_vec(),
            by_weekday: answers(by_weekday).to_vec(),
            moving_bpm,
            resting,
        }))
    }
}

/// The hours of a range, grouped in every way that is needed.
struct Layout<'a> {
    index: &'a HourIndex,
    hours: &'a [HourKey],
    first: Date,
    last: Date,
    windows: Vec<Window>,
    /// Days, where windows are longer.
    days: Option<Vec<Window>>,
    /// Days of a device's own resting rates.
    device: Vec<Window>,
    full: bool,
}

impl<'a> Layout<'a> {
    fn of(index: &'a HourIndex, request: &Request, kind: Kind, hours: &'a [HourKey]) -> Self {
        let dates = || hours.iter().map(|key| key.hour.date());
        let (first, last) = (dates().min().unwrap_or(Date::MIN), dates().max().unwrap_or(Date::MIN));
        let full = request.detail >= Detail::Statistics;
        let resting: Vec<_> =
            index.keys().filter(|&key| full && key.kind == Kind::Resting && request.includes(key)).collect();
        Self {
            index,
            hours,
            first,
            last,
            windows: windows(index, hours, request.step),
            days: (request.step > Step::Day && kind == Kind::Sample).then(|| windows(index, hours, Step::Day)),
            device: windows(index, &resting, Step::Day),
            full,
        }
    }

    /// Days since the first with readings.
    fn day(&self, date: Date) -> i32 {
        days_since_epoch(date) - days_since_epoch(self.first)
    }

    /// For each binary digit of a day's number, the hours of the days that have it.
    fn digits(&self) -> Vec<Question> {
        if !self.full {
            return Vec::new();
        }
        let bits = i32::BITS - self.day(self.last).leading_zeros();
        let question = |bit: u32| Question {
            name: format!("trend, digit {bit}"),
            hours: self.hours.iter().copied().filter(|key| self.day(key.hour.date()) >> bit & 1 == 1).collect(),
            needs: Needs::Sum,
        };
        (0..bits).map(question).collect()
    }

    fn trend(&self, overall: &Sums, digits: &[Sums]) -> Option<Trend> {
        let mut fit = Fit { y: overall.sum?.into(), yy: overall.squares?.into(), ..Fit::default() };
        for &key in self.hours {
            fit.count_day(self.day(key.hour.date()), self.index.count(key));
        }
        for (bit, sums) in digits.iter().enumerate() {
            fit.xy += i128::from(sums.sum?) << bit;
        }
        fit.line()
    }

    fn grouped(&self, names: impl Iterator<Item = String>, group: impl Fn(HourKey) -> usize) -> Vec<Question> {
        let mut questions: Vec<_> =
            names.map(|name| Question { name, hours: Vec::new(), needs: Needs::Everything }).collect();
        for &key in self.hours {
            questions[group(key)].hours.push(key);
        }
        questions
    }

    fn by_hour(&self) -> Vec<Question> {
        self.grouped((0..24).map(|hour| format!("hour {hour:02}")), |key| key.hour.civil().hour() as usize)
    }

    fn by_weekday(&self) -> Vec<Question> {
        let weekday = |key: HourKey| key.hour.date().weekday().to_monday_zero_offset() as usize;
        self.grouped((1..=7).map(|day| format!("weekday {day}")), weekday)
    }

    /// Days as they were asked for, each with its answer.
    fn days_of(&self, days: &[Window], sums: &[Sums]) -> Vec<Day> {
        let day = |(window, sums): (&Window, &Sums)| {
            let WindowStart::Date(date) = window.start else { return None };
            Some(Day { date, number: self.day(date), hours: distinct_hours(&window.hours), sums: sums.clone() })
        };
        days.iter().zip(sums).filter_map(day).collect()
    }

    /// Days that windows of a day or an hour add up to.
    fn days_of_windows(&self, windows: &[Windowed]) -> Vec<Day> {
        let mut days: BTreeMap<Date, (Vec<HourKey>, Sums)> = BTreeMap::new();
        for (window, windowed) in self.windows.iter().zip(windows) {
            let Some(first) = window.hours.first() else { continue };
            let (hours, sums) = days.entry(first.hour.date()).or_default();
            hours.extend(&window.hours);
            *sums = std::mem::take(sums) + &windowed.sums;
        }
        let day = |(date, (hours, sums)): (Date, (Vec<HourKey>, Sums))| Day {
            date,
            number: self.day(date),
            hours: distinct_hours(&hours),
            sums,
        };
        days.into_iter().map(day).collect()
    }
}

/// How many hours of a day are among these: the one that occurs twice is one.
fn distinct_hours(hours: &[HourKey]) -> usize {
    hours.iter().map(|key| key.hour.civil().hour()).collect::<std::collections::BTreeSet<_>>().len()
}

fn moving(days: &[Day]) -> Vec<(Date, f64)> {
    let within = |end: &Day, day: &Day| (0..MOVING_DAYS).contains(&(end.number - day.number));
    days.iter()
        .enumerate()
        .filter_map(|(at, end)| {
            let week: Vec<_> = days[..=at].iter().rev().take_while(|day| within(end, day)).collect();
            let mean = Sums::total(week.iter().map(|day| &day.sums)).mean_bpm();
            mean.filter(|_| week.len() >= LEAST_MOVING_DAYS).map(|mean| (end.date, mean))
        })
        .collect()
}
