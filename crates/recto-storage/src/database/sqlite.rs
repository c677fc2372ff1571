//! SQLite only: a file, one writer at a time, and the write-ahead log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use crate::database::connections::Connections;
use crate::database::handle::Database;
use crate::error::{Result, StorageError};

/// How long a writer waits for a writer of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often connecting is retried, 100 ms apart, when another process is opening the new database at the same time.
const CONNECT_ATTEMPTS: u32 = 100;
const READERS: u32 = 4;
/// SQLite's default size of the write-ahead log before a checkpoint, in pages.
const LOG_PAGES: u64 = 1000;
/// SQLite's default page size.
const PAGE_BYTES: u64 = 4096;

/// The file that a `sqlite:` URL names.
pub(crate) fn file_of(url: &str) -> Result<PathBuf> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    // Every connection to an in-memory database opens its own database, and the work queue needs several connections.
    if path.is_empty() || path == ":memory:" { Err(StorageError::DatabaseUrl) } else { Ok(path.into()) }
}

/// Opens a database. In a lasting one, commits survive the end of the process, and a power cut does not corrupt it. In
/// one that is not lasting, commits do not wait for the disk.
///
/// The write-ahead log is moved into the database when it has grown to `log_bytes`; `None` means SQLite's default of 4
/// MB.
pub(crate) async fn connect(file: &Path, lasting: bool, log_bytes: Option<u64>) -> Result<Database> {
    let synchronous = if lasting { SqliteSynchronous::Normal } else { SqliteSynchronous::Off };
    let log_pages = log_bytes.map_or(LOG_PAGES, |bytes| (bytes / PAGE_BYTES).clamp(1, LOG_PAGES));
    make_private(file).map_err(StorageError::DataFolder)?;
    // The writer creates the file and turns on the write-ahead log, which stays on for the readers.
    let connections = Connections::default();
    let write = pool(file, synchronous, 1, true, log_pages, &connections).await?;
    let read = pool(file, synchronous, READERS, false, log_pages, &connections).await?;
    Ok(Database { read, write, connections, reserve: Arc::default(), overwrites_less: Arc::default() })
}

/// Opens a database that nobody else uses, for reading.
pub(crate) async fn open_copy(file: &Path) -> Result<DatabaseConnection> {
    pool(file, SqliteSynchronous::Off, 1, false, LOG_PAGES, &Connections::default()).await
}

async fn pool(
    file: &Path,
    synchronous: SqliteSynchronous,
    size: u32,
    first: bool,
    log_pages: u64,
    connections: &Connections,
) -> Result<DatabaseConnection> {
    let file = file.to_owned();
    let connections = connections.clone();
    // The URL only selects the driver, because a path may hold characters that have a meaning in URLs.
    let mut options = ConnectOptions::new("sqlite://recto.db");
    options
        .max_connections(size)
        .acquire_timeout(Duration::from_mins(1))
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_pool_opts(move |pool| connections.checked(pool))
        .map_sqlx_sqlite_opts(move |options: SqliteConnectOptions| {
            let options = options
                .filename(&file)
                .create_if_missing(first)
                .synchronous(synchronous)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("wal_autocheckpoint", log_pages.to_string())
                .foreign_keys(true)
                // Deleted data is overwritten.
                .pragma("secure_delete", "ON");
            if first { options.journal_mode(SqliteJournalMode::Wal) } else { options }
        });
    let mut attempts = 0;
    loop {
        match sea_orm::Database::connect(options.clone()).await {
            Ok(pool) => return Ok(pool),
            // SQLite does not wait for its lock while two processes turn on the write-ahead log of a new file.
            Err(error) if attempts < CONNECT_ATTEMPTS && is_busy(&error) => attempts += 1,
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Makes the file readable for this account alone, creating it if necessary; the log beside it gets the same
/// permissions.
fn make_private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let made = std::fs::File::options().create_new(true).write(true).mode(0o600).open(file);
    match made {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            for name in ["", "-wal", "-shm"] {
                let mut file = file.as_os_str().to_owned();
                file.push(name);
                // The permissions of another account's file cannot be changed, and a missing file needs none; `recto
                // doctor` reports both.
                let _ = std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600));
            }
            Ok(())
        }
        other => other.map(drop),
    }
}

fn is_busy(error: &DbErr) -> bool {
    error.to_string().contains("database is locked")
}

pub(crate) async fn begin(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    pool.begin_with_options(options).await
}

/// Moves the write-ahead log into the database, so that the next transactions overwrite the log instead of extending
/// it.
pub(crate) async fn reuse_log(pool: &DatabaseConnection) {
    if let Err(error) = pool.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await {
        // The next transaction then needs a little more space; if that is missing, it reports the error itself.
        tracing::debug!(%error, "the write-ahead log could not be moved into the database");
    }
}

pub(crate) async fn snapshot(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    pool.begin().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file() {
        assert_eq!(file_of("sqlite:///var/lib/recto.db").unwrap(), Path::new("/var/lib/recto.db"));
        assert_eq!(file_of("sqlite://data/recto.db?mode=rwc").unwrap(), Path::new("data/recto.db"));
        assert_eq!(file_of("sqlite:recto.db").unwrap(), Path::new("recto.db"));
        assert!(matches!(file_of("sqlite::memory:"), Err(StorageError::DatabaseUrl)));
    }
}
