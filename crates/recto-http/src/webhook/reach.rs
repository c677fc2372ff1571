//! The endpoint that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{DeliveryId, Token, Webhook, WebhookId};

use crate::auth::{Access, Caller};
use crate::error::{ApiError, start};
use crate::state::ApiState;

/// The endpoint of the address, which the caller's token reaches: 404 when the organisation has none, 401 when it
/// belongs to more than the token's project.
pub(crate) struct WebhookInReach<A> {
    pub(crate) webhook: Webhook,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for WebhookInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| no_webhook("of that name"))?;
        let id: WebhookId = named.parse().map_err(|_| no_webhook(&named))?;
        let webhook = own(state.storage.webhook(id).await?, caller.token()).ok_or_else(|| no_webhook(&named))?;
        check_project(caller.token(), &webhook)?;
        Ok(Self { webhook, caller })
    }
}

/// The delivery of the address, to an endpoint that the caller's token reaches.
pub(crate) struct DeliveryInReach<A> {
    pub(crate) id: DeliveryId,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for DeliveryInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| no_delivery("of that name"))?;
        let id: DeliveryId = named.parse().map_err(|_| no_delivery(&named))?;
        let delivery = state.storage.delivery(id).await?.ok_or_else(|| no_delivery(&named))?;
        let webhook = state.storage.webhook(delivery.webhook_id).await?;
        let webhook = own(webhook, caller.token()).ok_or_else(|| no_delivery(&named))?;
        check_project(caller.token(), &webhook)?;
        Ok(Self { id, caller })
    }
}

/// The endpoint if it is one of the token's organisation. Another organisation's is as one that there is not.
fn own(webhook: Option<Webhook>, token: &Token) -> Option<Webhook> {
    webhook.filter(|webhook| webhook.organization_id == token.organization_id)
}

fn check_project(token: &Token, webhook: &Webhook) -> Result<(), ApiError> {
    if token.project_id.is_none() || token.project_id == webhook.project_id {
        Ok(())
    } else {
        Err(ApiError::Unauthorized("the webhook does not belong to the project of this token"))
    }
}

pub(crate) fn no_webhook(id: &str) -> ApiError {
    ApiError::NotFound(format!("there is no webhook {}", start(id)))
}

pub(crate) fn no_delivery(id: &str) -> ApiError {
    ApiError::NotFound(format!("there is no delivery {}", start(id)))
}
