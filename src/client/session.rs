//! Talking to a server: upload what it lacks, ask, check each answer as it comes, decrypt it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::encrypt::{Encryptor, SQUARE_LOW_BITS};
use super::keys::SchemeKey;
use super::master::NoRandomness;
use super::statistics::Moments;
use super::verify::{Unverified, verify};
use crate::protocol::{
    ChunkHeader, ChunkId, ChunkRange, ClientEnd, Disconnected, Malformed, Refusal, Reply, Request, RequestId,
    SumQuestion, SumRequest,
};
use crate::reading::{HourKey, HourReadings, Rate, Readings, Window};
use crate::scheme::{Capacity, Column, ColumnSet, N};

/// How long to wait for a reply before looking whether to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// Chunks encrypted between two looks whether to stop.
const BATCH: usize = 128;

/// Why a question has no answer. Nothing of an answer is used unless all of it passed.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The person stopped it.
    #[error("stopped")]
    Stopped,
    /// The server is gone.
    #[error(transparent)]
    Disconnected(#[from] Disconnected),
    /// There is no randomness to encrypt with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The server said no.
    #[error("the server could not answer: {0}. Your readings are safe; try again")]
    Refused(Refusal),
    /// The server sent something that is no reply.
    #[error("the server's reply does not follow the format; it was not used. Your readings are safe; try again")]
    Malformed(#[from] Malformed),
    /// An answer failed its check.
    #[error(
        "the server's answer for {start} ({column:?}) failed its check and was not decrypted. Your readings are safe; try again"
    )]
    Unverified {
        /// The window whose sum failed.
        start: String,
        /// The column whose sum failed.
        column: Column,
    },
}

/// Tells work on another thread to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the work to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it should.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a question is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Chunks encrypted and sent, of how many.
    Encrypting(usize, usize),
    /// Sums answered and checked, of how many.
    Summing(usize, usize),
}

/// Who looks on while a question is worked on: is told how far it is, and may stop it.
#[derive(Default)]
pub struct Watch<'a> {
    /// Stops the work when told to.
    pub stop: Stop,
    /// Hears how far it is.
    pub report: Option<&'a mut dyn FnMut(Stage)>,
}

impl Watch<'_> {
    fn report(&mut self, stage: Stage) -> Result<(), AskError> {
        if let Some(report) = &mut self.report {
            report(stage);
        }
        if self.stop.is_stopped() { Err(AskError::Stopped) } else { Ok(()) }
    }
}

/// What has crossed the boundary, and how long it took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Bytes sent to the server.
    pub upload_bytes: u64,
    /// Bytes that came back.
    pub answer_bytes: u64,
    /// (Folded) ciphertexts that the server added.
    pub ciphertexts: u64,
    /// Time spent on encrypting and tagging.
    pub encrypt: Duration,
    /// Time that the server says it has computed.
    pub server: Duration,
    /// Time spent on verifying and decrypting.
    pub decrypt: Duration,
}

impl Traffic {
    /// What came on top of an earlier state.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            upload_bytes: self.upload_bytes - before.upload_bytes,
            answer_bytes: self.answer_bytes - before.answer_bytes,
            ciphertexts: self.ciphertexts - before.ciphertexts,
            encrypt: self.encrypt.saturating_sub(before.encrypt),
            server: self.server.saturating_sub(before.server),
            decrypt: self.decrypt.saturating_sub(before.decrypt),
        }
    }
}

/// The decrypted sums of one window.
#[derive(Clone, Debug, Default)]
pub struct WindowSums {
    count: u64,
    /// By column: one sum, or one a bin for the histogram.
    sums: BTreeMap<Column, Vec<u64>>,
}

impl WindowSums {
    fn add(&mut self, column: Column, messages: Vec<u64>) {
        let sums = self.sums.entry(column).or_insert_with(|| vec![0; messages.len()]);
        sums.iter_mut().zip(messages).for_each(|(sum, message)| *sum += message);
    }

    fn folded(&self, column: Column) -> u64 {
        self.sums.get(&column).and_then(|sums| sums.first()).copied().unwrap_or(0)
    }

    /// Count, sum and sum of squares.
    pub fn moments(&self) -> Moments {
        Moments {
            count: self.count,
            sum: self.folded(Column::Rate),
            squares: self.folded(Column::SquareLow) + (self.folded(Column::SquareHigh) << SQUARE_LOW_BITS),
        }
    }
}

