//! Meeting a server that may hold sheets already: what is there and as it should be is not sent again.
//!
//! Nothing that the server says is believed beyond that. Whether a sheet is what its seeds stand for shows when the
//! tag of a sum is checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ask_error::AskError;
use super::held_record::{HeldRecord, HeldSheet, HeldWeek, content_of};
use super::observer::{Observer, Stage};
use super::online::{Client, Held};
use crate::protocol::{Greeting, Malformed, PROTOCOL, Page, Reply, Request, SHEETS_A_PAGE, SheetDigest, SheetId};
use crate::scheme::ColumnSet;

/// Sheets of a list that are looked at; of more, none is used.
const MOST_LISTED: usize = 200_000;

/// A server that keeps sheets of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer {
    /// What it said of itself.
    pub greeting: Greeting,
    /// The time from hello to greeting, over a line that is open.
    pub round_trip: Duration,
    /// Sheets that were there and need not be sent again.
    pub kept: usize,
}

/// How far client and server know each other.
pub(super) enum Meeting {
    /// The server holds nothing but what this client has put.
    Unneeded,
    /// Before the first question they compare what is there with what the client remembers.
    Due(Option<HeldRecord>),
    /// They have.
    Met(Peer),
}

impl Client {
    /// Says hello to a server that may hold sheets, if that has not been done. Questions do it by themselves.
    pub fn meet(&mut self, watch: &mut Observer) -> Result<Option<Peer>, AskError> {
        if let Meeting::Due(record) = &self.meeting {
            let record = record.clone();
            watch.report(Stage::Connecting)?;
            let greeting = self.hello(watch)?;
            if greeting.protocol != PROTOCOL {
                return Err(AskError::OtherProtocol(greeting.version.to_string()));
            }
            // Once more: the first time tells how long it took to reach the server at all.
            let started = Instant::now();
            self.hello(watch)?;
            let round_trip = started.elapsed();
            let kept = self.compare(record, &greeting, watch)?;
            self.record_is_new |= kept == 0;
            self.meeting = Meeting::Met(Peer { greeting, round_trip, kept });
        }
        Ok(self.peer())
    }

    fn hello(&mut self, watch: &mut Observer) -> Result<Greeting, AskError> {
        self.send(Request::hello(), watch)?;
        self.wait_for(watch, |reply| match reply {
            Reply::Greeting(greeting) => Some(greeting),
            _ => None,
        })
    }

    /// The server, once it has been met.
    pub fn peer(&self) -> Option<Peer> {
        match &self.meeting {
            Meeting::Met(peer) => Some(*peer),
            Meeting::Unneeded | Meeting::Due(_) => None,
        }
    }

    /// The record of what the server holds, if it outlives the connection and has changed since it was last taken.
    pub fn take_record(&mut self) -> Option<HeldRecord> {
        let peer = self.peer().filter(|peer| peer.greeting.kept)?;
        if !std::mem::take(&mut self.record_is_new) {
            return None;
        }
        let mut weeks: Vec<HeldWeek> = self.remembered.values().cloned().collect();
        weeks.extend(self.held.iter().map(|(&key, held)| HeldWeek {
            key,
            content: held.content,
            sheets: held.sheets.clone(),
        }));
        weeks.sort_by_key(|week| week.key);
        let (parameters, weighting) = (self.key.parameters(), self.weighting);
        Some(HeldRecord { store: peer.greeting.store, parameters, weighting, weeks })
    }

    /// Lets the server forget everything that it holds, whoever put it there.
    pub fn forget_everything(&mut self, watch: &mut Observer) -> Result<(), AskError> {
        self.meet(watch)?;
        self.send(Request::forget(), watch)?;
        self.held.clear();
        self.remembered.clear();
        self.to_drop.clear();
        self.record_is_new = true;
        // Its next greeting comes after it has done so.
        self.meeting = Meeting::Due(None);
        self.meet(watch)?;
        Ok(())
    }

