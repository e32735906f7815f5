//! The reasons why a file cannot be used, each as one sentence.

use super::report::ImportReport;
use super::words::{clean, some_names};

/// Why a file cannot be used at all. Each message is one sentence; nothing was imported.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened or read.
    #[error("could not read the file ({0})")]
    Unreadable(String),
    /// The person has stopped it.
    #[error("stopped")]
    Stopped,
    /// It is a pipe or a device.
    #[error("this is a pipe or a device, not a file, and may never end; save it as a file first")]
    NoFile,
    /// It is a known kind of file that holds no readings.
    #[error("this is {0}; it has no readings that can be imported")]
    Foreign(&'static str),
    /// It is a file of a spreadsheet program or a word processor.
    #[error("this is {0}, which Veilbeat does not read; save the sheet with the readings as CSV, and import that")]
    Workbook(&'static str),
    /// It is a database without a table that is known.
    #[error(
        "this is an SQLite database without a table of heart rates as Gadgetbridge has them (TIMESTAMP, HEART_RATE); export the readings from its app, for example as CSV"
    )]
    Database,
    /// It is one of Veilbeat's own files, where readings were expected.
    #[error("this is {}, not a file of readings; {}", .0.words().0, .0.words().1)]
    Own(OwnFile),
    /// It is an archive that holds archives.
    #[error("this archive holds archives nested too deep to be read; unpack it, and import what is in it")]
    ArchivesInside,
    /// It is JSON of another shape.
    #[error(
        "this is JSON of an unknown form{}; no heart rate with a time was found in it. Export the readings as CSV, TCX, GPX or FIT if you can",
        keys(.0)
    )]
    OtherJson(Vec<String>),
    /// It is XML of another shape.
    #[error(
        "this is XML of an unknown kind (its first element is “{}”); Veilbeat reads XML from Apple Health, and recordings as TCX, GPX, PWX, SML, SLF, fitlog or Polar's XML. Export the readings as one of these, FIT or CSV if you can",
        clean(.0)
    )]
    OtherXml(String),
    /// It is a valid file of a known kind, but without heart rates.
    #[error("this is {format} with {counted}, but none has a heart rate where this format keeps it; {help}")]
    NoRates {
        /// The advice on what to do, or why that may be.
        help: &'static str,
        /// The format of the file.
        format: &'static str,
        /// How many points or records it has.
        counted: String,
    },
    /// It is text, but not a table.
    #[error(
        "this is text without a table of readings (it starts with “{}”); a table has a line for each reading, with a time and a heart rate, as in “timestamp,bpm”",
        clean(.0)
    )]
    NoTable(String),
    /// It is not the JSON that its start promises.
    #[error("the file starts like JSON but is not valid JSON ({0}); export it again, or as CSV")]
    NotJson(String),
    /// A Polar HRM file does not say when it starts.
    #[error(
        "this is a Polar HRM file whose “Date” is “{}” and whose “StartTime” is “{}”, which do not make a valid time; export it again, or correct these lines",
        clean(.date), clean(.time)
    )]
    NoStartTime {
        /// Its `Date`.
        date: String,
        /// Its `StartTime`.
        time: String,
    },
    /// A Polar HRM file does not say how many seconds lie between its rates.
    #[error(
        "this is a Polar HRM file {}, so the times of its rates are not known; export it again, or correct that line",
        interval_words(.0)
    )]
    NoInterval(String),
    /// It is packed in a way that is not read.
    #[error("this is {0}; unpack it first, and import what is in it")]
    Packed(&'static str),
    /// It has no such columns as a person named.
    #[error("there is no such column; the columns are {}", some_names(.0))]
    NoSuchColumn(Vec<String>),
    /// It names more people than any study has.
    #[error(
        "the column “{}” should name people, but has more than ten thousand names; nothing was imported",
        clean(.0)
    )]
    TooManyPeople(String),
    /// It holds more readings than fit into memory.
    #[error("the file holds more than fifty million readings; import it in parts")]
    TooLong,
    /// Beats without a time at which they start.
    #[error(
        "the file holds intervals between beats but does not say when they start; put the start in its name, as in “2017-07-19 07-50-42.txt”"
    )]
    NoStart,
    /// Its times are times of day, and nothing shows the day.
    #[error(
        "the times are times of day, but no column has dates; put the day into the file's name, as in “2024-01-05.csv”"
    )]
    NoDay,
    /// A reader of a library failed.
    #[error("the file is damaged or cut short ({0})")]
    Damaged(String),
    /// It is a folder.
    #[error("this is a folder, not a file")]
    Directory,
    /// It holds nothing.
    #[error("the file is empty")]
    Empty,
    /// Its first line names no columns that can be used.
    #[error(
        "the first line does not name a column of {missing}; it needs a time and a heart rate, as in “timestamp,bpm”{}",
        choice(.columns)
    )]
    NoColumn {
        /// The content that no column holds.
        missing: &'static str,
        /// The columns that a table has, as they are named; empty if it is not a table.
        columns: Vec<String>,
    },
    /// It has lines, but not one reading.
    #[error("no line of the file holds a usable reading{}", first_reason(.0))]
    NoReadings(Box<ImportReport>),
    /// It holds several people's readings, and it was not said whose are wanted.
    #[error(
        "the column “{}” seems to name several people ({}); choose whose readings you want",
        clean(.column), some_names(.people)
    )]
    SeveralPeople {
        /// The column that names them.
        column: String,
        /// Their names.
        people: Vec<String>,
    },
    /// A column may name people, though its name does not say so.
    #[error(
        "the column “{}” may name people, because the times start again with each of its values ({}); say whether it does, and whose readings you want",
        clean(.column), some_names(.people)
    )]
    MayNamePeople {
        /// The column's name.
        column: String,
        /// Its number, from 1.
        number: usize,
        /// Its values.
        people: Vec<String>,
    },
    /// Somebody's readings were asked for, but no column names people.
    #[error("no column of the file is known to name people, so “{}” cannot be found; choose the column that names them", clean(.0))]
    NoPersonColumn(String),
    /// It does not hold the person that was asked for.
    #[error("nobody in the file is called “{}”; it holds the readings of {}", clean(.wanted), some_names(.people))]
    NoSuchPerson {
        /// Who was asked for.
        wanted: String,
        /// Who is there.
        people: Vec<String>,
    },
}

