//! The records of a table, read in batches: one thread reads while another interprets them.

use std::io::Read;

use csv::ByteRecord;

use crate::import::error::ImportError;
use crate::import::source::unreadable;

/// How much is read together.
const BATCH_RECORDS: usize = 1024;
const BATCH_BYTES: usize = 1 << 20;
/// Records of readings take some hundred bytes.
const LARGE_RECORD_BYTES: usize = 4096;
const MOST_COLUMNS: usize = 10_000;

/// Records that are read together.
#[derive(Default)]
pub(in crate::import) struct Batch {
    /// Each with the line after it. Past `filled`, what an earlier use left.
    records: Vec<(ByteRecord, u64)>,
    filled: usize,
    /// Whether there is a record that takes far more than one of a reading.
    has_large: bool,
}

impl Batch {
    /// The records that were read, each with the line after it.
    pub(in crate::import) fn records(&self) -> &[(ByteRecord, u64)] {
        &self.records[..self.filled]
    }

    /// Reads records until the batch is full. Says whether they were the last.
    pub(in crate::import) fn fill(&mut self, reader: &mut csv::Reader<impl Read>) -> Result<bool, ImportError> {
        self.records.resize_with(BATCH_RECORDS, Default::default);
        self.filled = 0;
        if std::mem::take(&mut self.has_large) {
            // A record keeps the room that it once took.
            self.records.fill_with(Default::default);
        }
        let mut bytes = 0;
        for (record, ended) in &mut self.records {
            if bytes > BATCH_BYTES {
                break;
            }
            if !reader.read_byte_record(record).map_err(csv_error)? {
                return Ok(true);
            }
            *ended = reader.position().line();
            if record.len() > MOST_COLUMNS {
                let words = "a line of it has more than ten thousand columns; this is not a table of readings";
                return Err(ImportError::Unreadable(words.into()));
            }
            let size = size_of_record(record);
            self.has_large |= size > LARGE_RECORD_BYTES;
            bytes += size;
            self.filled += 1;
        }
        Ok(false)
    }
}

/// How much memory a record takes: its text, and where each field ends.
fn size_of_record(record: &ByteRecord) -> usize {
    record.as_slice().len() + record.len() * size_of::<usize>()
}

fn csv_error(error: csv::Error) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(&error),
        kind => ImportError::Unreadable(format!("{kind:?}")),
    }
}
