//! The terminal.
//!
//! Standard output holds the result and nothing else; progress and messages go to standard error.
//! Exit code 0: done, refused lines included; 1: failed or not verified; 2: wrong usage or an
//! unusable file.

mod average;
mod bench;
mod bundle;
mod import;
mod inspect;
mod key;
mod mend;
mod serve;
mod size;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::tz::TimeZone;

use crate::client::AskError;
use crate::import::{
    DateOrder, Epoch, ImportError, Imported, OffsetUnit, Options, PersonColumn, read_file, to_the_end,
};
use crate::jobs::bundles;
use crate::platform;
use crate::reading::{Step, WeekStart};
use crate::vault::{Home, ProfileError, VaultError};

/// Heart-rate averages, computed by a machine that cannot read a single reading.
///
/// Without a command, the window opens.
#[derive(Parser)]
#[command(name = "veilbeat", version, args_conflicts_with_subcommands = false)]
struct Arguments {
    /// Keep key and readings in this folder instead of the user's own
    /// (or in the one that the variable `VEILBEAT_HOME` names)
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Read the key's passphrase from the first line of this file instead of asking for it
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Open the window, with any files named
    Window {
        /// Bundles, answers, or files with readings
        files: Vec<PathBuf>,
    },
    /// Average the readings of a file, on a fresh key and without touching any profile
    Average(average::Arguments),
    /// Print all statistics of the profile's readings, or of a file's: spread, extremes, zones, trend
    Stats(average::StatsArguments),
    /// Import a file's readings into the profile
    Import(import::Arguments),
    /// Encrypt the profile's readings into a bundle that any machine can add up
    Export(bundle::ExportArguments),
    /// Write a question about a bundle
    Ask(bundle::AskArguments),
    /// Answer a question about a bundle; needs no key
    Compute(bundle::ComputeArguments),
    Serve(serve::Arguments),
    /// Check, decrypt and print the answer to a question
    Open(bundle::OpenArguments),
    /// Say what a bundle, question, answer or key file is, and what it reveals; needs no key
    Inspect {
        /// The file
        file: PathBuf,
    },
    /// Measure what averages cost on this machine, for both sets of parameters
    Bench(bench::Arguments),
    /// List what was imported and entered
    Imports,
    /// Undo the last change
    Undo,
    /// Forget what was deleted, replaced or undone: it cannot be brought back, and is in no file of the profile
    Forget,
    /// Save the readings that a damaged profile still holds as a table, in the clear
    Rescue {
        /// The table to write, a CSV file
        file: PathBuf,
    },
    /// The key: show it, protect it, write it down, restore it, replace it
    #[command(subcommand)]
    Key(key::Command),
}

/// Which profile a command works on, and what opens it.
struct ProfileArgs {
    home: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
}

impl ProfileArgs {
    fn home(&self) -> Result<Home, CliError> {
        Home::find(self.home.as_deref())
            .ok_or_else(|| CliError::Usage("could not find your home folder; name one with --home DIR".into()))
    }
}

/// The choices for what a file does not show, for every command that reads one.
#[derive(clap::Args)]
struct HowToRead {
    /// The time zone of times that do not name one [default: the system's]
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    timezone: Option<TimeZone>,
    /// The order of the numbers in a date, where the file does not show it
    #[arg(long, value_enum, value_name = "ORDER")]
    date_order: Option<Order>,
    /// The column of times in a table, by its name or number
    #[arg(long, value_name = "COLUMN")]
    time_column: Option<String>,
    /// The column of heart rates in a table, by its name or number
    #[arg(long, value_name = "COLUMN")]
    rate_column: Option<String>,
    /// Whose readings to use, in a file that holds several people's
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// The column that names people, by its name or number, or `none`
    #[arg(long, value_name = "COLUMN")]
    person_column: Option<String>,
    /// The moment that seconds are counted from, where the file does not show it
    #[arg(long, value_enum)]
    epoch: Option<SecondsSince>,
    /// The unit of offsets from UTC that are numbers, where the file does not show it
    #[arg(long, value_enum, value_name = "UNIT")]
    offset_unit: Option<Unit>,
}

/// The unit of offsets from UTC.
#[derive(Clone, Copy, ValueEnum)]
enum Unit {
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl From<Unit> for OffsetUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Hours => Self::Hours,
            Unit::Minutes => Self::Minutes,
            Unit::Seconds => Self::Seconds,
            Unit::Milliseconds => Self::Milliseconds,
        }
    }
}

/// The moment that seconds are counted from.
#[derive(Clone, Copy, ValueEnum)]
enum SecondsSince {
    /// 1970-01-01, as in most files
    Unix,
    /// 1989-12-31, as in FIT files
    Fit,
}

