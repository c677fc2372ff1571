//! Puts files that could not be taken in back into their places, so that the export names every file that was asked
//! for.

use std::fs::File;

use recto_domain::{
    BatchDetails, BatchFile, Drawing, FinishedBatch, FinishedDocument, Page, RecordId, Rotation, SourceError, UploadId,
};
use recto_http::DrawnBatch;

use super::report::Outcome;

/// A batch together with the files that never got into it.
pub(super) struct WithRefused {
    batch: DrawnBatch,
    details: BatchDetails,
}

impl WithRefused {
    /// Adds the outcomes of refused files, each at its index among all files. The indices must be ascending.
    pub(super) fn new(batch: DrawnBatch, refused: Vec<(usize, Outcome)>) -> Self {
        let mut details = batch.details().clone();
        for (place, outcome) in refused {
            let file = BatchFile {
                needs_review: false,
                upload_id: UploadId::generate(),
                processing_history_id: RecordId::generate(),
                file_name: outcome.file,
                status: outcome.status,
                pages: None,
                pages_done: 0,
                pages_failed: 0,
                error: outcome.error,
                warnings: Vec::new(),
            };
            details.upload_ids.insert(place, file.upload_id);
            details.processing_history_ids.insert(place, file.processing_history_id);
            details.files.insert(place, file);
            details.batch.total_files += 1;
            details.batch.failed_files += 1;
        }
        let counts = recto_domain::FileCounts {
            total: details.batch.total_files,
            completed: details.batch.completed_files,
            failed: details.batch.failed_files,
        };
        details.batch.status = counts.status();
        Self { batch, details }
    }
}

impl FinishedBatch for WithRefused {
    fn details(&self) -> &BatchDetails {
        &self.details
    }

    fn documents(&self) -> &[FinishedDocument] {
        self.batch.documents()
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
