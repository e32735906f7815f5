//! The record of an export that is remembered, as bytes. docs/FORMAT.md has the fields.

use super::records::{read_day, write_day};
use crate::client::{Exported, ExportedSheet, MaskSeed};
use crate::fields::{Fields, Malformed};
use crate::protocol::SheetHeader;
use crate::protocol::files::ExportId;
use crate::reading::{CELLS_AN_HOUR, DayRange, HourFacts, HourTable, Kind, MOST_HOUR_WEIGHT, Week, WeekKey};
use crate::statistics::Weighting;

/// Writes what is remembered of an export.
pub(super) fn write_exported(exported: &Exported) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&exported.id.0);
    out.extend_from_slice(&exported.made_ms.to_le_bytes());
    write_day(&mut out, exported.days.first);
    write_day(&mut out, exported.days.last);
    out.extend_from_slice(&exported.content);
    out.push(exported.weighting as u8);
    out.extend_from_slice(&exported.sheet.to_bytes());
    out.extend_from_slice(&(exported.sheets.len() as u32).to_le_bytes());
    for sheet in &exported.sheets {
        out.extend_from_slice(&sheet.key.week.monday().to_le_bytes());
        out.push(sheet.key.kind as u8);
        let filled = || (0u8..).zip(sheet.hours.as_flattened()).filter(|(_, hour)| hour.count > 0);
        out.push(filled().count() as u8);
        for (at, hour) in filled() {
            out.push(at);
            out.extend_from_slice(&hour.count.to_le_bytes());
            out.extend([hour.cells, hour.weight]);
        }
        sheet.seeds.iter().for_each(|seed| out.extend_from_slice(&seed.0));
    }
    out
}

/// Reads what [`write_exported`] wrote: every field in its range, sheets and hours in order.
pub(super) fn read_exported(fields: &mut Fields) -> Result<Exported, Malformed> {
    let (id, made_ms) = (ExportId(fields.array()?), fields.u64()? as i64);
    let days = DayRange { first: read_day(fields)?, last: read_day(fields)? };
    let content = fields.array()?;
    let weighting = Weighting::from_u8(fields.u8()?).ok_or(Malformed)?;
    let sheet = SheetHeader::parse(&fields.array()?)?;
    let seeds = sheet.columns.iter().count();
    let mut sheets: Vec<ExportedSheet> = Vec::new();
    for _ in 0..fields.count(6 + 16 * seeds)? {
        let week = Week::from_monday(fields.u32()? as i32).ok_or(Malformed)?;
        let key = WeekKey { kind: Kind::from_u8(fields.u8()?).ok_or(Malformed)?, week };
        // A further sheet of the same week has what the first could not take.
        let first = sheets.last().is_none_or(|last| last.key != key);
        if sheets.last().is_some_and(|last| last.key > key) || !first && weighting == Weighting::Time {
            return Err(Malformed);
        }
        let hours = read_hours(fields, first)?;
        let seeds = (0..seeds).map(|_| fields.array().map(MaskSeed)).collect::<Result<_, Malformed>>()?;
        sheets.push(ExportedSheet { key, hours, seeds });
    }
    if sheets.is_empty() {
        return Err(Malformed);
    }
    Ok(Exported { id, made_ms, days, content, weighting, sheet, sheets })
}

/// The hours of a sheet that hold readings: in order, each once, and no count that cannot be.
fn read_hours(fields: &mut Fields, first: bool) -> Result<Box<HourTable>, Malformed> {
    let mut hours = Box::new(HourTable::default());
    let mut next = 0;
    for _ in 0..fields.u8()? {
        let at = usize::from(fields.u8()?);
        let facts = HourFacts { count: fields.u32()?, cells: fields.u8()?, weight: fields.u8()? };
        let (cells, weight) = (u64::from(facts.cells), u64::from(facts.weight));
        let can_be = if first {
            (1..=CELLS_AN_HOUR as u64).contains(&cells)
                && cells <= u64::from(facts.count)
                && (cells..=MOST_HOUR_WEIGHT).contains(&weight)
        } else {
            (facts.count, cells, weight) == (facts.count.max(1), 0, 0)
        };
        let hour = hours.as_flattened_mut().get_mut(at).ok_or(Malformed)?;
        if at < next || !can_be {
            return Err(Malformed);
        }
        (*hour, next) = (facts, at + 1);
    }
    Ok(hours)
}
