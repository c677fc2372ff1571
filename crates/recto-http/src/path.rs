//! Path parameters, with errors in the API's own form.

use axum::extract::{FromRequestParts, Path as AxumPath};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Like axum's `Path`; a path that cannot be read, for example because it is not UTF-8, names nothing: 404.
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let named = AxumPath::<T>::from_request_parts(parts, state).await;
        named
            .map(|AxumPath(named)| Self(named))
            .map_err(|_| ApiError::NotFound("there is nothing of that name".to_owned()))
    }
}
