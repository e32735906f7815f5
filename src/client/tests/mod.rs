//! The scheme as a whole: exact, tfhe's own, and closed to tampering.

use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::Seed;
use tfhe::core_crypto::prelude::*;

use super::encrypt::Encryptor;
use super::label::Label;
use super::*;
use crate::protocol::{Request, SheetId, SheetRange, SheetView, SumQuestion, connect};
use crate::reading::{Kind, Rate, Reading, Readings, Source, Step, Week, WeekKey, WeekStart};
use crate::scheme::{
    Column, DELTA_LOG2, Folder, LimbSums, MAX_SHEETS, MaskSeed, N, NOISE_BOUND_LOG2, P, ParameterSet, SLOT_BYTES, Tag,
    decode, expand_mask, fold_body, fold_words, read_slot,
};
use crate::server::{Adder, Store};
use crate::statistics::{Detail, Report, ReportRequest, Weighting, plain};

mod exact;
mod meeting;
mod online;
mod seeds;
mod tampering;

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes(&std::array::from_fn(|i| byte.wrapping_add(i as u8)))
}

fn key(parameters: ParameterSet) -> SchemeKey {
    SchemeKey::derive(&master(1), parameters)
}

fn hour(hour: u8) -> Column {
    Column::hour(hour).unwrap()
}

fn week(number: i32) -> WeekKey {
    WeekKey { kind: Kind::Sample, week: Week::of_day(7 * number) }
}

/// An endless stream of numbers that a seed stands for.
fn numbers(seed: u64) -> impl FnMut() -> u32 {
    let mut stream = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    move || {
        let mut bytes = [0; 4];
        stream.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }
}

fn rates(count: usize, seed: u64) -> Vec<Rate> {
    let mut next = numbers(seed);
    let span = u32::from(Rate::MAX.centi_bpm() - Rate::MIN.centi_bpm()) + 1;
    (0..count).map(|_| Rate::from_centi_bpm(2000 + next() % span).unwrap()).collect()
}

/// Messages of a column, each up to the most that an hour of `sheets` sheets can hold.
fn messages(column: Column, seed: u64) -> Vec<u32> {
    let mut next = numbers(seed);
    (0..column.slots()).map(|_| next() % (2 * 32_767)).collect()
}

/// Encrypted sheets, as a server holds them and as the client remembers them.
struct Sheets {
    store: Store,
    columns: Vec<Column>,
    /// By sheet, then by column.
    seeds: Vec<Vec<MaskSeed>>,
    messages: Vec<Vec<Vec<u32>>>,
    frames: Vec<Vec<u8>>,
}

impl Sheets {
    fn encrypt(key: &SchemeKey, columns: &[Column], sheets: usize, seed: u64) -> Self {
        let of = |sheet: usize| {
            let seeds = (0..).map(move |column| seed * 1_000_003 + (sheet * 100 + column) as u64);
            columns.iter().zip(seeds).map(|(&column, seed)| messages(column, seed)).collect::<Vec<_>>()
        };
        Self::encrypt_with(&mut Encryptor::default(), key, columns, (0..sheets).map(of).collect())
    }

    fn encrypt_with(
        encryptor: &mut Encryptor,
        key: &SchemeKey,
        columns: &[Column],
        messages: Vec<Vec<Vec<u32>>>,
    ) -> Self {
        let (store, columns) = (Store::default(), columns.to_vec());
        let mut sheets = Self { store, columns, seeds: Vec::new(), messages, frames: Vec::new() };
        for (id, messages) in (0..).zip(&sheets.messages) {
            let mut frame = Request::put(SheetId(id));
            let columns: Vec<_> = sheets.columns.iter().copied().zip(messages.iter().cloned()).collect();
            sheets.seeds.push(encryptor.encrypt(key, week(id as i32), &columns, &mut frame).unwrap());
            let Ok(Request::Put(back, view)) = Request::parse(&frame) else { panic!("not a put frame") };
            assert_eq!(back, SheetId(id));
            sheets.store.put(back, view).unwrap();
            sheets.frames.push(frame);
        }
        sheets
    }

    fn sheet(&self, index: usize) -> SheetView<'_> {
        SheetView::parse(&self.frames[index][Request::PUT_HEADER_BYTES..]).unwrap()
    }

    fn index_of(&self, column: Column) -> usize {
        self.columns.iter().position(|&other| other == column).unwrap()
    }

    fn seeds(&self, column: Column, indices: &[usize]) -> Vec<MaskSeed> {
        indices.iter().map(|&i| self.seeds[i][self.index_of(column)]).collect()
    }

    /// The server's answer for some sheets, in ascending order.
    fn answer(&self, column: Column, indices: &[usize]) -> Vec<u8> {
        let ranges = SheetRange::cover(indices.iter().map(|&i| SheetId(i as u32)));
        let sums = self.store.sum(&SumQuestion { column, ranges }, &mut Adder::default()).unwrap();
        bytes_of(&sums)
    }

    /// Sums a column of some sheets in the clear.
    fn plain(&self, column: Column, indices: &[usize]) -> Vec<u64> {
        let mut sums = vec![0; column.body_words()];
        for &i in indices {
            let slots: Vec<u64> = self.messages[i][self.index_of(column)].iter().map(|&m| u64::from(m)).collect();
            for (sum, folded) in sums.iter_mut().zip(hours_of(column, &slots)) {
                *sum += folded;
            }
        }
        sums
    }
}

/// The sums of the hours, by the formats' words: slot 7·t + d or 14·u + 7·half + d goes to hour t / 12 or u / 6.
fn hours_of(column: Column, slots: &[u64]) -> Vec<u64> {
    let width = match column {
        Column::RATE => 7,
        Column::SQUARES => 14,
        _ => return slots.to_vec(),
    };
    let mut sums = vec![0; 24 * width];
    for (slot, message) in slots.iter().enumerate() {
        sums[width * (slot / 84) + slot % width] += message;
    }
    sums
}

fn bytes_of(sums: &LimbSums) -> Vec<u8> {
    let mut bytes = Vec::new();
    sums.write_to(&mut bytes);
    bytes
}

/// The words of a sheet's column as a server adds them.
fn folded_words(parameters: ParameterSet, column: Column, view: crate::protocol::ColumnView) -> Vec<u64> {
    let mut words = vec![0; parameters.mask_words()];
    let mut mask = Box::new([0; N]);
    for (index, folded) in words.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        expand_mask(&view.seed, column, index, &mut mask);
        Folder::default().fold_mask(&mask, column, folded);
    }
    let mut body = Vec::new();
    fold_body(view.body, column, &mut body);
    words.extend(body);
    words
}
