//! The log of an endpoint's deliveries, and those that are sent by hand.

use std::time::Duration;

use axum::extract::State;
use recto_domain::{Delivery, DeliveryStatus};
use recto_storage::DeliveryFilter;
use recto_webhooks::first_attempt;
use serde::Deserialize;

use super::reach::{DeliveryInReach, WebhookInReach, no_delivery, no_webhook};
use crate::auth::{ReadWebhooks, WriteWebhooks};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::{Query, parsed};
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;
/// How long a test waits for its outcome: a little longer than an attempt may take.
const TEST_WAIT: Duration = Duration::from_secs(12);

/// What the log can be asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DeliveriesQuery {
    #[serde(flatten)]
    paging: PagingQuery,
    status: Option<String>,
}

/// `GET /webhooks/:id/deliveries`
pub(crate) async fn deliveries(
    State(state): State<ApiState>,
    WebhookInReach { webhook, .. }: WebhookInReach<ReadWebhooks>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<Delivery>>, ApiError> {
    let mut wrong = Vec::new();
    let paging = query.paging.settle(DEFAULT_LIMIT, &mut wrong);
    let status = parsed::<DeliveryStatus>("", query.status.as_deref(), &mut wrong);
    ApiError::unless_empty(wrong)?;
    let Paging { page, limit } = paging;
    let filter = DeliveryFilter { webhook: webhook.id, status, page, limit };
    let (deliveries, total) = state.storage.deliveries(&filter).await?;
    Ok(Json(Page::new(paging, deliveries, total)))
}

/// `POST /webhooks/:id/test`: answers when the attempt has ended, or with what is known after [`TEST_WAIT`].
pub(crate) async fn test(
    State(state): State<ApiState>,
    WebhookInReach { webhook, caller }: WebhookInReach<WriteWebhooks>,
) -> Result<Json<Delivery>, ApiError> {
    let queued = caller.storage(&state).test_webhook(webhook.id).await?;
    let queued = queued.ok_or_else(|| no_webhook(&webhook.id.to_string()))?;
    Ok(Json(first_attempt(&state.storage, queued, TEST_WAIT).await?))
}

/// `POST /webhooks/deliveries/:id/redeliver`: answers with the new delivery of the same event.
pub(crate) async fn redeliver(
    State(state): State<ApiState>,
    DeliveryInReach { id, caller }: DeliveryInReach<WriteWebhooks>,
) -> Result<Json<Delivery>, ApiError> {
    let queued = caller.storage(&state).redeliver(id).await?;
    queued.map(Json).ok_or_else(|| no_delivery(&id.to_string()))
}
