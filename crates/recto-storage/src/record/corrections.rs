//! Corrections of a record by people: values of its fields, and its metadata.

use recto_domain::{AuditAction, Record, RecordId};
use sea_orm::EntityTrait;
use serde_json::{Map, Value};

use crate::batch::row::{BatchRow, save_record};
use crate::changes::Change;
use crate::database::rows::{from_json, to_json};
use crate::entities::record;
use crate::error::Result;
use crate::handles::Records;
use crate::tenant::audit::{self, Audited};

/// A change of a record; `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordChange {
    /// Correct values by field. Null removes a correction; fields that are not named keep theirs.
    pub fields: Option<Map<String, Value>>,
    /// The new metadata: a JSON object.
    pub metadata: Option<Value>,
    /// Whether the record still needs review; `None` to derive that from the fields.
    pub needs_review: Option<bool>,
}

impl Records<'_> {
    /// Stores corrections beside the extracted values, and replaces the metadata; `None` when there is no such record.
    /// A person who corrects fields has looked at them, so the record needs no more review.
    pub async fn update(self, id: RecordId, change: RecordChange) -> Result<Option<Record>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(found) = record::Entity::find_by_id(id.to_string()).one(&tx).await? else {
            return Ok(None);
        };
        let Some(batch) = BatchRow::lock(&tx, &found.batch_id).await? else {
            return Ok(None);
        };
        // Read again under the lock.
        let Some(mut row) = record::Entity::find_by_id(id.to_string()).one(&tx).await? else {
            return Ok(None);
        };
        if let Some(fields) = change.fields {
            let mut corrections: Map<String, Value> =
                row.corrections.as_deref().map(|json| from_json(json, "record")).transpose()?.unwrap_or_default();
            for (name, value) in fields {
                if value.is_null() {
                    corrections.shift_remove(&name);
                } else {
                    corrections.insert(name, value);
                }
            }
            row.corrections = Some(to_json(&corrections));
            row.needs_review = false;
        }
        if let Some(needs_review) = change.needs_review {
            row.needs_review = needs_review;
        }
        if let Some(metadata) = change.metadata {
            row.metadata = Some(to_json(&metadata));
        }
        save_record(&tx, &row).await?;
        let batch_id = batch.save(&tx).await?;
        let about = Audited {
            organization: &row.organization_id,
            project: Some(&row.project_id),
            action: AuditAction::RecordUpdated,
            object: &row.id,
        };
        audit::write(&tx, &self.storage.actor, about).await?;
        tx.commit().await?;
        self.storage.tell(Change::Batch(batch_id));
        self.storage.records().get(id).await
    }
}
