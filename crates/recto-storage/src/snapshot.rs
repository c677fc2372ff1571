//! A consistent copy of everything, made while a server goes on working: for backups.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use crate::blobs::Blobs;
use crate::database::handle::file_of;
use crate::database::sqlite;
use crate::entities::{batch, template_file, upload};
use crate::error::{Result, StorageError};
use crate::storage::{Storage, StorageSettings};

/// A backup locks it exclusively; processes that remove blobs share the lock. The lock ends with its process.
const LOCK_NAME: &str = "backup.lock";
const FILES_AT_ONCE: u64 = 1000;

/// The database of one moment in a file of its own, and the files that it names. No file is removed from the store
/// until the snapshot is dropped: files deleted in the meantime are removed afterwards.
#[derive(Debug)]
pub struct Snapshot {
    copy: DatabaseConnection,
    blobs: Blobs,
    _no_removals: File,
}

/// A file that a row of the database names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Its key in the store.
    pub key: String,
    /// Its size when it was received.
    pub size_bytes: u64,
    /// The SHA-256 of its bytes at that time, in hexadecimal.
    pub sha256: String,
    row: Row,
}

/// The row that names it. Files of batches come before examples of templates, each ordered by id.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    Upload(String),
    Example(String),
}

/// The size of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Number of batches, including those of files sent by themselves.
    pub batches: u64,
    /// Number of files.
    pub files: u64,
}

impl Snapshot {
    /// Copies the database into `copy`, an empty or missing file. The copy contains everything committed before the
    /// call.
    ///
    /// [`StorageError::NotSqlite`] for a database server.
    pub async fn take(settings: &StorageSettings, copy: &Path) -> Result<Self> {
        let file = file_of(settings)?.ok_or(StorageError::NotSqlite)?;
        if !file.is_file() {
            return Err(StorageError::NotFound { what: "database" });
        }
        let blobs = Blobs::open(settings)?;
        let lock = lock_file(&settings.data_dir)?;
        // Waits for a running sweep, which might remove files that the copy will name.
        let no_removals =
            tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await?.map_err(StorageError::DataFolder)?;
        let database = sqlite::connect(&file, true, None).await?;
        let not_utf8 = || StorageError::DataFolder(std::io::Error::other("the path of the copy is not valid UTF-8"));
        let target = copy.to_str().ok_or_else(not_utf8)?.replace('\'', "''");
        // A single statement reads one state of the database, whoever writes in the meantime, and leaves out deleted
        // data.
        database.read.execute_unprepared(&format!("VACUUM INTO '{target}'")).await?;
        database.close().await?;
        Ok(Self { copy: sqlite::open_copy(copy).await?, blobs, _no_removals: no_removals })
    }

    /// The next files that the copy names, in row order; empty after the last one.
    pub async fn files(&self, after: Option<&NamedFile>) -> Result<Vec<NamedFile>> {
        named_files(&self.copy, after).await
    }

    /// The bytes of a file.
    pub async fn open(&self, file: &NamedFile) -> Result<File> {
        self.blobs.read(&file.key).await
    }

    /// Closes the copy, so that its file may be removed.
    pub async fn close(self) -> Result<Contents> {
        let contents = contents(&self.copy).await?;
        self.copy.close().await?;
        Ok(contents)
    }
}

/// Checks a restored database, `recto.db` in the folder: every file it names must exist under `blobs` there, with the
/// right size.
pub async fn check_restored(folder: &Path) -> Result<Contents> {
    let database = sqlite::open_copy(&folder.join("recto.db")).await?;
    let said = database
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check"))
        .await?
        .into_iter()
        .map(|row| row.try_get_by_index::<String>(0))
        .collect::<Result<Vec<_>, _>>()?;
    if said != ["ok"] {
        tracing::error!(findings = ?said, "the database is damaged");
        return Err(StorageError::Damaged { what: "database" });
    }
    let mut last = None;
    loop {
        let files = named_files(&database, last.as_ref()).await?;
        for file in &files {
            let size = folder.join("blobs").join(&file.key).metadata().map(|about| about.len());
            if size.ok() != Some(file.size_bytes) {
                return Err(StorageError::Damaged { what: "set of files" });
            }
        }
        last = files.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    let contents = contents(&database).await?;
    database.close().await?;
    Ok(contents)
}

async fn contents(database: &impl ConnectionTrait) -> Result<Contents> {
    let files = upload::Entity::find().count(database).await? + template_file::Entity::find().count(database).await?;
    Ok(Contents { batches: batch::Entity::find().count(database).await?, files })
}

/// The next files that rows name, in row order; empty after the last one.
pub(crate) async fn named_files(database: &impl ConnectionTrait, after: Option<&NamedFile>) -> Result<Vec<NamedFile>> {
    let uploads = match after.map(|file| &file.row) {
        Some(Row::Example(_)) => Vec::new(),
        Some(Row::Upload(id)) => uploads_after(database, id).await?,
        None => uploads_after(database, "").await?,
    };
    if !uploads.is_empty() {
        return Ok(uploads.into_iter().flat_map(files_of_upload).collect());
    }
    let last = match after.map(|file| &file.row) {
        Some(Row::Example(id)) => id.as_str(),
        _ => "",
    };
    let examples = template_file::Entity::find()
        .filter(template_file::Column::Id.gt(last))
        .order_by_asc(template_file::Column::Id)
        .limit(FILES_AT_ONCE)
        .all(database)
        .await?;
    let named =
        |row: template_file::Model| NamedFile::of(row.blob_key, row.size_bytes, row.sha256, Row::Example(row.id));
    Ok(examples.into_iter().map(named).collect())
}

/// The file as it was sent, and its unprotected copy if there is one.
fn files_of_upload(row: upload::Model) -> impl Iterator<Item = NamedFile> {
    let place = Row::Upload(row.id);
    let unlocked = row.unlocked_key.zip(row.unlocked_bytes).zip(row.unlocked_sha256);
    let unlocked = unlocked.map(|((key, bytes), sha256)| NamedFile::of(key, bytes, sha256, place.clone()));
    std::iter::once(NamedFile::of(row.blob_key, row.size_bytes, row.sha256, place)).chain(unlocked)
}

async fn uploads_after(database: &impl ConnectionTrait, id: &str) -> Result<Vec<upload::Model>> {
    Ok(upload::Entity::find()
        .filter(upload::Column::Id.gt(id))
        .order_by_asc(upload::Column::Id)
        .limit(FILES_AT_ONCE)
        .all(database)
        .await?)
}

impl NamedFile {
    fn of(key: String, size_bytes: i64, sha256: String, row: Row) -> Self {
        Self { key, size_bytes: size_bytes.cast_unsigned(), sha256, row }
    }
}

fn lock_file(data_dir: &Path) -> Result<File> {
    let path = data_dir.join(LOCK_NAME);
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
    file.map_err(StorageError::DataFolder)
}

impl Storage {
    /// The right to remove blobs until it is dropped; `None` while a backup is being made.
    pub(crate) fn removal(&self) -> Result<Option<Removal>> {
        if !self.inner.database.is_sqlite() {
            return Ok(Some(Removal(None)));
        }
        let lock = lock_file(&self.inner.data_dir)?;
        match lock.try_lock_shared() {
            Ok(()) => Ok(Some(Removal(Some(lock)))),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            // On a file system without locks, backups while a server runs are impossible anyway.
            Err(std::fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Some(Removal(None)))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(StorageError::DataFolder(error)),
        }
    }
}

/// Prevents a backup while blobs are removed.
#[derive(Debug)]
pub(crate) struct Removal(#[expect(dead_code, reason = "held for its lock")] Option<File>);
