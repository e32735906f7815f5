//! The cost of each set of parameters on this machine: measured, through a real server.

use std::time::{Duration, Instant};

use crate::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey, Traffic};
use crate::reading::{Kind, Rate, Reading, Readings, Source, Step};
use crate::server;
use crate::statistics::{Detail, ReportRequest, Weighting, plain};

/// Some made-up readings, and what is asked about them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work {
    /// How many readings.
    pub readings: u32,
    /// Seconds from one to the next.
    pub every_secs: u32,
    /// How long the windows are whose averages are asked for.
    pub step: Step,
    /// How often it is done; the median counts.
    pub runs: usize,
}

impl Work {
    /// Ten years, one reading every ten minutes, by month.
    pub const DECADE: Self = Self { readings: 526_000, every_secs: 600, step: Step::Month, runs: 3 };

    /// From a handful of readings to a million, averaged.
    pub const TABLE: [Self; 4] = [
        Self { readings: 7, every_secs: 300, step: Step::All, runs: 21 },
        Self { readings: 1_000, every_secs: 300, step: Step::All, runs: 11 },
        Self { readings: 100_000, every_secs: 300, step: Step::All, runs: 5 },
        Self { readings: 1_000_000, every_secs: 300, step: Step::All, runs: 3 },
    ];
}

/// The cost of some work under a set of parameters.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// The parameters.
    pub parameters: ParameterSet,
    /// How many readings.
    pub readings: usize,
    /// The traffic, and how long encrypting, adding, and checking and opening took.
    pub traffic: Traffic,
    /// From the question to the answer, all of it.
    pub whole: Duration,
    /// The same answer in the clear.
    pub in_the_clear: Duration,
}

/// Does some work under a set of parameters and fresh keys. Its middle run counts.
pub fn measure(parameters: ParameterSet, work: Work) -> Result<Measured, String> {
    let reading = |at: u32| Reading {
        instant_ms: i64::from(at) * i64::from(work.every_secs) * 1_000,
        offset_secs: 0,
        rate: Rate::from_centi_bpm(4_000 + at * 37 % 14_000).unwrap_or(Rate::MIN),
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    };
    let readings = Readings::from_list((0..work.readings).map(reading));
    let mut runs = (0..work.runs).map(|_| run(parameters, work, &readings)).collect::<Result<Vec<_>, _>>()?;
    runs.sort_by_key(|measured| measured.whole);
    runs.get(runs.len() / 2).copied().ok_or_else(|| "nothing was measured".to_owned())
}

fn run(parameters: ParameterSet, work: Work, readings: &Readings) -> Result<Measured, String> {
    let key = MasterKey::generate().map_err(|error| error.to_string())?;
    let (end, _server) = server::spawn().map_err(|error| error.to_string())?;
    let mut client = Client::new(SchemeKey::derive(&key, parameters), end, Weighting::Time);
    let request = ReportRequest::all(work.step, Detail::Averages);
    let begun = Instant::now();
    let answered = client.report(readings, &request, &mut Observer::default()).map_err(|error| error.to_string())?;
    let whole = begun.elapsed();
    let begun = Instant::now();
    let plain = plain::report(readings, &request);
    let in_the_clear = begun.elapsed();
    let answered = answered.ok_or("nothing was answered")?;
    // A wrong answer does not count, however quick it is.
    if plain.is_none_or(|plain| plain != answered.report) {
        return Err("the answer differs from the same computation in the clear; please report this".into());
    }
    let Ok(readings) = usize::try_from(work.readings) else { return Err("too many readings".into()) };
    Ok(Measured { parameters, readings, traffic: answered.traffic, whole, in_the_clear })
}
