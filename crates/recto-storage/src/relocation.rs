//! Moves an installation from SQLite to a database server, and its files to a place that all nodes can reach.
//!
//! Files are copied first, one by one. Keys are never reused, so a file of the same size at the target is already
//! copied. The rows follow in one transaction. A move that was interrupted therefore leaves no rows behind, and the
//! next attempt continues with the files.

use std::io::Read;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use sha2::{Digest, Sha256};

use crate::entities::{
    audit_entry, batch, event, idempotency_key, organization, page, page_count, pending_delete, project, record,
    request_count, template, template_file, template_version, token, upload, webhook, webhook_attempt,
    webhook_delivery, work_item, work_turn,
};
use crate::error::{Result, StorageError};
use crate::snapshot::{NamedFile, named_files};
use crate::storage::Storage;

/// Rows per statement. A page may have some hundred kilobytes.
const ROWS_AT_ONCE: u64 = 200;

/// What was moved so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Rows of all tables.
    pub rows: u64,
    /// Files that were copied.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that an earlier attempt had copied.
    pub files_there: u64,
}

impl Storage {
    /// Copies everything from SQLite into `to`, which must be empty; `told` is called after each file. No other process
    /// may use the source meanwhile.
    ///
    /// Fails with [`StorageError::NotSqlite`], [`StorageError::NotEmpty`] or [`StorageError::FolderInUse`].
    pub async fn move_into(&self, to: &Self, mut told: impl FnMut(Moved)) -> Result<Moved> {
        if !self.inner.database.is_sqlite() {
            return Err(StorageError::NotSqlite);
        }
        // While this is held, nobody adds work to it.
        let _node = self.queue().join().await?;
        if organization::Entity::find().count(&to.inner.database.read).await? > 0 {
            return Err(StorageError::NotEmpty);
        }
        let mut moved = Moved::default();
        let mut last: Option<NamedFile> = None;
        loop {
            let files = named_files(&self.inner.database.read, last.as_ref()).await?;
            for file in &files {
                self.move_file(to, file, &mut moved).await?;
                told(moved);
            }
            match files.into_iter().next_back() {
                Some(file) => last = Some(file),
                None => break,
            }
        }
        let tx = to.inner.database.begin().await?;
        moved.rows = move_rows(&self.inner.database.read, &tx).await?;
        tx.commit().await?;
        Ok(moved)
    }

    async fn move_file(&self, to: &Self, file: &NamedFile, moved: &mut Moved) -> Result<()> {
        match to.inner.blobs.size_of(&file.key).await? {
            Some(size) if size == file.size_bytes => moved.files_there += 1,
            _ => {
                copy_bytes(self, to, file).await?;
                moved.files += 1;
                moved.bytes += file.size_bytes;
            }
        }
        Ok(())
    }
}

async fn copy_bytes(from: &Storage, to: &Storage, file: &NamedFile) -> Result<()> {
    let mut bytes = from.inner.blobs.read(&file.key).await?;
    let mut writer = to.inner.blobs.write(&file.key);
    let part_bytes = to.inner.blobs.part_bytes();
    let mut hash = Sha256::new();
    loop {
        let read = move || {
            let mut part = Vec::with_capacity(part_bytes);
            (&mut bytes).take(part_bytes as u64).read_to_end(&mut part).map(|_| (bytes, part))
        };
        let (on, part) = tokio::task::spawn_blocking(read).await?.map_err(StorageError::file)?;
        bytes = on;
        hash.update(&part);
        if part.len() == part_bytes {
            writer.part(part).await?;
            continue;
        }
        if hex::encode(hash.finalize()) != file.sha256 {
            tracing::error!(key = file.key, "the contents of a file differ from what was received");
            return Err(StorageError::Damaged { what: "set of files" });
        }
        return writer.finish(part).await;
    }
}

/// Copies all tables except those about the database itself and the secret.
async fn move_rows(from: &DatabaseConnection, to: &impl ConnectionTrait) -> Result<u64> {
    let mut rows = 0;
    macro_rules! each {
        ($($table:ident),+ $(,)?) => { $(rows += move_table::<$table::Entity>(from, to).await?;)+ };
    }
    // Tables that others refer to come first.
    each!(
        organization,
        project,
        token,
        template,
        template_version,
        template_file,
        batch,
        upload,
        record,
        page,
        work_item,
        work_turn,
        event,
        webhook,
        webhook_delivery,
        webhook_attempt,
        idempotency_key,
        request_count,
        page_count,
        audit_entry,
        pending_delete,
    );
    // Each database has its own kind of search index, so pages are indexed again in the background.
    page::Entity::update_many().col_expr(page::Column::IsIndexed, Expr::value(false)).exec(to).await?;
    Ok(rows)
}

async fn move_table<E>(from: &DatabaseConnection, to: &impl ConnectionTrait) -> Result<u64>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    // The number that SQLite gives to every row, whatever its key.
    let row_id = || Expr::cust("rowid");
    let (mut moved, mut last) = (0, i64::MIN);
    loop {
        let ids: Vec<i64> = E::find()
            .select_only()
            .column_as(row_id(), "row_id")
            .filter(row_id().gt(last))
            .order_by_asc(row_id())
            .limit(ROWS_AT_ONCE)
            .into_tuple()
            .all(from)
            .await?;
        let Some(&greatest) = ids.last() else { return Ok(moved) };
        let rows = E::find().filter(row_id().gt(last)).filter(row_id().lte(greatest)).all(from).await?;
        moved += rows.len() as u64;
        last = greatest;
        let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
        E::insert_many(rows).exec_without_returning(to).await?;
    }
}
