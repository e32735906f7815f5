//! Commands are done in their order, each to its end; a stop stops what it is meant for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use veilbeat::import::Options;
use veilbeat::jobs::{Connect, Connection, connect_to};
use veilbeat::protocol::{Direction, Progress, RequestId};
use veilbeat::reading::{Kind, Rate, Reading, Source};
use veilbeat::session::{Command, EncryptedTwice, Event, KeySearch, Outcome, Session, TamperView, View};
use veilbeat::vault::{Home, ServerKind, ServerSettings, Settings};

/// A session with a key, whose clock can be held: then the next change waits.
struct Held {
    session: Session,
    clock: Arc<Mutex<()>>,
}

impl Held {
    fn start(dir: &Path) -> Self {
        Self::start_with(dir, Box::new(veilbeat::jobs::server_thread))
    }

    /// On a server of a kind.
    fn start_on(dir: &Path, server: &ServerSettings) -> Self {
        let home = Home::find(Some(dir)).unwrap();
        veilbeat::platform::create_private_dir(home.config_dir()).unwrap();
        served_by(server).save(&home).unwrap();
        let connect = |server: &ServerSettings| connect_to(server, Path::new(env!("CARGO_BIN_EXE_veilbeat")));
        Self::start_with(dir, Box::new(connect))
    }

    fn start_with(dir: &Path, connect: Connect) -> Self {
        let clock = Arc::new(Mutex::new(()));
        let held = clock.clone();
        let ticks = move || {
            drop(held.lock().unwrap());
            0
        };
        let home = Home::find(Some(dir)).unwrap();
        let session = Session::start(home, connect, Arc::new(ticks), Box::new(|| {})).unwrap();
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
    let mut held = Held::start_on(dir.path(), server);
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
    let mut held = Held::start_on(dir.path(), server);
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
    let mut held = Held::start_on(dir.path(), server);
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
    let mut held = Held::start_on(dir.path(), server);
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

/// Asks about a profile with one reading, for the first time.
fn asked(held: &mut Held) -> Event {
    held.session.send(Command::Add(reading()));
    held.session.send(Command::Ask(View::default()));
    held.finish().into_iter().find(|event| matches!(event, Event::Overview(_))).unwrap()
}

#[test]
fn an_answer_that_is_changed_on_its_way_is_refused_and_the_next_one_is_as_ever() {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path());
    held.session.send(Command::Tamper);
    assert!(held.finish().iter().any(|event| matches!(event, Event::Tampered(Err(_)))), "nothing was sent yet");
    let Event::Overview(before) = asked(&mut held) else { unreachable!() };
    let sent = |held: &Held| held.session.log().passed(Direction::ToServer);
    let first = sent(&held);
    for _ in 0..4 {
        held.session.send(Command::Tamper);
        let views = held.finish().into_iter().filter_map(|event| match event {
            Event::Tampered(view) => Some(view.unwrap()),
            _ => None,
        });
        let views: Vec<TamperView> = views.collect();
        let [view] = &views[..] else { panic!("{views:?}") };
        assert!(view.said.as_ref().unwrap().contains("failed its check and was not decrypted"), "{view:?}");
        assert_eq!((view.decrypted, view.weeks, view.len, view.passes_unchanged), (0, 1, 9 + 26_608, true));
        assert_eq!(view.sent ^ view.arrived, 1 << view.bit);
        let frame = held.session.log().entry(view.message.unwrap()).unwrap().frame.unwrap();
        assert_eq!((frame[view.at], frame.len()), (view.arrived, view.len));
    }
    // Two questions a time and the word to stop the first; no sheet was sent again.
    assert!(sent(&held).bytes - first.bytes < 4 * 100);
    held.session.send(Command::Check);
    let checked = held.finish().into_iter().find_map(|event| match event {
        Event::Checked(compared) => Some(compared),
        _ => None,
    });
    assert!(checked.unwrap().iter().all(veilbeat::statistics::Compared::is_equal));
    held.session.send(Command::Ask(View::default()));
    let after = held.finish().into_iter().find_map(|event| match event {
        Event::Overview(overview) => *overview,
        _ => None,
    });
    assert_eq!(after.unwrap().now.report, before.unwrap().now.report);
}

#[test]
fn the_same_week_encrypted_again_shares_nothing_but_chance_and_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let mut held = Held::start(dir.path());
    asked(&mut held);
    let sent = held.session.log().passed(Direction::ToServer);
    held.session.send(Command::EncryptAgain(None));
    let twice: Option<EncryptedTwice> = held.finish().into_iter().find_map(|event| match event {
        Event::EncryptedTwice(twice) => Some(twice.unwrap()),
        _ => None,
    });
    let twice = twice.unwrap();
    assert_eq!(twice.len, 16 + 2_016 * 6 + 16);
    assert_ne!(twice.beginnings[0], twice.beginnings[1]);
    // 12,128 bytes, one in 256 of which is equal by chance; some ten standard deviations either way.
    assert!(twice.equal_bytes < 47 + 70 && (0.48..0.52).contains(&twice.equal_bits), "{twice:?}");
    assert_eq!(held.session.log().passed(Direction::ToServer), sent);
}

/// A server that sends some bytes of its own before its next reply, once there are any.
fn leaking(planted: Arc<Mutex<Option<u64>>>) -> Connect {
    Box::new(move |_: &ServerSettings| {
        let ((real, server), planted) = (veilbeat::server::spawn().unwrap(), planted.clone());
        let (client, end) = veilbeat::protocol::connect();
        std::thread::spawn(move || {
            let _server = server;
            loop {
                let Ok(request) = end.poll() else { return };
                if request.is_some_and(|frame| real.send(frame).is_err()) {
                    return;
                }
                let Ok(Some(reply)) = real.receive(Duration::from_millis(1)) else { continue };
                let leak = planted.lock().unwrap().take();
                let leak = leak.map(|nanos| Progress { request: RequestId(999), done: 0, total: 1, nanos }.to_frame());
                if leak.into_iter().chain([reply]).any(|frame| end.send(frame).is_err()) {
                    return;
                }
            }
        });
        Connection::to_end(client)
    })
}

#[test]
fn a_piece_of_the_key_in_a_message_is_found_and_nothing_where_there_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let planted = Arc::new(Mutex::new(None));
    let mut held = Held::start_with(dir.path(), leaking(planted.clone()));
    asked(&mut held);
    let mut search = || -> KeySearch {
        held.session.send(Command::SearchForKey);
        let found = held.finish().into_iter().find_map(|event| match event {
            Event::SearchedForKey(search) => Some(search),
            _ => None,
        });
        held.session.send(Command::Check);
        held.finish();
        found.unwrap()
    };
    // The lattice key's bits, the coefficients, and five keys of 32 bytes.
    let honest = search();
    assert_eq!((honest.found, honest.unkept, honest.pieces), (None, 0, 32 + 4 * 3_840 + 5 * 4));
    assert!(honest.messages > 3 && honest.bytes > 60_000, "{honest:?}");
    let home = Home::find(Some(dir.path())).unwrap();
    let key = veilbeat::vault::load_key(&home, None).unwrap().unwrap();
    let piece = key.expose().last_chunk().unwrap();
    *planted.lock().unwrap() = Some(u64::from_le_bytes(*piece));
    // What is searched next was sent before that.
    assert_eq!(search().found, None);
    let found = search();
    let (message, at) = found.found.unwrap();
    assert_eq!(at, 13);
    let frame = held.session.log().entry(message).unwrap().frame.unwrap();
    assert_eq!(frame[at..at + 8], piece[..]);
}
