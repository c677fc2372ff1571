//! `GET /tokens`

use axum::extract::State;
use recto_domain::ProjectId;
use recto_storage::TokenFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer::TokenAnswer;
use crate::auth::{AdminTokens, Caller, ProjectScope};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::{Query, parsed};
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
    /// Only tokens of this project.
    #[param(value_type = Option<ProjectId>)]
    project_id: Option<String>,
    /// `true` to include revoked tokens.
    #[param(value_type = Option<bool>)]
    include_revoked: Option<String>,
}

/// List tokens
///
/// Newest first, 20 per page unless `limit` says otherwise. A project's key sees the tokens of its project. No response
/// shows a key.
#[utoipa::path(get, path = "/tokens", tag = "Tokens", operation_id = "listTokens",
    params(ListQuery, PagingQuery),
    responses((status = 200, description = "A page of tokens", body = Page<TokenAnswer>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<AdminTokens>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<TokenAnswer>>, ApiError> {
    let mut wrong = Vec::new();
    let Paging { page, limit } = query.paging.settle(DEFAULT_LIMIT, &mut wrong);
    let with_revoked = parsed("includeRevoked: ", query.include_revoked.as_deref(), &mut wrong).unwrap_or(false);
    ApiError::unless_empty(wrong)?;
    let project = ProjectScope::narrow(&state, &caller, query.project_id.as_deref()).await?;
    let organization = caller.token().organization_id;
    let filter = TokenFilter { organization, project, with_revoked, page, limit };
    let (tokens, total) = state.storage.tokens().list(&filter).await?;
    let data = tokens.into_iter().map(TokenAnswer::from).collect();
    Ok(Json(Page::new(Paging { page, limit }, data, total)))
}
