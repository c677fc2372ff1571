//! The last step of a record whose template asks for fields: its pages go out, fields come home.
//!
//! A document that was read never fails for want of its fields: when they cannot be looked for, its record completes
//! without them, wants a person's eye and says why.

use std::time::Duration;

use recto_domain::{
    AfterFailure, ExtractionMode, Field, FileKind, Page, Rect, TemplateContent, Timestamp, WorkItem, WorkKind,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::database::rows::to_json;
use crate::entities::{page, record, template_version, upload};
use crate::error::{Result, StorageError};
use crate::handles::Queue;
use crate::queue::node::Node;
use crate::record::packed_page::unpack;
use crate::record::records::schema_of;
use crate::record::results::{Held, Stored};
use crate::storage::Storage;

/// Pages that are fetched at once, packed.
const PAGES_AHEAD: u64 = 8;
/// How many words of a document are looked through, which are in memory all at once: some 250 dense pages, 100 bytes a
/// word.
const MAX_WORDS: usize = 150_000;

/// A document in which the fields of a template are to be found.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentToExtract {
    /// The template, as it was when the file was sent.
    pub template: TemplateContent,
    /// What the file is.
    pub kind: FileKind,
    /// The pages that were read, in order; of a long document the first ones.
    pub pages: Vec<Page>,
    /// How many pages that were read are not among them.
    pub left_out: u32,
}

/// The fields that were found in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFields {
    /// One for each field that the template asks for.
    pub fields: Vec<Field>,
    /// Whether a person should look at them.
    pub needs_review: bool,
    /// What is worth knowing about how they were found, for a person.
    pub warnings: Vec<String>,
}

impl Queue<'_> {
    /// What an item of [`WorkKind::Extract`] is about; `None` when it is gone.
    pub async fn document_to_extract(self, item: &WorkItem) -> Result<Option<DocumentToExtract>> {
        let db = &self.storage.inner.database.read;
        let found = record::Entity::find_by_id(item.record_id.to_string()).find_also_related(upload::Entity);
        let Some((record, Some(upload))) = found.one(db).await? else {
            return Ok(None);
        };
        let Some(template) = template_version_of(db, &record).await? else {
            return Ok(None);
        };
        let kind = FileKind::from_mime_type(&upload.mime_type).ok_or(StorageError::Unreadable { what: "upload" })?;
        let pages = self.storage.first_pages(&record.id).await?;
        let left_out = record.pages_done.unsigned_abs().saturating_sub(pages.len() as u32);
        Ok(Some(DocumentToExtract { template: template.content()?, kind, pages, left_out }))
    }

    /// The fields of a record were looked for: stores them and completes the record.
    pub async fn record_fields(self, node: &Node, item: &WorkItem, found: FoundFields) -> Result<Stored> {
        if item.kind != WorkKind::Extract {
            return Err(StorageError::OtherWork);
        }
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::of(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        let fields: Vec<Field> = found.fields.into_iter().map(placed).collect();
        held.record.fields = Some(to_json(&fields));
        held.record.needs_review = found.needs_review;
        held.batch.complete_record(&tx, &mut held.record, found.warnings).await?;
        self.storage.end(tx, held).await
    }

    /// The fields of a record could not be looked for. With a pause they are tried again after it, unless that was the
    /// last attempt. Otherwise the record completes without them, wants review, and says why.
    pub async fn record_extraction_failure(
        self,
        node: &Node,
        item: &WorkItem,
        reason: &str,
        pause: Option<Duration>,
    ) -> Result<Stored> {
        if item.kind != WorkKind::Extract {
            return Err(StorageError::OtherWork);
        }
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::of(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        let counted = WorkItem { attempts: held.item.attempts.unsigned_abs(), ..item.clone() };
        let warning = match (pause, counted.after_failed_attempt()) {
            (Some(pause), AfterFailure::Retry { attempts }) => {
                let until = Timestamp::now().plus(pause);
                self.storage.try_again(tx, held, attempts, Some(until)).await?;
                return Ok(Stored::Yes);
            }
            (Some(_), AfterFailure::GiveUp { attempts }) => {
                format!("the fields could not be extracted: {reason}; given up after {attempts} attempts")
            }
            (None, _) => format!("the fields could not be extracted: {reason}"),
        };
        held.record.needs_review = true;
        held.batch.complete_record(&tx, &mut held.record, vec![warning]).await?;
        self.storage.end(tx, held).await
    }
}

impl Storage {
    /// The first pages of a record that were read, as many as may be in memory.
    pub(crate) async fn first_pages(&self, record: &str) -> Result<Vec<Page>> {
        let (mut pages, mut words, mut after) = (Vec::new(), 0usize, 0);
        loop {
            let rows: Vec<(i32, Vec<u8>)> = page::Entity::find()
                .select_only()
                .columns([page::Column::Number, page::Column::Content])
                .filter(page::Column::RecordId.eq(record))
                .filter(page::Column::Number.gt(after))
                .filter(page::Column::Error.is_null())
                .order_by_asc(page::Column::Number)
                .limit(PAGES_AHEAD)
                .into_tuple()
                .all(&self.inner.database.read)
                .await?;
            let Some(&(last, _)) = rows.last() else {
                return Ok(pages);
            };
            after = last;
            // Away from the async threads: a large page takes some milliseconds.
            let before = std::mem::take(&mut pages);
            let unpacked = tokio::task::spawn_blocking(move || add_unpacked(before, words, &rows));
            let is_full;
            (pages, words, is_full) = unpacked.await??;
            if is_full {
                return Ok(pages);
            }
        }
    }
}

/// Adds pages until they have [`MAX_WORDS`], one at least: the pages, their words, and whether that was all.
fn add_unpacked(mut pages: Vec<Page>, mut words: usize, rows: &[(i32, Vec<u8>)]) -> Result<(Vec<Page>, usize, bool)> {
    for (_, content) in rows {
        let page = unpack(content)?;
        words += page.words().count();
        if words > MAX_WORDS && !pages.is_empty() {
            return Ok((pages, words, true));
        }
        pages.push(page);
    }
    Ok((pages, words, false))
}

/// A place on the page that makes no sense is none: JSON has no such numbers.
fn placed(field: Field) -> Field {
    let is_finite = |r: &Rect| [r.x, r.y, r.width, r.height].into_iter().all(f32::is_finite);
    Field { bbox: field.bbox.filter(is_finite), ..field }
}

/// Whether a record was sent with a template whose fields are to be found in it.
pub(crate) async fn asks_for_fields(db: &impl ConnectionTrait, record: &record::Model) -> Result<bool> {
    let Some(template) = template_version_of(db, record).await? else {
        return Ok(false);
    };
    let is_structured = template.extraction_mode == ExtractionMode::Structured.as_str();
    // A schema that is none was stored by nobody who checks them; there is nothing to look for.
    Ok(is_structured && schema_of(&template).is_ok_and(|schema| !schema.fields.is_empty()))
}

/// The version of its template that a record was sent with.
async fn template_version_of(
    db: &impl ConnectionTrait,
    record: &record::Model,
) -> Result<Option<template_version::Model>> {
    let Some(key) = record.template_id.clone().zip(record.template_version) else {
        return Ok(None);
    };
    Ok(template_version::Entity::find_by_id(key).one(db).await?)
}
