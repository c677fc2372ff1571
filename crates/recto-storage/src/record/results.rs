//! Results that workers report for files and pages. Each function is one transaction: the result, the counters of
//! record and batch, their status, and the events are stored together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use recto_domain::{AfterFailure, AttemptEnd, FileKind, Page, Timestamp, WorkItem, WorkKind, WorkLimits};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set, Unchanged};

use crate::batch::reuse;
use crate::batch::row::{BatchRow, save_record};
use crate::changes::Change;
use crate::database::insert::{insert_if_new, insert_many};
use crate::database::transaction::Transaction;
use crate::entities::{page, record, upload, work_item};
use crate::error::{Result, StorageError};
use crate::handles::Queue;
use crate::queue::claim::{new_item, rank_of_page};
use crate::queue::node::Node;
use crate::queue::page_quota;
use crate::queue::turns::{self, Line};
use crate::record::packed_page::{PackedPage, Searched};
use crate::search::index;
use crate::storage::Storage;

/// The result of opening a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The kind detected from its bytes.
    pub kind: FileKind,
    /// The requested pages of the file.
    pub pages: Vec<OpenedPage>,
}

/// A requested page of an opened file.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedPage {
    /// The page number, from 1.
    pub number: u32,
    /// The page, if the file itself carries its text; `None` if it must be recognised.
    pub text_layer: Option<Page>,
}

/// Whether a result was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It was stored.
    Yes,
    /// The node no longer holds the item: another node took it, or its batch was cancelled or deleted. The result was
    /// dropped.
    NotOurs,
}

impl Queue<'_> {
    /// Records that a file was opened: stores the pages that carry text, queues the others, and ends the record when
    /// there are none. Pages read before a retry are kept.
    pub async fn record_opened(self, node: &Node, item: &WorkItem, opened: Opened) -> Result<Stored> {
        if item.kind != WorkKind::Open {
            return Err(StorageError::OtherWork);
        }
        let wanted: BTreeSet<u32> = opened.pages.iter().map(|page| page.number).collect();
        let text_layers: BTreeMap<u32, Page> = opened
            .pages
            .into_iter()
            .filter_map(|page| Some((page.number, Page { number: page.number, ..page.text_layer? })))
            .collect();
        let text_layers = PackedPage::pack(text_layers.into_values().collect(), self.storage.searched()).await?;

        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        held.charge(item, AttemptEnd::Answered);
        let upload = set_kind(&tx, &held.record.upload_id, opened.kind.mime_type()).await?;
        page_quota::count(&tx, &held.record.project_id, wanted.len()).await?;
        held.keep_pages(&tx, item, &wanted, text_layers, upload.size_bytes).await?;
        self.storage.end(tx, held).await
    }

    /// Records that a page was recognised, or that the engine cannot read it ([`Page::failed`]).
    pub async fn record_page_result(self, node: &Node, item: &WorkItem, page: Page) -> Result<Stored> {
        let WorkKind::Page { number } = item.kind else {
            return Err(StorageError::OtherWork);
        };
        let packed = PackedPage::pack(vec![Page { number, ..page }], self.storage.searched()).await?;
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        held.charge(item, AttemptEnd::Answered);
        // Nodes of two versions may share a file's pages; the file was then not read in one single way.
        held.record.reading = held.record.reading.filter(|reading| reuse::key_of(item).as_ref() == Some(reading));
        held.add_last_pages(&tx, packed).await?;
        self.storage.end(tx, held).await
    }

    /// Records that the worker for an item crashed or ran out of memory, and counts the attempt. After the last
    /// attempt, the page, or for [`WorkKind::Open`] the file, fails with `reason`.
    ///
    /// An item that the node no longer holds is left unchanged; the answer is then [`AfterFailure::Retry`], which is up
    /// to its new holder.
    pub async fn record_worker_failure(self, node: &Node, item: &WorkItem, reason: &str) -> Result<AfterFailure> {
        self.storage.record_failed_attempt(node, item, reason, AttemptEnd::Died).await
    }

    /// Like [`Queue::record_worker_failure`], but for a worker that ran out of time.
    pub async fn record_overrun(self, node: &Node, item: &WorkItem, reason: &str) -> Result<AfterFailure> {
        self.storage.record_failed_attempt(node, item, reason, AttemptEnd::OutOfTime).await
    }

    /// Records that an item is not tried because its file has used up its budget
    /// ([`recto_domain::FileCost::time_limit`]). The page fails with all other waiting pages, or the whole file if it
    /// was not opened yet.
    pub async fn record_used_up(self, node: &Node, item: &WorkItem) -> Result<Stored> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        let reason = node.limits().used_up();
        match item.kind {
            WorkKind::Open => held.fail(&tx, &reason).await?,
            WorkKind::Page { number } => {
                let page = PackedPage::pack(vec![Page::failed(number, reason)], Searched::Yes).await?;
                held.add_last_pages(&tx, page).await?;
            }
            WorkKind::Extract => return Err(StorageError::OtherWork),
        }
        self.storage.end(tx, held).await
    }

    /// Records that a file is broken, encrypted or of an unknown kind. Its record fails at once, because another
    /// attempt would give the same result.
    pub async fn record_file_failure(self, node: &Node, item: &WorkItem, reason: &str) -> Result<Stored> {
        if item.kind == WorkKind::Extract {
            return Err(StorageError::OtherWork);
        }
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(Stored::NotOurs);
        };
        held.charge(item, AttemptEnd::Answered);
        held.fail(&tx, reason).await?;
        self.storage.end(tx, held).await
    }
}

