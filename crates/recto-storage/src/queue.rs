//! The work queue: rows that nodes lease.
//!
//! Claiming is fair between files in the manner of start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1996): an
//! item's rank is the virtual time at which its turn comes, and virtual time is the rank that was claimed last. The
//! k-th page of a file to be read ranks k after the moment the file was opened, so that of many files each gets a
//! page in turn, and a file that arrives late joins in where the others are. Within a turn the pages that likely take
//! longest come first, so that at the end of a batch no worker waits long for another.
//!
//! There are two lines: what workers do, and the search for fields in what they have read. Each is claimed by itself,
//! so that a slow extractor holds up no page.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Duration;

use recto_domain::{RecordStatus, Timestamp, WorkItem, WorkItemId, WorkKind};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Set};

use crate::batch_row::BatchRow;
use crate::changes::Change;
use crate::entities::work_item::{ActiveModel, Column, Entity, Model};
use crate::entities::{record, upload};
use crate::error::{Result, StorageError};
use crate::rows::parse;
use crate::storage::{Storage, random_name};

/// What the column `page` holds for an item that is no page: pages count from 1.
const OPEN: i32 = 0;
const EXTRACT: i32 = -1;

/// From a rank to the same in the next turn: the bytes of a page are told apart up to a gigabyte.
const TURN: i64 = 1 << 30;

/// A process that works on the queue. While it lives, no other one can work on the same data folder.
#[derive(Debug, Clone)]
pub struct Node {
    id: String,
    /// Unlocked when the last clone goes, or the process dies.
    _folder: Option<Arc<File>>,
}

