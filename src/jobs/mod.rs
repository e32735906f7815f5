//! Work that the window and the terminal share: bundles exported, asked about, opened and restored; files
//! inspected; tables of results written; the cost of encryption measured.
//!
//! Each is a function that runs to its end, reports its progress and can be stopped. Who waits for it, and on which
//! thread, is not decided here.

mod answer_scope;
pub mod bundles;
mod child;
mod connect;
mod inspect;
mod measure;
mod tables;

pub use answer_scope::AnswerScope;
pub use bundles::{BundleError, ExportOptions};
pub use connect::{Connect, Connection, Line, connect, connect_to, server_thread};
pub use inspect::{Fact, inspect};
pub use measure::{Measured, Work, measure};
pub(crate) use tables::{write_log, write_readings, write_table};
