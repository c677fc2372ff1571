//! Results of deliveries. One transaction stores the attempt and the new state of the delivery and the endpoint.

use recto_domain::delivery::TEST_EVENT;
use recto_domain::{
    AuditAction, DeliveryAttempt, DeliveryId, DeliveryStatus, RetrySchedule, Timestamp, WebhookHealth, WebhookStatus,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
};

use crate::changes::Change;
use crate::database::rows::to_json;
use crate::entities::{webhook, webhook_attempt, webhook_delivery};
use crate::error::Result;
use crate::handles::Webhooks;
use crate::queue::node::Node;
use crate::record::results::Stored;
use crate::storage::Storage;
use crate::webhook::endpoints::{lock_webhook, set_health};
use crate::webhook::queue::park;

/// When failed deliveries are retried.
#[derive(Debug, Clone, Copy)]
pub struct Retry<'a> {
    /// The schedule of pauses.
    pub schedule: &'a RetrySchedule,
    /// From -1 to 1: changes this pause, see [`RetrySchedule::pause_after`].
    pub jitter: f64,
}

impl Webhooks<'_> {
    /// Records an attempt and ends the lease. A failed delivery is queued again according to the schedule, or given up;
    /// an endpoint that has failed for too long is paused. A test is tried once, and does not change the health of the
    /// endpoint.
    pub async fn record_attempt(
        self,
        node: &Node,
        id: DeliveryId,
        attempt: DeliveryAttempt,
        retry: Retry<'_>,
        now: Timestamp,
    ) -> Result<Stored> {
        let tx = self.storage.inner.database.begin().await?;
        let Some((webhook, delivery)) = held(&tx, node, id).await? else {
            return Ok(Stored::NotOurs);
        };
        let number = delivery.attempts + 1;
        let is_test = delivery.event_type == TEST_EVENT;
        let pause = retry.schedule.pause_after(number.unsigned_abs(), retry.jitter).filter(|_| !is_test);
        let (status, due_at) = match pause {
            _ if attempt.is_success() => (DeliveryStatus::Delivered, None),
            Some(pause) => (DeliveryStatus::Pending, Some(now.plus(pause).as_millis())),
            None => (DeliveryStatus::Failed, None),
        };
        let error = attempt.error.clone();
        write_attempt(&tx, &delivery.id, number, attempt).await?;
        let mut row = delivery.into_active_model();
        row.attempts = Set(number);
        row.status = Set(status.as_str().to_owned());
        row.due_at = Set(due_at);
        row.lease_owner = Set(None);
        row.lease_until = Set(None);
        row.completed_at = Set((status != DeliveryStatus::Pending).then(|| now.as_millis()));
        row.update_without_returning(&tx).await?;
        if !is_test {
            self.storage.move_health(&tx, webhook, error.as_deref(), now).await?;
        }
        tx.commit().await?;
        self.storage.tell(Change::Delivery(id));
        Ok(Stored::Yes)
    }
}

impl Storage {
    /// The health of an endpoint after an attempt.
    async fn move_health(
        &self,
        tx: &impl ConnectionTrait,
        webhook: webhook::Model,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let before = webhook.health()?;
        let after: WebhookHealth = match error {
            None => before.clone().after_success(),
            Some(error) => before.clone().after_failure(error, now),
        };
        if after.status == WebhookStatus::Paused {
            // Also when the endpoint was paused while this delivery was in flight.
            park(tx, &webhook.id).await?;
        }
        if after == before {
            return Ok(());
        }
        let is_paused_now = after.status != before.status;
        let mut row = webhook.into_active_model();
        set_health(&mut row, after);
        let row = row.update(tx).await?;
        if is_paused_now {
            tracing::warn!(webhook = %row.id, reason = row.pause_reason, "a webhook endpoint is paused");
            self.note(tx, AuditAction::WebhookUpdated, &row).await?;
        }
        Ok(())
    }
}

/// A delivery that the node holds, and its endpoint, locked in this order; `None` when the node no longer holds it.
async fn held(
    tx: &impl ConnectionTrait,
    node: &Node,
    id: DeliveryId,
) -> Result<Option<(webhook::Model, webhook_delivery::Model)>> {
    let held = || {
        webhook_delivery::Entity::find_by_id(id.to_string()).filter(webhook_delivery::Column::LeaseOwner.eq(node.id()))
    };
    let Some(delivery) = held().one(tx).await? else {
        return Ok(None);
    };
    let Some(webhook) = lock_webhook(tx, &delivery.webhook_id).await? else {
        return Ok(None);
    };
    Ok(held().lock_exclusive().one(tx).await?.map(|delivery| (webhook, delivery)))
}

async fn write_attempt(tx: &impl ConnectionTrait, delivery: &str, number: i32, attempt: DeliveryAttempt) -> Result<()> {
    let row = webhook_attempt::ActiveModel {
        delivery_id: Set(delivery.to_owned()),
        number: Set(number),
        sent_at: Set(attempt.sent_at.as_millis()),
        duration_ms: Set(attempt.duration_ms.cast_signed()),
        request_headers: Set(to_json(&attempt.request_headers)),
        response_status: Set(attempt.response_status.map(i32::from)),
        response_body: Set(attempt.response_body),
        error: Set(attempt.error),
    };
    webhook_attempt::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
