//! How much a server takes and does for one client.

use crate::protocol::{Refusal, SumRequest, largest_request};

/// The limits of a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the sheets that it holds.
    pub bytes: u64,
    /// Sheets that it holds.
    pub sheets: u32,
    /// Sums of one request.
    pub sums: u32,
    /// Sheets that are added up for one request.
    pub additions: u64,
}

impl Default for Limits {
    /// Some sixty times ten years of one person with distributions by the hour, and half a minute of adding.
    fn default() -> Self {
        Self { bytes: 1_000_000_000, sheets: 65_536, sums: 65_536, additions: 1_000_000 }
    }
}

impl Limits {
    /// No limits, for a client of the same program.
    pub(super) const NONE: Self = Self { bytes: u64::MAX, sheets: u32::MAX, sums: u32::MAX, additions: u64::MAX };

    /// The most bytes that a frame to this server may have.
    pub fn largest_frame(&self) -> usize {
        largest_request(self.sums, self.additions)
    }

    /// Whether a request keeps within them.
    pub(super) fn allow(&self, request: &SumRequest) -> Result<(), Refusal> {
        if request.sums.len() as u64 > u64::from(self.sums) {
            return Err(Refusal::TooManySums);
        }
        let ranges = request.sums.iter().flat_map(|sum| &sum.ranges);
        let additions: u64 = ranges.map(|range| u64::from(range.count)).sum();
        if additions > self.additions { Err(Refusal::TooMuchWork) } else { Ok(()) }
    }
}
