//! The content of submitted forms.

use std::collections::HashMap;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The most bytes of a form. Forms hold a key, a few words, or a template.
const MAX_BYTES: usize = 256 * 1024;

/// The fields of a URL-encoded form.
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// A field, trimmed of whitespace; empty when it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }
}

impl Form {
    /// A field, trimmed of whitespace, if it was sent.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim())
    }

    /// The fields whose names begin with `start`, under the rest of their names, in no particular order.
    pub(crate) fn all(&self, start: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.trim())))
    }
}

impl<S: Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let bytes = axum::body::to_bytes(request.into_body(), MAX_BYTES)
            .await
            .map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "the form is too long").into_response())?;
        Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}

/// The pairs as an encoded query. Pairs without a value are left out.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}
