//! The pages that the sidebar leads to: a file a page, and the parts of pages that are larger than a card.
//!
//! A page gets a [`Ctx`](super::context::Ctx) and its own state. What two pages show belongs in `widgets` or `charts`.

pub(in crate::ui) mod bundle_paths;
pub(in crate::ui) mod bundles;
pub(in crate::ui) mod bytes_view;
pub(in crate::ui) mod compare;
pub(in crate::ui) mod entry_form;
pub(in crate::ui) mod figures;
pub(in crate::ui) mod first_start;
pub(in crate::ui) mod help;
pub(in crate::ui) mod key;
pub(in crate::ui) mod overview;
pub(in crate::ui) mod parameters;
pub(in crate::ui) mod range;
pub(in crate::ui) mod readings;
pub(in crate::ui) mod readings_table;
pub(in crate::ui) mod sceptic;
pub(in crate::ui) mod selector;
pub(in crate::ui) mod server;
pub(in crate::ui) mod server_settings;
pub(in crate::ui) mod settings;
pub(in crate::ui) mod windows_table;
pub(in crate::ui) mod zone_settings;
