//! The notice of the last event: an import, an entry, an error. It stays until the next, or until closed.

use super::widgets::numbers::{counted, sentence};
use crate::import::{ImportReport, Refused};
use crate::session::Outcome;
use crate::vault::Edited;

/// The latest thing that a person should know. It stays until the next one.
pub(super) struct Notice {
    pub(super) bad: bool,
    pub(super) text: String,
    /// More about it, a sentence each.
    pub(super) details: Vec<String>,
    /// Lines of a file that were refused.
    pub(super) refused: Vec<Refused>,
}

impl Notice {
    pub(super) fn good(text: String) -> Self {
        Self { bad: false, text, details: Vec::new(), refused: Vec::new() }
    }

    pub(super) fn bad(text: &str) -> Self {
        Self { bad: true, text: sentence(text), details: Vec::new(), refused: Vec::new() }
    }

    fn with_report(self, report: &ImportReport) -> Self {
        Self { details: report.sentences(), refused: report.refused.listed().to_vec(), ..self }
    }

    /// Makes the notice of a change of the readings.
    pub(super) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Imported { name, added, report } => {
                let duplicates = match added.duplicates {
                    0 => String::new(),
                    n => format!("; {} already there", counted(n as u64, "was", "were")),
                };
                let text = if added.added == 0 {
                    format!("Nothing new in {name}: every reading is already there")
                } else {
                    format!("Imported {} from {name}{duplicates}", counted(added.added as u64, "reading", "readings"))
                };
                Self::good(text).with_report(&report)
            }
            Outcome::Entered(reading, added) if added.added == 0 => {
                Self::good(format!("A reading of {} bpm at that time is already there", reading.rate))
            }
            Outcome::Entered(reading, _) => Self::good(format!("Added {} bpm", reading.rate)),
            Outcome::Removed(count) => {
                let back = if count == 1 { "it" } else { "them" };
                let what = counted(count as u64, "reading", "readings");
                Self::good(format!("Removed {what}; Undo brings {back} back"))
            }
            Outcome::Edited(reading, Edited::Done) => Self::good(format!("Changed to {} bpm", reading.rate)),
            Outcome::Edited(_, Edited::There) => Self::good("Nothing changed: that reading is already there".into()),
            Outcome::Edited(_, Edited::Gone) => Self::good("Nothing changed: the reading is no longer there".into()),
            Outcome::Undone(Some(name)) => Self::good(format!("Undone: {name}")),
            Outcome::Redone(Some(name)) => Self::good(format!("Redone: {name}")),
            Outcome::Undone(None) => Self::good("There is nothing to undo".into()),
            Outcome::Redone(None) => Self::good("There is nothing to redo".into()),
        }
    }
}
