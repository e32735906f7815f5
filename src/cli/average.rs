//! `veilbeat average` and `veilbeat stats`: the whole road, from readings to what they tell.

use std::path::PathBuf;

use jiff::civil::Date;

use super::key::{open_existing, read_existing};
use super::table::Output;
use super::{By, CliError, HowToRead, ProfileArgs, print, read_readings, say};
use crate::client::{Answered, MasterKey, Observer, ParameterSet, SchemeKey, Traffic};
use crate::jobs::connect;
use crate::protocol::Greeting;
use crate::reading::{Kind, Readings, Step};
use crate::statistics::{Detail, Maximum, Report, ReportRequest, Weighting, ZoneBounds, Zones, compare, plain};
use crate::vault::{ServerSettings, Settings, Vault, ZoneSettings};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A table with a time and a heart rate in each line
    file: PathBuf,
    /// How long each window is
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    /// Weigh means by time, or count each reading once
    #[arg(long, value_enum, default_value = "readings")]
    weighting: WeightBy,
    #[command(flatten)]
    how: HowToRead,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The unit that has one vote in a mean.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum WeightBy {
    /// Each stretch of time, however densely it was measured
    Time,
    /// Each reading
    Readings,
}

impl From<WeightBy> for Weighting {
    fn from(by: WeightBy) -> Self {
        match by {
            WeightBy::Time => Self::Time,
            WeightBy::Readings => Self::Readings,
        }
    }
}

