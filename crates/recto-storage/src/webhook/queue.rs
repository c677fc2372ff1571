//! The queue of due deliveries, leased to the nodes that send them.
//!
//! Claiming is fair between endpoints. The endpoint with the fewest deliveries in flight comes first; among equals, the
//! one that has waited longest. An endpoint that hangs delays only its own deliveries.

use std::collections::HashMap;
use std::time::Duration;

use recto_domain::delivery::TEST_EVENT;
use recto_domain::{DeliveryId, DeliveryStatus, Timestamp, WebhookHeaders, WebhookId, WebhookSecret, WebhookStatus};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};

use crate::changes::Change;
use crate::database::rows::parse;
use crate::entities::webhook;
use crate::entities::webhook_delivery::{Column, Entity, Model};
use crate::error::{Result, StorageError};
use crate::handles::Webhooks;
use crate::queue::node::Node;
use crate::storage::Storage;

/// Deliveries of one endpoint that may be in flight at once.
const MAX_IN_FLIGHT: u64 = 4;
/// The same while all deliveries to the endpoint fail: enough to find out whether it is back.
const MAX_IN_FLIGHT_FAILING: u64 = 1;

/// A leased delivery, with everything that its request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// The endpoint.
    pub webhook_id: WebhookId,
    /// The event's id, as the receiver sees it.
    pub event_id: String,
    /// The type of the event.
    pub event_type: String,
    /// The body to sign and send.
    pub body: String,
    /// The URL to send it to.
    pub url: String,
    /// Extra headers of the endpoint.
    pub headers: WebhookHeaders,
    /// The secret to sign with.
    pub secret: WebhookSecret,
}

impl Webhooks<'_> {
    /// Leases the next delivery; `None` when none is due. Any node may take a delivery whose lease has run out; the
    /// event is then sent again.
    pub async fn claim_delivery(self, node: &Node, lease: Duration, now: Timestamp) -> Result<Option<ClaimedDelivery>> {
        for endpoint in self.storage.endpoints_in_turn(now).await? {
            match self.storage.claim_of(&endpoint, node, lease, now).await {
                Ok(None) => {}
                // The start of the server has reported this and paused the endpoint.
                Err(StorageError::Sealed) => tracing::debug!(webhook = endpoint, "{}", StorageError::Sealed),
                claimed => return claimed,
            }
        }
        Ok(None)
    }

    /// Returns deliveries without counting an attempt, as at the end of a process.
    pub async fn release_deliveries(self, node: &Node, deliveries: &[DeliveryId]) -> Result<()> {
        for id in deliveries {
            let tx = self.storage.inner.database.begin().await?;
            set_lease(None, None)
                .filter(Column::Id.eq(id.to_string()))
                .filter(Column::LeaseOwner.eq(node.id()))
                .exec(&tx)
                .await?;
            tx.commit().await?;
        }
        self.storage.tell(Change::Deliveries);
        Ok(())
    }
}

