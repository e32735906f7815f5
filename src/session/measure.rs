//! What each set of parameters costs on this machine: measured, through a real server.

use std::time::Duration;

use crate::client::{Client, MasterKey, Profile, SchemeKey, Traffic, Watch};
use crate::reading::{Kind, Rate, Reading, Readings, Source, Step};
use crate::server;
use crate::statistics::{Detail, Request};

/// Days of readings, one a minute, that are encrypted, added up and opened.
const DAYS: i64 = 7;
/// Runs, of which the quickest counts: the others were disturbed.
const RUNS: usize = 3;

/// What a set of parameters cost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// The parameters.
    pub profile: Profile,
    /// How many readings.
    pub readings: usize,
    /// What averages by day of them took.
    pub traffic: Traffic,
}

impl Measured {
    /// The time that it took in all.
    pub fn time(&self) -> Duration {
        self.traffic.encrypt + self.traffic.server + self.traffic.decrypt
    }
}

/// Measures every set of parameters, under fresh keys.
pub(super) fn measure() -> Result<Vec<Measured>, String> {
    let reading = |minute: i64| Reading {
        instant_ms: minute * 60_000,
        offset_secs: 0,
        rate: Rate::MIN,
        kind: Kind::Sample,
        source: Source::default(),
        note: None,
    };
    let readings = Readings::from_list((0..DAYS * 24 * 60).map(reading));
    Profile::ALL
        .into_iter()
        .map(|profile| {
            let runs = (0..RUNS).map(|_| run(profile, &readings)).collect::<Result<Vec<_>, _>>()?;
            let quickest = runs.into_iter().min_by_key(Measured::time);
            quickest.ok_or_else(|| "nothing was measured".to_owned())
        })
        .collect()
}

fn run(profile: Profile, readings: &Readings) -> Result<Measured, String> {
    let key = MasterKey::generate().map_err(|error| error.to_string())?;
    let (end, _server) = server::spawn().map_err(|error| error.to_string())?;
    let mut client = Client::new(SchemeKey::derive(&key, profile), end).map_err(|error| error.to_string())?;
    let request = Request::all(Step::Day, Detail::Averages);
    let answered = client.report(readings, &request, &mut Watch::default()).map_err(|error| error.to_string())?;
    let traffic = answered.ok_or("nothing was answered")?.traffic;
    Ok(Measured { profile, readings: readings.len(), traffic })
}
