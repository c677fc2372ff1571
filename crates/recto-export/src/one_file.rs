//! One file of a batch, as a batch of its own.

use std::fs::File;

use recto_domain::{
    BatchDetails, Drawing, FileCounts, FinishedBatch, FinishedDocument, Page, RecordId, RecordStatus, Rotation,
    SourceError,
};

/// One completed file of a batch as a batch of its own: exports of it are about that file only.
pub struct OneFile<'a> {
    batch: &'a mut dyn FinishedBatch,
    details: BatchDetails,
    document: FinishedDocument,
}

impl<'a> OneFile<'a> {
    /// The file of that record; `None` when the batch has no document for it.
    pub fn of(batch: &'a mut dyn FinishedBatch, record: RecordId) -> Option<Self> {
        let document = batch.documents().iter().find(|document| document.record_id == record)?.clone();
        let mut details = batch.details().clone();
        details.files.retain(|file| file.processing_history_id == record);
        details.upload_ids = vec![document.upload_id];
        details.processing_history_ids = vec![record];
        details.total_pages = details.files.iter().filter_map(|file| file.pages).sum();
        details.completed_pages = details.files.iter().map(|file| file.pages_done).sum();
        details.failed_pages = details.files.iter().map(|file| file.pages_failed).sum();
        let is = |status| details.files.iter().filter(|file| file.status == status).count() as u32;
        let counts = FileCounts {
            total: details.files.len() as u32,
            completed: is(RecordStatus::Completed),
            failed: is(RecordStatus::Failed),
        };
        details.batch.total_files = counts.total;
        (details.batch.completed_files, details.batch.failed_files) = (counts.completed, counts.failed);
        (details.batch.status, details.batch.progress) = (counts.status(), counts.progress());
        Some(Self { batch, details, document })
    }
}

impl FinishedBatch for OneFile<'_> {
    fn details(&self) -> &BatchDetails {
        &self.details
    }

    fn documents(&self) -> &[FinishedDocument] {
        std::slice::from_ref(&self.document)
    }

    fn page(&mut self, record: RecordId, index: u32) -> Result<Page, SourceError> {
        self.batch.page(record, index)
    }

    fn original(&mut self, record: RecordId) -> Result<File, SourceError> {
        self.batch.original(record)
    }

    fn draws(&self) -> bool {
        self.batch.draws()
    }

    fn drawing(&mut self, record: RecordId, number: u32, rotation: Rotation) -> Result<Drawing, SourceError> {
        self.batch.drawing(record, number, rotation)
    }
}
