//! The extractor that uses only the document.

use async_trait::async_trait;

use crate::extractor::{Document, ExtractError, Extraction, Extractor};
use crate::plan::FieldPlan;

/// Finds fields by labels, layout, types and the template's hints.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

#[async_trait]
impl Extractor for Rules {
    #[allow(clippy::unnecessary_literal_bound, reason = "the trait leaves room for names that are made")]
    fn name(&self) -> &str {
        "rules"
    }

    async fn extract(&self, plan: &FieldPlan, document: Document<'_>) -> Result<Extraction, ExtractError> {
        Ok(plan.extract(document))
    }
}
