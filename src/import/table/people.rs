//! Which column of a table names people: by its name, and where no name says so, by its values.
//!
//! Readings of several people must never be mixed. A column whose name is a person's is taken at its word. Of
//! another column that repeats a few values, the times tell: a table of one person runs forward (or backward),
//! and a table of several starts again with each of them, or has each moment several times.

use std::collections::HashMap;

use csv::ByteRecord;

use crate::import::time::dates::WrittenDate;
use crate::import::time::stamp::Stamp;
use crate::reading::days_since_epoch;

/// How surely a column names people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::import) enum Naming {
    /// Its name says so.
    Surely,
    /// Its name may also be that of a thing: if its values only tell lines apart, it does not name people.
    Perhaps,
}

/// How words for people start, in the languages of exports and studies. What follows is an ending, or one of
/// the [`MARKS`]: `participant`, `participants`, `participantid`, `Patientennummer`.
const PEOPLE: [&str; 60] = [
    "person",
    "participa",
    "subject",
    "subj",
    "patient",
    "user",
    "player",
    "member",
    "athlet",
    "runner",
    "rider",
    "swimmer",
    "wearer",
    "client",
    "customer",
    "proband",
    "volunteer",
    "individual",
    "respondent",
    "student",
    "employee",
    "child",
    "owner",
    "account",
    "teilnehmer",
    "nutzer",
    "benutzer",
    "versuchsperson",
    "spieler",
    "kunde",
    "kind",
    "besitzer",
    "sujet",
    "joueur",
    "utilisateu",
    "usuario",
    "usuari",
    "paciente",
    "persona",
    "pazient",
    "utente",
    "atleta",
    "jugador",
    "cliente",
    "deltag",
    "gebruik",
    "bruker",
    "bruger",
    "användar",
    "spelare",
    "käyttäj",
    "osob",
    "pacjent",
    "пациент",
    "пользовател",
    "участник",
    "姓名",
    "被験者",
    "患者",
    "用户",
];
/// The words that stand beside such a word, or behind it without a blank.
const MARKS: [&str; 18] = [
    "id",
    "ids",
    "code",
    "number",
    "nummer",
    "no",
    "nr",
    "num",
    "name",
    "identifier",
    "kennung",
    "key",
    "hash",
    "study",
    "team",
    "do",
    "de",
    "des",
];
/// Longer endings than this make another word.
const LONGEST_ENDING: usize = 3;
/// Names of people that are whole names of columns.
const WHOLE: [&str; 37] = [
    "pid",
    "ppid",
    "uid",
    "usubjid",
    "ptid",
    "pt",
    "mrn",
    "vp",
    "vpn",
    "sub id",
    "subid",
    "first name",
    "firstname",
    "last name",
    "lastname",
    "full name",
    "fullname",
    "family name",
    "surname",
    "vorname",
    "nachname",
    "familienname",
    "prénom",
    "nom de famille",
    "apellido",
    "cognome",
    "cognom",
    "initials",
    "initialen",
    "email",
    "e mail",
    "mail",
    "who",
    "wer",
    "qui",
    "quién",
    "quien",
];
const PERHAPS: [&str; 14] = [
    "id",
    "name",
    "nom",
    "nombre",
    "nome",
    "record id",
    "recordid",
    "study id",
    "studyid",
    "case id",
    "caseid",
    "code",
    "identifiant",
    "identifier",
];
/// Words of columns that say something else, which may well start again: devices, kinds, parts.
const THINGS: [&str; 62] = [
    "source",
    "device",
    "origin",
    "app",
    "sensor",
    "type",
    "kind",
    "activity",
    "sport",
    "zone",
    "confidence",
    "quality",
    "accuracy",
    "status",
    "unit",
    "units",
    "tag",
    "tags",
    "context",
    "mode",
    "phase",
    "stage",
    "lap",
    "session",
    "day",
    "date",
    "week",
    "month",
    "year",
    "hour",
    "minute",
    "second",
    "time",
    "timezone",
    "note",
    "notes",
    "comment",
    "comments",
    "weekday",
    "steps",
    "pkg",
    "version",
    "model",
    "manufacturer",
    "brand",
    "quelle",
    "gerät",
    "appareil",
    "dispositivo",
    "fuente",
    "metric",
    "key",
    "description",
    "label",
    "event",
    "motion",
    "posture",
    "position",
    "sleep",
    "period",
    "firmware",
    "file",
];

/// Tells whether a column names people, by its own name in the form that
/// [`plain`](crate::import::table::names::plain) gives it.
pub(in crate::import) fn naming(name: &str) -> Option<Naming> {
    if PERHAPS.contains(&name) {
        return Some(Naming::Perhaps);
    }
    let mut words = name.split(' ');
    let surely = WHOLE.contains(&name)
        || words.clone().any(is_person)
            && words.all(|word| is_person(word) || MARKS.contains(&word) || is_number(word));
    surely.then_some(Naming::Surely)
}

