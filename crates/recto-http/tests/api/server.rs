//! A server to test against, and the worker's part in it.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use recto_domain::geometry::{Point, Rect, Rotation, Size};
use recto_domain::{
    ApiKey, BatchId, Block, BlockKind, EngineInfo, Field, FieldType, FileKind, Line, OrganizationId, Page, PageSource,
    ProjectId, Rule, Timestamp, Token, Word, WorkItem, WorkKind,
};
use recto_http::{ApiSettings, ApiState, DocumentReader, Metrics, PagePictures, PictureFailure, Unreadable, serve};
use recto_storage::{FoundFields, NewToken, Node, Opened, OpenedPage, SealingKeys, Storage, StorageSettings, Stored};
use recto_test_postgres::Postgres;
use recto_webhooks::{AddressGuard, Sender, SenderSettings};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::form::Upload;

const SECRET: &[u8] = b"a secret for tests";
const LEASE: Duration = Duration::from_mins(10);

/// Draws every page as one white pixel, and says that the third of any file cannot be drawn.
struct OnePixel;

#[async_trait::async_trait]
impl PagePictures for OnePixel {
    async fn picture(
        &self,
        _: OrganizationId,
        _: &str,
        _: std::fs::File,
        number: u32,
        _: Rotation,
    ) -> Result<Vec<u8>, PictureFailure> {
        if number == 3 { Err(PictureFailure::Unreadable("it is broken".into())) } else { Ok(crate::form::PNG.to_vec()) }
    }

    async fn drawing(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: std::fs::File,
        number: u32,
        rotation: Rotation,
    ) -> Result<Vec<u8>, PictureFailure> {
        self.picture(owner, blob_key, file, number, rotation).await
    }
}

/// Reads every file as text that stands on one page, its words as wide as they have letters.
struct PlainText;

#[async_trait::async_trait]
impl DocumentReader for PlainText {
    async fn pages(
        &self,
        _: OrganizationId,
        _: &str,
        mut file: std::fs::File,
        _: u32,
    ) -> Result<Vec<Page>, Unreadable> {
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|_| Unreadable("it is no text".into()))?;
        Ok(vec![printed(&text)])
    }
}

/// A page on which a text is printed.
pub fn printed(text: &str) -> Page {
    let line = |(n, line): (usize, &str)| {
        let mut x = 0.0;
        let words = line.split(' ').map(|word| {
            let bbox = Rect { x, y: n as f32 * 12.0, width: word.chars().count() as f32 * 5.0, height: 8.0 };
            x = bbox.right() + 5.0;
            Word { text: word.to_owned(), bbox, confidence: 0.96 }
        });
        Block::of(BlockKind::Paragraph, vec![Line::of(0.0, words.collect())?])
    };
    let size = Size { width: 595.0, height: 842.0 };
    let blocks = text.lines().enumerate().filter_map(line).collect();
    Page::read(1, size, Rotation::None, PageSource::TextLayer, None, blocks)
}

/// With the database in the folder, or a new one on PostgreSQL where `RECTO_TEST_DATABASE` says so.
async fn kept_in(folder: &TempDir) -> StorageSettings {
    let sealing = Some(SealingKeys::new(SECRET));
    let database_url = match std::env::var("RECTO_TEST_DATABASE").as_deref() {
        Ok("postgresql") => Some(postgres_database().await),
        _ => None,
    };
    StorageSettings { data_dir: folder.path().to_owned(), database_url, sealing, ..StorageSettings::default() }
}

async fn postgres_database() -> String {
    let name = format!("recto_test_{}", BatchId::generate());
    let making = tokio::task::spawn_blocking(move || Postgres::shared().database(&name).unwrap());
    making.await.unwrap()
}

