//! Everything that needs no binary of its own: one program to link, and every test beside the others.

mod architecture;
mod bundle;
mod cases;
mod formats;
mod hostile;
mod import;
mod key;
mod server;
mod session;
mod statistics;
mod terminal;
mod vault;
#[cfg(feature = "window")]
mod window;
