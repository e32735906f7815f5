//! One file for each format that is not a table. Each reads a stream and gives what is written to
//! [`Rows`](super::rows::Rows), line by line; start from `beats` to add one.

pub(in crate::import) mod beats;
pub(in crate::import) mod empatica;
pub(in crate::import) mod fit;
pub(in crate::import) mod json;
pub(in crate::import) mod sqlite;
pub(in crate::import) mod xml;
