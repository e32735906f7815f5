//! What is remembered of exports and of the questions about them, and the owner's part of a bundle.
//!
//! A bundle's sealed part holds the readings with their sources and notes, and what is remembered of the
//! export itself: with the key, a bundle restores everything on another computer, and can be asked about
//! there.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Hours, PutIn};
use super::edits::Added;
use super::error::VaultError;
use super::opened::Vault;
use super::records::{
    Asked, Batch, Export, read_batch, read_day, read_hour, read_key, write_batch, write_day, write_hour, write_key,
};
use super::seal::{Sealer, Unopened};
use crate::client::{Exported, ExportedChunk, MasterKey, NoRandomness};
use crate::fields::{Fields, Malformed};
use crate::protocol::files::{Bundle, ExportId, FileError, KeyId};
use crate::protocol::{CHUNK_HEADER_BYTES, ChunkHeader};
use crate::reading::{HourFacts, HourIndex, HourKey, HourReadings, Readings, Source};
use crate::statistics::Request;

/// The owner's part is padded to a multiple of this.
const PADDING_BYTES: usize = 4096;

/// Why a bundle's owner's part cannot be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file cannot be read.
    #[error("the bundle {0}")]
    File(#[from] FileError),
    /// It belongs to another key.
    #[error(
        "the bundle was made with a different key: it belongs to {bundle}, and this is {key}; it opens in a profile of that key (restore the key with --home DIR, a folder of its own). Nothing was changed"
    )]
    OtherKey {
        /// The key that it was made with.
        bundle: KeyId,
        /// The key that is here.
        key: KeyId,
    },
    /// Its seal is broken.
    #[error("the bundle was changed after it was made: its owner's part does not open. Nothing was changed")]
    Forged,
}

/// The owner's part of a bundle.
pub struct OwnersPart {
    /// What is remembered of the export.
    pub exported: Exported,
    /// The readings.
    pub readings: Readings,
    batches: Vec<Batch>,
}

/// Seals the owner's part of an export of `readings`; `before` is the hash of everything before it.
pub fn seal_bundle(
    key: &MasterKey,
    vault: &Vault,
    readings: &Readings,
    exported: &Exported,
    before: &[u8; 32],
) -> Result<Vec<u8>, NoRandomness> {
    let mut plain = write_exported(exported);
    plain.extend_from_slice(&(vault.catalogue.batches.len() as u32).to_le_bytes());
    vault.catalogue.batches.iter().for_each(|batch| write_batch(&mut plain, batch));
    plain.extend_from_slice(&(readings.hours().count() as u32).to_le_bytes());
    for (key, hour) in readings.hours() {
        write_key(&mut plain, key);
        write_hour(&mut plain, hour);
    }
    // Its length would tell the number of readings.
    plain.resize(plain.len().next_multiple_of(PADDING_BYTES), 0);
    Sealer::for_bundles(key).seal_with(before, plain)
}

/// Opens the owner's part of a bundle.
pub fn open_bundle(key: &MasterKey, bundle: &Bundle) -> Result<OwnersPart, BundleError> {
    let owner = bundle.header().key;
    if owner != key.id() {
        return Err(BundleError::OtherKey { bundle: owner, key: key.id() });
    }
    let (sealed, before) = bundle.sealed()?;
    let plain = Sealer::for_bundles(key).open_with(&before, &sealed).map_err(|Unopened| BundleError::Forged)?;
    let malformed = |Malformed| FileError::Damaged("its owner's part is malformed");
    Ok(read_owners_part(&plain).map_err(malformed)?)
}

fn read_owners_part(plain: &[u8]) -> Result<OwnersPart, Malformed> {
    let mut fields = Fields::new(plain);
    let exported = read_exported(&mut fields)?;
    let batches = (0..fields.count(17)?).map(|_| read_batch(&mut fields)).collect::<Result<Vec<_>, _>>()?;
    let mut readings = Readings::default();
    // A key of 13 bytes and two counts.
    for _ in 0..fields.count(21)? {
        readings.set_hour(read_key(&mut fields)?, read_hour(&mut fields)?);
    }
    if fields.rest().iter().any(|&byte| byte != 0) {
        return Err(Malformed);
    }
    Ok(OwnersPart { exported, readings, batches })
}

/// Writes what is remembered of an export: id, time, first and last day, fingerprint, hours (key, count, first time), chunks
/// (place of the hour, header).
fn write_exported(exported: &Exported) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&exported.id.0);
    out.extend_from_slice(&exported.made_ms.to_le_bytes());
    write_day(&mut out, exported.days.0);
    write_day(&mut out, exported.days.1);
    out.extend_from_slice(&exported.content);
    let hours: Vec<HourKey> = exported.index.keys().collect();
    out.extend_from_slice(&(hours.len() as u32).to_le_bytes());
    for &key in &hours {
        write_key(&mut out, key);
        let facts = exported.index.facts(key).unwrap_or(HourFacts { count: 0, first_ms: 0 });
        out.extend_from_slice(&facts.count.to_le_bytes());
        out.extend_from_slice(&facts.first_ms.to_le_bytes());
    }
    let places: BTreeMap<HourKey, u32> = hours.iter().copied().zip(0..).collect();
    out.extend_from_slice(&(exported.chunks.len() as u32).to_le_bytes());
    for chunk in &exported.chunks {
        out.extend_from_slice(&places.get(&chunk.hour).copied().unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&chunk.header.to_bytes());
    }
    out
}

