//! The window: asks and shows; computes nothing.

mod app;
mod banners;
mod charts;
mod context;
mod dialogs;
mod locale;
mod meter;
mod model;
mod notice;
mod pages;
mod progress;
mod report;
mod server_trouble;
mod shortcuts;
mod status;
mod theme;
mod toast;
mod widgets;
mod window;
mod window_geometry;

pub use app::{App, Setup};
pub use dialogs::files::{Chosen, Dialogs, FilePurpose, NativeDialogs, Reply};
pub use locale::DateForms;
pub use meter::Meter;
pub use widgets::gallery::Gallery;
pub use window::open_window;
