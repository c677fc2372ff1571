//! `POST /templates/:id/learn`: learns hints from documents whose correct values are known.

use axum::Extension;
use axum::extract::State;
use recto_domain::{Page, RecordId, Template, TemplateContent, TemplateId, TemplateSchema};
use recto_extract::{Example, Learned, Lesson, learn};
use recto_storage::TemplateChange;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::auth::{Caller, ReadHistory, WriteTemplates};
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::member::Member;
use crate::openapi::Conflict;
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// The most documents to learn from: each is in memory, and each is searched again for every hint that is tried.
const MAX_DOCUMENTS: usize = 10;
/// Pages of a document that are used for learning.
const MAX_PAGES: u32 = 5;

/// The documents to learn from.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateTeaching)]
pub(crate) struct Teaching {
    /// Completed records of the template's project, corrected or already correct. By default, the newest corrected
    /// records of this template.
    #[schema(value_type = Option<Vec<RecordId>>, min_items = 1, max_items = 10)]
    #[serde(default)]
    records: Member<Vec<Value>>,
}

/// A template after learning, and what it learned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaughtTemplate {
    /// In a new version, if there was something to learn.
    template: Template,
    /// One for each field whose value is known in some example.
    lessons: Vec<FieldLesson>,
}

/// What the examples taught about a field.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FieldLesson {
    /// The field's name.
    field: String,
    /// Number of examples that know its value.
    known: usize,
    /// Number of those in which the template found it before.
    right_before: usize,
    /// Number of those in which the template finds it now.
    right_after: usize,
    /// The learned hints; null if none was better than the template's own.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    find: Option<Value>,
    /// The files whose pages do not show the known value.
    unseen_in: Vec<String>,
}

impl From<Lesson> for FieldLesson {
    fn from(lesson: Lesson) -> Self {
        let Lesson { field, known, right_before, right_after, find, unseen_in } = lesson;
        Self { field, known, right_before, right_after, find, unseen_in }
    }
}

/// A document to learn from.
struct Document {
    name: String,
    pages: Vec<Page>,
    values: Map<String, Value>,
}

/// Teach a template
///
/// Learns the positions of fields from documents whose correct values are known: the template's example documents that
/// were added with `fields`, and records with corrected fields. Two or three documents of one issuer teach more than
/// one, because they show what changes between documents and what stays. Hints are kept only if they make more values
/// correct, or the same number with more confidence. At most 10 documents, 5 pages of each.
#[utoipa::path(post, path = "/templates/{templateId}/learn", tag = "Templates", operation_id = "teachTemplate",
    params(("templateId" = TemplateId, Path, description = "The id of the template.")),
    request_body = Teaching,
    responses(
        (status = 200, description = "The template and what it learned", body = TaughtTemplate),
        (status = 409, response = Conflict)
    ))]
pub(crate) async fn teach(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    // What it learns reveals the content of records.
    _: Caller<ReadHistory>,
    named: InScope<Template, WriteTemplates>,
    Json(body): Json<Teaching>,
) -> Result<Json<TaughtTemplate>, ApiError> {
    let InScope { found: template, caller } = named;
    let mut wrong = Vec::new();
    let named: Option<Vec<RecordId>> = body.records.list("records", 1..=MAX_DOCUMENTS, &mut wrong);
    ApiError::unless_empty(wrong)?;
    let place = places.take(Work::Lesson, caller.token()).await?;
    let documents = documents(&state, &template, named).await?;
    let content = template.content.clone();
    let learned = tokio::task::spawn_blocking(move || {
        // The thread continues if the client hangs up.
        let _place = place;
        learned(&content, &documents)
    });
    let learned = learned.await.map_err(|error| ApiError::Internal(error.into()))??;
    let content = TemplateContent { template_schema: learned.template_schema, ..template.content };
    let change = TemplateChange { content: Some(content), is_active: None, of_version: Some(template.version) };
    let changed = caller.storage(&state).templates().update(template.id, change).await?;
    let template = changed.ok_or_else(|| ApiError::no_such("template", &template.id.to_string()))?;
    Ok(Json(TaughtTemplate { template, lessons: learned.lessons.into_iter().map(FieldLesson::from).collect() }))
}

fn learned(content: &TemplateContent, documents: &[Document]) -> Result<Learned, ApiError> {
    let examples: Vec<Example<'_>> = documents
        .iter()
        .map(|document| Example { name: &document.name, pages: &document.pages, values: &document.values })
        .collect();
    learn(content, &examples).map_err(|error| ApiError::invalid(error.to_string()))
}

/// The documents to learn from: the template's examples, then records.
async fn documents(
    state: &ApiState,
    template: &Template,
    named: Option<Vec<RecordId>>,
) -> Result<Vec<Document>, ApiError> {
    let mut documents = examples(state, template).await?;
    let room = MAX_DOCUMENTS.saturating_sub(documents.len());
    let records = match named {
        Some(named) if named.len() > room => {
            let why = format!("records must have at most {room} entries; the limit is {MAX_DOCUMENTS} documents");
            return Err(ApiError::invalid(why));
        }
        Some(named) => named,
        None => state.storage.templates().corrected_records(template.project_id, template.id, room as u64).await?,
    };
    let asked = TemplateSchema::of_stored(&template.content.template_schema).unwrap_or_default().fields;
    for id in records {
        let found = state.storage.templates().corrected_document(template.project_id, id).await?;
        let document = found.ok_or_else(|| {
            ApiError::invalid(format!("records: the template's project has no completed record {id}"))
        })?;
        let mut values = document.values;
        // An older version may have had more fields.
        values.retain(|name, _| asked.iter().any(|field| field.name == *name));
        let pages = document.pages.into_iter().take(MAX_PAGES as usize).collect();
        documents.push(Document { name: document.file_name, pages, values });
    }
    if documents.is_empty() {
        return Err(ApiError::invalid(
            "there is nothing to learn from: add example documents with their fields, or correct the fields of records",
        ));
    }
    Ok(documents)
}

/// The template's example documents with known values, read.
async fn examples(state: &ApiState, template: &Template) -> Result<Vec<Document>, ApiError> {
    let mut documents = Vec::new();
    let all = state.storage.templates().files(template.id).await?;
    for example in all.into_iter().filter(|example| example.fields.is_some()).take(MAX_DOCUMENTS) {
        // It may be deleted while others are being read.
        let Some((example, file)) = state.storage.templates().file(template.id, example.id).await? else { continue };
        let Some(Value::Object(values)) = example.fields else { continue };
        let owner = template.organization_id;
        let read = state.documents.pages(owner, &example.id.to_string(), file, MAX_PAGES).await;
        let pages =
            read.map_err(|why| ApiError::invalid(format!("the example {} cannot be read: {why}", example.file_name)))?;
        documents.push(Document { name: example.file_name, pages, values });
    }
    Ok(documents)
}
