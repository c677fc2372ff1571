//! `POST /webhooks`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::Webhook;
use recto_storage::NewWebhook;
use serde::Serialize;
use utoipa::ToSchema;

use super::form::{NewEndpoint, WebhookForm};
use crate::auth::{Caller, ProjectScope, WriteWebhooks};
use crate::error::ApiError;
use crate::json::Json;
use crate::state::ApiState;

/// A new endpoint, with its secret, which is never shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = NewWebhookWithSecret)]
pub(crate) struct Made {
    #[serde(flatten)]
    webhook: Webhook,
    /// The secret that signs its deliveries. It is not shown again.
    secret: String,
}

/// Make a webhook endpoint
///
/// Deliveries are signed with `secret`, which is generated if it is not sent. An address inside the server's own
/// network is refused unless the settings allow it.
#[utoipa::path(post, path = "/webhooks", tag = "Webhooks", operation_id = "createWebhook",
    request_body = NewEndpoint,
    responses((status = 201, description = "The endpoint, with its secret", body = Made)))]
pub(crate) async fn create(
    State(state): State<ApiState>,
    caller: Caller<WriteWebhooks>,
    Json(mut form): Json<WebhookForm>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let mut wrong = Vec::new();
    let named = std::mem::take(&mut form.project_id).optional("projectId", "a string", &mut wrong);
    ApiError::unless_empty(wrong)?;
    let project = ProjectScope::narrow(&state, &caller, named.as_deref()).await?;
    let (content, secret) = form.new_webhook(state.settings.webhook_addresses).await?;
    let organization = caller.token().organization_id;
    let new = NewWebhook { organization, project, content, secret: secret.clone() };
    let webhook = caller.storage(&state).webhooks().create(new).await?;
    Ok((StatusCode::CREATED, Json(Made { webhook, secret: secret.expose().to_owned() })))
}