impl Node {
    /// A random name, in the leases it holds.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Storage {
    /// Makes this process one that works on the queue.
    ///
    /// On SQLite it is the only one: it locks the data folder ([`StorageError::FolderInUse`] when another process
    /// did), gives back what a process before it had leased, and removes the blobs of uploads that died with it.
    pub async fn become_worker_node(&self) -> Result<Node> {
        let mut folder = None;
        if self.inner.database.is_sqlite() {
            folder = Some(Arc::new(self.lock_folder()?));
            self.give_back_all_leases().await?;
            self.give_back_all_deliveries().await?;
            self.doom_uploads_of_dead_processes().await?;
            if let Err(error) = self.erase_at_start().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "what was deleted is erased later");
            }
        }
        self.sweep_blobs().await?;
        Ok(Node { id: random_name(), _folder: folder })
    }

    fn lock_folder(&self) -> Result<File> {
        let path = self.inner.data_dir.join("recto.lock");
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
        let file = file.map_err(StorageError::DataFolder)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(StorageError::FolderInUse),
            Err(std::fs::TryLockError::Error(error)) => Err(StorageError::DataFolder(error)),
        }
    }

    async fn give_back_all_leases(&self) -> Result<()> {
        let tx = self.inner.database.begin().await?;
        Entity::update_many()
            .col_expr(Column::LeaseOwner, Expr::value(None::<String>))
            .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
            .filter(Column::LeaseUntil.is_not_null())
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Leases the item for workers whose turn it is to a node; `None` when there is none, or when its result might not
    /// fit on the disk. A lease that has run out may be taken by any node.
    pub async fn claim_work(&self, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        self.claim(Line::Workers, node, lease).await
    }

    /// As [`Storage::claim_work`], of the records whose pages are read and whose fields are not found yet.
    pub async fn claim_extraction(&self, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        self.claim(Line::Extraction, node, lease).await
    }

    async fn claim(&self, line: Line, node: &Node, lease: Duration) -> Result<Option<WorkItem>> {
        if !self.inner.database.reserve.is_enough_for_work() {
            return Ok(None);
        }
        loop {
            let Some(item) = self.lease_next(line, node, lease).await? else {
                return Ok(None);
            };
            // A batch that was deleted or cancelled in this moment took its items along: there may be another one.
            if let Some(item) = self.claimed(item).await? {
                return Ok(Some(item));
            }
        }
    }

    async fn lease_next(&self, line: Line, node: &Node, lease: Duration) -> Result<Option<Model>> {
        let tx = self.inner.database.begin().await?;
        let now = Timestamp::now();
        let mut next = Query::select();
        next.column(Column::Id)
            .from(Entity)
            .and_where(line.filter())
            // Not `IS NULL OR`: that would tempt SQLite to collect all free items and sort them.
            .and_where(Expr::col(Column::LeaseUntil).if_null(0).lte(now.as_millis()))
            .order_by(Column::Rank, sea_orm::Order::Asc)
            .order_by(Column::Id, sea_orm::Order::Asc)
            .limit(1)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let leased = Entity::update_many()
            .col_expr(Column::LeaseOwner, Expr::value(node.id()))
            .col_expr(Column::LeaseUntil, Expr::value(now.plus(lease).as_millis()))
            .filter(Expr::col(Column::Id).eq(next))
            .exec_with_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(leased.into_iter().next())
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
            organization_id: parse(&record.organization_id, "record")?,
            project_id: parse(&record.project_id, "record")?,
            batch_id: parse(&item.batch_id, "work item")?,
            record_id: parse(&item.record_id, "work item")?,
            options: record.read_options()?,
            blob_key: upload.blob_key,
            file_name: upload.file_name,
            attempts: item.attempts.unsigned_abs(),
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
        crate::batch_row::save_record(&tx, &record).await?;
        let id = batch.save(&tx).await?;
        tx.commit().await?;
        self.tell(Change::Batch(id));
        Ok(())
    }

    /// Prolongs leases; the items that are the node's no longer, because their batch was cancelled or deleted or
    /// another node took them: work on those is in vain.
    pub async fn renew_leases(&self, node: &Node, items: &[WorkItemId], lease: Duration) -> Result<Vec<WorkItemId>> {
        let until = Some(Timestamp::now().plus(lease).as_millis());
        let mut lost = Vec::new();
        for &item in items {
            if !self.set_lease(node, item, Some(node.id()), until).await? {
                lost.push(item);
            }
        }
        Ok(lost)
    }

    /// Gives items back to the queue without counting an attempt, as at the end of a process.
    pub async fn release_work(&self, node: &Node, items: &[WorkItemId]) -> Result<()> {
        for &item in items {
            self.set_lease(node, item, None, None).await?;
        }
        self.tell(Change::Work);
        Ok(())
    }

    /// One item a transaction: who locks several rows must lock their batch first, or two may wait for each other.
    async fn set_lease(&self, node: &Node, item: WorkItemId, owner: Option<&str>, until: Option<i64>) -> Result<bool> {
        let tx = self.inner.database.begin().await?;
        let changed = Entity::update_many()
            .col_expr(Column::LeaseOwner, Expr::value(owner.map(str::to_owned)))
            .col_expr(Column::LeaseUntil, Expr::value(until))
            .filter(Column::Id.eq(item.to_string()))
            .filter(Column::LeaseOwner.eq(node.id()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(changed.rows_affected == 1)
    }
}

/// The two lines of the queue.
#[derive(Debug, Clone, Copy)]
enum Line {
    Workers,
    Extraction,
}

impl Line {
    fn filter(self) -> Expr {
        match self {
            Self::Workers => Column::Page.ne(EXTRACT),
            Self::Extraction => Column::Page.eq(EXTRACT),
        }
    }
}

fn kind_of(page: i32) -> WorkKind {
    match page {
        OPEN => WorkKind::Open,
        EXTRACT => WorkKind::Extract,
        number => WorkKind::Page { number: number.unsigned_abs() },
    }
}

/// An item that nobody has leased.
pub(crate) fn new_item(batch: &str, record: &str, kind: WorkKind, rank: i64) -> ActiveModel {
    let page = match kind {
        WorkKind::Open => OPEN,
        WorkKind::Extract => EXTRACT,
        WorkKind::Page { number } => number.cast_signed(),
    };
    ActiveModel {
        id: Set(WorkItemId::generate().to_string()),
        batch_id: Set(batch.to_owned()),
        record_id: Set(record.to_owned()),
        page: Set(page),
        rank: Set(rank),
        attempts: Set(0),
        lease_owner: Set(None),
        lease_until: Set(None),
    }
}

/// The rank of the k-th page, counted from 1, of those that a file brings in when the line stands at `now`.
///
/// The longest pages of a turn go first (R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969). How long
/// one takes shows best in how much there is of it: the bytes of the file by the pages that are wanted of it.
pub(crate) fn rank_of_page(now: i64, k: i64, bytes_a_page: i64) -> i64 {
    (now.div_euclid(TURN) + k) * TURN + (TURN - 1 - bytes_a_page.clamp(0, TURN - 1))
}

/// Where the line for workers stands: the greatest rank that is being worked on, else the least that waits, else 0.
pub(crate) async fn virtual_time(tx: &impl ConnectionTrait) -> Result<i64> {
    let leased = Entity::find()
        .select_only()
        .column_as(Column::Rank.max(), "rank")
        .filter(Line::Workers.filter())
        .filter(Column::LeaseUntil.is_not_null())
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    if let Some(Some(rank)) = leased {
        return Ok(rank);
    }
    let waiting = Entity::find()
        .select_only()
        .column_as(Column::Rank.min(), "rank")
        .filter(Line::Workers.filter())
        .into_tuple::<Option<i64>>()
        .one(tx)
        .await?;
    Ok(waiting.flatten().unwrap_or(0))
}
