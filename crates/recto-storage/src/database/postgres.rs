//! PostgreSQL only: several writers, row locks, and isolation levels.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    TransactionTrait,
};

use crate::database::connections::Connections;
use crate::database::handle::Database;
use crate::database::transaction::Transaction;
use crate::error::Result;

const CONNECTIONS: u32 = 16;
/// How long a transaction may be idle. A node that is paused in the middle of a transaction keeps its locks that long
/// while others wait for them. Transactions of a running node are idle for moments only.
const LONGEST_IDLE: &str = "30s";

pub(crate) async fn connect(url: &str) -> Result<Database> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(30))
        .sqlx_logging(false)
        .test_before_acquire(false)
        .set_application_name("recto");
    let connections = Connections::default();
    let checks = connections.clone();
    options.map_sqlx_postgres_opts(|options| options.options([("idle_in_transaction_session_timeout", LONGEST_IDLE)]));
    options.map_sqlx_postgres_pool_opts(move |pool| checks.checked(pool));
    let pool = sea_orm::Database::connect(options).await?;
    Ok(Database {
        read: pool.clone(),
        write: pool,
        connections,
        reserve: Arc::default(),
        overwrites_less: Arc::default(),
    })
}

/// Begins a transaction at the default level, read committed: every function locks the batch's row before it reads what
/// it will change.
pub(crate) async fn begin(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    pool.begin().await
}

pub(crate) async fn snapshot(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    pool.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await
}

/// Blocks all other processes that want to migrate until this transaction ends.
pub(crate) async fn wait_for_other_migrations(tx: &Transaction) -> Result<()> {
    // The key is "recto" in ASCII, because all users of a database share its advisory locks.
    tx.execute_unprepared("SELECT pg_advisory_xact_lock(491327485039)").await?;
    Ok(())
}
