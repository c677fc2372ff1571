//! The single table that maps errors to statuses, and the form of an error's body.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use recto_domain::error_chain;
use recto_domain::grant::GrantError;
use recto_domain::token::ProjectScopeError;
use recto_export::UnfitOptions;
use recto_storage::{Obstacle, StorageError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::MultipartError;

/// Why a request was refused. The texts are for the caller: they name the field, the limit and the value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// Malformed or missing values; one message for each problem.
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// No key, an invalid key, or an object outside the key's scope.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// A valid key without the permission, or from an address where it may not be used.
    #[error("{0}")]
    Forbidden(String),
    /// The object does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The route exists, but not for this method.
    #[error("this method is not allowed here")]
    MethodNotAllowed,
    /// The client stopped sending during the request, or was too slow.
    #[error("{0}")]
    TooSlow(String),
    /// The request conflicts with an earlier one or with the current state.
    #[error("{0}")]
    Conflict(&'static str),
    /// A size limit in bytes was exceeded.
    #[error("{what} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// What is too large: `the request`, or a file with its name.
        what: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// The body's type is not the one that the route reads.
    #[error("{0}")]
    UnsupportedMediaType(&'static str),
    /// The key has used up its requests for this minute.
    #[error("the limit of {limit} requests per minute is used up; try again in {retry_after_seconds} s")]
    TooManyRequests {
        /// Requests per minute.
        limit: u64,
        /// Seconds until the next window begins.
        retry_after_seconds: i64,
    },
    /// The key or the organization has as many operations in flight as its share allows.
    #[error("at most {most} {what} {whose} may run at once; try again in {retry_after_seconds} s")]
    TooManyAtOnce {
        /// The kind of operation, in the plural.
        what: &'static str,
        /// The limit.
        most: usize,
        /// Whose limit it is, such as `per key`.
        whose: &'static str,
        /// Seconds until the client should try again.
        retry_after_seconds: u64,
    },
    /// The project has used up its pages for today.
    #[error(
        "the project has used up its {pages_per_day} pages for today; try again in {retry_after_seconds} s, when the \
         next day (UTC) begins"
    )]
    QuotaUsedUp {
        /// The quota.
        pages_per_day: u64,
        /// Seconds until the next day begins.
        retry_after_seconds: u64,
    },
    /// More files and pages wait to be read than the server accepts.
    #[error("{waiting} pages and files are waiting to be read; no more are accepted until fewer than {most} are")]
    Backlog {
        /// How many are waiting.
        waiting: u64,
        /// How many may wait.
        most: u64,
    },
    /// Too many sign-ins from the client's address failed.
    #[error("too many failed sign-ins from your address; try again in {retry_after_seconds} s")]
    TooManyFailures {
        /// Seconds until the client may try again.
        retry_after_seconds: u64,
    },
    /// The disk has no room for the request's data, or for any.
    #[error("{0}")]
    InsufficientStorage(String),
    /// The database or the file store does not answer, or cannot be written to, at the moment.
    #[error("{reason}")]
    Unavailable {
        /// The obstacle.
        reason: Obstacle,
        /// Seconds until the client should try again.
        retry_after_seconds: i64,
    },
    /// An error that the caller did not cause. The log has the source; the caller gets only the request's id.
    #[error("internal server error; for details, see the server's log under this request's X-Request-Id")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// A single problem with the request.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(vec![message.into()])
    }

    /// Succeeds if there are no problems; otherwise refuses the request with all of them.
    pub(crate) fn unless_empty(wrong: Vec<String>) -> Result<(), Self> {
        if wrong.is_empty() { Ok(()) } else { Err(Self::Invalid(wrong)) }
    }

    /// The object does not exist, or its id is malformed.
    pub(crate) fn no_such(what: &str, id: &str) -> Self {
        Self::NotFound(format!("there is no {what} {}", excerpt(id)))
    }

    /// The batch does not exist, or its id is malformed.
    pub(crate) fn no_batch(id: &str) -> Self {
        Self::no_such("batch", id)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyRequests { .. }
            | Self::TooManyAtOnce { .. }
            | Self::TooManyFailures { .. }
            | Self::QuotaUsedUp { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::InsufficientStorage(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Unavailable { .. } | Self::Backlog { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// When the same request may succeed, if known.
    fn retry_after_seconds(&self) -> Option<i64> {
        match self {
            Self::TooManyRequests { retry_after_seconds, .. } | Self::Unavailable { retry_after_seconds, .. } => {
                Some(*retry_after_seconds)
            }
            Self::TooManyAtOnce { retry_after_seconds, .. }
            | Self::TooManyFailures { retry_after_seconds }
            | Self::QuotaUsedUp { retry_after_seconds, .. } => Some(retry_after_seconds.cast_signed()),
            Self::Backlog { .. } => Some(BACKLOG_SECONDS),
            Self::InsufficientStorage(_) => Some(FULL_DISK_SECONDS),
            _ => None,
        }
    }
}

/// Seconds until part of the backlog may have been read.
const BACKLOG_SECONDS: i64 = 60;
/// Seconds until somebody may have freed space.
const FULL_DISK_SECONDS: i64 = 30;

/// The error for an obstacle of storage, worded for the caller; the log has its source.
fn obstructed(obstacle: Obstacle, source: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::warn!(error = error_chain(source), "storage is obstructed: {obstacle}");
    let retry_after_seconds = match obstacle {
        Obstacle::DiskFull => return ApiError::InsufficientStorage(obstacle.to_string()),
        Obstacle::Locked => 5,
        Obstacle::Unreachable | Obstacle::FilesUnreachable => 10,
        // An operator must fix these.
        Obstacle::ReadOnly
        | Obstacle::Forbidden
        | Obstacle::FilesForbidden
        | Obstacle::CannotOpen
        | Obstacle::FaultyDisk => 60,
    };
    ApiError::Unavailable { reason: obstacle, retry_after_seconds }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::ReceivingExpired => Self::TooSlow(error.to_string()),
            StorageError::NotFound { .. } => Self::NotFound(error.to_string()),
            StorageError::ProjectInactive => {
                Self::invalid("projectId: the project is inactive and accepts no new work")
            }
            StorageError::ProjectBusy => {
                Self::Conflict("this project still has work in progress: wait for its batches, or cancel them first")
            }
            StorageError::TemplateChanged => Self::Conflict(
                "the template has changed since the learning began, and nothing was saved: teach it again",
            ),
            StorageError::TokenRevoked => Self::Conflict("this token has been revoked permanently: create another one"),
            StorageError::LastAdmin => Self::Conflict(
                "this is the last token that can manage the organization's tokens: create another one first",
            ),
            StorageError::NoRoom { .. } => Self::InsufficientStorage(error.to_string()),
            StorageError::Obstructed { obstacle, source } => obstructed(obstacle, source.as_ref()),
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl From<UnfitOptions> for ApiError {
    fn from(error: UnfitOptions) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<MultipartError> for ApiError {
    fn from(error: MultipartError) -> Self {
        match error {
            MultipartError::OtherType => Self::UnsupportedMediaType("the body must be multipart/form-data"),
            MultipartError::Malformed(_) => Self::invalid(error.to_string()),
            MultipartError::TooLarge { limit_bytes } => Self::TooLarge { what: "the request".to_owned(), limit_bytes },
            MultipartError::TooSlow(_) => Self::TooSlow(error.to_string()),
        }
    }
}

impl From<GrantError> for ApiError {
    fn from(error: GrantError) -> Self {
        Self::Forbidden(error.to_string())
    }
}

impl From<ProjectScopeError> for ApiError {
    fn from(error: ProjectScopeError) -> Self {
        match error {
            ProjectScopeError::Missing => Self::invalid(error.to_string()),
            ProjectScopeError::OtherProject => Self::Unauthorized("projectId does not match the project of this token"),
        }
    }
}

/// What happened, to what, and what to do; a list if there are several problems.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Message {
    One(String),
    Several(Vec<String>),
}

/// The body of every error response.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// The HTTP status.
    status_code: u16,
    #[schema(inline)]
    message: Message,
    /// The status as text.
    error: &'static str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        if let Self::Internal(source) = &self {
            tracing::error!(error = %error_chain(source.as_ref()), "the request failed");
        }
        let retry_after = self.retry_after_seconds();
        let message = match self {
            Self::Invalid(messages) if messages.len() != 1 => Message::Several(messages),
            other => Message::One(other.to_string()),
        };
        let error = status.canonical_reason().unwrap_or("Error");
        let mut response = (status, Json(ErrorBody { status_code: status.as_u16(), message, error })).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A value, shortened for a message.
pub(crate) fn excerpt(value: &str) -> String {
    let mut shown: String = value.chars().take(60).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_never_reads_the_source_of_an_internal_error() {
        let error = ApiError::Internal("SELECT secret FROM /var/lib/recto.db".into());
        assert!(!error.to_string().contains("SELECT"));
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn what_stands_in_the_way_is_said_with_a_time_to_come_again() {
        let said = |obstacle| {
            let error =
                ApiError::from(StorageError::Obstructed { obstacle, source: "(code: 13) /var/recto.db".into() });
            assert!(!error.to_string().contains("code"), "{error}");
            let response = error.into_response();
            (response.status().as_u16(), response.headers()[header::RETRY_AFTER].to_str().unwrap().to_owned())
        };
        assert_eq!(said(Obstacle::DiskFull), (507, "30".to_owned()));
        assert_eq!(said(Obstacle::Locked), (503, "5".to_owned()));
        assert_eq!(said(Obstacle::ReadOnly), (503, "60".to_owned()));
    }
}
