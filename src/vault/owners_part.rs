//! The owner's part of a bundle: with the key, a bundle restores everything on another computer, and can be
//! asked about there.

use super::export_record::{read_exported, write_exported};
use super::open_vault::Vault;
use super::records::{Batch, read_batch, read_hour, read_key, write_batch, write_hour, write_key};
use super::seal::{SEAL_BYTES, Sealer, Unopened};
use crate::client::{Exported, MasterKey, NoRandomness, fingerprint};
use crate::fields::{Fields, Malformed};
use crate::protocol::files::{Bundle, FileError, KeyId, SealedPart};
use crate::reading::{HourReadings, Readings};

/// Why a bundle's owner's part cannot be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnersPartError {
    /// The file cannot be read.
    #[error("the bundle {0}")]
    File(#[from] FileError),
    /// It belongs to another key.
    #[error(
        "the bundle was made with a different key: it belongs to {bundle}, but this profile has {key}. Nothing was changed. To open it, use a profile of that key (restore the key with --home DIR, into a folder of its own)"
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
    /// It has no owner's part.
    #[error(
        "the bundle was exported for computing only: it holds no readings to restore, and it can be asked about only where it was exported. Nothing was changed"
    )]
    ForComputingOnly,
    /// Its owner's part contradicts itself or the bundle.
    #[error("the bundle contradicts itself: {0}. It was not used and nothing was changed; export it again")]
    Contradiction(&'static str),
}

/// The owner's part of a bundle.
pub struct OwnersPart {
    /// The record of the export that is remembered.
    pub exported: Exported,
    /// The readings.
    pub readings: Readings,
    pub(super) batches: Vec<Batch>,
}

/// The owner's part of a bundle that is being written: everything but what is remembered of the export.
pub struct OwnersContent(Vec<u8>);

impl OwnersContent {
    /// The batches of a vault, and the readings that are exported.
    pub fn new(vault: &Vault, readings: &Readings) -> Self {
        let mut plain = (vault.catalogue.batches.len() as u32).to_le_bytes().to_vec();
        vault.catalogue.batches.iter().for_each(|batch| write_batch(&mut plain, batch));
        plain.extend_from_slice(&(readings.hours().count() as u32).to_le_bytes());
        for (key, hour) in readings.hours() {
            write_key(&mut plain, key);
            write_hour(&mut plain, hour);
        }
        Self(plain)
    }

    /// Bytes that [`Self::seal`] will make.
    pub fn sealed_bytes(&self, exported: &Exported) -> u64 {
        (padme(write_exported(exported).len() + self.0.len()) + SEAL_BYTES) as u64
    }

    /// Seals it; `before` is the hash of everything before it in the bundle.
    pub fn seal(self, key: &MasterKey, exported: &Exported, before: &[u8; 32]) -> Result<Vec<u8>, NoRandomness> {
        let mut plain = write_exported(exported);
        plain.extend_from_slice(&self.0);
        // Its length would tell the number of readings.
        plain.resize(padme(plain.len()), 0);
        Sealer::for_bundles(key).seal_with(before, plain)
    }
}

/// A length with at most as many significant bits as its logarithm has bits: at most 12 % more, and only
/// O(log log) bits told (Nikitin and others, "Reducing Metadata Leakage from Encrypted Files and
/// Communication with PURBs", 2019, algorithm Padmé).
fn padme(len: usize) -> usize {
    if len < 2 {
        return len;
    }
    let exponent = len.ilog2();
    let kept = exponent.ilog2() + 1;
    len.next_multiple_of(1 << exponent.saturating_sub(kept))
}

