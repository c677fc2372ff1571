//! Single files: sent by themselves or into an existing batch, and deleted.
//!
//! A file that is sent by itself gets a batch of its own that no list shows. Its blobs, work and counters therefore
//! obey the same rules as all others.

use recto_domain::record::ReadOptions;
use recto_domain::{
    AuditAction, BatchId, BatchStatus, EventKind, OrganizationId, ProjectId, Record, RecordId, RecordStatus, Timestamp,
    UploadId, UserId,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use sea_orm::{QueryOrder, QuerySelect};

use crate::batch::accept::{Accepted, AnswerOf, Idempotency, NewFile, insert_files, remember_key};
use crate::batch::receive::{ReceivedFile, Receiving};
use crate::batch::row::{BatchRow, tell_of_record};
use crate::changes::Change;
use crate::database::sqlite_residue;
use crate::database::transaction::Transaction;
use crate::entities::{batch, record, upload};
use crate::erasure::forget::{forget_record, forget_versions_of};
use crate::erasure::pending_deletes::{keep_blobs, mark_for_deletion};
use crate::error::{Result, StorageError};
use crate::handles::Records;
use crate::queue::turns::{self, Line};
use crate::record::records::find_record;
use crate::storage::Storage;
use crate::template::templates::{TemplateUse, take_template};
use crate::tenant::audit::{self, Audited};
use crate::tenant::tenants::take_work;

/// A single file that has arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct NewUpload {
    /// The organization of the project.
    pub organization: OrganizationId,
    /// The project it is sent to.
    pub project: ProjectId,
    /// The user on whose behalf it is sent.
    pub user: UserId,
    /// The batch of that project to which it is added; a batch that has ended is reopened.
    pub batch: Option<BatchId>,
    /// The template applied to it.
    pub template: Option<TemplateUse>,
    /// The purpose that the sender gave; may be empty.
    pub upload_type: String,
    /// What the sender attached: a JSON object.
    pub metadata: Option<serde_json::Value>,
    /// The file.
    pub file: ReceivedFile,
    /// How to read it.
    pub options: ReadOptions,
}

impl Records<'_> {
    /// Accepts a single file: upload, record, work item and event in one transaction. Keys and failures are handled as
    /// in [`Batches::accept`](crate::Batches::accept). [`StorageError::NotFound`] when the batch no longer exists.
    pub async fn accept_upload(
        self,
        receiving: Receiving,
        new: NewUpload,
        idempotency: Option<Idempotency>,
    ) -> Result<Accepted<Record>> {
        let tx = self.storage.inner.database.begin().await?;
        let batch = match new.batch {
            Some(id) => BatchRow::lock(&tx, &id.to_string()).await?.ok_or(StorageError::NotFound { what: "batch" })?,
            None => implicit_batch(&tx, &receiving, &new).await?,
        };
        let id = RecordId::generate();
        let batch_id = self.storage.insert_upload(&tx, batch, &new, id).await?;
        let record = find_record(&tx, &id.to_string()).await?.ok_or(StorageError::Unreadable { what: "record" })?;
        let of = AnswerOf { batch: batch_id, record: Some(id) };
        if let Some(idempotency) = &idempotency
            && let Some(earlier) = remember_key(&tx, idempotency, of, &record, record.created_at).await?
        {
            tx.rollback().await?;
            receiving.abandon().await?;
            return Ok(earlier);
        }
        take_work(&tx, &record.project_id.to_string()).await?;
        take_template(&tx, new.template.as_ref()).await?;
        if !keep_blobs(&tx, receiving.batch_id()).await? {
            return Err(StorageError::ReceivingExpired);
        }
        turns::join(&tx, Line::Workers, &new.organization.to_string(), &new.project.to_string()).await?;
        tx.commit().await?;
        receiving.accepted();
        self.storage.tell(Change::Work);
        self.storage.tell(Change::Batch(batch_id));
        Ok(Accepted::New(record))
    }

    /// Deletes a single file with its record, pages and blob; `false` when there is no such file. A batch is deleted
    /// with its last file.
    pub async fn delete_upload(self, id: UploadId) -> Result<bool> {
        self.storage.making_room(|| self.storage.try_to_delete_upload(id)).await
    }
}

impl Storage {
    async fn insert_upload(
        &self,
        tx: &Transaction,
        mut batch: BatchRow,
        new: &NewUpload,
        record: RecordId,
    ) -> Result<BatchId> {
        let file = NewFile {
            record,
            file: &new.file,
            options: &new.options,
            position: next_position(tx, &batch.row.id).await?,
            user: new.user,
            template: new.template.as_ref(),
            metadata: new.metadata.as_ref(),
            upload_type: &new.upload_type,
        };
        let now = batch.now;
        insert_files(tx, &batch.row, std::iter::once(file), self.inner.sealing.as_ref(), now).await?;
        batch.add_file(tx).await?;
        let row = batch.row.clone();
        let id = batch.save(tx).await?;
        tell_of_record(tx, EventKind::DocumentUploaded, &row, &record.to_string(), now).await?;
        self.audit_upload(tx, &row, AuditAction::DocumentUploaded, &new.file.upload.id.to_string()).await?;
        Ok(id)
    }

