//! Page labels (ISO 32000-1, section 12.4.2): the page numbers of originals, such as iv or A-3.

use std::collections::BTreeMap;
use std::io;

use super::copy::Copier;
use super::object::{Dictionary, Object, Reference};
use super::tree;
use super::writer::Writer;

/// The labels of the export's pages.
#[derive(Default)]
pub(super) struct PageLabels {
    /// The numbering that begins at each page of the export.
    ranges: BTreeMap<i64, Object>,
    /// Whether any original has page labels.
    are_told: bool,
}

/// The page labels of an original.
pub(super) struct OriginalLabels(BTreeMap<i64, Dictionary>);

impl OriginalLabels {
    pub(super) fn read(copier: &mut Copier) -> Self {
        let root = copier.source.catalog().get("PageLabels").cloned().unwrap_or_default();
        let mut ranges = BTreeMap::new();
        for (first, style) in tree::entries(root, "Nums", &mut copier.source) {
            let (Some(first), Some(style)) = (first.as_integer(), copier.source.dictionary(&style)) else { continue };
            let mut range = Dictionary::new();
            for key in ["S", "P", "St"] {
                if let Some(value) = style.get(key) {
                    range.set(key, copier.source.resolved(value));
                }
            }
            ranges.insert(first, range);
        }
        Self(ranges)
    }

    /// The numbering from that page on.
    fn from(&self, page: i64) -> Option<Dictionary> {
        let (first, range) = self.0.range(..=page).next_back()?;
        let number = range.get("St").and_then(Object::as_integer).unwrap_or(1) + (page - first);
        Some(range.clone().with("St", number.max(1)))
    }
}

impl PageLabels {
    /// Adds the export's page at `index`, which is page `original` of its own document.
    pub(super) fn push(&mut self, index: i64, original: i64, labels: Option<&OriginalLabels>) {
        let told = labels.and_then(|labels| labels.from(original));
        self.are_told |= told.is_some();
        let range = told.unwrap_or_else(|| Dictionary::new().with("S", Object::name("D")).with("St", original + 1));
        // A range continues by itself.
        let goes_on = self.ranges.last_key_value().is_some_and(|(first, last)| {
            let Some(last) = last.as_dictionary() else { return false };
            let start = |range: &Dictionary| range.get("St").and_then(Object::as_integer).unwrap_or(1);
            let same = |key| last.get(key) == range.get(key);
            same("S") && same("P") && start(last) + (index - first) == start(&range)
        });
        if !goes_on {
            self.ranges.insert(index, range.into());
        }
    }

    /// Writes the labels; `None` when no original has any.
    pub(super) fn finish(self, writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
        if self.are_told { tree::numbers(self.ranges, writer) } else { Ok(None) }
    }
}
