//! The inventory of what a server holds of a client, by the client's own record.

use std::sync::Arc;

use super::online::Client;
use crate::protocol::{SHEET_HEADER_BYTES, SheetId};
use crate::reading::WeekReadings;
use crate::scheme::Column;

/// One column's share of what a server holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldColumn {
    /// The column.
    pub column: Column,
    /// How many sheets have it.
    pub sheets: u64,
    /// Its encrypted bytes, with its seeds and tags.
    pub bytes: u64,
}

/// The server's inventory: weeks, readings, sheets and columns.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerInventory {
    /// Weeks, of any kind.
    pub weeks: u64,
    /// Readings in them.
    pub readings: u64,
    /// Sheets.
    pub sheets: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Each column that there is.
    pub columns: Vec<HeldColumn>,
    /// Sheets that it is told to forget before the next question.
    pub to_drop: u64,
}

impl Client {
    /// Returns the server's inventory by now.
    pub fn inventory(&self) -> ServerInventory {
        let mut inventory = ServerInventory { to_drop: self.to_drop.len() as u64, ..ServerInventory::default() };
        let mut columns: Vec<HeldColumn> =
            Column::all().map(|column| HeldColumn { column, sheets: 0, bytes: 0 }).collect();
        for held in self.held.values() {
            inventory.weeks += 1;
            inventory.readings += held.week.count();
            for sheet in &held.sheets {
                inventory.sheets += 1;
                inventory.bytes += SHEET_HEADER_BYTES as u64;
                for &column in sheet.seeds.keys() {
                    let held = &mut columns[usize::from(column.number())];
                    held.sheets += 1;
                    held.bytes += column.bytes() as u64;
                    inventory.bytes += column.bytes() as u64;
                }
            }
        }
        inventory.columns = columns.into_iter().filter(|column| column.sheets > 0).collect();
        inventory
    }

    /// The readings of a sheet that the server holds.
    pub fn week_of(&self, id: SheetId) -> Option<&Arc<WeekReadings>> {
        let mut held = self.held.values();
        held.find(|held| held.sheets.iter().any(|sheet| sheet.id == id)).map(|held| &held.week)
    }
}
