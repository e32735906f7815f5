//! Exact, and tfhe's own.

use super::*;

const COLUMNS: [Column; 3] = [Column::RATE, Column::SQUARES, Column::DAYS];

fn glwe(words: Vec<u64>) -> GlweCiphertextOwned<u64> {
    GlweCiphertext::from_container(words, PolynomialSize(N), CiphertextModulus::new_native())
}

/// The phases of a packed ciphertext, by tfhe.
fn tfhe_phases(key: &SchemeKey, words: Vec<u64>) -> Vec<u64> {
    let secret = GlweSecretKey::from_container(key.bits(), PolynomialSize(N));
    let mut phases = PlaintextList::new(0u64, PlaintextCount(N));
    decrypt_glwe_ciphertext(&secret, &glwe(words), &mut phases);
    phases.into_container()
}

#[test]
fn tfhe_opens_our_sheets() {
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        let sheets = Sheets::encrypt(&key, &COLUMNS, 1, 1);
        for column in COLUMNS {
            let view = sheets.sheet(0).column(column).unwrap();
            let mut words = vec![0; (parameters.k() + 1) * N];
            let (polynomials, _) = words.as_chunks_mut::<N>();
            for (index, mask) in polynomials[..parameters.k()].iter_mut().enumerate() {
                expand_mask(&view.seed, column, index, mask);
            }
            for (word, slot) in polynomials[parameters.k()].iter_mut().zip(view.body.as_chunks::<SLOT_BYTES>().0) {
                *word = read_slot(slot);
            }
            let phases = tfhe_phases(&key, words);
            let slots: Vec<u32> = phases[..column.slots()].iter().map(|&phase| decode(phase) as u32).collect();
            assert_eq!(slots, sheets.messages[0][sheets.index_of(column)], "{parameters:?} {}", column.name());
        }
    }
}

#[test]
fn tfhe_opens_our_folded_sums() {
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        let sheets = Sheets::encrypt(&key, &COLUMNS, 9, 2);
        let all: Vec<usize> = (0..9).collect();
        for column in COLUMNS {
            let sums = LimbSums::parse(parameters, column, &sheets.answer(column, &all)).unwrap();
            let words = sums.words();
            let (mask, body) = words.split_at(parameters.mask_words());
            let mut container = mask.to_vec();
            container.resize(mask.len() + N, 0);
            for (word, value) in body.iter().enumerate() {
                container[mask.len() + column.position(word)] = *value;
            }
            let phases = tfhe_phases(&key, container);
            let found: Vec<u64> = (0..body.len()).map(|word| decode(phases[column.position(word)])).collect();
            assert_eq!(found, sheets.plain(column, &all), "{parameters:?} {}", column.name());
            let verified = verify(&key, column, &sheets.seeds(column, &all), &sheets.answer(column, &all)).unwrap();
            assert_eq!(verified.decrypt_twice().unwrap(), found);
        }
    }
}

#[test]
fn we_open_what_tfhe_encrypts() {
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        let mut generator = EncryptionRandomGenerator::<DefaultRandomGenerator>::new(
            Seed(1),
            &mut DeterministicSeeder::<DefaultRandomGenerator>::new(Seed(2)),
        );
        let secret = GlweSecretKey::from_container(key.bits(), PolynomialSize(N));
        for column in COLUMNS {
            let messages: Vec<u64> = (0..N as u64).map(|i| i * 13 + 5).collect();
            let plain: Vec<u64> = messages.iter().map(|message| message << DELTA_LOG2).collect();
            let size = GlweDimension(parameters.k()).to_glwe_size();
            let mut ciphertext = GlweCiphertext::new(0u64, size, PolynomialSize(N), CiphertextModulus::new_native());
            let plain = PlaintextList::from_container(plain);
            let noise = TUniform::new(NOISE_BOUND_LOG2);
            encrypt_glwe_ciphertext(&secret, &mut ciphertext, &plain, noise, &mut generator);
            // Our fold of tfhe's ciphertext has the sums of its hours. The slots beyond the column's are dropped, as
            // a sheet has none.
            let (mask, body) = ciphertext.as_ref().split_at(parameters.mask_words());
            let mut words = vec![0; parameters.mask_words()];
            for (from, to) in mask.as_chunks::<N>().0.iter().zip(words.as_chunks_mut::<N>().0) {
                Folder::default().fold_mask(from, column, to);
            }
            fold_words(&body[..column.slots()], column, &mut words);
            let found: Vec<u64> = key.phases(column, &words).iter().map(|&phase| decode(phase)).collect();
            assert_eq!(found, hours_of(column, &messages[..column.slots()]), "{parameters:?} {}", column.name());
        }
    }
}

