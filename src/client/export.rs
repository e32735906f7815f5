//! The secret side of bundles: encrypting readings into one, asking about it, opening the answer.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use super::encrypt::{encrypt_each, encryptors};
use super::keys::SchemeKey;
use super::master::{MasterKey, NoRandomness, random_bytes};
use super::observer::CancelToken;
use super::pack::{count_in_piece, pieces, sheets_of_a_sum, table};
use super::plan::{AskedSum, plan};
use super::verify::{Unverified, verify};
use crate::protocol::files::{Answer, BundleHeader, BundleWriter, ExportId, FileError, KeyId, QuestionFile};
use crate::protocol::{SheetHeader, SheetId};
use crate::reading::{DayRange, HourTable, Readings, Step, WeekIndex, WeekKey, WeekReadings, Weeks};
use crate::scheme::{Column, ColumnSet, MaskSeed, ParameterSet};
use crate::statistics::{Detail, Question, Report, ReportPlan, ReportRequest, WeekTable, Weighting};

/// Sheets encrypted between two checks whether to stop.
const BATCH: usize = 64;

/// One sheet of an export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportedSheet {
    /// The week and kind of its readings.
    pub key: WeekKey,
    /// The facts that are known about its hours.
    pub hours: Box<HourTable>,
    /// The seed of each of its columns, by their numbers.
    pub seeds: Vec<MaskSeed>,
}

/// The owner's record of an export: enough to ask about it and to check the answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exported {
    /// Its name.
    pub id: ExportId,
    /// When it was made, in milliseconds since the Unix epoch.
    pub made_ms: i64,
    /// The days that it was made of.
    pub days: DayRange,
    /// The [`fingerprint`] of its readings.
    pub content: [u8; 32],
    /// The unit that has one vote in its sums.
    pub weighting: Weighting,
    /// Parameters and columns of its sheets.
    pub sheet: SheetHeader,
    /// Its sheets, by kind, Monday and piece; the place of each is its id.
    pub sheets: Vec<ExportedSheet>,
}

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
        "sum {number} of the answer ({name}, {}) failed its check: it was changed or computed from something else. It \
         was not decrypted, and no part of the answer is shown",
        .column.name()
    )]
    Unverified {
        /// Its number in the question, from 1.
        number: usize,
        /// The subject of the sum.
        name: String,
        /// Its column.
        column: Column,
    },
}

impl Exported {
    /// Which weeks have sheets, and what is known of them.
    pub fn index(&self) -> WeekIndex {
        let mut weeks: BTreeMap<WeekKey, HourTable> = BTreeMap::new();
        for sheet in &self.sheets {
            let hours = weeks.entry(sheet.key).or_default().as_flattened_mut();
            for (hour, more) in hours.iter_mut().zip(sheet.hours.as_flattened()) {
                hour.count = hour.count.saturating_add(more.count);
                hour.cells += more.cells;
                hour.weight += more.weight;
            }
        }
        weeks.into_iter().collect()
    }

    /// Whether its sheets are those that some readings make: weeks, hours and counts, sheet by sheet.
    pub fn is_made_of(&self, readings: &Readings) -> bool {
        let weeks = Weeks::from(readings);
        let made = weeks.iter().flat_map(|week| (0..pieces(week, self.weighting)).map(move |piece| (week, piece)));
        let made = made.map(|(week, piece)| (week.key(), hours_of(week, piece, self.weighting)));
        self.sheets.iter().map(|sheet| (sheet.key, sheet.hours.clone())).eq(made)
    }

    /// How many readings it has.
    pub fn count(&self) -> u64 {
        self.sheets.iter().flat_map(|sheet| sheet.hours.as_flattened()).map(|hour| u64::from(hour.count)).sum()
    }

