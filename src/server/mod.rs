//! The public side: holds encrypted sheets and adds up the ones that it is told to.
//!
//! It has no key, no times and no rates. The only operation is [`Store::sum`].

mod compute;
mod store;
mod thread;

pub use compute::{ComputeError, Cost, compute};
pub use store::{Adder, Store};
pub use thread::{Server, spawn};
