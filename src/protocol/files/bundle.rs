//! Bundles: encrypted sheets, one after the other, and their owner's sealed part.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::{DIGEST_BYTES, ExportId, FileError, FileKind, Hashing, KeyId, PREFIX_BYTES};
use crate::fields::{Fields, Malformed};
use crate::platform;
use crate::protocol::{ColumnView, SheetHeader, SheetId, SheetView};
use crate::scheme::{Column, ColumnSet, MaskSeed, ParameterSet};

/// Bytes of the header: key id, export id, parameter set u8 and three zeros, columns u32, number of sheets u64, bytes
/// of the sealed part u64.
const HEADER_BYTES: usize = 16 + 16 + 4 + 4 + 8 + 8;
/// More sheets than anybody has: 35 kB each.
const MOST_SHEETS: u64 = 1 << 24;
/// The sealed part is read as a whole: some eight bytes a reading.
const MOST_SEALED_BYTES: u64 = 1 << 32;

/// The header of a bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BundleHeader {
    /// Whose it is.
    pub key: KeyId,
    /// Which export it is.
    pub export: ExportId,
    /// Parameters and columns of each of its sheets.
    pub sheet: SheetHeader,
    /// How many sheets it holds.
    pub sheets: u64,
    /// Bytes of its owner's sealed part; 0 if it was exported for computing only.
    pub sealed_bytes: u64,
}

impl BundleHeader {
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..16].copy_from_slice(&self.key.0);
        bytes[16..32].copy_from_slice(&self.export.0);
        bytes[32] = self.sheet.parameters as u8;
        bytes[36..40].copy_from_slice(&self.sheet.columns.to_u32().to_le_bytes());
        bytes[40..48].copy_from_slice(&self.sheets.to_le_bytes());
        bytes[48..].copy_from_slice(&self.sealed_bytes.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let (key, export) = (KeyId(fields.array()?), ExportId(fields.array()?));
        let parameters = ParameterSet::from_u8(fields.u8()?).ok_or(Malformed)?;
        if fields.array::<3>()? != [0; 3] {
            return Err(Malformed);
        }
        // A bundle can answer whatever can be asked, but for the distributions of hours.
        let columns = ColumnSet::from_u32(fields.u32()?);
        let columns = columns.filter(|columns| [ColumnSet::WEEK, ColumnSet::ALL].contains(columns)).ok_or(Malformed)?;
        let sheet = SheetHeader { parameters, columns };
        let header = Self { key, export, sheet, sheets: fields.u64()?, sealed_bytes: fields.u64()? };
        fields.end()?;
        Ok(header)
    }

    /// Bytes of all sheets, if there can be so many.
    fn all_sheets_bytes(self) -> Option<u64> {
        (1..=MOST_SHEETS).contains(&self.sheets).then(|| self.sheets * self.sheet.sheet_bytes() as u64)
    }

    /// Bytes of the whole file, if such a file can be.
    fn file_bytes(self) -> Option<u64> {
        let fixed = (PREFIX_BYTES + HEADER_BYTES + DIGEST_BYTES) as u64;
        let sealed = (self.sealed_bytes <= MOST_SEALED_BYTES).then_some(self.sealed_bytes)?;
        Some(fixed + self.all_sheets_bytes()? + sealed)
    }
}

/// Writes a bundle: its header is known before its sheets.
pub struct BundleWriter<W> {
    out: Hashing<W>,
    left: BundleHeader,
}

impl<W: Write> BundleWriter<W> {
    /// Writes the start.
    pub fn new(out: W, header: BundleHeader) -> io::Result<Self> {
        let mut out = Hashing::new(out);
        out.put(&FileKind::Bundle.prefix())?;
        out.put(&header.to_bytes())?;
        Ok(Self { out, left: header })
    }

    /// Writes the next sheet.
    ///
    /// # Panics
    /// If the header did not announce it: that is a mistake of the caller.
    pub fn sheet(&mut self, sheet: &[u8]) -> io::Result<()> {
        self.left.sheets -= 1;
        assert_eq!(sheet.len(), self.left.sheet.sheet_bytes());
        self.out.put(sheet)
    }

    /// The hash of everything so far: what the sealed part is tied to.
    pub fn digest(&self) -> [u8; DIGEST_BYTES] {
        self.out.digest()
    }

    /// Writes the sealed part and the end.
    ///
    /// # Panics
    /// If the header announced something else.
    pub fn finish(mut self, sealed: &[u8]) -> io::Result<W> {
        assert_eq!((self.left.sheets, self.left.sealed_bytes), (0, sealed.len() as u64));
        self.out.put(sealed)?;
        self.out.finish()
    }
}