    async fn try_to_delete_upload(&self, id: UploadId) -> Result<bool> {
        let tx = self.inner.database.begin().await?;
        let Some(found) = upload::Entity::find_by_id(id.to_string()).one(&tx).await? else {
            return Ok(false);
        };
        let Some(mut batch) = BatchRow::lock(&tx, &found.batch_id).await? else {
            return Ok(false);
        };
        let record = record::Entity::find().filter(record::Column::UploadId.eq(&found.id)).one(&tx).await?;
        // Checked again under the lock, because another request may have deleted it in the meantime.
        let Some(record) = record else { return Ok(false) };
        self.audit_upload(&tx, &batch.row, AuditAction::DocumentDeleted, &found.id).await?;
        if batch.row.total_files == 1 {
            let batch_id = crate::database::rows::parse(&found.batch_id, "batch")?;
            self.delete_locked_batch(&tx, &batch.row).await?;
            tx.commit().await?;
            self.tell(Change::Stopped(batch_id));
        } else {
            mark_for_deletion(&tx, &found.blob_key, &self.inner.process).await?;
            if let Some(key) = &found.unlocked_key {
                mark_for_deletion(&tx, key, &self.inner.process).await?;
            }
            upload::Entity::delete_by_id(&found.id).exec(&tx).await?;
            forget_record(&tx, &found.batch_id, &record.id).await?;
            forget_versions_of(&tx, &record.template_id.clone().into_iter().collect()).await?;
            sqlite_residue::owe(&tx).await?;
            batch.remove_file(record.record_status()?);
            let batch_id = batch.save(&tx).await?;
            tx.commit().await?;
            self.tell(Change::Batch(batch_id));
        }
        self.erase_in_background();
        Ok(true)
    }

    async fn audit_upload(
        &self,
        tx: &impl ConnectionTrait,
        batch: &batch::Model,
        action: AuditAction,
        upload: &str,
    ) -> Result<()> {
        let (organization, project) = (&batch.organization_id, Some(batch.project_id.as_str()));
        audit::write(tx, &self.actor, Audited { organization, project, action, object: upload }).await
    }
}

impl BatchRow {
    /// Adds a waiting file to the counters.
    async fn add_file(&mut self, tx: &impl ConnectionTrait) -> Result<()> {
        if self.row.total_files > 0 && self.is_final() {
            // The time left follows from the rate of the coming work; the time since the batch ended must not count.
            let pages: Vec<(i32, i32)> = record::Entity::find()
                .select_only()
                .columns([record::Column::PagesDone, record::Column::PagesFailed])
                .filter(record::Column::BatchId.eq(&self.row.id))
                .into_tuple()
                .all(tx)
                .await?;
            self.row.rate_since = None;
            self.row.rate_pages = pages.into_iter().map(|(done, failed)| done + failed).sum();
        }
        self.row.total_files += 1;
        Ok(())
    }

    /// Removes a file from the counters.
    fn remove_file(&mut self, status: RecordStatus) {
        self.row.total_files -= 1;
        match status {
            RecordStatus::Completed => self.row.completed_files -= 1,
            RecordStatus::Failed => self.row.failed_files -= 1,
            RecordStatus::Pending | RecordStatus::Queued | RecordStatus::InProgress => {}
        }
    }
}

/// Makes the batch of a file that is sent by itself; the file is not in it yet.
async fn implicit_batch(tx: &Transaction, receiving: &Receiving, new: &NewUpload) -> Result<BatchRow> {
    let now = Timestamp::now().as_millis();
    let row = batch::ActiveModel {
        id: Set(receiving.batch_id().to_string()),
        organization_id: Set(new.organization.to_string()),
        project_id: Set(new.project.to_string()),
        user_id: Set(new.user.to_string()),
        name: Set(new.file.upload.file_name.clone()),
        is_implicit: Set(true),
        template_id: Set(new.template.as_ref().map(|template| template.id.to_string())),
        template_name: Set(new.template.as_ref().map(|template| template.name.clone())),
        metadata: Set(None),
        total_files: Set(0),
        completed_files: Set(0),
        failed_files: Set(0),
        status: Set(BatchStatus::Processing.as_str().to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        started_at: Set(None),
        completed_at: Set(None),
        rate_since: Set(None),
        rate_pages: Set(0),
    };
    let row = row.insert(tx).await?;
    BatchRow::lock(tx, &row.id).await?.ok_or(StorageError::Unreadable { what: "batch" })
}

async fn next_position(tx: &impl ConnectionTrait, batch: &str) -> Result<i32> {
    let last = record::Entity::find()
        .select_only()
        .column(record::Column::Position)
        .filter(record::Column::BatchId.eq(batch))
        .order_by_desc(record::Column::Position)
        .into_tuple::<i32>()
        .one(tx)
        .await?;
    Ok(last.map_or(0, |position| position + 1))
}
