//! Servers that keep sheets between connections, honest or not: nothing is sent twice, and no number is wrong.

use std::path::Path;
use std::thread::JoinHandle;

use super::*;
use crate::protocol::{ClientEnd, Greeting, Reply, Sandbox, over_streams};
use crate::server::{Limits, ServeError, StoreFile, serve};

/// What became of a server, once it has ended.
type Ended = JoinHandle<Result<(u32, u64), ServeError>>;

/// A server on two pipes, with its store in a folder, as `veilbeat serve --store` is.
struct Served {
    client: Client,
    thread: Ended,
}

pub(super) fn end_at(folder: &Path, limits: Limits) -> (ClientEnd, Ended) {
    let (file, store) = StoreFile::open(folder, limits).unwrap();
    end_of((Some(file), store), limits)
}

/// The same without a store that outlives it.
pub(super) fn end_without_store() -> ClientEnd {
    end_of((None, Store::new(Limits::default())), Limits::default()).0
}

fn end_of(store: (Option<StoreFile>, Store), limits: Limits) -> (ClientEnd, Ended) {
    let (requests, to_server) = std::io::pipe().unwrap();
    let (replies, to_client) = std::io::pipe().unwrap();
    let serving = move || serve(requests, to_client, store, limits, Sandbox::default());
    let thread = std::thread::spawn(serving);
    (over_streams(replies, to_server).unwrap().0, thread)
}

impl Served {
    fn start(folder: &Path, key: SchemeKey, record: Option<HeldRecord>) -> Self {
        let (end, thread) = end_at(folder, Limits::default());
        Self { client: Client::remembering(key, end, Weighting::Time, record), thread }
    }

    /// Asks for all statistics by month, which must be right, and returns the cost.
    fn ask(&mut self, readings: &Readings) -> Traffic {
        right(&mut self.client, readings).unwrap()
    }

    /// Ends the connection; returns the record that the client kept, if it is a new one.
    fn end(mut self) -> Option<HeldRecord> {
        let record = self.client.take_record();
        drop(self.client);
        self.thread.join().unwrap().unwrap();
        record
    }
}

fn right(client: &mut Client, readings: &Readings) -> Result<Traffic, AskError> {
    let request = ReportRequest::all(Step::Month, Detail::Statistics);
    let answered = client.report(readings, &request, &mut Observer::default())?;
    assert_eq!(answered.as_ref().map(|answered| &answered.report), plain::report(readings, &request).as_ref());
    Ok(answered.unwrap().traffic)
}

/// One reading every six hours, for some weeks from a Monday on.
fn weeks(count: i64) -> Readings {
    const SIX_HOURS: i64 = 6 * 3_600_000;
    let rates = rates(count as usize * 28, 9);
    Readings::from_list((0..).zip(rates).map(|(i, rate)| Reading::sample(MONDAY + i * SIX_HOURS, rate)))
}

const MONDAY: i64 = 4 * 86_400_000;
const SHEET: u64 = 35_045;

fn own() -> SchemeKey {
    key(ParameterSet::Standard)
}