    /// Compares what the server says that it holds with the record. Returns how many sheets are as they should be.
    fn compare(
        &mut self,
        record: Option<HeldRecord>,
        greeting: &Greeting,
        watch: &mut Observer,
    ) -> Result<usize, AskError> {
        let record = record.filter(|record| record.is_of(greeting.store, &self.key, self.weighting));
        let Some(record) = record else {
            if greeting.sheets > 0 {
                self.send(Request::forget(), watch)?;
            }
            return Ok(0);
        };
        let own = record.sheets();
        self.next_sheet = own.keys().next_back().map_or(0, |last| last.0.saturating_add(1)).max(self.next_sheet);
        let there: BTreeSet<SheetId> = if record.digest() == greeting.digest {
            own.keys().copied().collect()
        } else {
            self.record_is_new = true;
            let listed = self.list(watch)?;
            let as_it_was = |(id, digest): (&SheetId, &SheetDigest)| (own.get(id) == Some(digest)).then_some(*id);
            let there: BTreeSet<SheetId> = listed.iter().filter_map(as_it_was).collect();
            if there.is_empty() {
                self.send(Request::forget(), watch)?;
            } else {
                self.to_drop.extend(listed.into_keys().filter(|id| !there.contains(id)));
            }
            there
        };
        for week in record.weeks {
            if week.sheets.iter().all(|sheet| there.contains(&sheet.id)) {
                self.remembered.insert(week.key, week);
            } else {
                self.to_drop.extend(week.sheets.iter().map(|sheet| sheet.id).filter(|id| there.contains(id)));
            }
        }
        Ok(there.len())
    }

    /// Asks for the list of what is there; an empty one if it is longer than any of this program's.
    fn list(&mut self, watch: &mut Observer) -> Result<BTreeMap<SheetId, SheetDigest>, AskError> {
        let mut listed = BTreeMap::new();
        let mut from = SheetId(0);
        loop {
            self.send(Request::list(from), watch)?;
            let page: Page = self.wait_for(watch, |reply| match reply {
                Reply::Listed(page) => Some(page),
                _ => None,
            })?;
            let full = page.len() == SHEETS_A_PAGE;
            let last = page.last().map(|(id, _)| *id);
            if page.first().is_some_and(|(id, _)| *id < from) {
                return Err(Malformed.into());
            }
            listed.extend(page);
            if listed.len() > MOST_LISTED {
                return Ok(BTreeMap::new());
            }
            match last.and_then(|id| id.0.checked_add(1)).filter(|_| full) {
                Some(next) => from = SheetId(next),
                None => return Ok(listed),
            }
        }
    }

    /// Waits for one reply; others that come meanwhile are of no use to anybody.
    fn wait_for<T>(&mut self, watch: &mut Observer, wanted: impl Fn(Reply) -> Option<T>) -> Result<T, AskError> {
        let started = Instant::now();
        loop {
            watch.report(Stage::Connecting)?;
            if started.elapsed() > self.silence {
                return Err(AskError::Silent(self.silence));
            }
            let Some(frame) = self.receive()? else { continue };
            self.traffic.answer_bytes += frame.len() as u64;
            if let Some(found) = wanted(Reply::parse(&frame)?) {
                return Ok(found);
            }
        }
    }

    /// Takes on the sheets that are remembered of the weeks that there are now; the others are dropped.
    pub(super) fn take_on(&mut self) {
        if self.remembered.is_empty() {
            return;
        }
        for (key, week) in std::mem::take(&mut self.remembered) {
            let current = self.weeks.get(key).filter(|now| content_of(now) == week.content);
            let Some(now) = current else {
                self.record_is_new = true;
                self.to_drop.extend(week.sheets.iter().map(|sheet| sheet.id));
                continue;
            };
            let columns = week.sheets.first().map_or(ColumnSet::NONE, HeldSheet::columns);
            let held = Held { week: Arc::clone(now), content: week.content, columns, sheets: week.sheets };
            self.held.insert(key, held);
        }
    }
}
