//! Statistics as text for people and as JSON for other programs.

use std::fmt::{Display, Write};

use serde::Serialize;

use crate::client::Traffic;
use crate::reading::{Kind, Step};
use crate::statistics::{Compared, Detail, Report, ReportRequest, Sums, Weighting, Zones};

/// Everything that is printed about a range.
#[derive(Serialize)]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<About>,
    pub(super) readings: usize,
    pub(super) refused: usize,
    weighting: &'static str,
    /// Days with readings, and how many of them have only a device's average.
    measured_days: usize,
    averaged_days: usize,
    /// Whether all of it is averages of activities.
    #[serde(skip)]
    activities: bool,
    /// How long the windows are.
    #[serde(skip)]
    step: Step,
    #[serde(skip)]
    weighting_words: &'static str,
    windows: Vec<Window>,
    #[serde(flatten)]
    traffic: Option<Cost>,
    #[serde(flatten)]
    statistics: Option<Statistics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<Vec<Checked>>,
}

/// The scope of an answer.
#[derive(Serialize)]
pub(super) struct About {
    export: String,
    exported: String,
    from: Option<String>,
    to: Option<String>,
    hours: (i8, i8),
    step: &'static str,
    superseded: bool,
}

impl About {
    pub(super) fn new(about: &crate::jobs::AnswerScope) -> Self {
        let exported = jiff::Timestamp::from_millisecond(about.made_ms).map(|time| time.to_string());
        Self {
            export: about.export.to_string(),
            exported: exported.unwrap_or_default(),
            from: about.days.map(|days| days.0.to_string()),
            to: about.days.map(|days| days.1.to_string()),
            hours: about.request.hours,
            step: about.request.step.full_name(),
            superseded: about.superseded,
        }
    }
}

/// The bytes that crossed the boundary, and how long the work took.
#[derive(Serialize)]
struct Cost {
    upload_bytes: u64,
    answer_bytes: u64,
    encrypt_ms: f64,
    server_ms: f64,
    decrypt_ms: f64,
}

#[derive(Serialize)]
struct Window {
    start: Option<String>,
    count: u64,
    covered_minutes: Option<u64>,
    mean: Option<f64>,
    sd: Option<f64>,
    #[serde(flatten)]
    distribution: Option<Distribution>,
}

#[derive(Serialize)]
struct Distribution {
    min: Option<u16>,
    max: Option<u16>,
    median: Option<u16>,
    p05: Option<u16>,
    p95: Option<u16>,
    zones: Vec<Zone>,
}

/// Rates from `from`, included, to `to`, not included, in bpm.
#[derive(Serialize)]
struct Zone {
    name: &'static str,
    from: u16,
    to: u16,
    count: Option<u64>,
    seconds: Option<u64>,
    share: Option<f64>,
}

#[derive(Serialize)]
struct Statistics {
    overall: Window,
    trend_per_week: Option<f64>,
    trend_se: Option<f64>,
    trend_significant: Option<bool>,
    resting: Option<Resting>,
    rhythm: Option<Rhythm>,
}

/// A cosine of 24 hours through the means of the hours; hours are counted from local midnight.
#[derive(Serialize)]
struct Rhythm {
    level: f64,
    level_se: f64,
    amplitude: f64,
    amplitude_se: f64,
    peak_hour: f64,
    peak_se_hours: f64,
    lowest_hour: usize,
    lowest_mean: f64,
    highest_hour: usize,
    highest_mean: f64,
    days: usize,
}

#[derive(Serialize)]
struct Resting {
    method: &'static str,
    /// The mean of the days of this method, and their number.
    mean: f64,
    mean_of_days: usize,
    trend_per_week: Option<f64>,
    trend_se: Option<f64>,
    days: Vec<RestingDay>,
}

#[derive(Serialize)]
struct RestingDay {
    start: String,
    rate: f64,
    method: &'static str,
}

#[derive(Serialize)]
struct Checked {
    statistic: &'static str,
    places: usize,
    equal: bool,
    difference: Option<String>,
}

