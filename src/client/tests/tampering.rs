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
    let parameters = ParameterSet::Standard;
    let key = key(parameters);
    let stranger = SchemeKey::derive(&master(2), parameters);
    let columns = [Column::RATE, Column::SQUARES, Column::DAYS, hour(5)];
    let sheets = Sheets::encrypt(&key, &columns, 6, 1);
    let again = Sheets::encrypt(&key, &columns, 6, 1);
    let foreign = Sheets::encrypt(&stranger, &columns, 6, 1);
    let asked = [0, 1, 3];
    for column in columns {
        let seeds = sheets.seeds(column, &asked);
        let answer = sheets.answer(column, &asked);
        let passes = |bytes: &[u8]| verify(&key, column, &seeds, bytes).is_ok();
        assert!(passes(&answer));

        assert!(!passes(&sheets.answer(column, &[0, 1])), "a sheet dropped");
        assert!(!passes(&sheets.answer(column, &[0, 1, 2])), "a sheet swapped");
        assert!(!passes(&sheets.answer(column, &[0, 1, 3, 4])), "a sheet added");
        assert!(!passes(&again.answer(column, &asked)), "older or newer seeds");
        assert!(!passes(&foreign.answer(column, &asked)), "another owner's sheets");
        assert!(verify(&stranger, column, &seeds, &answer).is_err(), "another owner's key");
        for other in columns.into_iter().filter(|&other| other != column) {
            assert!(!passes(&sheets.answer(other, &asked)), "{} for {}", other.name(), column.name());
            assert!(verify(&key, other, &seeds, &answer).is_err(), "{} for {}", column.name(), other.name());
        }

        // A sheet counted twice, and one in the place of another.
        let mut sums = LimbSums::parse(parameters, column, &answer).unwrap();
        let single = LimbSums::parse(parameters, column, &sheets.answer(column, &[1])).unwrap();
        sums.add_words(0, &single.words());
        sums.add_tag(single.tag());
        assert!(!passes(&bytes_of(&sums)), "a sheet repeated");

        // Labels that differ in one field only.
        let mut other = seeds.clone();
        other[0].0[15] ^= 1;
        assert!(verify(&key, column, &other, &answer).is_err(), "another seed");
        assert!(verify(&key, column, &seeds[..2], &answer).is_err(), "another question");
        assert!(verify(&key, column, &[], &answer).is_err(), "an empty question");
        let wide = SchemeKey::derive(&master(1), ParameterSet::LongTerm);
        assert!(verify(&wide, column, &seeds, &answer).is_err(), "other parameters");

        // Every word: one more or less in a limb, a carry between the limbs (the same word sum
        // modulo 2^64), and multiples of p (the same word sum modulo p).
        for word in 0..column.sum_words(parameters) {
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
        for (a, b) in [(0, 1), (5, column.sum_words(parameters) - 1)] {
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
        assert!(!passes(&with_tag(sheets.answer(column, &[1, 2, 4])[tag_at..].try_into().unwrap())), "another tag");
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
    for parameters in ParameterSet::ALL {
        let key = key(parameters);
        for column in [Column::RATE, Column::SQUARES, hour(9)] {
            let sheets = Sheets::encrypt(&key, &[column], 1, 3);
            let view = sheets.sheet(0).column(column).unwrap();
            let words = folded_words(parameters, column, view);
            assert_eq!(words.len(), column.sum_words(parameters));
            let label = key.label_tag(&Label { parameters, column, seed: view.seed });
            let weighed: Tag = key.weigh(words.iter().map(|&w| [w & 0xffff_ffff, w >> 32])) + label;
            assert!(weighed.matches(view.tag));
        }
    }
}

#[test]
fn a_label_names_parameters_column_and_seed() {
    let label = |parameters, column, seed| Label { parameters, column, seed: MaskSeed([seed; 16]) }.to_bytes();
    let base = label(ParameterSet::Standard, Column::RATE, 1);
    assert_eq!(base.to_vec(), [&[1, 0][..], &[1; 16]].concat());
    assert_ne!(base, label(ParameterSet::LongTerm, Column::RATE, 1));
    assert_ne!(base, label(ParameterSet::Standard, Column::SQUARES, 1));
    assert_ne!(base, label(ParameterSet::Standard, Column::RATE, 2));
}
