//! The slots of a sheet, and the meaning of decrypted messages: both directions in one module.

use crate::reading::{
    CELL_SECS, CELLS_AN_HOUR, CellReadings, DAYS, HOURS, MOST_FILLED_WEEKS, MOST_HOUR_WEIGHT, Rate, WeekReadings,
};
use crate::scheme::{Column, ColumnSet, MAX_SHEETS, MOST_MESSAGE, exact_sheets};
use crate::statistics::{BINS, Measure, WeekTable, Weighting};

/// Bits of a square that its low half holds.
const SQUARE_LOW_BITS: u32 = 15;
const SQUARE_LOW_MASK: u64 = (1 << SQUARE_LOW_BITS) - 1;
/// Readings of an hour that one sheet holds, where each counts once.
const MOST_IN_A_SHEET: u32 = 1 << 17;

// Both halves of the largest square are 15-bit messages, and so is the largest rate.
const _: () = assert!((Rate::MAX.centi_bpm() as u64).pow(2) >> SQUARE_LOW_BITS < MOST_MESSAGE);
const _: () = assert!((Rate::MAX.centi_bpm() as u64) <= MOST_MESSAGE && SQUARE_LOW_MASK == MOST_MESSAGE);
const _: () = assert!((Rate::MAX.centi_bpm() / 100 - Rate::MIN.centi_bpm() / 100) as usize == BINS - 1);
const _: () = assert!(exact_sheets(MOST_HOUR_WEIGHT * MOST_MESSAGE) == MAX_SHEETS);
// As many weeks as one sum takes have a sheet each, readings or not.
const _: () = assert!(MOST_FILLED_WEEKS as usize == MAX_SHEETS);

/// Sheets that a week takes: one, or more where each reading counts once and an hour has very many.
pub(super) fn pieces(week: &WeekReadings, weighting: Weighting) -> u32 {
    match weighting {
        Weighting::Time => 1,
        Weighting::Readings => week.most_in_an_hour().div_ceil(MOST_IN_A_SHEET).max(1),
    }
}

/// The most sheets that one sum may cover, where no hour of the kind has more readings than `most_in_an_hour`.
pub(super) fn sheets_of_a_sum(weighting: Weighting, most_in_an_hour: u32) -> usize {
    const CLASSES: [u64; 4] = [120, 1_024, 8_192, MOST_IN_A_SHEET as u64];
    match weighting {
        Weighting::Time => MAX_SHEETS,
        Weighting::Readings => {
            let class = CLASSES.into_iter().find(|&class| u64::from(most_in_an_hour) <= class);
            exact_sheets(class.unwrap_or(MOST_IN_A_SHEET.into()) * MOST_MESSAGE)
        }
    }
}

/// The readings of an hour that a piece of its week holds, of `count`.
pub(super) fn count_in_piece(count: u32, piece: u32) -> u32 {
    count.saturating_sub(piece.saturating_mul(MOST_IN_A_SHEET)).min(MOST_IN_A_SHEET)
}

/// The columns that a measure is made of.
pub(super) fn column_of(measure: Measure) -> Column {
    match measure {
        Measure::Rate => Column::RATE,
        Measure::Squares => Column::SQUARES,
        Measure::Days => Column::DAYS,
        Measure::Hour(hour) => Column::hour(hour).unwrap_or(Column::DAYS),
    }
}

/// The slots of the columns that are packed; those that are not wanted are empty.
struct Slots {
    rate: Vec<u32>,
    squares: Vec<u32>,
    days: Vec<u32>,
    hours: Vec<Vec<u32>>,
}

