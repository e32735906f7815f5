//! Good bytes that were changed a little: everything that comes from outside ends in what was written or in a refusal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use veilbeat::import::read_bytes;
use veilbeat::protocol::files::{Answer, Bundle, QuestionFile};
use veilbeat::protocol::{Greeting, Sandbox, SheetDigest, StoreDigest, StoreId, SumQuestion, SumRequest, Version};
use veilbeat::protocol::{Progress, Refusal, Refused, Reply, Request, RequestId, SheetId, SheetRange, explain};
use veilbeat::scheme::{Column, LimbSums};
use veilbeat::server::{Adder, Store, compute};

use super::bundle::{World, go_on, restored};
use super::hostile::{options, seeds, sentence};
use super::mutation::{Random, fuzz, mutate};

/// A good frame of each kind that a client sends.
fn requests(world: &World) -> Vec<Vec<u8>> {
    let bundle = world.bundle();
    let header = bundle.sheet(SheetId(0)).unwrap();
    let sheet = {
        let bytes = fs::read(world.path("b.veil")).unwrap();
        let head = header.to_bytes();
        let at = bytes.windows(head.len()).position(|window| window == head).unwrap();
        // The last place of the header's bytes that a whole sheet can follow.
        (at..bytes.len())
            .filter(|&at| bytes[at..].starts_with(&head))
            .filter_map(|at| bytes.get(at..at + header.sheet_bytes()))
            .find_map(|sheet| {
                let frame = [Request::put(SheetId(0)), sheet.to_vec()].concat();
                Request::parse(&frame).is_ok().then_some(frame)
            })
    };
    let ranges = vec![SheetRange { first: SheetId(0), count: 1 }];
    let sums = vec![SumQuestion { column: Column::RATE, ranges }];
    let mut frames = vec![
        SumRequest { id: RequestId(3), sums }.to_frame(),
        Request::drop_sheet(SheetId(0)),
        Request::cancel(RequestId(3)),
        Request::hello(),
        Request::list(SheetId(4)),
        Request::forget(),
    ];
    frames.extend(sheet);
    frames
}

#[test]
fn fuzz_frames_to_the_server() {
    let world = World::small();
    let good = requests(&world);
    assert_eq!(good.len(), 7, "a sheet is found in the bundle");
    let (mut store, mut adder) = (Store::default(), Adder::default());
    fuzz("frames to the server", 1_500, |rng| {
        let frame = mutate(&good[rng.below(good.len())], rng);
        let _ = explain(&frame);
        match Request::parse(&frame) {
            Ok(Request::Put(id, sheet)) => drop(store.put(id, sheet)),
            Ok(Request::Drop(id)) => store.remove(id),
            Ok(Request::Sum(request)) => {
                assert_eq!(request.to_frame(), frame, "one request has one frame");
                for sum in request.sums.iter().take(4) {
                    let _ = store.sum(sum, &mut adder);
                }
            }
            Ok(Request::Forget) => store = Store::default(),
            Ok(Request::Cancel(_) | Request::Hello(_) | Request::List(_)) | Err(_) => {}
        }
        if rng.below(200) == 0 {
            store = Store::default();
        }
    });
}

