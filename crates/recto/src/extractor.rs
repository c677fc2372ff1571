//! Which extractor finds the fields, and its time limit.

use std::sync::Arc;

use anyhow::Context;
use recto_extract::{Extractor, Rules};
use recto_extract_llm::LlmExtractor;
use recto_pipeline::PipelineSettings;

use crate::settings::Settings;

/// The rule-based extractor, combined with a language model if the settings name one.
pub(crate) fn build(settings: &Settings) -> anyhow::Result<Arc<dyn Extractor>> {
    let Some(llm) = &settings.llm else { return Ok(Arc::new(Rules)) };
    tracing::info!("asking {} at {} for fields that the rules do not find with certainty", llm.model, llm.url);
    Ok(Arc::new(LlmExtractor::new(llm.clone()).context("the language model cannot be used")?))
}

/// The settings of the pipeline, with a time limit that leaves room for the language model.
pub(crate) fn pipeline_settings(settings: &Settings) -> PipelineSettings {
    let mut pipeline = PipelineSettings { reuse: settings.ocr.reuse_results, ..PipelineSettings::default() };
    if let Some(llm) = &settings.llm {
        pipeline.extraction_limit += llm.longest_search();
    }
    pipeline
}
