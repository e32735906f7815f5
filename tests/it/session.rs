//! Commands are done in their order, each to its end; a stop stops what it is meant for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use veilbeat::import::Options;
use veilbeat::jobs::connect_to;
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::session::{Command, Event, Outcome, Session, View};
use veilbeat::vault::{Home, ServerKind, ServerSettings, Settings};

/// A session with a key, whose clock can be held: then the next change waits.
struct Held {
    session: Session,
    clock: Arc<Mutex<()>>,
}

impl Held {
    fn start(dir: &Path, server: &ServerSettings) -> Self {
        let clock = Arc::new(Mutex::new(()));
        let held = clock.clone();
        let ticks = move || {
            drop(held.lock().unwrap());
            0
        };
        let home = Home::find(Some(dir)).unwrap();
        veilbeat::platform::create_private_dir(home.config_dir()).unwrap();
        served_by(server).save(&home).unwrap();
        let connect = |server: &ServerSettings| connect_to(server, Path::new(env!("CARGO_BIN_EXE_veilbeat")));
        let session = Session::start(home, Box::new(connect), Arc::new(ticks), Box::new(|| {})).unwrap();
        let mut held = Self { session, clock };
        held.until(|event| matches!(event, Event::NoKey));
        held.session.send(Command::CreateKey);
        held.until(|event| matches!(event, Event::Done));
        held
    }

    /// Hears events up to one that is wanted.
    fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut heard = Vec::new();
        while Instant::now() < deadline {
            match self.session.poll() {
                Some(event) => {
                    let end = wanted(&event);
                    heard.push(event);
                    if end {
                        return heard;
                    }
                }
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        panic!("waited for an event in vain");
    }

    /// Hears events until nothing is left to be done.
    fn finish(&mut self) -> Vec<Event> {
        let mut heard = Vec::new();
        while self.session.is_busy() {
            heard.extend(self.until(|event| matches!(event, Event::Done)));
        }
        heard
    }

    /// Sends commands and does something before the first of them can be done.
    fn while_busy(&mut self, commands: Vec<Command>, act: impl FnOnce(&mut Session)) -> Vec<Event> {
        let clock = self.clock.clone();
        let guard = clock.lock().unwrap();
        self.session.send(Command::Add(reading()));
        for command in commands {
            self.session.send(command);
        }
        act(&mut self.session);
        drop(guard);
        self.finish()
    }
}

fn served_by(server: &ServerSettings) -> Settings {
    let mut settings = Settings::default();
    settings.server = server.clone();
    settings
}

/// Every promise, whatever the server is.
fn with(server: &ServerSettings) {
    what_was_shown_can_be_kept_after_another_reading_was_stopped(server);
    looking_at_something_else_stops_no_reading_and_settings_no_stop(server);
    what_was_sent_before_the_end_is_kept(server);
    figures_come_and_a_server_that_is_lost_comes_back(server);
}

#[test]
fn all_of_it_holds_with_a_thread() {
    with(&ServerSettings::default());
}

#[test]
fn all_of_it_holds_with_a_process_of_its_own() {
    with(&ServerSettings { kind: ServerKind::Process, command: String::new() });
}

#[test]
fn all_of_it_holds_with_a_process_and_its_store() {
    let dir = tempfile::tempdir().unwrap();
    let (program, store) = (env!("CARGO_BIN_EXE_veilbeat"), dir.path().join("store"));
    with(&ServerSettings::command(&format!("'{program}' serve --store '{}'", store.display())));
}

/// Whether an answer came.
fn answered(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event, Event::Overview(overview) if overview.is_some()))
}

