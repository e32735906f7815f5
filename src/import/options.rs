//! The choices of a person where a file does not say.

use jiff::tz::TimeZone;

/// The order of the numbers of a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateOrder {
    /// 31/12/2026.
    DayFirst,
    /// 12/31/2026.
    MonthFirst,
    /// 26/12/31; years of four digits are recognised anyway.
    YearFirst,
    /// 2026-31-12, as `HRV4Training` writes it on some telephones.
    YearDayMonth,
}

/// The moment that seconds are counted from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Epoch {
    /// 1970-01-01T00:00:00Z.
    Unix,
    /// 1989-12-31T00:00:00Z, as in FIT files.
    Fit,
}

/// The unit of the numbers in a column of offsets from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OffsetUnit {
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl OffsetUnit {
    /// Every unit, longest first.
    pub const ALL: [Self; 4] = [Self::Hours, Self::Minutes, Self::Seconds, Self::Milliseconds];

    /// How many seconds one of them has.
    pub(super) fn seconds(self) -> f64 {
        match self {
            Self::Hours => 3600.0,
            Self::Minutes => 60.0,
            Self::Seconds => 1.0,
            Self::Milliseconds => 0.001,
        }
    }

    /// The name on screen and in the terminal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
        }
    }
}

/// Which column of a table names people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PersonColumn {
    /// No column names people, whatever the columns are called.
    None,
    /// This one, by its name or number from 1.
    Named(String),
}

/// The choices of a person, where a file does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of times that name no place.
    pub zone: TimeZone,
    /// Which person, in a file that holds several.
    pub person: Option<String>,
    /// The column that names people; what its name and values say if none is chosen.
    pub person_column: Option<PersonColumn>,
    /// The moment that seconds are counted from; the likelier one if none is chosen.
    pub epoch: Option<Epoch>,
    /// The unit of offsets from UTC that are numbers; what their column's name says, or the likelier one, if none is
    /// chosen.
    pub offset_unit: Option<OffsetUnit>,
    /// The order of day and month; the likelier one if none is chosen.
    pub date_order: Option<DateOrder>,
    /// The column of times in a table, by its name or number from 1.
    pub time_column: Option<String>,
    /// The column of rates in a table, by its name or number from 1.
    pub rate_column: Option<String>,
    /// The moment at which the file is read, in milliseconds since the Unix epoch: readings later than
    /// this are reported.
    pub now_ms: i64,
}

impl Options {
    /// Times that name no place are of this zone; everything else as the file has it.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            person: None,
            person_column: None,
            epoch: None,
            offset_unit: None,
            date_order: None,
            time_column: None,
            rate_column: None,
            now_ms: crate::reading::now().as_millisecond(),
        }
    }
}
