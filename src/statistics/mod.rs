//! What sums tell: from counts, sums, sums of squares and distributions to every statistic that is shown.
//!
//! Nothing in here knows how a sum is made. [`Report::make`] says which sums it needs as [`Question`]s
//! and takes the answers from whoever can give them: a server that sees only ciphertexts, a file that
//! came back from another machine, or [`plain::answer`], which adds up the readings in the clear so that
//! the others can be checked. All of it is integers until the last division.

mod check;
mod fit;
pub mod plain;
mod question;
mod report;
mod resting;
mod sums;
mod table;
mod zones;

pub use check::{Compared, compare};
pub use fit::Trend;
pub use question::{Needs, Question};
pub use report::{Detail, Report, Request, Windowed};
pub use resting::{Resting, RestingDay, RestingMethod};
pub use sums::{BINS, FIRST_BIN_BPM, Sums};
pub use table::{Difference, Table, change, differences};
pub use zones::{InZone, Maximum, Zone, ZoneBounds, Zones, ZonesError};
