//! Changes of an endpoint: pause, resume, change, delete.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Webhook, WebhookId};

use super::form::WebhookForm;
use crate::auth::WriteWebhooks;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::state::ApiState;

/// Change, pause or resume a webhook endpoint
///
/// Fields that are not sent stay unchanged.
#[utoipa::path(patch, path = "/webhooks/{webhookId}", tag = "Webhooks", operation_id = "updateWebhook",
    params(("webhookId" = WebhookId, Path, description = "The id of the endpoint.")),
    request_body = WebhookForm,
    responses((status = 200, description = "The endpoint as it is now", body = Webhook)))]
pub(crate) async fn update(
    State(state): State<ApiState>,
    InScope { found: webhook, caller }: InScope<Webhook, WriteWebhooks>,
    Json(form): Json<WebhookForm>,
) -> Result<Json<Webhook>, ApiError> {
    let change = form.change(state.settings.webhook_addresses).await?;
    let updated = caller.storage(&state).webhooks().update(webhook.id, &change).await?;
    updated.map(Json).ok_or_else(|| ApiError::no_such("webhook", &webhook.id.to_string()))
}

/// Delete a webhook endpoint
#[utoipa::path(delete, path = "/webhooks/{webhookId}", tag = "Webhooks", operation_id = "deleteWebhook",
    params(("webhookId" = WebhookId, Path, description = "The id of the endpoint.")),
    responses((status = 204, description = "The endpoint was deleted")))]
pub(crate) async fn delete_webhook(
    State(state): State<ApiState>,
    InScope { found: webhook, caller }: InScope<Webhook, WriteWebhooks>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).webhooks().delete(webhook.id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("webhook", &webhook.id.to_string())) }
}
