//! A batch as exporters read it.

use std::collections::HashMap;
use std::fs::File;

use recto_domain::batch::BatchDetails;
use recto_domain::finished::{FinishedBatch, FinishedDocument, SourceError};
use recto_domain::{BatchId, Field, FileKind, Page, RecordId, RecordStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::runtime::Handle;

use crate::batch::batches::details_of;
use crate::database::rows::parse;
use crate::entities::page::{Column, Entity};
use crate::entities::{record, upload};
use crate::error::{Result, StorageError};
use crate::handles::{Batches, Records};
use crate::record::packed_page::unpack;
use crate::record::records::{fields_of, template_of, templates_of};
use crate::storage::Storage;

/// Pages that are fetched at once. That many packed pages are in memory.
const PAGES_AHEAD: usize = 32;

impl Batches<'_> {
    /// The completed files of a batch, for reading one after another; `None` when there is no such batch.
    pub async fn finished(self, id: BatchId) -> Result<Option<StoredBatch>> {
        self.storage.finished(&id.to_string(), None).await
    }
}

impl Records<'_> {
    /// One completed record as a batch of its own; without documents if the record has not completed. `None` when there
    /// is no such record.
    pub async fn finished(self, id: RecordId) -> Result<Option<StoredBatch>> {
        let row = record::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        match row {
            Some(row) => self.storage.finished(&row.batch_id, Some(&row.id)).await,
            None => Ok(None),
        }
    }
}

impl Storage {
    async fn finished(&self, batch: &str, only: Option<&str>) -> Result<Option<StoredBatch>> {
        let tx = self.inner.database.snapshot().await?;
        let Some(mut found) = details_of(&tx, parse(batch, "batch")?).await? else {
            return Ok(None);
        };
        if let Some(only) = only {
            found.keep_only(only);
        }
        let templates = templates_of(&tx, found.files.iter().map(|(record, _)| record)).await?;
        tx.commit().await?;
        let (mut documents, mut blob_keys) = (Vec::new(), HashMap::new());
        for (record, upload) in &found.files {
            if record.record_status()? == RecordStatus::Completed {
                let fields = fields_of(record, template_of(&templates, record))?;
                let document = finished_document(record, upload, fields)?;
                blob_keys.insert(document.record_id, upload.open_key().to_owned());
                documents.push(document);
            }
        }
        Ok(Some(StoredBatch {
            storage: self.clone(),
            runtime: Handle::current(),
            details: found.details,
            documents,
            blob_keys,
            reading: None,
        }))
    }
}

fn finished_document(
    record: &record::Model,
    upload: &upload::Model,
    fields: Option<Vec<Field>>,
) -> Result<FinishedDocument> {
    Ok(FinishedDocument {
        upload_id: parse(&upload.id, "upload")?,
        record_id: parse(&record.id, "record")?,
        file_name: upload.file_name.clone(),
        kind: FileKind::from_mime_type(&upload.mime_type).ok_or(StorageError::Unreadable { what: "upload" })?,
        page_count: record.pages.unwrap_or(0).unsigned_abs(),
        fields,
        confidence: record.confidence.map(|confidence| confidence as f32),
        warnings: record.warnings()?,
        reused_from: record.reused_from.as_deref().map(|id| parse(id, "record")).transpose()?,
    })
}

/// A batch whose completed files are read from the database, some pages at a time.
///
/// Its [`FinishedBatch`] blocks on the runtime that made it: use it in [`tokio::task::spawn_blocking`], never on an
/// async thread.
#[derive(Debug)]
pub struct StoredBatch {
    storage: Storage,
    runtime: Handle,
    details: BatchDetails,
    documents: Vec<FinishedDocument>,
    blob_keys: HashMap<RecordId, String>,
    reading: Option<Reading>,
}

impl StoredBatch {
    /// The blob key of a completed file in the form that is read. A key always stands for the same bytes.
    #[must_use]
    pub fn blob_key(&self, record: RecordId) -> Option<&str> {
        self.blob_keys.get(&record).map(String::as_str)
    }
}

/// The record that is being read.
#[derive(Debug)]
struct Reading {
    record: RecordId,
    /// The numbers of all its pages in order.
    numbers: Vec<i32>,
    /// Packed pages; the first one has index `first`.
    first: usize,
    packed: Vec<Vec<u8>>,
}

impl Reading {
    async fn begin(storage: &Storage, record: RecordId) -> Result<Self> {
        let numbers = Entity::find()
            .select_only()
            .column(Column::Number)
            .filter(Column::RecordId.eq(record.to_string()))
            .order_by_asc(Column::Number)
            .into_tuple()
            .all(&storage.inner.database.read)
            .await?;
        Ok(Self { record, numbers, first: 0, packed: Vec::new() })
    }

    async fn page(&mut self, storage: &Storage, index: usize) -> Result<Page> {
        if !(self.first..self.first + self.packed.len()).contains(&index) {
            self.fetch(storage, index).await?;
        }
        let packed = index.checked_sub(self.first).and_then(|at| self.packed.get(at));
        unpack(packed.ok_or(StorageError::NotFound { what: "page" })?)
    }

    async fn fetch(&mut self, storage: &Storage, index: usize) -> Result<()> {
        let missing = StorageError::NotFound { what: "page" };
        let wanted = self.numbers.get(index..(index + PAGES_AHEAD).min(self.numbers.len())).ok_or(missing)?;
        let (Some(&from), Some(&to)) = (wanted.first(), wanted.last()) else {
            return Err(StorageError::NotFound { what: "page" });
        };
        self.packed = Entity::find()
            .select_only()
            .column(Column::Content)
            .filter(Column::RecordId.eq(self.record.to_string()))
            .filter(Column::Number.between(from, to))
            .order_by_asc(Column::Number)
            .into_tuple()
            .all(&storage.inner.database.read)
            .await?;
        self.first = index;
        Ok(())
    }
}

impl FinishedBatch for StoredBatch {
    fn details(&self) -> &BatchDetails {
        &self.details
    }

    fn documents(&self) -> &[FinishedDocument] {
        &self.documents
    }

    fn page(&mut self, record: RecordId, index: u32) -> Result<Page, SourceError> {
        let (storage, reading) = (&self.storage, &mut self.reading);
        self.runtime.block_on(async {
            let reading = match reading {
                Some(reading) if reading.record == record => reading,
                other => other.insert(Reading::begin(storage, record).await?),
            };
            Ok(reading.page(storage, index as usize).await?)
        })
    }

    fn original(&mut self, record: RecordId) -> Result<File, SourceError> {
        let key = self.blob_keys.get(&record).ok_or(StorageError::NotFound { what: "file" })?;
        Ok(self.runtime.block_on(self.storage.open_blob(key))?)
    }
}
