//! A token as it is answered.

use recto_domain::{ApiKey, Token};
use serde::Serialize;

/// A token, and its key in the one answer that shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenAnswer {
    #[serde(flatten)]
    token: Token,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
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
