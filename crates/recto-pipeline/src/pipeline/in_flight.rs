//! The items in flight: claimed by this process and not finished yet.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use recto_domain::{BatchId, WorkItem, WorkItemId};
use tokio_util::sync::CancellationToken;

/// The claimed items, with the means to stop each.
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
    /// Adds an item. The token that is returned stops the work on it.
    pub(super) fn take_up(&self, item: &WorkItem) -> CancellationToken {
        let stop = CancellationToken::new();
        self.items().insert(item.id, Entry { batch: item.batch_id, stop: stop.clone() });
        stop
    }

    /// Removes an item that is finished.
    pub(super) fn put_down(&self, id: WorkItemId) {
        self.items().remove(&id);
    }

    /// The ids of all items in flight.
    pub(super) fn ids(&self) -> Vec<WorkItemId> {
        self.items().keys().copied().collect()
    }

    /// Stops the work on these items.
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
