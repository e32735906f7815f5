//! Everything that needs no binary of its own: one program to link, and every test beside the others.

mod amiss;
mod architecture;
mod bundle;
mod cases;
mod formats;
mod fuzz;
mod hostile;
mod import;
mod key;
#[path = "../mutation/mod.rs"]
mod mutation;
mod server;
mod session;
mod statistics;
mod terminal;
mod vault;
#[cfg(feature = "window")]
mod window;
