//! Readings, results and messages as CSV files that a spreadsheet opens.

use std::io::{self, Write};
use std::path::Path;

use super::bundles::{BundleError, may_write, unwritten};
use crate::platform::{self, Readers};
use crate::protocol::{Direction, LogEntry};
use crate::reading::{Selection, Source};
use crate::statistics::Table;
use crate::vault::Batch;

/// A text as a cell that no spreadsheet runs: what would start a formula gets an apostrophe before it
/// (OWASP, CSV injection).
fn harmless(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if runs { format!("'{text}") } else { text.to_owned() }
}

/// Writes readings, the earliest first: time with its offset, bpm, kind, source and note.
pub(crate) fn write_readings(
    path: &Path,
    readings: &Selection,
    batches: &[(Source, Batch)],
) -> Result<(), BundleError> {
    let name = |source| batches.iter().find(|(other, _)| *other == source).map(|(_, batch)| &*batch.name);
    write(path, |csv| {
        csv.write_record(["timestamp", "bpm", "kind", "source", "note"])?;
        for reading in readings.iter() {
            let source = harmless(name(reading.source).unwrap_or_default());
            let note = harmless(reading.note.as_deref().unwrap_or_default());
            csv.write_record([&reading.timestamp(), &reading.rate.to_string(), reading.kind.name(), &source, &note])?;
        }
        Ok(())
    })
}

/// Bytes of a message that a table shows.
const FIRST_BYTES: usize = 64;
const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

/// Writes the messages that passed between client and server, oldest first: what is known of each, and the first of its
/// bytes in hexadecimal, if they are still kept.
pub(crate) fn write_log(path: &Path, entries: &[LogEntry]) -> Result<(), BundleError> {
    write(path, |csv| {
        csv.write_record(["number", "time", "direction", "kind", "subject", "bytes", "first bytes"])?;
        for entry in entries {
            let time = jiff::Timestamp::from_millisecond(entry.at_ms).unwrap_or_default();
            let direction = if entry.direction == Direction::ToServer { "to server" } else { "from server" };
            let first = entry.frame.iter().flat_map(|frame| frame.iter().take(FIRST_BYTES));
            let hex: String =
                first.flat_map(|byte| [byte >> 4, byte & 15]).map(|half| DIGITS[usize::from(half)]).collect();
            let (number, len) = (entry.number.to_string(), entry.len.to_string());
            let (time, subject) = (format!("{time:.3}"), entry.subject.to_string());
            csv.write_record([&*number, &time, direction, entry.kind.name(), &subject, &len, &hex])?;
        }
        Ok(())
    })
}

/// Writes a table of results.
pub(crate) fn write_table(path: &Path, table: &Table) -> Result<(), BundleError> {
    write(path, |csv| {
        csv.write_record(&table.head)?;
        for row in &table.rows {
            // A negative number is not a formula.
            let cells = row.iter().map(|cell| if cell.parse::<f64>().is_ok() { cell.clone() } else { harmless(cell) });
            csv.write_record(cells)?;
        }
        Ok(())
    })
}

fn write(
    path: &Path,
    rows: impl FnOnce(&mut csv::Writer<&mut dyn Write>) -> csv::Result<()>,
) -> Result<(), BundleError> {
    let existing = may_write(path, None, &[])?;
    let written: io::Result<()> = platform::write_whole(path, (Readers::Owner, existing), |out| {
        let mut csv = csv::Writer::from_writer(out as &mut dyn Write);
        rows(&mut csv)?;
        csv.flush()
    });
    written.map_err(|error| unwritten(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Filter, Kind, Rate, Reading, Readings};

    #[test]
    fn a_written_log_has_a_line_for_each_message_with_its_first_bytes() {
        use crate::protocol::{Log, Request, SheetId, connect};
        let dir = tempfile::tempdir().unwrap();
        let log = Log::new(Box::new(|| 1_500));
        let (client, _server) = connect();
        let client = client.recorded_in(log.clone());
        client.send(Request::drop_sheet(SheetId(258))).unwrap();
        client.send(vec![0xab; 200]).unwrap();
        let path = dir.path().join("log.csv");
        write_log(&path, &log.entries()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "number,time,direction,kind,subject,bytes,first bytes");
        assert_eq!(lines[1], "0,1970-01-01T00:00:01.500Z,to server,forget this sheet,sheet 258,5,0202010000");
        assert_eq!(lines[2], format!("1,1970-01-01T00:00:01.500Z,to server,unknown,,200,{}", "ab".repeat(64)));
        assert_eq!(lines.len(), 3);
        assert!(matches!(write_log(&path, &[]), Err(BundleError::There(_))), "what is there is never replaced");
    }

    #[test]
    fn no_cell_of_a_written_file_is_a_formula() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let notes = ["=1+1", "@SUM(A1)", "-2", "+3", "\tx", "calm, \"well\"", "＝1"];
        let readings = Readings::from_list((0..).zip(notes).map(|(i, note)| Reading {
            instant_ms: i * 1_500,
            offset_secs: 7_200,
            rate: Rate::from_centi_bpm(7_250).unwrap(),
            kind: Kind::Sample,
            source: Source(0),
            note: Some(note.into()),
        }));
        let batches = [(Source(0), Batch { name: "=cmd()".into(), added_ms: 0, count: 7 })];
        let all = readings.select(&Filter::default());
        write_readings(&at("readings.csv"), &all, &batches).unwrap();
        let text = std::fs::read_to_string(at("readings.csv")).unwrap();
        assert!(
            text.starts_with("timestamp,bpm,kind,source,note\n1970-01-01T02:00:00+02:00,72.5,sample,'=cmd(),'=1+1\n")
        );
        assert!(text.contains("1970-01-01T02:00:01.500+02:00"));
        assert!(text.contains("\"calm, \"\"well\"\"\""));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for cell in reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '＝']), "{cell:?}");
        }
        assert!(platform::is_private(&at("readings.csv")).unwrap(), "readings in the clear are their owner's alone");
        // What is there is never replaced.
        assert!(matches!(write_readings(&at("readings.csv"), &all, &batches), Err(BundleError::There(_))));
        let table = Table { head: vec!["a".into()], rows: vec![vec!["-0.4".into()], vec!["-x".into()]] };
        write_table(&at("table.csv"), &table).unwrap();
        assert_eq!(std::fs::read_to_string(at("table.csv")).unwrap(), "a\n-0.4\n'-x\n");
    }
}