/// A running server with one organization, one project and a token of each.
pub struct TestServer {
    pub storage: Storage,
    pub base: String,
    pub address: String,
    pub client: Client,
    pub organization: OrganizationId,
    pub project: ProjectId,
    /// The organization's key.
    pub key: String,
    pub workers: watch::Sender<usize>,
    pub stop: CancellationToken,
    node: Node,
    kept: StorageSettings,
    folder: TempDir,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(ApiSettings { rate_limit_per_minute: 0, ..ApiSettings::default() }).await
    }

    pub async fn with(settings: ApiSettings) -> Self {
        Self::over(settings, None).await
    }

    /// A server that keeps that much of the disk back.
    pub async fn with_reserve(disk_reserve_bytes: u64, settings: ApiSettings) -> Self {
        Self::over(settings, Some(disk_reserve_bytes)).await
    }

    async fn over(settings: ApiSettings, disk_reserve_bytes: Option<u64>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kept = StorageSettings { disk_reserve_bytes, ..kept_in(&folder).await };
        let storage = Storage::open(&kept).await.unwrap();
        let node = storage.queue().join().await.unwrap();
        let organization = storage.tenants().create_organization("Acme").await.unwrap().id;
        let project = storage.tenants().create_project(organization, "Invoices", "").await.unwrap().id;
        let (workers, workers_ready) = watch::channel(2);
        let stop = CancellationToken::new();
        let address = listening(storage.clone(), settings, workers_ready, &stop).await;
        let base = format!("http://{address}");
        // reqwest comes without a TLS provider; the second test that sets it finds it set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::new();
        let key = String::new();
        let mut server =
            Self { storage, base, address, client, organization, project, key, workers, stop, node, kept, folder };
        server.key = server.new_key(organization, None).await;
        server
    }

    /// A second server over the same database, as on another machine; its address.
    pub async fn another(&self, settings: ApiSettings) -> String {
        let storage = Storage::open(&self.kept).await.unwrap();
        listening(storage, settings, self.workers.subscribe(), &self.stop).await
    }

    /// The key of a new token.
    pub async fn new_key(&self, organization: OrganizationId, project: Option<ProjectId>) -> String {
        self.new_token(organization, project, None).await.0
    }

    /// The key of a new token, and the token.
    pub async fn new_token(
        &self,
        organization: OrganizationId,
        project: Option<ProjectId>,
        expires_at: Option<Timestamp>,
    ) -> (String, Token) {
        let key = ApiKey::generate();
        let token = NewToken { expires_at, ..NewToken::full(organization, project, "test", key.hint()) };
        let token = self.storage.tokens().create(token, &key.hash(SECRET)).await.unwrap();
        (key.expose().to_owned(), token)
    }

    /// A new project beside the first one.
    pub async fn sibling_project(&self) -> ProjectId {
        self.storage.tenants().create_project(self.organization, "Other", "").await.unwrap().id
    }

    /// A key and a project of another organization.
    pub async fn foreign(&self) -> (String, ProjectId) {
        let organization = self.storage.tenants().create_organization("Foreign").await.unwrap().id;
        let project = self.storage.tenants().create_project(organization, "Theirs", "").await.unwrap().id;
        (self.new_key(organization, None).await, project)
    }

    /// A server whose webhook endpoints may lie on this machine, and a sender that runs beside it.
    pub async fn with_sender() -> Self {
        let webhook_addresses = AddressGuard { allow_private: true };
        let settings = ApiSettings { rate_limit_per_minute: 0, webhook_addresses, ..ApiSettings::default() };
        let server = Self::with(settings).await;
        let settings = SenderSettings { allow_private: true, ..SenderSettings::default() };
        let sender = Sender::new(server.storage.clone(), server.node.clone(), settings).unwrap();
        tokio::spawn(sender.run(server.stop.clone()));
        server
    }

    /// A request to the API without a key.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/v1/openapi{path}", self.base))
    }

    /// A request to the API with the organization's key.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("X-API-Key", &self.key)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.call(Method::GET, path)).await
    }

    pub async fn get_with(&self, key: &str, path: &str) -> Answer {
        Answer::of(self.bare(Method::GET, path).header("X-API-Key", key)).await
    }

    pub async fn post(&self, path: &str) -> Answer {
        Answer::of(self.call(Method::POST, path)).await
    }

    /// Sends JSON with the organization's key.
    pub async fn json(&self, method: Method, path: &str, body: Value) -> Answer {
        Answer::of(self.call(method, path).json(&body)).await
    }

    /// Sends JSON with another key.
    pub async fn json_with(&self, key: &str, method: Method, path: &str, body: Value) -> Answer {
        Answer::of(self.bare(method, path).header("X-API-Key", key).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.call(Method::DELETE, path)).await
    }

    /// Sends a form as it is.
    pub async fn send(&self, form: Upload) -> Answer {
        Answer::of(self.call(Method::POST, "/batch/upload").multipart(form.into_form())).await
    }

    /// A form that names the project.
    pub fn form(&self) -> Upload {
        Upload::new().field("projectId", self.project.to_string())
    }

    /// A batch of small files of those names; its id.
    pub async fn batch(&self, names: &[&str]) -> String {
        let mut form = self.form().field("name", "A batch");
        for name in names {
            form = form.file(name, crate::form::PNG);
        }
        let answer = self.send(form).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Does one piece of work as a worker would, and says whether there was one.
    ///
    /// A file called `broken…` cannot be opened. Others have one page, or two when called `two…`. A page of a file
    /// called `…bad…` cannot be read when it is the last one. In a file called `paid…` a total of 12.5 is found, which
    /// wants review, in others nothing. The page of a file called `note …` says that the rest was at the wheel.
    pub async fn work_once(&self) -> bool {
        let mut claimed = self.storage.queue().claim(&self.node, LEASE).await.unwrap();
        if claimed.is_none() {
            claimed = self.storage.queue().claim_extraction(&self.node, LEASE).await.unwrap();
        }
        let Some(item) = claimed else { return false };
        let stored = match item.kind {
            WorkKind::Open if item.file_name.starts_with("broken") => {
                let reason = format!("{} is no picture and no PDF", item.file_name);
                self.storage.queue().record_file_failure(&self.node, &item, &reason).await
            }
            WorkKind::Open => self.storage.queue().record_opened(&self.node, &item, opened(&item)).await,
            WorkKind::Page { number } => {
                self.storage.queue().record_page_result(&self.node, &item, page(&item, number)).await
            }
            WorkKind::Extract => self.storage.queue().record_fields(&self.node, &item, found(&item)).await,
        };
        assert_eq!(stored.unwrap(), Stored::Yes);
        true
    }

    /// Does all work there is.
    pub async fn work(&self) {
        while self.work_once().await {}
    }

    /// How many batches the project has.
    pub async fn total(&self) -> u64 {
        self.get(&format!("/batch?projectId={}", self.project)).await.body["pagination"]["total"].as_u64().unwrap()
    }

    /// What lies on the disk of the data folder.
    pub fn disk_holds(&self) -> &'static str {
        if self.kept.database_url.is_some() { "files" } else { "database and files" }
    }

    /// Files in the blob store.
    pub fn blobs(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.path().join("blobs")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().map_while(Result::ok) {
                if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
            }
        }
        files
    }

    /// Nothing of a refused or broken-off upload is left, at the latest after a moment.
    pub async fn assert_nothing_kept(&self) {
        assert_eq!(self.total().await, 0);
        eventually("the blobs are gone", || self.blobs().is_empty()).await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Starts to serve a storage; the address.
async fn listening(
    storage: Storage,
    settings: ApiSettings,
    workers_ready: watch::Receiver<usize>,
    stop: &CancellationToken,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let languages = ["deu", "eng"].map(str::to_owned).to_vec();
    let tesseract = EngineInfo { name: "tesseract".into(), version: "5.3.0".into(), languages };
    let (_, engines) = watch::channel(vec![tesseract]);
    let (secret, pictures, documents) = (Arc::from(SECRET), Arc::new(OnePixel), Arc::new(PlainText));
    let metrics = Metrics::default();
    let state = ApiState { storage, secret, settings, pictures, documents, metrics, workers_ready, engines };
    tokio::spawn(serve(listener, state, stop.clone()));
    address
}

/// Waits until something has come true that happens behind an answer.
pub async fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let waiting = async {
        while !is_true() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), waiting).await.is_ok(), "{what}");
}

