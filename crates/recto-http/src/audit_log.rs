//! `GET /audit-log`: who did what. No route and no storage function changes or deletes an entry.

use axum::extract::State;
use recto_domain::{AuditAction, AuditEntry, ProjectId, Timestamp};
use recto_storage::AuditFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{AdminEverything, Caller, ProjectScope};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::{Query, parsed, sent};
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;

/// The query parameters of the log.
#[derive(Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    #[serde(flatten)]
    #[param(ignore)]
    paging: PagingQuery,
    /// Only entries about this project.
    #[param(value_type = Option<ProjectId>)]
    project_id: Option<String>,
    /// Only this action, such as `token.revoked`.
    #[param(value_type = Option<AuditAction>)]
    action: Option<String>,
    /// Only entries about this object.
    object_id: Option<String>,
    /// Only entries of this time or later.
    #[param(format = DateTime, example = "2026-03-31T10:00:00.000Z")]
    since: Option<String>,
}

/// Read the audit log
///
/// Newest first, 20 per page unless `limit` says otherwise. A project's key sees only the entries of its project.
#[utoipa::path(get, path = "/audit-log", tag = "Audit log", operation_id = "listAuditEntries",
    params(AuditQuery, PagingQuery),
    responses((status = 200, description = "A page of audit log entries", body = Page<AuditEntry>)))]
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
    let organization = Some(caller.token().organization_id);
    let filter = AuditFilter { organization, project, action, object, since, page, limit };
    let (entries, total) = state.storage.audit().entries(&filter).await?;
    Ok(Json(Page::new(Paging { page, limit }, entries, total)))
}
