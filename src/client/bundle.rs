//! The secret side of bundles: encrypting readings into one, asking about it, opening the answer.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use jiff::civil::Date;

use super::answered::{take_in, unanswered};
use super::encrypt::{Encryptor, encrypt_each, encryptors};
use super::keys::SchemeKey;
use super::master::{MasterKey, NoRandomness, random_bytes};
use super::plan::{Asked, plan};
use super::verify::{Unverified, verify};
use super::watch::Stop;
use crate::protocol::files::{
    ANSWER_OVERHEAD_BYTES, Answer, BundleHeader, BundleWriter, ExportId, FileError, KeyId, Part, QuestionFile,
};
use crate::protocol::{ChunkHeader, ChunkId};
use crate::reading::{HourIndex, HourKey, HourReadings, Rate, Readings};
use crate::scheme::{Column, ColumnSet, LimbSums, MaskSeed, N, Profile, padded_len};
use crate::statistics::{Question, Report, Request, Sums};

/// Hours encrypted between two looks whether to stop.
const BATCH: usize = 256;

/// One chunk of an export: the hour that it is of, and what it was encrypted as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExportedChunk {
    /// The hour.
    pub hour: HourKey,
    /// Profile, columns, padded length and seed.
    pub header: ChunkHeader,
}

/// What its owner remembers of an export: enough to ask about it and to check the answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exported {
    /// Its name.
    pub id: ExportId,
    /// When it was made, in milliseconds since the Unix epoch.
    pub made_ms: i64,
    /// The days that it was made of; all if `None`.
    pub days: (Option<Date>, Option<Date>),
    /// The [`fingerprint`] of its readings.
    pub content: [u8; 32],
    /// Its hours.
    pub index: HourIndex,
    /// Its chunks; the place of each is its id.
    pub chunks: Vec<ExportedChunk>,
}

/// From one day to another, both included; without bounds where `None`.
type Days = (Option<Date>, Option<Date>);

/// A hash of readings, their notes and sources left out: the same readings have the same one.
pub fn fingerprint(readings: &Readings) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for (key, hour) in readings.hours() {
        hasher.update(&key.hour.start_ms().to_le_bytes()).update(&key.hour.offset_secs().to_le_bytes());
        hasher.update(&[key.kind as u8]).update(&(hour.slots().len() as u32).to_le_bytes());
        for slot in hour.slots() {
            hasher.update(&slot.ms.to_le_bytes()).update(&slot.rate.centi_bpm().to_le_bytes());
        }
    }
    *hasher.finalize().as_bytes()
}

/// Why readings were not exported. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file cannot be written.
    #[error("could not write the bundle ({0}); your readings are safe")]
    Io(#[from] io::Error),
    /// There is no randomness to encrypt with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// There are no readings to export.
    #[error("there are no readings in this range; nothing was written")]
    Nothing,
    /// The person stopped it.
    #[error("stopped; nothing was written")]
    Stopped,
}

/// Why an answer was not opened. Nothing of it was decrypted, and nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("the answer {0}")]
    File(#[from] FileError),
    /// Its sums are not those that were asked for.
    #[error("the answer does not hold the sums that were asked for; ask for it again")]
    OtherSums,
    /// A sum failed its check.
    #[error(
        "sum {number} of the answer ({name}, {}){} failed its check: it was changed or computed from something else. \
         It was not decrypted, and nothing of the answer is shown",
        .column.name(),
        part_words(*.part)
    )]
    Unverified {
        /// Its number in the question, from 1.
        number: usize,
        /// What it is about.
        name: String,
        /// Its column.
        column: Column,
        /// The part of the answer.
        part: Part,
    },
}

fn part_words(part: Part) -> String {
    if part == Part::WHOLE { String::new() } else { format!(" in part {} of {}", part.number, part.of) }
}

