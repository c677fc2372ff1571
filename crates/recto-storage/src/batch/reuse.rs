//! A file that was read before, sent again: its record takes over the pages of the first one.
//!
//! A reading can be taken over within its project only, when nothing of it failed, no worker died over it, and all that
//! it depends on is the same ([`WorkItem::way`] and the file's bytes). The pages are copied: each record owns what it
//! shows, and deleting one takes nothing from the other. Fields, corrections and warnings are each record's own.

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
    /// Takes over what was read before of the file that an item is to open, and ends the record or goes on with its
    /// fields, as if its last page had come in. `None` when there is nothing to take over, and nothing was changed.
    pub async fn take_over_reading(self, node: &Node, item: &WorkItem) -> Result<Option<Stored>> {
        if item.kind != WorkKind::Open {
            return Err(StorageError::OtherWork);
        }
        let Some(key) = key_of(item) else { return Ok(None) };
        let project = item.project_id.to_string();
        // Mostly there is none: that is found out without a transaction that writes.
        let Some(earlier) = Earlier::find(&self.storage.inner.database.read, &project, &key).await? else {
            return Ok(None);
        };
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::of(&tx, node, item).await? else {
            return Ok(Some(Stored::NotOurs));
        };
        // What was read before a retry is kept, and the rest read in its way.
        if held.record.pages.is_some() || !earlier.copy_pages(&tx, &held.record.id).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        held.charge(item, AttemptEnd::Answered);
        set_kind(&tx, &held.record.upload_id, &earlier.mime_type).await?;
        held.record.reading = Some(key);
        held.record.reused_from = Some(earlier.record);
        (held.record.pages, held.record.pages_done) = (Some(earlier.pages), earlier.pages);
        // They took no time, and must not pass for a rate at which the others will be read.
        held.batch.row.rate_pages += earlier.pages;
        if held.batch.end_if_read(&tx, &mut held.record).await? {
            held.made_work = Some(Line::Extraction);
        }
        self.storage.end(tx, held).await.map(Some)
    }
}

/// What tells readings of the same file in the same way apart from all others; `None` when the way is not known.
pub(crate) fn key_of(item: &WorkItem) -> Option<String> {
    let way = item.way.as_ref()?;
    let hash = Sha256::new().chain_update(&item.sha256).chain_update([0]).chain_update(way);
    Some(hex::encode(hash.finalize()))
}

/// The record is to be read anew, whatever was read before.
pub(crate) fn forbid(record: &mut record::Model) -> Result<()> {
    record.options = to_json(&ReadOptions { reuse: Some(false), ..record.read_options()? });
    Ok(())
}

/// Drops the pages of a record that took them over; `false`, and nothing changed, of one that was read itself.
pub(crate) async fn give_back(tx: &impl ConnectionTrait, record: &mut record::Model) -> Result<bool> {
    if record.reused_from.is_none() || record.record_status()? != RecordStatus::Completed {
        return Ok(false);
    }
    page::Entity::delete_many().filter(page::Column::RecordId.eq(&record.id)).exec(tx).await?;
    (record.reading, record.reused_from) = (None, None);
    (record.pages, record.pages_done, record.pages_failed) = (None, 0, 0);
    Ok(true)
}

/// A record whose reading can be taken over.
struct Earlier {
    record: String,
    pages: i32,
    mime_type: String,
}

impl Earlier {
    /// The first one of the project that was read in that way.
    async fn find(db: &impl ConnectionTrait, project: &str, key: &str) -> Result<Option<Self>> {
        let found = record::Entity::find()
            .find_also_related(upload::Entity)
            .filter(record::Column::ProjectId.eq(project))
            .filter(record::Column::Reading.eq(key))
            .filter(record::Column::Status.eq(RecordStatus::Completed.as_str()))
            .filter(record::Column::PagesFailed.eq(0))
            // A dead worker's page may have been read in another way the next time, without its text layer.
            .filter(record::Column::Attempts.eq(0))
            .order_by_asc(record::Column::Id)
            .limit(1)
            .one(db)
            .await?;
        Ok(found.and_then(|(record, upload)| {
            Some(Self { pages: record.pages?, record: record.id, mime_type: upload?.mime_type })
        }))
    }

    /// Copies its pages to a record, all or none: `false` when it was deleted or is read again meanwhile, and then the
    /// transaction is to be given up.
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
