//! The work queue: rows that nodes lease.
//!
//! Claiming is fair between organizations, then between their projects (see [`turns`](crate::turns)), then between
//! files. Among files it follows start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1996): an item's rank is the
//! virtual time of its turn, and the virtual time of a project is the greatest rank that was claimed.
//!
//! The k-th page to be read of a file ranks k turns after the opening of the file. Of many files, each therefore gets a
//! page in turn, and a file that arrives late joins where the others are. Within a turn, the pages that probably take
//! longest come first, so that at the end of a batch no worker waits long for another. Opening a file is work like any
//! other: each turn opens some files of a batch.
//!
//! There are two lines: work for the workers, and the extraction of fields from what they have read. Each line is
//! claimed separately, so that a slow extractor delays no page.
//!
//! The cost of a claim does not depend on the number of waiting items. It reads the first entries of two indexes, which
//! hold only waiting organizations and projects, and free items.

use std::time::Duration;

use recto_domain::{RecordStatus, Timestamp, WorkItem, WorkItemId, WorkKind};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, EntityTrait, ExprTrait, Order, QueryFilter, Set};

use crate::batch::row::BatchRow;
use crate::changes::Change;
use crate::database::rows::parse;
use crate::entities::work_item::{ActiveModel, Column, Entity, Model};
use crate::entities::{batch, record, upload};
use crate::error::Result;
use crate::handles::Queue;
use crate::queue::node::Node;
use crate::queue::turns::{self, Line, Locked, Turn};
use crate::storage::Storage;

/// The value of the column `page` for an item that is not a page: pages count from 1.
const OPEN: i32 = 0;
const EXTRACT: i32 = -1;

/// The distance between the same rank in two successive turns. Within a turn, pages are ordered by size up to a
/// gigabyte.
pub(crate) const TURN: i64 = 1 << 30;

/// How many files of a project are opened in one turn. Each opening advances the project by this part of a turn, so
/// pages get their turn however many files keep coming. The number is large enough that the longest pages of a usual
/// batch are known before the first page is read. It is small enough that work arriving behind thousands of files need
/// not wait until all of them are opened.
pub(crate) const OPENED_A_TURN: i64 = 32;

/// How many times a claim skips items that other transactions hold before it gives up for now.
const MOST_PASSES: u32 = 8;

impl Queue<'_> {
    /// Leases the next item for workers to a node. `None` when there is none, or when its result might not fit on the
    /// disk. Any node may take an item whose lease has run out.
    pub async fn claim(self, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        self.storage.claim(Line::Workers, node, lease).await
    }

    /// Like [`Queue::claim`], but for records whose pages are read and whose fields are not extracted yet.
    pub async fn claim_extraction(self, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        self.storage.claim(Line::Extraction, node, lease).await
    }
}

