//! Veilbeat: heart-rate averages, computed by a machine that cannot read a single reading.

pub mod cli;
pub mod client;
pub mod import;
pub mod protocol;
pub mod reading;
pub mod scheme;
pub mod server;
pub mod ui;