impl From<SecondsSince> for Epoch {
    fn from(since: SecondsSince) -> Self {
        match since {
            SecondsSince::Unix => Self::Unix,
            SecondsSince::Fit => Self::Fit,
        }
    }
}

/// The order of the numbers of a date.
#[derive(Clone, Copy, ValueEnum)]
enum Order {
    /// 31/12/2026
    Dmy,
    /// 12/31/2026
    Mdy,
    /// 26/12/31
    Ymd,
    /// 2026-31-12
    Ydm,
}

impl From<Order> for DateOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Dmy => Self::DayFirst,
            Order::Mdy => Self::MonthFirst,
            Order::Ymd => Self::YearFirst,
            Order::Ydm => Self::YearDayMonth,
        }
    }
}

/// How long the windows of a table are.
#[derive(Clone, Copy, ValueEnum)]
enum By {
    Hour,
    Day,
    /// From Monday to Sunday
    Week,
    /// From Sunday to Saturday
    WeekSunday,
    /// From Saturday to Friday
    WeekSaturday,
    Month,
    All,
}

impl From<By> for Step {
    fn from(by: By) -> Self {
        match by {
            By::Hour => Self::Hour,
            By::Day => Self::Day,
            By::Week => Self::Week(WeekStart::Monday),
            By::WeekSunday => Self::Week(WeekStart::Sunday),
            By::WeekSaturday => Self::Week(WeekStart::Saturday),
            By::Month => Self::Month,
            By::All => Self::All,
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    /// The command cannot be carried out as it was given: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The file cannot be used: exit code 2.
    #[error("{}: {unusable}{}", .path.display(), .unusable.options().map_or_else(String::new, |options| format!(" ({options})")))]
    Import {
        /// The file.
        path: PathBuf,
        /// The reason why it cannot be used.
        unusable: ImportError,
    },
    /// A file cannot be read or written.
    #[error("{what}")]
    File {
        /// The operation that failed, with its file.
        what: String,
    },
    /// There is no key.
    #[error("there is no key in {} yet; import a file or open the window to make one, or restore one with veilbeat key restore", .0.display())]
    NoKey(PathBuf),
    /// The profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The question has no answer.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// Something could not be done with a bundle.
    #[error(transparent)]
    Bundle(#[from] bundles::BundleError),
    /// The encryption cannot start.
    #[error(transparent)]
    NoRandomness(#[from] crate::client::NoRandomness),
    /// A server that is another program has no answer.
    #[error("{0}")]
    Server(String),
    /// An answer is not what the same computation in the clear gives.
    #[error("an answer differs from the same computation in the clear; do not trust it, and please report this")]
    Unequal,
    /// The result cannot be written.
    #[error("could not write the result ({0})")]
    Output(std::io::Error),
    /// The window cannot open.
    #[error("{0}")]
    Window(String),
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        Self::Profile(error.into())
    }
}

impl CliError {
    fn exit_code(&self) -> ExitCode {
        let wrong = match self {
            Self::Import { .. } | Self::Usage(_) => true,
            Self::Bundle(failure) => failure.is_misuse(),
            _ => false,
        };
        ExitCode::from(if wrong { 2 } else { 1 })
    }
}

/// Runs the program on the arguments that it was started with.
pub fn run() -> ExitCode {
    platform::forbid_core_files();
    platform::survive_file_limit();
    let Arguments { home, passphrase_file, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(asked) => return help_or_usage(&asked),
    };
    let from_environment = || std::env::var_os("VEILBEAT_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let profile = ProfileArgs { home: home.or_else(from_environment), passphrase_file };
    platform::forbid_looking_in();
    if let Err(error) = platform::start_threads() {
        say(&format!(
            "veilbeat: could not start threads to work with ({error}); nothing was changed. Close other programs, or \
             raise the limit on processes"
        ));
        return ExitCode::FAILURE;
    }
    let result = match &command {
        Some(Command::Average(average)) => average::run(average),
        Some(Command::Stats(stats)) => average::stats(stats, &profile),
        Some(Command::Import(import)) => import::run(import, &profile),
        Some(Command::Export(export)) => bundle::export(export, &profile),
        Some(Command::Ask(ask)) => bundle::ask(ask, &profile),
        Some(Command::Compute(compute)) => bundle::compute(compute),
        Some(Command::Serve(serve)) => serve::run(serve),
        Some(Command::Open(open)) => bundle::open(open, &profile),
        Some(Command::Inspect { file }) => inspect::inspect(file),
        Some(Command::Bench(bench)) => bench::run(bench),
        Some(Command::Imports) => import::list(&profile),
        Some(Command::Undo) => import::undo(&profile),
        Some(Command::Forget) => mend::forget(&profile),
        Some(Command::Rescue { file }) => mend::rescue(file, &profile),
        Some(Command::Key(key)) => key::run(key, &profile),
        Some(Command::Window { files }) => window(&profile, files),
        None => window(&profile, &[]),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has had enough: nothing failed.
        Err(CliError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("veilbeat: {failure}"));
            failure.exit_code()
        }
    }
}

/// Prints what clap has to say: help, the version, or what is wrong with the arguments.
fn help_or_usage(asked: &clap::Error) -> ExitCode {
    match asked.print().and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            say(&format!("veilbeat: could not write this ({error})"));
            ExitCode::FAILURE
        }
        _ => ExitCode::from(u8::try_from(asked.exit_code()).unwrap_or(2)),
    }
}

#[cfg(feature = "window")]
fn window(profile: &ProfileArgs, files: &[PathBuf]) -> Result<(), CliError> {
    let connect = Box::new(crate::jobs::connect);
    crate::ui::open_window(profile.home.as_deref(), connect, files).map_err(CliError::Window)
}

#[cfg(not(feature = "window"))]
fn window(_: &ProfileArgs, _: &[PathBuf]) -> Result<(), CliError> {
    Err(CliError::Window("this Veilbeat was built without its window; veilbeat --help lists what it can do".into()))
}

/// A message for the person, on standard error.
fn say(message: &str) {
    // What a file says is shown, not obeyed: a terminal must not take it for commands.
    let shown = message.replace(|c: char| c.is_control(), "\u{fffd}");
    // There is nobody left to tell if this fails.
    let _ = writeln!(std::io::stderr(), "{shown}");
}

/// The result, on standard output.
fn print(result: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(result.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Output)
}

/// A time zone by its name, for `--timezone`.
fn parse_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("there is no time zone “{name}”; names look like Europe/Paris"))
}

