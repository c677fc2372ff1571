//! Deletes what has ended when it has been kept as long as its project or the settings say.

use std::time::Duration;

use recto_domain::Timestamp;
use recto_storage::Storage;
use tokio_util::sync::CancellationToken;

/// How often it is looked for.
const ROUND: Duration = Duration::from_hours(1);

/// Looks for what is old now and every hour, until it is told to stop. `of_all` is for projects that do not say.
pub(crate) async fn keep(storage: Storage, of_all: Option<Duration>, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        match storage.tenants().delete_expired(Timestamp::now(), of_all).await {
            Ok(0) => {}
            Ok(deleted) => {
                tracing::info!(deleted, "batches and files were deleted that their projects had kept long enough");
            }
            Err(error) => tracing::warn!(%error, "what has expired could not be deleted; the next round tries again"),
        }
    }
}
