//! The statistics: from counts, sums, sums of squares and distributions to every figure that is shown.
//!
//! Nothing in here knows how a sum is made. A [`ReportPlan`] says which sums it needs as [`Question`]s,
//! each answered by a [`WeekTable`], and makes a [`Report`] of the answers, whoever gives them: a server
//! that sees only ciphertexts, a file that came back from another machine, or [`plain`], which adds up
//! the readings in the clear so that the others can be checked. All of it is integers until the last division.

mod baseline;
mod check;
pub mod plain;
mod question;
mod report;
mod report_plan;
mod request;
mod resting;
mod rhythm;
mod sums;
mod table;
mod trend;
mod zones;

pub use baseline::{BASELINE_DAYS, Baseline, median};
pub use check::{Compared, compare};
pub use question::{DayBins, HourSums, Measure, Question, WeekTable};
pub use report::{Report, Windowed};
pub use report_plan::ReportPlan;
pub use request::{Detail, ReportRequest, Weighting};
pub use resting::{Resting, RestingDay, RestingMethod};
pub use rhythm::Rhythm;
pub use sums::{BINS, FIRST_BIN_BPM, Sums};
pub use table::{Difference, Table, change, differences};
pub use trend::Trend;
pub use zones::{InZone, Maximum, Zone, ZoneBounds, Zones, ZonesError};
