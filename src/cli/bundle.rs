//! `veilbeat export`, `ask`, `compute`, `merge` and `open`: bundles that travel.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ValueEnum;
use jiff::Timestamp;

use super::average::Range;
use super::key::{open_existing, open_with_key};
use super::table::Output;
use super::{By, Failure, Place, print, say};
use crate::client::{ExportError, Exported, MasterKey, OpenError, SchemeKey, Stop, export as export_to, fingerprint};
use crate::platform;
use crate::protocol::files::{Answer, Bundle, FileError, MOST_QUESTION_BYTES, Part, QuestionFile};
use crate::reading::{Kind, Step};
use crate::scheme::Profile;
use crate::server::{ComputeError, MergeError, compute as answer_question, merge as merge_parts};
use crate::statistics::Detail;
use crate::vault::{self, Added, Settings, Vault};

/// Export encrypted readings
#[derive(clap::Args)]
pub(super) struct ExportArguments {
    /// The bundle to write
    file: PathBuf,
    #[command(flatten)]
    range: Range,
    /// The parameters: `long-term` doubles the cost of answers
    #[arg(long, value_enum, default_value = "standard")]
    profile: ProfileName,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProfileName {
    Standard,
    LongTerm,
}

#[derive(clap::Args)]
pub(super) struct AskArguments {
    /// A bundle of this profile's key
    bundle: PathBuf,
    /// How long each window is
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    /// What is asked about each window
    #[arg(long, value_enum, default_value = "average")]
    stats: Stats,
    #[command(flatten)]
    range: Range,
    /// The question to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stats {
    /// Count, mean and standard deviation
    Average,
    /// Minimum, maximum, percentiles, zones, trend and resting rates too
    All,
}

#[derive(clap::Args)]
pub(super) struct ComputeArguments {
    /// The bundle
    bundle: PathBuf,
    /// The question about it
    question: PathBuf,
    /// The answer to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Work on one of several shares only, as in 2/8; `veilbeat merge` adds them
    #[arg(long, value_name = "I/N", value_parser = parse_part)]
    part: Option<Part>,
}

#[derive(clap::Args)]
pub(super) struct MergeArguments {
    /// All parts of the answer, in any order
    #[arg(required = true)]
    parts: Vec<PathBuf>,
    /// The answer to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct OpenArguments {
    /// An answer to a question of this profile, or a part of one
    answer: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn parse_part(text: &str) -> Result<Part, String> {
    let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    numbers
        .and_then(|(number, of)| Part::new(number, of))
        .ok_or_else(|| format!("“{text}” is no part; parts look like 2/8, from 1/8 to 8/8"))
}

/// Says from time to time how far something is, on a terminal.
struct Meter {
    what: &'static str,
    told: Instant,
    terminal: bool,
}

impl Meter {
    fn new(what: &'static str) -> Self {
        Self { what, told: Instant::now(), terminal: io::IsTerminal::is_terminal(&io::stderr()) }
    }

