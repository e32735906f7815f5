//! Through a server, honest or not.

use super::*;

const WEEK: Step = Step::Week(WeekStart::Monday);

fn sample(instant_ms: i64, rate: Rate) -> Reading {
    Reading { instant_ms, offset_secs: 3600, rate, kind: Kind::Sample, source: Source::default(), note: None }
}

type Frames = std::sync::Arc<std::sync::Mutex<Vec<Vec<u8>>>>;

/// What the server of a test is.
#[derive(Clone, Copy, PartialEq)]
enum Far {
    Thread,
    Pipes,
    Store,
}

thread_local!(static FAR: std::cell::Cell<Far> = const { std::cell::Cell::new(Far::Thread) });

fn start_server() -> (crate::protocol::ClientEnd, Option<tempfile::TempDir>) {
    match FAR.get() {
        Far::Thread => (crate::server::spawn().unwrap().0, None),
        Far::Pipes => (super::meeting::end_without_store(), None),
        Far::Store => {
            let dir = tempfile::tempdir().unwrap();
            (super::meeting::end_at(dir.path(), crate::server::Limits::default()).0, Some(dir))
        }
    }
}

fn over(far: Far) {
    FAR.set(far);
    averages_through_a_server_equal_plain_integers();
    every_statistic_comes_through_the_server_and_a_column_is_sent_once();
    both_weightings_come_through_the_server_and_are_never_mixed();
    an_hour_of_very_many_readings_is_split_and_exact();
    a_thorough_question_asks_anew_and_agrees_with_tfhe();
    nothing_that_crosses_the_boundary_holds_eight_bytes_of_a_secret();
    an_answer_that_fails_its_check_stops_the_request_and_names_the_window();
    a_server_that_does_not_play_by_the_rules_is_told_so_and_believed_nothing();
    a_question_can_be_stopped_and_asked_again();
    samples_come_before_a_devices_average_day_by_day();
    what_the_server_holds_is_what_was_sent_and_a_wrong_key_shows_noise();
    FAR.set(Far::Thread);
}

#[test]
fn all_of_it_holds_over_pipes() {
    over(Far::Pipes);
}

#[test]
fn all_of_it_holds_over_pipes_with_a_store() {
    over(Far::Store);
}

/// A client whose frames all pass through a relay that may change, drop or multiply what the server
/// says, and keeps a copy of everything.
fn relayed(key: SchemeKey, mut to_client: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) -> (Client, Frames) {
    let (client_end, relay_end) = connect();
    let (server_end, _server) = start_server();
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
    let client = match FAR.get() {
        Far::Store => Client::remembering(key, client_end, Weighting::Time, None),
        Far::Thread | Far::Pipes => Client::new(key, client_end, Weighting::Time),
    };
    (client, seen)
}

fn honest(key: SchemeKey) -> (Client, Frames) {
    relayed(key, |frame| vec![frame])
}

/// Frames that put columns, so far.
fn puts(frames: &Frames) -> usize {
    frames.lock().unwrap().iter().filter(|frame| matches!(Request::parse(frame), Ok(Request::Put(..)))).count()
}

fn some_readings() -> Readings {
    let all = rates(5_000, 42);
    // Dense at first, then sparse, over three weeks.
    Readings::from_list((0..).zip(all).map(|(i, rate)| sample(if i < 3_000 { i * 700 } else { i * 360_000 }, rate)))
}

/// Averages by `step`, of all readings.
fn ask(client: &mut Client, readings: &Readings, step: Step) -> Result<Answered, AskError> {
    ask_watched(client, readings, step, &mut Observer::default())
}

fn ask_watched(
    client: &mut Client,
    readings: &Readings,
    step: Step,
    watch: &mut Observer,
) -> Result<Answered, AskError> {
    client.report(readings, &ReportRequest::all(step, Detail::Averages), watch).map(Option::unwrap)
}

/// The same in the clear.
fn in_the_clear(readings: &Readings, step: Step, detail: Detail) -> Report {
    plain::report(readings, &ReportRequest::all(step, detail)).unwrap()
}

/// Asks for a full report, and returns it with its cost.
fn full(client: &mut Client, readings: &Readings, step: Step) -> Answered {
    let request = ReportRequest::all(step, Detail::Statistics);
    let answered = client.report(readings, &request, &mut Observer::default()).unwrap().unwrap();
    assert_eq!(answered.report, in_the_clear(readings, step, Detail::Statistics));
    answered
}

