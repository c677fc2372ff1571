//! A finished batch held in memory.

use std::fs::File;
use std::path::PathBuf;

use recto_domain::{
    Batch, BatchDetails, BatchFile, BatchId, BatchStatus, FileCounts, FileKind, FinishedBatch, FinishedDocument,
    OrganizationId, Page, PageOutcome, ProjectId, RecordId, RecordStatus, SourceError, Timestamp, UploadId, UserId,
    document::mean_confidence,
};

/// A finished batch held in memory, for programs that recognise documents themselves and want them exported.
///
/// The server reads batches from its database instead. Files are added with [`MemoryBatch::add`]; the details of the
/// batch (its counts, its list of files) are derived from them.
///
/// ```
/// use recto_domain::{Page, FileKind, Timestamp};
/// use recto_export::{ExportOptions, Format, MemoryBatch, export};
///
/// let mut batch = MemoryBatch::new("Letters", Timestamp::from_millis(0));
/// batch.add("letter.png", FileKind::Png, "letter.png", vec![Page::failed(1, "the picture is cut off".into())]);
/// let mut text = Vec::new();
/// export(Format::Text, &ExportOptions::default(), &mut batch, &mut text)?;
/// assert!(String::from_utf8(text).unwrap().contains("[page 1 could not be read: the picture is cut off]"));
/// # Ok::<(), recto_export::ExportError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MemoryBatch {
    details: BatchDetails,
    documents: Vec<FinishedDocument>,
    contents: Vec<Content>,
}

/// The content of a document, besides its description.
#[derive(Debug, Clone)]
struct Content {
    pages: Vec<Page>,
    original: PathBuf,
}

/// The error for an unknown record, or an unknown page of a record.
#[derive(Debug, thiserror::Error)]
#[error("the batch has no page {index} of the record {record}")]
struct Missing {
    record: RecordId,
    index: u32,
}

impl MemoryBatch {
    /// An empty batch with new ids that was processed at that time.
    #[must_use]
    pub fn new(name: impl Into<String>, at: Timestamp) -> Self {
        Self::with_details(BatchDetails {
            batch: Batch {
                id: BatchId::generate(),
                name: name.into(),
                project_id: ProjectId::generate(),
                organization_id: OrganizationId::generate(),
                user_id: UserId::generate(),
                template_id: None,
                template_name: None,
                total_files: 0,
                completed_files: 0,
                failed_files: 0,
                status: BatchStatus::Completed,
                progress: 100.0,
                created_at: at,
                updated_at: at,
            },
            upload_ids: Vec::new(),
            processing_history_ids: Vec::new(),
            metadata: None,
            files: Vec::new(),
            total_pages: 0,
            completed_pages: 0,
            failed_pages: 0,
            eta_seconds: None,
            waiting_until: None,
            started_at: Some(at),
            completed_at: Some(at),
        })
    }

    /// A batch with those details; files added by [`MemoryBatch::add`] are counted in addition.
    #[must_use]
    pub fn with_details(details: BatchDetails) -> Self {
        Self { details, documents: Vec::new(), contents: Vec::new() }
    }

    /// Adds a completed file with new ids: its name (any characters), its kind, the path to open it again (needed only
    /// by [`Format::Pdf`](crate::Format::Pdf)), and its pages in order.
    pub fn add(
        &mut self,
        file_name: impl Into<String>,
        kind: FileKind,
        original: impl Into<PathBuf>,
        pages: Vec<Page>,
    ) -> RecordId {
        let warnings = pages.iter().flat_map(|page| {
            let failed = page.error.as_ref().map(|error| format!("page {} could not be read: {error}", page.number));
            let noted = page.warnings.iter().map(|warning| format!("page {}: {warning}", page.number));
            failed.into_iter().chain(noted)
        });
        let blocks: Vec<_> = pages.iter().flat_map(|page| &page.blocks).cloned().collect();
        let document = FinishedDocument {
            upload_id: UploadId::generate(),
            record_id: RecordId::generate(),
            file_name: file_name.into(),
            kind,
            page_count: pages.len() as u32,
            fields: None,
            confidence: mean_confidence(&blocks),
            warnings: warnings.collect(),
            reused_from: None,
        };
        let record_id = document.record_id;
        self.add_document(document, original, pages);
        record_id
    }

    /// Adds a completed file that already has ids; see [`MemoryBatch::add`].
    pub fn add_document(&mut self, document: FinishedDocument, original: impl Into<PathBuf>, pages: Vec<Page>) {
        let failed = pages.iter().filter(|page| page.outcome() == PageOutcome::Failed).count() as u32;
        let done = document.page_count - failed.min(document.page_count);
        let details = &mut self.details;
        details.upload_ids.push(document.upload_id);
        details.processing_history_ids.push(document.record_id);
        details.batch.total_files += 1;
        details.batch.completed_files += 1;
        details.total_pages += document.page_count;
        details.completed_pages += done;
        details.failed_pages += failed;
        details.files.push(BatchFile {
            needs_review: false,
            upload_id: document.upload_id,
            processing_history_id: document.record_id,
            file_name: document.file_name.clone(),
            status: RecordStatus::Completed,
            pages: Some(document.page_count),
            pages_done: done,
            pages_failed: failed,
            error: None,
            warnings: document.warnings.clone(),
        });
        self.documents.push(document);
        self.contents.push(Content { pages, original: original.into() });
    }

    /// Adds a file without a document, with new ids: one that failed, with the reason, or one that has not ended.
    pub fn add_unread(&mut self, file_name: impl Into<String>, status: RecordStatus, error: Option<String>) {
        let details = &mut self.details;
        let file = BatchFile {
            needs_review: false,
            upload_id: UploadId::generate(),
            processing_history_id: RecordId::generate(),
            file_name: file_name.into(),
            status,
            pages: None,
            pages_done: 0,
            pages_failed: 0,
            error,
            warnings: Vec::new(),
        };
        details.upload_ids.push(file.upload_id);
        details.processing_history_ids.push(file.processing_history_id);
        details.batch.total_files += 1;
        details.batch.failed_files += u32::from(status == RecordStatus::Failed);
        details.files.push(file);
        let batch = &mut details.batch;
        let counts =
            FileCounts { total: batch.total_files, completed: batch.completed_files, failed: batch.failed_files };
        (batch.status, batch.progress) = (counts.status(), counts.progress());
    }

    fn content(&self, record: RecordId) -> Option<&Content> {
        let at = self.documents.iter().position(|document| document.record_id == record)?;
        self.contents.get(at)
    }
}

impl FinishedBatch for MemoryBatch {
    fn details(&self) -> &BatchDetails {
        &self.details
    }

    fn documents(&self) -> &[FinishedDocument] {
        &self.documents
    }

    fn page(&mut self, record: RecordId, index: u32) -> Result<Page, SourceError> {
        let page = self.content(record).and_then(|content| content.pages.get(index as usize));
        page.cloned().ok_or_else(|| Missing { record, index }.into())
    }

    fn original(&mut self, record: RecordId) -> Result<File, SourceError> {
        let content = self.content(record).ok_or(Missing { record, index: 0 })?;
        Ok(File::open(&content.original)?)
    }
}
