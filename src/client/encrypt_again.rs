//! The same week encrypted twice: nothing in the two shows that they hold the same.

use super::master::NoRandomness;
use super::online::Client;
use crate::protocol::SHEET_HEADER_BYTES;
use crate::reading::WeekReadings;
use crate::scheme::{Column, ColumnSet};

impl Client {
    /// Encrypts the rates of a week twice, exactly as they are encrypted before they are sent: the seed of the mask, the
    /// encrypted cells and the tag of each. Neither is sent.
    pub fn encrypt_twice(&mut self, week: &WeekReadings) -> Result<[Vec<u8>; 2], NoRandomness> {
        let mut both = [Vec::new(), Vec::new()];
        let (key, weighting) = (&self.key, self.weighting);
        for sheet in &mut both {
            let Some(encryptor) = self.encryptors.first_mut() else { continue };
            encryptor.encrypt_week(key, week, (weighting, 0), ColumnSet::of(Column::RATE), sheet)?;
            // The header says which columns follow, and is the same in every sheet.
            sheet.drain(..SHEET_HEADER_BYTES);
        }
        Ok(both)
    }
}
