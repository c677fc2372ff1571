//! `GET /webhooks/:id`

use recto_domain::{Webhook, WebhookId};

use crate::auth::ReadWebhooks;
use crate::in_scope::InScope;
use crate::json::Json;

/// Get a webhook endpoint
#[utoipa::path(get, path = "/webhooks/{webhookId}", tag = "Webhooks", operation_id = "getWebhook",
    params(("webhookId" = WebhookId, Path, description = "The id of the endpoint.")),
    responses((status = 200, description = "The endpoint", body = Webhook)))]
pub(crate) async fn details(InScope { found: webhook, .. }: InScope<Webhook, ReadWebhooks>) -> Json<Webhook> {
    Json(webhook)
}
