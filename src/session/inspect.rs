//! What a file is, and what it reveals to whoever holds it.

use std::path::Path;

use super::bundles::{Failure, Progress, file, read_question};
use crate::client::Exported;
use crate::protocol::files::{Answer, Bundle, FileError, FileKind};
use crate::vault;

/// A line about a file: what it is about, and how it is.
pub type Fact = (&'static str, String);

/// What a file is, and what it reveals to whoever holds it.
pub fn inspect(path: &Path, progress: Progress) -> Result<Vec<Fact>, Failure> {
    let mut lines = Vec::new();
    match FileKind::of_file(path).map_err(|error| file(path)(FileError::Io(error)))? {
        Some(FileKind::Bundle) => {
            let bundle = Bundle::open(path, progress).map_err(file(path))?;
            let header = bundle.header();
            lines.push(("This is", "a bundle of encrypted readings, undamaged".to_owned()));
            lines.push(("Key", header.key.to_string()));
            lines.push(("Export", header.export.to_string()));
            lines.push(("Parameters", header.profile.name().to_owned()));
            lines.push(("Chunks", format!("{} in {} bytes", header.chunks, header.chunk_bytes)));
            lines.push(("Owner's part", format!("{} bytes, sealed", header.sealed_bytes)));
            lines.push((
                "It reveals",
                "whose key it belongs to, how many chunks (hours with readings) there are, their order and padded \
                 lengths, roughly how many readings there are in all; no rate, no time, no note"
                    .to_owned(),
            ));
        }
        Some(FileKind::Question) => {
            let (question, _) = read_question(path)?;
            lines.push(("This is", "a question about a bundle".to_owned()));
            lines.push(("Key", question.key.to_string()));
            lines.push(("Export", question.export.to_string()));
            lines.push(("Parameters", question.profile.name().to_owned()));
            lines.push(("Sums", format!("{} over {} chunks", question.sums.len(), question.chunks)));
            lines.push(("Its answer", format!("{} bytes", Exported::answer_bytes(&question))));
            lines.push((
                "It reveals",
                "which chunks are grouped: from that the calendar can be rebuilt, very likely with its dates, and which \
                 chunks are summaries"
                    .to_owned(),
            ));
        }
        Some(FileKind::Answer) => {
            let header = Answer::open(path).map_err(file(path))?.header();
            lines.push(("This is", "an answer, undamaged; only its owner can check whether it is right".to_owned()));
            lines.push(("Key", header.key.to_string()));
            lines.push(("Export", header.export.to_string()));
            lines.push(("Parameters", header.profile.name().to_owned()));
            lines.push(("Sums", header.sums.to_string()));
            lines.push(("Part", format!("{} of {}", header.part.number, header.part.of)));
            lines.push((
                "It reveals",
                "how many sums were asked for and over how many chunks each goes; no result".to_owned(),
            ));
        }
        None => lines.extend(inspect_key(path)?),
    }
    Ok(lines)
}

fn inspect_key(path: &Path) -> Result<Vec<Fact>, Failure> {
    let other = || Failure::Unknown(path.display().to_string());
    let protected = vault::inspect_key(path).ok_or_else(other)?;
    Ok(match protected {
        vault::Protection::None => vec![
            ("This is", "a key without a passphrase".to_owned()),
            ("It reveals", "everything: whoever holds it can read all readings. Keep it to yourself".to_owned()),
        ],
        vault::Protection::Passphrase => vec![
            ("This is", "a key under a passphrase (an age file)".to_owned()),
            ("It reveals", "nothing to whoever does not know or guess the passphrase".to_owned()),
        ],
    })
}
