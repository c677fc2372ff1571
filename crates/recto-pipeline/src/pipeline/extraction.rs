//! The last step of a record whose template asks for fields: extracting them from its pages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recto_domain::{AfterFailure, FileKind, WorkItem};
use recto_extract::{Document, ExtractError, Extraction, FieldPlan};
use recto_storage::{DocumentToExtract, FoundFields, StorageError};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::item::{Outcome, job_of};
use super::{Permit, PipelineContext};
use crate::message::Answer;

/// How long an extractor may exceed its deadline before it notices.
const GRACE: Duration = Duration::from_secs(1);

impl PipelineContext {
    /// Extracts the fields of an item's record.
    pub(super) async fn extract(&self, item: &WorkItem, place: &Permit) -> Outcome {
        let document = match self.document(item).await {
            Ok(Some(document)) => document,
            // The record was deleted just now, so there is nothing to release either.
            Ok(None) => return Outcome::Undone,
            Err(error) => return Outcome::NoFields { reason: error.to_string(), pause: None },
        };
        let (plans, template) = (Arc::clone(&self.plans), document.template.clone());
        let plan = match tokio::task::spawn_blocking(move || plans.of(&template)).await {
            Ok(Ok(plan)) => plan,
            Ok(Err(invalid)) => {
                let reason = format!("the template cannot be used: {invalid}");
                return Outcome::NoFields { reason, pause: None };
            }
            Err(error) if error.is_panic() => {
                let reason = "the template cannot be used: it caused an internal error".to_owned();
                return Outcome::NoFields { reason, pause: None };
            }
            // This happens only while the process ends.
            Err(_) => return Outcome::Undone,
        };
        let mut warnings = Vec::new();
        if document.left_out > 0 {
            let searched = document.pages.len();
            warnings
                .push(format!("fields were extracted from the first {searched} pages only: the document is too long"));
        }
        let mut e_invoice = None;
        if document.kind == FileKind::Pdf {
            match self.e_invoice(item).await {
                Ok(found) => e_invoice = found,
                Err(NoInvoice::Warning(warning)) => warnings.push(warning),
                Err(NoInvoice::TryAgain(reason)) => return Outcome::NoFields { reason, pause: Some(Duration::ZERO) },
                Err(NoInvoice::Undone) => return Outcome::Undone,
            }
        }
        let begun = Instant::now();
        let searched = self.search(plan, document, e_invoice, place).await;
        self.pool.metrics().work(item.kind, None, begun.elapsed());
        match searched {
            Ok(found) => found_fields(found, warnings),
            Err(error) => {
                tracing::warn!(item = %item.id, "fields could not be extracted: {error}");
                self.after_failure(item, error, warnings)
            }
        }
    }

    /// The outcome of an item whose extractor failed: another attempt, or a result in spite of it.
    fn after_failure(&self, item: &WorkItem, error: ExtractError, mut warnings: Vec<String>) -> Outcome {
        let reason = error.to_string();
        match (error, item.after_failed_attempt()) {
            (ExtractError::Unavailable { so_far: Some(found), .. }, AfterFailure::GiveUp { attempts }) => {
                warnings.push(format!("{reason}; gave up after {attempts} attempts"));
                found_fields(*found, warnings)
            }
            (ExtractError::Unavailable { .. }, _) => {
                let pause = Some(self.settings.extraction_pause * (item.attempts + 1));
                Outcome::NoFields { reason, pause }
            }
            (ExtractError::Unusable { .. }, _) => Outcome::NoFields { reason, pause: None },
        }
    }

    /// The pages and the template. Only permanent errors are returned.
    async fn document(&self, item: &WorkItem) -> Result<Option<DocumentToExtract>, StorageError> {
        let mut backoff = Backoff::new();
        loop {
            match self.storage.queue().document_to_extract(item).await {
                Ok(document) => return Ok(document),
                Err(error @ StorageError::Unreadable { .. }) => return Err(error),
                Err(error) => backoff.wait_after("fetching the pages of a record", &error).await,
            }
        }
    }

    /// The invoice that a PDF carries as data. If it cannot be extracted, the pages are searched anyway.
    async fn e_invoice(&self, item: &WorkItem) -> Result<Option<Vec<u8>>, NoInvoice> {
        // If the stored file is gone, the pages that were read from it are still searched.
        let Ok(file) = self.open_file(item).await else {
            return Err(NoInvoice::Warning(
                "the PDF could not be checked for an embedded e-invoice: the stored file is missing".to_owned(),
            ));
        };
        match self.pool.run(item.organization_id, &item.blob_key, job_of(item), file).await {
            Ok(Answer::EInvoice(found)) => Ok(found),
            Ok(_) => Ok(None),
            // The first failure may have any cause; the second is blamed on the file.
            Err(failure) if failure.counts_as_attempt() && item.attempts == 0 => {
                Err(NoInvoice::TryAgain(failure.to_string()))
            }
            Err(failure) if failure.counts_as_attempt() => {
                Err(NoInvoice::Warning(format!("the PDF could not be checked for an embedded e-invoice: {failure}")))
            }
            Err(_) => Err(NoInvoice::Undone),
        }
    }

    /// Has the extractor search on a separate thread, which it may block and on which it may panic. An extractor that
    /// waits for something is stopped at its deadline, or when its result is no longer wanted. One that computes cannot
    /// be stopped, and keeps its permit until it ends.
    async fn search(
        &self,
        plan: Arc<FieldPlan>,
        document: DocumentToExtract,
        e_invoice: Option<Vec<u8>>,
        place: &Permit,
    ) -> Result<Extraction, ExtractError> {
        let (extractor, place, runtime) = (Arc::clone(&self.extractor), Arc::clone(place), Handle::current());
        let limit = self.settings.extraction_limit;
        let given_up = CancellationToken::new();
        let _guard = given_up.clone().drop_guard();
        let searching = tokio::task::spawn_blocking(move || {
            let document = Document { pages: &document.pages, e_invoice: e_invoice.as_deref() };
            let search = async { timeout(limit, extractor.extract(&plan, document)).await };
            let found = runtime.block_on(given_up.run_until_cancelled(search));
            drop(place);
            found
        });
        let extractor = self.extractor.name().to_owned();
        let too_long = format!("it took longer than {} s", limit.as_secs());
        match timeout(limit + GRACE, searching).await {
            Ok(Ok(Some(Ok(found)))) => found,
            Ok(Ok(Some(Err(_)))) => Err(ExtractError::Unavailable { extractor, reason: too_long, so_far: None }),
            // Another attempt would take as long.
            Err(_) => Err(ExtractError::Unusable { extractor, reason: too_long }),
            Ok(Err(error)) if error.is_panic() => {
                Err(ExtractError::Unusable { extractor, reason: "it failed with an internal error".to_owned() })
            }
            // This happens only while the process ends.
            Ok(Ok(None) | Err(_)) => {
                Err(ExtractError::Unavailable { extractor, reason: "it was stopped".to_owned(), so_far: None })
            }
        }
    }
}

/// The outcome for extracted fields. Warnings make the record need review.
fn found_fields(found: Extraction, mut warnings: Vec<String>) -> Outcome {
    warnings.extend(found.warnings);
    let needs_review = found.needs_review || !warnings.is_empty();
    Outcome::Fields(FoundFields { fields: found.fields, needs_review, warnings })
}

/// Why it is unknown whether there is an invoice.
enum NoInvoice {
    /// A worker failed on it for the first time.
    TryAgain(String),
    /// Workers failed on it repeatedly, or the file is gone. The text is worded for a person.
    Warning(String),
    /// No worker was available. The item is released unchanged.
    Undone,
}
