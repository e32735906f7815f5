//! The work that a person does with bundles, for the window and the terminal alike.

use std::io::{self, Read};
use std::path::Path;

use jiff::civil::Date;

use super::answer_scope::{AnswerScope, days_words, time_words};
use crate::client::{
    CancelToken, Export, ExportError, Exported, MasterKey, OpenError, ParameterSet, SchemeKey, fingerprint,
};
use crate::platform::{self, Existing, Readers};
use crate::protocol::files::{Answer, Bundle, ByteProgress, FileError, FileKind, MOST_QUESTION_BYTES, QuestionFile};
use crate::reading::{CivilHour, DayRange, Readings, date_of};
use crate::statistics::{Report, ReportRequest, Weighting};
use crate::vault::{self, Added, OwnersContent, OwnersPartError, Vault, VaultError};

/// Why something could not be done with a bundle or an answer. Whatever was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file cannot be used.
    #[error("{path} {error}")]
    File {
        /// Its path.
        path: String,
        /// Why.
        error: FileError,
    },
    /// The readings cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Nothing was exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The owner's part of a bundle does not open.
    #[error(transparent)]
    Bundle(#[from] OwnersPartError),
    /// An answer was not opened.
    #[error(transparent)]
    Answer(#[from] OpenError),
    /// The answer is about another key's bundle.
    #[error(
        "the answer is about a bundle of another key: it belongs to {answer}, but this profile has {key}. To open it, use a profile of that key (restore the key with --home DIR, into a folder of its own)"
    )]
    OtherKey {
        /// The key that it is about.
        answer: crate::client::KeyId,
        /// The key that is here.
        key: crate::client::KeyId,
    },
    /// The question of an answer is not known here.
    #[error(
        "this profile did not ask the question that this answers; open it where the question was made, or ask again"
    )]
    Unasked,
    /// There is nothing to ask about.
    #[error("the bundle holds no readings in this range")]
    NothingToAsk,
    /// The export has another weighting.
    #[error(
        "the bundle was exported {}; its sums cannot be weighted differently. Ask with --weighting {}, or export again",
        .0.words(),
        .0.name()
    )]
    OtherWeighting(Weighting),
    /// The export lacks the columns of hours.
    #[error(
        "the bundle holds no distributions by the hour; export it again with --hours, or ask for averages or longer windows"
    )]
    NoHours,
    /// The question would be longer than any that is answered.
    #[error("the question would be longer than 16 MiB; ask for longer windows or fewer days")]
    TooLong,
    /// A file cannot be written.
    #[error("could not write {0} ({1})")]
    Write(String, io::Error),
    /// The bundle was written, and could not be remembered.
    #[error("wrote {0}, which restores your readings; but you can ask about it only after importing it once ({cause})", cause = .1.cause())]
    Unremembered(String, VaultError),
    /// The bundle was written for computing only, and could not be remembered.
    #[error("wrote {0}, but nothing can be asked about it: it could not be remembered ({cause}). Delete it and export again", cause = .1.cause())]
    Useless(String, VaultError),
    /// The readings of a bundle were restored, and the export could not be remembered.
    #[error("the readings were restored; but you can ask about the bundle only after importing it again ({})", .0.cause())]
    RestoredOnly(VaultError),
    /// The answer is not to the question that was given.
    #[error("the answer is to another of your questions: it has {0}. No part of it is shown")]
    OtherQuestion(String),
    /// A file is not one of Veilbeat's.
    #[error("{0} is not a Veilbeat file that can be inspected")]
    Unknown(String),
    /// There is something where a file was to be written.
    #[error("{0} already exists and was not changed. Choose another name, or delete it first")]
    There(String),
    /// The name of the file to be written is that of a folder.
    #[error("{0} is the name of a folder; give the name of a file")]
    Folder(String),
}