/// A folder that has been asked about once, and the record of it.
fn once(readings: &Readings) -> (tempfile::TempDir, HeldRecord) {
    let dir = tempfile::tempdir().unwrap();
    let mut served = Served::start(dir.path(), own(), None);
    served.ask(readings);
    let record = served.end().expect("a record of what was put");
    (dir, record)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn ten_years_that_are_there_already_are_not_sent_again() {
    let readings = weeks(522);
    let (dir, record) = once(&readings);
    assert_eq!(record.weeks.len(), 522);
    let mut served = Served::start(dir.path(), own(), Some(record));
    let peer = served.client.meet(&mut Observer::default()).unwrap().unwrap();
    assert_eq!((peer.kept, peer.greeting.sheets, peer.greeting.kept), (522, 522, true));
    let before = served.client.traffic().upload_bytes;
    assert!(before <= 4_096, "{before} bytes before the first question");
    // Of the question itself, nothing but the sums that it names.
    let cost = served.ask(&readings);
    assert!(cost.upload_bytes < SHEET, "{} bytes", cost.upload_bytes);
    assert!(served.end().is_none(), "nothing new to remember");
}

#[test]
fn an_edit_sends_its_own_week_and_two_at_its_edge() {
    let mut readings = weeks(20);
    let (dir, mut record) = once(&readings);
    for (at, sheets) in [(9 * 604_800_000 + 86_400_000, 1), (12 * 604_800_000 - 600_000, 2)] {
        assert!(readings.insert(Reading::sample(MONDAY + at, Rate::MAX)));
        let mut served = Served::start(dir.path(), own(), Some(record));
        let sent = served.ask(&readings).upload_bytes;
        assert!((sheets * SHEET..sheets * SHEET + 3_000).contains(&sent), "{sent} bytes for {sheets} weeks");
        assert_eq!(served.client.inventory().sheets, 20);
        record = served.end().unwrap();
    }
    // The same within one connection, where only what changed is asked for.
    let mut served = Served::start(dir.path(), own(), Some(record));
    served.ask(&readings);
    assert!(readings.insert(Reading::sample(MONDAY + 5 * 604_800_000 + 86_400_000, Rate::MAX)));
    let again = served.ask(&readings);
    assert!(again.known > 0 && again.upload_bytes < SHEET + 3_000, "{again:?}");
}

#[test]
fn a_store_that_was_rolled_back_emptied_or_lost_gives_right_numbers() {
    let mut readings = weeks(12);
    let (dir, first) = once(&readings);
    let old = tempfile::tempdir().unwrap();
    copy(dir.path(), old.path());
    assert!(readings.insert(Reading::sample(MONDAY + 86_400_000, Rate::MAX)));
    let mut served = Served::start(dir.path(), own(), Some(first.clone()));
    served.ask(&readings);
    let record = served.end().unwrap();
    // Rolled back: one week is missing, and one is there that nobody wants any more.
    let mut served = Served::start(old.path(), own(), Some(record.clone()));
    let cost = served.ask(&readings);
    assert!(cost.upload_bytes < 2 * SHEET, "only what is missing: {}", cost.upload_bytes);
    assert_eq!(served.client.peer().unwrap().kept, 11);
    let after = served.end().unwrap();
    assert_eq!(after.weeks.len(), 12);
    // The client's record is the older one: the same from the other side.
    let mut served = Served::start(dir.path(), own(), Some(first));
    served.ask(&readings);
    assert_eq!(served.client.peer().unwrap().kept, 11);
    served.end();
    // Emptied, and begun anew under the same name.
    let empty = tempfile::tempdir().unwrap();
    let mut served = Served::start(empty.path(), own(), Some(record));
    assert!(served.ask(&readings).upload_bytes > 12 * SHEET);
    assert_eq!(served.end().unwrap().weeks.len(), 12);
}

#[test]
fn a_store_of_another_key_or_another_computer_is_put_in_order() {
    let readings = weeks(5);
    let (dir, record) = once(&readings);
    // Another key, which knows nothing of the store.
    let other = SchemeKey::derive(&master(2), ParameterSet::Standard);
    let mut served = Served::start(dir.path(), other, None);
    served.ask(&readings);
    assert_eq!(served.client.inventory().sheets, 5);
    served.end();
    // The first one comes back: its sheets are gone, and the other's are no use to it.
    let mut served = Served::start(dir.path(), own(), Some(record.clone()));
    served.ask(&readings);
    assert_eq!(served.client.peer().unwrap().kept, 0);
    let newer = served.end().unwrap();
    // Two computers with one key take turns, each with its own record.
    let mut second = Served::start(dir.path(), own(), None);
    second.ask(&readings);
    let its = second.end().unwrap();
    for record in [newer, its] {
        let mut served = Served::start(dir.path(), own(), Some(record));
        served.ask(&readings);
        served.end();
    }
    // Other parameters, and the other weighting, put everything anew.
    let long = SchemeKey::derive(&master(1), ParameterSet::LongTerm);
    let mut served = Served::start(dir.path(), long, Some(record));
    served.ask(&readings);
    assert_eq!(served.client.peer().unwrap().kept, 0);
}

#[test]
fn a_record_that_names_other_seeds_or_contents_makes_no_number_wrong() {
    let readings = weeks(6);
    let (dir, record) = once(&readings);
    // What the record says of one sheet is another's: what is listed does not fit.
    let mut mixed = record.clone();
    let seeds = mixed.weeks[0].sheets[0].seeds.clone();
    mixed.weeks[1].sheets[0].seeds = seeds;
    let mut served = Served::start(dir.path(), own(), Some(mixed));
    served.ask(&readings);
    assert_eq!(served.client.peer().unwrap().kept, 5);
    let record = served.end().unwrap();
    // Another content: the week is put anew.
    let mut other = record.clone();
    other.weeks[3].content[0] ^= 1;
    let mut served = Served::start(dir.path(), own(), Some(other));
    let sent = served.ask(&readings).upload_bytes;
    assert!((SHEET..2 * SHEET).contains(&sent), "{sent}");
    served.end();
}

#[test]
fn what_a_line_that_broke_has_carried_is_not_sent_again() {
    let readings = weeks(60);
    let dir = tempfile::tempdir().unwrap();
    let mut served = Served::start(dir.path(), own(), None);
    let stop = CancelToken::default();
    let token = stop.clone();
    let mut report = |stage: Stage| {
        if let Stage::Encrypting(40.., _) = stage {
            token.cancel();
        }
    };
    let mut watch = Observer { cancel: stop, report: Some(&mut report), ..Observer::default() };
    let request = ReportRequest::all(Step::Month, Detail::Statistics);
    let stopped = served.client.report(&readings, &request, &mut watch);
    assert!(matches!(stopped, Err(AskError::Stopped)));
    let record = served.end().unwrap();
    assert_eq!(record.weeks.len(), 40);
    let mut served = Served::start(dir.path(), own(), Some(record));
    let sent = served.ask(&readings).upload_bytes;
    assert_eq!(served.client.peer().unwrap().kept, 40);
    assert!((20 * SHEET..21 * SHEET).contains(&sent), "{sent}");
}

#[test]
fn a_server_lets_everything_go_when_it_is_told_to() {
    let readings = weeks(4);
    let (dir, record) = once(&readings);
    let mut served = Served::start(dir.path(), own(), Some(record));
    served.client.forget_everything(&mut Observer::default()).unwrap();
    assert_eq!(served.client.peer().unwrap().greeting.sheets, 0);
    assert_eq!(served.end().unwrap().weeks, []);
    let (file, store) = StoreFile::open(dir.path(), Limits::default()).unwrap();
    assert_eq!(store.size(), (0, 0));
    drop(file);
}

#[test]
fn limits_are_refused_in_words_and_the_server_goes_on() {
    let readings = weeks(8);
    let asked = |limits: Limits| {
        let dir = tempfile::tempdir().unwrap();
        let (end, _thread) = end_at(dir.path(), limits);
        let mut client = Client::remembering(own(), end, Weighting::Time, None);
        let first = right(&mut client, &readings).map(|_| ());
        // The same connection still answers.
        let few = Readings::from_list([Reading::sample(MONDAY, Rate::MIN)]);
        let again = client.report(&few, &ReportRequest::all(Step::All, Detail::Averages), &mut Observer::default());
        (first.unwrap_err().to_string(), again.is_ok())
    };
    let limits = Limits::default();
    for (limits, words) in [
        (Limits { bytes: 3 * SHEET, ..limits }, "its store is full"),
        (Limits { sheets: 3, ..limits }, "as many sheets"),
        (Limits { sums: 3, ..limits }, "more sums"),
        (Limits { additions: 10, ..limits }, "more work"),
    ] {
        let (said, goes_on) = asked(limits);
        assert!(said.contains(words) && said.contains("readings are safe"), "{said}");
        assert!(goes_on, "{words}");
    }
}

#[test]
fn a_store_is_one_servers_at_a_time_and_damage_leaves_it_as_it_was() {
    let (dir, record) = once(&weeks(3));
    let open = || StoreFile::open(dir.path(), Limits::default()).map(|(_, store)| store.size());
    let held = StoreFile::open(dir.path(), Limits::default()).unwrap();
    assert!(open().unwrap_err().to_string().contains("in use"));
    drop(held);
    assert_eq!(open().unwrap().0, 3);
    let path = dir.path().join("sheets.redb");
    let whole = std::fs::read(&path).unwrap();
    for at in [0, 70, 5_000, whole.len() / 2] {
        let mut damaged = whole.clone();
        damaged.iter_mut().skip(at).take(4_096).for_each(|byte| *byte ^= 0x55);
        std::fs::write(&path, &damaged).unwrap();
        match open() {
            // A byte of a body: the tags find it.
            Ok((sheets, _)) => assert!(sheets <= 3),
            Err(error) => assert!(error.to_string().contains("sheets.redb"), "{error}"),
        }
    }
    std::fs::write(&path, &whole).unwrap();
    let mut served = Served::start(dir.path(), own(), Some(record));
    served.ask(&weeks(3));
}

/// A server that gives another one's greeting as its own.
fn lying(real: ClientEnd, greeting: Greeting) -> ClientEnd {
    let (client, end) = crate::protocol::connect();
    std::thread::spawn(move || {
        loop {
            let Ok(request) = end.poll() else { return };
            if request.is_some_and(|frame| real.send(frame).is_err()) {
                return;
            }
            let Ok(reply) = real.receive(Duration::from_millis(1)) else { return };
            let is_greeting = |frame: &[u8]| matches!(Reply::parse(frame), Ok(Reply::Greeting(_)));
            let reply = reply.map(|frame| if is_greeting(&frame) { greeting.to_frame() } else { frame });
            if reply.is_some_and(|frame| end.send(frame).is_err()) {
                return;
            }
        }
    });
    client
}

#[test]
fn a_greeting_that_claims_what_is_not_there_makes_no_number_wrong() {
    let readings = weeks(6);
    let (dir, record) = once(&readings);
    let mut served = Served::start(dir.path(), own(), Some(record.clone()));
    let greeting = served.client.meet(&mut Observer::default()).unwrap().unwrap().greeting;
    served.end();
    // Another store: empty, and one with other sheets under the same ids.
    let (other, _) = once(&weeks(9));
    for real in [end_without_store(), end_at(other.path(), Limits::default()).0] {
        let mut client = Client::remembering(own(), lying(real, greeting), Weighting::Time, Some(record.clone()));
        // Whatever is answered is right; what is not right is not answered.
        let first = right(&mut client, &readings).map(drop);
        let refused = |error: &AskError| matches!(error, AskError::Unverified { .. } | AskError::Refused(_));
        assert!(first.as_ref().err().is_none_or(refused), "{first:?}");
        let again = right(&mut client, &readings).map(drop);
        assert!(again.as_ref().err().is_none_or(refused), "{again:?}");
        drop(client);
        // The honest store is as it was.
        let mut served = Served::start(dir.path(), own(), Some(record.clone()));
        served.ask(&readings);
        served.end();
    }
}
