//! The window: asks and shows; computes nothing.

mod app;
mod axis;
mod bars;
mod bundles_page;
mod bytes_view;
mod chart;
mod columns;
mod compare;
mod dialogs;
mod first_start;
mod import_dialog;
mod key_dialog;
mod key_forms;
mod key_page;
mod long_list;
mod model;
mod notice;
mod overview;
mod parameters;
mod profiles;
mod readings_page;
mod readings_table;
mod save_dialog;
mod scatter;
mod server_page;
mod settings_page;
mod snapshot;
mod theme;
mod widgets;
mod window;
mod words;
mod zone_settings;

pub use app::{App, Setup};
pub use dialogs::{Dialogs, NativeDialogs, Reply, Wanted};
pub use window::open_window;
