//! The last step of a record whose template asks for fields: its pages are handed to an extractor, which returns the
//! fields.
//!
//! A document that was read never fails because of its fields. If they cannot be extracted, its record completes
//! without them, is marked for review, and says why.

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

/// Packed pages that are fetched at once.
const PAGES_AHEAD: u64 = 8;
/// How many words of a document are searched. All of them are in memory at once: some 250 dense pages, at 100 bytes per
/// word.
const MAX_WORDS: usize = 150_000;

/// A document from which the fields of a template are to be extracted.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentToExtract {
    /// The template as it was when the file was sent.
    pub template: TemplateContent,
    /// The kind of file.
    pub kind: FileKind,
    /// The pages that were read, in order; for a long document, only the first ones.
    pub pages: Vec<Page>,
    /// How many pages that were read are left out.
    pub left_out: u32,
}

/// The fields that were extracted from a document.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFields {
    /// One for each field that the template asks for.
    pub fields: Vec<Field>,
    /// Whether a person should look at them.
    pub needs_review: bool,
    /// Remarks on the extraction, worded for a person.
    pub warnings: Vec<String>,
}

impl Queue<'_> {
    /// The document for an item of [`WorkKind::Extract`]; `None` when it no longer exists.
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

    /// Stores the extracted fields of a record and completes it.
    pub async fn record_fields(self, node: &Node, item: &WorkItem, found: FoundFields) -> Result<Stored> {
        if item.kind != WorkKind::Extract {
            return Err(StorageError::OtherWork);
        }
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        let fields: Vec<Field> = found.fields.into_iter().map(placed).collect();
        held.record.fields = Some(to_json(&fields));
        held.record.needs_review = found.needs_review;
        held.batch.complete_record(&tx, &mut held.record, found.warnings).await?;
        self.storage.end(tx, held).await
    }

    /// Records that extraction failed. With a pause, it is tried again after the pause, unless that was the last
    /// attempt. Otherwise the record completes without fields, is marked for review, and says why.
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
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
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
                format!("the fields could not be extracted: {reason}; gave up after {attempts} attempts")
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
            // Unpacking runs outside the async threads: a large page takes some milliseconds.
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

/// Adds pages until they have [`MAX_WORDS`], but at least one. Returns the pages, their words, and whether all rows
/// were used.
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

/// Drops a place on the page that is not finite: JSON has no such numbers.
fn placed(field: Field) -> Field {
    let is_finite = |r: &Rect| [r.x, r.y, r.width, r.height].into_iter().all(f32::is_finite);
    Field { bbox: field.bbox.filter(is_finite), ..field }
}

/// Whether a record was sent with a template that asks for fields.
pub(crate) async fn asks_for_fields(db: &impl ConnectionTrait, record: &record::Model) -> Result<bool> {
    let Some(template) = template_version_of(db, record).await? else {
        return Ok(false);
    };
    let is_structured = template.extraction_mode == ExtractionMode::Structured.as_str();
    // Schemas are checked before they are stored. If one is invalid all the same, there are no fields to extract.
    Ok(is_structured && schema_of(&template).is_ok_and(|schema| !schema.fields.is_empty()))
}

/// The version of the template that a record was sent with.
async fn template_version_of(
    db: &impl ConnectionTrait,
    record: &record::Model,
) -> Result<Option<template_version::Model>> {
    let Some(key) = record.template_id.clone().zip(record.template_version) else {
        return Ok(None);
    };
    Ok(template_version::Entity::find_by_id(key).one(db).await?)
}
