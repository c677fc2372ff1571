//! Full-text search over the recognised text.
//!
//! [`terms`] turns pages and queries into the same terms on both databases. [`index`] stores the terms and finds pages
//! by them. [`hits`] locates the terms on a found page. A page can be found from the transaction that stores it until
//! the one that deletes it.

mod backlog;
mod hits;
pub(crate) mod index;
mod query;
pub(crate) mod terms;

use recto_domain::{BatchId, ProjectId, RecordId, Size, UploadId};

pub use self::hits::{ExcerptPart, Hit};
pub use self::query::{QueryError, SearchQuery};

use self::hits::Findings;
use self::index::FoundRow;
use crate::database::rows::{offset, parse};
use crate::error::Result;
use crate::record::packed_page::unpack;
use crate::storage::Storage;

/// What to search for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFilter {
    /// The project.
    pub project: ProjectId,
    /// Only the pages of this record.
    pub record: Option<RecordId>,
    /// The query.
    pub query: SearchQuery,
}

/// A page that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPage {
    /// The record that the page belongs to.
    pub record: RecordId,
    /// Its upload.
    pub upload: UploadId,
    /// Its batch; `None` when it was sent by itself.
    pub batch: Option<BatchId>,
    /// The file's name.
    pub file_name: String,
    /// The page, from 1.
    pub page: u32,
    /// Number of pages of the record.
    pub page_count: Option<u32>,
    /// The displayed page's size in points.
    pub size: Size,
    /// The text around the first hit.
    pub excerpt: Vec<ExcerptPart>,
    /// The first two hundred hits, in reading order.
    pub hits: Vec<Hit>,
    /// Total number of hits.
    pub hit_count: u64,
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPages {
    /// One page of the result list, newest record first.
    pub pages: Vec<FoundPage>,
    /// Total number of matching pages.
    pub total: u64,
    /// Whether all pages are indexed; `false` while pages of an earlier version are still being indexed.
    pub is_complete: bool,
}

impl Storage {
    /// A page of the list of pages that match the whole query.
    pub async fn search(&self, filter: &SearchFilter, page: u64, limit: u64) -> Result<FoundPages> {
        let is_complete = self.is_all_indexed().await?;
        let tx = self.inner.database.snapshot().await?;
        let (rows, total) = index::find(&tx, filter, limit, offset(page, limit)).await?;
        tx.commit().await?;
        let query = filter.query.clone();
        let looked_up = move || rows.into_iter().map(|row| found(row, &query)).collect::<Result<Vec<_>>>();
        let pages = tokio::task::spawn_blocking(looked_up).await??;
        Ok(FoundPages { pages, total, is_complete })
    }
}

fn found(row: FoundRow, query: &SearchQuery) -> Result<FoundPage> {
    let page = unpack(&row.content)?;
    let findings = Findings::of(&page, query);
    Ok(FoundPage {
        record: parse(&row.record_id, "record")?,
        upload: parse(&row.upload_id, "upload")?,
        batch: if row.is_implicit { None } else { Some(parse(&row.batch_id, "batch")?) },
        file_name: row.file_name,
        page: row.number.unsigned_abs(),
        page_count: row.pages.map(i32::unsigned_abs),
        size: page.size,
        excerpt: findings.excerpt,
        hits: findings.hits,
        hit_count: findings.count,
    })
}
