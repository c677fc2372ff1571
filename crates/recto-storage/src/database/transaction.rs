//! A transaction, and the treatment of its connection after a failure.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};

use crate::database::connections::Connections;

/// A transaction that commits everything that was asked of it, or nothing.
///
/// After a failed statement it accepts no other statement and cannot be committed. SQLite may already have ended it, so
/// that a further statement would run outside any transaction; and PostgreSQL reports success for a COMMIT of a failed
/// transaction. A transaction that is dropped is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    connections: Connections,
    has_failed: AtomicBool,
}

impl Transaction {
    pub(crate) fn new(inner: DatabaseTransaction, connections: Connections) -> Self {
        Self { inner, connections, has_failed: AtomicBool::new(false) }
    }

    /// Commits the transaction. After an error it is unknown whether the commit took place: the caller reports no
    /// success, and the connection is not used again.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.check()?;
        self.inner.commit().await.inspect_err(|_| self.connections.replace())
    }

    /// Rolls the transaction back.
    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await.inspect_err(|_| self.connections.replace())
    }

    /// The transaction in the type that the migrator needs; the migrator stops at its first error.
    pub(crate) fn for_migrations(&self) -> &DatabaseTransaction {
        &self.inner
    }

    fn check(&self) -> Result<(), DbErr> {
        if self.has_failed.load(Ordering::Relaxed) {
            let why = "an earlier statement of this transaction failed";
            return Err(DbErr::Query(RuntimeErr::Internal(why.to_owned())));
        }
        Ok(())
    }

    /// Returns the outcome of a statement, and records a failure.
    fn noted<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        outcome.inspect_err(|_| self.has_failed.store(true, Ordering::Relaxed))
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.check()?;
        self.noted(self.inner.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.check()?;
        self.noted(self.inner.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.check()?;
        self.noted(self.inner.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.check()?;
        self.noted(self.inner.query_all_raw(statement).await)
    }
}
