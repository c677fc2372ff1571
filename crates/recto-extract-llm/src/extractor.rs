//! The extractor: the rules first, then the model.

use async_trait::async_trait;
use recto_domain::{Field, FieldSchema};
use recto_extract::{Document, Evidence, ExtractError, Extraction, Extractor, FieldPlan};
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::{AskError, LlmError};
use crate::merge::{is_sure, merged};
use crate::question::{Question, pages_with_text};
use crate::settings::LlmSettings;

/// The value of `Field::source`.
const SOURCE: &str = "llm";

/// Finds fields by rules, and asks a language model for those that the rules did not find with enough confidence.
pub struct LlmExtractor {
    client: Client,
}

impl LlmExtractor {
    /// An extractor that uses the model in these settings. It sends nothing yet.
    pub fn new(settings: LlmSettings) -> Result<Self, LlmError> {
        Ok(Self { client: Client::new(settings)? })
    }

    /// The names of the server's models. A success shows that the server is reachable and accepts the key.
    pub async fn models(&self) -> Result<Vec<String>, AskError> {
        self.client.models().await
    }

    /// The question for some fields, or the reason why there is none.
    fn question(
        &self,
        plan: &FieldPlan,
        wanted: &[&FieldSchema],
        document: Document<'_>,
    ) -> Result<Question, AskError> {
        let settings = self.client.settings();
        let for_question = settings.max_tokens_per_document.saturating_sub(settings.max_output_tokens.into());
        Question::of(wanted, plan.instructions(), document.pages, for_question)
            .ok_or(AskError::DocumentSpent(settings.max_tokens_per_document))
    }
}

#[async_trait]
impl Extractor for LlmExtractor {
    #[allow(clippy::unnecessary_literal_bound, reason = "the trait leaves room for names that are made")]
    fn name(&self) -> &str {
        SOURCE
    }

    async fn extract(&self, plan: &FieldPlan, document: Document<'_>) -> Result<Extraction, ExtractError> {
        let rules = plan.extract(document);
        let pairs = plan.fields().iter().zip(&rules.fields).enumerate();
        let is_wanted = |(index, (_, field)): &(usize, (&FieldSchema, &Field))| plan.is_open(*index) && !is_sure(field);
        let wanted: Vec<&FieldSchema> = pairs.filter(is_wanted).map(|(_, (schema, _))| schema).collect();
        let with_text = pages_with_text(document.pages).count();
        if wanted.is_empty() || with_text == 0 {
            return Ok(rules);
        }
        let question = match self.question(plan, &wanted, document) {
            Ok(question) => question,
            Err(error) => return Ok(without_model(rules, &error)),
        };
        let mut warnings = Vec::new();
        if question.pages < with_text {
            let shown = question.pages;
            warnings.push(format!(
                "the language model was shown the first {shown} of {with_text} pages: more would take more tokens than \
                 extract.llm.max_tokens_per_document"
            ));
        }
        match self.client.ask(&question).await {
            Ok(values) => Ok(combined(plan, document, rules, &wanted, &values, warnings)),
            Err(error) if error.is_transient() => Err(ExtractError::Unavailable {
                extractor: "the language model".to_owned(),
                reason: error.to_string(),
                so_far: Some(Box::new(rules)),
            }),
            Err(error) => Ok(without_model(rules, &error)),
        }
    }
}

/// The fields that the rules found, with the reason why the model found nothing.
fn without_model(mut rules: Extraction, error: &AskError) -> Extraction {
    let warning = format!("the language model found no fields: {error}");
    // The end of the day's token budget is logged only once.
    if !matches!(error, AskError::DaySpent(_)) {
        tracing::warn!("{warning}");
    }
    rules.warnings.push(warning);
    Extraction { needs_review: true, ..rules }
}

/// Combines the fields that the rules and the model found.
fn combined(
    plan: &FieldPlan,
    document: Document<'_>,
    rules: Extraction,
    wanted: &[&FieldSchema],
    values: &Map<String, Value>,
    mut warnings: Vec<String>,
) -> Extraction {
    // Review may be needed for other reasons than missing and doubtful fields; the template may be for other documents,
    // for example.
    let more = rules.needs_review && !plan.needs_review(&rules.fields);
    let evidence = Evidence::of(plan, document.pages);
    let is_wanted = |schema: &FieldSchema| wanted.iter().any(|wanted| wanted.name == schema.name);
    let merge = |(schema, field): (&FieldSchema, Field)| match values.get(&schema.name) {
        Some(said) if is_wanted(schema) => merged(field, schema, said, &evidence, SOURCE),
        _ => field,
    };
    let fields = plan.with_computed(plan.fields().iter().zip(rules.fields).map(merge).collect());
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    warnings.extend(rules.warnings);
    Extraction { needs_review: more || plan.needs_review(&fields) || !warnings.is_empty(), fields, warnings }
}
