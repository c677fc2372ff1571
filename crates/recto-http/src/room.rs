//! Refuses requests for which there is no room as soon as their head arrives, before any byte is stored: no room on the
//! disk, or in the backlog.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::router::API;
use crate::state::ApiState;

/// Requests accepted even on a full disk, besides reading and deleting: they control access, or stop work.
const ALWAYS_DONE: [(Method, &str); 4] = [
    (Method::POST, "/auth/login"),
    (Method::POST, "/batch/{batchId}/cancel"),
    (Method::PATCH, "/tokens/{tokenId}"),
    (Method::POST, "/tokens/{tokenId}/regenerate"),
];

/// Requests that add to the backlog.
const WORK: [(Method, &str); 2] = [(Method::POST, "/batch/upload"), (Method::POST, "/upload")];

/// Middleware: 507 for a request whose body would use space from the disk reserve, and 503 for files while the backlog
/// is too large.
pub(crate) async fn check(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    // A request to an unknown path adds nothing.
    if let Some(path) = request.extensions().get::<MatchedPath>().cloned()
        && let Some(path) = path.as_str().strip_prefix(API)
    {
        let (method, bytes) = (request.method().clone(), announced_bytes(request.headers()));
        if let Err(error) = check_room(&state, &method, path, bytes).await {
            return error.into_response();
        }
    }
    next.run(request).await
}

async fn check_room(state: &ApiState, method: &Method, path: &str, bytes: u64) -> Result<(), ApiError> {
    if takes_room(method, path) {
        state.storage.check_room(bytes)?;
    }
    let most = state.settings.max_backlog;
    if most > 0 && is_one_of(&WORK, method, path) {
        let waiting = state.storage.queue().backlog().await?.to_read;
        if waiting >= most {
            return Err(ApiError::Backlog { waiting, most });
        }
    }
    Ok(())
}

fn is_one_of(list: &[(Method, &str)], method: &Method, path: &str) -> bool {
    list.iter().any(|(one, at)| one == method && *at == path)
}

/// Whether a request stores something.
fn takes_room(method: &Method, path: &str) -> bool {
    let adds = [Method::POST, Method::PUT, Method::PATCH].contains(method);
    adds && !is_one_of(&ALWAYS_DONE, method, path)
}

/// The size of the body, if the client announces it.
fn announced_bytes(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lists_name_is_in_the_document() {
        let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
        for (method, path) in ALWAYS_DONE.into_iter().chain(WORK) {
            let operation = &document["paths"][format!("{API}{path}")][method.as_str().to_ascii_lowercase()];
            assert!(operation.is_object(), "{method} {path}");
        }
    }
}
