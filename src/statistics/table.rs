//! Results as rows of text, for a file: plain numbers, dates as ISO 8601 writes them.

use super::{Report, Sums, Weighting, Zones};

/// A table of results.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// The names of the columns, with their units.
    pub head: Vec<String>,
    /// As many cells a row as there are columns; empty where there is nothing.
    pub rows: Vec<Vec<String>>,
}

/// A line of a comparison: its name with the unit, its decimals, and how it is read off a report.
type Line = (String, usize, Box<dyn Fn(&Report) -> Option<f64>>);

/// A number of a report, in each of two.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// The name of the number, with its unit.
    pub name: String,
    /// How many decimals are worth showing.
    pub decimals: usize,
    /// The earlier and the later one, where there are any.
    pub values: (Option<f64>, Option<f64>),
}

impl Difference {
    /// By how much the later one is larger, where there are both.
    pub fn change(&self) -> Option<f64> {
        change(self.values)
    }
}

/// By how much the later of two numbers is larger, where there are both.
pub fn change((then, now): (Option<f64>, Option<f64>)) -> Option<f64> {
    now.zip(then).map(|(now, then)| now - then)
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}

impl Table {
    /// One row for each window.
    pub fn of_windows(report: &Report, zones: Zones) -> Self {
        let mean = format!("mean bpm ({})", report.weighting.words());
        let names = [
            "start",
            "readings",
            "covered minutes",
            &mean,
            "sd bpm",
            "min bpm",
            "p05 bpm",
            "median bpm",
            "p95 bpm",
            "max bpm",
        ];
        let shares = zones.all().map(|zone| format!("{}, share", zone.name));
        let head = names.map(ToOwned::to_owned).into_iter().chain(shares).collect();
        let rows = report.windows.iter().map(|window| Self::row(window.start.to_string(), &window.sums, zones));
        Self { head, rows: rows.collect() }
    }

    fn row(start: String, sums: &Sums, zones: Zones) -> Vec<String> {
        let whole = |value: Option<u16>| value.map_or_else(String::new, |value| value.to_string());
        let covered = sums.covered_secs().map_or_else(String::new, |secs| (secs / 60).to_string());
        let mut row =
            vec![start, sums.count.to_string(), covered, number(sums.mean_bpm(), 4), number(sums.sd_bpm(), 4)];
        let percentiles = [sums.min_bpm(), sums.percentile_bpm(5), sums.median_bpm(), sums.percentile_bpm(95)];
        row.extend(percentiles.into_iter().chain([sums.max_bpm()]).map(whole));
        match zones.share(sums) {
            Some(shares) => row.extend(shares.iter().map(|share| number(share.share, 4))),
            None => row.extend(zones.all().map(|_| String::new())),
        }
        row
    }

    /// Two reports side by side.
    pub fn of_differences(names: [String; 2], differences: &[Difference]) -> Self {
        let [then, now] = names;
        let row = |line: &Difference| {
            let (then, now) = line.values;
            vec![line.name.clone(), number(then, 4), number(now, 4), number(line.change(), 4)]
        };
        Self {
            head: vec!["statistic".into(), then, now, "difference".into()],
            rows: differences.iter().map(row).collect(),
        }
    }
}

/// Compares two reports, number by number.
pub fn differences(then: &Report, now: &Report, zones: Zones) -> Vec<Difference> {
    let line = |name: &str, decimals, value: fn(&Report) -> Option<f64>| -> Line {
        (name.to_owned(), decimals, Box::new(value))
    };
    let mut lines = vec![
        line("Average, bpm", 1, |report| report.overall.mean_bpm()),
        line("Deviation, bpm", 1, |report| report.overall.sd_bpm()),
        line("Resting, bpm", 1, |report| report.resting.as_ref().map(|resting| resting.mean_bpm)),
        line("Lowest, bpm", 0, |report| report.overall.min_bpm().map(f64::from)),
        line("Median, bpm", 0, |report| report.overall.median_bpm().map(f64::from)),
        line("Highest, bpm", 0, |report| report.overall.max_bpm().map(f64::from)),
        line("Trend, bpm a week", 1, |report| report.trend.map(|trend| trend.per_week_bpm)),
        line("Readings", 0, |report| Some(report.overall.count as f64)),
    ];
    for (index, zone) in zones.all().into_iter().enumerate().skip(1) {
        let share = move |report: &Report| zones.share(&report.overall)?[index].share.map(|share| share * 100.0);
        let of = if now.weighting == Weighting::Time { "time" } else { "readings" };
        lines.push((format!("{}, % of {of}", zone.name), 1, Box::new(share)));
    }
    let compared = |(name, decimals, value): Line| Difference { name, decimals, values: (value(then), value(now)) };
    lines.into_iter().map(compared).collect()
}
