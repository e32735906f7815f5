//! `veilbeat import`, `imports` and `undo`: readings of a file into the profile, and back out.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::key::{open_existing, open_or_create, read_existing};
use super::{CliError, HowToRead, ProfileArgs, bundle, inspect, print, read_readings, say};
use crate::reading::{Kind, Rate, Reading, Readings};
use crate::vault::Added;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// An export of a watch or an app: a table, JSON, XML, FIT, or a ZIP archive of these
    file: PathBuf,
    #[command(flatten)]
    how: HowToRead,
    /// Only say what the file holds: nothing is stored, no key is needed
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The contents of a file, and the report on its lines.
#[derive(Serialize)]
struct Output {
    format: &'static str,
    /// The number of readings that an empty profile would gain.
    readings: usize,
    /// How many of each kind there are.
    kinds: BTreeMap<&'static str, usize>,
    first: Option<String>,
    last: Option<String>,
    /// Of the samples; without any, of the first kind that there is. Each reading counts once.
    min: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    duplicates: usize,
    implausible: usize,
    missing: usize,
    /// How many lines were refused; beyond the first hundred thousand they are not listed.
    refused_count: usize,
    refused: Vec<Refused>,
    assumed: Vec<String>,
    /// Files of an archive that were left out, by the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
struct LeftOut {
    why: String,
    files: Vec<String>,
}

#[derive(Serialize)]
struct Refused {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    line: u64,
    reason: String,
}

pub(super) fn run(arguments: &Arguments, profile: &ProfileArgs) -> Result<(), CliError> {
    if inspect::is_bundle(&arguments.file) {
        return restore(arguments, profile);
    }
    let imported = read_readings(&arguments.file, &arguments.how)?;
    let count = imported.readings.len();
    let (unique, added) = if arguments.dry_run {
        let unique = Readings::from_list(imported.readings);
        let added = Added { added: unique.len(), duplicates: count - unique.len() };
        (unique, added)
    } else {
        let mut vault = open_or_create(profile)?;
        let name = match arguments.file.file_name() {
            Some(name) if name != "-" => name.to_string_lossy(),
            _ => "standard input".into(),
        };
        let unique = Readings::from_list(imported.readings.clone());
        (unique, vault.add(&name, crate::reading::now().as_millisecond(), imported.readings)?)
    };
    let mut output = Output::new(imported.format, &unique, added.duplicates);
    output.refused_count = imported.report.refused.count();
    output.refused = imported
        .report
        .refused
        .listed()
        .iter()
        .map(|refused| Refused {
            file: refused.file.as_deref().map(str::to_owned),
            line: refused.line,
            reason: refused.reason.to_string(),
        })
        .collect();
    output.assumed = imported.report.assumptions();
    let left_out = imported.report.left_out.into_iter();
    output.left_out = left_out.map(|group| LeftOut { why: group.why, files: group.files }).collect();
    output.missing = imported.report.missing;
    if arguments.json {
        // Numbers and strings only: there is nothing in here that could fail to become JSON.
        return print(&(serde_json::to_string(&output).unwrap_or_default() + "\n"));
    }
    print(&output.words(arguments.dry_run, added))
}

/// Brings back the readings of a bundle.
fn restore(arguments: &Arguments, profile: &ProfileArgs) -> Result<(), CliError> {
    if arguments.dry_run {
        return Err(CliError::Usage("a bundle is sealed; veilbeat inspect says what it shows without its key".into()));
    }
    let restored = bundle::restore(&arguments.file, profile)?;
    let output = Output::new("Veilbeat bundle", &restored.readings, restored.added.duplicates);
    say(&restored.words());
    if arguments.json {
        return print(&(serde_json::to_string(&output).unwrap_or_default() + "\n"));
    }
    print(&output.words(false, restored.added))
}

/// The rates of one kind, in 1/100 bpm.
#[derive(Default)]
struct Rates {
    count: usize,
    sum: u64,
    min: u16,
    max: u16,
}

impl Rates {
    fn add(&mut self, rate: Rate) {
        let centi = rate.centi_bpm();
        (self.min, self.max) =
            if self.count == 0 { (centi, centi) } else { (self.min.min(centi), self.max.max(centi)) };
        self.count += 1;
        self.sum += u64::from(centi);
    }
}

impl Output {
    fn new(format: &'static str, readings: &Readings, duplicates: usize) -> Self {
        let mut kinds: BTreeMap<Kind, Rates> = BTreeMap::new();
        let (mut first, mut last, mut implausible) = (None::<Reading>, None::<Reading>, 0);
        for reading in readings.iter() {
            kinds.entry(reading.kind).or_default().add(reading.rate);
            implausible += usize::from(reading.rate.is_implausible());
            if last.as_ref().is_none_or(|last| last.instant_ms < reading.instant_ms) {
                last = Some(reading.clone());
            }
            if first.as_ref().is_none_or(|first| reading.instant_ms < first.instant_ms) {
                first = Some(reading);
            }
        }
        let rates = kinds.first_key_value().map(|(_, rates)| rates);
        let bpm = |centi: u16| f64::from(centi) / 100.0;
        Self {
            format,
            readings: readings.len(),
            kinds: kinds.iter().map(|(kind, rates)| (kind.name(), rates.count)).collect(),
            first: first.as_ref().map(Reading::timestamp),
            last: last.as_ref().map(Reading::timestamp),
            min: rates.map(|rates| bpm(rates.min)),
            max: rates.map(|rates| bpm(rates.max)),
            mean: rates.map(|rates| rates.sum as f64 / (100 * rates.count) as f64),
            duplicates,
            implausible,
            missing: 0,
            refused_count: 0,
            refused: Vec::new(),
            assumed: Vec::new(),
            left_out: Vec::new(),
        }
    }