impl BundleError {
    /// Whether what was given cannot be used, rather than that something failed.
    pub fn is_misuse(&self) -> bool {
        match self {
            Self::File { .. }
            | Self::OtherKey { .. }
            | Self::Unasked
            | Self::NothingToAsk
            | Self::OtherWeighting(_)
            | Self::NoHours
            | Self::TooLong
            | Self::Unknown(_)
            | Self::There(_)
            | Self::Folder(_) => true,
            Self::Export(error) => matches!(error, ExportError::Nothing),
            Self::Bundle(error) => !matches!(error, OwnersPartError::Forged),
            Self::Vault(_)
            | Self::Answer(_)
            | Self::OtherQuestion(_)
            | Self::Write(..)
            | Self::Unremembered(..)
            | Self::Useless(..)
            | Self::RestoredOnly(_) => false,
        }
    }
}

pub(super) fn file(path: &Path) -> impl Fn(FileError) -> BundleError {
    move |error| BundleError::File { path: path.display().to_string(), error }
}

/// Whether a file may be written at `path`: nothing is there, or `replaced` says what kind of file may be
/// replaced and it is a plain file of that kind that is not among `inputs`. A slip of the hand must not
/// cost a key, the readings or what a file is made of. Says what becomes of what is there when the file is
/// written: something may have appeared by then.
pub fn may_write(path: &Path, replaced: Option<FileKind>, inputs: &[&Path]) -> Result<Existing, BundleError> {
    let there = || BundleError::There(path.display().to_string());
    if path.as_os_str().as_encoded_bytes().last().is_some_and(|&last| std::path::is_separator(last.into())) {
        return Err(BundleError::Folder(path.display().to_string()));
    }
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Existing::Kept),
        metadata => metadata.map_err(|error| BundleError::Write(path.display().to_string(), error))?,
    };
    let same = |input: &&Path| std::fs::canonicalize(input).ok() == std::fs::canonicalize(path).ok();
    let kind = FileKind::of_file(path).ok().flatten();
    let may = metadata.is_file() && kind.is_some() && kind == replaced && !inputs.iter().any(same);
    if may { Ok(Existing::Replaced) } else { Err(there()) }
}

/// Why a file could not be written.
pub fn unwritten(path: &Path, error: io::Error) -> BundleError {
    let path = path.display().to_string();
    if error.kind() == io::ErrorKind::AlreadyExists {
        BundleError::There(path)
    } else {
        BundleError::Write(path, error)
    }
}

/// The contents of an export that is to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExportOptions {
    /// Its days.
    pub days: DayRange,
    /// The parameters of its sheets.
    pub parameters: ParameterSet,
    /// The unit that has one vote in its sums.
    pub weighting: Weighting,
    /// Whether it has the columns for distributions by the hour.
    pub hours: bool,
    /// Whether it lacks the owner's sealed part: it can then be asked about, and not be restored.
    pub for_computing: bool,
}

/// Encrypts the readings of some days into a bundle, and remembers it.
pub fn export(
    (key, vault): (&MasterKey, &mut Vault),
    options: &ExportOptions,
    now_ms: i64,
    (path, existing): (&Path, Existing),
    progress: ByteProgress,
) -> Result<Written, BundleError> {
    let scheme = SchemeKey::derive(key, options.parameters);
    let cancel = CancelToken::default();
    let mut tell = |done: usize, total: usize| {
        if progress(done as u64, total as u64).is_break() {
            cancel.cancel();
        }
    };
    let how = (options.parameters, options.weighting, options.hours);
    let export = Export::prepare(vault.readings(), options.days, how, now_ms)?;
    let readings = export.readings().len();
    let content = OwnersContent::new(vault, export.readings());
    let sealed_bytes = if options.for_computing { 0 } else { content.sealed_bytes(export.exported()) };
    let mut exported = None;
    platform::write_whole::<ExportError>(path, (Readers::Usual, existing), |out| {
        let seal = |exported: &Exported, before: &[u8; 32]| content.seal(key, exported, before);
        exported = Some(export.write((&scheme, key.id()), sealed_bytes, seal, (&cancel, &mut tell), out)?);
        Ok(())
    })
    .map_err(|error| match error {
        ExportError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => unwritten(path, error),
        error => error.into(),
    })?;
    let exported = exported.ok_or(ExportError::Nothing)?;
    // The bundle is there; without this it could be restored, and not be asked about.
    let lost = if options.for_computing { BundleError::Useless } else { BundleError::Unremembered };
    vault.remember_export(&exported).map_err(|error| lost(path.display().to_string(), error))?;
    Ok(Written { readings, exported })
}

