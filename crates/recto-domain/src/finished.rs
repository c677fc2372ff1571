//! The finished documents of a batch, as exporters read them and storage gives them.

use std::fs::File;

use crate::batch::BatchDetails;
use crate::document::Page;
use crate::field::Field;
use crate::file_kind::FileKind;
use crate::geometry::Rotation;
use crate::id::{RecordId, UploadId};

/// Why a source could not give what it holds: a database or a blob store that does not answer.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// A completed file of a batch, without its pages.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedDocument {
    /// The upload.
    pub upload_id: UploadId,
    /// The record; the API calls it `processingHistoryId`.
    pub record_id: RecordId,
    /// As the sender named it: any characters.
    pub file_name: String,
    /// The kind that its bytes show.
    pub kind: FileKind,
    /// Pages that were asked for, failed ones included.
    pub page_count: u32,
    /// The fields of its template in the template's order, those without a value too; `None` without a template.
    pub fields: Option<Vec<Field>>,
    /// Mean confidence over the words; `None` without words.
    pub confidence: Option<f32>,
    /// What is worth knowing, such as pages that failed.
    pub warnings: Vec<String>,
    /// The record whose pages it took over; `None` when it was read itself.
    pub reused_from: Option<RecordId>,
}

/// A batch whose completed files can be read one after another, so that the memory used does not grow with it.
///
/// Blocking: call it off the async threads.
pub trait FinishedBatch {
    /// The batch's details.
    fn details(&self) -> &BatchDetails;

    /// The completed files in upload order.
    fn documents(&self) -> &[FinishedDocument];

    /// The page at `index` (from 0) of the pages asked for of a document; cheapest when read in order. A page that
    /// could not be read comes as [`Page::failed`]. [`Page::number`] is its number in the file, which differs from
    /// `index + 1` when a page range was asked for.
    fn page(&mut self, record: RecordId, index: u32) -> Result<Page, SourceError>;

    /// The file as it was sent, open for reading.
    fn original(&mut self, record: RecordId) -> Result<File, SourceError>;

    /// Whether pages can be drawn: an export that needs a drawing is refused beforehand otherwise.
    fn draws(&self) -> bool {
        false
    }

    /// The page of that number in the file (from 1) as a picture in its colours, upright after the stored page was turned
    /// by `rotation` clockwise.
    ///
    /// Exports read originals with safe code only; whoever draws does it in a process that may break.
    fn drawing(&mut self, record: RecordId, number: u32, rotation: Rotation) -> Result<Drawing, SourceError> {
        let _ = (record, number, rotation);
        Ok(Drawing::Impossible("nobody here can draw pages".to_owned()))
    }
}

/// A page as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drawing {
    /// A PNG or a JPEG.
    Picture(Vec<u8>),
    /// The page cannot be drawn, for the reason given, for a person.
    Impossible(String),
}
