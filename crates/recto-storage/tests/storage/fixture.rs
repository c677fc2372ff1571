//! A storage of its own for each test and database, and an auditor that looks at the rows.

use std::time::Duration;

use recto_domain::batch::BatchDetails;
use recto_domain::record::ReadOptions;
use recto_domain::{
    BatchId, Block, BlockKind, ExtractionMode, Field, FieldType, FileKind, Line, OrganizationId, Page, PageSource,
    ProjectId, Rect, Rotation, Size, Template, TemplateContent, UserId, Word, WorkItem,
};
use recto_storage::{
    Accepted, FoundFields, Idempotency, NewBatch, Node, Opened, OpenedPage, ReceivedFile, Receiving, SealingKeys,
    Storage, StorageSettings, Stored,
};
use recto_test_postgres::Postgres;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tempfile::TempDir;

pub(crate) const LEASE: Duration = Duration::from_mins(1);
/// A file that sniffs as a PDF.
pub(crate) const PDF: &[u8] = b"%PDF-1.7 and so on";

/// The secret of the installation.
pub(crate) const SECRET: &[u8] = b"an installation's secret";

pub(crate) struct Fixture {
    pub(crate) storage: Storage,
    pub(crate) settings: StorageSettings,
    pub(crate) organization: OrganizationId,
    pub(crate) project: ProjectId,
    pub(crate) user: UserId,
    pub(crate) folder: TempDir,
}

/// A fresh storage on each kind of database.
pub(crate) async fn fixtures() -> Vec<Fixture> {
    vec![fixture(None).await, fixture(Some(postgres_database().await)).await]
}

/// The URL of an empty database.
pub(crate) async fn postgres_database() -> String {
    let name = format!("recto_test_{}", BatchId::generate());
    let making = tokio::task::spawn_blocking(move || Postgres::shared().database(&name).unwrap());
    making.await.unwrap()
}

async fn fixture(database_url: Option<String>) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings {
        data_dir: folder.path().join("data"),
        database_url,
        sealing: Some(SealingKeys::new(SECRET)),
        ..StorageSettings::default()
    };
    let storage = Storage::open(&settings).await.unwrap();
    let organization = storage.tenants().create_organization("Ledger Ltd").await.unwrap();
    let project = storage.tenants().create_project(organization.id, "Invoices", "").await.unwrap();
    Fixture {
        storage,
        settings,
        organization: organization.id,
        project: project.id,
        user: organization.owner_id,
        folder,
    }
}

impl Fixture {
    /// Receives files; what they hold is their name's business.
    pub(crate) async fn receive(&self, names: &[&str]) -> (Receiving, Vec<ReceivedFile>) {
        let mut receiving = self.storage.batches().begin_receiving().await.unwrap();
        let mut files = Vec::new();
        for name in names {
            let mut file = receiving.file((*name).to_owned());
            file.write(PDF.into()).await.unwrap();
            files.push(file.finish().await.unwrap());
        }
        (receiving, files)
    }

    /// A template that asks for a number called `total`.
    pub(crate) async fn template(&self) -> Template {
        let content = TemplateContent {
            name: "Receipt".to_owned(),
            description: String::new(),
            instructions: String::new(),
            template_schema: serde_json::json!({"total": {"type": "number"}}),
            result_format: "json".to_owned(),
            extraction_mode: ExtractionMode::Structured,
        };
        self.storage.templates().create(self.project, content, true).await.unwrap()
    }

