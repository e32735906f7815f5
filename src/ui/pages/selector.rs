//! Selects and sorts readings away from the window's thread, where there are many.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::reading::{Filter, Readings, Selection, Source};
use crate::vault::Batch;

/// Up to so many readings are selected and sorted at once: a millisecond.
const AT_ONCE: usize = 20_000;

/// What readings are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::ui) enum SortBy {
    #[default]
    Time,
    Rate,
    Source,
    Kind,
}

/// An order of readings. Of equal ones the newest comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::ui) struct Order {
    pub(in crate::ui) by: SortBy,
    /// The earliest, the lowest rate or the first name first; by time, the newest comes first otherwise.
    pub(in crate::ui) ascending: bool,
}

/// Which readings are wanted, and in which order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::ui) struct Wanted {
    /// The state of the readings.
    pub(in crate::ui) revision: u64,
    pub(in crate::ui) filter: Filter,
    pub(in crate::ui) order: Order,
}

/// Something to be selected.
struct Job {
    wanted: Wanted,
    readings: Arc<Readings>,
    names: Vec<(Source, Box<str>)>,
    ctx: egui::Context,
}

/// What the thread is given.
enum Work {
    Select(Box<Job>),
    /// What is no longer shown: letting go of many hours takes time too.
    LetGo(Arc<Selection>),
}

/// The ends of the channels to the thread and back.
type Ends = (Sender<Work>, Receiver<(Wanted, Arc<Selection>)>);

impl Job {
    fn done(&self) -> Selection {
        let selection = self.readings.select(&self.wanted.filter);
        let Order { by, ascending } = self.wanted.order;
        let turned = |number: u16| if ascending { number } else { u16::MAX - number };
        match by {
            SortBy::Time if !ascending => selection,
            // The earliest first: a row's own number is its place.
            SortBy::Time => selection.earliest_first(),
            SortBy::Rate => selection.sorted_by(|_, slot| turned(slot.rate.centi_bpm())),
            SortBy::Kind => selection.sorted_by(|kind, _| turned(kind as u16)),
            SortBy::Source => {
                let ranks = ranks(&self.names);
                selection
                    .sorted_by(|_, slot| turned(ranks.get(usize::from(slot.source.0)).copied().unwrap_or_default()))
            }
        }
    }
}

/// For each source by its number, the place of its name among all names. Equal names share a place.
fn ranks(names: &[(Source, Box<str>)]) -> Vec<u16> {
    let mut sorted: Vec<String> = names.iter().map(|(_, name)| name.to_lowercase()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let most = names.iter().map(|(source, _)| usize::from(source.0) + 1).max().unwrap_or_default();
    let mut ranks = vec![0; most];
    for (source, name) in names {
        ranks[usize::from(source.0)] = sorted.partition_point(|other| *other < name.to_lowercase()) as u16;
    }
    ranks
}

/// Selects readings; many on a thread of its own, of several wanted meanwhile only the last.
#[derive(Default)]
pub(in crate::ui) struct Selector {
    thread: Option<Ends>,
    /// What was asked for last.
    wanted: Option<Wanted>,
    /// The readings of a revision.
    readings: Option<(u64, Arc<Readings>)>,
}

impl Selector {
    /// Asks for a selection unless it was asked for last; returns it once it is there.
    pub(in crate::ui) fn select(
        &mut self,
        ctx: &egui::Context,
        wanted: &Wanted,
        readings: &Readings,
        batches: &[(Source, Batch)],
    ) -> Option<Arc<Selection>> {
        if self.wanted.as_ref() == Some(wanted) {
            let (_, done) = self.thread.as_ref()?;
            return done.try_iter().filter(|(done, _)| done == wanted).last().map(|(_, selection)| selection);
        }
        self.wanted = Some(wanted.clone());
        let known = self.readings.take().filter(|(revision, _)| *revision == wanted.revision);
        let (_, readings) =
            self.readings.insert(known.unwrap_or_else(|| (wanted.revision, Arc::new(readings.clone()))));
        let names = batches.iter().map(|(source, batch)| (*source, batch.name.clone())).collect();
        let job = Job { wanted: wanted.clone(), readings: Arc::clone(readings), names, ctx: ctx.clone() };
        if readings.len() <= AT_ONCE {
            return Some(Arc::new(job.done()));
        }
        if self.thread.is_none() {
            self.thread = start();
        }
        let Some((jobs, _)) = &self.thread else {
            // Without a thread the window waits.
            return Some(Arc::new(job.done()));
        };
        // The thread lives as long as the sender.
        let _ = jobs.send(Work::Select(Box::new(job)));
        None
    }

    /// Lets go of a selection that is no longer shown.
    pub(in crate::ui) fn let_go(&self, selection: Arc<Selection>) {
        if let Some((jobs, _)) = &self.thread {
            let _ = jobs.send(Work::LetGo(selection));
        }
    }
}

fn start() -> Option<Ends> {
    let (sender, jobs) = channel::<Work>();
    let (done, receiver) = channel();
    let select = move || {
        while let Ok(first) = jobs.recv() {
            let mut last = None;
            for work in std::iter::once(first).chain(jobs.try_iter()) {
                match work {
                    Work::Select(job) => last = Some(job),
                    Work::LetGo(selection) => drop(selection),
                }
            }
            let Some(job) = last else { continue };
            let selection = Arc::new(job.done());
            if done.send((job.wanted, selection)).is_err() {
                return;
            }
            job.ctx.request_repaint();
        }
    };
    std::thread::Builder::new().name("veilbeat-select".into()).spawn(select).ok()?;
    Some((sender, receiver))
}
