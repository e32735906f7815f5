//! The scheme as a whole: exact, tfhe's own, and closed to tampering.

use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::Seed;
use tfhe::core_crypto::prelude::*;

use super::encrypt::Encryptor;
use super::noise::NoiseGenerator;
use super::*;
use crate::protocol::{ChunkHeader, ChunkId, ChunkRange, ChunkView, Request, SumQuestion, connect};
use crate::reading::{HourKey, Kind, LocalHour, Rate, Reading, Readings, Source, Step, windows};
use crate::scheme::{
    Capacity, Column, ColumnSet, DELTA_LOG2, Folder, LimbSums, MAX_SLOTS, MaskSeed, N, NOISE_BOUND_LOG2, P, Profile,
    SLOT_BYTES, Tag, decode, expand_mask, fold_body, read_slot,
};
use crate::server::{Adder, Store};

const ALL_COLUMNS: ColumnSet = match ColumnSet::from_u8(0b1111) {
    Some(set) => set,
    None => unreachable!(),
};

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes(&std::array::from_fn(|i| byte.wrapping_add(i as u8)))
}

fn key(profile: Profile) -> SchemeKey {
    SchemeKey::derive(&master(1), profile)
}

fn rates(count: usize, seed: u64) -> Vec<Rate> {
    let mut stream = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    let mut next = || {
        let mut bytes = [0; 4];
        stream.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    };
    let span = u32::from(Rate::MAX.centi_bpm() - Rate::MIN.centi_bpm()) + 1;
    (0..count).map(|_| Rate::from_centi_bpm(2000 + next() % span).unwrap()).collect()
}

/// Encrypted chunks, as a server holds them and as the client remembers them.
struct Chunks {
    store: Store,
    headers: Vec<ChunkHeader>,
    rates: Vec<Vec<Rate>>,
    frames: Vec<Vec<u8>>,
}

impl Chunks {
    fn encrypt(key: &SchemeKey, rates: Vec<Vec<Rate>>, columns: ColumnSet) -> Self {
        Self::encrypt_with(&mut Encryptor::from_os().unwrap(), key, rates, columns)
    }

    fn encrypt_with(encryptor: &mut Encryptor, key: &SchemeKey, rates: Vec<Vec<Rate>>, columns: ColumnSet) -> Self {
        let mut chunks = Self { store: Store::default(), headers: Vec::new(), rates, frames: Vec::new() };
        for (id, rates) in (0..).zip(&chunks.rates) {
            let mut frame = Request::put(ChunkId(id));
            chunks.headers.push(encryptor.encrypt(key, rates, columns, &mut frame).unwrap());
            chunks.frames.push(frame.clone());
            assert!(matches!(Request::parse(&frame), Ok(Request::Put(back, _)) if back == ChunkId(id)));
            chunks.store.put(ChunkId(id), frame);
        }
        chunks
    }

    fn chunk(&self, index: usize) -> ChunkView<'_> {
        ChunkView::parse(&self.frames[index][Request::PUT_HEADER_BYTES..]).unwrap()
    }

    fn headers(&self, indices: &[usize]) -> Vec<ChunkHeader> {
        indices.iter().map(|&i| self.headers[i]).collect()
    }

    /// The server's answer for some chunks, in ascending order.
    fn answer(&self, column: Column, indices: &[usize]) -> Vec<u8> {
        let ranges = ChunkRange::cover(indices.iter().map(|&i| ChunkId(i as u32)));
        let sums = self.store.sum(&SumQuestion { column, ranges }, &mut Adder::default()).unwrap();
        let mut bytes = Vec::new();
        sums.write_to(&mut bytes);
        bytes
    }

    /// What a column of some chunks sums to, in the clear.
    fn plain(&self, column: Column, indices: &[usize]) -> Vec<u64> {
        let all = indices.iter().flat_map(|&i| &self.rates[i]).map(|rate| u64::from(rate.centi_bpm()));
        match column {
            Column::Rate => vec![all.sum()],
            Column::SquareLow => vec![all.map(|r| r * r % (1 << 15)).sum()],
            Column::SquareHigh => vec![all.map(|r| r * r / (1 << 15)).sum()],
            Column::Histogram => all.fold(vec![0; 256], |mut bins, r| {
                bins[(r / 100 - 20) as usize] += 1;
                bins
            }),
        }
    }
}

