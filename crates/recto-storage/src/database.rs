//! The connection to the database: who may write when, and what a reader sees.

use migrations::Migrator;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbBackend};
use sea_orm_migration::MigratorTrait;

use crate::error::{Result, StorageError};
use crate::storage::StorageSettings;
use crate::{postgres, sqlite};

/// A pool to read from and one to write through. On SQLite the second is a single connection, so that the writers of
/// a process queue up in order instead of polling for the file lock; on PostgreSQL both are the same pool.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
}

impl Database {
    /// Connects to the database that is named, or to `recto.db` in the data folder.
    pub(crate) async fn connect(settings: &StorageSettings) -> Result<Self> {
        let lasting = !settings.short_lived;
        match &settings.database_url {
            None => sqlite::connect(&settings.data_dir.join("recto.db"), lasting).await,
            Some(url) if url.starts_with("sqlite:") => sqlite::connect(&sqlite::file_of(url)?, lasting).await,
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => postgres::connect(url).await,
            Some(_) => Err(StorageError::DatabaseUrl),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// A transaction that writes. On SQLite it holds the one write lock from its beginning, so that what it reads
    /// stays true until it commits.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction> {
        if self.is_sqlite() { sqlite::begin(&self.write).await } else { postgres::begin(&self.write).await }
    }

    /// A transaction that only reads, and sees one state of the database throughout.
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction> {
        if self.is_sqlite() { sqlite::snapshot(&self.read).await } else { postgres::snapshot(&self.read).await }
    }

    /// Brings the schema up to date; the names of the steps that were missing. Processes that start together do it
    /// one after another.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>> {
        let tx = self.begin().await?;
        if !self.is_sqlite() {
            postgres::wait_for_other_migrations(&tx).await?;
        }
        let pending = Migrator::get_pending_migrations(&tx).await?;
        let names: Vec<String> = pending.iter().map(|step| step.name().to_owned()).collect();
        if !names.is_empty() {
            Migrator::up(&tx, None).await?;
        }
        tx.commit().await?;
        Ok(names)
    }
}
