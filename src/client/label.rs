//! The label that ties a tag to one column of one encryption of one sheet.

use crate::scheme::{Column, MaskSeed, ParameterSet};

/// A label. Fixed width: no two are written alike.
pub(super) struct Label {
    pub(super) parameters: ParameterSet,
    pub(super) column: Column,
    pub(super) seed: MaskSeed,
}

impl Label {
    pub(super) fn to_bytes(&self) -> [u8; 18] {
        let mut bytes = [0; 18];
        bytes[0] = self.parameters as u8;
        bytes[1] = self.column.number();
        bytes[2..].copy_from_slice(&self.seed.0);
        bytes
    }
}