/// The messages of some columns of a week, slot by slot.
pub(super) fn pack(
    week: &WeekReadings,
    weighting: Weighting,
    piece: u32,
    columns: ColumnSet,
) -> Vec<(Column, Vec<u32>)> {
    let wanted = |column: Column| vec![0; if columns.contains(column) { column.slots() } else { 0 }];
    let hours = (0..HOURS as u8).filter_map(Column::hour).map(wanted).collect();
    let (rate, squares, days) = (wanted(Column::RATE), wanted(Column::SQUARES), wanted(Column::DAYS));
    let mut slots = Slots { rate, squares, days, hours };
    let mut sharing = Sharing::default();
    let (pieces, mut in_hour) = (pieces(week, weighting), InHour::default());
    week.each_cell(|cell| {
        let cell = if pieces > 1 { in_hour.piece(cell, piece) } else { cell };
        if !cell.slots.is_empty() {
            slots.add(&cell, weighting, &mut sharing);
        }
    });
    let Slots { rate, squares, days, hours } = slots;
    let packed = Column::all().zip([rate, squares, days].into_iter().chain(hours));
    packed.filter(|(column, _)| columns.contains(*column)).collect()
}

impl Slots {
    #[inline]
    fn add(&mut self, cell: &CellReadings, weighting: Weighting, sharing: &mut Sharing) {
        if !self.rate.is_empty() || !self.squares.is_empty() {
            let (rate, square_low, square_high) = moments(cell, weighting);
            if let Some(slot) = self.rate.get_mut(DAYS * cell.cell + cell.day) {
                *slot = rate;
            }
            let at = 2 * DAYS * (cell.cell / 2) + cell.day;
            for (at, half) in [(at, square_low), (at + DAYS, square_high)] {
                if let Some(slot) = self.squares.get_mut(at) {
                    *slot += half;
                }
            }
        }
        let hour = &mut self.hours[cell.cell / CELLS_AN_HOUR];
        if !self.days.is_empty() || !hour.is_empty() {
            sharing.share(cell, weighting);
            for &(bin, amount) in &sharing.amounts {
                let at = DAYS * usize::from(bin) + cell.day;
                for slots in [&mut self.days, &mut *hour] {
                    if let Some(slot) = slots.get_mut(at) {
                        *slot += amount;
                    }
                }
            }
        }
    }
}

/// Counts the readings of an hour, cell by cell, to find those of one piece.
#[derive(Default)]
struct InHour {
    hour: Option<(usize, usize)>,
    readings: usize,
}

impl InHour {
    /// The readings of a cell that are in a piece. Cells come in civil order.
    fn piece<'a>(&mut self, cell: CellReadings<'a>, piece: u32) -> CellReadings<'a> {
        let hour = (cell.day, cell.cell / CELLS_AN_HOUR);
        if self.hour.replace(hour) != Some(hour) {
            self.readings = 0;
        }
        let start = (piece as usize * MOST_IN_A_SHEET as usize).saturating_sub(self.readings).min(cell.slots.len());
        let end = ((piece as usize + 1) * MOST_IN_A_SHEET as usize).saturating_sub(self.readings).min(cell.slots.len());
        self.readings += cell.slots.len();
        CellReadings { slots: &cell.slots[start..end], ..cell }
    }
}

/// Returns the values that a cell adds to its rate slot and to the two halves of its squares.
fn moments(cell: &CellReadings, weighting: Weighting) -> (u32, u32, u32) {
    if let [slot] = cell.slots {
        // Most cells of most people.
        let weight = if weighting == Weighting::Time { u32::from(cell.weight) } else { 1 };
        let rate = u32::from(slot.rate.centi_bpm());
        let square = rate * rate;
        return (weight * rate, weight * (square & SQUARE_LOW_MASK as u32), weight * (square >> SQUARE_LOW_BITS));
    }
    let rates = || cell.slots.iter().map(|slot| u64::from(slot.rate.centi_bpm()));
    let sum: u64 = rates().sum();
    if weighting == Weighting::Readings {
        let low: u64 = rates().map(|rate| (rate * rate) & SQUARE_LOW_MASK).sum();
        let high: u64 = rates().map(|rate| (rate * rate) >> SQUARE_LOW_BITS).sum();
        return (sum as u32, low as u32, high as u32);
    }
    let squares: u64 = rates().map(|rate| rate * rate).sum();
    let (n, weight) = (cell.slots.len() as u64, u64::from(cell.weight));
    let mean = (2 * sum + n) / (2 * n);
    let square = mean * mean + variance(n, sum, squares);
    let weighted = |value: u64| (weight * value) as u32;
    (weighted(mean), weighted(square & SQUARE_LOW_MASK), weighted(square >> SQUARE_LOW_BITS))
}

