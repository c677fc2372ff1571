//! The connection to the database: when a writer may write, and what a reader sees.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migrations::Migrator;
use sea_orm::sqlx::PgPool;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbBackend, DbErr};
use sea_orm_migration::MigratorTrait;
use tracing::info;

use crate::database::connections::Connections;
use crate::database::transaction::Transaction;
use crate::database::{postgres, sqlite, sqlite_residue};
use crate::disk::reserve::Reserve;
use crate::error::{Result, StorageError};
use crate::storage::StorageSettings;

/// A pool for reading and one for writing. On SQLite the write pool is a single connection, so that the writers of a
/// process queue in order instead of polling for the file lock. On PostgreSQL both are the same pool.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
    /// The check for connections of both pools.
    pub(crate) connections: Connections,
    /// The disk reserve for data that must be written.
    pub(crate) reserve: Arc<Reserve>,
    /// Whether the writer was told not to overwrite freed pages, because the disk is full. A connection that replaces
    /// the writer overwrites them again, which does no harm.
    pub(crate) overwrites_less: Arc<AtomicBool>,
}

/// The database file that the settings name; `None` for a database server.
pub(crate) fn file_of(settings: &StorageSettings) -> Result<Option<PathBuf>> {
    match &settings.database_url {
        None => Ok(Some(settings.data_dir.join("recto.db"))),
        Some(url) if url.starts_with("sqlite:") => sqlite::file_of(url).map(Some),
        Some(_) => Ok(None),
    }
}

impl Database {
    /// Connects to the named database, or to `recto.db` in the data folder. On a full disk its transactions use the
    /// reserve.
    pub(crate) async fn connect(settings: &StorageSettings, reserve: Reserve) -> Result<Self> {
        if let Some(file) = file_of(settings)? {
            // SQLite creates files when it opens a database.
            reserve.make_room_for_transaction();
            let database = sqlite::connect(&file, !settings.short_lived, reserve.log_bytes()).await?;
            return Ok(Self { reserve: Arc::new(reserve), ..database });
        }
        match &settings.database_url {
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                Ok(Self { reserve: Arc::new(reserve), ..postgres::connect(url).await? })
            }
            _ => Err(StorageError::DatabaseUrl),
        }
    }

    /// Closes its connections.
    pub(crate) async fn close(self) -> Result<()> {
        self.read.close().await?;
        Ok(self.write.close().await?)
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// The pool of connections to the database server; `None` for SQLite.
    pub(crate) fn server_pool(&self) -> Option<&PgPool> {
        (!self.is_sqlite()).then(|| self.read.get_postgres_connection_pool())
    }

    /// Begins a transaction that writes. On SQLite it holds the write lock from its beginning, so what it reads remains
    /// true until it commits. On a full disk it gets space from the reserve.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        let is_disk_full = self.reserve.make_room_for_transaction();
        if is_disk_full {
            sqlite::reuse_log(&self.write).await;
            // Emptying the log may have used the space that was released.
            self.reserve.make_room_for_transaction();
        }
        if self.is_sqlite() {
            let tx = self.begun(sqlite::begin(&self.write).await)?;
            if self.overwrites_less.load(Ordering::Relaxed) != is_disk_full {
                sqlite_residue::overwrite_freed_pages(&tx, !is_disk_full).await?;
                self.overwrites_less.store(is_disk_full, Ordering::Relaxed);
            }
            return Ok(tx);
        }
        match self.begun(postgres::begin(&self.write).await) {
            // The server was restarted since the connection was last used; the next connection is a new one.
            Err(error) if is_begin_lost(&error) => Ok(self.begun(postgres::begin(&self.write).await)?),
            begun => Ok(begun?),
        }
    }

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    pub(crate) async fn snapshot(&self) -> Result<Transaction> {
        if self.is_sqlite() {
            return Ok(self.begun(sqlite::snapshot(&self.read).await)?);
        }
        match self.begun(postgres::snapshot(&self.read).await) {
            Err(error) if is_begin_lost(&error) => Ok(self.begun(postgres::snapshot(&self.read).await)?),
            begun => Ok(begun?),
        }
    }

    fn begun(&self, begun: Result<DatabaseTransaction, DbErr>) -> Result<Transaction, DbErr> {
        let inner = begun.inspect_err(|error| {
            if is_begin_lost(error) {
                self.connections.replace();
            }
        })?;
        Ok(Transaction::new(inner, self.connections.clone()))
    }

    /// Brings the schema up to date; returns the names of the missing steps. Processes that start together migrate one
    /// after another.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>> {
        let tx = self.begin().await?;
        if !self.is_sqlite() {
            postgres::wait_for_other_migrations(&tx).await?;
        }
        let pending = Migrator::get_pending_migrations(tx.for_migrations()).await?;
        let names: Vec<String> = pending.iter().map(|step| step.name().to_owned()).collect();
        if !names.is_empty() {
            Migrator::up(tx.for_migrations(), None).await?;
        }
        if self.is_sqlite() && names.len() == Migrator::migrations().len() {
            sqlite_residue::begin_clean(&tx).await?;
        }
        tx.commit().await?;
        // The first start says itself that it set everything up.
        if !names.is_empty() && names.len() < Migrator::migrations().len() {
            info!(steps = names.len(), "brought the database to the schema of this version");
        }
        Ok(names)
    }
}

/// Whether a connection existed and failed, rather than none being available.
fn is_begin_lost(error: &DbErr) -> bool {
    !matches!(error, DbErr::ConnectionAcquire(_))
}
