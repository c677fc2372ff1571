//! `GET /batch`

use axum::extract::State;
use recto_domain::{Batch, BatchStatus, ProjectId, Timestamp};
use recto_storage::BatchFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{NamedProject, ProjectScope, ReadBatches};
use crate::error::ApiError;
use crate::json::Json;
use crate::paging::{Page, Paging, PagingQuery};
use crate::query::{Query, parsed, search_text};
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
    /// Only batches with this status.
    #[param(value_type = Option<BatchStatus>)]
    status: Option<String>,
    /// Only batches that changed at this time or later: one call polls many batches.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-31T10:00:00.000Z")]
    updated_since: Option<String>,
    /// Only batches with this text in their name or their template's name.
    #[param(max_length = 200)]
    search: Option<String>,
}

impl ListQuery {
    /// The filter, or all problems with the query.
    fn filter(&self, project: ProjectId) -> Result<BatchFilter, ApiError> {
        let mut wrong = Vec::new();
        let Paging { page, limit } = self.paging.settle(DEFAULT_LIMIT, &mut wrong);
        let status = parsed::<BatchStatus>("", self.status.as_deref(), &mut wrong);
        let updated_since = parsed::<Timestamp>("updatedSince: ", self.updated_since.as_deref(), &mut wrong);
        let search = search_text(self.search.as_deref(), &mut wrong);
        ApiError::unless_empty(wrong)?;
        Ok(BatchFilter { project, status, updated_since, search, page, limit })
    }
}

/// List a project's batches
///
/// Newest first, 20 per page unless `limit` says otherwise.
#[utoipa::path(get, path = "/batch", tag = "Batches", operation_id = "listBatches",
    params(NamedProject, ListQuery, PagingQuery),
    responses((status = 200, description = "A page of batches", body = Page<Batch>)))]
pub(crate) async fn list(
    State(state): State<ApiState>,
    ProjectScope { project, .. }: ProjectScope<ReadBatches>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Batch>>, ApiError> {
    let filter = query.filter(project)?;
    let (data, total) = state.storage.batches().list(&filter).await?;
    Ok(Json(Page::new(Paging { page: filter.page, limit: filter.limit }, data, total)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_parameters_is_the_first_twenty() {
        let filter = ListQuery::default().filter(ProjectId::generate()).unwrap();
        assert_eq!((filter.page, filter.limit, filter.status, filter.updated_since), (1, 20, None, None));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let query = ListQuery {
            paging: PagingQuery { page: Some("1.5".into()), limit: Some("101".into()) },
            status: Some("nonsense".into()),
            updated_since: Some("soon".into()),
            search: Some("x".repeat(201)),
        };
        let Err(ApiError::Invalid(wrong)) = query.filter(ProjectId::generate()) else { panic!("accepted") };
        insta::assert_snapshot!(wrong.join("\n"), @r"
        page must be a whole number from 1 to 1000000000, not 1.5
        limit must be a whole number from 1 to 100, not 101
        status must be one of uploading, processing, completed, partially_failed, failed, not nonsense
        updatedSince: a time must have the form 2026-03-31T10:00:00.000Z, not soon
        search must have at most 200 visible characters
        ");
    }
}