impl Storage {
    fn searched(&self) -> Searched {
        if self.inner.short_lived { Searched::No } else { Searched::Yes }
    }

    async fn record_failed_attempt(
        &self,
        node: &Node,
        item: &WorkItem,
        reason: &str,
        end: AttemptEnd,
    ) -> Result<AfterFailure> {
        if item.kind == WorkKind::Extract {
            return Err(StorageError::OtherWork);
        }
        let tx = self.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            return Ok(AfterFailure::Retry { attempts: item.attempts });
        };
        let counted = WorkItem { attempts: held.item.attempts.unsigned_abs(), ..item.clone() };
        held.charge(&counted, end);
        let after = held.record.cost().after_failed_attempt(&counted, node.limits());
        held.record.attempts += 1;
        match (after, item.kind) {
            (AfterFailure::Retry { attempts }, _) => {
                self.try_again(tx, held, attempts, None).await?;
            }
            (AfterFailure::GiveUp { .. }, WorkKind::Page { number }) => {
                let packed = PackedPage::pack(vec![Page::failed(number, reason.to_owned())], Searched::Yes).await?;
                held.add_last_pages(&tx, packed).await?;
                self.end(tx, held).await?;
            }
            (AfterFailure::GiveUp { .. }, WorkKind::Open | WorkKind::Extract) => {
                held.fail(&tx, reason).await?;
                self.end(tx, held).await?;
            }
        }
        Ok(after)
    }

    /// Removes the item from the queue, writes record and batch, and commits.
    pub(crate) async fn end(&self, tx: Transaction, held: Held) -> Result<Stored> {
        work_item::Entity::delete_by_id(&held.item.id).exec(&tx).await?;
        save_record(&tx, &held.record).await?;
        let (organization, project) = (held.batch.row.organization_id.clone(), held.batch.row.project_id.clone());
        let batch = held.batch.save(&tx).await?;
        turns::charge(&tx, &organization, held.took, &held.limits).await?;
        if let Some(line) = held.made_work {
            turns::join(&tx, line, &organization, &project).await?;
        }
        tx.commit().await?;
        self.tell(Change::Batch(batch));
        if held.made_work.is_some() {
            self.tell(Change::Work);
        }
        Ok(Stored::Yes)
    }

    /// Records that an attempt at an item failed, and returns the item to the queue, where it is not claimed before
    /// `until`.
    pub(crate) async fn try_again(
        &self,
        tx: Transaction,
        held: Held,
        attempts: u32,
        until: Option<Timestamp>,
    ) -> Result<()> {
        let line = if held.item.line == Line::Extraction.code() { Line::Extraction } else { Line::Workers };
        work_item::ActiveModel {
            id: Unchanged(held.item.id.clone()),
            attempts: Set(attempts.cast_signed()),
            lease_owner: Set(None),
            // A lease without an owner: the item can be claimed once it ends.
            lease_until: Set(until.map(Timestamp::as_millis)),
            ..Default::default()
        }
        .update_without_returning(&tx)
        .await?;
        save_record(&tx, &held.record).await?;
        let batch = &held.batch.row;
        turns::charge(&tx, &batch.organization_id, held.took, &held.limits).await?;
        if until.is_none() {
            turns::join(&tx, line, &batch.organization_id, &batch.project_id).await?;
        }
        tx.commit().await?;
        self.tell(Change::Work);
        Ok(())
    }
}

