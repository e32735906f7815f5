//! Through a server, honest or not.

use super::*;

const WEEK: Step = Step::Week(WeekStart::Monday);

fn sample(instant_ms: i64, rate: Rate) -> Reading {
    Reading { instant_ms, offset_secs: 3600, rate, kind: Kind::Sample, source: Source::default(), note: None }
}

type Frames = std::sync::Arc<std::sync::Mutex<Vec<Vec<u8>>>>;

/// A client whose frames all pass through a relay that may change, drop or multiply what the server
/// says, and keeps a copy of everything.
fn relayed(key: SchemeKey, mut to_client: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) -> (Client, Frames) {
    let (client_end, relay_end) = connect();
    let (server_end, _server) = crate::server::spawn().unwrap();
    let seen = Frames::default();
    let copy = std::sync::Arc::clone(&seen);
    std::thread::spawn(move || {
        loop {
            match relay_end.poll() {
                Ok(Some(frame)) => {
                    copy.lock().unwrap().push(frame.clone());
                    server_end.send(frame).unwrap();
                }
                Ok(None) => {}
                Err(_) => return,
            }
            if let Ok(Some(frame)) = server_end.receive(Duration::from_micros(200)) {
                for frame in to_client(frame) {
                    copy.lock().unwrap().push(frame.clone());
                    if relay_end.send(frame).is_err() {
                        return;
                    }
                }
            }
        }
    });
    (Client::new(key, client_end).unwrap(), seen)
}

fn honest(key: SchemeKey) -> (Client, Frames) {
    relayed(key, |frame| vec![frame])
}

/// Chunks that were put so far.
fn puts(frames: &Frames) -> usize {
    frames.lock().unwrap().iter().filter(|frame| matches!(Request::parse(frame), Ok(Request::Put(..)))).count()
}

fn some_readings() -> Readings {
    let all = rates(5_000, 42);
    // Dense at first, so that an hour needs several chunks; then sparse, over several days.
    Readings::from_list((0..).zip(all).map(|(i, rate)| sample(if i < 3_000 { i * 700 } else { i * 60_000 }, rate)))
}

/// Averages by `step`, of all readings.
fn ask(client: &mut Client, readings: &Readings, step: Step) -> Result<Answered, AskError> {
    ask_watched(client, readings, step, &mut Watch::default())
}

fn ask_watched(client: &mut Client, readings: &Readings, step: Step, watch: &mut Watch) -> Result<Answered, AskError> {
    client.report(readings, &Wanted::all(step, Detail::Averages), watch).map(Option::unwrap)
}

/// The same in the clear.
fn in_the_clear(readings: &Readings, step: Step, detail: Detail) -> Report {
    let answer = |questions: &[Question]| Ok::<_, AskError>(plain::answer(readings, questions));
    Report::make(&readings.into(), &Wanted::all(step, detail), answer).unwrap().unwrap()
}

#[test]
fn averages_through_a_server_equal_plain_integers() {
    let (mut client, frames) = honest(key(Profile::Standard));
    let mut readings = some_readings();
    let mut expected_puts = readings.hours().map(|(_, hour)| hour.slots().len().div_ceil(N)).sum::<usize>();
    for step in [Step::Hour, Step::Day, Step::All, Step::Day] {
        let answered = ask(&mut client, &readings, step).unwrap();
        assert_eq!(answered.report, in_the_clear(&readings, step, Detail::Averages));
        assert_eq!(puts(&frames), expected_puts);
        // The next round finds one hour changed, of two chunks, and one new.
        let round = puts(&frames) as i64;
        assert!(readings.insert(sample(round, Rate::MIN)));
        assert!(readings.insert(sample(86_400_000 * (100 + round), Rate::MAX)));
        let first = readings.hours().next().unwrap().1.slots().len();
        assert!(first > N);
        expected_puts += first.div_ceil(N) + 1;
    }
}

