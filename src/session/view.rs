//! Which part of the readings a window looks at.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::client::Answered;
use crate::reading::{DAYS, Readings, Step, Week, WeekStart, WindowStart, days_since_epoch};
use crate::session::own_data::OwnData;
use crate::statistics::{BASELINE_DAYS, Detail, ReportRequest, Weighting};

/// Some days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Span {
    /// So many days, the last of them that of the last reading.
    Last(u16),
    /// All that there are.
    #[default]
    All,
    /// From one day to another, both included.
    Days(Date, Date),
}

/// What days are compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Against {
    /// As many days right before them.
    #[default]
    Before,
    /// From one day to another, both included.
    Days(Date, Date),
}

/// The view of a window: which days, and in which steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct View {
    /// Which days.
    pub span: Span,
    /// How long each window of time is; what suits the span if `None`.
    pub step: Option<Step>,
    /// When weeks start.
    pub weeks: WeekStart,
    /// What these days are compared with.
    pub against: Against,
}

impl View {
    /// The days that are looked at; `None` without readings.
    pub fn days(&self, readings: &Readings) -> Option<(Date, Date)> {
        let (first, last) = readings.span()?;
        Some(match self.span {
            Span::All => (first, last),
            Span::Last(days) => (earlier(last, i64::from(days) - 1), last),
            Span::Days(from, to) => (from, to),
        })
    }

    /// Its name in the settings; `None` of days that were chosen one by one.
    pub fn name(self) -> Option<String> {
        let span = match self.span {
            Span::All => "all".to_owned(),
            Span::Last(days) => format!("{days} days"),
            Span::Days(..) => return None,
        };
        Some(format!("{span}, {}", self.step.map_or("auto", Step::name)))
    }

    /// The view of a name, if it is one.
    pub fn named(name: &str, weeks: WeekStart) -> Option<Self> {
        let (span, step) = name.split_once(", ")?;
        let span = match span.strip_suffix(" days") {
            None => (span == "all").then_some(Span::All)?,
            Some(days) => Span::Last(days.parse().ok().filter(|days| (1..=3_660).contains(days))?),
        };
        let steps = [Step::Hour, Step::Day, Step::Week(weeks), Step::Month];
        let step = match step {
            "auto" => None,
            step => Some(steps.into_iter().find(|own| own.name() == step)?),
        };
        Some(Self { span, step, weeks, against: Against::Before })
    }

    /// The same with weeks that start on another day.
    #[must_use]
    pub fn with_weeks(self, weeks: WeekStart) -> Self {
        let step = self.step.map(|step| if let Step::Week(_) = step { Step::Week(weeks) } else { step });
        Self { step, weeks, ..self }
    }

    /// The days of one window of this view, in shorter steps; `None` where there are none.
    pub fn inside(self, window: WindowStart, step: Step) -> Option<Self> {
        let WindowStart::Date(from) = window else { return None };
        let (to, step) = match step {
            Step::Month => (from.last_of_month(), Step::Day),
            Step::Week(_) => (from.checked_add(6.days()).unwrap_or(from), Step::Day),
            Step::Day => (from, Step::Hour),
            Step::Hour | Step::All => return None,
        };
        Some(Self { span: Span::Days(from, to), step: Some(step), against: Against::Before, ..self })
    }

    /// Makes the request for these days.
    pub fn request(&self, readings: &Readings, weighting: Weighting) -> Option<ReportRequest> {
        let (from, to) = self.days(readings)?;
        let step = self.step.unwrap_or_else(|| self.suiting_step(from, to));
        let hours = ReportRequest::WHOLE_DAYS;
        let detail = Detail::Statistics;
        Some(ReportRequest { step, from: Some(from), to: Some(to), hours, detail, weighting })
    }

    /// The step that suits these days. Everything is counted in whole weeks: the server sees what is asked for, and
    /// must not learn from it on which day of a week somebody began.
    fn suiting_step(&self, from: Date, to: Date) -> Step {
        let [first, last] = [from, to].map(|date| Week::of_day(days_since_epoch(date)));
        match self.span {
            Span::All if first == last => Step::Hour,
            Span::All => Step::for_days(i64::from(last.day(DAYS - 1) - first.monday()) + 1, self.weeks),
            Span::Last(_) | Span::Days(..) => Step::for_days(length(from, to), self.weeks),
        }
    }

