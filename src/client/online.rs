//! Talking to a server: upload what it lacks, ask, check each answer as it comes, decrypt it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ask_error::AskError;
use super::encrypt::{Encryptor, encrypt_each, encryptors};
use super::held_record::{HeldRecord, HeldSheet, HeldWeek, content_of};
use super::keys::SchemeKey;
use super::master::NoRandomness;
use super::meeting::Meeting;
use super::observer::{Observer, Stage};
use super::pack::{column_of, pieces, sheets_of_a_sum, table};
use super::plan::{AskedSum, plan};
use super::sum_cache::{SumCache, SumKey};
use super::traffic::Traffic;
use super::verify::{Unverified, verify};
use crate::protocol::{ClientEnd, Malformed, Refused, Reply, Request, RequestId, SheetId, SumRequest};
use crate::reading::{Readings, WeekKey, WeekReadings, Weeks};
use crate::scheme::{Column, ColumnSet, MaskSeed};
use crate::statistics::{Question, Report, ReportPlan, ReportRequest, WeekTable, Weighting};

/// How long to wait for a reply before checking whether to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// Weeks encrypted between two checks whether to stop.
const BATCH: usize = 32;
/// How long a server may be silent before a question is given up. A sum takes milliseconds.
const SILENCE: Duration = Duration::from_mins(1);
/// Replies kept while a frame cannot be sent. An honest server sends none then, but for a few late
/// ones to a question that was stopped.
const EARLY_REPLIES: usize = 512;

/// A week as the server holds it.
pub(super) struct Held {
    pub(super) week: Arc<WeekReadings>,
    /// A hash of what was encrypted.
    pub(super) content: [u8; 32],
    pub(super) columns: ColumnSet,
    pub(super) sheets: Vec<HeldSheet>,
}

/// Columns of a week to be encrypted and sent.
struct Job {
    week: Arc<WeekReadings>,
    columns: ColumnSet,
    ids: Vec<SheetId>,
}

/// Statistics, and what crossed the boundary for them.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// The statistics.
    pub report: Report,
    /// The cost of the answer.
    pub traffic: Traffic,
}

/// The client's side of a connection to one server.
pub struct Client {
    pub(super) key: SchemeKey,
    pub(super) end: ClientEnd,
    pub(super) weighting: Weighting,
    pub(super) encryptors: Vec<Encryptor>,
    /// The readings that were asked about last.
    pub(super) weeks: Weeks,
    pub(super) held: BTreeMap<WeekKey, Held>,
    pub(super) meeting: Meeting,
    /// Weeks that the server holds from an earlier connection, and that no question has been about yet.
    pub(super) remembered: BTreeMap<WeekKey, HeldWeek>,
    /// Whether [`Self::take_record`] has something to tell.
    pub(super) record_is_new: bool,
    /// Replies that came while a frame could not be sent.
    early: VecDeque<Vec<u8>>,
    /// Sheets that the server is to forget, told to it before the next question.
    pub(super) to_drop: Vec<SheetId>,
    /// Sum requests that the server is to stop, likewise.
    cancelled: Vec<RequestId>,
    /// How long the server may be silent.
    pub(super) silence: Duration,
    /// Sums that need not be asked for again.
    cache: SumCache,
    pub(super) next_sheet: u32,
    next_request: u32,
    pub(super) traffic: Traffic,
}

impl Client {
    /// A client with a key, at its end of a connection to a server that holds nothing yet. Everything that it asks
    /// has this weighting, until [`Self::weigh_by`].
    pub fn new(key: SchemeKey, end: ClientEnd, weighting: Weighting) -> Self {
        Self {
            key,
            end,
            weighting,
            encryptors: encryptors(),
            weeks: Weeks::default(),
            held: BTreeMap::new(),
            meeting: Meeting::Unneeded,
            remembered: BTreeMap::new(),
            record_is_new: false,
            early: VecDeque::new(),
            to_drop: Vec::new(),
            cancelled: Vec::new(),
            silence: SILENCE,
            cache: SumCache::default(),
            next_sheet: 0,
            next_request: 0,
            traffic: Traffic::default(),
        }
    }

    /// The same at its end of a connection to a server that may hold sheets from earlier ones. `record` is what this
    /// client remembers of the store that it used last.
    pub fn remembering(key: SchemeKey, end: ClientEnd, weighting: Weighting, record: Option<HeldRecord>) -> Self {
        Self { meeting: Meeting::Due(record), ..Self::new(key, end, weighting) }
    }

