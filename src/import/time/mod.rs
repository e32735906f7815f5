//! Times as they are written, and what the whole file makes of them: order, epoch, zone.

pub(in crate::import) mod clock_text;
pub(in crate::import) mod common_forms;
pub(in crate::import) mod cursor;
pub(in crate::import) mod dates;
pub(in crate::import) mod local_time;
pub(in crate::import) mod months;
pub(in crate::import) mod name_dates;
pub(in crate::import) mod order;
pub(in crate::import) mod resolve;
pub(in crate::import) mod stamp;
pub(in crate::import) mod stamp_text;
