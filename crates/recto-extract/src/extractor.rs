//! The interface of all extractors.

use async_trait::async_trait;
use recto_domain::{Field, Page};

use crate::plan::FieldPlan;

/// A document from which fields are to be extracted.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Its readable pages, in order.
    pub pages: &'a [Page],
    /// The invoice that the file itself carries as data: the XML of Factur-X, `ZUGFeRD` or `XRechnung` inside a PDF.
    pub e_invoice: Option<&'a [u8]>,
}

/// The result of an extraction.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// One field for each that the template asks for, in its order.
    pub fields: Vec<Field>,
    /// Whether the document needs review: a required field is missing, or a value is doubtful.
    pub needs_review: bool,
    /// Remarks on the extraction for a person, for example that not all pages could be searched.
    pub warnings: Vec<String>,
}

/// Why fields could not be extracted. A value that is missing in a document is not an error.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExtractError {
    /// The extractor cannot be reached, took too long, or refuses at the moment; another attempt may succeed.
    #[error("{extractor} is not available: {reason}")]
    Unavailable {
        /// The extractor's name.
        extractor: String,
        /// What happened, worded for a person.
        reason: String,
        /// The result without it, which is used if no attempt succeeds.
        so_far: Option<Box<Extraction>>,
    },
    /// The extractor's answer cannot be used; another attempt would not help.
    #[error("{extractor} gave no usable answer: {reason}")]
    Unusable {
        /// The extractor's name.
        extractor: String,
        /// What happened, worded for a person.
        reason: String,
    },
}

/// Finds the fields of a template in documents.
#[async_trait]
pub trait Extractor: Send + Sync {
    /// Its name in `Field::source`, such as `rules`.
    fn name(&self) -> &str;

    /// Extracts the fields.
    async fn extract(&self, plan: &FieldPlan, document: Document<'_>) -> Result<Extraction, ExtractError>;
}
