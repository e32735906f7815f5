//! The bytes that cross the boundary between the secret and the public side, and how they are read.
//!
//! Every frame is parsed from fixed-size little-endian fields. A length is checked against what is
//! there before anything is allocated, and a frame must end where its fields end. No general
//! deserialiser ever sees these bytes.

mod connection;
mod explain;
pub mod files;
mod framing;
mod hello;
mod line;
mod log;
mod reply;
mod request;
mod sheet;
mod tamper;

pub use crate::fields::Malformed;
pub use connection::{ClientEnd, Disconnected, ServerEnd, connect, narrow};
pub use explain::{FrameKind, Meaning, Subject, explain};
pub use files::{ExportId, KeyId};
pub use framing::{FrameError, largest_reply, largest_request, read_frame, write_frame};
pub use hello::{Files, Greeting, PROTOCOL, Page, SHEETS_A_PAGE, Sandbox, SheetDigest, StoreDigest, StoreId, Version};
pub use line::{LineFault, over_streams};
pub use log::{Direction, Log, LogEntry, Passed};
pub use reply::{Progress, Refusal, Refused, Reply};
pub use request::{Request, RequestId, SheetId, SheetRange, SumQuestion, SumRequest};
pub use sheet::{ColumnView, SHEET_HEADER_BYTES, SheetHeader, SheetView};
pub use tamper::FlippedBit;
