//! Accepting a batch: one transaction writes all its rows.

use std::time::Duration;

use recto_domain::batch::{BatchDetails, BatchFile};
use recto_domain::record::ReadOptions;
use recto_domain::{
    AuditAction, Batch, BatchId, BatchStatus, EventKind, FileCounts, OrganizationId, ProjectId, RecordId, RecordStatus,
    Timestamp, TokenId, UserId, WorkKind,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde::Serialize;

use crate::batch::passwords;
use crate::batch::receive::{ReceivedFile, Receiving};
use crate::changes::Change;
use crate::database::insert::{insert_if_new, insert_many};
use crate::database::rows::{from_json, to_json};
use crate::entities::{batch, idempotency_key, record, upload};
use crate::erasure::pending_deletes::keep_blobs;
use crate::error::{Result, StorageError};
use crate::handles::Batches;
use crate::queue::claim::{new_item, rank_of_opening};
use crate::queue::turns::{self, Line};
use crate::sealing::SealingKeys;
use crate::storage::Storage;
use crate::template::templates::{TemplateUse, take_template};
use crate::tenant::audit::{self, Audited};
use crate::tenant::tenants::take_work;
use crate::webhook::outbox::{self, EventScope};

/// How long an idempotency key is remembered.
const KEY_LIFETIME: Duration = Duration::from_hours(24);

/// A batch whose files have arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBatch {
    /// The organization of the project.
    pub organization: OrganizationId,
    /// The project it is sent to.
    pub project: ProjectId,
    /// The user on whose behalf it is sent.
    pub user: UserId,
    /// The name; [`Batch::default_name`] if the sender gave none.
    pub name: String,
    /// What the sender attached: a JSON object.
    pub metadata: Option<serde_json::Value>,
    /// The template applied to all files.
    pub template: Option<TemplateUse>,
    /// The files in upload order, each with its read options; the batch's options are merged in.
    pub files: Vec<(ReceivedFile, ReadOptions)>,
}

/// Identifies a repeated request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The token that sent the key: the same key from another token is a different key.
    pub token: TokenId,
    /// As the client sent it.
    pub key: String,
    /// A hash over the meaningful fields and the files' names and bytes.
    pub fingerprint: String,
}

/// The result of submitting a batch, or a single file.
#[derive(Debug, Clone, PartialEq)]
pub enum Accepted<T> {
    /// It is new and queued.
    New(T),
    /// The key was used for the same request before. Holds the JSON of the first answer, as `T` serialises. The files
    /// received now are removed.
    Repeated(serde_json::Value),
    /// The key was used for a different request before. The files received now are removed.
    Conflict,
}

impl Batches<'_> {
    /// Accepts a batch: batch, uploads, records, one work item per file and the event in one transaction.
    ///
    /// Of several simultaneous requests with the same key, one makes the batch and the others get its answer. A key is
    /// forgotten after 24 hours, or when the batch or file it made is deleted.
    ///
    /// [`StorageError::ProjectInactive`] when the project accepts no new work. On any error, the received files are
    /// removed.
    pub async fn accept(
        self,
        receiving: Receiving,
        batch: NewBatch,
        idempotency: Option<Idempotency>,
    ) -> Result<Accepted<BatchDetails>> {
        if batch.files.is_empty() {
            return Err(StorageError::NoFiles);
        }
        let tx = self.storage.inner.database.begin().await?;
        let now = Timestamp::now();
        let details = first_details(&receiving, &batch, now);
        let of = AnswerOf { batch: details.batch.id, record: None };
        if let Some(idempotency) = &idempotency
            && let Some(earlier) = remember_key(&tx, idempotency, of, &details, now).await?
        {
            tx.rollback().await?;
            receiving.abandon().await?;
            return Ok(earlier);
        }
        if !keep_blobs(&tx, details.batch.id).await? {
            return Err(StorageError::ReceivingExpired);
        }
        take_work(&tx, &batch.project.to_string()).await?;
        take_template(&tx, batch.template.as_ref()).await?;
        insert_rows(&tx, &batch, &details, self.storage.inner.sealing.as_ref()).await?;
        self.storage.tell_of_new_batch(&tx, &details).await?;
        turns::join(&tx, Line::Workers, &batch.organization.to_string(), &batch.project.to_string()).await?;
        tx.commit().await?;
        receiving.accepted();
        self.storage.tell(Change::Work);
        self.storage.tell(Change::Batch(details.batch.id));
        Ok(Accepted::New(details))
    }
}

impl Batches<'_> {
    /// The answer to an earlier request with that key, if there was one within 24 hours; never [`Accepted::New`].
    pub async fn earlier_answer<T>(self, idempotency: &Idempotency) -> Result<Option<Accepted<T>>> {
        earlier_answer(&self.storage.inner.database.read, idempotency, Timestamp::now()).await
    }
}

