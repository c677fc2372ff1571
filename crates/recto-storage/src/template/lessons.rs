//! Documents that a template can learn from: records with corrected fields.

use recto_domain::{Field, Page, ProjectId, RecordId, RecordStatus, TemplateId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};

use crate::database::rows::parse;
use crate::entities::{record, upload};
use crate::error::Result;
use crate::handles::Templates;
use crate::record::records::{fields_of, template_of, templates_of};

/// A document with its correct values.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectedDocument {
    /// The name that the sender gave.
    pub file_name: String,
    /// The pages that were read, in order; for a long document, only the first ones.
    pub pages: Vec<Page>,
    /// The values by field name: corrections where there are any, otherwise the extracted values.
    pub values: Map<String, Value>,
}

impl Templates<'_> {
    /// The corrected records of a project that were read with a template in any version: newest first, at most `limit`.
    pub async fn corrected_records(
        self,
        project: ProjectId,
        template: TemplateId,
        limit: u64,
    ) -> Result<Vec<RecordId>> {
        let ids: Vec<String> = record::Entity::find()
            .select_only()
            .column(record::Column::Id)
            .filter(record::Column::ProjectId.eq(project.to_string()))
            .filter(record::Column::TemplateId.eq(template.to_string()))
            .filter(record::Column::Corrections.is_not_null())
            .filter(record::Column::Status.eq(RecordStatus::Completed.as_str()))
            .order_by_desc(record::Column::CreatedAt)
            .order_by_desc(record::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(&self.storage.inner.database.read)
            .await?;
        ids.iter().map(|id| parse(id, "record")).collect()
    }

    /// A completed record of a project with its pages and values; `None` when the project has no such record.
    pub async fn corrected_document(self, project: ProjectId, id: RecordId) -> Result<Option<CorrectedDocument>> {
        let db = &self.storage.inner.database.read;
        let found = record::Entity::find_by_id(id.to_string()).find_also_related(upload::Entity).one(db).await?;
        let Some((record, Some(upload))) = found else { return Ok(None) };
        if record.project_id != project.to_string() || record.record_status()? != RecordStatus::Completed {
            return Ok(None);
        }
        let templates = templates_of(db, std::iter::once(&record)).await?;
        let fields = fields_of(&record, template_of(&templates, &record))?.unwrap_or_default();
        let mut values = Field::values(&fields);
        values.retain(|_, value| !value.is_null());
        let pages = self.storage.first_pages(&record.id).await?;
        Ok(Some(CorrectedDocument { file_name: upload.file_name, pages, values }))
    }
}