#[test]
fn averages_through_a_server_equal_plain_integers() {
    let (mut client, frames) = honest(key(ParameterSet::Standard));
    let mut readings = some_readings();
    let weeks = crate::reading::Weeks::from(&readings).iter().count();
    assert!(weeks >= 3);
    ask(&mut client, &readings, Step::Hour).unwrap();
    assert_eq!(puts(&frames), weeks);
    for (round, step) in [Step::Hour, Step::Day, Step::All, Step::Day].into_iter().enumerate() {
        let answered = ask(&mut client, &readings, step).unwrap();
        assert_eq!(answered.report, in_the_clear(&readings, step, Detail::Averages));
        assert_eq!(puts(&frames), weeks + round);
        // The next round finds one week changed.
        assert!(readings.insert(sample(round as i64, Rate::MIN)));
    }
}

#[test]
fn every_statistic_comes_through_the_server_and_a_column_is_sent_once() {
    for parameters in ParameterSet::ALL {
        let (mut client, frames) = honest(key(parameters));
        let readings = some_readings();
        full(&mut client, &readings, WEEK);
        let sent = puts(&frames);
        // Averages need nothing that is not there already.
        ask(&mut client, &readings, Step::Hour).unwrap();
        assert_eq!(puts(&frames), sent);
        // Distributions of hours need further columns, which go to the sheets that are there.
        full(&mut client, &readings, Step::Hour);
        assert_eq!(puts(&frames), 2 * sent);
        let inventory = client.inventory();
        assert_eq!((inventory.sheets, inventory.columns.len()), (sent as u64, 27));
        full(&mut client, &readings, Step::Hour);
        assert_eq!(puts(&frames), 2 * sent);
    }
}

#[test]
fn both_weightings_come_through_the_server_and_are_never_mixed() {
    let (mut client, frames) = honest(key(ParameterSet::Standard));
    let readings = some_readings();
    let by_reading = ReportRequest::all(Step::Day, Detail::Statistics).weighted_by(Weighting::Readings);
    full(&mut client, &readings, Step::Day);
    let sent = puts(&frames);
    let refused = client.report(&readings, &by_reading, &mut Observer::default());
    assert!(matches!(refused, Err(AskError::OtherWeighting)));
    client.weigh_by(Weighting::Readings);
    let answered = client.report(&readings, &by_reading, &mut Observer::default()).unwrap().unwrap();
    assert_eq!(Some(&answered.report), plain::report(&readings, &by_reading).as_ref());
    assert_eq!(puts(&frames), 2 * sent, "everything is put anew");
    assert_eq!(client.inventory().sheets, sent as u64, "and the other is dropped");
}

#[test]
fn an_hour_of_very_many_readings_is_split_and_exact() {
    // 300,000 readings within 50 minutes, each once: three sheets of one week, each in a sum of its own.
    let readings = Readings::from_list((0..).zip(rates(300_000, 5)).map(|(i, rate)| sample(i * 10, rate)));
    let (mut client, _) = honest(key(ParameterSet::Standard));
    client.weigh_by(Weighting::Readings);
    for step in [Step::Hour, Step::All] {
        let request = ReportRequest::all(step, Detail::Statistics).weighted_by(Weighting::Readings);
        let answered = client.report(&readings, &request, &mut Observer::default()).unwrap().unwrap();
        assert_eq!(Some(&answered.report), plain::report(&readings, &request).as_ref());
    }
    assert_eq!(client.inventory().sheets, 3);
}

#[test]
fn a_thorough_question_asks_anew_and_agrees_with_tfhe() {
    let (mut client, _) = honest(key(ParameterSet::LongTerm));
    let readings = some_readings();
    let first = full(&mut client, &readings, Step::Month);
    let request = ReportRequest::all(Step::Month, Detail::Statistics);
    let mut watch = Observer { thorough: true, ..Observer::default() };
    let again = client.report(&readings, &request, &mut watch).unwrap().unwrap();
    assert_eq!(again.report, first.report);
    assert_eq!((again.traffic.ciphertexts, again.traffic.known), (first.traffic.ciphertexts, 0));
    assert_eq!(again.traffic.upload_bytes / 10_000, 0, "nothing is sent again but the question");
}

