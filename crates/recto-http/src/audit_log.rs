//! `GET /audit-log`: who did what. No route and no function of storage changes or deletes an entry.

use axum::extract::State;
use recto_domain::{AuditAction, AuditEntry, Timestamp};
use recto_storage::AuditFilter;
use serde::Deserialize;

use crate::auth::{AdminEverything, Caller, ProjectScope};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::{Query, parsed, sent};
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;

/// What the log can be asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AuditQuery {
    #[serde(flatten)]
    paging: PagingQuery,
    /// Only what was done in this project.
    project_id: Option<String>,
    /// Only this action, such as `token.revoked`.
    action: Option<String>,
    /// Only what was done to this object.
    object_id: Option<String>,
    /// Only what was done at this time or later.
    since: Option<String>,
}

/// `GET /audit-log`: newest first; what was done in its project for a project's token.
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<AdminEverything>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>, ApiError> {
    let mut wrong = Vec::new();
    let Paging { page, limit } = query.paging.settle(DEFAULT_LIMIT, &mut wrong);
    let action = parsed::<AuditAction>("", query.action.as_deref(), &mut wrong);
    let since = parsed::<Timestamp>("since: ", query.since.as_deref(), &mut wrong);
    ApiError::unless_empty(wrong)?;
    let project = ProjectScope::narrow(&state, &caller, query.project_id.as_deref()).await?;
    let object = sent(query.object_id.as_deref()).map(str::to_owned);
    let organization = caller.token().organization_id;
    let filter = AuditFilter { organization, project, action, object, since, page, limit };
    let (entries, total) = state.storage.audit_entries(&filter).await?;
    Ok(Json(Page::new(Paging { page, limit }, entries, total)))
}
