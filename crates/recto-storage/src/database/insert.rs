//! Inserting rows, many at a time or only when they are new.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, TryInsertResult};

use crate::error::Result;

/// Rows of one statement: with the widest table, a third of the parameters that SQLite takes.
const ROWS_AT_ONCE: usize = 500;

/// Inserts any number of rows.
pub(crate) async fn insert_many<A: ActiveModelTrait>(tx: &impl ConnectionTrait, rows: Vec<A>) -> Result<()> {
    let mut rows = rows.into_iter();
    loop {
        let some: Vec<A> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        A::Entity::insert_many(some).exec_without_returning(tx).await?;
    }
}

/// Inserts a row; `false` when there is one with its primary key.
pub(crate) async fn insert_if_new<A: ActiveModelTrait>(tx: &impl ConnectionTrait, row: A) -> Result<bool> {
    let inserted = A::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}
