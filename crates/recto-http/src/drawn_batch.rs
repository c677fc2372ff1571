//! A batch whose pages can be drawn during an export.

use std::fs::File;
use std::sync::Arc;

use recto_domain::{BatchDetails, Drawing, FinishedBatch, FinishedDocument, Page, RecordId, Rotation, SourceError};
use recto_storage::StoredBatch;
use tokio::runtime::Handle;

use crate::page_picture::{PagePictures, PictureFailure};

/// A stored batch, and the service that draws its pages. It blocks like [`StoredBatch`].
pub struct DrawnBatch {
    batch: StoredBatch,
    pictures: Arc<dyn PagePictures>,
    runtime: Handle,
}

impl DrawnBatch {
    /// The batch with `pictures`. Must be called within a runtime.
    #[must_use]
    pub fn new(batch: StoredBatch, pictures: Arc<dyn PagePictures>) -> Self {
        Self { batch, pictures, runtime: Handle::current() }
    }
}

impl FinishedBatch for DrawnBatch {
    fn details(&self) -> &BatchDetails {
        self.batch.details()
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
        true
    }

    fn drawing(&mut self, record: RecordId, number: u32, rotation: Rotation) -> Result<Drawing, SourceError> {
        let file = self.batch.original(record)?;
        let owner = self.batch.details().batch.organization_id;
        let key = self.batch.blob_key(record).unwrap_or_default().to_owned();
        let drawn = self.runtime.block_on(self.pictures.drawing(owner, &key, file, number, rotation));
        Ok(match drawn {
            Ok(picture) => Drawing::Picture(picture),
            // Another attempt would fail too, and the other pages are still worth having.
            Err(failure @ (PictureFailure::Unreadable(_) | PictureFailure::Worker(_))) => {
                Drawing::Impossible(failure.to_string())
            }
        })
    }
}
