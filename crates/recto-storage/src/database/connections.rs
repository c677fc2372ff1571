//! Checks which connections of a pool may still be used.
//!
//! SQLite ends a transaction by itself when the disk is full, a read or write fails, or memory runs out. The driver's
//! ROLLBACK then finds no transaction and fails, but the driver still counts one. Later transactions on that connection
//! become savepoints inside a transaction that nobody commits.
//!
//! A connection's state is therefore checked when it returns to the pool and before it is used again, however its
//! transaction ended: committed, rolled back, failed, or dropped half-way because a client hung up.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures::FutureExt;
use sea_orm::sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sea_orm::sqlx::{Connection, Database};

/// How long a connection may be idle before it is tested with a ping.
const IDLE: Duration = Duration::from_secs(30);

/// The check that both pools of a database apply to their connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections {
    /// Connections opened at or before this time are not used again.
    doubted: Arc<RwLock<Option<Instant>>>,
}

impl Connections {
    /// Excludes all currently open connections from further use: one of them failed to begin or to end a transaction,
    /// and its state is unknown.
    pub(crate) fn replace(&self) {
        *self.doubted.write().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_doubted(&self, connection: &PoolConnectionMetadata) -> bool {
        let doubted = *self.doubted.read().unwrap_or_else(PoisonError::into_inner);
        doubted.is_some_and(|doubted| Instant::now().checked_sub(connection.age).is_none_or(|opened| opened <= doubted))
    }

    /// Makes the pool close a connection that is excluded, or that is in a transaction although nobody holds one.
    pub(crate) fn checked<D>(&self, pool: PoolOptions<D>) -> PoolOptions<D>
    where
        D: Database,
    {
        let (released, acquired) = (self.clone(), self.clone());
        pool.after_release(move |connection, about| {
            let is_doubted = released.is_doubted(&about);
            async move {
                if connection.is_in_transaction() && !is_doubted {
                    // The rollback of a dropped transaction is only queued; this waits for it.
                    connection.ping().await?;
                }
                Ok(!is_doubted && !connection.is_in_transaction())
            }
            .boxed()
        })
        .before_acquire(move |connection, about| {
            let is_sound = !acquired.is_doubted(&about) && !connection.is_in_transaction();
            async move {
                if is_sound && about.idle_for >= IDLE {
                    connection.ping().await?;
                }
                Ok(is_sound)
            }
            .boxed()
        })
    }
}
