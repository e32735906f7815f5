//! The client's own record of what a store holds: what each sheet encrypts, and its seeds.
//!
//! An entry says that a ciphertext with these seeds encrypts that content, which stays true for ever. So an old record
//! costs uploads, and never makes a number wrong.

use std::collections::BTreeMap;

use super::keys::SchemeKey;
use crate::protocol::{SheetDigest, SheetId, StoreDigest, StoreId};
use crate::reading::{WeekKey, WeekReadings};
use crate::scheme::{Column, ColumnSet, MaskSeed, ParameterSet};
use crate::statistics::Weighting;

/// A sheet as the server holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldSheet {
    /// Its number there.
    pub id: SheetId,
    /// The seeds of its columns' masks.
    pub seeds: BTreeMap<Column, MaskSeed>,
}

/// A week as the server holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldWeek {
    /// The week and kind.
    pub key: WeekKey,
    /// A hash of what was encrypted.
    pub content: [u8; 32],
    /// Its sheets: one, or several of a week with an hour of very many readings. All have the same columns.
    pub sheets: Vec<HeldSheet>,
}

/// Everything that a client has put into one store, sealed in its vault between two connections.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldRecord {
    /// The store.
    pub store: StoreId,
    /// The parameters of its sheets.
    pub parameters: ParameterSet,
    /// The weighting of its sheets.
    pub weighting: Weighting,
    /// Its weeks, in order.
    pub weeks: Vec<HeldWeek>,
}

impl HeldRecord {
    /// The number and digest of each sheet, ascending.
    pub(super) fn sheets(&self) -> BTreeMap<SheetId, SheetDigest> {
        let sheets = self.weeks.iter().flat_map(|week| &week.sheets);
        sheets.map(|sheet| (sheet.id, sheet.digest(self.parameters))).collect()
    }

    /// The digest that a store with exactly these sheets has.
    pub(super) fn digest(&self) -> StoreDigest {
        StoreDigest::of(self.sheets())
    }
}

impl HeldSheet {
    fn digest(&self, parameters: ParameterSet) -> SheetDigest {
        SheetDigest::of(parameters, self.seeds.iter().map(|(&column, &seed)| (column, seed)))
    }

    /// Its columns.
    pub(super) fn columns(&self) -> ColumnSet {
        self.seeds.keys().copied().collect()
    }
}

/// A hash of everything that the sheets of a week depend on: weights and rates of its cells.
pub(super) fn content_of(week: &WeekReadings) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut bytes = Vec::new();
    week.each_cell(|cell| {
        bytes.clear();
        bytes.extend([cell.day as u8, cell.weight]);
        bytes.extend_from_slice(&(cell.cell as u16).to_le_bytes());
        bytes.extend_from_slice(&(cell.slots.len() as u32).to_le_bytes());
        bytes.extend(cell.slots.iter().flat_map(|slot| slot.rate.centi_bpm().to_le_bytes()));
        hasher.update(&bytes);
    });
    hasher.finalize().into()
}

impl HeldRecord {
    /// Whether the sheets can be asked about under this key's parameters and a weighting.
    pub(super) fn is_of(&self, store: StoreId, key: &SchemeKey, weighting: Weighting) -> bool {
        (self.store, self.parameters, self.weighting) == (store, key.parameters(), weighting)
    }
}
