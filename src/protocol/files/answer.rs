//! Answers: the sums that a question asked for.

use std::fs::File;
use std::io::{self, BufReader, Seek, Write};
use std::path::Path;

use super::{DIGEST_BYTES, ExportId, FileError, FileKind, Hashing, KeyId, PREFIX_BYTES};
use crate::fields::{Fields, Malformed};
use crate::platform;
use crate::scheme::{Column, LimbSums, ParameterSet};

/// Bytes of the header: key id, export id, question digest, parameter set u8 and seven zeros, number of sums u64.
const HEADER_BYTES: usize = 16 + 16 + DIGEST_BYTES + 8 + 8;

/// Bytes of an answer without its sums.
pub const ANSWER_OVERHEAD_BYTES: u64 = (PREFIX_BYTES + HEADER_BYTES + DIGEST_BYTES) as u64;

/// The header of an answer. None of it is believed: it tells which question to look for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AnswerHeader {
    /// Whose bundle it is about.
    pub key: KeyId,
    /// Which export.
    pub export: ExportId,
    /// The hash of the question's text.
    pub question: [u8; DIGEST_BYTES],
    /// The parameters.
    pub parameters: ParameterSet,
    /// How many sums follow.
    pub sums: u64,
}

impl AnswerHeader {
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..16].copy_from_slice(&self.key.0);
        bytes[16..32].copy_from_slice(&self.export.0);
        bytes[32..64].copy_from_slice(&self.question);
        bytes[64] = self.parameters as u8;
        bytes[72..].copy_from_slice(&self.sums.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let (key, export, question) = (KeyId(fields.array()?), ExportId(fields.array()?), fields.array()?);
        let parameters = ParameterSet::from_u8(fields.u8()?).ok_or(Malformed)?;
        if fields.array::<7>()? != [0; 7] {
            return Err(Malformed);
        }
        let sums = fields.u64()?;
        fields.end()?;
        Ok(Self { key, export, question, parameters, sums })
    }
}

/// Writes an answer, sum by sum.
pub struct AnswerWriter<W> {
    out: Hashing<W>,
    left: u64,
}

impl<W: Write> AnswerWriter<W> {
    /// Writes the start.
    pub fn new(out: W, header: AnswerHeader) -> io::Result<Self> {
        let mut out = Hashing::new(out);
        out.put(&FileKind::Answer.prefix())?;
        out.put(&header.to_bytes())?;
        Ok(Self { out, left: header.sums })
    }

    /// Writes the next sum: its column, then its bytes.
    ///
    /// # Panics
    /// If the header did not announce it.
    pub fn sum(&mut self, column: Column, sums: &LimbSums) -> io::Result<()> {
        self.left -= 1;
        let mut bytes = vec![column.number()];
        sums.write_to(&mut bytes);
        self.out.put(&bytes)
    }

    /// Writes the end.
    ///
    /// # Panics
    /// If the header announced more sums.
    pub fn finish(self) -> io::Result<W> {
        assert_eq!(self.left, 0);
        self.out.finish()
    }
}

/// An answer that is being read, sum by sum.
pub struct Answer {
    reader: Hashing<BufReader<File>>,
    header: AnswerHeader,
    left: u64,
}

impl Answer {
    /// Opens an answer, after it has been read through once and found undamaged.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let mut file = platform::open_regular(path)?;
        let mut first = Self::start(file.try_clone()?)?;
        let mut bytes = Vec::new();
        while first.next(&mut bytes)?.is_some() {}
        first.reader.end()?;
        file.rewind()?;
        Self::start(file)
    }

    fn start(file: File) -> Result<Self, FileError> {
        let mut reader = Hashing::new(BufReader::with_capacity(1 << 16, file));
        FileKind::Answer.read_prefix(&mut reader)?;
        let header = AnswerHeader::read(&reader.array()?).map_err(|_| FileError::Damaged("its header is malformed"))?;
        Ok(Self { reader, left: header.sums, header })
    }

    /// Goes back to the first sum.
    pub fn rewind(&mut self) -> Result<(), FileError> {
        let mut file = self.reader.inner.get_ref().try_clone()?;
        file.rewind()?;
        let again = Self::start(file)?;
        if again.header != self.header {
            return Err(FileError::Damaged("it changed while it was being read"));
        }
        *self = again;
        Ok(())
    }

    /// Returns the header of the answer.
    pub fn header(&self) -> AnswerHeader {
        self.header
    }

    /// The column and the bytes of the next sum; `None` after the last.
    pub fn next(&mut self, bytes: &mut Vec<u8>) -> Result<Option<Column>, FileError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let [column] = self.reader.array()?;
        let column = Column::from_u8(column).ok_or(FileError::Damaged("a sum is malformed"))?;
        bytes.resize(LimbSums::byte_len(self.header.parameters, column), 0);
        self.reader.fill(bytes)?;
        Ok(Some(column))
    }
}
