//! `GET /webhooks`

use axum::extract::State;
use recto_domain::{ProjectId, Webhook};
use recto_storage::WebhookFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{Caller, ProjectScope, ReadWebhooks};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::Query;
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;

/// The query parameters of the list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    #[serde(flatten)]
    #[param(ignore)]
    paging: PagingQuery,
    /// Only endpoints of this project.
    #[param(value_type = Option<ProjectId>)]
    project_id: Option<String>,
}

/// List webhook endpoints
///
/// The endpoints of the named project or the key's project, or otherwise all of the organization. 20 per page unless
/// `limit` says otherwise.
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", operation_id = "listWebhooks",
    params(ListQuery, PagingQuery),
    responses((status = 200, description = "A page of endpoints", body = Page<Webhook>)))]
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
    let (webhooks, total) = state.storage.webhooks().list(&filter).await?;
    Ok(Json(Page::new(paging, webhooks, total)))
}
