//! Residue of deleted rows in SQLite files, and its removal.
//!
//! `secure_delete`, which is on for every connection, overwrites deleted rows and freed pages with zeros. Two kinds of
//! residue remain. The write-ahead log holds the old pages until it is emptied. And when SQLite moves the rows of a
//! full page to neighbouring pages, copies stay in the page's unused middle, which `secure_delete` does not clear
//! (about 2 of 1,000 deleted rows in a much-changed table). Only `VACUUM`, which rewrites the file, removes those.
//!
//! The file's `user_version` records whether a `VACUUM` is due: it is [`CLEAN`], or the number of deletions since the
//! last one (0 for a file from a version that did not count them).

use std::time::Duration;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};

use crate::database::handle::Database;
use crate::error::Result;

const CLEAN: i32 = -1;
/// SQLite's answer for `secure_delete` when it is on; 2 is `FAST`.
const ON: i32 = 1;
/// How long emptying the log may block writers while it waits for readers.
const PATIENCE: Duration = Duration::from_millis(200);

/// Whether the file may hold deleted data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Residue {
    /// It holds none.
    None,
    /// A version that did not overwrite deleted rows has deleted some.
    Old,
    /// Rows were deleted since the file was last rewritten; few of them left residue.
    Some,
}

/// Records, in the deleting transaction, that a `VACUUM` is due.
pub(crate) async fn owe(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let deletions = number(tx, "user_version").await?;
    // Data that was not overwritten because the disk is full counts like data deleted by an old version.
    let is_overwritten = number(tx, "secure_delete").await? == ON;
    set_version(tx, if is_overwritten { deletions.max(0).saturating_add(i32::from(deletions != 0)) } else { 0 }).await
}

/// Sets whether transactions of a connection overwrite freed pages. Overwriting writes those pages to the log, and a
/// full disk has no room for that. Data deleted there to make room is overwritten by the next `VACUUM`.
pub(crate) async fn overwrite_freed_pages(tx: &impl ConnectionTrait, yes: bool) -> Result<(), DbErr> {
    tx.execute_unprepared(if yes { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = FAST" }).await?;
    Ok(())
}

/// Records that the file is new and holds no residue.
pub(crate) async fn begin_clean(tx: &impl ConnectionTrait) -> Result<()> {
    set_version(tx, CLEAN).await
}

pub(crate) async fn residue(db: &DatabaseConnection) -> Result<Residue> {
    Ok(match number(db, "user_version").await? {
        CLEAN => Residue::None,
        0 => Residue::Old,
        _ => Residue::Some,
    })
}

/// The size of the database, in bytes.
pub(crate) async fn bytes(db: &DatabaseConnection) -> Result<u64> {
    let (pages, page) = (number(db, "page_count").await?, number(db, "page_size").await?);
    Ok(u64::from(pages.unsigned_abs()) * u64::from(page.unsigned_abs()))
}

/// Rewrites the file. This takes about a second for 200 MB and as much disk space again, and blocks every writer.
pub(crate) async fn compact(database: &Database) -> Result<()> {
    let before = number(&database.write, "user_version").await?;
    database.write.execute_unprepared("VACUUM").await?;
    let tx = database.begin().await?;
    // Another process may have deleted something in the meantime.
    if number(&tx, "user_version").await? == before {
        set_version(&tx, CLEAN).await?;
    }
    Ok(tx.commit().await?)
}

/// Moves the write-ahead log into the file and empties it; `false` when a reader still needs it.
pub(crate) async fn empty_log(pool: &DatabaseConnection) -> Result<bool> {
    let options = pool.get_sqlite_connection_pool().connect_options();
    let options = SqliteConnectOptions::clone(&options).busy_timeout(PATIENCE);
    let empty = async {
        let mut connection = options.connect().await?;
        let row: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(row.0 == 0)
    };
    empty.await.map_err(|error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(error.into())).into())
}

async fn number(db: &impl ConnectionTrait, pragma: &str) -> Result<i32> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}"))).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", pragma)?))
}

async fn set_version(db: &impl ConnectionTrait, version: i32) -> Result<()> {
    db.execute_unprepared(&format!("PRAGMA user_version = {version}")).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::handle::Database;
    use crate::disk::reserve::Reserve;
    use crate::storage::StorageSettings;

    /// The text of a row, in one of several lengths.
    fn text(row: u32, length: u32) -> String {
        let word = format!("<{row:06}>");
        word.repeat([1, 3, 10, 60, 400][length as usize % 5])
    }

    /// The rows whose word is still in the file.
    fn in_file(file: &std::path::Path) -> Vec<u32> {
        let bytes = std::fs::read(file).unwrap();
        let word = |part: &[u8]| {
            let inner = part.strip_prefix(b"<")?.strip_suffix(b">")?;
            std::str::from_utf8(inner).ok()?.parse().ok()
        };
        let mut rows: Vec<u32> = bytes.windows(8).filter_map(word).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    #[tokio::test]
    async fn a_file_that_is_written_anew_holds_none_of_the_rows_that_were_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let settings = StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() };
        let database = Database::connect(&settings, Reserve::default()).await.unwrap();
        database.migrate().await.unwrap();
        assert_eq!(residue(&database.read).await.unwrap(), Residue::None);
        let tx = database.begin().await.unwrap();
        tx.execute_unprepared("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, body TEXT)").await.unwrap();
        // Rows are inserted, grow, shrink and are deleted, as in long use.
        let (mut live, mut random, mut rows) = (Vec::new(), 7u32, 0u32);
        for _ in 0..6000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let dice = random >> 8;
            let statement = if dice % 100 < 55 || live.is_empty() {
                rows += 1;
                live.push(rows);
                format!(
                    "INSERT INTO t VALUES ('{:08x}', '{}')",
                    rows.wrapping_mul(2_654_435_761),
                    text(rows, dice >> 8)
                )
            } else {
                let place = (dice as usize >> 7) % live.len();
                let row = if dice % 100 < 80 { live[place] } else { live.swap_remove(place) };
                let id = row.wrapping_mul(2_654_435_761);
                if dice % 100 < 80 {
                    format!("UPDATE t SET body = '{}' WHERE id = '{id:08x}'", text(row, dice >> 8))
                } else {
                    format!("DELETE FROM t WHERE id = '{id:08x}'")
                }
            };
            tx.execute_unprepared(&statement).await.unwrap();
        }
        owe(&tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(residue(&database.write).await.unwrap(), Residue::Some);
        compact(&database).await.unwrap();
        assert!(empty_log(&database.read).await.unwrap());
        assert_eq!(residue(&database.read).await.unwrap(), Residue::None);
        live.sort_unstable();
        assert!(rows as usize > live.len() + 500, "many were deleted");
        assert_eq!(in_file(&folder.path().join("recto.db")), live);
    }
}