#[test]
fn every_statistic_comes_through_the_server_and_a_column_is_sent_once() {
    for profile in Profile::ALL {
        let (mut client, frames) = honest(key(profile));
        let readings = some_readings();
        let chunks: usize = readings.hours().map(|(_, hour)| hour.slots().len().div_ceil(N)).sum();
        let wanted = Wanted::all(WEEK, Detail::Profiles);
        let answered = client.report(&readings, &wanted, &mut Watch::default()).unwrap().unwrap();
        assert_eq!(answered.report, in_the_clear(&readings, WEEK, Detail::Profiles));
        assert_eq!(puts(&frames), chunks);
        // Averages need nothing that is not there already; a narrower column set does not replace a wider.
        ask(&mut client, &readings, Step::Hour).unwrap();
        assert_eq!(puts(&frames), chunks);
    }
}

#[test]
fn an_hour_that_lacks_a_column_is_encrypted_anew_with_all_that_it_had() {
    let (mut client, frames) = honest(key(Profile::Standard));
    let readings = some_readings();
    let hours: Vec<HourKey> = readings.keys_of(Kind::Sample).take(3).collect();
    let mut puts_after = |needs| {
        let question = Question { name: "some".into(), hours: hours.clone(), needs };
        let sums = client.ask(&readings, std::slice::from_ref(&question), &mut Watch::default()).unwrap();
        assert_eq!(sums, plain::answer(&readings, &[question]));
        puts(&frames)
    };
    let first = puts_after(Needs::Sum);
    assert_eq!(puts_after(Needs::Distribution), 2 * first);
    assert_eq!(puts_after(Needs::Sum), 2 * first);
    assert_eq!(puts_after(Needs::Everything), 3 * first);
}

#[test]
fn questions_past_the_capacity_are_split_and_exact() {
    let (mut client, _) = honest(key(Profile::Standard));
    // 40 hours of 1,030 readings: 1,536 padded slots each, 21 to a sum.
    let all = rates(40 * 1_030, 5);
    let at = |i: i64| (i / 1_030) * 3_600_000 + (i % 1_030) * 3_000;
    let readings = Readings::from_list((0..).zip(all.iter().copied()).map(|(i, rate)| sample(at(i), rate)));
    assert_eq!(readings.len(), all.len());
    let answered = ask(&mut client, &readings, Step::All).unwrap();
    assert_eq!(answered.report, in_the_clear(&readings, Step::All, Detail::Averages));
    // Two sums a column.
    let bytes = answered.traffic.answer_bytes;
    assert!(bytes > 6 * 24_604 && bytes < 7 * 24_604);
}

#[test]
fn nothing_that_crosses_the_boundary_holds_eight_bytes_of_a_secret() {
    for profile in Profile::ALL {
        let key = key(profile);
        let mut secrets = key.secret_bytes();
        secrets.push(master(1).expose().to_vec());
        // A run of key bits, one a word, holds eight zero bytes now and then: no secret.
        let needles: std::collections::HashSet<[u8; 8]> = secrets
            .iter()
            .flat_map(|secret| secret.windows(8))
            .map(|window| window.try_into().unwrap())
            .filter(|window: &[u8; 8]| window.iter().filter(|&&byte| byte > 1).count() >= 4)
            .collect();
        assert!(needles.len() > 50_000);
        let (mut client, seen) = honest(key);
        let wanted = Wanted::all(Step::Hour, Detail::Profiles);
        client.report(&some_readings(), &wanted, &mut Watch::default()).unwrap();
        let frames = seen.lock().unwrap();
        let bytes: usize = frames.iter().map(Vec::len).sum();
        assert!(bytes > 1_000_000, "{bytes} bytes crossed");
        for window in frames.iter().flat_map(|frame| frame.windows(8)) {
            assert!(!needles.contains(window), "a secret crossed the boundary");
        }
        // Key bits as they stand in memory, one a word: 64 of them in a row are no accident.
        let words: std::collections::HashSet<&[u8]> =
            secrets[1].as_chunks::<512>().0.iter().map(|run| &run[..]).collect();
        for window in frames.iter().flat_map(|frame| frame.windows(512)) {
            assert!(window[1..8] != [0; 7] || !words.contains(window), "key bits crossed the boundary");
        }
    }
}

