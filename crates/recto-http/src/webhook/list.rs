//! `GET /webhooks`

use axum::extract::State;
use recto_domain::Webhook;
use recto_storage::WebhookFilter;
use serde::Deserialize;

use crate::auth::{Caller, ProjectScope, ReadWebhooks};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::Query;
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;

/// What the list can be asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ListQuery {
    #[serde(flatten)]
    paging: PagingQuery,
    project_id: Option<String>,
}

/// `GET /webhooks`: those of the project that is named or the token's, else all of the organisation.
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<ReadWebhooks>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Webhook>>, ApiError> {
    let mut wrong = Vec::new();
    let paging = query.paging.settle(DEFAULT_LIMIT, &mut wrong);
    ApiError::unless_empty(wrong)?;
    let project = ProjectScope::narrow(&state, &caller, query.project_id.as_deref()).await?;
    let Paging { page, limit } = paging;
    let filter = WebhookFilter { organization: caller.token().organization_id, project, page, limit };
    let (webhooks, total) = state.storage.webhooks(&filter).await?;
    Ok(Json(Page::new(paging, webhooks, total)))
}
