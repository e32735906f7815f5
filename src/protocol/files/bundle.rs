//! Bundles: encrypted chunks, one after the other, and their owner's sealed part.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::{DIGEST_BYTES, ExportId, FileError, FileKind, Hashing, KeyId, PREFIX_BYTES};
use crate::fields::{Fields, Malformed};
use crate::platform;
use crate::protocol::{CHUNK_HEADER_BYTES, ChunkHeader, ChunkId};
use crate::scheme::{Column, ColumnSet, MAX_SLOTS, MaskSeed, Profile, SLOT_BYTES, TAG_BYTES, Tag};

/// Bytes of the header: key id, export id, profile u8 and seven zeros, number of chunks u64, their bytes
/// u64, bytes of the sealed part u64.
const HEADER_BYTES: usize = 16 + 16 + 8 + 3 * 8;
/// More chunks than ids.
const MOST_CHUNKS: u64 = 1 << 32;
/// The sealed part is read as a whole: some eight bytes a reading.
const MOST_SEALED_BYTES: u64 = 1 << 32;

/// What a bundle says about itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BundleHeader {
    /// Whose it is.
    pub key: KeyId,
    /// Which export it is.
    pub export: ExportId,
    /// The parameters of its chunks.
    pub profile: Profile,
    /// How many chunks it holds.
    pub chunks: u64,
    /// Their bytes.
    pub chunk_bytes: u64,
    /// Bytes of its owner's sealed part.
    pub sealed_bytes: u64,
}

impl BundleHeader {
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..16].copy_from_slice(&self.key.0);
        bytes[16..32].copy_from_slice(&self.export.0);
        bytes[32] = self.profile as u8;
        for (at, value) in [(40, self.chunks), (48, self.chunk_bytes), (56, self.sealed_bytes)] {
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let (key, export) = (KeyId(fields.array()?), ExportId(fields.array()?));
        let profile = Profile::from_u8(fields.u8()?).ok_or(Malformed)?;
        if fields.array::<7>()? != [0; 7] {
            return Err(Malformed);
        }
        let header = Self {
            key,
            export,
            profile,
            chunks: fields.u64()?,
            chunk_bytes: fields.u64()?,
            sealed_bytes: fields.u64()?,
        };
        fields.end()?;
        Ok(header)
    }

    /// Bytes of the whole file, if such a file can be.
    fn file_bytes(self) -> Option<u64> {
        let fits = self.chunks <= MOST_CHUNKS
            && self.sealed_bytes <= MOST_SEALED_BYTES
            && self.chunks.checked_mul(CHUNK_HEADER_BYTES as u64)? <= self.chunk_bytes;
        let fixed = (PREFIX_BYTES + HEADER_BYTES + DIGEST_BYTES) as u64;
        fixed.checked_add(self.chunk_bytes)?.checked_add(self.sealed_bytes).filter(|_| fits)
    }
}

/// Writes a bundle: its header is known before its chunks.
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

    /// Writes the next chunk.
    ///
    /// # Panics
    /// If the header did not announce it: that is a mistake of the caller.
    pub fn chunk(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.left.chunks -= 1;
        self.left.chunk_bytes -= chunk.len() as u64;
        self.out.put(chunk)
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
        assert_eq!((self.left.chunks, self.left.chunk_bytes), (0, 0));
        assert_eq!(self.left.sealed_bytes, sealed.len() as u64);
        self.out.put(sealed)?;
        self.out.finish()
    }
}

/// A bundle that has been checked for damage, and where its chunks are. They stay in the file.
pub struct Bundle {
    file: File,
    header: BundleHeader,
    /// Where each chunk starts, and its padded length.
    places: Vec<(u64, u16)>,
    /// The hash of everything before the sealed part.
    digest: [u8; DIGEST_BYTES],
}

/// Hears how many bytes of a file have been read, and of how many; says whether to go on.
type FileProgress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

const STEP_BYTES: u64 = 8 << 20;