impl Window {
    fn new(start: Option<String>, sums: &Sums, zones: Zones, request: &ReportRequest) -> Self {
        let zones = |sums| {
            let shares = zones.share(sums).into_iter().flatten();
            shares.map(|share| Zone {
                name: share.zone.name,
                from: share.zone.from_bpm,
                to: share.zone.to_bpm,
                count: (request.weighting == Weighting::Readings).then_some(share.amount),
                seconds: (request.weighting == Weighting::Time).then_some(share.amount),
                share: share.share,
            })
        };
        let distribution = (request.detail >= Detail::Statistics).then(|| Distribution {
            min: sums.min_bpm(),
            max: sums.max_bpm(),
            median: sums.median_bpm(),
            p05: sums.percentile_bpm(5),
            p95: sums.percentile_bpm(95),
            zones: zones(sums).collect(),
        });
        let covered_minutes = sums.covered_secs().map(|secs| secs / 60);
        Self { start, count: sums.count, covered_minutes, mean: sums.mean_bpm(), sd: sums.sd_bpm(), distribution }
    }
}

impl Output {
    /// Makes the output of a report; without one, it says that there is nothing.
    pub(super) fn new(report: Option<&Report>, zones: Zones, request: &ReportRequest) -> Self {
        let windows = report.map(|report| &report.windows[..]).unwrap_or_default();
        let none = Sums::default();
        let overall = report.map_or(&none, |report| &report.overall);
        let trend = report.and_then(|report| report.trend);
        let resting = report.and_then(|report| report.resting.as_ref()).map(|resting| Resting {
            method: resting.method.name(),
            mean: resting.mean_bpm,
            mean_of_days: resting.of_method,
            trend_per_week: resting.trend.map(|trend| trend.per_week_bpm),
            trend_se: resting.trend.map(|trend| trend.standard_error_bpm),
            days: resting.days.iter().map(resting_day).collect(),
        });
        let statistics = (request.detail >= Detail::Statistics).then(|| Statistics {
            overall: Window::new(report.map(|report| report.days.0.to_string()), overall, zones, request),
            trend_per_week: trend.map(|trend| trend.per_week_bpm),
            trend_se: trend.map(|trend| trend.standard_error_bpm),
            trend_significant: trend.map(|trend| trend.is_significant),
            resting,
            rhythm: report.and_then(|report| report.rhythm).map(|rhythm| Rhythm {
                level: rhythm.level_bpm,
                level_se: rhythm.level_error_bpm,
                amplitude: rhythm.amplitude_bpm,
                amplitude_se: rhythm.amplitude_error_bpm,
                peak_hour: rhythm.peak_hour,
                peak_se_hours: rhythm.peak_error_hours,
                lowest_hour: rhythm.lowest.0,
                lowest_mean: rhythm.lowest.1,
                highest_hour: rhythm.highest.0,
                highest_mean: rhythm.highest.1,
                days: rhythm.days,
            }),
        });
        Self {
            about: None,
            readings: overall.count as usize,
            refused: 0,
            weighting: request.weighting.name(),
            weighting_words: request.weighting.words(),
            step: report.map_or(request.step, |report| report.step),
            measured_days: report.map_or(0, |report| report.measured_days.0),
            averaged_days: report.map_or(0, |report| report.measured_days.1),
            activities: report.is_some_and(|report| report.kind == Kind::Activity),
            windows: windows
                .iter()
                .map(|window| Window::new(Some(window.start.to_string()), &window.sums, zones, request))
                .collect(),
            traffic: None,
            statistics,
            check: None,
        }
    }

    pub(super) fn with_traffic(self, traffic: &Traffic) -> Self {
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        let traffic = Cost {
            upload_bytes: traffic.upload_bytes,
            answer_bytes: traffic.answer_bytes,
            encrypt_ms: ms(traffic.encrypt),
            server_ms: ms(traffic.server),
            decrypt_ms: ms(traffic.decrypt),
        };
        Self { traffic: Some(traffic), ..self }
    }

    pub(super) fn with_check(self, compared: &[Compared]) -> Self {
        let check = compared.iter().map(|compared| Checked {
            statistic: compared.name,
            places: compared.places,
            equal: compared.is_equal(),
            difference: compared.difference.clone(),
        });
        Self { check: Some(check.collect()), ..self }
    }

    pub(super) fn json(&self) -> String {
        // Numbers and strings only: there is nothing in here that could fail to become JSON.
        let mut json = serde_json::to_string(self).unwrap_or_default();
        json.push('\n');
        json
    }

