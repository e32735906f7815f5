//! The same report in the clear, on this computer: what answers are checked against.
//!
//! It shares the definitions with the encryption's packing and nothing else: readings are laid out
//! on the endless grid of civil time, one list a cell, and everything is summed from there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::question::{Measure, Question, WeekTable};
use super::report::Report;
use super::report_plan::ReportPlan;
use super::request::{ReportRequest, Weighting};
use super::sums::{BINS, FIRST_BIN_BPM};
use crate::reading::{HourTable, Kind, Readings, Week, WeekIndex, WeekKey};

const CELL_MS: i64 = 300_000;
const DAY_CELLS: i64 = 288;

/// Computes the report that `request` asks for, without encryption. `None` if the range holds no readings.
pub fn report(readings: &Readings, request: &ReportRequest) -> Option<Report> {
    let grid = Grid::new(readings);
    let plan = ReportPlan::new(Arc::new(grid.index()), request);
    let answers: Vec<WeekTable> =
        plan.questions().iter().map(|question| grid.answer(question, request.weighting)).collect();
    plan.finish(&answers)
}

/// The answers to questions about readings.
pub fn answer(readings: &Readings, questions: &[Question], weighting: Weighting) -> Vec<WeekTable> {
    let grid = Grid::new(readings);
    questions.iter().map(|question| grid.answer(question, weighting)).collect()
}

/// A cell: when its first and last readings were, its rates in 1/100 bpm, and its weight.
struct PlainCell {
    first_ms: i64,
    last_ms: i64,
    rates: Vec<u64>,
    weight: u64,
}

/// The cells of each kind, by the number of cells since 1970-01-01T00:00 civil time.
struct Grid {
    cells: BTreeMap<Kind, BTreeMap<i64, PlainCell>>,
    /// Weeks of days that a device's averages cover and samples too: they have a sheet all the same.
    weeks: BTreeSet<WeekKey>,
}

fn week_of(cell: i64) -> Week {
    Week::of_day(cell.div_euclid(DAY_CELLS) as i32)
}

impl Grid {
    fn new(readings: &Readings) -> Self {
        let mut cells: BTreeMap<Kind, BTreeMap<i64, PlainCell>> = BTreeMap::new();
        for reading in readings.iter() {
            let civil_ms = reading.instant_ms + i64::from(reading.offset_secs) * 1_000;
            let ms = reading.instant_ms;
            let cell = cells.entry(reading.kind).or_default().entry(civil_ms.div_euclid(CELL_MS));
            let cell = cell.or_insert(PlainCell { first_ms: ms, last_ms: ms, rates: Vec::new(), weight: 0 });
            (cell.first_ms, cell.last_ms) = (cell.first_ms.min(ms), cell.last_ms.max(ms));
            cell.rates.push(reading.rate.centi_bpm().into());
        }
        cells.values_mut().for_each(weigh);
        let weeks = cells.iter().flat_map(|(&kind, of)| of.keys().map(move |&at| WeekKey { kind, week: week_of(at) }));
        let weeks = weeks.collect();
        let sampled: BTreeSet<i64> =
            cells.get(&Kind::Sample).into_iter().flat_map(BTreeMap::keys).map(|at| at.div_euclid(DAY_CELLS)).collect();
        if let Some(averages) = cells.get_mut(&Kind::Average) {
            averages.retain(|at, _| !sampled.contains(&at.div_euclid(DAY_CELLS)));
        }
        Self { cells, weeks }
    }

    fn index(&self) -> WeekIndex {
        let mut tables: BTreeMap<WeekKey, HourTable> =
            self.weeks.iter().map(|&key| (key, HourTable::default())).collect();
        for (&kind, cells) in &self.cells {
            for (&at, cell) in cells {
                let day = at.div_euclid(DAY_CELLS) as i32;
                let week = Week::of_day(day);
                let Some(table) = tables.get_mut(&WeekKey { kind, week }) else { continue };
                let hour = &mut table[(day - week.monday()) as usize][(at.rem_euclid(DAY_CELLS) / 12) as usize];
                hour.count += cell.rates.len() as u32;
                hour.cells += 1;
                hour.weight += cell.weight as u8;
            }
        }
        tables.into_iter().collect()
    }