/// Opens the owner's part of a bundle. All of it is checked, against its header too, before any of it is used.
pub fn open_bundle(key: &MasterKey, bundle: &Bundle) -> Result<OwnersPart, OwnersPartError> {
    let header = bundle.header();
    if header.key != key.id() {
        return Err(OwnersPartError::OtherKey { bundle: header.key, key: key.id() });
    }
    let SealedPart { bytes, before } = bundle.sealed()?.ok_or(OwnersPartError::ForComputingOnly)?;
    let plain = Sealer::for_bundles(key).open_with(&before, &bytes).map_err(|Unopened| OwnersPartError::Forged)?;
    let contradiction = |what| Err(OwnersPartError::Contradiction(what));
    // It opens, so nobody has changed it since: it was made like this.
    let Ok(part) = read_owners_part(&plain) else {
        return contradiction("its owner's part does not follow the format");
    };
    let exported = &part.exported;
    if exported.id != header.export {
        return contradiction("its owner's part belongs to another export");
    }
    if (exported.sheet, exported.sheets.len() as u64) != (header.sheet, header.sheets) {
        return contradiction("its owner's part names other sheets");
    }
    if !bundle.has_seeds(exported.sheets.iter().flat_map(|sheet| &sheet.seeds)) {
        return contradiction("its owner's part names other seeds than its sheets have");
    }
    if part.readings.within(exported.days).len() != part.readings.len() {
        return contradiction("it holds readings outside of its days");
    }
    if fingerprint(&part.readings) != exported.content {
        return contradiction("its readings are not those that its sheets were made of");
    }
    if !exported.is_made_of(&part.readings) {
        return contradiction("its counts do not match the readings it holds");
    }
    Ok(part)
}

