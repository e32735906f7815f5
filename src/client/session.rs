//! Talking to a server: upload what it lacks, ask, check each answer as it comes, decrypt it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answered::{columns, take_in, unanswered};
use super::ask_error::AskError;
use super::encrypt::{Encryptor, encrypt_each, encryptors};
use super::keys::SchemeKey;
use super::known::{Known, SumKey};
use super::master::NoRandomness;
use super::plan::{Asked, plan};
use super::verify::{Unverified, verify};
use super::watch::{Stage, Traffic, Watch};
use crate::protocol::{ChunkHeader, ChunkId, ClientEnd, Malformed, Refused, Reply, Request, RequestId, SumRequest};
use crate::reading::{HourKey, HourReadings, Rate, Readings};
use crate::scheme::{ColumnSet, N};
use crate::statistics::{Question, Sums};

/// How long to wait for a reply before looking whether to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// Chunks encrypted between two looks whether to stop.
const BATCH: usize = 128;
/// How long a server may be silent before a question is given up. A sum takes milliseconds.
const SILENCE: Duration = Duration::from_mins(1);
/// Replies kept while a frame cannot be sent. An honest server sends none then, but for a few late
/// ones to a question that was stopped.
const EARLY_REPLIES: usize = 512;

/// An hour as the server holds it.
pub(super) struct Held {
    pub(super) readings: Arc<HourReadings>,
    columns: ColumnSet,
    pub(super) chunks: Vec<(ChunkId, ChunkHeader)>,
}

/// An hour to be encrypted and sent.
struct Job {
    key: HourKey,
    hour: Arc<HourReadings>,
    columns: ColumnSet,
    ids: Vec<ChunkId>,
}

/// The client's side of a connection to one server.
pub struct Client {
    key: SchemeKey,
    end: ClientEnd,
    encryptors: Vec<Encryptor>,
    pub(super) held: BTreeMap<HourKey, Held>,
    /// Replies that came while a frame could not be sent.
    early: VecDeque<Vec<u8>>,
    /// Chunks that the server is to forget, told to it before the next question.
    pub(super) doomed: Vec<ChunkId>,
    /// Sum requests that the server is to stop, likewise.
    cancelled: Vec<RequestId>,
    /// How long the server may be silent.
    silence: Duration,
    /// Sums that need not be asked for again.
    known: Known,
    next_chunk: u32,
    next_request: u32,
    traffic: Traffic,
}

impl Client {
    /// A client with a key, at its end of a connection to a server that holds nothing yet.
    pub fn new(key: SchemeKey, end: ClientEnd) -> Result<Self, NoRandomness> {
        Ok(Self {
            key,
            end,
            encryptors: encryptors()?,
            held: BTreeMap::new(),
            early: VecDeque::new(),
            doomed: Vec::new(),
            cancelled: Vec::new(),
            silence: SILENCE,
            known: Known::default(),
            next_chunk: 0,
            next_request: 0,
            traffic: Traffic::default(),
        })
    }

    /// How long the server may be silent before a question is given up; a minute at first.
    pub fn give_up_after(&mut self, silence: Duration) {
        self.silence = silence;
    }

    /// Everything that has crossed the boundary so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Answers questions about readings, uploading first what the server lacks. The answer to a
    /// question is in its place.
    pub fn ask(
        &mut self,
        readings: &Readings,
        questions: &[Question],
        watch: &mut Watch,
    ) -> Result<Vec<Sums>, AskError> {
        let result = self
            .settle(readings, watch)
            .and_then(|()| self.upload(readings, questions, watch))
            .and_then(|()| self.answer(questions, watch));
        if matches!(result, Err(AskError::Refused(_) | AskError::Malformed(_) | AskError::Unverified { .. })) {
            // What the server holds is no longer known: next time it gets everything anew.
            let held = std::mem::take(&mut self.held);
            self.doomed.extend(held.into_values().flat_map(|held| held.chunks).map(|(id, _)| id));
        }
        result
    }

    /// Tells the server what it is to stop and to forget: what earlier questions left behind, and
    /// hours that are no longer among the readings.
    fn settle(&mut self, readings: &Readings, watch: &Watch) -> Result<(), AskError> {
        let doomed = &mut self.doomed;
        self.held.retain(|&key, held| {
            let kept = readings.hour(key).is_some();
            if !kept {
                doomed.extend(held.chunks.iter().map(|(id, _)| *id));
            }
            kept
        });
        while let Some(&id) = self.cancelled.last() {
            self.send(Request::cancel(id), watch)?;
            self.cancelled.pop();
        }
        while let Some(&id) = self.doomed.last() {
            self.send(Request::drop_chunk(id), watch)?;
            self.doomed.pop();
        }
        Ok(())
    }

