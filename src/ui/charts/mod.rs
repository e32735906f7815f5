//! The charts that are drawn from a report: the line, its axis, profiles, histograms. Nothing in here asks or
//! computes.

pub(in crate::ui) mod axis;
pub(in crate::ui) mod bars;
pub(in crate::ui) mod calendar;
pub(in crate::ui) mod chart;
pub(in crate::ui) mod day;
pub(in crate::ui) mod figure;
pub(in crate::ui) mod grid;
pub(in crate::ui) mod layers;
pub(in crate::ui) mod marks;
pub(in crate::ui) mod profiles;
pub(in crate::ui) mod recovery;
pub(in crate::ui) mod rhythm;
pub(in crate::ui) mod scatter;
pub(in crate::ui) mod snapshot;
pub(in crate::ui) mod week_map;
