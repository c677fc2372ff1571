//! How a server wants to be asked: they all speak one protocol, and not all speak all of it.

use serde_json::{Value, json};

use crate::question::Question;
use crate::settings::LlmSettings;

/// What of the protocol a server takes; found out by asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Dialect {
    form: AnswerForm,
    limit: OutputLimit,
    temperature: Temperature,
}

/// How the form of the answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum AnswerForm {
    /// The server makes sure that it follows the schema.
    #[default]
    JsonSchema,
    /// The server makes sure that it is JSON; the schema stands in the question.
    JsonObject,
}

/// What the limit of the answer's length is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OutputLimit {
    #[default]
    MaxTokens,
    /// As models that think before they answer want it.
    MaxCompletionTokens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Temperature {
    /// The likeliest answer.
    #[default]
    Zero,
    /// The model's own: some take no other.
    Own,
}

impl Dialect {
    /// Takes from a refusal what the server does not want. False when it says nothing of that.
    pub(crate) fn learn(&mut self, said: &str) -> bool {
        let before = *self;
        if said.contains("response_format") || said.contains("json_schema") {
            self.form = AnswerForm::JsonObject;
        }
        if said.contains("max_completion_tokens") {
            self.limit = OutputLimit::MaxCompletionTokens;
        }
        if said.contains("temperature") {
            self.temperature = Temperature::Own;
        }
        *self != before
    }

    /// The body of a request.
    pub(crate) fn request(self, question: &Question, settings: &LlmSettings) -> Value {
        let (system, format) = match self.form {
            AnswerForm::JsonSchema => {
                let schema = json!({"name": "fields", "strict": true, "schema": question.schema});
                (question.system.clone(), json!({"type": "json_schema", "json_schema": schema}))
            }
            AnswerForm::JsonObject => {
                let system = format!("{}\n\nThe JSON follows this JSON Schema:\n{}", question.system, question.schema);
                (system, json!({"type": "json_object"}))
            }
        };
        let mut request = json!({
            "model": settings.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": question.user}],
            "response_format": format,
        });
        let limit = match self.limit {
            OutputLimit::MaxTokens => "max_tokens",
            OutputLimit::MaxCompletionTokens => "max_completion_tokens",
        };
        request[limit] = settings.max_output_tokens.into();
        if self.temperature == Temperature::Zero {
            request["temperature"] = 0.into();
        }
        request
    }
}
