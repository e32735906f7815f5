//! What could the server see? A chunk as it was sent, opened with a key that is not its own.

use crate::client::{Client, guess};
use crate::protocol::{ChunkId, Entry, Request};
use crate::reading::{HourKey, Rate};
use crate::scheme::{Column, MESSAGE_BITS};

/// What is in a chunk, and what one sees in it without its key.
#[derive(Clone, PartialEq, Debug)]
pub struct Guess {
    /// The number of the message that carried the chunk.
    pub message: u64,
    /// The chunk.
    pub chunk: ChunkId,
    /// The hour of its readings, which the chunk itself does not say.
    pub hour: HourKey,
    /// The rates in it, by the client's own record.
    pub real: Vec<Rate>,
    /// Each slot of the column of rates, opened with a fresh key: hundredths of a bpm below 2^30.
    pub guessed: Vec<u64>,
    /// The share of ones among the bits of the encrypted rates.
    pub ones: f64,
}

impl Guess {
    /// The largest rate that a slot could show.
    pub const MOST_BPM: f64 = (1u64 << MESSAGE_BITS) as f64 / 100.0;

    /// The mean of the real rates, in bpm.
    pub fn real_mean_bpm(&self) -> f64 {
        let sum: f64 = self.real.iter().map(|rate| rate.bpm()).sum();
        sum / self.real.len().max(1) as f64
    }

    /// The mean of what the wrong key shows, in bpm.
    pub fn guessed_mean_bpm(&self) -> f64 {
        self.guessed.iter().map(|&slot| slot as f64 / 100.0).sum::<f64>() / self.guessed.len().max(1) as f64
    }
}

/// Opens the chunk that a message carried with a fresh key.
pub(super) fn make(client: &Client, entry: Option<Entry>) -> Result<Guess, String> {
    let entry = entry.ok_or("no chunk has been sent yet")?;
    let frame = entry.frame.ok_or("the bytes of that message are not kept any more; choose a newer one")?;
    let Ok(Request::Put(id, chunk)) = Request::parse(&frame) else {
        return Err("that message carries no chunk".into());
    };
    let (hour, real) = client.chunk_rates(id).ok_or("the server has forgotten that chunk; choose a newer one")?;
    let guessed = guess(&chunk, Column::Rate).map_err(|error| error.to_string())?;
    let (body, _) = chunk.column(Column::Rate).ok_or("that chunk holds no rates")?;
    let ones: u32 = body.iter().map(|byte| byte.count_ones()).sum();
    let ones = f64::from(ones) / (8 * body.len()) as f64;
    Ok(Guess { message: entry.number, chunk: id, hour, real, guessed: guessed.unwrap_or_default(), ones })
}