    fn plan(&self, questions: &[Question]) -> Vec<AskedSum> {
        let mut by_week: BTreeMap<WeekKey, Vec<(SheetId, &ExportedSheet)>> = BTreeMap::new();
        for (id, sheet) in (0..).map(SheetId).zip(&self.sheets) {
            by_week.entry(sheet.key).or_default().push((id, sheet));
        }
        let place = |column| self.sheet.columns.iter().position(|other| other == column);
        let sheets_of = |key, column| {
            let sheets = by_week.get(&key).into_iter().flatten();
            sheets.filter_map(|(id, sheet)| Some((*id, *sheet.seeds.get(place(column)?)?))).collect()
        };
        let index = self.index();
        let most = |kind| {
            let hours = index.keys().filter(|key| key.kind == kind).filter_map(|key| index.hours(key));
            let most = hours.flatten().flatten().map(|hour| hour.count).max().unwrap_or(0);
            sheets_of_a_sum(self.weighting, most)
        };
        plan(questions, sheets_of, most)
    }

    fn report_plan(&self, request: &ReportRequest) -> ReportPlan {
        ReportPlan::new(Arc::new(self.index()), request)
    }

    /// Whether the export can answer a request: distributions by the hour need the `hour` columns.
    pub fn can_answer(&self, request: &ReportRequest) -> bool {
        let by_hour = request.step == Step::Hour || request.hours != ReportRequest::WHOLE_DAYS;
        let hours = self.sheet.columns.without(ColumnSet::WEEK);
        request.detail < Detail::Statistics || !by_hour || !hours.is_empty()
    }

    /// The question file that asks for what a report needs; `None` if the range has no sheets.
    pub fn question(&self, key: &MasterKey, request: &ReportRequest) -> Option<QuestionFile> {
        let sums: Vec<_> = self.plan(&self.report_plan(request).questions()).iter().map(AskedSum::to_sum).collect();
        let days = [request.from, request.to].map(|day| day.map_or_else(String::new, |day| day.to_string()));
        let ReportRequest { step, detail, hours, weighting, .. } = request;
        let meaning = format!("{} {step:?} {detail:?} {weighting:?} {} {} {hours:?}", self.id, days[0], days[1]);
        (!sums.is_empty()).then(|| QuestionFile {
            name: key.private_name(meaning.as_bytes()),
            key: key.id(),
            export: self.id,
            parameters: self.sheet.parameters,
            sheets: self.sheets.len() as u32,
            sums,
        })
    }

    /// Checks and decrypts the answer to the question that [`Self::question`] made of this request.
    /// `None` if the range holds no readings.
    ///
    /// All of it is checked before any of it is decrypted.
    pub fn open(
        &self,
        key: &SchemeKey,
        request: &ReportRequest,
        answer: &mut Answer,
    ) -> Result<Option<Report>, OpenError> {
        let report = self.report_plan(request);
        let questions = report.questions();
        let asked = self.plan(&questions);
        self.each_sum(&questions, &asked, answer, |asked, bytes| {
            verify(key, asked.column, &asked.seeds, bytes).map(drop)
        })?;
        answer.rewind()?;
        let mut tables: Vec<WeekTable> = questions.iter().map(|question| WeekTable::zero(question.measure)).collect();
        self.each_sum(&questions, &asked, answer, |asked, bytes| {
            let messages = verify(key, asked.column, &asked.seeds, bytes)?.decrypt();
            tables[asked.question].add(&table(questions[asked.question].measure, &messages));
            Ok(())
        })?;
        Ok(report.finish(&tables))
    }

    /// Goes through the sums of an answer beside those that were asked for.
    fn each_sum(
        &self,
        questions: &[Question],
        asked: &[AskedSum],
        answer: &mut Answer,
        mut check: impl FnMut(&AskedSum, &[u8]) -> Result<(), Unverified>,
    ) -> Result<(), OpenError> {
        let header = answer.header();
        if self.sheet.parameters != header.parameters || header.sums != asked.len() as u64 {
            return Err(OpenError::OtherSums);
        }
        let mut bytes = Vec::new();
        for (number, asked) in (1..).zip(asked) {
            let column = answer.next(&mut bytes)?;
            let checked = if column == Some(asked.column) { check(asked, &bytes) } else { Err(Unverified) };
            checked.map_err(|Unverified| {
                let name = questions[asked.question].name.clone();
                OpenError::Unverified { number, name, column: asked.column }
            })?;
        }
        Ok(())
    }
}

