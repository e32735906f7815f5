//! The server's view of a sheet: the sheet as it was sent, opened with a key that is not its own.

use crate::client::{Client, open_with_wrong_key};
use crate::protocol::{LogEntry, Request, SheetId};
use crate::reading::WeekKey;
use crate::scheme::{Column, MESSAGE_BITS};

/// The readings of a sheet, and the values that one sees in it without its key.
#[derive(Clone, PartialEq, Debug)]
pub struct WrongKeyView {
    /// The number of the message that carried the sheet.
    pub message: u64,
    /// The sheet.
    pub sheet: SheetId,
    /// The week and kind of its readings, which the sheet itself does not say.
    pub week: WeekKey,
    /// The mean of each cell that has readings, in bpm, by the client's own record.
    pub real_bpm: Vec<f64>,
    /// Each slot of the column of rates, opened with a fresh key: hundredths of a bpm below 2^32.
    pub wrong: Vec<u64>,
    /// The share of ones among the bits of the encrypted rates.
    pub ones: f64,
}

impl WrongKeyView {
    /// The largest rate that a slot could show.
    pub const MOST_BPM: f64 = (1u64 << MESSAGE_BITS) as f64 / 100.0;

    /// The mean of the real values, in bpm.
    pub fn real_mean_bpm(&self) -> f64 {
        self.real_bpm.iter().sum::<f64>() / self.real_bpm.len().max(1) as f64
    }

    /// The mean of what the wrong key shows, in bpm.
    pub fn wrong_mean_bpm(&self) -> f64 {
        self.wrong.iter().map(|&slot| slot as f64 / 100.0).sum::<f64>() / self.wrong.len().max(1) as f64
    }
}

/// Opens the sheet that a message carried with a fresh key.
pub(super) fn make(client: &Client, entry: Option<LogEntry>) -> Result<WrongKeyView, String> {
    let entry = entry.ok_or("no sheet has been sent yet")?;
    let frame = entry.frame.ok_or("the bytes of that message are no longer kept; choose a newer one")?;
    let Ok(Request::Put(sheet, view)) = Request::parse(&frame) else {
        return Err("that message carries no sheet".into());
    };
    let week = client.week_of(sheet).ok_or("the server has forgotten that sheet; choose a newer one")?;
    let column = view.column(Column::RATE).ok_or("that message carries no rates; choose another one")?;
    let wrong = open_with_wrong_key(&view, Column::RATE).map_err(|error| error.to_string())?;
    let mut real_bpm = Vec::new();
    week.each_cell(|cell| {
        let sum: f64 = cell.slots.iter().map(|slot| slot.rate.bpm()).sum();
        real_bpm.push(sum / cell.slots.len().max(1) as f64);
    });
    let ones: u32 = column.body.iter().map(|byte| byte.count_ones()).sum();
    let ones = f64::from(ones) / (8 * column.body.len()) as f64;
    let (message, week) = (entry.number, week.key());
    Ok(WrongKeyView { message, sheet, week, real_bpm, wrong: wrong.unwrap_or_default(), ones })
}
