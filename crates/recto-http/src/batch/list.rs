//! `GET /batch`

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use recto_domain::{Batch, BatchStatus, ProjectId, Timestamp};
use recto_storage::BatchFilter;
use serde::{Deserialize, Serialize};

use crate::auth::{ProjectScope, ReadBatches};
use crate::error::{ApiError, start};
use crate::query::Query;
use crate::state::ApiState;

const DEFAULT_LIMIT: u64 = 20;
const MAX_LIMIT: u64 = 100;
/// Far beyond any list; keeps the offset within what databases count with.
const MAX_PAGE: u64 = 1_000_000_000;

/// What a list can be asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ListQuery {
    page: Option<String>,
    limit: Option<String>,
    status: Option<String>,
    updated_since: Option<String>,
}

impl ListQuery {
    /// The filter, or everything that is wrong with the query.
    fn filter(&self, project: ProjectId) -> Result<BatchFilter, ApiError> {
        let mut wrong = Vec::new();
        let page = number("page", self.page.as_deref(), 1, MAX_PAGE, &mut wrong);
        let limit = number("limit", self.limit.as_deref(), DEFAULT_LIMIT, MAX_LIMIT, &mut wrong);
        let status = parsed::<BatchStatus>("", self.status.as_deref(), &mut wrong);
        let updated_since = parsed::<Timestamp>("updatedSince: ", self.updated_since.as_deref(), &mut wrong);
        if wrong.is_empty() {
            Ok(BatchFilter { project, status, updated_since, page, limit })
        } else {
            Err(ApiError::Invalid(wrong))
        }
    }
}

/// A parameter without a value is one that was not sent.
fn sent(value: Option<&str>) -> Option<&str> {
    value.filter(|text| !text.is_empty())
}

fn parsed<T>(what: &str, value: Option<&str>, wrong: &mut Vec<String>) -> Option<T>
where
    T: FromStr,
    T::Err: Display,
{
    let text = sent(value)?;
    text.parse().map_err(|why: T::Err| wrong.push(format!("{what}{why}, not {}", start(text)))).ok()
}

fn number(name: &str, value: Option<&str>, default: u64, max: u64, wrong: &mut Vec<String>) -> u64 {
    let Some(text) = sent(value) else { return default };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(n) if digits && (1..=max).contains(&n) => n,
        _ => {
            wrong.push(format!("{name} must be a whole number from 1 to {max}, not {}", start(text)));
            default
        }
    }
}

/// A page of a list.
#[derive(Serialize)]
pub(crate) struct BatchList {
    data: Vec<Batch>,
    pagination: Pagination,
}

/// Where in a list a page stands.
#[derive(Serialize)]
struct Pagination {
    page: u64,
    limit: u64,
    total: u64,
    pages: u64,
}

/// `GET /batch`
pub(crate) async fn list(
    State(state): State<ApiState>,
    ProjectScope { project, .. }: ProjectScope<ReadBatches>,
    Query(query): Query<ListQuery>,
) -> Result<Json<BatchList>, ApiError> {
    let filter = query.filter(project)?;
    let (data, total) = state.storage.batches(&filter).await?;
    let pages = total.div_ceil(filter.limit);
    Ok(Json(BatchList { data, pagination: Pagination { page: filter.page, limit: filter.limit, total, pages } }))
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
            page: Some("1.5".into()),
            limit: Some("101".into()),
            status: Some("nonsense".into()),
            updated_since: Some("soon".into()),
        };
        let Err(ApiError::Invalid(wrong)) = query.filter(ProjectId::generate()) else { panic!("accepted") };
        insta::assert_snapshot!(wrong.join("\n"), @r"
        page must be a whole number from 1 to 1000000000, not 1.5
        limit must be a whole number from 1 to 100, not 101
        status must be one of uploading, processing, completed, partially_failed, failed, not nonsense
        updatedSince: a time is written as in 2026-03-31T10:00:00.000Z, not soon
        ");
    }
}
