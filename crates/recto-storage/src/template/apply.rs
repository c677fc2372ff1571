//! Extracting the fields of stored documents again, with another template or version, without reading pages again.

use std::collections::BTreeMap;

use recto_domain::{AuditAction, BatchId, ProjectId, RecordId, RecordStatus, WorkKind};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set, Unchanged};

use crate::batch::row::{BatchRow, save_record};
use crate::changes::Change;
use crate::database::insert::insert_many;
use crate::database::rows::parse;
use crate::entities::record;
use crate::error::Result;
use crate::handles::Templates;
use crate::queue::claim::{new_item, rank_of_extraction};
use crate::queue::turns::{self, Line};
use crate::storage::Storage;
use crate::template::templates::TemplateUse;
use crate::tenant::audit::{self, Audited};
use crate::tenant::tenants::take_work;

impl Templates<'_> {
    /// The completed records of a project's batch, in order.
    pub async fn completed_records(self, project: ProjectId, batch: BatchId) -> Result<Vec<RecordId>> {
        let rows = record::Entity::find()
            .filter(record::Column::BatchId.eq(batch.to_string()))
            .filter(record::Column::ProjectId.eq(project.to_string()))
            .filter(record::Column::Status.eq(RecordStatus::Completed.as_str()))
            .order_by_asc(record::Column::Position)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.iter().map(|row| parse(&row.id, "record")).collect()
    }

    /// Queues completed records of a project for extraction with a template, and returns the records that were queued.
    /// Records that do not exist or have not completed are left out. Corrections are kept if the record had the same
    /// template in any version; with another template they are removed.
    pub async fn apply(
        self,
        project: ProjectId,
        template: &TemplateUse,
        records: &[RecordId],
    ) -> Result<Vec<RecordId>> {
        let ids: Vec<String> = records.iter().map(ToString::to_string).collect();
        let rows = record::Entity::find()
            .filter(record::Column::Id.is_in(ids))
            .filter(record::Column::ProjectId.eq(project.to_string()))
            .all(&self.storage.inner.database.read)
            .await?;
        let mut by_batch: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            by_batch.entry(row.batch_id).or_default().push(row.id);
        }
        let mut applied = Vec::new();
        for (batch, records) in by_batch {
            applied.extend(self.storage.apply_in_batch(&batch, template, records).await?);
        }
        Ok(applied)
    }
}

impl Storage {
    async fn apply_in_batch(&self, batch: &str, template: &TemplateUse, records: Vec<String>) -> Result<Vec<RecordId>> {
        let tx = self.inner.database.begin().await?;
        let Some(mut batch) = BatchRow::lock(&tx, batch).await? else { return Ok(Vec::new()) };
        let (mut items, mut applied, mut pages_kept) = (Vec::new(), Vec::new(), 0);
        let rows = record::Entity::find()
            .filter(record::Column::Id.is_in(records))
            .order_by_asc(record::Column::Position)
            .all(&tx)
            .await?;
        for mut row in rows {
            if row.record_status()? != RecordStatus::Completed {
                continue;
            }
            let id = template.id.to_string();
            if row.template_id.as_ref() != Some(&id) {
                row.corrections = None;
            }
            row.template_id = Some(id);
            row.template_version = Some(template.version.cast_signed());
            row.template_name = Some(template.name.clone());
            pages_kept += row.pages_done + row.pages_failed;
            items.push(new_item(&batch.row, &row.id, WorkKind::Extract, rank_of_extraction(batch.now)));
            // Its pages are not read again, so the cost of reading them stays.
            let cost = row.cost();
            batch.reopen_record(&mut row)?;
            row.set_cost(cost);
            save_record(&tx, &row).await?;
            set_template(&tx, &row).await?;
            let about = Audited {
                organization: &row.organization_id,
                project: Some(&row.project_id),
                action: AuditAction::RecordRetried,
                object: &row.id,
            };
            audit::write(&tx, &self.actor, about).await?;
            applied.push(parse(&row.id, "record")?);
        }
        if items.is_empty() {
            tx.rollback().await?;
            return Ok(applied);
        }
        take_work(&tx, &batch.row.project_id).await?;
        insert_many(&tx, items).await?;
        // The time since the batch ended says nothing about the coming work.
        (batch.row.rate_since, batch.row.rate_pages) = (None, pages_kept);
        let (organization, project) = (batch.row.organization_id.clone(), batch.row.project_id.clone());
        let id = batch.save(&tx).await?;
        turns::join(&tx, Line::Extraction, &organization, &project).await?;
        tx.commit().await?;
        self.tell(Change::Work);
        self.tell(Change::Batch(id));
        Ok(applied)
    }
}

/// Stores the template of a record; nothing else changes it.
async fn set_template(tx: &impl ConnectionTrait, row: &record::Model) -> Result<()> {
    let change = record::ActiveModel {
        id: Unchanged(row.id.clone()),
        template_id: Set(row.template_id.clone()),
        template_version: Set(row.template_version),
        template_name: Set(row.template_name.clone()),
        ..Default::default()
    };
    change.update_without_returning(tx).await?;
    Ok(())
}