/// (n·Σx² − (Σx)²) / n², rounded to the nearest whole number, halves up.
fn variance(n: u64, sum: u64, squares: u64) -> u64 {
    if n == 1 {
        return 0;
    }
    // n·Σx² stays below 2^61.
    if n < 1 << 15 {
        return (2 * (n * squares - sum * sum) + n * n) / (2 * n * n);
    }
    let (n, sum, squares) = (u128::from(n), u128::from(sum), u128::from(squares));
    ((2 * (n * squares - sum * sum) + n * n) / (2 * n * n)) as u64
}

/// The 1-bpm bin of a rate: 0 for 20.00 to 20.99 bpm.
fn bin_of(rate: Rate) -> u8 {
    (rate.centi_bpm() / 100 - Rate::MIN.centi_bpm() / 100) as u8
}

/// How much of a cell is in each bin that it has.
struct Sharing {
    counts: Box<[u32; BINS]>,
    /// Each bin, in order, and its seconds or readings.
    amounts: Vec<(u8, u32)>,
    /// Indices of bins that were not raised to one second, and what was cut off of them.
    rests: Vec<(u64, usize)>,
}

impl Default for Sharing {
    fn default() -> Self {
        Self { counts: Box::new([0; BINS]), amounts: Vec::new(), rests: Vec::new() }
    }
}

impl Sharing {
    /// Shares the readings of a cell, or under *time* the seconds that it stands for: `T·n_b/n` each, at least one,
    /// so that minimum and maximum are never lost. The remainders decide over what is left.
    fn share(&mut self, cell: &CellReadings, weighting: Weighting) {
        self.amounts.clear();
        if let ([slot], Weighting::Time) = (cell.slots, weighting) {
            return self.amounts.push((bin_of(slot.rate), CELL_SECS as u32 * u32::from(cell.weight)));
        }
        let (mut first, mut last) = (u8::MAX, 0);
        for slot in cell.slots {
            let bin = bin_of(slot.rate);
            (first, last) = (first.min(bin), last.max(bin));
            self.counts[usize::from(bin)] += 1;
        }
        let counts = &mut self.counts[usize::from(first)..=usize::from(last)];
        self.amounts.extend((first..=last).zip(counts.iter().copied()).filter(|(_, count)| *count > 0));
        counts.fill(0);
        if weighting == Weighting::Time {
            self.seconds(cell.slots.len() as u64, CELL_SECS * u64::from(cell.weight));
        }
    }

    fn seconds(&mut self, n: u64, seconds: u64) {
        self.rests.clear();
        let mut sum = 0;
        for (i, (_, amount)) in self.amounts.iter_mut().enumerate() {
            let share = seconds * u64::from(*amount) / n;
            if share > 0 {
                self.rests.push((seconds * u64::from(*amount) - share * n, i));
            }
            *amount = share.max(1) as u32;
            sum += u64::from(*amount);
        }
        if sum < seconds {
            // Of equal remainders the lower bin comes first.
            self.rests.sort_unstable_by_key(|&(rest, i)| (std::cmp::Reverse(rest), i));
            for &(_, i) in self.rests.iter().take((seconds - sum) as usize) {
                self.amounts[i].1 += 1;
            }
        }
        for _ in seconds..sum {
            if let Some((_, fullest)) = self.amounts.iter_mut().rev().max_by_key(|(_, amount)| *amount) {
                *fullest -= 1;
            }
        }
    }
}

