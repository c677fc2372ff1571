//! The finished documents of a batch, as storage provides them to exporters.

use std::fs::File;

use crate::batch::BatchDetails;
use crate::document::Page;
use crate::field::Field;
use crate::file_kind::FileKind;
use crate::geometry::Rotation;
use crate::id::{RecordId, UploadId};

/// The error of a source that cannot be read, such as a database or a blob store that does not answer.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// A completed file of a batch, without its pages.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedDocument {
    /// The upload.
    pub upload_id: UploadId,
    /// The record; the API calls it `processingHistoryId`.
    pub record_id: RecordId,
    /// The name that the sender gave; it may contain any characters.
    pub file_name: String,
    /// The kind detected from its bytes.
    pub kind: FileKind,
    /// Number of pages requested, including those that failed.
    pub page_count: u32,
    /// The fields of its template in the template's order, including those without a value; `None` without a template.
    pub fields: Option<Vec<Field>>,
    /// Mean confidence over the words; `None` without words.
    pub confidence: Option<f32>,
    /// Remarks on the document, such as pages that failed.
    pub warnings: Vec<String>,
    /// The record whose pages were reused; `None` when the document was read itself.
    pub reused_from: Option<RecordId>,
}

/// A batch whose completed files can be read one after another, so that the memory used does not grow with it.
///
/// The methods are blocking: call them off the async threads.
pub trait FinishedBatch {
    /// The batch's details.
    fn details(&self) -> &BatchDetails;

    /// The completed files in upload order.
    fn documents(&self) -> &[FinishedDocument];

    /// The page at `index` (from 0) among the requested pages of a document. Reading in order is cheapest. A page that
    /// could not be read is returned as [`Page::failed`]. [`Page::number`] is the page's number in the file, which
    /// differs from `index + 1` when a page range was requested.
    fn page(&mut self, record: RecordId, index: u32) -> Result<Page, SourceError>;

    /// The file as it was sent, open for reading.
    fn original(&mut self, record: RecordId) -> Result<File, SourceError>;

    /// Whether pages can be drawn. If not, an export that needs drawings is refused before it starts.
    fn draws(&self) -> bool {
        false
    }

    /// The page with that number in the file (from 1) as a colour picture, upright after the stored page was turned
    /// clockwise by `rotation`.
    ///
    /// Exports read originals with safe code only. An implementation must draw in a separate process, which may crash.
    fn drawing(&mut self, record: RecordId, number: u32, rotation: Rotation) -> Result<Drawing, SourceError> {
        let _ = (record, number, rotation);
        Ok(Drawing::Impossible("pages cannot be drawn here".to_owned()))
    }
}

/// A page as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drawing {
    /// A PNG or a JPEG.
    Picture(Vec<u8>),
    /// The page cannot be drawn; the reason is worded for a person.
    Impossible(String),
}
