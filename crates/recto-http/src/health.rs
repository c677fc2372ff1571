//! Whether the server lives, and whether it can work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::error_chain;
use recto_storage::{DiskSpace, StorageError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::metrics::NodeState;
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
    storage: String,
    /// `ok`, or which disk is full: nothing new is taken in then.
    disk: String,
    /// What each disk under the database and the files has left.
    disks: Vec<Disk>,
    /// `ok`, or what is wrong with the workers.
    workers: &'static str,
}

/// What a disk has left.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Disk {
    /// `database`, `files`, or `database and files`.
    holds: &'static str,
    /// What the server may still take: what is free, and what it has put aside.
    free_bytes: u64,
    /// What new files must leave of that for results, deletions and the database.
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
        (status = 200, description = "They do", body = Ready),
        (status = 503, description = "One of them does not", body = Ready)
    ))]
pub(crate) async fn ready(State(state): State<ApiState>) -> (StatusCode, Json<Ready>) {
    node_ready(State(NodeState::from(&state))).await
}

/// Where a node that serves nobody says so, too.
pub(crate) const READY_PATH: &str = "/readyz";

/// As [`ready`], of any node.
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

/// What keeps storage from being ready; only what is in its way is for everyone to know.
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