    /// The days that these are compared with, in the same steps; `None` where everything is looked at and no others were
    /// chosen.
    pub fn compared(&self, readings: &Readings, weighting: Weighting) -> Option<ReportRequest> {
        let request = self.request(readings, weighting)?;
        if let Against::Days(from, to) = self.against {
            return Some(ReportRequest { from: Some(from), to: Some(to), ..request });
        }
        if self.span == Span::All {
            return None;
        }
        let (from, to) = (request.from?, request.to?);
        let before = earlier(from, 1);
        let from = earlier(before, length(from, to) - 1);
        Some(ReportRequest { from: Some(from), to: Some(before), ..request })
    }
}

fn length(from: Date, to: Date) -> i64 {
    i64::from(days_since_epoch(to) - days_since_epoch(from)) + 1
}

fn earlier(date: Date, days: i64) -> Date {
    date.checked_sub(days.days()).unwrap_or(Date::MIN)
}

/// The server's answer about a year by day, and the days before it that baselines are made of.
#[derive(Clone, PartialEq, Debug)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// The server's answer.
    pub answered: Answered,
}

impl Year {
    /// The request for it.
    pub(super) fn request(year: i16, weighting: Weighting) -> Option<ReportRequest> {
        let from = earlier(Date::new(year, 1, 1).ok()?, i64::from(BASELINE_DAYS));
        let (from, to) = (Some(from), Some(Date::new(year, 12, 31).ok()?));
        let (hours, detail) = (ReportRequest::WHOLE_DAYS, Detail::Statistics);
        Some(ReportRequest { step: Step::Day, from, to, hours, detail, weighting })
    }
}

/// The server's answer about a view.
#[derive(Clone, PartialEq, Debug)]
pub struct Overview {
    /// The view.
    pub view: View,
    /// Its days.
    pub days: (Date, Date),
    /// The server's answer about them.
    pub now: Answered,
    /// The server's answer about the days that they are compared with, if there are readings.
    pub before: Option<Before>,
    /// What this computer draws itself.
    pub own: OwnData,
}

/// The days that a view's are compared with.
#[derive(Clone, PartialEq, Debug)]
pub struct Before {
    /// The days.
    pub days: (Date, Date),
    /// The server's answer about them.
    pub answered: Answered,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Rate, Reading};

    #[test]
    fn a_view_ends_with_the_last_reading_and_has_as_many_days_before_it() {
        let at = |day: i64| Reading::sample(day * 86_400_000, Rate::MIN);
        let readings = Readings::from_list([at(0), at(40)]);
        let view = View { span: Span::Last(7), ..View::default() };
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(view.days(&readings), Some((day("1970-02-04"), day("1970-02-10"))));
        for view in [view, View { step: Some(Step::Month), ..View::default() }] {
            assert_eq!(view.name().and_then(|name| View::named(&name, view.weeks)), Some(view));
        }
        for other in ["", "all", "0 days, auto", "7 days, year", "x, auto"] {
            assert_eq!(View::named(other, WeekStart::default()), None, "{other}");
        }
        let before = view.compared(&readings, Weighting::Time).unwrap();
        assert_eq!((before.from, before.to), (Some(day("1970-01-28")), Some(day("1970-02-03"))));
        assert_eq!(View::default().compared(&readings, Weighting::Time), None);
        assert_eq!(view.request(&Readings::default(), Weighting::Time), None);
    }

    #[test]
    fn everything_has_the_same_windows_wherever_in_its_weeks_it_begins_and_ends() {
        let reading = |day: i64| Reading::sample((4 + day) * 86_400_000, Rate::MIN);
        let step = |first: i64, last: i64| {
            let readings = Readings::from_list([reading(first), reading(last)]);
            View::default().request(&readings, Weighting::Time).unwrap().step
        };
        assert_eq!(View::default().span, Span::All);
        for weeks in [1, 17, 18, 104, 105] {
            assert_eq!(step(0, weeks * 7 - 1), step(6, weeks * 7 - 7), "{weeks} weeks");
        }
        assert_eq!(
            [step(3, 5), step(6, 7), step(0, 120), step(0, 729)],
            [Step::Hour, Step::Day, Step::Week(WeekStart::Monday), Step::Month]
        );
    }
}
