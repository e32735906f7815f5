//! Whether two reports say the same, statistic by statistic.

use std::fmt::Debug;

use super::report::Report;
use super::sums::Sums;

/// One statistic, compared wherever it occurs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// Its name.
    pub name: &'static str,
    /// In how many places it was compared: windows, hours of the day, and so on.
    pub places: usize,
    /// The first difference, in words; `None` if there is none.
    pub difference: Option<String>,
}

impl Compared {
    /// Whether it is the same everywhere.
    pub fn is_equal(&self) -> bool {
        self.difference.is_none()
    }
}

/// Compares what was answered with what was computed in the clear. Nothing is rounded: both sides do
/// the same divisions on what must be the same integers.
pub fn compare(answered: &Report, plain: &Report) -> Vec<Compared> {
    let mut list = Vec::new();
    let (answered_sums, plain_sums) = (places(answered), places(plain));
    let mut each = |name, of: &dyn Fn(&Sums) -> String| {
        let sides = |sums: &[(String, &Sums)]| sums.iter().map(|(at, sums)| (at.clone(), of(sums))).collect();
        list.push(compared(name, sides(&answered_sums), sides(&plain_sums)));
    };
    each("count", &|sums| sums.count.to_string());
    each("time covered", &|sums| shown(&sums.covered_secs()));
    each("weight", &|sums| shown(&(sums.weight, sums.divisor)));
    each("sum", &|sums| shown(&sums.sum));
    each("mean", &|sums| shown(&sums.mean_bpm()));
    each("standard deviation", &|sums| shown(&sums.sd_bpm()));
    each("minimum", &|sums| shown(&sums.min_bpm()));
    each("maximum", &|sums| shown(&sums.max_bpm()));
    each("median", &|sums| shown(&sums.median_bpm()));
    each("5th percentile", &|sums| shown(&sums.percentile_bpm(5)));
    each("95th percentile", &|sums| shown(&sums.percentile_bpm(95)));
    each("distribution and zones", &|sums| shown(&(&sums.bins, sums.sample_bins())));
    let mut one = |name, of: &dyn Fn(&Report) -> Vec<(String, String)>| {
        list.push(compared(name, of(answered), of(plain)));
    };
    one("7-day average", &|report| {
        report.moving_bpm.iter().map(|(date, bpm)| (date.to_string(), shown(bpm))).collect()
    });
    one("trend", &|report| vec![("all".to_owned(), shown(&report.trend))]);
    one("daily rhythm", &|report| vec![("all".to_owned(), shown(&report.rhythm))]);
    one("resting rate", &|report| {
        let days = report.resting.iter().flat_map(|resting| &resting.days);
        days.map(|day| (day.date.to_string(), shown(&(day.bpm, day.method)))).collect()
    });
    one("mean resting rate", &|report| {
        let resting = report.resting.iter().map(|resting| shown(&(resting.method, resting.mean_bpm)));
        resting.map(|shown| ("all".to_owned(), shown)).collect()
    });
    one("resting trend", &|report| {
        report.resting.iter().map(|resting| ("all".to_owned(), shown(&resting.trend))).collect()
    });
    list
}

/// Every set of readings whose sums a report holds.
fn places(report: &Report) -> Vec<(String, &Sums)> {
    let windows = report.windows.iter().map(|window| (window.start.to_string(), &window.sums));
    let overall = std::iter::once(("all".to_owned(), &report.overall));
    let hours = report.by_hour.iter().enumerate().map(|(hour, sums)| (format!("hour {hour:02}"), sums));
    let weekdays = report.by_weekday.iter().enumerate().map(|(day, sums)| (format!("weekday {}", day + 1), sums));
    let week = report.by_week_hour.iter().enumerate().map(|(hour, sums)| (format!("hour {hour} of the week"), sums));
    windows.chain(overall).chain(hours).chain(weekdays).chain(week).collect()
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}")
}

fn compared(name: &'static str, answered: Vec<(String, String)>, plain: Vec<(String, String)>) -> Compared {
    let places = answered.len().max(plain.len());
    let difference = if answered.len() == plain.len() {
        answered.into_iter().zip(plain).find(|(answered, plain)| answered != plain).map(
            |((at, answered), (_, plain))| {
                // A distribution is long: that it differs is enough.
                let short = |text: String| if text.len() > 80 { "another one".to_owned() } else { text };
                format!("{at}: answered {}, in the clear {}", short(answered), short(plain))
            },
        )
    } else {
        Some(format!("{} answered, {} in the clear", answered.len(), plain.len()))
    };
    Compared { name, places, difference }
}
