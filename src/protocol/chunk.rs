//! The bytes of an encrypted chunk: a header, then each column's body and tag.

use crate::fields::{Fields, Malformed};
use crate::scheme::{Column, ColumnSet, MaskSeed, Profile, SLOT_BYTES, TAG_BYTES, Tag, is_padded_len};

/// Bytes of a chunk's header.
pub const CHUNK_HEADER_BYTES: usize = 1 + 1 + 2 + 16;

/// What stands before a chunk's columns: profile u8, columns u8, padded length u16, seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChunkHeader {
    /// The parameters under which the chunk was encrypted.
    pub profile: Profile,
    /// The columns that follow.
    pub columns: ColumnSet,
    /// Padded number of readings.
    pub len: usize,
    /// The seed of its masks.
    pub seed: MaskSeed,
}

impl ChunkHeader {
    /// The header's bytes.
    pub fn to_bytes(self) -> [u8; CHUNK_HEADER_BYTES] {
        let mut bytes = [0; CHUNK_HEADER_BYTES];
        bytes[0] = self.profile as u8;
        bytes[1] = self.columns.to_u8();
        bytes[2..4].copy_from_slice(&(self.len as u16).to_le_bytes());
        bytes[4..].copy_from_slice(&self.seed.0);
        bytes
    }

    /// Parses a header: known profile and columns, an allowed length.
    pub fn parse(bytes: &[u8; CHUNK_HEADER_BYTES]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let profile = Profile::from_u8(fields.u8()?).ok_or(Malformed)?;
        let columns = ColumnSet::from_u8(fields.u8()?).ok_or(Malformed)?;
        let len = usize::from(fields.u16()?);
        if is_padded_len(len) {
            Ok(Self { profile, columns, len, seed: MaskSeed(fields.array()?) })
        } else {
            Err(Malformed)
        }
    }

    /// Bytes of a whole chunk with this header.
    pub fn chunk_bytes(self) -> usize {
        CHUNK_HEADER_BYTES + self.columns.bytes(self.len)
    }
}

/// An encrypted chunk, borrowed from the bytes that it came in.
#[derive(Clone, Copy)]
pub struct ChunkView<'a> {
    header: ChunkHeader,
    columns: &'a [u8],
}

impl<'a> ChunkView<'a> {
    /// Parses a chunk: known profile and columns, an allowed length, exactly the bytes that follow
    /// from them, every tag in range.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (head, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
        let header = ChunkHeader::parse(head)?;
        if bytes.len() != header.chunk_bytes() {
            return Err(Malformed);
        }
        let chunk = Self { header, columns: rest };
        if header.columns.iter().all(|column| chunk.column(column).is_some()) { Ok(chunk) } else { Err(Malformed) }
    }

    /// The chunk's header.
    pub fn header(&self) -> ChunkHeader {
        self.header
    }

    /// The body and the tag of a column, if the chunk has it.
    pub fn column(&self, wanted: Column) -> Option<(&'a [u8], Tag)> {
        let mut rest = self.columns;
        for column in self.header.columns.iter() {
            let (this, after) = rest.split_at_checked(column.bytes(self.header.len))?;
            if column == wanted {
                let (body, tag) = this.split_at_checked(column.slots(self.header.len) * SLOT_BYTES)?;
                return Some((body, Tag::from_bytes(tag.first_chunk::<TAG_BYTES>()?)?));
            }
            rest = after;
        }
        None
    }
}
