//! The progress of the current work, and how long it is likely to take.

use std::time::{Duration, Instant};

use crate::client::Stage;

use super::widgets::numbers::grouped;

/// The work that the session is busy with.
#[derive(Clone)]
pub(super) enum Working {
    Reading(String, u64, u64),
    Asking(Option<Stage>),
    Keeping,
    WithKey,
    WithBundle(u64, u64),
}

impl Working {
    /// The work in words, and how much of it is done.
    pub(super) fn words(&self) -> (String, Option<f32>) {
        let share = |done: u64, total: u64| (total > 0).then(|| done as f32 / total as f32);
        match *self {
            Self::Reading(ref name, done, total) => (format!("Reading {name}…"), share(done, total)),
            Self::Keeping => ("Keeping the readings…".to_owned(), None),
            Self::WithKey => ("Working with your key…".to_owned(), None),
            Self::WithBundle(done, total) => ("Working on the bundle…".to_owned(), share(done, total)),
            Self::Asking(Some(Stage::Connecting)) => ("Reaching the server…".to_owned(), None),
            Self::Asking(None) => ("Asking the server…".to_owned(), None),
            Self::Asking(Some(Stage::Encrypting(done, total))) => {
                let (done, total) = (done as u64, total as u64);
                (format!("Encrypting week {} of {}", grouped(done), grouped(total)), share(done, total))
            }
            Self::Asking(Some(Stage::Summing(done, total))) => {
                let (done, total) = (done as u64, total as u64);
                (format!("Checked {} of {} sums", grouped(done), grouped(total)), share(done, total))
            }
        }
    }

    /// Whether one goes on where the other was.
    fn continues(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reading(name, ..), Self::Reading(other, ..)) => name == other,
            (Self::Asking(stage), Self::Asking(other)) => {
                let kind = |stage: &Option<Stage>| stage.as_ref().map(std::mem::discriminant);
                kind(stage) == kind(other)
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// The work that is under way, and since when.
pub(super) struct WorkProgress {
    pub(super) working: Working,
    since: Instant,
}

impl WorkProgress {
    /// Returns the work that is under way now, after that which was before.
    pub(super) fn next(before: Option<&Self>, working: Working) -> Self {
        let same = before.filter(|before| working.continues(&before.working));
        let since = same.map_or_else(Instant::now, |before| before.since);
        Self { working, since }
    }

    /// How long the rest is likely to take, once there is something to estimate it from.
    pub(super) fn remaining(&self) -> Option<Duration> {
        let (_, share) = self.working.words();
        remaining(self.since.elapsed(), share?)
    }
}

/// The time that is left if the rest takes as long as what is done did, share by share.
fn remaining(elapsed: Duration, share: f32) -> Option<Duration> {
    const TOO_SHORT: Duration = Duration::from_secs(2);
    let told = elapsed >= TOO_SHORT && (0.02..1.0).contains(&share);
    // Of the last moments nothing can be told: they may take as long as they like.
    told.then(|| elapsed.mul_f32((1.0 - share) / share)).filter(|left| *left >= TOO_SHORT)
}

/// A time that is left, as one would say it.
pub(super) fn remaining_words(left: Duration) -> String {
    match left.as_secs() {
        secs @ ..=89 => format!("about {secs} s left"),
        secs => format!("about {} min left", secs.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_is_done() {
        let secs = Duration::from_secs;
        assert_eq!(remaining(secs(10), 0.25).map(remaining_words).as_deref(), Some("about 30 s left"));
        assert_eq!(remaining(secs(60), 0.1).map(remaining_words).as_deref(), Some("about 9 min left"));
        assert_eq!(remaining(secs(30), 0.99), None, "a moment is not foretold");
        assert_eq!((remaining(secs(1), 0.5), remaining(secs(9), 0.0), remaining(secs(9), 1.0)), (None, None, None));
    }

    #[test]
    fn a_stage_begins_anew_and_goes_on_as_one() {
        let first = WorkProgress::next(None, Working::Asking(Some(Stage::Encrypting(0, 9))));
        let second = WorkProgress::next(Some(&first), Working::Asking(Some(Stage::Encrypting(5, 9))));
        assert_eq!(second.since, first.since);
        std::thread::sleep(Duration::from_millis(2));
        let third = WorkProgress::next(Some(&second), Working::Asking(Some(Stage::Summing(0, 9))));
        assert!(third.since > second.since);
    }
}
