//! Cells of five minutes of civil time, and how long each of them stands for.
//!
//! People's watches measure every few minutes, and every second in a workout. With one vote a
//! reading, a workout would count sixty times; so each cell is weighted by the five-minute steps
//! that it stands for: itself, and its share of the empty steps on either side.

use std::ops::Range;
use std::sync::Arc;

use super::week::{DAYS, HOURS, Week};
use super::{HourKey, HourReadings, Slot};

/// Cells of a day.
pub const CELLS_A_DAY: usize = 288;
/// Cells of an hour.
pub const CELLS_AN_HOUR: usize = CELLS_A_DAY / HOURS;
/// Seconds of a cell, and of one step of its weight.
pub const CELL_SECS: u64 = 300;
pub(super) const CELL_MS: i64 = CELL_SECS as i64 * 1_000;
/// The most that the cells of one hour weigh together: its own steps, and seven on either side.
pub const MOST_HOUR_WEIGHT: u64 = CELLS_AN_HOUR as u64 + 2 * LONE_SHARE as u64;

/// Neighbours that are at most so many steps apart share the steps between them.
const MOST_SHARED_GAP: i64 = 15;
/// Steps that a cell without a near neighbour takes on each side.
const LONE_SHARE: u8 = 7;

/// A cell that holds readings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    /// Its place in the week: 288·d + t for cell t of day d from Monday.
    pub(super) at: u16,
    /// Readings in it.
    pub(super) count: u32,
    /// The instants of its first and its last reading, in milliseconds since the Unix epoch.
    pub(super) instants_ms: (i64, i64),
}

/// Where a cell stands on the endless grid of civil time, and its instants: all that its
/// neighbours need to know of it.
#[derive(Clone, Copy)]
pub(super) struct Neighbour {
    grid: i64,
    instants_ms: (i64, i64),
}

impl Cell {
    pub(super) fn index(&self, week: Week) -> Neighbour {
        let grid = i64::from(week.monday()) * CELLS_A_DAY as i64 + i64::from(self.at);
        Neighbour { grid, instants_ms: self.instants_ms }
    }
}

/// The facts about one hour of a week that are known without its readings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HourFacts {
    /// Readings.
    pub count: u32,
    /// Cells that hold them.
    pub cells: u8,
    /// Five-minute steps that these cells stand for.
    pub weight: u8,
}

/// The [`HourFacts`] of a week: by day from Monday, then by hour.
pub type HourTable = [[HourFacts; HOURS]; DAYS];

/// Where the cells of an hour begin and end among its slots: empty ranges for cells without readings.
#[inline]
fn cell_ranges(slots: &[Slot]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    (1..=CELLS_AN_HOUR as u32).map(move |next| {
        let end_ms = next * CELL_MS as u32;
        let rest = &slots[start..];
        // Dense hours are searched, sparse ones walked through.
        let len = if rest.len() > 64 {
            rest.partition_point(|slot| slot.ms < end_ms)
        } else {
            rest.iter().position(|slot| slot.ms >= end_ms).unwrap_or(rest.len())
        };
        let range = start..start + len;
        start = range.end;
        range
    })
}

/// The cells of a week's hours, in civil order. The passes of an hour that occurs twice share theirs.
pub(super) fn cells_of(hours: &[(HourKey, Arc<HourReadings>)], week: Week) -> Vec<Cell> {
    let monday = i64::from(week.monday()) * CELLS_A_DAY as i64;
    let mut cells: Vec<Cell> = Vec::new();
    for (key, hour) in hours {
        let first = key.hour.local_secs().div_euclid(CELL_SECS as i64) - monday;
        let (start_ms, slots) = (key.hour.start_ms(), hour.slots());
        for (at, range) in (first..).zip(cell_ranges(slots)) {
            let (Some(earliest), Some(latest)) = (slots[range.clone()].first(), slots[range.clone()].last()) else {
                continue;
            };
            let instants_ms = (start_ms + i64::from(earliest.ms), start_ms + i64::from(latest.ms));
            cells.push(Cell { at: at as u16, count: range.len() as u32, instants_ms });
        }
    }
    // An hour that occurs twice has two passes, and so have its cells.
    if !cells.is_sorted_by(|a, b| a.at < b.at) {
        cells.sort_by_key(|cell| cell.at);
        cells.dedup_by(|next, cell| {
            let same = next.at == cell.at;
            if same {
                cell.count += next.count;
                let ((first, last), (other_first, other_last)) = (cell.instants_ms, next.instants_ms);
                cell.instants_ms = (first.min(other_first), last.max(other_last));
            }
            same
        });
    }
    cells
}

/// Steps from one cell to the next: on the grid or by their instants, whichever is less.
fn gap(earlier: Neighbour, later: Neighbour) -> i64 {
    let apart_ms = later.instants_ms.0 - earlier.instants_ms.1;
    (later.grid - earlier.grid).min((2 * apart_ms + CELL_MS).div_euclid(2 * CELL_MS))
}

/// Divides the steps between two neighbours: how many the earlier and how many the later takes; `None` if they are
/// too far apart to share them.
pub(super) fn shared(earlier: Neighbour, later: Neighbour) -> Option<(u8, u8)> {
    let gap = gap(earlier, later);
    let between = (gap - 1).max(0) as u8;
    (gap <= MOST_SHARED_GAP).then_some((between.div_ceil(2), between / 2))
}

/// The steps that the first and the last cell of a week take on the way to their neighbours in other weeks; `None`
/// where there is no near one.
pub(super) type Sides = (Option<u8>, Option<u8>);

/// The weights of a week's cells.
pub(super) fn weights_of(cells: &[Cell], week: Week, (first, last): Sides) -> Vec<u8> {
    let mut weights = Vec::with_capacity(cells.len());
    let mut left = first;
    for (i, cell) in cells.iter().enumerate() {
        let (right, later) = match cells.get(i + 1) {
            Some(next) => shared(cell.index(week), next.index(week)).unzip(),
            None => (last, None),
        };
        weights.push(weight(left, right));
        left = later;
    }
    weights
}

/// A cell's own step, and what it takes on either side. Where one side is open, it takes as many as on the other.
fn weight(left: Option<u8>, right: Option<u8>) -> u8 {
    match (left, right) {
        (Some(left), Some(right)) => 1 + left + right,
        (Some(one), None) | (None, Some(one)) => 1 + 2 * one,
        (None, None) => 1 + 2 * LONE_SHARE,
    }
}
