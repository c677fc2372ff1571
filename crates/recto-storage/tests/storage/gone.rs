//! What is deleted is gone: no row tells of it any more, and on SQLite no byte of the files does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use migrations::Migrator;
use recto_domain::{
    BatchId, DeliveryAttempt, EventKind, RetrySchedule, Timestamp, TokenId, WebhookChange, WebhookContent,
    WebhookHeaders, WebhookId, WebhookSecret, WebhookStatus,
};
use recto_storage::{
    Accepted, Idempotency, NewBatch, NewToken, NewUpload, NewWebhook, RecordChange, Retry, SealingKeys, Storage,
    StorageSettings,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};

use crate::fixture::{Fixture, LEASE, SECRET, fixtures, text_page, total};

/// Stands in every name and text that a test gives to what it deletes.
const WORD: &str = "Zebrafink";

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files of a folder that hold a word, in any case: the search knows it in small letters.
fn holding(folder: &Path, word: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        // One that was removed meanwhile holds nothing.
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    files(folder).into_iter().filter(holds).collect()
}

/// Waits until something has come true.
pub(crate) async fn eventually(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_true().await {
        assert!(begun.elapsed() < Duration::from_mins(2), "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Fixture {
    /// The tables whose rows hold a word, in any case.
    async fn tables_with(&self, word: &str) -> Vec<String> {
        let connection = self.connection().await;
        let backend = connection.get_database_backend();
        let all = if self.settings.database_url.is_none() {
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        } else {
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        };
        let mut found = Vec::new();
        for row in connection.query_all_raw(Statement::from_string(backend, all)).await.unwrap() {
            let table: String = row.try_get("", "name").unwrap();
            let columns = match backend {
                DbBackend::Sqlite => self.concatenated(&connection, &table).await,
                _ => "t::text".to_owned(),
            };
            let rows = format!("SELECT {columns} AS row FROM {table} t");
            let rows = connection.query_all_raw(Statement::from_string(backend, rows)).await.unwrap();
            if rows
                .iter()
                .any(|row| row.try_get::<String>("", "row").unwrap().to_lowercase().contains(&word.to_lowercase()))
            {
                found.push(table);
            }
        }
        found
    }

    /// All columns of a table as one text.
    async fn concatenated(&self, connection: &DatabaseConnection, table: &str) -> String {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, columns)).await.unwrap();
        let text =
            |name: String| format!("CASE typeof({name}) WHEN 'blob' THEN hex({name}) ELSE COALESCE({name}, '') END");
        let texts = columns.iter().map(|row| text(format!("\"{}\"", row.try_get::<String>("", "name").unwrap())));
        texts.collect::<Vec<_>>().join(" || ' ' || ")
    }

    /// Waits until neither rows nor files hold the word.
    async fn assert_gone(&self, word: &str) {
        assert_eq!(self.tables_with(word).await, Vec::<String>::new());
        eventually("the files hold nothing of it", async || holding(self.folder.path(), word).is_empty()).await;
    }

    async fn key(&self, key: &str) -> Idempotency {
        let token = NewToken::full(self.organization, None, "t", "h".into());
        let hash = recto_domain::ApiKey::generate().hash(SECRET);
        let token: TokenId = self.storage.tokens().create(token, &hash).await.unwrap().id;
        Idempotency { token, key: key.to_owned(), fingerprint: "f".to_owned() }
    }

    /// A batch of two files with a template, full of the word, read and corrected, and told to an endpoint that answers
    /// with what it got.
    async fn worded_batch(&self, key: Idempotency) -> BatchId {
        let template = self.template().await;
        let (receiving, files) = self.receive(&["Zebrafink-1.pdf", "Zebrafink-2.pdf"]).await;
        let batch = NewBatch {
            name: format!("{WORD} batch"),
            metadata: Some(json!({"patient": WORD})),
            template: Some((&template).into()),
            ..self.new_batch(files)
        };
        let Accepted::New(details) = self.storage.batches().accept(receiving, batch, Some(key)).await.unwrap() else {
            panic!("it is new");
        };
        self.read_all().await;
        for record in details.processing_history_ids {
            let fields = json!({"total": format!("{WORD} 7")}).as_object().cloned();
            self.storage
                .records()
                .update(record, RecordChange { fields, metadata: None, needs_review: None })
                .await
                .unwrap();
        }
        details.batch.id
    }

    /// Reads whatever waits, and finds its fields.
    async fn read_all(&self) {
        let node = self.storage.queue().join().await.unwrap();
        while let Some(item) = self.storage.queue().claim(&node, LEASE).await.unwrap() {
            if item.kind == recto_domain::WorkKind::Open {
                self.storage.queue().record_opened(&node, &item, crate::fixture::scans(1..=1)).await.unwrap();
            } else {
                self.storage.queue().record_page_result(&node, &item, text_page(1, WORD)).await.unwrap();
            }
        }
        while let Some(item) = self.storage.queue().claim_extraction(&node, LEASE).await.unwrap() {
            self.storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap();
        }
    }

    /// Sends that many deliveries to an endpoint that answers with what it got; the bodies.
    async fn send(&self, count: usize) -> Vec<Value> {
        let node = self.storage.queue().join().await.unwrap();
        let mut bodies = Vec::new();
        while bodies.len() < count {
            let now = Timestamp::now();
            let delivery = self.claim_delivery(&node, now).await.expect("a delivery is due");
            let attempt = DeliveryAttempt {
                sent_at: now,
                duration_ms: 1,
                request_headers: BTreeMap::new(),
                response_status: Some(200),
                response_body: Some(delivery.body.clone()),
                error: None,
            };
            let retry = Retry { schedule: &RetrySchedule::default(), jitter: 0.0 };
            self.storage.webhooks().record_attempt(&node, delivery.id, attempt, retry, now).await.unwrap();
            bodies.push(serde_json::from_str(&delivery.body).unwrap());
        }
        bodies
    }
}