/// An item held by the node with its lease, together with its record and its locked batch.
pub(crate) struct Held {
    pub(crate) batch: BatchRow,
    pub(crate) record: record::Model,
    pub(crate) item: work_item::Model,
    /// The line to which work for the record was added, if any.
    pub(crate) made_work: Option<Line>,
    /// Worker time of this attempt.
    took: Duration,
    limits: WorkLimits,
}

impl Held {
    /// `None` when the node no longer holds the item. An expired lease still counts as long as no other node took the
    /// item.
    pub(crate) async fn lock(tx: &impl ConnectionTrait, node: &Node, item: &WorkItem) -> Result<Option<Self>> {
        let Some(batch) = BatchRow::lock(tx, &item.batch_id.to_string()).await? else {
            return Ok(None);
        };
        let row = work_item::Entity::find_by_id(item.id.to_string())
            .filter(work_item::Column::LeaseOwner.eq(node.id()))
            .lock_exclusive()
            .one(tx)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let record = record::Entity::find_by_id(&row.record_id).one(tx).await?;
        let (took, limits) = (item.took, *node.limits());
        Ok(record.map(|record| Self { batch, record, item: row, made_work: None, took, limits }))
    }

    /// Charges an attempt to the file's cost.
    pub(crate) fn charge(&mut self, item: &WorkItem, end: AttemptEnd) {
        self.record.set_cost(self.record.cost().after(item, end, &self.limits));
    }

    /// Sets the pages of the record, whose file has `bytes` bytes: keeps stored pages, adds pages that carry text, and
    /// queues the others.
    async fn keep_pages(
        &mut self,
        tx: &impl ConnectionTrait,
        item: &WorkItem,
        wanted: &BTreeSet<u32>,
        text_layers: Vec<PackedPage>,
        bytes: i64,
    ) -> Result<()> {
        let stored: Vec<(i32, Option<String>)> = page::Entity::find()
            .select_only()
            .columns([page::Column::Number, page::Column::Error])
            .filter(page::Column::RecordId.eq(&self.record.id))
            .into_tuple()
            .all(tx)
            .await?;
        let (kept, stray): (Vec<_>, Vec<_>) =
            stored.into_iter().partition(|(number, _)| wanted.contains(&number.unsigned_abs()));
        if !stray.is_empty() {
            page::Entity::delete_many()
                .filter(page::Column::RecordId.eq(&self.record.id))
                .filter(page::Column::Number.is_in(stray.into_iter().map(|(number, _)| number)))
                .exec(tx)
                .await?;
        }
        let key = reuse::key_of(item);
        self.record.reading = key.filter(|key| kept.is_empty() || self.record.reading.as_ref() == Some(key));
        let mut to_do = wanted.clone();
        for (number, _) in &kept {
            to_do.remove(&number.unsigned_abs());
        }
        let new: Vec<PackedPage> = text_layers.into_iter().filter(|page| to_do.remove(&page.number)).collect();

        self.record.pages = Some(wanted.len() as i32);
        self.record.pages_failed = kept.iter().filter(|(_, error)| error.is_some()).count() as i32;
        self.record.pages_done = kept.len() as i32 - self.record.pages_failed;
        if !to_do.is_empty() {
            self.made_work = Some(Line::Workers);
            // Their ranks follow that of the opening: the file has waited since then, and keeps its place among the
            // files it came with.
            let now = self.item.rank;
            let bytes_a_page = bytes / wanted.len() as i64;
            let items = (1..).zip(&to_do).map(|(k, &number)| {
                let rank = rank_of_page(now, k, bytes_a_page);
                new_item(&self.batch.row, &self.record.id, WorkKind::Page { number }, rank)
            });
            insert_many(tx, items.collect()).await?;
        }
        // These pages took no time, so they must not count in the reading rate.
        self.batch.row.rate_pages += new.len() as i32;
        self.add_pages(tx, new).await
    }

