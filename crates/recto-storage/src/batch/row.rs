//! A locked batch, held by the one transaction that may change it and its records.
//!
//! Every change of a batch, its records, pages and work items begins by locking the batch's row. Counters, status and
//! times therefore change together with the rows they describe, and no two changes can deadlock.

use std::collections::BTreeSet;

use recto_domain::{BatchId, BatchStatus, EventKind, FileCost, RecordStatus, Timestamp, WorkKind};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, Unchanged,
};

use crate::batch::batches::details_of;
use crate::database::rows::{parse, to_json};
use crate::entities::{batch, page, record};
use crate::error::Result;
use crate::queue::claim::{new_item, rank_of_extraction};
use crate::queue::extraction::asks_for_fields;
use crate::record::records::{find_record, record_payload};
use crate::webhook::outbox::{self, EventScope};

/// The error of a cancelled file.
pub(crate) const CANCELLED: &str = "cancelled";
/// The spelling in [`recto_domain::PageSource`] for a page that carried its text itself.
const TEXT_LAYER: &str = "text-layer";

/// A locked batch; [`BatchRow::save`] writes its changes.
pub(crate) struct BatchRow {
    pub(crate) row: batch::Model,
    /// The time of the change. It is taken under the lock and is never earlier than that of the previous change.
    pub(crate) now: Timestamp,
    was_final: bool,
    /// Events of its records, to be written after the records' rows.
    happened: Vec<(EventKind, String)>,
}

impl BatchRow {
    /// Locks a batch; `None` when it was deleted.
    pub(crate) async fn lock(tx: &impl ConnectionTrait, id: &str) -> Result<Option<Self>> {
        let Some(row) = batch::Entity::find_by_id(id).lock_exclusive().one(tx).await? else {
            return Ok(None);
        };
        let now = Timestamp::now().max(Timestamp::from_millis(row.updated_at));
        let was_final = row.counts().status().is_final();
        Ok(Some(Self { row, now, was_final, happened: Vec::new() }))
    }

    pub(crate) fn is_final(&self) -> bool {
        self.row.counts().status().is_final()
    }

    /// Starts a waiting record when a worker takes it.
    pub(crate) fn start_record(&mut self, record: &mut record::Model) {
        let now = Some(self.now.as_millis());
        RecordStatus::InProgress.as_str().clone_into(&mut record.status);
        record.started_at = record.started_at.or(now);
        self.row.started_at = self.row.started_at.or(now);
        self.row.rate_since = self.row.rate_since.or(now);
    }

    /// Continues with a record when its last page has been read. The record fails when no page could be read; it waits
    /// for extraction when its template asks for fields; otherwise it completes. Returns whether work was added to the
    /// extraction line.
    pub(crate) async fn end_if_read(&mut self, tx: &impl ConnectionTrait, record: &mut record::Model) -> Result<bool> {
        let Some(pages) = record.pages else {
            return Ok(false);
        };
        if record.pages_done + record.pages_failed < pages {
            return Ok(false);
        }
        match RecordStatus::after_last_page(pages.unsigned_abs(), record.pages_failed.unsigned_abs()) {
            RecordStatus::Failed => {
                let read = PagesRead::load(tx, &record.id).await?;
                // The reason names one page, but the other pages may have failed for other reasons.
                if !read.has_one_reason() {
                    record.warnings = to_json(&read.warnings());
                }
                self.fail_record(record, &read.reason());
            }
            _ if asks_for_fields(tx, record).await? => {
                new_item(&self.row, &record.id, WorkKind::Extract, rank_of_extraction(self.now)).insert(tx).await?;
                return Ok(true);
            }
            _ => self.complete_record(tx, record, Vec::new()).await?,
        }
        Ok(false)
    }

    /// Completes a record whose pages have all been read; `more` is a warning besides those of the pages.
    pub(crate) async fn complete_record(
        &mut self,
        tx: &impl ConnectionTrait,
        record: &mut record::Model,
        more: Vec<String>,
    ) -> Result<()> {
        let read = PagesRead::load(tx, &record.id).await?;
        let mut warnings = read.warnings();
        warnings.extend(more);
        record.warnings = to_json(&warnings);
        record.confidence = read.confidence;
        record.engine = read.engine();
        record.languages = read.languages();
        self.end_record(record, RecordStatus::Completed);
        Ok(())
    }

    /// Fails the whole record.
    pub(crate) fn fail_record(&mut self, record: &mut record::Model, reason: &str) {
        record.error = Some(reason.to_owned());
        self.end_record(record, RecordStatus::Failed);
    }

    fn end_record(&mut self, record: &mut record::Model, status: RecordStatus) {
        status.as_str().clone_into(&mut record.status);
        record.passwords = None;
        record.completed_at = Some(self.now.as_millis());
        let kind = if status == RecordStatus::Completed {
            self.row.completed_files += 1;
            EventKind::DocumentProcessed
        } else {
            self.row.failed_files += 1;
            EventKind::DocumentFailed
        };
        self.happened.push((kind, record.id.clone()));
    }