fn opened(item: &WorkItem) -> Opened {
    let pages = if item.file_name.starts_with("two") { 2 } else { 1 };
    let pages = (1..=pages).map(|number| OpenedPage { number, text_layer: None }).collect();
    Opened { kind: FileKind::Png, pages }
}

fn found(item: &WorkItem) -> FoundFields {
    let missing = Field::missing("total", FieldType::Number);
    let is_paid = item.file_name.starts_with("paid");
    let value = if is_paid { 12.5.into() } else { Value::Null };
    let source = is_paid.then(|| "rules".to_owned());
    FoundFields { fields: vec![Field { value, source, ..missing }], needs_review: is_paid, warnings: Vec::new() }
}

fn page(item: &WorkItem, number: u32) -> Page {
    let last = if item.file_name.starts_with("two") { 2 } else { 1 };
    if item.file_name.contains("bad") && number == last {
        return Page::failed(number, "it took longer than 60 s".to_owned());
    }
    if let Some(who) = item.file_name.strip_prefix("note ") {
        return printed(&format!("HAULIER PLC\nAt the wheel: {who}\n"));
    }
    if item.file_name.starts_with("table") {
        return timetable(number);
    }
    let bbox = Rect { x: 72.0, y: 72.0, width: 60.0, height: 12.0 };
    let word = Word { text: "Invoice".to_owned(), bbox, confidence: 0.9 };
    let line = Line::of(0.0, vec![word]).unwrap();
    let block = Block::of(BlockKind::Paragraph, vec![line]).unwrap();
    let size = Size { width: 595.0, height: 842.0 };
    let source = PageSource::Engine("tesseract".to_owned());
    Page::read(number, size, Rotation::None, source, Some("eng".to_owned()), vec![block])
}

