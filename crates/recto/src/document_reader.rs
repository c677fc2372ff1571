//! Documents outside of batches, read by the workers for the HTTP API.

use std::fs::File;

use async_trait::async_trait;
use recto_domain::{OrganizationId, Page, PageRange};
use recto_http::{DocumentReader, Unreadable};
use recto_pipeline::{Answer, Job, WorkerPool};

/// A pool whose workers read these documents between the pages of batches.
pub(crate) struct WorkerReader(pub(crate) WorkerPool);

#[async_trait]
impl DocumentReader for WorkerReader {
    async fn pages(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        most: u32,
    ) -> Result<Vec<Page>, Unreadable> {
        let odd = || Unreadable("the worker gave an unexpected answer".to_owned());
        let wanted: PageRange = format!("1-{most}").parse().map_err(|_| odd())?;
        let open = Job::Open { wanted: Some(wanted), text_layer: None };
        let opened = match self.answer(owner, blob_key, open, &file).await? {
            Answer::Opened { pages, .. } => pages,
            Answer::FileFailure(why) => return Err(Unreadable(why)),
            Answer::Page(_) | Answer::Picture(_) | Answer::EInvoice(_) | Answer::Unlocked(_) => return Err(odd()),
        };
        let mut pages = Vec::new();
        for (number, text_layer) in opened {
            let page = if let Some(page) = text_layer {
                page
            } else {
                let read = Job::Page { number, engine: None, languages: None, text_layer: None };
                match self.answer(owner, blob_key, read, &file).await? {
                    Answer::Page(page) => page,
                    Answer::FileFailure(why) => return Err(Unreadable(why)),
                    Answer::Opened { .. } | Answer::Picture(_) | Answer::EInvoice(_) | Answer::Unlocked(_) => {
                        return Err(odd());
                    }
                }
            };
            if let Some(why) = &page.error {
                return Err(Unreadable(format!("page {number}: {why}")));
            }
            pages.push(page);
        }
        Ok(pages)
    }
}

impl WorkerReader {
    async fn answer(&self, owner: OrganizationId, blob_key: &str, job: Job, file: &File) -> Result<Answer, Unreadable> {
        let again = file.try_clone().map_err(|error| Unreadable(error.to_string()))?;
        self.0.run(owner, blob_key, job, again).await.map_err(|failure| Unreadable(failure.to_string()))
    }
}
