//! The bytes of an encrypted sheet: a header, then each column's seed, body and tag.

use crate::fields::{Fields, Malformed};
use crate::scheme::{Column, ColumnSet, MaskSeed, ParameterSet, SLOT_BYTES, TAG_BYTES, Tag};

/// Bytes of a sheet's header.
pub const SHEET_HEADER_BYTES: usize = 1 + 4;

/// The header before a sheet's columns: parameter set u8, columns u32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SheetHeader {
    /// The parameters under which the sheet was encrypted.
    pub parameters: ParameterSet,
    /// The columns that follow, by their numbers.
    pub columns: ColumnSet,
}

impl SheetHeader {
    /// The header's bytes.
    pub fn to_bytes(self) -> [u8; SHEET_HEADER_BYTES] {
        let [a, b, c, d] = self.columns.to_u32().to_le_bytes();
        [self.parameters as u8, a, b, c, d]
    }

    /// Parses a header: known parameters, at least one column and no unknown one.
    pub fn parse(bytes: &[u8; SHEET_HEADER_BYTES]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let parameters = ParameterSet::from_u8(fields.u8()?).ok_or(Malformed)?;
        let columns = ColumnSet::from_u32(fields.u32()?).ok_or(Malformed)?;
        Ok(Self { parameters, columns })
    }

    /// Bytes of a whole sheet with this header.
    pub fn sheet_bytes(self) -> usize {
        SHEET_HEADER_BYTES + self.columns.bytes()
    }

    /// Where a column begins in a sheet with this header, if it has the column.
    pub fn offset_of(self, column: Column) -> Option<usize> {
        let before = self.columns.iter().take_while(|&other| other != column).map(Column::bytes);
        self.columns.contains(column).then(|| SHEET_HEADER_BYTES + before.sum::<usize>())
    }
}

/// A column of a sheet, borrowed from the bytes that it came in.
#[derive(Clone, Copy)]
pub struct ColumnView<'a> {
    /// The seed of its mask.
    pub seed: MaskSeed,
    /// Its slots, [`SLOT_BYTES`] each.
    pub body: &'a [u8],
    /// Its tag.
    pub tag: Tag,
}

impl<'a> ColumnView<'a> {
    /// Parses the bytes of a column: exactly so many, the tag in range.
    pub fn parse(column: Column, bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(bytes);
        let seed = MaskSeed(fields.array()?);
        let body = fields.bytes(column.slots() * SLOT_BYTES)?;
        let tag = Tag::from_bytes(&fields.array::<TAG_BYTES>()?).ok_or(Malformed)?;
        fields.end()?;
        Ok(Self { seed, body, tag })
    }
}

/// An encrypted sheet, or some of its columns, borrowed from the bytes that it came in.
#[derive(Clone, Copy)]
pub struct SheetView<'a> {
    header: SheetHeader,
    bytes: &'a [u8],
}

impl<'a> SheetView<'a> {
    /// Parses a sheet: known parameters and columns, exactly the bytes that follow from them, every tag in range.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let header = SheetHeader::parse(bytes.first_chunk().ok_or(Malformed)?)?;
        if bytes.len() != header.sheet_bytes() {
            return Err(Malformed);
        }
        let sheet = Self { header, bytes };
        if header.columns.iter().all(|column| sheet.column(column).is_some()) { Ok(sheet) } else { Err(Malformed) }
    }

    /// The sheet's header.
    pub fn header(&self) -> SheetHeader {
        self.header
    }

    /// The bytes of a column, if the sheet has it.
    pub fn column_bytes(&self, column: Column) -> Option<&'a [u8]> {
        self.bytes.get(self.header.offset_of(column)?..)?.get(..column.bytes())
    }

    /// A column, if the sheet has it.
    pub fn column(&self, column: Column) -> Option<ColumnView<'a>> {
        ColumnView::parse(column, self.column_bytes(column)?).ok()
    }
}
