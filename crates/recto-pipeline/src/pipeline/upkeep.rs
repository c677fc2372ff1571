//! Background tasks: renewing leases, stopping cancelled batches, and removing unused files.

use std::time::Duration;

use recto_domain::error_chain;
use recto_storage::Change;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use super::PipelineContext;

/// How often unused files are removed.
const SWEEP_INTERVAL: Duration = Duration::from_mins(5);

impl PipelineContext {
    /// Runs forever. The caller drops it when the work is over.
    pub(super) async fn upkeep(&self) {
        tokio::join!(self.renew_leases(), self.free_what_is_due(), self.let_go_of_stopped_batches(), self.sweep());
    }

    /// Makes work claimable again whose pause is over or whose node has died, even while there is other work.
    async fn free_what_is_due(&self) {
        let mut ticks = interval(self.settings.poll);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.storage.queue().free_what_is_due(&self.node).await {
                tracing::warn!("work that is due could not be released: {}", error_chain(&error));
            }
        }
    }

    /// Renews the leases of items in flight, and stops those that are lost.
    async fn renew_leases(&self) {
        let mut ticks = interval(self.settings.lease / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let items = self.in_flight.ids();
            if items.is_empty() {
                continue;
            }
            match self.storage.queue().renew_leases(&self.node, &items, self.settings.lease).await {
                Ok(lost) => self.in_flight.stop_items(&lost),
                // Two more renewals come before the leases end, and results of lost items are refused.
                Err(error) => tracing::warn!("leases could not be renewed: {}", error_chain(&error)),
            }
        }
    }

    async fn let_go_of_stopped_batches(&self) {
        let mut changes = self.storage.changes();
        loop {
            match changes.recv().await {
                Ok(Change::Stopped(batch)) => self.in_flight.stop_batch(batch),
                // Whatever was missed is noticed when the leases are renewed.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn sweep(&self) {
        let mut ticks = interval(SWEEP_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.storage.upkeep().await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "removed files that are no longer needed"),
                Err(error) => tracing::warn!("clean-up failed: {}", error_chain(&error)),
            }
        }
    }
}
