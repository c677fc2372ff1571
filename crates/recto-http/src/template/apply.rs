//! `POST /templates/:id/apply`: extracts the fields of stored documents again.

use axum::Extension;
use axum::extract::State;
use recto_domain::{BatchId, Field, Record, RecordId, Template, TemplateContent, TemplateId};
use recto_extract::{Document, Extraction, FieldPlan};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::auth::{Caller, ReadHistory, WriteHistory, WriteTemplates};
use crate::error::{ApiError, excerpt};
use crate::in_scope::InScope;
use crate::json::Json;
use crate::member::Member;
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// The most records per call.
const MAX_RECORDS: usize = 100;
/// The most records of a dry run, whose documents are searched while the client waits.
const MAX_TRIED: usize = 20;

/// The records that a template is applied to.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateApplication)]
pub(crate) struct Application {
    /// Completed records of the template's project; at most 20 in a dry run.
    #[schema(value_type = Option<Vec<RecordId>>, min_items = 1, max_items = 100)]
    #[serde(default)]
    records: Member<Vec<Value>>,
    /// Instead of `records`: all completed records of this batch.
    #[schema(value_type = Option<BatchId>)]
    #[serde(default)]
    batch_id: Member<String>,
    /// Only report what would be found.
    #[schema(value_type = Option<bool>)]
    #[serde(default)]
    dry_run: Member<bool>,
    /// In a dry run: a schema to try instead of the template's.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    #[serde(default)]
    template_schema: Member<Value>,
}

/// The result for the records, or what it would be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppliedTemplate {
    /// The version that was applied.
    version: u32,
    dry_run: bool,
    /// The records queued for extraction; in a dry run, those that were searched.
    record_ids: Vec<RecordId>,
    /// The results of a dry run.
    found: Vec<FoundInRecord>,
}

/// What a template would find in a document.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FoundInRecord {
    record_id: RecordId,
    file_name: String,
    /// The record's current values by field.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    before: Map<String, Value>,
    /// The new values by field.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    fields: Map<String, Value>,
    /// The origins of the new values by field.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    field_details: Map<String, Value>,
    /// The fields that would change.
    changed: Vec<String>,
    /// Whether the record would need review.
    needs_review: bool,
}

/// Apply a template to stored documents
///
/// Extracts the fields of completed records with the template's newest version, without reading pages again. The
/// records are `queued` until it is done, and then complete. With `dryRun` nothing changes, and the response says what
/// would be found. A dry run uses neither a language model nor an invoice that a file carries as data. Corrections stay
/// on records that were read with this template before.
#[utoipa::path(post, path = "/templates/{templateId}/apply", tag = "Templates", operation_id = "applyTemplate",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    request_body = Application,
    responses((status = 200, description = "What changed in the records, or would change", body = AppliedTemplate)))]
pub(crate) async fn apply(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    InScope { found: template, caller }: InScope<Template, WriteTemplates>,
    // The values are read from records and stored in them.
    history: Caller<WriteHistory>,
    _: Caller<ReadHistory>,
    Json(body): Json<Application>,
) -> Result<Json<AppliedTemplate>, ApiError> {
    let mut wrong = Vec::new();
    let dry_run = body.dry_run.flag("dryRun", &mut wrong).unwrap_or(false);
    let schema = body.template_schema.optional("templateSchema", "an object of fields", &mut wrong);
    if schema.is_some() && !dry_run {
        wrong.push("templateSchema is only allowed in a dry run: change the template first".to_owned());
    }
    let named: Option<Vec<RecordId>> = body.records.list("records", 1..=MAX_RECORDS, &mut wrong);
    let batch: Option<BatchId> = body.batch_id.spelled("batchId", &mut wrong);
    ApiError::unless_empty(wrong)?;
    let records = match (named, batch) {
        (Some(named), None) => named,
        (None, Some(batch)) => state.storage.templates().completed_records(template.project_id, batch).await?,
        _ => return Err(ApiError::invalid("either records or batchId must say what to apply the template to")),
    };
    let version = template.version;
    if dry_run {
        let place = places.take(Work::Lesson, caller.token()).await?;
        let content = match schema {
            Some(template_schema) => TemplateContent { template_schema, ..template.content.clone() },
            None => template.content.clone(),
        };
        let found = tried(&state, &template, content, &records).await?;
        drop(place);
        let record_ids = found.iter().map(|found| found.record_id).collect();
        return Ok(Json(AppliedTemplate { version, dry_run, record_ids, found }));
    }
    check_all_there(&state, &template, &records).await?;
    let applied = history.storage(&state).templates().apply(template.project_id, &(&template).into(), &records).await?;
    Ok(Json(AppliedTemplate { version, dry_run, record_ids: applied, found: Vec::new() }))
}

