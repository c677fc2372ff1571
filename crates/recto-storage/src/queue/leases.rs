//! Leases of work items: renewed, released, expired.

use std::time::Duration;

use recto_domain::{Timestamp, WorkItemId};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::changes::Change;
use crate::entities::batch;
use crate::entities::work_item::{Column, Entity, Model};
use crate::error::Result;
use crate::handles::Queue;
use crate::queue::node::Node;
use crate::queue::turns::{self, Line};
use crate::storage::Storage;

impl Queue<'_> {
    /// Renews leases. Returns the items that the node no longer holds, because their batch was cancelled or deleted or
    /// another node took them; work on those is useless.
    pub async fn renew_leases(self, node: &Node, items: &[WorkItemId], lease: Duration) -> Result<Vec<WorkItemId>> {
        let until = Timestamp::now().plus(lease).as_millis();
        let mut lost = Vec::new();
        for &item in items {
            let tx = self.storage.inner.database.begin().await?;
            let renewed = Entity::update_many()
                .col_expr(Column::LeaseUntil, Expr::value(until))
                .filter(Column::Id.eq(item.to_string()))
                .filter(Column::LeaseOwner.eq(node.id()))
                .exec(&tx)
                .await?;
            tx.commit().await?;
            if renewed.rows_affected == 0 {
                lost.push(item);
            }
        }
        Ok(lost)
    }

    /// Returns items to the queue without counting an attempt, as at the end of a process.
    pub async fn release(self, node: &Node, items: &[WorkItemId]) -> Result<()> {
        for item in items {
            // One item per transaction, because each locks its organization.
            let tx = self.storage.inner.database.begin().await?;
            let freed = Entity::update_many()
                .col_expr(Column::LeaseOwner, Expr::value(None::<String>))
                .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
                .filter(Column::Id.eq(item.to_string()))
                .filter(Column::LeaseOwner.eq(node.id()))
                .exec_with_returning(&tx)
                .await?;
            for item in freed {
                rejoin(&tx, &item).await?;
            }
            tx.commit().await?;
        }
        self.storage.tell(Change::Work);
        Ok(())
    }

    /// Frees items whose lease has run out or whose pause is over, and the work of organizations that have worker time
    /// again. Returns whether there was any. A claim that finds nothing does the same.
    pub async fn free_what_is_due(self, node: &Node) -> Result<bool> {
        let mut any = false;
        // One item per transaction, because each locks its organization.
        loop {
            let now = Timestamp::now();
            let read = &self.storage.inner.database.read;
            // A writing transaction is begun only if needed, because on a full disk it uses the ballast.
            if due(now).one(read).await?.is_none() && !turns::is_any_to_resume(read, now, node.limits()).await? {
                return Ok(any);
            }
            let tx = self.storage.inner.database.begin().await?;
            let was_due = free_one(&tx, now).await? || turns::resume_one(&tx, now, node.limits()).await?;
            if !was_due {
                return Ok(any);
            }
            tx.commit().await?;
            any = true;
        }
    }
}

impl Storage {
    /// Frees the items that an earlier process had leased.
    pub(crate) async fn give_back_all_leases(&self) -> Result<()> {
        let tx = self.inner.database.begin().await?;
        Entity::update_many()
            .col_expr(Column::LeaseOwner, Expr::value(None::<String>))
            .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
            .filter(Column::LeaseUntil.is_not_null())
            .exec(&tx)
            .await?;
        turns::rejoin_all(&tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Frees an item whose lease or pause is over. The node that held the lease may still store its result until another
/// node takes the item.
async fn free_one(tx: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    let first = due(now).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(tx).await?;
    let Some(item) = first else { return Ok(false) };
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .filter(Column::Id.eq(&item.id))
        .exec(tx)
        .await?;
    rejoin(tx, &item).await?;
    Ok(true)
}

/// The item whose lease or pause ended first.
fn due(now: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::LeaseUntil.is_not_null())
        .filter(Column::LeaseUntil.lte(now.as_millis()))
        .order_by_asc(Column::LeaseUntil)
        .limit(1)
}

/// Makes an item free again.
async fn rejoin(tx: &impl ConnectionTrait, item: &Model) -> Result<()> {
    let organization: Option<String> = batch::Entity::find_by_id(&item.batch_id)
        .select_only()
        .column(batch::Column::OrganizationId)
        .into_tuple()
        .one(tx)
        .await?;
    let Some(organization) = organization else { return Ok(()) };
    let line = if item.line == Line::Extraction.code() { Line::Extraction } else { Line::Workers };
    turns::join(tx, line, &organization, &item.project_id).await
}