#[derive(clap::Args)]
pub(super) struct StatsArguments {
    /// A file with readings [default: the profile's readings]
    file: Option<PathBuf>,
    /// How long each window is
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    how: HowToRead,
    /// Weigh means by time, or count each reading once [default: time, or as in the profile's settings]
    #[arg(long, value_enum)]
    weighting: Option<WeightBy>,
    #[command(flatten)]
    zones: ZoneArguments,
    /// Let the server that this command starts add up, such as “ssh -T nas veilbeat serve --store heart”. It is split
    /// into words and not given to a shell
    #[arg(long, value_name = "COMMAND", conflicts_with = "file")]
    server: Option<String>,
    /// Also open every answer with tfhe's own decryption, recompute everything in the clear and report what is equal;
    /// exit code 1 if anything differs
    #[arg(long)]
    check: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Some days, or some hours.
#[derive(clap::Args)]
pub(super) struct Range {
    /// The first day, or the first hour: 2026-09-30 or 2026-09-30T08
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    from: Option<Moment>,
    /// The last day or hour, included
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    to: Option<Moment>,
}

/// A day, or one of its hours.
#[derive(Clone, Copy)]
struct Moment {
    date: Date,
    hour: Option<i8>,
}

fn parse_moment(text: &str) -> Result<Moment, String> {
    let (date, hour) = text.split_once(['T', ' ']).map_or((text, None), |(date, hour)| (date, Some(hour)));
    let hour =
        hour.map(|hour| hour.strip_suffix(":00").unwrap_or(hour).parse().ok().filter(|hour| (0..24).contains(hour)));
    match (date.parse(), hour) {
        (Ok(date), None) => Ok(Moment { date, hour: None }),
        (Ok(date), Some(Some(hour))) => Ok(Moment { date, hour: Some(hour) }),
        _ => Err(format!("“{text}” is neither a day nor an hour; those look like 2026-09-30 and 2026-09-30T08")),
    }
}

/// What zones are made of. Anything not given comes from the profile's settings; the maximum is 190 bpm by default.
#[derive(clap::Args)]
struct ZoneArguments {
    /// Your maximum rate, for zones
    #[arg(long, value_name = "BPM", conflicts_with = "age")]
    max_rate: Option<u16>,
    /// Your age: the maximum is then 208 − 0.7·age
    #[arg(long, value_name = "YEARS")]
    age: Option<u8>,
    /// Your resting rate: zones are then shares of the reserve above it (Karvonen)
    #[arg(long, value_name = "BPM", conflicts_with = "zones")]
    resting_rate: Option<u16>,
    /// Where the five zones start, in bpm: 100,120,140,160,180
    #[arg(long, value_name = "BPM,…", value_delimiter = ',', conflicts_with_all = ["max_rate", "age"])]
    zones: Option<Vec<u16>>,
}

impl ZoneArguments {
    /// The zones that were asked for. Settings that cannot be used are said, and stop nothing.
    fn zones(&self, settings: &ZoneSettings) -> Result<Zones, CliError> {
        if (self.max_rate, self.age, self.resting_rate, &self.zones) == (None, None, None, &None) {
            if let Some(wrong) = settings.wrong() {
                say(&wrong);
            }
            return Ok(settings.zones());
        }
        let maximum = match (self.max_rate, self.age) {
            (Some(bpm), _) => Maximum::Typed(bpm),
            (None, Some(age)) => Maximum::Age(age),
            (None, None) => settings.maximum,
        };
        let bounds = match (self.resting_rate, &self.zones) {
            (Some(resting_bpm), _) => ZoneBounds::OfReserve { resting_bpm },
            (None, Some(bounds)) => ZoneBounds::Typed(
                bounds[..].try_into().map_err(|_| CliError::Usage("--zones takes five numbers in bpm".into()))?,
            ),
            (None, None) => settings.bounds,
        };
        Zones::new(bounds, maximum).or_else(|error| {
            // The fault may be of the settings alone, which nobody gave this command.
            let bounds =
                if self.resting_rate.is_some() || self.zones.is_some() { bounds } else { ZoneBounds::OfMaximum };
            let maximum = if self.max_rate.is_some() || self.age.is_some() { maximum } else { Maximum::Unknown };
            let zones = Zones::new(bounds, maximum).map_err(|error| CliError::Usage(error.to_string()))?;
            say(&format!("The zones in the settings cannot be used: {error}"));
            Ok(zones)
        })
    }
}

impl Range {
    /// The request for these days.
    pub(super) fn request(&self, step: Step, detail: Detail) -> Result<ReportRequest, CliError> {
        let (first, last) = ReportRequest::WHOLE_DAYS;
        let hours =
            (self.from.and_then(|from| from.hour).unwrap_or(first), self.to.and_then(|to| to.hour).unwrap_or(last));
        let (from, to) = (self.from.map(|from| from.date), self.to.map(|to| to.date));
        if from.zip(to).is_some_and(|(from, to)| (from, hours.0) > (to, hours.1)) {
            return Err(CliError::Usage("--from is later than --to; both are included".into()));
        }
        Ok(ReportRequest { step, from, to, hours, detail, weighting: Weighting::Time })
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let (readings, refused) = read_unique(&arguments.file, &arguments.how)?;
    let request = ReportRequest::all(arguments.by.into(), Detail::Averages).weighted_by(arguments.weighting.into());
    let key = SchemeKey::derive(&MasterKey::generate()?, ParameterSet::Standard);
    let (answered, traffic) = ask((key, None), &readings, &request, &mut Observer::default(), None)?;
    let report = answered.as_ref().map(|answered| &answered.report);
    say_kind(report);
    let mut output = Output::new(report, Zones::default(), &request).with_traffic(&traffic);
    (output.readings, output.refused) = (readings.len(), refused);
    print(&if arguments.json { output.json() } else { output.table() })
}

pub(super) fn stats(arguments: &StatsArguments, profile: &ProfileArgs) -> Result<(), CliError> {
    let request = arguments.range.request(arguments.by.into(), Detail::Statistics)?;
    let mut own = None;
    let (key, readings, refused, settings) = match &arguments.file {
        Some(file) => {
            let (readings, refused) = read_unique(file, &arguments.how)?;
            (MasterKey::generate()?, readings, refused, Settings::default())
        }
        None => {
            let (key, readings) = if arguments.server.is_some() {
                // What the server's store holds is remembered in the profile.
                let (key, vault) = open_existing(profile)?;
                let readings = vault.readings().clone();
                own = Some(vault);
                (key, readings)
            } else {
                let (key, vault) = read_existing(profile)?;
                (key, vault.readings().clone())
            };
            let (settings, sentence) = Settings::load(&profile.home()?);
            if let Some(sentence) = sentence {
                say(&sentence);
            }
            (key, readings, 0, settings)
        }
    };
    let request = request.weighted_by(arguments.weighting.map_or(settings.weighting, Weighting::from));
    let zones = arguments.zones.zones(&settings.zones)?;
    let mut watch = Observer { thorough: arguments.check, ..Observer::default() };
    let key = SchemeKey::derive(&key, settings.parameters);
    let server = arguments.server.as_deref();
    let (answered, traffic) = ask((key, own.as_mut()), &readings, &request, &mut watch, server)?;
    let report = answered.as_ref().map(|answered| &answered.report);
    say_kind(report);
    let mut output = Output::new(report, zones, &request).with_traffic(&traffic);
    output.refused = refused;
    let mut equal = true;
    if arguments.check
        && let Some(answered) = &answered
        && let Some(plain) = plain::report(&readings, &request)
    {
        let compared = compare(&answered.report, &plain);
        // Nothing compared is nothing checked.
        equal = !compared.is_empty() && compared.iter().all(crate::statistics::Compared::is_equal);
        for compared in &compared {
            let places = if compared.places == 1 { "1 place" } else { &format!("{} places", compared.places) };
            say(&match &compared.difference {
                None => format!("equal      {} ({places})", compared.name),
                Some(difference) => format!("NOT EQUAL  {}: {difference}", compared.name),
            });
        }
        output = output.with_check(&compared);
    }
    print(&if arguments.json { output.json() } else { output.table() })?;
    if equal { Ok(()) } else { Err(CliError::Unequal) }
}

/// The readings of a file, repeated ones once, and how many lines were refused.
fn read_unique(file: &std::path::Path, how: &HowToRead) -> Result<(Readings, usize), CliError> {
    let imported = read_readings(file, how)?;
    let refused = imported.report.refused.count();
    let lines = imported.readings.len();
    let readings = Readings::from_list(imported.readings);
    match lines - readings.len() {
        0 => {}
        1 => say("1 line repeats an earlier one and was counted once"),
        n => say(&format!("{n} lines repeat earlier ones and were counted once")),
    }
    Ok((readings, refused))
}

/// Asks the server that a command starts, or one that is a thread. What crosses the boundary does not depend on
/// readings in the range.
fn ask(
    (key, vault): (SchemeKey, Option<&mut Vault>),
    readings: &Readings,
    request: &ReportRequest,
    watch: &mut Observer,
    server: Option<&str>,
) -> Result<(Option<Answered>, Traffic), CliError> {
    let settings = server.map_or_else(ServerSettings::default, ServerSettings::command);
    let record = vault.as_ref().and_then(|vault| vault.held());
    let (mut client, mut line) = connect(&settings).client(key, request.weighting, record, None);
    let answered = client.report(readings, request, watch);
    if let Some((vault, record)) = vault.zip(client.take_record()) {
        // What is not remembered is sent again; the answer stands.
        let _ = vault.remember_held(&record);
    }
    if let Some(peer) = client.peer() {
        let Greeting { version, sandbox, .. } = peer.greeting;
        let (kept, ms) = (peer.kept, peer.round_trip.as_secs_f64() * 1e3);
        say(&format!(
            "The server (Veilbeat {version}, {ms:.0} ms away; sandbox: {}) had {kept} sheets already",
            sandbox.words()
        ));
    }
    let traffic = client.traffic();
    let answered = match answered {
        Ok(answered) => answered,
        Err(error) if server.is_some() => return Err(CliError::Server(line.explain(&error))),
        Err(error) => return Err(error.into()),
    };
    drop(client);
    line.wait();
    Ok((answered, traffic))
}

/// Says what a report is made of, where that is not readings alone.
pub(super) fn say_kind(report: Option<&Report>) {
    let Some(report) = report else { return say("There are no readings in this range") };
    match (report.kind, report.measured_days) {
        (Kind::Average, _) => {
            say("These are averages of days as your device computed them: there are no single readings");
        }
        (Kind::Resting, _) => say("These are resting rates: there are no single readings"),
        (Kind::Activity, _) => {
            say("These are averages of activities, by the hour in which they began: they do not stand for a day");
        }
        (Kind::Sample, (_, 0)) => {}
        (Kind::Sample, (days, averages)) => {
            say(&format!("{averages} of {days} days are averages that your device computed"));
        }
    }
}
