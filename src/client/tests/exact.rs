//! Exact, and tfhe's own.

use super::*;

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