#[test]
fn fuzz_frames_to_the_client() {
    let answer = [Reply::answer(RequestId(1), 2, 40), vec![7; 40]].concat();
    let progress = Progress { request: RequestId(1), done: 2, total: 3, nanos: 4 }.to_frame();
    let refused = Refused { sheet: Some(SheetId(5)), ..Refused::new(Refusal::ColumnThere) }.to_frame();
    let greeting = Greeting {
        protocol: 1,
        version: Version([0, 1, 2]),
        store: StoreId([3; 16]),
        kept: true,
        sheets: 4,
        bytes: 5,
        digest: StoreDigest([6; 32]),
        sandbox: Sandbox::default(),
    };
    let page = [(SheetId(1), SheetDigest([1; 32])), (SheetId(7), SheetDigest([2; 32]))];
    let good = [answer, progress, refused, greeting.to_frame(), Reply::listed(&page)];
    fuzz("frames to the client", 20_000, |rng| {
        let frame = mutate(&good[rng.below(good.len())], rng);
        let _ = explain(&frame);
        match Reply::parse(&frame) {
            Ok(Reply::Answer { request, index, sums }) => {
                assert_eq!([Reply::answer(request, index, sums.len()), sums.to_vec()].concat(), frame);
                let parameters = veilbeat::scheme::ParameterSet::Standard;
                let _ = LimbSums::parse(parameters, Column::RATE, sums);
            }
            Ok(Reply::Progress(progress)) => assert_eq!(progress.to_frame(), frame),
            Ok(Reply::Refused(refused)) => assert_eq!(refused.to_frame(), frame),
            Ok(Reply::Greeting(greeting)) => assert_eq!(greeting.to_frame(), frame),
            Ok(Reply::Listed(page)) => assert_eq!(Reply::listed(&page), frame),
            Err(_) => {}
        }
    });
}

/// Changes a file, and half of the time makes its checksum right again, which tells damage and no malice.
fn changed_file(good: &[u8], rng: &mut Random, path: &Path) -> bool {
    let mut bytes = mutate(good, rng);
    if rng.below(2) == 0
        && let Some(body) = bytes.len().checked_sub(32)
    {
        let sum = blake3::hash(&bytes[..body]);
        bytes[body..].copy_from_slice(sum.as_bytes());
    }
    fs::write(path, &bytes).unwrap();
    bytes != good
}

#[test]
fn fuzz_bundles() {
    let world = World::small();
    let good = fs::read(world.path("b.veil")).unwrap();
    let path = world.path("changed.veil");
    let whole = restored(&world.path("b.veil")).unwrap();
    let question = world.question();
    fuzz("bundles", 300, |rng| {
        let is_changed = changed_file(&good, rng, &path);
        match restored(&path) {
            // Only the words for people at its start may differ.
            Ok(readings) => assert_eq!(readings, whole),
            Err(error) => assert!(is_changed, "{error}"),
        }
        if let Ok(bundle) = Bundle::open(&path, &mut go_on) {
            let _ = compute(&bundle, &question, [0; 32], Vec::new(), &mut |_, _| std::ops::ControlFlow::Continue(()));
        }
    });
}

#[test]
fn fuzz_answers() {
    let world = World::small();
    let good = fs::read(world.path("a.veil")).unwrap();
    let path = world.path("changed.veil");
    let right = world.expected();
    fuzz("answers", 300, |rng| {
        let is_changed = changed_file(&good, rng, &path);
        match world.open(&path) {
            // No wrong number is ever shown.
            Ok(report) => assert!(report == right),
            Err(error) => assert!(is_changed, "{error}"),
        }
        let _ = Answer::open(&path).map(|answer| answer.header());
    });
}

#[test]
fn fuzz_questions() {
    let world = World::small();
    let good = world.question().to_text();
    let bundle = world.bundle();
    fuzz("questions", 3_000, |rng| {
        let text = mutate(good.as_bytes(), rng);
        if let Ok(question) = QuestionFile::parse(&text) {
            let again = QuestionFile::parse(question.to_text().as_bytes());
            assert!(again.is_ok_and(|again| again == question));
            let _ = compute(&bundle, &question, [0; 32], Vec::new(), &mut |_, _| std::ops::ControlFlow::Continue(()));
        }
    });
}

#[test]
fn fuzz_imports_of_every_format() {
    let mut good = seeds();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        let bytes = fs::read(entry.path()).unwrap();
        if bytes.len() < 64 << 10 {
            good.push((entry.file_name().to_string_lossy().into_owned(), bytes));
        }
    }
    assert!(good.len() > 50);
    fuzz("imports of every format", 15_000, |rng| {
        let (name, bytes) = &good[rng.below(good.len())];
        match read_bytes(&mutate(bytes, rng), name, &options()) {
            Ok(imported) => assert!(!imported.readings.is_empty(), "{name}"),
            Err(unusable) => drop(sentence(&unusable)),
        }
    });
}