#[test]
fn nothing_that_crosses_the_boundary_holds_eight_bytes_of_a_secret() {
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
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
        let wanted = ReportRequest::all(Step::Hour, Detail::Statistics);
        client.report(&some_readings(), &wanted, &mut Observer::default()).unwrap();
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
    let (mut client, frames) = relayed(key(ParameterSet::Standard), move |mut frame| {
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
    assert_eq!((name.as_str(), column), ("week of 1970-01-19", Column::RATE));
    // Asked again, everything is uploaded again and answered.
    let before = puts(&frames);
    ask(&mut client, &readings, Step::Day).unwrap();
    assert_eq!(puts(&frames), 2 * before);
}

/// Asks a question while the server's replies are changed.
fn asked_of(
    to_client: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
) -> Result<crate::statistics::Sums, AskError> {
    let (mut client, _) = relayed(key(ParameterSet::Standard), to_client);
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
    // Replies to other requests, and refusals of sheets that nobody asked about, are passed over.
    let stale = asked_of(move |frame| {
        if frame[0] == 20 {
            // A greeting is about no request.
            return vec![frame];
        }
        let mut other = frame.clone();
        other[4] ^= 0x80;
        let refused = crate::protocol::Refused {
            sheet: Some(SheetId(9_999)),
            ..crate::protocol::Refused::new(crate::protocol::Refusal::Panicked)
        };
        vec![other, refused.to_frame(), frame]
    });
    assert_eq!(stale.unwrap(), plain);
    assert_eq!(asked_of(|frame| vec![frame]).unwrap(), plain);
}

#[test]
fn a_question_can_be_stopped_and_asked_again() {
    let (mut client, _) = honest(key(ParameterSet::Standard));
    let readings = some_readings();
    for stop_at in [0, 1, 4, 7] {
        let stop = CancelToken::default();
        let (mut calls, token) = (0, stop.clone());
        let mut report = |_: Stage| {
            calls += 1;
            if calls > stop_at {
                token.cancel();
            }
        };
        let mut watch = Observer { cancel: stop, report: Some(&mut report), ..Observer::default() };
        let stopped = ask_watched(&mut client, &readings, Step::Hour, &mut watch);
        assert!(matches!(stopped, Err(AskError::Stopped)), "after {stop_at} reports");
    }
    let answered = ask(&mut client, &readings, Step::All).unwrap();
    assert_eq!(answered.report, in_the_clear(&readings, Step::All, Detail::Averages));
}

#[test]
fn samples_come_before_a_devices_average_day_by_day() {
    let day = |day: i64| day * 86_400_000;
    let mut readings = Readings::from_list([sample(0, Rate::MIN)]);
    let average = |ms, rate| Reading { kind: Kind::Average, ..sample(ms, rate) };
    readings.insert(average(day(0) + 5, Rate::MAX));
    readings.insert(average(day(1), Rate::MAX));
    readings.insert(Reading { kind: Kind::Resting, ..sample(7, Rate::MAX) });
    readings.insert(Reading { kind: Kind::Activity, ..sample(day(2), Rate::MAX) });
    let (mut client, _) = honest(key(ParameterSet::Standard));
    let report = full(&mut client, &readings, Step::Day).report;
    let means: Vec<_> = report.windows.iter().map(|window| window.sums.mean_bpm().unwrap()).collect();
    assert_eq!((report.kind, means, report.measured_days), (Kind::Sample, vec![20.0, 275.99], (2, 1)));
    assert_eq!(report.windows[1].sums.covered_secs(), None);
    // With one more sample, that day's average no longer counts.
    readings.insert(sample(day(1), Rate::MIN));
    let report = full(&mut client, &readings, Step::Day).report;
    assert_eq!((report.overall.mean_bpm(), report.measured_days), (Some(20.0), (2, 0)));
}

#[test]
fn what_the_server_holds_is_what_was_sent_and_a_wrong_key_shows_noise() {
    for parameters in ParameterSet::ALL {
        let (mut client, frames) = honest(key(parameters));
        assert_eq!(client.inventory(), ServerInventory::default());
        let readings = some_readings();
        ask(&mut client, &readings, Step::Day).unwrap();
        let inventory = client.inventory();
        assert_eq!(inventory.readings, 5_000);
        let sent: Vec<Vec<u8>> = frames
            .lock()
            .unwrap()
            .iter()
            .filter(|frame| matches!(Request::parse(frame), Ok(Request::Put(..))))
            .cloned()
            .collect();
        let bytes: usize = sent.iter().map(|frame| frame.len() - Request::PUT_HEADER_BYTES).sum();
        assert_eq!((inventory.sheets, inventory.bytes), (sent.len() as u64, bytes as u64));
        assert!(inventory.columns.iter().all(|column| column.sheets == inventory.sheets));
        let Ok(Request::Put(id, sheet)) = Request::parse(&sent[0]) else { unreachable!() };
        assert!(client.week_of(id).unwrap().count() > 1_000);
        let shown = open_with_wrong_key(&sheet, Column::RATE).unwrap().unwrap();
        assert_eq!(shown.len(), 2016);
        let plausible = shown.iter().filter(|slot| **slot < 15 * 27_600).count();
        let upper = shown.iter().filter(|slot| **slot >= 1 << 31).count();
        assert!(plausible < 10 && (800..1_200).contains(&upper), "{plausible} {upper}");
        // Another key shows other noise.
        assert_ne!(open_with_wrong_key(&sheet, Column::RATE).unwrap().unwrap(), shown);
        assert!(open_with_wrong_key(&sheet, Column::DAYS).unwrap().is_none());
    }
}

#[test]
fn what_is_known_is_not_asked_again_and_a_change_asks_only_for_what_it_changed() {
    let (mut client, frames) = honest(key(ParameterSet::Standard));
    // A year, one reading every half an hour.
    let list = (0..).zip(rates(17_500, 3)).map(|(i, rate)| sample(i * 1_800_000, rate));
    let mut readings = Readings::from_list(list);
    let first = full(&mut client, &readings, Step::Month).traffic;
    assert_eq!(first.known, 0);
    let again = full(&mut client, &readings, Step::Month).traffic;
    assert_eq!((again.ciphertexts, again.upload_bytes, again.answer_bytes), (0, 0, 0));
    // One more reading on a Wednesday: one week is sent, and the sums that hold it are asked for.
    let sent = puts(&frames);
    readings.insert(sample(100 * 86_400_000 + 7, Rate::MIN));
    let changed = full(&mut client, &readings, Step::Month).traffic;
    assert_eq!(puts(&frames), sent + 1);
    assert!(changed.ciphertexts <= 9 && changed.known + 3 == again.known, "{changed:?} {again:?}");
}

/// Everything that the server sees of a person, in order: lengths, numbers and ranges, and the bytes themselves but
/// for seeds, bodies and tags.
fn seen_by_the_server(readings: &Readings, requests: &[ReportRequest]) -> Vec<Vec<u8>> {
    let (mut client, frames) = honest(key(ParameterSet::Standard));
    for request in requests {
        client.report(readings, request, &mut Observer::default()).unwrap();
    }
    let frames = frames.lock().unwrap();
    let public = |frame: &Vec<u8>| match Request::parse(frame) {
        Ok(Request::Put(..)) => Some([&frame[..10], &frame.len().to_le_bytes()].concat()),
        Ok(_) => Some(frame.clone()),
        // What the server says, it knows.
        Err(_) => None,
    };
    frames.iter().filter_map(public).collect()
}

#[test]
fn two_people_with_the_same_weeks_look_the_same_to_the_server() {
    let hour = 3_600_000;
    let year = 365 * 24;
    // One reading a day in the evening, and a device's own resting rate every other week.
    let evening = |day: i64| sample(day * 24 * hour + 20 * hour, Rate::MIN);
    let resting = |day: i64| Reading { kind: Kind::Resting, ..sample(day * 24 * hour, Rate::MIN) };
    let sparse = (0..365).map(evening).chain((0..26).map(|two_weeks| resting(two_weeks * 14)).chain([resting(364)]));
    let sparse: Vec<Reading> =
        sparse.filter(|r| r.instant_ms < 150 * 24 * hour || r.instant_ms > 190 * 24 * hour).collect();
    // Nights and days, workouts by the second, a month of averages, no resting rates but the first and the last.
    let mut dense: Vec<Reading> = (0..year * 6 - 6).map(|i| sample(i * hour / 6, Rate::MAX)).collect();
    dense.extend((0..50_000).map(|i| sample(40 * 24 * hour + i * 997, Rate::MIN)));
    dense.extend([resting(0), resting(364)]);
    let (sparse, dense) = (Readings::from_list(sparse), Readings::from_list(dense));
    assert_eq!(sparse.span(), dense.span());
    let day = |text: &str| Some(text.parse().unwrap());
    let steps = [Step::Hour, Step::Day, WEEK, Step::Week(WeekStart::Sunday), Step::Month, Step::All];
    let mut requests: Vec<ReportRequest> = Vec::new();
    for step in steps {
        for detail in [Detail::Averages, Detail::Statistics] {
            let all = ReportRequest::all(step, detail);
            let part = ReportRequest { from: day("1970-05-14"), to: day("1970-07-02"), ..all };
            requests.extend([all, part, ReportRequest { hours: (8, 20), ..part }]);
        }
    }
    // The views of the window, and as many days before them.
    for days in [7i64, 30, 90, 365] {
        let last = sparse.span().unwrap().1;
        let ends = [last, last - jiff::Span::new().days(days)];
        requests.extend(ends.map(|to| {
            let from = to - jiff::Span::new().days(days - 1);
            let step = Step::for_days(days, WeekStart::Monday);
            ReportRequest { from: Some(from), to: Some(to), ..ReportRequest::all(step, Detail::Statistics) }
        }));
    }
    let (a, b) = (seen_by_the_server(&sparse, &requests), seen_by_the_server(&dense, &requests));
    assert!(a.len() > 150, "{}", a.len());
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a, b);
    }
}
