//! What a server's store holds, as a sealed record between two connections. docs/FORMAT.md has the fields.

use super::error::VaultError;
use super::open_vault::Vault;
use crate::client::{HeldRecord, HeldSheet, HeldWeek, KeyId, MaskSeed, ParameterSet};
use crate::fields::{Fields, Malformed};
use crate::protocol::{SheetHeader, SheetId, StoreId};
use crate::reading::{Kind, Week, WeekKey};
use crate::statistics::Weighting;

/// The record's number. No catalogue names it: a profile is whole without it.
const HELD: u64 = u64::MAX;

impl Vault {
    /// Remembers what a store holds, in the place of what was remembered before.
    pub fn remember_held(&mut self, held: &HeldRecord) -> Result<(), VaultError> {
        self.heal()?;
        let Some(key) = self.recorded_key().filter(|_| self.has_catalogue()) else { return Ok(()) };
        let sealed = self.sealer.seal(HELD, 1, write_held(key, held))?;
        self.put(&[(HELD, sealed)], &[], |_| false)
    }

    /// What is remembered of the store that was used last; `None` if that was under another key.
    pub fn held(&self) -> Option<HeldRecord> {
        // Whatever is wrong with it, everything is sent again, and what is wrong with the file shows elsewhere.
        let (_, plain) = self.open_record(HELD).ok()?;
        let (key, held) = read_held(&plain).ok()?;
        (Some(key) == self.recorded_key()).then_some(held)
    }
}

fn write_held(key: KeyId, held: &HeldRecord) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&key.0);
    out.extend_from_slice(&held.store.0);
    out.extend([held.parameters as u8, held.weighting as u8]);
    out.extend_from_slice(&(held.weeks.len() as u32).to_le_bytes());
    for week in &held.weeks {
        out.extend_from_slice(&week.key.week.monday().to_le_bytes());
        out.push(week.key.kind as u8);
        out.extend_from_slice(&week.content);
        out.extend_from_slice(&(week.sheets.len() as u32).to_le_bytes());
        for sheet in &week.sheets {
            let header = SheetHeader { parameters: held.parameters, columns: sheet.seeds.keys().copied().collect() };
            out.extend_from_slice(&sheet.id.0.to_le_bytes());
            out.extend_from_slice(&header.to_bytes());
            sheet.seeds.values().for_each(|seed| out.extend_from_slice(&seed.0));
        }
    }
    out
}

fn read_held(bytes: &[u8]) -> Result<(KeyId, HeldRecord), Malformed> {
    let mut fields = Fields::new(bytes);
    let (key, store) = (KeyId(fields.array()?), StoreId(fields.array()?));
    let parameters = ParameterSet::from_u8(fields.u8()?).ok_or(Malformed)?;
    let weighting = Weighting::from_u8(fields.u8()?).ok_or(Malformed)?;
    let weeks = (0..fields.count(41)?)
        .map(|_| {
            let week = Week::from_monday(fields.u32()? as i32).ok_or(Malformed)?;
            let key = WeekKey { kind: Kind::from_u8(fields.u8()?).ok_or(Malformed)?, week };
            let content = fields.array()?;
            let sheets =
                (0..fields.count(25)?).map(|_| read_sheet(&mut fields, parameters)).collect::<Result<_, _>>()?;
            Ok(HeldWeek { key, content, sheets })
        })
        .collect::<Result<Vec<_>, Malformed>>()?;
    fields.end()?;
    if !weeks.is_sorted_by(|a, b| a.key < b.key) {
        return Err(Malformed);
    }
    Ok((key, HeldRecord { store, parameters, weighting, weeks }))
}

fn read_sheet(fields: &mut Fields, parameters: ParameterSet) -> Result<HeldSheet, Malformed> {
    let id = SheetId(fields.u32()?);
    let SheetHeader { parameters: its, columns } = SheetHeader::parse(&fields.array()?)?;
    if its != parameters {
        return Err(Malformed);
    }
    let seeds = columns.iter().map(|column| Ok((column, MaskSeed(fields.array()?))));
    Ok(HeldSheet { id, seeds: seeds.collect::<Result<_, Malformed>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::MasterKey;
    use crate::reading::{Rate, Reading};
    use crate::scheme::Column;
    use crate::vault::Home;

    fn record() -> HeldRecord {
        let seeds = [(Column::RATE, MaskSeed([1; 16])), (Column::DAYS, MaskSeed([2; 16]))].into();
        let key = WeekKey { kind: Kind::Average, week: Week::of_day(20_000) };
        let week = HeldWeek { key, content: [3; 32], sheets: vec![HeldSheet { id: SheetId(7), seeds }] };
        HeldRecord {
            store: StoreId([4; 16]),
            parameters: ParameterSet::LongTerm,
            weighting: Weighting::Readings,
            weeks: vec![week],
        }
    }

    #[test]
    fn what_a_store_holds_survives_its_bytes_and_nothing_shorter_does() {
        let bytes = write_held(KeyId([5; 16]), &record());
        assert_eq!(read_held(&bytes), Ok((KeyId([5; 16]), record())));
        for len in 0..bytes.len() {
            assert!(read_held(&bytes[..len]).is_err(), "cut to {len}");
        }
        assert!(read_held(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn it_is_remembered_beside_the_readings_and_forgotten_with_the_key() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::find(Some(dir.path())).unwrap();
        crate::platform::create_private_dir(home.config_dir()).unwrap();
        crate::platform::create_private_dir(home.data_dir()).unwrap();
        let key = MasterKey::from_bytes(&[1; 32]);
        let mut vault = Vault::open(&home, &key).unwrap();
        // Without readings there is nothing to remember, and the empty profile stays one that opens.
        vault.remember_held(&record()).unwrap();
        drop(vault);
        let mut vault = Vault::open(&home, &key).unwrap();
        assert_eq!(vault.held(), None);
        vault.enter(0, Reading::sample(0, Rate::MIN)).unwrap();
        vault.remember_held(&record()).unwrap();
        drop(vault);
        let mut vault = Vault::open(&home, &key).unwrap();
        assert_eq!(vault.held(), Some(record()));
        let new = MasterKey::from_bytes(&[2; 32]);
        vault.reseal(&new).unwrap();
        drop(vault);
        let vault = Vault::open(&home, &new).unwrap();
        assert_eq!((vault.held(), vault.readings().len()), (None, 1));
    }
}