impl Storage {
    async fn claim(&self, line: Line, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        if !self.inner.database.reserve.is_enough_for_work() {
            return Ok(None);
        }
        loop {
            match self.lease_next(line, node, lease).await? {
                // A batch that was deleted or cancelled at this moment took its items along; another item may be free.
                Some(item) => {
                    if let Some(item) = self.claimed(item).await? {
                        return Ok(Some(item));
                    }
                }
                None => {
                    if !self.queue().free_what_is_due(node).await? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn lease_next(&self, line: Line, node: &Node, lease: Duration) -> Result<Option<Model>> {
        let mut passes = 0;
        while passes < MOST_PASSES {
            let tx = self.inner.database.begin().await?;
            let Some(turn) = self.next_turn(&tx, line).await? else {
                return Ok(None);
            };
            let now = Timestamp::now();
            let mut first = first_free(line, &turn.project);
            first.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            let leased = Entity::update_many()
                .col_expr(Column::LeaseOwner, Expr::value(node.id()))
                .col_expr(Column::LeaseUntil, Expr::value(now.plus(lease).as_millis()))
                .filter(Expr::col(Column::Id).eq(first))
                .exec_with_returning(&tx)
                .await?
                .pop();
            if let Some(item) = &leased {
                turns::take(&tx, &turn, kind_of(item.page), item.rank).await?;
            } else if tx.query_one(&first_free(line, &turn.project)).await?.is_some() {
                // Another transaction, such as a cancellation, holds its items; other projects need not wait for it.
                turns::pass(&tx, line, &turn).await?;
                passes += 1;
            } else {
                turns::leave(&tx, line, &turn).await?;
            }
            tx.commit().await?;
            if leased.is_some() {
                return Ok(leased);
            }
        }
        Ok(None)
    }

    /// The next turn among those that no other claim has locked, or otherwise among all.
    async fn next_turn(&self, tx: &impl ConnectionTrait, line: Line) -> Result<Option<Turn>> {
        loop {
            let turn = turns::next(tx, line, Locked::Skip).await?;
            if turn.is_some() || self.inner.database.is_sqlite() {
                return Ok(turn);
            }
            let turn = turns::next(tx, line, Locked::WaitFor).await?;
            // The scope that was waited for may have no items left, while others have.
            if turn.is_some() || !turns::is_anyone_waiting(tx, line).await? {
                return Ok(turn);
            }
        }
    }

    async fn claimed(&self, item: Model) -> Result<Option<WorkItem>> {
        let found = record::Entity::find_by_id(&item.record_id)
            .find_also_related(upload::Entity)
            .one(&self.inner.database.read)
            .await?;
        let Some((record, Some(upload))) = found else {
            return Ok(None);
        };
        match record.record_status()? {
            RecordStatus::Queued => self.start_record(&record).await?,
            RecordStatus::Completed | RecordStatus::Failed => return Ok(None),
            RecordStatus::Pending | RecordStatus::InProgress => {}
        }
        Ok(Some(WorkItem {
            id: parse(&item.id, "work item")?,
            kind: kind_of(item.page),
            organization_id: parse(&record.organization_id, "work item")?,
            project_id: parse(&record.project_id, "work item")?,
            batch_id: parse(&item.batch_id, "work item")?,
            record_id: parse(&item.record_id, "work item")?,
            options: record.read_options()?,
            blob_key: upload.open_key().to_owned(),
            has_passwords: record.passwords.is_some(),
            sha256: upload.sha256,
            file_name: upload.file_name,
            attempts: item.attempts.unsigned_abs(),
            cost: record.cost(),
            took: Duration::ZERO,
            way: None,
        }))
    }

    /// Starts work on a record.
    async fn start_record(&self, record: &record::Model) -> Result<()> {
        let tx = self.inner.database.begin().await?;
        let Some(mut batch) = BatchRow::lock(&tx, &record.batch_id).await? else {
            return Ok(());
        };
        let Some(mut record) = record::Entity::find_by_id(&record.id).one(&tx).await? else {
            return Ok(());
        };
        if record.record_status()? != RecordStatus::Queued {
            return Ok(());
        }
        batch.start_record(&mut record);
        crate::batch::row::save_record(&tx, &record).await?;
        let id = batch.save(&tx).await?;
        tx.commit().await?;
        self.tell(Change::Batch(id));
        Ok(())
    }
}

/// The free item with the lowest rank.
fn first_free(line: Line, project: &str) -> SelectStatement {
    Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::Line).eq(line.code()))
        .and_where(Expr::col(Column::ProjectId).eq(project))
        .and_where(Expr::col(Column::LeaseUntil).is_null())
        .order_by(Column::Rank, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(1)
        .to_owned()
}

fn kind_of(page: i32) -> WorkKind {
    match page {
        OPEN => WorkKind::Open,
        EXTRACT => WorkKind::Extract,
        number => WorkKind::Page { number: number.unsigned_abs() },
    }
}

/// A new item without a lease.
pub(crate) fn new_item(batch: &batch::Model, record: &str, kind: WorkKind, rank: i64) -> ActiveModel {
    let page = match kind {
        WorkKind::Open => OPEN,
        WorkKind::Extract => EXTRACT,
        WorkKind::Page { number } => number.cast_signed(),
    };
    ActiveModel {
        id: Set(WorkItemId::generate().to_string()),
        batch_id: Set(batch.id.clone()),
        project_id: Set(batch.project_id.clone()),
        record_id: Set(record.to_owned()),
        page: Set(page),
        line: Set(Line::of(kind).code()),
        rank: Set(rank),
        attempts: Set(0),
        lease_owner: Set(None),
        lease_until: Set(None),
    }
}

/// The rank of opening a file that has `before` files before it in its batch, when its project is at rank `now`.
pub(crate) fn rank_of_opening(now: i64, before: i64) -> i64 {
    now + before / OPENED_A_TURN * TURN
}

/// The rank of an extraction: first come, first served, because a file has only one.
pub(crate) fn rank_of_extraction(now: Timestamp) -> i64 {
    now.as_millis()
}

/// The rank of the k-th page to be read (from 1) of a file that arrived when its project was at rank `now`.
///
/// The longest pages of a turn go first (R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969). The best
/// estimate of a page's duration is its size: the bytes of the file divided by the number of pages requested.
pub(crate) fn rank_of_page(now: i64, k: i64, bytes_a_page: i64) -> i64 {
    (now.div_euclid(TURN) + k) * TURN + (TURN - 1 - bytes_a_page.clamp(0, TURN - 1))
}