    /// A batch of files of those names that is sent with a template.
    pub(crate) async fn batch_with(&self, template: &Template, names: &[&str]) -> BatchDetails {
        let (receiving, files) = self.receive(names).await;
        let batch = NewBatch { template: Some(template.into()), ..self.new_batch(files) };
        match self.storage.batches().accept(receiving, batch, None).await.unwrap() {
            Accepted::New(details) => details,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn new_batch(&self, files: Vec<ReceivedFile>) -> NewBatch {
        NewBatch {
            organization: self.organization,
            project: self.project,
            user: self.user,
            name: "March".to_owned(),
            metadata: Some(serde_json::json!({"po": 7})),
            template: None,
            files: files.into_iter().map(|file| (file, ReadOptions::default())).collect(),
        }
    }

    pub(crate) async fn offer(&self, names: &[&str], key: Option<Idempotency>) -> Accepted<BatchDetails> {
        let (receiving, files) = self.receive(names).await;
        self.storage.batches().accept(receiving, self.new_batch(files), key).await.unwrap()
    }

    /// A batch of files of those names.
    pub(crate) async fn batch(&self, names: &[&str]) -> BatchDetails {
        match self.offer(names, None).await {
            Accepted::New(details) => details,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn details(&self, id: BatchId) -> BatchDetails {
        self.storage.batches().details(id).await.unwrap().unwrap()
    }

    pub(crate) async fn claim(&self, node: &Node) -> WorkItem {
        self.storage.queue().claim(node, LEASE).await.unwrap().unwrap()
    }

    /// Claims the next item, which is a file, and opens it as one of that many pages to recognise.
    pub(crate) async fn open(&self, node: &Node, pages: u32) -> WorkItem {
        let item = self.claim(node).await;
        let opened = scans(1..=pages);
        assert_eq!(self.storage.queue().record_opened(node, &item, opened).await.unwrap(), Stored::Yes);
        item
    }

    /// Claims the next item, which is a page, and reads or fails it.
    pub(crate) async fn read(&self, node: &Node, failure: Option<&str>) -> WorkItem {
        let item = self.claim(node).await;
        let page = failure.map_or_else(|| text_page(1, "word"), |reason| Page::failed(1, reason.to_owned()));
        assert_eq!(self.storage.queue().record_page_result(node, &item, page).await.unwrap(), Stored::Yes);
        item
    }

    /// The file names of the batches whose blobs are in the folder.
    pub(crate) fn blob_folders(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.folder.path().join("data/blobs/batches")) else {
            return Vec::new();
        };
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The same without a database: a new one is to be made by the test.
    pub(crate) async fn emptied(self) -> Self {
        self.storage.close().await;
        let connection = self.connection().await;
        if self.settings.database_url.is_some() {
            connection.execute_unprepared("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.unwrap();
        }
        connection.close().await.unwrap();
        if self.settings.database_url.is_none() {
            std::fs::remove_file(self.settings.data_dir.join("recto.db")).unwrap();
        }
        self
    }

    pub(crate) async fn connection(&self) -> DatabaseConnection {
        let sqlite = || format!("sqlite://{}?mode=rwc", self.settings.data_dir.join("recto.db").display());
        sea_orm::Database::connect(self.settings.database_url.clone().unwrap_or_else(sqlite)).await.unwrap()
    }
}

pub(crate) fn scans(pages: impl IntoIterator<Item = u32>) -> Opened {
    let pages = pages.into_iter().map(|number| OpenedPage { number, text_layer: None }).collect();
    Opened { kind: FileKind::Pdf, pages }
}

/// A page that holds one word.
pub(crate) fn text_page(number: u32, text: &str) -> Page {
    let bbox = Rect { x: 10.0, y: 20.5, width: 30.0, height: 9.0 };
    let line = Line::of(0.0, vec![Word { text: text.to_owned(), bbox, confidence: 0.5 }]).unwrap();
    let block = Block::of(BlockKind::Paragraph, vec![line]).unwrap();
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(number, size, Rotation::None, PageSource::Engine("tesseract".to_owned()), None, vec![block])
}

/// What an extractor finds: the total.
pub(crate) fn total(value: f64) -> FoundFields {
    let field = Field { value: value.into(), ..Field::missing("total", FieldType::Number) };
    FoundFields { fields: vec![field], needs_review: false, warnings: Vec::new() }
}

/// What must hold of the rows at every moment: each query finds what breaks it.
const LAWS: &[(&str, &str)] = &[
    (
        "a record counts the pages it has",
        "SELECT r.id FROM records r WHERE r.pages_done <>
           (SELECT COUNT(*) FROM pages p WHERE p.record_id = r.id AND p.error IS NULL)
         OR r.pages_failed <> (SELECT COUNT(*) FROM pages p WHERE p.record_id = r.id AND p.error IS NOT NULL)",
    ),
    (
        "a batch counts the files it has",
        "SELECT b.id FROM batches b WHERE b.total_files <> (SELECT COUNT(*) FROM records r WHERE r.batch_id = b.id)
         OR b.completed_files <> (SELECT COUNT(*) FROM records r WHERE r.batch_id = b.id AND r.status = 'completed')
         OR b.failed_files <> (SELECT COUNT(*) FROM records r WHERE r.batch_id = b.id AND r.status = 'failed')",
    ),
    (
        "a batch's status follows from its files",
        "SELECT b.id FROM batches b WHERE b.status <> CASE
           WHEN b.completed_files + b.failed_files < b.total_files THEN 'processing'
           WHEN b.failed_files = 0 THEN 'completed'
           WHEN b.completed_files = 0 THEN 'failed' ELSE 'partially_failed' END
         OR (b.completed_at IS NULL) <> (b.status = 'processing')",
    ),
    (
        "a record that has ended has no work left",
        "SELECT w.id FROM work_items w JOIN records r ON r.id = w.record_id WHERE r.status IN ('completed', 'failed')",
    ),
    (
        "a record that has not ended is to be opened, or has an item for each page that is missing",
        "SELECT r.id FROM records r WHERE r.status NOT IN ('completed', 'failed')
         AND (SELECT COUNT(*) FROM work_items w WHERE w.record_id = r.id AND w.page = 0) <> 1
         AND ((SELECT COUNT(*) FROM work_items w WHERE w.record_id = r.id AND w.page = 0) <> 0
           OR r.pages_done + r.pages_failed
              + (SELECT COUNT(*) FROM work_items w WHERE w.record_id = r.id AND w.page > 0) <> r.pages)",
    ),
    (
        "the fields of a record are looked for once, when all its pages are in",
        "SELECT r.id FROM records r WHERE r.status NOT IN ('completed', 'failed')
         AND (SELECT COUNT(*) FROM work_items w WHERE w.record_id = r.id AND w.page = -1)
           <> CASE WHEN r.pages_done + r.pages_failed = r.pages
                AND (SELECT COUNT(*) FROM work_items w WHERE w.record_id = r.id AND w.page = 0) = 0
              THEN 1 ELSE 0 END",
    ),
    (
        "a completed record has the fields of its template, or wants review",
        "SELECT r.id FROM records r WHERE r.status = 'completed' AND r.template_id IS NOT NULL
         AND r.fields IS NULL AND NOT r.needs_review",
    ),
    (
        "a completed record has all its pages, and one of them was read",
        "SELECT r.id FROM records r WHERE r.status = 'completed'
         AND (r.pages_done = 0 OR r.pages_done + r.pages_failed <> r.pages OR r.error IS NOT NULL)",
    ),
    ("a failed record says why", "SELECT r.id FROM records r WHERE (r.status = 'failed') <> (r.error IS NOT NULL)"),
    (
        "a record that has ended keeps no passwords",
        "SELECT r.id FROM records r WHERE r.status IN ('completed', 'failed') AND r.passwords IS NOT NULL",
    ),
    (
        "what a page is found by belongs to the project of its record",
        "SELECT t.record_id FROM page_texts t JOIN records r ON r.id = t.record_id WHERE r.project_id <> t.project_id",
    ),
    (
        "no page that was read is to be read again",
        "SELECT w.id FROM work_items w JOIN pages p ON p.record_id = w.record_id AND p.number = w.page",
    ),
];

/// Finds rows that contradict each other.
pub(crate) async fn audit(connection: &DatabaseConnection) {
    for (law, query) in LAWS {
        let statement = Statement::from_string(connection.get_database_backend(), *query);
        let broken = connection.query_all_raw(statement).await.unwrap();
        assert!(broken.is_empty(), "{} rows break the law: {law}", broken.len());
    }
}

impl Fixture {
    /// A second node beside the first: on SQLite of another data folder with the same database.
    pub(crate) async fn second_node(&self) -> Node {
        let data_dir = self.folder.path().join(format!("node-{}", BatchId::generate()));
        let sqlite = || format!("sqlite://{}?mode=rwc", self.settings.data_dir.join("recto.db").display());
        let database_url = Some(self.settings.database_url.clone().unwrap_or_else(sqlite));
        let storage =
            Storage::open(&StorageSettings { data_dir, database_url, ..StorageSettings::default() }).await.unwrap();
        storage.queue().join().await.unwrap()
    }
}