    /// A table of the windows, and below it the figures for all of them together.
    pub(super) fn table(&self) -> String {
        let width = self.windows.iter().filter_map(|window| window.start.as_ref()).map(String::len).max();
        let width = width.unwrap_or(0).max(if self.statistics.is_some() { 7 } else { 5 });
        let (start, covered) = ("start", "covered");
        let mut table = format!("{start:width$}  {:>9}  {covered:>10}  {:>8}  {:>8}", "readings", "mean bpm", "sd bpm");
        if self.statistics.is_some() {
            for name in ["min", "p05", "median", "p95", "max"] {
                // Writing to a string cannot fail.
                let _ = write!(table, "  {name:>6}");
            }
        }
        table.push('\n');
        for window in &self.windows {
            window.row(&mut table, width, window.start.as_deref().unwrap_or_default());
        }
        if let Some(statistics) = &self.statistics {
            if self.step != Step::All {
                statistics.overall.row(&mut table, width, "overall");
            }
            if !self.activities {
                statistics.words(&mut table, self.step);
            }
        }
        let _ = writeln!(table, "\nMeans: {}", self.weighting_words);
        table
    }
}

impl Window {
    fn row(&self, table: &mut String, width: usize, name: &str) {
        let (covered, mean, sd) = (minutes(self.covered_minutes), decimals(self.mean), decimals(self.sd));
        let _ = write!(table, "{name:width$}  {:>9}  {covered:>10}  {mean:>8}  {sd:>8}", self.count);
        if let Some(Distribution { min, p05, median, p95, max, .. }) = &self.distribution {
            for value in [min, p05, median, p95, max] {
                let _ = write!(table, "  {:>6}", shown(*value));
            }
        }
        table.push('\n');
    }
}

impl Statistics {
    fn words(&self, out: &mut String, step: Step) {
        out.push('\n');
        let trend = match (self.trend_per_week, self.trend_se, self.trend_significant) {
            (Some(per_week), Some(error), significant) => {
                let chance = if significant == Some(true) { "" } else { ", which may be chance" };
                format!("{per_week:+.2} bpm a week ± {error:.2}{chance}")
            }
            _ if step <= Step::Day => "– (needs 3 days with readings)".to_owned(),
            _ => "– (needs 3 windows with readings)".to_owned(),
        };
        let _ = writeln!(out, "Trend    {trend}");
        match &self.resting {
            Some(resting) => {
                let days = resting.mean_of_days;
                let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
                let _ = writeln!(out, "Resting  {:.1} bpm over {days} ({})", resting.mean, resting.method);
            }
            None => out.push_str("Resting  – (no whole day has readings in 6 hours or more)\n"),
        }
        match &self.rhythm {
            Some(rhythm) => {
                let minutes = (rhythm.peak_hour * 60.0).round() as u64 % 1_440;
                let (hour, minute) = (minutes / 60, minutes % 60);
                let _ = writeln!(
                    out,
                    "Rhythm   {:.1} ± {:.1} bpm, swing {:.1} ± {:.1} bpm, highest about {hour:02}:{minute:02} ± {:.1} h",
                    rhythm.level, rhythm.level_se, rhythm.amplitude, rhythm.amplitude_se, rhythm.peak_se_hours
                );
            }
            None => out.push_str("Rhythm   – (needs 4 days with readings in 18 hours or more)\n"),
        }
        let zones = self.overall.distribution.iter().flat_map(|distribution| &distribution.zones);
        let zones: Vec<&Zone> = zones.collect();
        if let Some(first) = zones.first() {
            let (amount, of) =
                if first.seconds.is_some() { ("time", "time covered") } else { ("readings", "readings") };
            let _ = writeln!(out, "\nZone           bpm     {amount:>10}   share of {of}");
        }
        for zone in zones {
            let share = zone.share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0));
            let amount = zone.seconds.map_or_else(|| shown(zone.count), |seconds| minutes(Some(seconds / 60)));
            let _ = writeln!(out, "{:<12}  {:>3}–{:<3}  {amount:>10}  {share:>8}", zone.name, zone.from, zone.to - 1);
        }
        out.push_str("\nInformation, not diagnosis\n");
    }
}

fn resting_day(day: &crate::statistics::RestingDay) -> RestingDay {
    RestingDay { start: day.date.to_string(), rate: day.bpm, method: day.method.name() }
}

/// A time as hours and minutes: `23 h 05`.
fn minutes(minutes: Option<u64>) -> String {
    shown(minutes.map(|minutes| format!("{} h {:02}", minutes / 60, minutes % 60)))
}

fn decimals(value: Option<f64>) -> String {
    shown(value.map(|value| format!("{value:.2}")))
}

fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}
