//! The columns of a sheet, and the shape of each.

use super::{N, ParameterSet, SLOT_BYTES, TAG_BYTES};

/// Hours whose distributions have a column each.
const HOUR_COLUMNS: usize = 24;
/// Every column that there can be.
const COLUMNS: usize = 3 + HOUR_COLUMNS;
/// Positions in a phase from one hour of a folded column to the next.
const HOUR_STRIDE: usize = 84;

/// A column of a sheet: a packed ciphertext of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Column(u8);

/// How a server folds a column: it sums each hour's slots, `stride` apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fold {
    /// Slots that become one.
    pub rows: usize,
    /// From one of them to the next; also the sums of an hour.
    pub stride: usize,
}

const NAMES: [&str; COLUMNS] = [
    "rate", "squares", "days", "hour-00", "hour-01", "hour-02", "hour-03", "hour-04", "hour-05", "hour-06", "hour-07",
    "hour-08", "hour-09", "hour-10", "hour-11", "hour-12", "hour-13", "hour-14", "hour-15", "hour-16", "hour-17",
    "hour-18", "hour-19", "hour-20", "hour-21", "hour-22", "hour-23",
];

impl Column {
    /// The weighted rate of each cell: slot 7·t + d for cell t of day d.
    pub const RATE: Self = Self(0);
    /// The low and the high 15 bits of the weighted squares of two cells: slot 14·u + 7·half + d for ten minutes u.
    pub const SQUARES: Self = Self(1);
    /// How much of each day is in each bin of 1 bpm from 20: slot 7·bin + d.
    pub const DAYS: Self = Self(2);

    /// The distribution of one hour of the day, laid out like that of the days; `None` beyond 23.
    pub const fn hour(hour: u8) -> Option<Self> {
        Self::from_u8(hour.saturating_add(3))
    }

    /// Every column, by its number.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..COLUMNS as u8).map(Self)
    }

    /// Its number in files, frames and labels.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The column that a byte names, if any.
    pub const fn from_u8(value: u8) -> Option<Self> {
        if (value as usize) < COLUMNS { Some(Self(value)) } else { None }
    }

    /// Its name in files and sentences.
    pub const fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }

    /// Slots of this column in a sheet: always the same, whatever was measured.
    pub const fn slots(self) -> usize {
        if self.fold().is_some() { 2016 } else { 1792 }
    }

    /// How a server folds it; `None` if it is added as it is.
    pub const fn fold(self) -> Option<Fold> {
        match self {
            Self::RATE => Some(Fold { rows: 12, stride: 7 }),
            Self::SQUARES => Some(Fold { rows: 6, stride: 14 }),
            _ => None,
        }
    }

    /// Words of the body that a server adds: folded where it folds.
    pub const fn body_words(self) -> usize {
        match self.fold() {
            Some(fold) => HOUR_COLUMNS * fold.stride,
            None => self.slots(),
        }
    }

    /// The coefficient of the phase that holds word `word` of the body that a server adds.
    pub const fn position(self, word: usize) -> usize {
        match self.fold() {
            Some(Fold { stride, .. }) => HOUR_STRIDE * (word / stride) + word % stride,
            None => word,
        }
    }

    /// Words of a sum: the masks', then the body's.
    pub const fn sum_words(self, parameters: ParameterSet) -> usize {
        parameters.mask_words() + self.body_words()
    }

    /// Bytes of this column in a sheet: seed, body and tag.
    pub const fn bytes(self) -> usize {
        16 + self.slots() * SLOT_BYTES + TAG_BYTES
    }
}

const _: () = assert!(Column::RATE.slots() <= N && Column::RATE.slots() == HOUR_COLUMNS * HOUR_STRIDE);

/// A set of columns, as the number that a sheet carries: bit i is the column numbered i.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub struct ColumnSet(u32);

impl ColumnSet {
    /// No column.
    pub const NONE: Self = Self(0);
    /// The columns that every bundle has.
    pub const WEEK: Self = Self(0b111);
    /// The distributions of the hours of the day.
    pub const HOURS: Self = Self(((1 << HOUR_COLUMNS) - 1) << 3);
    /// Every column.
    pub const ALL: Self = Self((1 << COLUMNS) - 1);

    /// The columns that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The columns that are in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The set of one column.
    pub const fn of(column: Column) -> Self {
        Self(1 << column.0)
    }

    /// The set that a number names: at least one column, and no unknown one.
    pub const fn from_u32(bits: u32) -> Option<Self> {
        if bits == 0 || bits > Self::ALL.0 { None } else { Some(Self(bits)) }
    }

    /// The number that names this set.
    pub const fn to_u32(self) -> u32 {
        self.0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `column` is in the set.
    pub const fn contains(self, column: Column) -> bool {
        self.0 >> column.0 & 1 == 1
    }

    /// The columns of the set, by their numbers.
    pub fn iter(self) -> impl Iterator<Item = Column> {
        Column::all().filter(move |&column| self.contains(column))
    }

    /// Bytes of these columns in a sheet.
    pub fn bytes(self) -> usize {
        self.iter().map(Column::bytes).sum()
    }
}

impl FromIterator<Column> for ColumnSet {
    fn from_iter<T: IntoIterator<Item = Column>>(columns: T) -> Self {
        columns.into_iter().fold(Self::NONE, |set, column| set.union(Self::of(column)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_those_of_the_format() {
        let shape = |column: Column| (column.slots(), column.body_words(), column.bytes());
        assert_eq!(shape(Column::RATE), (2016, 168, 12_128));
        assert_eq!(shape(Column::SQUARES), (2016, 336, 12_128));
        assert_eq!(shape(Column::DAYS), (1792, 1792, 10_784));
        assert_eq!(shape(Column::hour(23).unwrap()), (1792, 1792, 10_784));
        assert_eq!((Column::hour(24), Column::hour(255)), (None, None));
        assert_eq!((Column::RATE.position(7 * 5 + 3), Column::SQUARES.position(14 * 5 + 7 + 3)), (423, 430));
        assert_eq!(ColumnSet::ALL.iter().count(), 27);
        assert_eq!(Column::all().map(Column::name).collect::<std::collections::BTreeSet<_>>().len(), 27);
        assert_eq!((ColumnSet::from_u32(0), ColumnSet::from_u32(1 << 27)), (None, None));
    }
}
