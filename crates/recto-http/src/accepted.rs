//! The answer to an upload: of a new one, or of the same one sent before.

use recto_storage::Accepted;
use serde::Serialize;
use serde_json::Value;

use crate::error::ApiError;

/// Turns what became of an upload into the body of its answer.
pub(crate) trait IntoJson {
    /// The body; 409 when the key was used for something else.
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
