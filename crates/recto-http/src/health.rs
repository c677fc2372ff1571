//! Whether the server lives, and whether it can work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::error::chain;
use crate::state::ApiState;

/// What `/healthz` says.
#[derive(Serialize)]
pub(crate) struct Alive {
    status: &'static str,
}

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// What `/readyz` says, part by part.
#[derive(Serialize)]
pub(crate) struct Ready {
    status: &'static str,
    storage: &'static str,
    workers: &'static str,
}

/// `GET /readyz`: the database, the blob store and a worker answer.
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