/// The kinds of Veilbeat's own files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OwnFile {
    /// An export of encrypted readings.
    Bundle,
    /// A question about a bundle.
    Question,
    /// The answer to a question.
    Answer,
}

impl OwnFile {
    /// What it is, and what to do with it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Bundle => (
                "a Veilbeat bundle",
                "import it by its path, as a file and not through a pipe, to restore what it holds",
            ),
            Self::Question => ("a question about a Veilbeat bundle", "veilbeat compute answers it"),
            Self::Answer => {
                ("an answer about a Veilbeat bundle", "veilbeat open opens it, and so does the page Bundles")
            }
        }
    }
}

impl ImportError {
    /// The error for a file that is not a table and does not hold what is missing.
    pub(super) fn lacks(missing: &'static str) -> Self {
        Self::NoColumn { missing, columns: Vec::new() }
    }

    /// Names the options in a terminal that choose what the file does not tell.
    pub fn options(&self) -> Option<String> {
        const NOBODY: &str = "--person-column none if it does not name people";
        match self {
            Self::NoColumn { columns, .. } if !columns.is_empty() => Some("--time-column, --rate-column".into()),
            Self::SeveralPeople { .. } => Some(format!("--person NAME, or {NOBODY}")),
            Self::MayNamePeople { number, .. } => Some(format!("--person-column {number} --person NAME, or {NOBODY}")),
            Self::TooManyPeople(_) => Some(NOBODY.into()),
            Self::NoPersonColumn(_) => Some("--person-column".into()),
            _ => None,
        }
    }

    /// The file is damaged, as a library says.
    pub(super) fn damaged(error: impl std::fmt::Display) -> Self {
        Self::Damaged(clean(&error.to_string()))
    }
}

/// Describes the error in the interval of a Polar HRM file.
fn interval_words(interval: &str) -> String {
    if interval.is_empty() {
        return "without an “Interval” line that says how many seconds lie between two rates".into();
    }
    format!("whose “Interval” is “{}” and not the seconds between two rates (1 to 3600)", clean(interval))
}

/// The first keys of a JSON file, if there are any.
fn keys(keys: &[String]) -> String {
    if keys.is_empty() { String::new() } else { format!(" (its first keys are {})", some_names(keys)) }
}

/// A sentence that columns can be chosen, if there are any.
fn choice(columns: &[String]) -> String {
    if columns.is_empty() {
        return String::new();
    }
    format!(". If you know which they are among {}, choose them", some_names(columns))
}

/// Describes the error in the first refused line, and how many more are like it.
fn first_reason(report: &ImportReport) -> String {
    let missing = match report.missing {
        0 => String::new(),
        missing => format!(", {missing} without a value"),
    };
    match report.refused.listed().first() {
        Some(first) => {
            format!(" ({} refused{missing}); line {}: {}", report.refused.count(), first.line, first.reason)
        }
        None if report.missing > 0 => format!(" ({} without a value)", report.missing),
        None => ": the table has no lines".into(),
    }
}