impl Bundle {
    /// Opens a bundle: reads it once, from start to end.
    pub fn open(path: &Path, progress: FileProgress) -> Result<Self, FileError> {
        let file = platform::open_regular(path)?;
        let bytes = file.metadata()?.len();
        let mut reader = Hashing::new(BufReader::with_capacity(1 << 16, &file));
        let header = Self::start(&mut reader, bytes)?;
        let mut places = Vec::new();
        let start = (PREFIX_BYTES + HEADER_BYTES) as u64;
        let (mut at, end, mut told) = (start, start + header.chunk_bytes, 0);
        for _ in 0..header.chunks {
            let chunk = ChunkHeader::parse(&reader.array()?).map_err(|_| FileError::Damaged("a chunk is malformed"))?;
            // A bundle can answer whatever can be asked.
            if chunk.profile != header.profile
                || chunk.columns != ColumnSet::ALL
                || chunk.chunk_bytes() as u64 > end - at
            {
                return Err(FileError::Damaged("a chunk is malformed"));
            }
            reader.skip((chunk.chunk_bytes() - CHUNK_HEADER_BYTES) as u64)?;
            places.push((at, chunk.len as u16));
            at += chunk.chunk_bytes() as u64;
            if end - at < CHUNK_HEADER_BYTES as u64 && (places.len() as u64) < header.chunks {
                return Err(FileError::Damaged("a chunk is missing"));
            }
            if at - told >= STEP_BYTES {
                told = at;
                if progress(at, bytes).is_break() {
                    return Err(FileError::Io(io::ErrorKind::Interrupted.into()));
                }
            }
        }
        if at != end {
            return Err(FileError::Damaged("its chunks are fewer than it says"));
        }
        let digest = reader.digest();
        reader.skip(header.sealed_bytes)?;
        reader.end()?;
        Ok(Self { file, header, places, digest })
    }

    fn start(reader: &mut Hashing<impl Read>, bytes: u64) -> Result<BundleHeader, FileError> {
        FileKind::Bundle.read_prefix(reader)?;
        let header = BundleHeader::read(&reader.array()?).map_err(|_| FileError::Damaged("its header is malformed"))?;
        if header.file_bytes() != Some(bytes) {
            return Err(FileError::Damaged("it has another length than its header says"));
        }
        Ok(header)
    }

    /// What it says about itself.
    pub fn header(&self) -> BundleHeader {
        self.header
    }

    /// How many chunks it holds.
    pub fn chunks(&self) -> u32 {
        // Ids are u32; a bundle of 2^32 chunks has its last id at u32::MAX.
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Profile, columns and padded length of a chunk, without its seed, which stays in the file; `None` if
    /// there is no such chunk.
    pub fn shape(&self, id: ChunkId) -> Option<ChunkHeader> {
        let &(_, len) = self.places.get(id.0 as usize)?;
        let (profile, columns) = (self.header.profile, ColumnSet::ALL);
        Some(ChunkHeader { profile, columns, len: len.into(), seed: MaskSeed([0; 16]) })
    }

    /// Reads the body of a column of a chunk into `body`; returns the chunk's header and the column's tag.
    /// `None` if there is no such chunk.
    pub fn column(
        &self,
        id: ChunkId,
        column: Column,
        body: &mut Vec<u8>,
    ) -> Result<Option<(ChunkHeader, Tag)>, FileError> {
        const CHANGED: FileError = FileError::Damaged("it has changed while it was read");
        let (Some(&(place, _)), Some(shape)) = (self.places.get(id.0 as usize), self.shape(id)) else {
            return Ok(None);
        };
        let mut bytes = [0; CHUNK_HEADER_BYTES];
        platform::read_at(&self.file, &mut bytes, place)?;
        let header = ChunkHeader::parse(&bytes).map_err(|_| CHANGED)?;
        if (ChunkHeader { seed: shape.seed, ..header }) != shape {
            return Err(CHANGED);
        }
        let before: usize =
            header.columns.iter().take_while(|&other| other != column).map(|c| c.bytes(header.len)).sum();
        body.resize(column.bytes(header.len), 0);
        platform::read_at(&self.file, body, place + (CHUNK_HEADER_BYTES + before) as u64)?;
        let tag = body.last_chunk::<TAG_BYTES>().and_then(Tag::from_bytes);
        let tag = tag.ok_or(FileError::Damaged("a tag is out of range"))?;
        body.truncate(column.slots(header.len) * SLOT_BYTES);
        Ok(Some((header, tag)))
    }

    /// The owner's sealed part, and the hash that it is tied to.
    pub fn sealed(&self) -> Result<(Vec<u8>, [u8; DIGEST_BYTES]), FileError> {
        let mut sealed = vec![0; self.header.sealed_bytes as usize];
        platform::read_at(&self.file, &mut sealed, (PREFIX_BYTES + HEADER_BYTES) as u64 + self.header.chunk_bytes)?;
        Ok((sealed, self.digest))
    }
}

// A sum never covers more chunks than ids.
const _: () = assert!(MAX_SLOTS < MOST_CHUNKS);
