//! Settings of the language model. It is off unless both its address and its name are set.

use std::time::Duration;

use recto_extract_llm::{ApiKey, LlmSettings};
use url::Url;

use super::{Reader, SettingsError};

/// The model to ask; `None` when it is off. An address without a name, or a name without an address, is an error.
pub(super) fn llm(read: &Reader) -> Result<Option<LlmSettings>, SettingsError> {
    // Wrong values are reported even while the model is off.
    let url = read.optional("extract.llm.url", base_url)?;
    let api_key = read.optional("extract.llm.api_key", ApiKey::new)?;
    let timeout = Duration::from_secs(read.number("extract.llm.timeout_seconds", 1..=3600)?);
    let max_output_tokens = read.number("extract.llm.max_output_tokens", 1..=1_000_000)?;
    let of_document = max_output_tokens + 1..=u64::from(u32::MAX);
    let max_tokens_per_document = read.number("extract.llm.max_tokens_per_document", of_document)?;
    let per_day = read.number("extract.llm.max_tokens_per_day", 0..=u64::MAX)?;
    let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (url, model) = match (url, read.optional("extract.llm.model", name)?) {
        (None, None) => return Ok(None),
        (Some(url), Some(model)) => (url, model),
        (Some(url), None) => (url, read.value("extract.llm.model", name)?),
        (None, Some(model)) => (read.value("extract.llm.url", base_url)?, model),
    };
    Ok(Some(LlmSettings {
        api_key,
        timeout,
        max_output_tokens: max_output_tokens as u32,
        max_tokens_per_document,
        max_tokens_per_day: Some(per_day).filter(|tokens| *tokens > 0),
        ..LlmSettings::new(url, model)
    }))
}

/// An address without credentials, because these would be shown along with it.
fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_open = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && is_open).then_some(url)
}