    fn words(&self, dry_run: bool, added: Added) -> String {
        let mut words = format!("Recognised as {}\n", self.format);
        let verb = if dry_run { "would be new to an empty profile" } else { "imported" };
        // Writing to a string cannot fail.
        let readings = if added.added == 1 { "reading" } else { "readings" };
        let _ = writeln!(words, "{} {readings} {verb}, {} already there", added.added, self.duplicates);
        if self.kinds.len() > 1 {
            let kinds = self.kinds.iter().map(|(kind, count)| format!("{count} of kind {kind}"));
            let _ = writeln!(words, "Among them {}", kinds.collect::<Vec<_>>().join(", "));
        }
        if let (Some(first), Some(last)) = (&self.first, &self.last) {
            let _ = writeln!(words, "From {first} to {last}");
        }
        if let (Some(min), Some(max)) = (self.min, self.max) {
            let _ = writeln!(words, "Lowest {min} bpm, highest {max} bpm");
        }
        if self.implausible > 0 {
            let _ = writeln!(words, "{} outside 30 to 220 bpm, kept as they are", self.implausible);
        }
        words
    }
}

/// Lists what was imported and entered, oldest first.
pub(super) fn list(profile: &ProfileArgs) -> Result<(), CliError> {
    let (_, vault) = read_existing(profile)?;
    let mut table = format!("{:<20}  {:>9}  name\n", "added", "readings");
    for (_, batch) in vault.batches() {
        let added =
            Timestamp::from_millisecond(batch.added_ms).map(|added| added.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        // What a file was called is shown, not obeyed.
        let name: String = batch.name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let _ = writeln!(table, "{:<20}  {:>9}  {name}", added.unwrap_or_default(), batch.count);
    }
    print(&table)
}

/// Takes the last change back.
pub(super) fn undo(profile: &ProfileArgs) -> Result<(), CliError> {
    let (_, mut vault) = open_existing(profile)?;
    match vault.undo()? {
        Some(name) => say(&format!("Undone: {name}")),
        None => say("There is nothing to undo"),
    }
    Ok(())
}
