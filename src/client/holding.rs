//! What a server holds of a client, by the client's own record.

use super::session::Client;
use crate::protocol::{CHUNK_HEADER_BYTES, ChunkId};
use crate::reading::{HourKey, Rate};
use crate::scheme::{Column, N};

/// One column's share of what a server holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldColumn {
    /// The column.
    pub column: Column,
    /// How many chunks have it.
    pub chunks: u64,
    /// Its encrypted bytes, with its tags.
    pub bytes: u64,
}

/// What a server holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Holding {
    /// Hours of readings.
    pub hours: u64,
    /// Readings in them.
    pub readings: u64,
    /// Chunks.
    pub chunks: u64,
    /// Bytes in all: headers and columns.
    pub bytes: u64,
    /// Each column that there is.
    pub columns: Vec<HeldColumn>,
    /// Chunks that it is told to forget before the next question.
    pub doomed: u64,
}

impl Client {
    /// What the server holds by now.
    pub fn holding(&self) -> Holding {
        let mut holding = Holding { doomed: self.doomed.len() as u64, ..Holding::default() };
        let mut columns = Column::ALL.map(|column| HeldColumn { column, chunks: 0, bytes: 0 });
        for held in self.held.values() {
            holding.hours += 1;
            holding.readings += held.readings.slots().len() as u64;
            for (_, header) in &held.chunks {
                holding.chunks += 1;
                holding.bytes += CHUNK_HEADER_BYTES as u64;
                for column in header.columns.iter() {
                    let bytes = column.bytes(header.len) as u64;
                    columns[column as usize].chunks += 1;
                    columns[column as usize].bytes += bytes;
                    holding.bytes += bytes;
                }
            }
        }
        holding.columns = columns.into_iter().filter(|column| column.chunks > 0).collect();
        holding
    }

    /// The hour and the rates of a chunk that the server holds.
    pub fn chunk_rates(&self, chunk: ChunkId) -> Option<(HourKey, Vec<Rate>)> {
        self.held.iter().find_map(|(key, held)| {
            let place = held.chunks.iter().position(|(id, _)| *id == chunk)?;
            let slots = held.readings.slots().chunks(N).nth(place)?;
            Some((*key, slots.iter().map(|slot| slot.rate).collect()))
        })
    }
}
