//! What has been kept long enough goes.

use recto_domain::{BatchStatus, ProjectId, Timestamp, UploadId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::batch::{Column, Entity, Model};
use crate::entities::upload;
use crate::error::Result;
use crate::rows::parse;
use crate::storage::Storage;

/// Batches that are looked up at once.
const AT_ONCE: u64 = 100;

impl Storage {
    /// Deletes what was sent before that time and has ended, as if somebody had deleted it: batches, and files that
    /// were sent by themselves. Says how many.
    pub async fn delete_expired(&self, before: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        for organization in self.organizations().await? {
            for project in self.projects(organization.id).await? {
                deleted += self.delete_expired_of(project.id, before).await?;
            }
        }
        Ok(deleted)
    }

    async fn delete_expired_of(&self, project: ProjectId, before: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        for status in [BatchStatus::Completed, BatchStatus::PartiallyFailed, BatchStatus::Failed] {
            loop {
                let expired = Entity::find()
                    .filter(Column::ProjectId.eq(project.to_string()))
                    .filter(Column::Status.eq(status.as_str()))
                    .filter(Column::CreatedAt.lt(before.as_millis()))
                    .order_by_asc(Column::CreatedAt)
                    .limit(AT_ONCE)
                    .all(&self.inner.database.read)
                    .await?;
                if expired.is_empty() {
                    break;
                }
                for batch in expired {
                    deleted += u64::from(self.delete_one(&batch).await?);
                }
            }
        }
        Ok(deleted)
    }

    async fn delete_one(&self, batch: &Model) -> Result<bool> {
        if !batch.is_implicit {
            return self.delete_batch(parse(&batch.id, "batch")?).await;
        }
        let file: Option<String> = upload::Entity::find()
            .select_only()
            .column(upload::Column::Id)
            .filter(upload::Column::BatchId.eq(&batch.id))
            .into_tuple()
            .one(&self.inner.database.read)
            .await?;
        match file {
            Some(id) => self.delete_upload(parse::<UploadId>(&id, "upload")?).await,
            None => Ok(false),
        }
    }
}
