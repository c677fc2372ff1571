//! The response to an upload that is new, or that was sent before.

use recto_storage::Accepted;
use serde::Serialize;
use serde_json::Value;

use crate::error::ApiError;

/// Turns the result of an upload into a response body.
pub(crate) trait IntoJson {
    /// The body; 409 when the key was used for a different request.
    fn into_json(self) -> Result<Value, ApiError>;
}

impl<T: Serialize> IntoJson for Accepted<T> {
    fn into_json(self) -> Result<Value, ApiError> {
        match self {
            Self::New(made) => serde_json::to_value(made).map_err(|error| ApiError::Internal(error.into())),
            Self::Repeated(first) => Ok(first),
            Self::Conflict => {
                Err(ApiError::Conflict("this Idempotency-Key was used for another request within the last 24 hours"))
            }
        }
    }
}
