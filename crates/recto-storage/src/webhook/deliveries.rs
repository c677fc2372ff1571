//! The log of deliveries: reading, sending again by hand, and pruning.

use std::collections::HashMap;

use recto_domain::delivery::TEST_EVENT;
use recto_domain::event::public_id;
use recto_domain::{
    AuditAction, Delivery, DeliveryAttempt, DeliveryId, DeliveryStatus, EventId, Timestamp, WebhookId, WebhookStatus,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Set,
};
use serde_json::json;

use crate::changes::Change;
use crate::database::rows::{from_json, parse};
use crate::database::sqlite_residue;
use crate::database::transaction::Transaction;
use crate::entities::{event, webhook, webhook_attempt, webhook_delivery};
use crate::error::{Result, StorageError};
use crate::handles::Webhooks;
use crate::storage::Storage;
use crate::webhook::endpoints::lock_webhook;
use crate::webhook::outbox::{Envelope, Subject, new_delivery};

/// Rows deleted in one transaction, so that pruning delays nobody.
const PRUNED_AT_ONCE: u64 = 500;

/// Selects deliveries for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only deliveries to this endpoint.
    pub webhook: WebhookId,
    /// Only deliveries with this status.
    pub status: Option<DeliveryStatus>,
    /// The page of the list, from 1.
    pub page: u64,
    /// Deliveries per page.
    pub limit: u64,
}

impl DeliveryFilter {
    fn select(&self) -> Select<webhook_delivery::Entity> {
        let select =
            webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(self.webhook.to_string()));
        match self.status {
            Some(status) => select.filter(webhook_delivery::Column::Status.eq(status.as_str())),
            None => select,
        }
    }
}

impl Webhooks<'_> {
    /// A page of an endpoint's deliveries, newest first, and the total number that match the filter.
    pub async fn deliveries(self, filter: &DeliveryFilter) -> Result<(Vec<Delivery>, u64)> {
        let tx = self.storage.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select()
            .order_by_desc(webhook_delivery::Column::CreatedAt)
            .order_by_desc(webhook_delivery::Column::Id)
            .limit(filter.limit)
            .offset(filter.page.saturating_sub(1).saturating_mul(filter.limit).min(i64::MAX as u64))
            .all(&tx)
            .await?;
        let deliveries = with_attempts(&tx, rows).await?;
        tx.commit().await?;
        Ok((deliveries, total))
    }

    /// One delivery.
    pub async fn delivery(self, id: DeliveryId) -> Result<Option<Delivery>> {
        let tx = self.storage.inner.database.snapshot().await?;
        let row = webhook_delivery::Entity::find_by_id(id.to_string()).one(&tx).await?;
        let found = with_attempts(&tx, row.into_iter().collect()).await?.pop();
        tx.commit().await?;
        Ok(found)
    }

    /// Queues a test event for an endpoint, even while it is paused; `None` when there is no such endpoint.
    pub async fn test(self, id: WebhookId) -> Result<Option<Delivery>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(webhook) = lock_webhook(&tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let now = Timestamp::now();
        let event_id = public_id(EventId::generate(), now);
        let payload = json!({ "webhookId": webhook.id, "name": webhook.name, "message": "This is a test from Recto." });
        let body = Envelope {
            event_type: TEST_EVENT,
            event_id: &event_id,
            timestamp: now,
            organization_id: parse(&webhook.organization_id, "webhook")?,
            project_id: webhook.project_id.as_deref().map(|id| parse(id, "webhook")).transpose()?,
            payload: &payload,
        };
        let row = new_delivery(webhook.id.clone(), &event_id, TEST_EVENT, Subject::default(), body.to_json(), now);
        self.storage.queue_again(tx, row, AuditAction::WebhookTested, &webhook).await.map(Some)
    }

    /// Queues an event again that was delivered or given up, with the same bytes; `None` when there is no such
    /// delivery. It waits while the endpoint is paused.
    pub async fn redeliver(self, id: DeliveryId) -> Result<Option<Delivery>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(sent) = webhook_delivery::Entity::find_by_id(id.to_string()).one(&tx).await? else {
            return Ok(None);
        };
        let Some(webhook) = lock_webhook(&tx, &sent.webhook_id).await? else {
            return Ok(None);
        };
        let (subject, now) = (Subject { id: sent.subject_id, record: sent.record_id }, Timestamp::now());
        let mut row = new_delivery(sent.webhook_id, &sent.event_id, &sent.event_type, subject, sent.body, now);
        if webhook.health()?.status == WebhookStatus::Paused && sent.event_type != TEST_EVENT {
            row.due_at = Set(None);
        }
        self.storage.queue_again(tx, row, AuditAction::DeliveryRepeated, &webhook).await.map(Some)
    }

    /// Removes deliveries that ended before that time, and events that are older; returns the number of deliveries.
    pub async fn prune_deliveries(self, before: Timestamp) -> Result<u64> {
        let old = || {
            webhook_delivery::Entity::find()
                .select_only()
                .column(webhook_delivery::Column::Id)
                .filter(webhook_delivery::Column::CompletedAt.lt(before.as_millis()))
                .limit(PRUNED_AT_ONCE)
        };
        let mut pruned = 0;
        loop {
            let tx = self.storage.inner.database.begin().await?;
            let ids: Vec<String> = old().into_tuple().all(&tx).await?;
            if ids.is_empty() {
                break;
            }
            let deleted = webhook_delivery::Entity::delete_many()
                .filter(webhook_delivery::Column::Id.is_in(ids))
                .exec(&tx)
                .await?;
            sqlite_residue::owe(&tx).await?;
            tx.commit().await?;
            pruned += deleted.rows_affected;
        }
        self.storage.prune_events(before).await?;
        if pruned > 0 {
            self.storage.erase_in_background();
        }
        Ok(pruned)
    }
}

