//! Wake-ups within a process and, on PostgreSQL, between nodes, so that nobody has to poll often.

use recto_domain::{BatchId, DeliveryId};
use tokio::sync::broadcast;

use crate::storage::Storage;

/// A change in the database made by this process or, on PostgreSQL, by another node.
///
/// Delivery is lossy by design: a listener misses changes when it lags, or when its connection to the server is lost.
/// Listeners must therefore also poll from time to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There may be work to claim.
    Work,
    /// A batch or one of its files moved on.
    Batch(BatchId),
    /// A batch was cancelled or deleted: work on it is useless.
    Stopped(BatchId),
    /// There may be webhook deliveries to send.
    Deliveries,
    /// An attempt at a webhook delivery has ended.
    Delivery(DeliveryId),
}

impl Storage {
    /// Subscribes to future changes.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// Notifies all listeners.
    pub(crate) fn tell(&self, change: Change) {
        // Sending fails only when nobody listens.
        let _ = self.inner.changes.send(change);
        if let Some(peers) = &self.inner.peers {
            peers.tell(change);
        }
    }
}
