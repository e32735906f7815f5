//! Pieces that pages are built of. They know the theme and the words for dates and numbers, and nothing of the
//! session.

pub(in crate::ui) mod columns;
pub(in crate::ui) mod danger;
pub(in crate::ui) mod dates;
pub(in crate::ui) mod day_picker;
pub(in crate::ui) mod gallery;
pub(in crate::ui) mod icons;
pub(in crate::ui) mod kit;
pub(in crate::ui) mod long_list;
pub(in crate::ui) mod numbers;
pub(in crate::ui) mod path_field;
pub(in crate::ui) mod sort_head;
pub(in crate::ui) mod wheel;
pub(in crate::ui) mod words;
