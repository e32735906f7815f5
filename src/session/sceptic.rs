//! What a sceptic asks for: an answer that is changed on its way, the same week encrypted again, a search of all
//! messages for the key.

use zeroize::Zeroizing;

use crate::client::{AskError, Client, KeyPieces, MasterKey, Observer, Tampered};
use crate::protocol::{Direction, Log, LogEntry, explain};
use crate::reading::WeekKey;
use crate::vault;

/// An answer that was changed on its way, and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct TamperView {
    /// The number of the message in the log.
    pub message: Option<u64>,
    /// How many weeks its sum covers.
    pub weeks: usize,
    /// The place of the byte that was changed, counted from 0, and the bytes of the message.
    pub at: usize,
    /// The length of the message, in bytes.
    pub len: usize,
    /// Which of the byte's bits, 0 for the lowest.
    pub bit: u8,
    /// The byte as the server sent it.
    pub sent: u8,
    /// The byte as it arrived.
    pub arrived: u8,
    /// What the byte belongs to.
    pub meaning: String,
    /// What Veilbeat said about the answer; `None` if it noticed nothing.
    pub said: Option<String>,
    /// Ciphertexts whose sum was decrypted all the same.
    pub decrypted: u64,
    /// Whether the same question passed when it was asked again and nothing was changed.
    pub passes_unchanged: bool,
}

/// The same week, encrypted twice.
#[derive(Clone, PartialEq, Debug)]
pub struct EncryptedTwice {
    /// The week and kind.
    pub week: WeekKey,
    /// The beginnings of both.
    pub beginnings: [[u8; Self::BEGINNING]; 2],
    /// How many bytes each has.
    pub len: usize,
    /// How many bytes are the same at the same place.
    pub equal_bytes: usize,
    /// The share of bits that are the same at the same place.
    pub equal_bits: f64,
}

impl EncryptedTwice {
    /// Bytes of a beginning.
    pub const BEGINNING: usize = 24;
    /// Bytes of the seed, which comes first.
    pub const SEED: usize = 16;
}

/// Messages that were searched for the key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeySearch {
    /// How many messages.
    pub messages: u64,
    /// How many bytes in them.
    pub bytes: u64,
    /// How many pieces of the key were looked for.
    pub pieces: usize,
    /// Messages whose bytes are no longer kept.
    pub unkept: u64,
    /// The number of the first message with a piece of the key, and its place in it.
    pub found: Option<(u64, usize)>,
}

/// Asks a real question, and changes one bit of its answer on the way.
pub(super) fn tamper(client: &mut Client, log: &Log) -> Result<TamperView, String> {
    let tampered = client.ask_tampered(&mut Observer::default()).map_err(|error| error.to_string())?;
    let Tampered { bit, weeks, refused, decrypted, passes_unchanged } = tampered.ok_or("nothing has been sent yet")?;
    let frame = bit.message.and_then(|number| log.entry(number)).and_then(|entry| entry.frame);
    let meaning = frame.and_then(|frame| explain(&frame).into_iter().find(|meaning| meaning.range.contains(&bit.at)));
    Ok(TamperView {
        message: bit.message,
        weeks,
        at: bit.at,
        len: bit.len,
        bit: bit.bit,
        sent: bit.sent,
        arrived: bit.arrived(),
        meaning: meaning.map_or_else(String::new, |meaning| meaning.words),
        said: refused.map(|error: AskError| error.to_string()),
        decrypted,
        passes_unchanged,
    })
}

/// Encrypts the week of a sheet that was sent twice more.
pub(super) fn encrypt_twice(client: &mut Client, entry: Option<LogEntry>) -> Result<EncryptedTwice, String> {
    let sheet = entry.ok_or("no sheet has been sent yet")?.subject.sheet;
    let week = sheet.and_then(|sheet| client.week_of(sheet)).cloned();
    let week = week.ok_or("the server has forgotten that sheet; choose a newer one")?;
    let [first, second] = client.encrypt_twice(&week).map_err(|error| error.to_string())?;
    compare(week.key(), &first, &second).ok_or_else(|| "that week has no sheet".to_owned())
}

fn compare(week: WeekKey, first: &[u8], second: &[u8]) -> Option<EncryptedTwice> {
    let pairs = || first.iter().zip(second);
    let differing: u32 = pairs().map(|(a, b)| (a ^ b).count_ones()).sum();
    let bits = (8 * first.len().min(second.len())) as f64;
    Some(EncryptedTwice {
        week,
        beginnings: [*first.first_chunk()?, *second.first_chunk()?],
        len: first.len(),
        equal_bytes: pairs().filter(|(a, b)| a == b).count(),
        equal_bits: 1.0 - f64::from(differing) / bits,
    })
}

/// Searches every message whose bytes are kept for every piece of the key.
pub(super) fn search(client: &Client, master: &MasterKey, log: &Log) -> KeySearch {
    let sealing: [Zeroizing<[u8; 32]>; 2] = vault::sealing_keys(master);
    search_for(&client.key_pieces(master, &sealing), log)
}

fn search_for(pieces: &KeyPieces, log: &Log) -> KeySearch {
    let passed: u64 = [Direction::ToServer, Direction::FromServer].map(|way| log.passed(way).frames).iter().sum();
    let mut search = KeySearch { messages: 0, bytes: 0, pieces: pieces.len(), unkept: 0, found: None };
    for entry in log.entries() {
        let Some(frame) = entry.frame else { continue };
        search.messages += 1;
        search.bytes += frame.len() as u64;
        if search.found.is_none() {
            search.found = pieces.find(&frame).map(|at| (entry.number, at));
        }
    }
    search.unkept = passed.saturating_sub(search.messages);
    search
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Kind, Week};

    #[test]
    fn equal_bytes_and_bits_are_counted_at_their_places() {
        let week = WeekKey { kind: Kind::Sample, week: Week::of_day(0) };
        let (first, mut second) = ([0xff; 100], [0xff; 100]);
        second[..40].fill(0x00);
        second[40] = 0xfe;
        let twice = compare(week, &first, &second).unwrap();
        assert_eq!((twice.len, twice.equal_bytes), (100, 59));
        assert!((twice.equal_bits - (800.0 - 321.0) / 800.0).abs() < 1e-12);
        assert_eq!(twice.beginnings, [[0xff; 24], [0; 24]]);
        assert_eq!(compare(week, &first[..9], &second), None);
    }
}
