//! The dialect of a server. All speak one protocol, but not all support all of it.

use serde_json::{Value, json};

use crate::question::Question;
use crate::settings::LlmSettings;

/// The parts of the protocol that a server supports, found out by asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Dialect {
    form: AnswerForm,
    limit: OutputLimit,
    temperature: Temperature,
}

/// How the format of the answer is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum AnswerForm {
    /// The server enforces the schema.
    #[default]
    JsonSchema,
    /// The server enforces JSON, and the question contains the schema.
    JsonObject,
}

/// The name of the parameter that limits the length of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OutputLimit {
    #[default]
    MaxTokens,
    /// The name that reasoning models require.
    MaxCompletionTokens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Temperature {
    /// A temperature of 0: the most probable answer.
    #[default]
    Zero,
    /// The model's default. Some models accept no other.
    Own,
}

impl Dialect {
    /// Adapts to what a refusal says that the server does not support. False when it does not say anything about that.
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
