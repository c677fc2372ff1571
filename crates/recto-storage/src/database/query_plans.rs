//! Tests that every query finds its rows through an index, according to `SQLite` itself: all functions are called,
//! their statements recorded, and the plan of each statement read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recto_domain::finished::FinishedBatch;
use recto_domain::record::ReadOptions;
use recto_domain::{
    Actor, ApiKey, AuditAction, BatchId, BatchStatus, DeliveryAttempt, DeliveryStatus, EventKind, ExtractionMode,
    FileKind, OrganizationId, Page, PageSource, ProjectId, RecordId, RecordStatus, RetrySchedule, Rotation, Size,
    TemplateContent, TemplateId, Timestamp, Token, TokenId, UserId, WebhookChange, WebhookContent, WebhookHeaders,
    WebhookId, WebhookSecret, WebhookStatus, WorkKind, WorkLimits,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::blobs::Blobs;
use crate::database::handle::Database;
use crate::disk::reserve::Reserve;
use crate::{
    Accepted, AuditFilter, BatchFilter, DeliveryFilter, FailedSignIns, FoundFields, HistoryFilter, Idempotency,
    NewBatch, NewToken, NewUpload, NewWebhook, Opened, OpenedPage, ProjectChange, RecordChange, Retry, SealingKeys,
    SearchFilter, Storage, StorageSettings, TemplateChange, TokenChange, TokenFilter, WebhookFilter,
};

type Recorded = Arc<Mutex<BTreeMap<String, Statement>>>;

/// Statements that may scan a table. Administration reads all organizations, because it has no key to look them up by.
/// A starting process reads the whole journal once. The rows of an insert are in the statement itself. The keys of a
/// list page are few.
const MAY_READ_ALL: [&str; 5] =
    ["SCAN organizations", "SCAN doomed_blobs", "VALUES CLAUSE", "CONSTANT ROW", "SCAN found_keys"];
/// Statements that may sort. A list filtered by the last change sorts the few batches that changed. Records are counted
/// by day, which no index holds. The keys of found pages are sorted.
const MAY_SORT: [&str; 3] = ["updated_at\" >=", "GROUP BY CAST((", "page_search MATCH"];

fn record(connection: &mut DatabaseConnection, recorded: &Recorded) {
    let recorded = recorded.clone();
    connection.set_metric_callback(move |info| {
        recorded.lock().unwrap().insert(info.statement.sql.clone(), info.statement.clone());
    });
}

fn blank(number: u32) -> Page {
    Page::read(number, Size::default(), Rotation::None, PageSource::TextLayer, None, Vec::new())
}

/// Calls every function that runs per request or in a loop.
async fn tour(storage: &Storage) {
    let organization = storage.tenants().create_organization("O").await.unwrap();
    storage.tenants().organizations().await.unwrap();
    let project = storage.tenants().create_project(organization.id, "P", "").await.unwrap();
    storage.tenants().projects(organization.id).await.unwrap();
    storage.tenants().project(project.id).await.unwrap();
    let hash = ApiKey::generate().hash(b"secret");
    let token = NewToken::full(organization.id, None, "t", "h".into());
    let token = storage.tokens().create(token, &hash).await.unwrap();
    storage.tokens().by_hash(&hash).await.unwrap();
    storage.tokens().of_organization(organization.id).await.unwrap();
    look_after(storage, &token).await;
    storage.tokens().count_request(TokenId::generate(), 1).await.unwrap();

    let webhook = new_webhook(organization.id, project.id);
    let webhook = storage.webhooks().create(webhook).await.unwrap().id;

    let mut receiving = storage.batches().begin_receiving().await.unwrap();
    let mut files = Vec::new();
    for name in ["a", "b"] {
        let file = receiving.file(name.to_owned()).finish().await.unwrap();
        files.push((file, ReadOptions::default()));
    }
    let key = Idempotency { token: token.id, key: "k".into(), fingerprint: "f".into() };
    let batch = NewBatch {
        organization: organization.id,
        project: project.id,
        user: organization.owner_id,
        name: "B".into(),
        metadata: None,
        template: None,
        files,
    };
    let Accepted::New(details) = storage.batches().accept(receiving, batch.clone(), Some(key.clone())).await.unwrap()
    else {
        panic!("the batch is new");
    };
    let id = details.batch.id;
    let again = storage.batches().begin_receiving().await.unwrap();
    storage.batches().accept(again, batch, Some(key)).await.unwrap();
    work(storage).await;

    for status in [None, Some(BatchStatus::Completed)] {
        for updated_since in [None, Some(Timestamp::from_millis(0))] {
            for search in [None, Some("a".to_owned())] {
                let filter = BatchFilter { project: project.id, status, updated_since, search, page: 1, limit: 20 };
                storage.batches().list(&filter).await.unwrap();
            }
        }
    }
    storage.batches().get(id).await.unwrap();
    storage.batches().details(id).await.unwrap();
    storage.batches().events(id).await.unwrap();
    let mut finished = storage.batches().finished(id).await.unwrap().unwrap();
    let read = move || finished.page(finished.documents()[0].record_id, 0).unwrap();
    tokio::task::spawn_blocking(read).await.unwrap();
    let record = details.processing_history_ids[0];
    storage.records().retry(record).await.unwrap();
    history(storage, project.id, id).await;
    single_files(storage, &token, project.id, organization.owner_id, id).await;
    webhooks(storage, webhook).await;
    storage.batches().retry(id).await.unwrap();
    storage.batches().cancel(id).await.unwrap();
    storage.batches().delete(id).await.unwrap();
    storage.sweep_blobs().await.unwrap();
}

/// Manages a template and its examples, sends single files with it, and deletes them.
async fn single_files(storage: &Storage, token: &Token, project: ProjectId, user: UserId, batch: BatchId) {
    let content = TemplateContent {
        name: "T".into(),
        description: String::new(),
        instructions: String::new(),
        template_schema: serde_json::json!({"total": {"type": "number"}}),
        result_format: "json".into(),
        extraction_mode: ExtractionMode::Structured,
    };
    let template = storage.templates().create(project, content.clone(), true).await.unwrap();
    let changed = TemplateContent { name: "U".into(), ..content };
    storage
        .templates()
        .update(template.id, TemplateChange { content: Some(changed), ..TemplateChange::default() })
        .await
        .unwrap();
    storage.templates().get(template.id).await.unwrap();
    storage.templates().versions(template.id).await.unwrap();
    for named in [None, Some(project)] {
        assert_eq!(storage.templates().list(token.organization_id, named).await.unwrap().len(), 1);
    }
    let mut receiving = storage.batches().begin_receiving().await.unwrap();
    let example = receiving.file("e".into()).finish().await.unwrap();
    let example = storage.templates().add_file(template.id, receiving, &example, None).await.unwrap();
    storage.templates().files(template.id).await.unwrap();
    storage.templates().file(template.id, example.id).await.unwrap();
    storage.templates().delete_file(template.id, example.id).await.unwrap();
    storage.templates().corrected_records(project, template.id, 10).await.unwrap();
    storage.templates().corrected_document(project, RecordId::generate()).await.unwrap();

    let mut sent = Vec::new();
    for batch in [None, Some(batch)] {
        let mut receiving = storage.batches().begin_receiving().await.unwrap();
        let file = receiving.file("c".into()).finish().await.unwrap();
        let upload = NewUpload {
            organization: token.organization_id,
            project,
            user,
            batch,
            template: Some((&template).into()),
            upload_type: String::new(),
            metadata: None,
            file,
            options: ReadOptions::default(),
        };
        let Accepted::New(record) = storage.records().accept_upload(receiving, upload, None).await.unwrap() else {
            panic!("the file is new");
        };
        sent.push(record);
    }
    work(storage).await;
    for record in &sent {
        storage.templates().apply(project, &(&template).into(), &[record.id]).await.unwrap();
    }
    storage.templates().completed_records(project, batch).await.unwrap();
    work(storage).await;
    for record in sent {
        storage.records().schema(record.id).await.unwrap();
        for only in [None, Some(record.id)] {
            let filter = SearchFilter { project, record: only, query: "word".parse().unwrap() };
            storage.search(&filter, 1, 10).await.unwrap();
        }
        let fields = serde_json::json!({"total": 1}).as_object().cloned();
        storage.records().update(record.id, RecordChange { fields, metadata: None, needs_review: None }).await.unwrap();
        storage.records().upload_with_file(record.upload_id).await.unwrap();
        storage.records().delete_upload(record.upload_id).await.unwrap();
    }
    storage.templates().delete(template.id).await.unwrap();
}

/// Reads the history of a project with all filters.
async fn history(storage: &Storage, project: ProjectId, batch: BatchId) {
    let all = HistoryFilter::of(project);
    for filter in [
        HistoryFilter { status: Some(RecordStatus::Completed), ..all.clone() },
        HistoryFilter { template: Some(TemplateId::generate()), ..all.clone() },
        HistoryFilter { batch: Some(batch), ..all.clone() },
        HistoryFilter { from: Some(Timestamp::from_millis(0)), until: Some(Timestamp::now()), ..all.clone() },
        HistoryFilter { search: Some("a".into()), ..all.clone() },
        HistoryFilter { needs_review: Some(true), ..all.clone() },
        HistoryFilter { needs_review: Some(false), ..all.clone() },
        all.clone(),
    ] {
        for record in storage.records().list(&filter, 1, 10).await.unwrap().0 {
            storage.records().get(record.id).await.unwrap();
            storage.records().of_upload(record.upload_id).await.unwrap();
            storage.records().finished(record.id).await.unwrap();
            storage.records().page_rotation(record.upload_id, 1).await.unwrap();
            storage.records().page_numbers(record.id).await.unwrap();
            storage.records().page(record.id, 1).await.unwrap();
        }
    }
    storage.records().stats(&all).await.unwrap();
}

fn new_webhook(organization: OrganizationId, project: ProjectId) -> NewWebhook {
    let content = WebhookContent {
        name: "W".into(),
        url: "https://example.com/".into(),
        events: EventKind::ALL.to_vec(),
        headers: WebhookHeaders::default(),
        description: String::new(),
    };
    NewWebhook { organization, project: Some(project), content, secret: WebhookSecret::generate() }
}

/// Manages an endpoint and sends its queued deliveries.
async fn webhooks(storage: &Storage, id: WebhookId) {
    let webhook = storage.webhooks().get(id).await.unwrap().unwrap();
    for project in [None, webhook.project_id] {
        let filter = WebhookFilter { organization: webhook.organization_id, project, page: 1, limit: 20 };
        storage.webhooks().list(&filter).await.unwrap();
    }
    storage.webhooks().test(id).await.unwrap();
    let node = storage.queue().join().await.unwrap();
    let (lease, now) = (Duration::from_mins(1), Timestamp::now());
    let schedule = RetrySchedule::default();
    let mut answers = [Some("no"), None].into_iter().cycle();
    let mut last = None;
    while let Some(delivery) = storage.webhooks().claim_delivery(&node, lease, now).await.unwrap() {
        if last.is_none() {
            storage.webhooks().release_deliveries(&node, &[delivery.id]).await.unwrap();
        } else {
            let attempt = DeliveryAttempt {
                sent_at: now,
                duration_ms: 1,
                request_headers: BTreeMap::new(),
                response_status: None,
                response_body: None,
                error: answers.next().unwrap().map(str::to_owned),
            };
            let retry = Retry { schedule: &schedule, jitter: 0.0 };
            storage.webhooks().record_attempt(&node, delivery.id, attempt, retry, now).await.unwrap();
        }
        last = Some(delivery.id);
    }
    storage.webhooks().redeliver(last.unwrap()).await.unwrap();
    storage.webhooks().delivery(last.unwrap()).await.unwrap();
    for status in [None, Some(DeliveryStatus::Failed)] {
        storage.webhooks().deliveries(&DeliveryFilter { webhook: id, status, page: 1, limit: 20 }).await.unwrap();
    }
    for status in [WebhookStatus::Paused, WebhookStatus::Active] {
        let change = WebhookChange { status: Some(status), ..WebhookChange::default() };
        storage.webhooks().update(id, &change).await.unwrap();
    }
    storage.webhooks().prune_deliveries(now.plus(lease)).await.unwrap();
    storage.webhooks().delete(id).await.unwrap();
}

/// Changes the organization's project and its token, and reads lists of tokens and the audit log.
async fn look_after(storage: &Storage, token: &Token) {
    let organization = token.organization_id;
    let spare = storage.tenants().create_project(organization, "S", "").await.unwrap();
    let change = ProjectChange { is_active: Some(false), ..ProjectChange::default() };
    storage.tenants().update_project(spare.id, change).await.unwrap();
    for (project, with_revoked) in [(None, false), (None, true), (Some(spare.id), false), (Some(spare.id), true)] {
        let filter = TokenFilter { organization, project, with_revoked, page: 1, limit: 20 };
        storage.tokens().list(&filter).await.unwrap();
    }
    storage.tokens().get(token.id).await.unwrap();
    storage.tokens().record_sign_in(token).await.unwrap();
    let failed = FailedSignIns { token: Some(token.into()), address: None, count: 2 };
    storage.audit().record_failed_sign_ins(&[failed]).await.unwrap();
    storage.tokens().touch(token, Timestamp::now()).await.unwrap();
    let change = TokenChange { name: Some("changed".into()), ..TokenChange::default() };
    storage.tokens().update(token.id, change).await.unwrap();
    storage.tokens().regenerate(token.id, &ApiKey::generate().hash(b"secret"), "h").await.unwrap();
    let by_itself = Actor { token: Some(token.id), ..Actor::recto() };
    storage.acting_as(by_itself).tokens().revoke(token.id).await.unwrap_err();
    storage.tokens().revoke(token.id).await.unwrap();
    let everything = AuditFilter {
        organization: Some(organization),
        project: None,
        action: None,
        object: None,
        since: None,
        page: 1,
        limit: 20,
    };
    for project in [None, Some(spare.id)] {
        let of = AuditFilter { project, ..everything.clone() };
        storage.audit().entries(&of).await.unwrap();
        storage.audit().entries(&AuditFilter { action: Some(AuditAction::TokenUpdated), ..of.clone() }).await.unwrap();
        storage.audit().entries(&AuditFilter { object: Some("x".into()), ..of.clone() }).await.unwrap();
        storage.audit().entries(&AuditFilter { since: Some(Timestamp::now()), ..of }).await.unwrap();
    }
}

async fn work(storage: &Storage) {
    let limits = WorkLimits { file: None, organization_hour: Some(Duration::from_hours(1)), ..WorkLimits::default() };
    let node = storage.queue().join().await.unwrap().within(limits);
    let lease = Duration::from_mins(1);
    let mut failures = 0;
    while let Some(mut item) = storage.queue().claim(&node, lease).await.unwrap() {
        storage.queue().renew_leases(&node, &[item.id], lease).await.unwrap();
        item.took = Duration::from_secs(1);
        item.way = Some("w".to_owned());
        if item.kind == WorkKind::Open && storage.queue().take_over_reading(&node, &item).await.unwrap().is_some() {
            continue;
        }
        match item.kind {
            WorkKind::Open if item.file_name == "b" => {
                storage.queue().record_file_failure(&node, &item, "broken").await.unwrap();
            }
            WorkKind::Open => {
                let page = |number| OpenedPage { number, text_layer: (number == 1).then(|| blank(number)) };
                let opened = Opened { kind: FileKind::Pdf, pages: (1..=4).map(page).collect() };
                storage.queue().record_opened(&node, &item, opened).await.unwrap();
            }
            WorkKind::Page { number: 2 } if failures < 3 => {
                failures += 1;
                storage.queue().record_worker_failure(&node, &item, "died").await.unwrap();
            }
            WorkKind::Page { number: 3 } => {
                let used_up = WorkLimits { file: Some(Duration::from_secs(1)), ..limits };
                let node = node.clone().within(used_up);
                storage.queue().record_overrun(&node, &item, "slow").await.unwrap();
            }
            WorkKind::Page { number } => {
                storage.queue().record_page_result(&node, &item, blank(number)).await.unwrap();
            }
            WorkKind::Extract => unreachable!("claimed below"),
        }
    }
    let mut pauses = [Some(Duration::ZERO), None].into_iter();
    while let Some(item) = storage.queue().claim_extraction(&node, lease).await.unwrap() {
        storage.queue().document_to_extract(&item).await.unwrap().unwrap();
        if let Some(pause) = pauses.next() {
            storage.queue().record_extraction_failure(&node, &item, "away", pause).await.unwrap();
        } else {
            let found = FoundFields { fields: Vec::new(), needs_review: true, warnings: Vec::new() };
            storage.queue().record_fields(&node, &item, found).await.unwrap();
        }
    }
}

#[tokio::test]
async fn every_query_finds_its_rows_through_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings {
        data_dir: folder.path().to_owned(),
        sealing: Some(SealingKeys::new(b"secret")),
        ..StorageSettings::default()
    };
    let mut database = Database::connect(&settings, Reserve::default()).await.unwrap();
    database.migrate().await.unwrap();
    let recorded = Recorded::default();
    record(&mut database.read, &recorded);
    record(&mut database.write, &recorded);
    let blobs = Blobs::open(&settings).unwrap();
    let storage = Storage::assemble(&settings, database.clone(), blobs);
    Box::pin(tour(&storage)).await;

    let statements = std::mem::take(&mut *recorded.lock().unwrap());
    assert!(statements.len() > 40, "the tour was recorded: {} statements", statements.len());
    let mut slow = Vec::new();
    for (sql, statement) in statements {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let explain = Statement { sql: explain, ..statement };
        for step in database.read.query_all_raw(explain).await.unwrap() {
            let step: String = step.try_get("", "detail").unwrap();
            let may_read_all = MAY_READ_ALL.iter().any(|reason| step.contains(reason));
            let reads_all = step.starts_with("SCAN") && !step.contains("INDEX") && !may_read_all;
            let sorts = step.contains("TEMP B-TREE") && !MAY_SORT.iter().any(|reason| sql.contains(reason));
            if reads_all || sorts {
                slow.push(format!("{step}\nin {sql}"));
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}
