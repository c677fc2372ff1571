//! Deletes what has ended when it has been kept as long as the settings say.

use std::time::Duration;

use recto_domain::Timestamp;
use recto_storage::Storage;
use tokio_util::sync::CancellationToken;

/// How often it is looked for.
const ROUND: Duration = Duration::from_hours(1);

/// Looks for what is old now and every hour, until it is told to stop.
pub(crate) async fn keep(storage: Storage, retention: Duration, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        match storage.delete_expired(Timestamp::now().minus(retention)).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "batches and files older than retention.days were deleted"),
            Err(error) => tracing::warn!(%error, "what has expired could not be deleted; the next round tries again"),
        }
    }
}