    /// How long the server may be silent before a question is given up; a minute at first.
    pub fn give_up_after(&mut self, silence: Duration) {
        self.silence = silence;
    }

    /// Switches to another weighting: everything is put again, under new numbers.
    pub fn weigh_by(&mut self, weighting: Weighting) {
        if weighting != self.weighting {
            self.weighting = weighting;
            self.forget();
        }
    }

    /// Lets the server forget everything before the next question.
    fn forget(&mut self) {
        let held = std::mem::take(&mut self.held);
        let remembered = std::mem::take(&mut self.remembered);
        self.record_is_new = true;
        self.to_drop.extend(remembered.into_values().flat_map(|week| week.sheets).map(|sheet| sheet.id));
        self.to_drop.extend(held.into_values().flat_map(|held| held.sheets).map(|sheet| sheet.id));
    }

    /// Everything that has crossed the boundary so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Asks the server for what statistics over a range need. `None` if the range holds no readings.
    pub fn report(
        &mut self,
        readings: &Readings,
        request: &ReportRequest,
        watch: &mut Observer,
    ) -> Result<Option<Answered>, AskError> {
        if request.weighting != self.weighting {
            return Err(AskError::OtherWeighting);
        }
        let before = self.traffic();
        self.weeks = self.weeks.updated(readings);
        let plan = ReportPlan::new(Arc::new(self.weeks.index()), request);
        let answers = self.ask(&plan.questions(), watch)?;
        let report = plan.finish(&answers);
        Ok(report.map(|report| Answered { report, traffic: self.traffic().since(before) }))
    }

    /// Answers questions about the readings that [`Self::report`] was given, uploading first what the server lacks.
    /// The answer to a question is in its place.
    fn ask(&mut self, questions: &[Question], watch: &mut Observer) -> Result<Vec<WeekTable>, AskError> {
        if watch.thorough {
            self.cache = SumCache::default();
        }
        let result = self
            .meet(watch)
            .map(|_| self.take_on())
            .and_then(|()| self.tidy(watch))
            .and_then(|()| self.upload(questions, watch))
            .and_then(|()| self.answer(questions, watch));
        if matches!(result, Err(AskError::Refused(_) | AskError::Malformed(_) | AskError::Unverified { .. })) {
            // What the server holds is no longer known: next time it gets everything again.
            self.early.clear();
            self.forget();
        }
        result
    }

    /// Tells the server what it is to stop and to forget: what earlier questions left behind, and
    /// weeks that have no sheet any more.
    fn tidy(&mut self, watch: &Observer) -> Result<(), AskError> {
        let (to_drop, weeks, record_is_new) = (&mut self.to_drop, &self.weeks, &mut self.record_is_new);
        self.held.retain(|&key, held| {
            let kept = weeks.get(key).is_some();
            if !kept {
                *record_is_new = true;
                to_drop.extend(held.sheets.iter().map(|sheet| sheet.id));
            }
            kept
        });
        while let Some(&id) = self.cancelled.last() {
            self.send(Request::cancel(id), watch)?;
            self.cancelled.pop();
        }
        while let Some(&id) = self.to_drop.last() {
            self.send(Request::drop_sheet(id), watch)?;
            self.to_drop.pop();
        }
        Ok(())
    }

