//! The work on one item, from its claim to its end.

use std::io::ErrorKind;
use std::time::Duration;

use recto_domain::{AfterFailure, Page, TextLayerUse, WorkItem, WorkKind, error_chain};
use recto_storage::{FoundFields, Opened, OpenedPage, StorageError, Stored};
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::{Permit, PipelineContext};
use crate::message::{Answer, Job};
use crate::pool::{Attempt, WorkerFailure};

/// How often storing a result is tried before it is dropped: some 15 minutes in all. The item is then claimed again.
const MAX_STORE_ATTEMPTS: u32 = 180;

/// The outcome of an item, to be stored.
pub(super) enum Outcome {
    Opened(Opened),
    Page(Page),
    FileFailure(String),
    WorkerFailure(String),
    /// The worker ran out of time.
    Overrun(String),
    /// The file has used up its budget. Nothing was tried.
    UsedUp,
    Fields(FoundFields),
    /// The fields could not be extracted. With a pause, the search is tried again after it.
    NoFields {
        reason: String,
        pause: Option<Duration>,
    },
    /// The item is released unchanged.
    Undone,
    /// Everything is done, including the storing.
    Done,
}

impl PipelineContext {
    /// Does the work of an item and stores its outcome.
    ///
    /// `stop` ends the work when the item's lease is lost. Nothing is then stored or released.
    pub(super) async fn carry_out(&self, mut item: WorkItem, place: &Permit, stop: &CancellationToken) {
        let outcome = tokio::select! {
            biased;
            () = stop.cancelled() => {
                tracing::debug!(item = %item.id, "work on an item was stopped");
                return;
            }
            outcome = self.work_on(&mut item, place) => outcome,
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.store(&item, &outcome) => {}
        }
    }

    async fn work_on(&self, item: &mut WorkItem, place: &Permit) -> Outcome {
        if item.kind == WorkKind::Extract {
            return self.extract(item, place).await;
        }
        let Some(limit) = item.cost.time_limit(item.kind, self.node.limits()) else {
            return Outcome::UsedUp;
        };
        item.way = self.pool.status().borrow().way.as_ref().map(|way| way.with(&item.options));
        if item.kind == WorkKind::Open && item.has_passwords {
            if let Err(outcome) = self.unlock(item, limit).await {
                return outcome;
            }
        } else if item.kind == WorkKind::Open && self.take_over(item).await {
            return Outcome::Done;
        }
        let file = match self.open_file(item).await {
            Ok(file) => file,
            Err(outcome) => return outcome,
        };
        let attempt = self.pool.attempt(item.organization_id, &item.blob_key, job_of(item), file, limit).await;
        item.took = attempt.took;
        self.note(item, &attempt);
        match attempt.answer {
            Ok(Answer::Opened { kind, pages }) => {
                let pages = pages.into_iter().map(|(number, text_layer)| OpenedPage { number, text_layer }).collect();
                Outcome::Opened(Opened { kind, pages })
            }
            Ok(Answer::Page(page)) => Outcome::Page(page),
            Ok(Answer::FileFailure(reason)) => Outcome::FileFailure(reason),
            Err(failure @ WorkerFailure::TimedOut { .. }) => Outcome::Overrun(reason_for(item, &failure)),
            Err(failure) if failure.counts_as_attempt() => Outcome::WorkerFailure(reason_for(item, &failure)),
            // Pictures and invoices are not asked for here.
            Ok(Answer::Picture(_) | Answer::EInvoice(_) | Answer::Unlocked(_)) | Err(_) => Outcome::Undone,
        }
    }

    /// Counts the worker's result for an item in the metrics.
    fn note(&self, item: &WorkItem, attempt: &Attempt) {
        let metrics = self.pool.metrics();
        let source = match &attempt.answer {
            Ok(Answer::Page(page)) => {
                metrics.page(page);
                page.source.as_ref()
            }
            Ok(Answer::Opened { pages, .. }) => {
                pages.iter().filter_map(|(_, text_layer)| text_layer.as_ref()).for_each(|page| metrics.page(page));
                None
            }
            Ok(_) => None,
            Err(failure) => {
                if failure.counts_as_attempt() && matches!(item.after_failed_attempt(), AfterFailure::GiveUp { .. }) {
                    metrics.given_up();
                }
                None
            }
        };
        metrics.work(item.kind, source, attempt.took);
    }

