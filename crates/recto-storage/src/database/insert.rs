//! Inserting rows: many at a time, or only if they are new.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, TryInsertResult};

use crate::error::Result;

/// Rows per statement: with the widest table, they use a third of the parameters that SQLite allows.
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

/// Inserts a row; `false` when a row with its primary key exists.
pub(crate) async fn insert_if_new<A: ActiveModelTrait>(tx: &impl ConnectionTrait, row: A) -> Result<bool> {
    let inserted = A::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1)))
}