pub(super) fn read_owners_part(plain: &[u8]) -> Result<OwnersPart, Malformed> {
    let mut fields = Fields::new(plain);
    let exported = read_exported(&mut fields)?;
    let batches = (0..fields.count(17)?).map(|_| read_batch(&mut fields)).collect::<Result<Vec<_>, _>>()?;
    // A key of 13 bytes and two counts.
    let hours = (0..fields.count(21)?)
        .map(|_| Ok((read_key(&mut fields)?, read_hour(&mut fields)?)))
        .collect::<Result<Vec<_>, Malformed>>()?;
    let known = |hour: &HourReadings| hour.slots().iter().all(|slot| usize::from(slot.source.0) < batches.len());
    let in_order = hours.is_sorted_by(|(a, _), (b, _)| a < b);
    if !in_order || !hours.iter().all(|(_, hour)| !hour.slots().is_empty() && known(hour)) {
        return Err(Malformed);
    }
    let rest = fields.rest();
    if rest.iter().any(|&byte| byte != 0) || padme(plain.len() - rest.len()) != plain.len() {
        return Err(Malformed);
    }
    Ok(OwnersPart { exported, readings: Readings::from_hours(hours), batches })
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::client::{CancelToken, Export, ParameterSet, SchemeKey};
    use crate::reading::{DayRange, Rate, Reading, Weeks};
    use crate::statistics::Weighting;
    use crate::vault::Home;

    /// Opens a bundle whose owner's part was made by `make` of the right one and the length of its record: with the
    /// right seal and checksum, as only its owner could.
    fn opened(make: impl Fn(&mut Vec<u8>, usize)) -> Result<OwnersPart, OwnersPartError> {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::from_bytes(&[1; 32]);
        let mut vault = Vault::open(&Home::find(Some(dir.path())).unwrap(), &key).unwrap();
        // Two hours of one reading each.
        let reading = |hour: i64| Reading::sample(hour * 3_600_000 + 5_000, Rate::from_centi_bpm(6_000).unwrap());
        vault.add("x", 7, vec![reading(0), reading(1)]).unwrap();
        let how = (ParameterSet::Standard, Weighting::Time, false);
        let export = Export::prepare(vault.readings(), DayRange::default(), how, 9).unwrap();
        let content = OwnersContent::new(&vault, export.readings());
        let bytes = content.sealed_bytes(export.exported());
        let seal = |exported: &Exported, before: &[u8; 32]| {
            let record = write_exported(exported);
            let mut plain = [&record[..], &content.0].concat();
            plain.resize(padme(plain.len()), 0);
            make(&mut plain, record.len());
            Sealer::for_bundles(&key).seal_with(before, plain)
        };
        let scheme = SchemeKey::derive(&key, ParameterSet::Standard);
        let path = dir.path().join("b.veil");
        let out = std::fs::File::create(&path).unwrap();
        export.write((&scheme, key.id()), bytes, seal, (&CancelToken::default(), &mut |_, _| {}), out).unwrap();
        open_bundle(&key, &Bundle::open(&path, &mut |_, _| ControlFlow::Continue(()))?)
    }

    #[test]
    fn a_part_that_contradicts_itself_or_its_bundle_is_refused_by_name() {
        type Change = fn(&mut Vec<u8>, usize);
        // From the end of the record: one batch named x, the number of hours, and the first hour's key and count.
        const FIRST_HOUR: usize = 4 + 18 + 4;
        const FIRST_READING: usize = FIRST_HOUR + 13 + 4;
        assert_eq!(opened(|_, _| {}).unwrap().readings.len(), 2);
        let changes: [(&str, &str, Change); 18] = [
            ("another export id", "another export", |plain, _| plain[0] ^= 1),
            ("first day too late", "outside of its days", |plain, _| {
                plain[24..28].copy_from_slice(&1i32.to_le_bytes());
            }),
            ("another fingerprint", "not those that its sheets", |plain, _| plain[32] ^= 1),
            ("no weighting", "does not follow the format", |plain, _| plain[64] = 3),
            ("other parameters", "other sheets", |plain, _| plain[65] = 2),
            ("another week", "counts do not match", |plain, _| plain[74] -= 7),
            ("a Tuesday", "does not follow the format", |plain, _| plain[74] = plain[74].wrapping_add(1)),
            ("another kind", "counts do not match", |plain, _| plain[78] = 2),
            ("another hour", "counts do not match", |plain, _| plain[80] -= 1),
            ("an hour twice", "does not follow the format", |plain, _| plain[87] = plain[80]),
            ("a reading more", "counts do not match", |plain, _| plain[81] += 1),
            ("a cell more than readings", "does not follow the format", |plain, _| plain[85] += 1),
            ("another weight", "counts do not match", |plain, _| plain[86] += 1),
            ("another seed", "other seeds", |plain, _| plain[94] ^= 1),
            ("a reading after its hour", "does not follow the format", |plain, at| {
                plain[at + FIRST_READING..][..4].copy_from_slice(&3_600_000u32.to_le_bytes());
            }),
            ("an unknown batch", "does not follow the format", |plain, at| plain[at + FIRST_READING + 6] = 1),
            ("the readings' hour twice", "does not follow the format", |plain, at| {
                let key = plain[at + FIRST_HOUR..][..13].to_vec();
                plain[at + FIRST_READING + 12..][..13].copy_from_slice(&key);
            }),
            ("something in the padding", "does not follow the format", |plain, _| *plain.last_mut().unwrap() = 1),
        ];
        for (about, said, change) in changes {
            let error = opened(change).err().expect(about);
            assert!(
                matches!(error, OwnersPartError::Contradiction(_)) && error.to_string().contains(said),
                "{about}: {error}"
            );
        }
    }

    #[test]
    fn a_sheet_too_many_is_not_made_of_the_readings() {
        let readings = Readings::from_list([Reading::sample(0, Rate::MIN)]);
        let how = (ParameterSet::Standard, Weighting::Readings, false);
        let export = Export::prepare(&readings, DayRange::default(), how, 0).unwrap();
        let mut exported = export.exported().clone();
        assert!(exported.is_made_of(&readings));
        let mut further = exported.sheets[0].clone();
        *further.hours = Default::default();
        exported.sheets.push(further);
        assert_eq!(exported.index(), Weeks::from(&readings).index());
        assert!(!exported.is_made_of(&readings));
    }

    #[test]
    fn padding_adds_at_most_an_eighth_and_leaves_few_lengths() {
        assert_eq!([0, 1, 2, 8, 9, 100, 1_000, 1_001].map(padme), [0, 1, 2, 8, 10, 104, 1_024, 1_024]);
        for len in 1..20_000 {
            let padded = padme(len);
            assert!(padded >= len && padded * 8 <= len * 9 + 8 && padme(padded) == padded, "{len}: {padded}");
        }
        assert!((8_192..16_384).map(padme).collect::<std::collections::BTreeSet<_>>().len() <= 17);
    }
}
