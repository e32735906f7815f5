//! The scope of an answer or a bundle, so that an older one is not taken for the one that was wanted.

use jiff::civil::Date;

use crate::protocol::files::ExportId;
use crate::reading::Step;
use crate::statistics::{Detail, ReportRequest};

/// The scope of an answer: its question, its days and its export.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AnswerScope {
    /// The question that was asked.
    pub request: ReportRequest,
    /// The first and the last day of that which the export has, if there is any.
    pub days: Option<(Date, Date)>,
    /// The export.
    pub export: ExportId,
    /// When it was made, in milliseconds since the Unix epoch.
    pub made_ms: i64,
    /// Whether another question was asked since. The answer may then not be the one that is waited for.
    pub superseded: bool,
}

impl AnswerScope {
    /// Describes the scope in words.
    pub fn words(&self) -> String {
        let what = if self.request.detail == Detail::Averages { "averages" } else { "statistics" };
        let step = match self.request.step {
            Step::All => String::new(),
            step => format!(" by {}", step.full_name()),
        };
        let one = self.days.is_some_and(|(from, to)| from == to);
        let hours = match self.request.hours {
            ReportRequest::WHOLE_DAYS => String::new(),
            (first, last) if one => format!(", from {first:02}:00 to {last:02}:59"),
            (first, last) => format!(", from {first:02}:00 of the first to {last:02}:59 of the last"),
        };
        let (days, made) = (days_words(self.days), time_words(self.made_ms));
        format!("{what}{step} of {days}{hours}, {}, as exported on {made}", self.request.weighting.words())
    }

    /// Returns a warning if the answer may not be the one that is waited for.
    pub fn warning(&self) -> Option<&'static str> {
        self.superseded.then_some("another question has been asked since, and this answers an earlier one")
    }
}

/// From one day to another.
pub(super) fn days_words(days: Option<(Date, Date)>) -> String {
    match days {
        None => "days without readings".to_owned(),
        Some((from, to)) if from == to => from.to_string(),
        Some((from, to)) => format!("{from} to {to}"),
    }
}

/// An instant, in UTC.
pub(super) fn time_words(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