    /// Sends a frame. Replies that come meanwhile are kept, so that the two sides never wait for
    /// each other.
    pub(super) fn send(&mut self, mut frame: Vec<u8>, watch: &Observer) -> Result<(), AskError> {
        let (bytes, started) = (frame.len() as u64, Instant::now());
        while let Some(unsent) = self.end.try_send(frame)? {
            frame = unsent;
            if watch.cancel.is_cancelled() {
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

    pub(super) fn receive(&mut self) -> Result<Option<Vec<u8>>, AskError> {
        match self.early.pop_front() {
            Some(frame) => Ok(Some(frame)),
            None => Ok(self.end.receive(PATIENCE)?),
        }
    }

    /// Lists the sheets that the server lacks, or holds in an older state, of the weeks of some questions; by kind
    /// and Monday.
    fn jobs(&mut self, questions: &[Question]) -> Vec<Job> {
        // Questions overlap; a week is encrypted once, with all columns that it is asked for.
        let mut wanted: BTreeMap<WeekKey, ColumnSet> = BTreeMap::new();
        for question in questions {
            let column = ColumnSet::of(column_of(question.measure));
            for &week in &question.weeks {
                let columns = wanted.entry(WeekKey { kind: question.kind, week }).or_default();
                *columns = columns.union(column);
            }
        }
        let mut jobs = Vec::new();
        for (key, columns) in wanted {
            let Some(week) = self.weeks.get(key).map(Arc::clone) else { continue };
            let held = self.held.get(&key);
            if let Some(held) = held.filter(|held| Arc::ptr_eq(&held.week, &week)) {
                let missing = columns.without(held.columns);
                if !missing.is_empty() {
                    // Columns that are asked for later go to the same sheets.
                    let ids = held.sheets.iter().map(|sheet| sheet.id).collect();
                    jobs.push(Job { week, columns: missing, ids });
                }
                continue;
            }
            let columns = held.map_or(columns, |held| columns.union(held.columns));
            let pieces = pieces(&week, self.weighting);
            let ids = (self.next_sheet..self.next_sheet + pieces).map(SheetId).collect();
            self.next_sheet += pieces;
            jobs.push(Job { week, columns, ids });
        }
        jobs
    }

    /// Encrypts and sends what questions need and the server lacks; drops what that replaces.
    fn upload(&mut self, questions: &[Question], watch: &mut Observer) -> Result<(), AskError> {
        let jobs = self.jobs(questions);
        let mut done = 0;
        for batch in jobs.chunks(BATCH) {
            watch.report(Stage::Encrypting(done, jobs.len()))?;
            let start = Instant::now();
            let (key, weighting) = (&self.key, self.weighting);
            let encrypted = encrypt_each(&mut self.encryptors, batch, |encryptor, job| {
                Ok((content_of(&job.week), encrypt_week(encryptor, key, weighting, job)?))
            })?;
            self.traffic.encrypt += start.elapsed();
            for (job, (content, sheets)) in batch.iter().zip(encrypted) {
                watch.report(Stage::Encrypting(done, jobs.len()))?;
                self.put(job, (content, sheets), watch)?;
                done += 1;
            }
        }
        // What was replaced.
        self.tidy(watch)
    }

    /// Sends the sheets of one week, and notes that the server holds them.
    fn put(
        &mut self,
        job: &Job,
        (content, sheets): ([u8; 32], Vec<(HeldSheet, Vec<u8>)>),
        watch: &Observer,
    ) -> Result<(), AskError> {
        self.record_is_new = true;
        let mut sent = Vec::with_capacity(sheets.len());
        for (sheet, frame) in sheets {
            if let Err(error) = self.send(frame, watch) {
                // A week that was sent only in part does not count.
                self.to_drop.extend(job.ids.iter().copied());
                let spoiled = self.held.get(&job.week.key()).is_some_and(|held| Arc::ptr_eq(&held.week, &job.week));
                if spoiled {
                    self.held.remove(&job.week.key());
                }
                return Err(error);
            }
            sent.push(sheet);
        }
        match self.held.get_mut(&job.week.key()) {
            Some(held) if Arc::ptr_eq(&held.week, &job.week) => {
                held.columns = held.columns.union(job.columns);
                for (held, sent) in held.sheets.iter_mut().zip(sent) {
                    held.seeds.extend(sent.seeds);
                }
            }
            _ => {
                let held = Held { week: Arc::clone(&job.week), content, columns: job.columns, sheets: sent };
                let older = self.held.insert(job.week.key(), held);
                self.to_drop.extend(older.into_iter().flat_map(|held| held.sheets).map(|sheet| sheet.id));
            }
        }
        Ok(())
    }

    /// Whether a refusal is about this request or a sheet that the server should hold.
    fn concerns(&self, refused: &Refused, id: RequestId) -> bool {
        match (refused.request, refused.sheet) {
            (Some(request), _) => request == id,
            (None, Some(id)) => self.held.values().any(|held| held.sheets.iter().any(|sheet| sheet.id == id)),
            (None, None) => true,
        }
    }

    /// The sheets of a week, and the seed of a column in each.
    pub(super) fn sheets_of(&self, key: WeekKey, column: Column) -> Vec<(SheetId, MaskSeed)> {
        let sheets = self.held.get(&key).into_iter().flat_map(|held| &held.sheets);
        sheets.filter_map(|sheet| Some((sheet.id, *sheet.seeds.get(&column)?))).collect()
    }

    /// Answers questions: from what is known, and the rest through the server.
    fn answer(&mut self, questions: &[Question], watch: &mut Observer) -> Result<Vec<WeekTable>, AskError> {
        self.cache.begin();
        let key_of = |question: &Question| {
            let column = column_of(question.measure);
            let keys = question.weeks.iter().map(|&week| WeekKey { kind: question.kind, week });
            SumKey::new(column, keys.flat_map(|key| self.sheets_of(key, column)).map(|(id, _)| id))
        };
        let keys: Vec<SumKey> = questions.iter().map(key_of).collect();
        let mut answers: Vec<Option<WeekTable>> = keys.iter().map(|key| self.cache.get(*key)).collect();
        self.traffic.known += answers.iter().flatten().count() as u64;
        let unknown = (0..).zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(index, _)| index);
        let unknown: Vec<usize> = unknown.collect();
        let asked: Vec<Question> = unknown.iter().map(|&index| questions[index].clone()).collect();
        for (index, table) in unknown.into_iter().zip(self.sum(&asked, watch)?) {
            self.cache.insert(keys[index], &table);
            answers[index] = Some(table);
        }
        Ok(answers.into_iter().flatten().collect())
    }

    /// Asks the server for sums.
    pub(super) fn sum(&mut self, questions: &[Question], watch: &mut Observer) -> Result<Vec<WeekTable>, AskError> {
        let most = |kind| sheets_of_a_sum(self.weighting, self.weeks.most_in_an_hour(kind));
        let asked = plan(questions, |key, column| self.sheets_of(key, column), most);
        let mut tables: Vec<WeekTable> = questions.iter().map(|question| WeekTable::zero(question.measure)).collect();
        if asked.is_empty() {
            return Ok(tables);
        }
        let id = RequestId(self.next_request);
        self.next_request += 1;
        let frame = SumRequest { id, sums: asked.iter().map(AskedSum::to_sum).collect() }.to_frame();
        self.send(frame, watch)?;
        let result = self.collect(id, questions, &asked, &mut tables, watch);
        if result.is_err() {
            // Now if there is room, else before the next question.
            match self.end.try_send(Request::cancel(id)) {
                Ok(None) => {}
                _ => self.cancelled.push(id),
            }
        }
        result.map(|()| tables)
    }

    /// Receives, checks and decrypts the answers to a request, as they come.
    fn collect(
        &mut self,
        id: RequestId,
        questions: &[Question],
        asked: &[AskedSum],
        tables: &mut [WeekTable],
        watch: &mut Observer,
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
                    let question = &questions[asked.question];
                    let verified = verify(&self.key, asked.column, &asked.seeds, bytes).map_err(|Unverified| {
                        AskError::Unverified { name: question.name.clone(), column: asked.column }
                    })?;
                    let messages = if watch.thorough { verified.decrypt_twice()? } else { verified.decrypt() };
                    tables[asked.question].add(&table(question.measure, &messages));
                    self.traffic.ciphertexts += asked.seeds.len() as u64;
                    self.traffic.decrypt += start.elapsed();
                    done += 1;
                }
                Reply::Progress(progress) if progress.request == id => {
                    if progress.done == progress.total {
                        self.traffic.server += Duration::from_nanos(progress.nanos);
                        // It is not the end until everything that was asked for has been answered.
                        return if done == asked.len() { Ok(()) } else { Err(Malformed.into()) };
                    }
                }
                Reply::Refused(refused) if self.concerns(&refused, id) => {
                    return Err(AskError::Refused(refused.refusal));
                }
                // A late reply to what was stopped or has been forgotten.
                Reply::Answer { .. }
                | Reply::Progress(_)
                | Reply::Refused(_)
                | Reply::Greeting(_)
                | Reply::Listed(_) => {}
            }
        }
    }
}

/// Encrypts columns of the sheets of one week, each as the frame that puts it.
fn encrypt_week(
    encryptor: &mut Encryptor,
    key: &SchemeKey,
    weighting: Weighting,
    job: &Job,
) -> Result<Vec<(HeldSheet, Vec<u8>)>, NoRandomness> {
    (0..)
        .zip(&job.ids)
        .map(|(piece, &id)| {
            let mut frame = Request::put(id);
            let seeds = encryptor.encrypt_week(key, &job.week, (weighting, piece), job.columns, &mut frame)?;
            Ok((HeldSheet { id, seeds: job.columns.iter().zip(seeds).collect() }, frame))
        })
        .collect()
}
