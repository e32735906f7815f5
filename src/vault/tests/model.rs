//! A profile beside a model of it: whatever is done in whatever order, and whatever fails in between, the profile is
//! what the model says, or what it was before.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::fuzz::mutation::fuzz;
use super::*;
use crate::client::{CancelToken, Export, Exported, ParameterSet, SchemeKey};
use crate::platform::{Existing, Readers, write_whole};
use crate::protocol::files::Bundle;
use crate::reading::DayRange;
use crate::statistics::Weighting;

#[derive(Clone, Debug)]
enum Do {
    Import(Vec<(i64, u32)>),
    Add(i64, u32),
    Edit(usize, i64, u32),
    Delete(usize),
    Undo,
    Redo,
    Rotate,
    Export,
    /// Of the bundle of this number.
    Restore(usize),
    Forget,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// The process dies at a file operation.
    Kill(usize),
    /// So many file operations fail, as on a full disk.
    Full(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<(Do, Fault)>> {
    // Few instants and rates, so that duplicates and changes of the same reading are common.
    let one = || (0i64..60, 0u32..3);
    let act = prop_oneof![
        3 => prop::collection::vec(one(), 1..10).prop_map(Do::Import),
        3 => one().prop_map(|(at, rate)| Do::Add(at, rate)),
        2 => (any::<usize>(), one()).prop_map(|(which, (at, rate))| Do::Edit(which, at, rate)),
        2 => any::<usize>().prop_map(Do::Delete),
        3 => Just(Do::Undo),
        2 => Just(Do::Redo),
        1 => Just(Do::Rotate),
        1 => Just(Do::Export),
        1 => any::<usize>().prop_map(Do::Restore),
        1 => Just(Do::Forget),
    ];
    let fault = prop_oneof![
        4 => Just(Fault::None),
        2 => (0usize..60).prop_map(Fault::Kill),
        2 => (0usize..60, 1usize..30).prop_map(|(at, count)| Fault::Full(at, count)),
    ];
    prop::collection::vec((act, fault), 1..25)
}

/// Readings by instant and rate, with their notes.
type Rates = BTreeMap<(i64, u16), Option<Box<str>>>;

/// What a profile should be.
#[derive(Clone, PartialEq, Debug, Default)]
struct Model {
    now: Rates,
    past: Vec<Rates>,
    future: Vec<Rates>,
}

impl Model {
    fn change(&mut self, to: Rates) {
        if to != self.now {
            self.past.push(std::mem::replace(&mut self.now, to));
            self.future.clear();
        }
    }
}

/// A bundle that was exported: its file, whose it is, and what it holds.
struct Kept {
    path: PathBuf,
    key: KeyId,
    rates: Rates,
}

struct World {
    home: Home,
    key: MasterKey,
    vault: Box<Vault>,
    model: Model,
    bundles: Vec<Kept>,
    number: usize,
}

fn made(at: i64, rate: u32) -> Reading {
    let note = (rate == 2).then(|| "noted".into());
    Reading { note, ..reading(at * 5, 6_000 + rate * 100) }
}

fn place(reading: &Reading) -> (i64, u16) {
    (reading.instant_ms, reading.rate.centi_bpm())
}

fn rates(vault: &Vault) -> Rates {
    vault.readings().iter().map(|reading| (place(&reading), reading.note)).collect()
}

impl World {
    fn new(dir: &Path) -> Self {
        let home = home(dir);
        create_key(&home).unwrap();
        let (key, vault) = open(&home).unwrap().unwrap();
        Self { home, key, vault, model: Model::default(), bundles: Vec::new(), number: 0 }
    }

    /// What the model is after an act.
    fn after(&self, act: &Do) -> Model {
        let (mut model, mut to) = (self.model.clone(), self.model.now.clone());
        let add = |to: &mut Rates, at, rate| {
            let new = made(at, rate);
            to.entry(place(&new)).or_insert(new.note);
        };
        match act {
            Do::Import(list) => list.iter().for_each(|&(at, rate)| add(&mut to, at, rate)),
            Do::Add(at, rate) => add(&mut to, *at, *rate),
            Do::Edit(which, at, rate) => {
                let new = made(*at, *rate);
                if let Some(old) = nth(&to, *which) {
                    let mut edited = to.clone();
                    edited.remove(&old);
                    if let std::collections::btree_map::Entry::Vacant(free) = edited.entry(place(&new)) {
                        free.insert(new.note);
                        // An edit that changes nothing is one all the same.
                        model.past.push(model.now.clone());
                        model.future.clear();
                        model.now = edited;
                        return model;
                    }
                }
            }
            Do::Delete(which) => drop(nth(&to, *which).and_then(|old| to.remove(&old))),
            Do::Undo => {
                if let Some(state) = model.past.pop() {
                    model.future.push(std::mem::replace(&mut model.now, state));
                }
                return model;
            }
            Do::Redo => {
                if let Some(state) = model.future.pop() {
                    model.past.push(std::mem::replace(&mut model.now, state));
                }
                return model;
            }
            Do::Restore(which) => {
                if let Some(bundle) = self.bundle(*which).filter(|bundle| bundle.key == self.key.id()) {
                    for (place, note) in &bundle.rates {
                        to.entry(*place).or_insert_with(|| note.clone());
                    }
                }
            }
            Do::Forget => return Model { now: model.now, ..Model::default() },
            Do::Rotate | Do::Export => {}
        }
        model.change(to);
        model
    }

    fn bundle(&self, which: usize) -> Option<&Kept> {
        which.checked_rem(self.bundles.len()).map(|which| &self.bundles[which])
    }

    /// Does it. An error is one that a fault has caused.
    fn act(&mut self, act: &Do) -> Result<(), String> {
        fn said<T>(result: Result<T, impl std::fmt::Display>) -> Result<(), String> {
            result.map(drop).map_err(|error| error.to_string())
        }
        let old = |which: usize| {
            nth(&self.model.now, which).and_then(|old| self.vault.readings().iter().find(|r| place(r) == old))
        };
        match act {
            Do::Import(list) => {
                let list = list.iter().map(|&(at, rate)| made(at, rate)).collect();
                said(self.vault.add("import", 0, list))
            }
            Do::Add(at, rate) => said(self.vault.enter(0, made(*at, *rate))),
            Do::Edit(which, at, rate) => match old(*which) {
                Some(old) => {
                    let new = Reading { source: old.source, ..made(*at, *rate) };
                    said(self.vault.edit(&old, &new))
                }
                None => Ok(()),
            },
            Do::Delete(which) => match old(*which) {
                Some(old) => said(self.vault.delete(&[old])),
                None => Ok(()),
            },
            Do::Undo => said(self.vault.undo()),
            Do::Redo => said(self.vault.redo()),
            Do::Forget => said(self.vault.forget()),
            Do::Rotate => rotate(&self.home, &mut self.vault, None)
                .map(|(key, _)| self.key = key)
                .map_err(|error| error.to_string()),
            Do::Export => self.export(),
            Do::Restore(which) => {
                let Some(bundle) = self.bundle(*which) else { return Ok(()) };
                let file = Bundle::open(&bundle.path, &mut |_, _| ControlFlow::Continue(())).unwrap();
                match open_bundle(&self.key, &file) {
                    Ok(part) => said(self.vault.restore_bundle("b.veil", &part)),
                    Err(error) => {
                        assert_ne!(bundle.key, self.key.id(), "{error}");
                        Ok(())
                    }
                }
            }
        }
    }

    fn export(&mut self) -> Result<(), String> {
        let how = (ParameterSet::Standard, Weighting::Time, false);
        let Ok(export) = Export::prepare(self.vault.readings(), DayRange::default(), how, 9) else { return Ok(()) };
        let content = OwnersContent::new(&self.vault, export.readings());
        let sealed = content.sealed_bytes(export.exported());
        let seal = |exported: &Exported, before: &[u8; 32]| content.seal(&self.key, exported, before);
        let scheme = SchemeKey::derive(&self.key, ParameterSet::Standard);
        self.number += 1;
        let path = self.home.config_dir().join(format!("../b{}.veil", self.number));
        let mut exported = None;
        write_whole::<crate::client::ExportError>(&path, (Readers::Usual, Existing::Kept), |out| {
            let watch: (&CancelToken, &mut dyn FnMut(usize, usize)) = (&CancelToken::default(), &mut |_, _| {});
            exported = Some(export.write((&scheme, self.key.id()), sealed, seal, watch, out)?);
            Ok(())
        })
        .map_err(|error| error.to_string())?;
        // It restores, whether or not it is remembered.
        self.bundles.push(Kept { path, key: self.key.id(), rates: self.model.now.clone() });
        let exported = exported.unwrap();
        self.vault.remember_export(&exported).map_err(|error| error.to_string())?;
        assert_eq!(self.vault.exported(exported.id).unwrap().as_ref(), Some(&exported));
        Ok(())
    }

    /// Opens the profile again, as the next start does.
    fn restart(self) -> Self {
        let Self { home, vault, model, bundles, number, .. } = self;
        drop(vault);
        follow(Plan::Count(0));
        let (key, vault) = open(&home).unwrap_or_else(|error| panic!("{error}")).unwrap();
        Self { home, key, vault, model, bundles, number }
    }
}

fn nth(rates: &Rates, which: usize) -> Option<(i64, u16)> {
    which.checked_rem(rates.len()).and_then(|which| rates.keys().nth(which).copied())
}

/// How many changes can be undone and redone, by doing it; the profile is as before.
fn check_history(world: &mut World) -> Result<(), TestCaseError> {
    let Model { now, past, future } = world.model.clone();
    for state in past.iter().rev() {
        prop_assert!(world.vault.undo().unwrap().is_some());
        prop_assert_eq!(&rates(&world.vault), state);
    }
    prop_assert_eq!(world.vault.undo().unwrap(), None);
    for state in past.iter().skip(1).chain(std::iter::once(&now)).take(past.len()).chain(future.iter().rev()) {
        prop_assert!(world.vault.redo().unwrap().is_some());
        prop_assert_eq!(&rates(&world.vault), state);
    }
    prop_assert_eq!(world.vault.redo().unwrap(), None);
    for _ in &future {
        world.vault.undo().unwrap();
    }
    prop_assert_eq!(&rates(&world.vault), &now);
    Ok(())
}

fn walk(steps: &[(Do, Fault)]) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path());
    for (act, fault) in steps {
        let (before, after) = (world.model.clone(), world.after(act));
        match *fault {
            Fault::None => {}
            Fault::Kill(at) => drop(follow(Plan::Fail(0, at, usize::MAX))),
            Fault::Full(at, count) => drop(follow(Plan::Fail(0, at, at + count))),
        }
        let done = world.act(act);
        match (fault, &done) {
            (Fault::None, Err(why)) => return Err(TestCaseError::fail(format!("{act:?}: {why}"))),
            // Nobody is left to be told.
            (Fault::Kill(_), _) => {}
            (_, Ok(())) => prop_assert_eq!(&rates(&world.vault), &after.now, "{:?}", act),
            (_, Err(why)) => {
                prop_assert!(why.contains("could not") || why.contains("cannot"), "{}", why);
                prop_assert_eq!(&rates(&world.vault), &before.now, "{:?}: {}", act, why);
            }
        }
        follow(Plan::Count(0));
        if !matches!(fault, Fault::None) {
            world = world.restart();
        }
        let found = rates(&world.vault);
        // What was told as done is done; what failed may have taken hold all the same, and never half of it.
        let steps = (world.vault.catalogue.done.len(), world.vault.catalogue.undone.len());
        let is = |model: &Model| model.now == found && (model.past.len(), model.future.len()) == steps;
        let is_told = done.is_ok() && !matches!(fault, Fault::Kill(_));
        if is(&after) {
            world.model = after;
        } else {
            prop_assert!(is(&before), "{:?}, {:?}: {:?} is neither {:?} nor {:?}", act, fault, found, before, after);
            prop_assert!(!is_told, "{:?} was told as done", act);
            world.model = before;
        }
    }
    check_history(&mut world)?;
    let rates_now = world.model.now.clone();
    let world = world.restart();
    prop_assert_eq!(rates(&world.vault), rates_now);
    Ok(())
}

#[test]
fn fuzz_a_profile_beside_its_model() {
    let _gate = gate();
    let walked = RefCell::new(0usize);
    fuzz("profiles beside a model", 40, |rng| {
        let seed: Vec<u8> = (0..32).map(|_| rng.next_u32() as u8).collect();
        let config = Config { cases: 1, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let walk = |given: Vec<(Do, Fault)>| {
            *walked.borrow_mut() += given.len();
            let walked = walk(&given);
            follow(Plan::Count(0));
            walked
        };
        if let Err(error) = runner.run(&steps(), walk) {
            panic!("{error}");
        }
    });
    println!("fuzzed (steps of these profiles): {} steps", walked.borrow());
}