fn lwe_ciphertext(words: Vec<u64>) -> LweCiphertextOwned<u64> {
    LweCiphertext::from_container(words, CiphertextModulus::new_native())
}

fn folded_words(header: &ChunkHeader, column: Column, body: &[u8]) -> Vec<u64> {
    let mut words = vec![0; header.profile.lwe_dimension()];
    let mut mask = Box::new([0; N]);
    for (index, folded) in words.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        expand_mask(&header.seed, column, index, &mut mask);
        Folder::default().fold_mask(&mask, header.len, folded);
    }
    words.push(fold_body(body));
    words
}

#[test]
fn tfhe_opens_our_packed_ciphertexts() {
    for profile in Profile::ALL {
        let key = key(profile);
        let chunks = Chunks::encrypt(&key, vec![rates(700, 1)], ALL_COLUMNS);
        let header = chunks.headers[0];
        for column in Column::ALL {
            let (body, _) = chunks.chunk(0).column(column).unwrap();
            let mut words = vec![0; (profile.k() + 1) * N];
            let (polynomials, _) = words.as_chunks_mut::<N>();
            for (index, mask) in polynomials[..profile.k()].iter_mut().enumerate() {
                expand_mask(&header.seed, column, index, mask);
            }
            for (word, slot) in polynomials[profile.k()].iter_mut().zip(body.as_chunks::<SLOT_BYTES>().0) {
                *word = read_slot(slot);
            }
            let secret = GlweSecretKey::from_container(key.bits(), PolynomialSize(N));
            let ciphertext = GlweCiphertext::from_container(words, PolynomialSize(N), CiphertextModulus::new_native());
            let mut phases = PlaintextList::new(0u64, PlaintextCount(N));
            decrypt_glwe_ciphertext(&secret, &ciphertext, &mut phases);
            let slots: Vec<u64> =
                phases.as_ref()[..column.slots(header.len)].iter().map(|&phase| decode(phase)).collect();
            let mut expected = vec![0; column.slots(header.len)];
            for (i, rate) in chunks.rates[0].iter().enumerate() {
                let r = u64::from(rate.centi_bpm());
                match column {
                    Column::Rate => expected[i] = r,
                    Column::SquareLow => expected[i] = (r * r) & 0x7fff,
                    Column::SquareHigh => expected[i] = (r * r) >> 15,
                    Column::Histogram => expected[(r / 100 - 20) as usize] += 1,
                }
            }
            assert_eq!(slots, expected, "{profile:?} {column:?}");
        }
    }
}

#[test]
fn tfhe_opens_our_folded_sums() {
    for profile in Profile::ALL {
        let key = key(profile);
        let chunks = Chunks::encrypt(&key, (0..9).map(|i| rates(1 + i * 77, i as u64)).collect(), ALL_COLUMNS);
        let all: Vec<usize> = (0..9).collect();
        for column in ColumnSet::MOMENTS.iter() {
            let sums = LimbSums::parse(profile, column, &chunks.answer(column, &all)).unwrap();
            let secret = LweSecretKey::from_container(key.bits());
            let phase = decrypt_lwe_ciphertext(&secret, &lwe_ciphertext(sums.words())).0;
            assert_eq!(decode(phase), chunks.plain(column, &all)[0], "{profile:?} {column:?}");
        }
    }
}