    fn tell(&mut self, done: u64, total: u64) {
        if self.terminal && self.told.elapsed().as_millis() > 500 {
            self.told = Instant::now();
            say(&format!("{} {} %", self.what, done * 100 / total.max(1)));
        }
    }
}

/// A failure that names its file. What cannot be used at all is exit code 2.
pub(super) fn unusable(path: &Path, error: &FileError) -> Failure {
    Failure::Usage(format!("{} {error}", path.display()))
}

pub(super) fn open_bundle(path: &Path) -> Result<Bundle, Failure> {
    let mut meter = Meter::new("Reading the bundle:");
    let mut progress = |done, total| {
        meter.tell(done, total);
        ControlFlow::Continue(())
    };
    Bundle::open(path, &mut progress).map_err(|error| unusable(path, &error))
}

pub(super) fn export(arguments: &ExportArguments, place: &Place) -> Result<(), Failure> {
    // The range must make sense before anything is opened.
    arguments.range.request(Step::All, Detail::Averages)?;
    let (key, mut vault) = open_with_key(place)?;
    let profile = match arguments.profile {
        ProfileName::Standard => Profile::Standard,
        ProfileName::LongTerm => Profile::LongTerm,
    };
    let exported = write_bundle(&key, &vault, profile, arguments)?;
    // The bundle is there; without this it could be restored, and not be asked about.
    vault.remember_export(&exported)?;
    let readings: u64 = exported.index.keys().map(|hour| exported.index.count(hour)).sum();
    let bytes = std::fs::metadata(&arguments.file).map_or(0, |metadata| metadata.len());
    say(&format!(
        "Wrote {readings} readings in {} encrypted chunks, {bytes} bytes, as export {:.8}",
        exported.chunks.len(),
        exported.id
    ));
    Ok(())
}

fn write_bundle(
    key: &MasterKey,
    vault: &Vault,
    profile: Profile,
    arguments: &ExportArguments,
) -> Result<Exported, Failure> {
    let scheme = SchemeKey::derive(key, profile);
    let mut meter = Meter::new("Encrypting:");
    let mut exported = None;
    let days = (arguments.range.from, arguments.range.to);
    platform::write_whole::<ExportError>(&arguments.file, |out| {
        exported = Some(export_to(
            (&scheme, key.id()),
            (vault.readings(), days),
            Timestamp::now().as_millisecond(),
            |readings, exported, before| vault::seal_bundle(key, vault, readings, exported, before),
            (&Stop::default(), &mut |done, total| meter.tell(done as u64, total as u64)),
            out,
        )?);
        Ok(())
    })?;
    exported.ok_or(Failure::Export(ExportError::Nothing))
}

pub(super) fn ask(arguments: &AskArguments, place: &Place) -> Result<(), Failure> {
    let detail = match arguments.stats {
        Stats::Average => Detail::Averages,
        Stats::All => Detail::Statistics,
    };
    let request = arguments.range.request(arguments.by.into(), detail)?;
    let (key, mut vault) = open_existing(place)?;
    let header = Bundle::peek(&arguments.bundle).map_err(|error| unusable(&arguments.bundle, &error))?;
    if header.key != key.id() {
        return Err(vault::BundleError::OtherKey { bundle: header.key, key: key.id() }.into());
    }
    let exported = match vault.exported(header.export)? {
        Some(exported) => exported,
        // It was exported elsewhere: the bundle itself remembers.
        None => {
            let exported = vault::open_bundle(&key, &open_bundle(&arguments.bundle)?)?.exported;
            vault.remember_export(&exported)?;
            exported
        }
    };
    let question = exported.question(key.id(), &request);
    let question = question.ok_or_else(|| Failure::Usage("the bundle holds no readings in this range".into()))?;
    let text = question.to_text();
    say(&format!("The answer will hold {} sums, {} bytes", question.sums.len(), Exported::answer_bytes(&question)));
    // First what it means, then the question: an answer must never come to a profile that does not know it.
    vault.remember_question(QuestionFile::digest(text.as_bytes()), exported.id, &request)?;
    write_file(&arguments.output, text.as_bytes())
}

fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    platform::write_whole(path, |out| out.write_all(content))
        .map_err(|error: io::Error| Failure::File { what: format!("could not write {} ({error})", path.display()) })
}

/// Reads a question and the hash of its text.
pub(super) fn read_question(path: &Path) -> Result<(QuestionFile, [u8; 32]), Failure> {
    let failed = |error: io::Error| unusable(path, &FileError::Io(error));
    platform::open_regular(path).map_err(failed)?;
    let text = platform::read_at_most(path, MOST_QUESTION_BYTES).map_err(failed)?;
    let text = text.ok_or_else(|| unusable(path, &FileError::Damaged("it is longer than 64 MiB")))?;
    let question = QuestionFile::parse(&text).map_err(|error| unusable(path, &error))?;
    Ok((question, QuestionFile::digest(&text)))
}

pub(super) fn compute(arguments: &ComputeArguments) -> Result<(), Failure> {
    let (question, digest) = read_question(&arguments.question)?;
    let bundle = open_bundle(&arguments.bundle)?;
    let mut meter = Meter::new("Adding:");
    let mut progress = |done: usize, total: usize| {
        meter.tell(done as u64, total as u64);
        ControlFlow::Continue(())
    };
    let part = arguments.part.unwrap_or(Part::WHOLE);
    platform::write_whole::<ComputeFailure>(&arguments.output, |out| {
        Ok(answer_question(&bundle, &question, digest, part, out, &mut progress)?)
    })
    .map_err(|ComputeFailure(error)| match error {
        ComputeError::Write(_) | ComputeError::Stopped => Failure::File { what: error.to_string() },
        error => Failure::Usage(error.to_string()),
    })
}

/// [`ComputeError`], made of errors of writing too.
struct ComputeFailure(ComputeError);

impl From<io::Error> for ComputeFailure {
    fn from(error: io::Error) -> Self {
        Self(ComputeError::Write(error))
    }
}

impl From<ComputeError> for ComputeFailure {
    fn from(error: ComputeError) -> Self {
        Self(error)
    }
}

pub(super) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let open = |path: &PathBuf| Answer::open(path).map_err(|error| unusable(path, &error));
    let parts = arguments.parts.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    platform::write_whole::<MergeError>(&arguments.output, |out| merge_parts(parts, out)).map_err(|error| match error {
        MergeError::Write(_) => Failure::File { what: error.to_string() },
        error => Failure::Usage(format!("{error}; nothing was written")),
    })
}

