//! The columns of a chunk.

use super::{HISTOGRAM_SLOTS, N, Profile, SLOT_BYTES, TAG_BYTES};

/// A column of a chunk: a packed ciphertext of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Column {
    /// The rate of each reading in 1/100 bpm.
    Rate = 0,
    /// The low 15 bits of each squared rate.
    SquareLow = 1,
    /// The remaining high bits of each squared rate.
    SquareHigh = 2,
    /// The number of readings in each 1-bpm bin from 20 to 275.
    Histogram = 3,
}

impl Column {
    /// Every column, in the order in which they stand in a chunk.
    pub const ALL: [Self; 4] = [Self::Rate, Self::SquareLow, Self::SquareHigh, Self::Histogram];

    /// Its name in files and sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::SquareLow => "square-low",
            Self::SquareHigh => "square-high",
            Self::Histogram => "histogram",
        }
    }

    /// The column that a byte names, if any.
    pub const fn from_u8(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Rate),
            1 => Some(Self::SquareLow),
            2 => Some(Self::SquareHigh),
            3 => Some(Self::Histogram),
            _ => None,
        }
    }

    /// Whether a server folds the slots of a chunk into their sum before it adds chunks.
    pub const fn folds(self) -> bool {
        !matches!(self, Self::Histogram)
    }

    /// Slots of this column in a chunk of padded length `len`. The histogram's length never
    /// depends on the readings.
    pub const fn slots(self, len: usize) -> usize {
        if self.folds() { len } else { HISTOGRAM_SLOTS }
    }

    /// Words of a (folded) ciphertext: the mask's and the body's.
    pub const fn sum_words(self, profile: Profile) -> usize {
        profile.lwe_dimension() + if self.folds() { 1 } else { HISTOGRAM_SLOTS }
    }

    /// Bytes of this column in a chunk: its body and its tag.
    pub const fn bytes(self, len: usize) -> usize {
        self.slots(len) * SLOT_BYTES + TAG_BYTES
    }
}

const _: () = assert!(HISTOGRAM_SLOTS <= N);

/// A set of columns, as the byte that a chunk carries: bit i is the column numbered i.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct ColumnSet(u8);

impl ColumnSet {
    /// What averages and standard deviations need.
    pub const MOMENTS: Self = Self(0b0111);

    /// Every column.
    pub const ALL: Self = Self(0b1111);

    /// The columns that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set of these columns.
    pub fn of(columns: &[Column]) -> Self {
        Self(columns.iter().fold(0, |bits, &column| bits | 1 << column as u8))
    }

    /// The set that a byte names: at least one column, and no unknown one.
    pub const fn from_u8(bits: u8) -> Option<Self> {
        if bits == 0 || bits >= 1 << Column::ALL.len() { None } else { Some(Self(bits)) }
    }

    /// The byte that names this set.
    pub const fn to_u8(self) -> u8 {
        self.0
    }

    /// Whether `column` is in the set.
    pub const fn contains(self, column: Column) -> bool {
        self.0 >> column as u8 & 1 == 1
    }

    /// Whether every column of `other` is in the set.
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The columns of the set, in their order in a chunk.
    pub fn iter(self) -> impl Iterator<Item = Column> {
        Column::ALL.into_iter().filter(move |&column| self.contains(column))
    }

    /// Bytes of the columns of a chunk of padded length `len`.
    pub fn bytes(self, len: usize) -> usize {
        self.iter().map(|column| column.bytes(len)).sum()
    }
}
