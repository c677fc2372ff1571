//! The handle to everything that is kept.

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

/// How many changes a slow listener may lag behind before it misses some.
const CHANGES_KEPT: usize = 1024;

/// Where things are kept.
#[derive(Debug, Clone, Default)]
pub struct StorageSettings {
    /// The data folder; made when it is missing.
    pub data_dir: PathBuf,
    /// `sqlite://FILE` or `postgres://…`; `recto.db` in the data folder when `None`.
    pub database_url: Option<String>,
    /// `file:///FOLDER`, `s3://BUCKET/PREFIX`, or `memory:///` for what need not outlive the process; the folder `blobs`
    /// in the data folder when `None`.
    pub blobs_url: Option<String>,
    /// The URL of the server that keeps the bucket; Amazon's when `None`.
    pub blobs_endpoint: Option<String>,
    /// Options of the client of a bucket, by the names that `object_store` has for them, such as `access_key_id`. They win
    /// over the usual variables (`AWS_ACCESS_KEY_ID`, …).
    pub blob_options: Vec<(String, String)>,
    /// What copies of files in work, whose bytes are in a bucket, take of the data folder's disk; 2 GiB when `None`. One
    /// file may be larger.
    pub blob_cache_bytes: Option<u64>,
    /// Nothing need outlive the process: a local database does not wait at a commit, and a folder not at the end of a
    /// file, until the disk has it.
    pub short_lived: bool,
    /// What new files leave free on the disks of the database and the files; `None` for the smaller of 200 MB and a
    /// fiftieth of the disk. Nothing that is short-lived keeps anything back.
    pub disk_reserve_bytes: Option<u64>,
    /// Under which secrets of webhook endpoints are encrypted; without them there can be no endpoints.
    pub sealing: Option<SealingKeys>,
}

/// A cheap handle to the database and the blob store; clones are the same one.
#[derive(Debug, Clone)]
pub struct Storage {
    pub(crate) inner: Arc<Inner>,
    /// On whose account the audit log puts what is done through this handle.
    pub(crate) actor: Arc<Actor>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) data_dir: PathBuf,
    pub(crate) database: Database,
    pub(crate) blobs: Blobs,
    pub(crate) changes: broadcast::Sender<Change>,
    /// The other nodes, on a database that a server keeps.
    pub(crate) peers: Option<Peers>,
    /// Tells the uploads that this process receives from those of processes that died.
    pub(crate) process: String,
    /// When the last proof began that what is stored can be read.
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

    /// What the file systems under the database and the files have left, without opening either.
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

    /// The same storage in the hands of `actor`: the audit log names it for what is done through this handle.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { inner: Arc::clone(&self.inner), actor: Arc::new(actor) }
    }

    /// Brings the schema up to date; the names of the steps that were missing.
    pub async fn migrate(settings: &StorageSettings) -> Result<Vec<String>> {
        make_folder(&settings.data_dir).map_err(StorageError::DataFolder)?;
        let database = Database::connect(settings, Reserve::default()).await?;
        let applied = database.migrate().await?;
        // Secrets that are not encrypted yet are, too, before the step counts as done.
        let storage = Self::assemble(settings, database, Blobs::open(settings)?);
        storage.seal_webhooks().await?;
        storage.close().await;
        Ok(applied)
    }
}

/// Makes a folder, and those that it lies in, for this account alone; one that is there stays as it is.
pub(crate) fn make_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A name that no other process or node has.
pub(crate) fn random_name() -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("the operating system gives random bytes");
    hex::encode(random)
}
