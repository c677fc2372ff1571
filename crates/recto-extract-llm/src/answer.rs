//! Parses a server's answer, and the values in it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::AskError;

/// The parts of an answer that are used.
#[derive(Debug, Deserialize)]
pub(crate) struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Usage {
    #[serde(default, rename = "prompt_tokens")]
    prompt: u64,
    #[serde(default, rename = "completion_tokens")]
    completion: u64,
    #[serde(rename = "total_tokens")]
    total: Option<u64>,
}

impl Completion {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, AskError> {
        serde_json::from_slice(body).map_err(|_| AskError::Unreadable("it is not a chat completion"))
    }

    /// The tokens that the server counted; `None` when it counts none.
    pub(crate) fn tokens(&self) -> Option<u64> {
        let usage = self.usage.as_ref()?;
        usage.total.or_else(|| usage.prompt.checked_add(usage.completion)).filter(|sum| *sum > 0)
    }

    /// The values by the names of the fields.
    pub(crate) fn values(&self, max_output_tokens: u32) -> Result<Map<String, Value>, AskError> {
        let choice = self.choices.first().ok_or(AskError::Unreadable("it is empty"))?;
        if let Some(refusal) = choice.message.refusal.as_deref().filter(|refusal| !refusal.is_empty()) {
            return Err(AskError::Declined(beginning(refusal)));
        }
        match choice.finish_reason.as_deref() {
            Some("length") => return Err(AskError::CutOff(max_output_tokens)),
            Some("content_filter") => return Err(AskError::Declined("a content filter stopped it".to_owned())),
            _ => {}
        }
        let content = choice.message.content.as_deref().unwrap_or_default();
        match serde_json::from_str(json_in(content)) {
            Ok(Value::Object(values)) => Ok(values),
            _ => Err(AskError::Unreadable("it contains no JSON object")),
        }
    }
}

/// The JSON of an answer, without what models put around it: thoughts, a code fence, a sentence before or after.
fn json_in(content: &str) -> &str {
    let content = content.rsplit_once("</think>").map_or(content, |(_, behind)| behind);
    match (content.find('{'), content.rfind('}')) {
        (Some(start), Some(end)) if start < end => &content[start..=end],
        _ => content,
    }
}

/// The beginning of an untrusted text, on one line, for a message.
pub(crate) fn beginning(text: &str) -> String {
    const SHOWN: usize = 200;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(SHOWN).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(content: &str) -> Result<Map<String, Value>, AskError> {
        let body = json!({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]});
        Completion::parse(body.to_string().as_bytes()).unwrap().values(9)
    }

    #[test]
    fn values_are_found_among_what_models_put_around_them() {
        for content in [
            r#"{"a": 1}"#,
            "```json\n{\"a\": 1}\n```",
            "<think>is it {2}?</think>\n{\"a\": 1}",
            "Here you are: {\"a\": 1}. Good luck!",
        ] {
            assert_eq!(values(content).unwrap()["a"], 1, "{content}");
        }
        for content in ["", "no", "[1]", "{", "}{", "{\"a\": 1"] {
            assert_eq!(values(content).unwrap_err(), AskError::Unreadable("it contains no JSON object"), "{content}");
        }
    }

    #[test]
    fn tokens_are_counted_where_the_server_does() {
        let tokens = |usage: Value| {
            Completion::parse(json!({"choices": [], "usage": usage}).to_string().as_bytes()).unwrap().tokens()
        };
        assert_eq!(tokens(json!({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9})), Some(9));
        assert_eq!(tokens(json!({"prompt_tokens": 3, "completion_tokens": 4})), Some(7));
        assert_eq!((tokens(json!(null)), tokens(json!({}))), (None, None));
    }
}
