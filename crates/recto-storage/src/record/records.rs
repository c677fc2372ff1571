//! Reading records as the history shows them.

use std::collections::HashMap;

use recto_domain::{ExtractionMode, Field, Record, RecordStatus, TemplateSchema, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use crate::database::rows::{from_json, parse};
use crate::entities::{batch, record, template_version, upload};
use crate::error::{Result, StorageError};
use crate::template::templates::any_version;

/// The format of exports without a template.
const DEFAULT_RESULT_FORMAT: &str = "json";

/// A record with its upload.
pub(crate) type RecordRows = (record::Model, upload::Model);

/// One record.
pub(crate) async fn find_record(db: &impl ConnectionTrait, id: &str) -> Result<Option<Record>> {
    let found = record::Entity::find_by_id(id).find_also_related(upload::Entity).one(db).await?;
    let Some((record, Some(upload))) = found else {
        return Ok(None);
    };
    Ok(assemble(db, vec![(record, upload)]).await?.pop())
}

/// Completes records with data from other tables, keeping their order.
pub(crate) async fn assemble(db: &impl ConnectionTrait, rows: Vec<RecordRows>) -> Result<Vec<Record>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let around = Around::load(db, &rows).await?;
    rows.into_iter().map(|(record, upload)| around.assemble(record, upload)).collect()
}

/// The fields of a record in its template's order: the extracted values, overridden by corrections; `None` without a
/// template.
pub(crate) fn fields_of(
    record: &record::Model,
    template: Option<&template_version::Model>,
) -> Result<Option<Vec<Field>>> {
    let corrections: Map<String, Value> =
        record.corrections.as_deref().map(|json| from_json(json, "record")).transpose()?.unwrap_or_default();
    let Some(template) = template else {
        return Ok(None);
    };
    let found: Vec<Field> =
        record.fields.as_deref().map(|json| from_json(json, "record")).transpose()?.unwrap_or_default();
    let mut found: HashMap<String, Field> = found.into_iter().map(|field| (field.name.clone(), field)).collect();
    let fields = schema_of(template)?.fields.into_iter().map(|asked| {
        let field = found.remove(&asked.name).unwrap_or_else(|| Field::missing(asked.name.clone(), asked.kind));
        match corrections.get(&asked.name) {
            Some(value) => field.corrected(value.clone()),
            None => field,
        }
    });
    Ok(Some(fields.collect()))
}

/// The schema of a version of a template.
pub(crate) fn schema_of(template: &template_version::Model) -> Result<TemplateSchema> {
    TemplateSchema::of_stored(&from_json(&template.template_schema, "template")?)
        .map_err(|_| StorageError::Unreadable { what: "template" })
}

/// The versions of templates that records were read with, by template and version.
pub(crate) async fn templates_of<'a>(
    db: &impl ConnectionTrait,
    records: impl Iterator<Item = &'a record::Model>,
) -> Result<HashMap<(String, i32), template_version::Model>> {
    let mut wanted: Vec<(&String, i32)> =
        records.filter_map(|r| Some((r.template_id.as_ref()?, r.template_version?))).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = template_version::Entity::find().filter(any_version(wanted.into_iter())).all(db).await?;
    Ok(rows.into_iter().map(|row| ((row.template_id.clone(), row.version), row)).collect())
}

/// The version of its template that a record was read with.
pub(crate) fn template_of<'a>(
    templates: &'a HashMap<(String, i32), template_version::Model>,
    record: &record::Model,
) -> Option<&'a template_version::Model> {
    templates.get(&(record.template_id.clone()?, record.template_version?))
}

/// Data from other tables about some records.
struct Around {
    templates: HashMap<(String, i32), template_version::Model>,
    /// Batches that no list shows.
    implicit: Vec<String>,
}