/// An hour as the server holds it.
struct Held {
    readings: Arc<HourReadings>,
    columns: ColumnSet,
    chunks: Vec<(ChunkId, ChunkHeader)>,
}

/// One sum that was asked for: what it is part of, and what is needed to check it.
struct Asked {
    window: usize,
    column: Column,
    ids: Vec<ChunkId>,
    chunks: Vec<ChunkHeader>,
}

/// The client's side of a connection to one server.
pub struct Client {
    key: SchemeKey,
    end: ClientEnd,
    encryptors: Vec<Encryptor>,
    held: BTreeMap<HourKey, Held>,
    /// Replies that came while a frame could not be sent.
    early: VecDeque<Vec<u8>>,
    next_chunk: u32,
    next_request: u32,
    traffic: Traffic,
}

impl Client {
    /// A client with a key, at its end of a connection to a server that holds nothing yet.
    pub fn new(key: SchemeKey, end: ClientEnd) -> Result<Self, NoRandomness> {
        let threads = rayon::current_num_threads();
        Ok(Self {
            key,
            end,
            encryptors: (0..threads).map(|_| Encryptor::from_os()).collect::<Result<_, _>>()?,
            held: BTreeMap::new(),
            early: VecDeque::new(),
            next_chunk: 0,
            next_request: 0,
            traffic: Traffic::default(),
        })
    }

    /// Everything that has crossed the boundary so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Sums `columns` over each window, uploading first what the server lacks. The answer to a
    /// window is in its place.
    pub fn ask(
        &mut self,
        readings: &Readings,
        windows: &[Window],
        columns: ColumnSet,
        watch: &mut Watch,
    ) -> Result<Vec<WindowSums>, AskError> {
        let result = self.upload(readings, windows, columns, watch).and_then(|()| self.sum(windows, columns, watch));
        if matches!(result, Err(AskError::Refused(_) | AskError::Malformed(_) | AskError::Unverified { .. })) {
            // What the server holds is no longer known: next time it gets everything anew.
            self.forget_uploads()?;
        }
        result
    }

