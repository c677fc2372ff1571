//! The files of a batch in upload order, including those without a document: no export leaves out a file.

use std::collections::HashMap;

use recto_domain::{BatchFile, FinishedBatch, FinishedDocument, RecordId, RecordStatus, UploadId};

use crate::error::ExportError;
use crate::flat_text::one_line;

/// A file of the batch.
pub(crate) enum Entry {
    /// It completed.
    Read(FinishedDocument),
    /// It failed, was cancelled, or has not ended.
    Unread(UnreadFile),
}

/// A file without a document.
pub(crate) struct UnreadFile {
    pub(crate) upload_id: UploadId,
    pub(crate) record_id: RecordId,
    pub(crate) file_name: String,
    pub(crate) status: RecordStatus,
    /// Its number of pages; `None` when it could not be opened, or was not opened yet.
    pub(crate) pages: Option<u32>,
    /// Why there is no document, worded for a person.
    pub(crate) reason: String,
}

impl Entry {
    /// The number of pages requested of its document; zero without a document.
    pub(crate) fn page_count(&self) -> u32 {
        match self {
            Self::Read(document) => document.page_count,
            Self::Unread(_) => 0,
        }
    }
}

/// The files of a batch in upload order.
pub(crate) fn entries(batch: &dyn FinishedBatch) -> Vec<Entry> {
    let mut documents: HashMap<RecordId, &FinishedDocument> =
        batch.documents().iter().map(|document| (document.record_id, document)).collect();
    let files = batch.details().files.iter();
    let mut entries: Vec<Entry> = files
        .map(|file| match documents.remove(&file.processing_history_id) {
            Some(document) => Entry::Read(document.clone()),
            None => Entry::Unread(UnreadFile::of(file)),
        })
        .collect();
    // If a source lists fewer files than it has documents, the remaining documents are added here.
    let unlisted = batch.documents().iter().filter(|document| documents.contains_key(&document.record_id));
    entries.extend(unlisted.cloned().map(Entry::Read));
    entries
}

/// The files without a document.
pub(crate) fn unread(entries: &[Entry]) -> impl Iterator<Item = &UnreadFile> {
    entries.iter().filter_map(|entry| match entry {
        Entry::Unread(file) => Some(file),
        Entry::Read(_) => None,
    })
}

impl UnreadFile {
    fn of(file: &BatchFile) -> Self {
        let reason = match (&file.error, file.status, file.pages) {
            (Some(error), ..) => error.clone(),
            (None, RecordStatus::Pending | RecordStatus::Queued, _) => "it is waiting to be read".to_owned(),
            (None, RecordStatus::InProgress, None) => "it is being opened".to_owned(),
            (None, RecordStatus::InProgress, Some(pages)) => {
                format!("it is being read; {} of {pages} pages are done", file.pages_done + file.pages_failed)
            }
            (None, RecordStatus::Completed | RecordStatus::Failed, _) => "unknown reason".to_owned(),
        };
        Self {
            upload_id: file.upload_id,
            record_id: file.processing_history_id,
            file_name: file.file_name.clone(),
            status: file.status,
            pages: file.pages,
            reason,
        }
    }

    /// The file name on one line.
    pub(crate) fn name_line(&self) -> String {
        one_line(&self.file_name)
    }

    /// The status in words.
    pub(crate) fn status_words(&self) -> String {
        self.status.as_str().replace('_', " ")
    }

    /// The note in place of its text: `[failed: the file is empty]`.
    pub(crate) fn note(&self) -> String {
        format!("[{}: {}]", self.status_words(), one_line(&self.reason))
    }
}

/// The numbers of a document's failed pages, with the reasons. Pages are read only if some failed.
pub(crate) fn failed_pages(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
) -> Result<Vec<(u32, String)>, ExportError> {
    let file = batch.details().files.iter().find(|file| file.processing_history_id == document.record_id);
    let mut failed = Vec::new();
    if file.is_some_and(|file| file.pages_failed == 0) {
        return Ok(failed);
    }
    for index in 0..document.page_count {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        failed.extend(page.error.map(|error| (page.number, error)));
    }
    Ok(failed)
}

/// A description of failed pages; consecutive pages with the same reason are combined: `page 2 could not be read: it is
/// cut off; pages 4 to 9 could not be read: there was no time left`.
pub(crate) fn failed_pages_in_words(failed: &[(u32, String)]) -> String {
    let runs = failed.chunk_by(|(before, reason), (number, other)| *number == before + 1 && reason == other);
    let told = runs.filter_map(|run| match run {
        [] => None,
        [(number, reason)] => Some(format!("page {number} could not be read: {reason}")),
        [(first, reason), .., (last, _)] => Some(format!("pages {first} to {last} could not be read: {reason}")),
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_a_row_with_one_reason_are_told_together() {
        let failed = [(1, "dark"), (2, "dark"), (3, "cut"), (5, "cut")].map(|(n, why)| (n, why.to_owned()));
        assert_eq!(
            failed_pages_in_words(&failed),
            "pages 1 to 2 could not be read: dark; page 3 could not be read: cut; page 5 could not be read: cut"
        );
    }
}