impl Around {
    async fn load(db: &impl ConnectionTrait, rows: &[RecordRows]) -> Result<Self> {
        let templates = templates_of(db, rows.iter().map(|(record, _)| record)).await?;
        let mut ids: Vec<&String> = rows.iter().map(|(record, _)| &record.batch_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let batches = batch::Entity::find().filter(batch::Column::Id.is_in(ids)).all(db).await?;
        let implicit = batches.into_iter().filter(|batch| batch.is_implicit).map(|batch| batch.id).collect();
        Ok(Self { templates, implicit })
    }

    fn assemble(&self, record: record::Model, upload: upload::Model) -> Result<Record> {
        let what = "record";
        let template = template_of(&self.templates, &record);
        let fields = fields_of(&record, template)?;
        let options = record.read_options()?;
        let status = record.record_status()?;
        let (started_at, completed_at) = (record.started_at, record.completed_at);
        Ok(Record {
            id: parse(&record.id, what)?,
            upload_id: parse(&upload.id, what)?,
            project_id: parse(&record.project_id, what)?,
            organization_id: parse(&record.organization_id, what)?,
            user_id: parse(&record.user_id, what)?,
            batch_id: if self.implicit.contains(&record.batch_id) {
                None
            } else {
                Some(parse(&record.batch_id, what)?)
            },
            file_path: format!("{}/projects/{}/{}", record.organization_id, record.project_id, upload.file_name),
            file_size: upload.size_bytes.to_string(),
            mime_type: upload.mime_type,
            file_name: upload.file_name,
            status,
            template_id: record.template_id.as_deref().map(|id| parse(id, what)).transpose()?,
            template_version: record.template_version.map(i32::unsigned_abs),
            result_format: template.map_or(DEFAULT_RESULT_FORMAT, |template| &template.result_format).to_owned(),
            extraction_mode: match template {
                Some(template) => parse(&template.extraction_mode, "template")?,
                None => ExtractionMode::FreeText,
            },
            engine: record.engine.clone().or(options.engine),
            languages: record.languages.clone().or_else(|| options.languages.as_ref().map(ToString::to_string)),
            reused_from: record.reused_from.as_deref().map(|id| parse(id, what)).transpose()?,
            page_count: record.pages.map(i32::unsigned_abs),
            pages_done: record.pages_done.unsigned_abs(),
            pages_failed: record.pages_failed.unsigned_abs(),
            confidence: record.confidence.map(|c| (c * 10_000.0).round() / 10_000.0),
            field_details: fields.as_deref().map(Field::details),
            fields: fields.as_deref().map(Field::values),
            needs_review: record.needs_review,
            warnings: record.warnings()?,
            metadata: record.metadata.as_deref().map(|json| from_json(json, what)).transpose()?,
            error: record.error,
            attempts: record.attempts.unsigned_abs(),
            template_name: record.template_name,
            upload_type: record.upload_type,
            started_at: started_at.map(Timestamp::from_millis),
            completed_at: completed_at.map(Timestamp::from_millis),
            processing_time_ms: started_at.zip(completed_at).and_then(|(from, to)| u64::try_from(to - from).ok()),
            created_at: Timestamp::from_millis(record.created_at),
            updated_at: Timestamp::from_millis(record.updated_at),
        })
    }
}

/// The payload of an event about a document: its record without the pages, with the upload's id added. For a new
/// upload, the size is a number and the status says that it is uploaded.
pub(crate) fn record_payload(kind: recto_domain::EventKind, record: &Record) -> Value {
    let mut payload = serde_json::to_value(record).expect("a record makes JSON");
    if let Some(payload) = payload.as_object_mut() {
        payload.insert("processingHistoryId".to_owned(), json!(record.id));
        payload.insert("id".to_owned(), json!(record.upload_id));
        payload.insert("fileSize".to_owned(), json!(record.file_size.parse::<u64>().unwrap_or(0)));
        if kind == recto_domain::EventKind::DocumentUploaded && record.status == RecordStatus::Queued {
            payload.insert("status".to_owned(), json!("uploaded"));
        }
    }
    payload
}
