//! A token as a response.

use recto_domain::{ApiKey, Token};
use serde::Serialize;
use utoipa::ToSchema;

/// A token, with its key in the only response that shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TypedToken)]
pub(crate) struct TokenAnswer {
    #[serde(flatten)]
    token: Token,
    /// `organization` or `project`.
    #[serde(rename = "type")]
    #[schema(pattern = "^(organization|project)$")]
    kind: &'static str,
    /// The key, only in the response to its creation; it is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    api_key: Option<String>,
}

impl TokenAnswer {
    /// A token with its new key.
    pub(super) fn with_key(token: Token, key: &ApiKey) -> Self {
        Self { api_key: Some(key.expose().to_owned()), ..token.into() }
    }
}

impl From<Token> for TokenAnswer {
    fn from(token: Token) -> Self {
        Self { kind: token.kind(), token, api_key: None }
    }
}