    /// Puts a record that has ended back into the queue. Corrections of its fields are kept.
    pub(crate) fn reopen_record(&mut self, record: &mut record::Model) -> Result<()> {
        match record.record_status()? {
            RecordStatus::Completed => self.row.completed_files -= 1,
            RecordStatus::Failed => self.row.failed_files -= 1,
            RecordStatus::Pending | RecordStatus::Queued | RecordStatus::InProgress => return Ok(()),
        }
        RecordStatus::Queued.as_str().clone_into(&mut record.status);
        record.error = None;
        "[]".clone_into(&mut record.warnings);
        record.confidence = None;
        record.fields = None;
        record.needs_review = false;
        record.set_cost(FileCost::default());
        record.completed_at = None;
        Ok(())
    }

    /// Writes the batch, and then its events; records must be saved before. The batch's status follows from its
    /// counters, and the end of the batch is an event too.
    pub(crate) async fn save(mut self, tx: &impl ConnectionTrait) -> Result<BatchId> {
        let status: BatchStatus = self.row.counts().status();
        status.as_str().clone_into(&mut self.row.status);
        if !status.is_final() {
            self.row.completed_at = None;
        } else if !self.was_final {
            self.row.completed_at = Some(self.now.as_millis());
        }
        let has_ended = status.is_final() && !self.was_final;
        let id = parse(&self.row.id, "batch")?;
        batch::ActiveModel {
            id: Unchanged(self.row.id.clone()),
            total_files: Set(self.row.total_files),
            completed_files: Set(self.row.completed_files),
            failed_files: Set(self.row.failed_files),
            status: Set(self.row.status.clone()),
            updated_at: Set(self.now.as_millis()),
            started_at: Set(self.row.started_at),
            completed_at: Set(self.row.completed_at),
            rate_since: Set(self.row.rate_since),
            rate_pages: Set(self.row.rate_pages),
            ..Default::default()
        }
        .update_without_returning(tx)
        .await?;
        for (kind, record) in &self.happened {
            tell_of_record(tx, *kind, &self.row, record, self.now).await?;
        }
        if has_ended && !self.row.is_implicit {
            tell_of_batch(tx, EventKind::BatchCompleted, &self.row, self.now).await?;
        }
        Ok(id)
    }
}

/// Writes an event about a batch whose rows are already written.
pub(crate) async fn tell_of_batch(
    tx: &impl ConnectionTrait,
    kind: EventKind,
    batch: &batch::Model,
    now: Timestamp,
) -> Result<()> {
    let event = outbox::write(tx, kind, place(batch, None), now).await?;
    if event.is_awaited() {
        let found = details_of(tx, parse(&batch.id, "batch")?).await?;
        let payload = serde_json::to_value(found.map(|found| found.details));
        event.tell(tx, &payload.expect("a batch's details make JSON")).await?;
    }
    Ok(())
}

/// Writes an event about a record whose row is already written.
pub(crate) async fn tell_of_record(
    tx: &impl ConnectionTrait,
    kind: EventKind,
    batch: &batch::Model,
    record: &str,
    now: Timestamp,
) -> Result<()> {
    let event = outbox::write(tx, kind, place(batch, Some(record)), now).await?;
    if event.is_awaited()
        && let Some(record) = find_record(tx, record).await?
    {
        event.tell(tx, &record_payload(kind, &record)).await?;
    }
    Ok(())
}

fn place<'a>(batch: &'a batch::Model, record: Option<&'a str>) -> EventScope<'a> {
    EventScope {
        organization: &batch.organization_id,
        project: &batch.project_id,
        batch: Some(&batch.id),
        record,
        template: None,
    }
}

/// Writes the columns of a record that may have changed.
pub(crate) async fn save_record(tx: &impl ConnectionTrait, record: &record::Model) -> Result<()> {
    record::ActiveModel {
        id: Unchanged(record.id.clone()),
        status: Set(record.status.clone()),
        error: Set(record.error.clone()),
        warnings: Set(record.warnings.clone()),
        pages: Set(record.pages),
        pages_done: Set(record.pages_done),
        pages_failed: Set(record.pages_failed),
        confidence: Set(record.confidence),
        engine: Set(record.engine.clone()),
        languages: Set(record.languages.clone()),
        options: Set(record.options.clone()),
        passwords: Set(record.passwords.clone()),
        reading: Set(record.reading.clone()),
        reused_from: Set(record.reused_from.clone()),
        attempts: Set(record.attempts),
        worker_ms: Set(record.worker_ms),
        overtime_ms: Set(record.overtime_ms),
        slow_pages: Set(record.slow_pages),
        fields: Set(record.fields.clone()),
        corrections: Set(record.corrections.clone()),
        needs_review: Set(record.needs_review),
        metadata: Set(record.metadata.clone()),
        updated_at: Set(Timestamp::now().max(Timestamp::from_millis(record.updated_at)).as_millis()),
        started_at: Set(record.started_at),
        completed_at: Set(record.completed_at),
        ..Default::default()
    }
    .update_without_returning(tx)
    .await?;
    Ok(())
}