impl Exported {
    /// Prepares an export of readings: its chunks, without seeds yet.
    fn prepare(profile: Profile, (id, made_ms): (ExportId, i64), days: Days, readings: &Readings) -> Self {
        let chunk = |hour: HourKey, slots: usize| ExportedChunk {
            hour,
            header: ChunkHeader {
                profile,
                columns: ColumnSet::ALL,
                len: padded_len(slots).unwrap_or(N),
                seed: MaskSeed([0; 16]),
            },
        };
        let pieces = |(key, hour): (HourKey, &Arc<HourReadings>)| {
            hour.slots().chunks(N).map(|slots| chunk(key, slots.len())).collect::<Vec<_>>()
        };
        let chunks = readings.hours().flat_map(pieces).collect();
        Self { id, made_ms, days, content: fingerprint(readings), index: readings.into(), chunks }
    }

    /// The chunks of each hour.
    fn by_hour(&self) -> BTreeMap<HourKey, Vec<(ChunkId, ChunkHeader)>> {
        let mut hours: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, chunk) in (0..).map(ChunkId).zip(&self.chunks) {
            hours.entry(chunk.hour).or_default().push((id, chunk.header));
        }
        hours
    }

    fn plan(&self, questions: &[Question]) -> Vec<Asked> {
        let hours = self.by_hour();
        plan(questions, |key| hours.get(&key).map(|chunks| &chunks[..]).unwrap_or_default())
    }

    /// The question file that asks for what a report needs; `None` if the range holds no readings.
    pub fn question(&self, key: &MasterKey, request: &Request) -> Option<QuestionFile> {
        // The questions are all that is wanted: they come out as the "error".
        let questions = Report::make(&self.index, request, |questions| Err(questions.to_vec())).err()?;
        let sums = self.plan(&questions).iter().map(Asked::to_sum).collect();
        let profile = self.chunks.first()?.header.profile;
        let days = [request.from, request.to].map(|day| day.map_or_else(String::new, |day| day.to_string()));
        let Request { step, detail, hours, .. } = request;
        let meaning = format!("{} {step:?} {detail:?} {} {} {hours:?}", self.id, days[0], days[1]);
        Some(QuestionFile {
            name: key.private_name(meaning.as_bytes()),
            key: key.id(),
            export: self.id,
            profile,
            chunks: self.chunks.len() as u32,
            sums,
        })
    }

    /// Checks and decrypts the answer to the question that [`Self::question`] made of this request.
    /// `None` if the range holds no readings.
    ///
    /// All of it is checked before any of it is decrypted.
    pub fn open(&self, key: &SchemeKey, request: &Request, answer: &mut Answer) -> Result<Option<Report>, OpenError> {
        self.check_part(key, request, answer)?;
        answer.rewind()?;
        Report::make(&self.index, request, |questions| self.answers(key, questions, answer))
    }

    /// Checks an answer or a part of one: every sum against its slice of the chunks. Decrypts nothing.
    pub fn check_part(&self, key: &SchemeKey, request: &Request, part: &mut Answer) -> Result<(), OpenError> {
        let check = |questions: &[Question]| {
            let checked = self.each_sum(questions, part, |asked, bytes, slice| {
                let (ids, chunks) = (asked.ids.iter(), asked.chunks.iter());
                let within: Vec<_> = ids.zip(chunks).filter(|(id, _)| slice.contains(&id.0)).map(|(_, c)| *c).collect();
                match within[..] {
                    // Nothing to add: all zeros, tag included.
                    [] => {
                        if bytes.iter().all(|&byte| byte == 0) {
                            Ok(())
                        } else {
                            Err(Unverified)
                        }
                    }
                    _ => verify(key, asked.column, &within, bytes).map(drop),
                }
            });
            Err::<Vec<Sums>, _>(checked)
        };
        Report::make(&self.index, request, check).err().unwrap_or(Ok(()))
    }

    fn answers(&self, key: &SchemeKey, questions: &[Question], answer: &mut Answer) -> Result<Vec<Sums>, OpenError> {
        let count = |question: &Question| question.hours.iter().map(|&hour| self.index.count(hour)).sum();
        let mut sums: Vec<_> = questions.iter().map(|question| unanswered(question.needs, count(question))).collect();
        self.each_sum(questions, answer, |asked, bytes, _| {
            let verified = verify(key, asked.column, &asked.chunks, bytes)?;
            take_in(&mut sums[asked.question], asked.column, &verified.decrypt());
            Ok(())
        })?;
        Ok(sums)
    }

    /// Goes through the sums of an answer beside those that were asked for.
    fn each_sum(
        &self,
        questions: &[Question],
        answer: &mut Answer,
        mut check: impl FnMut(&Asked, &[u8], &std::ops::Range<u32>) -> Result<(), Unverified>,
    ) -> Result<(), OpenError> {
        let header = answer.header();
        let asked = self.plan(questions);
        if self.chunks.iter().any(|chunk| chunk.header.profile != header.profile) || header.sums != asked.len() as u64 {
            return Err(OpenError::OtherSums);
        }
        let slice = header.part.slice(self.chunks.len() as u32);
        let mut bytes = Vec::new();
        for (number, asked) in (1..).zip(&asked) {
            let column = answer.next(&mut bytes)?;
            let failed = |Unverified| OpenError::Unverified {
                number,
                name: questions[asked.question].name.clone(),
                column: asked.column,
                part: header.part,
            };
            if column != Some(asked.column) {
                return Err(failed(Unverified));
            }
            check(asked, &bytes, &slice).map_err(failed)?;
        }
        Ok(())
    }

    /// Bytes that the answer to a question will have.
    pub fn answer_bytes(question: &QuestionFile) -> u64 {
        ANSWER_OVERHEAD_BYTES
            + question.sums.iter().map(|sum| 1 + LimbSums::byte_len(question.profile, sum.column) as u64).sum::<u64>()
    }
}

