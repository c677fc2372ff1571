//! Background indexing of pages that were stored without being indexed.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::{index, terms};
use crate::error::Result;
use crate::record::packed_page::unpack;
use crate::storage::Storage;

/// Pages per transaction, so that other writers wait only as long as for a few results.
const AT_ONCE: i64 = 50;

#[derive(FromQueryResult)]
struct Unindexed {
    record_id: String,
    number: i32,
    project_id: String,
    content: Vec<u8>,
}

impl Storage {
    /// Indexes all pages that are not indexed yet, without making the caller wait.
    pub(crate) fn index_in_background(&self) {
        if self.inner.short_lived {
            return;
        }
        let storage = self.clone();
        tokio::spawn(async move {
            let mut pages = 0;
            loop {
                match storage.index_some_pages().await {
                    Ok(0) => break,
                    Ok(some) => pages += some,
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(error, "pages read by earlier versions could not be indexed; retrying later");
                        return;
                    }
                }
            }
            if pages > 0 {
                tracing::info!(pages, "pages read by earlier versions can now be searched");
            }
        });
    }

    /// Indexes some pages that are not indexed yet; returns how many, 0 when none are left.
    pub(crate) async fn index_some_pages(&self) -> Result<u64> {
        let db = &self.inner.database;
        let sql = format!(
            "SELECT p.record_id, p.number, r.project_id, p.content FROM pages p JOIN records r ON r.id = p.record_id \
             WHERE NOT p.is_indexed ORDER BY p.record_id, p.number LIMIT {AT_ONCE}"
        );
        let some = Statement::from_string(db.read.get_database_backend(), sql);
        let pages = Unindexed::find_by_statement(some).all(&db.read).await?;
        let count = pages.len() as u64;
        let read = move || {
            // A page that cannot be unpacked has no terms; the error appears when somebody opens it.
            let terms =
                |page: &Unindexed| unpack(&page.content).map(|page| terms::text_of_page(&page)).unwrap_or_default();
            pages.into_iter().map(|page| (terms(&page), page)).collect::<Vec<_>>()
        };
        let read = tokio::task::spawn_blocking(read).await?;
        let tx = db.begin().await?;
        for (terms, page) in read {
            // It may have been deleted in the meantime, or indexed by another node.
            let marked = Statement::from_sql_and_values(
                tx.get_database_backend(),
                "UPDATE pages SET is_indexed = TRUE WHERE record_id = $1 AND number = $2 AND NOT is_indexed",
                [page.record_id.as_str().into(), page.number.into()],
            );
            if tx.execute_raw(marked).await?.rows_affected() == 1 {
                index::add(&tx, &page.record_id, page.number, &page.project_id, &terms).await?;
            }
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Whether all pages are indexed.
    pub(super) async fn is_all_indexed(&self) -> Result<bool> {
        let db = &self.inner.database.read;
        let one = Statement::from_string(db.get_database_backend(), "SELECT 1 FROM pages WHERE NOT is_indexed LIMIT 1");
        Ok(db.query_one_raw(one).await?.is_none())
    }
}
