//! `veilbeat export`, `ask`, `compute` and `open`: bundles that travel.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ValueEnum;

use super::average::{Range, WeightBy, say_kind};
use super::key::{open_existing, read_existing};
use super::size::parse_size;
use super::table::Output;
use super::{By, CliError, ProfileArgs, print, say};
use crate::client::ParameterSet;
use crate::jobs::bundles::{self, ExportOptions, OpenedAnswer, Restored};
use crate::platform::{self, Existing, Readers};
use crate::protocol::files::{Bundle, FileError, FileKind};
use crate::reading::{DayRange, Step};
use crate::server::{ComputeError, Cost, compute as answer_question};
use crate::statistics::{Detail, ReportRequest, Weighting};
use crate::vault::Settings;

/// Export encrypted readings
#[derive(clap::Args)]
pub(super) struct ExportArguments {
    /// The bundle to write
    file: PathBuf,
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    range: Range,
    /// The parameters [default: as in the settings]. `long-term` doubles the cost of answers
    #[arg(long, value_enum)]
    parameters: Option<Parameters>,
    /// Weigh means by time, or count each reading once [default: as in the settings, or time]
    #[arg(long, value_enum)]
    weighting: Option<WeightBy>,
    /// Include distributions by the hour, which make the bundle eight times as large
    #[arg(long)]
    hours: bool,
    /// Leave out your own sealed part: the bundle can be asked about only from this profile, and restores nothing
    #[arg(long)]
    for_computing: bool,
}

/// The permission to overwrite a file.
#[derive(clap::Args)]
struct Over {
    /// Overwrite the output file if it is of the same kind and this command does not read it
    #[arg(long)]
    force: bool,
}

