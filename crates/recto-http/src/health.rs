//! Whether the server lives, and whether it can work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::chain;
use crate::state::ApiState;

/// What `/healthz` says.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    /// `ok`.
    status: &'static str,
}

/// Whether the process answers
#[utoipa::path(get, path = "/healthz", tag = "Health", operation_id = "getHealth", security(()),
    responses((status = 200, description = "It does", body = Alive)))]
pub(crate) async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// What `/readyz` says, part by part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok` when all parts are.
    status: &'static str,
    /// `ok`, or what is wrong with the database or the blob store.
    storage: &'static str,
    /// `ok`, or what is wrong with the workers.
    workers: &'static str,
}

/// Whether the database, the blob store and a worker answer
#[utoipa::path(get, path = "/readyz", tag = "Health", operation_id = "getReadiness", security(()),
    responses(
        (status = 200, description = "They do", body = Ready),
        (status = 503, description = "One of them does not", body = Ready)
    ))]
pub(crate) async fn ready(State(state): State<ApiState>) -> (StatusCode, Json<Ready>) {
    let storage = state.storage.ping().await.inspect_err(|e| tracing::warn!(error = chain(e), "storage is not ready"));
    let workers = *state.workers_ready.borrow() > 0;
    let is_ready = storage.is_ok() && workers;
    let code = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let ready = Ready {
        status: if is_ready { "ok" } else { "not ready" },
        storage: if storage.is_ok() { "ok" } else { "the database or the blob store does not answer" },
        workers: if workers { "ok" } else { "no worker has started yet" },
    };
    (code, Json(ready))
}
