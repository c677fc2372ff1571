//! Pictures of pages for the HTTP API, drawn by the workers.

use std::fs::File;

use async_trait::async_trait;
use recto_domain::{OrganizationId, Rotation};
use recto_http::{PagePictures, PictureFailure};
use recto_pipeline::{Answer, Job, WorkerPool};

/// The longer side of a picture in pixels: an A4 page at 150 dots per inch fits.
const MAX_SIDE: u32 = 1800;
/// The resolution in pixels per inch of a page that an export cannot copy as it is; it is the usual resolution of
/// print.
const DPI: u32 = 300;

/// A pool whose workers draw pages between the pages that they read.
pub(crate) struct WorkerPictures(pub(crate) WorkerPool);

#[async_trait]
impl PagePictures for WorkerPictures {
    async fn picture(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        number: u32,
        rotation: Rotation,
    ) -> Result<Vec<u8>, PictureFailure> {
        self.drawn(owner, blob_key, Job::Picture { number, rotation, max_side: MAX_SIDE }, file).await
    }

    async fn drawing(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        number: u32,
        rotation: Rotation,
    ) -> Result<Vec<u8>, PictureFailure> {
        self.drawn(owner, blob_key, Job::Drawing { number, rotation, dpi: DPI }, file).await
    }
}

impl WorkerPictures {
    async fn drawn(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        job: Job,
        file: File,
    ) -> Result<Vec<u8>, PictureFailure> {
        match self.0.run(owner, blob_key, job, file).await {
            Ok(Answer::Picture(png)) => Ok(png),
            Ok(Answer::FileFailure(why)) => Err(PictureFailure::Unreadable(why)),
            Ok(Answer::Opened { .. } | Answer::Page(_) | Answer::EInvoice(_) | Answer::Unlocked(_)) => {
                Err(PictureFailure::Worker("the worker gave an unexpected answer".to_owned()))
            }
            Err(failure) => Err(PictureFailure::Worker(failure.to_string())),
        }
    }
}