    /// Stores and counts pages, and continues with the record after the last one.
    async fn add_pages(&mut self, tx: &impl ConnectionTrait, pages: Vec<PackedPage>) -> Result<()> {
        for page in pages {
            let failed = page.error.is_some();
            let (number, terms) = (page.number.cast_signed(), page.terms.clone().unwrap_or_default());
            let row = page.into_row(&self.record.id);
            // A page is stored and counted only once; the primary key ensures that in all cases.
            if insert_if_new(tx, row).await? {
                index::add(tx, &self.record.id, number, &self.record.project_id, &terms).await?;
                *(if failed { &mut self.record.pages_failed } else { &mut self.record.pages_done }) += 1;
            }
        }
        if self.batch.end_if_read(tx, &mut self.record).await? {
            self.made_work = Some(Line::Extraction);
        }
        Ok(())
    }

    /// Like [`Held::add_pages`]. If the file has used up its budget, all waiting pages fail as well.
    async fn add_last_pages(&mut self, tx: &impl ConnectionTrait, mut pages: Vec<PackedPage>) -> Result<()> {
        if self.record.cost().is_used_up(&self.limits) {
            // Pages that workers are reading were begun in time, and may still be stored.
            let dropped = work_item::Entity::delete_many()
                .filter(work_item::Column::RecordId.eq(&self.record.id))
                .filter(work_item::Column::Id.ne(&self.item.id))
                .filter(work_item::Column::Page.gt(0))
                .filter(work_item::Column::LeaseUntil.is_null())
                .exec_with_returning(tx)
                .await?;
            let reason = self.limits.used_up();
            let failed = |item: work_item::Model| Page::failed(item.page.unsigned_abs(), reason.clone());
            pages.extend(PackedPage::pack(dropped.into_iter().map(failed).collect(), Searched::Yes).await?);
        }
        self.add_pages(tx, pages).await
    }

    /// Fails the whole record; its other items are dropped, waiting or not.
    async fn fail(&mut self, tx: &impl ConnectionTrait, reason: &str) -> Result<()> {
        work_item::Entity::delete_many().filter(work_item::Column::RecordId.eq(&self.record.id)).exec(tx).await?;
        self.batch.fail_record(&mut self.record, reason);
        Ok(())
    }
}

/// Stores the detected kind of a file as its media type.
pub(crate) async fn set_kind(tx: &impl ConnectionTrait, upload: &str, mime_type: &str) -> Result<upload::Model> {
    let change = upload::ActiveModel {
        id: Unchanged(upload.to_owned()),
        mime_type: Set(mime_type.to_owned()),
        ..Default::default()
    };
    Ok(change.update(tx).await?)
}
