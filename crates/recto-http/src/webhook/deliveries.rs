//! The log of an endpoint's deliveries, and sending by hand.

use std::time::Duration;

use axum::extract::State;
use recto_domain::{Delivery, DeliveryId, DeliveryStatus, Webhook, WebhookId};
use recto_storage::DeliveryFilter;
use recto_webhooks::first_attempt;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{ReadWebhooks, WriteWebhooks};
use crate::error::ApiError;
use crate::in_scope::{Delivered, InScope};
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::{Query, parsed};
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;
/// How long a test waits for its result: a little longer than an attempt may take.
const TEST_WAIT: Duration = Duration::from_secs(12);

/// The query parameters of the log.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesQuery {
    #[serde(flatten)]
    #[param(ignore)]
    paging: PagingQuery,
    /// Only deliveries with this status.
    #[param(value_type = Option<DeliveryStatus>)]
    status: Option<String>,
}

/// List an endpoint's deliveries
///
/// Newest first, 20 per page unless `limit` says otherwise.
#[utoipa::path(get, path = "/webhooks/{webhookId}/deliveries", tag = "Webhooks", operation_id = "listDeliveries",
    params(("webhookId" = WebhookId, Path, description = "The id of the endpoint."), DeliveriesQuery, PagingQuery),
    responses((status = 200, description = "A page of deliveries", body = Page<Delivery>)))]
pub(crate) async fn deliveries(
    State(state): State<ApiState>,
    InScope { found: webhook, .. }: InScope<Webhook, ReadWebhooks>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<Delivery>>, ApiError> {
    let mut wrong = Vec::new();
    let paging = query.paging.settle(DEFAULT_LIMIT, &mut wrong);
    let status = parsed::<DeliveryStatus>("", query.status.as_deref(), &mut wrong);
    ApiError::unless_empty(wrong)?;
    let Paging { page, limit } = paging;
    let filter = DeliveryFilter { webhook: webhook.id, status, page, limit };
    let (deliveries, total) = state.storage.webhooks().deliveries(&filter).await?;
    Ok(Json(Page::new(paging, deliveries, total)))
}

/// Test an endpoint
///
/// Sends a `webhook.test` to it, and answers when the attempt has ended, or after 12 s with the state at that time.
#[utoipa::path(post, path = "/webhooks/{webhookId}/test", tag = "Webhooks", operation_id = "testWebhook",
    params(("webhookId" = WebhookId, Path, description = "The id of the endpoint.")),
    responses((status = 200, description = "The delivery", body = Delivery)))]
pub(crate) async fn test(
    State(state): State<ApiState>,
    InScope { found: webhook, caller }: InScope<Webhook, WriteWebhooks>,
) -> Result<Json<Delivery>, ApiError> {
    let queued = caller.storage(&state).webhooks().test(webhook.id).await?;
    let queued = queued.ok_or_else(|| ApiError::no_such("webhook", &webhook.id.to_string()))?;
    Ok(Json(first_attempt(&state.storage, queued, TEST_WAIT).await?))
}

/// Send a delivery again
#[utoipa::path(post, path = "/webhooks/deliveries/{deliveryId}/redeliver", tag = "Webhooks",
    operation_id = "redeliver",
    params(("deliveryId" = DeliveryId, Path, description = "The id of the delivery.")),
    responses((status = 200, description = "The new delivery of the same event", body = Delivery)))]
pub(crate) async fn redeliver(
    State(state): State<ApiState>,
    InScope { found: Delivered { delivery, .. }, caller }: InScope<Delivered, WriteWebhooks>,
) -> Result<Json<Delivery>, ApiError> {
    let queued = caller.storage(&state).webhooks().redeliver(delivery.id).await?;
    queued.map(Json).ok_or_else(|| ApiError::no_such("delivery", &delivery.id.to_string()))
}
