//! Whether the server is alive, and whether it can work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::error_chain;
use recto_storage::{DiskSpace, StorageError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::metrics::NodeState;
use crate::state::ApiState;

/// The response of `/healthz`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    /// `ok`.
    status: &'static str,
}

/// Whether the process answers
#[utoipa::path(get, path = "/healthz", tag = "Health", operation_id = "getHealth", security(()),
    responses((status = 200, description = "The server is alive", body = Alive)))]
pub(crate) async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// The response of `/readyz`, part by part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok` if all parts are.
    status: &'static str,
    /// `ok`, or the problem of the database or the blob store.
    storage: String,
    /// `ok`, or which disk is full; nothing new is accepted then.
    disk: String,
    /// The free space of each disk under the database and the files.
    disks: Vec<Disk>,
    /// `ok`, or the problem of the workers.
    workers: &'static str,
}

/// The free space of a disk.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Disk {
    /// `database`, `files`, or `database and files`.
    holds: &'static str,
    /// Bytes that the server may still use: free space plus the ballast.
    free_bytes: u64,
    /// Bytes that new files must leave free for results, deletions and the database.
    reserve_bytes: u64,
}

impl Disk {
    fn of(space: &DiskSpace) -> Self {
        Self { holds: space.holds, free_bytes: space.left_bytes(), reserve_bytes: space.reserve_bytes }
    }
}

/// Whether the database, the blob store and a worker answer, and the disks have room
#[utoipa::path(get, path = "/readyz", tag = "Health", operation_id = "getReadiness", security(()),
    responses(
        (status = 200, description = "The server is ready", body = Ready),
        (status = 503, description = "The server is not ready; the body says why", body = Ready)
    ))]
pub(crate) async fn ready(State(state): State<ApiState>) -> (StatusCode, Json<Ready>) {
    node_ready(State(NodeState::from(&state))).await
}

/// The path of the readiness check, also on a node without the API.
pub(crate) const READY_PATH: &str = "/readyz";

/// Like [`ready`], for any node.
pub(crate) async fn node_ready(State(state): State<NodeState>) -> (StatusCode, Json<Ready>) {
    let storage =
        state.storage.ping().await.inspect_err(|e| tracing::warn!(error = error_chain(e), "storage is not ready"));
    let storage = storage.map_or_else(|error| in_words(&error), |()| OK.to_owned());
    let (disk, disks) = match state.storage.disk_space() {
        Ok(spaces) => (said_of(&spaces), spaces.iter().map(Disk::of).collect()),
        Err(error) => (in_words(&error), Vec::new()),
    };
    let workers = if *state.workers_ready.borrow() > 0 { OK } else { "no worker has started yet" };
    let is_ready = storage == OK && disk == OK && workers == OK;
    let code = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let ready = Ready { status: if is_ready { OK } else { "not ready" }, storage, disk, disks, workers };
    (code, Json(ready))
}

const OK: &str = "ok";

/// Why storage is not ready. Only an obstacle is named, because anyone may see it.
fn in_words(error: &StorageError) -> String {
    match error.obstacle() {
        Some(obstacle) => obstacle.to_string(),
        None => "the database or the blob store does not answer".to_owned(),
    }
}

fn said_of(spaces: &[DiskSpace]) -> String {
    let full = spaces.iter().find(|space| space.is_full());
    full.map_or_else(|| OK.to_owned(), |space| format!("the disk of the {} is full", space.holds))
}