/// A bundle that was written.
pub struct Written {
    /// How many readings it was made of.
    pub readings: usize,
    /// The record of the export that is remembered.
    pub exported: Exported,
}

impl Written {
    /// Describes the contents of the bundle in words.
    pub fn words(&self) -> String {
        let noun = |count: usize, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
        format!("{} in {}", noun(self.readings, "reading"), noun(self.exported.sheets.len(), "encrypted sheet"))
    }
}

/// Makes a question about a bundle, and remembers what it means. Returns it with its text. Without a weighting, the
/// bundle's own is taken.
pub fn ask(
    (key, vault): (&MasterKey, &mut Vault),
    bundle: &Path,
    (request, weighting): (&ReportRequest, Option<Weighting>),
    progress: ByteProgress,
) -> Result<(QuestionFile, String), BundleError> {
    // As a whole, so that damage is found before another machine works on it.
    let bundle = Bundle::open(bundle, progress).map_err(file(bundle))?;
    let header = bundle.header();
    if header.key != key.id() {
        return Err(OwnersPartError::OtherKey { bundle: header.key, key: key.id() }.into());
    }
    let exported = match vault.exported(header.export)? {
        Some(exported) => exported,
        // It was exported elsewhere: the bundle itself remembers.
        None => {
            let exported = vault::open_bundle(key, &bundle)?.exported;
            vault.remember_export(&exported)?;
            exported
        }
    };
    if weighting.is_some_and(|weighting| weighting != exported.weighting) {
        return Err(BundleError::OtherWeighting(exported.weighting));
    }
    let request = &request.weighted_by(exported.weighting);
    if !exported.can_answer(request) {
        return Err(BundleError::NoHours);
    }
    let question = exported.question(key, request).ok_or(BundleError::NothingToAsk)?;
    let text = question.to_text();
    if text.len() as u64 > MOST_QUESTION_BYTES {
        return Err(BundleError::TooLong);
    }
    // Before the question is anywhere: an answer must never come to a profile that does not know it.
    vault.remember_question(QuestionFile::digest(text.as_bytes()), exported.id, request)?;
    Ok((question, text))
}

/// Reads a question, and its digest.
pub fn read_question(path: &Path) -> Result<(QuestionFile, [u8; 32]), BundleError> {
    let mut text = Vec::new();
    platform::open_regular(path)
        .and_then(|file| file.take(MOST_QUESTION_BYTES + 1).read_to_end(&mut text))
        .map_err(|error| file(path)(FileError::Io(error)))?;
    if text.len() as u64 > MOST_QUESTION_BYTES {
        return Err(file(path)(FileError::Damaged("it is longer than 16 MiB")));
    }
    let question = QuestionFile::parse(&text).map_err(file(path))?;
    Ok((question, QuestionFile::digest(&text)))
}

/// Writes a file as a whole.
pub fn write_file((path, existing): (&Path, Existing), content: &[u8]) -> Result<(), BundleError> {
    platform::write_whole(path, (Readers::Usual, existing), |out| out.write_all(content))
        .map_err(|error| unwritten(path, error))
}

/// The contents of an opened answer.
pub struct OpenedAnswer {
    /// The scope of the answer.
    pub about: AnswerScope,
    /// The report in the answer; `None` without readings.
    pub report: Option<Box<Report>>,
    /// How many readings of all kinds the export has in the range that was asked about.
    pub readings: usize,
    /// Whether the readings have changed since the export.
    pub outdated: bool,
}