/// Groups consecutive pages with the same text: the pages of each run in words, and the text.
fn runs(told: &[(i32, String)]) -> impl Iterator<Item = (String, &str)> {
    let mut told: Vec<(&str, i32)> = told.iter().map(|(number, what)| (what.as_str(), *number)).collect();
    told.sort_unstable();
    let mut runs: Vec<(i32, i32, &str)> = Vec::new();
    for (what, number) in told {
        match runs.last_mut() {
            Some((_, last, same)) if *same == what && *last + 1 == number => *last = number,
            _ => runs.push((number, number, what)),
        }
    }
    runs.sort_unstable();
    runs.into_iter().map(|(first, last, what)| {
        let pages = if first == last { format!("page {first}") } else { format!("pages {first} to {last}") };
        (pages, what)
    })
}

/// Summary of a record's pages after the last one was read.
struct PagesRead {
    pages: usize,
    /// Numbers of the pages that could not be read, with the reasons.
    failed: Vec<(i32, String)>,
    /// Numbers of the pages that were read, with their warnings.
    noted: Vec<(i32, String)>,
    /// Mean confidence over the words, weighted by their length.
    confidence: Option<f64>,
    /// The sources of their texts, each once.
    sources: BTreeSet<String>,
    /// The languages, each once, in page order.
    languages: Vec<String>,
}

impl PagesRead {
    async fn load(tx: &impl ConnectionTrait, record: &str) -> Result<Self> {
        type Row = (i32, Option<String>, Option<String>, Option<f64>, i64, Option<String>, Option<String>);
        let rows: Vec<Row> = page::Entity::find()
            .select_only()
            .columns([page::Column::Number, page::Column::Error, page::Column::Warning])
            .columns([page::Column::Confidence, page::Column::Characters])
            .columns([page::Column::Source, page::Column::Language])
            .filter(page::Column::RecordId.eq(record))
            .order_by_asc(page::Column::Number)
            .into_tuple()
            .all(tx)
            .await?;
        let (mut sum, mut characters) = (0.0, 0);
        let (mut sources, mut languages) = (BTreeSet::new(), Vec::new());
        let (mut failed, mut noted) = (Vec::new(), Vec::new());
        let pages = rows.len();
        for (number, error, warning, confidence, n, source, language) in rows {
            failed.extend(error.map(|reason| (number, reason)));
            noted.extend(warning.iter().flat_map(|lines| lines.lines()).map(|line| (number, line.to_owned())));
            sources.extend(source);
            for code in language.iter().flat_map(|codes| codes.split('+')) {
                if !languages.iter().any(|known| known == code) {
                    languages.push(code.to_owned());
                }
            }
            if let Some(confidence) = confidence {
                sum += confidence * n as f64;
                characters += n;
            }
        }
        Ok(Self {
            pages,
            failed,
            noted,
            confidence: (characters > 0).then(|| sum / characters as f64),
            sources,
            languages,
        })
    }

    /// The engine that read it; `text-layer` when no engine was needed.
    fn engine(&self) -> Option<String> {
        let engine = self.sources.iter().find(|source| *source != TEXT_LAYER);
        engine.or_else(|| self.sources.first()).cloned()
    }

    fn languages(&self) -> Option<String> {
        (!self.languages.is_empty()).then(|| self.languages.join("+"))
    }

    /// One warning for each run of pages with the same reason; failed pages come first.
    fn warnings(&self) -> Vec<String> {
        let failed = runs(&self.failed).map(|(pages, reason)| format!("{pages} could not be read: {reason}"));
        failed.chain(runs(&self.noted).map(|(pages, warning)| format!("{pages}: {warning}"))).collect()
    }

    /// Whether all failed pages have the same reason.
    fn has_one_reason(&self) -> bool {
        self.failed.iter().zip(self.failed.iter().skip(1)).all(|((_, a), (_, b))| a == b)
    }

    /// The error of a record without a readable page.
    fn reason(&self) -> String {
        match self.failed.as_slice() {
            [] => "there is no page to read: the file has no pages, or none of those requested".to_owned(),
            [(_, first), ..] if self.has_one_reason() => first.clone(),
            [(number, first), ..] => {
                format!("none of {} pages could be read; page {number}: {first}", self.pages)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_pages_in_a_row_is_told_once_and_in_their_order() {
        let told = [(1, "dark"), (1, "cut"), (2, "dark"), (4, "dark"), (2, "cut"), (3, "blurred")];
        let told = told.map(|(number, what)| (number, what.to_owned()));
        let runs: Vec<String> = runs(&told).map(|(pages, what)| format!("{pages}: {what}")).collect();
        assert_eq!(runs, ["pages 1 to 2: cut", "pages 1 to 2: dark", "page 3: blurred", "page 4: dark"]);
    }
}