    /// Whether the item is done already: the result of an earlier reading of the file was taken over, or the lease is
    /// lost.
    async fn take_over(&self, item: &WorkItem) -> bool {
        if !item.options.reuse.unwrap_or(self.settings.reuse) {
            return false;
        }
        match self.storage.queue().take_over_reading(&self.node, item).await {
            Ok(Some(Stored::Yes)) => true,
            Ok(Some(Stored::NotOurs)) => {
                tracing::debug!(item = %item.id, "a work item now belongs to another node and is skipped");
                true
            }
            Ok(None) => false,
            Err(error) => {
                // Reading the file again is as good.
                tracing::warn!("an earlier result could not be reused: {}", error_chain(&error));
                false
            }
        }
    }

    pub(super) async fn open_file(&self, item: &WorkItem) -> Result<std::fs::File, Outcome> {
        let mut backoff = Backoff::new();
        loop {
            match self.storage.open_blob(&item.blob_key).await {
                Ok(file) => return Ok(file),
                Err(error) if is_missing(&error) => {
                    return Err(Outcome::FileFailure("the stored file is missing; send it again".to_owned()));
                }
                Err(error) => backoff.wait_after("fetching a file", &error).await,
            }
        }
    }

    async fn store(&self, item: &WorkItem, outcome: &Outcome) {
        let (storage, node) = (&self.storage, &self.node);
        let mut backoff = Backoff::new();
        while backoff.failures() < MAX_STORE_ATTEMPTS {
            let stored = match outcome {
                Outcome::Opened(opened) => storage.queue().record_opened(node, item, opened.clone()).await,
                Outcome::Page(page) => storage.queue().record_page_result(node, item, page.clone()).await,
                Outcome::FileFailure(reason) => storage.queue().record_file_failure(node, item, reason).await,
                Outcome::WorkerFailure(reason) => {
                    storage.queue().record_worker_failure(node, item, reason).await.map(|_| Stored::Yes)
                }
                Outcome::Overrun(reason) => {
                    storage.queue().record_overrun(node, item, reason).await.map(|_| Stored::Yes)
                }
                Outcome::UsedUp => storage.queue().record_used_up(node, item).await,
                Outcome::Fields(found) => storage.queue().record_fields(node, item, found.clone()).await,
                Outcome::NoFields { reason, pause } => {
                    storage.queue().record_extraction_failure(node, item, reason, *pause).await
                }
                Outcome::Done => return,
                Outcome::Undone => storage.queue().release(node, &[item.id]).await.map(|()| Stored::Yes),
            };
            match stored {
                Ok(Stored::Yes) => return,
                Ok(Stored::NotOurs) => {
                    tracing::debug!(item = %item.id, "a result came too late and is discarded");
                    return;
                }
                Err(error) => backoff.wait_after("storing a result", &error).await,
            }
        }
        tracing::error!(item = %item.id, "a result could not be stored; the work is repeated when its lease expires");
    }
}

/// The job for a worker. After a file or page has made a worker fail, its own text is not read again: the reading of
/// text may be what breaks, while the reading of pictures works. And a page whose text breaks the opening of the file
/// must not cost the other pages.
pub(super) fn job_of(item: &WorkItem) -> Job {
    let has_been_fatal = item.attempts > 0 || item.is_short();
    let text_layer = if has_been_fatal { Some(TextLayerUse::Ignore) } else { item.options.text_layer };
    match item.kind {
        WorkKind::Open => Job::Open { wanted: item.options.pages.clone(), text_layer },
        WorkKind::Page { number } => Job::Page {
            number,
            engine: item.options.engine.clone(),
            languages: item.options.languages.clone(),
            text_layer,
        },
        WorkKind::Extract => Job::EInvoice,
    }
}

pub(super) fn reason_for(item: &WorkItem, failure: &WorkerFailure) -> String {
    match item.after_failed_attempt() {
        AfterFailure::Retry { .. } => failure.to_string(),
        AfterFailure::GiveUp { .. } if item.is_short() => {
            format!("{failure}; no more time was left, because other pages of the file had already timed out")
        }
        AfterFailure::GiveUp { attempts } => format!("{failure}; gave up after {attempts} attempts"),
    }
}

fn is_missing(error: &StorageError) -> bool {
    match error {
        StorageError::NotFound { .. } => true,
        StorageError::File(cause) => cause.kind() == ErrorKind::NotFound,
        _ => false,
    }
}
