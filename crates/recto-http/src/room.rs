//! Refuses what needs room on a full disk when its head arrives, before a byte of it is stored.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::router::API;
use crate::state::ApiState;

/// What is done on a full disk too, beside reading and deleting: it guards the door, or stops work.
const ALWAYS_DONE: [(Method, &str); 4] = [
    (Method::POST, "/auth/login"),
    (Method::POST, "/batch/{batchId}/cancel"),
    (Method::PATCH, "/tokens/{tokenId}"),
    (Method::POST, "/tokens/{tokenId}/regenerate"),
];

/// Middleware: 507 for a request whose body would take of what is kept back on the disk.
pub(crate) async fn check(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    if takes_room(request.method(), request.extensions().get())
        && let Err(error) = state.storage.check_room(announced_bytes(request.headers()))
    {
        return ApiError::from(error).into_response();
    }
    next.run(request).await
}

/// Whether a request adds something. One to no known address does not.
fn takes_room(method: &Method, path: Option<&MatchedPath>) -> bool {
    let Some(path) = path.and_then(|path| path.as_str().strip_prefix(API)) else { return false };
    let adds = [Method::POST, Method::PUT, Method::PATCH].contains(method);
    adds && !ALWAYS_DONE.iter().any(|(done, at)| done == method && *at == path)
}

/// How large the body is going to be, if the client says so.
fn announced_bytes(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_always_done_is_in_the_document() {
        let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
        for (method, path) in ALWAYS_DONE {
            let operation = &document["paths"][format!("{API}{path}")][method.as_str().to_ascii_lowercase()];
            assert!(operation.is_object(), "{method} {path}");
        }
    }
}