/// Checks and decrypts an answer to a question of this profile; to that in `question`, if one is given.
pub fn open(
    (key, vault): (&MasterKey, &Vault),
    path: &Path,
    question: Option<&Path>,
) -> Result<OpenedAnswer, BundleError> {
    let mut answer = Answer::open(path).map_err(|error| match error {
        error @ (FileError::Other(_) | FileError::Io(_) | FileError::Unreleased(_)) => file(path)(error),
        // An answer that is not whole has failed its check.
        error => BundleError::Answer(OpenError::File(error)),
    })?;
    let header = answer.header();
    if header.key != key.id() {
        return Err(BundleError::OtherKey { answer: header.key, key: key.id() });
    }
    let (export, request) = vault.question(&header.question).ok_or(BundleError::Unasked)?;
    let exported = vault.exported(export)?.ok_or(BundleError::Unasked)?;
    let (readings, days) = in_range(&exported, |hour| request.includes(hour));
    let about = AnswerScope {
        request,
        days,
        export,
        made_ms: exported.made_ms,
        superseded: vault.newest_question() != Some(header.question),
    };
    if let Some(question) = question
        && read_question(question)?.1 != header.question
    {
        return Err(BundleError::OtherQuestion(about.words()));
    }
    if header.export != export {
        return Err(BundleError::Answer(OpenError::OtherSums));
    }
    let scheme = SchemeKey::derive(key, header.parameters);
    let report = exported.open(&scheme, &request, &mut answer)?;
    let now = vault.readings().within(exported.days);
    let outdated = fingerprint(&now) != exported.content;
    Ok(OpenedAnswer { about, report: report.map(Box::new), readings, outdated })
}

/// How many readings of an export some hours hold, and the first and the last day of these.
fn in_range(exported: &Exported, includes: impl Fn(CivilHour) -> bool) -> (usize, Option<(Date, Date)>) {
    let (mut readings, mut days) = (0, None::<(i32, i32)>);
    for sheet in &exported.sheets {
        for (d, hours) in sheet.hours.iter().enumerate() {
            let day = sheet.key.week.day(d);
            let within = (0u8..).zip(hours).filter(|(hour, _)| includes(CivilHour { day, hour: *hour }));
            let count: usize = within.map(|(_, facts)| facts.count as usize).sum();
            if count > 0 {
                readings += count;
                days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
            }
        }
    }
    (readings, days.and_then(|(first, last)| date_of(first).zip(date_of(last))))
}

/// The readings that were restored from a bundle.
pub struct Restored {
    /// The readings that it holds.
    pub readings: Readings,
    /// How many of them were new.
    pub added: Added,
    /// When it was exported, in milliseconds since the Unix epoch.
    pub made_ms: i64,
    /// The first and the last day that was exported, if there is any.
    pub days: Option<(Date, Date)>,
    /// When the newest export that is known here was made, if that is another one.
    pub newer_ms: Option<i64>,
}

impl Restored {
    /// Which export it was, and that there is a newer one.
    pub fn words(&self) -> String {
        let newer = self.newer_ms.map_or_else(String::new, |newer| {
            format!(
                ". A newer bundle was exported on {}: this one lacks what was added between the two",
                time_words(newer)
            )
        });
        format!("It was exported on {}, with {}{newer}", time_words(self.made_ms), days_words(self.days))
    }
}

/// Brings the readings of a bundle back, and remembers the export.
pub fn restore(
    (key, vault): (&MasterKey, &mut Vault),
    path: &Path,
    progress: ByteProgress,
) -> Result<Restored, BundleError> {
    let bundle = Bundle::open(path, progress).map_err(file(path))?;
    let part = vault::open_bundle(key, &bundle)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let added = vault.restore_bundle(&name, &part)?;
    let (made_ms, (_, days)) = (part.exported.made_ms, in_range(&part.exported, |_| true));
    let newest_ms = vault.newest_export_ms().map_err(BundleError::RestoredOnly)?;
    let newer_ms = newest_ms.filter(|&newest| newest > made_ms);
    vault.remember_export(&part.exported).map_err(BundleError::RestoredOnly)?;
    Ok(Restored { readings: part.readings, added, made_ms, days, newer_ms })
}