impl Storage {
    async fn queue_again(
        &self,
        tx: Transaction,
        row: webhook_delivery::ActiveModel,
        action: AuditAction,
        webhook: &webhook::Model,
    ) -> Result<Delivery> {
        let delivery = row.insert(&tx).await?.into_domain(Vec::new())?;
        self.note(&tx, action, webhook).await?;
        tx.commit().await?;
        self.tell(Change::Deliveries);
        Ok(delivery)
    }

    async fn prune_events(&self, before: Timestamp) -> Result<()> {
        loop {
            let tx = self.inner.database.begin().await?;
            let ids: Vec<String> = event::Entity::find()
                .select_only()
                .column(event::Column::Id)
                .filter(event::Column::Id.lt(EventId::least_at(before).to_string()))
                .limit(PRUNED_AT_ONCE)
                .into_tuple()
                .all(&tx)
                .await?;
            if ids.is_empty() {
                return Ok(());
            }
            event::Entity::delete_many().filter(event::Column::Id.is_in(ids)).exec(&tx).await?;
            tx.commit().await?;
        }
    }
}

/// Deliveries with their attempts, in the same order.
async fn with_attempts(db: &impl ConnectionTrait, rows: Vec<webhook_delivery::Model>) -> Result<Vec<Delivery>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let attempts = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.is_in(rows.iter().map(|row| &row.id)))
        .order_by_asc(webhook_attempt::Column::DeliveryId)
        .order_by_asc(webhook_attempt::Column::Number)
        .all(db)
        .await?;
    let mut of: HashMap<String, Vec<DeliveryAttempt>> = HashMap::new();
    for attempt in attempts {
        of.entry(attempt.delivery_id.clone()).or_default().push(attempt.into_domain()?);
    }
    rows.into_iter()
        .map(|row| {
            let attempts = of.remove(&row.id).unwrap_or_default();
            row.into_domain(attempts)
        })
        .collect()
}

impl webhook_delivery::Model {
    fn into_domain(self, attempts: Vec<DeliveryAttempt>) -> Result<Delivery> {
        let what = "webhook delivery";
        Ok(Delivery {
            id: parse(&self.id, what)?,
            webhook_id: parse(&self.webhook_id, what)?,
            event_id: self.event_id,
            event_type: self.event_type,
            status: parse(&self.status, what)?,
            attempts,
            next_attempt_at: self.due_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(self.created_at),
            completed_at: self.completed_at.map(Timestamp::from_millis),
        })
    }
}

impl webhook_attempt::Model {
    fn into_domain(self) -> Result<DeliveryAttempt> {
        let what = "webhook attempt";
        Ok(DeliveryAttempt {
            sent_at: Timestamp::from_millis(self.sent_at),
            duration_ms: self.duration_ms.unsigned_abs(),
            request_headers: from_json(&self.request_headers, what)?,
            response_status: self
                .response_status
                .map(|status| u16::try_from(status).map_err(|_| StorageError::Unreadable { what }))
                .transpose()?,
            response_body: self.response_body,
            error: self.error,
        })
    }
}
