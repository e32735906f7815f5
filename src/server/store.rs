//! The sheets that a server holds, and their sums.

use std::collections::{BTreeMap, HashMap};

use crate::protocol::{ColumnView, Refusal, Refused, SheetHeader, SheetId, SheetView, SumQuestion};
use crate::scheme::{Column, ColumnSet, Folder, LimbSums, MAX_SHEETS, N, ParameterSet, expand_mask, fold_body};

/// One sheet: its columns as the bytes in which they came. Masks stay seeds.
struct Sheet {
    parameters: ParameterSet,
    columns: BTreeMap<Column, Box<[u8]>>,
}

/// The sheets of one server.
#[derive(Default)]
pub struct Store(HashMap<SheetId, Sheet>);

impl Store {
    /// Keeps columns of a sheet. A column that is there already is refused, and nothing of the frame is kept: the
    /// same label with two noises would give away more than one.
    pub fn put(&mut self, id: SheetId, new: SheetView) -> Result<(), Refused> {
        let refuse = |refusal| Err(Refused { sheet: Some(id), ..Refused::new(refusal) });
        let SheetHeader { parameters, columns } = new.header();
        if let Some(sheet) = self.0.get(&id) {
            if sheet.parameters != parameters {
                return refuse(Refusal::MixedParameters);
            }
            if columns.iter().any(|column| sheet.columns.contains_key(&column)) {
                return refuse(Refusal::ColumnThere);
            }
        }
        let sheet = self.0.entry(id).or_insert(Sheet { parameters, columns: BTreeMap::new() });
        let kept = columns.iter().filter_map(|column| Some((column, new.column_bytes(column)?.into())));
        sheet.columns.extend(kept);
        Ok(())
    }

    /// Forgets a sheet.
    pub fn remove(&mut self, id: SheetId) {
        self.0.remove(&id);
    }

    /// Adds the (folded) ciphertexts of one column over the sheets that a question names.
    pub fn sum(&self, question: &SumQuestion, adder: &mut Adder) -> Result<LimbSums, Refused> {
        let parameters = check(question, |id| {
            let sheet = self.0.get(&id)?;
            let columns: ColumnSet = sheet.columns.keys().copied().collect();
            Some(SheetHeader { parameters: sheet.parameters, columns })
        })?;
        let column = question.column;
        let mut sums = LimbSums::zero(column.sum_words(parameters));
        let sheets = question.ranges.iter().flat_map(|range| range.ids()).filter_map(|id| self.0.get(&id));
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
