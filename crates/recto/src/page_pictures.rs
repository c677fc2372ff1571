//! Pictures of pages for the HTTP face, drawn by the workers.

use std::fs::File;

use async_trait::async_trait;
use recto_domain::{OrganizationId, Rotation};
use recto_http::{PagePictures, PictureFailure};
use recto_pipeline::{Answer, Job, WorkerPool};

/// The longer side of a picture in pixels: an A4 page at 150 dots per inch fits.
const MAX_SIDE: u32 = 1800;

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
        let job = Job::Picture { number, rotation, max_side: MAX_SIDE };
        match self.0.run(owner, blob_key, job, file).await {
            Ok(Answer::Picture(png)) => Ok(png),
            Ok(Answer::FileFailure(why)) => Err(PictureFailure::Unreadable(why)),
            Ok(Answer::Opened { .. } | Answer::Page(_) | Answer::EInvoice(_) | Answer::Unlocked(_)) => {
                Err(PictureFailure::Worker("the worker answered something else".to_owned()))
            }
            Err(failure) => Err(PictureFailure::Worker(failure.to_string())),
        }
    }
}