#[tokio::test]
async fn a_deleted_batch_is_told_of_by_ids_only_and_by_no_file() {
    for f in fixtures().await {
        f.webhook(None, &EventKind::ALL).await;
        let key = f.key("k").await;
        let batch = f.worded_batch(key.clone()).await;
        // The batch came, and one file was read; the other events wait still.
        f.send(3).await;
        assert!(!f.tables_with(WORD).await.is_empty(), "the word was there");
        assert!(f.storage.batches().delete(batch).await.unwrap());
        f.assert_gone(WORD).await;
        let waiting = f.send(2).await;
        for body in &waiting {
            assert_eq!(body["payload"]["deleted"], json!(true), "{body}");
            assert!(body["eventId"].is_string() && body["payload"]["id"].is_string(), "{body}");
        }
        assert!(waiting.iter().any(|body| body["payload"]["id"] == json!(batch)), "{waiting:?}");
        // What is sent again is what is left.
        f.assert_gone(WORD).await;
        assert_eq!(f.storage.batches().earlier_answer::<Value>(&key).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_deleted_file_leaves_its_batch_and_what_tells_of_the_batch() {
    for f in fixtures().await {
        let endpoint = f.webhook(None, &EventKind::ALL).await;
        let key = f.key("k").await;
        let batch = f.worded_batch(key.clone()).await;
        let [first, second] = f.details(batch).await.files.try_into().unwrap();
        assert!(f.storage.records().delete_upload(first.upload_id).await.unwrap());
        f.assert_gone("Zebrafink-1").await;
        let Some(Accepted::Repeated(answer)) = f.storage.batches().earlier_answer::<Value>(&key).await.unwrap() else {
            panic!("the batch is there, and so is its first answer");
        };
        let names: Vec<&Value> = answer["files"].as_array().unwrap().iter().map(|file| &file["fileName"]).collect();
        assert_eq!(names, [&json!("Zebrafink-2.pdf")]);
        assert_eq!(answer["uploadIds"], json!([first.upload_id, second.upload_id]));
        let told = f.send(5).await;
        let of = |kind: &str| told.iter().filter(|body| body["eventType"] == json!(kind)).collect::<Vec<_>>();
        assert_eq!(of("batch.completed")[0]["payload"]["name"], json!("Zebrafink batch"));
        assert_eq!(of("document.processed").iter().filter(|b| b["payload"]["deleted"] == json!(true)).count(), 1);
        f.storage.webhooks().delete(endpoint).await.unwrap();
        assert!(
            f.storage.records().delete_upload(second.upload_id).await.unwrap(),
            "the batch goes with its last file"
        );
        f.assert_gone(WORD).await;
    }
}

#[tokio::test]
async fn a_file_sent_by_itself_goes_with_its_answer_and_when_it_has_expired() {
    for f in fixtures().await {
        for expires in [false, true] {
            let (receiving, mut sent) = f.receive(&["Zebrafink.pdf"]).await;
            let upload = NewUpload {
                organization: f.organization,
                project: f.project,
                user: f.user,
                batch: None,
                template: None,
                upload_type: WORD.to_owned(),
                metadata: Some(json!({"patient": WORD})),
                file: sent.remove(0),
                options: recto_domain::ReadOptions::default(),
            };
            let key = f.key("k").await;
            let accepted = f.storage.records().accept_upload(receiving, upload, Some(key.clone())).await.unwrap();
            let Accepted::New(record) = accepted else { panic!("it is new") };
            f.read_all().await;
            if expires {
                assert_eq!(
                    f.storage.tenants().delete_expired(record.created_at, Some(LEASE)).await.unwrap(),
                    0,
                    "not yet"
                );
                let later = record.created_at.plus(Duration::from_secs(1));
                assert_eq!(f.storage.tenants().delete_expired(later, Some(Duration::ZERO)).await.unwrap(), 1);
            } else {
                assert!(f.storage.records().delete_upload(record.upload_id).await.unwrap());
            }
            f.assert_gone(WORD).await;
            assert_eq!(f.storage.batches().earlier_answer::<Value>(&key).await.unwrap(), None);
            eventually("its blob is gone", async || f.blob_folders().is_empty()).await;
        }
    }
}

#[tokio::test]
async fn a_deleted_template_goes_with_its_examples_and_its_versions_with_their_last_record() {
    for f in fixtures().await {
        f.webhook(None, &EventKind::ALL).await;
        let template = f.template().await;
        let content = recto_domain::TemplateContent {
            description: format!("for {WORD}"),
            name: "Zebra".to_owned(),
            ..template.content.clone()
        };
        let change = recto_storage::TemplateChange { content: Some(content), ..Default::default() };
        let template = f.storage.templates().update(template.id, change).await.unwrap().unwrap();
        let batch = f.batch_with(&template, &["a.pdf"]).await.batch.id;
        let (receiving, files) = f.receive(&["Zebrafink.pdf"]).await;
        let fields = json!({"total": WORD});
        f.storage.templates().add_file(template.id, receiving, &files[0], Some(&fields)).await.unwrap();
        assert!(f.storage.templates().delete(template.id).await.unwrap());
        assert_eq!(f.tables_with("Zebrafink.pdf").await, Vec::<String>::new(), "the examples went at once");
        assert_eq!(f.tables_with(WORD).await, ["template_versions"], "a record is read with it");
        assert_eq!(f.storage.templates().versions(template.id).await.unwrap().len(), 1, "the other one is not needed");
        f.storage.batches().delete(batch).await.unwrap();
        f.assert_gone(WORD).await;
        let (receiving, files) = f.receive(&["late.pdf"]).await;
        let late = NewBatch { template: Some((&template).into()), ..f.new_batch(files) };
        let refused = f.storage.batches().accept(receiving, late, None).await.unwrap_err();
        assert_eq!(refused.to_string(), "this template does not exist");
    }
}

#[tokio::test]
async fn a_reader_delays_the_end_of_the_log_and_nothing_else() {
    let f = fixtures().await.remove(0);
    let batch = f.worded_batch(f.key("k").await).await;
    let reader = f.connection().await;
    let reading = reader.begin().await.unwrap();
    reading
        .query_all_raw(Statement::from_string(reading.get_database_backend(), "SELECT * FROM batches"))
        .await
        .unwrap();
    f.storage.batches().delete(batch).await.unwrap();
    // Others write meanwhile as ever.
    for _ in 0..3 {
        f.batch(&["a"]).await;
    }
    assert!(!holding(f.folder.path(), WORD).is_empty(), "the reader still sees it");
    reading.commit().await.unwrap();
    f.assert_gone(WORD).await;
}

#[tokio::test]
async fn what_a_killed_process_left_is_erased_by_the_next() {
    let f = fixtures().await.remove(0);
    let batch = f.worded_batch(f.key("k").await).await;
    let reader = f.connection().await;
    let reading = reader.begin().await.unwrap();
    reading
        .query_all_raw(Statement::from_string(reading.get_database_backend(), "SELECT * FROM batches"))
        .await
        .unwrap();
    f.storage.batches().delete(batch).await.unwrap();
    let left = tempfile::tempdir().unwrap();
    for name in ["recto.db", "recto.db-wal"] {
        std::fs::copy(f.settings.data_dir.join(name), left.path().join(name)).unwrap();
    }
    reading.commit().await.unwrap();
    assert!(!holding(left.path(), WORD).is_empty(), "the log holds it");
    let settings = StorageSettings { data_dir: left.path().to_owned(), ..f.settings.clone() };
    let storage = Storage::open(&settings).await.unwrap();
    let _node = storage.queue().join().await.unwrap();
    assert_eq!(holding(left.path(), WORD), Vec::<PathBuf>::new());
    storage.close().await;
}

#[tokio::test]
async fn a_closed_database_is_one_file() {
    let f = fixtures().await.remove(0);
    f.worded_batch(f.key("k").await).await;
    f.storage.close().await;
    assert!(f.storage.tenants().organizations().await.is_err(), "it is closed");
    assert!(!f.settings.data_dir.join("recto.db-wal").exists());
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(f.settings.data_dir.join("recto.db"), copy.path().join("recto.db")).unwrap();
    let settings = StorageSettings { data_dir: copy.path().to_owned(), ..f.settings.clone() };
    assert_eq!(Storage::open(&settings).await.unwrap().tenants().organizations().await.unwrap().len(), 1);
}

#[tokio::test]
async fn files_and_folders_are_made_for_this_account_alone() {
    use std::os::unix::fs::PermissionsExt;
    let f = fixtures().await.remove(0);
    let _node = f.storage.queue().join().await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in ["recto.db", "recto.db-wal", "recto.db-shm", "recto.lock"] {
        assert_eq!(mode(&f.settings.data_dir.join(name)), 0o600, "{name}");
    }
    for folder in [f.settings.data_dir.clone(), f.settings.data_dir.join("blobs")] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
}

fn endpoint(f: &Fixture) -> NewWebhook {
    let content = WebhookContent {
        name: "Ledger".to_owned(),
        url: "https://example.com/hook".to_owned(),
        events: vec![EventKind::BatchUploaded],
        headers: WebhookHeaders(BTreeMap::from([("X-Ledger".to_owned(), "open sesame".to_owned())])),
        description: String::new(),
    };
    let secret = WebhookSecret::new("a secret to keep".to_owned()).unwrap();
    NewWebhook { organization: f.organization, project: None, content, secret }
}

/// What is sent along to the endpoint: its secret and its header.
async fn told(storage: &Storage) -> Option<(String, String)> {
    let node = recto_storage_node(storage).await;
    let claimed = storage.webhooks().claim_delivery(&node, LEASE, Timestamp::now()).await.unwrap()?;
    storage.webhooks().release_deliveries(&node, &[claimed.id]).await.unwrap();
    Some((claimed.secret.expose().to_owned(), claimed.headers.0["X-Ledger"].clone()))
}

async fn recto_storage_node(storage: &Storage) -> recto_storage::Node {
    storage.queue().join().await.unwrap()
}

#[tokio::test]
async fn secrets_of_endpoints_stand_nowhere_and_outlive_a_change_of_the_installations_secret() {
    for f in fixtures().await {
        let id: WebhookId = f.storage.webhooks().create(endpoint(&f)).await.unwrap().id;
        f.batch(&["a"]).await;
        let plain = ("a secret to keep".to_owned(), "open sesame".to_owned());
        assert_eq!(told(&f.storage).await, Some(plain.clone()));
        for word in [&plain.0, &plain.1] {
            assert_eq!(f.tables_with(word).await, Vec::<String>::new());
            assert_eq!(holding(f.folder.path(), word), Vec::<PathBuf>::new());
        }
        f.storage.close().await;
        let opened = async |keys: SealingKeys| {
            Storage::open(&StorageSettings { sealing: Some(keys), ..f.settings.clone() }).await.unwrap()
        };
        // The new secret, with the old one beside it; then alone.
        opened(SealingKeys::new(b"new").and_former(SECRET)).await.close().await;
        let storage = opened(SealingKeys::new(b"new")).await;
        assert_eq!(told(&storage).await, Some(plain.clone()));
        storage.close().await;
        // A secret that is lost: the endpoint says so, and can be given a new one.
        let storage = opened(SealingKeys::new(b"lost")).await;
        let webhook = storage.webhooks().get(id).await.unwrap().unwrap();
        assert_eq!(webhook.health.status, WebhookStatus::Paused);
        assert!(webhook.health.pause_reason.unwrap().contains("set a new one"));
        assert_eq!(told(&storage).await, None);
        let change = WebhookChange {
            status: Some(WebhookStatus::Active),
            secret: Some(WebhookSecret::new("another".to_owned()).unwrap()),
            headers: Some(WebhookHeaders(BTreeMap::from([("X-Ledger".to_owned(), "shut".to_owned())]))),
            ..WebhookChange::default()
        };
        storage.webhooks().update(id, &change).await.unwrap().unwrap();
        assert_eq!(told(&storage).await, Some(("another".to_owned(), "shut".to_owned())));
        storage.close().await;
    }
}

/// A database as the first version left it: with a batch and an endpoint of plain secrets, and with deliveries, an
/// answer and a template of things that were deleted.
async fn first_version(f: &Fixture) {
    let connection = f.connection().await;
    Migrator::up(&connection, Some(1)).await.unwrap();
    let body = |kind: &str, payload: Value| json!({"eventType": kind, "eventId": "e", "payload": payload}).to_string();
    let hook = "INSERT INTO webhooks VALUES ('68da2880b45d7a01d90a3c01', '68da2880b45d7a01d90a3c02', NULL, 'n', '', 'https://example.com/', '[]',
        '{\"X-Ledger\":\"open sesame\"}', 'a secret to keep', 'active', NULL, NULL, 1, 1)";
    let batch = |id: &str| {
        format!(
            "INSERT INTO batches VALUES ('{id}', '68da2880b45d7a01d90a3c02', '68da2880b45d7a01d90a3c03', 'u', 'kept', false, NULL, NULL, NULL,
             1, 0, 0, 'processing', 1, 1, NULL, NULL, NULL, 0)"
        )
    };
    let delivery = |id: &str, kind: &str, payload: Value| {
        format!(
            "INSERT INTO webhook_deliveries VALUES ('{id}', '68da2880b45d7a01d90a3c01', 'e', '{kind}', '{}', 'pending', 1, 1, 1,
             NULL, NULL, NULL)",
            body(kind, payload)
        )
    };
    let answer = |key: &str, id: &str, name: &str| {
        format!(
            "INSERT INTO idempotency_keys VALUES ('t', '{key}', 'f', '{}', {})",
            json!({"id": id, "name": name}),
            Timestamp::now().as_millis()
        )
    };
    for statement in [
        "INSERT INTO organizations VALUES ('68da2880b45d7a01d90a3c02', 'o', 'u', 1)".to_owned(),
        "INSERT INTO projects VALUES ('68da2880b45d7a01d90a3c03', '68da2880b45d7a01d90a3c02', 'p', '', true, 1, 1)".to_owned(),
        batch("68da2880b45d7a01d90a3c51"),
        hook.to_owned(),
        delivery("68da2880b45d7a01d90a3cd1", "batch.uploaded", json!({"id": "68da2880b45d7a01d90a3c51", "name": "kept"})),
        delivery("68da2880b45d7a01d90a3cd2", "batch.uploaded", json!({"id": "gone", "name": WORD})),
        delivery("68da2880b45d7a01d90a3cd3", "document.processed", json!({"id": "gone", "processingHistoryId": "gone", "fileName": WORD})),
        delivery("68da2880b45d7a01d90a3cd4", "template.created", json!({"templateId": "tgone", "id": "tgone", "name": WORD})),
        delivery("68da2880b45d7a01d90a3cd5", "webhook.test", json!({"message": "a test"})),
        format!("INSERT INTO webhook_attempts VALUES ('68da2880b45d7a01d90a3cd2', 1, 1, 1, '{{}}', 200, '{WORD}', NULL)"),
        answer("k1", "68da2880b45d7a01d90a3c51", "kept"),
        answer("k2", "gone", WORD),
        "INSERT INTO templates VALUES ('tgone', '68da2880b45d7a01d90a3c02', '68da2880b45d7a01d90a3c03', false, 1, 1, 1, 5)".to_owned(),
        format!("INSERT INTO template_versions VALUES ('tgone', 1, '{WORD}', '', '', '{{}}', 'json', 'structured', 1)"),
        format!("INSERT INTO template_files VALUES ('file', 'tgone', '{WORD}', 1, '', '', 'batches/x/y', NULL, 1)"),
        // Rows that were deleted without being overwritten.
        format!("INSERT INTO organizations VALUES ('gone', '{WORD}', 'u', 1)"),
        "DELETE FROM organizations WHERE id = 'gone'".to_owned(),
    ] {
        connection.execute_unprepared(&statement).await.unwrap();
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_the_first_version_is_cleared_of_what_it_had_deleted() {
    for f in fixtures().await {
        let f = f.emptied().await;
        first_version(&f).await;
        assert!(!f.tables_with(WORD).await.is_empty());
        let storage = Storage::open(&f.settings).await.unwrap();
        let node = storage.queue().join().await.unwrap();
        for word in [WORD, "a secret to keep", "open sesame"] {
            f.assert_gone(word).await;
        }
        let mut bodies = BTreeMap::new();
        while let Some(claimed) = storage.webhooks().claim_delivery(&node, LEASE, Timestamp::now()).await.unwrap() {
            let body: Value = serde_json::from_str(&claimed.body).unwrap();
            assert_eq!(body["eventId"], json!("e"));
            assert_eq!(
                (claimed.secret.expose(), claimed.headers.0["X-Ledger"].as_str()),
                ("a secret to keep", "open sesame")
            );
            bodies.insert(claimed.body.clone(), body["payload"].clone());
            let attempt = DeliveryAttempt {
                sent_at: Timestamp::now(),
                duration_ms: 1,
                request_headers: BTreeMap::new(),
                response_status: Some(200),
                response_body: None,
                error: None,
            };
            let retry = Retry { schedule: &RetrySchedule::default(), jitter: 0.0 };
            storage.webhooks().record_attempt(&node, claimed.id, attempt, retry, Timestamp::now()).await.unwrap();
        }
        let kept = bodies.values().filter(|payload| payload["name"] == json!("kept")).count();
        let cut = bodies.values().filter(|payload| payload["deleted"] == json!(true)).count();
        assert_eq!((bodies.len(), kept, cut), (5, 1, 3), "{bodies:?}");
        // What is kept goes with its batch.
        storage.batches().delete("68da2880b45d7a01d90a3c51".parse().unwrap()).await.unwrap();
        f.assert_gone("kept").await;
    }
}
