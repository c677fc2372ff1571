//! The handle to the database and the blob store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use recto_domain::Actor;
use tokio::sync::{Mutex, broadcast};

use crate::blobs::Blobs;
use crate::changes::Change;
use crate::database::handle::{Database, file_of};
use crate::disk::reserve::Reserve;
use crate::disk::space::DiskSpace;
use crate::erasure::erase::Erasure;
use crate::error::{Result, StorageError};
use crate::peers::Peers;
use crate::queue::backlog::LastCount;
use crate::sealing::SealingKeys;

/// How many changes a listener may lag behind before it misses some.
const CHANGES_KEPT: usize = 1024;

/// Where data is stored.
#[derive(Debug, Clone, Default)]
pub struct StorageSettings {
    /// The data folder; created when it does not exist.
    pub data_dir: PathBuf,
    /// `sqlite://FILE` or `postgres://…`; `recto.db` in the data folder when `None`.
    pub database_url: Option<String>,
    /// `file:///FOLDER`, `s3://BUCKET/PREFIX`, or `memory:///` for blobs that need not outlive the process; the folder
    /// `blobs` in the data folder when `None`.
    pub blobs_url: Option<String>,
    /// The URL of the bucket's server; Amazon's when `None`.
    pub blobs_endpoint: Option<String>,
    /// Options of the bucket's client, by their names in `object_store`, such as `access_key_id`. They override the
    /// usual variables (`AWS_ACCESS_KEY_ID`, …).
    pub blob_options: Vec<(String, String)>,
    /// The limit, in bytes, for copies of files in use on the data folder's disk when the blobs are in a bucket; 2 GiB
    /// when `None`. A single file may exceed it.
    pub blob_cache_bytes: Option<u64>,
    /// Nothing needs to outlive the process: commits of a local database and completed files of a folder do not wait
    /// for the disk.
    pub short_lived: bool,
    /// The bytes that new files leave free on the disks of the database and the files; `None` for the smaller of 200 MB
    /// and one fiftieth of the disk. Short-lived storage reserves nothing.
    pub disk_reserve_bytes: Option<u64>,
    /// The keys that encrypt secrets of webhook endpoints; without them there can be no endpoints.
    pub sealing: Option<SealingKeys>,
}

/// A cheap handle to the database and the blob store; clones share both.
#[derive(Debug, Clone)]
pub struct Storage {
    pub(crate) inner: Arc<Inner>,
    /// The actor that the audit log names for actions through this handle.
    pub(crate) actor: Arc<Actor>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) data_dir: PathBuf,
    pub(crate) database: Database,
    pub(crate) blobs: Blobs,
    pub(crate) changes: broadcast::Sender<Change>,
    /// The other nodes, if the database is on a server.
    pub(crate) peers: Option<Peers>,
    /// Distinguishes the uploads of this process from those of processes that died.
    pub(crate) process: String,
    /// When the last successful readiness check began.
    pub(crate) last_proof: Mutex<Option<Instant>>,
    pub(crate) backlog: LastCount,
    pub(crate) short_lived: bool,
    pub(crate) sealing: Option<SealingKeys>,
    pub(crate) erasure: Erasure,
}

impl Storage {
    /// Connects and brings the schema up to date. Any number of processes may do so at the same time.
    pub async fn open(settings: &StorageSettings) -> Result<Self> {
        make_folder(&settings.data_dir).map_err(StorageError::DataFolder)?;
        let blobs = Blobs::open(settings)?;
        let reserve = Self::reserve(settings, &blobs)?;
        let database = Database::connect(settings, reserve).await?;
        database.migrate().await?;
        let storage = Self::assemble(settings, database, blobs);
        storage.seal_webhooks().await?;
        Ok(storage)
    }

    /// The free space of the file systems of the database and the files, without opening either.
    pub fn disk_space_under(settings: &StorageSettings) -> Result<Vec<DiskSpace>> {
        Self::reserve(settings, &Blobs::open(settings)?)?.spaces()
    }

    fn reserve(settings: &StorageSettings, blobs: &Blobs) -> Result<Reserve> {
        if settings.short_lived {
            return Ok(Reserve::default());
        }
        let file = file_of(settings)?;
        let folder = file.as_deref().map(|file| match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        });
        Reserve::over(folder, blobs.folder(), settings.disk_reserve_bytes)
    }

    pub(crate) fn assemble(settings: &StorageSettings, database: Database, blobs: Blobs) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let process = random_name();
        let peers = database.server_pool().map(|pool| Peers::of(pool, &process, changes.clone()));
        let inner = Arc::new(Inner {
            data_dir: settings.data_dir.clone(),
            database,
            blobs,
            changes,
            peers,
            process,
            last_proof: Mutex::default(),
            backlog: LastCount::default(),
            short_lived: settings.short_lived,
            sealing: settings.sealing.clone(),
            erasure: Erasure::default(),
        });
        Self { inner, actor: Arc::new(Actor::recto()) }
    }

    /// The same storage used by `actor`, whom the audit log names for actions through this handle.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { inner: Arc::clone(&self.inner), actor: Arc::new(actor) }
    }

    /// Brings the schema up to date; returns the names of the missing steps.
    pub async fn migrate(settings: &StorageSettings) -> Result<Vec<String>> {
        make_folder(&settings.data_dir).map_err(StorageError::DataFolder)?;
        let database = Database::connect(settings, Reserve::default()).await?;
        let applied = database.migrate().await?;
        // Secrets that are not encrypted yet are encrypted before the step counts as done.
        let storage = Self::assemble(settings, database, Blobs::open(settings)?);
        storage.seal_webhooks().await?;
        storage.close().await;
        Ok(applied)
    }
}

/// Creates a folder and its missing parents for this account alone; existing folders stay unchanged.
pub(crate) fn make_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A unique name for this process or node.
pub(crate) fn random_name() -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    hex::encode(random)
}