/// Encrypts the readings of some days into a bundle. `seal` makes the owner's sealed part of what is
/// remembered of the export and the hash of everything before it; its length must not depend on seeds.
/// `progress` hears how many hours are done, of how many.
pub fn export(
    (key, owner): (&SchemeKey, KeyId),
    (readings, days): (&Readings, Days),
    made_ms: i64,
    seal: impl Fn(&Readings, &Exported, &[u8; 32]) -> Result<Vec<u8>, NoRandomness>,
    (stop, progress): (&Stop, &mut dyn FnMut(usize, usize)),
    out: impl Write,
) -> Result<Exported, ExportError> {
    let readings = &readings.within(days.0, days.1);
    let mut exported = Exported::prepare(key.profile(), (ExportId(random_bytes()?), made_ms), days, readings);
    if exported.chunks.is_empty() {
        return Err(ExportError::Nothing);
    }
    let header = BundleHeader {
        key: owner,
        export: exported.id,
        profile: key.profile(),
        chunks: exported.chunks.len() as u64,
        chunk_bytes: exported.chunks.iter().map(|chunk| chunk.header.chunk_bytes() as u64).sum(),
        sealed_bytes: seal(readings, &exported, &[0; 32])?.len() as u64,
    };
    let mut writer = BundleWriter::new(out, header)?;
    let hours: Vec<_> = readings.hours().collect();
    let mut encryptors = encryptors()?;
    let (mut seeds, mut done) = (exported.chunks.iter_mut(), 0);
    for batch in hours.chunks(BATCH) {
        if stop.is_stopped() {
            return Err(ExportError::Stopped);
        }
        progress(done, hours.len());
        let encrypted =
            encrypt_each(&mut encryptors, batch, |encryptor, (_, hour)| encrypt_hour(encryptor, key, hour))?;
        for (header, bytes) in encrypted.iter().flatten() {
            writer.chunk(bytes)?;
            if let Some(chunk) = seeds.next() {
                chunk.header = *header;
            }
        }
        done += batch.len();
    }
    let sealed = seal(readings, &exported, &writer.digest())?;
    writer.finish(&sealed)?.flush()?;
    Ok(exported)
}

/// Encrypts the chunks of one hour, with every column.
fn encrypt_hour(
    encryptor: &mut Encryptor,
    key: &SchemeKey,
    hour: &HourReadings,
) -> Result<Vec<(ChunkHeader, Vec<u8>)>, NoRandomness> {
    hour.slots()
        .chunks(N)
        .map(|slots| {
            let rates: Vec<Rate> = slots.iter().map(|slot| slot.rate).collect();
            let mut bytes = Vec::new();
            let header = encryptor.encrypt(key, &rates, ColumnSet::ALL, &mut bytes)?;
            Ok((header, bytes))
        })
        .collect()
}