/// Known answers: a column of each shape, its tag, and a sum, for each parameter set.
#[test]
fn an_encrypted_column_and_a_sum_never_change() {
    let digest = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..32].to_owned();
    let mut found = Vec::new();
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        for column in [Column::RATE, Column::SQUARES, Column::DAYS, hour(23)] {
            let fresh = std::array::from_fn(|i| 0xa0 + i as u8);
            let mut bytes = Vec::new();
            let seed =
                Encryptor::default().encrypt_with(&key, week(3), column, &messages(column, 7), &fresh, &mut bytes);
            assert_eq!((bytes.len(), &bytes[..16]), (column.bytes(), &seed.0[..]));
            found.push(digest(&bytes));
            let view = crate::protocol::ColumnView::parse(column, &bytes).unwrap();
            let words = folded_words(parameters, column, view);
            let mut sums = LimbSums::zero(words.len());
            sums.add_words(0, &words);
            sums.add_tag(view.tag);
            found.push(digest(&bytes_of(&sums)));
        }
    }
    assert_eq!(found, KNOWN);
    assert_eq!(master(1).id().to_string(), "ed6d696936a36fe34cbfdda9aec6c1b2");
    assert_eq!(format!("{:.8}", master(1).id()), "ed6d6969");
}

/// The first halves of BLAKE3 hashes: by parameter set, then for `rate`, `squares`, `days` and `hour-23` the column
/// and its sum.
const KNOWN: [&str; 16] = [
    "ca04dc0514977aa25804317610c27331",
    "9449532f679fd0bf27f8c6f8529ce745",
    "3bd27506708a04d3c129f527c30ded3b",
    "c3b968c30c666d240bcfbd156996b130",
    "10e0a03498c6a6049910f09c4214b8da",
    "29ff9a19f734de6da41df97e4a0c0edc",
    "50406429417e198c29c8a077291eb063",
    "f7b58b87b44cc7ad3ac23a03ae85bf14",
    "eabf8a875719deceef6e306c015bca7c",
    "34950994df6f65f32df06531c596c54a",
    "357a9f3afbb5cd2cb8fb92953466135e",
    "242da559d52fc7130b652b0cb6fcff4c",
    "640f20d9d60c84a379c96d1242ca12d5",
    "1954f287f94d87a7d2016670a0716401",
    "5bbc9ad44da03fdb237d1d9c7cc29d03",
    "f0bf2c7b5ba317cdeb0f016517dc480c",
];

#[test]
fn ten_thousand_random_sums_equal_plain_integers() {
    let columns = [Column::RATE, Column::SQUARES, Column::DAYS, hour(7)];
    for (parameters, answers) in [(ParameterSet::Standard, 400), (ParameterSet::LongTerm, 60)] {
        let key = key(parameters);
        let mut runner =
            TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::default()));
        let sheets = Sheets::encrypt(&key, &columns, 24, 5);
        // Every answer has 168 to 1,792 sums in it.
        let mut sums = 0;
        for answer in 0..answers {
            let column = columns[answer % 4];
            let picks = proptest::collection::vec(any::<bool>(), 24).new_tree(&mut runner).unwrap().current();
            let indices: Vec<usize> = (0..24).filter(|&i| picks[i] || answer % 24 == i).collect();
            let answer = sheets.answer(column, &indices);
            let found = verify(&key, column, &sheets.seeds(column, &indices), &answer).unwrap().decrypt();
            assert_eq!(found, sheets.plain(column, &indices), "{parameters:?} {} {indices:?}", column.name());
            sums += found.len();
        }
        assert!(sums > 10_000);
    }
}

#[test]
fn a_full_sum_with_the_worst_noise_is_exact_and_one_sheet_more_is_refused() {
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        for noise in [1i64 << NOISE_BOUND_LOG2, -(1i64 << NOISE_BOUND_LOG2)] {
            // The largest messages: each hour of each sheet at its bound of 26 steps of 15 bits.
            for column in [Column::RATE, Column::SQUARES, Column::DAYS] {
                let mut slots = vec![0; column.slots()];
                let step = column.fold().map_or(1, |fold| fold.stride);
                for (slot, message) in slots.iter_mut().enumerate() {
                    let first = slot % 84 < step || column == Column::DAYS;
                    *message = if first { 26 * 32_767 } else { 0 };
                }
                let mut encryptor = Encryptor::default();
                encryptor.noise.constant = Some(noise);
                let messages = vec![vec![slots]; MAX_SHEETS + 1];
                let sheets = Sheets::encrypt_with(&mut encryptor, &key, &[column], messages);
                let full: Vec<usize> = (0..MAX_SHEETS).collect();
                let answer = sheets.answer(column, &full);
                let seeds = sheets.seeds(column, &full);
                let verified = verify(&key, column, &seeds, &answer).unwrap();
                assert_eq!(verified.decrypt(), sheets.plain(column, &full), "{parameters:?} {}", column.name());

                // One more sheet: the server refuses to add it, and the client to accept it.
                let ranges = vec![SheetRange { first: SheetId(0), count: MAX_SHEETS as u32 + 1 }];
                let refused = sheets.store.sum(&SumQuestion { column, ranges }, &mut Adder::default());
                assert_eq!(refused.err().unwrap().refusal, crate::protocol::Refusal::OverCapacity);
                let mut past = LimbSums::parse(parameters, column, &answer).unwrap();
                let last = LimbSums::parse(parameters, column, &sheets.answer(column, &[MAX_SHEETS])).unwrap();
                past.add_words(0, &last.words());
                past.add_tag(last.tag());
                let all: Vec<usize> = (0..=MAX_SHEETS).collect();
                assert!(verify(&key, column, &sheets.seeds(column, &all), &bytes_of(&past)).is_err());
            }
        }
    }
}

