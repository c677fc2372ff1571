//! Waits for the outcome of a delivery.

use std::time::Duration;

use recto_domain::Delivery;
use recto_storage::{Change, Storage, StorageError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// How often to poll, because the sender may be another process.
const LOOK: Duration = Duration::from_millis(250);

/// The delivery after its first attempt, or its state after `wait`.
pub async fn first_attempt(storage: &Storage, delivery: Delivery, wait: Duration) -> Result<Delivery, StorageError> {
    let end = Instant::now() + wait;
    let mut changes = storage.changes();
    let mut delivery = delivery;
    loop {
        if let Some(now) = storage.webhooks().delivery(delivery.id).await? {
            delivery = now;
        }
        if !delivery.attempts.is_empty() || Instant::now() >= end {
            return Ok(delivery);
        }
        let look = (Instant::now() + LOOK).min(end);
        // In either case it is time to look.
        let _ = tokio::time::timeout_at(look, told_of(&delivery, &mut changes)).await;
    }
}

async fn told_of(delivery: &Delivery, changes: &mut Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Delivery(id)) if id == delivery.id => return,
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
