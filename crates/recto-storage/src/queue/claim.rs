//! The work queue: rows that nodes lease.
//!
//! Claiming is fair between organizations, then between their projects (see [`turns`](crate::turns)), then between
//! files in the manner of start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1996): an item's rank is the virtual
//! time at which its turn comes, and the virtual time of a project is the greatest rank that was claimed. The k-th page
//! of a file to be read ranks k turns after the opening of the file, so that of many files each gets a page in turn,
//! and a file that arrives late joins in where the others are. Within a turn the pages that likely take longest come
//! first, so that at the end of a batch no worker waits long for another. Opening a file is work like any other: of the
//! files of a batch some are opened each turn.
//!
//! There are two lines: what workers do, and the search for fields in what they have read. Each is claimed by itself,
//! so that a slow extractor holds up no page.
//!
//! What a claim costs does not depend on how much waits: it reads the first entries of two indexes, which hold only
//! organizations and projects that wait and items that are free.

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

/// What the column `page` holds for an item that is no page: pages count from 1.
const OPEN: i32 = 0;
const EXTRACT: i32 = -1;

/// From a rank to the same in the next turn: the bytes of a page are told apart up to a gigabyte.
pub(crate) const TURN: i64 = 1 << 30;

/// So many files of a project are opened in one turn: each moves the project on by that part of one, so that pages get
/// their turn however many files keep coming. Enough that the longest pages of a usual batch are known before the first
/// is read; few enough that what arrives behind thousands of files need not wait until all of them are opened.
pub(crate) const OPENED_A_TURN: i64 = 32;

/// How often a claim passes over items that other transactions hold before it gives up for now.
const MOST_PASSES: u32 = 8;

impl Queue<'_> {
    /// Leases the item for workers whose turn it is to a node; `None` when there is none, or when its result might not
    /// fit on the disk. A lease that has run out may be taken by any node.
    pub async fn claim(self, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        self.storage.claim(Line::Workers, node, lease).await
    }

    /// As [`Queue::claim`], of the records whose pages are read and whose fields are not found yet.
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
                // A batch that was deleted or cancelled in this moment took its items along: there may be another one.
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
                // A cancellation, say, is at its items: others need not wait for it.
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

    /// Whose turn it is among those that no other claim is at, else among all.
    async fn next_turn(&self, tx: &impl ConnectionTrait, line: Line) -> Result<Option<Turn>> {
        loop {
            let turn = turns::next(tx, line, Locked::Skip).await?;
            if turn.is_some() || self.inner.database.is_sqlite() {
                return Ok(turn);
            }
            let turn = turns::next(tx, line, Locked::WaitFor).await?;
            // Who was waited for may have nothing left, when others have.
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

    /// Work on a record begins.
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

/// The free item of least rank.
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

/// An item that nobody has leased.
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

/// The rank of opening a file that has so many before it in its batch, when its project stands at `now`.
pub(crate) fn rank_of_opening(now: i64, before: i64) -> i64 {
    now + before / OPENED_A_TURN * TURN
}

/// The rank of the search for fields: first come, first served, for a file has only one.
pub(crate) fn rank_of_extraction(now: Timestamp) -> i64 {
    now.as_millis()
}

/// The rank of the k-th page, counted from 1, of those that are to be read of a file that came in at `now`.
///
/// The longest pages of a turn go first (R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969). How long
/// one takes shows best in how much there is of it: the bytes of the file by the pages that are wanted of it.
pub(crate) fn rank_of_page(now: i64, k: i64, bytes_a_page: i64) -> i64 {
    (now.div_euclid(TURN) + k) * TURN + (TURN - 1 - bytes_a_page.clamp(0, TURN - 1))
}
