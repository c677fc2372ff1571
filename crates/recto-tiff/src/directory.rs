//! One directory of a TIFF.

use std::collections::BTreeMap;

use crate::tag;

/// The values of the tags of a directory that were asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Directory {
    values: BTreeMap<u16, Values>,
}

/// The values of one tag.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Integers(Vec<u64>),
    /// The first of the tag's fractions or floating-point numbers. No tag of a page needs more.
    Real(f32),
}

impl Directory {
    /// Adds the values of a tag. If a tag occurs twice, the first one counts.
    pub(crate) fn add(&mut self, tag: u16, values: Values) {
        self.values.entry(tag).or_insert(values);
    }

    /// All integers of a tag; empty when the tag is missing or has other values.
    #[must_use]
    pub fn integers(&self, tag: u16) -> &[u64] {
        match self.values.get(&tag) {
            Some(Values::Integers(integers)) => integers,
            _ => &[],
        }
    }

    /// The first integer of a tag.
    #[must_use]
    pub fn integer(&self, tag: u16) -> Option<u64> {
        self.integers(tag).first().copied()
    }

    /// The first fraction or floating-point number of a tag. It is as the file has it, so it may be infinite or NaN.
    #[must_use]
    pub fn real(&self, tag: u16) -> Option<f32> {
        match self.values.get(&tag) {
            Some(Values::Real(real)) => Some(*real),
            _ => None,
        }
    }

    /// The width and height in pixels, neither of them 0.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        let side = |tag| self.integer(tag).and_then(|side| u32::try_from(side).ok()).filter(|&side| side > 0);
        side(tag::WIDTH).zip(side(tag::HEIGHT))
    }
}
