//! The extractor that makes a route a protected one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use recto_domain::Token;

use super::credential::Denied;
use super::identify::Identity;
use crate::error::ApiError;

/// The token of whoever sent the request; without a good one the route answers 401.
#[derive(Clone)]
pub(crate) struct Caller(Arc<Token>);

impl Caller {
    /// The token.
    pub(crate) fn token(&self) -> &Token {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let identity = parts.extensions.get::<Identity>().cloned().unwrap_or(Identity(Err(Denied::Missing)));
        Ok(Self(identity.0?))
    }
}
