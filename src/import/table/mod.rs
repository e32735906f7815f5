//! Tables of text: recognised in their first lines, then read line by line.

pub(in crate::import) mod batch;
pub(in crate::import) mod columns;
pub(in crate::import) mod lines;
pub(in crate::import) mod names;
pub(in crate::import) mod people;
pub(in crate::import) mod plan;
pub(in crate::import) mod quotes;
pub(in crate::import) mod recognise;
pub(in crate::import) mod vendor_tables;
