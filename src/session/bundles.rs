//! What a person does with bundles, for the window and the terminal alike.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use crate::client::{ExportError, Exported, MasterKey, OpenError, SchemeKey, Stop, export as export_to, fingerprint};
use crate::platform;
use crate::protocol::files::{Answer, Bundle, FileError, FileKind, MOST_QUESTION_BYTES, Part, QuestionFile};
use crate::reading::Readings;
use crate::scheme::Profile;
use crate::statistics::{Report, Request};
use crate::vault::{self, Added, BundleError, OwnersPart, Vault, VaultError};

/// Why something could not be done with a bundle or an answer. Whatever was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
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
    Bundle(#[from] BundleError),
    /// An answer was not opened.
    #[error(transparent)]
    Answer(#[from] OpenError),
    /// The answer is about another key's bundle.
    #[error("the answer is about a bundle of another key: {answer}, and this is {key}; restore that key first")]
    OtherKey {
        /// The key that it is about.
        answer: crate::client::KeyId,
        /// The key that is here.
        key: crate::client::KeyId,
    },
    /// The question of an answer is not known here.
    #[error(
        "this profile has not asked the question that this answers; open it where the question was made, or ask again"
    )]
    Unasked,
    /// There is nothing to ask about.
    #[error("the bundle holds no readings in this range")]
    NothingToAsk,
    /// The question would be longer than any that is answered.
    #[error("that is too much for one question (16 MiB); ask for longer windows or fewer days")]
    TooLong,
    /// A file cannot be written.
    #[error("could not write {0} ({1})")]
    Write(String, io::Error),
    /// The bundle was written, and could not be remembered.
    #[error("wrote {0}, which restores your readings; but it can be asked about only after it was imported once ({1})")]
    Unremembered(String, VaultError),
    /// A file is none of ours.
    #[error("{0} is no file of Veilbeat's that can be inspected")]
    Unknown(String),
    /// There is something where a file was to be written.
    #[error("{0} is there already; it was left as it is. Choose another name, or delete it first")]
    There(String),
}

impl Failure {
    /// Whether what was given cannot be used, rather than that something failed.
    pub fn is_misuse(&self) -> bool {
        match self {
            Self::File { .. }
            | Self::OtherKey { .. }
            | Self::Unasked
            | Self::NothingToAsk
            | Self::TooLong
            | Self::Unknown(_)
            | Self::There(_) => true,
            Self::Export(error) => matches!(error, ExportError::Nothing),
            Self::Bundle(error) => !matches!(error, BundleError::Forged),
            Self::Vault(_) | Self::Answer(_) | Self::Write(..) | Self::Unremembered(..) => false,
        }
    }
}

pub(super) fn file(path: &Path) -> impl Fn(FileError) -> Failure {
    move |error| Failure::File { path: path.display().to_string(), error }
}

/// Hears how much is done, of how much; says whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Whether a file may be written at `path`: nothing is there, or `replaced` says what kind of file may be
/// replaced and it is a plain file of that kind that is not among `inputs`. A slip of the hand must not
/// cost a key, the readings or what a file is made of.
pub fn may_write(path: &Path, replaced: Option<FileKind>, inputs: &[&Path]) -> Result<(), Failure> {
    let there = || Failure::There(path.display().to_string());
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(|error| Failure::Write(path.display().to_string(), error))?,
    };
    let same = |input: &&Path| std::fs::canonicalize(input).ok() == std::fs::canonicalize(path).ok();
    let kind = FileKind::of_file(path).ok().flatten();
    let may = metadata.is_file() && kind.is_some() && kind == replaced && !inputs.iter().any(same);
    if may { Ok(()) } else { Err(there()) }
}

/// Encrypts the readings of some days into a bundle, and remembers it.
pub fn export(
    (key, vault): (&MasterKey, &mut Vault),
    profile: Profile,
    request: &Request,
    now_ms: i64,
    path: &Path,
    progress: Progress,
) -> Result<Exported, Failure> {
    let scheme = SchemeKey::derive(key, profile);
    let (stop, mut exported) = (Stop::default(), None);
    let mut tell = |done: usize, total: usize| {
        if progress(done as u64, total as u64).is_break() {
            stop.stop();
        }
    };
    let held = &*vault;
    platform::write_whole::<ExportError>(path, |out| {
        exported = Some(export_to(
            (&scheme, key.id()),
            (held.readings(), (request.from, request.to)),
            now_ms,
            |readings, exported, before| vault::seal_bundle(key, held, readings, exported, before),
            (&stop, &mut tell),
            out,
        )?);
        Ok(())
    })?;
    let exported = exported.ok_or(ExportError::Nothing)?;
    // The bundle is there; without this it could be restored, and not be asked about.
    vault.remember_export(&exported).map_err(|error| Failure::Unremembered(path.display().to_string(), error))?;
    Ok(exported)
}