/// Refuses a request for records that the project does not have, before anything changes.
async fn check_all_there(state: &ApiState, template: &Template, records: &[RecordId]) -> Result<(), ApiError> {
    for id in records {
        record_of(state, template, *id).await?;
    }
    Ok(())
}

async fn record_of(state: &ApiState, template: &Template, id: RecordId) -> Result<Record, ApiError> {
    let record = state.storage.records().get(id).await?.filter(|record| {
        record.project_id == template.project_id && record.status == recto_domain::RecordStatus::Completed
    });
    record.ok_or_else(|| ApiError::invalid(format!("records: the template's project has no completed record {id}")))
}

async fn tried(
    state: &ApiState,
    template: &Template,
    content: TemplateContent,
    records: &[RecordId],
) -> Result<Vec<FoundInRecord>, ApiError> {
    if records.len() > MAX_TRIED {
        let why = format!("a dry run is for at most {MAX_TRIED} records, not {}", excerpt(&records.len().to_string()));
        return Err(ApiError::invalid(why));
    }
    // Its regular expressions may take half a second to compile.
    let plan = tokio::task::spawn_blocking(move || FieldPlan::parse(&content)).await;
    let plan = plan.map_err(|error| ApiError::Internal(error.into()))?;
    let plan = std::sync::Arc::new(plan.map_err(|invalid| ApiError::Invalid(invalid.0))?);
    let mut found = Vec::new();
    for id in records {
        let record = record_of(state, template, *id).await?;
        let document = state.storage.templates().corrected_document(template.project_id, *id).await?;
        // It may have been deleted in the meantime.
        let Some(document) = document else { continue };
        let plan = std::sync::Arc::clone(&plan);
        let searched =
            tokio::task::spawn_blocking(move || plan.extract(Document { pages: &document.pages, e_invoice: None }));
        let extraction = searched.await.map_err(|error| ApiError::Internal(error.into()))?;
        let keeps_corrections = record.template_id == Some(template.id);
        found.push(compared(record, extraction, keeps_corrections));
    }
    Ok(found)
}

fn compared(record: Record, extraction: Extraction, keeps_corrections: bool) -> FoundInRecord {
    let before = record.fields.unwrap_or_default();
    let details = record.field_details.unwrap_or_default();
    let fields: Vec<Field> = extraction
        .fields
        .into_iter()
        .map(|field| {
            let is_corrected = details.get(&field.name).is_some_and(|detail| detail["corrected"] == true);
            match before.get(&field.name).filter(|_| is_corrected && keeps_corrections) {
                Some(value) => field.corrected(value.clone()),
                None => field,
            }
        })
        .collect();
    let is_other = |field: &&Field| before.get(&field.name).unwrap_or(&Value::Null) != &field.value;
    FoundInRecord {
        record_id: record.id,
        file_name: record.file_name,
        changed: fields.iter().filter(is_other).map(|field| field.name.clone()).collect(),
        fields: Field::values(&fields),
        field_details: Field::details(&fields),
        needs_review: extraction.needs_review,
        before,
    }
}
