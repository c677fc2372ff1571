//! Which extractor finds the fields, and how long it may take.

use std::sync::Arc;

use anyhow::Context;
use recto_extract::{Extractor, Rules};
use recto_extract_llm::LlmExtractor;
use recto_pipeline::PipelineSettings;

use crate::settings::Settings;

/// The rules, with a language model beside them when the settings name one.
pub(crate) fn of(settings: &Settings) -> anyhow::Result<Arc<dyn Extractor>> {
    let Some(llm) = &settings.llm else { return Ok(Arc::new(Rules)) };
    tracing::info!("fields that rules do not find surely are asked of {} at {}", llm.model, llm.url);
    Ok(Arc::new(LlmExtractor::new(llm.clone()).context("no language model can be asked")?))
}

/// What the pipeline keeps to, with room for what the language model may take.
pub(crate) fn pipeline_settings(settings: &Settings) -> PipelineSettings {
    let mut pipeline = PipelineSettings { reuse: settings.ocr.reuse_results, ..PipelineSettings::default() };
    if let Some(llm) = &settings.llm {
        pipeline.extraction_limit += llm.longest_search();
    }
    pipeline
}
