//! The processing history: the records of a project as lists and statistics.

use std::collections::HashMap;
use std::fs::File;

use recto_domain::{
    BatchId, OrganizationId, Page, ProjectId, Record, RecordId, RecordStatus, Rotation, TemplateId, TemplateSchema,
    Timestamp, Upload, UploadId,
};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait, Select,
};

use crate::database::rows::{offset, parse};
use crate::entities::record::{Column, Entity, Relation};
use crate::entities::{page, upload};
use crate::error::{Result, StorageError};
use crate::handles::Records;
use crate::record::packed_page::unpack;
use crate::record::records::{assemble, find_record, schema_of, template_of, templates_of};

const DAY_MS: i64 = 86_400_000;

/// Selects the records of a project for a list or for statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFilter {
    /// The project.
    pub project: ProjectId,
    /// Only records with this status.
    pub status: Option<RecordStatus>,
    /// Only records that were sent with this template.
    pub template: Option<TemplateId>,
    /// Only records of this batch.
    pub batch: Option<BatchId>,
    /// Only records that need review, or only those that do not.
    pub needs_review: Option<bool>,
    /// Only records accepted at this time or later.
    pub from: Option<Timestamp>,
    /// Only records accepted before this time.
    pub until: Option<Timestamp>,
    /// Only records whose file's or template's name contains this text, ignoring case.
    pub search: Option<String>,
}

impl HistoryFilter {
    /// All records of a project.
    #[must_use]
    pub fn of(project: ProjectId) -> Self {
        Self {
            project,
            status: None,
            template: None,
            batch: None,
            needs_review: None,
            from: None,
            until: None,
            search: None,
        }
    }

    /// Selects the records with their uploads.
    fn select_with_uploads(&self) -> Select<Entity> {
        self.narrow(Entity::find().join(JoinType::InnerJoin, Relation::Upload.def()))
    }

    /// Selects the records alone, unless their file names are searched.
    fn select(&self) -> Select<Entity> {
        if self.search.is_some() { self.select_with_uploads() } else { self.narrow(Entity::find()) }
    }

    fn narrow(&self, select: Select<Entity>) -> Select<Entity> {
        let mut select = select.filter(Column::ProjectId.eq(self.project.to_string()));
        if let Some(status) = self.status {
            select = select.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(template) = self.template {
            select = select.filter(Column::TemplateId.eq(template.to_string()));
        }
        if let Some(batch) = self.batch {
            select = select.filter(Column::BatchId.eq(batch.to_string()));
        }
        match self.needs_review {
            // Written as in the definition of the index.
            Some(true) => select = select.filter(Expr::col((Entity, Column::NeedsReview))),
            Some(false) => select = select.filter(Expr::col((Entity, Column::NeedsReview)).not()),
            None => {}
        }
        if let Some(from) = self.from {
            select = select.filter(Column::CreatedAt.gte(from.as_millis()));
        }
        if let Some(until) = self.until {
            select = select.filter(Column::CreatedAt.lt(until.as_millis()));
        }
        if let Some(text) = &self.search {
            select = select.filter(
                Condition::any()
                    .add(holds(Expr::col((upload::Entity, upload::Column::FileName)), text))
                    .add(holds(Expr::col((Entity, Column::TemplateName)), text)),
            );
        }
        select
    }
}

/// Whether a column contains a text, ignoring case.
pub(crate) fn holds(column: SimpleExpr, text: &str) -> SimpleExpr {
    let escaped: String = text
        .to_lowercase()
        .chars()
        .flat_map(|c| ['\\'].into_iter().filter(move |_| "%_\\".contains(c)).chain([c]))
        .collect();
    Func::lower(column).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}

/// Statistics of a project's history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryStats {
    /// Number of records per status; statuses without records are left out.
    pub by_status: Vec<(RecordStatus, u64)>,
    /// Pages that were read.
    pub pages: u64,
    /// Bytes of the files.
    pub stored_bytes: u64,
    /// Mean time from start to end of the records that ended, in milliseconds.
    pub average_processing_time_ms: Option<f64>,
    /// Mean confidence of the records.
    pub average_confidence: Option<f64>,
    /// Records by the UTC day they were accepted on, oldest first.
    pub by_day: Vec<DayStats>,
    /// Records by template, the most used first.
    pub by_template: Vec<TemplateStats>,
}

/// The records of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayStats {
    /// The beginning of the UTC day.
    pub day: Timestamp,
    /// Records that completed.
    pub completed: u64,
    /// Records that failed.
    pub failed: u64,
    /// Pages that were read.
    pub pages: u64,
    /// Bytes of the files.
    pub stored_bytes: u64,
    /// Worker time used for them, in milliseconds.
    pub worker_ms: u64,
}