impl Over {
    /// Whether a file may be written.
    fn may_write(&self, path: &Path, kind: FileKind, inputs: &[&Path]) -> Result<Existing, CliError> {
        Ok(bundles::may_write(path, self.force.then_some(kind), inputs)?)
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Parameters {
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
    /// The statistics to ask for in each window
    #[arg(long, value_enum, default_value = "average")]
    stats: Stats,
    /// Weigh means by time, or count each reading once; a bundle answers only for the weighting of its export
    #[arg(long, value_enum)]
    weighting: Option<WeightBy>,
    #[command(flatten)]
    range: Range,
    /// The question to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    over: Over,
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
    /// Refuse a question whose answer would be larger: bytes, or a number with kB, MB or GB
    #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = parse_size)]
    most_bytes: u64,
    #[command(flatten)]
    over: Over,
}

#[derive(clap::Args)]
pub(super) struct OpenArguments {
    /// An answer to a question of this profile
    answer: PathBuf,
    /// The question that it must answer; without this option, an answer to any question of this profile is opened,
    /// and the output says what it answers
    #[arg(long)]
    question: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Reports progress on a terminal from time to time.
pub(super) struct Meter {
    what: &'static str,
    told: Instant,
    terminal: bool,
}

impl Meter {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, told: Instant::now(), terminal: io::IsTerminal::is_terminal(&io::stderr()) }
    }

    pub(super) fn tell(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        if self.terminal && self.told.elapsed().as_millis() > 500 {
            self.told = Instant::now();
            say(&format!("{} {} %", self.what, done * 100 / total.max(1)));
        }
        ControlFlow::Continue(())
    }
}

/// A failure that names its file. A file that cannot be used at all gives exit code 2.
fn unusable(path: &Path, error: &FileError) -> CliError {
    CliError::Usage(format!("{} {error}", path.display()))
}

fn open_bundle(path: &Path) -> Result<Bundle, CliError> {
    let mut meter = Meter::new("Reading the bundle:");
    Bundle::open(path, &mut |done, of| meter.tell(done, of)).map_err(|error| unusable(path, &error))
}

pub(super) fn export(arguments: &ExportArguments, profile: &ProfileArgs) -> Result<(), CliError> {
    // The range must make sense before anything is opened.
    let request = arguments.range.request(Step::All, Detail::Averages)?;
    if request.hours != ReportRequest::WHOLE_DAYS {
        return Err(CliError::Usage("a bundle is made of whole days; leave the hours out".into()));
    }
    let existing = arguments.over.may_write(&arguments.file, FileKind::Bundle, &[])?;
    let (key, mut vault) = open_existing(profile)?;
    let (settings, sentence) = Settings::load(&profile.home()?);
    if let Some(sentence) = sentence {
        say(&sentence);
    }
    let options = ExportOptions {
        days: DayRange { first: request.from, last: request.to },
        parameters: match arguments.parameters {
            Some(Parameters::Standard) => ParameterSet::Standard,
            Some(Parameters::LongTerm) => ParameterSet::LongTerm,
            None => settings.parameters,
        },
        weighting: arguments.weighting.map_or(settings.weighting, Weighting::from),
        hours: arguments.hours,
        for_computing: arguments.for_computing,
    };
    let now_ms = crate::reading::now().as_millisecond();
    let mut meter = Meter::new("Encrypting:");
    let own = (&key, &mut vault);
    let written =
        bundles::export(own, &options, now_ms, (&arguments.file, existing), &mut |done, of| meter.tell(done, of))?;
    let bytes = std::fs::metadata(&arguments.file).map_or(0, |metadata| metadata.len());
    let (words, id) = (written.words(), written.exported.id);
    say(&format!("Wrote {words}, {}, {bytes} bytes, as export {id:.8}", options.weighting.words()));
    if options.for_computing {
        say("It holds encrypted sheets only: it is not a backup");
    }
    Ok(())
}

pub(super) fn ask(arguments: &AskArguments, profile: &ProfileArgs) -> Result<(), CliError> {
    let detail = match arguments.stats {
        Stats::Average => Detail::Averages,
        Stats::All => Detail::Statistics,
    };
    let request = arguments.range.request(arguments.by.into(), detail)?;
    let existing = arguments.over.may_write(&arguments.output, FileKind::Question, &[&arguments.bundle])?;
    let (key, mut vault) = open_existing(profile)?;
    let mut meter = Meter::new("Reading the bundle:");
    let own = (&key, &mut vault);
    let asked = (&request, arguments.weighting.map(Weighting::from));
    let (question, text) = bundles::ask(own, &arguments.bundle, asked, &mut |done, of| meter.tell(done, of))?;
    say(&format!("The answer will hold {} sums, {} bytes", question.sums.len(), question.answer_bytes()));
    Ok(bundles::write_file((&arguments.output, existing), text.as_bytes())?)
}

/// Answers a question about a bundle.
pub(super) fn compute(arguments: &ComputeArguments) -> Result<(), CliError> {
    let inputs = [&*arguments.bundle, &*arguments.question];
    let existing = arguments.over.may_write(&arguments.output, FileKind::Answer, &inputs)?;
    let (question, digest) = bundles::read_question(&arguments.question)?;
    let bundle = open_bundle(&arguments.bundle)?;
    let Cost { sums, ciphertexts, bytes } = Cost::of(&question);
    if bytes > arguments.most_bytes {
        let most = arguments.most_bytes;
        let what = format!(
            "the answer would have {bytes} bytes ({sums} sums), and --most-bytes allows {most}; nothing was written. \
             Allow more, or ask for longer windows or fewer days"
        );
        return Err(CliError::Usage(what));
    }
    say(&format!("The answer will hold {sums} sums of {ciphertexts} ciphertexts, {bytes} bytes"));
    let mut meter = Meter::new("Adding:");
    let mut progress = |done: usize, of: usize| meter.tell(done as u64, of as u64);
    platform::write_whole::<ComputeFailure>(&arguments.output, (Readers::Usual, existing), |out| {
        Ok(answer_question(&bundle, &question, digest, out, &mut progress)?)
    })
    .map_err(|ComputeFailure(error)| match error {
        ComputeError::Write(error) => bundles::unwritten(&arguments.output, error).into(),
        ComputeError::Stopped => CliError::File { what: error.to_string() },
        error => CliError::Usage(error.to_string()),
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

pub(super) fn open(arguments: &OpenArguments, profile: &ProfileArgs) -> Result<(), CliError> {
    let (key, vault) = read_existing(profile)?;
    let question = arguments.question.as_deref();
    let opened = bundles::open((&key, &vault), &arguments.answer, question)?;
    let OpenedAnswer { about, report, readings, outdated } = opened;
    say(&format!("Verified: {}", about.words()));
    if let Some(warning) = about.warning() {
        say(&format!("Note: {warning}; use --question to say which question it must answer"));
    }
    if outdated {
        say("Your readings have changed since the export");
    }
    say_kind(report.as_deref());
    let (settings, sentence) = Settings::load(&profile.home()?);
    if let Some(sentence) = sentence {
        say(&sentence);
    }
    if let Some(wrong) = settings.zones.wrong() {
        say(&wrong);
    }
    let mut output = Output::new(report.as_deref(), settings.zones.zones(), &about.request);
    output.readings = readings;
    output.about = Some(super::table::About::new(&about));
    print(&if arguments.json { output.json() } else { output.table() })
}

/// Restores the readings of a bundle into the profile.
pub(super) fn restore(path: &Path, profile: &ProfileArgs) -> Result<Restored, CliError> {
    let (key, mut vault) = open_existing(profile)?;
    let mut meter = Meter::new("Reading the bundle:");
    Ok(bundles::restore((&key, &mut vault), path, &mut |done, of| meter.tell(done, of))?)
}
