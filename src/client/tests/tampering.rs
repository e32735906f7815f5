//! Closed to tampering.

use super::*;

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