/// The table that the decrypted messages of a sum make.
pub(super) fn table(measure: Measure, messages: &[u64]) -> WeekTable {
    let mut table = WeekTable::zero(measure);
    match &mut table {
        WeekTable::Hours(hours) => {
            for day in 0..DAYS {
                for hour in 0..HOURS {
                    hours[day][hour] = match measure {
                        Measure::Rate => messages[DAYS * hour + day],
                        _ => {
                            let at = 2 * DAYS * hour + day;
                            messages[at] + (messages[at + DAYS] << SQUARE_LOW_BITS)
                        }
                    };
                }
            }
        }
        WeekTable::Bins(days) => {
            for (bin, values) in messages.chunks_exact(DAYS).enumerate() {
                for (day, &value) in values.iter().enumerate() {
                    days[day][bin] = value;
                }
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Kind, Reading, Readings, Slot, Source, Weeks};

    fn reading(secs: i64, offset_secs: i32, centi: u32) -> Reading {
        Reading {
            instant_ms: secs * 1_000,
            offset_secs,
            rate: Rate::from_centi_bpm(centi).unwrap(),
            kind: Kind::Sample,
            source: Source::default(),
            note: None,
        }
    }

    fn packed(readings: &[Reading], weighting: Weighting, column: Column) -> Vec<u32> {
        let weeks = Weeks::from(&Readings::from_list(readings.iter().cloned()));
        let week = weeks.iter().next().unwrap();
        pack(week, weighting, 0, ColumnSet::of(column)).remove(0).1
    }

    #[test]
    fn a_cell_holds_its_weighted_mean_and_square() {
        // Thursday 1970-01-01, 00:00 to 00:05, alone: 15 steps.
        let readings = [reading(0, 0, 6_000), reading(60, 0, 6_100), reading(120, 0, 6_100)];
        let rate = packed(&readings, Weighting::Time, Column::RATE);
        assert_eq!((rate[3], rate.iter().sum::<u32>()), (15 * 6_067, 15 * 6_067));
        let squares = packed(&readings, Weighting::Time, Column::SQUARES);
        // 6067² and a variance of 2222 (0.22 bpm²), in two halves.
        let square = 6_067u32 * 6_067 + 2_222;
        assert_eq!((squares[3], squares[10]), (15 * (square % 32_768), 15 * (square / 32_768)));
        let plain = packed(&readings, Weighting::Readings, Column::RATE);
        assert_eq!(plain[3], 18_200);
    }

    #[test]
    fn the_seconds_of_a_cell_add_up_and_lose_no_bin() {
        let mut sharing = Sharing::default();
        for seed in 0..2_000u32 {
            let n = 1 + seed as usize * seed as usize % 3_001;
            let rates: Vec<Rate> = (0..n as u32)
                .map(|i| Rate::from_centi_bpm(2_000 + (i.wrapping_mul(seed | 1) % (1 + seed * 97 % 25_600))).unwrap())
                .collect();
            let weight = (1 + seed % 15) as u8;
            let slots: Vec<Slot> = rates.iter().map(|&rate| Slot { ms: 0, rate, source: Source::default() }).collect();
            sharing.share(&CellReadings { day: 0, cell: 0, weight, slots: &slots }, Weighting::Time);
            let total: u32 = sharing.amounts.iter().map(|(_, amount)| amount).sum();
            assert_eq!(total, 300 * u32::from(weight));
            let bins: std::collections::BTreeSet<u8> = rates.iter().map(|&rate| bin_of(rate)).collect();
            assert!(sharing.amounts.iter().map(|(bin, _)| *bin).eq(bins) && sharing.amounts.iter().all(|a| a.1 > 0));
        }
    }

    #[test]
    fn an_hour_of_very_many_readings_takes_further_sheets() {
        let most = u64::from(MOST_IN_A_SHEET);
        assert_eq!([0, 1, 1 << 17, (1 << 17) + 1].map(|count| count_in_piece(count, 0)), [0, 1, 1 << 17, 1 << 17]);
        assert_eq!([5, (1 << 17) + 1].map(|count| count_in_piece(count, 1)), [0, 1]);
        let list = (0..most as i64 + 3).map(|i| Reading { instant_ms: i * 20, ..reading(0, 0, 6_000) });
        let weeks = Weeks::from(&Readings::from_list(list));
        let week = weeks.iter().next().unwrap();
        assert_eq!((pieces(week, Weighting::Readings), pieces(week, Weighting::Time)), (2, 1));
        let sum = |piece| -> u64 {
            let slots = pack(week, Weighting::Readings, piece, ColumnSet::of(Column::RATE)).remove(0).1;
            slots.iter().map(|&slot| u64::from(slot)).sum()
        };
        assert_eq!((sum(0), sum(1), sum(2)), (most * 6_000, 3 * 6_000, 0));
    }
}