impl Storage {
    /// Frees the deliveries that an earlier process had leased.
    pub(crate) async fn give_back_all_deliveries(&self) -> Result<()> {
        let tx = self.inner.database.begin().await?;
        set_lease(None, None).filter(Column::LeaseUntil.is_not_null()).exec(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// The endpoints that have due deliveries, in the order of their turns.
    async fn endpoints_in_turn(&self, now: Timestamp) -> Result<Vec<String>> {
        let read = &self.inner.database.read;
        let mut oldest_due = due(now);
        oldest_due
            .column((Entity, Column::DueAt))
            .and_where(Expr::col((Entity, Column::WebhookId)).equals((webhook::Entity, webhook::Column::Id)));
        let waiting: Vec<(String, Option<i64>)> = webhook::Entity::find()
            .select_only()
            .column(webhook::Column::Id)
            .expr_as(oldest_due, "oldest_due")
            .into_tuple()
            .all(read)
            .await?;
        let mut waiting: Vec<(String, i64)> = waiting.into_iter().filter_map(|(id, due)| Some((id, due?))).collect();
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let leased: Vec<String> = Entity::find()
            .select_only()
            .column(Column::WebhookId)
            .filter(Column::LeaseUntil.gt(now.as_millis()))
            .into_tuple()
            .all(read)
            .await?;
        let mut in_flight: HashMap<String, u64> = HashMap::new();
        for id in leased {
            *in_flight.entry(id).or_default() += 1;
        }
        waiting.retain(|(id, _)| in_flight.get(id).is_none_or(|&count| count < MAX_IN_FLIGHT));
        waiting.sort_by_key(|(id, due)| (in_flight.get(id).copied().unwrap_or(0), *due));
        Ok(waiting.into_iter().map(|(id, _)| id).collect())
    }

    /// Leases the oldest due delivery of an endpoint, if the endpoint may have another one in flight.
    async fn claim_of(
        &self,
        endpoint: &str,
        node: &Node,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<ClaimedDelivery>> {
        let tx = self.inner.database.begin().await?;
        // Whoever holds the lock is claiming for this endpoint too, or records a result; the endpoint gets another turn
        // at once.
        let mut select = webhook::Entity::find_by_id(endpoint);
        QueryTrait::query(&mut select).lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
        let Some(webhook) = select.one(&tx).await? else {
            return Ok(None);
        };
        let keys = self.inner.sealing.as_ref();
        let (secret, headers) = (webhook.secret(keys)?, webhook.headers(keys)?);
        let in_flight = Entity::find()
            .filter(Column::LeaseUntil.gt(now.as_millis()))
            .filter(Column::WebhookId.eq(endpoint))
            .count(&tx)
            .await?;
        let most = if webhook.failing_since.is_some() { MAX_IN_FLIGHT_FAILING } else { MAX_IN_FLIGHT };
        if in_flight >= most {
            return Ok(None);
        }
        if webhook.health()?.status == WebhookStatus::Paused {
            // Queued at the very moment of the pause.
            park(&tx, endpoint).await?;
        }
        let mut next = due(now);
        next.column((Entity, Column::Id))
            .and_where(Expr::col((Entity, Column::WebhookId)).eq(endpoint))
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let leased = set_lease(Some(node.id()), Some(now.plus(lease)))
            .filter(Expr::col(Column::Id).eq(next))
            .exec_with_returning(&tx)
            .await?;
        tx.commit().await?;
        leased.into_iter().next().map(|delivery| claimed(delivery, webhook, headers, secret)).transpose()
    }
}

/// The oldest delivery that is due and not leased.
fn due(now: Timestamp) -> SelectStatement {
    let mut due = Query::select();
    due.from(Entity)
        .and_where(Expr::col((Entity, Column::DueAt)).lte(now.as_millis()))
        .and_where(Expr::col((Entity, Column::LeaseUntil)).if_null(0).lte(now.as_millis()))
        .order_by((Entity, Column::DueAt), Order::Asc)
        .limit(1);
    due
}

fn set_lease(owner: Option<&str>, until: Option<Timestamp>) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::LeaseOwner, Expr::value(owner.map(str::to_owned)))
        .col_expr(Column::LeaseUntil, Expr::value(until.map(Timestamp::as_millis)))
}

fn claimed(
    delivery: Model,
    webhook: webhook::Model,
    headers: WebhookHeaders,
    secret: WebhookSecret,
) -> Result<ClaimedDelivery> {
    Ok(ClaimedDelivery {
        id: parse(&delivery.id, "webhook delivery")?,
        webhook_id: parse(&webhook.id, "webhook")?,
        event_id: delivery.event_id,
        event_type: delivery.event_type,
        body: delivery.body,
        headers,
        url: webhook.url,
        secret,
    })
}

/// Makes the queued deliveries of a paused endpoint wait until it is resumed; tests are sent all the same.
pub(crate) async fn park(tx: &impl ConnectionTrait, webhook: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(None::<i64>))
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::DueAt.is_not_null())
        .filter(Column::EventType.ne(TEST_EVENT))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the deliveries that waited for an endpoint to be resumed due at once.
pub(crate) async fn unpark(tx: &impl ConnectionTrait, webhook: &str, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(Some(now.as_millis())))
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::DueAt.is_null())
        .filter(Column::Status.eq(DeliveryStatus::Pending.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}
