//! Counting requests, in the database so that all nodes share one count.

use recto_domain::TokenId;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, Set};

use crate::entities::request_count::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::handles::Tokens;

impl Tokens<'_> {
    /// Counts one more request of a token in a window (minutes since the Unix epoch); returns its total in that window.
    /// When a new window begins, the earlier windows of all tokens are removed.
    pub async fn count_request(self, token: TokenId, window: i64) -> Result<u64> {
        let row = ActiveModel { token_id: Set(token.to_string()), minute: Set(window), count: Set(1) };
        let tx = self.storage.inner.database.begin().await?;
        let counted = Entity::insert(row)
            .on_conflict(
                OnConflict::columns([Column::TokenId, Column::Minute])
                    .value(Column::Count, Expr::col((Entity, Column::Count)).add(1))
                    .to_owned(),
            )
            .exec_with_returning(&tx)
            .await?;
        if counted.count == 1 {
            Entity::delete_many().filter(Column::Minute.lt(window - 1)).exec(&tx).await?;
        }
        tx.commit().await?;
        Ok(counted.count.unsigned_abs())
    }
}