#[test]
fn we_open_what_tfhe_encrypts() {
    for profile in Profile::ALL {
        let key = key(profile);
        let noise = TUniform::new(NOISE_BOUND_LOG2);
        let mut generator = EncryptionRandomGenerator::<DefaultRandomGenerator>::new(
            Seed(1),
            &mut DeterministicSeeder::<DefaultRandomGenerator>::new(Seed(2)),
        );

        let message = 1_234_567u64;
        let mut lwe = lwe_ciphertext(vec![0; profile.lwe_dimension() + 1]);
        let secret = LweSecretKey::from_container(key.bits());
        encrypt_lwe_ciphertext(&secret, &mut lwe, Plaintext(message << DELTA_LOG2), noise, &mut generator);
        assert_eq!(decode(key.lwe_phase(lwe.as_ref())), message);

        let secret = GlweSecretKey::from_container(key.bits(), PolynomialSize(N));
        let messages: Vec<u64> = (0..N as u64).map(|i| i * 13 + 5).collect();
        let plaintext = PlaintextList::from_container(messages.iter().map(|m| m << DELTA_LOG2).collect::<Vec<_>>());
        let mut glwe = GlweCiphertext::new(
            0u64,
            GlweDimension(profile.k()).to_glwe_size(),
            PolynomialSize(N),
            CiphertextModulus::new_native(),
        );
        encrypt_glwe_ciphertext(&secret, &mut glwe, &plaintext, noise, &mut generator);
        let words = glwe.as_ref();
        let (mask, body) = words.split_at(profile.lwe_dimension());
        assert_eq!(key.decrypt_slots(mask, body), messages);

        // Our fold of tfhe's ciphertext is the sum of its slots.
        let len = 1500;
        let mut folded = vec![0; profile.lwe_dimension()];
        for (from, to) in mask.as_chunks::<N>().0.iter().zip(folded.as_chunks_mut::<N>().0) {
            Folder::default().fold_mask(from, len, to);
        }
        folded.push(body[..len].iter().fold(0, |sum, word| sum.wrapping_add(*word)));
        assert_eq!(decode(key.lwe_phase(&folded)), messages[..len].iter().sum::<u64>());
    }
}

#[test]
fn an_encrypted_chunk_never_changes() {
    let digests = Profile::ALL.map(|profile| {
        let mut encryptor = Encryptor::new(NoiseGenerator::from_seed([9; 32]));
        let mut bytes = Vec::new();
        let seed = MaskSeed(std::array::from_fn(|i| 0xa0 + i as u8));
        encryptor.encrypt_under(&key(profile), &rates(7, 7), ALL_COLUMNS, seed, &mut bytes);
        assert_eq!(bytes.len(), 20 + 3 * (16 * 6 + 16) + 256 * 6 + 16);
        blake3::hash(&bytes).to_hex().to_string()
    });
    assert_eq!(
        digests,
        [
            "7baaaf3235a735a9f76e7e57393f7091eea904a808a1e427d5386b225d04ec4f",
            "fefd633266673de2f7f5015c257af743083878f5dbd6750f144af81f6b5e48bf",
        ]
    );
    assert_eq!(master(1).id().to_string(), "ed6d696936a36fe34cbfdda9aec6c1b2");
    assert_eq!(format!("{:.8}", master(1).id()), "ed6d6969");
}

#[test]
fn ten_thousand_random_sums_equal_plain_integers() {
    for (profile, sets, answers) in [(Profile::Standard, 8, 1_280), (Profile::LongTerm, 2, 250)] {
        let key = key(profile);
        let mut runner =
            TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::default()));
        for set in 0..sets {
            let count = (1..=N).prop_map(|n| if n % 3 == 0 { n } else { 1 + n % 97 });
            let lengths = proptest::collection::vec(count, 24).new_tree(&mut runner).unwrap().current();
            let chunks = Chunks::encrypt(
                &key,
                lengths.iter().map(|&n| rates(n, (set * 10_000 + n) as u64)).collect(),
                ALL_COLUMNS,
            );
            for answer in 0..answers {
                let column = Column::ALL[answer % 4];
                let picks = proptest::collection::vec(any::<bool>(), 24).new_tree(&mut runner).unwrap().current();
                let mut capacity = Capacity::of(column);
                let indices: Vec<usize> = (0..24)
                    .filter(|&i| (picks[i] || answer == i) && capacity.admit(chunks.headers[i].len).is_ok())
                    .collect();
                if indices.is_empty() {
                    continue;
                }
                let verified =
                    verify(&key, column, &chunks.headers(&indices), &chunks.answer(column, &indices)).unwrap();
                assert_eq!(verified.decrypt(), chunks.plain(column, &indices), "{profile:?} {column:?} {indices:?}");
            }
        }
    }
}

