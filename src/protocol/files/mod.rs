//! Files that travel: bundles of encrypted sheets, questions about them, answers.
//!
//! `docs/FORMAT.md` describes each to the byte. Bundles and answers start with a block of fixed size that
//! says to a person what the file is, and end with the BLAKE3 hash of everything before: it tells damage.
//! Forgery is told by tags, and by the seal around the owner's part.

mod answer;
mod bundle;
mod question;

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

pub use answer::{ANSWER_OVERHEAD_BYTES, Answer, AnswerHeader, AnswerWriter};
pub use bundle::{Bundle, BundleHeader, BundleWriter, ByteProgress, SealedPart};
pub use question::{MOST_QUESTION_BYTES, QuestionFile};

use crate::platform;

/// The public name of a key: all files made under one key carry it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 16]);

/// The random name of one export.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ExportId(pub [u8; 16]);

fn hexadecimal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digits = f.precision().unwrap_or(2 * bytes.len()).min(2 * bytes.len());
    bytes.iter().take(digits.div_ceil(2)).try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for KeyId {
    /// 32 hexadecimal digits; `{:.8}` shows the first eight, enough to recognise a key by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl fmt::Display for ExportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

/// Why a file cannot be read. Nothing of it was used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system could not read or write it.
    #[error("could not be read ({0})")]
    Io(#[from] io::Error),
    /// It is another kind of file.
    #[error("is not a Veilbeat {0}")]
    Other(&'static str),
    /// A version before the first release wrote it.
    #[error("has a format that was never released ({0}); make it again with this version of Veilbeat")]
    Unreleased(u32),
    /// A later version wrote it.
    #[error("was made by a newer version of Veilbeat (format {0}); update to read it")]
    Newer(u32),
    /// Its bytes are not what was written.
    #[error("is damaged or cut short ({0}); get it again from where it came from")]
    Damaged(&'static str),
}

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// Encrypted sheets, and their owner's sealed part.
    Bundle,
    /// Sums, as a question asked for them.
    Answer,
    /// A question, as text.
    Question,
}

/// Bytes of the block at the start of bundles and answers.
pub const PREFIX_BYTES: usize = 256;
const MAGIC_BYTES: usize = 16;
/// Bytes of the hash at the end.
pub const DIGEST_BYTES: usize = 32;
const FORMAT: u32 = 2;

impl FileKind {
    /// The kind of a file that starts with these bytes, if it is one of ours.
    pub fn of(head: &[u8]) -> Option<Self> {
        [Self::Bundle, Self::Answer, Self::Question].into_iter().find(|kind| head.starts_with(kind.magic()))
    }

    /// The kind of a file, if it is one of ours.
    pub fn of_file(path: &Path) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        platform::open_regular(path)?.take(MAGIC_BYTES as u64 + 1).read_to_end(&mut head)?;
        Ok(Self::of(&head))
    }

    /// Its name in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Answer => "answer",
            Self::Question => "question",
        }
    }

    const fn magic(self) -> &'static [u8] {
        match self {
            Self::Bundle => b"veilbeat bundle\n",
            Self::Answer => b"veilbeat answer\n",
            Self::Question => b"veilbeat question",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::Bundle => {
                "\nHeart rates, encrypted by Veilbeat. Without their owner's key nobody can read one.\n\
                 Anyone can add them up:\nveilbeat compute THIS.veil question.txt -o answer.veil\n"
            }
            Self::Answer => {
                "\nSums of encrypted heart rates, computed by Veilbeat. Only the owner of the key\n\
                 can check and read them:\nveilbeat open THIS.veil\n"
            }
            Self::Question => "",
        }
    }

    /// The block at the start: magic, format, and words that fill it. The words are not parsed.
    fn prefix(self) -> [u8; PREFIX_BYTES] {
        let mut prefix = [b' '; PREFIX_BYTES];
        prefix[..MAGIC_BYTES].copy_from_slice(self.magic());
        prefix[MAGIC_BYTES..MAGIC_BYTES + 4].copy_from_slice(&FORMAT.to_le_bytes());
        let about = self.about().as_bytes();
        prefix[MAGIC_BYTES + 4..MAGIC_BYTES + 4 + about.len()].copy_from_slice(about);
        prefix[PREFIX_BYTES - 1] = b'\n';
        prefix
    }

    /// Reads and checks the block at the start.
    fn read_prefix(self, reader: &mut Hashing<impl Read>) -> Result<(), FileError> {
        // A file that is short and starts otherwise is another file and not a damaged one.
        let magic: [u8; MAGIC_BYTES] = reader.array().map_err(|error| match error {
            FileError::Damaged(_) => FileError::Other(self.name()),
            error => error,
        })?;
        if magic != self.magic() {
            return Err(FileError::Other(self.name()));
        }
        let format = u32::from_le_bytes(reader.array()?);
        reader.skip((PREFIX_BYTES - MAGIC_BYTES - 4) as u64)?;
        check_format(format)
    }
}

/// Whether this version reads a format.
fn check_format(format: u32) -> Result<(), FileError> {
    match format {
        FORMAT => Ok(()),
        0 => Err(FileError::Damaged("it names no format")),
        older if older < FORMAT => Err(FileError::Unreleased(older)),
        newer => Err(FileError::Newer(newer)),
    }
}

/// Passes bytes through and hashes them.
struct Hashing<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self { inner, hasher: blake3::Hasher::new() }
    }

    /// The hash of everything that has passed so far.
    fn digest(&self) -> [u8; DIGEST_BYTES] {
        *self.hasher.finalize().as_bytes()
    }
}

impl<T: Read> Hashing<T> {
    /// The next `N` bytes.
    fn array<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), FileError> {
        self.inner.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => FileError::Damaged("it ends too early"),
            _ => FileError::Io(error),
        })?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Reads past `bytes` bytes.
    fn skip(&mut self, mut bytes: u64) -> Result<(), FileError> {
        let mut buffer = [0; 1 << 14];
        while bytes > 0 {
            let part = bytes.min(buffer.len() as u64) as usize;
            self.fill(&mut buffer[..part])?;
            bytes -= part as u64;
        }
        Ok(())
    }

    /// Reads the hash at the end, which must be that of everything before, and the end itself.
    fn end(mut self) -> Result<(), FileError> {
        let expected = self.digest();
        if self.array::<DIGEST_BYTES>()? != expected {
            return Err(FileError::Damaged("its checksum is wrong"));
        }
        if self.inner.read(&mut [0])? != 0 {
            return Err(FileError::Damaged("something follows its end"));
        }
        Ok(())
    }
}

impl<T: Write> Hashing<T> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }

    /// Writes the hash of everything before, and gives back what was written to.
    fn finish(mut self) -> io::Result<T> {
        let digest = self.digest();
        self.inner.write_all(&digest)?;
        Ok(self.inner)
    }
}