/// The bound itself, which rounding reaches for no real mask in every slot at once: a sum is made whose every hour is
/// off by 12·1092·(2^17 + 2^15), and tagged with the key.
#[test]
fn an_hour_that_is_off_by_the_bound_of_the_noise_is_exact() {
    let bound = 12 * MAX_SHEETS as u64 * ((1 << 17) + (1 << 15));
    assert!(bound < 1 << (DELTA_LOG2 - 1) && bound + 12 * ((1 << 17) + (1 << 15)) > 1 << (DELTA_LOG2 - 1));
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        for column in [Column::RATE, Column::SQUARES] {
            for off in [bound, bound.wrapping_neg()] {
                let mut words: Vec<u64> = vec![0; parameters.mask_words()];
                let mut next = numbers(9);
                for word in &mut words {
                    *word = u64::from(next()) << 32 | u64::from(next());
                }
                words.extend(vec![0; column.body_words()]);
                let largest = 26 * MAX_SHEETS as u64 * 32_767;
                let products = key.phases(column, &words);
                let at = parameters.mask_words();
                for (word, product) in words[at..].iter_mut().zip(&*products) {
                    // The phase of a zero body is minus the product.
                    *word = (largest << DELTA_LOG2).wrapping_add(off).wrapping_sub(*product);
                }
                let seed = MaskSeed([4; 16]);
                let mut sums = LimbSums::zero(words.len());
                sums.add_words(0, &words);
                let limbs = words.iter().map(|&word| [word & 0xffff_ffff, word >> 32]);
                sums.add_tag(key.weigh(limbs) + key.label_tag(&Label { parameters, column, seed }));
                let verified = verify(&key, column, &[seed], &bytes_of(&sums)).unwrap();
                assert!(verified.decrypt_twice().unwrap().iter().all(|&message| message == largest));
            }
        }
    }
}

#[test]
fn the_server_refuses_what_it_must_not_do() {
    use crate::protocol::Refusal::{ColumnThere, Empty, MissingColumn, MissingSheet, MixedParameters, Overlap};
    let moments = [Column::RATE, Column::SQUARES];
    let mut sheets = Sheets::encrypt(&key(ParameterSet::Standard), &moments, 4, 1);
    let other = Sheets::encrypt(&key(ParameterSet::LongTerm), &[Column::DAYS], 1, 1);
    let put = |store: &mut Store, id, view| store.put(SheetId(id), view).map_err(|refused| refused.refusal);
    assert_eq!(put(&mut sheets.store, 0, other.sheet(0)), Err(MixedParameters), "a column of other parameters");
    put(&mut sheets.store, 9, other.sheet(0)).unwrap();
    // A column that is there is refused, and nothing of its frame is kept.
    let more = Sheets::encrypt(&key(ParameterSet::Standard), &[Column::RATE, Column::DAYS], 1, 3);
    assert_eq!(put(&mut sheets.store, 1, more.sheet(0)), Err(ColumnThere));
    let late = Sheets::encrypt(&key(ParameterSet::Standard), &[hour(3)], 1, 3);
    put(&mut sheets.store, 1, late.sheet(0)).unwrap();
    let range = |first, count| SheetRange { first: SheetId(first), count };
    for (column, ranges, refusal) in [
        (Column::RATE, vec![], Empty),
        (Column::RATE, vec![range(0, 0)], Empty),
        (Column::RATE, vec![range(0, 2), range(1, 2)], Overlap),
        (Column::RATE, vec![range(2, 1), range(0, 1)], Overlap),
        (Column::RATE, vec![range(0, 1), range(0, 1)], Overlap),
        (Column::RATE, vec![range(2, 3)], MissingSheet),
        (Column::RATE, vec![range(0, u32::MAX)], MissingSheet),
        (Column::DAYS, vec![range(1, 1)], MissingColumn),
        (Column::RATE, vec![range(0, 1), range(9, 1)], MissingColumn),
    ] {
        let question = SumQuestion { column, ranges };
        let refused = sheets.store.sum(&question, &mut Adder::default()).err().unwrap();
        assert_eq!(refused.refusal, refusal, "{question:?}");
    }
    let wide = Sheets::encrypt(&key(ParameterSet::LongTerm), &moments, 1, 1);
    put(&mut sheets.store, 5, wide.sheet(0)).unwrap();
    let question = SumQuestion { column: Column::RATE, ranges: vec![range(0, 1), range(5, 1)] };
    let refused = sheets.store.sum(&question, &mut Adder::default()).err().unwrap();
    assert_eq!(refused.refusal, MixedParameters);
}
