//! One endpoint: see it, change, pause or resume it, delete it.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::Webhook;

use super::form::WebhookForm;
use super::reach::{WebhookInReach, no_webhook};
use crate::auth::{ReadWebhooks, WriteWebhooks};
use crate::error::ApiError;
use crate::json::Json;
use crate::state::ApiState;

/// `GET /webhooks/:id`
pub(crate) async fn details(WebhookInReach { webhook, .. }: WebhookInReach<ReadWebhooks>) -> Json<Webhook> {
    Json(webhook)
}

/// `PATCH /webhooks/:id`
pub(crate) async fn update(
    State(state): State<ApiState>,
    WebhookInReach { webhook, caller }: WebhookInReach<WriteWebhooks>,
    Json(form): Json<WebhookForm>,
) -> Result<Json<Webhook>, ApiError> {
    let change = form.change(state.settings.webhook_addresses).await?;
    let updated = caller.storage(&state).update_webhook(webhook.id, &change).await?;
    updated.map(Json).ok_or_else(|| no_webhook(&webhook.id.to_string()))
}

/// `DELETE /webhooks/:id`
pub(crate) async fn delete_webhook(
    State(state): State<ApiState>,
    WebhookInReach { webhook, caller }: WebhookInReach<WriteWebhooks>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).delete_webhook(webhook.id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(no_webhook(&webhook.id.to_string())) }
}
