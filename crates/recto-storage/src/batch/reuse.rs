//! Reuse of readings: when a file is sent again, its record takes over the pages of the earlier record.
//!
//! A reading can be reused only within its project, and only if no page failed, no worker died, and everything that it
//! depends on is the same (the file's bytes and [`WorkItem::way`]). The pages are copied, so each record owns its pages
//! and deleting one record does not affect the other. Fields, corrections and warnings are not copied.

use recto_domain::{AttemptEnd, ReadOptions, RecordStatus, WorkItem, WorkKind};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, Iterable, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};

use crate::database::rows::to_json;
use crate::entities::{page, record, upload};
use crate::error::{Result, StorageError};
use crate::handles::Queue;
use crate::queue::node::Node;
use crate::queue::turns::Line;
use crate::record::results::{Held, Stored, set_kind};
use crate::search::index;

impl Queue<'_> {
    /// Takes over an earlier reading of the file that an item is about to open. The record then ends, or continues with
    /// its fields, as if its last page had been read. `None`, with nothing changed, when there is no reading to reuse.
    pub async fn take_over_reading(self, node: &Node, item: &WorkItem) -> Result<Option<Stored>> {
        if item.kind != WorkKind::Open {
            return Err(StorageError::OtherWork);
        }
        let Some(key) = key_of(item) else { return Ok(None) };
        let project = item.project_id.to_string();
        // Usually there is none, and finding that out needs no writing transaction.
        let Some(earlier) = Earlier::find(&self.storage.inner.database.read, &project, &key).await? else {
            return Ok(None);
        };
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(Some(Stored::NotOurs));
        };
        // Pages read before a retry are kept, and the others are read in the same way.
        if held.record.pages.is_some() || !earlier.copy_pages(&tx, &held.record.id).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        held.charge(item, AttemptEnd::Answered);
        set_kind(&tx, &held.record.upload_id, &earlier.mime_type).await?;
        held.record.reading = Some(key);
        held.record.reused_from = Some(earlier.record);
        (held.record.pages, held.record.pages_done) = (Some(earlier.pages), earlier.pages);
        // The copied pages took no time, so they must not count in the reading rate.
        held.batch.row.rate_pages += earlier.pages;
        if held.batch.end_if_read(&tx, &mut held.record).await? {
            held.made_work = Some(Line::Extraction);
        }
        self.storage.end(tx, held).await.map(Some)
    }
}

/// The key shared by readings of the same file in the same way; `None` when the way is not known.
pub(crate) fn key_of(item: &WorkItem) -> Option<String> {
    let way = item.way.as_ref()?;
    let hash = Sha256::new().chain_update(&item.sha256).chain_update([0]).chain_update(way);
    Some(hex::encode(hash.finalize()))
}

/// Makes sure that the record is read itself, even if there is an earlier reading.
pub(crate) fn forbid(record: &mut record::Model) -> Result<()> {
    record.options = to_json(&ReadOptions { reuse: Some(false), ..record.read_options()? });
    Ok(())
}

/// Removes the pages of a record that reused a reading; `false`, with nothing changed, for a record that was read
/// itself.
pub(crate) async fn give_back(tx: &impl ConnectionTrait, record: &mut record::Model) -> Result<bool> {
    if record.reused_from.is_none() || record.record_status()? != RecordStatus::Completed {
        return Ok(false);
    }
    page::Entity::delete_many().filter(page::Column::RecordId.eq(&record.id)).exec(tx).await?;
    (record.reading, record.reused_from) = (None, None);
    (record.pages, record.pages_done, record.pages_failed) = (None, 0, 0);
    Ok(true)
}

/// A record whose reading can be reused.
struct Earlier {
    record: String,
    pages: i32,
    mime_type: String,
}

impl Earlier {
    /// The earliest record of the project that was read in that way.
    async fn find(db: &impl ConnectionTrait, project: &str, key: &str) -> Result<Option<Self>> {
        let found = record::Entity::find()
            .find_also_related(upload::Entity)
            .filter(record::Column::ProjectId.eq(project))
            .filter(record::Column::Reading.eq(key))
            .filter(record::Column::Status.eq(RecordStatus::Completed.as_str()))
            .filter(record::Column::PagesFailed.eq(0))
            // After a worker died, the next attempt may have read the page in another way, without its text layer.
            .filter(record::Column::Attempts.eq(0))
            .order_by_asc(record::Column::Id)
            .limit(1)
            .one(db)
            .await?;
        Ok(found.and_then(|(record, upload)| {
            Some(Self { pages: record.pages?, record: record.id, mime_type: upload?.mime_type })
        }))
    }

    /// Copies all its pages to a record. `false` when this record was deleted or is being read again; then the caller
    /// must roll back the transaction.
    async fn copy_pages(&self, tx: &impl ConnectionTrait, to: &str) -> Result<bool> {
        let columns = || page::Column::iter();
        let mut pages = Query::select();
        for column in columns() {
            pages.expr(match column {
                page::Column::RecordId => Expr::val(to),
                other => Expr::col(other),
            });
        }
        pages
            .from(page::Entity)
            .and_where(Expr::col(page::Column::RecordId).eq(self.record.as_str()))
            .and_where(Expr::col(page::Column::Error).is_null());
        let mut insert = Query::insert();
        insert.into_table(page::Entity).columns(columns());
        // Both sides name the same columns.
        insert.select_from(pages).map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
        let copied = tx.execute(&insert).await?;
        index::copy(tx, &self.record, to).await?;
        Ok(copied.rows_affected() == u64::from(self.pages.unsigned_abs()))
    }
}