    /// Sends a frame. Replies that come meanwhile are kept, so that the two sides never wait for
    /// each other.
    fn send(&mut self, mut frame: Vec<u8>, watch: &Watch) -> Result<(), AskError> {
        let (bytes, started) = (frame.len() as u64, Instant::now());
        while let Some(unsent) = self.end.try_send(frame)? {
            frame = unsent;
            if watch.stop.is_stopped() {
                return Err(AskError::Stopped);
            }
            if started.elapsed() > self.silence {
                return Err(AskError::Silent(self.silence));
            }
            if let Some(reply) = self.end.receive(Duration::from_millis(1))? {
                if self.early.len() == EARLY_REPLIES {
                    return Err(Malformed.into());
                }
                self.early.push_back(reply);
            }
        }
        self.traffic.upload_bytes += bytes;
        Ok(())
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, AskError> {
        match self.early.pop_front() {
            Some(frame) => Ok(Some(frame)),
            None => Ok(self.end.receive(PATIENCE)?),
        }
    }

    /// Encrypts and sends the hours of questions that the server lacks or holds in an older state.
    fn upload(&mut self, readings: &Readings, questions: &[Question], watch: &mut Watch) -> Result<(), AskError> {
        let mut jobs: Vec<Job> = Vec::new();
        // Questions overlap; an hour is encrypted once, with all columns that it is asked for.
        let mut wanted: BTreeMap<HourKey, ColumnSet> = BTreeMap::new();
        for question in questions {
            let columns = columns(question.needs);
            for &key in &question.hours {
                wanted.entry(key).and_modify(|set| *set = set.union(columns)).or_insert(columns);
            }
        }
        for (key, mut columns) in wanted {
            let Some(hour) = readings.hour(key) else { continue };
            if let Some(held) = self.held.get(&key).filter(|held| Arc::ptr_eq(&held.readings, hour)) {
                if held.columns.contains_all(columns) {
                    continue;
                }
                columns = columns.union(held.columns);
            }
            let pieces = hour.slots().len().div_ceil(N) as u32;
            let ids = (self.next_chunk..self.next_chunk + pieces).map(ChunkId).collect();
            self.next_chunk += pieces;
            jobs.push(Job { key, hour: Arc::clone(hour), columns, ids });
        }
        let mut done = 0;
        for batch in jobs.chunks(BATCH) {
            watch.report(Stage::Encrypting(done, jobs.len()))?;
            let start = Instant::now();
            let key = &self.key;
            let encrypted = encrypt_each(&mut self.encryptors, batch, |encryptor, job| {
                encrypt_hour(encryptor, key, &job.hour, &job.ids, job.columns)
            })?;
            self.traffic.encrypt += start.elapsed();
            for (job, chunks) in batch.iter().zip(encrypted) {
                let mut held = Held { readings: Arc::clone(&job.hour), columns: job.columns, chunks: Vec::new() };
                for (id, header, frame) in chunks {
                    if let Err(error) = self.send(frame, watch) {
                        self.doomed.extend(held.chunks.iter().map(|(id, _)| *id));
                        return Err(error);
                    }
                    held.chunks.push((id, header));
                }
                let older = self.held.insert(job.key, held);
                self.doomed.extend(older.into_iter().flat_map(|held| held.chunks).map(|(id, _)| id));
            }
            done += batch.len();
        }
        Ok(())
    }

    /// Whether a refusal is about this request or a chunk that the server should hold.
    fn concerns(&self, refused: &Refused, id: RequestId) -> bool {
        match (refused.request, refused.chunk) {
            (Some(request), _) => request == id,
            (None, Some(chunk)) => self.held.values().any(|held| held.chunks.iter().any(|(id, _)| *id == chunk)),
            (None, None) => true,
        }
    }

    /// Answers questions: from what is known, and the rest through the server.
    fn answer(&mut self, questions: &[Question], watch: &mut Watch) -> Result<Vec<Sums>, AskError> {
        self.known.begin();
        let chunks = |question: &Question| {
            let held = question.hours.iter().filter_map(|key| self.held.get(key));
            held.flat_map(|held| &held.chunks).map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let keys: Vec<SumKey> =
            questions.iter().map(|question| SumKey::new(question.needs, chunks(question).into_iter())).collect();
        let mut answers: Vec<Option<Sums>> = keys.iter().map(|key| self.known.get(*key)).collect();
        self.traffic.known += answers.iter().flatten().filter(|sums| sums.count > 0).count() as u64;
        let unknown = || (0..).zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(place, _)| place);
        let places: Vec<usize> = unknown().collect();
        let asked: Vec<Question> = places.iter().map(|&place| questions[place].clone()).collect();
        for (place, sums) in places.into_iter().zip(self.sum(&asked, watch)?) {
            self.known.insert(keys[place], sums.clone());
            answers[place] = Some(sums);
        }
        Ok(answers.into_iter().flatten().collect())
    }

    fn sum(&mut self, questions: &[Question], watch: &mut Watch) -> Result<Vec<Sums>, AskError> {
        let held = |key| self.held.get(&key).map(|held| &held.chunks[..]).unwrap_or_default();
        let asked = plan(questions, held);
        let mut sums: Vec<Sums> = questions
            .iter()
            .map(|question| {
                let held = question.hours.iter().filter_map(|key| self.held.get(key));
                unanswered(question.needs, held.map(|held| held.readings.slots().len() as u64).sum())
            })
            .collect();
        if asked.is_empty() {
            return Ok(sums);
        }
        let id = RequestId(self.next_request);
        self.next_request += 1;
        let frame = SumRequest { id, sums: asked.iter().map(Asked::to_sum).collect() }.to_frame();
        self.send(frame, watch)?;
        let result = self.collect(id, questions, &asked, &mut sums, watch);
        if result.is_err() {
            // Now if there is room, else before the next question.
            match self.end.try_send(Request::cancel(id)) {
                Ok(None) => {}
                _ => self.cancelled.push(id),
            }
        }
        result.map(|()| sums)
    }

    /// Receives, checks and decrypts the answers to a request, as they come.
    fn collect(
        &mut self,
        id: RequestId,
        questions: &[Question],
        asked: &[Asked],
        sums: &mut [Sums],
        watch: &mut Watch,
    ) -> Result<(), AskError> {
        let mut missing: Vec<bool> = vec![true; asked.len()];
        let (mut done, mut heard) = (0, Instant::now());
        loop {
            watch.report(Stage::Summing(done, asked.len()))?;
            if heard.elapsed() > self.silence {
                return Err(AskError::Silent(self.silence));
            }
            let Some(frame) = self.receive()? else { continue };
            self.traffic.answer_bytes += frame.len() as u64;
            match Reply::parse(&frame)? {
                Reply::Answer { request, index, sums: bytes } if request == id => {
                    let start = Instant::now();
                    heard = start;
                    let index = index as usize;
                    // Each sum is answered once.
                    let expected = missing.get_mut(index).is_some_and(std::mem::take);
                    let asked = asked.get(index).filter(|_| expected).ok_or(Malformed)?;
                    let verified = verify(&self.key, asked.column, &asked.chunks, bytes).map_err(|Unverified| {
                        AskError::Unverified { name: questions[asked.question].name.clone(), column: asked.column }
                    })?;
                    take_in(&mut sums[asked.question], asked.column, &verified.decrypt());
                    self.traffic.ciphertexts += asked.chunks.len() as u64;
                    self.traffic.decrypt += start.elapsed();
                    done += 1;
                }
                Reply::Progress(progress) if progress.request == id => {
                    if progress.done == progress.total {
                        self.traffic.server += Duration::from_nanos(progress.nanos);
                        // Everything that was asked for has been answered, or it is no end.
                        return if done == asked.len() { Ok(()) } else { Err(Malformed.into()) };
                    }
                }
                Reply::Refused(refused) if self.concerns(&refused, id) => {
                    return Err(AskError::Refused(refused.refusal));
                }
                // A late reply to what was stopped or has been forgotten.
                Reply::Answer { .. } | Reply::Progress(_) | Reply::Refused(_) => {}
            }
        }
    }
}

/// Encrypts the chunks of one hour, each as the frame that puts it.
fn encrypt_hour(
    encryptor: &mut Encryptor,
    key: &SchemeKey,
    hour: &HourReadings,
    ids: &[ChunkId],
    columns: ColumnSet,
) -> Result<Vec<(ChunkId, ChunkHeader, Vec<u8>)>, NoRandomness> {
    hour.slots()
        .chunks(N)
        .zip(ids)
        .map(|(slots, &id)| {
            let rates: Vec<Rate> = slots.iter().map(|slot| slot.rate).collect();
            let mut frame = Request::put(id);
            let header = encryptor.encrypt(key, &rates, columns, &mut frame)?;
            Ok((id, header, frame))
        })
        .collect()
}