#[test]
fn an_answer_that_fails_its_check_stops_the_request_and_names_the_window() {
    let mut answers = 0;
    let (mut client, frames) = relayed(key(Profile::Standard), move |mut frame| {
        if frame[0] == 17 {
            answers += 1;
            if answers == 4 {
                frame[1000] ^= 1;
            }
        }
        vec![frame]
    });
    let readings = some_readings();
    let error = ask(&mut client, &readings, Step::Day).unwrap_err();
    let AskError::Unverified { name, column } = error else { panic!("{error}") };
    assert_eq!((name.as_str(), column), ("1970-01-03", Column::Rate));
    // Asked again, everything is uploaded anew and answered.
    let before = puts(&frames);
    ask(&mut client, &readings, Step::Day).unwrap();
    assert_eq!(puts(&frames), 2 * before);
}

/// What becomes of a question when the server's replies are changed.
fn asked_of(to_client: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) -> Result<Sums, AskError> {
    let (mut client, _) = relayed(key(Profile::Standard), to_client);
    // Long enough for a busy machine to answer.
    client.give_up_after(Duration::from_secs(3));
    ask(&mut client, &some_readings(), Step::Day).map(|answered| answered.report.overall)
}

#[test]
fn a_server_that_does_not_play_by_the_rules_is_told_so_and_believed_nothing() {
    let plain = in_the_clear(&some_readings(), Step::Day, Detail::Averages).overall;
    let is_answer = |frame: &[u8]| frame[0] == 17;
    let is_end = |frame: &[u8]| frame[0] == 18;

    let twice = asked_of(move |frame| if is_answer(&frame) { vec![frame.clone(), frame] } else { vec![frame] });
    assert!(matches!(twice, Err(AskError::Malformed(_))), "every answer twice: {twice:?}");
    let elsewhere = asked_of(move |mut frame| {
        if is_answer(&frame) {
            frame[8] = 0xff;
        }
        vec![frame]
    });
    assert!(matches!(elsewhere, Err(AskError::Malformed(_))), "an answer to no question: {elsewhere:?}");
    let mut first = None;
    let swapped = asked_of(move |mut frame| {
        // The second answer in the place of the first.
        if is_answer(&frame) && first.is_none() {
            first = Some(frame);
            return vec![];
        }
        if is_answer(&frame) {
            frame[5..9].copy_from_slice(&[0; 4]);
        }
        vec![frame]
    });
    assert!(matches!(swapped, Err(AskError::Unverified { .. })), "an answer in another's place: {swapped:?}");
    let mut dropped = false;
    let early_end = asked_of(move |frame| {
        let first = is_answer(&frame) && !std::mem::replace(&mut dropped, true);
        if first { vec![] } else { vec![frame] }
    });
    assert!(matches!(early_end, Err(AskError::Malformed(_))), "an end before all answers: {early_end:?}");
    let silent = asked_of(move |_| vec![]);
    assert!(matches!(silent, Err(AskError::Silent(_))), "silence: {silent:?}");
    let endless = asked_of(move |frame| if is_end(&frame) { vec![] } else { vec![frame] });
    assert!(matches!(endless, Err(AskError::Silent(_))), "no end: {endless:?}");
    let noise = asked_of(move |_| vec![vec![0xee; 100]]);
    assert!(matches!(noise, Err(AskError::Malformed(_))), "noise: {noise:?}");
    // Replies to other requests, and refusals of chunks that nobody asked about, are passed over.
    let stale = asked_of(move |frame| {
        let mut other = frame.clone();
        other[4] ^= 0x80;
        let refused = crate::protocol::Refused {
            chunk: Some(ChunkId(9_999)),
            ..crate::protocol::Refused::new(crate::protocol::Refusal::Panicked)
        };
        vec![other, refused.to_frame(), frame]
    });
    assert_eq!(stale.unwrap(), plain);
    assert_eq!(asked_of(|frame| vec![frame]).unwrap(), plain);
}

#[test]
fn a_question_can_be_stopped_and_asked_again() {
    let (mut client, _) = honest(key(Profile::Standard));
    let readings = some_readings();
    for stop_at in [0, 1, 5, 20] {
        let stop = Stop::default();
        let (mut calls, token) = (0, stop.clone());
        let mut report = |_: Stage| {
            calls += 1;
            if calls > stop_at {
                token.stop();
            }
        };
        let mut watch = Watch { stop, report: Some(&mut report) };
        let stopped = ask_watched(&mut client, &readings, Step::Hour, &mut watch);
        assert!(matches!(stopped, Err(AskError::Stopped)), "after {stop_at} reports");
    }
    let answered = ask(&mut client, &readings, Step::All).unwrap();
    assert_eq!(answered.report, in_the_clear(&readings, Step::All, Detail::Averages));
}

