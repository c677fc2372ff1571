//! The outbox: what happened, written in the transaction that made it true.

use recto_domain::{Batch, BatchId, Event, EventId, EventKind, RecordId, Timestamp};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entities::event;
use crate::error::{Result, StorageError};
use crate::rows::parse;
use crate::storage::Storage;

/// Writes an event about a batch, or about one of its records.
pub(crate) async fn write(
    tx: &impl ConnectionTrait,
    kind: EventKind,
    batch: &Batch,
    record: Option<RecordId>,
    now: Timestamp,
) -> Result<()> {
    event::ActiveModel {
        id: Set(EventId::generate().to_string()),
        kind: Set(kind.as_str().to_owned()),
        organization_id: Set(batch.organization_id.to_string()),
        project_id: Set(batch.project_id.to_string()),
        batch_id: Set(batch.id.to_string()),
        record_id: Set(record.map(|id| id.to_string())),
        created_at: Set(now.as_millis()),
    }
    .insert(tx)
    .await?;
    Ok(())
}

impl Storage {
    /// What happened to a batch so far, oldest first. Events go with their batch.
    pub async fn events(&self, batch: BatchId) -> Result<Vec<Event>> {
        let rows = event::Entity::find()
            .filter(event::Column::BatchId.eq(batch.to_string()))
            .order_by_asc(event::Column::Id)
            .all(&self.inner.database.read)
            .await?;
        rows.into_iter().map(event::Model::into_domain).collect()
    }
}

impl event::Model {
    fn into_domain(self) -> Result<Event> {
        let kinds = [
            EventKind::BatchUploaded,
            EventKind::BatchCompleted,
            EventKind::DocumentProcessed,
            EventKind::DocumentFailed,
        ];
        let unknown = StorageError::Unreadable { what: "event" };
        Ok(Event {
            id: parse(&self.id, "event")?,
            kind: kinds.into_iter().find(|kind| kind.as_str() == self.kind).ok_or(unknown)?,
            organization_id: parse(&self.organization_id, "event")?,
            project_id: parse(&self.project_id, "event")?,
            batch_id: parse(&self.batch_id, "event")?,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}
