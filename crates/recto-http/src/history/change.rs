//! Changes of a record: correct it, retry it, delete it.

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{Batch, Record, RecordId};
use recto_storage::RecordChange;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::details::RecordView;
use crate::auth::WriteHistory;
use crate::error::{ApiError, excerpt};
use crate::in_scope::InScope;
use crate::json::Json;
use crate::member::Member;
use crate::openapi::BadRequest;
use crate::quota;
use crate::retried::RetriedWork;
use crate::state::ApiState;

/// A change of a record.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordChange)]
pub(crate) struct RecordBody {
    /// The correct values by field name; null removes a correction.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default)]
    fields: Member<Map<String, Value>>,
    /// Replaces the metadata.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default)]
    metadata: Member<Map<String, Value>>,
    /// Whether the record still needs review. By default, a record with new `fields` needs none.
    #[schema(value_type = Option<bool>)]
    #[serde(default)]
    needs_review: Member<bool>,
}

/// Correct a record
///
/// Corrections are stored beside the extracted values. `fields: {}` says that a person has checked the values and found
/// them correct.
#[utoipa::path(patch, path = "/processing-history/{recordId}", tag = "Processing history",
    operation_id = "updateRecord",
    params(("recordId" = RecordId, Path, description = "The id of the record or of its upload.")),
    request_body = RecordBody,
    responses((status = 200, description = "The record as it is now", body = RecordView)))]
pub(crate) async fn update(
    State(state): State<ApiState>,
    InScope { found: record, caller }: InScope<Record, WriteHistory>,
    Json(body): Json<RecordBody>,
) -> Result<Json<RecordView>, ApiError> {
    let mut wrong = Vec::new();
    let fields = body.fields.optional("fields", "an object of field values", &mut wrong);
    let metadata = body.metadata.optional("metadata", "an object", &mut wrong).map(Value::Object);
    let needs_review = body.needs_review.flag("needsReview", &mut wrong);
    if metadata.as_ref().is_some_and(|metadata| metadata.to_string().len() > Batch::MAX_METADATA_BYTES) {
        wrong.push(format!("metadata must have at most {} bytes", Batch::MAX_METADATA_BYTES));
    }
    if let Some(fields) = &fields {
        check_fields(&state, &record, fields, &mut wrong).await?;
    }
    ApiError::unless_empty(wrong)?;
    let change = RecordChange { fields, metadata, needs_review };
    let changed = caller.storage(&state).records().update(record.id, change).await?;
    let changed = changed.ok_or_else(|| ApiError::no_such("record", &record.id.to_string()))?;
    Ok(Json(RecordView::of(&state, changed)))
}

/// Checks that the template has those fields, and that they may hold those values.
async fn check_fields(
    state: &ApiState,
    record: &Record,
    fields: &Map<String, Value>,
    wrong: &mut Vec<String>,
) -> Result<(), ApiError> {
    let Some(asked) = state.storage.records().schema(record.id).await? else {
        wrong.push("fields cannot be corrected: the record was read without a template".to_owned());
        return Ok(());
    };
    for (name, value) in fields {
        match asked.fields.iter().find(|field| field.name == *name) {
            None => wrong.push(format!("fields.{}: the template has no such field", excerpt(name))),
            Some(field) if !field.kind.accepts(value) => {
                wrong.push(format!(
                    "fields.{name} must be of type {}, not {}",
                    field.kind,
                    excerpt(&value.to_string())
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A record that was retried.
#[derive(Serialize, ToSchema)]
pub(crate) struct RetriedRecord {
    #[serde(flatten)]
    record: RecordView,
    retried: RetriedWork,
}

/// Retry what failed of a record
///
/// If nothing failed, a record that reused an earlier reading of the same file is read itself. For any other record
/// without failures, nothing is read again, and `retried` says so. A project that is not active accepts no new work
/// (400). A project that has used up its pages for the day accepts none before the next day (429).
#[utoipa::path(post, path = "/processing-history/{recordId}/retry", tag = "Processing history",
    operation_id = "retryRecord",
    params(("recordId" = RecordId, Path, description = "The id of the record or of its upload.")),
    responses(
        (status = 200, description = "The record as it is now, and what was queued", body = RetriedRecord),
        (status = 400, response = BadRequest)
    ))]
pub(crate) async fn retry(
    State(state): State<ApiState>,
    InScope { found: record, caller }: InScope<Record, WriteHistory>,
) -> Result<Json<RetriedRecord>, ApiError> {
    quota::check(&state, record.project_id).await?;
    let retried = caller.storage(&state).records().retry(record.id).await?;
    let (record, retried) = retried.ok_or_else(|| ApiError::no_such("record", &record.id.to_string()))?;
    let retried = RetriedWork::of(retried, !record.status.is_final());
    Ok(Json(RetriedRecord { record: RecordView::of(&state, record), retried }))
}

/// Delete a record with its file
#[utoipa::path(delete, path = "/processing-history/{recordId}", tag = "Processing history",
    operation_id = "deleteRecord",
    params(("recordId" = RecordId, Path, description = "The id of the record or of its upload.")),
    responses((status = 204, description = "The record was deleted")))]
pub(crate) async fn delete_record(
    State(state): State<ApiState>,
    InScope { found: record, caller }: InScope<Record, WriteHistory>,
) -> Result<StatusCode, ApiError> {
    let was_there = caller.storage(&state).records().delete_upload(record.upload_id).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::no_such("record", &record.id.to_string())) }
}