/// A page with a ruled table of two columns.
fn timetable(number: u32) -> Page {
    let word = |x: f32, y: f32, text: &str| {
        let width = text.chars().count() as f32 * 5.0;
        Word { text: text.to_owned(), bbox: Rect { x, y, width, height: 9.0 }, confidence: 0.9 }
    };
    let rows = [("Harbour", "Ships"), ("North", "12"), ("South", "7")];
    let line = |((name, count), at): (&(&str, &str), u8)| {
        let y = 105.0 + 20.0 * f32::from(at);
        Line::of(0.0, vec![word(72.0, y, name), word(262.0, y, count)])
    };
    let block = Block::of(BlockKind::Paragraph, rows.iter().zip(0..).filter_map(line).collect());
    let rule = |x: f32, y: f32, to_x: f32, to_y: f32| Rule::between(Point { x, y }, Point { x: to_x, y: to_y });
    let level = [100.0, 120.0, 140.0, 160.0].map(|y| rule(66.0, y, 380.0, y));
    let upright = [66.0, 250.0, 380.0].map(|x| rule(x, 100.0, x, 160.0));
    let size = Size { width: 595.0, height: 842.0 };
    let page = Page::read(number, size, Rotation::None, PageSource::TextLayer, None, block.into_iter().collect());
    page.with_rules(level.into_iter().chain(upright).collect())
}

/// An answer with its body read.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    /// Null when the body is no JSON.
    pub body: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status, headers, bytes, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status, when the answer is an error in the one form; the message on a line.
    #[track_caller]
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["statusCode"], status);
        assert!(self.body["error"].is_string(), "{}", self.body);
        match &self.body["message"] {
            Value::String(message) => message.clone(),
            Value::Array(messages) => messages.iter().map(|m| m.as_str().unwrap()).collect::<Vec<_>>().join(" | "),
            other => panic!("no message: {other}"),
        }
    }

    /// The body for a snapshot: ids and times are replaced by what they are.
    pub fn tidy(&self) -> Value {
        tidy(&self.body)
    }
}

/// A JSON value with ids and times replaced by what they are.
pub fn tidy(value: &Value) -> Value {
    match value {
        Value::String(text) if text.parse::<BatchId>().is_ok() => "<id>".into(),
        Value::String(text) if text.len() == 24 && text.parse::<Timestamp>().is_ok() => "<time>".into(),
        Value::Array(items) => items.iter().map(tidy).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), tidy(value))).collect(),
        other => other.clone(),
    }
}