impl Storage {
    async fn tell_of_new_batch(&self, tx: &impl ConnectionTrait, details: &BatchDetails) -> Result<()> {
        let batch = &details.batch;
        let (id, organization, project) =
            (batch.id.to_string(), batch.organization_id.to_string(), batch.project_id.to_string());
        let place = EventScope {
            organization: &organization,
            project: &project,
            batch: Some(&id),
            record: None,
            template: None,
        };
        let event = outbox::write(tx, EventKind::BatchUploaded, place, batch.created_at).await?;
        if event.is_awaited() {
            event.tell(tx, &serde_json::to_value(details).expect("a batch's details make JSON")).await?;
        }
        let about = Audited {
            organization: &organization,
            project: Some(&project),
            action: AuditAction::BatchUploaded,
            object: &id,
        };
        audit::write(tx, &self.actor, about).await
    }
}

/// The batch as its sender first sees it.
fn first_details(receiving: &Receiving, batch: &NewBatch, now: Timestamp) -> BatchDetails {
    let counts = FileCounts { total: batch.files.len() as u32, completed: 0, failed: 0 };
    let files: Vec<BatchFile> = batch
        .files
        .iter()
        .map(|(file, _)| BatchFile {
            needs_review: false,
            upload_id: file.upload.id,
            processing_history_id: RecordId::generate(),
            file_name: file.upload.file_name.clone(),
            status: RecordStatus::Queued,
            pages: None,
            pages_done: 0,
            pages_failed: 0,
            error: None,
            warnings: Vec::new(),
        })
        .collect();
    BatchDetails {
        batch: Batch {
            id: receiving.batch_id(),
            name: batch.name.clone(),
            project_id: batch.project,
            organization_id: batch.organization,
            user_id: batch.user,
            template_id: batch.template.as_ref().map(|template| template.id),
            template_name: batch.template.as_ref().map(|template| template.name.clone()),
            total_files: counts.total,
            completed_files: 0,
            failed_files: 0,
            status: BatchStatus::Processing,
            progress: counts.progress(),
            created_at: now,
            updated_at: now,
        },
        upload_ids: files.iter().map(|file| file.upload_id).collect(),
        processing_history_ids: files.iter().map(|file| file.processing_history_id).collect(),
        metadata: batch.metadata.clone(),
        files,
        total_pages: 0,
        completed_pages: 0,
        failed_pages: 0,
        eta_seconds: None,
        waiting_until: None,
        started_at: None,
        completed_at: None,
    }
}

/// The object that an answer describes: when it is deleted, the answer is deleted too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerOf {
    pub(crate) batch: BatchId,
    /// The record, if the answer is for a single file.
    pub(crate) record: Option<RecordId>,
}

/// Claims the key for this request, or returns the answer to an earlier request with the same key.
pub(crate) async fn remember_key<T: Serialize>(
    tx: &impl ConnectionTrait,
    idempotency: &Idempotency,
    of: AnswerOf,
    answer: &T,
    now: Timestamp,
) -> Result<Option<Accepted<T>>> {
    use idempotency_key::{ActiveModel, Column, Entity};

    Entity::delete_many().filter(Column::CreatedAt.lt(now.minus(KEY_LIFETIME).as_millis())).exec(tx).await?;
    let row = ActiveModel {
        token_id: Set(idempotency.token.to_string()),
        key: Set(idempotency.key.clone()),
        fingerprint: Set(idempotency.fingerprint.clone()),
        answer: Set(to_json(answer)),
        batch_id: Set(Some(of.batch.to_string())),
        record_id: Set(of.record.map(|id| id.to_string())),
        created_at: Set(now.as_millis()),
    };
    // The insert waits for a transaction that holds the same key, and inserts nothing if that transaction commits.
    if insert_if_new(tx, row).await? {
        return Ok(None);
    }
    let earlier = earlier_answer(tx, idempotency, now).await?;
    earlier.map(Some).ok_or(StorageError::Unreadable { what: "idempotency key" })
}

async fn earlier_answer<T>(
    db: &impl ConnectionTrait,
    idempotency: &Idempotency,
    now: Timestamp,
) -> Result<Option<Accepted<T>>> {
    let key = (idempotency.token.to_string(), idempotency.key.clone());
    let earlier = idempotency_key::Entity::find_by_id(key).one(db).await?;
    let Some(earlier) = earlier.filter(|row| row.created_at >= now.minus(KEY_LIFETIME).as_millis()) else {
        return Ok(None);
    };
    Ok(Some(if earlier.fingerprint == idempotency.fingerprint {
        Accepted::Repeated(from_json(&earlier.answer, "idempotency key")?)
    } else {
        Accepted::Conflict
    }))
}

