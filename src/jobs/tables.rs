//! Readings and results as CSV files that a spreadsheet opens.

use std::io::{self, Write};
use std::path::Path;

use super::bundles::{BundleError, may_write, unwritten};
use crate::platform::{self, Readers};
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
