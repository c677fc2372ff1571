//! A transaction, and what becomes of its connection when it fails.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};

use crate::database::connections::Connections;

/// A transaction that commits everything that was asked of it, or nothing.
///
/// Once a statement of it has failed it takes no other and cannot be committed: SQLite may have ended it already, so
/// that a further statement would stand alone, and PostgreSQL answers a COMMIT of it with success. One that is dropped
/// is rolled back.
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

    /// Makes what was done last. An error leaves open whether it was; nobody is told that it was, and the connection
    /// is not used again.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.check()?;
        self.inner.commit().await.inspect_err(|_| self.connections.replace())
    }

    /// Undoes what was done.
    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await.inspect_err(|_| self.connections.replace())
    }

    /// The transaction as the migrator takes it, which stops at its first error.
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

    /// Passes on what a statement gave, and notes that it failed.
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