#[test]
fn a_local_hour_of_a_summary_is_no_hour_of_samples() {
    let mut readings = Readings::from_list([sample(0, Rate::MIN)]);
    readings.insert(Reading { kind: Kind::Resting, ..sample(5, Rate::MAX) });
    assert_eq!(readings.hours().count(), 2);
    let (mut client, _) = honest(key(Profile::Standard));
    let report = ask(&mut client, &readings, Step::All).unwrap().report;
    assert_eq!((report.kind, report.windows[0].sums.sum), (Kind::Sample, Some(2_000)));
    assert_eq!(LocalHour::of(0, 3600).to_string(), "1970-01-01T01:00:00+01:00");
}

#[test]
fn what_the_server_holds_is_what_was_sent_and_a_wrong_key_shows_noise() {
    for profile in Profile::ALL {
        let (mut client, frames) = honest(key(profile));
        assert_eq!(client.holding(), Holding::default());
        let readings = some_readings();
        ask(&mut client, &readings, Step::Day).unwrap();
        let holding = client.holding();
        assert_eq!((holding.readings, holding.hours), (5_000, readings.hours().count() as u64));
        let sent: Vec<Vec<u8>> = frames
            .lock()
            .unwrap()
            .iter()
            .filter(|frame| matches!(Request::parse(frame), Ok(Request::Put(..))))
            .cloned()
            .collect();
        let bytes: usize = sent.iter().map(|frame| frame.len() - Request::PUT_HEADER_BYTES).sum();
        assert_eq!((holding.chunks, holding.bytes), (sent.len() as u64, bytes as u64));
        assert!(holding.columns.iter().all(|column| column.chunks == holding.chunks));
        // The largest chunk: thousands of slots that a wrong key opens to anything below 2^30.
        let largest = sent.iter().max_by_key(|frame| frame.len()).unwrap();
        let Ok(Request::Put(id, chunk)) = Request::parse(largest) else { unreachable!() };
        let (hour, rates) = client.chunk_rates(id).unwrap();
        assert!(readings.hour(hour).is_some() && rates.len() > 1_024);
        let shown = guess(&chunk, Column::Rate).unwrap().unwrap();
        assert_eq!(shown.len(), chunk.header().len);
        let close = shown.iter().zip(&rates).filter(|(slot, rate)| **slot == u64::from(rate.centi_bpm())).count();
        let upper = shown.iter().filter(|slot| **slot >= 1 << 29).count();
        assert!(close < 3 && (shown.len() * 2 / 5..shown.len() * 3 / 5).contains(&upper), "{close} {upper}");
        // Another key shows other noise.
        assert_ne!(guess(&chunk, Column::Rate).unwrap().unwrap(), shown);
        assert!(guess(&chunk, Column::Histogram).unwrap().is_none());
    }
}

#[test]
fn what_is_known_is_not_asked_again_and_a_change_asks_only_for_what_it_changed() {
    let (mut client, _) = honest(key(Profile::Standard));
    let mut readings = some_readings();
    let wanted = Wanted::all(Step::Hour, Detail::Profiles);
    let mut asked = |readings: &Readings| {
        let answered = client.report(readings, &wanted, &mut Watch::default()).unwrap().unwrap();
        assert_eq!(answered.report, in_the_clear(readings, Step::Hour, Detail::Profiles));
        answered.traffic
    };
    let first = asked(&readings);
    assert_eq!(first.known, 0);
    let again = asked(&readings);
    assert_eq!((again.ciphertexts, again.upload_bytes, again.answer_bytes), (0, 0, 0));
    // One reading more in the last hour: its window, its digits of the day, its hour and its day of week.
    let last = readings.iter().last().unwrap();
    assert!(readings.insert(Reading { instant_ms: last.instant_ms + 1, ..last }));
    let changed = asked(&readings);
    assert!(changed.ciphertexts > 0 && changed.ciphertexts * 3 < first.ciphertexts, "{changed:?} {first:?}");
    assert!(changed.known > 3 * (again.known - changed.known));
    // It is taken back: nothing is known of an hour that is encrypted anew but what else there was.
    assert_eq!(asked(&some_readings()).known, 0);
}