fn read_exported(fields: &mut Fields) -> Result<Exported, Malformed> {
    let (id, made_ms) = (ExportId(fields.array()?), fields.u64()? as i64);
    let days = (read_day(fields)?, read_day(fields)?);
    let content = fields.array()?;
    let hours = (0..fields.count(21)?)
        .map(|_| Ok((read_key(fields)?, HourFacts { count: fields.u32()?, first_ms: fields.u32()? })))
        .collect::<Result<Vec<_>, Malformed>>()?;
    let chunks = (0..fields.count(4 + CHUNK_HEADER_BYTES)?)
        .map(|_| {
            let (hour, _) = *hours.get(fields.u32()? as usize).ok_or(Malformed)?;
            Ok(ExportedChunk { hour, header: ChunkHeader::parse(&fields.array()?)? })
        })
        .collect::<Result<_, Malformed>>()?;
    Ok(Exported { id, made_ms, days, content, index: hours.into_iter().collect::<HourIndex>(), chunks })
}

impl Vault {
    /// Remembers an export, so that it can be asked about and answers to it can be checked.
    pub fn remember_export(&mut self, exported: &Exported) -> Result<(), VaultError> {
        self.heal()?;
        if self.catalogue.exports.iter().any(|export| export.id == exported.id.0) {
            return Ok(());
        }
        let mut catalogue = self.catalogue.clone();
        let record = catalogue.next_id;
        catalogue.next_id += 1;
        catalogue.exports.push(Export { id: exported.id.0, record });
        let sealed = self.sealer.seal(record, 1, write_exported(exported))?;
        self.commit(catalogue, self.readings.clone(), &BTreeSet::new(), vec![(record, sealed)], &[])
    }

    /// What is remembered of an export.
    pub fn exported(&self, id: ExportId) -> Result<Option<Exported>, VaultError> {
        let Some(export) = self.catalogue.exports.iter().find(|export| export.id == id.0) else { return Ok(None) };
        let (_, plain) = self.open_record(export.record)?;
        let mut fields = Fields::new(&plain);
        let exported = read_exported(&mut fields).and_then(|exported| fields.end().map(|()| exported));
        exported.map(Some).map_err(|Malformed| self.damaged())
    }

    /// Remembers what a question means; `digest` is the hash of its text.
    pub fn remember_question(
        &mut self,
        digest: [u8; 32],
        export: ExportId,
        request: &Request,
    ) -> Result<(), VaultError> {
        self.heal()?;
        if self.newest_question() == Some(digest) {
            return Ok(());
        }
        let mut catalogue = self.catalogue.clone();
        // Asked again, it is the newest.
        catalogue.asked.retain(|asked| asked.digest != digest);
        catalogue.asked.push(Asked { digest, export: export.0, request: *request });
        self.commit(catalogue, self.readings.clone(), &BTreeSet::new(), vec![], &[])
    }

    /// The export and the request that a question is about.
    pub fn question(&self, digest: &[u8; 32]) -> Option<(ExportId, Request)> {
        let asked = self.catalogue.asked.iter().find(|asked| asked.digest == *digest)?;
        Some((ExportId(asked.export), asked.request))
    }

    /// The digest of the question that was asked last.
    pub fn newest_question(&self) -> Option<[u8; 32]> {
        self.catalogue.asked.last().map(|asked| asked.digest)
    }

    /// When the newest of the exports that are remembered was made, in milliseconds since the Unix epoch.
    pub fn newest_export_ms(&self) -> Result<Option<i64>, VaultError> {
        let ids = self.catalogue.exports.iter().map(|export| ExportId(export.id));
        let made = ids.map(|id| Ok(self.exported(id)?.map(|exported| exported.made_ms)));
        Ok(made.collect::<Result<Vec<_>, VaultError>>()?.into_iter().flatten().max())
    }

    /// Brings back the readings of a bundle, with their batches and notes. What is there already stays as
    /// it is; nothing is ever replaced or deleted.
    pub fn restore_bundle(&mut self, name: &str, part: &OwnersPart) -> Result<Added, VaultError> {
        self.heal()?;
        let mut catalogue = self.catalogue.clone();
        let mut sources: BTreeMap<Source, Source> = BTreeMap::new();
        let (mut readings, mut put_in, mut touched) = (self.readings.clone(), Hours::new(), BTreeSet::new());
        for (key, hour) in part.readings.hours() {
            let mut these = HourReadings::default();
            for &slot in hour.slots() {
                let source = match sources.get(&slot.source) {
                    Some(&source) => source,
                    None => {
                        let source = batch_for(&mut catalogue.batches, part.batches.get(usize::from(slot.source.0)))?;
                        sources.insert(slot.source, source);
                        source
                    }
                };
                these.insert(crate::reading::Slot { source, ..slot }, hour.note(slot).map(Into::into));
            }
            let new = readings.put_in(key, &these);
            if !new.slots().is_empty() {
                touched.insert(key);
                put_in.insert(key, new);
            }
        }
        let added = readings.len() - self.readings.len();
        if added > 0 {
            let change = Change { taken_out: Hours::new(), put_in: PutIn::These(put_in) };
            self.make(format!("Restore {name}"), &change, catalogue, readings, &touched)?;
        }
        Ok(Added { added, duplicates: part.readings.len() - added })
    }
}

/// The batch like this one, or a new one.
fn batch_for(batches: &mut Vec<Batch>, batch: Option<&Batch>) -> Result<Source, VaultError> {
    let lost = Batch { name: "restored".into(), added_ms: 0, count: 0 };
    let batch = batch.unwrap_or(&lost);
    let place = batches.iter().position(|other| other.name == batch.name && other.added_ms == batch.added_ms);
    let place = place.unwrap_or_else(|| {
        batches.push(batch.clone());
        batches.len() - 1
    });
    u16::try_from(place).map(Source).map_err(|_| VaultError::Full)
}
