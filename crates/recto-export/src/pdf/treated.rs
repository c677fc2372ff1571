//! The changes made to pages on request.

use std::collections::BTreeMap;

use recto_domain::{FinishedDocument, RecordId};

/// The changes, by document and page.
#[derive(Debug, Default)]
pub(super) struct Treated(BTreeMap<RecordId, TreatedFile>);

/// The changes to the pages of a document.
#[derive(Debug)]
pub(super) struct TreatedFile {
    pub(super) file_name: String,
    /// By page number in the file.
    pub(super) pages: BTreeMap<u32, Vec<String>>,
}

impl Treated {
    /// Records changes to a page, worded for a person.
    pub(super) fn note(&mut self, document: &FinishedDocument, page: u32, what: impl IntoIterator<Item = String>) {
        let mut what = what.into_iter().peekable();
        if what.peek().is_none() {
            return;
        }
        let new = || TreatedFile { file_name: document.file_name.clone(), pages: BTreeMap::new() };
        let file = self.0.entry(document.record_id).or_insert_with(new);
        file.pages.entry(page).or_default().extend(what);
    }

    pub(super) fn files(&self) -> &BTreeMap<RecordId, TreatedFile> {
        &self.0
    }
}