    /// Sends a frame. Replies that come meanwhile are kept, so that the two sides never wait for
    /// each other.
    fn send(&mut self, mut frame: Vec<u8>, watch: &Watch) -> Result<(), AskError> {
        self.traffic.upload_bytes += frame.len() as u64;
        while let Some(unsent) = self.end.try_send(frame)? {
            frame = unsent;
            if watch.stop.is_stopped() {
                return Err(AskError::Stopped);
            }
            self.early.extend(self.end.receive(Duration::from_millis(1))?);
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, AskError> {
        match self.early.pop_front() {
            Some(frame) => Ok(Some(frame)),
            None => Ok(self.end.receive(PATIENCE)?),
        }
    }

    fn forget_uploads(&mut self) -> Result<(), AskError> {
        for (id, _) in std::mem::take(&mut self.held).into_values().flat_map(|held| held.chunks) {
            self.send(Request::drop_chunk(id), &Watch::default())?;
        }
        Ok(())
    }

    /// Encrypts and sends the hours of `windows` that the server lacks or holds in an older state.
    fn upload(
        &mut self,
        readings: &Readings,
        windows: &[Window],
        columns: ColumnSet,
        watch: &mut Watch,
    ) -> Result<(), AskError> {
        let mut jobs: Vec<(HourKey, Arc<HourReadings>, Vec<ChunkId>)> = Vec::new();
        for &key in windows.iter().flat_map(|window| &window.hours) {
            let Some(hour) = readings.hour(key) else { continue };
            let current = |held: &Held| Arc::ptr_eq(&held.readings, hour) && held.columns.contains_all(columns);
            if self.held.get(&key).is_some_and(current) {
                continue;
            }
            let pieces = hour.slots().len().div_ceil(N) as u32;
            let ids = (self.next_chunk..self.next_chunk + pieces).map(ChunkId).collect();
            self.next_chunk += pieces;
            jobs.push((key, Arc::clone(hour), ids));
        }
        let mut done = 0;
        for batch in jobs.chunks(BATCH) {
            watch.report(Stage::Encrypting(done, jobs.len()))?;
            let start = Instant::now();
            let share = batch.len().div_ceil(self.encryptors.len());
            let key = &self.key;
            let encrypted: Vec<_> = self
                .encryptors
                .par_iter_mut()
                .zip(batch.par_chunks(share))
                .map(|(encryptor, jobs)| {
                    jobs.iter()
                        .map(|(_, hour, ids)| encrypt_hour(encryptor, key, hour, ids, columns))
                        .collect::<Result<Vec<_>, _>>()
                })
                .collect::<Result<_, _>>()?;
            self.traffic.encrypt += start.elapsed();
            for ((key, readings, _), chunks) in batch.iter().zip(encrypted.into_iter().flatten()) {
                let mut held = Held { readings: Arc::clone(readings), columns, chunks: Vec::new() };
                for (id, header, frame) in chunks {
                    self.send(frame, watch)?;
                    held.chunks.push((id, header));
                }
                let older = self.held.insert(*key, held);
                for (id, _) in older.into_iter().flat_map(|held| held.chunks) {
                    self.send(Request::drop_chunk(id), watch)?;
                }
            }
            done += batch.len();
        }
        Ok(())
    }

    /// The sums that `windows` need: one for each column, more where a window exceeds the capacity.
    fn plan(&self, windows: &[Window], columns: ColumnSet) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        for (window, hours) in windows.iter().enumerate() {
            let mut chunks: Vec<_> =
                hours.hours.iter().filter_map(|key| self.held.get(key)).flat_map(|held| &held.chunks).collect();
            chunks.sort_by_key(|(id, _)| *id);
            for column in columns.iter() {
                let mut capacity = Capacity::of(column);
                let mut open = false;
                for &&(id, header) in &chunks {
                    if !open || capacity.admit(header.len).is_err() {
                        capacity = Capacity::of(column);
                        // One chunk is always within the capacity.
                        let _ = capacity.admit(header.len);
                        asked.push(Asked { window, column, ids: Vec::new(), chunks: Vec::new() });
                        open = true;
                    }
                    if let Some(last) = asked.last_mut() {
                        last.ids.push(id);
                        last.chunks.push(header);
                    }
                }
            }
        }
        asked
    }

    fn sum(&mut self, windows: &[Window], columns: ColumnSet, watch: &mut Watch) -> Result<Vec<WindowSums>, AskError> {
        let asked = self.plan(windows, columns);
        let mut sums: Vec<WindowSums> = windows
            .iter()
            .map(|window| {
                let held = window.hours.iter().filter_map(|key| self.held.get(key));
                let count = held.map(|held| held.readings.slots().len() as u64).sum();
                WindowSums { count, ..WindowSums::default() }
            })
            .collect();
        let id = RequestId(self.next_request);
        self.next_request += 1;
        let questions = asked
            .iter()
            .map(|asked| SumQuestion { column: asked.column, ranges: ChunkRange::cover(asked.ids.iter().copied()) });
        self.send(SumRequest { id, sums: questions.collect() }.to_frame(), watch)?;
        let mut missing: Vec<bool> = vec![true; asked.len()];
        let mut done = 0;
        loop {
            if let Err(stopped) = watch.report(Stage::Summing(done, asked.len())) {
                self.send(Request::cancel(id), &Watch::default())?;
                return Err(stopped);
            }
            let Some(frame) = self.receive()? else { continue };
            self.traffic.answer_bytes += frame.len() as u64;
            match Reply::parse(&frame)? {
                Reply::Answer { request, index, sums: bytes } if request == id => {
                    let start = Instant::now();
                    let index = index as usize;
                    // Each sum is answered once.
                    let expected = missing.get_mut(index).is_some_and(std::mem::take);
                    let question = asked.get(index).filter(|_| expected).ok_or(Malformed)?;
                    let verified =
                        verify(&self.key, question.column, &question.chunks, bytes).map_err(|Unverified| {
                            AskError::Unverified {
                                start: windows[question.window].start.to_string(),
                                column: question.column,
                            }
                        })?;
                    sums[question.window].add(question.column, self.key.decrypt(verified));
                    self.traffic.ciphertexts += question.chunks.len() as u64;
                    self.traffic.decrypt += start.elapsed();
                    done += 1;
                }
                Reply::Progress(progress) if progress.request == id => {
                    if progress.done == progress.total {
                        self.traffic.server += Duration::from_nanos(progress.nanos);
                        // Everything that was asked for has been answered, or it is no end.
                        return if done == asked.len() { Ok(sums) } else { Err(Malformed.into()) };
                    }
                }
                Reply::Refused(refused) if refused.request.is_none_or(|request| request == id) => {
                    return Err(AskError::Refused(refused.refusal));
                }
                // A late reply to a request that was stopped.
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
