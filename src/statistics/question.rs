//! What has to be summed.

use crate::reading::HourKey;

/// Which sums over some hours are needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Needs {
    /// The sum of the rates.
    Sum,
    /// The sum of the rates and that of their squares.
    Moments,
    /// The distribution.
    Distribution,
    /// All of them.
    Everything,
}

/// Some hours, and which sums over their readings are needed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What it is about, in words: `2026-10-30`, `hour 07`, `trend`.
    pub name: String,
    /// The hours, in order, none twice.
    pub hours: Vec<HourKey>,
    /// Which sums.
    pub needs: Needs,
}
