//! Deletes finished batches when they have been kept as long as the settings say.

use std::time::Duration;

use recto_domain::{ProjectId, Timestamp};
use recto_storage::{BatchFilter, Storage, StorageError};
use tokio_util::sync::CancellationToken;

/// How often old batches are looked for.
const ROUND: Duration = Duration::from_hours(1);
/// Batches looked at in one query.
const PAGE: u64 = 100;

/// Looks for old batches now and every hour, until it is told to stop.
pub(crate) async fn keep(storage: Storage, retention: Duration, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        match delete_older(&storage, Timestamp::now().minus(retention)).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "batches older than retention.days were deleted"),
            Err(error) => tracing::warn!(%error, "old batches could not be deleted; the next round tries again"),
        }
    }
}

/// Deletes the batches that ended and were sent before that time; says how many.
async fn delete_older(storage: &Storage, before: Timestamp) -> Result<u64, StorageError> {
    let mut deleted = 0;
    for organization in storage.organizations().await? {
        for project in storage.projects(organization.id).await? {
            deleted += delete_older_of(storage, project.id, before).await?;
        }
    }
    Ok(deleted)
}

/// Lists are newest first: it goes from the last page forward until a page holds nothing old.
async fn delete_older_of(storage: &Storage, project: ProjectId, before: Timestamp) -> Result<u64, StorageError> {
    let filter = |page| BatchFilter { project, status: None, updated_since: None, page, limit: PAGE };
    let (_, total) = storage.batches(&filter(1)).await?;
    let mut deleted = 0;
    for page in (1..=total.div_ceil(PAGE)).rev() {
        let (batches, _) = storage.batches(&filter(page)).await?;
        let old: Vec<_> = batches.iter().filter(|batch| batch.created_at < before).collect();
        if old.is_empty() && !batches.is_empty() {
            break;
        }
        for batch in old.into_iter().filter(|batch| batch.status.is_final()) {
            deleted += u64::from(storage.delete_batch(batch.id).await?);
        }
    }
    Ok(deleted)
}
