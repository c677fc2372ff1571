//! Deletes finished batches and files after the retention time of their project or of the settings.

use std::time::Duration;

use recto_domain::Timestamp;
use recto_storage::Storage;
use tokio_util::sync::CancellationToken;

/// The time between two checks.
const ROUND: Duration = Duration::from_hours(1);

/// Deletes what is too old, now and every hour, until `stop`. `of_all` is the retention time of projects without their
/// own.
pub(crate) async fn keep(storage: Storage, of_all: Option<Duration>, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        match storage.tenants().delete_expired(Timestamp::now(), of_all).await {
            Ok(0) => {}
            Ok(deleted) => {
                tracing::info!(deleted, "deleted batches and files whose retention time is over");
            }
            Err(error) => tracing::warn!(%error, "expired batches and files could not be deleted; retrying in an hour"),
        }
    }
}