#[test]
fn a_full_sum_with_the_worst_noise_is_exact() {
    for profile in Profile::ALL {
        let key = key(profile);
        for noise in [1i64 << NOISE_BOUND_LOG2, -(1i64 << NOISE_BOUND_LOG2)] {
            // The largest messages in every slot, and the noise at the same end in all of them.
            let mut encryptor = Encryptor::new(NoiseGenerator::constant(noise));
            let chunks = Chunks::encrypt_with(&mut encryptor, &key, vec![vec![Rate::MAX; N]; 17], ColumnSet::MOMENTS);
            let full: Vec<usize> = (0..16).collect();
            assert_eq!(16 * N as u64, MAX_SLOTS);
            for column in ColumnSet::MOMENTS.iter() {
                let answer = chunks.answer(column, &full);
                let verified = verify(&key, column, &chunks.headers(&full), &answer).unwrap();
                assert_eq!(verified.decrypt(), chunks.plain(column, &full));

                // One chunk more: the server refuses to add, the client to accept.
                let ranges = vec![ChunkRange { first: ChunkId(0), count: 17 }];
                let refused = chunks.store.sum(&SumQuestion { column, ranges }, &mut Adder::default());
                assert_eq!(refused.err().unwrap().refusal, crate::protocol::Refusal::OverCapacity);
                let mut past = LimbSums::parse(profile, column, &answer).unwrap();
                let last = LimbSums::parse(profile, column, &chunks.answer(column, &[16])).unwrap();
                past.add_words(0, &last.words());
                past.add_tag(last.tag());
                let mut bytes = Vec::new();
                past.write_to(&mut bytes);
                assert!(verify(&key, column, &chunks.headers, &bytes).is_err());
            }
        }
    }
}

#[test]
fn the_server_refuses_sums_that_it_must_not_answer() {
    use crate::protocol::Refusal::{Empty, MissingChunk, MissingColumn, MixedProfiles, Overlap};
    let mut chunks = Chunks::encrypt(&key(Profile::Standard), vec![rates(5, 1); 4], ColumnSet::MOMENTS);
    let other = Chunks::encrypt(&key(Profile::LongTerm), vec![rates(5, 1)], ColumnSet::MOMENTS);
    chunks.store.put(ChunkId(9), other.frames[0].clone());
    let range = |first, count| ChunkRange { first: ChunkId(first), count };
    for (column, ranges, refusal) in [
        (Column::Rate, vec![], Empty),
        (Column::Rate, vec![range(0, 0)], Empty),
        (Column::Rate, vec![range(0, 2), range(1, 2)], Overlap),
        (Column::Rate, vec![range(2, 1), range(0, 1)], Overlap),
        (Column::Rate, vec![range(0, 1), range(0, 1)], Overlap),
        (Column::Rate, vec![range(2, 3)], MissingChunk),
        (Column::Rate, vec![range(0, u32::MAX)], MissingChunk),
        (Column::Histogram, vec![range(0, 1)], MissingColumn),
        (Column::Rate, vec![range(0, 1), range(9, 1)], MixedProfiles),
    ] {
        let question = SumQuestion { column, ranges };
        let refused = chunks.store.sum(&question, &mut Adder::default()).err().unwrap();
        assert_eq!(refused.refusal, refusal, "{question:?}");
    }
}

