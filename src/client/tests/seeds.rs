//! Seeds, and what they are made of.

use std::collections::HashSet;

use super::*;

/// A machine whose randomness repeats: a copy, or one that was resumed. Other contents, columns, weeks, kinds,
/// parameter sets and masters still get other masks and other noise.
#[test]
fn repeated_randomness_shares_no_seed_and_no_noise() {
    let fresh = [7; 32];
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut tried = 0;
    for byte in [1, 2] {
        for parameters in ParameterSet::ALL {
            let key = SchemeKey::derive(&master(byte), parameters);
            for column in [Column::DAYS, hour(0), hour(1)] {
                for (number, kind) in [(0, Kind::Sample), (1, Kind::Sample), (0, Kind::Average)] {
                    for content in [0u32, 1] {
                        let mut messages = vec![0; column.slots()];
                        messages[1_000] = content;
                        let (seed, noise) = key.seeds(&fresh, WeekKey { kind, ..week(number) }, column, &messages);
                        tried += 2;
                        seen.insert(seed.0.to_vec());
                        seen.insert(noise[..16].to_vec());
                    }
                }
            }
        }
    }
    assert_eq!((seen.len(), tried), (144, 144));
    // The same of everything is the same: there is no randomness but that which was handed in.
    let key = key(ParameterSet::Standard);
    let again = |fresh: &[u8; 32]| key.seeds(fresh, week(0), Column::DAYS, &[5; 1792]);
    assert_eq!(again(&fresh), again(&fresh));
    assert_ne!(again(&fresh).0, again(&[8; 32]).0);
}

#[test]
fn each_encryption_of_the_same_week_differs_in_every_part() {
    let key = key(ParameterSet::Standard);
    let column = Column::RATE;
    let content = [(column, messages(column, 1))];
    let encrypt = || {
        let mut bytes = Vec::new();
        Encryptor::default().encrypt(&key, week(0), &content, &mut bytes).unwrap();
        bytes
    };
    let (a, b) = (encrypt(), encrypt());
    let equal = a.iter().zip(&b).skip(5).filter(|(a, b)| a == b).count();
    // One byte in 256 is equal by chance.
    assert!(equal < a.len() / 128, "{equal} of {} bytes are equal", a.len());
}

#[test]
fn no_two_parameter_sets_or_masters_share_key_material() {
    let secrets: Vec<Vec<Vec<u8>>> =
        [(1, ParameterSet::Standard), (1, ParameterSet::LongTerm), (2, ParameterSet::Standard)]
            .map(|(byte, parameters)| SchemeKey::derive(&master(byte), parameters).secret_bytes())
            .into();
    for part in [0, 1, 3, 4] {
        let starts: HashSet<&[u8]> = secrets.iter().map(|secrets| &secrets[part][..32]).collect();
        // 32 bytes of key bits as words are four bits: they may be equal by chance, the others may not.
        assert!(part == 1 || starts.len() == 3, "part {part}");
    }
}