/// An export that is about to be written: everything but its seeds is known.
pub struct Export {
    readings: Readings,
    weeks: Vec<(Arc<WeekReadings>, u32)>,
    exported: Exported,
}

impl Export {
    /// Prepares an export of some days. With `hours`, its sheets have the columns for distributions by the hour.
    pub fn prepare(
        readings: &Readings,
        days: DayRange,
        (parameters, weighting, hours): (ParameterSet, Weighting, bool),
        made_ms: i64,
    ) -> Result<Self, ExportError> {
        let readings = readings.within(days);
        if readings.is_empty() {
            return Err(ExportError::Nothing);
        }
        let columns = if hours { ColumnSet::ALL } else { ColumnSet::WEEK };
        let weeks = Weeks::from(&readings);
        let weeks: Vec<_> =
            weeks.iter().flat_map(|week| (0..pieces(week, weighting)).map(|piece| (Arc::clone(week), piece))).collect();
        let sheet = |(week, piece): &(Arc<WeekReadings>, u32)| ExportedSheet {
            key: week.key(),
            hours: hours_of(week, *piece, weighting),
            seeds: vec![MaskSeed([0; 16]); columns.iter().count()],
        };
        let exported = Exported {
            id: ExportId(random_bytes()?),
            made_ms,
            days,
            content: fingerprint(&readings),
            weighting,
            sheet: SheetHeader { parameters, columns },
            sheets: weeks.iter().map(sheet).collect(),
        };
        Ok(Self { readings, weeks, exported })
    }

    /// The readings that are exported.
    pub fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Returns the record of it that will be remembered, but for the seeds.
    pub fn exported(&self) -> &Exported {
        &self.exported
    }

    /// Encrypts the sheets and writes the bundle. `seal` makes the owner's sealed part, of `sealed_bytes` bytes, of
    /// what is remembered and the hash of everything before it. `progress` hears how many sheets are done.
    pub fn write(
        mut self,
        (key, owner): (&SchemeKey, KeyId),
        sealed_bytes: u64,
        seal: impl FnOnce(&Exported, &[u8; 32]) -> Result<Vec<u8>, NoRandomness>,
        (stop, progress): (&CancelToken, &mut dyn FnMut(usize, usize)),
        out: impl Write,
    ) -> Result<Exported, ExportError> {
        let Exported { id, sheet, weighting, .. } = self.exported;
        let sheets = self.weeks.len();
        let header = BundleHeader { key: owner, export: id, sheet, sheets: sheets as u64, sealed_bytes };
        let mut writer = BundleWriter::new(out, header)?;
        let mut encryptors = encryptors();
        let mut remembered = self.exported.sheets.iter_mut();
        for (done, batch) in self.weeks.chunks(BATCH).enumerate() {
            if stop.is_cancelled() {
                return Err(ExportError::Stopped);
            }
            progress(done * BATCH, sheets);
            let encrypted = encrypt_each(&mut encryptors, batch, |encryptor, (week, piece)| {
                let mut bytes = Vec::new();
                let seeds = encryptor.encrypt_week(key, week, (weighting, *piece), sheet.columns, &mut bytes)?;
                Ok((seeds, bytes))
            })?;
            for (seeds, bytes) in encrypted {
                writer.sheet(&bytes)?;
                if let Some(sheet) = remembered.next() {
                    sheet.seeds = seeds;
                }
            }
        }
        let sealed = if sealed_bytes == 0 { Vec::new() } else { seal(&self.exported, &writer.digest())? };
        writer.finish(&sealed)?.flush()?;
        Ok(self.exported)
    }
}

/// Returns the facts about the hours of one sheet of a week. Cells and weights go with the first.
fn hours_of(week: &WeekReadings, piece: u32, weighting: Weighting) -> Box<HourTable> {
    let mut hours = Box::new(*week.facts());
    if weighting == Weighting::Readings {
        for hour in hours.as_flattened_mut() {
            hour.count = count_in_piece(hour.count, piece);
            if piece > 0 {
                (hour.cells, hour.weight) = (0, 0);
            }
        }
    }
    hours
}
