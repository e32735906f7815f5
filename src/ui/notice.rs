//! The notice of the last event: an import, an entry, an error.

use jiff::Timestamp;

use super::widgets::numbers::{counted, sentence};
use crate::import::{ImportReport, Refused};
use crate::session::Outcome;
use crate::vault::Edited;

/// What a notice offers to do about what it says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// Take the change back.
    Undo,
    /// Show the readings.
    Show,
}

impl Offer {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Undo => "Undo",
            Self::Show => "Show",
        }
    }
}

/// The latest thing that a person should know.
pub(super) struct Notice {
    /// When it was first seen.
    pub(super) since: Option<Timestamp>,
    pub(super) offers: Vec<Offer>,
    pub(super) bad: bool,
    pub(super) text: String,
    /// More about it, a sentence each.
    pub(super) details: Vec<String>,
    /// Lines of a file that were refused.
    pub(super) refused: Vec<Refused>,
}

impl Notice {
    pub(super) fn good(text: String) -> Self {
        Self { since: None, offers: Vec::new(), bad: false, text, details: Vec::new(), refused: Vec::new() }
    }

    pub(super) fn bad(text: &str) -> Self {
        Self { bad: true, ..Self::good(sentence(text)) }
    }

    fn with_offers(self, offers: &[Offer]) -> Self {
        Self { offers: offers.to_vec(), ..self }
    }

    /// For how many seconds it is seen; until it is closed if `None`.
    pub(super) fn stays(&self) -> Option<u64> {
        match (self.bad || !self.refused.is_empty(), self.details.is_empty() && self.offers.is_empty()) {
            (true, _) => None,
            (false, true) => Some(6),
            (false, false) => Some(12),
        }
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
                let offers: &[Offer] = if added.added == 0 { &[] } else { &[Offer::Undo, Offer::Show] };
                Self::good(text).with_report(&report).with_offers(offers)
            }
            Outcome::ImportedMany { added: 0, .. } => Self::good("Nothing new: every reading is already there".into()),
            Outcome::ImportedMany { files, added, duplicates } => {
                let already = match duplicates {
                    0 => String::new(),
                    n => format!("; {} already there", counted(n as u64, "was", "were")),
                };
                let (files, added) =
                    (counted(files as u64, "file", "files"), counted(added as u64, "reading", "readings"));
                Self::good(format!("Imported {added} from {files}{already}")).with_offers(&[Offer::Undo, Offer::Show])
            }
            Outcome::Entered(reading, added) if added.added == 0 => {
                Self::good(format!("A reading of {} bpm at that time is already there", reading.rate))
            }
            Outcome::Entered(reading, _) => {
                Self::good(format!("Added {} bpm", reading.rate)).with_offers(&[Offer::Undo])
            }
            Outcome::Removed(count) => {
                let what = counted(count as u64, "reading", "readings");
                Self::good(format!("Removed {what}")).with_offers(&[Offer::Undo])
            }
            Outcome::Edited(reading, Edited::Done) => {
                Self::good(format!("Changed to {} bpm", reading.rate)).with_offers(&[Offer::Undo])
            }
            Outcome::Edited(_, Edited::There) => Self::good("Nothing changed: that reading is already there".into()),
            Outcome::Edited(_, Edited::Gone) => Self::good("Nothing changed: the reading is no longer there".into()),
            Outcome::Undone(Some(name)) => Self::good(format!("Undone: {name}")),
            Outcome::Redone(Some(name)) => Self::good(format!("Redone: {name}")),
            Outcome::Undone(None) => Self::good("There is nothing to undo".into()),
            Outcome::Redone(None) => Self::good("There is nothing to redo".into()),
        }
    }
}
