//! The sheets that a server holds, and their sums.

use std::collections::{BTreeMap, HashMap};

use super::limits::Limits;
use crate::protocol::{
    ColumnView, Refusal, Refused, SHEET_HEADER_BYTES, SheetDigest, SheetHeader, SheetId, SheetView, StoreDigest,
    SumQuestion,
};
use crate::scheme::{
    Column, ColumnSet, Folder, LimbSums, MAX_SHEETS, MaskSeed, N, ParameterSet, expand_mask, fold_body,
};

/// One sheet: its columns as the bytes in which they came. Masks stay seeds.
struct Sheet {
    parameters: ParameterSet,
    columns: BTreeMap<Column, Box<[u8]>>,
}

/// The sheets of one server.
pub struct Store {
    sheets: HashMap<SheetId, Sheet>,
    /// Bytes of all of them.
    bytes: u64,
    limits: Limits,
}

impl Default for Store {
    fn default() -> Self {
        Self::new(Limits::NONE)
    }
}

impl Sheet {
    fn bytes(&self) -> u64 {
        let columns: usize = self.columns.values().map(|bytes| bytes.len()).sum();
        (SHEET_HEADER_BYTES + columns) as u64
    }

    fn digest(&self) -> SheetDigest {
        let seed = |bytes: &[u8]| bytes.first_chunk().map_or(MaskSeed([0; 16]), |seed| MaskSeed(*seed));
        SheetDigest::of(self.parameters, self.columns.iter().map(|(&column, bytes)| (column, seed(bytes))))
    }
}

impl Store {
    /// An empty store with limits.
    pub fn new(limits: Limits) -> Self {
        Self { sheets: HashMap::new(), bytes: 0, limits }
    }

    /// Sets other limits; what is there stays.
    pub(super) fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// How many sheets there are, and their bytes.
    pub fn size(&self) -> (u32, u64) {
        (self.sheets.len() as u32, self.bytes)
    }

    /// The digest of everything.
    pub(super) fn digest(&self) -> StoreDigest {
        StoreDigest::of(self.listed(SheetId(0)))
    }

    /// The sheets from a number on, ascending.
    pub(super) fn listed(&self, from: SheetId) -> impl Iterator<Item = (SheetId, SheetDigest)> {
        let mut ids: Vec<SheetId> = self.sheets.keys().copied().filter(|&id| id >= from).collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| Some((id, self.sheets.get(&id)?.digest())))
    }

    /// Forgets every sheet.
    pub(super) fn clear(&mut self) {
        self.sheets.clear();
        self.bytes = 0;
    }

    /// Keeps columns of a sheet. A column that is there already is refused, and nothing of the frame is kept: the
    /// same label with two noises would give away more than one.
    pub fn put(&mut self, id: SheetId, new: SheetView) -> Result<(), Refused> {
        let refuse = |refusal| Err(Refused { sheet: Some(id), ..Refused::new(refusal) });
        let SheetHeader { parameters, columns } = new.header();
        let new_bytes = columns.bytes() as u64;
        if let Some(sheet) = self.sheets.get(&id) {
            if sheet.parameters != parameters {
                return refuse(Refusal::MixedParameters);
            }
            if columns.iter().any(|column| sheet.columns.contains_key(&column)) {
                return refuse(Refusal::ColumnThere);
            }
        }
        let is_new = !self.sheets.contains_key(&id);
        let grows = new_bytes + if is_new { SHEET_HEADER_BYTES as u64 } else { 0 };
        if self.bytes.saturating_add(grows) > self.limits.bytes {
            return refuse(Refusal::StoreFull);
        }
        if is_new && self.sheets.len() as u64 >= u64::from(self.limits.sheets) {
            return refuse(Refusal::TooManySheets);
        }
        self.bytes += grows;
        let sheet = self.sheets.entry(id).or_insert(Sheet { parameters, columns: BTreeMap::new() });
        let kept = columns.iter().filter_map(|column| Some((column, new.column_bytes(column)?.into())));
        sheet.columns.extend(kept);
        Ok(())
    }

    /// Forgets a sheet.
    pub fn remove(&mut self, id: SheetId) {
        if let Some(sheet) = self.sheets.remove(&id) {
            self.bytes -= sheet.bytes();
        }
    }

    /// Adds the (folded) ciphertexts of one column over the sheets that a question names.
    pub fn sum(&self, question: &SumQuestion, adder: &mut Adder) -> Result<LimbSums, Refused> {
        let parameters = check(question, |id| {
            let sheet = self.sheets.get(&id)?;
            let columns: ColumnSet = sheet.columns.keys().copied().collect();
            Some(SheetHeader { parameters: sheet.parameters, columns })
        })?;
        let column = question.column;
        let mut sums = LimbSums::zero(column.sum_words(parameters));
        let sheets = question.ranges.iter().flat_map(|range| range.ids()).filter_map(|id| self.sheets.get(&id));
        for bytes in sheets.filter_map(|sheet| sheet.columns.get(&column)) {
            if let Ok(view) = ColumnView::parse(column, bytes) {
                adder.add(parameters, column, view, &mut sums);
            }
        }
        Ok(sums)
    }
}

/// Whether a question may be answered: at least one sheet, none twice, all there, all with the column and the same
/// parameters, and no more than decrypt without error. Returns the parameters.
pub(super) fn check(
    question: &SumQuestion,
    header_of: impl Fn(SheetId) -> Option<SheetHeader>,
) -> Result<ParameterSet, Refused> {
    let refuse = |refusal| Err(Refused::new(refusal));
    let (mut parameters, mut end, mut sheets) = (None, 0, 0);
    for range in &question.ranges {
        if range.count == 0 {
            return refuse(Refusal::Empty);
        }
        if u64::from(range.first.0) < end {
            return refuse(Refusal::Overlap);
        }
        end = range.end();
        for id in range.ids() {
            let refuse = |refusal| Err(Refused { sheet: Some(id), ..Refused::new(refusal) });
            let Some(header) = header_of(id) else { return refuse(Refusal::MissingSheet) };
            if !header.columns.contains(question.column) {
                return refuse(Refusal::MissingColumn);
            }
            if *parameters.get_or_insert(header.parameters) != header.parameters {
                return refuse(Refusal::MixedParameters);
            }
            sheets += 1;
            if sheets > MAX_SHEETS {
                return refuse(Refusal::OverCapacity);
            }
        }
    }
    parameters.ok_or_else(|| Refused::new(Refusal::Empty))
}

/// Working memory for adding sheets: one mask polynomial, expanded and folded.
pub struct Adder {
    mask: Box<[u64; N]>,
    folded: Box<[u64; N]>,
    folder: Folder,
    body: Vec<u64>,
}

impl Default for Adder {
    fn default() -> Self {
        Self { mask: Box::new([0; N]), folded: Box::new([0; N]), folder: Folder::default(), body: Vec::new() }
    }
}

impl Adder {
    /// Adds a column of a sheet, folded, to `sums`.
    pub(super) fn add(&mut self, parameters: ParameterSet, column: Column, sheet: ColumnView, sums: &mut LimbSums) {
        for index in 0..parameters.k() {
            expand_mask(&sheet.seed, column, index, &mut self.mask);
            self.folder.fold_mask(&self.mask, column, &mut self.folded);
            sums.add_words(index * N, &*self.folded);
        }
        fold_body(sheet.body, column, &mut self.body);
        sums.add_words(parameters.mask_words(), &self.body);
        sums.add_tag(sheet.tag);
    }
}