/// Adds `change` to the limb sums of word `word` of an answer, if the result still fits its fields.
fn shifted(answer: &[u8], word: usize, low: i64, high: i64) -> Option<Vec<u8>> {
    let mut bytes = answer.to_vec();
    for (at, change) in [(word * 12, low), (word * 12 + 6, high)] {
        let mut limb = [0; 8];
        limb[..6].copy_from_slice(&bytes[at..at + 6]);
        let limb = u64::from_le_bytes(limb).checked_add_signed(change).filter(|limb| limb >> 48 == 0)?;
        bytes[at..at + 6].copy_from_slice(&limb.to_le_bytes()[..6]);
    }
    Some(bytes)
}

#[test]
fn every_modelled_tampering_is_rejected() {
    let profile = Profile::Standard;
    let key = key(profile);
    let stranger = SchemeKey::derive(&master(2), profile);
    let chunks = Chunks::encrypt(&key, (0..6).map(|i| rates(30 + i, i as u64)).collect(), ALL_COLUMNS);
    let again = Chunks::encrypt(&key, chunks.rates.clone(), ALL_COLUMNS);
    let foreign = Chunks::encrypt(&stranger, chunks.rates.clone(), ALL_COLUMNS);
    let asked = [0, 1, 3];
    for column in Column::ALL {
        let headers = chunks.headers(&asked);
        let answer = chunks.answer(column, &asked);
        let passes = |bytes: &[u8]| verify(&key, column, &headers, bytes).is_ok();
        assert!(passes(&answer));

        assert!(!passes(&chunks.answer(column, &[0, 1])), "a chunk dropped");
        assert!(!passes(&chunks.answer(column, &[0, 1, 2])), "a chunk swapped");
        assert!(!passes(&chunks.answer(column, &[0, 1, 3, 4])), "a chunk added");
        assert!(!passes(&again.answer(column, &asked)), "older or newer seeds");
        assert!(!passes(&foreign.answer(column, &asked)), "another owner's chunks");
        assert!(verify(&stranger, column, &headers, &answer).is_err(), "another owner's key");
        for other in Column::ALL.into_iter().filter(|&other| other != column) {
            assert!(!passes(&chunks.answer(other, &asked)), "{other:?} for {column:?}");
            assert!(verify(&key, other, &headers, &answer).is_err(), "{column:?} for {other:?}");
        }

        // A chunk counted twice, and one in the place of another.
        let mut sums = LimbSums::parse(profile, column, &answer).unwrap();
        let single = LimbSums::parse(profile, column, &chunks.answer(column, &[1])).unwrap();
        sums.add_words(0, &single.words());
        sums.add_tag(single.tag());
        let mut twice = Vec::new();
        sums.write_to(&mut twice);
        assert!(!passes(&twice), "a chunk repeated");

        // Labels that differ in one field only.
        let changed = |change: &dyn Fn(&mut ChunkHeader)| {
            let mut headers = headers.clone();
            change(&mut headers[0]);
            verify(&key, column, &headers, &answer).is_err()
        };
        assert!(changed(&|header| header.len = 64), "another length");
        assert!(changed(&|header| header.seed.0[15] ^= 1), "another seed");
        assert!(changed(&|header| header.profile = Profile::LongTerm), "another profile");
        assert!(verify(&key, column, &headers[..2], &answer).is_err(), "another question");
        assert!(verify(&key, column, &[], &answer).is_err(), "an empty question");
        assert!(verify(&SchemeKey::derive(&master(1), Profile::LongTerm), column, &headers, &answer).is_err());

        // Every word: one more or less in a limb, a carry between the limbs (the same word sum
        // modulo 2^64), and multiples of p (the same word sum modulo p).
        for word in 0..column.sum_words(profile) {
            for (low, high) in [
                (1, 0),
                (0, 1),
                (-1, 0),
                (0, -1),
                (1 << 32, -1),
                (-(1 << 32), 1),
                (-1, 1 << 29),
                (1, -(1 << 29)),
                (-2, 1 << 30),
                (-8, 1 << 32),
                (0, 1 << 32),
                (1 << 40, 1 << 40),
            ] {
                if let Some(bytes) = shifted(&answer, word, low, high) {
                    assert!(!passes(&bytes), "word {word} shifted by {low}, {high}");
                }
            }
        }
        for (a, b) in [(0, 1), (5, column.sum_words(profile) - 1)] {
            let mut bytes = answer.clone();
            let (front, back) = bytes.split_at_mut(b * 12);
            front[a * 12..a * 12 + 12].swap_with_slice(&mut back[..12]);
            assert!(!passes(&bytes), "words {a} and {b} exchanged");
        }

        // Tags: lanes exchanged, another sum's tag, a lane plus p.
        let tag_at = answer.len() - 16;
        let with_tag = |tag: [u8; 16]| [&answer[..tag_at], &tag].concat();
        let tag: [u8; 16] = answer[tag_at..].try_into().unwrap();
        let mut exchanged = tag;
        exchanged.rotate_left(8);
        assert!(!passes(&with_tag(exchanged)), "lanes exchanged");
        assert!(!passes(&with_tag([0; 16])), "no tag");
        assert!(!passes(&with_tag(chunks.answer(column, &[1, 2, 4])[tag_at..].try_into().unwrap())), "another tag");
        let unreduced = (u64::from_le_bytes(tag[..8].try_into().unwrap()) + P).to_le_bytes();
        let mut plus_p = tag;
        plus_p[..8].copy_from_slice(&unreduced);
        assert!(!passes(&with_tag(plus_p)), "a lane plus p");
        for bit in 0..128 {
            let mut flipped = tag;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!passes(&with_tag(flipped)), "tag bit {bit}");
        }
        for len in [0, 1, 12, tag_at, answer.len() - 1] {
            assert!(!passes(&answer[..len]), "cut to {len}");
        }
        assert!(!passes(&[&answer[..], &[0]].concat()));
    }
}

