//! Changing good files a little, as damage or malice would, for as long as one is given.

use std::io::Write;
use std::time::{Duration, Instant};

/// A stream of random numbers that is the same for the same seed.
pub(crate) struct Random(blake3::OutputReader);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof())
    }

    pub(crate) fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    /// A number below `bound`; zero if that is zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { self.next_u32() as usize % bound }
    }
}

/// Does something with one case after the other: for `VEILBEAT_FUZZ_SECS` seconds if that is set, then under another
/// seed each time, else as often as a test of every day can afford. Says how many there were; `tests/fuzz.sh` runs
/// them all and adds them up.
pub(crate) fn fuzz(name: &str, usual_cases: u64, mut one: impl FnMut(&mut Random)) {
    let secs: Option<u64> = std::env::var("VEILBEAT_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok());
    let clock = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
    let given = std::env::var("VEILBEAT_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or(if secs.is_some() { clock } else { 0 });
    let until = secs.map(|secs| Instant::now() + Duration::from_secs(secs));
    let mut cases = 0;
    while until.map_or(cases < usual_cases, |until| Instant::now() < until) {
        let case = seed.wrapping_add(cases);
        // A case that fails can be repeated: VEILBEAT_FUZZ_SEED with this number.
        let told = Told { name, case };
        one(&mut Random::new(case));
        std::mem::forget(told);
        cases += 1;
    }
    if secs.is_some() {
        // Not what a test prints: the harness would keep it to itself.
        let _ = writeln!(std::io::stderr(), "fuzzed {name}: {cases} cases");
    }
}

/// Tells which case it was that panicked.
struct Told<'a> {
    name: &'a str,
    case: u64,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        eprintln!("{} failed in the case of VEILBEAT_FUZZ_SEED={}", self.name, self.case);
    }
}

const PIECES: [&[u8]; 14] = [
    b"\"",
    b"\n",
    b",",
    b"\0",
    b"[",
    b"]",
    b"9999999999999999999",
    b"-1",
    b"\xff\xfe",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\0\0\0\x80",
    b"<",
    b"{\"data\":[",
    b"&a;",
];

/// Changes a file a little.
pub(crate) fn mutate(seed: &[u8], rng: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=rng.below(4) {
        let place = rng.below(bytes.len());
        match rng.below(10) {
            0 if !bytes.is_empty() => bytes[place] = rng.next_u32() as u8,
            1 if !bytes.is_empty() => bytes[place] ^= 1 << rng.below(8),
            2 => bytes.truncate(place),
            3 => bytes.insert(place, rng.next_u32() as u8),
            4 => {
                let end = place + rng.below(bytes.len() - place + 1);
                bytes.drain(place..end);
            }
            5 => {
                let end = place + rng.below((bytes.len() - place).min(64) + 1);
                let piece = bytes[place..end].to_vec();
                let to = rng.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            6 => {
                let piece = PIECES[rng.below(PIECES.len())];
                bytes.splice(place..place, piece.iter().copied());
            }
            7 => {
                // A number in the place of another.
                let piece = PIECES[rng.below(PIECES.len())];
                let end = (place + piece.len()).min(bytes.len());
                bytes.splice(place..end, piece.iter().copied());
            }
            8 if bytes.len() >= 4 => {
                // A number that is a little larger or smaller.
                let at = rng.below(bytes.len() - 3);
                let four = bytes[at..at + 4].try_into().unwrap_or_default();
                let by = [1, u32::MAX, 256, 1 << 31][rng.below(4)];
                bytes[at..at + 4].copy_from_slice(&u32::from_le_bytes(four).wrapping_add(by).to_le_bytes());
            }
            _ => {
                let piece: Vec<u8> = (0..rng.below(8)).map(|_| rng.next_u32() as u8).collect();
                bytes.splice(place..place, piece);
            }
        }
    }
    bytes
}