/// Figures, then settings that lead nowhere, and back.
fn figures_come_and_a_server_that_is_lost_comes_back(server: &ServerSettings) {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path(), server);
    held.session.send(Command::Add(reading()));
    held.session.send(Command::Ask(View::default()));
    assert!(answered(&held.finish()));
    held.session.send(Command::Check);
    let checked = |event: &Event| matches!(event, Event::Checked(compared) if compared.iter().all(veilbeat::statistics::Compared::is_equal));
    assert!(held.finish().iter().any(checked));
    let broken = ServerSettings::command("sh -c 'echo no route to host >&2; exit 255'");
    held.session.send(Command::Save(served_by(&broken)));
    held.session.send(Command::Ask(View::default()));
    let events = held.finish();
    let said = events.iter().find_map(|event| match event {
        Event::Failed(sentence) => Some(sentence.clone()),
        _ => None,
    });
    assert!(said.unwrap().contains("“no route to host”") && !answered(&events));
    let trouble = |event: &Event| matches!(event, Event::Server(facts) if facts.trouble.is_some());
    assert!(events.iter().any(trouble));
    // Readings can still be added meanwhile, and the server that works answers at once.
    let later = Reading { instant_ms: 60_000, ..reading() };
    held.session.send(Command::Add(later));
    held.session.send(Command::Save(served_by(server)));
    held.session.send(Command::TestServer);
    held.session.send(Command::Ask(View::default()));
    let events = held.finish();
    assert!(answered(&events) && !matches!(events.last(), Some(Event::Failed(_))));
}

fn reading() -> Reading {
    let rate = Rate::from_centi_bpm(7_000).unwrap();
    Reading { instant_ms: 0, offset_secs: 0, rate, kind: Kind::Sample, source: Source::default(), note: None }
}

fn preview(number: u64, dir: &Path, rows: u32) -> Command {
    let file = dir.join(format!("{number}.csv"));
    let mut table = "timestamp,bpm\n".to_owned();
    for row in 0..rows {
        writeln!(table, "2026-10-01T08:{:02}:{:02},70", row / 60, row % 60).unwrap();
    }
    std::fs::write(&file, table).unwrap();
    Command::Preview(number, file, Box::new(Options::new(jiff::tz::TimeZone::UTC)))
}

fn imported(events: &[Event]) -> Option<usize> {
    events.iter().find_map(|event| match event {
        Event::Outcome(Outcome::Imported { added, .. }) => Some(added.added),
        _ => None,
    })
}

fn what_was_shown_can_be_kept_after_another_reading_was_stopped(server: &ServerSettings) {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path(), server);
    held.session.send(preview(1, dir.path(), 30));
    held.finish();
    let events = held.while_busy(vec![preview(2, dir.path(), 20)], |session| session.stop());
    assert!(events.iter().any(|event| matches!(event, Event::Unread(2))));
    held.session.send(Command::Keep(1));
    assert_eq!(imported(&held.finish()), Some(30));
    // It is kept once, and never in the name of another.
    held.session.send(Command::Keep(1));
    let events = held.finish();
    assert!(imported(&events).is_none() && events.iter().any(|event| matches!(event, Event::Failed(_))));
}

fn looking_at_something_else_stops_no_reading_and_settings_no_stop(server: &ServerSettings) {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path(), server);
    let ask = || Command::Ask(View::default());
    let events = held.while_busy(vec![ask(), preview(1, dir.path(), 30), ask()], |session| session.stop_asking());
    assert!(events.iter().any(|event| matches!(event, Event::Preview(_))));
    assert!(!events.iter().any(|event| matches!(event, Event::Overview(_))));
    let save = Command::Save(Settings::default());
    let events = held.while_busy(vec![preview(2, dir.path(), 30), save], |session| session.stop());
    assert!(events.iter().any(|event| matches!(event, Event::Unread(2))));
}

fn what_was_sent_before_the_end_is_kept(server: &ServerSettings) {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path(), server);
    held.session.send(preview(1, dir.path(), 30));
    held.finish();
    let guard = held.clock.lock().unwrap();
    held.session.send(Command::Add(reading()));
    held.session.send(Command::Keep(1));
    drop(guard);
    drop(held);
    let home = Home::find(Some(dir.path())).unwrap();
    let key = veilbeat::vault::load_key(&home, None).unwrap().unwrap();
    assert_eq!(veilbeat::vault::Vault::open(&home, &key).unwrap().readings().len(), 31);
}