#[test]
fn a_tag_covers_what_the_server_adds() {
    let key = key(Profile::Standard);
    let chunks = Chunks::encrypt(&key, vec![rates(40, 3)], ALL_COLUMNS);
    let (body, tag) = chunks.chunk(0).column(Column::Rate).unwrap();
    let words = folded_words(&chunks.headers[0], Column::Rate, body);
    let label = super::encrypt::ChunkLabel::new(&chunks.headers[0], Column::Rate);
    let weighed: Tag = key.weigh(words.iter().map(|&w| [w & 0xffff_ffff, w >> 32])) + key.label_tag(&label);
    assert!(weighed.matches(tag));
}

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

#[test]
fn averages_through_a_server_equal_plain_integers() {
    let (mut client, frames) = honest(key(Profile::Standard));
    let mut readings = some_readings();
    let mut expected_puts = readings.hours().map(|(_, hour)| hour.slots().len().div_ceil(N)).sum::<usize>();
    for step in [Step::Hour, Step::Day, Step::All, Step::Day] {
        let averages = averages(&mut client, &readings, step, &mut Watch::default()).unwrap().unwrap();
        let groups = windows(&readings, Kind::Sample, step);
        assert_eq!(averages.windows.len(), groups.len());
        for (window, group) in averages.windows.iter().zip(groups) {
            let mut moments = Moments::default();
            let slots = group.hours.iter().flat_map(|&key: &HourKey| readings.hour(key).unwrap().slots());
            slots.for_each(|slot| moments.take(slot.rate.centi_bpm().into()));
            assert_eq!((window.start, window.moments), (group.start, moments));
        }
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
fn windows_past_the_capacity_are_split_and_exact() {
    let (mut client, _) = honest(key(Profile::Standard));
    // 40 hours of 1,030 readings: 1,536 padded slots each, 21 to a sum.
    let all = rates(40 * 1_030, 5);
    let at = |i: i64| (i / 1_030) * 3_600_000 + (i % 1_030) * 3_000;
    let readings = Readings::from_list((0..).zip(all.iter().copied()).map(|(i, rate)| sample(at(i), rate)));
    assert_eq!(readings.len(), all.len());
    let averages = averages(&mut client, &readings, Step::All, &mut Watch::default()).unwrap().unwrap();
    let mut moments = Moments::default();
    for rate in &all {
        moments.take(rate.centi_bpm().into());
    }
    assert_eq!(averages.windows[0].moments, moments);
    // Two sums a column.
    assert!(averages.traffic.answer_bytes > 6 * 24_604 && averages.traffic.answer_bytes < 7 * 24_604);
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
        averages(&mut client, &some_readings(), Step::Hour, &mut Watch::default()).unwrap();
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
    let error = averages(&mut client, &readings, Step::Day, &mut Watch::default()).unwrap_err();
    let AskError::Unverified { start, column } = error else { panic!("{error}") };
    assert_eq!((start.as_str(), column), ("1970-01-03", Column::Rate));
    // Asked again, everything is uploaded anew and answered.
    let before = puts(&frames);
    assert!(averages(&mut client, &readings, Step::Day, &mut Watch::default()).unwrap().is_some());
    assert_eq!(puts(&frames), 2 * before);
}

/// What becomes of a question when the server's replies are changed.
fn asked_of(to_client: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) -> Result<Moments, AskError> {
    let (mut client, _) = relayed(key(Profile::Standard), to_client);
    // Long enough for a busy machine to answer.
    client.give_up_after(Duration::from_secs(3));
    averages(&mut client, &some_readings(), Step::Day, &mut Watch::default()).map(|answer| answer.unwrap().overall())
}

#[test]
fn a_server_that_does_not_play_by_the_rules_is_told_so_and_believed_nothing() {
    let mut plain = Moments::default();
    some_readings().iter().for_each(|reading| plain.take(reading.rate.centi_bpm().into()));
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
fn a_label_names_profile_column_length_and_seed() {
    let header = Chunks::encrypt(&key(Profile::Standard), vec![rates(5, 1)], ALL_COLUMNS).headers[0];
    let label = |header: ChunkHeader, column| super::encrypt::ChunkLabel::new(&header, column).to_bytes();
    let base = label(header, Column::Rate);
    assert_ne!(base, label(ChunkHeader { profile: Profile::LongTerm, ..header }, Column::Rate));
    assert_ne!(base, label(header, Column::SquareLow));
    assert_ne!(base, label(ChunkHeader { len: 32, ..header }, Column::Rate));
    assert_ne!(base, label(ChunkHeader { seed: MaskSeed([0; 16]), ..header }, Column::Rate));
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
        let stopped = averages(&mut client, &readings, Step::Hour, &mut watch);
        assert!(matches!(stopped, Err(AskError::Stopped)), "after {stop_at} reports");
    }
    let averages = averages(&mut client, &readings, Step::All, &mut Watch::default()).unwrap().unwrap();
    let mut plain = Moments::default();
    readings.iter().for_each(|reading| plain.take(reading.rate.centi_bpm().into()));
    assert_eq!(averages.windows[0].moments, plain);
}

#[test]
fn a_local_hour_of_a_summary_is_no_hour_of_samples() {
    let mut readings = Readings::from_list([sample(0, Rate::MIN)]);
    readings.insert(Reading { kind: Kind::Resting, ..sample(5, Rate::MAX) });
    assert_eq!(readings.hours().count(), 2);
    let (mut client, _) = honest(key(Profile::Standard));
    let averages = averages(&mut client, &readings, Step::All, &mut Watch::default()).unwrap().unwrap();
    assert_eq!((averages.kind, averages.windows[0].moments.sum), (Kind::Sample, 2_000));
    assert_eq!(LocalHour::of(0, 3600).to_string(), "1970-01-01T01:00:00+01:00");
}
