//! The public side: holds encrypted sheets and adds up the ones that it is told to.
//!
//! It has no key, no times and no rates. The only operation is [`Store::sum`].

mod compute;
mod limits;
mod serve;
mod store;
mod store_file;
mod thread;
mod worker;

pub use compute::{ComputeError, Cost, compute};
pub use limits::Limits;
pub use serve::{ServeError, serve};
pub use store::{Adder, Store};
pub use store_file::{StoreError, StoreFile};
pub use thread::{Server, spawn};
