//! Veilbeat: heart-rate averages, computed by a machine that cannot read a single reading.

pub mod cli;
pub mod client;
mod fields;
pub mod import;
pub mod platform;
pub mod protocol;
pub mod reading;
pub mod scheme;
pub mod server;
pub mod session;
pub mod statistics;
pub mod ui;
pub mod vault;
