//! Retention: deletes batches and files that were kept long enough.

use std::time::Duration;

use recto_domain::{BatchStatus, Project, Timestamp, UploadId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::database::rows::parse;
use crate::entities::batch::{Column, Entity, Model};
use crate::entities::upload;
use crate::error::Result;
use crate::handles::Tenants;
use crate::storage::Storage;

/// Batches that are fetched at once.
const AT_ONCE: u64 = 100;

const DAY: Duration = Duration::from_hours(24);

impl Tenants<'_> {
    /// Deletes batches, and files sent by themselves, that have ended and are older than their project's retention, as
    /// if a person had deleted them. A project without a retention of its own uses `of_all`, and keeps everything if
    /// that is `None`. Returns how many were deleted.
    pub async fn delete_expired(self, now: Timestamp, of_all: Option<Duration>) -> Result<u64> {
        let mut deleted = 0;
        for organization in self.storage.tenants().organizations().await? {
            for project in self.storage.tenants().projects(organization.id).await? {
                if let Some(kept) = kept_for(&project, of_all) {
                    deleted += self.storage.delete_expired_of(&project, now.minus(kept)).await?;
                }
            }
        }
        Ok(deleted)
    }
}

impl Storage {
    async fn delete_expired_of(&self, project: &Project, before: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        for status in [BatchStatus::Completed, BatchStatus::PartiallyFailed, BatchStatus::Failed] {
            let mut seen = String::new();
            loop {
                let expired = Entity::find()
                    .filter(Column::ProjectId.eq(project.id.to_string()))
                    .filter(Column::Status.eq(status.as_str()))
                    .filter(Column::CreatedAt.lt(before.as_millis()))
                    .filter(Column::Id.gt(&seen))
                    .order_by_asc(Column::Id)
                    .limit(AT_ONCE)
                    .all(&self.inner.database.read)
                    .await?;
                let Some(last) = expired.last() else { break };
                // Continue after these even if a deletion fails: a batch that another node deletes at this moment must
                // not be fetched again.
                seen.clone_from(&last.id);
                for batch in &expired {
                    deleted += u64::from(self.delete_one(batch).await?);
                }
            }
        }
        Ok(deleted)
    }

    async fn delete_one(&self, batch: &Model) -> Result<bool> {
        if !batch.is_implicit {
            return self.batches().delete(parse(&batch.id, "batch")?).await;
        }
        let file: Option<String> = upload::Entity::find()
            .select_only()
            .column(upload::Column::Id)
            .filter(upload::Column::BatchId.eq(&batch.id))
            .into_tuple()
            .one(&self.inner.database.read)
            .await?;
        match file {
            Some(id) => self.records().delete_upload(parse::<UploadId>(&id, "upload")?).await,
            None => Ok(false),
        }
    }
}

/// The retention of a project; `None` for ever.
fn kept_for(project: &Project, of_all: Option<Duration>) -> Option<Duration> {
    match project.retention_days {
        None => of_all,
        Some(0) => None,
        Some(days) => Some(DAY * days),
    }
}