async fn insert_rows(
    tx: &impl ConnectionTrait,
    batch: &NewBatch,
    details: &BatchDetails,
    sealing: Option<&SealingKeys>,
) -> Result<()> {
    let made = &details.batch;
    let row = batch::ActiveModel {
        id: Set(made.id.to_string()),
        organization_id: Set(made.organization_id.to_string()),
        project_id: Set(made.project_id.to_string()),
        user_id: Set(made.user_id.to_string()),
        name: Set(made.name.clone()),
        is_implicit: Set(false),
        template_id: Set(made.template_id.map(|id| id.to_string())),
        template_name: Set(made.template_name.clone()),
        metadata: Set(details.metadata.as_ref().map(to_json)),
        total_files: Set(made.total_files.cast_signed()),
        completed_files: Set(0),
        failed_files: Set(0),
        status: Set(made.status.as_str().to_owned()),
        created_at: Set(made.created_at.as_millis()),
        updated_at: Set(made.created_at.as_millis()),
        started_at: Set(None),
        completed_at: Set(None),
        rate_since: Set(None),
        rate_pages: Set(0),
    };
    let row = row.insert(tx).await?;
    let files = batch.files.iter().zip(&details.files).enumerate();
    let files = files.map(|(position, ((file, options), shown))| NewFile {
        record: shown.processing_history_id,
        file,
        options,
        position: position as i32,
        user: batch.user,
        template: batch.template.as_ref(),
        metadata: None,
        upload_type: "",
    });
    insert_files(tx, &row, files, sealing, made.created_at).await
}

/// A file to be added to a batch.
pub(crate) struct NewFile<'a> {
    pub(crate) record: RecordId,
    pub(crate) file: &'a ReceivedFile,
    pub(crate) options: &'a ReadOptions,
    pub(crate) position: i32,
    pub(crate) user: UserId,
    pub(crate) template: Option<&'a TemplateUse>,
    pub(crate) metadata: Option<&'a serde_json::Value>,
    pub(crate) upload_type: &'a str,
}

/// Writes uploads, records and work items of files into a batch. The caller must still call [`join`](turns::join) for
/// the project.
pub(crate) async fn insert_files<'a>(
    tx: &impl ConnectionTrait,
    batch: &batch::Model,
    files: impl Iterator<Item = NewFile<'a>>,
    sealing: Option<&SealingKeys>,
    now: Timestamp,
) -> Result<()> {
    let rank = turns::rank_now(tx, &batch.project_id).await?;
    let now = now.as_millis();
    let (mut uploads, mut records, mut items) = (Vec::new(), Vec::new(), Vec::new());
    for new in files {
        let (record_id, upload) = (new.record.to_string(), &new.file.upload);
        uploads.push(upload::ActiveModel {
            id: Set(upload.id.to_string()),
            batch_id: Set(batch.id.clone()),
            file_name: Set(upload.file_name.clone()),
            size_bytes: Set(upload.size_bytes.cast_signed()),
            sha256: Set(upload.sha256.clone()),
            mime_type: Set(upload.mime_type.clone()),
            blob_key: Set(upload.blob_key.clone()),
            unlocked_key: Set(None),
            unlocked_bytes: Set(None),
            unlocked_sha256: Set(None),
        });
        records.push(record::ActiveModel {
            id: Set(record_id.clone()),
            batch_id: Set(batch.id.clone()),
            upload_id: Set(upload.id.to_string()),
            organization_id: Set(batch.organization_id.clone()),
            project_id: Set(batch.project_id.clone()),
            user_id: Set(new.user.to_string()),
            template_id: Set(new.template.map(|template| template.id.to_string())),
            template_version: Set(new.template.map(|template| template.version.cast_signed())),
            template_name: Set(new.template.map(|template| template.name.clone())),
            position: Set(new.position),
            status: Set(RecordStatus::Queued.as_str().to_owned()),
            error: Set(None),
            warnings: Set("[]".to_owned()),
            options: Set(to_json(new.options)),
            passwords: Set(passwords::sealed(&new.options.passwords, &record_id, sealing)?),
            engine: Set(None),
            languages: Set(None),
            reading: Set(None),
            reused_from: Set(None),
            metadata: Set(new.metadata.map(to_json)),
            upload_type: Set(new.upload_type.to_owned()),
            fields: Set(None),
            corrections: Set(None),
            needs_review: Set(false),
            attempts: Set(0),
            worker_ms: Set(0),
            overtime_ms: Set(0),
            slow_pages: Set(0),
            pages: Set(None),
            pages_done: Set(0),
            pages_failed: Set(0),
            confidence: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            started_at: Set(None),
            completed_at: Set(None),
        });
        let rank = rank_of_opening(rank, items.len() as i64);
        items.push(new_item(batch, &record_id, WorkKind::Open, rank));
    }
    insert_many(tx, uploads).await?;
    insert_many(tx, records).await?;
    insert_many(tx, items).await
}
