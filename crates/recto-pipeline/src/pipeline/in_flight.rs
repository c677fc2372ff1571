//! The items that this process has claimed and not yet given an end.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use recto_domain::{BatchId, WorkItem, WorkItemId};
use tokio_util::sync::CancellationToken;

/// Claimed items, and how each is stopped.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    items: Mutex<HashMap<WorkItemId, Entry>>,
}

#[derive(Debug)]
struct Entry {
    batch: BatchId,
    stop: CancellationToken,
}

impl InFlight {
    /// Takes an item up; the token stops the work on it.
    pub(super) fn take_up(&self, item: &WorkItem) -> CancellationToken {
        let stop = CancellationToken::new();
        self.items().insert(item.id, Entry { batch: item.batch_id, stop: stop.clone() });
        stop
    }

    /// The item has come to an end.
    pub(super) fn put_down(&self, id: WorkItemId) {
        self.items().remove(&id);
    }

    /// All of them.
    pub(super) fn ids(&self) -> Vec<WorkItemId> {
        self.items().keys().copied().collect()
    }

    /// Stops the work on those items.
    pub(super) fn stop_items(&self, ids: &[WorkItemId]) {
        let items = self.items();
        ids.iter().filter_map(|id| items.get(id)).for_each(|entry| entry.stop.cancel());
    }

    /// Stops the work on a batch.
    pub(super) fn stop_batch(&self, batch: BatchId) {
        self.items().values().filter(|entry| entry.batch == batch).for_each(|entry| entry.stop.cancel());
    }

    fn items(&self) -> MutexGuard<'_, HashMap<WorkItemId, Entry>> {
        // No function here can leave the map half-changed.
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