/// Makes a question about a bundle, and remembers what it means. Returns it with its text.
pub fn ask(
    (key, vault): (&MasterKey, &mut Vault),
    bundle: &Path,
    request: &Request,
    progress: Progress,
) -> Result<(QuestionFile, String), Failure> {
    // As a whole, so that damage is found before another machine works on it.
    let bundle = Bundle::open(bundle, progress).map_err(file(bundle))?;
    let header = bundle.header();
    if header.key != key.id() {
        return Err(BundleError::OtherKey { bundle: header.key, key: key.id() }.into());
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
    let question = exported.question(key, request).ok_or(Failure::NothingToAsk)?;
    let text = question.to_text();
    if text.len() as u64 > MOST_QUESTION_BYTES {
        return Err(Failure::TooLong);
    }
    // Before the question is anywhere: an answer must never come to a profile that does not know it.
    vault.remember_question(QuestionFile::digest(text.as_bytes()), exported.id, request)?;
    Ok((question, text))
}

/// Reads a question, and its digest.
pub fn read_question(path: &Path) -> Result<(QuestionFile, [u8; 32]), Failure> {
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
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    platform::write_whole(path, |out| out.write_all(content))
        .map_err(|error: io::Error| Failure::Write(path.display().to_string(), error))
}

/// What an answer says.
pub enum OpenedAnswer {
    /// One part of several, and it is as it must be.
    Part(Part),
    /// What was asked, what it says (`None` without readings), and when the readings were as it says, if
    /// they have changed since (in milliseconds since the Unix epoch).
    Whole {
        /// What was asked.
        request: Request,
        /// What the answer says.
        report: Option<Box<Report>>,
        /// How many readings of all kinds the export has in the days that were asked about.
        readings: usize,
        /// When the export was made, if the readings have changed since.
        as_of_ms: Option<i64>,
    },
}

/// Checks and decrypts an answer to a question of this profile.
pub fn open(key: &MasterKey, vault: &Vault, path: &Path) -> Result<OpenedAnswer, Failure> {
    let mut answer = Answer::open(path).map_err(|error| match error {
        error @ (FileError::Other(_) | FileError::Io(_)) => file(path)(error),
        // An answer that is not whole has failed its check.
        error => Failure::Answer(OpenError::File(error)),
    })?;
    let header = answer.header();
    if header.key != key.id() {
        return Err(Failure::OtherKey { answer: header.key, key: key.id() });
    }
    let (export, request) = vault.question(&header.question).ok_or(Failure::Unasked)?;
    if header.export != export {
        return Err(Failure::Answer(OpenError::OtherSums));
    }
    let exported = vault.exported(export)?.ok_or(Failure::Unasked)?;
    let scheme = SchemeKey::derive(key, header.profile);
    if header.part != Part::WHOLE {
        exported.check_part(&scheme, &request, &mut answer)?;
        return Ok(OpenedAnswer::Part(header.part));
    }
    let report = exported.open(&scheme, &request, &mut answer)?;
    let now = vault.readings().within(exported.days.0, exported.days.1);
    let as_of_ms = (fingerprint(&now) != exported.content).then_some(exported.made_ms);
    let asked = exported.index.keys().filter(|&hour| request.includes(hour));
    let readings = asked.map(|hour| exported.index.count(hour) as usize).sum();
    Ok(OpenedAnswer::Whole { request, report: report.map(Box::new), readings, as_of_ms })
}

/// Brings the readings of a bundle back, and remembers the export. Returns the readings that it holds.
pub fn restore(
    (key, vault): (&MasterKey, &mut Vault),
    path: &Path,
    progress: Progress,
) -> Result<(Readings, Added), Failure> {
    let part = open_owners_part(key, path, progress)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let added = vault.restore_bundle(&name, &part)?;
    vault.remember_export(&part.exported)?;
    Ok((part.readings, added))
}

fn open_owners_part(key: &MasterKey, path: &Path, progress: Progress) -> Result<OwnersPart, Failure> {
    let bundle = Bundle::open(path, progress).map_err(file(path))?;
    Ok(vault::open_bundle(key, &bundle)?)
}
