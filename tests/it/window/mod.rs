//! The window, driven as a person would: by what it says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod bundles;
#[path = "../../driver/mod.rs"]
mod driver;
mod files;
mod frames;
mod key;
mod manners;
mod many_files;
mod overview;
mod readings;
mod report;
mod start;