fn is_person(word: &str) -> bool {
    PEOPLE.iter().any(|start| {
        word.strip_prefix(start).is_some_and(|ending| {
            let marked = MARKS.iter().find_map(|mark| ending.strip_suffix(mark)).unwrap_or(ending);
            marked.chars().count() <= LONGEST_ENDING
        })
    })
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A column that repeats so few values may name people.
const MOST_VALUES: usize = 50;
/// The longest value that can be a person's name.
const LONGEST_VALUE_BYTES: usize = 64;
/// The least number of lines that a value has, on average.
const LINES_A_VALUE: u64 = 5;

/// The columns of a table whose names say nothing, while they may still name people.
pub(in crate::import) struct Survey {
    columns: Vec<Candidate>,
    /// The times of all lines.
    all: Run,
}

/// How the times of some lines run.
#[derive(Clone, Copy, Default)]
struct Run {
    last: Option<i64>,
    /// Lines that are not after the one before, and not before it.
    not_after: u64,
    not_before: u64,
}

impl Run {
    fn pass(&mut self, time: i64) {
        if let Some(last) = self.last.replace(time) {
            self.not_after += u64::from(time <= last);
            self.not_before += u64::from(time >= last);
        }
    }
}

struct Candidate {
    column: usize,
    values: HashMap<Vec<u8>, usize>,
    /// By value, in order of appearance.
    runs: Vec<Run>,
    last: usize,
    lines: u64,
    changes: u64,
}

impl Survey {
    /// Watches the columns of a header that nothing else is known of.
    pub(in crate::import) fn new(names: &[String], used: &[usize]) -> Self {
        let watched = |(column, name): &(usize, &String)| {
            let plain = crate::import::table::names::plain(name);
            !used.contains(column) && !plain.split(' ').any(|word| THINGS.contains(&word))
        };
        let candidate = |(column, _)| Candidate {
            column,
            values: HashMap::new(),
            runs: Vec::new(),
            last: usize::MAX,
            lines: 0,
            changes: 0,
        };
        Self { columns: names.iter().enumerate().filter(watched).map(candidate).collect(), all: Run::default() }
    }

    /// Whether any column may still name people.
    pub(in crate::import) fn is_open(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Takes in a line with a reading.
    pub(in crate::import) fn pass(&mut self, record: &ByteRecord, stamp: &Stamp) {
        let time = rough_ms(stamp);
        self.all.pass(time);
        self.columns.retain_mut(|candidate| candidate.pass(record, time));
    }

    /// The column that may name people, with its values.
    pub(in crate::import) fn verdict(&self) -> Option<(usize, Vec<String>)> {
        let found = self.columns.iter().find(|candidate| candidate.explains(&self.all))?;
        let mut values: Vec<_> = found.values.iter().collect();
        values.sort_by_key(|(_, index)| **index);
        Some((found.column, values.iter().map(|(value, _)| String::from_utf8_lossy(value).into_owned()).collect()))
    }
}

impl Candidate {
    /// Takes in a line; `false` once the column cannot name people.
    fn pass(&mut self, record: &ByteRecord, time: i64) -> bool {
        let value = record.get(self.column).unwrap_or_default().trim_ascii();
        // Measures have decimals and signs.
        let measure = || {
            let number = |byte: &u8| byte.is_ascii_digit() || b".,-+".contains(byte);
            value.iter().all(number) && !value.iter().all(u8::is_ascii_digit)
        };
        if value.len() > LONGEST_VALUE_BYTES || !value.is_empty() && measure() {
            return false;
        }
        if value.is_empty() {
            return true;
        }
        let index = match self.values.get(value) {
            Some(&index) => index,
            None if self.runs.len() == MOST_VALUES => return false,
            None => {
                self.values.insert(value.to_vec(), self.runs.len());
                self.runs.push(Run::default());
                self.runs.len() - 1
            }
        };
        self.lines += 1;
        self.changes += u64::from(self.last != usize::MAX && self.last != index);
        self.last = index;
        self.runs[index].pass(time);
        true
    }

    /// Whether the times run on within each value and not over the whole table, where the value changes.
    fn explains(&self, all: &Run) -> bool {
        let values = self.runs.len() as u64;
        if values < 2 || self.lines < values * LINES_A_VALUE {
            return false;
        }
        let within = |breaks: fn(&Run) -> u64| self.runs.iter().map(breaks).sum::<u64>();
        let explains = |whole: u64, within: u64| whole > 0 && within * 10 <= whole && whole * 3 >= self.changes;
        explains(all.not_after, within(|run| run.not_after)) || explains(all.not_before, within(|run| run.not_before))
    }
}

/// A time as it is written, to be compared with others of the same file. The order of day and month is not
/// known yet: it hardly matters, for the times of a day are near each other either way.
pub(in crate::import) fn rough_ms(stamp: &Stamp) -> i64 {
    let days = match stamp.date {
        WrittenDate::Clear(date) => i64::from(days_since_epoch(date)),
        WrittenDate::TwoNumbers { first, second, year, .. } | WrittenDate::YearThen { year, first, second } => {
            i64::from(year) * 10_000 + i64::from(first) * 100 + i64::from(second)
        }
    };
    days * 86_400_000 + i64::from(stamp.time_ms.unwrap_or(0)) + i64::from(stamp.later_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_say_whether_they_name_people() {
        for name in [
            "person id",
            "participant id",
            "participantid",
            "subject",
            "subject id",
            "patient id",
            "patient",
            "pid",
            "uid",
            "user code",
            "userid",
            "member",
            "participant code",
            "subj no",
            "usubjid",
            "athlete",
            "user 1",
        ] {
            assert_eq!(naming(name), Some(Naming::Surely), "{name}");
        }
        for name in ["id", "name", "record id", "caseid"] {
            assert_eq!(naming(name), Some(Naming::Perhaps), "{name}");
        }
        for name in [
            "source",
            "activity id",
            "device id",
            "heart rate",
            "user agent",
            "user comment",
            "patient position",
            "person weight",
            "value",
            "no",
            "kinetic",
            "childhood",
        ] {
            assert_eq!(naming(name), None, "{name}");
        }
    }
}
