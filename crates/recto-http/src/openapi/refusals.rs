//! The error responses. Each is described once, and routes refer to it.

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToResponse, ToSchema};

use super::complete::header;
use crate::error::ErrorBody;

macro_rules! refusals {
    ($($(#[doc = $doc:literal])* $name:ident = $status:literal $reason:literal $message:literal),+ $(,)?) => {
        $(
            $(#[doc = $doc])*
            pub(crate) struct $name;

            impl ToResponse<'static> for $name {
                fn response() -> (&'static str, RefOr<Response>) {
                    (stringify!($name), response(concat!($($doc),*), $status, $reason, $message).into())
                }
            }
        )+

        /// Every refusal by its name.
        pub(super) fn all() -> Vec<(&'static str, RefOr<Response>)> {
            vec![$($name::response()),+]
        }
    };
}

refusals! {
    /// Something is malformed or missing; one message for each problem.
    BadRequest = 400 "Bad Request" "projectId is required with an organization token",
    /// No key, an invalid key, or an object outside the key's scope.
    Unauthorized = 401 "Unauthorized" "the API key or access token is not valid",
    /// A valid key without the permission, or used from an address where it is not allowed.
    Forbidden = 403 "Forbidden" "this requires a key with the permission write in the scope batches",
    /// The object does not exist.
    NotFound = 404 "Not Found" "there is no batch 68dd2ee6d89a1f27be4c9a96",
    /// The client was too slow, or stopped sending during the request.
    RequestTimeout = 408 "Request Timeout" "the upload took too long and was abandoned; send it again",
    /// The request conflicts with an earlier one or with the current state.
    Conflict = 409 "Conflict" "this Idempotency-Key was used for another request within the last 24 hours",
    /// A size limit in bytes was exceeded.
    PayloadTooLarge = 413 "Payload Too Large" "the request is larger than 2147483648 bytes",
    /// The body's type is not the one that the route reads.
    UnsupportedMediaType = 415 "Unsupported Media Type" "the body must be multipart/form-data",
    /// The key has used up its requests for this minute or its share of simultaneous operations, or too many sign-ins
    /// from the client's address failed.
    TooManyRequests = 429 "Too Many Requests" "the limit of 600 requests per minute is used up; try again in 12 s",
    /// An error that the caller did not cause; the server's log has details under the `X-Request-Id`.
    InternalServerError = 500 "Internal Server Error"
        "internal server error; for details, see the server's log under this request's X-Request-Id",
    /// The database or the file store does not answer, or cannot be written to, at the moment.
    ServiceUnavailable = 503 "Service Unavailable" "the database is locked by another program; try again",
    /// The disk has no room for the request's data, or for any; deleting frees some.
    InsufficientStorage = 507 "Insufficient Storage"
        "the disk is full: nothing can be stored until space is freed, for example by deleting batches",
}

fn response(description: &str, status: u16, reason: &str, message: &str) -> Response {
    let example = serde_json::json!({"statusCode": status, "message": message, "error": reason});
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(ErrorBody::name()))).example(Some(example));
    let mut response = ResponseBuilder::new().description(description.trim()).content("application/json", body.build());
    if status == 401 {
        response = response.header("WWW-Authenticate", header(String::schema(), "Always `Bearer`."));
    }
    let again = match status {
        429 => Some("Seconds after which to try again."),
        503 | 507 => Some("Seconds after which a retry may succeed."),
        _ => None,
    };
    if let Some(again) = again {
        response = response.header("Retry-After", header(u64::schema(), again));
    }
    response.build()
}
