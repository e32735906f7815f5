//! The records of exports and of the questions about them.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Hours, PutIn};
use super::edits::Added;
use super::error::VaultError;
use super::export_record::{read_exported, write_exported};
use super::open_vault::{Vault, always};
use super::owners_part::OwnersPart;
use super::records::{Asked, Batch, Catalogue, Export};
use crate::client::Exported;
use crate::fields::{Fields, Malformed};
use crate::protocol::files::ExportId;
use crate::reading::{HourReadings, Source};
use crate::statistics::ReportRequest;

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
        self.commit(catalogue, (self.readings.clone(), &BTreeSet::new()), vec![(record, sealed)], &[], &always)
    }

    /// Reads the record of an export.
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
        request: &ReportRequest,
    ) -> Result<(), VaultError> {
        self.heal()?;
        if self.newest_question() == Some(digest) {
            return Ok(());
        }
        let mut catalogue = self.catalogue.clone();
        // Asked again, it is the newest.
        catalogue.asked.retain(|asked| asked.digest != digest);
        catalogue.asked.push(Asked { digest, export: export.0, request: *request });
        self.commit(catalogue, (self.readings.clone(), &BTreeSet::new()), vec![], &[], &always)
    }

    /// The export and the request that a question is about.
    pub fn question(&self, digest: &[u8; 32]) -> Option<(ExportId, ReportRequest)> {
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
                        let source = self.batch_for(&mut catalogue, part.batches.get(usize::from(slot.source.0)))?;
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
            self.make(format!("Restore {name}"), &change, catalogue, (readings, &touched), &always)?;
        }
        Ok(Added { added, duplicates: part.readings.len() - added })
    }

    /// The batch like this one, or a new one.
    fn batch_for(&self, catalogue: &mut Catalogue, batch: Option<&Batch>) -> Result<Source, VaultError> {
        let lost = Batch { name: "restored".into(), added_ms: 0, count: 0 };
        let batch = batch.filter(|batch| !batch.name.is_empty()).unwrap_or(&lost);
        let like = |other: &Batch| other.name == batch.name && other.added_ms == batch.added_ms;
        match catalogue.batches.iter().position(like) {
            Some(index) => u16::try_from(index).map(Source).map_err(|_| VaultError::Full),
            None => self.new_batch(catalogue, batch.clone(), &[]),
        }
    }
}