    fn answer(&self, question: &Question, weighting: Weighting) -> WeekTable {
        let mut table = WeekTable::zero(question.measure);
        for week in &question.weeks {
            let first = i64::from(week.monday()) * DAY_CELLS;
            let cells = self.cells.get(&question.kind).into_iter();
            for (at, cell) in cells.flat_map(|cells| cells.range(first..first + 7 * DAY_CELLS)) {
                let (day, hour) = (((at - first) / DAY_CELLS) as usize, ((at - first) % DAY_CELLS / 12) as usize);
                match (&mut table, question.measure) {
                    (WeekTable::Hours(hours), Measure::Rate) => hours[day][hour] += cell.rate(weighting),
                    (WeekTable::Hours(hours), _) => hours[day][hour] += cell.square(weighting),
                    (WeekTable::Bins(days), measure) => {
                        if measure == Measure::Days || measure == Measure::Hour(hour as u8) {
                            cell.share(weighting).into_iter().for_each(|(bin, amount)| days[day][bin] += amount);
                        }
                    }
                }
            }
        }
        table
    }
}

/// Gives each cell the steps that it stands for.
fn weigh(cells: &mut BTreeMap<i64, PlainCell>) {
    let list: Vec<(i64, i64, i64)> = cells.iter().map(|(&at, cell)| (at, cell.first_ms, cell.last_ms)).collect();
    // The steps between neighbours, where they are near enough to share them.
    let between: Vec<Option<u64>> = list
        .windows(2)
        .map(|pair| {
            let steps = (pair[1].1 - pair[0].2) as f64 / CELL_MS as f64;
            let gap = (pair[1].0 - pair[0].0).min((steps + 0.5).floor() as i64);
            if gap > 15 { None } else { Some(gap.max(1) as u64 - 1) }
        })
        .collect();
    for (i, cell) in cells.values_mut().enumerate() {
        let before = i.checked_sub(1).and_then(|i| between[i]).map(|steps| steps / 2);
        let after = between.get(i).copied().flatten().map(|steps| steps - steps / 2);
        cell.weight = 1 + match (before, after) {
            (None, None) => 14,
            (before, after) => before.or(after).unwrap_or(0) + after.or(before).unwrap_or(0),
        };
    }
}

impl PlainCell {
    fn n(&self) -> u64 {
        self.rates.len() as u64
    }

    fn sum(&self) -> u64 {
        self.rates.iter().sum()
    }

    fn squares(&self) -> u64 {
        self.rates.iter().map(|rate| rate * rate).sum()
    }

    fn mean(&self) -> u64 {
        (2 * self.sum() + self.n()) / (2 * self.n())
    }

    fn rate(&self, weighting: Weighting) -> u64 {
        match weighting {
            Weighting::Readings => self.sum(),
            Weighting::Time => self.weight * self.mean(),
        }
    }

    fn square(&self, weighting: Weighting) -> u64 {
        if weighting == Weighting::Readings {
            return self.squares();
        }
        let (n, sum) = (u128::from(self.n()), u128::from(self.sum()));
        let scaled = n * u128::from(self.squares()) - sum * sum;
        let variance = ((2 * scaled + n * n) / (2 * n * n)) as u64;
        self.weight * (self.mean().pow(2) + variance)
    }

    /// How much of the cell is in each bin that it has.
    fn share(&self, weighting: Weighting) -> BTreeMap<usize, u64> {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        for rate in &self.rates {
            let bin = usize::try_from(rate / 100).map_or(0, |bpm| bpm - usize::from(FIRST_BIN_BPM)).min(BINS - 1);
            *counts.entry(bin).or_default() += 1;
        }
        if weighting == Weighting::Readings {
            return counts;
        }
        let (n, seconds) = (self.n(), 300 * self.weight);
        let mut shares: BTreeMap<usize, u64> =
            counts.iter().map(|(&bin, count)| (bin, (seconds * count / n).max(1))).collect();
        // Of the bins that were not raised to one second, the one with the largest remainder gains first.
        let mut waiting: Vec<(u64, usize)> = counts
            .iter()
            .filter(|(_, count)| seconds * **count >= n)
            .map(|(&bin, count)| (seconds * count % n, bin))
            .collect();
        waiting.sort_by_key(|&(rest, bin)| (std::cmp::Reverse(rest), bin));
        let mut waiting = waiting.into_iter();
        while shares.values().sum::<u64>() < seconds {
            let Some((_, bin)) = waiting.next() else { break };
            shares.entry(bin).and_modify(|share| *share += 1);
        }
        while shares.values().sum::<u64>() > seconds {
            let most = shares.values().copied().max().unwrap_or(0);
            if let Some((_, fullest)) = shares.iter_mut().find(|(_, share)| **share == most) {
                *fullest -= 1;
            }
        }
        shares
    }
}