/// The records that were read with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateStats {
    /// The template.
    pub template: TemplateId,
    /// Its name when the newest of these records was sent.
    pub name: String,
    /// All records.
    pub total: u64,
    /// Records that completed.
    pub completed: u64,
    /// Records that failed.
    pub failed: u64,
    /// Pages that were read.
    pub pages: u64,
}

/// A row of counts.
#[derive(FromQueryResult)]
struct Counted {
    key: String,
    name: Option<String>,
    total: i64,
    completed: i64,
    failed: i64,
    pages: i64,
}

/// Resources used by the records of a day.
#[derive(FromQueryResult)]
struct Used {
    key: String,
    stored_bytes: i64,
    worker_ms: i64,
}

/// The averages.
#[derive(FromQueryResult)]
struct Averages {
    time_ms: Option<f64>,
    confidence: Option<f64>,
}

impl Records<'_> {
    /// A page of a project's records, newest first, and the total number that match the filter.
    pub async fn list(self, filter: &HistoryFilter, page: u64, limit: u64) -> Result<(Vec<Record>, u64)> {
        let tx = self.storage.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select_with_uploads()
            .select_also(upload::Entity)
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(limit)
            .offset(offset(page, limit))
            .all(&tx)
            .await?
            .into_iter()
            .map(|(record, upload)| Ok((record, upload.ok_or(StorageError::Unreadable { what: "record" })?)))
            .collect::<Result<_>>()?;
        let records = assemble(&tx, rows).await?;
        tx.commit().await?;
        Ok((records, total))
    }

    /// One record.
    pub async fn get(self, id: RecordId) -> Result<Option<Record>> {
        let tx = self.storage.inner.database.snapshot().await?;
        let record = find_record(&tx, &id.to_string()).await?;
        tx.commit().await?;
        Ok(record)
    }

    /// The record of an upload.
    pub async fn of_upload(self, id: UploadId) -> Result<Option<Record>> {
        let tx = self.storage.inner.database.snapshot().await?;
        let row = Entity::find().filter(Column::UploadId.eq(id.to_string())).one(&tx).await?;
        let record = match row {
            Some(row) => find_record(&tx, &row.id).await?,
            None => None,
        };
        tx.commit().await?;
        Ok(record)
    }

    /// The schema of a record's template, in the version it is read with; `None` without a template.
    pub async fn schema(self, id: RecordId) -> Result<Option<TemplateSchema>> {
        let db = &self.storage.inner.database.read;
        let Some(row) = Entity::find_by_id(id.to_string()).one(db).await? else {
            return Ok(None);
        };
        let templates = templates_of(db, std::iter::once(&row)).await?;
        template_of(&templates, &row).map(schema_of).transpose()
    }

    /// The numbers of a record's pages, including failed ones.
    pub async fn page_numbers(self, id: RecordId) -> Result<Vec<u32>> {
        let numbers: Vec<i32> = page::Entity::find()
            .select_only()
            .column(page::Column::Number)
            .filter(page::Column::RecordId.eq(id.to_string()))
            .order_by_asc(page::Column::Number)
            .into_tuple()
            .all(&self.storage.inner.database.read)
            .await?;
        Ok(numbers.into_iter().map(i32::unsigned_abs).collect())
    }

    /// One page of a record.
    pub async fn page(self, id: RecordId, number: u32) -> Result<Option<Page>> {
        let key = (id.to_string(), number.cast_signed());
        let row = page::Entity::find_by_id(key).one(&self.storage.inner.database.read).await?;
        row.map(|row| unpack(&row.content)).transpose()
    }

    /// The organization of a page of an upload, and the clockwise rotation that brings the page upright; `None` when
    /// the page was not read or failed.
    pub async fn page_rotation(self, id: UploadId, number: u32) -> Result<Option<(OrganizationId, Rotation)>> {
        let db = &self.storage.inner.database.read;
        let Some(record) = Entity::find().filter(Column::UploadId.eq(id.to_string())).one(db).await? else {
            return Ok(None);
        };
        let organization = parse(&record.organization_id, "record")?;
        let row = page::Entity::find_by_id((record.id, number.cast_signed())).one(db).await?;
        let page = row.filter(|row| row.error.is_none()).map(|row| unpack(&row.content)).transpose()?;
        Ok(page.map(|page| (organization, page.rotation)))
    }

    /// An upload with its bytes, open for reading; `None` when there is no such upload.
    pub async fn upload_with_file(self, id: UploadId) -> Result<Option<(Upload, File)>> {
        let row = upload::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        let Some(row) = row else { return Ok(None) };
        let file = self.storage.open_blob(&row.blob_key).await?;
        Ok(Some((row.into_domain()?, file)))
    }

    /// The readable form of an upload, which needs no password: its blob key, and its bytes, open for reading.
    pub async fn readable_upload(self, id: UploadId) -> Result<Option<(String, File)>> {
        let row = upload::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        let Some(row) = row else { return Ok(None) };
        let file = self.storage.open_blob(row.open_key()).await?;
        Ok(Some((row.open_key().to_owned(), file)))
    }

    /// Statistics of a project's history.
    pub async fn stats(self, filter: &HistoryFilter) -> Result<HistoryStats> {
        let tx = self.storage.inner.database.snapshot().await?;
        let by_status = counts(filter.select(), Expr::col((Entity, Column::Status))).all(&tx).await?;
        // Cast to text, so that all counts have keys of the same type. The number is written out, because PostgreSQL
        // does not recognise two parameters in a grouping as the same number.
        let day = Expr::col((Entity, Column::CreatedAt)).div(Expr::cust(DAY_MS.to_string())).cast_as("text");
        let by_day = counts(filter.select(), day.clone()).all(&tx).await?;
        let sum = |column: SimpleExpr| Func::sum(column).cast_as("bigint");
        let used = filter
            .select_with_uploads()
            .select_only()
            .expr_as(day.clone(), "key")
            .expr_as(sum(Expr::col((upload::Entity, upload::Column::SizeBytes))), "stored_bytes")
            .expr_as(sum(Expr::col((Entity, Column::WorkerMs))), "worker_ms")
            .group_by(day)
            .into_model::<Used>()
            .all(&tx)
            .await?;
        let used: HashMap<String, Used> = used.into_iter().map(|used| (used.key.clone(), used)).collect();
        let with_template = filter.select().filter(Column::TemplateId.is_not_null());
        let by_template = counts(with_template, Expr::col((Entity, Column::TemplateId))).all(&tx).await?;
        let averages = filter
            .select()
            .select_only()
            .expr_as(
                Func::avg(
                    Expr::col((Entity, Column::CompletedAt))
                        .sub(Expr::col((Entity, Column::StartedAt)))
                        .cast_as("double precision"),
                ),
                "time_ms",
            )
            .expr_as(Func::avg(Expr::col((Entity, Column::Confidence))), "confidence")
            .into_model::<Averages>()
            .one(&tx)
            .await?;
        tx.commit().await?;

        let mut stats = HistoryStats::default();
        for row in by_status {
            stats.by_status.push((parse(&row.key, "record")?, row.total.unsigned_abs()));
            stats.pages += row.pages.unsigned_abs();
        }
        for row in by_day {
            let used = used.get(&row.key);
            let stored_bytes = used.map_or(0, |used| used.stored_bytes.unsigned_abs());
            stats.stored_bytes += stored_bytes;
            stats.by_day.push(DayStats {
                stored_bytes,
                worker_ms: used.map_or(0, |used| used.worker_ms.unsigned_abs()),
                day: Timestamp::from_millis(parse::<i64>(&row.key, "record")? * DAY_MS),
                completed: row.completed.unsigned_abs(),
                failed: row.failed.unsigned_abs(),
                pages: row.pages.unsigned_abs(),
            });
        }
        stats.by_day.sort_by_key(|day| day.day);
        for row in by_template {
            stats.by_template.push(TemplateStats {
                template: parse(&row.key, "record")?,
                name: row.name.unwrap_or_default(),
                total: row.total.unsigned_abs(),
                completed: row.completed.unsigned_abs(),
                failed: row.failed.unsigned_abs(),
                pages: row.pages.unsigned_abs(),
            });
        }
        stats.by_template.sort_by_key(|template| (std::cmp::Reverse(template.total), template.template));
        if let Some(averages) = averages {
            stats.average_processing_time_ms = averages.time_ms;
            stats.average_confidence = averages.confidence;
        }
        Ok(stats)
    }
}

/// Counts the records of a selection by a key.
fn counts(select: Select<Entity>, key: SimpleExpr) -> sea_orm::Selector<sea_orm::SelectModel<Counted>> {
    let ended_as = |status: RecordStatus| {
        let is = Expr::col((Entity, Column::Status)).eq(status.as_str());
        Func::sum(Expr::case(is, 1).finally(0)).cast_as("bigint")
    };
    select
        .select_only()
        .expr_as(key.clone(), "key")
        .expr_as(Func::max(Expr::col((Entity, Column::TemplateName))), "name")
        .expr_as(Func::count(Expr::col((Entity, Column::Id))), "total")
        .expr_as(ended_as(RecordStatus::Completed), "completed")
        .expr_as(ended_as(RecordStatus::Failed), "failed")
        .expr_as(Func::sum(Expr::col((Entity, Column::PagesDone))).cast_as("bigint"), "pages")
        .group_by(key)
        .into_model::<Counted>()
}
