//! The face that every way of finding fields has.

use async_trait::async_trait;
use recto_domain::{Field, Page};

use crate::plan::FieldPlan;

/// A document in which fields are to be found.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Its readable pages in order.
    pub pages: &'a [Page],
    /// The invoice that the file itself carries as data: the XML of Factur-X, `ZUGFeRD` or `XRechnung` inside a PDF.
    pub e_invoice: Option<&'a [u8]>,
}

/// What was found in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// A field for each one that the template asks for, in its order.
    pub fields: Vec<Field>,
    /// Whether a person should look: a required field is missing, or a value is doubtful.
    pub needs_review: bool,
    /// What a person should know of the search, such as that it could not look everywhere.
    pub warnings: Vec<String>,
}

/// Why no fields could be looked for. What is missing in a document is no error.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExtractError {
    /// The extractor cannot be reached, took too long or refuses for now; another attempt may succeed.
    #[error("{extractor} is not available: {reason}")]
    Unavailable {
        /// Its name.
        extractor: String,
        /// What happened, for a person.
        reason: String,
        /// What was found without it, which stands when no attempt succeeds.
        so_far: Option<Box<Extraction>>,
    },
    /// The extractor answered with what cannot be used; another attempt is not worth while.
    #[error("{extractor} gave no usable answer: {reason}")]
    Unusable {
        /// Its name.
        extractor: String,
        /// What happened, for a person.
        reason: String,
    },
}

/// Finds the fields of a template in documents.
#[async_trait]
pub trait Extractor: Send + Sync {
    /// Its name in `Field::source`, such as `rules`.
    fn name(&self) -> &str;

    /// Looks for the fields.
    async fn extract(&self, plan: &FieldPlan, document: Document<'_>) -> Result<Extraction, ExtractError>;
}
