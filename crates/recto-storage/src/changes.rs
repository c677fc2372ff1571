//! Wake-ups within a process and, on PostgreSQL, from node to node, so that nobody has to poll often.

use recto_domain::{BatchId, DeliveryId};
use tokio::sync::broadcast;

use crate::storage::Storage;

/// Something in the database changed, by the hand of this process or, on PostgreSQL, of another node.
///
/// Lossy by design: a listener that lags misses changes, and so does one whose connection to the server is lost. Who
/// listens must also look by itself from time to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There may be work to claim.
    Work,
    /// A batch or one of its files moved on.
    Batch(BatchId),
    /// A batch was cancelled or deleted: work on it is in vain.
    Stopped(BatchId),
    /// There may be webhook deliveries to send.
    Deliveries,
    /// An attempt at a webhook delivery has ended.
    Delivery(DeliveryId),
}

impl Storage {
    /// Listens to what changes from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// Tells whoever listens.
    pub(crate) fn tell(&self, change: Change) {
        // It fails only when nobody listens.
        let _ = self.inner.changes.send(change);
        if let Some(peers) = &self.inner.peers {
            peers.tell(change);
        }
    }
}