/// The most refused lines that are named in the terminal; `--json` lists them all.
const MOST_REFUSED: usize = 20;

/// Reads a file, and says what was refused and assumed.
fn read_readings(path: &Path, how: &HowToRead) -> Result<Imported, CliError> {
    let zone = how.timezone.clone().unwrap_or_else(|| {
        platform::system_zone().unwrap_or_else(|| {
            say("The system's time zone is not known, so UTC is used. Choose a zone with --timezone");
            TimeZone::UTC
        })
    });
    let person_column = how.person_column.as_deref().map(|column| match column {
        "none" => PersonColumn::None,
        column => PersonColumn::Named(column.to_owned()),
    });
    let options = Options {
        person: how.person.clone(),
        person_column,
        epoch: how.epoch.map(Epoch::from),
        offset_unit: how.offset_unit.map(OffsetUnit::from),
        date_order: how.date_order.map(DateOrder::from),
        time_column: how.time_column.clone(),
        rate_column: how.rate_column.clone(),
        ..Options::new(zone)
    };
    let imported = read_file(path, &options, &to_the_end)
        .map_err(|unusable| CliError::Import { path: path.to_owned(), unusable })?;
    if let Some(DateOrder::YearFirst | DateOrder::YearDayMonth) = imported.report.unclear_order {
        let what = "its dates start with the year, and the file does not show whether the day or the month comes next; \
            choose with --date-order ymd or --date-order ydm";
        return Err(CliError::Usage(format!("{}: {what}", path.display())));
    }
    if let (Some((_, column)), None) = (&imported.report.unclear_offsets, how.offset_unit) {
        let column: String = column.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(160).collect();
        let what = format!(
            "the column “{column}” holds offsets from UTC as numbers, and the file does not show their unit; choose it \
             with --offset-unit minutes (or hours, seconds, milliseconds)"
        );
        return Err(CliError::Usage(format!("{}: {what}", path.display())));
    }
    let refused = &imported.report.refused;
    for line in refused.listed().iter().take(MOST_REFUSED) {
        say(&line.to_string());
    }
    if refused.count() > MOST_REFUSED {
        say(&format!("and {} more lines were refused; in all:", refused.count() - MOST_REFUSED));
        for (reason, count, _) in imported.report.grouped() {
            say(&format!("  {count}: {reason}"));
        }
    }
    for sentence in imported.report.remarks() {
        say(&sentence);
    }
    match imported.report.unclear_epoch {
        Some(Epoch::Fit) => say("If they are counted from 1970, use --epoch unix"),
        Some(Epoch::Unix) => say("If all are counted from 1989, use --epoch fit"),
        None => {}
    }
    Ok(imported)
}
