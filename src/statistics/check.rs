//! Whether two reports say the same, statistic by statistic.

use std::fmt::{Debug, Display};

use super::report::Report;
use super::sums::Sums;
use super::trend::Trend;

/// One statistic, compared wherever it occurs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// Its name.
    pub name: &'static str,
    /// Its value over the whole range, as it was decrypted and as it was computed in the clear.
    pub values: [String; 2],
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
    let mut each = |name, value: &dyn Fn(&Sums) -> String, of: &dyn Fn(&Sums) -> String| {
        let sides = |sums: &[(String, &Sums)]| sums.iter().map(|(at, sums)| (at.clone(), of(sums))).collect();
        let values = [answered, plain].map(|report| value(&report.overall));
        list.push(compared(name, values, sides(&answered_sums), sides(&plain_sums)));
    };
    each("count", &|sums| sums.count.to_string(), &|sums| sums.count.to_string());
    each("time covered", &|sums| unit(sums.covered_secs(), "s"), &|sums| shown(&sums.covered_secs()));
    each("weight", &|sums| sums.weight.to_string(), &|sums| shown(&(sums.weight, sums.divisor)));
    each("sum", &|sums| unit(sums.sum, "/100 bpm"), &|sums| shown(&sums.sum));
    each("mean", &|sums| bpm(sums.mean_bpm()), &|sums| shown(&sums.mean_bpm()));
    each("standard deviation", &|sums| bpm(sums.sd_bpm()), &|sums| shown(&sums.sd_bpm()));
    each("minimum", &|sums| bpm(sums.min_bpm()), &|sums| shown(&sums.min_bpm()));
    each("maximum", &|sums| bpm(sums.max_bpm()), &|sums| shown(&sums.max_bpm()));
    each("median", &|sums| bpm(sums.median_bpm()), &|sums| shown(&sums.median_bpm()));
    each("5th percentile", &|sums| bpm(sums.percentile_bpm(5)), &|sums| shown(&sums.percentile_bpm(5)));
    each("95th percentile", &|sums| bpm(sums.percentile_bpm(95)), &|sums| shown(&sums.percentile_bpm(95)));
    each("distribution and zones", &bins_words, &|sums| shown(&(&sums.bins, sums.sample_bins())));
    let mut one = |name, value: &dyn Fn(&Report) -> String, of: &dyn Fn(&Report) -> Vec<(String, String)>| {
        list.push(compared(name, [answered, plain].map(value), of(answered), of(plain)));
    };
    one("7-day average", &|report| bpm(report.moving_bpm.last().map(|(_, bpm)| bpm)), &|report| {
        report.moving_bpm.iter().map(|(date, bpm)| (date.to_string(), shown(bpm))).collect()
    });
    one("trend", &|report| slope(report.trend), &|report| vec![("all".to_owned(), shown(&report.trend))]);
    one("daily rhythm", &|report| bpm(report.rhythm.map(|rhythm| rhythm.amplitude_bpm)), &|report| {
        vec![("all".to_owned(), shown(&report.rhythm))]
    });
    let last = |report: &Report| report.resting.as_ref().and_then(|resting| Some(resting.days.last()?.bpm));
    one("resting rate", &|report| bpm(last(report)), &|report| {
        let days = report.resting.iter().flat_map(|resting| &resting.days);
        days.map(|day| (day.date.to_string(), shown(&(day.bpm, day.method)))).collect()
    });
    let mean = |report: &Report| report.resting.as_ref().map(|resting| resting.mean_bpm);
    one("mean resting rate", &|report| bpm(mean(report)), &|report| {
        let resting = report.resting.iter().map(|resting| shown(&(resting.method, resting.mean_bpm)));
        resting.map(|shown| ("all".to_owned(), shown)).collect()
    });
    one("resting trend", &|report| slope(report.resting.as_ref().and_then(|resting| resting.trend)), &|report| {
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

/// A value with its unit, to the last digit; a dash if there is none.
fn unit(value: Option<impl Display>, unit: &str) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value} {unit}"))
}

fn bpm(value: Option<impl Display>) -> String {
    unit(value, "bpm")
}

fn slope(trend: Option<Trend>) -> String {
    unit(trend.map(|trend| trend.per_week_bpm), "bpm/week")
}

/// How many of the bins of a distribution hold something, and how much they hold in all.
fn bins_words(sums: &Sums) -> String {
    sums.bins.as_ref().map_or_else(
        || "–".to_owned(),
        |bins| format!("{} in {} bins", bins.iter().sum::<u64>(), bins.iter().filter(|bin| **bin > 0).count()),
    )
}

fn compared(
    name: &'static str,
    values: [String; 2],
    answered: Vec<(String, String)>,
    plain: Vec<(String, String)>,
) -> Compared {
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
    Compared { name, values, places, difference }
}
