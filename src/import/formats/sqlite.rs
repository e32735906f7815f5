//! `SQLite` databases, as Gadgetbridge exports them: tables with the columns `TIMESTAMP` and `HEART_RATE`.
//!
//! A database is held in memory, read-only and in defensive mode; only its plain tables are read, for a minute at most.

use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB};

use crate::import::error::ImportError;
use crate::import::report::Reason;
use crate::import::rows::Rows;
use crate::import::source::{Source, unreadable};
use crate::import::table::people::Naming;
use crate::import::time::stamp::{Stamp, of_epoch_ms};
use crate::reading::{Kind, Rate, RateError};

/// Years of one wristband take some hundred megabytes.
const MOST_BYTES: u64 = 512 << 20;
/// Reading takes a second for a million rows.
const LONGEST: Duration = Duration::from_mins(1);
/// Whether to go on is asked after so many instructions of the database's machine.
const INSTRUCTIONS: i32 = 100_000;
/// Gadgetbridge has some hundred tables.
const MOST_TABLES: usize = 2_000;

/// Whether a file starts as a database does.
pub(in crate::import) fn is_database(head: &[u8]) -> bool {
    head.starts_with(b"SQLite format 3\0")
}

/// A table of heart rates.
struct Table {
    name: String,
    kind: Kind,
    /// The column that tells whose they are.
    person: Option<String>,
}

/// Reads a database.
pub(in crate::import) fn read(source: &mut dyn Source, rows: &mut Rows) -> Result<(), ImportError> {
    let database = open(source)?;
    let tables = tables(&database).map_err(|error| failed(&error))?;
    if tables.is_empty() {
        return Err(ImportError::Database);
    }
    let mut number = 0;
    for table in tables {
        read_table(&database, &table, &mut number, rows).map_err(|error| failed(&error))?;
    }
    "USER_ID".clone_into(&mut rows.person_column);
    rows.naming = Some(Naming::Surely);
    Ok(())
}

fn open(source: &mut dyn Source) -> Result<Connection, ImportError> {
    let io = |error: std::io::Error| unreadable(&error);
    let mut bytes = Vec::new();
    source.open().map_err(io)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ImportError::Unreadable(
            "the database is larger than 512 MiB; export it in parts, or as CSV".into(),
        ));
    }
    if page_bytes(&bytes).is_none_or(|pages| (bytes.len() as u64) < pages) {
        return Err(ImportError::damaged("the database is cut short"));
    }
    // A database that was copied while it was open says that it has a journal, which it has not here.
    if let Some(versions) = bytes.get_mut(18..20) {
        versions.fill(1);
    }
    let open = || -> rusqlite::Result<Connection> {
        let mut database = Connection::open_in_memory()?;
        let size = bytes.len();
        database.deserialize_read_exact(MAIN_DB, Cursor::new(bytes), size, true)?;
        for (config, value) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        ] {
            database.set_db_config(config, value)?;
        }
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, 1 << 20),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 16),
            (Limit::SQLITE_LIMIT_COLUMN, 500),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
        ] {
            database.set_limit(limit, value)?;
        }
        database.pragma_update(None, "cell_size_check", true)?;
        let end = Instant::now() + LONGEST;
        database.progress_handler(INSTRUCTIONS, Some(move || Instant::now() > end))?;
        Ok(database)
    };
    let database = open().map_err(|error| failed(&error))?;
    let check: String =
        database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| failed(&error))?;
    if check == "ok" { Ok(database) } else { Err(ImportError::damaged(check)) }
}

/// How many bytes a database has by its header: pages, and how large each is.
fn page_bytes(database: &[u8]) -> Option<u64> {
    let size = u16::from_be_bytes(*database.get(16..18)?.first_chunk()?);
    let pages = u32::from_be_bytes(*database.get(28..32)?.first_chunk()?);
    // One stands for 65,536, which does not fit.
    let size = if size == 1 { 1 << 16 } else { u64::from(size) };
    Some(size * u64::from(pages))
}

/// The tables that have heart rates and times. Of the highest rates of days nothing is to be learnt.
fn tables(database: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.take(MOST_TABLES).collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for name in names {
        let mut columns = database.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns: Vec<String> = columns.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let column = |wanted: &str| columns.iter().find(|column| column.eq_ignore_ascii_case(wanted));
        let upper = name.to_ascii_uppercase();
        if column("TIMESTAMP").is_some() && column("HEART_RATE").is_some() && !upper.contains("MAX") {
            let kind = if upper.contains("RESTING") { Kind::Resting } else { Kind::Sample };
            let person = column("USER_ID").cloned();
            found.push(Table { name, kind, person });
        }
    }
    Ok(found)
}

fn read_table(database: &Connection, table: &Table, number: &mut u64, rows: &mut Rows) -> rusqlite::Result<()> {
    let person = table.person.as_ref().map_or_else(|| "NULL".to_owned(), |column| quoted(column));
    let question = format!("SELECT TIMESTAMP, HEART_RATE, {person} FROM {}", quoted(&table.name));
    let mut question = database.prepare(&question)?;
    let mut answer = question.query([])?;
    while let Some(row) = answer.next()? {
        *number += 1;
        let person = if let ValueRef::Integer(id) = row.get_ref(2)? { id.to_string() } else { String::new() };
        let rate = match row.get_ref(1)? {
            // Gadgetbridge has 255 and -1 where nothing was measured, and older versions 254.
            ValueRef::Null | ValueRef::Integer(..=0 | 254 | 255) => Err(RateError::Missing),
            ValueRef::Integer(rate) => Rate::parse(&rate.to_string()),
            ValueRef::Real(rate) => Rate::parse(&rate.to_string()),
            _ => Err(RateError::NotANumber),
        };
        let time = row.get_ref(0)?;
        rows.take(&person, *number, table.kind, rate.map_err(Reason::Rate), || stamp(time));
    }
    Ok(())
}

/// A time in seconds or milliseconds since 1970.
fn stamp(time: ValueRef) -> Result<Stamp, Reason> {
    /// Seconds reach it in the year 5138, milliseconds did in 1973.
    const FIRST_MS: i64 = 100_000_000_000;
    match time {
        ValueRef::Integer(ms) if ms >= FIRST_MS => of_epoch_ms(ms),
        ValueRef::Integer(secs) => Stamp::of_epoch_secs(secs),
        ValueRef::Text(text) => Stamp::parse(std::str::from_utf8(text).map_err(|_| Reason::NotText)?),
        ValueRef::Null => Err(Reason::NoTime),
        _ => Err(Reason::BadTime),
    }
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn failed(error: &rusqlite::Error) -> ImportError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => ImportError::Unreadable(
            "reading the database takes longer than a minute; export it in parts, or as CSV".into(),
        ),
        Some(rusqlite::ErrorCode::OutOfMemory) => {
            ImportError::Unreadable("there is not enough memory for the database".into())
        }
        _ => ImportError::damaged(error),
    }
}