/// A bundle that has been checked for damage. Its sheets stay in the file.
pub struct Bundle {
    file: File,
    header: BundleHeader,
    /// The hash of everything before the sealed part.
    digest: [u8; DIGEST_BYTES],
    /// The hash of all seeds.
    seeds: [u8; DIGEST_BYTES],
}

/// The owner's sealed part of a bundle.
pub struct SealedPart {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The hash of everything before it, which it is tied to.
    pub before: [u8; DIGEST_BYTES],
}

/// Is told how many bytes have been read or written, and the total; says whether to go on.
pub type ByteProgress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

const STEP_BYTES: u64 = 8 << 20;

impl Bundle {
    /// Opens a bundle: reads it once, from start to end, and checks every sheet's form.
    pub fn open(path: &Path, progress: ByteProgress) -> Result<Self, FileError> {
        let file = platform::open_regular(path)?;
        let bytes = file.metadata()?.len();
        let mut reader = Hashing::new(BufReader::with_capacity(1 << 16, &file));
        let header = Self::start(&mut reader, bytes)?;
        let mut sheet = vec![0; header.sheet.sheet_bytes()];
        let (mut at, mut told, mut seeds) = (0, 0, blake3::Hasher::new());
        for _ in 0..header.sheets {
            reader.fill(&mut sheet)?;
            let view = SheetView::parse(&sheet).map_err(|Malformed| FileError::Damaged("a sheet is malformed"))?;
            if view.header() != header.sheet {
                return Err(FileError::Damaged("a sheet's parameters or columns differ from its bundle's"));
            }
            for column in header.sheet.columns.iter().filter_map(|column| view.column(column)) {
                seeds.update(&column.seed.0);
            }
            at += sheet.len() as u64;
            if at - told >= STEP_BYTES {
                told = at;
                if progress(at, bytes).is_break() {
                    return Err(FileError::Io(io::ErrorKind::Interrupted.into()));
                }
            }
        }
        let digest = reader.digest();
        reader.skip(header.sealed_bytes)?;
        reader.end()?;
        let seeds = *seeds.finalize().as_bytes();
        Ok(Self { file, header, digest, seeds })
    }

    fn start(reader: &mut Hashing<impl Read>, bytes: u64) -> Result<BundleHeader, FileError> {
        FileKind::Bundle.read_prefix(reader)?;
        let header = BundleHeader::read(&reader.array()?).map_err(|_| FileError::Damaged("its header is malformed"))?;
        if header.file_bytes() != Some(bytes) {
            return Err(FileError::Damaged("its length differs from what its header says"));
        }
        Ok(header)
    }

    /// Returns the header of the bundle.
    pub fn header(&self) -> BundleHeader {
        self.header
    }

    /// Whether these are the seeds of its sheets, in order, and in each by the numbers of its columns.
    pub fn has_seeds<'s>(&self, seeds: impl Iterator<Item = &'s MaskSeed>) -> bool {
        let mut hasher = blake3::Hasher::new();
        for seed in seeds {
            hasher.update(&seed.0);
        }
        hasher.finalize() == self.seeds
    }

    /// How many sheets it holds.
    pub fn sheets(&self) -> u32 {
        self.header.sheets as u32
    }

    /// Parameters and columns of a sheet; `None` if there is no such sheet.
    pub fn sheet(&self, id: SheetId) -> Option<SheetHeader> {
        (u64::from(id.0) < self.header.sheets).then_some(self.header.sheet)
    }

    /// Reads a column of a sheet, into `buffer`.
    pub fn column<'b>(
        &self,
        id: SheetId,
        column: Column,
        buffer: &'b mut Vec<u8>,
    ) -> Result<ColumnView<'b>, FileError> {
        const CHANGED: FileError = FileError::Damaged("it changed while it was being read");
        let within = self.sheet(id).and_then(|header| header.offset_of(column)).ok_or(CHANGED)?;
        let start = (PREFIX_BYTES + HEADER_BYTES) as u64 + u64::from(id.0) * self.header.sheet.sheet_bytes() as u64;
        buffer.resize(column.bytes(), 0);
        platform::read_at(&self.file, buffer, start + within as u64)?;
        ColumnView::parse(column, buffer).map_err(|Malformed| CHANGED)
    }

    /// The owner's sealed part; `None` if it was exported for computing only.
    pub fn sealed(&self) -> Result<Option<SealedPart>, FileError> {
        if self.header.sealed_bytes == 0 {
            return Ok(None);
        }
        let mut sealed = vec![0; self.header.sealed_bytes as usize];
        let start = (PREFIX_BYTES + HEADER_BYTES) as u64 + self.header.all_sheets_bytes().unwrap_or(0);
        platform::read_at(&self.file, &mut sealed, start)?;
        Ok(Some(SealedPart { bytes: sealed, before: self.digest }))
    }
}