pub(super) fn open(arguments: &OpenArguments, place: &Place) -> Result<(), Failure> {
    let path = &arguments.answer;
    let mut answer = Answer::open(path).map_err(|error| match error {
        error @ FileError::Other(_) => unusable(path, &error),
        // An answer that is not whole has failed its check.
        error => Failure::Answer(OpenError::File(error)),
    })?;
    let (key, vault) = open_existing(place)?;
    let header = answer.header();
    if header.key != key.id() {
        return Err(Failure::Usage(format!(
            "the answer is about a bundle of another key: {}, and this is {}; restore that key first",
            header.key,
            key.id()
        )));
    }
    let unknown = || {
        Failure::Usage(
            "this profile has not asked the question that this answers; open it where the question was made, or ask again"
                .into(),
        )
    };
    let (export, request) = vault.question(&header.question).ok_or_else(unknown)?;
    let exported = vault.exported(export)?.ok_or_else(unknown)?;
    let scheme = SchemeKey::derive(&key, header.profile);
    if header.part != Part::WHOLE {
        exported.check_part(&scheme, &request, &mut answer)?;
        let Part { number, of } = header.part;
        say(&format!("Part {number} of {of} is as it must be; add all parts with veilbeat merge to read the answer"));
        return Ok(());
    }
    let report = exported.open(&scheme, &request, &mut answer)?;
    say_age(&exported, &vault);
    if report.as_ref().is_some_and(|report| report.kind != Kind::Sample) {
        say("These are summaries that a device computed: there are no single readings");
    }
    let zones = Settings::load(&place.home()?).0.zones.zones();
    let output = Output::new(report.as_ref(), zones, request.detail);
    print(&if arguments.json { output.json() } else { output.table(request.step) })
}

/// Says of which state of the readings an answer speaks.
fn say_age(exported: &Exported, vault: &Vault) {
    let now = vault.readings().within(exported.days.0, exported.days.1);
    if fingerprint(&now) != exported.content {
        let made = Timestamp::from_millisecond(exported.made_ms).map(|made| made.strftime("%Y-%m-%d %H:%M UTC"));
        let made = made.map_or_else(|_| String::new(), |made| made.to_string());
        say(&format!("As of the export of {made}: your readings have changed since"));
    }
}

/// Restores the readings of a bundle into the profile; returns what it holds and what was added.
pub(super) fn restore(path: &Path, place: &Place) -> Result<(crate::reading::Readings, Added), Failure> {
    let bundle = open_bundle(path)?;
    let (key, mut vault) = open_existing(place)?;
    let part = vault::open_bundle(&key, &bundle)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let added = vault.restore_bundle(&name, &part)?;
    vault.remember_export(&part.exported)?;
    Ok((part.readings, added))
}
