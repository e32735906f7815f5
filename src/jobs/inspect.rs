//! The kind of a file, and the facts that it reveals to whoever holds it.

use std::path::Path;

use super::bundles::{BundleError, file, read_question};
use crate::protocol::files::{Answer, Bundle, ByteProgress, FileError, FileKind};
use crate::scheme::ColumnSet;
use crate::vault;

/// A line about a file: what it is about, and how it is.
pub type Fact = (&'static str, String);

/// Tells the kind of a file, and the facts that it reveals to whoever holds it.
pub fn inspect(path: &Path, progress: ByteProgress) -> Result<Vec<Fact>, BundleError> {
    let mut lines = Vec::new();
    match FileKind::of_file(path).map_err(|error| file(path)(FileError::Io(error)))? {
        Some(FileKind::Bundle) => {
            let bundle = Bundle::open(path, progress).map_err(file(path))?;
            let header = bundle.header();
            lines.push(("This is", "a bundle of encrypted readings, undamaged".to_owned()));
            lines.push(("Key", header.key.to_string()));
            lines.push(("Export", header.export.to_string()));
            lines.push(("Parameters", header.sheet.parameters.name().to_owned()));
            lines.push(("Sheets", format!("{} of {} bytes each", header.sheets, header.sheet.sheet_bytes())));
            let hours =
                if header.sheet.columns.without(ColumnSet::WEEK).is_empty() { "days and longer" } else { "hours too" };
            lines.push(("Distributions", hours.to_owned()));
            let owners_part = match header.sealed_bytes {
                0 => "none: it was exported for computing only".to_owned(),
                bytes => format!("{bytes} bytes, sealed"),
            };
            lines.push(("Owner's part", owners_part));
            lines.push((
                "It reveals",
                "whose key it belongs to, its parameters, and how many sheets it has: one for each week of each kind of \
                 reading, all alike; with an owner's part, roughly how many readings and notes there are; no rate, no time, no note"
                    .to_owned(),
            ));
        }
        Some(FileKind::Question) => {
            let (question, _) = read_question(path)?;
            lines.push(("This is", "a question about a bundle".to_owned()));
            lines.push(("Key", question.key.to_string()));
            lines.push(("Export", question.export.to_string()));
            lines.push(("Parameters", question.parameters.name().to_owned()));
            lines.push(("Sums", format!("{} over {} sheets", question.sums.len(), question.sheets)));
            lines.push(("Its answer", format!("{} bytes", question.answer_bytes())));
            lines.push((
                "It reveals",
                "which weeks are grouped; from that, others can tell their order and very likely their dates, which \
                 weeks a range touches, whether it is about hours, and that there are summaries from a device"
                    .to_owned(),
            ));
        }
        Some(FileKind::Answer) => {
            let header = Answer::open(path).map_err(file(path))?.header();
            lines.push(("This is", "an answer, undamaged; only its owner can check whether it is right".to_owned()));
            lines.push(("Key", header.key.to_string()));
            lines.push(("Export", header.export.to_string()));
            lines.push(("Parameters", header.parameters.name().to_owned()));
            lines.push(("Sums", header.sums.to_string()));
            lines.push((
                "It reveals",
                "how many sums were asked for and over how many weeks each goes; no result".to_owned(),
            ));
        }
        None => lines.extend(inspect_key(path)?),
    }
    Ok(lines)
}

fn inspect_key(path: &Path) -> Result<Vec<Fact>, BundleError> {
    let other = || BundleError::Unknown(path.display().to_string());
    let protected = vault::inspect_key(path).ok_or_else(other)?;
    Ok(match protected {
        vault::Protection::None => vec![
            ("This is", "a key without a passphrase".to_owned()),
            ("It reveals", "everything: whoever holds it can read all readings. Keep it to yourself".to_owned()),
        ],
        vault::Protection::Passphrase => vec![
            ("This is", "a key under a passphrase (an age file)".to_owned()),
            ("It reveals", "nothing to anyone who does not know or guess the passphrase".to_owned()),
        ],
    })
}
